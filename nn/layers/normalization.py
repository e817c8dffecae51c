"""Standardising activations: over the batch, a layer, groups of channels, or one channel of one example."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from autograd import ArgumentError, Parameter, ShapeError, Tensor, as_tensor
from nn import functional
from nn.layers.precision import compare
from nn.module import Module


class _Channelwise(Module):
    """What batch and instance norm share: a weight and a bias for each channel, and statistics that run along."""

    ndims: ClassVar[tuple[int, ...]]
    expected: ClassVar[str]
    counts: ClassVar[bool] = True  # whether batches are counted
    running_mean: Tensor | None
    running_var: Tensor | None
    num_batches_tracked: Tensor | None

    def __init__(
        self,
        num_features: int,
        eps: float,
        momentum: float | None,
        affine: bool,
        track_running_stats: bool,
        bias: bool,
        dtype: Any,
    ) -> None:
        self.num_features, self.eps, self.momentum = num_features, eps, momentum
        self.affine, self.track_running_stats = affine, track_running_stats
        self.weight = Parameter(np.ones(num_features, dtype)) if affine else None
        self.bias = Parameter(np.zeros(num_features, dtype)) if affine and bias else None
        tracked = track_running_stats
        self.register_buffer("running_mean", np.zeros(num_features, dtype) if tracked else None)
        self.register_buffer("running_var", np.ones(num_features, dtype) if tracked else None)
        self.register_buffer("num_batches_tracked", np.int64(0) if tracked else None)

    def _start(self, input: Any) -> tuple[Tensor, float]:
        """Check the input, count the batch and return the weight of its statistics."""
        input = as_tensor(input)
        if input.ndim not in self.ndims or input.shape[1] != self.num_features:
            raise ShapeError(
                type(self).__name__,
                f"{self.expected} with C = {self.num_features}",
                f"shape {input.shape}",
                "num_features is the length of axis 1",
            )
        if self.weight is not None and input.dtype is not self.weight.dtype:
            compare(self, input, self.weight)
        if self.training and self.counts and self.num_batches_tracked is not None:
            self.num_batches_tracked.assign_(self.num_batches_tracked.item() + 1)
        if self.momentum is not None or not self.counts or self.num_batches_tracked is None:
            return input, self.momentum or 0.0
        return input, 1 / max(self.num_batches_tracked.item(), 1)  # the plain average of all batches

    def multiply_adds(self, inputs: tuple[Any, ...], output: Any) -> int:
        """Return one for each entry."""
        return int(output.size)


class _BatchNorm(_Channelwise):
    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        *,
        bias: bool = True,
        dtype: Any = np.float32,
    ) -> None:
        super().__init__(num_features, eps, momentum, affine, track_running_stats, bias, dtype)

    def forward(self, input: Any) -> Tensor:
        """Return the input, each channel standardised."""
        input, momentum = self._start(input)
        training = self.training or self.running_mean is None
        return functional.batch_norm(
            input, self.running_mean, self.running_var, self.weight, self.bias, training, momentum, self.eps
        )


class BatchNorm1d(_BatchNorm):
    """Standardise each feature over the batch: (x − mean)/√(var + eps)·weight + bias, for (N, C) or (N, C, L).

    In training by the batch's own mean and variance; ``running_mean`` and ``running_var`` (over n − 1) move towards
    them by ``momentum`` (None: their plain average) and are used after ``eval()``.

    >>> BatchNorm1d(1)(np.float32([[1], [3]])).numpy().round(3).tolist()
    [[-1.0], [1.0]]
    """

    ndims, expected = (2, 3), "(N, C) or (N, C, L)"


class BatchNorm2d(_BatchNorm):
    """Standardise each channel over the batch and the image, as BatchNorm1d does, for (N, C, H, W)."""

    ndims, expected = (4,), "(N, C, H, W)"


class BatchNorm3d(_BatchNorm):
    """Standardise each channel over the batch and the volume, as BatchNorm1d does, for (N, C, D, H, W)."""

    ndims, expected = (5,), "(N, C, D, H, W)"


class _InstanceNorm(_Channelwise):
    counts = False  # as in PyTorch: its states stay equal

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float = 0.1,
        affine: bool = False,
        track_running_stats: bool = False,
        *,
        bias: bool = True,
        dtype: Any = np.float32,
    ) -> None:
        super().__init__(num_features, eps, momentum, affine, track_running_stats, bias, dtype)

    def forward(self, input: Any) -> Tensor:
        """Return the input, each channel of each example standardised."""
        input = as_tensor(input)
        if input.ndim + 1 in self.ndims:  # one example, without its axis
            return self.forward(input[None])[0]
        input, momentum = self._start(input)
        own = self.training or self.running_mean is None
        return functional.instance_norm(
            input, self.running_mean, self.running_var, self.weight, self.bias, own, momentum, self.eps
        )


class InstanceNorm1d(_InstanceNorm):
    """Standardise each channel of each example over its length, for (N, C, L) or (C, L)."""

    ndims, expected = (3,), "(N, C, L) or (C, L)"


class InstanceNorm2d(_InstanceNorm):
    """Standardise each channel of each example over the image, for (N, C, H, W) or (C, H, W)."""

    ndims, expected = (4,), "(N, C, H, W) or (C, H, W)"


class InstanceNorm3d(_InstanceNorm):
    """Standardise each channel of each example over the volume, for (N, C, D, H, W) or (C, D, H, W)."""

    ndims, expected = (5,), "(N, C, D, H, W) or (C, D, H, W)"


class LayerNorm(Module):
    """Standardise each example over its last axes, of the shape ``normalized_shape``; then ·weight + bias.

    >>> LayerNorm(2)(np.float32([[1, 3]])).numpy().round(3).tolist()
    [[-1.0, 1.0]]
    """

    def __init__(
        self,
        normalized_shape: int | Sequence[int],
        eps: float = 1e-5,
        elementwise_affine: bool = True,
        bias: bool = True,
        *,
        dtype: Any = np.float32,
    ) -> None:
        shape = (normalized_shape,) if isinstance(normalized_shape, int) else tuple(normalized_shape)
        self.normalized_shape, self.eps, self.elementwise_affine = shape, eps, elementwise_affine
        self.weight = Parameter(np.ones(shape, dtype)) if elementwise_affine else None
        self.bias = Parameter(np.zeros(shape, dtype)) if elementwise_affine and bias else None

    def forward(self, input: Any) -> Tensor:
        """Return the input, each example standardised."""
        input = as_tensor(input)
        if self.weight is not None and input.dtype is not self.weight.dtype:
            compare(self, input, self.weight)
        return functional.layer_norm(input, self.normalized_shape, self.weight, self.bias, self.eps)

    def multiply_adds(self, inputs: tuple[Any, ...], output: Any) -> int:
        """Return one for each entry."""
        return int(output.size)


class GroupNorm(Module):
    """Standardise each example over groups of its channels (axis 1) and all further axes; then ·weight + bias.

    >>> GroupNorm(1, 2)(np.float32([[1, 3]])).numpy().round(3).tolist()
    [[-1.0, 1.0]]
    """

    def __init__(
        self,
        num_groups: int,
        num_channels: int,
        eps: float = 1e-5,
        affine: bool = True,
        *,
        bias: bool = True,
        dtype: Any = np.float32,
    ) -> None:
        if num_channels % num_groups:
            raise ArgumentError(
                "GroupNorm(num_groups, num_channels)",
                "a number of groups that divides the channels",
                f"{num_groups} and {num_channels}",
                "1 group is layer norm, as many as channels is instance norm",
            )
        self.num_groups, self.num_channels, self.eps, self.affine = num_groups, num_channels, eps, affine
        self.weight = Parameter(np.ones(num_channels, dtype)) if affine else None
        self.bias = Parameter(np.zeros(num_channels, dtype)) if affine and bias else None

    def forward(self, input: Any) -> Tensor:
        """Return the input, each group standardised."""
        input = as_tensor(input)
        if self.weight is not None and input.dtype is not self.weight.dtype:
            compare(self, input, self.weight)
        return functional.group_norm(input, self.num_groups, self.weight, self.bias, self.eps)

    def multiply_adds(self, inputs: tuple[Any, ...], output: Any) -> int:
        """Return one for each entry."""
        return int(output.size)


class RMSNorm(Module):
    """Divide each example by the root of its mean square over the last axes, ``normalized_shape``; then ·weight.

    ``eps`` None: the distance from 1 to the next number of the input's dtype.
    Source: Zhang and Sennrich, Root Mean Square Layer Normalization (2019).

    >>> RMSNorm(2)(np.float32([[3, -3]])).numpy().round(3).tolist()
    [[1.0, -1.0]]
    """

    def __init__(
        self,
        normalized_shape: int | Sequence[int],
        eps: float | None = None,
        elementwise_affine: bool = True,
        *,
        dtype: Any = np.float32,
    ) -> None:
        shape = (normalized_shape,) if isinstance(normalized_shape, int) else tuple(normalized_shape)
        self.normalized_shape, self.eps, self.elementwise_affine = shape, eps, elementwise_affine
        self.weight = Parameter(np.ones(shape, dtype)) if elementwise_affine else None

    def forward(self, input: Any) -> Tensor:
        """Return the input, each example of mean square 1."""
        input = as_tensor(input)
        if self.weight is not None and input.dtype is not self.weight.dtype:
            compare(self, input, self.weight)
        return functional.rms_norm(input, self.normalized_shape, self.weight, self.eps)

    def multiply_adds(self, inputs: tuple[Any, ...], output: Any) -> int:
        """Return one for each entry."""
        return int(output.size)


class LocalResponseNorm(Module):
    """Divide by ``(k + alpha·mean)^beta``, the mean of the squares of ``size`` neighbouring channels, for (N, C, …).

    Source: Krizhevsky, Sutskever and Hinton (2012).

    >>> LocalResponseNorm(2, alpha=2.0, beta=0.5, k=0.0)(np.array([[[3.0], [4.0]]])).tolist()
    [[[1.0], [0.8]]]
    """

    def __init__(self, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0) -> None:
        self.size, self.alpha, self.beta, self.k = size, alpha, beta, k

    def forward(self, input: Any) -> Tensor:
        """Return the input, each entry held down by its neighbours."""
        return functional.local_response_norm(input, self.size, self.alpha, self.beta, self.k)

    def multiply_adds(self, inputs: tuple[Any, ...], output: Any) -> int:
        """Return the neighbours of each entry."""
        return int(output.size * self.size)
