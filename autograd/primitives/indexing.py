"""Taking entries and putting entries: ``x[index]`` in every form that NumPy has, and ``t[index] = value``.

Gather and scatter are a pair of adjoint linear maps, each the other's rule. Behind leading axes an index means the
same, but for one trap: where advanced indices are separated by a slice, NumPy puts their axes first, ahead of the lead.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.primitives.along_axis import accumulate, added_rows
from autograd.primitives.batching import looped, spread, widened
from autograd.primitives.domain import case
from autograd.primitives.notation import Notation, call
from autograd.primitives.primitive import Primitive, Static, always, linear_map

Index = tuple[Any, ...]


def normalise(index: Any, ndim: int) -> Index:
    """Return an index as a tuple of ints, slices, None, integer arrays and masks, with ``...`` written out."""
    entries: list[Any] = []
    for entry in index if isinstance(index, tuple) else (index,):
        if entry is None or entry is Ellipsis or isinstance(entry, slice):
            entries.append(entry)
            continue
        array = np.asarray(entry)
        if array.dtype == bool:
            if array.ndim == 0:
                raise IndexError("a single True or False is no index here: use None, or a slice of length 0")
            entries.append(array)
        elif array.dtype.kind in "iu":
            entries.append(int(array) if array.ndim == 0 else array)
        elif array.size == 0:
            entries.append(array.astype(int))
        else:
            raise IndexError(f"an index is made of integers, slices, masks, None and ..., not {entry!r}")
    used = sum(e.ndim if _is_mask(e) else e is not None and e is not Ellipsis for e in entries)
    for at in [i for i, e in enumerate(entries) if e is Ellipsis][:1]:
        entries[at : at + 1] = [slice(None)] * (ndim - used)
    return tuple(entries)


def _is_mask(entry: Any) -> bool:
    return isinstance(entry, np.ndarray) and entry.dtype == bool


def _is_advanced(index: Index) -> bool:
    return any(isinstance(e, np.ndarray) for e in index)


def _is_separated(index: Index) -> bool:
    """Tell whether NumPy moves the advanced axes to the front: a slice or None stands between them."""
    advanced = [i for i, e in enumerate(index) if isinstance(e, (np.ndarray, int))]
    return advanced != list(range(advanced[0], advanced[-1] + 1))


def _block(index: Index) -> int:
    """Return how many axes the advanced indices leave in the result."""
    shapes = [((int(e.sum()),) if _is_mask(e) else e.shape) for e in index if isinstance(e, np.ndarray)]
    return len(np.broadcast_shapes(*shapes))


def _behind(ahead: int, index: Index) -> Index:
    return (slice(None),) * ahead + index


def _gather(x: Any, index: Index, ahead: int = 0) -> Any:
    """Return ``x[index]`` behind ``ahead`` leading axes."""
    taken = x[_behind(ahead, index)]
    if ahead and _is_advanced(index) and _is_separated(index):
        block = _block(index)
        taken = np.moveaxis(taken, tuple(range(block)), tuple(range(ahead, ahead + block)))
    return taken


def _only_array(index: Index) -> int | None:
    """Return the axis that one integer array indexes, where all else is ``:``."""
    arrays = [i for i, e in enumerate(index) if not (isinstance(e, slice) and e == slice(None))]
    return arrays[0] if len(arrays) == 1 and isinstance(index[arrays[0]], np.ndarray) else None


def _scatter(x: Any, index: Index, shape: tuple[int, ...], ahead: int = 0) -> Any:
    """Return zeros of ``shape`` with x added at ``index``: entries that are named twice accumulate."""
    if all(_is_mask(e) or isinstance(e, (slice, int)) or e is None for e in index):  # names each entry once
        out = np.zeros(shape, dtype=x.dtype)
        if ahead and _is_advanced(index) and _is_separated(index):
            block = _block(index)
            x = np.moveaxis(x, tuple(range(ahead, ahead + block)), tuple(range(block)))
        out[_behind(ahead, index)] = x
        return out
    lead, tail = shape[:ahead], shape[ahead:]
    axis = _only_array(index)
    if axis is not None and not _is_mask(index[axis]):
        return added_rows(x, index[axis], tail[axis], axis - len(tail))
    size, count = math.prod(tail), math.prod(lead)
    places = np.arange(size).reshape(tail)[index].ravel()
    rows = (np.arange(0, count * size, size or 1)[:count, None] + places).ravel()
    return accumulate(rows, x.ravel(), count * size).reshape(shape)


def _takes_each_once(static: Static) -> bool:
    """Tell whether no entry can be named twice: integer arrays may do that."""
    index: Index = static["index"]
    return not any(isinstance(e, np.ndarray) and not _is_mask(e) for e in index)


def _add_in_place(y_bar: Any, x_bar: Any, static: Static, lead: tuple[int, ...]) -> bool:
    """Spare the array of zeros around a slice's message: a loop over n slices would make n of them."""
    index: Index = static["index"]
    if _is_advanced(index) or not isinstance(x_bar, np.ndarray):  # a single number can't be written to
        return False
    x_bar[_behind(len(lead), index)] += y_bar
    return True


def _getitem(x: Any, index: Any) -> Any:
    return x[index]


def _prepare(operands: tuple[Any, ...], static: Static) -> Static:
    return static | {"index": normalise(static["index"], np.ndim(operands[0]))}


_CASES = (
    case((4,), index=1),
    case((4, 3), index=(slice(None, None, -1), slice(0, 2))),
    case((4, 3), index=(Ellipsis, None, -1)),
    case((4, 3), index=np.array([0, 2, 2, 0])),
    case((4, 3), index=(np.array([[0, 1], [3, 3]]), np.array([[2, 2], [1, 1]]))),
    case((4, 3, 2), index=(np.array([0, 0, 3]), slice(None), np.array([1, 1, 0]))),
    case((4, 3, 2), index=(0, slice(None), np.array([1, 1, 0]))),
    case((2, 4, 3), index=(slice(None), np.array([[1], [1]]), np.array([0, 2]))),
    case((4, 3), index=np.array([True, False, True, True])),
    case((2, 3), index=np.array([[True, False, True], [False, False, True]])),
    case((4, 3), index=(np.array([True, False, False, True]), slice(1, None))),
    case((4, 3), index=np.zeros(0, dtype=int)),
)
_BRACKETS = Notation("function", "take")

getitem = linear_map(
    _getitem,
    lambda y_bar, x_shape, index, lead: scatter(y_bar, index, lead + x_shape, len(lead)),
    name="getitem", selects=True, moves=_takes_each_once, adds=_add_in_place, behind=lambda p, o, b, static,
    n: gather(o[0], static["index"], 1), operands="x",
    prepare=_prepare, cases=_CASES, notation=_BRACKETS,
    doc="The entries x[index]; an entry that is taken twice receives the sum of both gradients.",
    formulas=(lambda y_bar: call("scatter", y_bar),), expects="an index within the shape of x", method=False,
)  # fmt: skip

gather: Primitive = linear_map(
    _gather,
    lambda y_bar, x_shape, index, ahead, lead: scatter(y_bar, index, lead + x_shape, len(lead) + ahead),
    name="gather", selects=True, moves=_takes_each_once, operands="x",
    behind=lambda p, o, b, static, n: p.on(o, static | {"ahead": static["ahead"] + 1}),
    cases=(
        case((4, 3), index=(slice(None), np.array([0, 0]))),
        case((2, 4, 3), index=(slice(None), np.array([0, 0])), ahead=1),
        case((2, 4, 3, 2), index=(np.array([0, 0]), slice(None), np.array([1, 0])), ahead=1),
    ),
    doc="The entries x[index] behind leading axes.",
    formulas=(lambda y_bar: call("scatter", y_bar),), method=False, internal=True,
)  # fmt: skip

def _scatter_behind(primitive: Any, operands: Any, batched: Any, static: Static, n: int) -> Any:
    return primitive.on(operands, static | {"shape": (n, *static["shape"]), "ahead": static["ahead"] + 1})


scatter: Primitive = linear_map(
    _scatter,
    lambda y_bar, index, ahead, lead: gather(y_bar, index, len(lead) + ahead),
    name="scatter", selects=True, moves=always, operands="x", behind=_scatter_behind,
    cases=(
        case((2, 3), index=(np.array([1, 1]), slice(None)), shape=(4, 3)),
        case((2, 4, 2), index=(slice(None), np.array([0, 0])), shape=(2, 4, 3), ahead=1),
        case((2, 2, 3), index=(np.array([0, 0]), slice(None), np.array([1, 0])), shape=(2, 4, 3, 2), ahead=1),
    ),
    doc="Zeros of a shape with x added at an index: the adjoint of taking entries.",
    formulas=(lambda y_bar: call("take", y_bar),), method=False, internal=True,
)  # fmt: skip


def _setitem(x: Any, value: Any, index: Any) -> Any:
    y = np.array(x)
    y[index] = value
    return y


def _clear(y_bar: Any, index: Index, lead: tuple[int, ...]) -> Any:
    """Nothing flows back to the entries that were overwritten."""
    kept = np.ones(y_bar.shape[len(lead) :], dtype=bool)
    kept[index] = False
    return np.where(kept, y_bar, np.zeros_like(y_bar))


def _written(y_bar: Any, index: Index, value_shape: tuple[int, ...], lead: tuple[int, ...]) -> Any:
    """Only the last value written to an entry is still there to receive its gradient."""
    taken = gather(y_bar, index, len(lead))
    block = taken.shape[len(lead) :]
    if _is_advanced(index):
        ticket = np.zeros(y_bar.shape[len(lead) :], dtype=int)
        numbers = np.arange(math.prod(block)).reshape(block)
        ticket[index] = numbers
        taken = np.where(ticket[index] == numbers, taken, np.zeros_like(taken))
    # The value was broadcast to the block that it fills, not to y, so the sweep can't see what to sum up.
    padded = (1,) * (len(block) - len(value_shape)) + value_shape
    wide = tuple(-i for i in range(1, len(block) + 1) if padded[-i] != block[-i])
    return np.reshape(np.sum(taken, axis=wide), lead + value_shape)


def _setitem_behind(primitive: Any, operands: Any, batched: Any, static: Static, n: int) -> Any:
    index = static["index"]
    if _is_advanced(index) and _is_separated(index):
        return looped(primitive, operands, batched, static, n)
    (x, value), (x_batched, value_batched) = operands, batched
    block = np.ndim(np.empty(np.shape(x)[x_batched:], dtype=bool)[index])
    x = x if x_batched else spread(x, n)
    if value_batched:  # axes of length 1 that the value has beyond the block would now lie behind the batch
        value = np.reshape(value, (n, *np.shape(value)[1:][max(0, np.ndim(value) - 1 - block) :]))
    return primitive.on([x, widened(value, block) if value_batched else value], {"index": _behind(1, index)})


setitem = linear_map(
    _setitem,
    (
        _clear,
        _written,
    ),
    name="setitem", selects=True, behind=_setitem_behind, operands="x value", prepare=_prepare, method=False,
    cases=(
        case((4, 3), (3,), index=(1,)),
        case((4, 3), (), index=(slice(None), slice(1, 3))),
        case((4, 3), (4, 3), index=(np.array([0, 2, 2, 0]),)),
        case((4,), (2,), index=np.array([True, False, True, False])),
        case((1, 3), (1, 3), index=np.array([0, 0])),
        case((4, 3), (1, 1, 3), index=(2,)),
        case((4, 3, 2), (2, 1), index=(np.array([0, 3]), slice(None), np.array([1, 1]))),
        case((4, 3), (0, 3), index=np.zeros(0, dtype=int)),
    ),
    doc="x with the entries at an index replaced by value.",
    formulas=(lambda y_bar: call("keep", y_bar), lambda y_bar: call("take", y_bar)),
    expects="a value that broadcasts to x[index]",
)  # fmt: skip
