"""A node: which primitive made a value, from which parents, with which static arguments."""

from __future__ import annotations

import functools
from typing import Any, NamedTuple

import numpy as np

from autograd.primitives import Primitive

SMALL = 4096  # bytes: an output up to this size costs less to keep than the node itself


class Spec(NamedTuple):
    """What is remembered of an array that isn't kept: its shape and dtype."""

    shape: tuple[int, ...]
    dtype: np.dtype[Any]


def spec(value: Any) -> Spec:
    """Return the shape and dtype of an array or number."""
    return Spec(np.shape(value), np.result_type(value))


class Node:
    """One step of a computation, replayable: a primitive applied to operands. It holds no closures.

    The first two parents and operands have slots of their own, ``first`` and ``a``, ``second`` and ``b``: a tuple for
    each node would be one more object for the garbage collector, and doubled the cost of a scalar node. An operand
    that no rule names is kept as its :class:`Spec` alone, and so is a big output.
    """

    __slots__ = ("__dict__", "a", "b", "first", "number", "ordinary", "primitive", "requires_grad", "second", "y")

    primitive: Primitive | None  # None on a leaf
    number: int  # when it was made, by the process-wide clock
    requires_grad: bool
    first: Node | None
    second: Node | None
    a: Any
    b: Any
    y: Any  # the output, or its Spec
    ordinary: bool  # at most two operands, each with a rule; no message to fit, no gradient to retain

    # What few nodes have, stored only where it differs from these.
    rest: tuple[Node | None, ...] = ()  # parents beyond the second; all of them, if the primitive takes a sequence
    more: tuple[Any, ...] = ()  # their operands
    static: dict[str, Any] = {}  # noqa: RUF012  never written to
    residual: Any = None  # what evaluate computed on its way, for the derivative
    fits: tuple[Spec | None, ...] | None = None  # shape and dtype of operands that were broadcast or cast
    scope: str = ""  # the module path
    name: str | None = None
    grad: Any = None  # on leaves, and where retain_grad asked for it
    retains: bool = False  # retain_grad was called
    branched: int = 0  # when bool() or int() last read a value made from this one
    place: str | None = None  # the source line, in keep mode

    @property
    def is_leaf(self) -> bool:
        return self.primitive is None

    @property
    def tracked(self) -> bool:
        """Whether what is computed from this node is recorded."""
        return self.primitive is not None or self.requires_grad

    @property
    def parents(self) -> tuple[Node | None, ...]:
        """The parents in operand order: ``x*x`` has the same one twice, a constant has none."""
        primitive = self.primitive
        if primitive is None:
            return ()
        if primitive.variadic:
            return self.rest
        return (self.first, self.second, *self.rest)[: len(primitive.operands)]

    @property
    def operands(self) -> tuple[Any, ...]:
        """The operands in order: an array, or a Spec where the value isn't kept."""
        primitive = self.primitive
        if primitive is None:
            return ()
        if primitive.variadic:
            return self.more
        return (self.a, self.b, *self.more)[: len(primitive.operands)]

    @property
    def shapes(self) -> tuple[tuple[int, ...], ...]:
        return tuple(np.shape(o) if not isinstance(o, Spec) else o.shape for o in self.operands)

    @property
    def label(self) -> str:
        """How an error message calls this node."""
        kind = self.primitive.name if self.primitive is not None else "leaf"
        path = f" in {self.scope}" if self.scope else ""
        return (f"{kind} {self.name!r}" if self.name else kind) + path


def pull(node: Any, position: int, y_bar: Any, lead: tuple[int, ...]) -> Any:
    """Run the pullback of one operand on a node, or on what stands in for it at higher orders."""
    primitive = node.primitive
    if primitive.variadic:
        rule = primitive.pullbacks[0]
        return None if rule is None else rule(node, y_bar, lead, position)
    rule = primitive.pullbacks[position]
    return None if rule is None else rule(node, y_bar, lead)


def leaf(value: Any, requires_grad: bool, number: int, name: str | None = None) -> Node:
    """Return the node of a value that nothing in the graph computed."""
    node = Node()
    node.primitive = node.first = node.second = node.a = node.b = None
    node.y, node.requires_grad, node.number, node.ordinary = value, requires_grad, number, False
    if name is not None:
        node.name = name
    return node


@functools.cache
def kept(primitive: Primitive, wanted: tuple[bool, ...]) -> frozenset[str]:
    """Return the names whose values the rules of the wanted gradients need."""
    keeps = primitive.keeps
    return frozenset().union(*(keeps[0 if primitive.variadic else i] for i, w in enumerate(wanted) if w))
