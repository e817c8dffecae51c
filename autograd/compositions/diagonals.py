"""Diagonals: taken out, summed, and put into a matrix of zeros."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from autograd.compositions.composition import composed
from autograd.functions import functions
from autograd.primitives.domain import case
from autograd.tensor import as_tensor


def _places(shape: tuple[int, ...], offset: int) -> tuple[Any, Any]:
    """Return the rows and columns of a diagonal."""
    rows, columns = shape
    n = max(min(rows + min(offset, 0), columns - max(offset, 0)), 0)
    return np.arange(n) + max(-offset, 0), np.arange(n) + max(offset, 0)


@composed(
    case((3, 3)), case((2, 3), offset=1), case((3, 2, 3), offset=-1, axis1=-1, axis2=0), case((2, 3), offset=5),
    operands="a", method=True,
)  # fmt: skip
def diagonal(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """Return a diagonal of two axes, which becomes the last axis.

    >>> diagonal(np.array([[1.0, 2.0], [3.0, 4.0]]))
    Tensor([1., 4.])
    """
    first, second = normalize_axis_tuple((axis1, axis2), a.ndim)
    if (first, second) != (a.ndim - 2, a.ndim - 1):
        a = a.moveaxis((first, second), (-2, -1))
    return a[(..., *_places(a.shape[-2:], offset))]


@composed(
    case((3, 3)), case((2, 3), offset=1), case((3, 2, 3), axis1=0, axis2=2), operands="a", method=True, exported=False
)
def trace(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1, dtype: Any = None) -> Any:
    """Return the sum of a diagonal, as ``np.trace`` and ``t.trace()``: ``autograd.trace`` is the record of a graph.

    >>> np.trace(as_tensor(np.array([[1.0, 2.0], [3.0, 4.0]])))
    Tensor(5.)
    """
    picked = diagonal(a, offset, axis1, axis2)
    return (picked if dtype is None else picked.astype(dtype)).sum(-1)


def _laid(v: Any, k: int) -> Any:
    n = v.size + abs(k)
    return functions["scatter"](v, _places((n, n), k), (n, n))


@composed(case((3,)), case((2,), k=-1), case((2, 3)), case((2, 3), k=1), case((0,)))
def diag(v: Any, k: int = 0) -> Any:
    """Return a matrix with the row v as its diagonal, or the diagonal of the matrix v.

    >>> diag(np.array([1.0, 2.0]))
    Tensor([[1., 0.],
            [0., 2.]])
    """
    if v.ndim not in (1, 2):
        raise ValueError(f"a row or a matrix has one or two axes, not {v.ndim}")
    return _laid(v, k) if v.ndim == 1 else diagonal(v, k)


@composed(case((3,)), case((2, 2), k=1), case(()))
def diagflat(v: Any, k: int = 0) -> Any:
    """Return a matrix with all entries of v on its diagonal.

    >>> diagflat(np.array([[1.0], [2.0]]))
    Tensor([[1., 0.],
            [0., 2.]])
    """
    return _laid(as_tensor(v).reshape(-1), k)
