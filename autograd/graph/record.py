"""Recording: make the node of a step, keeping no more than its derivative needs."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.errors import DTypeError
from autograd.graph.clock import caller, line_of, tick
from autograd.graph.mode import Mode
from autograd.graph.node import SMALL, ArrayNode, Node, Spec, make_plan
from autograd.primitives import Primitive


def record(
    primitive: Primitive,
    parents: list[Node | None],
    values: list[Any],
    y: Any,
    static: dict[str, Any],
    residual: Any,
    mode: Mode,
) -> Node:
    """Return the node of ``y = primitive(*values)``; a parent is None where the operand is a plain constant."""
    dtype = y.dtype
    if dtype.kind == "f":
        wanted = tuple([p is not None and p.requires_grad for p in parents])
    elif dtype.kind == "c":
        raise DTypeError(
            f"{primitive.name}({', '.join(primitive.operands)})",
            "real numbers",
            f"a result of dtype {dtype}",
            "split complex numbers into real and imaginary parts",
        )
    else:
        wanted = (False,) * len(parents)
    plan = primitive.plans.get(wanted) or make_plan(primitive, wanted)
    held, everything, fits = values, mode.whole, None
    for i in plan.fitted:
        if values[i].dtype is not dtype or (primitive.broadcasts and values[i].shape != y.shape):
            fits = [Spec(v.shape, v.dtype) if w else None for v, w in zip(values, wanted, strict=True)]
            break
    for i in plan.dropped:
        value = values[i]
        if parents[i] is not None and value.nbytes > SMALL and not everything:
            held = values.copy() if held is values else held
            held[i] = Spec(value.shape, value.dtype)
    node = ArrayNode()
    node.primitive, node.number, node.requires_grad = primitive, tick(), plan.requires_grad
    node.y = y if plan.keeps_y or everything or y.nbytes <= SMALL else Spec(y.shape, dtype)
    node.static, node.residual, node.fits = static, residual, fits
    count = 0 if primitive.variadic else len(held)
    node.first, node.a = (parents[0], held[0]) if count else (None, None)
    node.second, node.b = (parents[1], held[1]) if count > 1 else (None, None)
    node.rest, node.more = (tuple(parents[count and 2 :]), tuple(held[count and 2 :])) if count != 2 else ((), ())
    node.ordinary = fits is None and primitive.ordinary
    node.scope = mode.scope
    if mode.keep:
        _keep(node)
    return node


def _keep(node: Node) -> None:
    """Note the source line, and copy the leaves' values: a leaf may be written later, this graph stays as it was."""
    frame = caller()
    node.place = line_of(frame.f_code, frame.f_lasti)
    own = [
        np.copy(v)[()] if p is not None and p.is_leaf else v for v, p in zip(node.operands, node.parents, strict=True)
    ]
    if node.primitive is not None and node.primitive.variadic:
        node.more = tuple(own)
    else:
        node.a, node.b, node.more = own[0], own[1] if len(own) > 1 else None, tuple(own[2:])
