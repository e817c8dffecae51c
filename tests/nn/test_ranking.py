"""ROC and precision-recall: scikit-learn 1.9's numbers for the same arrays, taken once, and counting pairs."""

import numpy as np
import pytest

import autograd
import nn
from autograd import ArgumentError, ShapeError, Tensor
from nn import metrics

rng = np.random.default_rng(3)
TARGET = rng.integers(0, 2, 40)
SCORES = np.round(rng.normal(size=40) + TARGET, 1)  # with ties
CLASSES = rng.integers(0, 4, 60)
RANKED = rng.random((60, 4)) + 0.6 * np.eye(4)[CLASSES]
RANKED = np.round(RANKED / RANKED.sum(axis=1, keepdims=True), 3)


def pairs(scores, target):
    """Return the chance that a positive outscores a negative, by looking at every pair."""
    difference = scores[target == 1][:, None] - scores[target == 0]
    return np.mean((difference > 0) + 0.5 * (difference == 0))


def test_the_curve_is_scikit_learns():
    false, true, thresholds = metrics.roc_curve(SCORES, TARGET)
    assert (len(false), thresholds[0]) == (20, np.inf)
    np.testing.assert_allclose(false[5:13] * 21, [1, 1, 2, 2, 6, 8, 9, 11])
    np.testing.assert_allclose(true[5:13] * 19, [9, 10, 11, 12, 14, 14, 14, 16])
    assert thresholds[5:13].tolist() == [1.5, 1.2, 1.0, 0.8, 0.6, 0.5, 0.3, 0.1]
    precision, recall, thresholds = metrics.precision_recall_curve(SCORES, TARGET)
    assert (len(precision), precision[-1], recall[-1]) == (28, 1, 0)
    np.testing.assert_allclose(precision[:4], [19 / 40, 18 / 39, 18 / 38, 17 / 37])
    assert thresholds[:4].tolist() == [-1.8, -1.7, -1.5, -1.0]


def test_areas_are_scikit_learns():
    assert metrics.roc_auc(SCORES, TARGET) == pytest.approx(0.7832080200501251, rel=1e-14)
    assert metrics.average_precision(SCORES, TARGET) == pytest.approx(0.8255282612908488, rel=1e-14)


@pytest.mark.parametrize(
    ("average", "roc", "steps"),
    [
        ("macro", 0.970952529631198, 0.9310418521961671),
        ("weighted", 0.9697558857205595, 0.9316228745403943),
        ("micro", 0.9650462962962963, 0.9152243104488588),
        (None, [0.95341615, 0.98871528, 0.98863636, 0.95304233], [0.8564969, 0.96096999, 0.97291667, 0.93378385]),
    ],
)
def test_each_class_against_the_rest(average, roc, steps):
    for target in (CLASSES, np.eye(4)[CLASSES]):
        np.testing.assert_allclose(metrics.roc_auc(RANKED, target, average), roc, rtol=1e-7)
        np.testing.assert_allclose(metrics.average_precision(RANKED, target, average), steps, rtol=1e-7)


def test_the_area_is_the_chance_of_the_right_order():
    assert metrics.roc_auc(SCORES, TARGET) == pytest.approx(pairs(SCORES, TARGET), rel=1e-14)
    assert metrics.roc_auc(-SCORES, TARGET) == pytest.approx(1 - pairs(SCORES, TARGET), rel=1e-14)
    assert metrics.roc_auc([0.1, 0.9], [0, 1]) == metrics.average_precision([0.1, 0.9], [0, 1]) == 1
    assert metrics.roc_auc(np.zeros(4), [0, 1, 0, 1]) == 0.5
    assert metrics.roc_auc(Tensor(SCORES[:, None]), TARGET[:, None]) == metrics.roc_auc(SCORES, TARGET)


def test_another_positive_class():
    false, true, _ = metrics.roc_curve(-SCORES, TARGET, positive=0)
    assert np.trapezoid(true, false) == pytest.approx(pairs(SCORES, TARGET), rel=1e-14)


def test_a_class_without_examples_is_nan():
    assert np.isnan(metrics.roc_auc([0.1, 0.2], [1, 1]))
    assert np.isnan(metrics.roc_auc([0.1, 0.2], [0, 0]))
    assert metrics.average_precision([0.1, 0.2], [0, 0]) == 0
    assert np.isnan(metrics.roc_auc(np.eye(3)[[0, 1]], [0, 1], average=None)).tolist() == [False, False, True]


def test_fit_takes_them():
    autograd.seed(0)
    model, x = nn.Linear(1, 1), SCORES[:, None]
    history = nn.fit(
        model, (x, TARGET[:, None].astype(float)), loss=nn.BCEWithLogitsLoss(), epochs=20, metrics=[metrics.roc_auc],
        optimizer=lambda p: nn.optim.Adam(p, lr=0.1), rng=0,
    )  # fmt: skip
    assert history["roc_auc"][-1] == pytest.approx(pairs(SCORES, TARGET), abs=0.02)


@pytest.mark.parametrize(
    ("call", "kind", "words"),
    [
        (lambda: metrics.roc_auc([0.5, np.nan], [0, 1]), ArgumentError, "NaN"),
        (lambda: metrics.roc_auc([0.5], [0, 1]), ShapeError, r"\(1,\) and \(2,\)"),
        (lambda: metrics.roc_auc([], []), ShapeError, "scores"),
        (lambda: metrics.roc_auc(RANKED, CLASSES[:3]), ShapeError, r"\(60, 4\)"),
        (lambda: metrics.average_precision(RANKED, CLASSES, "most"), ArgumentError, "'most'"),
        (lambda: metrics.roc_curve(RANKED, RANKED > 0.5), ShapeError, r"scores \(n,\)"),
    ],
)
def test_misuse_is_named(call, kind, words):
    with pytest.raises(kind, match=words):
        call()
