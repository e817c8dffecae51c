"""What must hold for every program: all the ways to run and to differentiate it tell one story."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

import autograd
from autograd import Tensor, checkpoint, grad, jacobian, jvp, linearize, replay, value_and_grad, vjp, vmap
from autograd.errors import GraphError
from tests.fuzz.programs import Program

Check = Callable[[Program], None]


class Disagreement(AssertionError):
    """Two ways to one number gave two."""


def close(got: Any, expected: Any, what: str, scale: float = 1.0, rtol: float = 1e-9) -> None:
    """Compare numbers of one shape, NaN equal to NaN, up to rounding in the largest of them."""
    got, expected = np.asarray(got), np.asarray(expected)
    if got.shape != expected.shape:
        raise Disagreement(f"{what}: shape {got.shape}, expected {expected.shape}")
    finite = np.abs(expected[np.isfinite(expected)])
    size = max(1.0, scale, finite.max(initial=0.0))
    if not np.allclose(got, expected, rtol=0.0, atol=rtol * size, equal_nan=True):
        raise Disagreement(f"{what}: {got}, expected {expected}")


def all_close(got: Sequence[Any], expected: Sequence[Any], what: str, scale: float = 1.0) -> None:
    for i, (g, e) in enumerate(zip(got, expected, strict=True)):
        close(g, e, f"{what}, input {i}", scale)


def directions(program: Program, more: int = 0) -> list[Any]:
    rng = np.random.default_rng([program.seed, 77, more])
    return [rng.normal(size=shape)[()] for shape in program.shapes]


def dot(gradients: Sequence[Any], along: Sequence[Any]) -> Any:
    return sum(np.sum(g * v) for g, v in zip(gradients, along, strict=True))


def gradient(program: Program) -> Callable[..., tuple[Any, ...]]:
    return grad(program.total, tuple(range(len(program.shapes))), unused="zero")


def plain(program: Program, xs: Sequence[Any]) -> Any:
    """Return the value of a run that records nothing."""
    with autograd.no_grad():
        return program.total(*map(Tensor, xs)).item()


# The checks. Each names the two ways it compares.


def recorded_and_plain(program: Program) -> None:
    """The values and the gradients of ``backward``, of ``grad`` and of a run under ``no_grad``, to the last bit."""
    xs = program.inputs()
    leaves = [Tensor(x, requires_grad=True) for x in xs]
    y = program.total(*leaves)
    close(y.item(), plain(program, xs), "recorded and plain value", rtol=1e-13)
    y.backward()
    found = gradient(program)(*xs)
    for i, (t, g) in enumerate(zip(leaves, found, strict=True)):
        if t.grad is None:
            t.grad = np.zeros(t.shape)
        if (t.grad.shape, t.grad.dtype) != (t.shape, t.dtype):
            raise Disagreement(f"gradient {i}: {t.grad.shape} {t.grad.dtype}")
        close(g, t.grad.numpy(), f"grad and backward, input {i}", rtol=1e-13)
        if not np.isfinite(g).all() and np.isfinite(y.item()):
            raise Disagreement(f"gradient {i} isn't finite: {g}")
    y.backward()
    for t, g in zip(leaves, found, strict=True):
        close(t.grad.numpy(), g if t.grad is None else 2 * np.asarray(g) if np.any(g) else g, "a second backward adds")


def single_precision(program: Program) -> None:
    """In float32 every gradient has its tensor's shape and dtype, and roughly its value."""
    xs = program.inputs()
    leaves = [Tensor(x, requires_grad=True, dtype="float32") for x in xs]
    program.total(*leaves).backward()
    for t in leaves:
        if t.grad is not None and (t.grad.shape, t.grad.dtype) != (t.shape, t.dtype):
            raise Disagreement(f"float32 gradient: {t.grad.shape} {t.grad.dtype} for {t.shape} {t.dtype}")


def reverse_and_differences(program: Program) -> None:
    """The slope along a direction, and central differences at some step: near a kink only a small one is right."""
    xs, along = program.inputs(), directions(program)
    slope = dot(gradient(program)(*xs), along)
    by_differences(lambda moved: plain(program, moved), xs, along, slope, "reverse and differences")


def by_differences(f: Callable[[Sequence[Any]], Any], xs: Any, along: Any, slope: Any, what: str) -> None:
    nearest: Any = None
    for h in (1e-4, 1e-5, 1e-6, 1e-3, 1e-7):
        forth, back = (f([x + s * h * v for x, v in zip(xs, along, strict=True)]) for s in (1, -1))
        found = (forth - back) / (2 * h)
        size = max(1.0, float(np.max(np.abs(found), initial=0.0)))
        gap = float(np.max(np.abs(found - slope), initial=0.0)) / size
        if gap <= (1e-5 if h > 1e-7 else 1e-4):
            return
        nearest = found if nearest is None else nearest
    raise Disagreement(f"{what}: {slope}, expected about {nearest}")


def reverse_and_forward(program: Program) -> None:
    """Tangents and cotangents meet in one number; the linear map of ``linearize`` is the one of ``jvp``."""
    xs, along = program.inputs(), directions(program)
    value, found = value_and_grad(program.total, tuple(range(len(xs))), unused="zero")(*xs)
    y, y_dot = jvp(program.total, tuple(xs), tuple(along))
    close(y, value, "value of jvp and grad", rtol=1e-13)
    close(y_dot, dot(found, along), "forward and reverse")
    y, push = linearize(program.last, *xs)
    y_bar = np.cos(np.arange(np.size(y))).reshape(np.shape(y))
    close(np.sum(push(*along) * y_bar), dot(vjp(program.last, *xs)[1](y_bar), along), "⟨ȳ, J ẋ⟩ and ⟨Jᵀ ȳ, ẋ⟩")


def jacobians(program: Program) -> None:
    """All rows at once, row by row, all columns at once, and one ``vjp`` at a time."""
    xs, which = program.inputs(), tuple(range(len(program.shapes)))
    rows = jacobian(program.last, which, mode="reverse")(*xs)
    all_close(jacobian(program.last, which, mode="forward")(*xs), rows, "Jacobian forward and reverse")
    all_close(jacobian(program.last, which, chunk_size=1, mode="reverse")(*xs), rows, "Jacobian in chunks")
    y, pull = vjp(program.last, *xs)
    for place in np.ndindex(np.shape(y)):
        seed = np.zeros(np.shape(y))
        seed[place] = 1.0
        all_close(pull(seed[()]), [J[place] for J in rows], f"row {place} of the Jacobian by vjp")


def replayed(program: Program) -> None:
    """The recording run again is the run again; with other values it is another run, or refused where Python looked."""
    xs, others = program.inputs(), program.inputs(1)
    leaves = [Tensor(x, requires_grad=True) for x in xs]
    y = program.total(*leaves)
    close(replay(y), y.item(), "replay", rtol=0.0)
    changes = dict(zip(leaves, others, strict=True))
    if program.steered:
        try:
            replay(y, changes)
        except GraphError:
            return
        if any(t.requires_grad for t in leaves) and y.node.branched:
            raise Disagreement("replayed with other values although Python looked at one")
        return
    close(replay(y, changes), plain(program, others), "replay with other values", rtol=1e-12)


def mapped(program: Program) -> None:
    """A batch at once, and one example after the other: values, gradients, and the gradient of the batch."""
    sets = [program.inputs(i) for i in range(3)]
    batch = [np.stack([xs[i] for xs in sets]) for i in range(len(program.shapes))]
    try:
        values = vmap(program.total)(*batch)
    except GraphError:
        if program.steered:
            return
        raise
    close(values, [plain(program, xs) for xs in sets], "vmap and one by one")
    found = vmap(gradient(program))(*batch)
    singles = [gradient(program)(*xs) for xs in sets]
    expected = [np.stack([s[i] for s in singles]) for i in range(len(batch))]
    all_close(found, expected, "vmap of grad")
    outside = grad(lambda *b: vmap(program.total)(*b).sum(), tuple(range(len(batch))), unused="zero")(*batch)
    all_close(outside, expected, "grad of vmap")
    shared = vmap(program.last, in_axes=(0, *[None] * (len(batch) - 1)))(Tensor(batch[0]), *map(Tensor, sets[0][1:]))
    rows = [np.asarray(program.last(*map(Tensor, (xs[0], *sets[0][1:]))).numpy()) for xs in sets]
    close(shared.numpy(), np.stack(rows), "vmap with shared arguments")


def folded(program: Program) -> None:
    """A checkpoint has the same value and gradients, of first and second order."""
    xs, along = program.inputs(), directions(program)
    which = tuple(range(len(xs)))
    value, found = value_and_grad(program.total, which, unused="zero")(*xs)
    again, same = value_and_grad(checkpoint(program.total), which, unused="zero")(*xs)
    close(again, value, "value of a checkpoint", rtol=1e-13)
    all_close(same, found, "gradient of a checkpoint")
    two = [
        jvp(grad(f, 0, unused="zero"), tuple(xs), tuple(along))[1] for f in (program.total, checkpoint(program.total))
    ]
    close(two[1], two[0], "second derivatives through a checkpoint", rtol=1e-8)


def second_order(program: Program) -> None:
    """Forward over reverse, reverse over forward, reverse over reverse, and differences of gradients."""
    xs, along = program.inputs(), directions(program)
    which = tuple(range(len(xs)))
    slopes = gradient(program)
    by_forward = jvp(slopes, tuple(xs), tuple(along))[1]
    scale = max(float(np.max(np.abs(h), initial=0.0)) for h in by_forward)
    by_reverse = grad(lambda *v: dot_of(slopes(*v), along), which, unused="zero")(*xs)
    all_close(by_reverse, by_forward, "reverse over reverse and forward over reverse", scale)
    over_forward = grad(lambda *v: jvp(program.total, v, tuple(along))[1], which, unused="zero")(*xs)
    all_close(over_forward, by_forward, "reverse over forward and forward over reverse", scale)
    flat = np.concatenate([np.ravel(h) for h in by_forward])
    by_differences(
        lambda moved: np.concatenate([np.ravel(g) for g in slopes(*moved)]),
        xs,
        along,
        flat,
        "second order, differences",
    )


def dot_of(gradients: Any, along: Any) -> Any:
    return sum(((g * v).sum() for g, v in zip(gradients, along, strict=True)), start=Tensor(0.0))


ALWAYS: tuple[Check, ...] = (recorded_and_plain, reverse_and_differences, reverse_and_forward)
IN_TURN: tuple[Check, ...] = (single_precision, jacobians, replayed, mapped, folded, second_order)


def check(program: Program, checks: Sequence[Check] = ALWAYS + IN_TURN) -> None:
    """Run the checks; raise Disagreement, or what a run raised, where one fails."""
    with np.errstate(all="ignore"):
        for one in checks:
            one(program)
