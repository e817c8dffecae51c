"""The Euclidean norm; other norms are compositions."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.primitives.batching import same
from autograd.primitives.domain import NONZERO, case
from autograd.primitives.primitive import Static, general
from autograd.primitives.reduction import negative_axes

Axis = int | tuple[int, ...] | None


def _prepare(operands: tuple[Any, ...], static: Static) -> Static:
    return static | {"axis": negative_axes(static["axis"], np.ndim(operands[0]))}


def _root_of_squares(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    if axis is None or len(axis) == x.ndim:  # type: ignore[arg-type]  # prepared
        flat = np.ravel(x, order="K")
        y = np.sqrt(np.dot(flat, flat))
        return np.reshape(y, (1,) * x.ndim) if keepdims else y
    return np.sqrt(np.add.reduce(x * x, axis=axis, keepdims=keepdims))  # type: ignore[call-overload]  # the stub wants literals


def _x_bar(y_bar: Any, x: Any, y: Any, axis: tuple[int, ...], keepdims: bool) -> Any:
    if not keepdims and axis:
        places = tuple(sorted(axis))
        y_bar, y = np.expand_dims(y_bar, places), np.expand_dims(y, places)
    zero = y == 0
    return y_bar * np.where(zero, np.zeros_like(y), 1 / np.where(zero, np.ones_like(y), y)) * x


euclidean_norm = general(
    _root_of_squares, _x_bar,
    name="euclidean_norm", behind=same, prepare=_prepare, internal=True, method=False, domain=NONZERO,
    cases=(case((3, 4)), case((3, 4), axis=0), case((2, 3, 4), axis=(0, -1), keepdims=True), case((5,), axis=0)),
    doc="√Σx² over the given axes; its derivative where all entries are 0 is taken as 0.",
    formulas=(lambda y_bar, x, y: y_bar * x / y,),
)  # fmt: skip
