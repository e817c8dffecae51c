"""``t[i] = v``, ``t op= v`` and ``assign_``: what changing a tensor in place means.

While recording, a computed tensor is *rebound*: the same object takes a new node and a new value, and nothing that an
older node holds is written. Under ``no_grad`` the array itself is written, and the clock notes it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.apply import apply, describe, tensors_in
from autograd.arrays import refuse_mask
from autograd.errors import DTypeError, GraphError, NoDerivativeError, ShapeError
from autograd.graph.clock import stamp
from autograd.graph.mode import current
from autograd.primitives import registry
from autograd.primitives.indexing import normalise
from autograd.tensor import Tensor, as_tensor, raw


def assign_(tensor: Tensor, value: Any) -> Tensor:
    """Overwrite a leaf's value in place and return it; a graph that still needs the old value will say so.

    Raises GraphError for a computed tensor, ShapeError for a value that doesn't fit.

    >>> w = Tensor([1.0, 2.0], requires_grad=True)
    >>> w.assign_([3.0, 4.0])
    Tensor([3., 4.], requires_grad=True)
    """
    if not tensor.is_leaf:
        raise GraphError(
            f"assign_ to {tensor.node.label}", "a leaf", "a computed tensor", "assign to the leaf it was computed from"
        )
    _write(tensor, as_tensor(value), ...)
    return tensor


def _write(tensor: Tensor, value: Any, index: Any) -> None:
    where = f"in-place write to {tensor.node.label}"
    refuse_mask(value, where)
    if isinstance(tensor._value, np.ndarray):
        if not tensor._value.flags.writeable:
            raise GraphError(where, "memory of its own", "a read-only array", "write into a copy: Tensor(t)")
        try:
            part = _part(tensor._value, index)
            tensor._value[index] = raw(value)
            stamp(part)  # now: a write that is refused has changed nothing
        except (ValueError, IndexError, TypeError) as problem:
            raise ShapeError(
                where,
                f"an index within {tensor.shape}, and a value that fits there",
                f"{describe('value', value)} ({problem})",
                "compare the shapes",
            ) from problem
        return
    if np.shape(raw(value)) != () or index not in (..., ()):
        raise ShapeError(where, "a single number", describe("value", value), "write a single number")
    tensor._value = tensor.dtype.type(raw(value))  # NumPy scalars are immutable: graphs keep the old number
    if tensor.is_leaf:
        tensor.node.y = tensor._value


def _part(array: Any, index: Any) -> Any:
    """Return the stretch of memory that an index names, or the whole array where it is scattered over it."""
    entries = index if isinstance(index, tuple) else (index,)
    if not any(e is Ellipsis for e in entries):
        entries = (*entries, ...)  # then plain integers give a view too
    part = array[entries]
    return part if part.size and np.may_share_memory(part, array) else array


def update(tensor: Tensor, function: Callable[..., Tensor], other: Any, what: str) -> Tensor:
    """Carry out ``t op= other``."""
    if _mode().record:
        _refuse_leaf(tensor, what)
        return _rebind(tensor, function(tensor, other), what)
    result = function(tensor, other)
    _refuse_misfit(tensor, result, what)
    _write(tensor, result, ...)
    return tensor


def add_at(tensor: Tensor, ufunc: np.ufunc, index: Any, value: Any) -> None:
    """Carry out ``np.add.at(t, index, value)``, and ``np.subtract.at``: entries that are named twice accumulate."""
    if ufunc not in (np.add, np.subtract):
        raise NoDerivativeError(
            f"np.{ufunc.__name__}.at", "np.add.at or np.subtract.at", "another ufunc", "write t[index] = value"
        )
    index = normalise(plain_index(index), tensor.ndim)

    def moved(t: Tensor, value: Any) -> Tensor:
        value = np.asarray(value, t.dtype) if isinstance(value, (int, float)) else value
        spread = apply(registry["broadcast_to"], (value,), {"shape": np.shape(raw(t)[index])})
        added = apply(registry["scatter"], (spread,), {"index": index, "shape": t.shape, "ahead": 0})
        return apply(registry[ufunc.__name__], (t, added), {})

    update(tensor, moved, value, f"np.{ufunc.__name__}.at")


def setitem(tensor: Tensor, index: Any, value: Any) -> None:
    """Carry out ``t[index] = value``."""
    index = plain_index(index)
    if not _mode().record:
        _write(tensor, value, index)
        return
    _refuse_leaf(tensor, "t[index] = value")
    _rebind(tensor, apply(registry["setitem"], (tensor, value), {"index": index}), "t[index] = value")


def _refuse_misfit(tensor: Tensor, result: Tensor, what: str) -> None:
    if result.shape != tensor.shape:
        raise ShapeError(
            what, f"a result of shape {tensor.shape}", f"shape {result.shape}", "give the result a new name"
        )
    if not np.can_cast(result.dtype, tensor.dtype, "same_kind"):
        raise DTypeError(what, f"a result that fits {tensor.dtype}", f"dtype {result.dtype}", "use astype first")


def _rebind(tensor: Tensor, result: Tensor, what: str) -> Tensor:
    _refuse_misfit(tensor, result, what)
    if result.dtype != tensor.dtype:
        result = apply(registry["astype"], (result,), {"dtype": tensor.dtype})
    tensor._value, tensor._node = result._value, result._node
    return tensor


def _refuse_leaf(tensor: Tensor, what: str) -> None:
    if tensor.requires_grad and tensor.is_leaf:
        raise GraphError(
            f"{what} on {tensor.node.label}",
            "no in-place change of a leaf while its use is being recorded",
            f"{tensor.node.label}, which requires a gradient",
            "for an update step write `with autograd.no_grad():` around it, or use assign_()",
        )


_mode = current.get


def plain_index(index: Any) -> Any:
    """Replace tensors in an index by their values: an index chooses, it has no derivative."""
    if _mode().example:
        for tensor in tensors_in(index):
            if tensor.node.tracked:
                raise GraphError(
                    f"an index made of {tensor.node.label} inside vmap",
                    "an index that every example shares",
                    "one that differs from example to example",
                    "choose by comparing: autograd.where(np.arange(n) == i, x, 0.0).sum() is x[i]",
                )
    if isinstance(index, tuple):
        return tuple([_chosen(i) for i in index])
    return [_chosen(i) for i in index] if isinstance(index, list) else _chosen(index)


def _chosen(entry: Any) -> Any:
    """Return a tensor's value as the graph will see it, whatever is written into the tensor later."""
    return entry._value.copy() if isinstance(entry, Tensor) else entry
