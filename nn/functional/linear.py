"""Affine and bilinear maps."""

from __future__ import annotations

from typing import Any

import autograd
from autograd import ShapeError, Tensor, as_tensor

linear = autograd.linear


def maxout(input: Any, weight: Any, bias: Any = None, pieces: int = 2) -> Tensor:
    """Return the largest of several affine maps, max(w₁ᵀx + b₁, w₂ᵀx + b₂, …), for each output.

    ``weight`` is (pieces·out, in) and ``bias`` (pieces·out,): the pieces one below the other. Where two tie, each
    receives half of the gradient. Source: Goodfellow and others, Maxout Networks (2013).

    >>> import numpy as np
    >>> maxout(np.array([3.0, -4.0]), np.eye(2)).tolist()
    [3.0]
    """
    y = linear(input, weight, bias)
    return y.reshape(*y.shape[:-1], pieces, y.shape[-1] // pieces).max(axis=-2)


def bilinear(input1: Any, input2: Any, weight: Any, bias: Any = None) -> Tensor:
    """Return ``x₁ᵀ W[k] x₂ + b[k]`` for each output k, by a weight (out, in1, in2).

    (…, in1) and (…, in2) give (…, out). Raises ShapeError where the last axes don't fit the weight, or others differ.

    >>> import numpy as np
    >>> bilinear(np.array([[1.0, 2.0]]), np.array([[3.0]]), np.ones((1, 2, 1))).tolist()
    [[9.0]]
    """
    a, b, weight = as_tensor(input1), as_tensor(input2), as_tensor(weight)
    if a.shape[:-1] != b.shape[:-1] or weight.ndim != 3 or (a.shape[-1:] + b.shape[-1:]) != weight.shape[1:]:
        raise ShapeError(
            "bilinear(input1, input2, weight)",
            "(…, in1), (…, in2) and a weight (out, in1, in2)",
            f"{a.shape}, {b.shape} and {weight.shape}",
            "give both inputs the same leading axes",
        )
    out, in1, in2 = weight.shape
    products = linear(a, weight.moveaxis(1, 2).reshape(out * in2, in1)).reshape(*a.shape[:-1], out, in2)
    y = (products * b.reshape(*b.shape[:-1], 1, in2)).sum(axis=-1)
    return y if bias is None else y + bias
