"""Norms, and how far two vectors are apart."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

import autograd
from autograd import ShapeError, Tensor, as_tensor


def norm(x: Tensor, p: float, dim: Any, keepdim: bool = False) -> Tensor:
    """Return ``(Σ|x|ᵖ)^(1/p)`` along an axis or several; p = ∞ is the largest size.

    Its derivative at 0 is taken as 0.

    >>> norm(as_tensor([3.0, 4.0]), 2, -1).item()
    5.0
    """
    if p == 0:
        return (x != 0).astype(x.dtype).sum(axis=dim, keepdims=keepdim)
    size = abs(x)
    if math.isinf(p):
        return (size.max if p > 0 else size.min)(axis=dim, keepdims=keepdim)
    if p == 1:
        return size.sum(axis=dim, keepdims=keepdim)
    total = ((x * x) if p == 2 else _power(size, p)).sum(axis=dim, keepdims=keepdim)
    return total.sqrt() if p == 2 and total.data.all() else _power(total, 1 / p)


def _power(x: Tensor, p: float) -> Tensor:
    """Return xᵖ for x ≥ 0; where x is 0 neither it nor its derivative is infinite or NaN."""
    none = x.data == 0
    return autograd.where(none, 0.0, autograd.where(none, 1.0, x) ** p)


def normalize(input: Any, p: float = 2.0, dim: Any = 1, eps: float = 1e-12) -> Tensor:
    """Return the input divided by its p-norm along ``dim``, or by eps where that is larger.

    >>> normalize([[3.0, 4.0]]).tolist()
    [[0.6, 0.8]]
    """
    x = as_tensor(input)
    return x / autograd.clip(norm(x, p, dim, True), min=eps)


def cosine_similarity(x1: Any, x2: Any, dim: int = 1, eps: float = 1e-8) -> Tensor:
    """Return ``x1·x2/(max(‖x1‖, eps)·max(‖x2‖, eps))`` along ``dim``: the cosine of the angle between vectors.

    >>> cosine_similarity([[1.0, 0.0]], [[1.0, 1.0]]).numpy().round(4).tolist()
    [0.7071]
    """
    a, b = as_tensor(x1), as_tensor(x2)
    width = max(a.ndim, b.ndim)
    axis = dim - width if dim >= 0 else dim  # counted from the end, where broadcasting lines axes up
    lengths = [autograd.clip(norm(v, 2, axis, True), min=eps) for v in (a, b)]
    return ((a / lengths[0]) * (b / lengths[1])).sum(axis=axis)


def pairwise_distance(x1: Any, x2: Any, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False) -> Tensor:
    """Return the p-norm of ``x1 − x2 + eps`` along the last axis.

    >>> round(pairwise_distance([[0.0, 0.0]], [[3.0, 4.0]]).item(), 4)
    5.0
    """
    return norm(as_tensor(x1) - as_tensor(x2) + eps, p, -1, keepdim)


def pdist(input: Any, p: float = 2.0) -> Tensor:
    """Return the p-norm's distance of each two rows of (N, M), in the order (0, 1), (0, 2), …: shape (N(N − 1)/2,).

    >>> pdist([[0.0], [1.0], [5.0]]).tolist()
    [1.0, 5.0, 4.0]
    """
    x = as_tensor(input)
    if x.ndim != 2:
        raise ShapeError("pdist(input)", "rows (N, M)", f"shape {x.shape}", "give one matrix")
    first, second = np.triu_indices(len(x), 1)
    return norm(x[first] - x[second], p, -1)
