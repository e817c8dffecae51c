"""Convolutions of one, two and three axes, their transposes, and windows as columns."""

from __future__ import annotations

import math
from typing import Any, ClassVar

import numpy as np

from autograd import ArgumentError, Parameter, Tensor, as_tensor, generator
from nn import functional, init
from nn.layers.precision import compare
from nn.module import Module

_MODES = ("zeros", "reflect", "replicate", "circular")


def _each(value: Any, rank: int) -> Any:
    """Return a number for each axis; a single one, alone or as ``(n,)``, holds for all."""
    given = tuple(value) if np.iterable(value) else (value,)
    return given * rank if len(given) == 1 else given


class _Convolution(Module):
    """What convolutions and their transposes share: weight and bias, as PyTorch starts them."""

    rank: ClassVar[int]

    def _start(self, weight: tuple[int, ...], bias: bool, groups: int, dtype: Any, rng: Any) -> None:
        kind = type(self).__name__
        if min(self.in_channels, self.out_channels, groups, *self.kernel_size) < 1:
            raise ArgumentError(
                f"{kind}(in_channels, out_channels, kernel_size)",
                "numbers from 1",
                f"{self.in_channels}, {self.out_channels} and {self.kernel_size}, groups={groups}",
                "in_channels is the length of the input's axis 1",
            )
        if self.in_channels % groups or self.out_channels % groups:
            raise ArgumentError(
                f"{kind}(…, groups)",
                "channels that groups divides",
                f"{self.in_channels} and {self.out_channels} channels, groups={groups}",
                "each group takes its share of the channels",
            )
        if self.padding_mode not in (_MODES if self.transposed is False else _MODES[:1]):
            raise ArgumentError(
                f"{kind}(…, padding_mode)",
                "one of " + ", ".join(map(repr, _MODES)) if not self.transposed else "'zeros'",
                repr(self.padding_mode),
                "leave it out for zeros",
            )
        self.groups = groups
        self.weight = Parameter(np.empty((*weight, *self.kernel_size), dtype))
        self.bias = Parameter(np.empty(self.out_channels, dtype)) if bias else None
        self.reset_parameters(rng)

    in_channels: int
    out_channels: int
    kernel_size: tuple[int, ...]
    padding_mode: str
    transposed: ClassVar[bool] = False

    def reset_parameters(self, rng: Any = None) -> None:
        """Draw weight and bias anew."""
        rng = generator(rng)
        init.kaiming_uniform_(self.weight, a=math.sqrt(5), rng=rng)
        if self.bias is not None:
            bound = 1 / math.sqrt(self.weight.size // self.weight.shape[0])
            init.uniform_(self.bias, -bound, bound, rng)

    def _compared(self, input: Any) -> Tensor:
        x = as_tensor(input)
        if x.dtype is not self.weight.dtype:
            compare(self, x, self.weight)
        return x

    def extra_repr(self) -> str:
        """Return the arguments that differ from their defaults."""
        usual = {"padding": 0, "output_padding": 0, "stride": 1, "dilation": 1, "groups": 1, "padding_mode": "zeros"}
        shown = [f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}"]
        for name, default in usual.items():
            value = self.__dict__.get(name, default)
            if value not in (default, (default,) * self.rank):
                shown.append(f"{name}={value!r}")
        return ", ".join([*shown, "bias=False"] if self.bias is None else shown)


class _Conv(_Convolution):
    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Any,
        stride: Any = 1,
        padding: Any = 0,
        dilation: Any = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: str = "zeros",
        *,
        dtype: Any = np.float32,
        rng: Any = None,
    ) -> None:
        self.in_channels, self.out_channels = in_channels, out_channels
        self.kernel_size, self.stride = _each(kernel_size, self.rank), _each(stride, self.rank)
        self.padding = padding if isinstance(padding, str) else _each(padding, self.rank)
        self.dilation, self.padding_mode = _each(dilation, self.rank), padding_mode
        self._start((out_channels, in_channels // max(groups, 1)), bias, groups, dtype, rng)

    def forward(self, input: Any) -> Tensor:
        """Return the product of the weight with every window, plus bias."""
        input, padding = self._compared(input), self.padding
        if self.padding_mode != "zeros":
            input, padding = functional.pad(input, self._ends(), self.padding_mode), 0
        conv = getattr(functional, f"conv{self.rank}d")
        made: Tensor = conv(input, self.weight, self.bias, self.stride, padding, self.dilation, self.groups)
        return made

    def _ends(self) -> list[int]:
        """Return the padding before and after each axis, the last axis first."""
        if self.padding == "same":
            whole = [d * (k - 1) for k, d in zip(self.kernel_size, self.dilation, strict=True)]
            return [n for w in reversed(whole) for n in (w // 2, w - w // 2)]
        sizes: Any = (0,) * self.rank if self.padding == "valid" else self.padding
        return [p for p in reversed(sizes) for _ in (0, 1)]

    def multiply_adds(self, inputs: tuple[Any, ...], output: Any) -> int:
        """Return in/groups·kernel for each entry of the output."""
        return int(output.size * math.prod(self.weight.shape[1:]))


class Conv1d(_Conv):
    """The product of a weight (out, in/groups, k) with every window of (N, in, L), plus bias: (N, out, L′).

    Weight and bias start evenly in ±1/√(in/groups·k), as in PyTorch. ``padding`` is a number, "valid" or "same";
    ``padding_mode`` fills it with "zeros" or as ``nn.functional.pad`` does: "reflect", "replicate", "circular".

    >>> Conv1d(3, 5, 3, padding=1)(np.ones((2, 3, 8), np.float32)).shape
    (2, 5, 8)
    """

    rank = 1


class Conv2d(_Conv):
    """The product of a weight (out, in/groups, kH, kW) with every window of images (N, in, H, W), plus bias.

    >>> layer = Conv2d(3, 5, 3, stride=2, padding=1)
    >>> layer(np.ones((2, 3, 8, 8), np.float32)).shape
    (2, 5, 4, 4)
    >>> layer
    Conv2d(3, 5, kernel_size=(3, 3), padding=(1, 1), stride=(2, 2))  # weight (5, 3, 3, 3), bias (5,): 140 parameters
    """

    rank = 2


class Conv3d(_Conv):
    """The product of a weight (out, in/groups, kD, kH, kW) with every window of volumes (N, in, D, H, W), plus bias.

    >>> Conv3d(1, 2, 2)(np.ones((1, 1, 4, 4, 4), np.float32)).shape
    (1, 2, 3, 3, 3)
    """

    rank = 3


class _ConvTranspose(_Convolution):
    transposed = True

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Any,
        stride: Any = 1,
        padding: Any = 0,
        output_padding: Any = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: Any = 1,
        padding_mode: str = "zeros",
        *,
        dtype: Any = np.float32,
        rng: Any = None,
    ) -> None:
        self.in_channels, self.out_channels = in_channels, out_channels
        self.kernel_size, self.stride = _each(kernel_size, self.rank), _each(stride, self.rank)
        self.padding, self.output_padding = _each(padding, self.rank), _each(output_padding, self.rank)
        self.dilation, self.padding_mode = _each(dilation, self.rank), padding_mode
        self._start((in_channels, out_channels // max(groups, 1)), bias, groups, dtype, rng)

    def forward(self, input: Any, output_size: Any = None) -> Tensor:
        """Return every entry times the weight, added up; ``output_size`` chooses among the sizes that stride allows."""
        input, more = self._compared(input), self.output_padding
        if output_size is not None:
            least = [
                (n - 1) * s - 2 * p + d * (k - 1) + 1
                for n, s, p, d, k in zip(
                    input.shape[-self.rank :], self.stride, self.padding, self.dilation, self.kernel_size, strict=True
                )
            ]
            more = tuple(n - m for n, m in zip(tuple(output_size)[-self.rank :], least, strict=True))
        conv = getattr(functional, f"conv_transpose{self.rank}d")
        made: Tensor = conv(input, self.weight, self.bias, self.stride, self.padding, more, self.groups, self.dilation)
        return made

    def multiply_adds(self, inputs: tuple[Any, ...], output: Any) -> int:
        """Return out/groups·kernel for each entry of the input."""
        return int(as_tensor(inputs[0]).size * math.prod(self.weight.shape[1:]))


class ConvTranspose1d(_ConvTranspose):
    """The adjoint of Conv1d: every entry of (N, in, L) times a weight (in, out/groups, k), added up, plus bias.

    >>> ConvTranspose1d(3, 5, 2, stride=2)(np.ones((2, 3, 4), np.float32)).shape
    (2, 5, 8)
    """

    rank = 1


class ConvTranspose2d(_ConvTranspose):
    """The adjoint of Conv2d: every entry of (N, in, H, W) times a weight (in, out/groups, kH, kW), plus bias.

    >>> ConvTranspose2d(3, 5, 3, stride=2, padding=1, output_padding=1)(np.ones((2, 3, 4, 4), np.float32)).shape
    (2, 5, 8, 8)
    """

    rank = 2


class ConvTranspose3d(_ConvTranspose):
    """The adjoint of Conv3d: every entry of (N, in, D, H, W) times a weight (in, out/groups, kD, kH, kW), plus bias.

    >>> ConvTranspose3d(1, 2, 2, stride=2)(np.ones((1, 1, 2, 2, 2), np.float32)).shape
    (1, 2, 4, 4, 4)
    """

    rank = 3


class Unfold(Module):
    """The windows of images (N, C, H, W) as columns (N, C·kH·kW, windows).

    >>> Unfold(2)(np.ones((1, 3, 4, 4))).shape
    (1, 12, 9)
    """

    def __init__(self, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1) -> None:
        self.kernel_size, self.dilation, self.padding, self.stride = kernel_size, dilation, padding, stride

    def forward(self, input: Any) -> Tensor:
        """Return the columns."""
        return functional.unfold(input, self.kernel_size, self.dilation, self.padding, self.stride)


class Fold(Module):
    """Images (N, C, *output_size) from columns (N, C·kH·kW, windows): the adjoint of Unfold.

    >>> Fold((4, 4), 2)(np.ones((1, 12, 9))).shape
    (1, 3, 4, 4)
    """

    def __init__(
        self, output_size: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1
    ) -> None:
        self.output_size, self.kernel_size = output_size, kernel_size
        self.dilation, self.padding, self.stride = dilation, padding, stride

    def forward(self, input: Any) -> Tensor:
        """Return the images."""
        return functional.fold(input, self.output_size, self.kernel_size, self.dilation, self.padding, self.stride)
