"""`python -m benchmarks.primitives`: every function, forward and with its backward, beside plain NumPy's forward."""

from __future__ import annotations

import argparse
import gc
import platform
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from autograd import Tensor
from autograd.compositions import Composition, compositions
from autograd.functions import functions
from autograd.primitives import Primitive, registry
from autograd.primitives.domain import CONDITION
from autograd.transforms.sampling import rng

SIZES = (10, 10**4, 10**6)
QUICK = (10, 10**3)
BAR = 6.0  # times the plain forward, at the largest size
SLOW = 0.3  # seconds of one plain call, from which a size is left out
_PASS = "NumPy's forward is one pass over memory; each gradient is two or three"
_TIES = "the larger's share needs two comparisons for each operand, so that ties are shared"
_BOUNDS = "the bounds are operands too, here of the same size: three gradients"
_ORDER = "its derivative holds the function of order 2, which takes ten times as long in SciPy"
_FEW = "the forward reads few of the entries; the gradient is a whole array"
_PIECES = "NumPy's forward makes views; here each piece gets a backward pass of its own, with an array of all entries"
_EXTREME = "one fast pass finds the extreme; the gradient needs the places where it stands, and a fresh array"
REASONS = {  # why a function may be above the bar
    **dict.fromkeys(("add", "subtract", "multiply", "divide", "copysign", "negative", "positive", "conjugate"), _PASS),
    **dict.fromkeys(("maximum", "minimum", "fmax", "fmin"), _TIES),
    **dict.fromkeys(("clip", "hardtanh"), _BOUNDS),
    **dict.fromkeys(("j1", "i1"), _ORDER),
    **dict.fromkeys(("arcsin", "arccos"), "its derivative is exact near ±1: a root, a quotient and two factors"),
    **dict.fromkeys(("take", "take_along_axis", "getitem", "compress", "extract", "trace", "matrix_trace"), _FEW),
    **dict.fromkeys(("split", "array_split", "hsplit", "vsplit", "dsplit", "unstack", "broadcast_arrays"), _PIECES),
    **dict.fromkeys(("max", "min", "nanmax", "nanmin", "ptp", "histogram_bin_edges"), _EXTREME),
    **dict.fromkeys(("cumulative_max", "cumulative_min"), "shares among ties run through two recurrences of their own"),
    **dict.fromkeys(("insert", "delete"), "two gathers forward, two scatters back"),
    **dict.fromkeys(("imag", "atleast_1d"), "NumPy's forward computes nothing"),
    "arcsinh": "its derivative comes from hypot(1, x), which doesn't overflow and takes three times as long as a root",
    "conv3d": "two further convolutions of the same size, and the columns of each are written out",
    "det": "its gradient is exact at singular matrices too: it comes from an SVD",
    "interp": "three operands: the interval of each point is found, and its ends and values get their shares",
    "nanquantile": "NumPy partitions; a sort tells which entries the quantile lies between",
    "prod": "the product of all other entries is exact at zeros: two cumulative products",
    "arctan2": "NumPy's angle takes 2 ns; each gradient needs two squares, a sum and a guarded quotient",
    "polygamma": "its derivative is the next order, and order 0 takes a tenth of the time in SciPy",
    "digamma": "its derivative is Hurwitz's ζ, which takes ten times as long in SciPy",
}
VIEW = "NumPy's forward is a view: it touches no entry"


@dataclass(frozen=True)
class Call:
    """One function with operands of about so many entries."""

    ours: Callable[..., Any]
    plain: Callable[..., Any]
    operands: list[Any]

    def forward(self, leaves: list[Any]) -> list[Tensor]:
        """Return the results that a gradient can start from."""
        y = self.ours(leaves)
        flat = y if isinstance(y, (list, tuple)) else [y]
        return [t for t in flat if isinstance(t, Tensor) and t.requires_grad and not t.is_leaf]

    def backward(self, leaves: list[Any], seeds: list[Any]) -> None:
        """Run both passes, and drop the gradients."""
        for y, seed in zip(self.forward(leaves), seeds, strict=True):
            y.backward(seed)
        for leaf in leaves:
            if isinstance(leaf, Tensor):
                leaf.grad = None


def calls(thing: Primitive | Composition, size: int) -> Iterator[Call]:
    """Yield the declared calls with every axis made longer by one factor, so that the first operand has that size."""
    random = rng(thing.name)
    shapes = [c.operands for c in thing.cases]
    statics = [dict(c.static) for c in thing.cases]
    if isinstance(thing, Primitive) and thing.kind == "elementwise":
        shapes, statics = [((size,),) * len(thing.operands)], [{}]
    for case, static in zip(shapes, statics, strict=True):
        largest = max((o for o in case if isinstance(o, tuple)), key=lambda o: (len(o), np.prod(o)), default=())
        if not largest or 0 in largest:
            continue
        factor = (size / np.prod(largest)) ** (1 / len(largest))
        drawn = []
        for i, o in enumerate(case):
            domain = thing.domain[min(i, len(thing.domain) - 1)]
            if not isinstance(o, tuple):
                drawn.append(o)
                continue
            sample = domain.sample(random, tuple(max(1, round(n * factor)) if n > 1 else 1 for n in o))
            drawn.append(sample > 0 if domain is CONDITION else sample)
        yield _call(thing, drawn, static)


def _call(thing: Primitive | Composition, drawn: list[Any], static: dict[str, Any]) -> Call:
    if isinstance(thing, Composition):
        reference = thing.reference or thing.function
        if thing.sequence:
            return Call(lambda o: thing.function(list(o), **static), lambda o: reference(list(o), **static), drawn)
        return Call(lambda o: thing.function(*o, **static), lambda o: reference(*o, **static), drawn)
    complete = {n: p.default for n, p in thing.signature.parameters.items() if n in thing.static} | static
    recorded = functions[thing.name]
    if thing.variadic or any(p.kind is p.VAR_POSITIONAL for p in thing.signature.parameters.values()):
        return Call(lambda o: thing.on(o, complete), lambda o: thing.value(o, complete), drawn)
    return Call(lambda o: recorded(*o, **static), lambda o: thing.value(o, complete), drawn)


def measure(thing: Primitive | Composition, size: int, quick: bool) -> tuple[float, float, bool] | None:
    """Return both ratios to the plain forward, and whether that is a view; None if out of reach."""
    for call in calls(thing, size):
        leaves = [
            Tensor(o, requires_grad=True) if isinstance(o, np.ndarray) and o.dtype.kind == "f" else o
            for o in call.operands
        ]
        try:
            start = time.perf_counter()
            plain = call.plain(call.operands)
            if time.perf_counter() - start > SLOW:
                return None
            results = call.forward(leaves)
        except MemoryError:  # a result with the square of so many entries
            return None
        except (ValueError, TypeError, IndexError, ArithmeticError, LookupError):  # the shapes don't grow together
            continue
        seeds = [np.ones(y.shape, y.dtype) for y in results]
        if not results:
            continue
        view = isinstance(plain, np.ndarray) and any(np.may_share_memory(plain, o) for o in call.operands)
        runs = [
            lambda call=call: call.plain(call.operands),
            lambda call=call, leaves=leaves: call.forward(leaves),
            lambda call=call, leaves=leaves, seeds=seeds: call.backward(leaves, seeds),
        ]
        forward, both = _ratios(runs, quick)
        return forward, both, view
    return None


def _ratios(runs: list[Callable[[], Any]], quick: bool) -> tuple[float, float]:
    """Time the runs in turn, and return the medians of the second and third over that of the first."""
    gc.collect()
    start = time.perf_counter()
    for run in runs:
        run()
    once = time.perf_counter() - start
    samples = 1 if quick else max(3, min(200, int(0.2 / once)))
    taken: list[list[float]] = [[] for _ in runs]
    for _ in range(samples):
        for times, run in zip(taken, runs, strict=True):
            start = time.perf_counter()
            run()
            times.append(time.perf_counter() - start)
    plain, forward, both = map(statistics.median, taken)
    return forward / plain, both / plain


def table(quick: bool = False, names: list[str] | None = None) -> tuple[list[list[str]], list[str]]:
    """Return the table, the heads first, and the names that are above the bar without a reason."""
    sizes = QUICK if quick else SIZES
    rows = [["function", *(f"{size:,}" for size in sizes), ""]]
    above = []
    things = [p for p in registry.values() if p.kind != "value" and not p.internal] + [*compositions.values()]
    for thing in sorted(things, key=lambda t: t.name):
        if names and thing.name not in names:
            continue
        with np.errstate(all="ignore"):
            found = [measure(thing, size, quick) for size in sizes]
        cells = ["–" if f is None else f"{f[0]:.1f} {f[1]:.1f}" for f in found]
        last, note = found[-1], ""
        if last is not None and last[1] > BAR and not quick:
            note = VIEW if last[2] else REASONS.get(thing.name, "✗")
            above += [thing.name] if note == "✗" else []
        rows.append([thing.name, *cells, note])
    return rows, above


def text(rows: list[list[str]]) -> str:
    """Return the table in Markdown, with what its numbers mean."""
    heads, *rest = ["| " + " | ".join(row) + " |" for row in rows]
    return (
        f"Time of the forward pass, and of forward and backward, over that of plain NumPy's forward, by the number of "
        f"entries, float64. The bar for both at 10⁶ is {BAR:g}; – is out of reach (the shapes don't grow together, or "
        f"a call takes {SLOW:g} s). NumPy {np.__version__}, {platform.system()} {platform.machine()}, medians.\n\n"
        + "\n".join([heads, "|" + " --- |" * len(rows[0]), *rest, ""])
    )


def main() -> None:
    """Print the table as Markdown, and write it where the option says."""
    options = argparse.ArgumentParser(prog="python -m benchmarks.primitives", description=__doc__)
    options.add_argument("names", nargs="*", help="the functions to measure; all, if none is named")
    options.add_argument("--quick", action="store_true", help="once each, small, to see that everything runs")
    options.add_argument("--markdown", type=Path, metavar="FILE", help="write the table to this file too")
    chosen = options.parse_args()
    rows, above = table(chosen.quick, chosen.names)
    written = text(rows)
    print(written)
    if above:
        print(f"above the bar without a reason: {', '.join(above)}")
    if chosen.markdown:
        chosen.markdown.write_text(written, encoding="utf-8")


if __name__ == "__main__":
    main()
