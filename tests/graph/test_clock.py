"""Values that the backward pass needs and that were overwritten: found, through any view; and no false alarms."""

from __future__ import annotations

import gc
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_array_equal

import autograd
from autograd import Tensor
from autograd.errors import GraphError, MutationError
from autograd.graph import clock


def _parameter(shape: Any = (3, 3)) -> Tensor:
    return Tensor(np.arange(1.0, 1 + np.prod(shape)).reshape(shape), requires_grad=True, name="w")


NEEDS_W = {
    "the leaf itself": lambda w: (w * w).sum(),
    "its transpose": lambda w: (np.ones((2, 3)) @ w.T).sum() + (w.T * w.T).sum(),
    "a slice": lambda w: (w[1:] * w[1:]).sum(),
    "a reversed slice": lambda w: (w[::-1] * 2.0 * w[::-1]).sum(),
    "a reshape": lambda w: np.sin(w.reshape(-1)).sum(),
    "a broadcast": lambda w: np.exp(autograd.broadcast_to(w, (2, 3, 3))[0] * w).sum(),
    "a linear layer": lambda w: autograd.linear(Tensor(np.ones((2, 3)), requires_grad=True), w).sum(),
}

WRITES = {
    "subtract": lambda w: w.__isub__(1.0),
    "assign": lambda w: w.assign_(np.zeros((3, 3))),
    "one entry": lambda w: w.__setitem__((2, 0), 7.0),
    "through a view": lambda w: w[1:].__setitem__(slice(None), 0.0),
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
@pytest.mark.parametrize("build", NEEDS_W.values(), ids=NEEDS_W)
def test_a_write_between_forward_and_backward_is_found(build: Any, write: Any) -> None:
    w = _parameter()
    loss = build(w)
    with autograd.no_grad():
        write(w)
    with pytest.raises(MutationError) as refusal:
        loss.backward()
    assert "it was overwritten in place at " in str(refusal.value)
    assert "test_clock.py:" in str(refusal.value)


def test_the_error_names_the_tensor_and_the_line() -> None:
    w = _parameter()
    loss = (w * w).sum()
    with autograd.no_grad():
        w -= 1.0
    with pytest.raises(MutationError) as refusal:
        loss.backward()
    where, expected, got, remedy = str(refusal.value).splitlines()
    assert where == "in the backward pass of multiply"
    assert expected == "  expected: operand leaf 'w' as it was in the forward pass"
    assert got.startswith("  got:      it was overwritten in place at ")
    assert "test_clock.py:" in got
    assert remedy == "  to do:    call backward() before the write, or compute the result again after it"


def test_a_write_that_nothing_needs_is_no_error() -> None:
    w = _parameter()
    loss = (w + 1.0).sum()  # the gradient of a sum needs no values
    with autograd.no_grad():
        w -= 1.0
    loss.backward()
    assert_array_equal(w.grad.numpy(), np.ones((3, 3)))


def test_a_write_to_another_tensor_is_no_error() -> None:
    w, other = _parameter(), _parameter()
    loss = (w * w).sum()
    with autograd.no_grad():
        other -= 1.0
    loss.backward()
    assert_array_equal(w.grad.numpy(), 2 * np.arange(1.0, 10).reshape(3, 3))


def test_a_write_beside_the_part_that_is_needed_is_no_error() -> None:
    w = _parameter()
    loss = (w[:1] * w[:1]).sum()
    with autograd.no_grad():
        w[2:][...] = 0.0
    loss.backward()
    assert_array_equal(w.grad.numpy(), [[2.0, 4.0, 6.0], [0, 0, 0], [0, 0, 0]])


def test_a_graph_that_is_younger_than_the_write_is_no_error() -> None:
    w = _parameter()
    for _ in range(3):
        w.zero_grad()
        (w * w).sum().backward()
        with autograd.no_grad():
            w -= 0.1 * w.grad
    assert_array_equal(np.isfinite(w.numpy()), True)


def test_a_number_is_immutable_so_older_graphs_keep_theirs() -> None:
    w = Tensor(3.0, requires_grad=True)
    loss = w * w
    with autograd.no_grad():
        w -= 1.0
    loss.backward()
    assert w.grad.item() == 6.0
    assert w.item() == 2.0


def test_writes_are_forgotten_with_their_array() -> None:
    gc.collect()
    before = len(clock.writes_since(0))
    w = _parameter()
    with autograd.no_grad():
        for i in range(3):
            w[i:][...] = 0.0
    assert len(clock.writes_since(0)) == before + 3
    del w
    gc.collect()
    assert len(clock.writes_since(0)) == before


def test_a_second_pass_through_a_released_graph_is_refused() -> None:
    x = Tensor(3.0, requires_grad=True)
    h = x * x
    y = np.sin(h)
    y.backward(retain_graph=False)
    assert x.grad.item() == 6 * np.cos(9.0)
    for again in (y, h, h * 2, y + x):
        with pytest.raises(GraphError, match="retain_graph=False"):
            again.backward()
    assert x.grad.item() == 6 * np.cos(9.0)  # no half a pass was added


def test_a_released_graph_has_given_its_arrays_back() -> None:
    x = Tensor(np.ones(1000), requires_grad=True)
    y = np.exp(x)
    node = y.node
    loss = (y * y).sum()
    del y
    loss.backward(retain_graph=False)
    assert not isinstance(node.y, np.ndarray)
    assert not isinstance(node.a, np.ndarray)


def test_by_default_the_graph_stays() -> None:
    x = Tensor(3.0, requires_grad=True)
    y = x * x
    y.backward()
    y.backward()
    assert x.grad.item() == 12.0
