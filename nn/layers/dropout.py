"""Dropout: noise that keeps units from relying on each other."""

from __future__ import annotations

from typing import Any

from autograd import ArgumentError, Tensor, generator
from nn import functional
from nn.module import Module


class Dropout(Module):
    """In training set each entry to 0 with probability p and divide the others by 1 − p; after ``eval()`` do nothing.

    >>> import numpy as np
    >>> Dropout(0.5, rng=0)(np.ones(4)).tolist()
    [2.0, 2.0, 2.0, 0.0]
    """

    def __init__(self, p: float = 0.5, *, rng: Any = None) -> None:
        if not 0 <= p <= 1:
            raise ArgumentError(
                "Dropout(p)", "a probability between 0 and 1", f"p={p}", "p is the share that is dropped"
            )
        self.p = p
        self.rng = None if rng is None else generator(rng)

    def forward(self, input: Any) -> Tensor:
        """Return the input with some entries dropped, in training."""
        return functional.dropout(input, self.p, self.training, self.rng)
