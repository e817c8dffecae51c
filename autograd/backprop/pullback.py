"""Reverse mode: one sweep from the output to the leaves accumulates ``P^j = Σ_i P^i · J^{j→i}``.

``P`` maps a node to its cotangent and lives as long as the sweep: gradients are never stored on the nodes they pass.
A cotangent has shape ``lead + y.shape``. A scalar loss starts with ``lead == ()``; started with an identity instead,
the same sweep yields a full Jacobian, all rows at once.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import Any

import numpy as np

from autograd.backprop.broadcasting import fit
from autograd.backprop.sparse import Sparse, densified, sparse_pull
from autograd.backprop.structural_zeros import Reached, careful_pull, raw, seen
from autograd.errors import MutationError, ShapeError
from autograd.graph.clock import last_write, overlap, tick, writes_since
from autograd.graph.mode import current
from autograd.graph.node import Node, make_plan, pull
from autograd.graph.order import falling

Cotangents = dict[Node, Any]
Pull = Callable[[Node, int, Any, tuple[int, ...]], Any]
THREADED = 10_000  # entries from which BLAS wakes its threads, for a dot product that needs none
Observer = Callable[[Node, int, Any, Any], None]


def sweep(
    seeds: Cotangents,
    lead: tuple[int, ...] = (),
    *,
    wanted: Collection[Node] = (),
    nodes: list[Node] | None = None,
    lift: Callable[[Node], Any] | None = None,
    observe: Observer | None = None,
) -> Cotangents:
    """Return the cotangents of the leaves, of ``wanted`` nodes (treated as leaves), and of those that retain theirs.

    ``nodes`` are those to sweep, youngest first, where the caller knows them already.
    ``lift`` turns a node into one whose operands are recorded values: the sweep is then itself recorded, for second
    derivatives. ``observe(node, position, y_bar, message)`` is told of each message as it is sent.

    A structural zero carries nothing (see :mod:`autograd.backprop.structural_zeros`). That costs nothing in the usual
    case: 0·∞ is always NaN, so the sweep runs plainly first, and carefully only if there are such zeros and a NaN.
    """
    if nodes is None:
        nodes = falling(seeds, wanted)
    refuse_overwritten(nodes, "backward")
    reach = {*nodes, *wanted} if wanted else None
    start, mode = tick(), current.get()
    plain = None if lift is None else _recorded(lift, start)
    sparse = bool(lead) and lift is None and any(seed.__class__ is Sparse for seed in seeds.values())
    with np.errstate(all="ignore"):
        P = accumulate(nodes, dict(seeds), lead, sparse_pull if sparse else plain, reach=reach)
        if sparse:
            P = {node: densified(p) for node, p in P.items()}
        if (lead or _has_structural_zeros(nodes, seeds)) and (mode.careful or _has_nan(P.values())):
            full = {node: densified(seed) for node, seed in seeds.items()}
            masked = {node: Reached(seed, seen(seed) != 0) for node, seed in full.items()}
            tell = None if observe is None else lambda n, i, y_bar, m: observe(n, i, y_bar.value, m.value)
            P = {n: p.value for n, p in accumulate(nodes, masked, lead, careful_pull(lift), tell, reach).items()}
        elif observe is not None:
            P = accumulate(nodes, dict(seeds), lead, plain, observe, reach)
    if mode.watch is not None and observe is None and not lead:
        mode.watch.swept(seeds, P)
    if lift is not None:
        for node, cotangent in P.items():
            _note(cotangent, node, start)
    return P


def _recorded(lift: Callable[[Node], Any], start: int) -> Pull:
    """Return the pullback whose own steps are recorded."""

    def pull_recorded(node: Node, i: int, y_bar: Any, lead: tuple[int, ...]) -> Any:
        _note(y_bar, node, start)
        return pull(lift(node), i, y_bar, lead)

    return pull_recorded


def _note(cotangent: Any, node: Node, start: int) -> None:
    """Let the node of a recorded cotangent know whose it is, for its label."""
    made = getattr(cotangent, "node", None)
    if made is not None and made.number > start and made.cotangent_of is None:
        made.cotangent_of = node.number, start


def accumulate(
    nodes: list[Node],
    P: Cotangents,
    lead: tuple[int, ...],
    custom: Pull | None = None,
    observe: Observer | None = None,
    reach: set[Node] | None = None,
) -> Cotangents:
    """Send each node's messages to its parents, youngest node first; what is left in ``P`` belongs to the leaves.

    With ``reach`` nothing is sent to any node outside it.
    """
    retained: Cotangents = {}
    own: Cotangents = {}  # sums that nobody else holds: many slices of one array add to them in place
    usual = custom is None and observe is None
    pop, get = P.pop, P.get
    for node in nodes:
        y_bar = pop(node, None)
        if y_bar is None:  # reached only through operands that have no derivative
            continue
        if own:
            own.pop(node, None)
        if usual and node.ordinary:  # written out: graphs of single numbers, and layers, live here
            pulls: Any = node.primitive.pullbacks  # type: ignore[union-attr]  # none of them is missing
            parent = node.first
            if parent is not None and parent.requires_grad and (reach is None or parent in reach):
                message = pulls[0](node, y_bar, lead)
                held = get(parent)
                P[parent] = message if held is None else held + message
            parent = node.second
            if parent is not None and parent.requires_grad and (reach is None or parent in reach):
                message = pulls[1](node, y_bar, lead)
                held = get(parent)
                P[parent] = message if held is None else held + message
            if node.rest:
                position = 1
                for parent in node.rest:
                    position += 1
                    if parent is not None and parent.requires_grad and (reach is None or parent in reach):
                        message = pulls[position](node, y_bar, lead)
                        held = get(parent)
                        P[parent] = message if held is None else held + message
            continue
        if node.hooks:
            y_bar = _hooked(node, y_bar)
        if node.retains:
            retained[node] = y_bar
        primitive: Any = node.primitive
        pullbacks = None if custom is not None or primitive.variadic else primitive.pullbacks
        adds = primitive.adds if usual and node.fits is None else None
        position = -1
        for parent in (node.first, node.second, *node.rest) if node.first is not None else node.parents:
            position += 1
            if parent is None or not parent.requires_grad or (reach is not None and parent not in reach):
                continue
            if adds is not None and own.get(parent, adds) is get(parent) and adds(y_bar, P[parent], node.static, lead):
                continue
            if pullbacks is None:
                message = (custom or pull)(node, position, y_bar, lead)
            else:
                rule = pullbacks[position]
                message = None if rule is None else rule(node, y_bar, lead)
            if message is None:
                continue
            if node.fits is not None and (spec := node.fits[position]) is not None:
                message = fit(message, spec, len(lead))
            if observe is not None:
                observe(node, position, y_bar, message)
            held = get(parent)
            P[parent] = message = message if held is None else held + message
            if adds is not None:
                own[parent] = message
    for node in P:
        if node.hooks:
            P[node] = _hooked(node, P[node])
    P.update(retained)
    return P


def _hooked(node: Node, cotangent: Any) -> Any:
    """Let a node's hooks read the cotangent, or replace it."""
    careful = isinstance(cotangent, Reached)
    value = cotangent.value if careful else densified(cotangent)
    for hook in list((node.hooks or {}).values()):
        replaced = hook(value)
        if replaced is None:
            continue
        if np.shape(raw(replaced)) != value.shape:
            raise ShapeError(
                f"a hook on {node.label}",
                f"a cotangent of shape {value.shape}, or None to leave it",
                f"shape {np.shape(raw(replaced))}",
                "return a value of the shape that the hook was given",
            )
        value = replaced
    if value.__class__ is np.ndarray:
        value = value.copy()  # a hook may keep what it saw, or give what it keeps
    return Reached(value, cotangent.mask) if careful else value


def _has_structural_zeros(nodes: list[Node], seeds: Cotangents) -> bool:
    """Tell whether a choice, an index or the seed can put zeros into a cotangent: else no care is needed."""
    for node in nodes:
        if node.primitive.selects:  # type: ignore[union-attr]  # leaves aren't among the nodes
            return True
    for seed in seeds.values():
        value = raw(seed)
        if value == 0 if value.ndim == 0 else not value.all():
            return True
    return False


def _has_nan(cotangents: Iterable[Any]) -> bool:
    """Tell whether any array may have a NaN, in one pass over each: a sum of squares is NaN only then."""
    total: Any = 0.0
    float64 = np.float64
    for cotangent in cotangents:
        if cotangent.__class__ is float64:
            if cotangent != cotangent:
                return True
            continue
        value = cotangent if cotangent.__class__ is np.ndarray else raw(cotangent)
        if value.ndim:
            flat = value.ravel()
            total += flat.dot(flat) if flat.size < THREADED else np.add.reduce(flat)
        else:
            total += value * value
    return bool(total != total)


def refuse_overwritten(nodes: list[Node], direction: str) -> None:
    """Raise MutationError if a value that one of the nodes (youngest first) kept for its rules was written since."""
    if not nodes or last_write[0] <= nodes[-1].number:
        return
    writes = writes_since(nodes[-1].number)
    for node in nodes:
        primitive = node.primitive
        assert primitive is not None
        keeps, keeps_y, *_ = make_plan(primitive, tuple(p is not None and p.requires_grad for p in node.parents))
        values = [("its output", node.y)] if keeps_y else []
        for operand, parent, flag in zip(node.operands, node.parents, keeps, strict=True):
            if flag:
                values.append((f"operand {parent.label if parent is not None else 'constant'}", operand))
        for name, value in node.static.items():
            values += [(f"its {name}", v) for v in (value if isinstance(value, (tuple, list)) else (value,))]
        for described, value in values:
            for write in writes:
                if write.time > node.number and overlap(value, write):
                    raise MutationError(
                        f"the {direction} pass of {node.label}",
                        f"{described} as it was in the forward pass",
                        f"it was overwritten in place at {write.place}",
                        "call backward() before the write, or compute the result again after it",
                    )
