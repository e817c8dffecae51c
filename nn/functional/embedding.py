"""Rows of a table that integers name, and the integers as rows of zeros and a one."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd
from autograd import ArgumentError, ShapeError, Tensor, as_tensor


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


def embedding_bag(
    input: Any,
    weight: Any,
    offsets: Any = None,
    mode: str = "mean",
    per_sample_weights: Any = None,
    include_last_offset: bool = False,
    padding_idx: int | None = None,
) -> Tensor:
    """Return the sum, mean or largest entries (``mode``) of the rows in each bag; an empty bag gives zeros.

    The bags are the rows of an ``input`` (B, n), or stretches of a flat one that start at ``offsets``
    (``include_last_offset``: the last offset is where the last bag ends). ``per_sample_weights``, of the input's shape,
    multiply the rows of a sum. Rows of ``padding_idx`` don't count.
    Raises ShapeError or ArgumentError for bags that don't fit.

    >>> embedding_bag(np.array([[0, 2], [1, 1]]), np.array([[0.0], [10.0], [20.0]])).tolist()
    [[10.0], [10.0]]
    """
    where = "embedding_bag(input, weight, offsets)"
    index, weights = np.asarray(as_tensor(input).data), per_sample_weights
    if (index.ndim, offsets is None) not in ((2, True), (1, False)):
        got = f"input {index.shape}{'' if offsets is None else ' with offsets'}"
        raise ShapeError(where, "bags (B, n), or flat indices with offsets", got, "give one bag to each row")
    if mode not in ("sum", "mean", "max") or (weights is not None and mode != "sum"):
        got = f"mode={mode!r}{'' if weights is None else ' with per_sample_weights'}"
        raise ArgumentError(where, "'sum', 'mean' or 'max'; weights only with 'sum'", got, "use mode='sum'")
    starts = np.arange(len(index)) * index.shape[1] if offsets is None else np.asarray(as_tensor(offsets).data)
    ends = starts[1:] if include_last_offset and offsets is not None else np.append(starts[1:], index.size)
    index, place = index.ravel(), np.arange(index.size)
    rows = embedding(index, weight, padding_idx)
    counted = np.ones(index.size, bool) if padding_idx is None else index != padding_idx % np.shape(weight)[0]
    holds = (place >= starts[: len(ends), None]) & (place < ends[:, None]) & counted
    if mode == "max":
        bags: list[Any] = [
            rows[np.flatnonzero(bag)].max(axis=0) if bag.any() else rows[:0].sum(axis=0) for bag in holds
        ]
        return autograd.stack(bags)
    shares: Any = holds.astype(rows.dtype)
    if weights is not None:
        shares = shares * as_tensor(weights).reshape(index.size)
    if mode == "mean":
        shares = shares / np.maximum(shares.sum(axis=1, keepdims=True), 1)
    return as_tensor(shares) @ rows


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
