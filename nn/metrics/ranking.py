"""How well scores put the right class first, whatever the threshold: ROC and precision-recall, by scikit-learn."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd import ArgumentError
from nn.data.dataset import plain
from nn.metrics.classification import misfit

Curve = tuple[Any, Any, Any]


def roc_curve(scores: Any, target: Any, *, positive: Any = 1) -> Curve:
    """Return false-positive rates, true-positive rates and the thresholds between them, highest first.

    scores: (n,), larger where ``positive`` is likelier (logits or probabilities); target: labels (n,). Points on a
    straight line are left out. A rate among no examples is NaN.

    >>> roc_curve([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1])
    (array([0. , 0. , 0.5, 0.5, 1. ]), array([0. , 0.5, 0.5, 1. , 1. ]), array([ inf, 0.8 , 0.4 , 0.35, 0.1 ]))

    Raises ShapeError for shapes that don't fit, ArgumentError for scores that are NaN.
    """
    false, true, thresholds = _counts(scores, target, positive, "roc_curve")
    corner = np.ones(len(true), bool)
    corner[1:-1] = (np.diff(false, 2) != 0) | (np.diff(true, 2) != 0)
    false, true = (np.concatenate([[0.0], counts[corner]]) for counts in (false, true))
    return _share(false), _share(true), np.concatenate([[np.inf], thresholds[corner]])


def roc_auc(scores: Any, target: Any, average: str | None = "macro") -> Any:
    """Return the area under the ROC curve: the chance that a positive example outscores a negative one, ties half.

    scores: (n,) or (n, 1) for labels 0 and 1; or (n, classes), each class against the rest, for labels (n,) or
    one-hot rows. average: "macro" (the classes' mean), "weighted" (by how often each occurs), "micro" (all entries as
    one problem) or None (an array). A class that never or always occurs gives NaN.

    >>> roc_auc([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1])
    0.75
    """
    return _averaged(_area, scores, target, average, "roc_auc")


def precision_recall_curve(scores: Any, target: Any, *, positive: Any = 1) -> Curve:
    """Return precisions, recalls and thresholds, lowest first; the last point is (1, 0), without a threshold.

    Arguments and errors as in :func:`roc_curve`.

    >>> precision, recall, thresholds = precision_recall_curve([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1])
    >>> recall
    array([1. , 1. , 0.5, 0.5, 0. ])
    """
    false, true, thresholds = _counts(scores, target, positive, "precision_recall_curve")
    recall = true / true[-1] if true[-1] else np.ones(len(true))
    return np.append((true / (true + false))[::-1], 1.0), np.append(recall[::-1], 0.0), thresholds[::-1]


def average_precision(scores: Any, target: Any, average: str | None = "macro") -> Any:
    """Return ``Σ (Rₙ − Rₙ₋₁)·Pₙ``, the area under the steps of the precision-recall curve; arguments as ``roc_auc``.

    >>> average_precision([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1])
    0.8333333333333333
    """
    return _averaged(_steps, scores, target, average, "average_precision")


def _area(scores: Any, target: Any) -> float:
    x, y, _ = roc_curve(scores, target)
    return float(np.trapezoid(y, x))


def _steps(scores: Any, target: Any) -> float:
    precision, recall, _ = precision_recall_curve(scores, target)
    return max(0.0, float(-np.sum(np.diff(recall) * precision[:-1])))


def _counts(scores: Any, target: Any, positive: Any, who: str) -> Curve:
    """Return how many negatives and positives score at least each threshold, and the thresholds, highest first."""
    scores, target = plain(scores), plain(target)
    if scores.shape != target.shape or not scores.size or scores.ndim > 2 or scores.size != len(scores):
        misfit(who, "scores (n,) and labels (n,)", scores, target)
    scores, hit = scores.ravel().astype(np.float64), target.ravel() == positive
    if np.isnan(scores).any():
        raise ArgumentError(who, "scores that are numbers", "NaN", "look for where the model's outputs become NaN")
    order = np.argsort(-scores, kind="stable")
    scores, true = scores[order], np.cumsum(hit[order], dtype=np.float64)
    last = np.append(np.flatnonzero(np.diff(scores)), len(scores) - 1)  # of each group of equal scores
    return 1.0 + last - true[last], true[last], scores[last]


def _share(counts: Any) -> Any:
    return counts / counts[-1] if counts[-1] else np.full(len(counts), np.nan)


def _averaged(measure: Callable[[Any, Any], float], scores: Any, target: Any, average: str | None, who: str) -> Any:
    scores, target = plain(scores), plain(target)
    if average not in ("macro", "weighted", "micro", None):
        raise ArgumentError(who, 'average "macro", "weighted", "micro" or None', f"{average!r}", "pick one")
    if scores.ndim < 2 or scores.shape[1] == 1:
        return measure(scores, target)
    hit = target if target.shape == scores.shape else target[..., None] == np.arange(scores.shape[1])
    if hit.shape != scores.shape:
        misfit(who, "scores (n, classes), and labels (n,)", scores, target)
    if average == "micro":
        return measure(scores.ravel(), hit.ravel())
    each = np.array([measure(s, h) for s, h in zip(scores.T, hit.T, strict=True)])
    if average is None:
        return each
    return float(np.average(each, weights=hit.sum(axis=0) if average == "weighted" else None))
