"""Forward mode: one sweep from the inputs to the output carries tangents, ``ẏ = Σ_i J_i ẋ_i``, along the same graph.

It reads the same declarations as reverse mode: an elementwise tangent is the local partial times ``ẋ``, a linear map is
applied to the tangent, a bilinear one to the tangent and the other operand; for anything else the pullback, which is
linear in the cotangent, is transposed. A tangent has shape ``lead + y.shape``: one pass can carry all columns of a
Jacobian.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from autograd.backprop.broadcasting import fit
from autograd.backprop.pullback import refuse_overwritten, sweep
from autograd.backprop.structural_zeros import (
    Reached,
    StandIn,
    arbitrary,
    chosen,
    cleaned,
    masked_partial,
    raw,
    seen,
    weighted,
)
from autograd.graph.mode import current
from autograd.graph.node import Node, Spec, pull
from autograd.graph.order import falling

Shape = tuple[int, ...]


class Tools(NamedTuple):
    """What this floor needs of tensors: to record a pullback, and to record the pass itself (or not)."""

    variable: Callable[[Any], Any]  # a tensor to differentiate with respect to
    lift: Callable[[Node], Any] | None


Step = Callable[[Node, int, Any, Shape, Tools], Any]


def push(tangents: Mapping[Node, Any], root: Node, lead: Shape, tools: Tools) -> Any:
    """Return the tangent of ``root``, or None where it doesn't depend on the nodes that have one.

    As in reverse mode a structural zero carries nothing, and the careful pass runs only where a NaN came out.
    Raises MutationError where a value that the pass needs was overwritten since.
    """
    nodes = falling([root], tangents)
    refuse_overwritten(nodes, "forward-mode")
    nodes.reverse()
    with np.errstate(all="ignore"):
        y_dot = _forward(nodes, dict(tangents), lead, tools, _plain).get(root)
        if y_dot is not None and (current.get().careful or np.isnan(raw(y_dot)).any()):
            masked = {n: Reached(t, seen(t) != 0) for n, t in tangents.items()}
            y_dot = _forward(nodes, masked, lead, tools, _careful)[root].value
    return y_dot


def _forward(nodes: list[Node], T: dict[Node, Any], lead: Shape, tools: Tools, step: Step) -> dict[Node, Any]:
    parents_of = [node.parents for node in nodes]
    last = {p: node for node, parents in zip(nodes, parents_of, strict=True) for p in parents if p is not None}
    for node, parents in zip(nodes, parents_of, strict=True):  # a tangent lives until its last use
        y_dot = None
        joins = step is _plain and node.primitive.variadic and node.primitive.kind == "linear"  # type: ignore[union-attr]
        if joins:
            y_dot = _joined(node, [None if p is None else T.get(p) for p in parents], lead)
        for position, parent in enumerate(() if joins else parents):
            x_dot = None if parent is None else T.get(parent)
            if x_dot is None or isinstance(node.primitive.rule(position), str):  # type: ignore[union-attr]
                continue
            term = step(node, position, x_dot, lead, tools)
            y_dot = term if y_dot is None else y_dot + term
        if y_dot is not None:
            T[node] = y_dot
        for parent in parents:
            if parent is not None and last[parent] is node:
                T.pop(parent, None)
    return T


def _plain(node: Node, position: int, x_dot: Any, lead: Shape, tools: Tools) -> Any:
    view = node if tools.lift is None else tools.lift(node)
    primitive = node.primitive
    assert primitive is not None
    if primitive.kind == "elementwise":
        partial = primitive.partials[position]
        assert partial is not None
        y_dot = (_behind_lead(x_dot, lead, len(node.y.shape)) if lead else x_dot) * partial(view)
    else:
        y_dot = _through(node, view, position, x_dot, lead, tools)
    return _filled(y_dot, lead + node.y.shape, node.y.dtype)


def _through(node: Node, view: Any, position: int, x_dot: Any, lead: Shape, tools: Tools) -> Any:
    """Carry a tangent through a function that isn't elementwise."""
    primitive, count = node.primitive, len(node.parents)
    assert primitive is not None
    if primitive.kind == "linear" and count == 1:
        return _applied(node, [x_dot], 0, lead)
    named = primitive.keeps[0 if primitive.variadic else position]
    used = [primitive.variadic or primitive.operands[i] in named for i in range(count)]
    if primitive.kind == "bilinear" and any(u for i, u in enumerate(used) if i != position):
        own = view.operands
        return _applied(
            node, [x_dot if i == position else own[i] if used[i] else None for i in range(count)], position, lead
        )
    return _transposed(node, view, position, x_dot, lead, tools)


def _joined(node: Node, x_dots: list[Any], lead: Shape) -> Any:
    """Carry all tangents at once through what is linear in its operands together, such as ``stack``."""
    if all(x_dot is None for x_dot in x_dots):
        return None
    primitive, n = node.primitive, math.prod(lead)
    assert primitive is not None
    operands = [
        np.zeros(shape, node.y.dtype) if x_dot is None else np.reshape(x_dot, (n, *shape)) if lead else x_dot
        for x_dot, shape in zip(x_dots, node.shapes, strict=True)
    ]
    if not lead:
        return _filled(primitive.on(operands, node.static), node.y.shape, node.y.dtype)
    y_dot = primitive.behind(primitive, operands, [x_dot is not None for x_dot in x_dots], node.static, n)
    return _filled(np.reshape(y_dot, lead + node.y.shape), lead + node.y.shape, node.y.dtype)


def _behind_lead(x_dot: Any, lead: Shape, ndim: int) -> Any:
    """Insert axes between the lead and a narrower operand: the mirror of un-broadcasting."""
    own = np.shape(x_dot)[len(lead) :]
    if not lead or len(own) == ndim:
        return x_dot
    return np.reshape(x_dot, (*lead, *(1,) * (ndim - len(own)), *own))


def _filled(y_dot: Any, shape: Shape, dtype: Any) -> Any:
    """Give a tangent the shape and dtype of its value."""
    if y_dot.shape != shape:
        y_dot = np.broadcast_to(y_dot, shape)
    return y_dot if y_dot.dtype == dtype else y_dot.astype(dtype)


def _applied(node: Node, operands: list[Any], at: int, lead: Shape) -> Any:
    """Apply the primitive itself to a tangent, whose leading axes are a batch."""
    primitive = node.primitive
    assert primitive is not None
    if not lead:
        if primitive.residual is None and all(isinstance(o, (np.ndarray, np.generic)) for o in operands):
            return primitive.evaluate(*operands, **node.static)  # its static arguments are prepared already
        return primitive.on(operands, node.static)
    n = math.prod(lead)
    if len(lead) > 1:
        operands[at] = np.reshape(operands[at], (n, *np.shape(operands[at])[len(lead) :]))
    y_dot = primitive.behind(primitive, operands, [i == at for i in range(len(operands))], node.static, n)
    return np.reshape(y_dot, lead + node.y.shape)


def _transposed(node: Node, view: Any, position: int, x_dot: Any, lead: Shape, tools: Tools) -> Any:
    """Record the pullback of a dummy cotangent of ones, and sweep back through it with the tangent as seed."""
    y_bar = tools.variable(np.ones(node.y.shape, dtype=node.y.dtype)[()])
    pulled, nothing = pull(view, position, y_bar, ()), np.zeros(lead + node.y.shape, dtype=node.y.dtype)
    if getattr(pulled, "node", None) is None:  # a pullback that lets nothing through
        return nothing
    x_bar = fit(pulled, Spec(np.shape(raw(x_dot))[len(lead) :], node.y.dtype), 0)
    found = sweep({x_bar.node: x_dot}, lead, wanted=[y_bar.node], lift=tools.lift)
    return found.get(y_bar.node, nothing)


def _careful(node: Node, position: int, x_dot: Reached, lead: Shape, tools: Tools) -> Reached:
    """Carry the mask of what has been reached along with the tangent."""
    primitive = node.primitive
    assert primitive is not None
    view = node if tools.lift is None else tools.lift(node)
    shape = lead + node.y.shape
    asked, plainly = (view, tools) if current.get().example else (node, tools._replace(lift=None))
    if primitive.kind == "elementwise":
        ndim = len(node.y.shape)
        value, mask = (_behind_lead(part, lead, ndim) for part in (x_dot.value, x_dot.mask))
        passed = masked_partial(primitive, view, position, Reached(value, mask))
        return Reached(_filled(passed.value, shape, node.y.dtype), np.broadcast_to(passed.mask, shape))

    def carried(stand_in: Any, weights: Any) -> Any:
        return seen(_filled(_through(node, stand_in, position, weights, lead, plainly), shape, weights.dtype))

    def touched(replace: Callable[[Any], Any], weights: Any) -> Any:
        return carried(StandIn(asked, replace), weights) != 0

    value = _filled(_through(node, view, position, x_dot.value, lead, tools), shape, node.y.dtype)
    weights = weighted(x_dot.mask)
    if primitive.kind == "bilinear":
        met = touched(lambda o: (~np.isfinite(o)).astype(float), weights)
        clean = _through(node, StandIn(view, cleaned), position, x_dot.value, lead, tools)
        value = np.where(met, value, _filled(clean, shape, node.y.dtype))
        return Reached(value, touched(arbitrary(primitive), weights))
    mask = touched(arbitrary(primitive), weights)
    if primitive.selects:
        mask = chosen(carried(asked, weights), mask)
    return Reached(np.where(mask, value, np.zeros(shape, dtype=node.y.dtype)), mask)
