"""What a trace goes through: the nodes below one, and the arrays that they took as constants, in a reader's order."""

from __future__ import annotations

import weakref
from typing import Any, cast

import numpy as np

from autograd.graph.node import Node
from autograd.graph.order import ancestors, post_order
from autograd.graph.replay import replay


class Item:
    """A node of the graph, or an array that a computation took as a constant (and that has no node)."""

    __slots__ = ("__weakref__", "_users", "index", "node", "of", "parents", "sweep", "value")

    def __init__(self, node: Node | None, parents: tuple[Item | None, ...] = (), value: Any = None) -> None:
        self.node, self.parents, self.value, self.index = node, parents, value, 0
        self._users: list[weakref.ref[Item]] = []  # weak: they hold their operands, and a trace dies with its name
        self.of: Item | None = None  # whose cotangent it is, in a sweep that was recorded
        self.sweep: tuple[tuple[str, str], ...] = ()  # that sweep, as a module

    @property
    def users(self) -> list[Item]:
        """The items that were computed from this one."""
        return [user for ref in self._users if (user := ref()) is not None]

    def used_by(self, item: Item) -> None:
        """Note that an item was computed from this one."""
        self._users.append(weakref.ref(item))

    @property
    def id(self) -> str:
        return f"v{self.index}"

    @property
    def operands(self) -> list[Item]:
        return [p for p in self.parents if p is not None]

    @property
    def parameter(self) -> bool:
        return self.node is not None and self.node.parameter

    @property
    def number(self) -> int:
        return self.node.number if self.node is not None else 0

    @property
    def op(self) -> str:
        return self.node.primitive.name if self.node is not None and self.node.primitive is not None else ""

    @property
    def kinds(self) -> tuple[tuple[str, str], ...]:
        """The modules around it, outermost first: those of the node, or the ones that all users of a leaf share."""
        if self.parents or not self.users:
            return self.sweep + (self.node.scope.kinds if self.node is not None else ())
        shared = self.users[0].kinds
        for user in self.users[1:]:
            shared = tuple(k for k, other in zip(shared, user.kinds, strict=False) if k == other)
        return shared


def items(root: Node) -> tuple[dict[Node, Item], list[Item]]:
    """Return the item of each node below ``root``, and all in post-order: numbered, valued, each with its users."""
    of: dict[Node, Item] = {}
    constants: dict[int, Item] = {}
    for node in ancestors([root]):
        parents: list[Item | None] = []
        for parent, operand in zip(node.parents, node.operands, strict=True):
            if parent is not None:
                parents.append(of[parent])
            elif isinstance(operand, np.ndarray) and operand.ndim:
                parents.append(constants.setdefault(id(operand), Item(None, (), operand)))
            else:  # a single number goes into the label
                parents.append(None)
        of[node] = Item(node, tuple(parents))
    order = cast(list[Item], post_order(cast(Node, of[root])))  # it asks for nothing but parents
    for index, item in enumerate(order, start=1):
        item.index = index
        for operand in item.operands:
            operand.used_by(item)
    for node, value in replay(root).items():
        of[node].value = value
    _mark_sweeps(order)
    return of, order


def _mark_sweeps(order: list[Item]) -> None:
    """Mark what a recorded backward pass made, and whose cotangent each is: second derivatives are seen apart."""
    numbered = {i.number: i for i in order if i.node is not None}
    ends: dict[int, int] = {}
    for item in order:
        if item.node is not None and item.node.cotangent_of is not None:
            number, start = item.node.cotangent_of
            item.of = numbered.get(number)
            ends[start] = max(ends.get(start, 0), item.number)
    for k, (start, end) in enumerate(sorted(ends.items()), start=1):
        name = "backward" if len(ends) == 1 else f"backward {k}"
        for item in order:
            if item.parents and start < item.number <= end:
                item.sweep = ((name, "a recorded sweep"),)
