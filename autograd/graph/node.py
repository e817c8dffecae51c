"""A node: which primitive made a value, from which parents, with which static arguments."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from autograd.graph.mode import NOWHERE, Path
from autograd.primitives import Primitive

SMALL = 4096  # bytes: an output up to this size costs less to keep than the node itself
_MANY = 8  # operands


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

    __slots__ = (
        "__dict__", "a", "b", "first", "number", "ordinary", "primitive", "requires_grad", "scope", "second", "y",
    )  # fmt: skip

    primitive: Primitive | None  # None on a leaf
    number: int  # when it was made, by the process-wide clock
    requires_grad: bool
    first: Node | None
    second: Node | None
    a: Any
    b: Any
    y: Any  # the output, or its Spec
    scope: Path  # the module path, and what stands at its levels
    ordinary: bool  # each operand with a rule of its own; no message to fit, no gradient to retain

    # What a node of two numbers never has: slots in ArrayNode, constants here.
    rest: tuple[Node | None, ...] = ()  # parents beyond the second; all of them, if the primitive takes a sequence
    more: tuple[Any, ...] = ()  # their operands
    static: dict[str, Any] = {}  # noqa: RUF012  never written to
    residual: Any = None  # what evaluate computed on its way, for the derivative
    fits: list[Spec | None] | None = None  # shape and dtype of operands that were broadcast or cast

    # What few nodes have.
    name: str | None = None
    grad: Any = None  # on leaves, and where retain_grad asked for it: an array, or the tensor once somebody has seen it
    retains: bool = False  # retain_grad was called
    hooks: dict[int, Callable[[Any], Any]] | None = None  # by register_hook: they read or replace the cotangent
    branched: int = 0  # when bool() or int() last read a value made from this one
    place: str | None = None  # the source line, in keep mode
    cotangent_of: tuple[int, int] | None = None  # in a recorded sweep: the number of the node whose it is, of the start
    parameter: bool = False  # a leaf that training changes
    _shapes: tuple[tuple[int, ...], ...] | None = None  # of many operands: each one's rule asks for them all

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
        if self._shapes is not None:
            return self._shapes
        shapes = tuple(np.shape(o) if not isinstance(o, Spec) else o.shape for o in self.operands)
        if len(shapes) > _MANY:
            self._shapes = shapes
        return shapes

    @property
    def label(self) -> str:
        """How an error message calls this node."""
        kind = self.primitive.name if self.primitive is not None else "leaf"
        path = f" in {self.scope}" if self.scope else ""
        return (f"{kind} {self.name!r}" if self.name else kind) + path


class ArrayNode(Node):
    """A node in full: further operands, static arguments, shapes to fit messages to."""

    __slots__ = ("fits", "more", "residual", "rest", "static")


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
    node.y, node.requires_grad, node.number, node.ordinary, node.scope = value, requires_grad, number, False, NOWHERE
    if name is not None:
        node.name = name
    return node


class Plan(NamedTuple):
    """What a node keeps, by which of its operands want a gradient."""

    keeps: tuple[bool, ...]  # whether a rule needs the operand's value
    keeps_y: bool
    requires_grad: bool
    fitted: tuple[int, ...]  # the operands whose messages may need fitting
    dropped: tuple[int, ...]  # the operands whose values may be dropped


def make_plan(primitive: Primitive, wanted: tuple[bool, ...]) -> Plan:
    """Read off the rules of the wanted gradients, once, which values they need."""
    at = [0 if primitive.variadic else i for i, w in enumerate(wanted) if w]
    names = frozenset().union(*(primitive.keeps[i] for i in at))
    keeps = ["operands" in names] * len(wanted) if primitive.variadic else [n in names for n in primitive.operands]
    fitted = tuple(i for i, w in enumerate(wanted) if w)
    dropped = tuple(i for i, k in enumerate(keeps) if not k)
    differentiable = any(primitive.pullbacks[i] is not None for i in at)
    made = Plan(tuple(keeps), "y" in names, differentiable, fitted, dropped)
    if not primitive.variadic:  # a sequence may have any length: no end of patterns to remember
        primitive.plans[wanted] = made
    return made
