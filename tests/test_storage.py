"""Flat: several leaves in one buffer."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from autograd import ArgumentError, Flat, Tensor, as_tensor
from autograd.errors import MutationError


def leaves(*shapes: tuple[int, ...]) -> list[Tensor]:
    return [Tensor(np.full(s, float(i + 1)), requires_grad=True) for i, s in enumerate(shapes)]


def test_leaves_become_views() -> None:
    a, b, c = leaves((2, 2), (), (3,))
    flat = Flat([a, b, c])
    assert_array_equal(flat.value, [1, 1, 1, 1, 2, 3, 3, 3])
    flat.value[:] = range(8)
    assert_array_equal(a.data, [[0, 1], [2, 3]])
    assert b.item() == 4
    assert_array_equal(c.data, [5, 6, 7])


def test_gradients_one_by_one_and_together() -> None:
    a, b = leaves((2, 2), (3,))
    flat = Flat([a, b])
    assert flat.gradients() == [None, None]
    a.grad = [[1.0, 2.0], [3.0, 4.0]]
    first, second = flat.gradients()
    assert_array_equal(first, [[1, 2], [3, 4]])
    assert second is None
    together = flat.gradient()
    assert_array_equal(together, [1, 2, 3, 4, 0, 0, 0])
    assert flat.gradient() is together
    flat.zero_grad()
    assert a.grad is None


def test_a_second_flat_shares_the_memory() -> None:
    a, b, c = leaves((2, 2), (3,), (1,))
    first = Flat([a, b, c])
    for others, at in (([a, b, c], 0), ([b, c], 4), ([b], 4)):
        second = Flat(others)
        assert first.intact()
        assert second.intact()
        assert np.shares_memory(first.value, second.value)
        second.value += 1
        assert_array_equal(second.value, first.value[at : at + second.value.size])


@pytest.mark.parametrize("pick", [lambda a, b, c: [b, a], lambda a, b, c: [a, c]])
def test_leaves_that_do_not_follow_each_other_are_moved(pick: Any) -> None:
    three = leaves((2, 2), (3,), (1,))
    first = Flat(three)
    second = Flat(pick(*three))
    assert not first.intact()
    assert second.intact()
    assert not np.shares_memory(first.value, second.value)


def test_memory_of_another_kind_is_not_shared() -> None:
    rows = np.array([[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]])
    frozen = np.arange(3.0)
    frozen.flags.writeable = False
    for made in (rows[0], rows.T[0], frozen[:2], np.arange(3.0)):
        flat = Flat([as_tensor(made).requires_grad_()])
        flat.value += 1
    assert_array_equal(rows, np.arange(6.0).reshape(2, 3))
    assert_array_equal(frozen, np.arange(3.0))


def test_a_new_value_or_node_takes_a_leaf_away() -> None:
    a, b = leaves((2,), (3,))
    flat = Flat([a, b])
    a.assign_([5.0, 6.0])
    assert flat.intact()
    assert_array_equal(flat.value[:2], [5.0, 6.0])
    a.requires_grad_(False)
    assert flat.intact()
    a.requires_grad_(True)  # a new node: graphs that took it for a constant keep nothing for its gradient
    assert not flat.intact()


def test_only_what_is_stamped_counts_as_written() -> None:
    a, b = leaves((2,), (3,))
    flat = Flat([a, b])
    first, second = (a * a).sum(), (b * b).sum()
    flat.stamp(2)
    first.backward()
    with pytest.raises(MutationError):
        second.backward()
    third = (a * a).sum()
    flat.stamp()
    with pytest.raises(MutationError):
        third.backward()


def test_refusals() -> None:
    a, b = leaves((2,), (3,))
    with pytest.raises(ArgumentError, match="one leaf twice"):
        Flat([a, a])
    with pytest.raises(ArgumentError, match="dtypes float32, float64"):
        Flat([a, Tensor(np.ones(2, np.float32))])
    with pytest.raises(ArgumentError, match="a computed tensor"):
        Flat([a, b * 2])
