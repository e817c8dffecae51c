"""Why a gradient is zero: the steps at which a message that was on its way became zero, and what zeroed it."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from autograd.graph.node import Node
from autograd.graph.order import ancestors
from autograd.view.doctor.anatomy import Anatomy, Sent, called, number, shared_by
from autograd.view.doctor.report import Finding

JUMPS = (
    "sign", "step", "floor", "ceil", "trunc", "rint", "round", "heaviside", "floor_divide", "angle", "copysign",
    "spacing",
)  # fmt: skip
RECTIFIERS = ("relu", "relu6")


class Zero(NamedTuple):
    """What zeroed a message."""

    kind: str
    cause: str
    remedy: str


def zeroed(seen: Anatomy, sent: Sent) -> Zero:
    """Say why a message is zero though its upstream isn't."""
    node, position = sent.node, sent.position
    assert node.primitive is not None
    name, operands = node.primitive.name, seen.operands(node)
    x = np.asarray(operands[0]) if operands and operands[0] is not None else np.zeros(())
    if name in JUMPS:
        return Zero(
            "zero gradient", f"{name} is constant between its jumps: its derivative is 0 everywhere",
            "leave the rounding or thresholding out of the loss; use a smooth stand-in (sigmoid, softmax), or "
            "custom_gradient with a straight-through estimate",
        )  # fmt: skip
    if name in RECTIFIERS or (name in ("maximum", "clip") and not np.any(x > 0)):
        what = "units are off" if x.ndim else "its input is negative"
        return Zero(
            "dead units", f"dead ReLU: all {what}, every input lies at or below 0 (the largest is {_largest(x)})",
            "lower the learning rate or the biases' start, standardise the inputs, or use LeakyReLU, which never dies",
        )  # fmt: skip
    if name in ("clip", "hardtanh"):
        return Zero(
            "zero gradient", f"masked by {name}: every entry lies outside of the bounds, where the derivative is 0",
            "widen the bounds, or limit the values by a smooth function (tanh, sigmoid)",
        )  # fmt: skip
    if name in ("where", "maximum", "minimum", "fmax", "fmin"):
        return Zero(
            "zero gradient", f"masked by {name}: the other operand is chosen everywhere, nothing flows to this one",
            "check the condition, or the order of the operands",
        )  # fmt: skip
    if node.primitive.selects:
        return Zero(
            "zero gradient", f"{name} chose none of the entries that carry a gradient", "check the index or the choice"
        )
    arrived = np.asarray(sent.y_bar)
    if arrived.dtype.kind == "f" and np.max(np.abs(arrived)) < (limits := np.finfo(arrived.dtype)).tiny / limits.eps:
        return Zero(
            "vanishing", f"vanishing gradient: only {_largest(np.abs(arrived))} is left of it before {name}, and the "
            "product is too small a number", "ReLU instead of sigmoid or tanh; Xavier's or He's initialisation, batch "
            "or layer normalisation, residual connections, or fewer layers",
        )  # fmt: skip
    if name in ("multiply", "matmul", "linear", "einsum", "divide", "power", "square"):
        others = [np.asarray(o) for k, o in enumerate(operands) if k != position and o is not None]
        if name == "square" or not any(o.any() for o in others[:1]):
            return Zero(
                "zero gradient", f"multiplied by zero: the other factor of {name} is 0 everywhere",
                "start weights from random numbers, not zeros; check masks and data that are all zero",
            )  # fmt: skip
    if name in ("sigmoid", "tanh", "softmax", "log_softmax", "erf"):
        if name in ("softmax", "log_softmax") and shared_by(node) == 1:
            return one_class(name)
        return Zero(
            "saturated", f"{name} saturated: |z| reaches {_largest(np.abs(x))}, the derivative rounds to 0",
            "make its input smaller: standardise the inputs, smaller weights, a smaller learning rate",
        )  # fmt: skip
    return Zero(
        "zero gradient", f"the derivative of {name} is 0 everywhere at these values", "check the values it is given"
    )


def one_class(name: str) -> Zero:
    """Return what is wrong with a softmax over one class."""
    return Zero(
        "wrong loss", f"{name} over an axis of length 1 is a constant: nothing can be learned through it",
        "give one output for each class, or use a sigmoid for a single one",
    )  # fmt: skip


def first_zeros(seen: Anatomy) -> list[tuple[Sent, set[Node]]]:
    """Return the messages that are zero though their upstream isn't, each with the nodes that it was on its way to."""
    turns = [s for s in seen.sent if not np.any(s.message) and np.any(s.y_bar)]
    return [(s, set(ancestors([s.parent]))) for s in turns]


def frontier(seen: Anatomy, leaf: Node) -> list[Sent]:
    """Return the messages on the ways to ``leaf`` that are zero first."""
    return [s for s, below in first_zeros(seen) if leaf in below]


def zero_gradients(seen: Anatomy, step: int | None) -> dict[Finding, list[Node]]:
    """Return a finding for each step that leaves leaves without any gradient, and those leaves."""
    by_cause: dict[Node, tuple[Sent, list[Node]]] = {}
    zero = [n for n, P in seen.P.items() if n.primitive is None and n.requires_grad and np.size(P) and not np.any(P)]
    if zero:
        first = first_zeros(seen)
        for node in zero:
            ways = [s for s, below in first if node in below]
            if any(_off_below(seen, s) for s in ways):
                continue  # the rectifier that made the factor 0 is a finding of its own
            for sent in ways[:1]:
                by_cause.setdefault(sent.node, (sent, []))[1].append(node)
    done = not seen.root.y.shape and not seen.values[seen.root]  # a loss of 0 has a gradient of 0, unless masked
    found = {_finding(seen, sent, leaves, step): leaves for sent, leaves in by_cause.values()}
    found |= {_hooked(n, step): [n] for n, P in seen.P.items() if n.hooks and not np.any(P) and _receives(seen, n)}
    return {f: leaves for f, leaves in found.items() if not done or f.operation == "multiply"}


def _receives(seen: Anatomy, node: Node) -> bool:
    return any(s.parent is node and np.any(s.message) for s in seen.sent)


def _hooked(node: Node, step: int | None) -> Finding:
    return Finding(
        "zero gradient", called(node), "hook", "a hook replaces the gradient by zeros", "look at what register_hook "
        "was given", "messages that aren't zero arrive there", step,
    )  # fmt: skip


def _off_below(seen: Anatomy, sent: Sent) -> bool:
    """Tell whether a factor is 0 since a whole layer of rectifiers is off."""
    return any(
        p is not None and p.primitive is not None and p.primitive.name in RECTIFIERS and not np.any(seen.values[p])
        for k, p in enumerate(sent.node.parents)
        if k != sent.position
    )


def _finding(seen: Anatomy, sent: Sent, leaves: list[Node], step: int | None) -> Finding:
    assert sent.node.primitive is not None
    zero = zeroed(seen, sent)
    names = ", ".join(f"'{n.name}'" for n in leaves if n.name)
    named = names or f"{len(leaves)} leaves"
    evidence = f"the gradient of {named} is 0 in every entry; upstream of {sent.node.primitive.name} it isn't"
    return Finding(zero.kind, seen.where(sent.node), sent.node.primitive.name, zero.cause, zero.remedy, evidence, step)


def _largest(x: Any) -> str:
    return number(np.max(x)) if np.size(x) else "nothing"
