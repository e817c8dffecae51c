"""How one edge is drawn: its local derivative and its message, forward or the way the messages go."""

from __future__ import annotations

from typing import TYPE_CHECKING

from autograd.view.dot import GRADIENT, INK, MUTED, WIDEST, quoted, table, text
from autograd.view.letters import short
from autograd.view.values import in_line
from autograd.view.wording import Reader

if TYPE_CHECKING:
    from autograd.view.record import Edge

AIR = '<TR><TD HEIGHT="4"></TD></TR>'


def arrow(edge: Edge, read: Reader, view: str, bare: bool, ends: tuple[str, str] | None = None, more: str = "") -> str:
    """Return the arrow of one edge; ``bare`` without its label, ``ends`` where it doesn't go from operand to result."""
    a, b = ends or (edge.from_, edge.to)
    attributes = [f'id="e_{edge.from_}_{edge.to}_{"" if edge.position is None else edge.position}"']
    local, product = read.local(edge), read.product(edge)
    rows = []
    if edge.local is not None and view != "forward" and not bare:
        rule, colon, shapes = local.formula.partition(" : ")
        if colon and len(local.formula) > WIDEST:  # a long rule has its shapes on a line of their own
            rows += [_equation(rule, "", INK), _equation(shapes, "", INK)]
        else:
            rows.append(_equation(local.formula, local.number, INK))
    if edge.message is not None and view != "forward" and not bare:
        rows.append(_equation(product.formula, in_line(edge.message, entries=3), GRADIENT))
    if edge.uses > 1 and view != "heat":
        rows.append(f"<TR><TD>{text(read.crowd(edge), MUTED)}</TD></TR>")
    if rows:
        attributes.append(f"label=<{table(AIR + ''.join(rows) + AIR, padding=1)}>")
    tip = [str(local)] if edge.position is not None else []
    tip += [*([str(product)] if edge.message is not None else []), *([edge.note] if edge.note else [])]
    attributes += [f"tooltip={quoted(tip)}", f"labeltooltip={quoted(tip)}"]
    return f"  {a} -> {b} [{', '.join(attributes)}{more}]"


def _equation(formula: str, number: str, color: str) -> str:
    said = text(short(f"{formula} = " if number else formula, WIDEST), color)
    return f"<TR><TD>{said}{text(number, color, bold=True) if number else ''}</TD></TR>"
