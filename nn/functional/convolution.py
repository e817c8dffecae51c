"""Convolutions of images (N, C, …), or of one image (C, …), and windows as columns."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import autograd
from autograd import Tensor, as_tensor


def _on_one(rank: int, function: Callable[..., Tensor], input: Any, *args: Any) -> Tensor:
    """Call a function of a batch of images, also with one image."""
    x = as_tensor(input)
    return function(x[None], *args)[0] if x.ndim == rank + 1 else function(x, *args)


def conv1d(
    input: Any, weight: Any, bias: Any = None, stride: Any = 1, padding: Any = 0, dilation: Any = 1, groups: int = 1
) -> Tensor:
    """Return the product of ``weight`` (out, in/groups, k) with every window of (N, in, L), plus ``bias``.

    It is (N, out, L′) with L′ = (L + 2·padding − dilation·(k − 1) − 1)//stride + 1; ``padding`` is a number, "valid"
    (0) or "same" (L′ = L, where stride is 1). Raises ShapeError where the shapes don't fit.

    >>> conv1d(np.array([[[1.0, 2.0, 4.0]]]), np.array([[[-1.0, 1.0]]])).tolist()
    [[[1.0, 2.0]]]
    """
    return _on_one(1, autograd.conv1d, input, weight, bias, stride, padding, dilation, groups)


def conv2d(
    input: Any, weight: Any, bias: Any = None, stride: Any = 1, padding: Any = 0, dilation: Any = 1, groups: int = 1
) -> Tensor:
    """Return the product of ``weight`` (out, in/groups, kH, kW) with every window of (N, in, H, W), plus ``bias``.

    Arguments are one number for both axes or one for each; see :func:`conv1d`.

    >>> conv2d(np.ones((1, 3, 8, 8)), np.ones((5, 3, 3, 3)), padding="same").shape
    (1, 5, 8, 8)
    """
    return _on_one(2, autograd.conv2d, input, weight, bias, stride, padding, dilation, groups)


def conv3d(
    input: Any, weight: Any, bias: Any = None, stride: Any = 1, padding: Any = 0, dilation: Any = 1, groups: int = 1
) -> Tensor:
    """Return the product of ``weight`` (out, in/groups, kD, kH, kW) with every window of (N, in, D, H, W).

    >>> conv3d(np.ones((1, 3, 4, 4, 4)), np.ones((5, 3, 2, 2, 2)), stride=2).shape
    (1, 5, 2, 2, 2)
    """
    return _on_one(3, autograd.conv3d, input, weight, bias, stride, padding, dilation, groups)


def conv_transpose1d(
    input: Any,
    weight: Any,
    bias: Any = None,
    stride: Any = 1,
    padding: Any = 0,
    output_padding: Any = 0,
    groups: int = 1,
    dilation: Any = 1,
) -> Tensor:
    """Return the adjoint of :func:`conv1d`: every entry of (N, in, L) times ``weight`` (in, out/groups, k), added up.

    L′ = (L − 1)·stride − 2·padding + dilation·(k − 1) + 1 + output_padding.

    >>> conv_transpose1d(np.array([[[1.0, 2.0]]]), np.array([[[1.0, 10.0]]]), stride=2).tolist()
    [[[1.0, 10.0, 2.0, 20.0]]]
    """
    return _on_one(1, autograd.conv_transpose1d, input, weight, bias, stride, padding, output_padding, groups, dilation)


def conv_transpose2d(
    input: Any,
    weight: Any,
    bias: Any = None,
    stride: Any = 1,
    padding: Any = 0,
    output_padding: Any = 0,
    groups: int = 1,
    dilation: Any = 1,
) -> Tensor:
    """Return the adjoint of :func:`conv2d`: every entry of (N, in, H, W) times ``weight`` (in, out/groups, kH, kW).

    >>> conv_transpose2d(np.ones((1, 3, 4, 4)), np.ones((3, 5, 2, 2)), stride=2).shape
    (1, 5, 8, 8)
    """
    return _on_one(2, autograd.conv_transpose2d, input, weight, bias, stride, padding, output_padding, groups, dilation)


def conv_transpose3d(
    input: Any,
    weight: Any,
    bias: Any = None,
    stride: Any = 1,
    padding: Any = 0,
    output_padding: Any = 0,
    groups: int = 1,
    dilation: Any = 1,
) -> Tensor:
    """Return the adjoint of :func:`conv3d`: every entry of (N, in, D, H, W) times ``weight``.

    >>> conv_transpose3d(np.ones((1, 3, 2, 2, 2)), np.ones((3, 5, 2, 2, 2)), stride=2).shape
    (1, 5, 4, 4, 4)
    """
    return _on_one(3, autograd.conv_transpose3d, input, weight, bias, stride, padding, output_padding, groups, dilation)


def conv_tbc(input: Any, weight: Any, bias: Any, pad: int = 0) -> Tensor:
    """Return :func:`conv1d` of (L, N, in) with ``weight`` (k, in, out): time first, channels last.

    >>> conv_tbc(np.ones((4, 2, 3)), np.ones((2, 3, 5)), np.zeros(5)).shape
    (3, 2, 5)
    """
    x, weight = as_tensor(input).transpose(1, 2, 0), as_tensor(weight).transpose(2, 1, 0)
    return autograd.conv1d(x, weight, bias, padding=pad).transpose(2, 0, 1)


def unfold(input: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1) -> Tensor:
    """Return the windows of (N, C, H, W) as columns (N, C·kH·kW, windows); one image (C, H, W) has no N.

    A kernel given as one number in a tuple, or three, takes them from (N, C, L) or (N, C, D, H, W).

    >>> unfold(np.arange(9.0).reshape(1, 1, 3, 3), 2)[0, :, 0].tolist()
    [0.0, 1.0, 3.0, 4.0]
    """
    rank = np.size(kernel_size) if np.ndim(kernel_size) else 2  # one number is an image's
    return _on_one(rank, autograd.unfold, input, kernel_size, dilation, padding, stride)


def fold(
    input: Any, output_size: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1
) -> Tensor:
    """Return images (N, C, *output_size) from columns (N, C·kH·kW, windows); where windows overlap, they are added.

    >>> fold(np.ones((1, 4, 4)), (3, 3), 2)[0, 0].tolist()
    [[1.0, 2.0, 1.0], [2.0, 4.0, 2.0], [1.0, 2.0, 1.0]]
    """
    size = tuple(output_size) if np.iterable(output_size) else (output_size, output_size)
    return autograd.fold(input, size, kernel_size, dilation, padding, stride)
