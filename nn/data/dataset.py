"""Datasets: a length, and examples by their number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd import ArgumentError, ShapeError, Tensor


def plain(values: Any) -> Any:
    """Return values as a NumPy array: a tensor's own, a memory map as it is, a list converted.

    >>> plain([1.0, 2.0])
    array([1., 2.])
    """
    if isinstance(values, Tensor):
        return values.numpy()
    return values if isinstance(values, np.ndarray) else np.asarray(values)


class Dataset:
    """What a loader reads: define ``__len__`` and ``__getitem__``, which returns one example as a tuple.

    A dataset that also has ``take(index)`` for a slice or an array of numbers is read by whole batches.

    >>> class Squares(Dataset):
    ...     def __len__(self):
    ...         return 3
    ...     def __getitem__(self, i):
    ...         return float(i), float(i * i)
    >>> Squares()[2]
    (2.0, 4.0)
    """

    def __len__(self) -> int:
        raise NotImplementedError(f"{type(self).__name__} defines no __len__")

    def __getitem__(self, index: Any) -> Any:
        raise NotImplementedError(f"{type(self).__name__} defines no __getitem__")


class TensorDataset(Dataset):
    """Arrays (or tensors, or memory maps) of the same length: example i is the i-th entry of each.

    >>> x, y = TensorDataset([[1.0], [2.0], [3.0]], [0, 1, 0])[1:]
    >>> y
    array([1, 0])

    Raises ShapeError for arrays of different lengths, ArgumentError for none.
    """

    def __init__(self, *arrays: Any) -> None:
        self.arrays = tuple(plain(a) for a in arrays)
        if not arrays:
            raise ArgumentError("TensorDataset(*arrays)", "one array at least", "none", "pass inputs and targets")
        lengths = [a.shape[0] if a.ndim else None for a in self.arrays]
        if len(set(lengths)) != 1 or lengths[0] is None:
            shapes = ", ".join(str(a.shape) for a in self.arrays)
            raise ShapeError(
                "TensorDataset(*arrays)", "first axes of the same length", shapes, "give one row for each example"
            )

    def __len__(self) -> int:
        return int(self.arrays[0].shape[0])

    def __getitem__(self, index: Any) -> tuple[Any, ...]:
        return tuple(a[index] for a in self.arrays)

    def take(self, index: Any) -> tuple[Any, ...]:
        """Return the examples of a slice or of an array of numbers, as one array for each of ours."""
        if isinstance(index, slice):
            return tuple(a[index] for a in self.arrays)
        return tuple(a.take(index, axis=0) for a in self.arrays)


class Subset(Dataset):
    """Some examples of a dataset, by number.

    >>> Subset(TensorDataset([10.0, 20.0, 30.0]), [2, 0])[0]
    (np.float64(30.0),)
    """

    def __init__(self, dataset: Any, indices: Any) -> None:
        self.dataset, self.indices = dataset, np.asarray(indices, dtype=np.intp)

    def __len__(self) -> int:
        return len(self.indices)

    def __getitem__(self, index: Any) -> Any:
        chosen = self.indices[index]
        return take(self.dataset, chosen) if isinstance(chosen, np.ndarray) else self.dataset[int(chosen)]

    def take(self, index: Any) -> tuple[Any, ...]:
        """Return the examples of a slice or of an array of numbers."""
        return take(self.dataset, self.indices[index])


def take(dataset: Any, index: Any) -> tuple[Any, ...]:
    """Return examples as one array for each part: in one go if the dataset can, else one by one and stacked.

    >>> take([(0.0, 1), (2.0, 3)], slice(0, 2))
    (array([0., 2.]), array([1, 3]))
    """
    if hasattr(dataset, "take"):
        found: tuple[Any, ...] = dataset.take(index)
        return found
    numbers = range(len(dataset))[index] if isinstance(index, slice) else index
    return collate([dataset[int(i)] for i in numbers])


def collate(examples: Sequence[Any]) -> tuple[Any, ...]:
    """Stack examples, each a tuple of parts or a single part, into one array for each part.

    Raises ShapeError for examples whose parts differ in shape.
    """
    rows = [e if isinstance(e, (tuple, list)) else (e,) for e in examples]
    try:
        return tuple(np.stack([plain(part) for part in parts]) for parts in zip(*rows, strict=True))
    except ValueError as problem:
        got = "; ".join(sorted({str(tuple(plain(part).shape for part in row)) for row in rows}))
        raise ShapeError(
            "a batch of examples", "examples of one shape", got, "pad or crop them in the dataset"
        ) from problem
