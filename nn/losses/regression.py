"""Losses for numbers: how far a prediction is from its target."""

from __future__ import annotations

from typing import Any

from autograd import Tensor
from nn import functional
from nn.losses.loss import Loss


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


class PoissonNLLLoss(Loss):
    """``exp(input) − target·input``: counts that follow Poisson's law with a rate of exp(input).

    ``log_input=False`` takes the rate itself; ``full`` adds Stirling's approximation of ln target!.

    >>> PoissonNLLLoss()([0.0], [3.0]).item()
    1.0
    """

    def __init__(self, log_input: bool = True, full: bool = False, eps: float = 1e-8, reduction: str = "mean") -> None:
        super().__init__(reduction)
        self.log_input, self.full, self.eps = log_input, full, eps

    def forward(self, input: Any, target: Any) -> Tensor:
        """Return the loss of two arrays of one shape."""
        return functional.poisson_nll_loss(input, target, self.log_input, self.full, self.eps, self.reduction)


class GaussianNLLLoss(Loss):
    """``½(ln var + (input − target)²/var)``, with a variance that is predicted too; ``full`` adds ½ln(2π).

    >>> GaussianNLLLoss()([1.0], [3.0], [1.0]).item()
    2.0
    """

    def __init__(self, *, full: bool = False, eps: float = 1e-6, reduction: str = "mean") -> None:
        super().__init__(reduction)
        self.full, self.eps = full, eps

    def forward(self, input: Any, target: Any, var: Any) -> Tensor:
        """Return the loss of means, measurements and variances."""
        return functional.gaussian_nll_loss(input, target, var, self.full, self.eps, self.reduction)
