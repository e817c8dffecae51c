"""What the pictures are written with: colours, fonts, and texts that DOT can't read as anything else."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, NamedTuple

from autograd.view.letters import clean, short

if TYPE_CHECKING:
    from autograd.view.record import Trace


class Look(NamedTuple):
    """How the cards of one kind look: tints that print, and stay apart for a colour-blind reader by their glyphs."""

    glyph: str
    fill: str
    border: str
    ink: str  # of the header
    width: int = 2


LOOKS = {
    "input": Look("▸", "#D9E8FF", "#1F5FBF", "#0F2F66"),
    "parameter": Look("◆", "#FFE0BF", "#C25E00", "#5C2C00"),
    "computation": Look("ƒ", "#FFF3B8", "#9A7B00", "#4A3B00"),
    "output": Look("★", "#FFE680", "#6B5500", "#3D3000", 3),
    "group": Look("▣", "#EAEDF1", "#4A525C", "#1B1F24"),
}
INK, MUTED, LINE = "#1B1F24", "#4A525C", "#7A828E"
GRADIENT = "#A3154A"  # wherever a gradient appears, and nowhere else
SANS, MONO = "DejaVu Sans,Verdana,Geneva,sans-serif", "DejaVu Sans Mono,Menlo,Consolas,monospace"
WIDEST = 48  # characters of one line in the picture; the tooltip has more
LONGEST = 400  # characters of one line in a tooltip


def spine(trace: Trace) -> set[str]:
    """Return the longest chain of computations to the output: it lies on one horizontal."""
    inner = {n.id for n in trace.nodes if n.kind in ("computation", "output", "group")}
    length = {n.id: 1 for n in trace.nodes}
    before: dict[str, str] = {}
    place = {n.id: k for k, n in enumerate(trace.nodes)}
    for edge in sorted(trace.edges, key=lambda e: place[e.to]):  # so each operand's length is known
        if edge.from_ in inner and edge.to in inner and length[edge.from_] >= length[edge.to]:
            length[edge.to], before[edge.to] = length[edge.from_] + 1, edge.from_
    chain = [trace.output]
    while chain[-1] in before:
        chain.append(before[chain[-1]])
    return set(chain)


def text(said: str, color: str = "", bold: bool = False, size: int = 0, mono: bool = False) -> str:
    """Write escaped text in a font; DOT takes no empty one."""
    if not said:
        return ""
    said = html.escape(said, quote=True).replace("\\", "\\\\")  # dot takes \N for the node's name
    look = "".join(
        f' {name}="{value}"'
        for name, value in (("COLOR", color), ("POINT-SIZE", size), ("FACE", MONO if mono else ""))
        if value
    )
    said = f"<B>{said}</B>" if bold else said
    return f"<FONT{look}>{said}</FONT>" if look else said


def table(rows: str, padding: int, more: str = "") -> str:
    """Write a table without lines."""
    return f'<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="{padding}"{more}>{rows}</TABLE>'


def quoted(lines: list[str]) -> str:
    """Quote a text so that Graphviz shows it literally; it reads a tooltip's backslashes twice."""
    said = "&#10;".join(html.escape(short(clean(line), LONGEST)).replace("\\", "\\" * 4) for line in lines)
    return f'"{said}"'
