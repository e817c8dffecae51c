"""Activations, entry by entry, and the softmaxes."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd
from autograd import ArgumentError, ShapeError, Tensor, as_tensor
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
    shape = channelwise(input, weight.size, "prelu(input, weight)") if weight.size > 1 else ()
    if shape or not input.ndim:
        weight = weight.reshape(shape)
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
    return autograd.where(scaled > threshold, input, smooth if beta == 1 else smooth / beta)


def celu(input: Any, alpha: float = 1.0) -> Tensor:
    """Return x where x > 0, else α(exp(x/α) − 1), whose slope is continuous at 0. Source: Barron (2017).

    >>> celu(np.array([-1000.0, 2.0]), alpha=0.5).tolist()
    [-0.5, 2.0]
    """
    return autograd.elu(as_tensor(input) / alpha) * alpha


def rrelu(input: Any, lower: float = 1 / 8, upper: float = 1 / 3, training: bool = False, rng: Any = None) -> Tensor:
    """Return x where x > 0, else a·x, with a slope drawn from [lower, upper) for each entry.

    Without ``training`` the slope is their mean.
    Source: Xu and others, Empirical Evaluation of Rectified Activations (2015).

    >>> rrelu(np.array([-24.0, 1.0])).numpy().round(6).tolist()
    [-5.5, 1.0]
    """
    x = as_tensor(input)
    if not training:
        return autograd.leaky_relu(x, (lower + upper) / 2)
    return autograd.leaky_relu(x, autograd.generator(rng).uniform(lower, upper, x.shape).astype(x.dtype))


def softsign(input: Any) -> Tensor:
    """Return x/(1 + |x|).

    >>> softsign(np.array([-1.0, 3.0])).tolist()
    [-0.5, 0.75]
    """
    x = as_tensor(input)
    return x / (1 + abs(x))


def tanhshrink(input: Any) -> Tensor:
    """Return x − tanh x.

    >>> tanhshrink(np.array([0.0, 1000.0])).tolist()
    [0.0, 999.0]
    """
    x = as_tensor(input)
    return x - autograd.tanh(x)


def softshrink(input: Any, lambd: float = 0.5) -> Tensor:
    """Return x moved towards 0 by lambd, and 0 where it is no larger than lambd.

    >>> softshrink(np.array([-2.0, 0.4, 1.0])).tolist()
    [-1.5, 0.0, 0.5]
    """
    if lambd < 0:
        raise ArgumentError("softshrink(input, lambd)", "lambd ≥ 0", f"lambd={lambd}", "0.5 is usual")
    x = as_tensor(input)
    return x - autograd.clip(x, -lambd, lambd)


def hardshrink(input: Any, lambd: float = 0.5) -> Tensor:
    """Return x where its size is above lambd, else 0.

    >>> hardshrink(np.array([-2.0, 0.5, 1.0])).tolist()
    [-2.0, 0.0, 1.0]
    """
    x = as_tensor(input)
    return autograd.where(abs(x) > lambd, x, 0.0)


def threshold(input: Any, threshold: float, value: float) -> Tensor:
    """Return x where x > threshold, else value.

    >>> threshold(np.array([0.0, 2.0]), 1.0, -5.0).tolist()
    [-5.0, 2.0]
    """
    x = as_tensor(input)
    return autograd.where(x > threshold, x, value)


def hardsigmoid(input: Any) -> Tensor:
    """Return x/6 + ½ limited to [0, 1]; its derivative at the bounds is 0.

    >>> hardsigmoid(np.array([-3.0, 0.0, 3.0])).tolist()
    [0.0, 0.5, 1.0]
    """
    return autograd.relu6(as_tensor(input) + 3) / 6


def hardswish(input: Any) -> Tensor:
    """Return x·hardsigmoid(x). Source: Howard and others, Searching for MobileNetV3 (2019).

    >>> hardswish(np.array([-3.0, 0.0, 3.0])).tolist()
    [-0.0, 0.0, 3.0]
    """
    x = as_tensor(input)
    return x * hardsigmoid(x)


def glu(input: Any, dim: int = -1) -> Tensor:
    """Return a·σ(b), where a and b are the two halves of the input along ``dim``.

    Raises ShapeError for an odd length. Source: Dauphin and others (2017).

    >>> glu(np.array([4.0, 6.0, 0.0, 0.0])).tolist()
    [2.0, 3.0]
    """
    x = as_tensor(input)
    if not x.ndim or x.shape[dim] % 2:
        raise ShapeError("glu(input, dim)", "an even length along dim", f"shape {x.shape}", "choose another dim")
    half, ahead = x.shape[dim] // 2, (slice(None),) * (dim % x.ndim)
    return x[(*ahead, slice(half))] * autograd.sigmoid(x[(*ahead, slice(half, None))])


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


def softmin(input: Any, dim: int | None = None) -> Tensor:
    """Return softmax(−x) along ``dim``: the smallest entry gets the largest share.

    >>> softmin(np.array([0.0, 1000.0])).tolist()
    [1.0, 0.0]
    """
    return softmax(-as_tensor(input), _only(input, dim, "softmin"))


def gumbel_softmax(logits: Any, tau: float = 1.0, hard: bool = False, dim: int = -1, rng: Any = None) -> Tensor:
    """Return softmax((logits + g)/tau) with Gumbel noise g: a sample of a class that a gradient flows through.

    ``hard`` returns 1 at the largest entry and 0 elsewhere, and the gradient of the soft sample.
    Source: Jang, Gu and Poole (2017); Maddison, Mnih and Teh (2017).

    >>> gumbel_softmax(np.array([0.0, 1000.0]), hard=True, rng=0).tolist()
    [0.0, 1.0]
    """
    x = as_tensor(logits)
    noise = autograd.generator(rng).gumbel(size=x.shape).astype(x.dtype)
    soft = autograd.softmax((x + noise) / tau, axis=dim)
    if not hard:
        return soft
    largest = np.expand_dims(soft.data.argmax(axis=dim), dim)
    chosen = np.zeros_like(soft.data)
    np.put_along_axis(chosen, largest, 1, axis=dim)
    straight: Tensor = soft + (chosen - soft.data)
    return straight


def _only(input: Any, dim: int | None, name: str) -> int:
    if dim is None and np.ndim(input) > 2:
        raise ArgumentError(
            f"{name}(input, dim)",
            "the axis of the classes",
            f"dim=None and an input of shape {np.shape(input)}",
            "say dim=1 for (N, C, …), or dim=-1 for the last axis",
        )
    return -1 if dim is None else dim
