"""Dropout: entries, whole channels, and the kind that keeps mean and variance of SELU's activations."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

import autograd
from autograd import ArgumentError, ShapeError, Tensor, as_tensor

_LOWEST = -1.7580993408473766  # where SELU's activations end, −λα


def dropout(input: Any, p: float = 0.5, training: bool = True, rng: Any = None) -> Tensor:
    """Set each entry to 0 with probability p and divide the others by 1 − p: the mean stays (inverted dropout).

    The mask is an operand that the graph keeps, so a replay is exact. Without ``training`` the input passes unchanged.
    Source: Srivastava and others, Dropout (2014).

    >>> dropout(np.ones(4), p=0.5, rng=0).tolist()
    [2.0, 2.0, 2.0, 0.0]
    """
    x = as_tensor(input)
    return _dropped(x, p, training, x.shape, rng)


def dropout1d(input: Any, p: float = 0.5, training: bool = True, rng: Any = None) -> Tensor:
    """Dropout of whole channels of (N, C, L) or (C, L): neighbours are alike, so single entries would not be missed.

    Source: Tompson and others, Efficient Object Localization Using Convolutional Networks (2015).

    >>> dropout1d(np.ones((1, 4, 2)), rng=0)[0].tolist()
    [[2.0, 2.0], [2.0, 2.0], [2.0, 2.0], [0.0, 0.0]]
    """
    return _of_channels(input, p, training, rng, 1)


def dropout2d(input: Any, p: float = 0.5, training: bool = True, rng: Any = None) -> Tensor:
    """Dropout of whole channels of (N, C, H, W) or (C, H, W).

    >>> dropout2d(np.ones((4, 1, 1)), rng=0).reshape(4).tolist()
    [2.0, 2.0, 2.0, 0.0]
    """
    return _of_channels(input, p, training, rng, 2)


def dropout3d(input: Any, p: float = 0.5, training: bool = True, rng: Any = None) -> Tensor:
    """Dropout of whole channels of (N, C, D, H, W) or (C, D, H, W).

    >>> dropout3d(np.ones((4, 1, 1, 1)), rng=0).reshape(4).tolist()
    [2.0, 2.0, 2.0, 0.0]
    """
    return _of_channels(input, p, training, rng, 3)


def alpha_dropout(input: Any, p: float = 0.5, training: bool = False, rng: Any = None) -> Tensor:
    """Set each entry to SELU's lowest value with probability p, then rescale: mean 0 and variance 1 stay.

    Source: Klambauer and others, Self-Normalizing Neural Networks (2017).

    >>> alpha_dropout(np.zeros(4), training=True, rng=0).numpy().round(4).tolist()
    [0.7792, 0.7792, 0.7792, -0.7792]
    """
    x = as_tensor(input)
    return _alpha_dropped(x, p, training, x.shape, rng)


def feature_alpha_dropout(input: Any, p: float = 0.5, training: bool = False, rng: Any = None) -> Tensor:
    """Alpha dropout of whole channels (axis 1) of (N, C, …).

    >>> feature_alpha_dropout(np.zeros((1, 2, 2)), training=True, rng=1).numpy().round(4).tolist()
    [[[-0.7792, -0.7792], [0.7792, 0.7792]]]
    """
    x = as_tensor(input)
    if x.ndim < 2:
        raise ShapeError("feature_alpha_dropout(input)", "(N, C, …)", f"shape {x.shape}", "add an axis for the batch")
    return _alpha_dropped(x, p, training, x.shape[:2] + (1,) * (x.ndim - 2), rng)


def _of_channels(input: Any, p: float, training: bool, rng: Any, spatial: int) -> Tensor:
    x = as_tensor(input)
    if x.ndim not in (spatial + 1, spatial + 2):
        axes = ", ".join(["L", "H, W", "D, H, W"][spatial - 1 : spatial])
        raise ShapeError(
            f"dropout{spatial}d(input)", f"(N, C, {axes}) or (C, {axes})", f"shape {x.shape}", "use dropout for others"
        )
    return _dropped(x, p, training, x.shape[:-spatial] + (1,) * spatial, rng)


def _dropped(x: Tensor, p: float, training: bool, shape: tuple[int, ...], rng: Any) -> Tensor:
    kept = _kept(p, training, shape, rng)
    if kept is None:
        return x
    dropped: Tensor = x * (kept * x.dtype.type(1 / (1 - p) if p < 1 else 0))
    return dropped


def _alpha_dropped(x: Tensor, p: float, training: bool, shape: tuple[int, ...], rng: Any) -> Tensor:
    kept = _kept(p, training, shape, rng)
    if kept is None:
        return x
    scale = 1 / math.sqrt((1 - p) * (1 + p * _LOWEST**2)) if p < 1 else 0.0
    moved = scale * _LOWEST * ((1 - kept) - p)
    dropped: Tensor = x * (kept * x.dtype.type(scale)) + moved.astype(x.dtype)
    return dropped


def _kept(p: float, training: bool, shape: tuple[int, ...], rng: Any) -> Any:
    """Draw which entries stay; None: all of them."""
    if not 0 <= p <= 1:
        raise ArgumentError(
            "dropout(input, p)", "a probability between 0 and 1", f"p={p}", "p is the share that is dropped"
        )
    return autograd.generator(rng).random(shape, np.float32) >= p if training and p else None
