"""Windows that are put together from other functions."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.compositions.composition import composed
from autograd.functions import functions
from autograd.primitives.domain import case


def _one_by_one(x: Any, output_size: Any) -> Any:
    for axis, out in enumerate(output_size, start=-len(output_size)):
        n = x.shape[axis]
        spans = [np.arange(i * n // out, -(-(i + 1) * n // out)) for i in range(out)]
        x = np.stack([np.mean(np.take(x, span, axis), axis) for span in spans], axis)
    return x


@composed(case((2, 5), output_size=(2,)), case((2, 3, 4), output_size=(2, 1)), operands="x", reference=_one_by_one)
def adaptive_avg_pool(x: Any, output_size: Any) -> Any:
    """Return the means of windows that cover each image evenly, as many as asked for along each of its last axes.

    >>> adaptive_avg_pool(np.array([1.0, 2.0, 6.0]), (2,)).tolist()
    [1.5, 4.0]
    """
    for axis, out in enumerate(output_size, start=-len(output_size)):
        if out == 1:
            x = functions["mean"](x, axis, True)
        elif out != x.shape[axis]:
            shares = _shares(x.shape[axis], out, x.dtype)
            x = functions["swapaxes"](functions["linear"](functions["swapaxes"](x, axis, -1), shares), axis, -1)
    return x


def _shares(size: int, out: int, dtype: Any) -> Any:
    """Return the matrix (out, size) of means."""
    window, place = np.arange(out)[:, None], np.arange(size)
    inside = (window * size // out <= place) & (place < -(-(window + 1) * size // out))
    return (inside / np.sum(inside, axis=1, keepdims=True)).astype(dtype)
