"""Rearranging entries: reshape, transpose, broadcast, join. All linear, so only the adjoint is declared.

Axis numbers are recorded as negative ones, so that the same numbers hold behind any leading axes.
"""

from __future__ import annotations

import functools
import itertools
import math
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index, normalize_axis_tuple

from autograd.primitives.batching import same, spread, widened
from autograd.primitives.domain import case
from autograd.primitives.notation import call
from autograd.primitives.primitive import Static, always, linear_map

_RESHAPED = (lambda y_bar: call("reshape", y_bar),)
_MOVED = (lambda y_bar: call("move axes", y_bar),)


def _target(shape: tuple[Any, ...]) -> tuple[int, ...]:
    """Accept ``reshape(2, 3)`` as well as ``reshape((2, 3))``."""
    (only,) = shape if len(shape) == 1 else (shape,)
    return tuple(map(int, only)) if np.iterable(only) else (int(only),)


def _reshape(x: Any, *shape: Any) -> Any:
    return np.reshape(x, shape)


def _prepare_reshape(operands: tuple[Any, ...], static: Static) -> Static:
    """Write −1 out: behind an empty batch NumPy could not tell what it stands for."""
    shape = _target(static["shape"])
    known = math.prod(n for n in shape if n != -1)
    if shape.count(-1) == 1 and known:
        shape = tuple(operands[0].size // known if n == -1 else n for n in shape)
    return {"shape": shape}


reshape = linear_map(
    lambda x, shape: np.reshape(x, shape), lambda y_bar, x_shape, lead: np.reshape(y_bar, lead + x_shape),
    name="reshape", moves=always, behind=lambda p, o, b, static, n: p.on(o, {"shape": (n, *static["shape"])}),
    operands="x",
    public=_reshape, prepare=_prepare_reshape,
    cases=(case((3, 4), shape=(2, 6)), case((2, 3), shape=(-1,)), case((), shape=(1, 1)), case((0, 3), shape=(3, 0))),
    doc="The same entries in the same (row-major) order, with another shape.",
    formulas=_RESHAPED, expects="a shape with as many entries as x",
)  # fmt: skip


def _transpose(x: Any, *axes: Any) -> Any:
    return np.transpose(x, axes)


def _prepare_transpose(operands: tuple[Any, ...], static: Static) -> Static:
    ndim, axes = np.ndim(operands[0]), static["axes"]
    if not axes or axes == (None,):
        return {"axes": tuple(range(-1, -ndim - 1, -1))}
    axes = normalize_axis_tuple(_target(axes), ndim)
    if len(axes) != ndim:
        raise ValueError(f"{ndim} axes are needed, {len(axes)} were given")
    return {"axes": tuple(a - ndim for a in axes)}


def _untranspose(y_bar: Any, axes: tuple[int, ...], lead: tuple[int, ...]) -> Any:
    ahead, ndim = len(lead), len(axes)
    order = sorted(range(ndim), key=lambda i: axes[i])
    return np.transpose(y_bar, tuple(range(ahead)) + tuple(ahead + i for i in order))


transpose = linear_map(
    lambda x, axes: np.transpose(x, axes), _untranspose,
    name="transpose", moves=always, behind=lambda p, o, b, static, n: p.on(o, {"axes": (0, *static["axes"])}),
    operands="x",
    public=_transpose, prepare=_prepare_transpose,
    cases=(case((3, 4), axes=()), case((2, 3, 4), axes=(1, 2, 0)), case((2, 3, 4), axes=(-1, 0, 1)), case((), axes=())),
    doc="The axes of x in another order (reversed by default).",
    formulas=_MOVED, expects="each axis once",
)  # fmt: skip


def _swapaxes(x: Any, axis1: Any, axis2: Any) -> Any:
    return np.swapaxes(x, axis1, axis2)


def _prepare_swapaxes(operands: tuple[Any, ...], static: Static) -> Static:
    ndim = np.ndim(operands[0])
    return {n: normalize_axis_index(a, ndim) - ndim for n, a in static.items()}


swapaxes = linear_map(
    _swapaxes, lambda y_bar, axis1, axis2: np.swapaxes(y_bar, axis1, axis2),
    name="swapaxes", moves=always, behind=same, operands="x", prepare=_prepare_swapaxes,
    cases=(case((3, 4), axis1=0, axis2=1), case((2, 3, 4), axis1=0, axis2=-1)),
    doc="x with two axes exchanged.",
    formulas=_MOVED,
)  # fmt: skip


def _moveaxis(x: Any, source: Any, destination: Any) -> Any:
    return np.moveaxis(x, source, destination)


def _prepare_moveaxis(operands: tuple[Any, ...], static: Static) -> Static:
    ndim = np.ndim(operands[0])
    return {n: tuple(a - ndim for a in normalize_axis_tuple(axes, ndim)) for n, axes in static.items()}


moveaxis = linear_map(
    _moveaxis, lambda y_bar, source, destination: np.moveaxis(y_bar, destination, source),
    name="moveaxis", moves=always, behind=same, operands="x", prepare=_prepare_moveaxis,
    cases=(case((2, 3, 4), source=0, destination=-1), case((2, 3, 4), source=(0, 1), destination=(2, 0))),
    doc="x with some axes moved to other places.",
    formulas=_MOVED,
)  # fmt: skip


def _prepare_tuples(operands: tuple[Any, ...], static: Static) -> Static:
    ndim, axis = np.ndim(operands[0]), static["axis"]
    return static | {"axis": tuple(a - ndim for a in normalize_axis_tuple(axis, ndim, allow_duplicate=True))}


flip = linear_map(
    lambda x, axis: np.flip(x, axis), lambda y_bar, axis: np.flip(y_bar, axis),
    name="flip", moves=always, behind=same, operands="x", prepare=_prepare_tuples, method=False, internal=True,
    cases=(case((3,), axis=0), case((2, 3, 4), axis=(0, -1)), case((2, 3), axis=())),
    doc="x with the order of its entries reversed along axes.",
    formulas=(lambda y_bar: call("flip", y_bar),),
)  # fmt: skip

roll = linear_map(
    lambda x, shift, axis: np.roll(x, shift, axis),
    lambda y_bar, shift, axis: np.roll(y_bar, tuple(-s for s in shift), axis),
    name="roll", moves=always, behind=same, operands="x", prepare=_prepare_tuples, method=False, internal=True,
    cases=(
        case((3,), shift=(1,), axis=0), case((2, 3, 4), shift=(1, -2), axis=(0, -1)),
        case((3,), shift=(2, 2), axis=(0, 0)),
    ),
    doc="x with its entries moved along axes, round the end.",
    formulas=(lambda y_bar: call("roll back", y_bar),),
)  # fmt: skip


def _squeeze(x: Any, axis: Any = None) -> Any:
    return np.squeeze(x, axis)


def _prepare_squeeze(operands: tuple[Any, ...], static: Static) -> Static:
    ndim, axis = np.ndim(operands[0]), static["axis"]
    if axis is None:
        return {"axis": tuple(a - ndim for a, n in enumerate(np.shape(operands[0])) if n == 1)}
    return {"axis": tuple(a - ndim for a in normalize_axis_tuple(axis, ndim))}


squeeze = linear_map(
    _squeeze, lambda y_bar, x_shape, lead: np.reshape(y_bar, lead + x_shape),
    name="squeeze", moves=always, behind=same, prepare=_prepare_squeeze,
    cases=(case((1, 3, 1)), case((1, 3, 1), axis=0), case((1, 3, 1), axis=(0, -1))),
    doc="x without its axes of length 1.",
    formulas=_RESHAPED, expects="axes of length 1",
)  # fmt: skip


def _expand_dims(x: Any, axis: Any) -> Any:
    return np.expand_dims(x, axis)


def _prepare_expand_dims(operands: tuple[Any, ...], static: Static) -> Static:
    axis: tuple[int, ...] = tuple(static["axis"]) if np.iterable(static["axis"]) else (static["axis"],)
    ndim = np.ndim(operands[0]) + len(axis)
    return {"axis": tuple(a - ndim for a in normalize_axis_tuple(axis, ndim))}


expand_dims = linear_map(
    _expand_dims, lambda y_bar, x_shape, lead: np.reshape(y_bar, lead + x_shape),
    name="expand_dims", moves=always, behind=same, operands="x", prepare=_prepare_expand_dims,
    cases=(case((3, 4), axis=0), case((3, 4), axis=(0, -1)), case((), axis=0)),
    doc="x with new axes of length 1.",
    formulas=_RESHAPED,
)  # fmt: skip


def _broadcast_to(x: Any, shape: Any) -> Any:
    return np.broadcast_to(x, shape)


def _broadcast_behind(primitive: Any, operands: Any, batched: Any, static: Static, n: int) -> Any:
    shape = static["shape"]
    return primitive.on([widened(operands[0], len(shape))], {"shape": (n, *shape)})


broadcast_to = linear_map(
    _broadcast_to, 1,  # the sweep sums a message down to its operand's shape by itself
    name="broadcast_to", behind=_broadcast_behind, operands="x", broadcasts=True,
    prepare=lambda operands, static: {"shape": _target((static["shape"],))},
    cases=(case((3, 1), shape=(2, 3, 4)), case((), shape=(2, 2)), case((4,), shape=(4,)), case((1,), shape=(0,))),
    doc="x repeated along new axes and axes of length 1.",
    expects="a shape that x broadcasts to",
)  # fmt: skip


def _astype(x: Any, dtype: Any) -> Any:
    return np.asarray(x).astype(dtype)


astype = linear_map(
    _astype, 1,  # the sweep gives each message the dtype of its operand by itself
    name="astype", behind=same, operands="x", broadcasts=True, analytic=False,
    cases=(case((3,), dtype=np.float32), case((2, 2), dtype=np.float64)),
    doc="x in another dtype; the gradient comes back in the dtype of x.",
)  # fmt: skip


copy = linear_map(
    np.copy, 1,
    name="copy", behind=same, operands="x", cases=(case((3,)), case((2, 0))),
    doc="x as a value of its own.",
)  # fmt: skip


def _prepare_join(operands: tuple[Any, ...], static: Static) -> Static:
    if not operands:
        raise ValueError("at least one array is needed")
    if static["axis"] is None:
        return static
    ndim = np.ndim(operands[0])
    return {"axis": normalize_axis_index(static["axis"], ndim) - ndim}


def _concatenate(arrays: Any, axis: int | None = 0) -> None: ...


@functools.lru_cache(maxsize=64)
def _ends(shapes: tuple[tuple[int, ...], ...], axis: int | None) -> list[int]:
    """Return where each of the joined arrays ends, after a 0."""
    return [0, *itertools.accumulate(math.prod(shape) if axis is None else shape[axis] for shape in shapes)]


def _part(y_bar: Any, shapes: tuple[tuple[int, ...], ...], position: int, axis: int | None, lead: Any) -> Any:
    """Cut out of a cotangent the stretch that came from one of the joined arrays."""
    ends = _ends(shapes, axis)
    stretch = slice(ends[position], ends[position + 1])
    if axis is None:
        return np.reshape(y_bar[..., stretch], lead + shapes[position])
    return y_bar[(..., stretch, *(slice(None),) * (-1 - axis))]


def _join_behind(primitive: Any, operands: Any, batched: Any, static: Static, n: int) -> Any:
    if static["axis"] is not None:
        return same(primitive, operands, batched, static, n)
    rows = [o if b else spread(o, n) for o, b in zip(operands, batched, strict=True)]
    return primitive.on([np.reshape(r, (n, math.prod(np.shape(r)[1:]))) for r in rows], {"axis": -1})


concatenate = linear_map(
    lambda *arrays, axis: np.concatenate(arrays, axis=axis),
    _part,
    name="concatenate", moves=always, behind=_join_behind, operands="arrays", variadic=True, method=False,
    public=_concatenate, prepare=_prepare_join,
    cases=(
        case((2, 3), (1, 3), axis=0), case((2, 3), (2, 1), (2, 2), axis=-1), case((3,), axis=0),
        case((2, 1), (3,), axis=None),
    ),
    doc="The arrays joined along an axis that they have.",
    formulas=(lambda y_bar: call("part", y_bar),), expects="shapes that agree but for the axis they are joined along",
)  # fmt: skip


def _stack(arrays: Any, axis: int = 0) -> None: ...


def _prepare_stack(operands: tuple[Any, ...], static: Static) -> Static:
    if not operands:
        raise ValueError("at least one array is needed")
    ndim = np.ndim(operands[0]) + 1
    return {"axis": normalize_axis_index(static["axis"], ndim) - ndim}


stack = linear_map(
    lambda *arrays, axis: np.stack(arrays, axis=axis),
    lambda y_bar, position, axis: y_bar[(..., position, *(slice(None),) * (-1 - axis))],
    name="stack", moves=always, behind=same, operands="arrays", variadic=True, method=False, public=_stack,
    prepare=_prepare_stack,
    cases=(case((2, 3), (2, 3), axis=0), case((2, 3), (2, 3), (2, 3), axis=-1), case((), (), axis=0)),
    doc="The arrays joined along a new axis.",
    formulas=(lambda y_bar: call("part", y_bar),), expects="arrays of one shape",
)  # fmt: skip
