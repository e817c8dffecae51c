"""Giving back what a graph kept, so that a second pass through it says so instead of computing nonsense."""

from __future__ import annotations

from typing import Any, cast

from autograd.errors import GraphError
from autograd.graph.node import Node, Spec
from autograd.graph.order import falling
from autograd.primitives import Primitive


def release(root: Node) -> None:
    """Forget what the graph kept: whoever sweeps it again is told so."""
    for node in falling([root]):
        node.ordinary, node.first = True, next((p for p in node.parents if p is not None), None)
        node.primitive = cast(Primitive, Released(node.primitive))
        node.a = node.b = node.residual = None
        node.more = (None,) * len(node.more)
        node.y = Spec(node.y.shape, node.y.dtype)


class Released:
    """Stands in for the primitive of a node whose values were given back."""

    def __init__(self, primitive: Any) -> None:
        self.name, self.kind, self.rules, self.keeps = primitive.name, primitive.kind, (), primitive.keeps
        self.operands, self.variadic, self.residual = primitive.operands, primitive.variadic, None
        self.pullbacks = (self.evaluate,) * max(2, len(primitive.operands))

    def evaluate(self, *args: Any, **kwargs: Any) -> Any:
        raise GraphError(
            f"a second pass through {self.name}", "a graph that still has its values",
            "one that backward(retain_graph=False) has released", "leave out retain_graph=False in the first pass",
        )  # fmt: skip
