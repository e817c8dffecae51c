"""Products and sums of matrices in the words that BLAS answers soonest: NumPy's own results, up to rounding."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

from numpy import ndarray, ones

_REMEMBERED = 1 << 16  # the longest row of ones that is kept


def times(a: Any, b: Any) -> Any:
    """Return ``a @ b``; of two matrices by ``dot``, which starts half a microsecond sooner.

    >>> import numpy as np
    >>> times(np.eye(2), np.array([[1.0, 2.0], [3.0, 4.0]])).tolist()
    [[1.0, 2.0], [3.0, 4.0]]
    """
    if a.__class__ is ndarray and b.__class__ is ndarray and a.ndim == 2 and b.ndim == 2:
        return a.dot(b)
    return a @ b


def leading_sum(x: Any, count: int) -> Any:
    """Return Σ over the first ``count`` axes; of an array as ones · matrix, two to twenty times as fast.

    >>> import numpy as np
    >>> leading_sum(np.array([[1.0, 2.0], [3.0, 4.0]]), 1).tolist()
    [4.0, 6.0]
    """
    if x.__class__ is not ndarray or not 0 < count < x.ndim:
        return x.sum(axis=tuple(range(count)))
    if x.ndim == 2:
        return _row(len(x), x.dtype).dot(x)
    kept, rows = x.shape[count:], math.prod(x.shape[:count])
    return _row(rows, x.dtype).dot(x.reshape(rows, math.prod(kept))).reshape(kept)


def trailing_sum(x: Any, count: int) -> Any:
    """Return Σ over the last ``count`` axes; of an array as matrix · ones.

    >>> import numpy as np
    >>> trailing_sum(np.array([[1.0, 2.0], [3.0, 4.0]]), 1).tolist()
    [3.0, 7.0]
    """
    if x.__class__ is not ndarray or not 0 < count < x.ndim:
        return x.sum(axis=tuple(range(-count, 0)))
    kept, columns = x.shape[:-count], math.prod(x.shape[-count:])
    return x.reshape(math.prod(kept), columns).dot(_row(columns, x.dtype)).reshape(kept)


def _row(length: int, dtype: Any) -> Any:
    return _kept(length, dtype) if length <= _REMEMBERED else ones(length, dtype)


_kept = lru_cache(maxsize=64)(ones)
