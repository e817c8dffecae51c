"""Running sums, products and extremes along an axis, and the linear recurrence that is their derivative.

These are steps: the functions of NumPy's names, which also flatten and cast, are in ``compositions/scans.py``.
"""

from __future__ import annotations

import importlib
import math
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from autograd.primitives.batching import aligned, same
from autograd.primitives.domain import DISTINCT, Domain, case
from autograd.primitives.notation import call
from autograd.primitives.primitive import Primitive, Static, general, linear_map

_CASES = (
    case((4,), axis=0), case((3, 4), axis=0), case((2, 3, 4), axis=-1), case((2, 3, 2), axis=1), case((1,), axis=0),
    case((0, 3), axis=0), case((3, 0), axis=0),
)  # fmt: skip


def negative_axis(operands: tuple[Any, ...], static: Static) -> Static:
    """Record an axis as a negative number, which holds behind any leading axes."""
    ndim = np.ndim(operands[0])
    return static | {"axis": normalize_axis_index(static["axis"], ndim) - ndim}


def _recurrence(a: Any, b: Any, reverse: bool = False) -> Any:
    """Solve ``y[j] = b[j] + a[j−1]·y[j−1]`` (reversed: ``y[j] = b[j] + a[j]·y[j+1]``) along the last axis."""
    n, shape = b.shape[-1], np.broadcast_shapes(a.shape[:-1], b.shape[:-1])
    y = np.array(np.broadcast_to(b, (*shape, n)), dtype=np.result_type(a, b))
    rows = math.prod(shape)
    if n > rows and y.dtype in (np.float32, np.float64):
        blas = importlib.import_module("scipy.linalg.blas")  # a triangular matrix with one band, unit diagonal
        solve = blas.stbsv if y.dtype == np.float32 else blas.dtbsv
        band = np.zeros((n, 2), y.dtype).T
        for place in np.ndindex(shape):
            band[1, :-1] = -np.broadcast_to(a, (*shape, n - 1))[place]
            y[place] = solve(1, band, y[place], lower=1, diag=1, trans=int(reverse), overwrite_x=1)
        return y
    for j in reversed(range(n - 1)) if reverse else range(n - 1):
        source, target = (j + 1, j) if reverse else (j, j + 1)
        y[..., target] += a[..., j] * y[..., source]
    return y


recurrence: Primitive = general(
    _recurrence,
    (
        lambda y_bar, a, y, reverse: (
            recurrence(a, y_bar, not reverse)[..., :-1] * y[..., 1:]
            if reverse
            else recurrence(a, y_bar, not reverse)[..., 1:] * y[..., :-1]
        ),
        lambda y_bar, a, reverse: recurrence(a, y_bar, not reverse),
    ),
    name="recurrence", behind=aligned, broadcasts=True, method=False, internal=True,
    cases=(
        case((3,), (4,)), case((2, 3), (2, 4), reverse=True), case((3,), (2, 4)), case((2, 1, 3), (3, 4)),
        case((4, 2), (4, 3)), case((0,), (1,)),
    ),
    doc="y of the linear recurrence yⱼ = bⱼ + aⱼ₋₁ yⱼ₋₁ along the last axis.",
    formulas=(lambda y_bar, a: call("recurrence", a, y_bar),) * 2, expects="a one entry shorter than b",
)  # fmt: skip

cumsum: Primitive = linear_map(
    lambda x, axis: np.cumsum(x, axis=axis),
    lambda y_bar, axis: np.flip(np.cumsum(np.flip(y_bar, axis), axis=axis), axis),
    name="cumsum", operands="x", behind=same, prepare=negative_axis, cases=_CASES, method=False, internal=True,
    doc="The running sums along an axis.",
    formulas=(lambda y_bar: call("Σ from the end", y_bar),),
)  # fmt: skip


def _along(axis: int, part: slice) -> tuple[Any, ...]:
    return (..., part, *(slice(None),) * (-1 - axis))


def _undiff(x: Any, axis: int) -> Any:
    """Return ``yᵢ = xᵢ₋₁ − xᵢ`` with nothing beyond the ends: one entry more, in one pass."""
    shape = list(x.shape)
    shape[axis] += 1
    y = np.empty(shape, x.dtype)
    y[_along(axis, slice(0, 1))] = 0
    y[_along(axis, slice(1, None))] = x
    y[_along(axis, slice(None, -1))] -= x
    return y


first_difference: Primitive = linear_map(
    lambda x, axis: np.diff(x, axis=axis), lambda y_bar, axis: undifference(y_bar, axis),
    name="first_difference", operands="x", behind=same, prepare=negative_axis, method=False, internal=True,
    cases=(case((4,), axis=0), case((2, 3), axis=-1), case((3, 2, 2), axis=0), case((1, 2), axis=0)),
    doc="The differences of neighbours along an axis.",
    formulas=(lambda y_bar: call("−diff", y_bar),), expects="at least one entry along the axis",
)  # fmt: skip

undifference: Primitive = linear_map(
    _undiff, lambda y_bar, axis: np.diff(y_bar, axis=axis),
    name="undifference", operands="x", behind=same, prepare=negative_axis, method=False, internal=True,
    cases=(case((4,), axis=0), case((2, 3), axis=-1), case((3, 2, 2), axis=0), case((0, 2), axis=0)),
    doc="The differences of neighbours with 0 beyond both ends, the sign changed: the adjoint of the differences.",
    formulas=(lambda y_bar: call("−diff", y_bar),),
)  # fmt: skip


def _last(x: Any, axis: int) -> Any:
    return x if axis == -1 else np.moveaxis(x, axis, -1)


def _back(x: Any, axis: int) -> Any:
    return x if axis == -1 else np.moveaxis(x, -1, axis)


def _pull_product(y_bar: Any, x: Any, y: Any, axis: int) -> Any:
    """``x̄ⱼ = yⱼ₋₁ · (ȳⱼ + xⱼ₊₁ (ȳⱼ₊₁ + xⱼ₊₂ (…)))``: nothing is divided, so zeros are exact."""
    x, y, y_bar = _last(x, axis), _last(y, axis), _last(y_bar, axis)
    before = np.concatenate([np.ones_like(y[..., :1]), y[..., :-1]], axis=-1)
    return _back(before * recurrence(x[..., 1:], y_bar, reverse=True), axis)


cumprod: Primitive = general(
    lambda x, axis: np.cumprod(x, axis=axis), _pull_product,
    name="cumprod", operands="x", behind=same, prepare=negative_axis, cases=_CASES, method=False, internal=True,
    doc="The running products along an axis; their derivatives are exact with zeros among the factors.",
    formulas=(lambda y_bar, x, y: call("recurrence", x, y_bar) * y,),
)  # fmt: skip


def _pull_extreme(y_bar: Any, x: Any, y: Any, axis: int) -> Any:
    """Hand the cotangent of an extreme in equal shares to the entries so far that attain it."""
    x, y, y_bar = _last(x, axis), _last(y, axis), _last(y_bar, axis)
    ones = np.ones_like(y)
    hits, stays = (x == y) * ones, (y[..., 1:] == y[..., :-1]) * ones[..., 1:]
    count = np.maximum(recurrence(stays, hits), ones)  # no entry attains NaN
    return _back(hits * recurrence(stays, y_bar / count, reverse=True), axis)


cumulative_max: Primitive = general(
    lambda x, axis: np.maximum.accumulate(x, axis=axis), _pull_extreme,
    name="cumulative_max", operands="x", behind=same, prepare=negative_axis, cases=_CASES, domain=DISTINCT,
    selects=True, method=False, internal=True,
    doc="The largest entry so far along an axis; entries that tie share the gradient equally.",
    formulas=(lambda y_bar, x, y: call("Σ where x attains y", y_bar),),
)  # fmt: skip

cumulative_min: Primitive = general(
    lambda x, axis: np.minimum.accumulate(x, axis=axis), _pull_extreme,
    name="cumulative_min", operands="x", behind=same, prepare=negative_axis, cases=_CASES, domain=DISTINCT,
    selects=True, method=False, internal=True,
    doc="The smallest entry so far along an axis; entries that tie share the gradient equally.",
    formulas=(lambda y_bar, x, y: call("Σ where x attains y", y_bar),),
)  # fmt: skip


def _finite(y: Any) -> Any:
    """Replace an infinite shift by 0, where x − y would be ∞ − ∞."""
    return np.where(np.isfinite(y), y, np.zeros_like(y))


def _pull_logcumsumexp(y_bar: Any, x: Any, y: Any, axis: int) -> Any:
    """``x̄ⱼ = Σᵢ ȳᵢ e^(xⱼ − yᵢ)``, in steps e^(yⱼ − yⱼ₊₁) that are at most 1."""
    x, y, y_bar = _last(x, axis), _last(y, axis), _last(y_bar, axis)
    steps = np.exp(y[..., :-1] - _finite(y[..., 1:]))
    return _back(np.exp(x - _finite(y)) * recurrence(steps, y_bar, reverse=True), axis)


logcumsumexp: Primitive = general(
    lambda x, axis: np.logaddexp.accumulate(x, axis=axis),
    _pull_logcumsumexp,
    name="logcumsumexp", operands="x", behind=same, prepare=negative_axis, cases=_CASES, method=False, internal=True,
    domain=Domain(landmarks=(0.0, 1000.0, -1000.0)),
    doc="ln Σeˣ of the entries so far along an axis, stable at any finite x and right with −∞ among the entries.",
    formulas=(lambda y_bar, x, y: y_bar * np.exp(x - y),),
)  # fmt: skip
