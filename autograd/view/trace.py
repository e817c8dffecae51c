"""Make the record of a computation: its values, and each step of the chain rule that a backward pass takes."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any, NamedTuple, cast

import numpy as np

from autograd.backprop.pullback import sweep
from autograd.backward import cotangent
from autograd.errors import ArgumentError
from autograd.graph.node import Node
from autograd.primitives.notation import Expression, symbol
from autograd.tensor import Tensor
from autograd.view import record
from autograd.view.collapse import LIMIT, nearest
from autograd.view.doctor import examined
from autograd.view.fold import Box, Choose, fold
from autograd.view.items import Item, items
from autograd.view.letters import UNICODE, called, expression, letter, names, operation
from autograd.view.local import derivative, local
from autograd.view.tree import G, computed, tree
from autograd.view.values import norm, plain

TITLE = 24  # operations: beyond, a title in symbols is longer than it helps
REST = "rest"  # the id of the node that stands for those not shown
MOST = 60  # cards and boxes of a folded graph
CROWD = 3  # values of one box that a node takes: one edge stands for more
PARTS = 3  # of what repeats that a box names


class Message(NamedTuple):
    """What one node sent back to an operand; from a box, the sum of what its nodes sent (and no position)."""

    time: int
    item: Item
    position: int | None
    parent: Item
    y_bar: Any
    message: Any


def trace(
    tensor: Tensor, title: str | None = None, *, gradient: Any = None, limit: int | None = LIMIT,
    collapse: bool | Choose = False,
) -> record.Trace:  # fmt: skip
    """Record how ``tensor`` was computed and each ``upstream × local = message`` of its backward pass.

    The sweep is the trace's own: no ``.grad`` is touched. ``gradient`` is the seed ``∂L/∂tensor``, 1 by default, for
    every entry where the tensor has several.

    ``collapse=True`` folds what a module computed into one box, and what repeats into one box ``×N``; a function
    ``collapse(path, kind)`` chooses the modules to close. A graph of more than ``limit`` nodes is folded by itself.

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
    if limit is not None and not isinstance(limit, int):
        raise ArgumentError("trace(…, limit=…)", "a number of nodes, or None", repr(limit), "leave it out")
    graph = _Graph(tensor.node, limit, collapse)
    notes = []
    if graph.box:
        notes.append(f"showing {graph.drawn:,} of {len(graph.order):,} nodes: boxes stand for several")
    if not tensor.requires_grad:
        notes.append("no gradients: nothing here was computed from a tensor with requires_grad=True")
        return graph.describe(title, notes)
    if gradient is None and tensor.size != 1:
        notes.append(f"the output has shape {tensor.shape}: seeded with ones, so these are the gradients of its sum")
        gradient = np.ones(tensor.shape)
    seed = cotangent(tensor, gradient, "trace").astype(tensor.dtype)
    graph.differentiate(seed)
    seen = graph.describe(title, notes)
    seen.findings = examined(tensor.node, seed)
    return seen


class _Graph:
    """The graph below one node while its record is being made."""

    def __init__(self, root: Node, limit: int | None, collapse: bool | Choose) -> None:
        self.items, self.order = items(root)
        self.root, self.known = self.items[root], names(i.node for i in self.order)
        self.boxes: list[Box] = []
        self.box: dict[Item, Box | None] = {}  # of what isn't shown by itself; None is the rest
        if collapse or (limit is not None and len(self.order) > limit):
            self.boxes = fold(self.order, collapse if callable(collapse) else None)
            self.box = {i: box for box in self.boxes for i in box.all}
            if self.drawn > MOST:
                self._keep_nearest()
        self.rest = any(box is None for box in self.box.values())
        self.faces = {box.face for box in self.boxes}
        self.shown = [i for i in self.order if i not in self.box]
        self.P: dict[Item, Any] = {}
        self.norms: dict[Item, float] = {}  # of the gradients inside boxes
        self.sent: list[Message] = []
        self.pooled: dict[tuple[Item, Box | None], Message] = {}
        self.clock, self.seed = itertools.count(), cast(Any, None)

    @property
    def drawn(self) -> int:
        """How many nodes the record will have."""
        return len(self.order) - len(self.box) + len(set(self.box.values()))

    def _keep_nearest(self) -> None:
        """Show what is nearest the output, and leaves; the rest is one."""
        face = {i: box.face for box in self.boxes for i in box.all}
        below: dict[Item, dict[Item, None]] = {}
        for item in self.order:
            to = face.get(item, item)
            below.setdefault(to, {}).update({b: None for p in item.operands if (b := face.get(p, p)) is not to})
        leaves = [i for i in self.order if not i.parents and i.node is not None and i not in face]
        leaves.sort(key=lambda i: (not i.parameter, not cast(Node, i.node).requires_grad))
        near = nearest(self.root, lambda i: list(below[i]), leaves)
        self.boxes = [box for box in self.boxes if box.face in near]
        kept = {i: box for box in self.boxes for i in box.all}
        self.box = {i: kept.get(i) for i in self.order if i in kept or i not in near}

    def differentiate(self, seed: Any) -> None:
        """Sweep back from the output, noting each message between what is shown."""
        items, box = self.items, self.box
        self.seed = self.P[self.root] = seed

        def observe(node: Node, position: int, y_bar: Any, message: Any) -> None:
            item = items[node]
            parent = item.parents[position]
            assert parent is not None
            if item not in box:
                self.P[item] = y_bar
                self.sent.append(Message(next(self.clock), item, position, parent, y_bar, message))
                return
            if item not in self.norms and box[item] is not None:
                self.norms[item] = norm(y_bar)
                if item in self.faces:
                    self.P[item] = y_bar
            if parent not in box or box[parent] is not box[item]:
                before = self.pooled.pop((parent, box[item]), None)
                total = message if before is None else before.message + message
                self.pooled[parent, box[item]] = Message(next(self.clock), item, None, parent, None, total)

        for node, P in sweep({self.root.node: seed}, observe=observe).items():  # type: ignore[dict-item]
            self.P[items[node]] = P
            if box.get(items[node]) is not None:
                self.norms[items[node]] = norm(P)

    def describe(self, title: str | None, notes: list[str]) -> record.Trace:
        """Return what was seen as plain data."""
        drawn = [(i.index, self._node(i)) for i in self.shown] + [(b.face.index, self._box(b)) for b in self.boxes]
        nodes = [node for _, node in sorted(drawn, key=lambda pair: pair[0])]
        if self.rest:
            label = f"… {sum(box is None for box in self.box.values()):,} more"
            nodes.append(record.Node(REST, "rest", label, None, None, [], "", None, None, "", None))
        found = {(m.item, m.position): m for m in self.sent}
        edges: list[record.Edge] = []
        places: dict[Any, int] = {}
        for item in self.shown:
            for position, uses in self._uses(item):
                parent = cast(Item, item.parents[position])
                places[item, position] = len(edges)
                edges.append(self._edge(item, position, parent, found.get((item, position))))
                edges[-1].uses = uses
        joins: dict[tuple[str, Box | None], list[Item]] = {}  # what goes into a box: from where, by which values
        for item in self.order:
            if item in self.box:
                box = self.box[item]
                for parent in item.operands:
                    if parent not in self.box or self.box[parent] is not box:
                        joins.setdefault((self._id(parent), box), []).append(parent)
        order = {n.id: k for k, n in enumerate(nodes)}
        for (id, box), parents in sorted(joins.items(), key=lambda j: (order[self._id_of(j[0][1])], order[j[0][0]])):
            giver = next((p for p in parents if p.id == id), None)
            message = self.pooled.get((giver, box)) if giver is not None else None
            if giver is not None:
                places[giver, box] = len(edges)
            edges.append(
                record.Edge(id, self._id_of(box), None, message=None if message is None else plain(message.message))
            )
        steps = self._steps(places)
        paths = {path: kind for i in self.order for path, kind in i.kinds if i not in self.box or i in self.faces}
        return record.Trace(
            title or self._title(), self.root.id, len(self.order), nodes, edges, steps, notes, modules=paths
        )

    def _uses(self, item: Item) -> Iterator[tuple[int, int]]:
        """Yield the positions of an item's operands; one stands for many values of a box: how many is the second."""
        crowds: dict[Box, list[int]] = {}
        for position, parent in enumerate(item.parents):
            box = self.box.get(parent) if parent is not None else None
            if box is not None:
                crowds.setdefault(box, []).append(position)
        for position, parent in enumerate(item.parents):
            box = self.box.get(parent) if parent is not None else None
            crowd = crowds[box] if box is not None else []
            if len(crowd) > CROWD:
                face = [p for p in crowd if box is not None and item.parents[p] is box.face] or crowd
                if position == face[-1]:
                    yield position, len(crowd)
            elif parent is not None:
                yield position, 1

    def _id(self, item: Item) -> str:
        """Return the id of the node that an item is shown by."""
        return self._id_of(self.box[item]) if item in self.box else item.id

    def _id_of(self, box: Box | None) -> str:
        return box.face.id if box is not None else REST

    def _box(self, box: Box) -> record.Node:
        face, outside = box.face, [p for i in box.items for p in i.operands if self.box.get(p, REST) is not box]
        norms = [self.norms[i] for i in box.all if i in self.norms]
        finite = [n for n in norms if np.isfinite(n)]
        shapes = dict.fromkeys(np.shape(p.value) for p in outside)
        inside = {
            "nodes": len(box.all), "times": box.times, "parts": box.parts, "paths": box.paths,
            "parameters": sum(int(np.size(i.value)) for i in box.leaves if i.parameter),
            "inputs": [list(s) for s in shapes],
            "gradients": [min(finite), max(finite)] if finite else None,
            "nonfinite": len(norms) - len(finite),
        }  # fmt: skip
        said = ", ".join(box.parts[:PARTS]) + (f" and {len(box.parts) - PARTS} more" if len(box.parts) > PARTS else "")
        said = f"{box.times:,} × ({said})" if box.times > 1 else said
        name = " … ".join(dict.fromkeys((box.paths[0], box.paths[-1]))) if box.paths else None
        P = self.P.get(face)
        return record.Node(
            face.id, "group", name, said, None,
            list(np.shape(face.value)), str(np.asarray(face.value).dtype), plain(face.value),
            None if P is None else plain(P), _module(face, box), None, inside=inside,
        )  # fmt: skip

    def _call(self, item: Item) -> str:
        return called(item.node, item.index, self.known)

    def _adjoint(self, item: Item) -> str | None:
        """Write whose cotangent a recorded sweep made: ``v̄₇``."""
        if item.of is None:
            return None
        name = self._call(item.of)
        return f"{name[0]}\u0304{name[1:]}" if len(name) == 1 or name == letter(item.of.index) else f"adjoint of {name}"

    def _letters(self, item: Item) -> list[Any]:
        """Return the operands as formulas: letters that carry their numbers, or the numbers themselves."""
        assert item.node is not None
        return [
            o if p is None else symbol(self._call(p), p.value if np.ndim(p.value) == 0 else None)
            for p, o in zip(item.parents, item.node.operands, strict=True)
        ]

    def _ids(self, item: Item) -> list[Any]:
        """Return the operands as formulas of ids, without numbers, so that no branch is decided."""
        assert item.node is not None
        return [o if p is None else symbol(p.id) for p, o in zip(item.parents, item.node.operands, strict=True)]

    def _node(self, item: Item) -> record.Node:
        node, value = item.node, item.value
        leaf = not item.parents
        kind = "parameter" if node is not None and node.parameter else "input" if leaf else "computation"
        P = self.P.get(item)
        op, latex = (None, None) if leaf or node is None else operation(node, self._letters(item))
        return record.Node(
            id=item.id,
            kind="output" if item is self.root else kind,
            name=(node.name or self._adjoint(item)) if node is not None else None,
            op=op,
            latex=latex,
            shape=list(np.shape(value)),
            dtype=str(np.asarray(value).dtype),
            value=plain(value),
            grad=None if P is None else plain(P),
            module=_module(item),
            source=node.place if node is not None else None,
            tree=None if leaf or node is None else computed(node, self._ids(item)),
        )

    def _edge(self, item: Item, position: int, parent: Item, sent: Message | None) -> record.Edge:
        edge = record.Edge(self._id(parent), item.id, position)
        node = item.node
        assert node is not None
        assert node.primitive is not None
        if sent is None:
            rule = node.primitive.rule(position)
            if isinstance(rule, str):
                edge.note = rule
            return edge
        y_bar, message = sent.y_bar, sent.message
        letters = self._letters(item)
        y = symbol(self._call(item), item.value if np.ndim(item.value) == 0 else None)
        operands = [o if p is None else p.value for p, o in zip(item.parents, node.operands, strict=True)]
        edge.formula, edge.latex, edge.local, edge.structure, edge.check = local(node, position, letters, y, operands)
        edge.tree = tree(derivative(node, position, self._ids(item), symbol(item.id), symbol(G)))
        edge.upstream, edge.message = plain(y_bar), plain(message)
        if not isinstance(edge.local, dict):
            with np.errstate(all="ignore"):
                J = np.reshape(np.asarray(edge.local, dtype=float), np.shape(y_bar) + np.shape(message))
                product = np.tensordot(y_bar, J, axes=np.ndim(y_bar))
            if (np.isnan(product) & ~np.isnan(message)).any():
                edge.note = "a path that isn't taken carries nothing: its 0 · ∞ is read as 0"
        return edge

    def _steps(self, places: dict[Any, int]) -> list[record.Step]:
        """Return the seed and the messages in the order they ran; those into and out of boxes when the last came."""
        if self.seed is None:
            return []
        steps = [record.Step(self.root.id, None, plain(self.seed), plain(self.seed))]
        sums: dict[Item, Any] = {}
        said: list[tuple[int, Item, Any, Any]]
        said = [(m.time, m.parent, (m.parent, box), m.message) for (_, box), m in self.pooled.items()]
        said += [(m.time, m.parent, (m.item, m.position), m.message) for m in self.sent]
        for _, receiver, place, message in sorted(said, key=lambda one: one[0]):
            total, box = None, self.box.get(receiver)
            if receiver in self.box and box is not None and receiver is not box.face:
                continue  # a value that stays in its box
            if receiver not in self.box or box is not None:
                sums[receiver] = sums[receiver] + message if receiver in sums else message
                total = plain(sums[receiver])
            if place in places:
                steps.append(record.Step(self._id(receiver), places[place], plain(message), total))
        return steps

    def _title(self) -> str:
        """Compose ``L = (x·w + b − y)²``, where that is short."""
        output = self._call(self.root)
        trees: dict[Item, tuple[Any, int]] = {}
        for item in self.order if not self.box else []:
            if not item.parents or item.node is None:
                trees[item] = symbol(self._call(item)), 0
                continue
            below = [
                trees[p] if p is not None else (o, 0) for p, o in zip(item.parents, item.node.operands, strict=True)
            ]
            size = 1 + sum(s for _, s in below)
            if size > TITLE:
                break
            trees[item] = _without_one(expression(item.node, [t for t, _ in below])), size
        if self.root in trees and trees[self.root][1]:
            return f"{output} = {UNICODE.write(trees[self.root][0])}"
        return f"{output}, {len(self.order):,} nodes" if len(self.order) > 1 else output


def _without_one(formula: Any) -> Any:
    """Drop a factor 1, which a recorded sweep starts with, from a title."""
    if isinstance(formula, Expression) and formula.op == "multiply":
        rest = [a for a in formula.args if isinstance(a, Expression) or np.ndim(a) or a != 1]
        return rest[0] if len(rest) == 1 else formula
    return formula


def _module(item: Item, box: Box | None = None) -> str:
    """Return the path of the module around an item, or around the whole of its box; an input belongs to none."""
    if not item.parents and not item.parameter:
        return ""
    paths = [path for path, _ in item.kinds]
    return next((p for p in reversed(paths) if box is None or p not in box.paths), "")
