"""A stretch of a recorded graph as a straight-line program: what to compute, without the values."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from autograd.graph.node import Node
from autograd.primitives import Primitive


class Step(NamedTuple):
    """One call: each operand is the number of an earlier value, or a constant."""

    primitive: Primitive
    operands: tuple[tuple[bool, Any], ...]  # (True, number of a value) or (False, a constant)
    static: dict[str, Any]


class Program:
    """The steps from ``inputs`` to ``output``; values are numbered, the inputs first."""

    def __init__(self, output: Node, stretch: Iterable[Node]) -> None:
        nodes = sorted(stretch, key=lambda n: n.number)
        inside = set(nodes)
        outside = dict.fromkeys(p for n in nodes for p in n.parents if p is not None and p not in inside)
        self.inputs: list[Node] = list(outside)
        numbers = {node: i for i, node in enumerate([*self.inputs, *nodes])}
        self.steps = [
            Step(
                node.primitive,  # type: ignore[arg-type]  # leaves are outside
                tuple(
                    (False, o) if p is None else (True, numbers[p])
                    for p, o in zip(node.parents, node.operands, strict=True)
                ),
                node.static,
            )
            for node in nodes
        ]
        self.output = numbers[output]

    def run(self, inputs: Sequence[Any]) -> Any:
        """Compute the output: of arrays an array, of tensors a recorded tensor."""
        values = list(inputs)
        for primitive, operands, static in self.steps:
            values.append(primitive.on([values[o] if numbered else o for numbered, o in operands], static))
        return values[self.output]

    def behind(self, inputs: Sequence[Any], batched: Sequence[bool], n: int) -> Any:
        """Compute the output for a batch of ``n``, which is the leading axis of the inputs that are ``batched``."""
        values, wide = list(inputs), list(batched)
        for primitive, operands, static in self.steps:
            given = [values[o] if numbered else o for numbered, o in operands]
            flags = [numbered and wide[o] for numbered, o in operands]
            wide.append(any(flags))
            values.append(
                primitive.behind(primitive, given, flags, static, n) if wide[-1] else primitive.on(given, static)
            )
        return values[self.output]


def since(root: Node, number: int) -> list[Node]:
    """Return the computed nodes below ``root`` that are younger than a moment of the clock."""
    stack = [root] if root.number > number else []
    seen = set(stack)
    while stack:  # what is older has only older parents
        fresh = {p for p in stack.pop().parents if p is not None and p.number > number} - seen
        seen |= fresh
        stack += fresh
    return [n for n in seen if n.primitive is not None]
