"""Running sums, products and extremes; along an axis, or of all entries in one row."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.compositions.composition import composed
from autograd.functions import by_method, functions
from autograd.primitives.domain import DISTINCT, case
from autograd.tensor import as_tensor

_CASES = (case((4,)), case((2, 3)), case((2, 3), axis=0), case((2, 3, 2), axis=-2), case((0, 3), axis=1))


def _along(name: str, x: Any, axis: int | None, dtype: Any = None) -> Any:
    x = as_tensor(x) if dtype is None else as_tensor(x).astype(dtype)
    if axis is None or (x.ndim == 0 and axis in (0, -1)):
        return functions[name](x.reshape(-1), axis=0)
    return functions[name](x, axis=axis)


def _alike(name: str, x: Any, axis: int | None) -> Any:
    """Run along an axis; a number stays one, as in PyTorch (NumPy's cumsum makes it a row)."""
    y = _along(name, x, axis)
    return y if axis is None or x.ndim else y.reshape(())


@composed(*_CASES, method=True)
def cumsum(a: Any, axis: int | None = None, dtype: Any = None) -> Any:
    """Return the running sums, yᵢ = x₀ + … + xᵢ.

    >>> cumsum(np.array([1.0, 2.0, 3.0]))
    Tensor([1., 3., 6.])
    """
    return _along("cumsum", a, axis, dtype)


@composed(*_CASES, method=True)
def cumprod(a: Any, axis: int | None = None, dtype: Any = None) -> Any:
    """Return the running products, yᵢ = x₀ · … · xᵢ; derivatives of every order are exact with zeros among them.

    >>> cumprod(np.array([1.0, 2.0, 3.0]))
    Tensor([1., 2., 6.])
    """
    return _along("cumprod", a, axis, dtype)


def _by_accumulate(ufunc: np.ufunc) -> Callable[..., Any]:
    """Return a reference that flattens where ``axis`` is None."""
    return lambda a, axis=None: ufunc.accumulate(np.ravel(a) if axis is None else a, axis=axis or 0)


@composed(*_CASES, reference=_by_accumulate(np.maximum), domain=DISTINCT)
def cumulative_max(a: Any, axis: int | None = None) -> Any:
    """Return the largest entry so far (``np.maximum.accumulate``); entries that tie share the gradient equally.

    >>> cumulative_max(np.array([1.0, 3.0, 2.0]))
    Tensor([1., 3., 3.])
    """
    return _alike("cumulative_max", a, axis)


@composed(*_CASES, reference=_by_accumulate(np.minimum), domain=DISTINCT)
def cumulative_min(a: Any, axis: int | None = None) -> Any:
    """Return the smallest entry so far (``np.minimum.accumulate``); entries that tie share the gradient equally.

    >>> cumulative_min(np.array([2.0, 3.0, 1.0]))
    Tensor([2., 2., 1.])
    """
    return _alike("cumulative_min", a, axis)


@composed(*_CASES, reference=_by_accumulate(np.logaddexp))
def logcumsumexp(a: Any, axis: int | None = None) -> Any:
    """Return ln Σeˣ of the entries so far (``np.logaddexp.accumulate``), stable at any finite x.

    >>> logcumsumexp(np.zeros(2)).numpy().round(4)
    array([0.    , 0.6931])
    """
    return _alike("logcumsumexp", a, axis)


def _with_initial(name: str, x: Any, axis: int | None, dtype: Any, initial: float | None) -> Any:
    if axis is None and x.ndim != 1:
        raise ValueError(f"an axis is needed for {x.ndim} of them")
    axis = axis or 0
    y = _along(name, x, axis, dtype)
    if initial is None:
        return y
    shape = tuple(1 if i == axis % x.ndim else n for i, n in enumerate(x.shape))
    return functions["concatenate"]([np.full(shape, initial, y.dtype), y], axis)


@composed(case((3,)), case((2, 3), axis=0), case((2, 3), axis=-1, include_initial=True))
def cumulative_sum(x: Any, /, *, axis: int | None = None, dtype: Any = None, include_initial: bool = False) -> Any:
    """Return the running sums along an axis, with a 0 ahead if asked for.

    >>> cumulative_sum(np.array([1.0, 2.0]), include_initial=True)
    Tensor([0., 1., 3.])
    """
    return _with_initial("cumsum", x, axis, dtype, 0.0 if include_initial else None)


@composed(case((3,)), case((2, 3), axis=0), case((2, 3), axis=-1, include_initial=True))
def cumulative_prod(x: Any, /, *, axis: int | None = None, dtype: Any = None, include_initial: bool = False) -> Any:
    """Return the running products along an axis, with a 1 ahead if asked for.

    >>> cumulative_prod(np.array([2.0, 3.0]), include_initial=True)
    Tensor([1., 2., 6.])
    """
    return _with_initial("cumprod", x, axis, dtype, 1.0 if include_initial else None)


by_method.update(
    {
        (np.add, "accumulate"): cumsum,
        (np.multiply, "accumulate"): cumprod,
        (np.maximum, "accumulate"): cumulative_max,
        (np.minimum, "accumulate"): cumulative_min,
        (np.logaddexp, "accumulate"): logcumsumexp,
        (np.logaddexp, "reduce"): functions["logsumexp"],
    }
)
