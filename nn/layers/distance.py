"""How near two inputs are, as layers."""

from __future__ import annotations

from typing import Any

from autograd import Tensor
from nn import functional
from nn.module import Module


class CosineSimilarity(Module):
    """``x1·x2/(max(‖x1‖, eps)·max(‖x2‖, eps))`` along ``dim``: the cosine of the angle between vectors.

    >>> CosineSimilarity()([[1.0, 0.0]], [[0.0, 2.0]]).tolist()
    [0.0]
    """

    def __init__(self, dim: int = 1, eps: float = 1e-8) -> None:
        self.dim, self.eps = dim, eps

    def forward(self, x1: Any, x2: Any) -> Tensor:
        """Return the cosines."""
        return functional.cosine_similarity(x1, x2, self.dim, self.eps)


class PairwiseDistance(Module):
    """The p-norm of ``x1 − x2 + eps`` along the last axis.

    >>> PairwiseDistance(p=1, eps=0.0)([[0.0, 0.0]], [[3.0, 4.0]]).tolist()
    [7.0]
    """

    def __init__(self, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False) -> None:
        self.norm, self.eps, self.keepdim = p, eps, keepdim

    def forward(self, x1: Any, x2: Any) -> Tensor:
        """Return the distances."""
        return functional.pairwise_distance(x1, x2, self.norm, self.eps, self.keepdim)

    def extra_repr(self) -> str:
        """Return the three arguments."""
        return f"p={self.norm}, eps={self.eps}, keepdim={self.keepdim}"
