"""Cross-validation: every example is held out once, in one of k folds."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np

from autograd import ArgumentError, generator
from nn.data.dataset import plain

Split = tuple[Any, Any]  # the numbers of the examples to learn from, and of those held out


class KFold:
    """Cut n examples into ``n_splits`` folds; each is held out once, the others are for learning.

    The first n mod n_splits folds have one example more. Without ``shuffle`` they are taken as they come, and are
    scikit-learn's; ``rng`` (a generator or seed) draws another order.

    >>> for train, test in KFold(3).split(np.zeros((5, 2))):
    ...     print(train, test)
    [2 3 4] [0 1]
    [0 1 4] [2 3]
    [0 1 2 3] [4]

    A dataset is cut by ``Subset(dataset, train)``. Raises ArgumentError for fewer than 2 folds, or more than examples.
    """

    def __init__(self, n_splits: int = 5, shuffle: bool = False, rng: Any = None) -> None:
        name = type(self).__name__
        if n_splits < 2:
            raise ArgumentError(f"{name}(n_splits)", "2 folds or more", f"{n_splits}", "hold out each part once")
        if rng is not None and not shuffle:
            raise ArgumentError(f"{name}(rng=…)", "shuffle=True with it", "shuffle=False", "pass both or neither")
        self.n_splits, self.shuffle, self.rng = n_splits, shuffle, rng

    def split(self, x: Any, y: Any = None) -> Iterator[Split]:
        """Yield (train, test) for each fold, arrays of numbers; ``x`` is anything with a length, ``y`` its labels."""
        fold = self._folds(x, y)
        for i in range(self.n_splits):
            yield np.flatnonzero(fold != i), np.flatnonzero(fold == i)

    def _folds(self, x: Any, y: Any) -> Any:
        """Return for each example the fold that holds it out."""
        n = len(x)
        if n < self.n_splits:
            where = f"KFold(n_splits={self.n_splits}).split(x)"
            raise ArgumentError(where, f"{self.n_splits} examples or more", f"{n}", "take fewer folds")
        fold = np.empty(n, np.intp)
        order = generator(self.rng).permutation(n) if self.shuffle else np.arange(n)
        fold[order] = np.sort(np.arange(n) % self.n_splits)
        return fold

    def __repr__(self) -> str:
        return f"{type(self).__name__}(n_splits={self.n_splits}, shuffle={self.shuffle})"


class StratifiedKFold(KFold):
    """Folds in which each class has the share that it has in the whole, to one example.

    Classes are dealt out in the order in which they first occur. Without ``shuffle`` the folds are scikit-learn's.

    >>> y = [0, 0, 0, 0, 1, 1]
    >>> for train, test in StratifiedKFold(2).split(y, y):
    ...     print(train, test)
    [2 3 5] [0 1 4]
    [0 1 4] [2 3 5]

    Raises ArgumentError without labels, or if no class has an example for each fold; a class with fewer examples than
    folds is missing from some, and a warning says so.
    """

    def _folds(self, x: Any, y: Any) -> Any:
        where = f"StratifiedKFold(n_splits={self.n_splits}).split(x, y)"
        labels = None if y is None else plain(y)
        if labels is None or labels.shape != (len(x),):
            got = "none" if labels is None else f"{labels.shape}"
            raise ArgumentError(where, f"labels y of shape ({len(x)},)", got, "pass the class of each example")
        _, first, inverse, counts = np.unique(labels, return_index=True, return_inverse=True, return_counts=True)
        if counts.max(initial=0) < self.n_splits:
            got = f"at most {counts.max(initial=0)}"
            raise ArgumentError(where, f"{self.n_splits} examples of a class", got, "take fewer folds")
        if counts.min() < self.n_splits:
            warnings.warn(f"the rarest class has {counts.min()} examples for {self.n_splits} folds", stacklevel=3)
        code = np.argsort(np.argsort(first))[inverse]  # classes numbered as they come
        dealt, fold = np.sort(code), np.empty(len(code), np.intp)
        rng = generator(self.rng) if self.shuffle else None
        for k in range(len(counts)):
            shares = [np.sum(dealt[i :: self.n_splits] == k) for i in range(self.n_splits)]
            folds = np.repeat(np.arange(self.n_splits), shares)
            fold[code == k] = folds if rng is None else rng.permutation(folds)
        return fold
