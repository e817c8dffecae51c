"""Sets of entries: which there are jumps, what they are varies."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.compositions.composition import composed
from autograd.functions import functions
from autograd.primitives.domain import REAL, case
from autograd.tensor import Tensor, as_tensor


def looked_at(x: Any) -> Any:
    """Return the plain values: what they are decides the shape of the result."""
    return x.numpy() if isinstance(x, Tensor) else np.asarray(x)


@composed(
    case((4,)), case((2, 3)), case((2, 3), axis=0), case((3,), return_inverse=True, return_counts=True),
    operands="ar", batched=False,
)  # fmt: skip
def unique(
    ar: Any, return_index: bool = False, return_inverse: bool = False, return_counts: bool = False,
    axis: int | None = None, **more: Any,
) -> Any:  # fmt: skip
    """Return the distinct entries in rising order; of equal ones the first receives the gradient.

    >>> unique(np.array([2.0, 1.0, 2.0]))
    Tensor([1., 2.])
    """
    ar = as_tensor(ar)
    numpy_unique: Any = np.unique  # its many signatures name each combination of flags
    found = numpy_unique(looked_at(ar), True, return_inverse, return_counts, axis, **more)
    x, along = (ar.reshape(-1), 0) if axis is None else (ar, axis)
    distinct = functions["take"](x, found[1], axis=along)
    rest = found[1 if return_index else 2 :]
    return (distinct, *rest) if rest else distinct


def _in_a_row(x: Any) -> Any:
    return as_tensor(x).reshape(-1)


_PAIR = (case((4,), (3,)), case((3,), (2, 2)))  # without ties: where two entries meet, the result's shape jumps


@composed(*_PAIR, domain=(REAL, REAL), batched=False)
def union1d(ar1: Any, ar2: Any) -> Any:
    """Return the distinct entries of both, in rising order.

    >>> union1d(np.array([1.0, 2.0]), np.array([2.0, 3.0]))
    Tensor([1., 2., 3.])
    """
    return unique(functions["concatenate"]([_in_a_row(ar1), _in_a_row(ar2)]))


@composed(*_PAIR, domain=(REAL, REAL), batched=False)
def intersect1d(ar1: Any, ar2: Any, assume_unique: bool = False, return_indices: bool = False) -> Any:
    """Return the entries that both have, in rising order; the first one's receive the gradient.

    >>> intersect1d(np.array([1.0, 2.0]), np.array([2.0, 3.0]))
    Tensor([2.])
    """
    ar1 = _in_a_row(ar1)
    _, first, second = np.intersect1d(looked_at(ar1), looked_at(ar2), assume_unique, return_indices=True)
    return (ar1[first], first, second) if return_indices else ar1[first]


@composed(*_PAIR, domain=(REAL, REAL), batched=False)
def setdiff1d(ar1: Any, ar2: Any, assume_unique: bool = False) -> Any:
    """Return the entries of the first that the second doesn't have.

    >>> setdiff1d(np.array([1.0, 2.0]), np.array([2.0, 3.0]))
    Tensor([1.])
    """
    ar1 = _in_a_row(ar1)
    ar1 = ar1 if assume_unique else unique(ar1)
    return ar1[~np.isin(looked_at(ar1), looked_at(ar2))]


@composed(*_PAIR, domain=(REAL, REAL), batched=False)
def setxor1d(ar1: Any, ar2: Any, assume_unique: bool = False) -> Any:
    """Return the entries that only one of both has, in rising order.

    >>> setxor1d(np.array([1.0, 2.0]), np.array([2.0, 3.0]))
    Tensor([1., 3.])
    """
    pair = [x if assume_unique else unique(x) for x in (_in_a_row(ar1), _in_a_row(ar2))]
    both = functions["concatenate"](pair)
    _, first, count = np.unique(looked_at(both), return_index=True, return_counts=True)
    return both[first[count == 1]]


@composed(case((4,)), case((2, 3)), operands="x", batched=False)
def unique_values(x: Any, /) -> Any:
    """Return the distinct entries.

    >>> unique_values(np.array([2.0, 1.0, 2.0]))
    Tensor([1., 2.])
    """
    return unique(x)


def _with_values(found: Any, x: Any) -> Any:
    """Return what NumPy found, with the values as entries of x."""
    return found._replace(values=unique(x))


@composed(case((4,)), operands="x", batched=False)
def unique_all(x: Any, /) -> Any:
    """Return the distinct entries, where they are first, which of them each entry is, and how often they occur.

    >>> unique_all(np.array([2.0, 1.0, 2.0])).values
    Tensor([1., 2.])
    """
    return _with_values(np.unique_all(looked_at(x)), x)


@composed(case((4,)), operands="x", batched=False)
def unique_counts(x: Any, /) -> Any:
    """Return the distinct entries, and how often they occur.

    >>> unique_counts(np.array([2.0, 1.0, 2.0])).counts
    Tensor([1, 2])
    """
    return _with_values(np.unique_counts(looked_at(x)), x)


@composed(case((4,)), operands="x", batched=False)
def unique_inverse(x: Any, /) -> Any:
    """Return the distinct entries, and which of them each entry is.

    >>> unique_inverse(np.array([2.0, 1.0, 2.0])).inverse_indices
    Tensor([1, 0, 1])
    """
    return _with_values(np.unique_inverse(looked_at(x)), x)


@composed(case((3,)), case((2, 3), axis=1), operands="filt", batched=False)
def trim_zeros(filt: Any, trim: str = "fb", axis: Any = None) -> Any:
    """Return the array without the zeros ahead and behind.

    >>> trim_zeros(np.array([0.0, 1.0, 2.0, 0.0]))
    Tensor([1., 2.])
    """
    filt = as_tensor(filt)
    found = np.argwhere(looked_at(filt))
    trimmed = range(filt.ndim) if axis is None else [a % filt.ndim for a in np.atleast_1d(axis)]
    cut = [slice(None)] * filt.ndim
    for a in trimmed:
        low = found[:, a].min(initial=filt.shape[a]) if "f" in trim.lower() else 0
        high = found[:, a].max(initial=-1) + 1 if "b" in trim.lower() else filt.shape[a]
        cut[a] = slice(int(low), max(int(low), int(high)))
    return filt[tuple(cut)]
