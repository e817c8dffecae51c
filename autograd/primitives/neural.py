"""What networks end in: softmax and the losses, each one primitive so that it is fast and stable."""

from __future__ import annotations

import inspect
import math
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from autograd.primitives.batching import same, spread
from autograd.primitives.blas import summed
from autograd.primitives.domain import Case, Domain, case
from autograd.primitives.exponential import sigmoid
from autograd.primitives.notation import call, symbol
from autograd.primitives.piecewise import clip
from autograd.primitives.primitive import Primitive, Static, general

_CASES = (
    case((4,)), case((3, 4)), case((2, 3, 4), axis=0), case((2, 3, 4), axis=1), case((2, 1)), case(()), case((2, 0)),
)  # fmt: skip


def _prepare(operands: tuple[Any, ...], static: Static) -> Static:
    axis, ndim = static["axis"], np.ndim(operands[0])
    number = axis == () or (ndim == 0 and axis in (0, -1))
    return {"axis": () if number else normalize_axis_index(axis, ndim) - ndim}


def _total(x: Any, axis: Any) -> Any:
    """Return Σ along an axis counted from the end, the axis kept; () of a single number means none."""
    return x if axis == () else summed(x, (np.ndim(x) + axis,), keepdims=True)


def _floating(x: Any) -> Any:
    """Return whole numbers as floating ones, whose differences don't wrap around."""
    return x.astype(np.float64) if isinstance(x, np.ndarray) and x.dtype.kind in "biu" else x


def _top(x: Any, axis: Any) -> Any:
    """Return the largest entry along an axis, the axis kept; argmax finds it in half the time of max, or less."""
    if axis != -1 or x.__class__ is not np.ndarray or not x.flags.c_contiguous:
        return np.max(x, axis=axis, keepdims=True)
    rows = x.reshape(math.prod(x.shape[:-1]), x.shape[-1])
    return rows[np.arange(len(rows)), rows.argmax(axis=-1)].reshape(*x.shape[:-1], 1)


def _softmax(x: Any, axis: int = -1) -> Any:
    if not np.size(x):
        return np.exp(x)
    x = _floating(x)
    raised = np.exp(x - _top(x, axis))
    return raised / _total(raised, axis)


softmax = general(
    _softmax,
    lambda y_bar, y, axis: y * (y_bar - _total(y_bar * y, axis)),
    name="softmax", scipy=("softmax",), behind=same, prepare=_prepare, cases=_CASES,
    doc="eˣ/Σeˣ along an axis: positive numbers that sum to 1.",
    formulas=(lambda y_bar, y: y * (y_bar - call("Σ", y_bar * y)),), expects="at least one axis",
)  # fmt: skip


def _log_softmax(x: Any, axis: int = -1) -> Any:
    if not np.size(x):
        return np.exp(x)
    x = _floating(x)
    shifted = x - _top(x, axis)
    return shifted - np.log(_total(np.exp(shifted), axis))


log_softmax = general(
    _log_softmax,
    lambda y_bar, y, axis: y_bar - np.exp(y) * _total(y_bar, axis),
    name="log_softmax", scipy=("log_softmax",), behind=same, prepare=_prepare, cases=_CASES,
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
    losses = primitive.on([input, target], static | {"reduction": "none"})
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
    return _weight(2 * y_bar, reduction, max(input.size, 1), len(input.shape), lead) * (input - target)


mse = general(
    _mse,
    (
        _input_bar_of_mse,
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


def _entrywise(name: str, loss: Any, partials: tuple[Any, Any], **rest: Any) -> Primitive:
    """Declare a loss by what one entry costs and its derivatives by input and target; reductions follow from that."""
    parameters = inspect.signature(loss).parameters
    defaults = {n: p.default for n, p in parameters.items() if p.default is not p.empty}

    def evaluate(*operands: Any, reduction: str, **static: Any) -> Any:
        return _reduce(loss(*operands, **static), reduction)

    reduction = inspect.Parameter("reduction", inspect.Parameter.POSITIONAL_OR_KEYWORD, default="mean")
    evaluate.__signature__ = inspect.Signature([*parameters.values(), reduction])  # type: ignore[attr-defined]

    def pullback(partial: Any) -> Any:
        def rule(y_bar: Any, shape: tuple[int, ...], reduction: str, lead: tuple[int, ...], *needs: Any) -> Any:
            return _weight(y_bar, reduction, max(math.prod(shape), 1), len(shape), lead) * partial(*needs)

        return _taking(rule, "y_bar", "input_shape", "reduction", "lead", *inspect.signature(partial).parameters)

    def formula(partial: Any) -> Any:
        names = inspect.signature(partial).parameters

        def written(y_bar: Any, **letters: Any) -> Any:
            return y_bar * partial(**{n: letters.get(n, defaults.get(n)) for n in names}) / symbol("n")

        return _taking(written, "y_bar", *(n for n in names if n not in defaults))

    return general(
        evaluate, tuple(map(pullback, partials)), name=name, behind=_loss_behind, method=False, prepare=_prepare_loss,
        formulas=tuple(map(formula, partials)), **{"expects": "input and target of the same shape"} | rest,
    )  # fmt: skip


def _taking(rule: Any, *names: str) -> Any:
    """Name the arguments of a rule, which say what the graph keeps."""
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    rule.__signature__ = inspect.Signature([inspect.Parameter(n, kind) for n in names])
    return rule


_LEFT = np.array([[0.3, 1.9], [-1.2, -0.4], [2.5, 0.1]])  # fixed, so that no entry lies at a kink
_RIGHT = np.array([[0.9, -0.6], [-1.5, 1.3], [0.8, 0.2]])
_PAIRS = (case(_LEFT, _RIGHT), case(_LEFT, _RIGHT, reduction="sum"), case(_LEFT, _RIGHT, reduction="none"))
_SHAPED = (case((3, 2), (3, 2)), case((4,), (4,), reduction="sum"), case((3, 2), (3, 2), reduction="none"))
_SHARE = Domain(0.2, 0.8, landmarks=(0.5,))

mae = _entrywise(
    "mae", lambda input, target: abs(input - target),
    (lambda input, target: np.sign(input - target), lambda input, target: np.sign(target - input)),
    cases=_PAIRS,
    doc="The mean absolute error Σ|input − target|/n (or the sum, or each term); its derivative at 0 is 0.",
)  # fmt: skip


def _huber(input: Any, target: Any, delta: float = 1.0) -> Any:
    difference = input - target
    near = np.clip(difference, -delta, delta)
    return near * (difference - near / 2)


huber = _entrywise(
    "huber", _huber,
    (
        lambda input, target, delta: clip(input - target, -delta, delta),
        lambda input, target, delta: clip(target - input, -delta, delta),
    ),
    cases=(*_PAIRS, case(_LEFT, _RIGHT, delta=0.5)),
    doc="d²/2 of the difference d where |d| ≤ delta, else delta·(|d| − delta/2): its mean (or the sum, or each term).",
    source="Huber 1964",
)  # fmt: skip


def _bce(input: Any, target: Any) -> Any:
    if np.any((input < 0) | (input > 1)):
        raise ValueError(f"input lies in 0..1, not {np.min(input)}..{np.max(input)}; bce_with_logits takes any number")
    if np.any((target < 0) | (target > 1)):
        raise ValueError(f"target lies in 0..1, not {np.min(target)}..{np.max(target)}; labels ±1: (target + 1) / 2")
    with np.errstate(divide="ignore"):
        return -(target * np.maximum(np.log(input), -100) + (1 - target) * np.maximum(np.log1p(-input), -100))


bce = _entrywise(
    "bce", _bce,
    (
        lambda input, target: (input - target) / np.maximum(input * (1 - input), 1e-12),
        lambda input: np.maximum(np.log1p(-input), -100) - np.maximum(np.log(input), -100),
    ),
    cases=_SHAPED, domain=(_SHARE, _SHARE), expects="input and target of the same shape, both within 0..1",
    doc="Binary cross-entropy −target·ln input − (1 − target)·ln(1 − input); logs stop at −100, divisors at 10⁻¹².",
)  # fmt: skip

bce_with_logits = _entrywise(
    "bce_with_logits",
    lambda input, target: np.maximum(input, 0) - input * target + np.log1p(np.exp(-abs(input))),
    (lambda input, target: sigmoid(input) - target, lambda input: -input),
    cases=_SHAPED, domain=(Domain(-4, 4), _SHARE),
    doc="Binary cross-entropy of σ(input), stable at any finite input.",
)  # fmt: skip


def _kl_div(input: Any, target: Any, log_target: bool = False) -> Any:
    if log_target:
        return np.exp(target) * (target - input)
    none = target == 0
    return np.where(none, 0, target * (np.log(np.where(none, 1, target)) - np.where(none, 0, input)))


kl_div = _entrywise(
    "kl_div", _kl_div,
    (
        lambda target, log_target: -np.exp(target) if log_target else -target,
        lambda input, target, log_target: np.exp(target) * (target - input + 1) if log_target
        else np.log(target) - input + 1,
    ),
    cases=(*_SHAPED, case((3, 2), (3, 2), log_target=True), case((4,), (4,), reduction="none", log_target=True)),
    domain=(Domain(landmarks=(0.5, 1.0)), _SHARE),
    doc="target·(ln target − input) with input a logarithm too: Kullback and Leibler's divergence, entry by entry.",
)  # fmt: skip


def _class_axis(ndim: int) -> int:
    """PyTorch's convention: (C,), (N, C), (N, C, d₁, …)."""
    return -1 if ndim == 1 else 1 - ndim


def _is_index(target: Any) -> bool:
    return bool(target.dtype.kind in "iu")


def _one_hot(target: Any, classes: int, axis: int) -> Any:
    numbers = np.reshape(np.arange(classes), (classes,) + (1,) * (-1 - axis))
    return np.expand_dims(target, axis) == numbers


def _beyond(target: Any, classes: int) -> bool:
    """Tell whether an index lies outside of 0..classes − 1."""
    if target.dtype == np.int64:  # in one pass: what is below 0 is huge, unsigned
        return bool(target.view(np.uint64).max() >= classes)
    return bool(target.min() < 0 or target.max() >= classes)


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
        if target.size and _beyond(target, logits.shape[axis]):
            raise ValueError(f"class indices lie in 0..{logits.shape[axis] - 1}, not {target.min()}..{target.max()}")
    elif target.shape != logits.shape:
        raise ValueError(f"logits {logits.shape} want probabilities of that shape, not {target.shape}")
    return static


def _cross_entropy(logits: Any, target: Any, reduction: str = "mean") -> tuple[Any, Any]:
    axis = _class_axis(logits.ndim)
    logits = _floating(logits)
    shifted = logits - _top(logits, axis)
    raised = np.exp(shifted)
    total = _total(raised, axis)
    log_total = np.log(total)
    if _is_index(target) and logits.ndim == 2:
        loss = log_total[:, 0] - shifted[np.arange(len(target)), target]
    elif _is_index(target):
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
    if residual.__class__ is np.ndarray and residual.ndim == 2 and _is_index(target) and np.ndim(scale) == 0:
        message = scale * residual
        message[np.arange(len(target)), target] -= scale  # one entry in each row
        return message
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
        _logits_bar,
        _target_bar,
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
