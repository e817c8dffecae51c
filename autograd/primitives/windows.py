"""Windows that slide over images: where they lie, and the columns that their entries make.

A :class:`Grid` says where the windows of one call lie. :func:`windows` shows them as one strided view of the padded
image, so what convolution and pooling compute is a product or a loop over the kernel's few entries, never over
positions.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import as_strided

from autograd.primitives.batching import same
from autograd.primitives.domain import case
from autograd.primitives.notation import call
from autograd.primitives.primitive import Primitive, Static, linear_map

Lengths = tuple[int, ...]
Pairs = tuple[tuple[int, int], ...]


class Grid(NamedTuple):
    """How windows lie on an image, axis by axis."""

    size: Lengths  # of the image
    kernel: Lengths
    stride: Lengths
    padding: Pairs  # before and after the image; negative cuts off
    dilation: Lengths
    out: Lengths  # how many windows there are

    @property
    def padded(self) -> Lengths:
        """The image with its padding, and as far beyond as the last windows reach."""
        return tuple(
            max(size + before + after, (out - 1) * stride + _span(kernel, dilation))
            for size, kernel, stride, (before, after), dilation, out in zip(*self, strict=True)
        )

    @property
    def pads(self) -> bool:
        return self.padded != self.size or any(before for before, _ in self.padding)

    def inner(self, padded: Any) -> Any:
        """Return the part of a padded image that is the image."""
        spans = [
            slice(max(before, 0), max(before, 0) + stop - start)
            for (before, _), (start, stop) in zip(self.padding, self._kept(), strict=True)
        ]
        return padded[(..., *spans)]

    def cut(self, x: Any) -> Any:
        """Return the image without what negative padding cuts off."""
        return x[(..., *(slice(*kept) for kept in self._kept()))]

    def _kept(self) -> list[tuple[int, int]]:
        return [
            (max(-before, 0), min(size, size + after))
            for size, (before, after) in zip(self.size, self.padding, strict=True)
        ]

    def taps(self) -> Iterator[Lengths]:
        """Return the places in the kernel."""
        return np.ndindex(*self.kernel)


def _span(kernel: int, dilation: int) -> int:
    return dilation * (kernel - 1) + 1


def lengths(value: Any, rank: int, name: str, least: int = 1) -> Lengths:
    """Return a number for each axis; a single one, alone or as ``(n,)``, holds for all."""
    given = tuple(operator.index(v) for v in (value if np.iterable(value) else (value,)))
    given = given * rank if len(given) == 1 else given
    if len(given) != rank or min(given) < least:
        raise ValueError(f"{name} is a number from {least}, or {rank} of them, not {value!r}")
    return given


def pairs(padding: Any, kernel: Lengths, stride: Lengths, dilation: Lengths) -> Pairs:
    """Return the padding before and after each axis: of 'valid' none, of 'same' what keeps the size."""
    if isinstance(padding, str):
        if padding == "valid":
            return ((0, 0),) * len(kernel)
        if padding != "same" or set(stride) != {1}:
            raise ValueError(f"padding is a number, 'valid', or 'same' where stride is 1, not {padding!r}")
        whole = [_span(k, d) - 1 for k, d in zip(kernel, dilation, strict=True)]
        return tuple((w // 2, w - w // 2) for w in whole)
    if np.iterable(padding) and all(np.iterable(p) for p in padding):
        return tuple((int(before), int(after)) for before, after in padding)
    return tuple((p, p) for p in lengths(padding, len(kernel), "padding", 0))


def grid(
    size: Lengths, kernel: Lengths, stride: Lengths, padding: Pairs, dilation: Lengths, ceil: bool = False
) -> Grid:
    """Return where the windows lie; ``ceil`` adds one that reaches beyond the padding, if it starts before."""
    out = []
    for n, k, s, (before, after), d in zip(size, kernel, stride, padding, dilation, strict=True):
        room = n + before + after - _span(k, d)
        if room < 0:
            raise ValueError(f"a window of {_span(k, d)} doesn't fit an axis of {n + before + after}, padding included")
        count = -(-room // s) + 1 if ceil else room // s + 1
        out.append(count - (ceil and (count - 1) * s >= n + before))
    return Grid(size, kernel, stride, padding, dilation, tuple(out))


def windows(padded: Any, grid: Grid) -> Any:
    """Return a view of padded images (…, *padded) that holds every window: (…, *kernel, *out)."""
    rank = len(grid.size)
    ahead, steps = padded.strides[:-rank], padded.strides[-rank:]
    taps = [s * d for s, d in zip(steps, grid.dilation, strict=True)]
    moves = [s * d for s, d in zip(steps, grid.stride, strict=True)]
    return as_strided(padded, (*padded.shape[:-rank], *grid.kernel, *grid.out), (*ahead, *taps, *moves))


def padded(x: Any, grid: Grid, fill: Any = 0) -> Any:
    """Return images with their padding."""
    if not grid.pads:
        return x
    wide = np.full((*x.shape[: -len(grid.size)], *grid.padded), fill, x.dtype)
    grid.inner(wide)[...] = grid.cut(x)
    return wide


def at(windows: Any, tap: Lengths) -> Any:
    """Return one entry of every window."""
    return windows[(..., *tap, *(slice(None),) * len(tap))]


def scattered(columns: Any, grid: Grid) -> Any:
    """Return images in which every window's entries (…, *kernel, *out) are added where they lie."""
    ahead = columns.shape[: -2 * len(grid.size)]
    wide = np.zeros((*ahead, *grid.padded), columns.dtype)
    places = windows(wide, grid)
    for tap in grid.taps():
        entry = at(places, tap)
        entry += at(columns, tap)
    return grid.inner(wide)


def _prepare(size: Lengths, static: Static) -> Static:
    rank = len(size)
    kernel = lengths(static["kernel_size"], rank, "kernel_size")
    stride, dilation = lengths(static["stride"], rank, "stride"), lengths(static["dilation"], rank, "dilation")
    padding = pairs(static["padding"], kernel, stride, dilation)
    return {"kernel_size": kernel, "dilation": dilation, "padding": padding, "stride": stride}


def _prepare_unfold(operands: tuple[Any, ...], static: Static) -> Static:
    shape: Lengths = np.shape(operands[0])
    kernel: Any = static["kernel_size"]
    rank = len(tuple(kernel)) if np.iterable(kernel) else len(shape) - 2
    if rank < 1 or len(shape) <= rank:
        raise ValueError(f"an array of {len(shape)} axes has no image axes behind (N, C)")
    return _prepare(shape[-rank:], static)


def _prepare_fold(operands: tuple[Any, ...], static: Static) -> Static:
    size = tuple(operator.index(n) for n in static["output_size"])
    made = {"output_size": size} | _prepare(size, static)
    where, shape = _grid(size, **{n: made[n] for n in made if n != "output_size"}), np.shape(operands[0])
    entries, count = math.prod(where.kernel), math.prod(where.out)
    if len(shape) < 2 or shape[-2] % entries or shape[-1] != count:
        raise ValueError(f"columns are (…, channels·{entries}, {count}), not {shape}")
    return made


def _grid(size: Lengths, kernel_size: Any, dilation: Any, padding: Any, stride: Any) -> Grid:
    return grid(size, kernel_size, stride, padding, dilation)


def _unfold(x: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1) -> Any:
    rank = len(kernel_size)
    where = _grid(x.shape[-rank:], kernel_size, dilation, padding, stride)
    ahead, channels = x.shape[: -rank - 1], x.shape[-rank - 1]
    columns = np.array(windows(padded(x, where), where))
    return columns.reshape(*ahead, channels * math.prod(where.kernel), math.prod(where.out))


def _fold(x: Any, output_size: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1) -> Any:
    where = _grid(output_size, kernel_size, dilation, padding, stride)
    channels = x.shape[-2] // math.prod(where.kernel)
    return scattered(np.reshape(x, (*x.shape[:-2], channels, *where.kernel, *where.out)), where)


unfold: Primitive = linear_map(
    _unfold,
    lambda y_bar, x_shape, kernel_size, dilation, padding, stride: fold(
        y_bar, x_shape[-len(kernel_size) :], kernel_size, dilation, padding, stride
    ),
    name="unfold", behind=same, operands="x", method=False, prepare=_prepare_unfold,
    cases=(
        case((1, 2, 4), kernel_size=2), case((2, 1, 3, 4), kernel_size=(2, 3), padding=1, stride=2),
        case((1, 1, 5, 4), kernel_size=2, dilation=(2, 1)),
    ),
    doc="The windows of images (N, C, …) as columns (N, C·entries of the kernel, windows).",
    formulas=(lambda y_bar: call("fold", y_bar),), expects="images (N, C, …) that the kernel fits",
)  # fmt: skip

fold: Primitive = linear_map(
    _fold,
    lambda y_bar, kernel_size, dilation, padding, stride: unfold(y_bar, kernel_size, dilation, padding, stride),
    name="fold", behind=same, operands="x", method=False, prepare=_prepare_fold,
    cases=(
        case((1, 4, 3), output_size=(4,), kernel_size=2),
        case((2, 6, 4), output_size=(3, 4), kernel_size=(2, 3), padding=1, stride=2),
    ),
    doc="Images from columns (N, C·entries of the kernel, windows): where windows overlap, their entries are added.",
    formulas=(lambda y_bar: call("unfold", y_bar),), expects="one column for each window",
)  # fmt: skip
