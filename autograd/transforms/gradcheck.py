"""Checking a gradient against central differences, with a report that says where and by how much it is off."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograd.errors import GraphError
from autograd.graph.mode import no_grad
from autograd.tensor import as_tensor, raw
from autograd.transforms.gradient import Traced, title
from autograd.transforms.jacobian import rows
from autograd.transforms.structure import leaves, rebuild


@dataclass(frozen=True)
class Entry:
    """The worst entry of one input: the derivative of one output entry by one input entry."""

    path: str
    ok: bool
    output_index: tuple[int, ...]
    input_index: tuple[int, ...]
    expected: float
    got: float
    tolerance: float
    kink: bool
    wrong: int
    checked: int

    def __str__(self) -> str:
        where = f"∂y{list(self.output_index) or ''}/∂x{list(self.input_index) or ''}"
        verdict = "agrees" if self.ok else f"{self.wrong} of {self.checked} entries are off"
        text = (
            f"{'✓' if self.ok else '✗'} {self.path}: {verdict}; worst {where}: expected {self.expected:.10g} "
            f"(central difference), got {self.got:.10g}, off by {abs(self.expected - self.got):.2g}, "
            f"tolerance {self.tolerance:.2g}"
        )
        return text + ("; a kink or jump is near, where differences prove nothing" if self.kink else "")


@dataclass(frozen=True)
class Report:
    """What :func:`gradcheck` found, true if everything agrees; its text is the explanation."""

    function: str
    entries: tuple[Entry, ...]

    def __bool__(self) -> bool:
        return all(e.ok for e in self.entries)

    def __str__(self) -> str:
        return "\n".join([f"gradcheck of {self.function}:", *(f"  {e}" for e in self.entries)])

    __repr__ = __str__


def gradcheck(
    f: Callable[..., Any], *args: Any, rtol: float | None = None, atol: float | None = None, eps: float | None = None
) -> Report:
    """Compare the Jacobian of ``f`` at ``args`` with central differences ``(f(x+h) − f(x−h)) / 2h``, entry by entry.

    Every floating argument is checked; an entry agrees if ``|expected − got| ≤ atol + rtol·|expected|``. Step and
    tolerances follow the dtype. The report names for each input the worst entry, and says if a kink is near it.

    >>> import numpy as np
    >>> bool(gradcheck(lambda x: np.sin(x) * x, np.array([0.3, 2.0])))
    True
    """
    floating = tuple(n for n, a in enumerate(args) if any(raw_array(v).dtype.kind == "f" for _, v in leaves(a)))
    where = title("gradcheck", f)
    if not floating:
        raise GraphError(where, "at least one floating argument", "none", "write 1.0 instead of 1")
    traced = Traced(f, args, floating, where)
    entries = []
    for path, y in leaves(traced.output, "output"):
        for i, J in enumerate(rows(traced, path, y, "zero", None)):
            entries.append(_compare(_Probe(f, args, traced, i, path), raw_array(y), raw_array(J), rtol, atol, eps))
    return Report(getattr(f, "__name__", type(f).__name__), tuple(entries))


def raw_array(value: Any) -> Any:
    """Return a tensor's array, or an array of what was given."""
    return np.asarray(raw(value))


class _Probe:
    """One output as a function of a change in one entry of one input."""

    def __init__(self, f: Callable[..., Any], args: tuple[Any, ...], traced: Traced, which: int, output: str) -> None:
        self.f, self.args, self.traced, self.which, self.output = f, args, traced, which, output
        self.path, self.x = traced.inputs[which][0], raw_array(traced.inputs[which][1])
        if output != "output":
            self.path += f" → {output}"

    def __call__(self, entry: int, change: float) -> Any:
        moved = self.x.copy()
        moved.reshape(-1)[entry] += change
        values = [raw(v) for _, v in self.traced.inputs]
        values[self.which] = moved
        following = iter([as_tensor(np.asarray(v)) for v in values])
        args = list(self.args)
        for n in self.traced.argnums:
            args[n] = rebuild(args[n], lambda _: next(following))
        with no_grad():
            found = dict(leaves(self.f(*args), "output"))
        return raw_array(found[self.output]).astype(float).reshape(-1)

    def slope(self, entry: int, h: float, got: Any, atol: float, rtol: float) -> Any:
        """Return central differences; where they disagree, smaller steps tell whether the function is just steep."""
        best = coarse = (self(entry, h) - self(entry, -h)) / (2 * h)
        for step in (h / 8, h / 64):
            if np.all(abs(best - got) <= atol + rtol * abs(best)):
                break
            fine = (self(entry, step) - self(entry, -step)) / (2 * step)
            extrapolated = fine + (fine - coarse) / 63  # the error in h² of both cancels
            best, coarse = np.where(abs(extrapolated - got) < abs(best - got), extrapolated, best), fine
        return best

    def kink(self, entry: int, row: int, h: float) -> bool:
        """Tell whether the slopes on both sides differ, and go on differing as the step shrinks."""

        def gap(step: float) -> float:
            left, here, right = (self(entry, s)[row] for s in (-step, 0.0, step))
            slopes = (here - left) / step, (right - here) / step
            return float(abs(slopes[1] - slopes[0]) / max(1.0, *map(abs, slopes)))

        wide, narrow = gap(h), gap(h / 8)
        return not wide <= 1e-3 and not narrow <= wide / 2


def _compare(probe: _Probe, y: Any, J: Any, rtol: float | None, atol: float | None, eps: float | None) -> Entry:
    x, J = probe.x, J.reshape(y.size, probe.x.size)
    unit = float(np.finfo(np.result_type(x, y)).eps)
    rtol = min(0.1, 100 * unit ** (2 / 3)) if rtol is None else rtol  # a central difference errs by about unit^(2/3)
    atol = 10 * unit ** (2 / 3) if atol is None else atol
    eps = eps or unit ** (1 / 3)
    if not J.size:
        return Entry(probe.path, True, (), (), 0.0, 0.0, atol, False, 0, 0)
    expected = np.empty_like(J, dtype=float)
    for entry, at in enumerate(x.reshape(-1)):
        h = eps * max(1.0, abs(float(at)))
        expected[:, entry] = probe.slope(entry, h, J[:, entry], atol, rtol)
    tolerance = atol + rtol * abs(expected)
    with np.errstate(all="ignore"):  # a tolerance of 0 is a wish like any other
        off = np.where(np.isnan(expected) & np.isnan(J), 0.0, abs(expected - J) / tolerance)
    off = np.where(np.isnan(off), np.inf, off)
    row, entry = (int(i) for i in np.unravel_index(np.argmax(off), off.shape))
    return Entry(
        probe.path,
        bool(off[row, entry] <= 1),
        tuple(int(i) for i in np.unravel_index(row, y.shape)),
        tuple(int(i) for i in np.unravel_index(entry, x.shape)),
        float(expected[row, entry]),
        float(J[row, entry]),
        float(tolerance[row, entry]),
        probe.kink(entry, row, eps),
        int(np.sum(off > 1)),
        off.size,
    )
