"""How good predicted labels are: counts of hits and misses, with scikit-learn's numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import ArgumentError, ShapeError
from nn.data.dataset import plain


def accuracy(prediction: Any, target: Any) -> float:
    """Return the share of right predictions.

    prediction: labels (n,), or scores (n, classes), whose largest counts; target: labels (n,), or rows of one-hot.

    >>> accuracy([[0.1, 0.9], [0.8, 0.2]], [1, 1])
    0.5

    Raises ShapeError for shapes that don't fit, ArgumentError for numbers that are neither labels nor scores.
    """
    predicted, true = _labels(prediction, target, "accuracy")
    return float(np.mean(predicted == true))


def top_k_accuracy(scores: Any, target: Any, k: int = 5) -> float:
    """Return the share of examples whose label is among the k largest scores.

    scores: (n, classes); target: labels (n,). Of equal scores the later class counts as larger, as in scikit-learn.

    >>> top_k_accuracy([[0.2, 0.3, 0.5], [0.6, 0.3, 0.1]], [1, 2], k=2)
    0.5
    """
    scores, target = plain(scores), plain(target)
    if scores.ndim != 2 or target.shape != scores.shape[:1]:
        misfit("top_k_accuracy", "scores (n, classes) and labels (n,)", scores, target)
    best = np.argsort(scores, axis=1, kind="stable")[:, ::-1][:, :k]
    return float(np.mean((best == target[:, None]).any(axis=1)))


def precision(prediction: Any, target: Any, average: str | None = "binary", *, positive: Any = 1) -> Any:
    """Return TP / (TP + FP), 0 where nothing was predicted.

    average: "binary" (of the class ``positive``), "macro" (the classes' mean), "micro" (all counts together),
    "weighted" (by how often each class is true) or None (an array, one for each class that occurs).

    >>> precision([1, 1, 0, 1], [1, 0, 0, 1])
    0.6666666666666666
    """
    return _scores(prediction, target, average, positive, "precision")[0]


def recall(prediction: Any, target: Any, average: str | None = "binary", *, positive: Any = 1) -> Any:
    """Return TP / (TP + FN), 0 where the class never occurs; ``average`` as in :func:`precision`.

    >>> recall([1, 1, 0, 0], [1, 0, 1, 1])
    0.3333333333333333
    """
    return _scores(prediction, target, average, positive, "recall")[1]


def f1(prediction: Any, target: Any, average: str | None = "binary", *, positive: Any = 1) -> Any:
    """Return 2·TP / (2·TP + FP + FN), the harmonic mean of precision and recall; ``average`` as in :func:`precision`.

    >>> f1([1, 1, 0, 1], [1, 0, 0, 1])
    0.8
    """
    return _scores(prediction, target, average, positive, "f1")[2]


def confusion_matrix(prediction: Any, target: Any, num_classes: int | None = None) -> Any:
    """Return counts (classes, classes): rows are true labels, columns predicted ones, numbered from 0.

    >>> confusion_matrix([0, 1, 1], [0, 0, 1])
    array([[1, 1],
           [0, 1]])

    Raises ArgumentError for labels that aren't 0, 1, …, num_classes − 1.
    """
    predicted, true = _labels(prediction, target, "confusion_matrix")
    pair = np.stack([true, predicted])
    n = num_classes or int(pair.max(initial=-1)) + 1
    if pair.dtype.kind not in "iub" or (pair.size and not 0 <= pair.min() <= pair.max() < n):
        got = f"{pair.dtype} from {pair.min()} to {pair.max()}"
        raise ArgumentError("confusion_matrix", f"labels from 0 to {n - 1}", got, "number the classes from 0")
    return np.bincount(true.astype(np.intp) * n + predicted, minlength=n * n).reshape(n, n)


def _scores(prediction: Any, target: Any, average: str | None, positive: Any, who: str) -> tuple[Any, Any, Any]:
    """Return precision, recall and F1 from the counts of each class."""
    predicted, true = _labels(prediction, target, who)
    classes = np.unique(np.concatenate([predicted, true]))
    if average not in ("binary", "macro", "micro", "weighted", None):
        raise ArgumentError(who, 'average "binary", "macro", "micro", "weighted" or None', f"{average!r}", "pick one")
    if average == "binary":
        if len(classes) > 2:
            got = f"{len(classes)} classes"
            raise ArgumentError(who, "two classes for average='binary'", got, 'pass average="macro" or another')
        classes = np.array([positive])
    hits = np.array([np.sum((predicted == c) & (true == c)) for c in classes], dtype=float)
    called, support = (np.array([np.sum(a == c) for c in classes], dtype=float) for a in (predicted, true))
    if average == "micro":
        hits, called, support = hits.sum(keepdims=True), called.sum(keepdims=True), support.sum(keepdims=True)
    every = _ratio(hits, called), _ratio(hits, support), _ratio(2 * hits, called + support)
    if average is None:
        return every
    weights = support if average == "weighted" and support.sum() else None
    return tuple(float(np.average(values, weights=weights)) for values in every)  # type: ignore[return-value]


def _ratio(above: Any, below: Any) -> Any:
    return np.where(below > 0, above / np.where(below > 0, below, 1), 0.0)


def _labels(prediction: Any, target: Any, who: str) -> tuple[Any, Any]:
    """Return two arrays of labels (n,), of scores and one-hot rows the place of their largest."""
    predicted, true = plain(prediction), plain(target)
    if predicted.ndim == 2 and predicted.shape[1] > 1:
        if true.shape == predicted.shape:
            true = true.argmax(axis=1)
        predicted = predicted.argmax(axis=1)
    if predicted.shape != true.shape or not predicted.size:
        misfit(who, "labels (n,) or scores (n, classes), and labels (n,)", plain(prediction), plain(target))
    for labels in (predicted, true):
        if labels.dtype.kind == "f" and not np.array_equal(labels, np.rint(labels)):
            raise ArgumentError(
                who, "labels", f"numbers between them, such as {labels[labels != np.rint(labels)][0]:g}",
                "compare first: logits > 0, or probabilities > 0.5",
            )  # fmt: skip
    return predicted.ravel(), true.ravel()


def misfit(who: str, expected: str, prediction: Any, target: Any) -> None:
    """Refuse predictions and targets whose shapes don't fit."""
    raise ShapeError(who, expected, f"{prediction.shape} and {target.shape}", "give one prediction for each target")
