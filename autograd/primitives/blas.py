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

    Over the first or the last axes of an array it is a product with ones, which takes BLAS a half to a twentieth of
    the time of ``np.sum``.

    >>> import numpy as np
    >>> x = np.array([[1.0, 2.0], [3.0, 4.0]])
    >>> summed(x, (0,)).tolist(), summed(x, (1,), keepdims=True).tolist()
    ([4.0, 6.0], [[3.0], [7.0]])
    """
    count = len(axis)
    if x.__class__ is not ndarray or not 0 < count < x.ndim:
        return x.sum(axis=axis, keepdims=keepdims)
    if axis[-1] == count - 1:
        kept = x.shape[count:]
        y = summed_rows(x if x.ndim == 2 else x.reshape(math.prod(x.shape[:count]), math.prod(kept)))
        shape = (1,) * count + kept if keepdims else kept
    elif axis[0] == x.ndim - count:
        kept = x.shape[:-count]
        columns = math.prod(x.shape[-count:])
        y = (x if x.ndim == 2 else x.reshape(math.prod(kept), columns)).dot(_ones(columns, x.dtype))
        shape = kept + (1,) * count if keepdims else kept
    else:
        return x.sum(axis=axis, keepdims=keepdims)
    return y if y.shape == shape else y.reshape(shape)


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
