"""Sums, means, products, extremes and spreads along axes.

Axes are recorded as negative numbers, so that a cotangent with leading axes meets the same axes as the value did.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from autograd.primitives.batching import same
from autograd.primitives.domain import DISTINCT, Domain, case
from autograd.primitives.notation import call, function, symbol
from autograd.primitives.primitive import Static, always, general, linear_map, value_only

Axis = int | tuple[int, ...] | None


def negative_axes(axis: Any, ndim: int) -> tuple[int, ...]:
    """Return the axes as negative numbers in rising order; ``None`` means all, as 0 and −1 do of a single number."""
    if axis is None or (ndim == 0 and axis in (0, -1, (0,), (-1,))):
        return tuple(range(-ndim, 0))
    return tuple(sorted(a - ndim for a in normalize_axis_tuple(axis, ndim)))


def _prepare(operands: tuple[Any, ...], static: Static) -> Static:
    return static | {"axis": negative_axes(static["axis"], np.ndim(operands[0]))}


def _count(shape: tuple[int, ...], axis: tuple[int, ...]) -> int:
    return math.prod(shape[a] for a in axis)


def _align(reduced: Any, x_shape: tuple[int, ...], axis: tuple[int, ...], lead: tuple[int, ...] = ()) -> Any:
    """Give a reduced array its axes back, with length 1, so that it broadcasts against the operand."""
    kept = list(x_shape)
    for a in axis:
        kept[a] = 1
    return np.reshape(reduced, lead + tuple(kept))


def _spread(y_bar: Any, x_shape: tuple[int, ...], axis: tuple[int, ...], lead: tuple[int, ...]) -> Any:
    """Copy a cotangent to every entry that was summed."""
    return np.broadcast_to(_align(y_bar, x_shape, axis, lead), lead + x_shape)


_CASES = (
    case((3, 4)),
    case((3, 4), axis=0),
    case((3, 4), axis=-1, keepdims=True),
    case((2, 3, 4), axis=(0, -1)),
    case((2, 3, 4), axis=(2, 0), keepdims=True),
    case((), axis=None),
    case((5,), axis=0),
    case((2, 1, 3), axis=1),
    case((2, 3), axis=()),
)
_EMPTY = (case((0, 3), axis=0), case((2, 0)), case((0,)))


def _sum(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    return np.add.reduce(x, axis=axis, keepdims=keepdims)  # type: ignore[call-overload]  # the stub wants literals


sum = linear_map(
    _sum, _spread,
    name="sum", moves=always, behind=same, prepare=_prepare, cases=_CASES + _EMPTY,
    doc="The sum Σx over the given axes (all of them by default).",
    notation=function("Σ", r"\sum"), formulas=(lambda y_bar: call("spread", y_bar),),
)  # fmt: skip


def _mean(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    return np.mean(x, axis=axis, keepdims=keepdims)


mean = linear_map(
    _mean, lambda y_bar, x_shape, axis, lead: _spread(y_bar / _count(x_shape, axis), x_shape, axis, lead),
    name="mean", behind=same, prepare=_prepare, cases=_CASES,
    doc="The mean Σx/n over the given axes (all of them by default).",
    formulas=(lambda y_bar: call("spread", y_bar / symbol("n")),),
)  # fmt: skip


def _others(x: Any) -> Any:
    """For each entry along the last axis, the product of all the others: exact with any number of zeros.

    Products of pairs are formed up a binary tree and handed down crosswise, so nothing is ever divided.
    """
    n = x.shape[-1]
    if n <= 1:
        return np.ones_like(x)
    even, odd = x[..., 0 : n - 1 : 2], x[..., 1::2]
    single = x[..., n - n % 2 :]
    above = _others(np.concatenate([even * odd, single], axis=-1))
    pairs = above[..., : n // 2]
    below = np.reshape(np.stack([pairs * odd, pairs * even], axis=-1), (*x.shape[:-1], n - n % 2))
    return np.concatenate([below, above[..., n // 2 :]], axis=-1)


def _partial_of_product(x: Any, axis: tuple[int, ...]) -> Any:
    ndim, count = len(x.shape), len(axis)
    last = tuple(range(-count, 0))
    moved = np.moveaxis(x, axis, last)
    others = _others(np.reshape(moved, (*moved.shape[: ndim - count], math.prod(moved.shape[ndim - count :]))))
    return np.moveaxis(np.reshape(others, moved.shape), last, axis)


def _prod(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    return np.multiply.reduce(x, axis=axis, keepdims=keepdims)  # type: ignore[call-overload]  # the stub wants literals


prod = general(
    _prod,
    lambda y_bar, x, x_shape, axis, lead: _align(y_bar, x_shape, axis, lead) * _partial_of_product(x, axis),
    name="prod", behind=same, prepare=_prepare, cases=_CASES + _EMPTY,
    doc="The product Πx over the given axes (all of them by default); its derivatives are exact with zeros among them.",
    notation=function("Π", r"\prod"), formulas=(lambda y_bar, x: y_bar * call("Π others", x),),
)  # fmt: skip


def _pull_extreme(y_bar: Any, x: Any, y: Any, x_shape: tuple[int, ...], axis: tuple[int, ...], lead: Any) -> Any:
    """Hand the cotangent in equal shares to the entries that attain the extreme."""
    hit = x == _align(y, x_shape, axis)
    share = _align(y_bar, x_shape, axis, lead) / np.count_nonzero(hit, axis=axis, keepdims=True).astype(x.dtype)
    return np.where(hit, share, np.zeros_like(share))


def _max(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    return np.maximum.reduce(x, axis=axis, keepdims=keepdims)  # type: ignore[call-overload]  # the stub wants literals


max = general(
    _max,
    _pull_extreme,
    name="max", behind=same, prepare=_prepare, cases=_CASES, domain=DISTINCT, selects=True,
    doc="The largest entry over the given axes; entries that tie share the gradient equally.",
    formulas=(lambda y_bar, x, y: y_bar * np.where(x == y, 1, 0),),
    expects="axes of x, each named once, with at least one entry along each",
)  # fmt: skip


def _min(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    return np.minimum.reduce(x, axis=axis, keepdims=keepdims)  # type: ignore[call-overload]  # the stub wants literals


min = general(
    _min,
    _pull_extreme,
    name="min", behind=same, prepare=_prepare, cases=_CASES, domain=DISTINCT, selects=True,
    doc="The smallest entry over the given axes; entries that tie share the gradient equally.",
    formulas=(lambda y_bar, x, y: y_bar * np.where(x == y, 1, 0),),
    expects="axes of x, each named once, with at least one entry along each",
)  # fmt: skip


def _var(x: Any, axis: Axis = None, ddof: int = 0, keepdims: bool = False) -> Any:
    return np.var(x, axis=axis, ddof=ddof, keepdims=keepdims)


_SPREAD_CASES = (
    case((3, 4)), case((3, 4), axis=0, ddof=1), case((2, 3, 4), axis=(0, -1), keepdims=True), case((5,), axis=0),
)  # fmt: skip


def _centred(x: Any, axis: tuple[int, ...]) -> Any:
    return x - np.mean(x, axis=axis, keepdims=True)


var = general(
    _var,
    lambda y_bar, x, x_shape, axis, ddof, lead: (
        _align(2 * y_bar / (_count(x_shape, axis) - ddof), x_shape, axis, lead) * _centred(x, axis)
    ),
    name="var", behind=same, prepare=_prepare, cases=_SPREAD_CASES,
    doc="The variance Σ(x − mean x)²/(n − ddof) over the given axes.",
    formulas=(lambda y_bar, x: y_bar * (2 * (x - call("mean", x))) / symbol("n"),),
)  # fmt: skip


def _std(x: Any, axis: Axis = None, ddof: int = 0, keepdims: bool = False) -> Any:
    return np.std(x, axis=axis, ddof=ddof, keepdims=keepdims)


def _partial_of_std(x: Any, y: Any, x_shape: tuple[int, ...], axis: tuple[int, ...], ddof: int) -> Any:
    y = _align(y, x_shape, axis)
    centred = _centred(_centred(x, axis), axis)  # twice: what rounding leaves of equal entries would be divided by ≈ 0
    return centred / (np.where(y == 0, np.ones_like(y), y) * (_count(x_shape, axis) - ddof))


std = general(
    _std,
    lambda y_bar, x, y, x_shape, axis, ddof, lead: (
        _align(y_bar, x_shape, axis, lead) * _partial_of_std(x, y, x_shape, axis, ddof)
    ),
    name="std", behind=same, prepare=_prepare, cases=_SPREAD_CASES, domain=Domain(distinct=True),
    doc="The standard deviation √var over the given axes; its derivative where all entries are equal is taken as 0.",
    formulas=(lambda y_bar, x, y: y_bar * (x - call("mean", x)) / (symbol("n") * y),),
)  # fmt: skip


def _finite(y: Any) -> Any:
    """Replace an infinite shift by 0, where x − y would be ∞ − ∞."""
    return np.where(np.isfinite(y), y, np.zeros_like(y))


def _logsumexp(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    top = _finite(np.max(x, axis=axis, keepdims=True)) if np.size(x) else 0.0
    with np.errstate(divide="ignore", over="ignore"):  # log 0 = −∞ where every entry is; with +∞ nothing is shifted
        y = np.log(np.sum(np.exp(x - top), axis=axis, keepdims=True)) + top
    return y if keepdims else np.squeeze(y, axis)


def _share(x: Any, y: Any, x_shape: tuple[int, ...], axis: tuple[int, ...]) -> Any:
    """Return eˣ/Σeˣ; where entries are +∞ they share it equally, as the largest of ``max`` do."""
    y = _align(y, x_shape, axis)
    share = np.exp(x - _finite(y))
    total = _finite(np.sum(share, axis=axis, keepdims=True))  # 1, unless y is so large that rounding took its ln n
    share = share * (1 / (total + (total == 0)))
    if not np.any(getattr(y, "_value", y) == np.inf):
        return share
    infinite = (x == np.inf) * np.ones_like(x)
    return np.where(y == np.inf, infinite / np.maximum(np.sum(infinite, axis=axis, keepdims=True), 1), share)


logsumexp = general(
    _logsumexp,
    lambda y_bar, x, y, x_shape, axis, lead: _align(y_bar, x_shape, axis, lead) * _share(x, y, x_shape, axis),
    name="logsumexp", behind=same, prepare=_prepare, cases=_CASES, scipy=("logsumexp",),
    doc="ln Σeˣ over the given axes, stable at any x; entries that are +∞ share the gradient equally.",
    formulas=(lambda y_bar, x, y: y_bar * np.exp(x - y),),
)  # fmt: skip

_INDEX = "an index is an integer: it jumps and is constant in between"


def _argmax(x: Any, axis: int | None = None, keepdims: bool = False) -> Any:
    return np.argmax(x, axis=axis, keepdims=keepdims)


def _argmin(x: Any, axis: int | None = None, keepdims: bool = False) -> Any:
    return np.argmin(x, axis=axis, keepdims=keepdims)


def _index_behind(primitive: Any, operands: Any, batched: Any, static: Static, n: int) -> Any:
    (x,) = operands
    axis = static["axis"]
    if axis is None:
        found = primitive.on([np.reshape(x, (n, math.prod(np.shape(x)[1:])))], {"axis": -1, "keepdims": False})
        return np.reshape(found, (n, *(1,) * (np.ndim(x) - 1))) if static["keepdims"] else found
    return primitive.on([x], static | {"axis": axis - (np.ndim(x) - 1 if axis >= 0 else 0)})


_INDEX_CASES = (case((3, 4)), case((3, 4), axis=1), case((3, 4), axis=0, keepdims=True))

argmax = value_only(
    _argmax, _INDEX, name="argmax", operands="x", behind=_index_behind, cases=_INDEX_CASES,
    doc="The index of the first largest entry.",
)  # fmt: skip

argmin = value_only(
    _argmin, _INDEX, name="argmin", operands="x", behind=_index_behind, cases=_INDEX_CASES,
    doc="The index of the first smallest entry.",
)  # fmt: skip

_TRUTH = "a truth value or a count is no real number: it jumps and is constant in between"


def _any(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    return np.any(x, axis=axis, keepdims=keepdims)


def _all(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    return np.all(x, axis=axis, keepdims=keepdims)


def _count_nonzero(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    return np.count_nonzero(x, axis=axis, keepdims=keepdims)


any = value_only(
    _any, _TRUTH, name="any", operands="x", behind=same, prepare=_prepare, cases=_CASES,
    doc="Whether any entry along the axes is not 0.",
)  # fmt: skip

all = value_only(
    _all, _TRUTH, name="all", operands="x", behind=same, prepare=_prepare, cases=_CASES,
    doc="Whether all entries along the axes are not 0.",
)  # fmt: skip

count_nonzero = value_only(
    _count_nonzero, _TRUTH, name="count_nonzero", operands="x", behind=same, prepare=_prepare, cases=_CASES,
    doc="How many entries along the axes are not 0.",
)  # fmt: skip
