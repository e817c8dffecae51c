"""The ledger: what was computed going forward, and upstream × local = message going back."""

from __future__ import annotations

import re
import textwrap
import unicodedata
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from autograd.errors import ArgumentError
from autograd.view.latex import tabular
from autograd.view.letters import clean, short
from autograd.view.values import INLINE, in_line
from autograd.view.wording import Reader, headed

if TYPE_CHECKING:
    from autograd.view.record import Trace

FORWARD = ("node", "kind", "", "value")
BACKWARD = ("edge", "upstream", "local", "", "message", "running sum")
STACKED = ("edge", "local, then message", "running sum")
HIGHER = ("edge", "local, then message, then running sum")
SHORT = 3  # entries in one line of a narrow table
LEAST = 16  # columns of a cell that is cut
FEET = {
    "Ḡ": "Ḡ: upstream, the gradient of the edge's result; J: the local derivative as a Jacobian",
    "✓": "✓: the local derivative agrees with a central difference",
    "✗": "✗: the local derivative disagrees with a central difference",
    "kink": "kink: left and right differences disagree, so the derivative is a choice",
}

Rows = list[tuple[str, ...]]


def table(trace: Trace, form: str = "text", width: int | None = None) -> str:
    """Return the ledger of a trace in one of three forms; the text within ``width`` columns where it can be.

    Raises ArgumentError for another form.
    """
    if form == "text":
        return _text(trace, width)
    writers: dict[str, Callable[[Trace], str]] = {"markdown": _markdown, "latex": tabular}
    if form not in writers:
        raise ArgumentError("trace.table(form)", "'text', 'markdown' or 'latex'", repr(form), "choose one of these")
    return writers[form](trace)


def _forward(trace: Trace, read: Reader, entries: int = INLINE) -> Rows:
    rows: Rows = []
    for heading, n in headed(trace):
        if n is None:
            rows.append((heading,))
        elif n.kind == "rest":
            rows.append(("…", "", clean(n.name or "").removeprefix("… "), ""))
        else:
            rows.append(("  " * bool(n.module) + read.v(n.id), n.kind, read.label(n), in_line(n.value, entries)))
    return rows


def _backward(trace: Trace, read: Reader) -> Rows:
    rows: Rows = []
    for step in trace.steps:
        total = f"{read.P(step.node)} = {in_line(step.sum)}" if step.sum is not None else ""
        if step.edge is None:
            rows.append((f"seed → {read.v(step.node)}", "", "", "", in_line(step.message), total))
            continue
        edge = trace.edges[step.edge]
        arrow = f"{read.v(edge.to)} → {read.v(edge.from_)}" + (f" (1 of {edge.uses:,})" if edge.uses > 1 else "")
        local = str(read.local(edge)) if edge.position is not None else ""
        upstream = in_line(edge.upstream) if edge.upstream is not None else ""
        note = " (path not taken)" if edge.note else ""
        rows.append((arrow, upstream, local, edge.check or "", str(read.product(edge)) + note, total))
    return rows


def _feet(trace: Trace) -> list[str]:
    """Explain the signs that occur."""
    used = {e.check for e in trace.edges} | {"Ḡ" for e in trace.edges if isinstance(e.local, (list, dict))}
    return [foot for sign, foot in FEET.items() if sign in used]


# For a terminal


def _text(trace: Trace, width: int | None) -> str:
    read = Reader(trace)
    forward, backward = _forward(trace, read), _backward(trace, read)
    if _excess(FORWARD, forward, width) > 0:
        forward = _cut(FORWARD, _forward(trace, read, SHORT), 2, width)
    blocks = [short(clean(trace.title), width or 200), *_wrapped(trace.notes, width), "", "Forward"]
    blocks += aligned(FORWARD, forward, right=(3,))
    if backward:
        blocks += ["", "Backward: upstream × local = message, gradient = Σ messages"]
        if _excess(BACKWARD, backward, width) > 0:
            head: Sequence[str] = STACKED
            rows = _stacked(backward)
            if _excess(head, rows, width) > 0:
                head, rows = HIGHER, _higher(rows)
            blocks += aligned(head, _cut(head, rows, 1, width), right=())
        else:
            blocks += aligned(BACKWARD, backward, right=(1,))
        if feet := _feet(trace):
            blocks += ["", *_wrapped(feet, width)]
    return "\n".join(blocks) + "\n"


def _wrapped(lines: Sequence[str], width: int | None) -> list[str]:
    return [part for line in lines for part in (textwrap.wrap(line, width) if width is not None else [line])]


def _width(text: str) -> int:
    """Count the columns that a terminal gives a text: none to accents, two to wide characters."""
    return sum(0 if unicodedata.combining(c) else 1 + (unicodedata.east_asian_width(c) in "WF") for c in text)


def _excess(head: Sequence[str], rows: Rows, width: int | None) -> int:
    """Return by how many columns a table is wider than a terminal."""
    if width is None:
        return 0
    widths = [max(map(_width, column)) for column in zip(head, *(row for row in rows if len(row) > 1), strict=True)]
    return sum(w + 2 for w in widths if w) - width


def _cut(head: Sequence[str], rows: Rows, column: int, width: int | None) -> Rows:
    """Shorten the cells of one column until the table fits, but for what a reader can't do without."""
    excess = _excess(head, rows, width)
    if excess <= 0:
        return rows
    room = max(max(_width(row[column]) for row in rows if len(row) > 1) - excess, LEAST)
    return [row if len(row) == 1 else (*row[:column], short(row[column], room), *row[column + 1 :]) for row in rows]


def _stacked(rows: Rows) -> Rows:
    """Set each message under its local derivative; the upstream is in it, or the gradient of an earlier row."""
    found: Rows = []
    for edge, _, local, check, message, total in rows:
        first = f"{local}  {check}".strip()
        found += [(edge, first, ""), ("", message, total)] if first else [(edge, message, total)]
    return found


def _higher(rows: Rows) -> Rows:
    """Set each running sum under its message."""
    return [line for edge, said, total in rows for line in ((edge, said), ("", total)) if any(line)]


def aligned(head: Sequence[str], rows: Rows, right: Sequence[int]) -> list[str]:
    """Return the lines of a table; the columns in ``right`` end at one edge, a row of one cell is a heading."""
    every = [tuple(head), *rows]
    widths = [max(_width(row[i]) for row in every if len(row) > 1) for i in range(len(head))]
    rule = tuple("─" * w for w in widths)
    lines = []
    for row in [every[0], rule, *every[1:]]:
        if len(row) == 1:
            lines.append(f"  {row[0]}")
            continue
        spaces = [" " * (w - _width(cell)) for cell, w in zip(row, widths, strict=True)]
        cells = [s + c if i in right else c + s for i, (c, s) in enumerate(zip(row, spaces, strict=True))]
        lines.append(("  " + "  ".join(c for c, w in zip(cells, widths, strict=True) if w)).rstrip())
    return lines


# For a page


def _markdown(trace: Trace) -> str:
    read = Reader(trace)
    blocks = [
        f"## {_plain(short(clean(trace.title), 200))}",
        *map(_plain, trace.notes),
        piped(FORWARD, _forward(trace, read)),
    ]
    backward = _backward(trace, read)
    if backward:
        blocks += ["upstream × local = message; gradient = Σ messages", piped(BACKWARD, backward), *_feet(trace)]
    return "\n\n".join(blocks) + "\n"


def _plain(text: str) -> str:
    """Escape what Markdown or HTML would read as markup."""
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub(r"([\\`*_|#$~])", r"\\\1", text).replace("](", "]&#40;")


def piped(head: Sequence[str], rows: Rows) -> str:
    """Return a table in Markdown."""
    lines = [tuple(head), ("---",) * len(head), *(tuple(map(_plain, row)) for row in rows)]
    lines = [line if len(line) > 1 else (f"**{line[0]}**", *[""] * (len(head) - 1)) for line in lines]
    return "\n".join(f"| {' | '.join(row)} |" for row in lines)
