"""Losses that are 0 once a score is right by a margin: hinges, rankings, distances."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import autograd
from autograd import ArgumentError, ShapeError, Tensor, as_tensor
from nn.functional.activation import logsigmoid
from nn.functional.distance import pairwise_distance
from nn.functional.reduction import known, like, reduced, together


def _positive(x: Any) -> Tensor:
    """Return max(x, 0), whose derivative at 0 is 1, as in PyTorch's losses."""
    return autograd.clip(x, min=0)


def hinge_loss(input: Any, target: Any, margin: float = 1.0, reduction: str = "mean") -> Tensor:
    """``max(0, margin − target·input)`` for scores and targets of −1 and 1: the support vector machine's loss.

    Source: Cortes and Vapnik, Support-Vector Networks (1995).

    >>> hinge_loss([0.5, 2.0, -1.0], [1, 1, 1], reduction="none").tolist()
    [0.5, 0.0, 2.0]
    """
    input, target = together("hinge_loss(input, target)", input, target)
    return reduced(_positive(margin - target * input), None, reduction)


def hinge_embedding_loss(input: Any, target: Any, margin: float = 1.0, reduction: str = "mean") -> Tensor:
    """``input`` where the target is 1, ``max(0, margin − input)`` where it is −1, for distances.

    >>> hinge_embedding_loss([0.25, 0.25], [1, -1], reduction="none").tolist()
    [0.25, 0.75]
    """
    input, target = together("hinge_embedding_loss(input, target)", input, target)
    near = autograd.where(target.data == -1, 0.0, input)
    far = autograd.where(target.data == 1, 0.0, _positive(margin - input))
    return reduced(near + far, None, reduction)


def soft_margin_loss(input: Any, target: Any, reduction: str = "mean") -> Tensor:
    """``ln(1 + exp(−target·input))`` for targets of −1 and 1, stable at any score.

    >>> round(soft_margin_loss([0.0], [1]).item(), 6)
    0.693147
    """
    input, target = together("soft_margin_loss(input, target)", input, target)
    return reduced(autograd.softplus(-target * input), None, reduction)


def margin_ranking_loss(input1: Any, input2: Any, target: Any, margin: float = 0.0, reduction: str = "mean") -> Tensor:
    """``max(0, margin − target·(input1 − input2))``: target 1 wants the first ranked higher, −1 the second.

    >>> margin_ranking_loss([1.0, 1.0], [3.0, 3.0], [1, -1], reduction="none").tolist()
    [2.0, 0.0]
    """
    first, second, target = together("margin_ranking_loss(input1, input2, target)", input1, input2, target)
    return reduced(_positive(-target * (first - second) + margin), None, reduction)


def triplet_margin_loss(
    anchor: Any,
    positive: Any,
    negative: Any,
    margin: float = 1.0,
    p: float = 2,
    eps: float = 1e-6,
    swap: bool = False,
    reduction: str = "mean",
) -> Tensor:
    """``max(0, margin + d(anchor, positive) − d(anchor, negative))`` with the p-norm's distance of the last axis.

    ``swap`` takes the negative's distance from the positive where that is smaller.
    Source: Balntas and others, Learning local feature descriptors with triplets (2016).

    >>> round(triplet_margin_loss([[0.0, 0.0]], [[3.0, 4.0]], [[0.0, 2.0]]).item(), 4)
    4.0
    """
    return triplet_margin_with_distance_loss(
        anchor,
        positive,
        negative,
        distance_function=lambda a, b: pairwise_distance(a, b, p, eps),
        margin=margin,
        swap=swap,
        reduction=reduction,
    )


def triplet_margin_with_distance_loss(
    anchor: Any,
    positive: Any,
    negative: Any,
    *,
    distance_function: Callable[[Tensor, Tensor], Tensor] | None = None,
    margin: float = 1.0,
    swap: bool = False,
    reduction: str = "mean",
) -> Tensor:
    """Return the triplet margin loss with any distance of two tensors (None: ``pairwise_distance``).

    >>> distance = lambda a, b: abs(a - b).sum(-1)
    >>> triplet_margin_with_distance_loss([[0.0]], [[3.0]], [[2.0]], distance_function=distance).item()
    2.0
    """
    if not margin > 0:
        raise ArgumentError("triplet_margin_loss(margin)", "margin > 0", f"margin={margin}", "1.0 is usual")
    a, near, far = together("triplet_margin_loss(anchor, positive, negative)", anchor, positive, negative)
    distance = distance_function or pairwise_distance
    to_far = distance(a, far)
    if swap:
        to_far = autograd.minimum(to_far, distance(near, far))
    return reduced(_positive(margin + distance(a, near) - to_far), None, reduction)


def cosine_embedding_loss(
    input1: Any, input2: Any, target: Any, margin: float = 0.0, reduction: str = "mean"
) -> Tensor:
    """``1 − cos`` of the vectors' angle where the target is 1, ``max(0, cos − margin)`` where it is −1.

    Takes two of (N, D) with targets (N,), or two of (D,) with one target. Raises ShapeError otherwise.

    >>> cosine_embedding_loss([[1.0, 0.0]], [[0.0, 2.0]], [1]).item()
    1.0
    """
    where = "cosine_embedding_loss(input1, input2, target)"
    (first, second), sign = together(where, input1, input2), as_tensor(target).data
    if first.ndim not in (1, 2) or sign.shape != first.shape[:-1]:
        got = f"inputs {first.shape}, target {sign.shape}"
        raise ShapeError(where, "inputs (N, D) and target (N,), or (D,) and ()", got, "give one target for each pair")
    product = (first * second).sum(axis=-1)
    squares = ((first * first).sum(axis=-1) + 1e-12) * ((second * second).sum(axis=-1) + 1e-12)
    cosine = product / squares.sqrt()
    near = autograd.where(sign == 1, 1 - cosine, 0.0)
    far = autograd.where(sign == -1, _positive(cosine - margin), 0.0)
    return reduced(near + far, None, reduction)


def multi_margin_loss(
    input: Any, target: Any, p: int = 1, margin: float = 1.0, weight: Any = None, reduction: str = "mean"
) -> Tensor:
    """Return several classes' hinge loss ``Σ max(0, weight[y]·(margin − x[y] + x[i])ᵖ)/C`` over the classes i ≠ y.

    Takes scores (N, C) or (C,) and class indices (N,) or (); ``p`` is 1 or 2.
    Raises ShapeError or ArgumentError where indices don't fit. Source: Crammer and Singer (2001).

    >>> round(multi_margin_loss([0.1, 0.2, 0.4, 0.8], np.array(3)).item(), 6)
    0.325
    """
    where = "multi_margin_loss(input, target)"
    x, labels = as_tensor(input), np.asarray(as_tensor(target).data)
    if p not in (1, 2):
        raise ArgumentError(f"{where[:-1]}, p)", "p = 1 or 2", f"p={p}", "1 is usual, 2 squares each hinge")
    if x.ndim not in (1, 2) or labels.shape != x.shape[:-1]:
        got = f"input {x.shape}, target {labels.shape}"
        raise ShapeError(where, "input (N, C) and class indices (N,)", got, "give one index for each example")
    own = _at_labels(labels, x.shape[-1], where).astype(x.dtype)
    if weight is not None and np.shape(weight) != x.shape[-1:]:
        raise ShapeError(where, f"one weight for each of {x.shape[-1]} classes", f"{np.shape(weight)}", "check them")
    true = (x * own).sum(axis=-1, keepdims=True)
    hinges = autograd.relu(margin - true + x)
    each = hinges if p == 1 else hinges * hinges
    scale = (1 - own) / x.shape[-1]
    if weight is not None:
        scale = scale * like(weight, x)[labels][..., None]
    return reduced((each * scale).sum(axis=-1), None, reduction)


def multilabel_margin_loss(input: Any, target: Any, reduction: str = "mean") -> Tensor:
    """``Σ max(0, 1 − (x[j] − x[i]))/C`` over the labels j of an example and all classes i that are none.

    ``target`` is shaped like the scores, (N, C) or (C,): an example's labels, ended by −1.
    Raises ShapeError or ArgumentError where labels don't fit.

    >>> round(multilabel_margin_loss([0.1, 0.2, 0.4, 0.8], np.array([3, 0, -1, 1])).item(), 6)
    0.85
    """
    where = "multilabel_margin_loss(input, target)"
    x, labels = as_tensor(input), np.asarray(as_tensor(target).data)
    if x.ndim not in (1, 2) or labels.shape != x.shape:
        got = f"input {x.shape}, target {labels.shape}"
        raise ShapeError(where, "scores and labels of one shape, (N, C) or (C,)", got, "fill the labels up with −1")
    listed = np.logical_and.accumulate(labels >= 0, axis=-1)
    taken = _at_labels(np.where(listed, labels, 0), x.shape[-1], where) * listed[..., None]
    times = taken.sum(axis=-2)  # a label that stands there twice counts twice, as in PyTorch
    pairs = times[..., :, None] * (times == 0)[..., None, :] / x.dtype.type(x.shape[-1])
    hinges = autograd.relu(1 - (x[..., :, None] - x[..., None, :]))
    return reduced((hinges * pairs.astype(x.dtype)).sum(axis=(-2, -1)), None, reduction)


def multilabel_soft_margin_loss(input: Any, target: Any, weight: Any = None, reduction: str = "mean") -> Tensor:
    """Return the mean over the classes of ``−weight·(y·ln σ(x) + (1 − y)·ln σ(−x))``, for truths y of 0 and 1.

    >>> round(multilabel_soft_margin_loss([[0.0, 0.0]], [[1.0, 0.0]]).item(), 6)
    0.693147
    """
    x, y = together("multilabel_soft_margin_loss(input, target)", input, target)
    losses = reduced(-(y * logsigmoid(x) + (1 - y) * logsigmoid(-x)), weight, "none")
    return reduced(losses.mean(axis=-1), None, known(reduction))


def _at_labels(labels: Any, classes: int, where: str) -> Any:
    """Return 1 at each label's class and 0 elsewhere, along a new last axis."""
    if labels.dtype.kind not in "iu" or (labels.size and not 0 <= labels.min() <= labels.max() < classes):
        got = f"{labels.dtype} from {labels.min()} to {labels.max()}"
        raise ArgumentError(where, f"class indices in 0..{classes - 1}", got, "count from 0")
    return (labels[..., None] == np.arange(classes)).astype(np.int64)
