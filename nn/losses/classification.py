"""Losses for classes and distributions: how unlikely the target is by the prediction."""

from __future__ import annotations

from typing import Any

from autograd import Tensor
from nn import functional
from nn.losses.loss import Loss


class BCELoss(Loss):
    """Binary cross-entropy of probabilities; the logs stop at −100. :class:`BCEWithLogitsLoss` is more exact.

    >>> round(BCELoss()([0.9, 0.2], [1.0, 0.0]).item(), 6)
    0.164252
    """

    weight: Tensor | None

    def __init__(self, weight: Any = None, reduction: str = "mean") -> None:
        super().__init__(reduction)
        self.register_buffer("weight", weight)

    def forward(self, input: Any, target: Any) -> Tensor:
        """Return the loss of probabilities and targets of one shape."""
        return functional.binary_cross_entropy(input, target, self.weight, self.reduction)


class BCEWithLogitsLoss(Loss):
    """Binary cross-entropy of ``σ(input)``; ``pos_weight`` multiplies the positive term (rare positives: above 1).

    >>> round(BCEWithLogitsLoss()([2.0, -1.0], [1.0, 0.0]).item(), 6)
    0.220095
    """

    weight: Tensor | None
    pos_weight: Tensor | None

    def __init__(self, weight: Any = None, reduction: str = "mean", pos_weight: Any = None) -> None:
        super().__init__(reduction)
        self.register_buffer("weight", weight)
        self.register_buffer("pos_weight", pos_weight)

    def forward(self, input: Any, target: Any) -> Tensor:
        """Return the loss of logits and targets of one shape."""
        return functional.binary_cross_entropy_with_logits(input, target, self.weight, self.reduction, self.pos_weight)


class CrossEntropyLoss(Loss):
    """Cross-entropy of logits (N, C, …) with class indices (N, …), or with probabilities shaped like the logits.

    >>> import numpy as np
    >>> round(CrossEntropyLoss()([[2.0, 0.0, 0.0], [0.0, 0.0, 2.0]], np.array([0, 2])).item(), 6)
    0.239545
    """

    weight: Tensor | None

    def __init__(
        self,
        weight: Any = None,
        ignore_index: int = -100,
        reduction: str = "mean",
        label_smoothing: float = 0.0,
    ) -> None:
        super().__init__(reduction)
        self.register_buffer("weight", weight)
        self.ignore_index, self.label_smoothing = ignore_index, label_smoothing

    def forward(self, input: Any, target: Any) -> Tensor:
        """Return the loss of logits and targets."""
        return functional.cross_entropy(
            input, target, self.weight, self.ignore_index, self.reduction, self.label_smoothing
        )


class NLLLoss(Loss):
    """``−weight·input`` at the target's class, for input of ``log_softmax``: together they are cross-entropy.

    >>> import numpy as np
    >>> round(NLLLoss()(np.log([[0.5, 0.25, 0.25], [0.1, 0.1, 0.8]]), np.array([0, 2])).item(), 6)
    0.458145
    """

    weight: Tensor | None

    def __init__(self, weight: Any = None, ignore_index: int = -100, reduction: str = "mean") -> None:
        super().__init__(reduction)
        self.register_buffer("weight", weight)
        self.ignore_index = ignore_index

    def forward(self, input: Any, target: Any) -> Tensor:
        """Return the loss of logarithms of probabilities and class indices."""
        return functional.nll_loss(input, target, self.weight, self.ignore_index, self.reduction)


class KLDivLoss(Loss):
    """``target·(ln target − input)`` for logarithms; ``reduction="batchmean"`` gives the divergence itself.

    >>> import numpy as np
    >>> loss = KLDivLoss(reduction="batchmean")
    >>> round(loss(np.log([[0.5, 0.5]]), np.array([[0.25, 0.75]])).item(), 6)
    0.130812
    """

    def __init__(self, reduction: str = "mean", log_target: bool = False) -> None:
        super().__init__(reduction)
        self.log_target = log_target

    def forward(self, input: Any, target: Any) -> Tensor:
        """Return the loss of logarithms and a distribution of one shape."""
        return functional.kl_div(input, target, self.reduction, self.log_target)


class CTCLoss(Loss):
    """−ln of the probability that the steps of a sequence spell the target: repeats merge, blanks fall out.

    >>> import numpy as np
    >>> halves = np.log(np.full((2, 1, 2), 0.5))
    >>> round(CTCLoss(reduction="sum")(halves, np.array([[1]]), [2], [1]).exp().item(), 6)
    1.333333
    """

    def __init__(self, blank: int = 0, reduction: str = "mean", zero_infinity: bool = False) -> None:
        super().__init__(reduction)
        self.blank, self.zero_infinity = blank, zero_infinity

    def forward(self, log_probs: Any, targets: Any, input_lengths: Any, target_lengths: Any) -> Tensor:
        """Return the loss of logarithms (T, N, C) and targets (N, S), as far as the lengths (N,) say."""
        return functional.ctc_loss(
            log_probs, targets, input_lengths, target_lengths, self.blank, self.reduction, self.zero_infinity
        )
