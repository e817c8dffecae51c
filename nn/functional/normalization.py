"""Standardising over the batch, a layer, groups of channels, or one channel of one example."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

import autograd
from autograd import ShapeError, Tensor, as_tensor


def batch_norm(
    input: Any,
    running_mean: Any,
    running_var: Any,
    weight: Any = None,
    bias: Any = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Tensor:
    """Standardise each channel (axis 1) over the batch and all further axes: (x − mean)/√(var + eps)·weight + bias.

    In training, and where there are no running statistics, mean and variance are those of the batch, and the running
    tensors move towards them: ``running ← (1 − momentum)·running + momentum·batch``, with the variance over n − 1.
    Otherwise the running ones are used. Raises ShapeError for one value of a channel in training.
    Source: Ioffe and Szegedy, Batch Normalization (2015).

    >>> batch_norm(np.array([[1.0], [3.0]]), None, None, eps=0.0).tolist()
    [[-1.0], [1.0]]
    """
    input = as_tensor(input)
    if input.ndim < 2:
        raise ShapeError("batch_norm(input, …)", "(N, C, …)", f"shape {input.shape}", "add an axis for the batch")
    shape = channelwise(input, input.shape[1], "batch_norm(input, …)")
    if not training and running_mean is not None:
        scale = 1 / np.sqrt(as_tensor(running_var).data.reshape(shape) + eps)
        return _affine((input - as_tensor(running_mean).data.reshape(shape)) * scale, weight, bias, shape)
    axes = (0, *range(2, input.ndim))
    count = input.size // max(input.shape[1], 1)
    if count == 1 and training:
        raise ShapeError(
            "batch_norm(input, …) in training",
            "more than one value for each channel",
            f"shape {input.shape}",
            "use a larger batch, drop_last=True in the loader, or call eval()",
        )
    if not count:
        return _affine(input, weight, bias, shape)
    if training and running_mean is not None:
        mean, var = _statistics(input.data, axes)
        _follow(running_mean, mean.ravel(), momentum)
        _follow(running_var, var.ravel(), momentum)
    return _affine(autograd.standardize(input, axis=axes, eps=eps), weight, bias, shape)


def layer_norm(
    input: Any, normalized_shape: Sequence[int], weight: Any = None, bias: Any = None, eps: float = 1e-5
) -> Tensor:
    """Standardise over the last axes, whose lengths are ``normalized_shape``, example by example.

    Source: Ba, Kiros and Hinton, Layer Normalization (2016).

    >>> layer_norm(np.array([[1.0, 3.0]]), (2,), eps=0.0).tolist()
    [[-1.0, 1.0]]
    """
    input = as_tensor(input)
    shape = tuple(normalized_shape)
    if not shape or input.shape[-len(shape) :] != shape:
        raise ShapeError(
            "layer_norm(input, normalized_shape)",
            f"(…, {', '.join(map(str, shape))})",
            f"shape {input.shape}",
            "normalized_shape is the shape of the last axes",
        )
    return _affine(autograd.standardize(input, axis=tuple(range(-len(shape), 0)), eps=eps), weight, bias, shape)


def group_norm(input: Any, num_groups: int, weight: Any = None, bias: Any = None, eps: float = 1e-5) -> Tensor:
    """Standardise over each group of channels (axis 1) and all further axes, example by example.

    Source: Wu and He, Group Normalization (2018).

    >>> group_norm(np.array([[1.0, 3.0, 5.0, 9.0]]), 2, eps=0.0).tolist()
    [[-1.0, 1.0, -1.0, 1.0]]
    """
    input = as_tensor(input)
    if input.ndim < 2 or input.shape[1] % num_groups:
        raise ShapeError(
            "group_norm(input, num_groups)",
            f"(N, C, …) with C a multiple of {num_groups}",
            f"shape {input.shape}",
            "choose a num_groups that divides the channels",
        )
    shape = channelwise(input, input.shape[1], "group_norm(input, …)")
    grouped = input.reshape(input.shape[0], num_groups, math.prod(input.shape[1:]) // num_groups)
    return _affine(autograd.standardize(grouped, axis=-1, eps=eps).reshape(*input.shape), weight, bias, shape)


def instance_norm(
    input: Any,
    running_mean: Any = None,
    running_var: Any = None,
    weight: Any = None,
    bias: Any = None,
    use_input_stats: bool = True,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Tensor:
    """Standardise each channel of each example over its further axes; the running statistics are means over the batch.

    Source: Ulyanov, Vedaldi and Lempitsky, Instance Normalization (2016).

    >>> instance_norm(np.array([[[1.0, 3.0]]]), eps=0.0).tolist()
    [[[-1.0, 1.0]]]
    """
    input = as_tensor(input)
    if input.ndim < 3:
        raise ShapeError(
            "instance_norm(input, …)", "(N, C, L) or more axes", f"shape {input.shape}", "use layer_norm for (N, C)"
        )
    if not use_input_stats:
        return batch_norm(input, running_mean, running_var, weight, bias, False, momentum, eps)
    shape, axes = channelwise(input, input.shape[1], "instance_norm(input, …)"), tuple(range(2, input.ndim))
    if math.prod(input.shape[2:]) < 2:
        raise ShapeError(
            "instance_norm(input, …)",
            "more than one value for each channel of an example",
            f"shape {input.shape}",
            "use batch_norm or layer_norm",
        )
    if running_mean is not None:
        mean, var = _statistics(input.data, axes)
        _follow(running_mean, mean.mean(axis=0).ravel(), momentum)
        _follow(running_var, var.mean(axis=0).ravel(), momentum)
    return _affine(autograd.standardize(input, axis=axes, eps=eps), weight, bias, shape)


def rms_norm(input: Any, normalized_shape: Sequence[int], weight: Any = None, eps: float | None = None) -> Tensor:
    """Divide by the root of the mean square over the last axes, of the shape ``normalized_shape``; then ·weight.

    ``eps`` is added to the mean square; None: the distance from 1 to the next number of the input's dtype.
    Source: Zhang and Sennrich, Root Mean Square Layer Normalization (2019).

    >>> rms_norm(np.array([[3.0, -3.0]]), (2,)).tolist()
    [[1.0, -1.0]]
    """
    input = as_tensor(input)
    shape = tuple(normalized_shape)
    if not shape or input.shape[-len(shape) :] != shape:
        raise ShapeError(
            "rms_norm(input, normalized_shape)",
            f"(…, {', '.join(map(str, shape))})",
            f"shape {input.shape}",
            "normalized_shape is the shape of the last axes",
        )
    eps = float(np.finfo(input.dtype).eps) if eps is None else eps
    mean = (input * input).mean(axis=tuple(range(-len(shape), 0)), keepdims=True)
    return _affine(input / (mean + eps).sqrt(), weight, None, shape)


def local_response_norm(input: Any, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0) -> Tensor:
    """Divide by ``(k + alpha·mean)^beta``, the mean of the squares of ``size`` neighbouring channels (axis 1).

    Neighbours beyond the first and the last channel count as 0.
    Source: Krizhevsky, Sutskever and Hinton, ImageNet Classification with Deep Convolutional Neural Networks (2012).

    >>> local_response_norm(np.array([[[3.0], [4.0]]]), 2, alpha=2.0, beta=0.5, k=0.0).tolist()
    [[[1.0], [0.8]]]
    """
    input = as_tensor(input)
    if input.ndim < 3:
        raise ShapeError("local_response_norm(input, size)", "(N, C, …)", f"shape {input.shape}", "add an axis")
    channel = np.arange(input.shape[1])
    ahead = channel[:, None] - channel  # how far in front of the channel its neighbour lies
    near = ((ahead <= size // 2) & (ahead > size // 2 - size)) / input.dtype.type(size)
    means = autograd.linear((input * input).moveaxis(1, -1), near.astype(input.dtype)).moveaxis(-1, 1)
    responses: Tensor = input / (k + alpha * means) ** beta
    return responses


def _statistics(x: Any, axes: tuple[int, ...]) -> tuple[Any, Any]:
    """Return mean and variance (over n − 1), their axes kept; twice as fast as np.mean and np.var."""
    count = math.prod([x.shape[a] for a in axes])
    x = x.astype(np.float32) if x.dtype == np.float16 else x  # halves overflow at 65504
    mean = np.add.reduce(x, axis=axes, keepdims=True) / count
    centred = x - mean
    return mean, np.add.reduce(centred * centred, axis=axes, keepdims=True) / (count - 1)


def _follow(running: Tensor, now: Any, momentum: float) -> None:
    """Move a running statistic: the same tensor with a new array, so that no graph finds its own overwritten."""
    moved = (1 - momentum) * running.data + momentum * now
    Tensor.__init__(running, moved, dtype=running.dtype)


def _affine(y: Tensor, weight: Any, bias: Any, shape: tuple[int, ...]) -> Tensor:
    """Return y·weight + bias, as far as there are any."""
    if weight is not None:
        y = y * (weight if weight.shape == shape else weight.reshape(shape))
    if bias is not None:
        y = y + (bias if bias.shape == shape else bias.reshape(shape))
    return y


def channelwise(input: Tensor, channels: int, where: str) -> tuple[int, ...]:
    """Return the shape that lines one number for each channel up with axis 1 (of a vector: axis 0)."""
    axis = min(1, input.ndim - 1)
    if input.ndim == 0 or input.shape[axis] != channels:
        raise ShapeError(where, f"{channels} channels on axis 1", f"shape {input.shape}", "move the channels to axis 1")
    return (channels, *(1,) * (input.ndim - axis - 1))
