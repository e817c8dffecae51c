"""Averages of samples, and how they vary together."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from autograd.compositions.composition import composed
from autograd.compositions.diagonals import diagonal
from autograd.functions import functions
from autograd.primitives.domain import DISTINCT, POSITIVE, REAL, case
from autograd.tensor import as_tensor

_AXES = (case((5,)), case((2, 4)), case((2, 3), axis=0), case((2, 3, 2), axis=(0, -1), keepdims=True))


@composed(
    case((3,)), case((2, 3), 1, keepdims=True), case((3,), None, (3,)), case((2, 3), 1, (3,)),
    case((2, 3), None, (2, 3)),
    case((2, 3), 0, (2, 3), returned=True), case((2, 3), 0, (2,), keepdims=True), case((2, 3), returned=True),
    operands="a weights", domain=(REAL, REAL, POSITIVE),
)  # fmt: skip
def average(a: Any, axis: Any = None, weights: Any = None, returned: bool = False, *, keepdims: bool = False) -> Any:
    """Return the mean Σwx/Σw over the given axes, and with ``returned`` Σw too.

    >>> average(np.array([1.0, 3.0]), weights=np.array([3.0, 1.0]))
    Tensor(1.5)
    """
    a = as_tensor(a)
    axes = None if axis is None else normalize_axis_tuple(axis, a.ndim)
    if weights is None:
        mean = a.mean(axis=axes, keepdims=keepdims)
        total: Any = np.asarray(a.size / max(mean.size, 1), mean.dtype)
    else:
        weights = _fitted(as_tensor(weights), a.shape, axes)
        total = functions["broadcast_to"](weights, a.shape).sum(axis=axes, keepdims=keepdims)
        mean = (a * weights).sum(axis=axes, keepdims=keepdims) / total
    return (mean, functions["broadcast_to"](total, mean.shape)) if returned else mean


def _fitted(weights: Any, shape: tuple[int, ...], axes: tuple[int, ...] | None) -> Any:
    """Give weights along some axes the other axes too, with length 1."""
    if weights.shape == shape:
        return weights
    if axes is None or weights.shape != tuple(shape[i] for i in axes):
        raise ValueError(f"weights of shape {weights.shape} along axes {axes} of shape {shape}")
    order = sorted(range(len(axes)), key=lambda i: axes[i])
    return weights.transpose(order).reshape([n if i in axes else 1 for i, n in enumerate(shape)])


@composed(*_AXES, domain=DISTINCT)
def ptp(a: Any, axis: Any = None, *, keepdims: bool = False) -> Any:
    """Return the largest entry less the smallest, over the given axes.

    >>> ptp(np.array([1.0, 4.0, 2.0]))
    Tensor(3.)
    """
    return a.max(axis=axis, keepdims=keepdims) - a.min(axis=axis, keepdims=keepdims)


_COUNTS, _WEIGHTS = np.array([1, 3, 2, 1]), np.array([0.5, 1.0, 0.2, 0.3])


@composed(
    case((2, 4)), case((4,)), case((2, 4), (1, 4)), case((4,), (4,)), case((4, 2), rowvar=False),
    case((2, 4), bias=True),
    case((2, 4), ddof=0), case((2, 4), fweights=_COUNTS), case((2, 4), fweights=_COUNTS, aweights=_WEIGHTS),
    case((4, 2), (4, 1), rowvar=False, aweights=_WEIGHTS, ddof=0), operands="m y", domain=(REAL, REAL),
)  # fmt: skip
def cov(
    m: Any, y: Any = None, rowvar: bool = True, bias: bool = False, ddof: int | None = None,
    fweights: Any = None, aweights: Any = None, *, dtype: Any = None,
) -> Any:  # fmt: skip
    """Return the covariances of the rows (the columns with ``rowvar=False``), each row a variable.

    >>> cov(np.array([[1.0, 2.0], [3.0, 5.0]]))
    Tensor([[0.5, 1. ],
            [1. , 2. ]])
    """
    if max(m.ndim, 0 if y is None else y.ndim) > 2:
        raise ValueError("one or two axes: variables and observations")
    x = _variables(m, rowvar)
    if y is not None:
        x = functions["concatenate"]([x, _variables(y, rowvar)], 0)
    x = x.astype(np.result_type(x.dtype, np.float64) if dtype is None else dtype)  # as NumPy does
    ddof = (0 if bias else 1) if ddof is None else ddof
    if fweights is None and aweights is None:
        weights: Any = None
        scale: Any = x.shape[1] - ddof
        mean = x.mean(axis=1, keepdims=True)
    else:
        weights = as_tensor(np.asarray(1.0 if fweights is None else fweights, x.dtype))
        weights = weights if aweights is None else as_tensor(aweights) * weights
        total = weights.sum()
        mean = (x * weights).sum(axis=1, keepdims=True) / total
        scale = total - ddof if aweights is None else total - ddof * (weights * aweights).sum() / total
    if not float(scale if isinstance(scale, int) else scale.detach()) > 0:
        warnings.warn("degrees of freedom ≤ 0", RuntimeWarning, stacklevel=4)
        scale = 0.0
    x = x - mean
    return ((x if weights is None else x * weights) @ x.T / scale).squeeze()


def _variables(m: Any, rowvar: bool) -> Any:
    m = m if m.ndim > 1 else m.reshape(1, -1)
    return m if rowvar or m.shape[0] == 1 else m.T


@composed(case((2, 4)), case((4,), (4,)), case((4, 2), rowvar=False), operands="x y", domain=(REAL, REAL))
def corrcoef(x: Any, y: Any = None, rowvar: bool = True, *, dtype: Any = None) -> Any:
    """Return the correlation coefficients of the rows: covariances over the product of the deviations.

    >>> corrcoef(np.array([[1.0, 2.0], [3.0, 5.0]])).numpy().round(6)
    array([[1., 1.],
           [1., 1.]])
    """
    c = cov(x, y, rowvar, dtype=dtype)
    if not c.ndim:
        return c / c
    deviation = np.sqrt(diagonal(c))
    return functions["clip"](c / deviation[:, None] / deviation[None, :], -1.0, 1.0)
