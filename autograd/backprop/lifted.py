"""Second and higher order: a node whose operands are tensors again, so that its rules are recorded as they run."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from autograd.graph.node import Node, Spec


class Lifted:
    """A node whose operands are tensors of the graph; ``wrap(value, node)`` makes such a tensor."""

    def __init__(self, node: Node, wrap: Callable[[Any, Node], Any]) -> None:
        self._of, self._wrap = node, wrap
        self.primitive, self.static = node.primitive, node.static

    def _lift(self, value: Any, node: Node | None) -> Any:
        return value if node is None or isinstance(value, Spec) else self._wrap(value, node)

    @property
    def operands(self) -> tuple[Any, ...]:
        pairs = zip(self._of.operands, self._of.parents, strict=True)
        return tuple([self._lift(value, parent) for value, parent in pairs])

    @property
    def shapes(self) -> tuple[tuple[int, ...], ...]:
        return self._of.shapes

    @property
    def a(self) -> Any:
        return self._lift(self._of.a, self._of.first)

    @property
    def b(self) -> Any:
        return self._lift(self._of.b, self._of.second)

    @property
    def more(self) -> tuple[Any, ...]:
        return self.operands[2:]

    @property
    def y(self) -> Any:
        return self._lift(self._of.y, self._of)

    @property
    def residual(self) -> Any:
        """The residual computed anew from the operands: what was kept has no history."""
        primitive = self.primitive
        if primitive is None or primitive.residual is None:
            return None
        known = dict(zip(primitive.operands, self.operands, strict=True)) | self.static
        return primitive.residual(**{n: known[n] for n in inspect.signature(primitive.residual).parameters})
