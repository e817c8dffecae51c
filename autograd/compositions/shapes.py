"""Arrays given other axes, put side by side, and taken apart."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from autograd.compositions.composition import composed
from autograd.compositions.differences import along
from autograd.functions import functions
from autograd.primitives.domain import REAL, case
from autograd.tensor import as_tensor, raw

_TWO, _THREE = (REAL, REAL), (REAL, REAL, REAL)


def ordered(x: Any, order: str) -> Any:
    """Return x with its axes in the order that ``order`` would read them: C, F, A or K."""
    if order in ("F", "A") and (order == "F" or np.isfortran(np.asarray(raw(x)))):
        return x.transpose()
    if order == "K":
        strides = np.asarray(raw(x)).strides
        return x.transpose(sorted(range(x.ndim), key=lambda a: -abs(strides[a]))) if x.ndim else x
    if order not in ("C", "A"):
        raise ValueError(f"order is 'C', 'F', 'A' or 'K', not {order!r}")
    return x


@composed(
    case((2, 3)), case(()), case((2, 1, 3)), case((2, 3), order="F"), case((2, 3), order="A"), case((2, 3), order="K"),
    method=True,
)  # fmt: skip
def ravel(a: Any, order: str = "C") -> Any:
    """Return the entries in one row.

    >>> ravel(np.ones((2, 3))).shape
    (6,)
    """
    return ordered(as_tensor(a), order).reshape(-1)


@composed(
    case((2, 3)), case(()), case((2, 3), order="F"), method=True, reference=lambda a, order="C": np.ravel(a, order)
)
def flatten(a: Any, order: str = "C") -> Any:
    """Return the entries in one row, as the method of arrays does.

    >>> flatten(np.ones((2, 3))).shape
    (6,)
    """
    return ordered(as_tensor(a), order).reshape(-1)


def _each(arrays: tuple[Any, ...], least: int, shape: Any) -> Any:
    tensors = [as_tensor(a) for a in arrays]
    wide = tuple(t if t.ndim >= least else t.reshape(shape(t)) for t in tensors)
    return wide[0] if len(wide) == 1 else wide


@composed(case(()), case((3,)), case((), (2, 2)), domain=_TWO)
def atleast_1d(*arys: Any) -> Any:
    """Return each array with one axis at least.

    >>> atleast_1d(2.0)
    Tensor([2.])
    """
    return _each(arys, 1, lambda t: (1,))


@composed(case(()), case((3,)), case((2,), (2, 2)), domain=_TWO)
def atleast_2d(*arys: Any) -> Any:
    """Return each array with two axes at least: new ones stand ahead.

    >>> atleast_2d(np.ones(3)).shape
    (1, 3)
    """
    return _each(arys, 2, lambda t: (1, t.size))


@composed(case(()), case((3,)), case((2, 3)), case((2,), (2, 2, 1)), domain=_TWO)
def atleast_3d(*arys: Any) -> Any:
    """Return each array with three axes at least, as NumPy places them: (1, n, 1) and (m, n, 1).

    >>> atleast_3d(np.ones((2, 3))).shape
    (2, 3, 1)
    """
    return _each(arys, 3, lambda t: (1, t.size, 1) if t.ndim < 2 else (*t.shape, 1))


@composed(case((2, 1), (3,)), case((), (2, 2), (2,)), domain=_THREE)
def broadcast_arrays(*args: Any, subok: bool = False) -> Any:
    """Return the arrays broadcast against each other.

    >>> [t.shape for t in broadcast_arrays(np.ones((2, 1)), np.ones(3))]
    [(2, 3), (2, 3)]
    """
    tensors = [as_tensor(a) for a in args]
    shape = np.broadcast_shapes(*(t.shape for t in tensors))
    return tuple(functions["broadcast_to"](t, shape) for t in tensors)


@composed(
    case((2,), (3,)), case((2,), (3,), (2,), indexing="ij"), case((2,), (3,), sparse=True), case((2,)), domain=_THREE
)
def meshgrid(*xi: Any, copy: bool = True, sparse: bool = False, indexing: str = "xy") -> Any:
    """Return the coordinates of a grid, one array for each of its axes.

    >>> x, y = meshgrid(np.array([1.0, 2.0]), np.zeros(3))
    >>> x.shape, y.shape
    ((3, 2), (3, 2))
    """
    if indexing not in ("xy", "ij"):
        raise ValueError(f"indexing is 'xy' or 'ij', not {indexing!r}")
    n = len(xi)
    places = [1, 0, *range(2, n)] if indexing == "xy" and n > 1 else list(range(n))
    open_ = [as_tensor(x).reshape((1,) * p + (-1,) + (1,) * (n - 1 - p)) for x, p in zip(xi, places, strict=True)]
    if sparse:
        return tuple(open_)
    shape = np.broadcast_shapes(*(x.shape for x in open_))
    return tuple(functions["broadcast_to"](x, shape) for x in open_)


@composed(case((2, 3)), case((2, 3, 4)), numpy=(np.matrix_transpose, np.linalg.matrix_transpose), method=True)
def matrix_transpose(x: Any, /) -> Any:
    """Return x with its last two axes exchanged.

    >>> matrix_transpose(np.ones((4, 2, 3))).shape
    (4, 3, 2)
    """
    return x.swapaxes(-1, -2)


@composed(case((2, 3, 4), axis=2), case((2, 3, 4), axis=0, start=2), case((2, 3, 4), axis=-1, start=-1), operands="a")
def rollaxis(a: Any, axis: int, start: int = 0) -> Any:
    """Return a with an axis moved back to stand ahead of ``start``.

    >>> rollaxis(np.ones((2, 3, 4)), 2).shape
    (4, 2, 3)
    """
    axis = normalize_axis_index(axis, a.ndim)
    start = normalize_axis_index(start, a.ndim + 1) if start >= 0 else start + a.ndim
    return a.moveaxis(axis, start - 1 if axis < start else start)


@composed(
    case((2, 3), new_shape=(4, 2)), case((2, 3), new_shape=5), case((2,), new_shape=(0,)), case((), new_shape=3),
    operands="a",
)  # fmt: skip
def resize(a: Any, new_shape: Any) -> Any:
    """Return the entries in another shape, repeated from the first as often as needed.

    >>> resize(np.array([1.0, 2.0]), 3)
    Tensor([1., 2., 1.])
    """
    shape = tuple(new_shape) if np.iterable(new_shape) else (new_shape,)
    if min(shape, default=0) < 0:
        raise ValueError("lengths are counts")
    a = as_tensor(a).reshape(-1)
    return a[np.arange(math.prod(shape)).reshape(shape) % a.size] if a.size else np.zeros(shape, a.dtype)


# Side by side


def _joined(arrays: Any, axis: int, dtype: Any) -> Any:
    return functions["concatenate"](arrays if dtype is None else [a.astype(dtype) for a in arrays], axis)


@composed(case((3,), (3,)), case((2, 3), (4, 3)), case(()), sequence=True)
def vstack(tup: Any, *, dtype: Any = None, casting: Any = "same_kind") -> Any:
    """Return the arrays below each other.

    >>> vstack([np.ones(3), np.zeros(3)]).shape
    (2, 3)
    """
    return _joined([atleast_2d(a) for a in tup], 0, dtype)


@composed(case((3,), (2,)), case((2, 3), (2, 1)), case((), ()), sequence=True)
def hstack(tup: Any, *, dtype: Any = None, casting: Any = "same_kind") -> Any:
    """Return the arrays beside each other.

    >>> hstack([np.ones(3), np.zeros(2)]).shape
    (5,)
    """
    arrays = [atleast_1d(a) for a in tup]
    return _joined(arrays, 0 if arrays and arrays[0].ndim == 1 else 1, dtype)


@composed(case((3,), (3,)), case((2, 3), (2, 3)), case((2, 3, 1), (2, 3, 2)), sequence=True)
def dstack(tup: Any) -> Any:
    """Return the arrays behind each other, along the third axis.

    >>> dstack([np.ones(3), np.zeros(3)]).shape
    (1, 3, 2)
    """
    return _joined([atleast_3d(a) for a in tup], 2, None)


@composed(case((3,), (3,)), case((3, 2), (3,)), case((), ()), sequence=True)
def column_stack(tup: Any) -> Any:
    """Return the arrays as columns of a matrix.

    >>> column_stack([np.ones(3), np.zeros(3)]).shape
    (3, 2)
    """
    return _joined([a if a.ndim > 1 else a.reshape(-1, 1) for a in map(as_tensor, tup)], 1, None)


@composed(case((3,), (3,)), case((2, 1), (2, 2)), sequence=True)
def block(arrays: Any) -> Any:
    """Return an array put together from nested lists of blocks.

    >>> block([[np.ones((2, 2)), np.zeros((2, 1))], [np.zeros((1, 2)), np.ones((1, 1))]]).shape
    (3, 3)
    """
    return _block(arrays, *_depth(arrays))


def _depth(arrays: Any) -> tuple[int, int]:
    """Return how deep the lists are nested, and how many axes the result has."""
    if not isinstance(arrays, list):
        return 0, np.ndim(arrays)
    if not arrays:
        raise ValueError("a list of blocks is empty")
    depths, ndims = zip(*map(_depth, arrays), strict=True)
    if len(set(depths)) > 1:
        raise ValueError("the lists are nested unevenly")
    return depths[0] + 1, max(*ndims, depths[0] + 1)


def _block(arrays: Any, depth: int, ndim: int) -> Any:
    if not depth:
        x = as_tensor(arrays)
        return x if x.ndim == ndim else x.reshape((1,) * (ndim - x.ndim) + x.shape)
    return functions["concatenate"]([_block(a, depth - 1, ndim) for a in arrays], -depth)


# Taken apart


@composed(
    case((6,), indices_or_sections=3), case((5, 2), indices_or_sections=2),
    case((2, 5), indices_or_sections=3, axis=-1),
    case((5,), indices_or_sections=[1, 3]), case((2, 4), indices_or_sections=(1, 9), axis=1), operands="ary",
)  # fmt: skip
def array_split(ary: Any, indices_or_sections: Any, axis: int = 0) -> list[Any]:
    """Return parts along an axis: so many, the first ones longer where they can't be even, or between given places.

    >>> [t.shape for t in array_split(np.ones(5), 2)]
    [(3,), (2,)]
    """
    n = ary.shape[axis]
    if np.iterable(indices_or_sections):
        ends = [0, *(raw(i) for i in indices_or_sections), n]
    else:
        count = int(indices_or_sections)
        if count < 1:
            raise ValueError("one part at least")
        size, longer = divmod(n, count)
        ends = [0, *itertools.accumulate([size + 1] * longer + [size] * (count - longer))]
    return [along(ary, axis, slice(a, b)) for a, b in itertools.pairwise(ends)]


def _split(x: Any, parts: Any, axis: int) -> list[Any]:
    if not np.iterable(parts) and (parts < 1 or x.shape[axis] % parts):
        raise ValueError(f"{x.shape[axis]} entries can't be split into {parts} even parts")
    found: list[Any] = array_split(x, parts, axis)
    return found


@composed(
    case((6,), indices_or_sections=3), case((2, 4), indices_or_sections=2, axis=1),
    case((5,), indices_or_sections=[1, 3]), operands="ary",
)  # fmt: skip
def split(ary: Any, indices_or_sections: Any, axis: int = 0) -> list[Any]:
    """Return equal parts along an axis, or the parts between given places.

    >>> split(np.array([1.0, 2.0, 3.0, 4.0]), 2)
    [Tensor([1., 2.]), Tensor([3., 4.])]
    """
    return _split(ary, indices_or_sections, axis)


@composed(case((4, 2), indices_or_sections=2), case((3, 2), indices_or_sections=[1]), operands="ary")
def vsplit(ary: Any, indices_or_sections: Any) -> list[Any]:
    """Return parts of the rows.

    >>> [t.shape for t in vsplit(np.ones((4, 2)), 2)]
    [(2, 2), (2, 2)]
    """
    return _split(ary, indices_or_sections, 0)


@composed(case((2, 4), indices_or_sections=2), case((4,), indices_or_sections=[1]), operands="ary")
def hsplit(ary: Any, indices_or_sections: Any) -> list[Any]:
    """Return parts of the columns (of a row: of its entries).

    >>> [t.shape for t in hsplit(np.ones((2, 4)), 2)]
    [(2, 2), (2, 2)]
    """
    return _split(ary, indices_or_sections, 1 if ary.ndim > 1 else 0)


@composed(case((1, 2, 4), indices_or_sections=2), operands="ary")
def dsplit(ary: Any, indices_or_sections: Any) -> list[Any]:
    """Return parts along the third axis.

    >>> [t.shape for t in dsplit(np.ones((1, 2, 4)), 2)]
    [(1, 2, 2), (1, 2, 2)]
    """
    return _split(ary, indices_or_sections, 2)


@composed(case((2, 3)), case((2, 3), axis=-1))
def unstack(x: Any, /, *, axis: int = 0) -> tuple[Any, ...]:
    """Return the slices along an axis.

    >>> unstack(np.array([1.0, 2.0]))
    (Tensor(1.), Tensor(2.))
    """
    return tuple(functions["moveaxis"](x, axis, 0))
