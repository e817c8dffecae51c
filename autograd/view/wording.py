"""How a record reads: letters, derivatives and products as every view writes them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from autograd.primitives.notation import superscript
from autograd.view.letters import clean, letter, short
from autograd.view.values import INLINE, factor, figure, in_line

if TYPE_CHECKING:
    from autograd.view.record import Edge, Node, Trace


LETTERS, NAMES = 32, 60  # characters of a name that stands for a value, and of one that stands beside it


class Equation(NamedTuple):
    """``formula = number``: both halves apart, so that a view can set the number in bold."""

    formula: str
    number: str

    def __str__(self) -> str:
        return f"{self.formula} = {self.number}" if self.number else self.formula


class Reader:
    """Reads one record: which letter, which gradient, which equation belongs to a node or an edge."""

    def __init__(self, trace: Trace) -> None:
        self.nodes: Mapping[str, Node] = {n.id: n for n in trace.nodes}
        self.output = trace.output

    def v(self, id: str) -> str:
        """Write a node: its number, or the output's name."""
        node = self.nodes.get(id)
        if node is not None and id == self.output and node.name:
            return short(clean(node.name), LETTERS)
        return letter(int(id[1:])) if id != "rest" else "…"

    def P(self, id: str) -> str:
        """Write a node's gradient: ``P⁷``."""
        return "P" + superscript(int(id[1:])) if id != "rest" else "P"

    def gradient(self, id: str) -> str:
        """Write what the gradient is: ``P⁷ = ∂L/∂v₇``."""
        return f"{self.P(id)} = ∂{self.v(self.output)}/∂{self.v(id)}"

    def label(self, node: Node) -> str:
        """Write what stands beside a node's letter: its name, what made it, or both."""
        named = short(clean(node.name), NAMES) if node.name and node.id != self.output else ""
        return " ".join(part for part in (named, f"= {node.op}" if node.op else "") if part)

    def fraction(self, edge: Edge) -> str:
        """Write an edge's derivative: ``∂v₃/∂v₁``."""
        return f"∂{self.v(edge.to)}/∂{self.v(edge.from_)}"

    def local(self, edge: Edge) -> Equation:
        """Write a local derivative: ``∂v₃/∂v₁ = w = 5``, ``∂v₃/∂v₁ = diag(2v₁)``, ``∂v₃/∂v₁: Ḡ·Wᵀ``."""
        left, formula, value = self.fraction(edge), edge.formula, edge.local
        if value is None:
            return Equation(left, "")
        if isinstance(value, dict):
            return Equation(f"{left}: {value['rule']}", "")
        rule = formula is not None and "Ḡ" in formula
        if not isinstance(value, list):
            number = figure(value)
            exact = formula in (number, *"½¼¾")
            return Equation(f"{left} = {formula}" if formula and not rule and not exact else left, number)
        if rule or formula is None:
            text = f"{left}: {formula}" if rule else left
            return Equation(text, "") if rule or np.size(value) > INLINE else Equation(text, in_line(value))
        if edge.structure == "identity" and formula == "1":
            return Equation(left, "I")
        if edge.structure in ("identity", "diagonal"):
            return Equation(f"{left} = diag({formula})", "")
        return Equation(f"{left} = {formula}" + (f", {edge.structure}" if edge.structure else ""), "")

    def crowd(self, edge: Edge) -> str:
        """Say that an edge stands for others: ``and 49 more values of the box``."""
        return f"and {edge.uses - 1:,} more values of the box" if edge.uses > 1 else ""

    def product(self, edge: Edge) -> Equation:
        """Write a message: ``8 × (−1) = −8``, and for tensors ``P³·J = [2, 4]``."""
        if edge.message is None:
            return Equation("", "")
        message = in_line(edge.message)
        if edge.position is None:
            return Equation("Σ", message)
        if _is_number(edge.upstream) and _is_number(edge.local):
            return Equation(f"{factor(figure(edge.upstream))} × {factor(figure(edge.local))}", message)
        return Equation(f"{self.P(edge.to)}·J", message)


def headed(trace: Trace) -> Iterator[tuple[str, Node | None]]:
    """Yield each node, with its module's path and kind before the first of a module; a heading has no node."""
    module = ""
    for node in trace.nodes:
        if node.module and node.module != module:
            path, kind = (short(clean(said), NAMES) for said in (node.module, trace.modules.get(node.module, "")))
            yield f"{path}  {kind}".strip(), None
        module = node.module
        yield "", node


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float))
