"""Images made larger at their ends."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from autograd import Tensor
from nn import functional
from nn.module import Module


class _Pad(Module):
    rank: ClassVar[int]
    mode: ClassVar[str]

    def __init__(self, padding: Any) -> None:
        self.padding = tuple(padding) if np.iterable(padding) else (padding,) * (2 * self.rank)

    def forward(self, input: Any) -> Tensor:
        """Return the input with its ends filled."""
        return functional.pad(input, self.padding, self.mode)


class _ConstantPad(Module):
    rank: ClassVar[int]

    def __init__(self, padding: Any, value: float) -> None:
        self.padding, self.value = (tuple(padding) if np.iterable(padding) else (padding,) * (2 * self.rank)), value

    def forward(self, input: Any) -> Tensor:
        """Return the input with numbers at its ends."""
        return functional.pad(input, self.padding, "constant", self.value)


class ConstantPad1d(_ConstantPad):
    """``value`` at the ends of (…, L) by one number, or (left, right)."""

    rank = 1


class ConstantPad2d(_ConstantPad):
    """``value`` at the ends of (…, H, W) by one number, or (left, right, top, bottom)."""

    rank = 2


class ConstantPad3d(_ConstantPad):
    """``value`` at the ends of (…, D, H, W) by one number, or (left, right, top, bottom, front, back)."""

    rank = 3


class ZeroPad1d(_Pad):
    """Zeros at the ends of (…, L) by one number, or (left, right)."""

    rank, mode = 1, "constant"


class ZeroPad2d(_Pad):
    """Zeros at the ends of (…, H, W) by one number, or (left, right, top, bottom)."""

    rank, mode = 2, "constant"


class ZeroPad3d(_Pad):
    """Zeros at the ends of (…, D, H, W) by one number, or (left, right, top, bottom, front, back)."""

    rank, mode = 3, "constant"


class ReflectionPad1d(_Pad):
    """(…, L) mirrored at its ends, not repeating the end, by one number, or (left, right)."""

    rank, mode = 1, "reflect"


class ReflectionPad2d(_Pad):
    """(…, H, W) mirrored at its ends, not repeating the end, by one number, or (left, right, top, bottom)."""

    rank, mode = 2, "reflect"


class ReflectionPad3d(_Pad):
    """(…, D, H, W) mirrored at its ends by one number, or (left, right, top, bottom, front, back)."""

    rank, mode = 3, "reflect"


class ReplicationPad1d(_Pad):
    """The ends of (…, L) repeated by one number, or (left, right)."""

    rank, mode = 1, "replicate"


class ReplicationPad2d(_Pad):
    """The ends of (…, H, W) repeated by one number, or (left, right, top, bottom)."""

    rank, mode = 2, "replicate"


class ReplicationPad3d(_Pad):
    """The ends of (…, D, H, W) repeated by one number, or (left, right, top, bottom, front, back)."""

    rank, mode = 3, "replicate"


class CircularPad1d(_Pad):
    """(…, L) continued from its other end by one number, or (left, right)."""

    rank, mode = 1, "circular"


class CircularPad2d(_Pad):
    """(…, H, W) continued from its other end by one number, or (left, right, top, bottom)."""

    rank, mode = 2, "circular"


class CircularPad3d(_Pad):
    """(…, D, H, W) continued from its other end by one number, or (left, right, top, bottom, front, back)."""

    rank, mode = 3, "circular"
