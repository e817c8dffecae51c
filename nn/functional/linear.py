"""Affine maps, the rows of a table, and dropout."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd
from autograd import ArgumentError, Tensor, as_tensor

linear = autograd.linear


def maxout(input: Any, weight: Any, bias: Any = None, pieces: int = 2) -> Tensor:
    """Return the largest of several affine maps, max(w₁ᵀx + b₁, w₂ᵀx + b₂, …), for each output.

    ``weight`` is (pieces·out, in) and ``bias`` (pieces·out,): the pieces one below the other. Where two tie, each
    receives half of the gradient. Source: Goodfellow and others, Maxout Networks (2013).

    >>> maxout(np.array([3.0, -4.0]), np.eye(2)).tolist()
    [3.0]
    """
    y = linear(input, weight, bias)
    return y.reshape(*y.shape[:-1], pieces, y.shape[-1] // pieces).max(axis=-2)


def embedding(input: Any, weight: Any, padding_idx: int | None = None) -> Tensor:
    """Return the rows of ``weight`` that the integers of ``input`` name; the row ``padding_idx`` receives no gradient.

    Raises ArgumentError for an index outside the table.

    >>> embedding(np.array([2, 0]), np.array([[0.0], [10.0], [20.0]])).tolist()
    [[20.0], [0.0]]
    """
    index, table = np.asarray(as_tensor(input).data), as_tensor(weight)
    rows = table.shape[0]
    if index.dtype.kind not in "iu" or (index.size and not 0 <= index.min() <= index.max() < rows):
        raise ArgumentError(
            "embedding(input, weight)",
            f"integers from 0 to {rows - 1}",
            f"{index.dtype} from {index.min()} to {index.max()}" if index.size else str(index.dtype),
            "number the words from 0; make the table as long as there are words",
        )
    found = table[index]
    if padding_idx is None:
        return found
    return autograd.where((index == padding_idx % rows)[..., None], found.detach(), found)


def one_hot(input: Any, num_classes: int = -1) -> Tensor:
    """Return a 1 at each class and 0 elsewhere, along a new last axis, as integers; −1: as many classes as appear.

    >>> one_hot(np.array([0, 2])).tolist()
    [[1, 0, 0], [0, 0, 1]]
    """
    index = np.asarray(as_tensor(input).data)
    highest = int(index.max()) if index.size else -1
    classes = highest + 1 if num_classes == -1 else num_classes
    if index.dtype.kind not in "iu" or (index.size and not 0 <= index.min() <= highest < classes) or classes < 1:
        raise ArgumentError(
            "one_hot(input, num_classes)",
            f"integers from 0 to {max(classes - 1, 0)}",
            f"{index.dtype} from {index.min()} to {highest}" if index.size else f"no entries, {num_classes} classes",
            "say how many classes there are, and number them from 0",
        )
    return as_tensor((index[..., None] == np.arange(classes)).astype(np.int64))


def dropout(input: Any, p: float = 0.5, training: bool = True, rng: Any = None) -> Tensor:
    """Set each entry to 0 with probability p and divide the others by 1 − p: the mean stays (inverted dropout).

    The mask is an operand that the graph keeps, so a replay is exact. Without ``training`` the input passes unchanged.
    Source: Srivastava and others, Dropout (2014).

    >>> dropout(np.ones(4), p=0.5, rng=0).tolist()
    [2.0, 2.0, 2.0, 0.0]
    """
    if not 0 <= p <= 1:
        raise ArgumentError(
            "dropout(input, p)", "a probability between 0 and 1", f"p={p}", "p is the share that is dropped"
        )
    x = as_tensor(input)
    if not training or p == 0:
        return x
    kept = autograd.generator(rng).random(x.shape, np.float32) >= p
    dropped: Tensor = x * (kept * x.dtype.type(1 / (1 - p) if p < 1 else 0))
    return dropped
