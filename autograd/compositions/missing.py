"""Reductions that leave NaN out: a gradient goes to the numbers alone."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.compositions.composition import composed
from autograd.compositions.scans import cumprod, cumsum
from autograd.compositions.wider import root
from autograd.functions import by_method, functions
from autograd.primitives.domain import DISTINCT, case
from autograd.tensor import as_tensor

_HOLES = np.array([[1.0, np.nan, 3.5, 2.0], [0.5, 4.0, np.nan, np.nan]])
_CASES = (case(_HOLES), case(_HOLES, axis=1), case(_HOLES, axis=0, keepdims=True), case((2, 3), axis=-1))
_SPREADS = (case(_HOLES), case(_HOLES, axis=1, ddof=0), case((2, 3), axis=-1, ddof=1, keepdims=True))


def _filled(a: Any, fill: float, dtype: Any = None) -> Any:
    """Return a with a number in place of NaN."""
    a = as_tensor(a) if dtype is None else as_tensor(a).astype(dtype)
    return functions["where"](np.isnan(a), np.asarray(fill, a.dtype), a) if a.dtype.kind == "f" else a


@composed(*_CASES, operands="a")
def nansum(a: Any, axis: Any = None, dtype: Any = None, *, keepdims: bool = False, **more: Any) -> Any:
    """Return the sum of the entries that are numbers.

    >>> nansum(np.array([1.0, np.nan, 2.0]))
    Tensor(3.)
    """
    return functions["sum"](_filled(a, 0, dtype), axis, keepdims, **more)


@composed(*_CASES, operands="a")
def nanprod(a: Any, axis: Any = None, dtype: Any = None, *, keepdims: bool = False, **more: Any) -> Any:
    """Return the product of the entries that are numbers.

    >>> nanprod(np.array([3.0, np.nan, 2.0]))
    Tensor(6.)
    """
    return functions["prod"](_filled(a, 1, dtype), axis, keepdims, **more)


def _among(a: Any, where: Any) -> Any:
    """Return which entries count."""
    numbers = np.logical_not(np.isnan(a))
    return numbers if where is None else np.logical_and(numbers, where)


@composed(*_CASES, operands="a")
def nanmean(a: Any, axis: Any = None, dtype: Any = None, *, keepdims: bool = False, where: Any = None) -> Any:
    """Return the mean of the entries that are numbers.

    >>> nanmean(np.array([1.0, np.nan, 2.0]))
    Tensor(1.5)
    """
    a = as_tensor(a) if dtype is None else as_tensor(a).astype(dtype)
    return functions["mean"](a, axis, keepdims, where=_among(a, where))


@composed(*_SPREADS, operands="a")
def nanvar(
    a: Any,
    axis: Any = None,
    dtype: Any = None,
    ddof: Any = 0,
    *,
    keepdims: bool = False,
    where: Any = None,
    **more: Any,
) -> Any:
    """Return the variance of the entries that are numbers.

    >>> nanvar(np.array([1.0, np.nan, 3.0]))
    Tensor(1.)
    """
    a = as_tensor(a) if dtype is None else as_tensor(a).astype(dtype)
    return functions["var"](a, axis, ddof, keepdims, where=_among(a, where), **more)


@composed(*_SPREADS, operands="a")
def nanstd(
    a: Any,
    axis: Any = None,
    dtype: Any = None,
    ddof: Any = 0,
    *,
    keepdims: bool = False,
    where: Any = None,
    **more: Any,
) -> Any:
    """Return the standard deviation of the entries that are numbers; its derivative at 0 is taken as 0.

    >>> nanstd(np.array([1.0, np.nan, 3.0]))
    Tensor(1.)
    """
    return root(nanvar(a, axis, dtype, ddof, keepdims=keepdims, where=where, **more))


def _extreme(name: str, worst: float, a: Any, axis: Any, keepdims: bool, more: Any) -> Any:
    a = as_tensor(a)
    y = functions[name](_filled(a, worst), axis, keepdims, **more)
    if more or a.dtype.kind != "f":
        return y
    return functions["where"](np.all(np.isnan(a), axis, keepdims=keepdims), np.asarray(np.nan, a.dtype), y)


@composed(*_CASES, operands="a", domain=DISTINCT)
def nanmax(a: Any, axis: Any = None, *, keepdims: bool = False, **more: Any) -> Any:
    """Return the largest of the entries that are numbers.

    >>> nanmax(np.array([1.0, np.nan, 2.0]))
    Tensor(2.)
    """
    return _extreme("max", -np.inf, a, axis, keepdims, more)


@composed(*_CASES, operands="a", domain=DISTINCT)
def nanmin(a: Any, axis: Any = None, *, keepdims: bool = False, **more: Any) -> Any:
    """Return the smallest of the entries that are numbers.

    >>> nanmin(np.array([1.0, np.nan, 2.0]))
    Tensor(1.)
    """
    return _extreme("min", np.inf, a, axis, keepdims, more)


@composed(case(_HOLES), case(_HOLES, axis=1), operands="a")
def nancumsum(a: Any, axis: int | None = None, dtype: Any = None) -> Any:
    """Return the running sums, NaN counting as 0.

    >>> nancumsum(np.array([1.0, np.nan, 2.0]))
    Tensor([1., 1., 3.])
    """
    return cumsum(_filled(a, 0), axis, dtype)


@composed(case(_HOLES), case(_HOLES, axis=1), operands="a")
def nancumprod(a: Any, axis: int | None = None, dtype: Any = None) -> Any:
    """Return the running products, NaN counting as 1.

    >>> nancumprod(np.array([3.0, np.nan, 2.0]))
    Tensor([3., 3., 6.])
    """
    return cumprod(_filled(a, 1), axis, dtype)


by_method.update({(np.fmax, "reduce"): nanmax, (np.fmin, "reduce"): nanmin})
