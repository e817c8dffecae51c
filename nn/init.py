"""How parameters start: every function fills a tensor in place and returns it.

Random ones take ``rng``, a generator or a seed; without one they draw from the default, which ``autograd.seed`` starts.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd import ArgumentError, Tensor, generator

_GAINS = {
    "linear": 1.0,
    "conv1d": 1.0,
    "conv2d": 1.0,
    "conv3d": 1.0,
    "sigmoid": 1.0,
    "tanh": 5 / 3,
    "relu": math.sqrt(2),
    "selu": 3 / 4,
}


def calculate_gain(nonlinearity: str, param: float | None = None) -> float:
    """Return the factor by which a layer's deviation is to grow before this activation.

    linear, conv, sigmoid: 1; tanh: 5/3; relu: √2; leaky_relu with slope a (``param``, 0.01): √(2/(1 + a²)); selu: 3/4.

    >>> calculate_gain("leaky_relu", 1.0)
    1.0
    """
    if nonlinearity == "leaky_relu":
        return math.sqrt(2 / (1 + (0.01 if param is None else param) ** 2))
    if nonlinearity not in _GAINS:
        raise ArgumentError(
            "calculate_gain(nonlinearity)",
            f"one of {', '.join([*_GAINS, 'leaky_relu'])}",
            repr(nonlinearity),
            "for others take the gain of the one it resembles, or measure it",
        )
    return _GAINS[nonlinearity]


def fans(tensor: Tensor) -> tuple[int, int]:
    """Return how many inputs feed one output of a weight (out, in, …), and how many outputs one input feeds.

    Raises ArgumentError for fewer than two axes.
    """
    if tensor.ndim < 2:
        raise ArgumentError(
            "the fans of a weight", "(out, in, …)", f"shape {tensor.shape}", "start a bias by zeros_ or uniform_"
        )
    field = math.prod(tensor.shape[2:])
    return tensor.shape[1] * field, tensor.shape[0] * field


def _fan(tensor: Tensor, mode: str) -> int:
    if mode not in ("fan_in", "fan_out"):
        raise ArgumentError("kaiming_…_(tensor, mode)", "'fan_in' or 'fan_out'", repr(mode), "leave it out for fan_in")
    return fans(tensor)[mode == "fan_out"]


def constant_(tensor: Tensor, val: float) -> Tensor:
    """Fill with one number.

    >>> constant_(Tensor([1.0, 2.0]), 0.5)
    Tensor([0.5, 0.5])
    """
    return tensor.assign_(np.full(tensor.shape, val))


def zeros_(tensor: Tensor) -> Tensor:
    """Fill with zeros: right for biases; rows of a weight that start alike stay alike."""
    return constant_(tensor, 0.0)


def ones_(tensor: Tensor) -> Tensor:
    """Fill with ones."""
    return constant_(tensor, 1.0)


def eye_(tensor: Tensor) -> Tensor:
    """Fill a matrix with the identity."""
    rows, columns = tensor.shape
    return tensor.assign_(np.eye(rows, columns))


def normal_(tensor: Tensor, mean: float = 0.0, std: float = 1.0, rng: Any = None) -> Tensor:
    """Draw from the normal distribution N(mean, std²); the course's start is ``std=0.01``."""
    return tensor.assign_(generator(rng).normal(mean, std, tensor.shape))


def uniform_(tensor: Tensor, a: float = 0.0, b: float = 1.0, rng: Any = None) -> Tensor:
    """Draw evenly from [a, b)."""
    return tensor.assign_(generator(rng).uniform(a, b, tensor.shape))


def trunc_normal_(
    tensor: Tensor, mean: float = 0.0, std: float = 1.0, a: float = -2.0, b: float = 2.0, rng: Any = None
) -> Tensor:
    """Draw from N(mean, std²) cut off outside [a, b], by inverting its distribution function."""
    from scipy.special import ndtr, ndtri  # type: ignore[import-untyped]  # start-up cost

    low, high = ndtr((a - mean) / std), ndtr((b - mean) / std)
    drawn = mean + std * ndtri(generator(rng).uniform(low, high, tensor.shape))
    return tensor.assign_(np.clip(drawn, a, b))


def xavier_uniform_(tensor: Tensor, gain: float = 1.0, rng: Any = None) -> Tensor:
    """Draw evenly from ±gain·√(6/(fan_in + fan_out)). Source: Glorot and Bengio (2010).

    >>> w = xavier_uniform_(Tensor(np.zeros((2, 4))), rng=0)
    >>> bool(abs(w).max() <= 1.0)
    True
    """
    bound = gain * math.sqrt(6 / sum(fans(tensor)))
    return uniform_(tensor, -bound, bound, rng)


def xavier_normal_(tensor: Tensor, gain: float = 1.0, rng: Any = None) -> Tensor:
    """Draw from N(0, gain²·2/(fan_in + fan_out)). Source: Glorot and Bengio (2010)."""
    return normal_(tensor, 0.0, gain * math.sqrt(2 / sum(fans(tensor))), rng)


def kaiming_uniform_(
    tensor: Tensor, a: float = 0.0, mode: str = "fan_in", nonlinearity: str = "leaky_relu", rng: Any = None
) -> Tensor:
    """Draw evenly from ±gain·√(3/fan), where ``a`` is the slope of a leaky rectifier. Source: He and others (2015)."""
    bound = calculate_gain(nonlinearity, a) * math.sqrt(3 / _fan(tensor, mode)) if tensor.size else 0.0
    return uniform_(tensor, -bound, bound, rng)


def kaiming_normal_(
    tensor: Tensor, a: float = 0.0, mode: str = "fan_in", nonlinearity: str = "leaky_relu", rng: Any = None
) -> Tensor:
    """Draw from N(0, gain²/fan), where ``a`` is the slope of a leaky rectifier. Source: He and others (2015)."""
    std = calculate_gain(nonlinearity, a) / math.sqrt(_fan(tensor, mode)) if tensor.size else 0.0
    return normal_(tensor, 0.0, std, rng)


def orthogonal_(tensor: Tensor, gain: float = 1.0, rng: Any = None) -> Tensor:
    """Fill with a random matrix whose rows (or columns, whichever are fewer) are orthogonal, of length ``gain``.

    Axes beyond the first are taken together. Source: Saxe, McClelland and Ganguli (2014).
    """
    fans(tensor)  # refuses a vector
    rows, columns = tensor.shape[0], math.prod(tensor.shape[1:])
    drawn = generator(rng).normal(size=(max(rows, columns), min(rows, columns)))
    q, r = np.linalg.qr(drawn)
    q = q * np.sign(np.diag(r))  # so that every orthogonal matrix is equally likely
    return tensor.assign_(gain * (q.T if rows < columns else q).reshape(tensor.shape))
