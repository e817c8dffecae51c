"""``why``: why the gradient of one tensor is None, zero or not finite; and the doctor's look at one recorded loss."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.backward import cotangent
from autograd.errors import ArgumentError
from autograd.graph.node import Node
from autograd.graph.order import ancestors
from autograd.tensor import Tensor, raw
from autograd.view.doctor.anatomy import Anatomy, called, count, number, short_path, size
from autograd.view.doctor.created import first_message, first_value
from autograd.view.doctor.report import Finding, Report
from autograd.view.doctor.units import dead, off
from autograd.view.doctor.watch import examine
from autograd.view.doctor.zeros import frontier, zeroed


def examined(root: Node, seed: Any) -> list[Finding]:
    """Return all that one graph shows."""
    seen = Anatomy(root, seed)
    found = examine(seen)
    known = {(f.operation, f.where) for f in found if f.kind == "dead units"}
    return found + [f for unit in off(seen) if (unit.name, unit.where) not in known for f in dead([unit])]


def why(tensor: Tensor, loss: Tensor | None = None) -> Report:
    """Say why the gradient of ``tensor`` is what it is: None, zero, in part zero, NaN.

    With ``loss`` the way from there is followed back, step by step, to where the gradient stops; no ``.grad`` is
    touched. Without it only what the tensor itself knows can be said.

    >>> import autograd
    >>> x = autograd.Tensor([-1.0, -2.0], requires_grad=True, name="x")
    >>> report = autograd.why(x, autograd.relu(x).sum())
    >>> report[0].operation, report[0].kind
    ('relu', 'dead units')
    >>> autograd.why(autograd.Tensor([1, 2]))[0].cause
    'integers and booleans carry values, never gradients: its dtype is int64'

    Raises ArgumentError for what isn't a tensor.
    """
    for name, given in (("tensor", tensor), ("loss", loss)):
        if not isinstance(given, Tensor) and not (name == "loss" and given is None):
            raise ArgumentError(
                f"why(tensor, loss): {name}", "a tensor", f"a {type(given).__name__}", "pass the tensor itself"
            )
    named = tensor.name or "the tensor"
    finding = _alone(tensor, loss)
    found = [finding] if finding is not None else [] if loss is None else _below(tensor.node, loss)
    if finding is None and loss is None:
        found = [_unasked(tensor)] if tensor.node.grad is None else _held(tensor)
    return Report(f"why the gradient of {named} is what it is", lambda: found)


def _said(tensor: Tensor, kind: str, cause: str, remedy: str, evidence: str = "", at: Node | None = None) -> Finding:
    node = tensor.node if at is None else at
    where = called(node) if node.primitive is None else short_path(node.place) if node.place else str(node.scope)
    return Finding(kind, where, node.primitive.name if node.primitive else "leaf", cause, remedy, evidence)


def _alone(tensor: Tensor, loss: Tensor | None) -> Finding | None:
    """Return what a tensor shows without a loss: it can't have a gradient at all, or keeps none."""
    node = tensor.node
    if tensor.dtype.kind != "f":
        return _said(
            tensor, "no gradient", f"integers and booleans carry values, never gradients: its dtype is {tensor.dtype}",
            "make it floating: dtype=float, or 1.0 instead of 1",
        )  # fmt: skip
    if node.primitive is None and not node.requires_grad:
        detached = loss is not None and _shares(tensor, loss)
        return _said(
            tensor, "no gradient", "it doesn't require a gradient: a plain tensor, or one that left the graph by "
            "detach(), numpy() or no_grad()", "set requires_grad=True where it is made; leave out detach()",
            "the loss was computed from the same memory" if detached else "",
        )  # fmt: skip
    if node.primitive is not None and not node.requires_grad:
        reasons = [r for r in node.primitive.rules if isinstance(r, str)]
        cause = f"{node.primitive.name} has no derivative: {reasons[0]}" if reasons else "nothing below it asks for one"
        return _said(tensor, "no gradient", cause, "set requires_grad=True on the tensors it is computed from")
    return None


def _unasked(tensor: Tensor) -> Finding:
    if tensor.node.primitive is not None:
        return _said(
            tensor, "no gradient", "it was computed, and .grad is kept on leaves only",
            "call retain_grad() on it before backward(), or use autograd.grad",
        )  # fmt: skip
    return _said(
        tensor, "no gradient", "no backward pass has reached it since it was made or cleared",
        "call loss.backward(), on a loss that was computed from it; why(tensor, loss) follows the way",
    )  # fmt: skip


def _held(tensor: Tensor) -> list[Finding]:
    grad = np.asarray(raw(tensor.node.grad))
    if not np.isfinite(grad).all():
        return [_said(tensor, "NaN", f"{count(~np.isfinite(grad))} not finite", "why(tensor, loss) finds the first")]
    if not grad.any():
        return [_said(tensor, "zero gradient", "it is 0 in every entry", "why(tensor, loss) finds what zeroed it")]
    return []


def _below(node: Node, loss: Tensor) -> list[Finding]:
    """Follow the way from a loss down to a node."""
    root, tensor = loss.node, loss
    below = set(ancestors([root]))
    if node not in below:
        cause = "the loss wasn't computed from it"
        if any(_same(node, n) for n in below):
            cause += ": only its value went in, by detach(), numpy() or no_grad()"
        return [
            _said(tensor, "detached", cause, "compute with the tensor itself; leave out detach() and numpy()", "", node)
        ]
    if not root.requires_grad:
        return [_said(tensor, "no gradient", "the loss itself has no gradient", "see why(loss)", "", root)]
    seen = Anatomy(root, cotangent(loss, None if loss.size == 1 else np.ones(loss.shape), "why"))
    P = seen.P.get(node)
    if P is None:
        return [_blocked(seen, node)]
    if not np.isfinite(P).all():
        return [f for f in (first_value(seen, None), first_message(seen, None)) if f is not None][:1]
    if not np.any(P):
        return _zero(seen, node)
    if not np.all(P):
        zero = np.asarray(P) == 0
        cause = f"in part masked or off: {count(zero)} are 0, the others aren't"
        return [_said(loss, "zero gradient", cause, "nothing, if those entries had no part in it", "", node)]
    held = "backward() wasn't called on this loss, or the gradient was cleared since" if node.grad is None else ""
    length = f"its gradient is finite and not zero: root mean square {number(size(P))}"
    return [_said(loss, "no gradient", held, "call loss.backward()", length, node)] if held else []


def _zero(seen: Anatomy, node: Node) -> list[Finding]:
    found = []
    for sent in frontier(seen, node):
        zero = zeroed(seen, sent)
        assert sent.node.primitive is not None
        evidence = f"the gradient is 0 from there on; upstream of {sent.node.primitive.name} it isn't"
        found.append(Finding(
            zero.kind, seen.where(sent.node), sent.node.primitive.name, zero.cause, zero.remedy, evidence
        ))  # fmt: skip
    if not found:
        found.append(Finding(
            "zero gradient", seen.where(node), node.primitive.name if node.primitive else "leaf",
            "its messages cancel, or the loss has a gradient of 0 at this value",
            "look at trace(loss).table(): every message with its numbers", "",
        ))  # fmt: skip
    return found


def _blocked(seen: Anatomy, node: Node) -> Finding:
    """Name the step without a derivative that stands on the way."""
    leads: set[Node] = {node}
    for above in seen.computed:
        for position, parent in enumerate(above.parents):
            if parent not in leads or above.primitive is None:
                continue
            rule = above.primitive.rule(position)
            if isinstance(rule, str):
                return Finding(
                    "no gradient", seen.where(above), above.primitive.name,
                    f"{above.primitive.name} has no derivative there: {rule}",
                    "leave it out of the way from the parameters to the loss, or use a smooth stand-in", "",
                )  # fmt: skip
            leads.add(above)
    return Finding("no gradient", called(node), "leaf", "no differentiable way leads to it", "check how it is used", "")


def _shares(tensor: Tensor, loss: Tensor) -> bool:
    return any(n is not tensor.node and _same(tensor.node, n) for n in ancestors([loss.node]))


def _same(a: Node, b: Node) -> bool:
    x, y = a.y, b.y
    return isinstance(x, np.ndarray) and isinstance(y, np.ndarray) and np.shares_memory(x, y)
