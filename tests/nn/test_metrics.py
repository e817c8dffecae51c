"""The numbers are scikit-learn 1.9's for the same arrays, taken once."""

import sys

import numpy as np
import pytest

from autograd import ArgumentError, MissingDependencyError, ShapeError, Tensor
from nn import metrics

rng = np.random.default_rng(0)
TARGET = rng.integers(0, 4, 50)
PREDICTION = np.where(rng.random(50) < 0.6, TARGET, rng.integers(0, 4, 50))
SCORES = np.round(rng.random((50, 4)), 1)  # with ties
VALUES = rng.normal(size=(30, 2))
GUESSES = VALUES + 0.5 * rng.normal(size=(30, 2))


def test_accuracy_of_labels_scores_and_one_hot():
    assert metrics.accuracy(PREDICTION, TARGET) == np.mean(PREDICTION == TARGET)
    assert metrics.accuracy(SCORES, TARGET) == np.mean(SCORES.argmax(axis=1) == TARGET)
    assert metrics.accuracy(SCORES, np.eye(4)[TARGET]) == metrics.accuracy(SCORES, TARGET)
    assert metrics.accuracy(Tensor(SCORES, requires_grad=True), Tensor(TARGET)) == metrics.accuracy(SCORES, TARGET)
    assert metrics.accuracy([[1.0], [0.0]], [[1], [1]]) == 0.5  # a column of labels


SCIKIT_LEARN = [
    ("precision", "macro", 0.7645687645687645),
    ("precision", "micro", 0.76),
    ("precision", "weighted", 0.7992074592074592),
    ("recall", "macro", 0.7748599439775911),
    ("recall", "micro", 0.76),
    ("recall", "weighted", 0.76),
    ("f1", "macro", 0.7533333333333334),
    ("f1", "micro", 0.76),
    ("f1", "weighted", 0.7637333333333334),
]


@pytest.mark.parametrize(("name", "average", "expected"), SCIKIT_LEARN)
def test_averages(name, average, expected):
    assert getattr(metrics, name)(PREDICTION, TARGET, average=average) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(("name", "expected"), [("precision", 6 / 11), ("recall", 2 / 3), ("f1", 0.6)])
def test_binary(name, expected):
    assert getattr(metrics, name)(PREDICTION == 1, TARGET == 1) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("mse", 0.23078871039593374),
        ("rmse", 0.47779921399484204),
        ("mae", 0.3973918578977196),
        ("r2", 0.7406426012860644),
    ],
)
def test_regression(name, expected):
    assert getattr(metrics, name)(GUESSES, VALUES) == pytest.approx(expected, rel=1e-12)


def test_top_k_and_confusion():
    assert [metrics.top_k_accuracy(SCORES, TARGET, k) for k in (1, 2, 3)] == [0.2, 0.48, 0.74]
    expected = [[11, 1, 1, 1], [0, 6, 1, 2], [0, 4, 11, 2], [0, 0, 0, 10]]
    assert metrics.confusion_matrix(PREDICTION, TARGET).tolist() == expected


def test_perfect_and_hopeless():
    assert metrics.accuracy([0, 1], [0, 1]) == metrics.f1([0, 1], [0, 1]) == metrics.r2([0.0, 1.0], [0.0, 1.0]) == 1
    assert metrics.accuracy([1, 0], [0, 1]) == metrics.f1([1, 0], [0, 1]) == 0


def test_top_k():
    assert metrics.top_k_accuracy(SCORES, TARGET, 4) == 1
    assert metrics.top_k_accuracy([[0.5, 0.5, 0.0]], [0], 1) == 0  # of equals the later one counts as larger
    assert metrics.top_k_accuracy([[0.5, 0.5, 0.0]], [1], 1) == 1


def test_a_class_that_never_occurs_gives_0():
    assert metrics.precision([0, 0], [1, 0]) == 0
    assert metrics.recall([1, 0], [0, 0]) == 0
    assert metrics.f1([0, 0], [0, 0]) == 0


def test_another_positive_class():
    assert metrics.precision([0, 0, 1], [0, 1, 1], positive=0) == 0.5


def test_one_value_for_each_class():
    np.testing.assert_allclose(metrics.recall([0, 1, 1, 2], [0, 1, 2, 2], average=None), [1, 1, 0.5])


def test_confusion_matrix_rows_are_true():
    matrix = metrics.confusion_matrix(PREDICTION, TARGET)
    assert matrix[2, 1] == np.sum((TARGET == 2) & (PREDICTION == 1)) != matrix[1, 2]
    assert matrix.sum() == 50
    assert metrics.confusion_matrix([0], [0], num_classes=3).shape == (3, 3)


def test_regression_by_hand():
    assert metrics.mse([0.2, 0.7], [0, 1]) == pytest.approx(0.065)  # course 15
    assert metrics.mae([1.0, 3.0], [0.0, 0.0]) == 2
    assert metrics.rmse([3.0, 4.0], [0.0, 0.0]) == pytest.approx(np.sqrt(12.5))
    assert metrics.r2([1.0, 1.0], [0.0, 2.0]) == 0
    assert metrics.r2([1.0, 1.0], [1.0, 1.0]) == 1
    assert metrics.r2([1.0, 2.0], [1.0, 1.0]) == 0
    assert np.isnan(metrics.r2([1.0], [1.0]))


def test_float32_is_summed_in_float64():
    one = np.full(10**6, 1e-4, np.float32)
    assert metrics.mae(one, np.zeros_like(one)) == pytest.approx(1e-4, rel=1e-7)


@pytest.mark.parametrize("name", ["mse", "rmse", "mae", "r2"])
def test_a_column_and_a_row_are_not_broadcast(name):
    with pytest.raises(ShapeError) as caught:
        getattr(metrics, name)(np.zeros((3, 1)), np.zeros(3))
    assert str(caught.value) == (
        f"in {name}\n"
        "  expected: two arrays of the same shape\n"
        "  got:      (3, 1) and (3,)\n"
        "  to do:    give one prediction for each target"
    )


def test_misuse_is_named():
    with pytest.raises(ArgumentError, match=r"such as 0\.3"):
        metrics.accuracy([0.3, 1.0], [0, 1])
    with pytest.raises(ArgumentError, match="4 classes"):
        metrics.f1(PREDICTION, TARGET)
    with pytest.raises(ArgumentError, match="'most'"):
        metrics.f1([0], [0], average="most")
    with pytest.raises(ShapeError, match=r"\(0,\)"):
        metrics.accuracy([], [])
    with pytest.raises(ArgumentError, match="from 0 to 1"):
        metrics.confusion_matrix([5], [0], num_classes=2)
    with pytest.raises(ShapeError, match=r"\(50, 4\)"):
        metrics.top_k_accuracy(SCORES, TARGET[:3])


def test_the_picture_has_every_count():
    figure = metrics.plot_confusion_matrix([[3, 1], [0, 4]], names=["cat", "dog"])
    (ax,) = figure.axes
    assert [t.get_text() for t in ax.texts] == ["3", "1", "0", "4"]
    assert [t.get_text() for t in ax.get_xticklabels()] == ["cat", "dog"]


def test_without_matplotlib_it_says_so(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(MissingDependencyError, match=r"chaingrad\[plot\]"):
        metrics.plot_confusion_matrix([[1]])
