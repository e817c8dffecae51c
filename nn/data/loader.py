"""DataLoader: a dataset in batches, shuffled and transformed, on request read ahead by a thread."""

from __future__ import annotations

import math
import queue
import threading
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from autograd import ArgumentError, generator
from nn.data.dataset import plain, take

Batch = tuple[Any, ...]


class DataLoader:
    """Go through a dataset in batches: each a tuple of arrays, one for each part of an example.

    ``shuffle`` draws a new order at the start of each pass; ``rng`` is a generator or a seed. ``transform(inputs,
    rng)`` changes the first array of each batch (augmentation). ``dtype`` is what floating arrays are cast to (None:
    as they come); integers stay. ``prefetch`` batches are prepared ahead by a thread: same batches, same bits. Arrays,
    memory maps among them, are sliced a batch at a time; other datasets are read example by example.

    >>> from nn.data import TensorDataset
    >>> loader = DataLoader(TensorDataset([1.0, 2.0, 3.0, 4.0, 5.0]), batch_size=2, shuffle=True, rng=0)
    >>> [len(x) for (x,) in loader]
    [2, 2, 1]

    Raises ArgumentError for a batch size below 1 or a negative prefetch.
    """

    def __init__(
        self,
        dataset: Any,
        batch_size: int = 1,
        shuffle: bool = False,
        *,
        drop_last: bool = False,
        rng: Any = None,
        transform: Callable[[Any, np.random.Generator], Any] | None = None,
        prefetch: int = 0,
        dtype: Any = np.float32,
    ) -> None:
        if batch_size < 1 or prefetch < 0:
            raise ArgumentError(
                "DataLoader(dataset, batch_size, prefetch)",
                "a batch size of 1 or more, a prefetch of 0 or more",
                f"batch_size={batch_size}, prefetch={prefetch}",
                "pass whole numbers in that range",
            )
        self.dataset, self.batch_size, self.shuffle, self.drop_last = dataset, batch_size, shuffle, drop_last
        self.generator = None if rng is None else generator(rng)
        self.transform, self.prefetch, self.dtype = transform, prefetch, None if dtype is None else np.dtype(dtype)

    def __len__(self) -> int:
        n = len(self.dataset)
        return n // self.batch_size if self.drop_last else math.ceil(n / self.batch_size)

    def __iter__(self) -> Iterator[Batch]:
        rng = None
        if (
            self.shuffle or self.transform
        ):  # one draw for a whole pass: a thread then shares no generator with the model
            source = generator() if self.generator is None else self.generator
            rng = np.random.default_rng(source.integers(2**63, size=4))
        batches = self._batches(rng)
        return _ahead(batches, self.prefetch) if self.prefetch else batches

    def _batches(self, rng: Any) -> Iterator[Batch]:
        order = rng.permutation(len(self.dataset)) if self.shuffle else None
        for start in range(0, len(self) * self.batch_size, self.batch_size):
            rows = slice(start, start + self.batch_size)
            batch = take(self.dataset, rows if order is None else order[rows])
            if self.transform:
                batch = (plain(self.transform(batch[0], rng)), *batch[1:])
            yield tuple(cast(part, self.dtype) for part in batch)


def cast(array: Any, dtype: Any) -> Any:
    """Return a floating array in another floating dtype; integers, and dtype None, as they are."""
    return array if dtype is None or array.dtype.kind != "f" else array.astype(dtype, copy=False)


def _ahead(batches: Iterator[Batch], count: int) -> Iterator[Batch]:
    """Yield what a thread prepares, at most ``count`` ahead; its error is raised here; leaving early stops it."""
    ready: queue.Queue[tuple[Batch | None, BaseException | None]] = queue.Queue(count)
    left = threading.Event()

    def put(item: tuple[Batch | None, BaseException | None]) -> None:
        while not left.is_set():
            try:
                ready.put(item, timeout=0.05)
                break
            except queue.Full:
                continue

    def work() -> None:
        try:
            for batch in batches:
                put((batch, None))
                if left.is_set():
                    return
            put((None, None))
        except BaseException as problem:  # whatever it is, it belongs to who reads the batches
            put((None, problem))

    thread = threading.Thread(target=work, name="DataLoader", daemon=True)
    thread.start()
    try:
        while True:
            batch, problem = ready.get()
            if problem is not None:
                raise problem
            if batch is None:
                return
            yield batch
    finally:
        left.set()
        thread.join()
