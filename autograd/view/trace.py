"""Make the record of a computation: its values, and each step of the chain rule that a backward pass takes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import numpy as np

from autograd.backprop.pullback import sweep
from autograd.backward import cotangent
from autograd.errors import ArgumentError
from autograd.graph.node import Node
from autograd.graph.order import ancestors, post_order
from autograd.graph.replay import replay
from autograd.primitives.notation import symbol
from autograd.tensor import Tensor
from autograd.view import record
from autograd.view.collapse import LIMIT, nearest
from autograd.view.letters import UNICODE, called, expression, names, operation
from autograd.view.local import local
from autograd.view.values import plain

TITLE = 24  # operations: beyond, a title in symbols is longer than it helps
REST = "rest"  # the id of the node that stands for those not shown


def trace(tensor: Tensor, title: str | None = None, *, gradient: Any = None, limit: int | None = LIMIT) -> record.Trace:
    """Record how ``tensor`` was computed and each ``upstream × local = message`` of its backward pass.

    The sweep is the trace's own: no ``.grad`` is touched. ``gradient`` is the seed ``∂L/∂tensor``, 1 by default, for
    every entry where the tensor has several. A graph of more than ``limit`` nodes is shown in part.

    >>> import autograd
    >>> x = autograd.Tensor(3.0, requires_grad=True, name="x")
    >>> seen = trace(x * x)
    >>> [(e.local, e.upstream, e.message) for e in seen.edges]
    [(3.0, 1.0, 3.0), (3.0, 1.0, 3.0)]
    >>> seen["x"].grad
    6.0

    Raises ArgumentError for what isn't a tensor, ShapeError for a gradient of another shape, GraphError where a leaf
    was overwritten since.
    """
    if not isinstance(tensor, Tensor):
        raise ArgumentError("trace(tensor)", "a tensor", f"a {type(tensor).__name__}", "trace the tensor you computed")
    graph = _Graph(tensor.node, limit)
    notes = []
    if graph.hidden:
        notes.append(f"showing {len(graph.shown):,} of {len(graph.order):,} nodes")
    if not tensor.requires_grad:
        notes.append("no gradients: nothing here was computed from a tensor with requires_grad=True")
        return graph.describe(title, notes)
    if gradient is None and tensor.size != 1:
        notes.append(f"the output has shape {tensor.shape}: seeded with ones, so these are the gradients of its sum")
        gradient = np.ones(tensor.shape)
    graph.differentiate(cotangent(tensor, gradient, "trace").astype(tensor.dtype))
    return graph.describe(title, notes)


class _Item:
    """A node of the graph, or an array that a computation took as a constant (and that has no node)."""

    __slots__ = ("index", "node", "parents", "value")

    def __init__(self, node: Node | None, parents: tuple[_Item | None, ...] = (), value: Any = None) -> None:
        self.node, self.parents, self.value, self.index = node, parents, value, 0

    @property
    def id(self) -> str:
        return f"v{self.index}"

    @property
    def operands(self) -> list[_Item]:
        return [p for p in self.parents if p is not None]


def _items(nodes: list[Node]) -> dict[Node, _Item]:
    """Return an item for each node, its constant arrays among the parents; single numbers go into labels."""
    items: dict[Node, _Item] = {}
    constants: dict[int, _Item] = {}
    for node in nodes:
        parents: list[_Item | None] = []
        for parent, operand in zip(node.parents, node.operands, strict=True):
            if parent is not None:
                parents.append(items[parent])
            elif isinstance(operand, np.ndarray) and operand.ndim:
                parents.append(constants.setdefault(id(operand), _Item(None, (), operand)))
            else:
                parents.append(None)
        items[node] = _Item(node, tuple(parents))
    return items


class _Graph:
    """The graph below one node while its record is being made."""

    def __init__(self, root: Node, limit: int | None) -> None:
        items = _items(ancestors([root]))
        self.root = items[root]
        self.order = cast(list[_Item], post_order(cast(Node, self.root)))  # it asks for nothing but parents
        for index, item in enumerate(self.order, start=1):
            item.index = index
        self.items, self.known = items, names(i.node for i in self.order)
        for node, value in replay(root).items():
            items[node].value = value
        self.shown = set(self.order)
        if limit is not None and len(self.order) > limit:
            leaves = [i for i in self.order if not i.parents and i.node is not None]
            leaves.sort(key=lambda i: (not cast(Node, i.node).parameter, not cast(Node, i.node).requires_grad))
            self.shown = nearest(self.root, lambda i: i.operands, leaves)
        self.hidden = len(self.order) > len(self.shown)
        self.P: dict[_Item, Any] = {}
        self.sent: list[tuple[_Item, int, Any, Any]] = []
        self.pooled: dict[_Item, Any] = {}
        self.seed: Any = None

    def differentiate(self, seed: Any) -> None:
        """Sweep back from the output, noting each message between nodes that are shown."""
        items, shown, pooled = self.items, self.shown, self.pooled
        self.seed = self.P[self.root] = seed

        def observe(node: Node, position: int, y_bar: Any, message: Any) -> None:
            item = items[node]
            parent = item.parents[position]
            assert parent is not None
            if item in shown:
                self.P[item] = y_bar
                self.sent.append((item, position, y_bar, message))
            elif parent in shown:
                pooled[parent] = pooled[parent] + message if parent in pooled else message

        for node, P in sweep({self.root.node: seed}, observe=observe).items():  # type: ignore[dict-item]
            self.P[items[node]] = P

    def describe(self, title: str | None, notes: list[str]) -> record.Trace:
        """Return what was seen as plain data."""
        shown = [i for i in self.order if i in self.shown]
        nodes = [self._node(i) for i in shown]
        if self.hidden:
            label = f"… {len(self.order) - len(shown):,} more"
            nodes.append(record.Node(REST, "rest", label, None, None, [], "", None, None, "", None))
        derivatives = {(item, position): (y_bar, message) for item, position, y_bar, message in self.sent}
        edges: list[record.Edge] = []
        places: dict[tuple[_Item, int], int] = {}
        for item in shown:
            for position, parent in enumerate(item.parents):
                if parent is not None:
                    places[item, position] = len(edges)
                    edges.append(self._edge(item, position, parent, derivatives.get((item, position))))
        uses = {p for i in self.order if i not in self.shown for p in i.operands if p in self.shown}
        rest = sorted(uses, key=lambda i: i.index)
        edges += [
            record.Edge(i.id, REST, None, message=plain(self.pooled[i]) if i in self.pooled else None) for i in rest
        ]
        steps = self._steps(places, [i for i in rest if i in self.pooled], len(edges) - len(rest), rest)
        return record.Trace(title or self._title(), self.root.id, len(self.order), nodes, edges, steps, notes)

    def _call(self, item: _Item) -> str:
        return called(item.node, item.index, self.known)

    def _letters(self, item: _Item) -> list[Any]:
        """Return the operands as formulas: letters that carry their numbers, or the numbers themselves."""
        assert item.node is not None
        return [
            o if p is None else symbol(self._call(p), p.value if np.ndim(p.value) == 0 else None)
            for p, o in zip(item.parents, item.node.operands, strict=True)
        ]

    def _node(self, item: _Item) -> record.Node:
        node, value = item.node, item.value
        leaf = not item.parents
        kind = "parameter" if node is not None and node.parameter else "input" if leaf else "computation"
        P = self.P.get(item)
        op, latex = (None, None) if leaf or node is None else operation(node, self._letters(item))
        return record.Node(
            id=item.id,
            kind="output" if item is self.root else kind,
            name=node.name if node is not None else None,
            op=op,
            latex=latex,
            shape=list(np.shape(value)),
            dtype=str(np.asarray(value).dtype),
            value=plain(value),
            grad=None if P is None else plain(P),
            module=node.scope if node is not None else "",
            source=node.place if node is not None else None,
        )

    def _edge(self, item: _Item, position: int, parent: _Item, sent: tuple[Any, Any] | None) -> record.Edge:
        edge = record.Edge(parent.id if parent in self.shown else REST, item.id, position)
        node = item.node
        assert node is not None
        assert node.primitive is not None
        if sent is None:
            rule = node.primitive.rule(position)
            if isinstance(rule, str):
                edge.note = rule
            return edge
        y_bar, message = sent
        letters = self._letters(item)
        y = symbol(self._call(item), item.value if np.ndim(item.value) == 0 else None)
        operands = [o if p is None else p.value for p, o in zip(item.parents, node.operands, strict=True)]
        edge.formula, edge.latex, edge.local, edge.structure, edge.check = local(node, position, letters, y, operands)
        edge.upstream, edge.message = plain(y_bar), plain(message)
        if not isinstance(edge.local, dict):
            with np.errstate(all="ignore"):
                J = np.reshape(np.asarray(edge.local, dtype=float), np.shape(y_bar) + np.shape(message))
                product = np.tensordot(y_bar, J, axes=np.ndim(y_bar))
            if (np.isnan(product) & ~np.isnan(message)).any():
                edge.note = "a path that isn't taken carries nothing: its 0 · ∞ is read as 0"
        return edge

    def _steps(
        self, places: dict[tuple[_Item, int], int], late: Sequence[_Item], first: int, rest: Sequence[_Item]
    ) -> list[record.Step]:
        """Return the seed and the messages in the order they ran; what the hidden nodes sent comes last."""
        if self.seed is None:
            return []
        steps = [record.Step(self.root.id, None, plain(self.seed), plain(self.seed))]
        sums: dict[_Item, Any] = {}
        said = [(i.parents[p], places[i, p], m) for i, p, _, m in self.sent]
        said += [(i, first + rest.index(i), self.pooled[i]) for i in late]
        for receiver, edge, message in said:
            assert receiver is not None
            total = None
            if receiver in self.shown:
                sums[receiver] = sums[receiver] + message if receiver in sums else message
                total = plain(sums[receiver])
            steps.append(record.Step(receiver.id if receiver in self.shown else REST, edge, plain(message), total))
        return steps

    def _title(self) -> str:
        """Compose ``L = (x·w + b − y)²``, where that is short."""
        output = self._call(self.root)
        trees: dict[_Item, tuple[Any, int]] = {}
        for item in self.order if not self.hidden else []:
            if not item.parents or item.node is None:
                trees[item] = symbol(self._call(item)), 0
                continue
            below = [
                trees[p] if p is not None else (o, 0) for p, o in zip(item.parents, item.node.operands, strict=True)
            ]
            size = 1 + sum(s for _, s in below)
            if size > TITLE:
                break
            trees[item] = expression(item.node, [t for t, _ in below]), size
        if self.root in trees and trees[self.root][1]:
            return f"{output} = {UNICODE.write(trees[self.root][0])}"
        return f"{output}, {len(self.order):,} nodes" if len(self.order) > 1 else output
