"""Every node after all that were computed from it, at any depth, without recursion."""

from __future__ import annotations

import gc
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import autograd
from autograd import Tensor
from autograd.graph.node import Node
from autograd.graph.order import ancestors, falling, post_order


@st.composite
def graphs(draw: Any) -> Tensor:
    """Draw a graph of sums and products with shared nodes, constants and nodes without derivative."""
    made = [Tensor(draw(st.floats(0.5, 1.5)), requires_grad=draw(st.booleans())) for _ in range(3)]
    made[0].requires_grad_()
    for _ in range(draw(st.integers(1, 15))):
        a, b = (made[draw(st.integers(0, len(made) - 1))] for _ in range(2))
        made.append(draw(st.sampled_from([a + b, a * b, autograd.where(a > b, a, b), a * 1.0])))
    return made[0] * made[-1]


def _position(nodes: list[Node]) -> dict[Node, int]:
    assert len(set(nodes)) == len(nodes)
    return {node: i for i, node in enumerate(nodes)}


@given(root=graphs())
def test_each_order_is_topological_and_complete(root: Tensor) -> None:
    for nodes, sign in ((falling([root.node]), -1), (ancestors([root.node]), 1), (post_order(root.node), 1)):
        at = _position(nodes)
        assert root.node in at
        for node in nodes:
            for parent in node.parents:
                if parent in at:
                    assert sign * (at[node] - at[parent]) > 0
                else:
                    assert parent is None or sign == -1
                    assert parent is None or parent.is_leaf or not parent.requires_grad


def test_falling_leaves_out_leaves_and_what_has_no_derivative() -> None:
    x = Tensor(2.0, requires_grad=True)
    condition = x > 0
    y = autograd.where(condition, x * 2, x)
    assert [n.primitive.name for n in falling([y.node])] == ["where", "multiply"]  # type: ignore[union-attr]
    assert condition.node in ancestors([y.node])
    assert [n.primitive and n.primitive.name for n in post_order(y.node)] == [None, "greater", "multiply", "where"]


def test_falling_stops_at_wanted_nodes() -> None:
    x = Tensor(2.0, requires_grad=True)
    h = x * 2
    y = h * 3
    assert falling([y.node], [h.node]) == [y.node]
    assert falling([h.node], [h.node]) == []


def test_a_long_chain_is_built_ordered_swept_and_freed() -> None:
    x = Tensor(1.0, requires_grad=True)
    y = x
    for _ in range(100_000):
        y = y + 1.0
    assert len(falling([y.node])) == len(ancestors([y.node])) - 1 == len(post_order(y.node)) - 1 == 100_000
    y.backward()
    assert x.grad.item() == 1.0
    del y
    gc.collect()


def test_a_shared_node_is_visited_once() -> None:
    """Thirty doublings have a billion paths and thirty nodes."""
    x = Tensor(1.0, requires_grad=True)
    y = x
    for _ in range(30):
        y = y + y
    y.backward()
    assert x.grad.item() == 2.0**30
    assert len(post_order(y.node)) == 31


def test_a_parent_that_stands_twice_has_two_edges() -> None:
    x = Tensor(3.0, requires_grad=True)
    y = x * x
    assert y.node.parents == (x.node, x.node)
    y.backward()
    assert x.grad.item() == 6.0
    y.backward()
    y.backward()
    assert np.asarray(x.grad.item()) == 18.0  # each pass adds its own 6, none of them stale
