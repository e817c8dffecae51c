"""Columns: what all windows of a few images hold, laid out so that one matrix product convolves them."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from autograd.primitives.windows import Grid, windows

ENTRIES = 2**19  # of the columns of one chunk: a processor's cache holds them
WASTE = 4 / 3  # how many more positions may be computed, so that a row of columns is one stretch of memory

Shape = tuple[int, ...]


class Chunk:
    """Room for some images, their columns and what stands at their windows; channels come first."""

    def __init__(self, grid: Grid, images: int, ins: int, outs: int, groups: int, dtype: Any) -> None:
        self.grid = grid
        lay = _in_a_row if _fits_a_row(grid) else _apart
        results: Any
        self.room, self.inner, self.places, results = lay(grid, images, ins, outs, dtype)
        self.results = results[(..., *(slice(n) for n in grid.out))].swapaxes(0, 1)
        self.taken = _scratch(self.places.shape, dtype)
        self.columns = self.taken.reshape(groups, ins // groups * math.prod(grid.kernel), -1)
        self.matrix = results.reshape(groups, outs // groups, -1)

    def take(self, x: Any) -> None:
        """Write the columns of images."""
        self.inner[...] = self.grid.cut(x)
        np.copyto(self.taken, self.places)

    def add(self, x: Any) -> None:
        """Write images: the columns, added where they lie."""
        self.room[...] = 0
        for tap in self.grid.taps():
            place = self.places[:, *tap]
            place += self.taken[:, *tap]
        self.grid.cut(x)[...] = self.inner


def _apart(grid: Grid, images: int, ins: int, outs: int, dtype: Any) -> tuple[Any, ...]:
    """Lay images out with padding around each."""
    room: Any = np.zeros((ins, images, *grid.padded), dtype)
    places = np.moveaxis(windows(room, grid), 1, len(grid.size) + 1)
    return room, grid.inner(room).swapaxes(0, 1), places, np.empty((outs, images, *grid.out), dtype)


def _in_a_row(grid: Grid, images: int, ins: int, outs: int, dtype: Any) -> tuple[Any, ...]:
    """Lay images out one behind the other, the padding of each line also that of the next.

    With stride 1 the same tap of all windows is then one stretch of memory, which is copied and added many times
    faster than line by line. What lies across the ends of lines is computed too and never read.
    """
    cells = _cells(grid)
    steps = [math.prod(cells[i + 1 :]) for i in range(len(cells))]
    reach = sum(n * d * (k - 1) for n, d, k in zip(steps, grid.dilation, grid.kernel, strict=True))
    start = sum(n * before for n, (before, _) in zip(steps, grid.padding, strict=True))
    length = images * math.prod(cells)
    room: Any = np.zeros((ins, length + max(reach, start)), dtype)
    row, item = room.strides
    taps = [item * n * d for n, d in zip(steps, grid.dilation, strict=True)]
    places = as_strided(room, (ins, *grid.kernel, length), (row, *taps, item))
    inner = room[:, start : start + length].reshape(ins, images, *cells)[(..., *(slice(n) for n in grid.size))]
    return room, inner.swapaxes(0, 1), places, np.zeros((outs, images, *cells), dtype)


def _cells(grid: Grid) -> Shape:
    """Return the lengths of an image with as much padding as its neighbours need between them."""
    return tuple(max(n + max(p), out) for n, p, out in zip(grid.size, grid.padding, grid.out, strict=True))


def _fits_a_row(grid: Grid) -> bool:
    plain = set(grid.stride) == {1} and min(map(min, grid.padding)) >= 0
    return plain and math.prod(_cells(grid)) < WASTE * math.prod(grid.out)


def chunks(count: int, grid: Grid, ins: int, outs: int, groups: int, dtype: Any) -> Iterator[tuple[slice, Chunk]]:
    """Yield slices of so many images, each with the room to compute it in."""
    positions = math.prod(_cells(grid) if _fits_a_row(grid) else grid.out)
    most = max(1, ENTRIES // max(1, ins * math.prod(grid.kernel) * positions))
    chunk = None
    for start in range(0, count, most):
        images = min(most, count - start)
        if chunk is None or images < most:
            chunk = Chunk(grid, images, ins, outs, groups, dtype)
        yield slice(start, start + images), chunk


_kept = threading.local()


def _scratch(shape: Shape, dtype: Any) -> Any:
    """Return room for columns that this thread has used before: memory fresh from the system costs as much as them."""
    size = math.prod(shape) * np.dtype(dtype).itemsize
    room = getattr(_kept, "room", None)
    if room is None:
        room = _kept.room = np.empty(8 * ENTRIES, np.uint8)
    return room[:size].view(dtype).reshape(shape) if size <= room.size else np.empty(shape, dtype)
