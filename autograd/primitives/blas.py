"""Products and sums of matrices in the words that BLAS answers soonest: NumPy's own results, up to rounding."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

from numpy import ndarray, ones

_REMEMBERED = 1 << 16  # the longest vector of ones that is kept


def times(a: Any, b: Any) -> Any:
    """Return ``a @ b``; of two matrices by ``dot``, which starts half a microsecond sooner.

    >>> import numpy as np
    >>> times(np.eye(2), np.array([[1.0, 2.0], [3.0, 4.0]])).tolist()
    [[1.0, 2.0], [3.0, 4.0]]
    """
    if a.__class__ is ndarray and b.__class__ is ndarray and a.ndim == 2 and b.ndim == 2:
        return a.dot(b)
    return a @ b


def summed(x: Any, axis: tuple[int, ...], keepdims: bool = False) -> Any:
    """Return Σ over axes, counted from 0 and rising.

    Over the first and the last axes of an array these are products with ones, which take BLAS a half to a twentieth
    of the time of ``np.sum``.

    >>> import numpy as np
    >>> x = np.array([[1.0, 2.0], [3.0, 4.0]])
    >>> summed(x, (0,)).tolist(), summed(x, (1,), keepdims=True).tolist()
    ([4.0, 6.0], [[3.0], [7.0]])
    """
    ndim, count, first = x.ndim, len(axis), 0
    while first < count and axis[first] == first:
        first += 1
    last = ndim - (count - first)  # where the axes that aren't among the first would begin, were they the last
    outer = 0 < count < ndim and (first == count or axis[first] == last)
    if not outer or x.__class__ is not ndarray or x.dtype.kind != "f" or x.itemsize == 2:
        return x.sum(axis=axis, keepdims=keepdims)  # it widens small integers, and adds halves in pairs
    shape, y = x.shape, x
    if last < ndim:
        columns = math.prod(shape[last:])
        y = y.reshape(math.prod(shape[:last]), columns).dot(_ones(columns, x.dtype))
    if first:
        rows = math.prod(shape[:first])
        y = summed_rows(y.reshape(rows, math.prod(shape[first:last])))
    return y.reshape((1,) * first + shape[first:last] + (1,) * (ndim - last) if keepdims else shape[first:last])


def summed_rows(matrix: Any) -> Any:
    """Return Σ over the rows of a matrix.

    >>> import numpy as np
    >>> summed_rows(np.array([[1.0, 2.0], [3.0, 4.0]])).tolist()
    [4.0, 6.0]
    """
    return _ones(len(matrix), matrix.dtype).dot(matrix)


def _ones(length: int, dtype: Any) -> Any:
    return _kept(length, dtype) if length <= _REMEMBERED else ones(length, dtype)


_kept = lru_cache(maxsize=64)(ones)
