"""Entries inserted, deleted, appended, and arrays padded at their edges."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.compositions.composition import composed
from autograd.compositions.differences import along
from autograd.functions import functions
from autograd.primitives.domain import REAL, case
from autograd.tensor import as_tensor, raw

_TWO = (REAL, REAL)


def _in_a_row(x: Any, axis: int | None) -> tuple[Any, int]:
    x = functions["stack"](x) if isinstance(x, (list, tuple)) else as_tensor(x)  # a list with tensors in it
    return (x.reshape(-1), 0) if axis is None else (x, axis)


@composed(case((3,), (2,)), case((2, 3), ()), case((2, 3), (1, 3), axis=0), domain=_TWO)
def append(arr: Any, values: Any, axis: int | None = None) -> Any:
    """Return the values behind the array: along an axis, or all in one row.

    >>> append(np.array([1.0]), 2.0)
    Tensor([1., 2.])
    """
    arr, _ = _in_a_row(arr, axis)
    values, axis = _in_a_row(_number(values, arr), axis)
    return functions["concatenate"]([arr, values], axis)


def _number(value: Any, like: Any) -> Any:
    """Let a number of Python take the dtype of the array that it joins."""
    return np.asarray(value, like.dtype) if isinstance(value, (int, float)) else value


@composed(
    case((4,), obj=1), case((2, 3), obj=slice(0, 2), axis=1), case((4,), obj=[0, 2, 2]), case((2, 3), obj=-1),
    case((4,), obj=np.array([True, False, False, True])), operands="arr",
)  # fmt: skip
def delete(arr: Any, obj: Any, axis: int | None = None) -> Any:
    """Return the array without the entries that an index, a slice, a list or a mask names.

    >>> delete(np.array([1.0, 2.0, 3.0]), 1)
    Tensor([1., 3.])
    """
    arr, axis = _in_a_row(arr, axis)
    kept = np.delete(np.arange(arr.shape[axis]), raw(obj))
    return functions["take"](arr, kept, axis=axis)


@composed(
    case((3,), 1, ()), case((3,), 1, (2,)), case((2, 3), [0, 2], (2,), axis=1), case((2, 3), -1, (3,), axis=0),
    case((2, 3), [1, 1], (2, 2), axis=1), case((3,), [1], (2,)), case((3,), slice(0, 2), ()),
    case((2, 3), 1, (2,), axis=1), case((3,), np.array([True, False, True]), (2,)),
    operands="arr values", domain=(REAL,) * 3,
)  # fmt: skip
def insert(arr: Any, obj: Any, values: Any, axis: int | None = None) -> Any:
    """Return the array with values put in before the entries that an index, a slice, a list or a mask names.

    >>> insert(np.array([1.0, 3.0]), 1, 2.0)
    Tensor([1., 2., 3.])
    """
    arr, axis = _in_a_row(arr, axis)
    axis %= arr.ndim
    obj, values = raw(obj), as_tensor(_number(values, arr))
    n = arr.shape[axis]
    single = not isinstance(obj, slice) and np.ndim(obj) == 0
    if values.ndim < arr.ndim:
        values = values.reshape((1,) * (arr.ndim - values.ndim) + values.shape)
    if single:  # as NumPy: the values' first axis is the one they go along
        values = values.moveaxis(0, axis)
    places = np.arange(n)[obj] if isinstance(obj, slice) else np.asarray(obj)
    places = np.flatnonzero(places) if places.dtype == bool and places.ndim else places
    count = values.shape[axis] if places.size == 1 else places.size
    shape = tuple(count if i == axis else m for i, m in enumerate(arr.shape))
    values = functions["broadcast_to"](values, shape).astype(arr.dtype)
    order = np.insert(np.arange(n), obj, n + np.arange(count))
    return functions["take"](functions["concatenate"]([arr, values], axis), order, axis=axis)


# Padding


@composed(
    *(case((4,), pad_width=(2, 3), mode=mode) for mode in ("constant", "edge", "linear_ramp", "reflect", "symmetric",
                                                            "wrap", "mean", "maximum", "minimum", "median")),
    *(case((2, 3), pad_width=((1, 0), (2, 5)), mode=mode) for mode in ("constant", "edge", "symmetric", "wrap")),
    case((2, 3), pad_width=((1, 0), (2, 5)), mode="reflect"),
    case((3,), pad_width=(1, 2), mode="constant", constant_values=(1.5, 2.5)),
    case((3,), pad_width=(1, 2), mode="linear_ramp", end_values=(1.5, 2.5)),
    case((3,), pad_width=2, mode="reflect", reflect_type="odd"),
    case((3,), pad_width=5, mode="symmetric", reflect_type="odd"),
    case((4,), pad_width=1, mode="mean", stat_length=2), case((4,), pad_width=1, mode="maximum", stat_length=(2, 3)),
    case((3,), pad_width=0), case((2, 2), pad_width={-1: (1, 2)}), operands="array",
)  # fmt: skip
def pad(array: Any, pad_width: Any, mode: Any = "constant", **kwargs: Any) -> Any:
    """Return the array with entries added at its edges, in every mode that NumPy has a name for (``empty``: zeros).

    >>> pad(np.array([1.0, 2.0]), 1, mode="edge")
    Tensor([1., 1., 2., 2.])
    """
    if mode not in _PIECES:
        raise ValueError(f"the mode is one of {', '.join(_PIECES)}, not {mode!r}")
    if unknown := set(kwargs) - _OPTIONS.get(mode, set()):
        raise ValueError(f"{mode} padding has no {', '.join(sorted(unknown))}")
    if isinstance(pad_width, dict):
        widths = [(0, 0)] * array.ndim
        for axis, width in pad_width.items():
            widths[axis] = tuple(np.broadcast_to(width, 2).tolist())
    else:
        widths = _pairs(raw(pad_width), array.ndim)
    options = {name: _pairs(value, array.ndim) for name, value in kwargs.items() if name != "reflect_type"}
    for axis, width in enumerate(widths):
        if min(width) < 0:
            raise ValueError("a width is a count")
        chosen = {name: pairs[axis] for name, pairs in options.items()}
        if "reflect_type" in kwargs:
            chosen["reflect_type"] = kwargs["reflect_type"]
        if any(width):
            left, right = _PIECES[mode](array, axis, width, **chosen)
            array = functions["concatenate"]([left, array, right], axis)
    return array


def _pairs(value: Any, ndim: int) -> list[tuple[Any, Any]]:
    """Return what is meant for the two ends of each axis."""
    if value is None:
        return [(None, None)] * ndim
    wide = functions["broadcast_to"](value, (ndim, 2)) if np.ndim(value) else value
    return [(wide, wide) if wide is value else (wide[i, 0], wide[i, 1]) for i in range(ndim)]


def _filled(x: Any, axis: int, count: int, value: Any) -> Any:
    """Return so many slices of a value."""
    value = (
        as_tensor(np.asarray(value, x.dtype)) if isinstance(value, (int, float, np.generic)) else value.astype(x.dtype)
    )
    return functions["broadcast_to"](value, tuple(count if i == axis else n for i, n in enumerate(x.shape)))


def _constant(x: Any, axis: int, width: Any, constant_values: Any = (0, 0)) -> Any:
    return [_filled(x, axis, n, c) for n, c in zip(width, constant_values, strict=True)]


def _edge(x: Any, axis: int, width: Any) -> Any:
    ends = along(x, axis, slice(0, 1)), along(x, axis, slice(-1, None))
    return [_filled(x, axis, n, end) for n, end in zip(width, ends, strict=True)]


def _ramp(x: Any, axis: int, width: Any, end_values: Any = (0, 0)) -> Any:
    """Go from the edge to a value in even steps."""
    pieces = []
    for side, (n, value, edge) in enumerate(zip(width, end_values, _edge(x, axis, (1, 1)), strict=True)):
        weights = np.arange(n) / max(n, 1) if side == 0 else np.arange(n - 1, -1, -1) / max(n, 1)
        weights = weights.astype(x.dtype).reshape((-1,) + (1,) * (x.ndim - 1 - axis))
        end = value if isinstance(value, (int, float)) else value.astype(x.dtype)
        pieces.append(end + (edge - end) * weights)
    return pieces


def _statistic(reduce: Any) -> Any:
    def pieces(x: Any, axis: int, width: Any, stat_length: Any = (None, None)) -> Any:
        n = x.shape[axis]
        lengths = [n if s is None else min(int(s), n) for s in stat_length]
        parts = along(x, axis, slice(0, lengths[0])), along(x, axis, slice(n - lengths[1], None))
        return [_filled(x, axis, w, reduce(p, axis=axis, keepdims=True)) for w, p in zip(width, parts, strict=True)]

    return pieces


def _mapped(mode: str) -> Any:
    """Copy entries from the places where padding puts a row of their numbers."""

    def pieces(x: Any, axis: int, width: Any, reflect_type: str = "even") -> Any:
        n = x.shape[axis]
        if reflect_type == "odd":
            return _odd(x, axis, width, mode)
        places = np.pad(np.arange(n), width, mode=mode)  # type: ignore[call-overload]  # the mode is one of its literals
        return [
            functions["take"](x, part, axis=axis) for part in (places[: width[0]], places[places.size - width[1] :])
        ]

    return pieces


def _odd(x: Any, axis: int, width: Any, mode: str) -> Any:
    """Reflect the slope too: each new entry is a sum of entries, with the weights that padding gives a unit matrix."""
    n, before = x.shape[axis], width[0]
    near = n if max(width) >= n else max(width) + 1
    eye = np.eye(near, dtype=x.dtype)
    weights = np.pad(eye, (width, (0, 0)), mode=mode, reflect_type="odd")  # type: ignore[call-overload]  # as above
    pieces = []
    for rows, part in ((weights[:before], slice(0, near)), (weights[near + before :], slice(n - near, None))):
        moved = functions["moveaxis"](along(x, axis, part), axis, -1)
        pieces.append(functions["moveaxis"](moved @ rows.T, -1, axis))
    return pieces


_PIECES = {
    "constant": _constant,
    "empty": _constant,
    "edge": _edge,
    "linear_ramp": _ramp,
    "reflect": _mapped("reflect"),
    "symmetric": _mapped("symmetric"),
    "wrap": _mapped("wrap"),
    "mean": _statistic(np.mean),
    "maximum": _statistic(np.max),
    "minimum": _statistic(np.min),
    "median": _statistic(np.median),
}
_OPTIONS = {
    "constant": {"constant_values"},
    "linear_ramp": {"end_values"},
    "reflect": {"reflect_type"},
    "symmetric": {"reflect_type"},
    **{mode: {"stat_length"} for mode in ("mean", "maximum", "minimum", "median")},
}
