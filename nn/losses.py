"""Losses as modules: the functions of ``nn.functional`` with their settings."""

from __future__ import annotations

from typing import Any

from autograd import Tensor
from nn import functional
from nn.module import Module

losses: dict[str, type[Loss]] = {}  # every loss by its name


class Loss(Module):
    """What every loss is: ``loss(input, target)``; ``reduction`` is ``"mean"``, ``"sum"`` or ``"none"``.

    A class weight is a buffer: it goes with ``to`` and ``state_dict``.
    """

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        losses[cls.__name__] = cls

    def __init__(self, reduction: str = "mean") -> None:
        self.reduction = reduction


class L1Loss(Loss):
    """Mean absolute error (MAE): the mean of ``|input − target|``.

    >>> L1Loss()([0.0, 1.0], [0.2, 0.7]).item()
    0.25
    """

    def forward(self, input: Any, target: Any) -> Tensor:
        """Return the loss of two arrays of one shape."""
        return functional.l1_loss(input, target, self.reduction)


class MSELoss(Loss):
    """Mean squared error: the mean of ``(input − target)²``.

    >>> round(MSELoss()([0.0, 1.0], [0.2, 0.7]).item(), 6)
    0.065
    """

    def forward(self, input: Any, target: Any) -> Tensor:
        """Return the loss of two arrays of one shape."""
        return functional.mse_loss(input, target, self.reduction)


class SmoothL1Loss(Loss):
    """``½d²/beta`` where ``|d| < beta``, else ``|d| − ½beta``. Girshick 2015.

    >>> SmoothL1Loss(beta=2.0)([0.0, 0.0], [1.0, 3.0]).item()
    1.125
    """

    def __init__(self, reduction: str = "mean", beta: float = 1.0) -> None:
        super().__init__(reduction)
        self.beta = beta

    def forward(self, input: Any, target: Any) -> Tensor:
        """Return the loss of two arrays of one shape."""
        return functional.smooth_l1_loss(input, target, self.reduction, self.beta)


class HuberLoss(Loss):
    """``½d²`` where ``|d| ≤ delta``, else ``delta·(|d| − ½delta)``. Huber 1964.

    >>> HuberLoss()([0.0, 0.0], [1.0, 3.0]).item()
    1.5
    """

    def __init__(self, reduction: str = "mean", delta: float = 1.0) -> None:
        super().__init__(reduction)
        self.delta = delta

    def forward(self, input: Any, target: Any) -> Tensor:
        """Return the loss of two arrays of one shape."""
        return functional.huber_loss(input, target, self.reduction, self.delta)


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
