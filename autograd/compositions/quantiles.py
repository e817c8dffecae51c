"""Quantiles, percentiles and medians: numbers between the entries of given ranks."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from autograd.compositions.composition import composed
from autograd.functions import functions
from autograd.primitives.domain import DISTINCT, case
from autograd.primitives.reduction import negative_axes
from autograd.tensor import Tensor, as_tensor, raw


def _closest_observation(n: Any, q: Any) -> Any:
    """Return the nearest whole number, of two equally near ones the even one counted from 1."""
    position = n * q - 1.5
    low = np.floor(position)
    stays = np.logical_and(position == low, low % 2 == 1)
    return np.where(stays, low, low + 1)


# Where among n sorted entries, counted from 0, the quantile lies.
# Source: Hyndman & Fan (1996), Sample quantiles in statistical packages; the last four are NumPy's own.
_POSITIONS: dict[str, Callable[[Any, Any], Any]] = {
    "inverted_cdf": lambda n, q: np.ceil(n * q) - 1,
    "averaged_inverted_cdf": lambda n, q: (np.ceil(n * q) + np.floor(n * q) - 1) / 2,
    "closest_observation": _closest_observation,
    "interpolated_inverted_cdf": lambda n, q: n * q - 1,
    "hazen": lambda n, q: n * q - 0.5,
    "weibull": lambda n, q: (n + 1) * q - 1,
    "linear": lambda n, q: (n - 1) * q,
    "median_unbiased": lambda n, q: n * q + (q + 1) / 3 - 1,
    "normal_unbiased": lambda n, q: n * q + (2 * q + 3) / 8 - 1,
    "lower": lambda n, q: np.floor((n - 1) * q),
    "higher": lambda n, q: np.ceil((n - 1) * q),
    "midpoint": lambda n, q: (np.floor((n - 1) * q) + np.ceil((n - 1) * q)) / 2,
    "nearest": lambda n, q: np.rint((n - 1) * q),
}


def _merged(x: Any, axis: Any) -> tuple[Any, tuple[int, ...]]:
    """Return x with the given axes merged into one that stands last, and the shape that keeps them with length 1."""
    axes = tuple(a + x.ndim for a in negative_axes(axis, x.ndim))
    kept = tuple(1 if i in axes else n for i, n in enumerate(x.shape))
    rest = [i for i in range(x.ndim) if i not in axes]
    moved = x.transpose((*rest, *axes)) if x.ndim else x
    return moved.reshape(*(x.shape[i] for i in rest), math.prod(x.shape[i] for i in axes)), kept


def _quantile(
    a: Any, q: Any, axis: Any, keepdims: bool, method: str = "linear", weights: Any = None, skip: bool = False
) -> Any:
    """Return quantiles; ``skip`` leaves NaN out."""
    if method not in _POSITIONS:
        raise ValueError(f"the method is one of {', '.join(_POSITIONS)}, not {method!r}")
    if np.size(raw(q)) and not (np.min(raw(q)) >= 0 and np.max(raw(q)) <= 1):
        raise ValueError("quantiles lie between 0 and 1 (percentiles between 0 and 100)")
    a = as_tensor(a)
    a = a if a.dtype.kind == "f" else a.astype(float)
    x, kept = _merged(a, axis)
    n = x.shape[-1]
    shape = kept if keepdims else x.shape[:-1]
    weak = isinstance(q, (int, float)) and not isinstance(q, np.generic)  # NumPy: a number doesn't widen float32
    q = q if isinstance(q, Tensor) else np.asarray(q, x.dtype if weak else float)
    if not n:
        return functions["broadcast_to"](a.mean(axis=axis, keepdims=keepdims), (*q.shape, *shape))
    order, position, last = _found(x, q.reshape(-1).astype(float), method, weights, axis, a.shape, skip)
    low = np.floor(position)
    part = (position - low).astype(q.dtype)
    low = low.astype(np.intp)
    low, high = (
        functions["take_along"](x, functions["take_along"](order, i, axis=-1), axis=-1)
        for i in (low, np.minimum(low + 1, last))
    )
    y = np.where(part < 0.5, low + (high - low) * part, high - (high - low) * (1 - part))  # exact at both ends
    if not skip:  # NaN is the last in order
        y = np.where(np.isnan(functions["take_along"](x, order[..., -1:], axis=-1)), np.nan, y)
    return functions["moveaxis"](y, -1, 0).reshape(*q.shape, *shape)


def _found(x: Any, q: Any, method: str, weights: Any, axis: Any, shape: Any, skip: bool) -> tuple[Any, Any, Any]:
    """Return the indices that put the needed ranks in order, the positions of the quantiles, and the last rank."""
    n = x.shape[-1]
    if weights is not None:
        order = functions["argsort"](x, axis=-1)
        return order, _weighted(x, order, q, method, weights, axis, shape), n - 1
    if skip:
        valid = np.logical_not(np.isnan(x)).sum(-1, keepdims=True)
        position = np.maximum(np.minimum(_POSITIONS[method](valid, q), valid - 1.0), 0.0)
        return functions["argsort"](x, axis=-1), position, np.maximum(valid - 1, 0)
    position = np.maximum(np.minimum(_POSITIONS[method](n, q), n - 1.0), 0.0)
    low = np.floor(position.numpy() if isinstance(position, Tensor) else position).astype(int)
    ranks = tuple(sorted({*low.tolist(), *np.minimum(low + 1, n - 1).tolist(), n - 1}))
    return functions["argpartition"](x, kth=ranks, axis=-1), position.reshape((1,) * (x.ndim - 1) + (-1,)), n - 1


def _weighted(x: Any, order: Any, q: Any, method: str, weights: Any, axis: Any, shape: Any) -> Any:
    """Return the first places where the weights so far make up the quantile's share."""
    if method != "inverted_cdf":
        raise ValueError("weights are for the method 'inverted_cdf'")
    weights = as_tensor(weights).astype(float)
    if weights.shape != shape:
        (along,) = normalize_axis_tuple(0 if axis is None else axis, len(shape))
        weights = weights.reshape([-1 if i == along else 1 for i in range(len(shape))])
        weights = functions["broadcast_to"](weights, shape)
    weights = np.where(np.isnan(x), 0.0, _merged(weights, axis)[0])
    share = np.cumsum(functions["take_along"](weights, order, axis=-1), axis=-1)
    share = share / share[..., -1:]
    before = np.where(share == 0, -1.0, share)[..., None, :] < q[:, None]
    return np.minimum(before.sum(-1), x.shape[-1] - 1.0)


_METHODS = tuple(case((6,), q=q, method=m) for m in _POSITIONS for q in (0.28, 0.75))
_SHAPES = (
    case((2, 3), q=0.4), case((2, 4), q=0.6, axis=1), case((2, 3, 2), q=0.5, axis=(0, -1), keepdims=True),
    case((3,), q=1.0), case((1,), q=0.2), case((3,), q=0),
)  # fmt: skip
_HOLES = np.array([[1.0, np.nan, 3.5, 2.0], [0.5, 4.0, np.nan, np.nan]])
_WEIGHTED = case((5,), q=0.3, weights=np.array([1.0, 2.0, 0.0, 1.0, 3.0]), method="inverted_cdf")


@composed(*_SHAPES, *_METHODS, _WEIGHTED, operands="a", domain=DISTINCT)
def quantile(
    a: Any, q: Any, axis: Any = None, *, method: str = "linear", keepdims: bool = False, weights: Any = None,
    overwrite_input: bool = False,
) -> Any:  # fmt: skip
    """Return the q-th quantile over the given axes, in each of NumPy's methods; differentiable in a, and in q.

    >>> quantile(np.array([1.0, 2.0, 4.0]), 0.75)
    Tensor(3.)
    """
    return _quantile(a, q, axis, keepdims, method, weights)


@composed(case((5,), q=30.0), case((2, 4), q=60, axis=1, method="hazen"), operands="a", domain=DISTINCT)
def percentile(
    a: Any, q: Any, axis: Any = None, *, method: str = "linear", keepdims: bool = False, weights: Any = None,
    overwrite_input: bool = False,
) -> Any:  # fmt: skip
    """Return the q-th percentile over the given axes: the quantile q/100.

    >>> percentile(np.array([1.0, 2.0, 4.0]), 75)
    Tensor(3.)
    """
    return _quantile(a, _hundredth(q), axis, keepdims, method, weights)


@composed(
    case(_HOLES, q=0.3), case(_HOLES, q=0.6, axis=1), case(np.array([[np.nan, 0.5], [1.0, 2.0]]), q=0.6, axis=1),
    case(_HOLES, q=0.4, axis=0, method="weibull", keepdims=True),
    case((2, 3), q=0.4), operands="a", domain=DISTINCT,
)  # fmt: skip
def nanquantile(
    a: Any, q: Any, axis: Any = None, *, method: str = "linear", keepdims: bool = False, weights: Any = None,
    overwrite_input: bool = False,
) -> Any:  # fmt: skip
    """Return the q-th quantile of the entries that are numbers.

    >>> nanquantile(np.array([1.0, np.nan, 3.0]), 0.5)
    Tensor(2.)
    """
    return _quantile(a, q, axis, keepdims, method, weights, skip=True)


@composed(case(_HOLES, q=30.0), case((2, 4), q=60, axis=1), operands="a", domain=DISTINCT)
def nanpercentile(
    a: Any, q: Any, axis: Any = None, *, method: str = "linear", keepdims: bool = False, weights: Any = None,
    overwrite_input: bool = False,
) -> Any:  # fmt: skip
    """Return the q-th percentile of the entries that are numbers.

    >>> nanpercentile(np.array([1.0, np.nan, 3.0]), 50)
    Tensor(2.)
    """
    return _quantile(a, _hundredth(q), axis, keepdims, method, weights, skip=True)


def _hundredth(q: Any) -> Any:
    return q / 100 if isinstance(q, (int, float, Tensor)) else np.true_divide(q, 100)


@composed(
    case((5,)),
    case((4,)),
    case((2, 4), axis=1),
    case((2, 3, 2), axis=(0, -1), keepdims=True),
    operands="a",
    domain=DISTINCT,
)
def median(a: Any, axis: Any = None, *, overwrite_input: bool = False, keepdims: bool = False) -> Any:
    """Return the middle entry over the given axes, or the mean of the two middle ones.

    >>> median(np.array([1.0, 2.0, 4.0, 8.0]))
    Tensor(3.)
    """
    return _quantile(a, 0.5, axis, keepdims)


@composed(case(_HOLES), case(_HOLES, axis=1), case((2, 3), axis=0, keepdims=True), operands="a", domain=DISTINCT)
def nanmedian(a: Any, axis: Any = None, *, overwrite_input: bool = False, keepdims: bool = False) -> Any:
    """Return the middle of the entries that are numbers.

    >>> nanmedian(np.array([1.0, np.nan, 3.0]))
    Tensor(2.)
    """
    return _quantile(a, 0.5, axis, keepdims, skip=True)
