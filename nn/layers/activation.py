"""Activations: what is applied entry by entry between the layers, and the softmaxes."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import Parameter, ShapeError, Tensor, generator
from nn import functional
from nn.module import Module


class Step(Module):
    """1 where x ≥ 0, else 0: the perceptron's output; its derivative is 0 wherever it exists.

    >>> Step()(np.array([-1.0, 0.0])).tolist()
    [0.0, 1.0]
    """

    def forward(self, input: Any) -> Tensor:
        """Return the step of the input."""
        return functional.step(input)


class Sign(Module):
    """−1, 0 or 1; its derivative is 0 wherever it exists."""

    def forward(self, input: Any) -> Tensor:
        """Return the sign of the input."""
        return functional.sign(input)


class Sigmoid(Module):
    """1/(1 + e⁻ˣ)."""

    def forward(self, input: Any) -> Tensor:
        """Return σ of the input."""
        return functional.sigmoid(input)


class Tanh(Module):
    """The hyperbolic tangent."""

    def forward(self, input: Any) -> Tensor:
        """Return tanh of the input."""
        return functional.tanh(input)


class ReLU(Module):
    """The rectifier max(x, 0); its derivative at 0 is taken as 0."""

    def forward(self, input: Any) -> Tensor:
        """Return the input where it is positive, else 0."""
        return functional.relu(input)


class ReLU6(Module):
    """The rectifier limited to 6: min(max(x, 0), 6)."""

    def forward(self, input: Any) -> Tensor:
        """Return the input limited to [0, 6]."""
        return functional.relu6(input)


class LeakyReLU(Module):
    """x where x > 0, else negative_slope·x: a unit that is off still learns.

    >>> LeakyReLU(0.1)(np.array([-1.0, 1.0])).tolist()
    [-0.1, 1.0]
    """

    def __init__(self, negative_slope: float = 0.01) -> None:
        self.negative_slope = negative_slope

    def forward(self, input: Any) -> Tensor:
        """Return the input, its negative part scaled."""
        return functional.leaky_relu(input, self.negative_slope)


class PReLU(Module):
    """x where x > 0, else weight·x, with one learned slope for all or one for each channel (axis 1).

    Source: He and others, Delving Deep into Rectifiers (2015).

    >>> PReLU()(np.float32([-1.0, 1.0])).tolist()
    [-0.25, 1.0]
    """

    def __init__(self, num_parameters: int = 1, init: float = 0.25, *, dtype: Any = np.float32) -> None:
        self.num_parameters, self.init = num_parameters, init
        self.weight = Parameter(np.full(num_parameters, init, dtype))

    def forward(self, input: Any) -> Tensor:
        """Return the input, its negative part times the slope."""
        return functional.prelu(input, self.weight)


class ELU(Module):
    """x where x > 0, else α(eˣ − 1). Source: Clevert, Unterthiner and Hochreiter (2016)."""

    def __init__(self, alpha: float = 1.0) -> None:
        self.alpha = alpha

    def forward(self, input: Any) -> Tensor:
        """Return the input, its negative part bent towards −α."""
        return functional.elu(input, self.alpha)


class SELU(Module):
    """λ·elu(x, α) with the λ and α that keep mean 0 and variance 1. Source: Klambauer and others (2017)."""

    def forward(self, input: Any) -> Tensor:
        """Return the scaled exponential linear unit of the input."""
        return functional.selu(input)


class GELU(Module):
    """x·Φ(x), with the normal distribution function Φ; ``approximate="tanh"`` is the older closed form."""

    def __init__(self, approximate: str = "none") -> None:
        self.approximate = approximate

    def forward(self, input: Any) -> Tensor:
        """Return the input times the probability that a standard normal number is smaller."""
        return functional.gelu(input, self.approximate)


class SiLU(Module):
    """x·σ(x), also called swish."""

    def forward(self, input: Any) -> Tensor:
        """Return the input times its sigmoid."""
        return functional.silu(input)


class Mish(Module):
    """x·tanh(ln(1 + eˣ)). Source: Misra (2019)."""

    def forward(self, input: Any) -> Tensor:
        """Return the input times the tanh of its softplus."""
        return functional.mish(input)


class Softplus(Module):
    """ln(1 + exp(beta·x))/beta, a smooth rectifier; x itself where beta·x > threshold."""

    def __init__(self, beta: float = 1.0, threshold: float = 20.0) -> None:
        self.beta, self.threshold = beta, threshold

    def forward(self, input: Any) -> Tensor:
        """Return the softplus of the input."""
        return functional.softplus(input, self.beta, self.threshold)


class Hardtanh(Module):
    """x limited to [min_val, max_val]; its derivative at the bounds is taken as 0."""

    def __init__(self, min_val: float = -1.0, max_val: float = 1.0) -> None:
        self.min_val, self.max_val = min_val, max_val

    def forward(self, input: Any) -> Tensor:
        """Return the input, limited."""
        return functional.hardtanh(input, self.min_val, self.max_val)


class Softmax(Module):
    """eˣ/Σeˣ along ``dim``: positive numbers that sum to 1. ``None``: the last axis of one or two."""

    def __init__(self, dim: int | None = None) -> None:
        self.dim = dim

    def forward(self, input: Any) -> Tensor:
        """Return probabilities."""
        return functional.softmax(input, self.dim)


class LogSoftmax(Module):
    """ln softmax(x) along ``dim``, stable at any finite x. ``None``: the last axis of one or two."""

    def __init__(self, dim: int | None = None) -> None:
        self.dim = dim

    def forward(self, input: Any) -> Tensor:
        """Return the logarithms of probabilities."""
        return functional.log_softmax(input, self.dim)


class LogSigmoid(Module):
    """ln σ(x), stable at any finite x."""

    def forward(self, input: Any) -> Tensor:
        """Return the logarithm of the sigmoid."""
        return functional.logsigmoid(input)


class CELU(Module):
    """x where x > 0, else α(exp(x/α) − 1), whose slope is continuous at 0. Source: Barron (2017)."""

    def __init__(self, alpha: float = 1.0) -> None:
        self.alpha = alpha

    def forward(self, input: Any) -> Tensor:
        """Return the input, its negative part bent towards −α."""
        return functional.celu(input, self.alpha)


class GLU(Module):
    """a·σ(b), where a and b are the two halves of the input along ``dim``. Source: Dauphin and others (2017)."""

    def __init__(self, dim: int = -1) -> None:
        self.dim = dim

    def forward(self, input: Any) -> Tensor:
        """Return one half, gated by the other."""
        return functional.glu(input, self.dim)


class Hardsigmoid(Module):
    """x/6 + ½ limited to [0, 1]; its derivative at the bounds is taken as 0."""

    def forward(self, input: Any) -> Tensor:
        """Return the hard sigmoid of the input."""
        return functional.hardsigmoid(input)


class Hardswish(Module):
    """x·hardsigmoid(x). Source: Howard and others, Searching for MobileNetV3 (2019)."""

    def forward(self, input: Any) -> Tensor:
        """Return the input times its hard sigmoid."""
        return functional.hardswish(input)


class Hardshrink(Module):
    """x where its size is above lambd, else 0."""

    def __init__(self, lambd: float = 0.5) -> None:
        self.lambd = lambd

    def forward(self, input: Any) -> Tensor:
        """Return the input, small entries set to 0."""
        return functional.hardshrink(input, self.lambd)


class Softshrink(Module):
    """x moved towards 0 by lambd, and 0 where it is no larger than lambd."""

    def __init__(self, lambd: float = 0.5) -> None:
        self.lambd = lambd

    def forward(self, input: Any) -> Tensor:
        """Return the input, shrunk."""
        return functional.softshrink(input, self.lambd)


class Tanhshrink(Module):
    """x − tanh x."""

    def forward(self, input: Any) -> Tensor:
        """Return the input minus its tanh."""
        return functional.tanhshrink(input)


class Softsign(Module):
    """x/(1 + |x|)."""

    def forward(self, input: Any) -> Tensor:
        """Return the softsign of the input."""
        return functional.softsign(input)


class Threshold(Module):
    """x where x > threshold, else value."""

    def __init__(self, threshold: float, value: float) -> None:
        self.threshold, self.value = threshold, value

    def forward(self, input: Any) -> Tensor:
        """Return the input, small entries replaced."""
        return functional.threshold(input, self.threshold, self.value)


class RReLU(Module):
    """x where x > 0, else a·x, with a slope from [lower, upper) that is drawn for each entry in training.

    After ``eval()`` the slope is the mean of both. Source: Xu and others (2015).

    >>> RReLU(0.1, 0.3).eval()(np.array([-1.0, 1.0])).tolist()
    [-0.2, 1.0]
    """

    def __init__(self, lower: float = 1 / 8, upper: float = 1 / 3, *, rng: Any = None) -> None:
        self.lower, self.upper = lower, upper
        self.rng = None if rng is None else generator(rng)

    def forward(self, input: Any) -> Tensor:
        """Return the input, its negative part scaled."""
        return functional.rrelu(input, self.lower, self.upper, self.training, self.rng)


class Softmin(Module):
    """softmax(−x) along ``dim``. ``None``: the last axis of one or two."""

    def __init__(self, dim: int | None = None) -> None:
        self.dim = dim

    def forward(self, input: Any) -> Tensor:
        """Return probabilities, the smallest entry's the largest."""
        return functional.softmin(input, self.dim)


class Softmax2d(Module):
    """Softmax over the channels of each pixel, for (N, C, H, W) or (C, H, W).

    >>> Softmax2d()(np.zeros((2, 1, 1))).tolist()
    [[[0.5]], [[0.5]]]
    """

    def forward(self, input: Any) -> Tensor:
        """Return each pixel's probabilities. Raises ShapeError for other axes."""
        if np.ndim(input) not in (3, 4):
            got = f"shape {np.shape(input)}"
            raise ShapeError("Softmax2d", "(N, C, H, W) or (C, H, W)", got, "use Softmax(dim) for others")
        return functional.softmax(input, -3)
