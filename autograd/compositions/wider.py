"""NumPy's arguments that a primitive lacks, by functions that put it together with others: dtype, where, initial.

``sum(x, axis, keepdims)`` is what nearly every call needs, and short; a call that says more arrives here.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.apply import wider
from autograd.compositions.composition import public
from autograd.compositions.shapes import ordered
from autograd.functions import by_numpy, functions
from autograd.tensor import Tensor, as_tensor

Function = Callable[..., Any]


def _widened(*numpy: Function) -> Callable[[Function], Function]:
    """Make a function take the calls of its namesake that say more than the primitive does."""

    def declare(body: Function) -> Function:
        name = body.__name__.strip("_")
        body.__name__ = name
        wider[name] = public(body, {}, sequence=False)
        functions[name].__signature__ = inspect.signature(body)  # type: ignore[attr-defined]  # read by help
        by_numpy.update(dict.fromkeys(numpy, functions[name]))
        return body

    return declare


def _cast(x: Any, dtype: Any) -> Any:
    return as_tensor(x) if dtype is None else as_tensor(x).astype(dtype)


def _where(where: Any, x: Any, fill: float) -> Any:
    """Put what changes nothing where an entry doesn't count."""
    return x if where is None or where is True else functions["where"](where, x, np.asarray(fill, x.dtype))


@_widened()
def _sum(
    x: Any, axis: Any = None, keepdims: bool = False, *, dtype: Any = None, initial: Any = None, where: Any = None
) -> Any:
    y = functions["sum"](_where(where, _cast(x, dtype), 0), axis, keepdims)
    return y if initial is None else y + initial


@_widened()
def _prod(
    x: Any, axis: Any = None, keepdims: bool = False, *, dtype: Any = None, initial: Any = None, where: Any = None
) -> Any:
    y = functions["prod"](_where(where, _cast(x, dtype), 1), axis, keepdims)
    return y if initial is None else y * initial


def count(where: Any, shape: tuple[int, ...], axis: Any, keepdims: bool) -> Any:
    """Return how many entries count."""
    where = True if where is None else where
    return functions["broadcast_to"](where, shape).sum(axis, keepdims)


@_widened()
def _mean(x: Any, axis: Any = None, keepdims: bool = False, *, dtype: Any = None, where: Any = None) -> Any:
    x = _cast(x, dtype)
    x = x if x.dtype.kind == "f" else x.astype(float)
    total = functions["sum"](_where(where, x, 0), axis, keepdims)
    return _ratio(total, count(where, x.shape, axis, keepdims).astype(x.dtype))


def _ratio(total: Any, n: Any) -> Any:
    """Return the mean of n numbers; of none it is NaN."""
    return total / functions["where"](functions["greater"](n, 0), n, np.asarray(np.nan, n.dtype))


def _extreme(name: str, pair: str, worst: float, x: Any, axis: Any, keepdims: bool, initial: Any, where: Any) -> Any:
    x = as_tensor(x)
    if initial is None:
        if where is not None and where is not True:
            raise ValueError(f"{name} with where= needs initial=, for a row where nothing counts")
        return functions[name](x, axis, keepdims)
    if x.dtype.kind != "f":
        worst = initial
    if not x.size:
        return functions["broadcast_to"](initial, functions["sum"](x, axis, keepdims).shape)
    return functions[pair](functions[name](_where(where, x, worst), axis, keepdims), initial)


@_widened(np.amax)
def _max(x: Any, axis: Any = None, keepdims: bool = False, *, initial: Any = None, where: Any = None) -> Any:
    return _extreme("max", "maximum", -np.inf, x, axis, keepdims, initial, where)


@_widened(np.amin)
def _min(x: Any, axis: Any = None, keepdims: bool = False, *, initial: Any = None, where: Any = None) -> Any:
    return _extreme("min", "minimum", np.inf, x, axis, keepdims, initial, where)


@_widened()
def _var(
    x: Any, axis: Any = None, ddof: Any = 0, keepdims: bool = False, *,
    dtype: Any = None, where: Any = None, mean: Any = None, correction: Any = None,
) -> Any:  # fmt: skip
    if correction is not None:
        if ddof:
            raise ValueError("ddof and correction are two names of one thing: give one")
        ddof = correction
    x = _cast(x, dtype)
    if where is None and mean is None:
        return functions["var"](x, axis, ddof, keepdims)
    x = x if x.dtype.kind == "f" else x.astype(float)
    mean = _mean(x, axis, True, where=where) if mean is None else mean
    n = count(where, x.shape, axis, keepdims).astype(x.dtype)
    return _ratio(functions["sum"](functions["square"](_where(where, x - mean, 0)), axis, keepdims), n - ddof)


def root(x: Any) -> Any:
    """Return √x, with the derivative 0 at 0: a spread has its least value there."""
    positive = functions["greater"](x, 0)
    return functions["where"](positive, functions["sqrt"](functions["where"](positive, x, np.asarray(1, x.dtype))), x)


@_widened()
def _std(
    x: Any, axis: Any = None, ddof: Any = 0, keepdims: bool = False, *,
    dtype: Any = None, where: Any = None, mean: Any = None, correction: Any = None,
) -> Any:  # fmt: skip
    if where is None and mean is None and not (correction is not None and ddof):
        return functions["std"](_cast(x, dtype), axis, ddof if correction is None else correction, keepdims)
    return root(_var(x, axis, ddof, keepdims, dtype=dtype, where=where, mean=mean, correction=correction))


def _truth(name: str, fill: bool, x: Any, axis: Any, keepdims: bool, where: Any) -> Any:
    x = functions["not_equal"](x, 0)
    return functions[name](x if where is None else functions["where"](where, x, fill), axis, keepdims)


@_widened()
def _any(x: Any, axis: Any = None, keepdims: bool = False, *, where: Any = None) -> Any:
    return _truth("any", False, x, axis, keepdims, where)


@_widened()
def _all(x: Any, axis: Any = None, keepdims: bool = False, *, where: Any = None) -> Any:
    return _truth("all", True, x, axis, keepdims, where)


# Shape and dtype


@_widened()
def _reshape(x: Any, *shape: Any, order: str = "C", copy: Any = None) -> Any:
    x = as_tensor(x)
    target = tuple(shape[0]) if len(shape) == 1 and np.iterable(shape[0]) else shape
    if order == "C" or ordered(x, order) is x:
        return functions["reshape"](x, *target)
    return functions["reshape"](x.transpose(), *target[::-1]).transpose()


@_widened()
def _copy(x: Any, *, order: str = "K", subok: bool = False) -> Any:
    return functions["copy"](as_tensor(x))


@_widened(*([np.astype] if hasattr(np, "astype") else []))
def _astype(
    x: Any, dtype: Any, *, order: str = "K", casting: Any = "unsafe", subok: bool = True, copy: bool = True,
    device: Any = None,
) -> Any:  # fmt: skip
    x = as_tensor(x)
    if not np.can_cast(x.dtype, dtype, casting):
        raise TypeError(f"{x.dtype} to {dtype} by the rule {casting!r}")
    return x if not copy and x.dtype == dtype else functions["astype"](x, dtype)


@_widened()
def _broadcast_to(x: Any, shape: Any, *, subok: bool = False) -> Any:
    return functions["broadcast_to"](x, shape)


def _joined(name: str, arrays: Any, axis: Any, dtype: Any) -> Tensor:
    joined: Tensor = functions[name](arrays if dtype is None else [as_tensor(a).astype(dtype) for a in arrays], axis)
    return joined


@_widened(np.concat)
def _concatenate(arrays: Any, axis: int | None = 0, *, dtype: Any = None, casting: Any = "same_kind") -> Any:
    return _joined("concatenate", arrays, axis, dtype)


@_widened()
def _stack(arrays: Any, axis: int = 0, *, dtype: Any = None, casting: Any = "same_kind") -> Any:
    return _joined("stack", arrays, axis, dtype)
