"""Entries in order, and entries chosen."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from autograd.compositions.composition import composed
from autograd.compositions.sets import looked_at
from autograd.functions import functions
from autograd.primitives.domain import DISTINCT, REAL, case
from autograd.tensor import as_tensor, raw

_TWICE = np.array([2, 0, 2, -1])
_GRID = np.array([[0, 1, 1], [1, 0, 1]])


def in_a_row(x: Any, axis: int | None) -> tuple[Any, int]:
    """Return an array and an axis of it: without an axis, all entries in one row."""
    x = as_tensor(x)
    return (x.reshape(-1), 0) if axis is None else (x, axis)


def _refuse_fields(order: Any) -> None:
    if order is not None:
        raise ValueError("order= names the fields of a structured array, and a tensor has none")


@composed(case((4,)), case((2, 3), axis=0), case((2, 3), axis=None), domain=DISTINCT, method=True, operands="a")
def sort(a: Any, axis: int | None = -1, kind: Any = None, order: Any = None, *, stable: Any = None) -> Any:
    """Return the entries in rising order along an axis; each gradient goes back to where its entry came from.

    Of entries that tie the first takes the first gradient.

    >>> sort(np.array([3.0, 1.0, 2.0]))
    Tensor([1., 2., 3.])
    """
    _refuse_fields(order)
    a, axis = in_a_row(a, axis)
    return functions["sort"](a, axis=axis)


@composed(
    case((4,)), case((2, 3), axis=0), case((2, 3), axis=None), domain=DISTINCT, method=True, operands="a", values=True
)
def argsort(a: Any, axis: int | None = -1, kind: Any = None, order: Any = None, *, stable: Any = None) -> Any:
    """Return the indices that sort along an axis; entries that tie stay in their order.

    >>> argsort(np.array([3.0, 1.0, 2.0]))
    Tensor([1, 2, 0])
    """
    _refuse_fields(order)
    a, axis = in_a_row(a, axis)
    return functions["argsort"](a, axis=axis)


def _ranks(kth: Any, n: int) -> tuple[int, ...]:
    ranks = np.atleast_1d(np.asarray(raw(kth)))
    return tuple(normalize_axis_index(int(k), n) for k in ranks)


@composed(case((5,), kth=2), case((2, 4), kth=(0, -1)), case((2, 3), kth=1, axis=None), domain=DISTINCT, operands="a",
          method=True)  # fmt: skip
def partition(a: Any, kth: Any, axis: int | None = -1, kind: str = "introselect", order: Any = None) -> Any:
    """Return the entries with those of the given ranks at their places: smaller ones ahead, larger ones behind.

    >>> partition(np.array([3.0, 1.0, 2.0]), 0)[0]
    Tensor(1.)
    """
    _refuse_fields(order)
    a, axis = in_a_row(a, axis)
    return functions["take_along"](
        a, functions["argpartition"](a, kth=_ranks(kth, a.shape[axis]), axis=axis), axis=axis
    )


@composed(case((5,), kth=2), case((2, 4), kth=(0, -1)), domain=DISTINCT, operands="a", values=True, method=True)
def argpartition(a: Any, kth: Any, axis: int | None = -1, kind: str = "introselect", order: Any = None) -> Any:
    """Return the indices that bring the entries of the given ranks to their places.

    >>> argpartition(np.array([3.0, 1.0, 2.0]), 0)[0]
    Tensor(1)
    """
    _refuse_fields(order)
    a, axis = in_a_row(a, axis)
    return functions["argpartition"](a, kth=_ranks(kth, a.shape[axis]), axis=axis)


# Chosen by index


def _integers(indices: Any) -> Any:
    """Return indices as integers: an empty list of them is made of floats."""
    indices = as_tensor(indices)
    return indices if indices.size else indices.astype(np.intp)


@composed(
    case((3,), _TWICE), case((2, 3), _TWICE), case((2, 3), _GRID, axis=0), case((2, 3), np.array(2), axis=-1),
    case((3,), np.array([4, -5]), mode="wrap"), case((3,), np.array([4, -5]), mode="clip"), method=True,
)  # fmt: skip
def take(a: Any, indices: Any, axis: int | None = None, mode: str = "raise") -> Any:
    """Return the entries (or slices along an axis) that indices name; one that is named twice gets both gradients.

    >>> take(np.array([1.0, 2.0, 3.0]), [2, 0])
    Tensor([3., 1.])
    """
    a, axis = in_a_row(a, axis)
    return functions["take"](a, _integers(indices), axis=axis, mode=mode)


@composed(
    case((2, 3), _GRID, axis=1), case((2, 3), _GRID, axis=0), case((2, 2), np.array([1, 0, 1]), axis=None),
    case((1, 3), _GRID, axis=-1), case((2, 3), _GRID[:, :1], axis=1),
)  # fmt: skip
def take_along_axis(arr: Any, indices: Any, axis: int | None = -1) -> Any:
    """Return for each place of the indices the entry that they name along an axis: what argsort's indices are for.

    >>> take_along_axis(np.array([[3.0, 1.0]]), np.array([[1, 0]]), -1)
    Tensor([[1., 3.]])
    """
    arr, axis = in_a_row(arr, axis)
    indices = _integers(indices)
    if indices.ndim != arr.ndim:
        raise ValueError(f"indices of {arr.ndim} axes are needed, not of {indices.ndim}")
    return functions["take_along"](arr, indices, axis=axis)


def _true(condition: Any) -> Any:
    """Return where a condition holds, as plain numbers: it decides how much there is."""
    return np.flatnonzero(looked_at(condition))


@composed(
    case(np.array([True, False, True]), (3,)), case(np.array([False, True]), (2, 3), axis=0), case([0, 1, 1], (2, 3)),
)  # fmt: skip
def compress(condition: Any, a: Any, axis: int | None = None) -> Any:
    """Return the slices along an axis where a row of conditions holds.

    >>> compress([True, False, True], np.array([1.0, 2.0, 3.0]))
    Tensor([1., 3.])
    """
    a, axis = in_a_row(a, axis)
    return functions["take"](a, _true(condition), axis=axis)


@composed(case(_GRID > 0, (2, 3)), case(np.array([1, 0, 1]), (3,)))
def extract(condition: Any, arr: Any) -> Any:
    """Return the entries where a condition holds, in one row.

    >>> extract(np.array([True, False]), np.array([1.0, 2.0]))
    Tensor([1.])
    """
    return functions["take"](as_tensor(arr).reshape(-1), _true(condition), axis=0)


@composed(
    case(np.array([0, 1, 1]), (2, 3)), case(_GRID, (2, 2, 3)), case(np.array([3, -1]), (2, 2), mode="wrap"),
    case(np.array([3, -1]), (2, 2), mode="clip"), domain=(REAL, REAL), method=True,
)  # fmt: skip
def choose(a: Any, choices: Any, mode: str = "raise") -> Any:
    """Return for each entry of a the entry of the choice that it numbers.

    >>> choose(np.array([1, 0]), [np.array([1.0, 2.0]), np.array([3.0, 4.0])])
    Tensor([3., 2.])
    """
    chosen, count = np.asarray(raw(a)), len(choices)
    if mode == "raise" and chosen.size and (chosen.min() < 0 or chosen.max() >= count):
        raise ValueError(f"the numbers of {count} choices are 0 to {count - 1}")
    chosen = np.clip(chosen, 0, count - 1) if mode == "clip" else chosen % count
    result = choices[count - 1]
    for i in range(count - 2, -1, -1):
        result = functions["where"](chosen == i, choices[i], result)
    return functions["broadcast_to"](result, np.broadcast_shapes(np.shape(result), chosen.shape))


# Added up at indices


@composed(case(_TWICE + 1, (4,)), case(_TWICE + 1, (4,), minlength=6), operands="x weights", domain=(REAL, REAL))
def bincount(x: Any, /, weights: Any = None, minlength: int = 0) -> Any:
    """Return for each number how often it occurs in x, or the sum of the weights where it does.

    >>> bincount(np.array([0, 2, 2]), np.array([1.0, 2.0, 3.0]))
    Tensor([1., 0., 5.])
    """
    numbers = np.asarray(raw(x))
    if weights is None:
        return np.bincount(numbers, minlength=minlength)
    if numbers.size and numbers.min() < 0:
        raise ValueError("the numbers are counts: 0 or more")
    length = max(int(numbers.max(initial=-1)) + 1, minlength)
    return functions["put_rows"](as_tensor(weights), numbers, n=length, axis=-1)


def _index_add(input: Any, dim: int, index: Any, source: Any, alpha: float = 1) -> Any:
    y = np.atleast_1d(np.array(input))
    np.add.at(np.moveaxis(y, dim, 0), index, alpha * np.moveaxis(np.atleast_1d(source), dim, 0))
    return y.reshape(np.shape(input))


@composed(
    case((3, 2), 0, np.array([2, 2]), (2, 2)), case((2, 3), 1, _TWICE, (2, 4)),
    case((2,), -1, np.array([0]), (1,), alpha=2.0), case((), 0, np.array([0]), ()),
    operands="input source", reference=_index_add, domain=(REAL,) * 4,
)  # fmt: skip
def index_add(input: Any, dim: int, index: Any, source: Any, alpha: float = 1) -> Any:
    """Return input with the slices of alpha·source added where a row of indices says; repeated ones add up.

    Source: ``torch.Tensor.index_add``.

    >>> index_add(np.zeros(3), 0, np.array([2, 2]), np.array([1.0, 2.0]))
    Tensor([0., 0., 3.])
    """
    source = source if alpha == 1 else alpha * source
    if not input.ndim:
        return input + source.reshape(())
    return input + functions["put_rows"](source, raw(index), n=input.shape[dim], axis=dim)


def _scatter_add(input: Any, dim: int, index: Any, src: Any) -> Any:
    y, dim = np.array(input), dim % max(np.ndim(input), 1)
    for place in np.ndindex(index.shape) if np.ndim(input) else ():
        y[(*place[:dim], index[place], *place[dim + 1 :])] += src[place]
    return y if np.ndim(input) else y + src


@composed(
    case((2, 3), 0, _GRID, (2, 3)), case((2, 2), 1, _GRID, (2, 3)), case((4, 2), -1, _GRID, (3, 3)),
    case((), 0, np.array(0), ()), operands="input src", reference=_scatter_add, domain=(REAL,) * 4,
)  # fmt: skip
def scatter_add(input: Any, dim: int, index: Any, src: Any) -> Any:
    """Return input with each entry of src added at the place along ``dim`` that its index names; repeated ones add up.

    The index may be smaller than both: what it doesn't reach stays out.

    Source: ``torch.Tensor.scatter_add``.

    >>> scatter_add(np.zeros(3), 0, np.array([2, 2]), np.array([1.0, 2.0]))
    Tensor([0., 0., 3.])
    """
    index = np.asarray(raw(index))
    if not input.ndim:
        return scatter_add(input.reshape(1), dim, index.reshape(1), src.reshape(1)).reshape(())
    if index.ndim != src.ndim or any(n > m for n, m in zip(index.shape, src.shape, strict=True)):
        raise ValueError(f"an entry of src for each of the index: {src.shape} for {index.shape}")
    y = functions["scatter_along"](src[tuple(map(slice, index.shape))], index, n=input.shape[dim], axis=dim)
    if y.shape == input.shape:
        return input + y
    return input + np.pad(y, [(0, m - n) for n, m in zip(y.shape, input.shape, strict=True)])
