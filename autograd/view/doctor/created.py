"""Where NaN and infinity come from: the first step, forward or backward, that makes one of finite operands."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd.graph.node import Node
from autograd.view.doctor.anatomy import Anatomy, Sent, called, count, finite, number
from autograd.view.doctor.report import Finding


class Cause(NamedTuple):
    """Which operand did it, where (a mask over it), why, and what helps."""

    mask: Any
    cause: str
    remedy: str


_POSITIVE = "keep it above 0: add a small number, or np.maximum(x, 1e-8)"
_PROBABILITIES = f"{_POSITIVE}; for probabilities use log_softmax, log_sigmoid, or a loss that takes logits"
_SMALLER = (
    "make it smaller first: subtract the maximum (logsumexp, softmax, cross_entropy do), clip, or use a smaller "
    "learning rate"
)
_DIVISOR = "keep the divisor away from 0: add a small number, or np.where on the divisor itself, before dividing"
_INSIDE = "clip it to just inside the domain, such as ±(1 − 1e-6)"


def _log(x: Any) -> list[Cause]:
    return [
        Cause(x == 0, "log of zero", _PROBABILITIES),
        Cause(
            x < 0,
            "log of a negative number",
            "take the log of what can't be negative: np.abs(x), exp or softplus of it",
        ),
    ]


def _divide(a: Any, b: Any) -> list[Cause]:
    a, b = np.broadcast_arrays(a, b)
    return [
        Cause((b == 0) & (a == 0), "zero divided by zero", _DIVISOR),
        Cause(b == 0, "division by zero", _DIVISOR),
        Cause(np.abs(b) < 1, "overflow: division by a number that is all but 0", _DIVISOR),
    ]


def _root(x: Any) -> list[Cause]:
    return [Cause(x < 0, "square root of a negative number", "keep it at 0 or above: np.maximum(x, 0) before the root")]


def _power(a: Any, b: Any) -> list[Cause]:
    a, b = np.broadcast_arrays(a, b)
    return [
        Cause((a == 0) & (b < 0), "zero to a negative power: division by zero", _DIVISOR),
        Cause(
            (a < 0) & (b != np.rint(b)), "a negative number to a fractional power", "use np.abs(x), or keep x above 0"
        ),
        Cause(np.abs(a) > 1, "overflow in a power", _SMALLER),
    ]


def _exp(x: Any) -> list[Cause]:
    limit = np.log(float(np.finfo(x.dtype).max)) if x.dtype.kind == "f" else 709.0
    return [Cause(x > limit * 0.6, f"overflow in exp: {x.dtype} ends at exp({limit:.0f})", _SMALLER)]


def _inside(low: float, high: float) -> Callable[..., list[Cause]]:
    said = f"outside of its domain ({number(low)} … {number(high)})"
    return lambda x: [Cause(x <= low, said, _INSIDE), Cause(x >= high, said, _INSIDE)]


FORWARD: dict[str, Callable[..., list[Cause]]] = {
    **dict.fromkeys(("log", "log2", "log10", "logit", "entr", "gammaln"), _log),
    "log1p": lambda x: [c._replace(cause=c.cause.replace("log", "log1p of −1: log")) for c in _log(x + 1)],
    "xlogy": lambda a, b: _log(b),
    "divide": _divide,
    "floor_divide": _divide,
    "reciprocal": lambda x: _divide(np.ones_like(x), x),
    "rsqrt": lambda x: [Cause(x == 0, "division by zero: 1/√0", _DIVISOR), *_root(x)],
    "sqrt": _root,
    "power": _power,
    **dict.fromkeys(("exp", "expm1", "exp2", "sinh", "cosh"), _exp),
    **dict.fromkeys(("arcsin", "arccos", "arctanh", "erfinv"), _inside(-1.0, 1.0)),
    "arccosh": _inside(-np.inf, 1.0),
    "var": lambda x: [Cause(np.ones_like(x, bool), "the variance of too few values", "take more values, or ddof=0")],
    "std": lambda x: [Cause(np.ones_like(x, bool), "the deviation of too few values", "take more values, or ddof=0")],
    "mean": lambda x: (
        [Cause(np.ones_like(x, bool), "the mean of nothing", "check for empty batches")] if not x.size else []
    ),
}


def _infinite_slope(at: Callable[..., Any], said: str, remedy: str) -> Callable[..., list[Cause]]:
    return lambda *operands: [Cause(at(*operands), said, remedy)]


_ROOT = "add a small number under the root: np.sqrt(x + 1e-12), or leave the root out"
BACKWARD: dict[str, Callable[..., list[Cause]]] = {
    "sqrt": _infinite_slope(lambda x: x == 0, "sqrt has an infinite derivative at 0", _ROOT),
    "cbrt": _infinite_slope(lambda x: x == 0, "the cube root has an infinite derivative at 0", _ROOT),
    "power": lambda a, b: [
        Cause((a == 0) & (b < 1), "a power below 1 has an infinite derivative at 0", "add a small number: (x + ε)**p"),
        *_power(a, b),
    ],
    **dict.fromkeys(
        ("arcsin", "arccos", "arctanh"),
        _infinite_slope(lambda x: np.abs(x) >= 1, "the derivative is infinite at ±1", _INSIDE),
    ),
    "arccosh": _infinite_slope(lambda x: x <= 1, "the derivative is infinite at 1", _INSIDE),
    "log": lambda x: [
        *_log(x),
        Cause(np.abs(x) < 1e-30, "log of a number that is all but 0: 1/x overflows", _PROBABILITIES),
    ],
    "divide": _divide,
    "reciprocal": lambda x: _divide(np.ones_like(x), x),
    "exp": _exp,
    "rsqrt": _infinite_slope(lambda x: x <= 0, "1/√x has no derivative at 0", _DIVISOR),
    "entr": _log,
}  # fmt: skip


def first_value(seen: Anatomy, step: int | None) -> Finding | None:
    """Return the finding of the first value that isn't finite, if there is any."""
    for node in seen.computed:
        if finite(seen.values[node]):
            continue
        operands = seen.operands(node)
        for parent, operand in zip(node.parents, operands, strict=True):
            if operand is not None and (parent is None or parent.primitive is None) and not finite(operand):
                return _given(seen, node, parent, operand, step)
        y = seen.values[node]
        broken = ~np.isfinite(y)
        cause, remedy, evidence = _why(FORWARD, node, operands, broken)
        what = "NaN" if np.isnan(y).any() else "infinity"
        return Finding(
            "NaN" if cause is not None or what == "NaN" else "overflow",
            seen.where(node), _name(node), cause or _overflow(y), remedy or _SMALLER,
            f"first {what} of the forward pass, created here: {count(broken)}{evidence or _range(operands)}", step,
        )  # fmt: skip
    return None


def first_message(seen: Anatomy, step: int | None) -> Finding | None:
    """Return the finding of the first message that isn't finite though its upstream is."""
    for sent in seen.sent:
        if finite(sent.message) or not finite(sent.y_bar):
            continue
        node, broken = sent.node, ~np.isfinite(sent.message)
        cause, remedy, evidence = _why(BACKWARD, node, seen.operands(node), broken, sent.position)
        what = "NaN" if np.isnan(sent.message).any() else "infinity"
        cause = cause or _overflow(sent.message)
        if what == "NaN" and (np.asarray(sent.y_bar) == 0).any():
            cause += " (and 0 · ∞ is NaN)"
        return Finding(
            "NaN", seen.where(node), _name(node), cause, remedy or _SMALLER,
            f"first {what} of the backward pass, created here: {count(broken)}{evidence}; the values are finite", step,
        )  # fmt: skip
    return None


def _given(seen: Anatomy, node: Node, parent: Node | None, operand: Any, step: int | None) -> Finding:
    """Return the finding of a leaf or an array that brought it along."""
    broken = ~np.isfinite(operand)
    evidence = f"{count(broken)} not finite, before anything was computed; {_name(node)} reads it"
    if parent is not None and parent.requires_grad:
        return Finding(
            "NaN", called(parent), "the update", f"{called(parent)} itself is no longer finite: an update broke it",
            "lower the learning rate, clip the gradients (clip_grad_norm_), and start again from finite weights",
            evidence, step,
        )  # fmt: skip
    name = called(parent) if parent is not None else f"data of shape {np.shape(operand)}"
    return Finding(
        "NaN", seen.where(node), _name(node), f"the data hold NaN or infinity: {name}",
        "clean the data first: np.isfinite finds the rows, np.nan_to_num replaces the entries", evidence, step,
    )  # fmt: skip


def _why(
    table: dict[str, Callable[..., list[Cause]]], node: Node, operands: Sequence[Any], broken: Any, position: int = 0
) -> tuple[str | None, str | None, str]:
    """Look the operation up, and tell which of its dangers came true."""
    assert node.primitive is not None
    rule = table.get(node.primitive.name)
    if rule is None:
        return None, None, ""
    arrays = [np.asarray(o) for o in operands[: len(node.primitive.operands)] if o is not None]
    with np.errstate(all="ignore"):
        found = rule(*arrays)
    for danger, cause, remedy in found:
        mask = np.asarray(danger)
        both = mask & broken if mask.shape == np.shape(broken) else mask
        if both.any():
            at = np.unravel_index(int(np.argmax(both)), both.shape)
            shown = [number(np.broadcast_to(a, both.shape)[at]) for a in arrays if _fits(a.shape, both.shape)]
            return cause, remedy, f", where its operand{'s are' if len(shown) > 1 else ' is'} {' and '.join(shown)}"
    return None, None, ""


def _fits(shape: tuple[int, ...], into: tuple[int, ...]) -> bool:
    try:
        return np.broadcast_shapes(shape, into) == into
    except ValueError:
        return False


def _overflow(value: Any) -> str:
    dtype = np.asarray(value).dtype
    if np.isnan(value).any() and not np.isinf(value).any():
        return "∞ − ∞, 0 · ∞ or ∞ / ∞ on the way: a number too large for its dtype, or an undefined one"
    return f"{dtype} overflow: numbers beyond {number(np.finfo(dtype).max)}"


def _range(operands: Sequence[Any]) -> str:
    said = [f"up to {number(np.max(np.abs(o)))}" for o in operands if o is not None and np.size(o) and np.ndim(o) < 9]
    return f"; its operands reach {', '.join(said)}" if said else ""


def _name(node: Node) -> str:
    return node.primitive.name if node.primitive is not None else "leaf"


def name(sent: Sent) -> str:
    """Return the operation that a message came from."""
    return _name(sent.node)
