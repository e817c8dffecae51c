"""Larger and smaller images: interpolated, or with channels as pixels."""

from __future__ import annotations

from typing import Any

from autograd import Tensor
from nn import functional
from nn.module import Module


class Upsample(Module):
    """Resize the axes behind (N, C) to ``size`` or by ``scale_factor``; the modes are those of ``interpolate``.

    >>> Upsample(scale_factor=2)([[[1.0, 2.0]]]).tolist()
    [[[1.0, 1.0, 2.0, 2.0]]]
    """

    def __init__(
        self,
        size: Any = None,
        scale_factor: Any = None,
        mode: str = "nearest",
        align_corners: bool | None = None,
        recompute_scale_factor: bool | None = None,
    ) -> None:
        self.size, self.scale_factor, self.mode = size, scale_factor, mode
        self.align_corners, self.recompute_scale_factor = align_corners, recompute_scale_factor

    def forward(self, input: Any) -> Tensor:
        """Return the input, resized."""
        return functional.interpolate(
            input, self.size, self.scale_factor, self.mode, self.align_corners, self.recompute_scale_factor
        )


class PixelShuffle(Module):
    """Spread each r² channels over r×r pixels: (…, C·r², H, W) gives (…, C, H·r, W·r). Source: Shi and others (2016).

    >>> import numpy as np
    >>> PixelShuffle(2)(np.ones((1, 8, 3, 3))).shape
    (1, 2, 6, 6)
    """

    def __init__(self, upscale_factor: int) -> None:
        self.upscale_factor = upscale_factor

    def forward(self, input: Any) -> Tensor:
        """Return an image with fewer channels and more pixels."""
        return functional.pixel_shuffle(input, self.upscale_factor)


class PixelUnshuffle(Module):
    """Make r×r pixels r² channels: (…, C, H·r, W·r) gives (…, C·r², H, W).

    >>> import numpy as np
    >>> PixelUnshuffle(2)(np.ones((1, 2, 6, 6))).shape
    (1, 8, 3, 3)
    """

    def __init__(self, downscale_factor: int) -> None:
        self.downscale_factor = downscale_factor

    def forward(self, input: Any) -> Tensor:
        """Return an image with more channels and fewer pixels."""
        return functional.pixel_unshuffle(input, self.downscale_factor)


class ChannelShuffle(Module):
    """Mix the channels (axis 1) of the groups: the first of each, then the second of each. Source: ShuffleNet (2018).

    >>> import numpy as np
    >>> ChannelShuffle(2)(np.arange(4.0).reshape(1, 4, 1)).reshape(4).tolist()
    [0.0, 2.0, 1.0, 3.0]
    """

    def __init__(self, groups: int) -> None:
        self.groups = groups

    def forward(self, input: Any) -> Tensor:
        """Return the input, its channels mixed."""
        return functional.channel_shuffle(input, self.groups)
