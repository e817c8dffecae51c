"""Entries chosen along one axis by integers that are themselves values, and their adjoints.

``x[index]`` in ``indexing.py`` is for an index that every example shares; here each may have its own. These are steps:
the functions of NumPy's names, which also flatten, are in ``compositions/order.py``.
"""

from __future__ import annotations

import importlib
import math
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from autograd.primitives.batching import aligned, looped
from autograd.primitives.domain import case
from autograd.primitives.notation import call
from autograd.primitives.primitive import Primitive, Static, linear_map
from autograd.primitives.scan import negative_axis

_CHOICE = "an index only chooses: it jumps and is constant in between"
_MANY = 2048  # entries from which SciPy's sparse product is faster than add.at


def accumulate(rows: Any, values: Any, n: int) -> Any:
    """Return ``n`` rows of zeros with the rows of ``values`` added at ``rows``; one that is named twice accumulates.

    Single numbers go through ``np.add.at``, which is fast in one dimension. A sparse matrix with a 1 for each row adds
    whole rows in one pass: for 10⁵ rows of 64 numbers that is 16 times as fast as ``np.add.at``.
    """
    width = math.prod(values.shape[1:])
    if width > 1 and values.size > _MANY and values.dtype in (np.float32, np.float64):
        sparse = importlib.import_module("scipy.sparse")
        ones = np.ones(len(rows), values.dtype)
        chooser = sparse.csc_array((ones, rows, np.arange(len(rows) + 1)), shape=(n, len(rows)))
        return (chooser @ values.reshape(len(rows), width)).reshape(n, *values.shape[1:])
    out = np.zeros((n, *values.shape[1:]), values.dtype)
    if width == 1:
        np.add.at(out.reshape(n), rows, values.reshape(len(rows)))
    else:
        np.add.at(out, rows, values)
    return out


def _counted(indices: Any, n: int, mode: str = "raise") -> Any:
    """Return indices counted from the start, in the way that ``np.take`` reads them."""
    indices = np.asarray(indices)
    if mode == "clip":
        return np.clip(indices, 0, n - 1)
    if mode == "wrap":
        return indices % n
    return np.where(indices < 0, indices + n, indices) if indices.size and indices.min() < 0 else indices


def _take(x: Any, indices: Any, axis: int, mode: str = "raise") -> Any:
    return np.take(x, indices, axis=axis, mode=mode)  # type: ignore[call-overload]  # the stub wants literals


def added_rows(x: Any, indices: Any, n: int, axis: int, mode: str = "raise") -> Any:
    """Return zeros with slices of x added where ``indices`` say: the adjoint of taking."""
    indices = _counted(indices, n, mode)
    behind = -1 - axis
    ahead = x.ndim - behind - indices.ndim
    places = tuple(range(ahead, ahead + indices.ndim))
    moved = np.moveaxis(x, places, tuple(range(indices.ndim)))
    moved = moved.reshape(indices.size, *moved.shape[indices.ndim :])
    return np.ascontiguousarray(np.moveaxis(accumulate(indices.ravel(), moved, n), 0, ahead))


def _take_behind(primitive: Primitive, operands: Any, batched: Any, static: Static, n: int) -> Any:
    if not batched[1]:
        return primitive.on(operands, static)
    if batched[0] or "n" in static:
        return looped(primitive, operands, batched, static, n)
    ahead = np.ndim(operands[0]) + static["axis"]
    return np.moveaxis(primitive.on(operands, static), ahead, 0)


def _rows_axis(operands: tuple[Any, ...], static: Static) -> Static:
    ndim = np.ndim(operands[0]) - np.ndim(operands[1]) + 1
    return static | {"axis": normalize_axis_index(static["axis"], ndim) - ndim}


_TWICE, _SQUARE = np.array([2, 0, 2, -1]), np.array([[0, 1], [1, 1]])

take: Primitive = linear_map(
    _take,
    (lambda y_bar, indices, x_shape, axis, mode: put_rows(y_bar, indices, x_shape[axis], axis, mode), _CHOICE),
    name="take", operands="x indices", behind=_take_behind, prepare=negative_axis, selects=True, method=False,
    internal=True, analytic=False,
    cases=(
        case((3,), _TWICE, axis=0), case((2, 3, 4), _SQUARE, axis=1), case((3, 4), np.array(2), axis=-1),
        case((3, 2), np.array([4, -5]), axis=0, mode="wrap"), case((3, 2), np.array([4, -5]), axis=0, mode="clip"),
        case((3, 2), np.zeros(0, int), axis=0),
    ),
    doc="The slices of x that the indices name, along an axis.",
    formulas=(lambda y_bar: call("scatter", y_bar), _CHOICE), expects="indices within the axis",
)  # fmt: skip

put_rows: Primitive = linear_map(
    added_rows, (lambda y_bar, indices, axis, mode: take(y_bar, indices, axis, mode), _CHOICE),
    name="put_rows", operands="x indices", behind=_take_behind, prepare=_rows_axis, selects=True, method=False,
    internal=True,
    analytic=False,
    cases=(
        case((4,), _TWICE, n=3, axis=-1), case((2, 2, 2, 4), _SQUARE, n=3, axis=-2),
        case((3,), np.array(1), n=2, axis=0),
    ),
    doc="Zeros with the slices of x added at the indices: the adjoint of taking slices.",
    formulas=(lambda y_bar: call("take", y_bar), _CHOICE),
)  # fmt: skip


def _alike(x: Any, indices: Any) -> tuple[Any, Any]:
    """Give both as many axes."""
    ndim = max(x.ndim, indices.ndim)
    return x.reshape((1,) * (ndim - x.ndim) + x.shape), indices.reshape((1,) * (ndim - indices.ndim) + indices.shape)


def _take_along(x: Any, indices: Any, axis: int) -> Any:
    x, indices = _alike(x, indices)
    return np.take_along_axis(x, indices, axis=axis)


def _common_axis(operands: tuple[Any, ...], static: Static) -> Static:
    ndim = max(map(np.ndim, operands))
    return static | {"axis": normalize_axis_index(static["axis"], ndim) - ndim}


def _scatter_along(x: Any, indices: Any, n: int, axis: int) -> Any:
    """Return zeros, n along the axis, with the entries of x added where ``indices`` say."""
    x, indices = _alike(x, _counted(indices, n))
    shape = np.broadcast_shapes(x.shape, indices.shape)
    x, indices = (np.moveaxis(np.broadcast_to(o, shape), axis, -1) for o in (x, indices))
    rows = math.prod(x.shape[:-1])
    start = np.arange(0, rows * n, n).reshape(*x.shape[:-1], 1) if n else 0
    out = accumulate((indices + start).ravel(), x.ravel(), rows * n)
    return np.moveaxis(out.reshape(*x.shape[:-1], n), -1, axis)


_INDICES = np.array([[0, 2, 2], [1, -1, 0]])

take_along: Primitive = linear_map(
    _take_along,
    (lambda y_bar, indices, x_shape, axis: scatter_along(y_bar, indices, x_shape[axis], axis), _CHOICE),
    name="take_along", numpy=(np.take_along_axis,), operands="x indices", behind=aligned, broadcasts=True,
    selects=True, method=False,
    internal=True, prepare=_common_axis, analytic=False,
    cases=(
        case((2, 4), _INDICES, axis=-1), case((4, 3), _INDICES, axis=-2), case((1, 4), _INDICES, axis=-1),
        case((3, 2, 4), _INDICES[None], axis=-1), case((4,), np.array([3, 3]), axis=-1),
    ),
    doc="For each place of the indices, the entry of x that they name along an axis.",
    formulas=(lambda y_bar: call("scatter", y_bar), _CHOICE), expects="indices within the axis, and as many axes as x",
)  # fmt: skip

scatter_along: Primitive = linear_map(
    _scatter_along, (lambda y_bar, indices, axis: take_along(y_bar, indices, axis), _CHOICE),
    name="scatter_along", operands="x indices", behind=aligned, broadcasts=True, selects=True, method=False,
    internal=True, prepare=_common_axis, analytic=False,
    cases=(
        case((2, 3), _INDICES, n=4, axis=-1), case((2, 3), _INDICES, n=3, axis=-2),
        case((1, 3), _INDICES, n=3, axis=-1),
        case((3, 2, 3), _INDICES, n=3, axis=-1),
    ),
    doc="Zeros with the entries of x added where the indices say along an axis: the adjoint of taking along it.",
    formulas=(lambda y_bar: call("take", y_bar), _CHOICE),
)  # fmt: skip
