"""Pooling: the largest entry or the mean of every window of images (…, L), (…, H, W) or (…, D, H, W)."""

from __future__ import annotations

import functools
import itertools
import math
import operator
from typing import Any

import numpy as np

from autograd.primitives.batching import aligned, same
from autograd.primitives.domain import DISTINCT, Case, case
from autograd.primitives.notation import call
from autograd.primitives.primitive import Primitive, Static, general, linear_map, value_only
from autograd.primitives.windows import Grid, Lengths, at, grid, lengths, padded, pairs, scattered, windows

_INDEX = "an index is an integer: it jumps and is constant in between"


def _prepared(rank: int, operands: tuple[Any, ...], static: Static) -> Static:
    """Write a number for each axis; where no stride is given the windows lie side by side."""
    if np.ndim(operands[0]) < rank:
        raise ValueError(f"images have {rank} axes at least")
    kernel = lengths(static["kernel_size"], rank, "kernel_size")
    stride = kernel if static["stride"] is None else lengths(static["stride"], rank, "stride")
    dilation = lengths(static.get("dilation", 1), rank, "dilation")
    padding = pairs(static["padding"], kernel, stride, dilation)
    if any(max(p) > (d * (k - 1) + 1) // 2 for p, k, d in zip(padding, kernel, dilation, strict=True)):
        raise ValueError(f"padding is at most half of kernel_size, not {static['padding']}")
    made = {"kernel_size": kernel, "stride": stride, "padding": padding, "dilation": dilation}
    return {n: made.get(n, value) for n, value in static.items()}


# The largest


def _lowest(dtype: Any) -> Any:
    return -np.inf if dtype.kind == "f" else np.iinfo(dtype).min if dtype.kind in "iu" else False


def _largest(taps: list[tuple[Any, Any]]) -> tuple[Any, Any]:
    """Return the largest over the taps of all windows, and its index: the first one's where several tie.

    Each tap comes with the index of its entries in their image, −1 where they lie in the padding.
    """
    best = functools.reduce(np.maximum, (entries for entries, _ in taps))
    count = len(taps)
    rank = np.zeros(best.shape, np.min_scalar_type(count))
    for number, (entries, index) in enumerate(taps):
        points = (count - number) * (index >= 0).astype(rank.dtype)
        np.maximum(rank, ~(entries < best) * points, out=rank)  # not ==, so that a NaN is found too
    table = np.stack([index for _, index in taps])
    places = np.arange(table[0].size).reshape(table[0].shape)
    return np.array(best), np.take(table, (count - rank.astype(np.intp)) * table[0].size + places)


def _taps(x: Any, where: Grid) -> list[tuple[Any, Any]]:
    views = windows(padded(x, where, _lowest(x.dtype)), where)
    numbers = np.arange(math.prod(where.size)).reshape(where.size)
    indices = windows(padded(numbers, where, -1), where)
    return [(at(views, tap), at(indices, tap)) for tap in where.taps()]


def _max_pool(
    x: Any, kernel_size: Any, stride: Any = None, padding: Any = 0, dilation: Any = 1, ceil_mode: bool = False
) -> tuple[Any, Any]:
    size = x.shape[-len(kernel_size) :]
    return _largest(_taps(x, grid(size, kernel_size, stride, padding, dilation, ceil_mode)))


def _max_pool_index(
    x: Any, kernel_size: Any, stride: Any = None, padding: Any = 0, dilation: Any = 1, ceil_mode: bool = False
) -> Any:
    return _max_pool(x, kernel_size, stride, padding, dilation, ceil_mode)[1]


def _bounds(size: int, out: int) -> tuple[Any, Any]:
    """Return where each of ``out`` windows begins and ends, so that they cover the axis evenly."""
    number = np.arange(out)
    return number * size // out, -(-(number + 1) * size // out)


def _adaptive_taps(x: Any, out: Lengths) -> list[tuple[Any, Any]]:
    """Return the taps of windows whose lengths differ by one: the shorter ones repeat their last entry."""
    size = x.shape[-len(out) :]
    lines = []
    for n, o in zip(size, out, strict=True):
        begin, end = _bounds(n, o)
        lines.append([np.minimum(begin + t, end - 1) for t in range(int(np.max(end - begin)))])
    numbers = np.arange(math.prod(size)).reshape(size)
    return [(x[(..., *np.ix_(*tap))], numbers[np.ix_(*tap)]) for tap in itertools.product(*lines)]


def _adaptive_max_pool(x: Any, output_size: Any) -> tuple[Any, Any]:
    return _largest(_adaptive_taps(x, output_size))


def _adaptive_max_pool_index(x: Any, output_size: Any) -> Any:
    return _adaptive_max_pool(x, output_size)[1]


def _prepare_adaptive(operands: tuple[Any, ...], static: Static) -> Static:
    size = tuple(operator.index(n) for n in static["output_size"])
    if not size or len(size) > np.ndim(operands[0]) or min(size) < 1 or 0 in np.shape(operands[0])[-len(size) :]:
        raise ValueError(f"output_size is a length for each of the last axes, not {size}")
    return {"output_size": size}


# Entries by their index in an image, and back


def _flat(x: Any, rank: int) -> Any:
    return np.reshape(x, (*x.shape[:-rank], math.prod(x.shape[-rank:])))


def _together(a: Any, index: Any, rank: int) -> tuple[Any, Any]:
    ahead = np.broadcast_shapes(a.shape[:-rank], index.shape[:-rank])
    return tuple(np.broadcast_to(o, ahead + o.shape[-rank:]) for o in (a, index))  # type: ignore[return-value]


def _pool_at(x: Any, index: Any, rank: int) -> Any:
    x, index = _together(x, index, rank)
    return np.reshape(np.take_along_axis(_flat(x, rank), _flat(index, rank), -1), index.shape)


def _max_unpool(x: Any, index: Any, size: Any) -> Any:
    rank, entries = len(size), math.prod(size)
    x, index = _together(x, index, rank)
    images = math.prod(x.shape[:-rank])
    places = index.reshape(images, math.prod(index.shape[-rank:])) + entries * np.arange(images)[:, None]
    added = np.bincount(places.ravel(), x.ravel(), images * entries)
    return added.astype(x.dtype).reshape(*x.shape[:-rank], *size)


def _prepare_unpool(operands: tuple[Any, ...], static: Static) -> Static:
    size = tuple(operator.index(n) for n in static["size"])
    index = operands[1]
    if index.dtype.kind not in "iu" or (index.size and not 0 <= index.min() <= index.max() < math.prod(size)):
        raise ValueError(f"an index is an integer from 0 to {math.prod(size) - 1}")
    return {"size": size}


_CHOSEN = np.array([[[0, 2], [5, 5]]])

max_unpool: Primitive = general(
    _max_unpool,
    (lambda y_bar, index, size: pool_at(y_bar, index, len(size)), _INDEX),
    name="max_unpool", operands="x index", behind=aligned, broadcasts=True, selects=True, method=False,
    prepare=_prepare_unpool,
    cases=(case((1, 2, 2), _CHOSEN, size=(2, 3)), case((2, 1, 3), np.array([[3, 0, 3]]), size=(4,))),
    doc="Zeros of a size, with the entries of x added at the index that max pooling found in its images.",
    formulas=(lambda y_bar: call("take", y_bar), lambda y_bar: _INDEX),
    expects="x and an index of one shape, and a size for their last axes",
)  # fmt: skip

pool_at: Primitive = general(
    _pool_at,
    (lambda y_bar, index, x_shape, rank: _unpooled(y_bar, index, x_shape, rank), _INDEX),
    name="pool_at", operands="x index", behind=aligned, broadcasts=True, selects=True, method=False, internal=True,
    cases=(case((1, 2, 3), _CHOSEN, rank=2), case((2, 1, 4), np.array([[3, 0, 3]]), rank=1)),
    doc="The entries of images at an index into each image.",
    formulas=(lambda y_bar: call("unpool", y_bar), lambda y_bar: _INDEX),
)  # fmt: skip


def _unpooled(y_bar: Any, index: Any, x_shape: tuple[int, ...], rank: int) -> Any:
    return max_unpool(y_bar, index, x_shape[-rank:])


adaptive_max_pool_index = value_only(
    _adaptive_max_pool_index, _INDEX,
    name="adaptive_max_pool_index", operands="x", behind=same, method=False, prepare=_prepare_adaptive,
    cases=(case((1, 5), output_size=(2,)), case((2, 3, 4), output_size=(2, 3))),
    doc="The index, in its image, of the first largest entry of each of the windows that cover it evenly.",
)  # fmt: skip

adaptive_max_pool = general(
    _adaptive_max_pool,
    lambda y_bar, residual, x_shape, output_size: _unpooled(y_bar, residual, x_shape, len(output_size)),
    name="adaptive_max_pool", operands="x", behind=same, method=False, prepare=_prepare_adaptive, selects=True,
    residual=lambda x, output_size: adaptive_max_pool_index(x, output_size), domain=DISTINCT,
    cases=(case((1, 5), output_size=(2,)), case((2, 3, 4), output_size=(2, 3))),
    doc="The largest entries of as many windows as output_size asks for, which cover each image evenly.",
    formulas=(lambda y_bar: call("unpool", y_bar),), expects="images, and a length for each of their last axes",
)  # fmt: skip


def _max_of(rank: int, cases: tuple[Case, ...]) -> tuple[Primitive, Primitive]:
    """Declare max pooling of images with so many axes."""
    prepare = functools.partial(_prepared, rank)
    image = ", ".join("DHW"[-rank:]) if rank > 1 else "L"
    index = value_only(
        _max_pool_index, _INDEX, name=f"max_pool{rank}d_index", operands="x", behind=same, method=False,
        prepare=prepare, cases=cases,
        doc="The index, in its image, of the first largest entry of each window.",
    )  # fmt: skip
    pool = general(
        _max_pool,
        lambda y_bar, residual, x_shape, kernel_size: _unpooled(y_bar, residual, x_shape, len(kernel_size)),
        name=f"max_pool{rank}d", operands="x", behind=same, method=False, prepare=prepare, selects=True, cases=cases,
        residual=lambda x, kernel_size, stride, padding, dilation, ceil_mode: index(
            x, kernel_size, stride, padding, dilation, ceil_mode
        ),
        doc=f"The largest entry of every window of images (…, {image}); of some that tie the first has the gradient.",
        formulas=(lambda y_bar: call("unpool", y_bar),), domain=DISTINCT, expects="images that the kernel fits",
    )  # fmt: skip
    return pool, index


max_pool1d, max_pool1d_index = _max_of(
    1, (case((2, 5), kernel_size=2), case((1, 6), kernel_size=3, stride=2, padding=1, ceil_mode=True))
)
max_pool2d, max_pool2d_index = _max_of(
    2, (case((1, 4, 5), kernel_size=2), case((2, 3, 4), kernel_size=(3, 2), stride=1, padding=(1, 0), dilation=(1, 2)))
)
max_pool3d, max_pool3d_index = _max_of(3, (case((1, 2, 3, 2), kernel_size=(1, 2, 2), stride=1),))


# The mean


def _divisor(where: Grid, count_include_pad: bool, dtype: Any) -> Any:
    """Return how many entries each window has, with or without those of the padding."""
    counts = []
    for n, k, s, (before, after), _, out in zip(*where, strict=True):
        start = np.arange(out) * s - before
        end = np.minimum(start + k, n + after)
        counts.append(end - start if count_include_pad else np.minimum(end, n) - np.maximum(start, 0))
    return functools.reduce(np.multiply.outer, counts).astype(dtype)


def _mean_grid(size: Lengths, kernel_size: Any, stride: Any, padding: Any, ceil_mode: bool) -> Grid:
    return grid(size, kernel_size, stride, padding, (1,) * len(size), ceil_mode)


def _weight(where: Grid, include: bool, override: int | None, x: Any) -> Any:
    dtype = np.result_type(x, np.float16)
    return dtype.type(override) if override else _divisor(where, include, dtype)


def _avg_pool(
    x: Any, kernel_size: Any, stride: Any = None, padding: Any = 0, ceil_mode: bool = False,
    count_include_pad: bool = True, divisor_override: int | None = None,
) -> Any:  # fmt: skip
    where = _mean_grid(x.shape[-len(kernel_size) :], kernel_size, stride, padding, ceil_mode)
    views = windows(padded(x, where), where)
    total = functools.reduce(operator.add, (at(views, tap) for tap in where.taps()))
    return total / _weight(where, count_include_pad, divisor_override, x)


def _avg_unpool(
    x: Any, size: Any, kernel_size: Any, stride: Any, padding: Any, ceil_mode: bool, count_include_pad: bool,
    divisor_override: int | None,
) -> Any:  # fmt: skip
    where = _mean_grid(size, kernel_size, stride, padding, ceil_mode)
    shares = x / _weight(where, count_include_pad, divisor_override, x)
    ahead = (*x.shape[: -len(size)], *where.kernel)
    rank = len(size)
    wide = np.reshape(shares, (*x.shape[:-rank], *(1,) * rank, *where.out))
    return scattered(np.broadcast_to(wide, (*ahead, *where.out)), where)


def _mean_of(rank: int, cases: tuple[Case, ...]) -> Primitive:
    """Declare average pooling of images with so many axes, and its adjoint."""
    image = ", ".join("DHW"[-rank:]) if rank > 1 else "L"
    pool: Primitive = linear_map(
        _avg_pool,
        lambda y_bar, x_shape, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override: unpool(
            y_bar, x_shape[-rank:], kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override
        ),
        name=f"avg_pool{rank}d", operands="x", behind=same, method=False, cases=cases,
        prepare=functools.partial(_prepared, rank),
        doc=f"The mean of every window of images (…, {image}).",
        formulas=(lambda y_bar: call("spread", y_bar),), expects="images that the kernel fits",
    )  # fmt: skip
    unpool: Primitive = linear_map(
        _avg_unpool,
        lambda y_bar, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override: pool(
            y_bar, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override
        ),
        name=f"avg_unpool{rank}d", operands="x", behind=same, method=False, internal=True,
        cases=tuple(_unpool_case(rank, c) for c in cases),
        doc="Images to whose windows each entry is spread evenly: the adjoint of average pooling.",
        formulas=(lambda y_bar: call("average", y_bar),),
    )  # fmt: skip
    return pool


def _unpool_case(rank: int, made: Case) -> Case:
    """Return the call of the adjoint that belongs to one of average pooling."""
    defaults = {
        "stride": None, "padding": 0, "ceil_mode": False, "count_include_pad": True, "divisor_override": None,
    }  # fmt: skip
    (shape,) = made.operands
    static = _prepared(rank, (np.empty(shape),), defaults | dict(made.static))
    where = _mean_grid(shape[-rank:], *(static[n] for n in ("kernel_size", "stride", "padding", "ceil_mode")))
    return case((*shape[:-rank], *where.out), size=shape[-rank:], **static)


avg_pool1d = _mean_of(
    1, (case((2, 5), kernel_size=2), case((1, 6), kernel_size=3, stride=2, padding=1, ceil_mode=True))
)
avg_pool2d = _mean_of(
    2,
    (
        case((1, 4, 5), kernel_size=2),
        case((2, 3, 4), kernel_size=(3, 2), stride=1, padding=1, count_include_pad=False),
        case((3, 3), kernel_size=2, stride=1, divisor_override=3),
    ),
)
avg_pool3d = _mean_of(3, (case((1, 2, 3, 2), kernel_size=(1, 2, 2), stride=1),))
