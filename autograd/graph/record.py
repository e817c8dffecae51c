"""Recording: make the node of a step, keeping no more than its derivative needs."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.errors import DTypeError
from autograd.graph.clock import caller, tick
from autograd.graph.mode import Mode
from autograd.graph.node import SMALL, Node, Spec, kept
from autograd.primitives import Primitive


def record(
    primitive: Primitive,
    parents: tuple[Node | None, ...],
    values: tuple[Any, ...],
    y: Any,
    static: dict[str, Any],
    residual: Any,
    mode: Mode,
) -> Node:
    """Return the node of ``y = primitive(*values)``; a parent is None where the operand is a plain constant."""
    dtype, variadic = y.dtype, primitive.variadic
    if dtype.kind == "c":
        raise DTypeError(
            f"{primitive.name}({', '.join(primitive.operands)})", "real numbers", f"a result of dtype {dtype}",
            "split complex numbers into real and imaginary parts",
        )  # fmt: skip
    rules = primitive.pullbacks
    wanted = tuple(
        [
            dtype.kind == "f" and p is not None and p.requires_grad and rules[0 if variadic else i] is not None
            for i, p in enumerate(parents)
        ]
    )
    names = kept(primitive, wanted)
    all_kept = mode.keep or "operands" in names
    held = []
    for i, (value, parent) in enumerate(zip(values, parents, strict=True)):
        if parent is None or all_kept or value.nbytes <= SMALL or primitive.operands[0 if variadic else i] in names:
            held.append(value if not mode.keep or parent is None or not parent.is_leaf else np.copy(value)[()])
        else:
            held.append(Spec(value.shape, value.dtype))
    node = Node()
    node.primitive, node.number, node.requires_grad = primitive, tick(), True in wanted
    node.y = y if mode.keep or y.nbytes <= SMALL or "y" in names else Spec(y.shape, dtype)
    node.first = node.second = node.a = node.b = None
    if variadic:
        node.rest, node.more = parents, tuple(held)
    else:
        node.first, node.a = parents[0], held[0]
        if len(parents) > 1:
            node.second, node.b = parents[1], held[1]
        if len(parents) > 2:
            node.rest, node.more = parents[2:], tuple(held[2:])
    if static:
        node.static = static
    if residual is not None and node.requires_grad:
        node.residual = residual
    if mode.scope:
        node.scope = mode.scope
    if mode.keep:
        node.place = caller()
    shape = y.shape if primitive.broadcasts else None
    fits = [
        Spec(v.shape, v.dtype) if w and (v.dtype != dtype or shape is not None and v.shape != shape) else None
        for v, w in zip(values, wanted, strict=True)
    ]
    if any(fits):
        node.fits = tuple(fits)
    node.ordinary = primitive.both is not None and node.fits is None
    return node
