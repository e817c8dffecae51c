"""Heat: how large each gradient is, as a power of ten, and what that means: vanishing, exploding, zero, not finite."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd.view.letters import clean, short
from autograd.view.values import figure, norm
from autograd.view.wording import Reader

if TYPE_CHECKING:
    from autograd.view.picture import Picture
    from autograd.view.record import Node, Trace

VANISHING, EXPLODING = 1e-6, 1e3  # times the seed's norm
BAR = 24  # characters, for the powers of ten from LOW to HIGH
LOW, HIGH = -12, 6

TINTS = (  # up to this power of ten: cold, mild, hot; all light enough for ink
    (-6, "#B3CDF5"), (-4, "#D3E3FA"), (-2, "#EEF4FB"), (1, "#FFF9E5"), (3, "#FFE3A8"), (5, "#FFC06B"),
    (math.inf, "#FF9A66"),
)  # fmt: skip
WORDS = {
    "not finite": ("#1B1F24", "#FFFFFF"), "zero": ("#D5D9DF", "#1B1F24"), "vanishing": ("#8FB4F0", "#1B1F24"),
    "exploding": ("#FF9A66", "#1B1F24"),
}  # fmt: skip  # fill and ink of each word


def size(value: Any) -> float | None:
    """Return the norm of a value of the record, NaN where an entry isn't finite; None where there is nothing.

    >>> size([3.0, 4.0]), size(None), size({"norm": 2.0, "nonfinite": 1})
    (5.0, None, nan)
    """
    if value is None:
        return None
    if not isinstance(value, dict):
        return found if math.isfinite(found := norm(value)) else math.nan
    return math.nan if value["nonfinite"] or value["norm"] is None else float(value["norm"])


def word(length: float | None, seed: float = 1.0) -> str:
    """Say what a gradient of this norm is; nothing where it is neither large nor small.

    >>> [word(length) for length in (1.0, 1e-7, 1e4, 0.0, math.nan)]
    ['', 'vanishing', 'exploding', 'zero', 'not finite']
    """
    if length is None:
        return ""
    if math.isnan(length):
        return "not finite"
    if length == 0:
        return "zero"
    return "vanishing" if length < VANISHING * usual(seed) else "exploding" * (length > EXPLODING * usual(seed))


def usual(seed: float | None) -> float:
    """Return the norm that others are held against: the seed's, where that is a number other than 0."""
    return seed if seed and math.isfinite(seed) else 1.0


def tint(length: float | None, seed: float = 1.0) -> str:
    """Return the colour of a norm."""
    if length is None:
        return "#FFFFFF"
    if said := word(length, seed):
        return WORDS[said][0]
    return next(colour for end, colour in TINTS if math.log10(length) <= end)


@dataclass(frozen=True)
class Row:
    """One node or layer: the norms ‖P‖ of its gradients (one for each node; in a box, the least and the largest)."""

    label: str
    norms: tuple[float, ...]
    word: str

    @property
    def power(self) -> str:
        """Write log₁₀ of the norm, or from which to which."""
        powers = [figure(round(math.log10(n), 1)) if n > 0 else "zero" for n in self.norms if n == n]
        return " … ".join(dict.fromkeys(powers)) or "NaN"


@dataclass(frozen=True)
class Heat:
    """What ``trace.heat()`` returns: a row for each layer and for each node with a gradient, from the output back."""

    trace: Trace
    layers: tuple[Row, ...]
    nodes: tuple[Row, ...]

    def draw(self) -> Picture:
        """Return the graph with each node in the colour of its gradient's norm."""
        return self.trace.draw("heat")

    def __str__(self) -> str:
        wide = max((len(r.label) for r in self.layers + self.nodes), default=0)
        lines = [f"log₁₀ ‖P‖ of {short(clean(self.trace.title), 200)}, from the output back", *self.trace.notes]
        for head, rows in (("by layer", self.layers), ("by node", self.nodes)):
            if rows:
                lines += [
                    "",
                    head,
                    *(f"  {r.label:<{wide}}  {r.power:>13}  {_bar(r):<{BAR}}  {r.word}".rstrip() for r in rows),
                ]
        found = [r.word for r in self.nodes if r.word]
        counts = ", ".join(f"{found.count(w)} {w}" for w in WORDS if w in found)
        return "\n".join([*lines, "", counts or "every gradient is finite, and of an ordinary size", ""])

    __repr__ = __str__

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None, **_: Any) -> dict[str, Any]:
        return self.draw()._repr_mimebundle_() | {"text/plain": str(self)}


def _bar(row: Row) -> str:
    """Draw from the least to the largest norm, on a scale of powers of ten, with a mark at 1."""
    powers = [math.log10(n) for n in row.norms if n > 0]
    at = [min(max(round((p - LOW) / (HIGH - LOW) * (BAR - 1)), 0), BAR - 1) for p in powers]
    one = round(-LOW / (HIGH - LOW) * (BAR - 1))
    return "".join("█" if at and min(at) <= k <= max(at) else "│" if k == one else "·" for k in range(BAR))


def norms(node: Node) -> tuple[float, ...]:
    """Return the norms of a node's gradients; of a box the least and the largest inside."""
    if node.inside is not None:
        broken = (math.nan,) * bool(node.inside["nonfinite"])
        return (*broken, *(node.inside["gradients"] or ()))
    length = size(node.grad)
    return () if length is None else (length,)


def verdict(lengths: tuple[float, ...], seed: float) -> str:
    """Say the worst of several norms."""
    said = {word(n, seed) for n in lengths}
    return next((w for w in WORDS if w in said), "")


def heat(trace: Trace) -> Heat:
    """Return how large the gradients of a trace are, by layer and by node."""
    read = Reader(trace)
    seed = usual(size(trace.steps[0].message) if trace.steps else 1.0)
    rows, layers = [], dict[str, list[float]]()
    for node in reversed(trace.nodes):
        if not (found := norms(node)):
            continue
        named = f"{read.v(node.id)} {read.label(node)}".strip()
        rows.append(Row(short(named, 60), found, verdict(found, seed)))
        path = node.name or "" if node.kind == "group" else node.module
        if path and (node.kind in ("group", "parameter")):
            layers.setdefault(path, []).extend(found)
    kinds = {path: short(clean(f"{path} {trace.modules.get(path, '')}"), 60) for path in layers}
    return Heat(
        trace,
        tuple(
            Row(
                kinds[p],
                tuple(sorted({min(n), max(n)})) if not np.isnan(n).any() else (math.nan,),
                verdict(tuple(n), seed),
            )
            for p, n in layers.items()
        ),
        tuple(rows),
    )
