"""Splitting a dataset at random."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd import ArgumentError, generator
from nn.data.dataset import Subset


def random_split(dataset: Any, lengths: Sequence[float], rng: Any = None) -> list[Subset]:
    """Split a dataset into parts that don't overlap, of these lengths or, if they sum to 1, these shares.

    Shares are rounded down, and what is left is dealt out one by one from the first part on, as PyTorch does it.

    >>> from nn.data import TensorDataset
    >>> [len(part) for part in random_split(TensorDataset(np.arange(10.0)), [0.75, 0.25], rng=0)]
    [8, 2]

    Raises ArgumentError for lengths that don't sum to the length of the dataset, or shares that don't sum to 1.
    """
    n, total = len(dataset), sum(lengths)
    if abs(total - 1) < 1e-9 and all(0 <= share <= 1 for share in lengths) and n != 1:
        counts = [int(n * share) for share in lengths]
        for i in range(n - sum(counts)):
            counts[i % len(counts)] += 1
    else:
        counts = [int(length) for length in lengths]
        if sum(counts) != n or list(counts) != list(lengths) or min(counts) < 0:
            raise ArgumentError(
                "random_split(dataset, lengths)",
                f"lengths that sum to {n}, or shares that sum to 1",
                f"{list(lengths)}, which sum to {total:g}",
                "pass for example [0.8, 0.2]",
            )
    order = generator(rng).permutation(n)
    ends = np.cumsum(counts)
    return [Subset(dataset, order[end - count : end]) for count, end in zip(counts, ends, strict=True)]
