"""Run a recorded graph again, as a straight-line program, with the same or with other leaf values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from autograd.errors import GraphError, ShapeError
from autograd.graph.clock import Write, overlap, writes_since
from autograd.graph.node import Node, Spec
from autograd.graph.order import ancestors


def replay(root: Node, changes: Mapping[Node, Any] | None = None) -> dict[Node, Any]:
    """Return the value of every node below ``root``, with the leaves in ``changes`` given other values.

    Randomness is a parameter of its node, so the same leaves give the same bits.

    Raises GraphError where values steered the recording (an ``if`` on a tensor) and others are asked for now, and
    where a leaf was overwritten since, so that the recorded run can't be repeated.
    """
    changes = changes or {}
    nodes = ancestors([root])
    for node in nodes:
        if changes and node.branched:
            raise GraphError(
                f"replay of {node.label}",
                "a recording that no value steered",
                "bool() or int() read a value of this graph, so other leaves might take another branch",
                "run the function again with the new values",
            )
    values = _leaf_values(nodes, changes)
    computed = [n for n in nodes if n.primitive is not None]
    writes = writes_since(computed[0].number) if computed else []
    moved = set(changes)
    for node in computed:
        if node in changes:
            values[node] = _checked(node, changes[node])
        elif moved.isdisjoint(node.parents) and not _lost(node.y, writes):
            values[node] = node.y
        else:
            moved.add(node)
            values[node] = evaluate(node, values)
    return values


def _lost(value: Any, writes: list[Write]) -> bool:
    """Tell whether a value wasn't kept, or lies in memory that was overwritten since."""
    return isinstance(value, Spec) or any(overlap(value, w) for w in writes)


def _leaf_values(nodes: list[Node], changes: Mapping[Node, Any]) -> dict[Node, Any]:
    """Return the leaves' values as the graph saw them: those that a step kept, where there is one.

    Raises GraphError for a leaf that was overwritten since, and of which no copy was kept.
    """
    values: dict[Node, Any] = {}
    oldest: dict[Node, int] = {}
    for node in nodes:
        for parent, operand in zip(node.parents, node.operands, strict=True):
            if parent is not None and parent.is_leaf:
                oldest.setdefault(parent, node.number)
                if not isinstance(operand, Spec):
                    values.setdefault(parent, operand)
    written = writes_since(
        min((oldest.get(n, n.number) for n in nodes if n.is_leaf), default=0)
    )  # once: each looks long
    for node in nodes:
        if not node.is_leaf:
            continue
        if node in changes:
            values[node] = _checked(node, changes[node])
            continue
        value = values.setdefault(node, node.y)
        for write in written:
            if write.time > oldest.get(node, node.number) and overlap(value, write):
                raise GraphError(
                    f"replay of {node.label}",
                    "leaves as they were when the graph was recorded",
                    f"it was overwritten at {write.place}",
                    "record the graph inside `with autograd.keep():`, or trace it before the write",
                )
    return values


def evaluate(node: Node, values: Mapping[Node, Any]) -> Any:
    """Compute one node from its parents' values."""
    primitive = node.primitive
    assert primitive is not None
    pairs = zip(node.parents, node.operands, strict=True)
    operands = [values[p] if p is not None else o for p, o in pairs]
    with np.errstate(all="ignore"):  # the first run has warned already
        y = primitive.evaluate(*operands, **node.static)
    return (y[0] if primitive.residual is not None else y)[()]


def _checked(node: Node, value: Any) -> Any:
    shape = np.shape(value)
    if shape != node.y.shape:
        raise ShapeError(
            f"replay of {node.label}",
            f"shape {node.y.shape}",
            f"shape {shape}",
            "give it a value of the recorded shape",
        )
    return np.asarray(value, dtype=node.y.dtype)[()]
