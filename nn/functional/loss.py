"""Losses: how far a prediction is from its target. A loss never broadcasts: shapes must be equal."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

import autograd
from autograd import ArgumentError, ShapeError, Tensor, as_tensor
from nn.functional.reduction import floating, known, like, reduced


def l1_loss(input: Any, target: Any, reduction: str = "mean", weight: Any = None) -> Tensor:
    """Mean absolute error: the mean of ``|input − target|`` (``"sum"``, or ``"none"``: each term).

    ``weight``, of the input's shape, multiplies the terms; the mean divides by its sum.
    Raises ShapeError unless both have one shape, like every loss here.

    >>> l1_loss([0.0, 1.0], [0.2, 0.7]).item()
    0.25
    """
    return _weighed(autograd.mae, input, target, reduction, weight)


def mse_loss(input: Any, target: Any, reduction: str = "mean", weight: Any = None) -> Tensor:
    """Mean squared error: the mean of ``(input − target)²``; ``weight`` as in :func:`l1_loss`.

    >>> round(mse_loss([0.0, 1.0], [0.2, 0.7]).item(), 6)
    0.065
    """
    return _weighed(autograd.mse, input, target, reduction, weight)


def huber_loss(input: Any, target: Any, reduction: str = "mean", delta: float = 1.0, weight: Any = None) -> Tensor:
    """``½d²`` where ``|d| ≤ delta``, else ``delta·(|d| − ½delta)``, with ``d = input − target``. Huber 1964.

    >>> huber_loss([0.0, 0.0], [1.0, 3.0], reduction="none").tolist()
    [0.5, 2.5]
    """
    if not delta > 0:
        raise ArgumentError("huber_loss(delta)", "delta > 0", f"delta={delta}", "use l1_loss for absolute errors")
    return _weighed(autograd.huber, input, target, reduction, weight, delta=float(delta))


def smooth_l1_loss(input: Any, target: Any, reduction: str = "mean", beta: float = 1.0) -> Tensor:
    """``½d²/beta`` where ``|d| < beta``, else ``|d| − ½beta``; with ``beta=0`` the absolute error. Girshick 2015.

    >>> smooth_l1_loss([0.0, 0.0], [1.0, 3.0], reduction="none", beta=2.0).tolist()
    [0.25, 2.0]
    """
    if beta == 0:
        return l1_loss(input, target, reduction)
    if not beta > 0:
        raise ArgumentError("smooth_l1_loss(beta)", "beta ≥ 0", f"beta={beta}", "use a small positive number")
    return huber_loss(input, target, reduction, beta) / float(beta)


def binary_cross_entropy(input: Any, target: Any, weight: Any = None, reduction: str = "mean") -> Tensor:
    """``−weight·(target·ln input + (1 − target)·ln(1 − input))`` for probabilities; the logs stop at −100.

    ``weight`` broadcasts over the entries. Raises ShapeError for an input or a target outside of [0, 1], as in PyTorch.

    >>> round(binary_cross_entropy([0.9, 0.2], [1.0, 0.0]).item(), 6)
    0.164252
    """
    target = floating(target, input)
    if weight is None:
        return autograd.bce(input, target, reduction=known(reduction))
    return reduced(autograd.bce(input, target, reduction="none"), weight, reduction)


def binary_cross_entropy_with_logits(
    input: Any, target: Any, weight: Any = None, reduction: str = "mean", pos_weight: Any = None
) -> Tensor:
    """Binary cross-entropy of ``σ(input)``, stable at any logit; ``pos_weight`` multiplies the positive term.

    Any target is taken, as in PyTorch; :class:`nn.Doctor` names labels such as ±1 or 0 … 9.

    >>> round(binary_cross_entropy_with_logits([2.0, -1.0], [1.0, 0.0]).item(), 6)
    0.220095
    >>> binary_cross_entropy_with_logits([1000.0], [0.0]).item()
    1000.0
    """
    target = floating(target, input)
    if weight is None and pos_weight is None:
        return autograd.bce_with_logits(input, target, reduction=known(reduction))
    losses = autograd.bce_with_logits(input, target, reduction="none")
    if pos_weight is not None:
        positive, negative = autograd.softplus(-as_tensor(input)), autograd.softplus(input)
        losses = like(pos_weight, losses) * target * positive + (1 - target) * negative
    return reduced(losses, weight, reduction)


def kl_div(input: Any, target: Any, reduction: str = "mean", log_target: bool = False) -> Tensor:
    """``target·(ln target − input)``, where input (and target, with ``log_target``) are logarithms.

    ``"mean"`` divides by the number of entries, ``"batchmean"`` by that of examples: the divergence itself.

    >>> input, target = np.log([[0.5, 0.5]]), np.array([[0.25, 0.75]])
    >>> round(kl_div(input, target, reduction="batchmean").item(), 6)
    0.130812
    """
    by_example = reduction == "batchmean"
    taken = "sum" if by_example else known(reduction, "batchmean")
    total = autograd.kl_div(input, floating(target, input), log_target=bool(log_target), reduction=taken)
    return total / max(np.shape(input)[0], 1) if by_example and np.ndim(input) else total


def nll_loss(input: Any, target: Any, weight: Any = None, ignore_index: int = -100, reduction: str = "mean") -> Tensor:
    """``−weight[target]·input[target]`` for logarithms of probabilities, (N, C, …), and class indices, (N, …).

    ``"mean"`` divides by the sum of the weights; targets equal to ``ignore_index`` count for nothing.
    Raises ShapeError or ArgumentError where indices don't fit.

    >>> logarithms = np.log([[0.5, 0.25, 0.25], [0.1, 0.1, 0.8]])
    >>> round(nll_loss(logarithms, np.array([0, 2])).item(), 6)
    0.458145
    """
    input, labels = as_tensor(input), as_tensor(target).data
    weights = _class_weights(input, labels, weight, ignore_index, "nll_loss")
    rows = input if input.ndim == 1 else input.moveaxis(1, -1)
    chosen = np.where(labels == ignore_index, 0, labels)
    picked = rows[(*np.indices(labels.shape, sparse=True), chosen)]
    losses = autograd.where(weights == 0, 0.0, -picked) * weights
    return losses if known(reduction) == "none" else _total(losses.sum(), weights.sum(), reduction)


def cross_entropy(
    input: Any,
    target: Any,
    weight: Any = None,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Tensor:
    """``−Σ weight·target·ln softmax(input)`` over the classes, axis 1 of (N, C, …) (axis 0 of (C,)).

    ``target`` holds class indices, (N, …), or probabilities, shaped like input. ``label_smoothing`` ε mixes them with
    equal shares: ``(1 − ε)·target + ε/C``. For indices ``"mean"`` divides by the sum of the targets' weights, without
    those equal to ``ignore_index``; for probabilities by the number of examples.
    Raises ShapeError or ArgumentError where indices or shapes don't fit.

    >>> logits = np.array([[2.0, 0.0, 0.0], [0.0, 0.0, 2.0]])
    >>> round(cross_entropy(logits, np.array([0, 2])).item(), 6)
    0.239545
    >>> round(cross_entropy(logits, np.array([0, -100]), label_smoothing=0.1).item(), 6)
    0.372878
    """
    known(reduction)
    if not 0 <= label_smoothing <= 1:
        got = f"label_smoothing={label_smoothing}"
        raise ArgumentError("cross_entropy(label_smoothing)", "a share in [0, 1]", got, "0.1 is usual")
    input, target = as_tensor(input), as_tensor(target)
    plain = weight is None and not label_smoothing
    if target.dtype.kind not in "iu":
        if target.shape != input.shape:
            raise _misfit(input, target, "cross_entropy")
        if plain:
            return autograd.cross_entropy(input, floating(target, input), reduction=reduction)
        mixed = _smoothed(floating(target, input), input, label_smoothing)
        if weight is not None:
            mixed = mixed * _along_classes(like(weight, input), input)
        losses = autograd.cross_entropy(input, mixed, reduction="none")
        return reduced(losses, None, reduction)
    labels = target.data
    if labels.shape != input.shape[:1] * (input.ndim > 1) + input.shape[2:]:
        raise _misfit(input, labels, "cross_entropy")
    if plain and not (labels == ignore_index).any():
        return autograd.cross_entropy(input, labels, reduction=reduction)
    weights = _class_weights(input, labels, weight, ignore_index, "cross_entropy")
    axis = 0 if input.ndim == 1 else 1
    hits = np.expand_dims(labels, axis) == _along_classes(np.arange(input.shape[axis]), input)
    mixed = _smoothed(hits.astype(input.dtype), input, label_smoothing)
    if weight is not None:
        mixed = mixed * _along_classes(like(weight, input), input)
    mixed = np.where(np.expand_dims(labels == ignore_index, axis), input.dtype.type(0), mixed)
    total = autograd.cross_entropy(input, mixed, reduction="none" if reduction == "none" else "sum")
    return _total(total, weights.sum(), reduction)


def linear_cross_entropy(
    input: Any,
    linear_weight: Any,
    target: Any,
    *,
    linear_bias: Any = None,
    weight: Any = None,
    reduction: str = "mean",
    ignore_index: int | None = None,
    label_smoothing: float = 0.0,
) -> Tensor:
    """Return the cross-entropy of the logits ``input·linear_weightᵀ + linear_bias``.

    >>> round(linear_cross_entropy([[2.0, 0.0, 0.0]], np.eye(3), np.array([0])).item(), 6)
    0.239545
    """
    logits = autograd.linear(input, linear_weight, linear_bias)
    return cross_entropy(
        logits, target, weight, -100 if ignore_index is None else ignore_index, reduction, label_smoothing
    )


def _weighed(
    loss: Callable[..., Tensor], input: Any, target: Any, reduction: str, weight: Any, **settings: Any
) -> Tensor:
    """Return a loss, its terms multiplied by a weight of their shape if there is one; the mean divides by its sum."""
    target = floating(target, input)
    if weight is None:
        return loss(input, target, reduction=known(reduction), **settings)
    if np.shape(weight) != np.shape(input):
        got = f"input {np.shape(input)}, weight {np.shape(weight)}"
        raise ShapeError("a loss's weight", "one weight for each entry", got, "reshape the weight")
    total = reduced(loss(input, target, reduction="none", **settings), weight, "none" if reduction == "none" else "sum")
    return _total(total, np.sum(as_tensor(weight).data), known(reduction))


def _total(total: Tensor, weight: Any, reduction: str) -> Tensor:
    """Divide by the sum of the weights, if the mean is wanted; where nothing counts it is NaN, as in PyTorch."""
    if reduction != "mean":
        return total
    return total / float(weight) if weight else total + math.nan  # a sum: the gradient stays 0


def _along_classes(values: Any, input: Tensor) -> Any:
    """Reshape one value for each class so that it broadcasts along the input's class axis."""
    return values.reshape((-1,) + (1,) * max(input.ndim - 2, 0))


def _smoothed(target: Any, input: Tensor, label_smoothing: float) -> Any:
    if not label_smoothing:
        return target
    return target * (1 - label_smoothing) + label_smoothing / input.shape[0 if input.ndim == 1 else 1]


def _misfit(input: Tensor, target: Any, where: str) -> ShapeError:
    """Return the error for targets of another shape than their input wants, with what was probably meant."""
    shares, wanted = where == "cross_entropy", input.shape[:1] * (input.ndim > 1) + input.shape[2:]
    remedy = "make the target one index each"
    if target.shape == wanted:
        remedy = "class indices are whole numbers: target.astype(int)"
    elif target.shape == input.shape:
        remedy = "one-hot rows: give target.argmax(1)" + "; or, as probabilities, target.astype(float)" * shares
    elif target.size == math.prod(wanted):
        remedy = f"target.reshape{wanted}"
    expected = "input (N, C, …) and class indices (N, …)" + ", or probabilities like the input" * shares
    return ShapeError(where, expected, f"input {input.shape}, target {target.shape} of {target.dtype}", remedy)


def _class_weights(input: Tensor, labels: Any, weight: Any, ignore_index: int, where: str) -> Any:
    """Return the weight of each target's class, 0 where it is ignored, after checking that all fit."""
    if not input.ndim or labels.shape != input.shape[:1] * (input.ndim > 1) + input.shape[2:]:
        raise _misfit(input, labels, where)
    classes, kept = input.shape[0 if input.ndim == 1 else 1], labels != ignore_index
    if labels.dtype.kind not in "iu" or (kept & ((labels < 0) | (labels >= classes))).any():
        got = f"{labels.dtype} from {labels.min()} to {labels.max()}"
        raise ArgumentError(where, f"class indices in 0..{classes - 1} (or {ignore_index})", got, "count from 0")
    if weight is not None and np.shape(weight) != (classes,):
        raise ShapeError(where, f"one weight for each of {classes} classes", f"{np.shape(weight)}", "check the weight")
    of_class = np.ones(classes, input.dtype) if weight is None else like(weight, input)
    return np.where(kept, of_class[np.where(kept, labels, 0)], input.dtype.type(0))
