"""The card picture as DOT: values and gradients on cards, local derivatives and messages on the edges."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, NamedTuple

from autograd.view.letters import clean
from autograd.view.values import in_line, in_lines
from autograd.view.wording import Reader

if TYPE_CHECKING:
    from autograd.view.record import Edge, Node, Trace


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
}
INK, MUTED, LINE = "#1B1F24", "#4A525C", "#7A828E"
GRADIENT = "#A3154A"  # wherever a gradient appears, and nowhere else
SANS, MONO = "DejaVu Sans,Verdana,Geneva,sans-serif", "DejaVu Sans Mono,Menlo,Consolas,monospace"
GAP = "&#160;" * 4
LEGEND = 12  # points
WIDEST = 48  # characters of one line in the picture; the tooltip has it all


def source(trace: Trace) -> str:
    """Return the DOT text of a trace."""
    read = Reader(trace)
    spine = _spine(trace)
    lines = [
        "digraph trace {",
        f'  graph [rankdir="LR", bgcolor="white", pad="0.35", nodesep="0.4", ranksep="0.6", fontname="{SANS}",',
        '    labelloc="t", labeljust="l", charset="UTF-8",',
        f"    label=<{_heading(trace)}>]",
        f'  node [shape="plain", fontname="{SANS}", fontsize="14", fontcolor="{INK}"]',
        f'  edge [fontname="{SANS}", fontsize="12", color="{LINE}", penwidth="1.5", arrowsize="0.9"]',
    ]
    lines += [_card(node, read, node.id in spine) for node in trace.nodes]
    lines += [_arrow(edge, read, edge.from_ in spine and edge.to in spine) for edge in trace.edges]
    return "\n".join([*lines, "}"]) + "\n"


def _spine(trace: Trace) -> set[str]:
    """Return the longest chain of computations to the output: it lies on one horizontal."""
    inner = {n.id for n in trace.nodes if n.kind in ("computation", "output")}
    length = {n.id: 1 for n in trace.nodes}
    before: dict[str, str] = {}
    for edge in trace.edges:  # in the order of their results, so each operand's length is known
        if edge.from_ in inner and edge.to in inner and length[edge.from_] >= length[edge.to]:
            length[edge.to], before[edge.to] = length[edge.from_] + 1, edge.from_
    chain = [trace.output]
    while chain[-1] in before:
        chain.append(before[chain[-1]])
    return set(chain)


def _text(text: str, color: str = "", bold: bool = False, size: int = 0, mono: bool = False) -> str:
    """Write escaped text in a font."""
    text = html.escape(text, quote=True).replace("\\", "\\\\")  # dot takes \N for the node's name
    look = "".join(
        f' {name}="{value}"'
        for name, value in (("COLOR", color), ("POINT-SIZE", size), ("FACE", MONO if mono else ""))
        if value
    )
    text = f"<B>{text}</B>" if bold else text
    return f"<FONT{look}>{text}</FONT>" if look else text


def _short(text: str, length: int = WIDEST) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"


def _heading(trace: Trace) -> str:
    chips = "".join(
        f'<TD BGCOLOR="{look.fill}">{_text(f" {look.glyph} {kind} ", look.ink, size=LEGEND)}</TD><TD WIDTH="8"></TD>'
        for kind, look in LOOKS.items()
        if any(n.kind == kind for n in trace.nodes)
    )
    rules = _text("on edges:  ∂child/∂parent", INK, size=LEGEND)
    if any("Ḡ" in (edge.formula or "") for edge in trace.edges):
        rules += _text(", where Ḡ = upstream", INK, size=LEGEND)
    if trace.steps:
        rules += GAP + _text("upstream × local = message to parent", GRADIENT, size=LEGEND)
        rules += GAP + _text("gradient = Σ messages", GRADIENT, bold=True, size=LEGEND)
    title = _text(_short(clean(trace.title), 90), INK, bold=True, size=20)
    rows = [f'<TR><TD ALIGN="LEFT">{title}</TD></TR><TR><TD HEIGHT="8"></TD></TR>']
    rows.append(f'<TR><TD ALIGN="LEFT">{_table(f"<TR>{chips}<TD>{rules}</TD></TR>", padding=4)}</TD></TR>')
    rows += [
        f'<TR><TD ALIGN="LEFT" CELLPADDING="4">{_text(note, MUTED, bold=True, size=LEGEND)}</TD></TR>'
        for note in trace.notes
    ]
    return _table("".join(rows) + '<TR><TD HEIGHT="14"></TD></TR>', padding=0)


def _table(rows: str, padding: int) -> str:
    return f'<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="{padding}">{rows}</TABLE>'


def _card(node: Node, read: Reader, on_spine: bool) -> str:
    group = ', group="spine"' if on_spine else ""
    if node.kind == "rest":
        label = _text(clean(node.name or ""), MUTED, bold=True)
        return (
            f'  rest [id="n_rest", shape="box", style="rounded,dashed", color="{LINE}", margin="0.2", label=<{label}>]'
        )
    look = LOOKS[node.kind]
    named = _short(read.label(node), 32)
    header = f"{_text(look.glyph, look.border)}&#160; {_text(read.v(node.id), look.ink, bold=True, size=16)}"
    header += f"&#160; {_text(named, look.ink)}" if named else ""
    rows = f'<TR><TD COLSPAN="2" CELLPADDING="6">{header}</TD></TR><HR/>'
    if node.shape:
        rows += _row("shape", MUTED, [f"({', '.join(map(str, node.shape))})"], MUTED, bold=False)
    rows += _row("value", MUTED, in_lines(node.value), INK)
    P = in_lines(node.grad) if node.grad is not None else ["–"]
    rows += _row(read.gradient(node.id) if node.grad is not None else read.P(node.id), GRADIENT, P, GRADIENT)
    table = (
        f'<TABLE BORDER="{look.width}" STYLE="ROUNDED" COLOR="{look.border}" BGCOLOR="{look.fill}" CELLBORDER="0" '
        f'CELLSPACING="0" CELLPADDING="5">{rows}</TABLE>'
    )
    tip = [f"{read.v(node.id)} {read.label(node)}", f"{node.kind}, {node.dtype}", f"value {in_line(node.value)}"]
    tip += [f"{read.gradient(node.id)} = {in_line(node.grad)}"] if node.grad is not None else []
    tip += [part for part in (node.module, node.source) if part]
    return f'  {node.id} [id="n_{node.id}", tooltip={_quoted(tip)}{group}, label=<{table}>]'


def _row(name: str, name_color: str, lines: list[str], color: str, bold: bool = True) -> str:
    left = _text(name, name_color, size=12 if name_color == GRADIENT else 14)
    right = "".join(f'{_text(line, color, bold, 14, mono=True)}<BR ALIGN="RIGHT"/>' for line in lines)
    right = right.removesuffix('<BR ALIGN="RIGHT"/>') if len(lines) == 1 else right
    return f'<TR><TD ALIGN="LEFT">{left}</TD><TD ALIGN="RIGHT">{right}</TD></TR>'


def _arrow(edge: Edge, read: Reader, on_spine: bool) -> str:
    attributes = [f'id="e_{edge.from_}_{edge.to}_{"" if edge.position is None else edge.position}"']
    local, product = read.local(edge), read.product(edge)
    rows = []
    if edge.local is not None:
        rows.append(_equation(local.formula, local.number, INK))
    if edge.message is not None:
        rows.append(_equation(product.formula, in_line(edge.message, entries=3), GRADIENT))
    if rows:
        air = '<TR><TD HEIGHT="4"></TD></TR>'
        attributes.append(f"label=<{_table(air + ''.join(rows) + air, padding=1)}>")
    tip = [str(local), *([str(product)] if edge.message is not None else []), *([edge.note] if edge.note else [])]
    attributes += [f"tooltip={_quoted(tip)}", f"labeltooltip={_quoted(tip)}"]
    attributes += ['weight="12"'] if on_spine else []
    return f"  {edge.from_} -> {edge.to} [{', '.join(attributes)}]"


def _equation(formula: str, number: str, color: str) -> str:
    text = _text(_short(f"{formula} = " if number else formula), color) + (
        _text(number, color, bold=True) if number else ""
    )
    return f"<TR><TD>{text}</TD></TR>"


def _quoted(lines: list[str]) -> str:
    """Quote a text so that Graphviz shows it literally; it reads a tooltip's backslashes twice."""
    text = "&#10;".join(html.escape(clean(line)).replace("\\", "\\" * 4) for line in lines)
    return f'"{text}"'
