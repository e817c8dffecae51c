"""Making arrays longer at their ends."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

import autograd
from autograd import ArgumentError, ShapeError, Tensor, as_tensor

_NUMPY = {"reflect": "reflect", "replicate": "edge", "circular": "wrap"}


def pad(input: Any, pad: Sequence[int], mode: str = "constant", value: float | None = None) -> Tensor:
    """Lengthen axes at their ends: ``pad`` is (before, after) of the last axis, then of the last but one, and so on.

    ``mode`` is "constant" (``value``, 0 by default; a negative number cuts off), "reflect" (mirrored, the end itself
    not repeated), "replicate" (the end repeated) or "circular" (from the other end).
    Raises ArgumentError, or ShapeError for a mirror or a circle that is longer than its axis.

    >>> pad(np.array([1.0, 2.0, 3.0]), (2, 1), mode="reflect").tolist()
    [3.0, 2.0, 1.0, 2.0, 3.0, 2.0]
    """
    x, where = as_tensor(input), "pad(input, pad, mode)"
    pairs = list(zip(pad[::2], pad[1::2], strict=False))
    if len(pad) % 2 or len(pairs) > x.ndim:
        got = f"{tuple(pad)} for shape {x.shape}"
        raise ArgumentError(where, "two numbers for each axis, the last axis first", got, "leave leading axes out")
    if mode != "constant" and (mode not in _NUMPY or value is not None):
        got = f"mode={mode!r}" + ("" if value is None else f" with value={value}")
        raise ArgumentError(where, "'constant', 'reflect', 'replicate' or 'circular'", got, "value is for 'constant'")
    for axis, (before, after) in zip(range(-1, -x.ndim - 1, -1), pairs, strict=False):
        if before or after:
            x = _filled(x, axis, before, after, value) if mode == "constant" else _mapped(x, axis, before, after, mode)
    return x


def _filled(x: Tensor, axis: int, before: int, after: int, value: float | None) -> Tensor:
    length = x.shape[axis]
    if length + before + after < 0:
        raise ShapeError("pad(input, pad)", "entries that are left", f"{before} and {after} for {length}", "cut less")
    behind = (slice(None),) * (-1 - axis)
    x = x[(..., slice(max(-before, 0), length - max(-after, 0)), *behind)]
    ends = [
        np.full((*x.shape[:axis], max(n, 0), *x.shape[x.ndim + axis + 1 :]), value or 0, x.dtype)
        for n in (before, after)
    ]
    return autograd.concatenate([end for end in (ends[0], x, ends[1]) if end is x or end.size], axis=axis)


def _mapped(x: Tensor, axis: int, before: int, after: int, mode: str) -> Tensor:
    length = x.shape[axis]
    longest = {"reflect": length - 1, "circular": length, "replicate": max(before, after)}[mode]
    if min(before, after) < 0 or max(before, after) > longest or not length:
        got = f"{before} and {after} for an axis of {length}"
        raise ShapeError(f"pad(input, pad, {mode!r})", f"from 0 to {longest} entries at each end", got, "pad less")
    source = np.pad(np.arange(length), (before, after), _NUMPY[mode])  # type: ignore[call-overload]  # a known name
    return x[(..., source, *(slice(None),) * (-1 - axis))]
