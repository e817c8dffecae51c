"""Checking gradients against values alone, with a report that says where and by how much they are off."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from autograd.errors import GraphError
from autograd.graph.mode import current, switched
from autograd.graph.node import Node
from autograd.graph.order import falling
from autograd.tensor import Tensor, raw
from autograd.transforms.forward import columns, pushed
from autograd.transforms.gradient import Traced, grad, title
from autograd.transforms.jacobian import rows
from autograd.transforms.probe import Probe, analytic
from autograd.transforms.report import Entry, Report
from autograd.transforms.structure import leaves

MANY = 1000  # a Jacobian with more entries than this is checked along random directions
DIRECTIONS = 4


def gradcheck(
    f: Callable[..., Any],
    *args: Any,
    rtol: float | None = None,
    atol: float | None = None,
    eps: float | None = None,
    forward: bool = True,
    per_node: bool = False,
) -> Report:
    """Compare the Jacobian of ``f`` at ``args``, in reverse and forward mode, with what the values of ``f`` say.

    That is the complex step ``Im f(x + ih)/h`` where every recorded step is analytic and ``f`` runs on complex arrays,
    else the central difference ``(f(x+h) − f(x−h)) / 2h`` (always, if ``eps`` gives its relative step). Every floating
    argument is checked, entry by entry, or along random directions where the Jacobian has more than 1000 entries. An
    entry agrees if ``|expected − got| ≤ atol + rtol·|expected|``; the tolerances follow dtype and reference.

    The report names for each input the worst entry, and says if a kink is near it. ``per_node=True`` checks each
    recorded operation alone, on the operands it had, and names the first bad one. ``forward=False`` leaves out forward
    mode, for a custom pullback that can't itself be differentiated.

    >>> import numpy as np
    >>> bool(gradcheck(lambda x: np.sin(x) * x, np.array([0.3, 2.0])))
    True
    """
    floating = _floating(f, args, "gradcheck")
    with switched(replace(current.get(), whole=True)) if per_node else switched(current.get()):
        traced = Traced(f, args, floating, title("gradcheck", f))
    how = _How(rtol, atol, eps, forward)
    if per_node:
        return _one_by_one(f, traced, how)
    name = getattr(f, "__name__", type(f).__name__)
    found = [e for path, y in leaves(traced.output, "output") for e in _entries(f, args, traced, path, y, how)]
    return Report(name, tuple(found))


def gradgradcheck(f: Callable[..., Any], *args: Any, **how: Any) -> Report:
    """Check second derivatives: :func:`gradcheck` of the gradient of ``f`` projected on a fixed random cotangent.

    Takes what gradcheck takes.

    >>> import numpy as np
    >>> bool(gradgradcheck(lambda x: np.sin(x) * x, np.array([0.3, 2.0])))
    True
    """
    title("gradgradcheck", f)
    floating = _floating(f, args, "gradgradcheck")

    def projected(*args: Any) -> Any:
        outputs = [y for _, y in leaves(f(*args)) if isinstance(y, Tensor) and y.dtype.kind == "f"]
        rng = np.random.default_rng(0)
        return sum((y * rng.normal(size=y.shape).astype(y.dtype)).sum() for y in outputs)

    first = grad(projected, floating if len(floating) > 1 else floating[0], unused="zero")

    def gradient(*args: Any) -> Any:
        return first(*args)

    gradient.__name__ = f"the gradient of {getattr(f, '__name__', type(f).__name__)}"
    return gradcheck(gradient, *args, **how)


@dataclass(frozen=True)
class _How:
    rtol: float | None
    atol: float | None
    eps: float | None
    forward: bool


def _floating(f: Callable[..., Any], args: tuple[Any, ...], what: str) -> tuple[int, ...]:
    found = tuple(n for n, a in enumerate(args) if any(np.asarray(raw(v)).dtype.kind == "f" for _, v in leaves(a)))
    if not found:
        raise GraphError(title(what, f), "at least one floating argument", "none", "write 1.0 instead of 1")
    return found


def _entries(f: Any, args: tuple[Any, ...], traced: Traced, path: str, y: Any, how: _How) -> list[Entry]:
    """Return the worst entry of one output for each input."""
    probes = [Probe(f, args, traced, i, path) for i in range(len(traced.nodes))]
    if isinstance(y, Tensor) and y.size * max(p.x.size for p in probes) > MANY:
        return [_along_directions(p, y, how) for p in probes]
    reverse = rows(traced, path, y, "zero", None)
    forward = columns(traced, y) if how.forward else []
    return [_entry_by_entry(p, y, [J[i] for J in (reverse, forward) if J], how) for i, p in enumerate(probes)]


def _entry_by_entry(probe: Probe, y: Tensor, jacobians: list[Any], how: _How) -> Entry:
    x = probe.x
    got = [np.asarray(raw(J)).reshape(y.size, x.size) for J in jacobians]
    if not got[0].size:
        return Entry(probe.path, True, (), (), 0.0, 0.0, 0.0, False, 0, 0)
    directions = np.eye(x.size).reshape(x.size, *x.shape)
    expected, limits, name = _reference(probe, y, directions, np.maximum(1.0, abs(x)).reshape(-1), got[0], how)
    return _worst(probe, y, [expected] * len(got), got, limits, name, directions)


def _along_directions(probe: Probe, y: Tensor, how: _How) -> Entry:
    """Compare ``⟨Jᵀȳ, ẋ⟩`` and ``J ẋ`` for a few random directions ẋ and as many random ȳ."""
    rng, x, traced = np.random.default_rng(0), probe.x, probe.traced
    directions = rng.normal(size=(DIRECTIONS, *x.shape)) * np.maximum(1.0, abs(x))
    y_bars = rng.normal(size=(DIRECTIONS, *y.shape))
    seeds = [{traced.nodes[probe.which]: d.astype(x.dtype)[()]} for d in directions]
    forward = [np.ravel(raw(pushed(traced, y, seed, ()))) for seed in seeds] if how.forward else []
    pulled = [np.zeros_like(x)] * DIRECTIONS
    if y.requires_grad:
        pulled = [raw(traced.pull([y], [b.astype(y.dtype)[()]], (), "zero")[probe.which]) for b in y_bars]
    reverse = np.array([[np.vdot(p, d) for p, d in zip(pulled, directions, strict=True)]])
    got = [reverse, np.stack(forward, axis=1)] if forward else [reverse]
    expected, (atol, rtol), name = _reference(
        probe, y, directions, np.ones(DIRECTIONS), got[-1] if forward else None, how
    )
    weighed = np.einsum("di,id->d", y_bars.reshape(DIRECTIONS, -1), expected)[None]
    noise = np.sqrt(x.size * y.size) * float(np.max(abs(directions)))  # rounding adds up over the entries
    return _worst(
        probe, y, [weighed, expected][: len(got)], got, (atol * noise, rtol * noise), name, directions, along=True
    )


def _reference(
    probe: Probe, y: Tensor, directions: Any, scales: Any, guess: Any, how: _How
) -> tuple[Any, tuple[float, float], str]:
    """Return the derivatives along the directions, as columns, with (atol, rtol) and the name of the method."""
    unit = float(np.finfo(np.result_type(probe.x, y.dtype)).eps)
    guesses = [None if guess is None else guess[:, i] for i in range(len(directions))]
    exact, sharp = None, (0.0, 0.0)
    if how.eps is None and guess is not None and analytic(probe.traced, y):
        found = [probe.exact(d) for d in directions]
        if all(column is not None for column in found):
            exact = np.stack(found, axis=1)
            sharp = _limits(how, unit**0.75 * max(1.0, float(np.max(abs(exact)))), unit**0.75)
            if np.all(_off(exact, guess, sharp) <= 1):
                return exact, sharp, "complex step"
    # A central difference errs by about unit^(2/3).
    limits = _limits(how, 10 * unit ** (2 / 3), min(0.1, 100 * unit ** (2 / 3)))
    steps = scales * (how.eps or unit ** (1 / 3))
    slopes = [probe.slope(d, h, g, *limits) for d, h, g in zip(directions, steps, guesses, strict=True)]
    expected = np.stack(slopes, axis=1)
    if exact is not None and np.all(_off(exact, expected, limits) <= 1):  # f is the same function on complex arrays
        return exact, sharp, "complex step"
    return expected, limits, "central difference"


def _limits(how: _How, atol: float, rtol: float) -> tuple[float, float]:
    return atol if how.atol is None else how.atol, rtol if how.rtol is None else how.rtol


def _worst(
    probe: Probe,
    y: Tensor,
    expected: list[Any],
    got: list[Any],
    limits: tuple[float, float],
    name: str,
    directions: Any,
    along: bool = False,
) -> Entry:
    """Return the entry that is off by most in units of its tolerance: in reverse mode, or only in forward mode."""
    offs = [_off(right, J, limits) for right, J in zip(expected, got, strict=True)]
    mode = max(range(len(offs)), key=lambda m: float(np.max(offs[m])))
    row, column = (int(i) for i in np.unravel_index(np.argmax(offs[mode]), offs[mode].shape))
    right = float(expected[mode][row, column])
    summed = along and mode == 0
    bad = [off > 1 for off in offs]
    return Entry(
        probe.path,
        not any(b.any() for b in bad),
        () if summed else tuple(int(i) for i in np.unravel_index(row, y.shape)),
        () if along else tuple(int(i) for i in np.unravel_index(column, probe.x.shape)),
        right,
        float(got[mode][row, column]),
        limits[0] + limits[1] * abs(right),
        probe.kink(directions[column], slice(None) if summed else row),
        sum(int(b.sum()) for b in bad) if along else int(np.any(bad, axis=0).sum()),
        sum(b.size for b in bad) if along else bad[0].size,
        name,
        "forward" if mode else "reverse",
        column if along else None,
    )


def _off(expected: Any, got: Any, limits: tuple[float, float]) -> Any:
    with np.errstate(all="ignore"):  # inf − inf, and a tolerance of 0
        off = abs(expected - got) / (limits[0] + limits[1] * abs(expected))
    alike = (expected == got) | (np.isnan(expected) & np.isnan(got))
    return np.where(alike, 0.0, np.where(np.isnan(off), np.inf, off))


def _one_by_one(f: Callable[..., Any], traced: Traced, how: _How) -> Report:
    """Check every recorded operation alone, from the inputs on, and stop at the first bad one."""
    name = getattr(f, "__name__", type(f).__name__)
    roots = [y.node for _, y in leaves(traced.output) if isinstance(y, Tensor) and y.requires_grad]
    nodes = falling(roots, traced.nodes)[::-1]
    for number, node in enumerate(nodes, 1):
        bad = tuple(e for e in _local(node, how) if not e.ok)
        if bad:
            return Report(name, bad, number)
    return Report(name, (), len(nodes))


def _local(node: Node, how: _How) -> list[Entry]:
    """Check the derivatives of one operation on the operands that it had."""
    primitive = node.primitive
    assert primitive is not None
    wanted = [
        i
        for i, p in enumerate(node.parents)
        if p is not None and p.requires_grad and callable(primitive.pullbacks[0 if primitive.variadic else i])
    ]

    def alone(*operands: Any) -> Any:
        given = dict(zip(wanted, operands, strict=True))
        return primitive.on([given.get(i, o) for i, o in enumerate(node.operands)], node.static)

    report = gradcheck(
        alone, *(node.operands[i] for i in wanted), rtol=how.rtol, atol=how.atol, eps=how.eps, forward=how.forward
    )
    names = [f"{primitive.operands[0]}[{i}]" if primitive.variadic else primitive.operands[i] for i in wanted]
    return [replace(e, path=f"{node.label}, operand {n}") for e, n in zip(report.entries, names, strict=True)]
