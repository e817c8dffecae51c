"""Differences of neighbours, and what is built of them: slopes and areas."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index, normalize_axis_tuple

from autograd.compositions.composition import composed
from autograd.functions import functions
from autograd.primitives.domain import REAL, case
from autograd.tensor import Tensor, as_tensor


def along(x: Any, axis: int, part: slice) -> Any:
    """Return a part of x along one axis."""
    return x[(slice(None),) * (axis % x.ndim) + (part,)]


def _step(x: Any, axis: int) -> Any:
    return functions["first_difference"](x, axis=axis) if x.shape[axis] else x


def _as_wide(value: Any, x: Any) -> Any:
    """Return what stands beside x as a tensor; a number of Python takes x's dtype."""
    return as_tensor(np.asarray(value, x.dtype) if isinstance(value, (int, float)) and x.dtype.kind == "f" else value)


def _beside(end: Any, x: Any, axis: int) -> Any:
    """Return what stands before or behind x: a number fills a slice."""
    end = _as_wide(end, x)
    shape = tuple(1 if i == axis else n for i, n in enumerate(x.shape))
    return end if end.ndim else functions["broadcast_to"](end, shape)


@composed(
    case((4,)), case((2, 3)), case((3, 4), n=2, axis=0), case((2, 3), n=0), case((3,), prepend=0, append=1.5),
    case((3,), append=np.float32(1)),
    case((2, 3), axis=0, prepend=1, append=np.ones((1, 3), np.float32)), case((1, 2), n=2, axis=0),
)  # fmt: skip
def diff(a: Any, n: int = 1, axis: int = -1, prepend: Any = None, append: Any = None) -> Any:
    """Return the n-th differences of neighbours along an axis, yᵢ = xᵢ₊₁ − xᵢ taken n times.

    >>> diff(np.array([1.0, 4.0, 9.0]))
    Tensor([3., 5.])
    """
    if n < 0:
        raise ValueError(f"the order is a count, not {n}")
    axis = normalize_axis_index(axis, a.ndim)
    if n and (prepend is not None or append is not None):
        ends = [None if e is None else _beside(e, a, axis) for e in (prepend, append)]
        a = functions["concatenate"]([x for x in (ends[0], a, ends[1]) if x is not None], axis)
    for _ in range(n):
        a = _step(a, axis)
    return a


@composed(case((4,)), case((2, 2), to_begin=1.5, to_end=np.array([1, 2], np.float32)), case((1,)), operands="ary")
def ediff1d(ary: Any, to_end: Any = None, to_begin: Any = None) -> Any:
    """Return the differences of neighbours in one row, with given entries ahead and behind.

    >>> ediff1d(np.array([1.0, 4.0, 9.0]), to_begin=0.0)
    Tensor([0., 3., 5.])
    """
    ary = ary.reshape(-1)
    parts = [None if e is None else _as_wide(e, ary).reshape(-1) for e in (to_begin, to_end)]
    parts.insert(1, _step(ary, 0))
    return functions["concatenate"]([p for p in parts if p is not None])


_UNEVEN = np.array([0.0, 1.0, 1.5, 3.5])


@composed(
    case((4,)), case((4,), _UNEVEN), case((4,), _UNEVEN, edge_order=2), case((4,), np.array(0.5), edge_order=2),
    case((3, 4)), case((3, 4), axis=1), case((3, 4), np.array(2.0), _UNEVEN, axis=(0, 1)),
    operands="f", domain=(REAL, REAL, REAL),
)  # fmt: skip
def gradient(f: Any, *varargs: Any, axis: Any = None, edge_order: int = 1) -> Any:
    """Return the slopes of sampled values along each axis: central differences inside, one-sided ones at the edges.

    ``varargs`` is the spacing: nothing (1), a number for all axes, or for each axis a number or the coordinates.
    For the derivative of a function see ``autograd.grad``.

    >>> gradient(np.array([1.0, 4.0, 9.0]))
    Tensor([3., 4., 5.])
    """
    axes = tuple(range(f.ndim)) if axis is None else normalize_axis_tuple(axis, f.ndim)
    if edge_order not in (1, 2):
        raise ValueError(f"edge_order is 1 or 2, not {edge_order}")
    if len(varargs) not in (0, 1, len(axes)) or (len(varargs) == 1 < len(axes) and np.ndim(varargs[0])):
        raise TypeError(f"{len(varargs)} spacings for {len(axes)} axes")
    spacings = list(varargs) if len(varargs) == len(axes) else list(varargs or (1.0,)) * len(axes)
    slopes = tuple(_slope(f, h, a, edge_order) for h, a in zip(spacings, axes, strict=True))
    return slopes[0] if len(slopes) == 1 else slopes


def _slope(f: Any, spacing: Any, axis: int, edge_order: int) -> Any:
    n = f.shape[axis]
    if n < edge_order + 1:
        raise ValueError(f"axis {axis} has {n} entries, at least {edge_order + 1} are needed")
    f = functions["moveaxis"](f, axis, -1)
    if np.ndim(spacing):
        spacing = spacing if isinstance(spacing, Tensor) else np.asarray(spacing, f.dtype)
        if spacing.shape != (n,):
            raise ValueError(f"{spacing.shape} coordinates for {n} entries")
        h = _step(spacing, 0)
    else:
        h = spacing
    even = not np.ndim(spacing)
    before, behind = (h, h) if even else (h[:-1], h[1:])
    inner = (
        (f[..., 2:] - f[..., :-2]) / (2.0 * h)
        if even
        else -behind / (before * (before + behind)) * f[..., :-2]
        + (behind - before) / (before * behind) * f[..., 1:-1]
        + before / (behind * (before + behind)) * f[..., 2:]
    )
    first = [h, h] if even else [h[0], h[min(1, n - 2)]]
    last = [h, h] if even else [h[-1], h[-min(2, n - 1)]]
    head, tail = f[..., : edge_order + 1], f[..., n - edge_order - 1 :]
    left = _edge(*(head[..., i : i + 1] for i in range(edge_order + 1)), spacing=first)
    right = -_edge(*(tail[..., i : i + 1] for i in range(edge_order, -1, -1)), spacing=last)
    return functions["moveaxis"](functions["concatenate"]([left, inner, right], -1), -1, axis)


def _edge(*values: Any, spacing: list[Any]) -> Any:
    """Return the slope at the first of two or three values, in the direction of the others."""
    a, b = spacing
    if len(values) == 2:
        return (values[1] - values[0]) / a
    x, y, z = values
    return -(2.0 * a + b) / (a * (a + b)) * x + (a + b) / (a * b) * y - a / (b * (a + b)) * z


@composed(
    case((4,)), case((2, 4), dx=0.5), case((4, 2), _UNEVEN, axis=0), case((2, 4), (2, 4)),
    operands="y x",
)  # fmt: skip
def trapezoid(y: Any, x: Any = None, dx: Any = 1.0, axis: int = -1) -> Any:
    """Return the area under sampled values by the trapezoidal rule; differentiable in the values and the places.

    >>> trapezoid(np.array([1.0, 2.0, 3.0]))
    Tensor(4.)
    """
    y = functions["moveaxis"](y, axis, -1)
    if x is None:
        part = np.ones(y.shape[-1], y.dtype if y.dtype.kind == "f" else float)
        part[:1] = part[-1:] = 0.5 if part.size > 1 else 0.0
        return (y * part).sum(-1) * dx
    x = as_tensor(x)
    h = _step(x, 0) if x.ndim == 1 else _step(functions["moveaxis"](x, axis, -1), -1)
    ends = np.zeros((*h.shape[:-1], 1), h.dtype)
    weights = functions["concatenate"]([h, ends], -1) + functions["concatenate"]([ends, h], -1)
    return (y * weights).sum(-1) / 2.0
