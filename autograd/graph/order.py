"""The order of a sweep: every node after all that were computed from it. No recursion, at any depth."""

from __future__ import annotations

from collections.abc import Iterable
from operator import attrgetter

from autograd.graph.node import Node

_by_number = attrgetter("number")


def falling(roots: Iterable[Node], leaves: Iterable[Node] = ()) -> list[Node]:
    """Return the computed nodes that ``roots`` depend on differentiably, youngest first; leaves are left out.

    A node is always younger than its parents, so sorting by creation number is a topological order.
    ``leaves`` names nodes to stop at; then only the nodes on a way to one of these are returned.
    """
    ends = set(leaves)
    found = [n for n in roots if n.primitive is not None and n.requires_grad and n not in ends]
    seen = ends.union(found)
    push, add = found.append, seen.add
    for node in found:  # it grows on the way; in a chain of layers it is in order already
        parent = node.first
        if parent is not None and parent.primitive is not None and parent not in seen and parent.requires_grad:
            add(parent)
            push(parent)
        parent = node.second
        if parent is not None and parent.primitive is not None and parent not in seen and parent.requires_grad:
            add(parent)
            push(parent)
        for parent in node.rest:
            if parent is not None and parent.primitive is not None and parent not in seen and parent.requires_grad:
                add(parent)
                push(parent)
    found.sort(key=_by_number, reverse=True)
    if not ends:
        return found
    reach, leading = set(ends), []
    for node in reversed(found):
        if node.first in reach or node.second in reach or (node.rest and not reach.isdisjoint(node.rest)):
            reach.add(node)
            leading.append(node)
    return leading[::-1]


def ancestors(roots: Iterable[Node]) -> list[Node]:
    """Return all nodes below ``roots``, oldest first: leaves and values without derivative included."""
    stack = list(roots)
    seen = set(stack)
    while stack:
        for parent in stack.pop().parents:
            if parent is not None and parent not in seen:
                seen.add(parent)
                stack.append(parent)
    return sorted(seen, key=_by_number)


def post_order(root: Node) -> list[Node]:
    """Return all nodes below ``root``, operands left to right, each after its operands: how people number them."""
    ordered: list[Node] = []
    seen: set[Node] = set()
    stack: list[tuple[Node, bool]] = [(root, False)]
    while stack:
        node, ready = stack.pop()
        if ready:
            ordered.append(node)
        elif node not in seen:
            seen.add(node)
            stack.append((node, True))
            stack.extend((p, False) for p in reversed(node.parents) if p is not None and p not in seen)
    return ordered
