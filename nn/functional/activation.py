"""Activations, entry by entry, and the softmaxes."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd
from autograd import ArgumentError, Tensor, as_tensor
from nn.functional.normalization import channelwise

relu = autograd.relu
relu6 = autograd.relu6
leaky_relu = autograd.leaky_relu
elu = autograd.elu
selu = autograd.selu
silu = autograd.silu
mish = autograd.mish
sigmoid = autograd.sigmoid
logsigmoid = autograd.log_sigmoid
tanh = autograd.tanh
step = autograd.step
sign = autograd.sign


def hardtanh(input: Any, min_val: float = -1.0, max_val: float = 1.0) -> Tensor:
    """Return the input limited to [min_val, max_val]; its derivative at the bounds is 0.

    >>> hardtanh(np.array([-3.0, 0.5, 3.0])).tolist()
    [-1.0, 0.5, 1.0]
    """
    return autograd.hardtanh(input, min_val, max_val)


def prelu(input: Any, weight: Any) -> Tensor:
    """Return x where x > 0, else weight·x, with one learned slope for all or one for each channel (axis 1).

    >>> prelu(np.array([-2.0, 2.0]), np.array([0.25])).tolist()
    [-0.5, 2.0]
    """
    input, weight = as_tensor(input), as_tensor(weight)
    if weight.size > 1:
        weight = weight.reshape(channelwise(input, weight.size, "prelu(input, weight)"))
    return autograd.leaky_relu(input, weight)


def gelu(input: Any, approximate: str = "none") -> Tensor:
    """Return x·Φ(x), with the normal distribution function Φ; ``approximate="tanh"`` is the older closed form.

    Source: Hendrycks and Gimpel, Gaussian Error Linear Units (2016).

    >>> gelu(np.array([-1000.0, 0.0, 1000.0])).tolist()
    [-0.0, 0.0, 1000.0]
    """
    if approximate not in ("none", "tanh"):
        raise ArgumentError(
            "gelu(input, approximate)", "'none' or 'tanh'", repr(approximate), "leave it out for x·Φ(x)"
        )
    return autograd.gelu(input) if approximate == "none" else autograd.gelu_tanh(input)


def softplus(input: Any, beta: float = 1.0, threshold: float = 20.0) -> Tensor:
    """Return ln(1 + exp(beta·x))/beta; where beta·x > threshold it is x.

    >>> softplus(np.array([-1000.0, 25.0])).tolist()
    [0.0, 25.0]
    """
    input = as_tensor(input)
    scaled = input if beta == 1 else input * beta
    smooth = autograd.softplus(scaled)
    return autograd.where(scaled.data > threshold, input, smooth if beta == 1 else smooth / beta)


def softmax(input: Any, dim: int | None = None) -> Tensor:
    """Return eˣ/Σeˣ along ``dim``: positive numbers that sum to 1.

    ``None`` means the last axis of an input of one or two axes. Raises ArgumentError where that could be misread.

    >>> softmax(np.array([0.0, 0.0])).tolist()
    [0.5, 0.5]
    """
    return autograd.softmax(input, axis=_only(input, dim, "softmax"))


def log_softmax(input: Any, dim: int | None = None) -> Tensor:
    """Return ln softmax(x) along ``dim``, stable at any finite x.

    >>> log_softmax(np.array([1000.0, 1000.0])).numpy().round(4).tolist()
    [-0.6931, -0.6931]
    """
    return autograd.log_softmax(input, axis=_only(input, dim, "log_softmax"))


def _only(input: Any, dim: int | None, name: str) -> int:
    if dim is None and np.ndim(input) > 2:
        raise ArgumentError(
            f"{name}(input, dim)",
            "the axis of the classes",
            f"dim=None and an input of shape {np.shape(input)}",
            "say dim=1 for (N, C, …), or dim=-1 for the last axis",
        )
    return -1 if dim is None else dim
