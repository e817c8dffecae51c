"""A recorded graph is a program: run again with the same leaves for the same bits, or with others."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_array_equal

import autograd
from autograd import Tensor
from autograd.errors import GraphError, ShapeError
from autograd.graph.node import Spec
from autograd.graph.replay import evaluate, replay
from autograd.primitives import registry
from autograd.tensor import raw
from tests.primitives.sampling import Call, every_call


@every_call(list(registry.values()))
def test_every_primitive_replays_to_the_same_bits(call: Call) -> None:
    """Evaluated again from what its node holds, and from leaves with other values."""
    leaves = [Tensor(o, requires_grad=o.dtype.kind == "f") if o is not None else None for o in call.operands]
    y = call(*leaves)
    held = {t.node: raw(t) for t in leaves if t is not None}
    assert_array_equal(evaluate(y.node, held), y.numpy(), strict=True)
    halves = [o / 2 if o is not None and o.dtype.kind == "f" else o for o in call.operands]
    changes = {t.node: h for t, h in zip(leaves, halves, strict=True) if t is not None}
    assert_array_equal(replay(y.node, changes)[y.node], call.value(*halves))


def _network(w: Any, v: Any, x: Any) -> Any:
    h = np.tanh(x @ w.T)
    return ((h @ v - 1) ** 2).mean() + autograd.logsumexp(w[:, ::2]) * autograd.maximum(v, 0).sum()


def _leaves(seed: int, size: int = 40) -> list[Any]:
    random = np.random.default_rng(seed)
    return [random.normal(size=s) for s in ((size, 30), (size,), (50, 30))]


def test_same_leaves_give_the_same_bits_and_others_those_of_a_fresh_run() -> None:
    tensors = [Tensor(v, requires_grad=True) for v in _leaves(0)]
    root = _network(*tensors)
    assert any(isinstance(n.y, Spec) for n in replay(root.node))  # big outputs weren't kept: they are computed again
    values = replay(root.node)
    assert values[root.node] == root.item()
    assert not any(isinstance(v, Spec) for v in values.values())
    others = _leaves(1)
    fresh = _network(*[Tensor(v, requires_grad=True) for v in others])
    again = replay(root.node, {t.node: v for t, v in zip(tensors, others, strict=True)})
    assert again[root.node] == fresh.item()
    assert replay(root.node)[root.node] == root.item()  # nothing was changed by asking


def test_an_interior_value_can_be_set() -> None:
    x = Tensor(2.0, requires_grad=True)
    h = x * 3
    y = h + x
    values = replay(y.node, {h.node: 10.0})
    assert values[y.node] == 12.0


def test_constants_and_static_arguments_are_part_of_the_program() -> None:
    x = Tensor(np.arange(6.0).reshape(2, 3), requires_grad=True)
    y = (x[:, ::-1] * np.array([1.0, 2.0, 3.0])).sum(axis=-1, keepdims=True)
    other = np.ones((2, 3))
    assert_array_equal(replay(y.node, {x.node: other})[y.node], [[6.0], [6.0]])


@pytest.mark.parametrize("read", [bool, int, lambda t: range(9)[t.astype(int)]])
def test_a_branched_graph_is_not_run_with_other_values(read: Any) -> None:
    x = Tensor(2.0, requires_grad=True)
    y = x * 3
    read(y)
    z = y + 1
    assert replay(z.node)[z.node] == 7.0  # with the same values it always works
    with pytest.raises(GraphError) as refusal:
        replay(z.node, {x.node: 5.0})
    assert "expected: a recording that no value steered" in str(refusal.value)


def test_reading_a_number_out_marks_nothing() -> None:
    x = Tensor(2.0, requires_grad=True)
    y = x * 3
    assert float(y) == y.item() == 6.0
    assert replay(y.node, {x.node: 5.0})[y.node] == 15.0


def test_a_value_of_another_shape_is_refused() -> None:
    x = Tensor([1.0, 2.0], requires_grad=True, name="x")
    with pytest.raises(ShapeError) as refusal:
        replay((x * 2).node, {x.node: 1.0})
    assert str(refusal.value) == (
        "in replay of leaf 'x'\n"
        "  expected: shape (2,)\n"
        "  got:      shape ()\n"
        "  to do:    give it a value of the recorded shape"
    )


def test_an_overwritten_leaf_is_refused_where_values_are_missing() -> None:
    x = Tensor(np.ones(2000), requires_grad=True, name="x")
    y = (x * 2).sum()
    with autograd.no_grad():
        x += 1
    with pytest.raises(GraphError) as refusal:
        replay(y.node)
    text = str(refusal.value)
    assert text.startswith("in replay of leaf 'x'\n  expected: leaves as they were when the graph was recorded\n")
    assert "test_replay.py:" in text
    assert "with autograd.keep():" in text
    assert replay(y.node, {x.node: np.ones(2000)})[y.node] == 4000.0  # given, the leaf isn't needed


def test_a_kept_graph_stands_on_its_own() -> None:
    x = Tensor(np.ones(2000), requires_grad=True)
    with autograd.keep():
        y = (x * 2).sum()
    with autograd.no_grad():
        x += 1
    values = replay(y.node)
    assert values[y.node] == 4000.0
    assert_array_equal(values[y.node.parents[0]], np.full(2000, 2.0))
