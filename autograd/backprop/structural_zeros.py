"""A structural zero carries nothing: the careful sweep that ends the NaN of the branch not taken.

Where an entry of the cotangent is zero because a selection, an index, a mask or the seed put it there, the path is not
taken, and a local partial that is infinite or NaN there is read as 0: ``where(c, x, sqrt(-x))`` has the gradient of the
branch it took. A zero that arithmetic happened to give is a number like any other: ``sqrt(x)**2`` at 0 stays NaN.

Inside ``vmap`` one example stands for many: there the masks are recorded too, so that each example gets its own.

A cotangent here carries the mask of the entries that something has reached. The *partial* is masked, not the message,
so that the message goes on depending on the cotangent and higher derivatives stay right.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.graph.mode import current
from autograd.graph.node import Node, Spec, pull


class Reached:
    """A cotangent and the mask of its entries that aren't structurally zero."""

    __slots__ = ("mask", "value")

    def __init__(self, value: Any, mask: Any) -> None:
        self.value, self.mask = value, mask

    def __add__(self, other: Reached) -> Reached:
        return Reached(self.value + other.value, self.mask | other.mask)

    @property
    def ndim(self) -> int:
        return int(self.value.ndim)

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(self.value.shape)

    @property
    def dtype(self) -> Any:
        return self.value.dtype

    def sum(self, axis: tuple[int, ...], keepdims: bool = False) -> Reached:
        return Reached(self.value.sum(axis=axis, keepdims=keepdims), self.mask.any(axis=axis, keepdims=keepdims))

    def astype(self, dtype: Any) -> Reached:
        return Reached(self.value.astype(dtype), self.mask)


class StandIn:
    """A node with its kept values replaced, so that a rule can be asked what depends on what."""

    def __init__(self, node: Any, replace: Callable[[Any], Any]) -> None:
        self.primitive, self.static, self.shapes = node.primitive, node.static, node.shapes
        self.operands = tuple(o if o is None or isinstance(o, Spec) else replace(o) for o in node.operands)
        self.a, self.b, *more = (*self.operands, None, None)
        self.more = tuple(more)
        self.y = node.y if isinstance(node.y, Spec) else replace(node.y)
        self.residual = None if node.residual is None else replace(node.residual)


def raw(value: Any) -> Any:
    """Return the array of a tensor, and an array as it is."""
    return getattr(value, "_value", value)


def seen(value: Any) -> Any:
    """Return what a mask is computed from: the array of a tensor, or inside ``vmap`` the tensor itself."""
    return value if current.get().example and hasattr(value, "_value") else np.asarray(raw(value))


def careful_pull(lift: Callable[[Node], Any] | None) -> Callable[[Node, int, Any, tuple[int, ...]], Reached | None]:
    """Return the pullback that carries masks along, recorded through ``lift`` if one is given."""

    def send(node: Node, position: int, y_bar: Reached, lead: tuple[int, ...]) -> Reached | None:
        primitive = node.primitive
        assert primitive is not None
        if isinstance(primitive.rule(position), str):
            return None
        view = node if lift is None else lift(node)
        return _BY_KIND[primitive.kind](node, view, position, y_bar, lead)

    return send


def masked_partial(primitive: Any, view: Any, position: int, incoming: Reached) -> Reached:
    """Multiply by a local partial: a choice lets nothing through where it is 0, and the unreached meets no infinity."""
    partial = primitive.partials[position](view)
    number, one_of_many = seen(partial), current.get().example
    passes = number != 0 if primitive.selects else np.ones((), dtype=bool)
    mask = incoming.mask & passes
    silent = ~mask & ~np.isfinite(number)
    if one_of_many or silent.any():
        partial = np.where(silent, np.zeros(np.shape(number), number.dtype), partial)
    value = incoming.value
    if primitive.selects and (one_of_many or not passes.all()):
        value = np.where(passes, value, np.zeros(np.shape(value), value.dtype))
    return Reached(value * partial, mask)


def _elementwise(node: Any, view: Any, position: int, y_bar: Reached, lead: tuple[int, ...]) -> Reached:
    return masked_partial(node.primitive, view, position, y_bar)


def _linear(node: Any, view: Any, position: int, y_bar: Reached, lead: tuple[int, ...]) -> Reached:
    return Reached(pull(view, position, y_bar.value, lead), _touched(_asked(node, view), position, y_bar.mask, lead))


def _asked(node: Any, view: Any) -> Any:
    """Return what a mask is asked of: the node, or inside ``vmap`` the view whose operands are tensors."""
    return view if current.get().example else node


def weighted(mask: Any) -> Any:
    """Return a number for each entry of a mask such that no sum or difference of them is 0 by chance."""
    return mask * np.random.default_rng(1).uniform(1, 2, np.shape(mask))


def _touched(node: Any, position: int, mask: Any, lead: tuple[int, ...]) -> Any:
    return pull(node, position, weighted(mask), lead) != 0


def _bilinear(node: Any, view: Any, position: int, y_bar: Reached, lead: tuple[int, ...]) -> Reached:
    """Drop the products of a structural zero with an infinite or NaN operand, and keep all others."""
    plain = pull(view, position, y_bar.value, lead)
    clean = StandIn(view, cleaned)
    asked = _asked(node, view)
    broken = StandIn(asked, lambda o: (~np.isfinite(o)).astype(float))
    met = _touched(broken, position, y_bar.mask, lead)
    value = np.where(met, plain, pull(clean, position, y_bar.value, lead))
    return Reached(value, _touched(StandIn(asked, arbitrary(node.primitive)), position, y_bar.mask, lead))


def cleaned(operand: Any) -> Any:
    """Return an operand with 0 where it is infinite or NaN."""
    return np.where(np.isfinite(seen(operand)), operand, np.zeros(np.shape(operand), raw(operand).dtype))


def chosen(touched: Any, possible: Any) -> Any:
    """Return the mask of what a choice touched; where it chose among NaN, of what it could have."""
    return np.where(np.isnan(touched), possible, touched != 0)


def arbitrary(primitive: Any) -> Callable[[Any], Any]:
    """Return what replaces operands to probe a rule: arbitrary numbers, or ties where it chooses."""
    rng = np.random.default_rng(0)
    high = 1 if primitive.selects else 2
    return lambda o: o if np.asarray(raw(o)).dtype.kind != "f" else rng.uniform(1, high, np.shape(o))


def _general(node: Any, view: Any, position: int, y_bar: Reached, lead: tuple[int, ...]) -> Reached:
    """Probe the rule for what the reached entries can touch."""
    asked = _asked(node, view)
    weights = weighted(y_bar.mask)
    mask = pull(StandIn(asked, arbitrary(node.primitive)), position, weights, lead) != 0
    if node.primitive.selects:
        mask = chosen(pull(asked, position, weights, lead), mask)
    value = pull(view, position, y_bar.value, lead)
    return Reached(np.where(mask, value, np.zeros(np.shape(value), value.dtype)), mask)


_BY_KIND = {"elementwise": _elementwise, "linear": _linear, "bilinear": _bilinear, "general": _general}
