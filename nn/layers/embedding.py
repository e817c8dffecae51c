"""A table of vectors, one for each word."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import ArgumentError, Parameter, Tensor
from nn import functional, init
from nn.module import Module


class Embedding(Module):
    """Return the row of a learned table for each integer: (…) gives (…, embedding_dim).

    The table starts as N(0, 1). The row ``padding_idx`` starts at 0 and is never trained.

    >>> Embedding(10, 3, rng=0)(np.array([[1, 2], [4, 1]])).shape
    (2, 2, 3)
    """

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        padding_idx: int | None = None,
        *,
        dtype: Any = np.float32,
        rng: Any = None,
    ) -> None:
        if padding_idx is not None and not -num_embeddings <= padding_idx < num_embeddings:
            raise ArgumentError(
                "Embedding(num_embeddings, embedding_dim, padding_idx)",
                f"a row from 0 to {num_embeddings - 1}",
                f"padding_idx={padding_idx}",
                "make room for the padding: num_embeddings counts it",
            )
        self.num_embeddings, self.embedding_dim = num_embeddings, embedding_dim
        self.padding_idx = padding_idx % num_embeddings if padding_idx is not None else None
        self.weight = Parameter(np.empty((num_embeddings, embedding_dim), dtype))
        self.reset_parameters(rng)

    def reset_parameters(self, rng: Any = None) -> None:
        """Draw the table anew."""
        init.normal_(self.weight, rng=rng)
        if self.padding_idx is not None:
            table = np.array(self.weight.data)
            table[self.padding_idx] = 0
            self.weight.assign_(table)

    def forward(self, input: Any) -> Tensor:
        """Return the rows that the integers name."""
        return functional.embedding(input, self.weight, self.padding_idx)
