"""Standardising along axes: the step that batch, layer, group and instance normalisation share."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.primitives.batching import same
from autograd.primitives.blas import summed
from autograd.primitives.domain import DISTINCT, case
from autograd.primitives.notation import call, symbol
from autograd.primitives.primitive import Static, general
from autograd.primitives.reduction import negative_axes

Axis = int | tuple[int, ...]


def _prepare(operands: tuple[Any, ...], static: Static) -> Static:
    shape = np.shape(operands[0])
    axis = negative_axes(static["axis"], len(shape))
    if not all(shape[a] for a in axis):
        raise ValueError("of no entries there is no mean")
    return static | {"axis": axis}


def _mean(x: Any, axis: tuple[int, ...]) -> Any:
    """Return the mean, its axes kept."""
    ndim, count = x.ndim, math.prod([x.shape[a] for a in axis])
    if x.__class__ is np.ndarray and x.itemsize == 2:  # halves overflow at 65504
        return np.add.reduce(x, axis=axis, keepdims=True, dtype=np.float32) / count
    return summed(x, tuple([a + ndim for a in axis]), keepdims=True) / count


def _standardize(x: Any, axis: Axis = -1, eps: float = 1e-5) -> tuple[Any, Any]:
    centred = x - _mean(x, axis)  # type: ignore[arg-type]  # prepared
    scale = 1 / np.sqrt(_mean(centred * centred, axis) + eps)  # type: ignore[arg-type]
    y = centred * scale
    return (y.astype(x.dtype), scale.astype(x.dtype)) if x.dtype == np.float16 else (y, scale)


def _x_bar(y_bar: Any, y: Any, residual: Any, axis: tuple[int, ...]) -> Any:
    x_bar = residual * (y_bar - _mean(y_bar, axis) - y * _mean(y_bar * y, axis))
    return x_bar if x_bar.dtype == y_bar.dtype else x_bar.astype(y_bar.dtype)


standardize = general(
    _standardize, _x_bar,
    name="standardize", behind=same, prepare=_prepare, domain=DISTINCT,
    residual=lambda x, axis, eps: 1 / np.sqrt(np.var(x, axis=axis, keepdims=True) + eps),
    cases=(case((3, 4)), case((4, 3), axis=0), case((2, 3, 4), axis=(0, 2)), case((2, 5), axis=1, eps=0.1)),
    doc="(x − mean x)/√(var x + ε) over the given axes, with the variance Σ(x − mean x)²/n.",
    formulas=(
        lambda y_bar, x, y: (y_bar - call("mean", y_bar) - y * call("mean", y_bar * y))
        / np.sqrt(call("var", x) + symbol("ε")),
    ),
    expects="at least one entry along each axis",
)  # fmt: skip
