"""Indices of every kind that NumPy has: taking, writing, and both behind leading axes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import (
    array_shapes,
    arrays,
    basic_indices,
    integer_array_indices,
    mutually_broadcastable_shapes,
)
from numpy.testing import assert_allclose, assert_array_equal

from autograd.primitives import registry
from autograd.tensor import Tensor
from tests.primitives.sampling import gradients

LEADS = [(), (2,), (2, 1)]


@st.composite
def mixed_indices(draw: Any, shape: tuple[int, ...]) -> Any:
    """Draw a tuple of integers, slices, None, Ellipsis, integer arrays and masks: contiguous or separated."""
    block = draw(mutually_broadcastable_shapes(num_shapes=len(shape) + 1, max_dims=2, max_side=3)).input_shapes
    entries: list[Any] = []
    axis = 0
    while axis < len(shape):
        n = shape[axis]
        kind = draw(st.sampled_from(["slice", "array", "integer", "none", "mask", "stop"]))
        if kind == "none":
            entries.append(None)
            continue
        if kind == "stop":
            if draw(st.booleans()):
                entries.append(Ellipsis)
            break
        if kind == "slice":
            entries.append(draw(st.slices(n)))
        elif kind == "integer" and n:
            entries.append(draw(st.integers(-n, n - 1)))
        elif kind == "array" and n:
            entries.append(draw(arrays(int, block[axis], elements=st.integers(-n, n - 1))))
        else:
            entries.append(draw(arrays(bool, (n,))))
        axis += 1
    return tuple(entries)


@st.composite
def shape_and_index(draw: Any) -> tuple[tuple[int, ...], Any]:
    shape = draw(array_shapes(min_dims=1, max_dims=4, min_side=1, max_side=4))
    kinds = [
        basic_indices(shape, allow_newaxis=True),
        integer_array_indices(shape, result_shape=array_shapes(max_dims=2, min_side=0, max_side=4)),
        arrays(bool, shape),
        arrays(bool, shape[:-1]) if len(shape) > 1 else st.nothing(),
        mixed_indices(shape),
        mixed_indices(shape),
    ]
    index = draw(st.one_of(*kinds))
    try:
        np.zeros(shape)[index]
    except IndexError:  # masks and arrays whose lengths don't fit together
        assume(False)
    return shape, index


def _scattered(seed: Any, index: Any, shape: Any) -> Any:
    out = np.zeros(shape)
    np.add.at(out, index, seed)
    return out


@pytest.mark.parametrize("lead", LEADS)
@given(drawn=shape_and_index())
def test_taking(lead: tuple[int, ...], drawn: Any) -> None:
    shape, index = drawn
    random = np.random.default_rng(0)
    x = Tensor(random.normal(size=shape), requires_grad=True)
    y = x[index]
    assert_array_equal(y.numpy(), x.numpy()[index], strict=True)
    seeds = random.normal(size=lead + y.shape)
    (found,) = gradients(y, [x], seeds, lead)
    for place in np.ndindex(lead):
        assert_allclose(found[place], _scattered(seeds[place], index, shape), atol=1e-15)


@pytest.mark.parametrize("lead", LEADS)
@given(drawn=shape_and_index(), data=st.data())
def test_writing(lead: tuple[int, ...], drawn: Any, data: Any) -> None:
    """The values that are found again in the result get its gradient; those that were overwritten get none."""
    shape, index = drawn
    random = np.random.default_rng(0)
    block = np.zeros(shape)[index].shape
    narrowed = tuple(n if data.draw(st.booleans()) else 1 for n in block)
    target = (1,) * data.draw(st.integers(0, 2)) + narrowed[data.draw(st.integers(0, len(narrowed))) :]
    if np.broadcast_shapes(target, block)[-len(block) :] != block or not block:
        target = ()
    before, value = random.normal(size=shape), random.normal(size=target)[()]
    expected = before.copy()
    try:
        expected[index] = value
    except TypeError:  # NumPy takes no extra axes for a single mask
        assume(False)
    x, v = Tensor(before, requires_grad=True), Tensor(value, requires_grad=True)
    y = x * 1.0
    y[index] = v
    assert_array_equal(y.numpy(), expected)

    tickets = np.full(shape, -1)  # which entry of the value ended where
    tickets[index] = np.arange(np.size(value)).reshape(target)
    seeds = random.normal(size=lead + shape)
    of_x, of_v = gradients(y, [x, v], seeds, lead)
    assert of_v.shape == lead + target
    for place in np.ndindex(lead):
        assert_array_equal(of_x[place], np.where(tickets == -1, seeds[place], 0))
        sums = np.zeros(np.size(value))
        np.add.at(sums, tickets[tickets >= 0], seeds[place][tickets >= 0])
        assert_allclose(of_v[place].ravel(), sums, atol=1e-14)


@given(drawn=shape_and_index())
def test_second_order_through_an_index(drawn: Any) -> None:
    """``∂/∂ȳ ⟨v, Aᵀȳ⟩ = A v``: gather and scatter are each the other's rule, behind leading axes as well."""
    shape, index = drawn
    random = np.random.default_rng(0)
    for ahead in (0, 1):
        x = Tensor(random.normal(size=(2,) * ahead + shape), requires_grad=True)
        indexed = registry["getitem"].prepare(((np.zeros(shape)),), {"index": index})["index"]
        y = registry["gather"](x, indexed, ahead)
        v = random.normal(size=y.shape)
        (back,) = gradients((registry["scatter"](y, indexed, x.shape, ahead) ** 2).sum(), [x], 1.0)
        again = Tensor(registry["scatter"](y.numpy(), indexed, x.shape, ahead))
        twice = registry["gather"](again.numpy(), indexed, ahead)
        expected = 2 * registry["scatter"](twice, indexed, x.shape, ahead)
        assert_allclose(back, expected, atol=1e-12)
        assert_allclose(np.sum(v * y.numpy()), np.sum(registry["scatter"](v, indexed, x.shape, ahead) * x.numpy()))


@pytest.mark.parametrize(
    "index",
    [1, -1, np.int64(2), (1, 2), (slice(None), -1), [0, 0, 3], ([0, 1], [1, 1]), (Ellipsis, None), np.uint8(3),
     (np.array([0, 1]), slice(None)), [True, False, True, False], [], np.array([[0, 1], [2, 3]]), Ellipsis, None, ()],
    ids=str,
)  # fmt: skip
def test_forms_of_an_index(index: Any) -> None:
    x = Tensor(np.arange(12.0).reshape(4, 3), requires_grad=True)
    y = x[index]
    assert_array_equal(y.numpy(), x.numpy()[index])
    y.sum().backward()
    assert_array_equal(x.grad.numpy(), _scattered(np.ones(y.shape), index, (4, 3)))
