"""How one node is drawn: a card with its value and gradient, a box that stands for several, a chip in a big graph."""

from __future__ import annotations

from typing import TYPE_CHECKING

from autograd.view.dot import GRADIENT, INK, LINE, LOOKS, MUTED, quoted, table, text
from autograd.view.heat import WORDS, norms, size, tint, verdict, word
from autograd.view.letters import clean, short
from autograd.view.values import figure, in_line, in_lines, shaped
from autograd.view.wording import Reader

if TYPE_CHECKING:
    from autograd.view.record import Node

NAMED = 32  # characters of a header
PART = 40  # characters of what a box names
PARTS = 16  # characters of a name on a chip
LINES = 4  # parts of a box that it names


def card(node: Node, read: Reader, view: str, seed: float, more: str = "") -> str:
    """Return the card of one node, with its value (but in the backward view) and its gradient (but in the forward)."""
    if node.kind == "rest":
        return rest(node)
    rows = ""
    if node.inside is not None:
        rows += _inside(node)
    elif node.shape:
        rows += row("shape", MUTED, [shaped(node.shape)], MUTED, bold=False)
    if view != "backward":
        rows += row("value", MUTED, in_lines(node.value), INK)
    if view != "forward":
        P = in_lines(node.grad) if node.grad is not None else ["–"]
        rows += row(read.gradient(node.id) if node.grad is not None else read.P(node.id), GRADIENT, P, GRADIENT)
        rows += _range(node)
    return framed(node, read, rows + "".join(_badge(said) for said in badges(node, view, seed)), more)


def framed(node: Node, read: Reader, rows: str, more: str = "") -> str:
    """Return a card with these rows under its header."""
    look = LOOKS[node.kind]
    named = short(read.label(node) if node.inside is None else clean(node.name or ""), NAMED)
    if node.inside is not None and node.inside["times"] > 1:
        named += f"  ×{node.inside['times']:,}"
    header = f"{text(look.glyph, look.border)}&#160; {text(read.v(node.id), look.ink, bold=True, size=16)}"
    header += f"&#160; {text(named, look.ink)}" if named else ""
    frame = (
        f'<TABLE BORDER="{look.width}" STYLE="ROUNDED" COLOR="{look.border}" BGCOLOR="{look.fill}" CELLBORDER="0" '
        f'CELLSPACING="0" CELLPADDING="5"><TR><TD COLSPAN="2" CELLPADDING="6">{header}</TD></TR><HR/>{rows}</TABLE>'
    )
    return f'  {node.id} [id="n_{node.id}", tooltip={tip(node, read)}{more}, label=<{frame}>]'


def rest(node: Node) -> str:
    """Return the box of all nodes that aren't shown."""
    label = text(clean(node.name or ""), MUTED, bold=True)
    return f'  rest [id="n_rest", shape="box", style="rounded,dashed", color="{LINE}", margin="0.2", label=<{label}>]'


def chip(node: Node, read: Reader, view: str, seed: float, more: str = "") -> str:
    """Return a node of a big graph: what it is and its two numbers, or the power of ten of its gradient."""
    if node.kind == "rest":
        return rest(node)
    look = LOOKS[node.kind]
    named = read.label(node) if node.inside is None else node.op or ""
    head = f"{text(look.glyph, look.border)} {text(read.v(node.id), look.ink, bold=True)} "
    head += text(short(named, PARTS if node.inside is None else NAMED), look.ink, size=12)
    rows, fill = f"<TR><TD>{head}</TD></TR>", look.fill
    if view == "heat":
        found = norms(node)
        said, fill = verdict(found, seed), tint(min(found), seed) if found else "#FFFFFF"
        ink = WORDS[said][1] if said else INK
        rows = rows.replace(look.ink, ink).replace(look.border, ink) if said == "not finite" else rows
        powers = _powers(found)
        rows += f"<TR><TD>{text(powers + (f', {said}' if said not in powers else ''), ink, bool(said), 12)}</TD></TR>"
    else:
        both = [(_brief(node.value), INK)] if view != "backward" else []
        both += [(_brief(node.grad), GRADIENT)] if view != "forward" and node.grad is not None else []
        rows += (
            f"<TR><TD>{'&#160; '.join(text(said, ink, bold=True, size=11, mono=True) for said, ink in both)}</TD></TR>"
        )
        rows += "".join(_badge(said, 1) for said in badges(node, view, seed))
    frame = (
        f'<TABLE BORDER="{look.width - 1}" STYLE="ROUNDED" COLOR="{look.border}" BGCOLOR="{fill}" CELLBORDER="0" '
        f'CELLSPACING="0" CELLPADDING="3">{rows}</TABLE>'
    )
    return f'  {node.id} [id="n_{node.id}", tooltip={tip(node, read)}{more}, label=<{frame}>]'


def badges(node: Node, view: str, seed: float) -> list[str]:
    """Return what a reader must not overlook on a node."""
    found = ["value not finite"] if view != "backward" and size(node.value) != size(node.value) else []
    said = word(size(node.grad), seed) if view != "forward" else ""
    inner = verdict(norms(node), seed) if view != "forward" and node.inside is not None else ""
    if said in ("not finite", "zero", "vanishing"):
        found.append(f"gradient {said}")
    elif inner in ("not finite", "vanishing"):
        found.append(f"gradient {inner} inside")
    return found


def _badge(said: str, columns: int = 2) -> str:
    cell = f'<TD BGCOLOR="{INK}" STYLE="ROUNDED">&#160;{text(said, "#FFFFFF", bold=True, size=11)}&#160;</TD>'
    return f'<TR><TD COLSPAN="{columns}">{table(f"<TR>{cell}</TR>", 3)}</TD></TR>'


def _inside(node: Node) -> str:
    inside = node.inside or {}
    parts = [short(clean(part), PART) for part in inside["parts"][:LINES]] + ["…"] * (len(inside["parts"]) > LINES)
    said = "<BR/>".join(text(part, INK, bold=True) for part in parts)
    rows = f'<TR><TD COLSPAN="2">{said}</TD></TR>'
    shapes = [shaped(s) for s in inside["inputs"][:2]] + ["…"] * (len(inside["inputs"]) > 2)
    rows += row(
        "shapes", MUTED, [f"{', '.join(shapes)} → {shaped(node.shape)}" if shapes else shaped(node.shape)], MUTED, False
    )
    if inside["parameters"]:
        rows += row("parameters", MUTED, [f"{inside['parameters']:,}"], INK)
    return rows


def _range(node: Node) -> str:
    """Write from which to which norm the gradients inside a box go."""
    if node.inside is None or not node.inside["gradients"]:
        return ""
    least, most = (figure(n, 3) for n in node.inside["gradients"])
    return row("‖P‖ inside", GRADIENT, [f"{least} … {most}"], GRADIENT) if least != most else ""


def row(name: str, name_color: str, lines: list[str], color: str, bold: bool = True) -> str:
    """Return a row of a card: what it is on the left, its lines on the right."""
    left = text(name, name_color, size=12 if name_color == GRADIENT else 14)
    right = "".join(f'{text(line, color, bold, 14, mono=True)}<BR ALIGN="RIGHT"/>' for line in lines)
    right = right.removesuffix('<BR ALIGN="RIGHT"/>') if len(lines) == 1 else right
    return f'<TR><TD ALIGN="LEFT">{left}</TD><TD ALIGN="RIGHT">{right}</TD></TR>'


def tip(node: Node, read: Reader) -> str:
    """Return the tooltip of a node: all there is to say about it."""
    lines = [f"{read.v(node.id)} {read.label(node)}", f"{node.kind}, {node.dtype}", f"value {in_line(node.value)}"]
    lines += [f"{read.gradient(node.id)} = {in_line(node.grad)}"] if node.grad is not None else []
    lines += [f"{node.inside['nodes']:,} nodes: {', '.join(node.inside['parts'])}"] if node.inside is not None else []
    return quoted(lines + [part for part in (node.module, node.source) if part])


def _brief(value: object) -> str:
    """Write a number, or the norm of an array."""
    if isinstance(value, (int, float)):
        return figure(value, 4)
    length = size(value)
    return "–" if length is None else f"‖{figure(length, 4)}‖"


def _powers(found: tuple[float, ...]) -> str:
    """Write one norm, or from which to which: ``‖P‖ 0.15 … 0.89``."""
    finite = dict.fromkeys(figure(n, 2) for n in found if n == n)
    said = ["not finite"] if any(n != n for n in found) else []
    said += ["zero" if list(finite) == ["0"] else f"‖P‖ {' … '.join(finite)}"] if finite else []
    return ", ".join(said) or "no gradient"
