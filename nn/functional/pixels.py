"""Channels as pixels and pixels as channels."""

from __future__ import annotations

from typing import Any

from autograd import ShapeError, Tensor, as_tensor


def pixel_shuffle(input: Any, upscale_factor: int) -> Tensor:
    """Spread each r² channels over r×r pixels: (…, C·r², H, W) gives (…, C, H·r, W·r).

    Raises ShapeError where r² doesn't divide the channels. Source: Shi and others (2016).

    >>> import numpy as np
    >>> pixel_shuffle(np.arange(4.0).reshape(4, 1, 1), 2).tolist()
    [[[0.0, 1.0], [2.0, 3.0]]]
    """
    x, r = as_tensor(input), upscale_factor
    if x.ndim < 3 or r < 1 or x.shape[-3] % (r * r):
        wanted = f"(…, C, H, W) with C a multiple of {r * r}"
        raise ShapeError("pixel_shuffle(input, upscale_factor)", wanted, f"shape {x.shape}", "choose another factor")
    *lead, c, h, w = x.shape
    c //= r * r
    return _mixed(x.reshape(*lead, c, r, r, h, w), (-2, -4, -1, -3)).reshape(*lead, c, h * r, w * r)


def pixel_unshuffle(input: Any, downscale_factor: int) -> Tensor:
    """Make r×r pixels r² channels, the inverse of :func:`pixel_shuffle`: (…, C, H·r, W·r) gives (…, C·r², H, W).

    Raises ShapeError where r doesn't divide height and width.

    >>> import numpy as np
    >>> pixel_unshuffle(np.arange(4.0).reshape(1, 2, 2), 2).reshape(4).tolist()
    [0.0, 1.0, 2.0, 3.0]
    """
    x, r = as_tensor(input), downscale_factor
    if x.ndim < 3 or r < 1 or x.shape[-2] % r or x.shape[-1] % r:
        wanted = f"(…, C, H, W) with H and W multiples of {r}"
        raise ShapeError("pixel_unshuffle(input, downscale_factor)", wanted, f"shape {x.shape}", "cut or pad it")
    *lead, c, h, w = x.shape
    h, w = h // r, w // r
    return _mixed(x.reshape(*lead, c, h, r, w, r), (-3, -1, -4, -2)).reshape(*lead, c * r * r, h, w)


def channel_shuffle(input: Any, groups: int) -> Tensor:
    """Mix the channels (axis 1) of the groups: the first of each, then the second of each, and so on.

    Raises ShapeError where the groups don't divide the channels. Source: Zhang and others, ShuffleNet (2018).

    >>> import numpy as np
    >>> channel_shuffle(np.arange(4.0).reshape(1, 4, 1), 2).reshape(4).tolist()
    [0.0, 2.0, 1.0, 3.0]
    """
    x = as_tensor(input)
    if x.ndim < 3 or x.shape[1] % groups:
        wanted = f"(N, C, …) with C a multiple of {groups}"
        raise ShapeError("channel_shuffle(input, groups)", wanted, f"shape {x.shape}", "choose another number")
    n, c, *rest = x.shape
    return x.reshape(n, groups, c // groups, *rest).swapaxes(1, 2).reshape(*x.shape)


native_channel_shuffle = channel_shuffle  # PyTorch's name for the same


def _mixed(x: Tensor, order: tuple[int, ...]) -> Tensor:
    """Return x with its last axes in another order."""
    lead = x.ndim - len(order)
    return x.transpose(*range(lead), *(x.ndim + axis for axis in order))
