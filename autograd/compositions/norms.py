"""Norms of vectors and matrices, and condition numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from autograd.compositions.composition import composed
from autograd.compositions.factors import svdvals
from autograd.functions import functions
from autograd.primitives.domain import NONZERO, case
from autograd.tensor import Tensor

_euclidean = functions["euclidean_norm"]
_WELL = np.array([[4.0, 1.0, 0.0], [-1.0, 3.0, 0.5], [0.2, -0.3, 2.0]])
_NAMES = "a vector's ord is a number, inf or −inf; a matrix's None, 'fro', 'nuc', inf, −inf, 1, −1, 2 or −2"


def _of_vector(x: Any, ord: Any, axis: Any, keepdims: bool) -> Any:
    """Return (Σ|x|^p)^(1/p) over the axes, and the limits of it."""
    if ord is None or ord == 2:
        return _euclidean(x, axis, keepdims)
    if isinstance(ord, str):
        raise ValueError(_NAMES)
    size = abs(x)
    if ord in (np.inf, -np.inf):
        return size.max(axis, keepdims) if ord > 0 else size.min(axis, keepdims)
    if ord == 0:
        return abs(functions["sign"](x)).sum(axis, keepdims)  # a count: sign's derivative is 0
    if ord == 1:
        return size.sum(axis, keepdims)
    if ord < 0:  # one entry of 0 makes it 0
        zero = size == 0
        y = functions["where"](zero, np.ones((), x.dtype), size) ** ord
        return functions["where"](zero.any(axis, keepdims), np.zeros((), x.dtype), y.sum(axis, keepdims) ** (1 / ord))
    return _power((_power(size, ord) if ord < 1 else size**ord).sum(axis, keepdims), 1 / ord)


def _power(base: Any, exponent: float) -> Any:
    """Return baseᵖ, with derivative 0 at 0, as norms have there by convention."""
    zero = base == 0
    where, zeros = functions["where"], np.zeros((), base.dtype)
    return where(zero, zeros, where(zero, np.ones((), base.dtype), base) ** exponent)


def _of_matrix(x: Any, ord: Any, axes: tuple[int, int], keepdims: bool) -> Any:
    row, column = axes
    if row == column:
        raise ValueError("a matrix has two different axes")
    if ord is None or ord == "fro":
        return _euclidean(x, axes, keepdims)
    if ord in (1, -1, np.inf, -np.inf):
        across, along = (row, column) if abs(ord) == 1 else (column, row)
        sums = abs(x).sum(across, True)
        y = sums.max(along, True) if ord > 0 else sums.min(along, True)
        return y if keepdims else y.squeeze(axes)
    if ord not in (2, -2, "nuc"):
        raise ValueError(_NAMES)
    values = svdvals(x.moveaxis(axes, (-2, -1)))
    # The sum is that of |s|, whose derivative is 0 at a vanishing s: its vectors are arbitrary.
    y = abs(values).sum(-1) if ord == "nuc" else values.max(-1) if ord > 0 else values.min(-1)
    return functions["expand_dims"](y, tuple(sorted(axes))) if keepdims else y


_ORDERS = (None, 2, 1, 0, 3, 0.5, -1, np.inf, -np.inf)
_MATRIX_ORDERS = ("fro", "nuc", np.inf, -np.inf, 1, -1, 2, -2)


@composed(
    *(case((4,), ord=o) for o in _ORDERS), *(case((3, 4), ord=o) for o in _MATRIX_ORDERS),
    *(case((2, 3, 2), ord=o, axis=(0, -1), keepdims=True) for o in _MATRIX_ORDERS),
    case((2, 3, 4)), case((2, 3), axis=0, ord=3), case((2, 3), axis=-1, keepdims=True), case((2, 3), keepdims=True),
    case((2, 3, 4), axis=(2, 0), ord="nuc"),
    numpy=np.linalg.norm, domain=NONZERO, smooth=False,
)  # fmt: skip
def norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    """Return a norm of vectors (one axis) or matrices (two), named as in NumPy; of all entries by default.

    Its derivative at 0 is taken as 0; entries and singular values that tie share it; ord=0 counts, with derivative 0.

    >>> norm(np.array([3.0, 4.0]))
    Tensor(5.)
    """
    x = x if x.dtype.kind == "f" else x.astype(float)
    if axis is None and (ord is None or (ord in ("fro",) and x.ndim == 2) or (ord == 2 and x.ndim == 1)):
        return _euclidean(x, None, keepdims)
    if not x.ndim:
        return _of_vector(x, ord, axis, keepdims)
    axes = tuple(a - x.ndim for a in (range(x.ndim) if axis is None else normalize_axis_tuple(axis, x.ndim)))
    if len(axes) == 1:
        return _of_vector(x, ord, axes, keepdims)
    if len(axes) != 2:
        raise ValueError("norms are of vectors (one axis) or matrices (two)")
    return _of_matrix(x, ord, (axes[0], axes[1]), keepdims)


@composed(
    case((2, 3)), case((2, 3, 4), axis=(0, 2), ord=3), case((2, 3), axis=0, ord=1, keepdims=True),
    case((2, 3), ord=np.inf, keepdims=True), numpy=np.linalg.vector_norm, domain=NONZERO, smooth=False,
)  # fmt: skip
def vector_norm(x: Any, ord: Any = 2, axis: Any = None, keepdims: bool = False) -> Any:
    """Return the norm of vectors over any number of axes, all by default; its arguments stand in PyTorch's order.

    >>> vector_norm(np.full((2, 2), 2.0))
    Tensor(4.)
    """
    x = x if x.dtype.kind == "f" else x.astype(float)
    return _of_vector(x, ord, axis, keepdims)


@composed(
    case((3, 2)), *(case((2, 3, 3), ord=o) for o in _MATRIX_ORDERS), case((2, 3, 3), ord=2, keepdims=True),
    numpy=np.linalg.matrix_norm, domain=NONZERO, smooth=False,
)  # fmt: skip
def matrix_norm(x: Any, ord: Any = "fro", axis: Any = (-2, -1), keepdims: bool = False) -> Any:
    """Return the norm of the matrices in a stack, along the given two axes; its arguments stand in PyTorch's order.

    >>> matrix_norm(np.full((2, 2), 2.0))
    Tensor(4.)
    """
    x = x if x.dtype.kind == "f" else x.astype(float)
    row, column = normalize_axis_tuple(axis, x.ndim)
    return _of_matrix(x, ord, (row - x.ndim, column - x.ndim), keepdims)


@composed(
    *(case(_WELL, p=p) for p in (None, 2, -2, 1, -1, np.inf, -np.inf, "fro", "nuc")),
    case(np.stack([_WELL, _WELL.T + 1])), case((2, 4)), numpy=np.linalg.cond,
)  # fmt: skip
def cond(x: Any, p: Any = None) -> Any:
    """Return the condition number: the ratio of extreme singular values, or ‖x‖·‖x⁻¹‖ in another norm.

    >>> cond(np.diag([1.0, 4.0]))
    Tensor(4.)
    """
    if p is None or p in (2, -2):
        values: Tensor = svdvals(x)
        largest, smallest = values[..., 0], values[..., -1]
        return smallest / largest if p == -2 else largest / smallest
    return matrix_norm(x, ord=p) * matrix_norm(functions["inv"](x), ord=p)
