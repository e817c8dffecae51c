"""Losses that are 0 once a score is right by a margin."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd import Tensor
from nn import functional
from nn.losses.loss import Loss


class _WithMargin(Loss):
    def __init__(self, margin: float, reduction: str) -> None:
        super().__init__(reduction)
        self.margin = margin


class HingeLoss(_WithMargin):
    """``max(0, margin − target·input)`` for scores and targets of −1 and 1.

    >>> HingeLoss()([0.5, 2.0], [1, 1]).item()
    0.25
    """

    def __init__(self, margin: float = 1.0, reduction: str = "mean") -> None:
        super().__init__(margin, reduction)

    def forward(self, input: Any, target: Any) -> Tensor:
        """Return the loss of scores and signs of one shape."""
        return functional.hinge_loss(input, target, self.margin, self.reduction)


class HingeEmbeddingLoss(_WithMargin):
    """``input`` where the target is 1, ``max(0, margin − input)`` where it is −1, for distances.

    >>> HingeEmbeddingLoss()([0.25, 0.25], [1, -1]).item()
    0.5
    """

    def __init__(self, margin: float = 1.0, reduction: str = "mean") -> None:
        super().__init__(margin, reduction)

    def forward(self, input: Any, target: Any) -> Tensor:
        """Return the loss of distances and signs of one shape."""
        return functional.hinge_embedding_loss(input, target, self.margin, self.reduction)


class SoftMarginLoss(Loss):
    """``ln(1 + exp(−target·input))`` for targets of −1 and 1.

    >>> round(SoftMarginLoss()([0.0], [1]).item(), 6)
    0.693147
    """

    def forward(self, input: Any, target: Any) -> Tensor:
        """Return the loss of scores and signs of one shape."""
        return functional.soft_margin_loss(input, target, self.reduction)


class MarginRankingLoss(_WithMargin):
    """``max(0, margin − target·(input1 − input2))``: target 1 wants the first ranked higher, −1 the second.

    >>> MarginRankingLoss()([1.0], [3.0], [1]).item()
    2.0
    """

    def __init__(self, margin: float = 0.0, reduction: str = "mean") -> None:
        super().__init__(margin, reduction)

    def forward(self, input1: Any, input2: Any, target: Any) -> Tensor:
        """Return the loss of two scores and a sign, all of one shape."""
        return functional.margin_ranking_loss(input1, input2, target, self.margin, self.reduction)


class TripletMarginLoss(_WithMargin):
    """``max(0, margin + d(anchor, positive) − d(anchor, negative))`` with the p-norm's distance.

    ``swap`` takes the negative's distance from the positive where that is smaller.

    >>> round(TripletMarginLoss()([[0.0, 0.0]], [[3.0, 4.0]], [[0.0, 2.0]]).item(), 4)
    4.0
    """

    def __init__(
        self, margin: float = 1.0, p: float = 2.0, eps: float = 1e-6, swap: bool = False, reduction: str = "mean"
    ) -> None:
        super().__init__(margin, reduction)
        self.p, self.eps, self.swap = p, eps, swap

    def forward(self, anchor: Any, positive: Any, negative: Any) -> Tensor:
        """Return the loss of three arrays of vectors."""
        return functional.triplet_margin_loss(
            anchor, positive, negative, self.margin, self.p, self.eps, self.swap, self.reduction
        )


class TripletMarginWithDistanceLoss(_WithMargin):
    """The triplet margin loss with any distance of two tensors (None: ``pairwise_distance``).

    >>> round(TripletMarginWithDistanceLoss()([[0.0, 0.0]], [[3.0, 4.0]], [[0.0, 2.0]]).item(), 4)
    4.0
    """

    def __init__(
        self,
        *,
        distance_function: Callable[[Tensor, Tensor], Tensor] | None = None,
        margin: float = 1.0,
        swap: bool = False,
        reduction: str = "mean",
    ) -> None:
        super().__init__(margin, reduction)
        self.distance_function, self.swap = distance_function, swap

    def forward(self, anchor: Any, positive: Any, negative: Any) -> Tensor:
        """Return the loss of three arrays of vectors."""
        return functional.triplet_margin_with_distance_loss(
            anchor,
            positive,
            negative,
            distance_function=self.distance_function,
            margin=self.margin,
            swap=self.swap,
            reduction=self.reduction,
        )


class CosineEmbeddingLoss(_WithMargin):
    """``1 − cos`` of the vectors' angle where the target is 1, ``max(0, cos − margin)`` where it is −1.

    >>> CosineEmbeddingLoss()([[1.0, 0.0]], [[0.0, 2.0]], [1]).item()
    1.0
    """

    def __init__(self, margin: float = 0.0, reduction: str = "mean") -> None:
        super().__init__(margin, reduction)

    def forward(self, input1: Any, input2: Any, target: Any) -> Tensor:
        """Return the loss of two arrays of vectors and a sign for each pair."""
        return functional.cosine_embedding_loss(input1, input2, target, self.margin, self.reduction)


class MultiMarginLoss(_WithMargin):
    """Several classes' hinge loss ``Σ max(0, weight[y]·(margin − x[y] + x[i])ᵖ)/C`` over the classes i ≠ y.

    >>> import numpy as np
    >>> round(MultiMarginLoss()([0.1, 0.2, 0.4, 0.8], np.array(3)).item(), 6)
    0.325
    """

    weight: Tensor | None

    def __init__(self, p: int = 1, margin: float = 1.0, weight: Any = None, reduction: str = "mean") -> None:
        super().__init__(margin, reduction)
        self.register_buffer("weight", weight)
        self.p = p

    def forward(self, input: Any, target: Any) -> Tensor:
        """Return the loss of scores (N, C) and class indices (N,)."""
        return functional.multi_margin_loss(input, target, self.p, self.margin, self.weight, self.reduction)


class MultiLabelMarginLoss(Loss):
    """``Σ max(0, 1 − (x[j] − x[i]))/C`` over the labels j of an example and all classes i that are none.

    >>> import numpy as np
    >>> round(MultiLabelMarginLoss()([0.1, 0.2, 0.4, 0.8], np.array([3, 0, -1, 1])).item(), 6)
    0.85
    """

    def forward(self, input: Any, target: Any) -> Tensor:
        """Return the loss of scores and lists of labels, each ended by −1."""
        return functional.multilabel_margin_loss(input, target, self.reduction)


class MultiLabelSoftMarginLoss(Loss):
    """The mean over the classes of ``−weight·(y·ln σ(x) + (1 − y)·ln σ(−x))``, for truths y of 0 and 1.

    >>> round(MultiLabelSoftMarginLoss()([[0.0, 0.0]], [[1.0, 0.0]]).item(), 6)
    0.693147
    """

    weight: Tensor | None

    def __init__(self, weight: Any = None, reduction: str = "mean") -> None:
        super().__init__(reduction)
        self.register_buffer("weight", weight)

    def forward(self, input: Any, target: Any) -> Tensor:
        """Return the loss of scores and truths of one shape."""
        return functional.multilabel_soft_margin_loss(input, target, self.weight, self.reduction)
