"""Dropout: noise that keeps units from relying on each other."""

from __future__ import annotations

from typing import Any

from autograd import ArgumentError, Tensor, generator
from nn import functional
from nn.module import Module


class _Dropout(Module):
    """What every dropout is: a probability, a generator, and nothing to do after ``eval()``."""

    def __init__(self, p: float = 0.5, *, rng: Any = None) -> None:
        if not 0 <= p <= 1:
            name = f"{type(self).__name__}(p)"
            raise ArgumentError(name, "a probability between 0 and 1", f"p={p}", "p is the share that is dropped")
        self.p = p
        self.rng = None if rng is None else generator(rng)


class Dropout(_Dropout):
    """In training set each entry to 0 with probability p and divide the others by 1 − p; after ``eval()`` do nothing.

    >>> import numpy as np
    >>> Dropout(0.5, rng=0)(np.ones(4)).tolist()
    [2.0, 2.0, 2.0, 0.0]
    """

    def forward(self, input: Any) -> Tensor:
        """Return the input with some entries dropped, in training."""
        return functional.dropout(input, self.p, self.training, self.rng)


class Dropout1d(_Dropout):
    """Dropout of whole channels of (N, C, L) or (C, L): neighbours are alike, so single ones would not be missed."""

    def forward(self, input: Any) -> Tensor:
        """Return the input with some channels dropped, in training."""
        return functional.dropout1d(input, self.p, self.training, self.rng)


class Dropout2d(_Dropout):
    """Dropout of whole channels of (N, C, H, W) or (C, H, W)."""

    def forward(self, input: Any) -> Tensor:
        """Return the input with some channels dropped, in training."""
        return functional.dropout2d(input, self.p, self.training, self.rng)


class Dropout3d(_Dropout):
    """Dropout of whole channels of (N, C, D, H, W) or (C, D, H, W)."""

    def forward(self, input: Any) -> Tensor:
        """Return the input with some channels dropped, in training."""
        return functional.dropout3d(input, self.p, self.training, self.rng)


class AlphaDropout(_Dropout):
    """In training set entries to SELU's lowest value with probability p and rescale: mean 0 and variance 1 stay."""

    def forward(self, input: Any) -> Tensor:
        """Return the input with some entries dropped, in training."""
        return functional.alpha_dropout(input, self.p, self.training, self.rng)


class FeatureAlphaDropout(_Dropout):
    """Alpha dropout of whole channels (axis 1)."""

    def forward(self, input: Any) -> Tensor:
        """Return the input with some channels dropped, in training."""
        return functional.feature_alpha_dropout(input, self.p, self.training, self.rng)
