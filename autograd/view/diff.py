"""Diff: two traces of one computation, before and after an update: what every value and gradient changed by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd.errors import ArgumentError
from autograd.view.arrows import arrow
from autograd.view.dot import GRADIENT, INK, MUTED, text
from autograd.view.drawing import LEGEND, document, heading
from autograd.view.letters import clean
from autograd.view.nodes import framed, rest, row
from autograd.view.table import Rows, aligned, piped
from autograd.view.values import figure, in_line
from autograd.view.wording import Reader

if TYPE_CHECKING:
    from autograd.view.picture import Picture
    from autograd.view.record import Node, Trace

HEAD = ("node", "", "value", "Δ value", "gradient", "Δ gradient")


@dataclass(frozen=True)
class Change:
    """One node before and after; Δ is after − before, of an array that is only summarised the change of its norm."""

    before: Node
    after: Node

    @property
    def value(self) -> Any:
        return _change(self.before.value, self.after.value)

    @property
    def grad(self) -> Any:
        return _change(self.before.grad, self.after.grad)


@dataclass(frozen=True)
class Diff:
    """What ``before.diff(after)`` returns: the changes of all nodes, as a table and as a picture."""

    before: Trace
    after: Trace
    changes: tuple[Change, ...]

    def __getitem__(self, id: str) -> Change:
        node = self.before[id]
        return next(c for c in self.changes if c.before is node)

    def table(self, form: str = "text") -> str:
        """Return the changes as ``"text"`` or ``"markdown"``.

        Raises ArgumentError for another form.
        """
        read = Reader(self.before)
        rows: Rows = [
            (
                read.v(c.before.id), read.label(c.before), _both(c.before.value, c.after.value), _delta(c.value),
                _both(c.before.grad, c.after.grad), _delta(c.grad),
            )
            for c in self.changes if c.before.kind != "rest"
        ]  # fmt: skip
        if form == "text":
            return "\n".join([self.title, *aligned(HEAD, rows, right=(3, 5))]) + "\n"
        if form == "markdown":
            return f"{piped(HEAD, rows)}\n"
        raise ArgumentError("diff.table(form)", "'text' or 'markdown'", repr(form), "choose one of these")

    @property
    def title(self) -> str:
        return f"Before → after: {clean(self.before.title)}"

    def draw(self) -> Picture:
        """Return the card picture with both values and both gradients of each node."""
        from autograd.view.picture import Picture  # start-up cost: graphviz

        read = Reader(self.before)
        nodes = {
            c.before.id: rest(c.before) if c.before.kind == "rest" else framed(c.before, read, _rows(c, read))
            for c in self.changes
        }
        legend = text("before → after, and the change Δ = after − before", INK, size=LEGEND)
        head = heading(self.title, f'<TR><TD ALIGN="LEFT">{legend}</TD></TR>', self.before.notes)
        arrows = [arrow(edge, read, "forward", True) for edge in self.before.edges]
        return Picture(document(self.before, nodes, arrows, head))

    def __str__(self) -> str:
        return self.table()

    __repr__ = __str__

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None, **_: Any) -> dict[str, Any]:
        return self.draw()._repr_mimebundle_() | {"text/plain": str(self)}


def diff(before: Trace, after: Trace) -> Diff:
    """Return what changed from one trace of a computation to another.

    Raises ArgumentError for traces of different graphs.
    """
    graphs = [[(n.id, n.kind, n.op, n.shape) for n in t.nodes] for t in (before, after)]
    if graphs[0] != graphs[1]:
        at = next((a for a, b in zip(*graphs, strict=False) if a != b), None)
        found = f"{len(graphs[0])} and {len(graphs[1])} nodes" if at is None else f"another {at[0]}"
        raise ArgumentError(
            "trace.diff(other)", "two traces of one computation", found, "run the same function before and after"
        )
    return Diff(before, after, tuple(map(Change, before.nodes, after.nodes)))


def _change(a: Any, b: Any) -> Any:
    if a is None or b is None:
        return None
    if isinstance(a, dict):
        return None if a["norm"] is None or b["norm"] is None else {"norm": b["norm"] - a["norm"]}
    with np.errstate(all="ignore"):
        return (np.asarray(b, dtype=float) - np.asarray(a, dtype=float)).tolist()


def _delta(change: Any) -> str:
    if isinstance(change, dict):
        return f"norm {_signed(change['norm'])}"
    return _signed(change) if isinstance(change, (int, float)) else in_line(change)


def _signed(number: float) -> str:
    return ("+" if number > 0 else "") + figure(number)


def _both(a: Any, b: Any) -> str:
    if isinstance(a, dict) and isinstance(b, dict):
        return " → ".join("–" if v["norm"] is None else f"norm {figure(v['norm'])}" for v in (a, b))
    return in_line(a) if a == b else f"{in_line(a)} → {in_line(b)}"


def _rows(change: Change, read: Reader) -> str:
    a, b = change.before, change.after
    rows = row("value", MUTED, [_both(a.value, b.value)], INK)
    rows += row("Δ", MUTED, [_delta(change.value)], INK)
    if a.grad is not None and b.grad is not None:
        rows += row(read.P(a.id), GRADIENT, [_both(a.grad, b.grad)], GRADIENT)
        rows += row("Δ", GRADIENT, [_delta(change.grad)], GRADIENT)
    return rows
