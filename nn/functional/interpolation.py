"""Resizing: each axis by a matrix that says how much of each input entry goes into each output entry."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd import ArgumentError, ShapeError, Tensor, as_tensor
from nn.functional.linear import linear

_NDIMS = {"linear": (3,), "bilinear": (4,), "bicubic": (4,), "trilinear": (5,)}
_MODES = ("nearest", "nearest-exact", "area", *_NDIMS)
_SHARPNESS = -0.75  # of the cubic kernel, as in PyTorch; the antialiased one has −0.5


def interpolate(
    input: Any,
    size: int | Sequence[int] | None = None,
    scale_factor: float | Sequence[float] | None = None,
    mode: str = "nearest",
    align_corners: bool | None = None,
    recompute_scale_factor: bool | None = None,
    antialias: bool = False,
) -> Tensor:
    """Resize the axes behind (N, C) to ``size``, or by ``scale_factor``: a number for all, or one for each axis.

    ``mode``: "nearest" (and "nearest-exact", which rounds like other programs), "linear" for one axis, "bilinear" and
    "bicubic" for two, "trilinear" for three, "area" (means). ``align_corners`` puts the first and the last entries of
    both onto each other, not their outer edges. ``antialias`` widens the kernels when two axes shrink.
    Raises ArgumentError or ShapeError for what doesn't fit together.

    >>> interpolate(np.array([[[0.0, 4.0]]]), 4, mode="linear").tolist()
    [[[0.0, 1.0, 3.0, 4.0]]]
    """
    x, where = as_tensor(input), "interpolate(input, size, scale_factor, mode)"
    if mode not in _MODES:
        raise ArgumentError(where, f"one of {', '.join(map(repr, _MODES))}", f"mode={mode!r}", "'nearest' is usual")
    if x.ndim not in _NDIMS.get(mode, (3, 4, 5)):
        wanted = " or ".join(f"{n}" for n in _NDIMS.get(mode, (3, 4, 5)))
        raise ShapeError(f"{where} with {mode!r}", f"(N, C, …) of {wanted} axes", f"shape {x.shape}", "add axes")
    if (size is None) == (scale_factor is None):
        raise ArgumentError(where, "size or scale_factor", "both" if size is not None else "neither", "give one")
    if (align_corners is not None and mode not in _NDIMS) or (antialias and mode not in ("bilinear", "bicubic")):
        raise ArgumentError(
            where,
            "align_corners with linear and cubic modes, antialias with 'bilinear' and 'bicubic'",
            f"mode={mode!r}",
            "leave them out",
        )
    lengths = x.shape[2:]
    if size is not None:
        sizes, steps = _each(size, len(lengths), where), None
    else:
        factors = _each(scale_factor, len(lengths), where)
        sizes = tuple(math.floor(n * f) for n, f in zip(lengths, factors, strict=True))
        steps = None if recompute_scale_factor else tuple(1 / f for f in factors)
    if min(sizes, default=1) < 1:
        raise ShapeError(where, "at least one entry along each axis", f"{tuple(sizes)}", "enlarge size or scale_factor")
    steps = steps or tuple(n / out for n, out in zip(lengths, sizes, strict=True))
    for axis, (n, out, step) in enumerate(zip(lengths, sizes, steps, strict=True), 2):
        if mode.startswith("nearest"):
            source = _nearest(n, int(out), step, mode)
            x = x[(slice(None),) * axis + (source,)] if not np.array_equal(source, np.arange(n)) else x
            continue
        weights = _weights(n, int(out), step, mode, bool(align_corners), antialias)
        if not np.array_equal(weights, np.eye(n)):
            x = linear(x.moveaxis(axis, -1), weights.astype(x.dtype)).moveaxis(-1, axis)
    return x


def upsample(
    input: Any, size: Any = None, scale_factor: Any = None, mode: str = "nearest", align_corners: bool | None = None
) -> Tensor:
    """Resize; the older name of :func:`interpolate`.

    >>> upsample(np.array([[[0.0, 4.0]]]), 4).tolist()
    [[[0.0, 0.0, 4.0, 4.0]]]
    """
    return interpolate(input, size, scale_factor, mode, align_corners)


def upsample_nearest(input: Any, size: Any = None, scale_factor: Any = None) -> Tensor:
    """Resize by the nearest entry; the older name of ``interpolate(mode="nearest")``."""
    return interpolate(input, size, scale_factor)


def upsample_bilinear(input: Any, size: Any = None, scale_factor: Any = None) -> Tensor:
    """Resize images (N, C, H, W) by bilinear interpolation, corners onto corners."""
    return interpolate(input, size, scale_factor, "bilinear", True)


def _each(given: Any, axes: int, where: str) -> tuple[Any, ...]:
    values = tuple(given) if np.iterable(given) else (given,) * axes
    if len(values) != axes:
        raise ShapeError(where, f"one number, or {axes}: one for each axis", f"{values}", "leave (N, C) out")
    return values


def _nearest(n: int, out: int, step: float, mode: str) -> Any:
    """Return the input entry for each output entry."""
    place = np.arange(out) + (0.5 if mode == "nearest-exact" else 0.0)
    return np.minimum((place * step).astype(int), n - 1)


def _weights(n: int, out: int, step: float, mode: str, align_corners: bool, antialias: bool) -> Any:
    """Return the matrix (out, n) of the shares of the input entries in each output entry."""
    number, source = np.arange(out)[:, None], np.arange(n)
    if mode == "area":
        starts, ends = number * n // out, -(-(number + 1) * n // out)
        return ((source >= starts) & (source < ends)) / (ends - starts)
    if align_corners:
        step = (n - 1) / (out - 1) if out > 1 else 0.0
    if antialias:
        return _widened(n, number, step, mode, align_corners)
    place = number * step if align_corners else (number + 0.5) * step - 0.5
    if mode != "bicubic":
        place = np.clip(place, 0, n - 1)
        return np.maximum(1 - abs(source - place), 0)
    weights, first = np.zeros((out, n)), np.floor(place).astype(int)
    for k in range(-1, 3):
        np.add.at(weights, (number, np.clip(first + k, 0, n - 1)), _cubic(place - (first + k), _SHARPNESS))
    return weights


def _cubic(x: Any, a: float) -> Any:
    """Keys' kernel. Source: Keys, Cubic Convolution Interpolation for Digital Image Processing (1981)."""
    x = abs(x)
    near = ((a + 2) * x - (a + 3)) * x * x + 1
    far = ((a * x - 5 * a) * x + 8 * a) * x - 4 * a
    return np.where(x <= 1, near, np.where(x < 2, far, 0.0))


def _widened(n: int, number: Any, step: float, mode: str, align_corners: bool) -> Any:
    """Return weights whose kernel is as wide as the step, so that no input entry is left out."""
    width = max(step, 1.0)
    reach = (2.0 if mode == "bicubic" else 1.0) * width
    centre = step * (number + 0.5) if not align_corners else step * number + 0.5
    first = np.maximum((centre - reach + 0.5).astype(int), 0)
    last = np.minimum((centre + reach + 0.5).astype(int), n)
    source = np.arange(n)
    x = (source - centre + 0.5) / width
    weights = _cubic(x, -0.5) if mode == "bicubic" else np.maximum(1 - abs(x), 0)
    weights = np.where((source >= first) & (source < last), weights, 0.0)
    return weights / weights.sum(axis=1, keepdims=True)
