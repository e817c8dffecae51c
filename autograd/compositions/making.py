"""Arrays made to measure from numbers that may require gradients."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.compositions.composition import composed
from autograd.functions import functions
from autograd.primitives.domain import POSITIVE, REAL, case
from autograd.tensor import as_tensor, raw


@composed(case((2, 3), ()), case((2, 3), (3,)), case((3,), 2), domain=(REAL, REAL))
def full_like(
    a: Any, fill_value: Any, dtype: Any = None, order: str = "K", subok: bool = True, shape: Any = None, *,
    device: Any = None,
) -> Any:  # fmt: skip
    """Return an array of the shape and dtype of another, filled with a value; the gradient goes to the value.

    >>> full_like(np.zeros(2), 3.0)
    Tensor([3., 3.])
    """
    shape = np.shape(a) if shape is None else shape
    dtype = as_tensor(a).dtype if dtype is None else np.dtype(dtype)
    filled = functions["broadcast_to"](fill_value, tuple(shape) if np.iterable(shape) else (shape,))
    return filled if filled.dtype == dtype else filled.astype(dtype)


def _grid(start: Any, stop: Any, num: int, endpoint: bool, axis: int) -> Any:
    """Return numbers at even distances, as weights of both ends: the last one is exact."""
    steps = (num - 1 if endpoint else num) or 1
    first, last = (as_tensor(e)[None] for e in (start, stop))
    dtype = np.result_type(first.dtype, last.dtype, 0.0)
    ndim = max(first.ndim, last.ndim)
    part = (np.arange(num, dtype=dtype) / steps).reshape((-1,) + (1,) * (ndim - 1))
    y = first * (1 - part) + last * part
    return y if axis == 0 else y.moveaxis(0, axis)


_ENDS = (case((), ()), case((2,), ()), case((), (3,), num=4, endpoint=False), case((2,), (2,), num=3, axis=-1))


@composed(*_ENDS, domain=(REAL, POSITIVE))
def linspace(
    start: Any, stop: Any, num: int = 50, endpoint: bool = True, retstep: bool = False, dtype: Any = None,
    axis: int = 0,
    *, device: Any = None,
) -> Any:  # fmt: skip
    """Return so many numbers at even distances; differentiable in both ends.

    >>> linspace(0.0, 1.0, 3)
    Tensor([0. , 0.5, 1. ])
    """
    y = _grid(start, stop, num, endpoint, axis)
    y = y if dtype is None else y.astype(dtype)
    return (y, (stop - start) / ((num - 1 if endpoint else num) or 1)) if retstep else y


@composed(*_ENDS, case((), (), 3, True, ()), domain=(REAL, POSITIVE, REAL, REAL, POSITIVE))
def logspace(
    start: Any, stop: Any, num: int = 50, endpoint: bool = True, base: Any = 10.0, dtype: Any = None, axis: int = 0
) -> Any:
    """Return so many powers of the base, their exponents at even distances; differentiable in both.

    >>> logspace(0.0, 2.0, 3)
    Tensor([  1.,  10., 100.])
    """
    y = functions["power"](base, _grid(start, stop, num, endpoint, axis))
    return y if dtype is None else y.astype(dtype)


@composed(*_ENDS, domain=(POSITIVE, POSITIVE))
def geomspace(start: Any, stop: Any, num: int = 50, endpoint: bool = True, dtype: Any = None, axis: int = 0) -> Any:
    """Return so many numbers of which each is the last one times the same factor; differentiable in both ends.

    >>> geomspace(1.0, 4.0, 3).numpy().round(12)
    array([1., 2., 4.])
    """
    if np.any(raw(start) * raw(stop) <= 0):
        raise ValueError("both ends have the same sign, and neither is 0")
    sign = np.sign(raw(start))
    ends = functions["log"](start * sign), functions["log"](stop * sign)
    y = functions["exp"](_grid(*ends, num, endpoint, 0)) * sign
    y = y if axis == 0 else y.moveaxis(0, axis)
    return y if dtype is None else y.astype(dtype)


@composed(case((3,)), case(()), operands="val")
def real(val: Any) -> Any:
    """Return the real part: a tensor is real.

    >>> real(np.array([1.0]))
    Tensor([1.])
    """
    return as_tensor(val)


@composed(case((3,)), case(()), operands="val")
def imag(val: Any) -> Any:
    """Return the imaginary part: a tensor has none.

    >>> imag(np.array([1.0]))
    Tensor([0.])
    """
    val = as_tensor(val)
    return functions["where"](False, val, val.dtype.type(0))  # val * 0 is NaN where val isn't finite


@composed(case((3,)), operands="a")
def real_if_close(a: Any, tol: float = 100) -> Any:
    """Return the array: a tensor is real.

    >>> real_if_close(np.array([1.0]))
    Tensor([1.])
    """
    return as_tensor(a)
