"""One graph laid open: every value, every cotangent, every message, and where each was computed."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from types import CodeType
from typing import Any, NamedTuple

import numpy as np

from autograd.backprop.pullback import sweep
from autograd.graph.clock import line_of
from autograd.graph.node import Node, Spec
from autograd.graph.order import ancestors
from autograd.graph.replay import replay

Line = tuple[CodeType, int]


class Sent(NamedTuple):
    """One message of the backward pass: from a node to its operand at a position."""

    node: Node
    position: int
    y_bar: Any
    message: Any

    @property
    def parent(self) -> Node:
        parent = self.node.parents[self.position]
        assert parent is not None
        return parent


class Anatomy:
    """The graph below one node, its values and its backward pass from ``seed``; the sweep touches no ``.grad``."""

    def __init__(self, root: Node, seed: Any, lines: Mapping[Node, Line] | None = None) -> None:
        self.root, self.lines = root, lines or {}
        self.order = ancestors([root])  # oldest first
        self.computed = [n for n in self.order if n.primitive is not None]
        kept = all(not isinstance(n.y, Spec) for n in self.order)
        self.values = {n: n.y for n in self.order} if kept else replay(root)
        self.sent: list[Sent] = []
        self.P: dict[Node, Any] = {}

        def observe(node: Node, position: int, y_bar: Any, message: Any) -> None:
            self.P[node] = y_bar
            self.sent.append(Sent(node, position, y_bar, message))

        if root.requires_grad:
            self.P |= sweep({root: seed}, observe=observe)

    def operands(self, node: Node) -> list[Any]:
        """Return the values that a node was computed from."""
        pairs = zip(node.parents, node.operands, strict=True)
        return [o if p is None else self.values[p] for p, o in pairs]

    def where(self, node: Node) -> str:
        return where(node, self.lines)

    def users(self) -> dict[Node, list[Node]]:
        """Return what was computed from each node."""
        found: dict[Node, list[Node]] = {}
        for node in self.computed:
            for parent in node.parents:
                if parent is not None:
                    found.setdefault(parent, []).append(node)
        return found


def where(node: Node, lines: Mapping[Node, Line]) -> str:
    """Say where a value was computed: ``module 1 ReLU · train.py:12``; of a leaf, its name."""
    if node.primitive is None:
        return called(node)
    parts = []
    if node.scope:
        kind = node.scope.kinds[-1][1] if node.scope.kinds else ""
        parts.append(f"module {node.scope} {kind}".strip())
    line = lines.get(node)
    place = node.place if line is None else line_of(*line)
    if place is not None:
        parts.append(short_path(place))
    return " · ".join(parts)


def short_path(place: str) -> str:
    """Write ``file:line`` as seen from the working directory, where that is shorter."""
    try:
        relative = os.path.relpath(place)
    except ValueError:  # another drive
        return place
    return relative if not relative.startswith("..") else place


def called(leaf: Node) -> str:
    """Return what a leaf is called: its name, or what it is."""
    if leaf.name:
        return f"'{leaf.name}'"
    kind = "a parameter" if leaf.requires_grad else "data"
    return f"{kind} of shape {np.shape(leaf.y)}"


def index(mask: Any) -> str:
    """Write the place of the first True: ``[3, 1]``; nothing for a single number."""
    mask = np.asarray(mask)
    if not mask.ndim:
        return ""
    return str([int(i) for i in np.unravel_index(int(np.argmax(mask)), mask.shape)])


def count(mask: Any) -> str:
    """Write how many: ``3 of 64 entries, the first at [3, 1]``."""
    mask = np.asarray(mask)
    if not mask.ndim:
        return "its one number"
    found = int(np.count_nonzero(mask))
    if found == mask.size:
        return f"all {found} entries" if found > 1 else "its one entry"
    return f"{found} of {mask.size} entries, the first at {index(mask)}"


def shared_by(node: Node) -> int:
    """Return among how many entries a softmax shares: the length of its axis, or of all its axes."""
    shape, axis = node.shapes[0], node.static["axis"]
    axes = range(len(shape)) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    return math.prod(shape[a] for a in axes)


def number(value: Any) -> str:
    """Write a number shortly: ``−0.00123``."""
    return f"{float(value):.3g}".replace("-", "−")


def size(value: Any) -> float:
    """Return the root mean square of all entries; NaN or ∞ where one is."""
    flat = np.ravel(np.asarray(value))
    if not flat.size:
        return 0.0
    with np.errstate(all="ignore"):
        rms = float(np.sqrt(np.vdot(flat, flat) / flat.size))
        if flat.dtype != np.float64 and rms in (0.0, np.inf):  # the squares, or their sum, left the range
            return size(flat.astype(np.float64))
        return rms


def cosine(a: Any, b: Any) -> float:
    """Return the cosine between two arrays; 0 where it isn't defined."""
    x, y = np.ravel(np.asarray(a, dtype=float)), np.ravel(np.asarray(b, dtype=float))
    with np.errstate(all="ignore"):
        found = float(x @ y / np.sqrt((x @ x) * (y @ y)))
    return found if found == found else 0.0


def finite(value: Any) -> bool:
    """Tell whether every entry is a number, in one pass."""
    array = np.asarray(value)
    if array.dtype.kind != "f":
        return True
    with np.errstate(all="ignore"):
        flat = array.ravel()
        if np.isfinite(np.vdot(flat, flat)):
            return True
    return bool(np.isfinite(array).all())  # squares overflow before the numbers do
