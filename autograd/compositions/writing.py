"""NumPy's functions that write into an array: into a tensor they write as ``t[index] = value`` does.

A plain array can't remember where a value came from, so writing a tensor into one is refused.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.errors import NoDerivativeError
from autograd.functions import by_numpy
from autograd.tensor import Tensor, as_tensor, raw

written: set[Callable[..., Any]] = set()


def _writes(known: Callable[..., Any]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Make a function what its NumPy namesake does to tensors."""

    def declare(body: Callable[..., Any]) -> Callable[..., Any]:
        def function(target: Any, *args: Any, **kwargs: Any) -> None:
            if isinstance(target, Tensor):
                body(target, *args, **kwargs)
                return
            values = [v for v in (*args, *kwargs.values()) if isinstance(v, Tensor)]
            if any(v.requires_grad for v in values):
                raise NoDerivativeError(
                    f"np.{known.__name__}",
                    "a tensor to write into",
                    "a NumPy array, and a value that requires a gradient",
                    "make the array a Tensor first; t.detach() if you mean the plain value",
                )
            known(target, *map(raw, args), **{n: raw(v) for n, v in kwargs.items()})

        function.__name__, function.__doc__ = known.__name__, body.__doc__
        by_numpy[known] = function
        written.add(known)
        return function

    return declare


def _repeated(values: Any, count: int) -> Any:
    """Return the values in one row, again and again until there are so many."""
    row = as_tensor(values).reshape(-1)
    return row[np.arange(count) % row.size] if row.size != count else row


def _write_flat(target: Tensor, places: Any, values: Any) -> None:
    """Write values at places counted through the whole array."""
    target[np.unravel_index(places, target.shape)] = values


@_writes(np.put)
def put(a: Tensor, ind: Any, v: Any, mode: str = "raise") -> None:
    """Write values at places counted through the whole array; too few of them are repeated."""
    ind = np.asarray(raw(ind)).ravel()
    if mode == "raise" and ind.size and not (-a.size <= ind.min() and ind.max() < a.size):
        raise IndexError(f"places lie within the {a.size} entries")
    places = np.clip(ind, 0, a.size - 1) if mode == "clip" else ind % a.size
    if places.size:
        _write_flat(a, places, _repeated(v, places.size))


@_writes(np.put_along_axis)
def put_along_axis(arr: Tensor, indices: Any, values: Any, axis: int | None = -1) -> None:
    """Write values at the places along an axis that indices name."""
    indices = np.asarray(raw(indices))
    if axis is None:
        _write_flat(arr, indices, values)
        return
    shape = np.broadcast_shapes(indices.shape, tuple(1 if i == axis % arr.ndim else n for i, n in enumerate(arr.shape)))
    grid = list(np.ogrid[tuple(slice(n) for n in shape)])
    grid[axis] = indices
    arr[tuple(np.broadcast_arrays(*grid))] = values


@_writes(np.fill_diagonal)
def fill_diagonal(a: Tensor, val: Any, wrap: bool = False) -> None:
    """Write values on the main diagonal; too few of them are repeated."""
    if a.ndim < 2 or (a.ndim > 2 and len(set(a.shape)) > 1):
        raise ValueError("a matrix, or axes of one length")
    step = a.shape[1] + 1 if a.ndim == 2 else 1 + int(np.cumprod(a.shape[:-1]).sum())
    end = a.shape[1] * a.shape[1] if a.ndim == 2 and not wrap else a.size
    places = np.arange(0, min(end, a.size), step)
    _write_flat(a, places, _repeated(val, places.size))


@_writes(np.place)
def place(arr: Tensor, mask: Any, vals: Any) -> None:
    """Write the values one after the other where a mask holds; too few of them are repeated."""
    places = np.flatnonzero(raw(mask))
    if places.size:
        _write_flat(arr, places, _repeated(vals, places.size))


@_writes(np.putmask)
def putmask(a: Tensor, mask: Any, values: Any) -> None:
    """Write where a mask holds the values that stand at the same places; too few of them are repeated."""
    places = np.flatnonzero(raw(mask))
    if places.size:
        _write_flat(a, places, _repeated(values, math.prod(a.shape))[places])


@_writes(np.copyto)
def copyto(dst: Tensor, src: Any, casting: Any = "same_kind", where: Any = True) -> None:
    """Write values over the whole array, or where a condition holds."""
    if where is True:
        dst[...] = src
        return
    mask = np.broadcast_to(raw(where), dst.shape)
    spread = as_tensor(np.asarray(src, dst.dtype) if isinstance(src, (int, float)) else src)
    dst[mask] = (spread + np.zeros(dst.shape, dst.dtype))[mask]
