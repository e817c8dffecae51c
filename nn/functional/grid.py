"""Reading an image between its pixels, where a grid says; the grid may be learned."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np

import autograd
from autograd import ArgumentError, ShapeError, Tensor, as_tensor

_SHARPNESS = -0.75  # of the cubic kernel


def affine_grid(theta: Any, size: Sequence[int], align_corners: bool | None = None) -> Tensor:
    """Return the places ``theta·(x, y, 1)`` of each output pixel, for :func:`grid_sample`.

    They are (N, H, W, 2) by a ``theta`` (N, 2, 3) and a ``size`` (N, C, H, W), or (N, D, H, W, 3) by (N, 3, 4) and
    (N, C, D, H, W). Places run from −1 to 1, between the centres of the outermost pixels with ``align_corners``, else
    between their outer edges.
    Raises ShapeError otherwise. Source: Jaderberg and others, Spatial Transformer Networks (2015).

    >>> affine_grid(np.array([[[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]]), (1, 1, 1, 2))[0, 0].tolist()
    [[-0.5, 0.0], [0.5, 0.0]]
    """
    theta, axes = as_tensor(theta), len(size) - 2
    if axes not in (2, 3) or theta.shape != (size[0], axes, axes + 1):
        raise ShapeError(
            "affine_grid(theta, size)",
            "theta (N, 2, 3) and size (N, C, H, W), or (N, 3, 4) and (N, C, D, H, W)",
            f"theta {theta.shape}, size {tuple(size)}",
            "give one matrix for each example",
        )
    lines = [np.linspace(-1, 1, n) * (1 if align_corners else (n - 1) / n) if n > 1 else np.zeros(1) for n in size[2:]]
    mesh = np.stack([*np.meshgrid(*lines, indexing="ij")[::-1], np.ones(tuple(size[2:]))], axis=-1)
    flat = mesh.reshape(-1, axes + 1).astype(theta.dtype)
    grid: Tensor = (flat @ theta.swapaxes(1, 2)).reshape(size[0], *size[2:], axes)
    return grid


def grid_sample(
    input: Any,
    grid: Any,
    mode: str = "bilinear",
    padding_mode: str = "zeros",
    align_corners: bool | None = None,
) -> Tensor:
    """Read (N, C, H, W) at the places (x, y) of ``grid`` (N, h, w, 2): (N, C, h, w); or volumes with (x, y, z).

    −1 and 1 are the first and the last pixel's centres with ``align_corners``, else their outer edges. ``mode`` is
    "bilinear", "nearest" (no gradient to the grid) or "bicubic" (images); outside of the image there are "zeros", its
    "border", or its "reflection". Raises ArgumentError or ShapeError for what doesn't fit.

    >>> grid_sample(np.array([[[[0.0, 4.0]]]]), np.array([[[[0.0, 0.0], [0.5, 0.0]]]])).tolist()
    [[[[2.0, 4.0]]]]
    """
    x, grid, where = as_tensor(input), as_tensor(grid), "grid_sample(input, grid)"
    axes = x.ndim - 2
    if axes not in (2, 3) or grid.ndim != x.ndim or grid.shape[0] != x.shape[0] or grid.shape[-1] != axes:
        got = f"input {x.shape}, grid {grid.shape}"
        raise ShapeError(
            where, "(N, C, H, W) and (N, h, w, 2), or (N, C, D, H, W) and (N, d, h, w, 3)", got, "see both"
        )
    if padding_mode not in ("zeros", "border", "reflection") or mode not in ("bilinear", "nearest", "bicubic"):
        got = f"mode={mode!r}, padding_mode={padding_mode!r}"
        raise ArgumentError(where, "'bilinear', 'nearest', 'bicubic'; 'zeros', 'border', 'reflection'", got, "spell it")
    if mode == "bicubic" and axes != 2:
        raise ArgumentError(where, "'bilinear' or 'nearest' for volumes", "'bicubic'", "use 'bilinear'")
    lengths, corners = x.shape[2:], bool(align_corners)
    places = []
    for k, n in enumerate(lengths):
        unit = grid[..., axes - 1 - k]
        place = unit * ((n - 1) / 2 if corners else n / 2) + (n - 1) / 2
        places.append(place if mode == "bicubic" else _inside(place, n, padding_mode, corners))
    pixels = x.moveaxis(1, -1)
    taps: list[list[tuple[Any, Tensor | None]]] = []  # along each axis: whole places, and their weights
    for place, n in zip(places, lengths, strict=True):
        if mode == "nearest":
            taps.append([(np.rint(place.data), None)])
            continue
        first = np.floor(place.data)
        part = place - first
        if mode == "bilinear":
            taps.append([(first, 1 - part), (first + 1, part)])
        else:
            taps.append(
                [
                    (_inside(as_tensor(first + k), n, padding_mode, corners).data, _cubic(part - k, k))
                    for k in range(-1, 3)
                ]
            )
    read = [_read(pixels, choice) for choice in itertools.product(*taps)]
    total = read[0]
    for term in read[1:]:
        total = total + term
    return total.moveaxis(-1, 1)


def _inside(place: Tensor, n: int, padding_mode: str, corners: bool) -> Tensor:
    """Move a place outside of an axis to where its value is taken from; with zeros it stays."""
    if padding_mode == "zeros":
        return place
    if padding_mode == "reflection":
        low, span = (0.0, n - 1) if corners else (-0.5, n)
        if not span:
            return place * 0
        place = abs(place - low)
        flips = np.floor(place.data / span)
        rest = place - flips * span
        place = autograd.where(flips % 2 == 0, rest + low, span + low - rest)
    return autograd.clip(place, 0, n - 1)


def _read(pixels: Tensor, choice: tuple[tuple[Any, Any], ...]) -> Tensor:
    """Return the pixels (N, …, C) at whole places, times the weights; 0 outside."""
    lengths = pixels.shape[1:-1]
    indices = [place.astype(int) for place, _ in choice]
    there = np.logical_and.reduce([(i >= 0) & (i < n) for i, n in zip(indices, lengths, strict=True)])
    example = np.arange(len(pixels)).reshape(-1, *(1,) * len(lengths))
    weight: Any = there.astype(pixels.dtype)
    for _, share in choice:
        weight = weight if share is None else weight * share
    taken = pixels[(example, *(np.clip(i, 0, n - 1) for i, n in zip(indices, lengths, strict=True)))]
    weighed: Tensor = taken * weight[..., None]
    return weighed


def _cubic(x: Tensor, k: int) -> Tensor:
    """Keys' kernel at a distance x from tap k: the inner taps, 0 and 1, have another polynomial than the outer ones."""
    a = _SHARPNESS
    x = x if k <= 0 else -x  # the distance is positive
    if k in (0, 1):
        return ((a + 2) * x - (a + 3)) * x * x + 1
    return ((a * x - 5 * a) * x + 8 * a) * x - 4 * a
