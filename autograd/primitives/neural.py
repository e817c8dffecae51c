"""What networks end in: softmax and the losses, each one primitive so that it is fast and stable."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from autograd.primitives.batching import same, spread
from autograd.primitives.domain import Case, case
from autograd.primitives.notation import call, symbol
from autograd.primitives.primitive import Static, general

_CASES = (case((4,)), case((3, 4)), case((2, 3, 4), axis=0), case((2, 3, 4), axis=1), case((2, 1)))


def _prepare(operands: tuple[Any, ...], static: Static) -> Static:
    ndim = np.ndim(operands[0])
    return {"axis": normalize_axis_index(static["axis"], ndim) - ndim}


def _softmax(x: Any, axis: int = -1) -> Any:
    raised = np.exp(x - np.max(x, axis=axis, keepdims=True))
    return raised / np.sum(raised, axis=axis, keepdims=True)


softmax = general(
    _softmax,
    lambda y_bar, y, axis: y * (y_bar - np.sum(y_bar * y, axis=axis, keepdims=True)),
    name="softmax", behind=same, prepare=_prepare, cases=_CASES,
    doc="eˣ/Σeˣ along an axis: positive numbers that sum to 1.",
    formulas=(lambda y_bar, y: y * (y_bar - call("Σ", y_bar * y)),), expects="at least one axis",
)  # fmt: skip


def _log_softmax(x: Any, axis: int = -1) -> Any:
    shifted = x - np.max(x, axis=axis, keepdims=True)
    return shifted - np.log(np.sum(np.exp(shifted), axis=axis, keepdims=True))


log_softmax = general(
    _log_softmax,
    lambda y_bar, y, axis: y_bar - np.exp(y) * np.sum(y_bar, axis=axis, keepdims=True),
    name="log_softmax", behind=same, prepare=_prepare, cases=_CASES,
    doc="ln softmax(x) along an axis, stable at any finite x.",
    formulas=(lambda y_bar, y: y_bar - np.exp(y) * call("Σ", y_bar),), expects="at least one axis",
)  # fmt: skip


def _prepare_loss(operands: tuple[Any, ...], static: Static) -> Static:
    if static["reduction"] not in ("none", "mean", "sum"):
        raise ValueError(f"reduction is 'none', 'mean' or 'sum', not {static['reduction']!r}")
    if operands[0].shape != operands[1].shape:
        raise ValueError(f"{operands[0].shape} and {operands[1].shape} differ; a loss never broadcasts")
    return static


def _reduce(loss: Any, reduction: str) -> Any:
    if reduction == "none":
        return loss
    return loss.sum() if reduction == "sum" else loss.sum() / max(loss.size, 1)


def _weight(y_bar: Any, reduction: str, count: int, ndim: int, lead: tuple[int, ...]) -> Any:
    """Return the cotangent of each entry's loss, with axes to broadcast over the entries."""
    if reduction == "none":
        return y_bar
    y_bar = y_bar if reduction == "sum" else y_bar / count
    return np.reshape(y_bar, lead + (1,) * ndim) if lead else y_bar


def _loss_behind(primitive: Any, operands: Any, batched: Any, static: Static, n: int) -> Any:
    """Compute each entry's loss for the whole batch, then reduce example by example."""
    input, target = (o if b else spread(o, n) for o, b in zip(operands, batched, strict=True))
    shape = np.shape(input)
    if primitive.name == "cross_entropy" and len(shape) > 2:  # the class axis is where one example has it
        input = np.reshape(input, (n * shape[1], *shape[2:]))
        target = np.reshape(target, (n * shape[1], *np.shape(target)[2:]))
    losses = primitive.on([input, target], {"reduction": "none"})
    if primitive.name == "cross_entropy" and len(shape) > 2:
        losses = np.reshape(losses, (n, shape[1], *np.shape(losses)[1:]))
    entries = tuple(range(1, np.ndim(losses)))
    if static["reduction"] == "none" or not entries:
        return losses
    return np.sum(losses, axis=entries) if static["reduction"] == "sum" else np.mean(losses, axis=entries)


def _mse(input: Any, target: Any, reduction: str = "mean") -> Any:
    difference = input - target
    if reduction == "none":
        return difference * difference
    total = np.vdot(difference, difference)
    return total if reduction == "sum" else total / max(difference.size, 1)


def _input_bar_of_mse(y_bar: Any, input: Any, target: Any, reduction: str, lead: tuple[int, ...]) -> Any:
    return _weight(y_bar, reduction, max(input.size, 1), len(input.shape), lead) * (2 * (input - target))


mse = general(
    _mse,
    (
        lambda y_bar, input, target, reduction, lead: _input_bar_of_mse(y_bar, input, target, reduction, lead),
        lambda y_bar, input, target, reduction, lead: _input_bar_of_mse(y_bar, target, input, reduction, lead),
    ),
    name="mse", behind=_loss_behind, method=False, prepare=_prepare_loss,
    cases=(
        case((3, 2), (3, 2)), case((4,), (4,), reduction="sum"), case((3, 2), (3, 2), reduction="none"), case((), ()),
    ),
    doc="The mean squared error Σ(input − target)²/n (or the sum, or each term).",
    formulas=(
        lambda y_bar, input, target: y_bar * (2 * (input - target)) / symbol("n"),
        lambda y_bar, input, target: y_bar * (2 * (target - input)) / symbol("n"),
    ),
    expects="input and target of the same shape",
)  # fmt: skip


def _class_axis(ndim: int) -> int:
    """PyTorch's convention: (C,), (N, C), (N, C, d₁, …)."""
    return -1 if ndim == 1 else 1 - ndim


def _is_index(target: Any) -> bool:
    return bool(target.dtype.kind in "iu")


def _one_hot(target: Any, classes: int, axis: int) -> Any:
    numbers = np.reshape(np.arange(classes), (classes,) + (1,) * (-1 - axis))
    return np.expand_dims(target, axis) == numbers


def _prepare_cross_entropy(operands: tuple[Any, ...], static: Static) -> Static:
    logits, target = operands
    if static["reduction"] not in ("none", "mean", "sum"):
        raise ValueError(f"reduction is 'none', 'mean' or 'sum', not {static['reduction']!r}")
    if logits.ndim == 0:
        raise ValueError("logits need an axis of classes")
    axis = _class_axis(logits.ndim)
    rest = logits.shape[:axis] + (logits.shape[axis + 1 :] if axis != -1 else ())
    if _is_index(target):
        if target.shape != rest:
            raise ValueError(f"logits {logits.shape} want class indices of shape {rest}, not {target.shape}")
        if target.size and (target.min() < 0 or target.max() >= logits.shape[axis]):
            raise ValueError(f"class indices lie in 0..{logits.shape[axis] - 1}, not {target.min()}..{target.max()}")
    elif target.shape != logits.shape:
        raise ValueError(f"logits {logits.shape} want probabilities of that shape, not {target.shape}")
    return static


def _cross_entropy(logits: Any, target: Any, reduction: str = "mean") -> tuple[Any, Any]:
    axis = _class_axis(logits.ndim)
    shifted = logits - np.max(logits, axis=axis, keepdims=True)
    raised = np.exp(shifted)
    total = np.sum(raised, axis=axis, keepdims=True)
    log_total = np.log(total)
    if _is_index(target):
        picked = np.take_along_axis(shifted, np.expand_dims(target, axis), axis)
        loss = np.squeeze(log_total - picked, axis)
    else:
        weighted = np.where(target == 0, 0, target * (log_total - np.where(target == 0, 0, shifted)))
        loss = np.sum(weighted, axis=axis)
    return _reduce(loss, reduction), raised / total


def _loss_bar(y_bar: Any, shape: tuple[int, ...], reduction: str, lead: tuple[int, ...]) -> Any:
    axis = _class_axis(len(shape))
    if reduction == "none":
        return np.expand_dims(y_bar, axis)
    return _weight(y_bar, reduction, max(math.prod(shape) // max(shape[axis], 1), 1), len(shape), lead)


def _logits_bar(y_bar: Any, target: Any, residual: Any, reduction: str, lead: tuple[int, ...]) -> Any:
    axis = _class_axis(len(residual.shape))
    scale = _loss_bar(y_bar, residual.shape, reduction, lead)
    if _is_index(target):
        return scale * (residual - _one_hot(target, residual.shape[axis], axis))
    return scale * (residual * np.sum(target, axis=axis, keepdims=True) - target)


def _target_bar(y_bar: Any, logits: Any, reduction: str, lead: tuple[int, ...]) -> Any:
    scale = _loss_bar(y_bar, logits.shape, reduction, lead)
    return scale * -log_softmax(logits, axis=_class_axis(len(logits.shape)))


_LABELS = np.array([2, 0, 3])
_CROSS_ENTROPY_CASES: tuple[Case, ...] = (
    case((3, 4), _LABELS), case((3, 4), _LABELS, reduction="none"), case((3, 4), _LABELS, reduction="sum"),
    case((3, 4), (3, 4)), case((4,), np.array(1)), case((2, 4, 3), np.array([[1, 0, 3], [2, 2, 0]])),
)  # fmt: skip

cross_entropy = general(
    _cross_entropy,
    (
        lambda y_bar, target, residual, reduction, lead: _logits_bar(y_bar, target, residual, reduction, lead),
        lambda y_bar, logits, reduction, lead: _target_bar(y_bar, logits, reduction, lead),
    ),
    name="cross_entropy", behind=_loss_behind, operands="logits target", method=False, prepare=_prepare_cross_entropy,
    residual=lambda logits: softmax(logits, axis=_class_axis(len(logits.shape))),
    cases=_CROSS_ENTROPY_CASES,
    doc="−Σ target·ln softmax(logits): target holds class indices, or probabilities of the shape of logits.",
    formulas=(
        lambda y_bar, logits, target: y_bar * (softmax(logits) - target),
        lambda y_bar, logits: y_bar * -log_softmax(logits),
    ),
    expects="logits (N, C, …) and target (N, …) of class indices, or probabilities shaped like logits",
)  # fmt: skip
