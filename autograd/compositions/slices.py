"""A user's function applied to slices, to axes, to parts of an array."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from autograd.compositions.composition import composed
from autograd.functions import functions
from autograd.primitives.domain import REAL, case
from autograd.tensor import as_tensor


@composed(
    case(np.sum, 0, (2, 3)), case(np.cumsum, -1, (2, 3)), case(np.outer, 1, (2, 2, 2), np.ones(3)),
    case(np.sin, 0, (3,)),
    operands="arr", domain=(REAL,) * 4,
)  # fmt: skip
def apply_along_axis(func1d: Callable[..., Any], axis: int, arr: Any, *args: Any, **kwargs: Any) -> Any:
    """Return the results of a function for each row along an axis; the results take the place of the rows.

    >>> apply_along_axis(np.sum, 1, np.ones((2, 3)))
    Tensor([3., 3.])
    """
    arr = as_tensor(arr)
    axis = normalize_axis_index(axis, arr.ndim)
    rows = arr.moveaxis(axis, -1)
    outside = rows.shape[:-1]
    made = functions["stack"]([func1d(rows[place], *args, **kwargs) for place in np.ndindex(outside)])
    inside = made.ndim - 1
    whole = made.reshape(*outside, *made.shape[1:])
    ahead = len(outside)
    return whole.moveaxis(tuple(range(ahead, ahead + inside)), tuple(range(axis, axis + inside)))


@composed(case(np.sum, (2, 3), [0, 1]), case(np.mean, (2, 3), 0), operands="a", domain=(REAL,) * 3)
def apply_over_axes(func: Callable[..., Any], a: Any, axes: Any) -> Any:
    """Return what is left when a function of ``(a, axis)`` has gone over the axes, one after the other, all kept.

    >>> apply_over_axes(np.sum, np.ones((2, 3)), [0, 1])
    Tensor([[6.]])
    """
    ndim = a.ndim
    for axis in np.atleast_1d(axes).tolist():
        y = func(a, normalize_axis_index(axis, ndim))
        a = y if y.ndim == ndim else functions["expand_dims"](y, axis)
    return a


@composed(
    case((4,), condlist=[np.array([True, False, True, False])], funclist=[np.sin, np.square]),
    case((2, 2), condlist=[np.array([[True, False], [False, False]])], funclist=[2.0]),
    case((3,), condlist=[np.zeros(3, bool), np.ones(3, bool)], funclist=[np.cos, np.exp]), operands="x",
)  # fmt: skip
def piecewise(x: Any, condlist: Any, funclist: Any, *args: Any, **kw: Any) -> Any:
    """Return for each entry the value of the function whose condition holds, the last one that does; else 0.

    One function more than conditions is for where none holds. Each function sees its own entries only.

    >>> piecewise(np.array([-1.0, 2.0]), [np.array([True, False])], [np.abs, np.square])
    Tensor([1., 4.])
    """
    conditions = [np.asarray(as_tensor(c).numpy(), bool) for c in _several(condlist, x)]
    if len(funclist) == len(conditions) + 1:
        conditions.append(~np.any(conditions, axis=0))
    if len(funclist) != len(conditions):
        raise ValueError(f"{len(conditions)} conditions for {len(funclist)} functions")
    x = as_tensor(x)
    y = as_tensor(np.zeros(x.shape, x.dtype))
    for condition, piece in zip(conditions, funclist, strict=True):
        if callable(piece):
            if condition.any():
                index = np.nonzero(condition)
                part = functions["scatter"](piece(x[index], *args, **kw), index, x.shape)
                y = functions["where"](condition, part, y)
        else:
            y = functions["where"](condition, piece, y)
    return y


def _several(condlist: Any, x: Any) -> Any:
    """Return the conditions as a list: a single one may stand alone."""
    alone = isinstance(condlist, bool) or (not isinstance(condlist, (list, tuple)) and np.ndim(condlist) == x.ndim)
    flat = isinstance(condlist, (list, tuple)) and condlist and isinstance(condlist[0], (bool, np.bool_)) and x.ndim
    return [condlist] if alone or flat else condlist
