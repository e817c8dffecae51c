"""Reverse mode: one sweep from the output to the leaves accumulates ``P^j = Σ_i P^i · J^{j→i}``.

``P`` maps a node to its cotangent and lives as long as the sweep: gradients are never stored on the nodes they pass.
A cotangent has shape ``lead + y.shape``. A scalar loss starts with ``lead == ()``; started with an identity instead,
the same sweep yields a full Jacobian, all rows at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from autograd.backprop.broadcasting import fit
from autograd.backprop.structural_zeros import Reached, careful_pull, raw
from autograd.errors import MutationError
from autograd.graph.clock import last_write, overlap, writes_since
from autograd.graph.node import Node, kept, pull
from autograd.graph.order import falling

Cotangents = dict[Node, Any]
Pull = Callable[[Node, int, Any, tuple[int, ...]], Any]
Observer = Callable[[Node, int, Any, Any], None]


def sweep(
    seeds: Cotangents,
    lead: tuple[int, ...] = (),
    *,
    wanted: Iterable[Node] = (),
    lift: Callable[[Node], Any] | None = None,
    observe: Observer | None = None,
) -> Cotangents:
    """Return the cotangents of the leaves, of ``wanted`` nodes (treated as leaves), and of those that retain theirs.

    ``lift`` turns a node into one whose operands are recorded values: the sweep is then itself recorded, for second
    derivatives. ``observe(node, position, y_bar, message)`` is told of each message as it is sent.

    A structural zero carries nothing (see :mod:`autograd.backprop.structural_zeros`). That costs nothing in the usual
    case: 0·∞ is always NaN, so the sweep runs plainly first, and carefully only if a gradient has a NaN.
    """
    nodes = falling(seeds, wanted)
    if nodes and last_write[0] > nodes[-1].number:
        _refuse_overwritten(nodes)
    plain: Pull | None = None if lift is None else lambda node, i, y_bar, lead: pull(lift(node), i, y_bar, lead)
    with np.errstate(all="ignore"):
        P = accumulate(nodes, dict(seeds), lead, plain)
        if any(_has_nan(p) for p in P.values()):
            masked = {node: Reached(seed, raw(seed) != 0) for node, seed in seeds.items()}
            tell = None if observe is None else lambda n, i, y_bar, m: observe(n, i, y_bar.value, m.value)
            P = accumulate(nodes, masked, lead, careful_pull(lift), tell)
            return {node: p.value for node, p in P.items()}
        if observe is not None:
            P = accumulate(nodes, dict(seeds), lead, plain, observe)
    return P


def accumulate(
    nodes: list[Node],
    P: Cotangents,
    lead: tuple[int, ...],
    custom: Pull | None = None,
    observe: Observer | None = None,
) -> Cotangents:
    """Send each node's messages to its parents, youngest node first; what is left in ``P`` belongs to the leaves."""
    retained: Cotangents = {}
    usual = custom is None and observe is None
    pop, get = P.pop, P.get
    for node in nodes:
        y_bar = pop(node, None)
        if y_bar is None:  # reached only through operands that have no derivative
            continue
        if usual and node.ordinary:  # written out for two operands: graphs of single numbers live here
            pull_a, pull_b = node.primitive.both  # type: ignore[union-attr]  # leaves aren't among the nodes
            parent = node.first
            if parent is not None and parent.requires_grad:
                message = pull_a(node, y_bar, lead)
                held = get(parent)
                P[parent] = message if held is None else held + message
            parent = node.second
            if parent is not None and parent.requires_grad:
                message = pull_b(node, y_bar, lead)
                held = get(parent)
                P[parent] = message if held is None else held + message
            continue
        if node.retains:
            retained[node] = y_bar
        for position, parent in enumerate(node.parents):
            if parent is None or not parent.requires_grad:
                continue
            message = (custom or pull)(node, position, y_bar, lead)
            if message is None:
                continue
            if node.fits is not None and (spec := node.fits[position]) is not None:
                message = fit(message, spec, len(lead))
            if observe is not None:
                observe(node, position, y_bar, message)
            held = get(parent)
            P[parent] = message if held is None else held + message
    P.update(retained)
    return P


def _has_nan(cotangent: Any) -> bool:
    """Tell whether an array has a NaN, in one pass: a sum of squares is NaN only then."""
    value = raw(cotangent)
    total = np.vdot(value, value) if value.ndim else value
    return bool(total != total)  # noqa: PLR0124


def _refuse_overwritten(nodes: list[Node]) -> None:
    writes = writes_since(nodes[-1].number)
    for node in nodes:
        primitive = node.primitive
        assert primitive is not None
        names = kept(primitive, tuple(p is not None and p.requires_grad for p in node.parents))
        values = [("its output", node.y)] if "y" in names else []
        for i, (operand, parent) in enumerate(zip(node.operands, node.parents, strict=True)):
            name = primitive.operands[0 if primitive.variadic else i]
            if name in names:
                values.append((f"operand {parent.label if parent is not None else name}", operand))
        for described, value in values:
            for write in writes:
                if write.time > node.number and overlap(value, write):
                    raise MutationError(
                        f"the backward pass of {node.label}",
                        f"{described} as it was in the forward pass",
                        f"it was overwritten in place at {write.place}",
                        "call backward() before the write, or compute the result again after it",
                    )
