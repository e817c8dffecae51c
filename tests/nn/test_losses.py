"""Every loss against sums written out term by term, its gradient against differences, and its refusals."""

from __future__ import annotations

import inspect
import math
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import nn
from autograd import ArgumentError, ShapeError, Tensor, gradcheck
from nn import functional
from nn.losses import losses

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(4, 3)), RNG.normal(size=(4, 3))
P, Q = RNG.uniform(0.1, 0.9, size=(4, 3)), RNG.uniform(0.1, 0.9, size=(4, 3))
LABELS, IMAGE_LABELS = np.array([2, 0, 1, 2]), np.array([[1, 0], [2, 1], [0, -100], [2, 2]])
IMAGE = RNG.normal(size=(4, 3, 2))
CLASS_WEIGHT, ENTRY_WEIGHT, POSITIVE = np.array([0.5, 2.0, 1.5]), RNG.uniform(size=(4, 3)), np.array([3.0, 0.5, 1.0])
SHARES = Q / Q.sum(axis=1, keepdims=True)


def logarithms(x: Any) -> Any:
    return x - np.log(np.exp(x).sum(axis=1, keepdims=True))


# Each reference gives a list of (loss, weight in the mean) of the single terms, and the shape of reduction="none".

Terms = tuple[list[tuple[float, float]], tuple[int, ...]]


def entrywise(term: Any) -> Any:
    def reference(x: Any, y: Any, **settings: Any) -> Terms:
        settings = {k: np.broadcast_to(v, x.shape) for k, v in settings.items()}
        each = [term(x[i], y[i], **{k: v[i] for k, v in settings.items()}) for i in np.ndindex(x.shape)]
        return [(loss, 1.0) for loss in each], x.shape

    return reference


def of_classes(x: Any, target: Any, weight: Any, ignore_index: int, label_smoothing: float, logs: bool) -> Terms:
    terms = []
    classes = x.shape[1]
    weight = np.ones(classes) if weight is None else weight
    shape = (x.shape[0], *x.shape[2:])
    for place in np.ndindex(shape):
        row = x[(place[0], slice(None), *place[1:])]
        row = row if logs else [v - math.log(sum(map(math.exp, row))) for v in row]
        if target.dtype.kind == "f":
            shares, share = target[(place[0], slice(None), *place[1:])], 1.0
        else:
            label = target[place]
            shares = [float(c == label) for c in range(classes)]
            share = 0.0 if label == ignore_index else weight[label]
        loss = 0.0
        for c in range(classes):
            mixed = (1 - label_smoothing) * shares[c] + label_smoothing / classes
            loss -= weight[c] * mixed * row[c]
        terms.append((loss if share else 0.0, share))
    return terms, shape


def cross_entropy(x: Any, t: Any, weight: Any = None, ignore_index: int = -100, label_smoothing: float = 0.0) -> Terms:
    return of_classes(x, t, weight, ignore_index, label_smoothing, logs=False)


def nll(x: Any, t: Any, weight: Any = None, ignore_index: int = -100) -> Terms:
    return of_classes(x, t, weight, ignore_index, 0.0, logs=True)


def bce(p: float, y: float, weight: float = 1.0) -> float:
    return -weight * (y * max(math.log(p), -100) + (1 - y) * max(math.log(1 - p), -100))


def bce_with_logits(x: float, y: float, weight: float = 1.0, pos_weight: float = 1.0) -> float:
    p = 1 / (1 + math.exp(-x))
    return -weight * (pos_weight * y * math.log(p) + (1 - y) * math.log(1 - p))


def huber(x: float, y: float, delta: float = 1.0) -> float:
    d = abs(x - y)
    return d * d / 2 if d <= delta else delta * (d - delta / 2)


def smooth_l1(x: float, y: float, beta: float = 1.0) -> float:
    d = abs(x - y)
    return d * d / (2 * beta) if d < beta else d - beta / 2


def kl_div(x: float, t: float, log_target: bool = False) -> float:
    return math.exp(t) * (t - x) if log_target else t * (math.log(t) - x)


CASES: dict[str, tuple[Any, list[tuple[Any, Any, dict[str, Any]]]]] = {
    "L1Loss": (entrywise(lambda x, y: abs(x - y)), [(X, Y, {})]),
    "MSELoss": (entrywise(lambda x, y: (x - y) ** 2), [(X, Y, {})]),
    "SmoothL1Loss": (entrywise(smooth_l1), [(X, Y, {}), (X, Y, {"beta": 0.3}), (X, Y, {"beta": 0.0})]),
    "HuberLoss": (entrywise(huber), [(X, Y, {}), (X, Y, {"delta": 0.3}), (X, Y, {"delta": 2.5})]),
    "BCELoss": (entrywise(bce), [(P, Q, {}), (P, Q, {"weight": ENTRY_WEIGHT}), (P, Q, {"weight": POSITIVE})]),
    "BCEWithLogitsLoss": (
        entrywise(bce_with_logits),
        [
            (X, Q, {}),
            (X, Q, {"weight": ENTRY_WEIGHT}),
            (X, Q, {"pos_weight": POSITIVE}),
            (X, Q, {"weight": ENTRY_WEIGHT, "pos_weight": POSITIVE}),
        ],
    ),
    "HingeLoss": (
        entrywise(lambda x, y, margin=1.0: max(0.0, margin - x * y)),
        [(X, np.sign(Y), {}), (X, np.sign(Y), {"margin": 0.3})],
    ),
    "CrossEntropyLoss": (
        cross_entropy,
        [
            (X, LABELS, {}),
            (X, LABELS, {"weight": CLASS_WEIGHT}),
            (X, LABELS, {"ignore_index": 2}),
            (X, LABELS, {"label_smoothing": 0.2}),
            (X, LABELS, {"weight": CLASS_WEIGHT, "ignore_index": 0, "label_smoothing": 0.2}),
            (IMAGE, IMAGE_LABELS, {}),
            (IMAGE, IMAGE_LABELS, {"weight": CLASS_WEIGHT, "label_smoothing": 0.1}),
            (X, SHARES, {}),
            (X, SHARES, {"weight": CLASS_WEIGHT, "label_smoothing": 0.2}),
        ],
    ),
    "NLLLoss": (
        nll,
        [
            (logarithms(X), LABELS, {}),
            (logarithms(X), LABELS, {"weight": CLASS_WEIGHT, "ignore_index": 0}),
            (logarithms(IMAGE), IMAGE_LABELS, {"weight": CLASS_WEIGHT}),
        ],
    ),
    "KLDivLoss": (entrywise(kl_div), [(np.log(P), Q, {}), (np.log(P), np.log(Q), {"log_target": True})]),
}
EVERY = [(name, *case) for name, (_, cases) in CASES.items() for case in cases]
every_case = pytest.mark.parametrize(
    ("name", "x", "target", "settings"), EVERY, ids=[f"{n}-{i}" for i, (n, *_) in enumerate(EVERY)]
)


def reduced(name: str, reduction: str, x: Any, target: Any, settings: Any) -> Any:
    if settings.get("beta") == 0.0:
        name, settings = "L1Loss", {}
    terms, shape = CASES[name][0](x, target, **settings)
    values = np.array([loss for loss, _ in terms])
    total = sum(weight for _, weight in terms)
    if name == "CrossEntropyLoss" and target.dtype.kind == "f":
        total = len(terms)
    return {
        "none": values.reshape(shape),
        "sum": values.sum(),
        "mean": values.sum() / total,
        "batchmean": values.sum() / len(x),
    }[reduction]


def test_every_loss_is_tried_with_every_argument() -> None:
    for name, (_, cases) in CASES.items():
        arguments = set(inspect.signature(losses[name]).parameters) - {"reduction"}
        assert arguments == {k for *_, settings in cases for k in settings}
        assert getattr(nn, name) is losses[name]


@pytest.mark.parametrize("reduction", ["none", "mean", "sum", "batchmean"])
@every_case
def test_value(name: str, x: Any, target: Any, settings: Any, reduction: str) -> None:
    if reduction == "batchmean" and name != "KLDivLoss":
        with pytest.raises(ArgumentError, match="one of 'none', 'mean', 'sum'"):
            losses[name](reduction=reduction, **settings)(x, target)
        return
    found = losses[name](reduction=reduction, **settings)(x, target)
    assert_allclose(found.numpy(), reduced(name, reduction, x, target, settings), rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("reduction", ["none", "mean", "sum"])
@every_case
def test_gradient(name: str, x: Any, target: Any, settings: Any, reduction: str) -> None:
    loss = losses[name](reduction=reduction, **settings)
    if target.dtype.kind == "f":
        assert gradcheck(loss, x, target)
    else:
        assert gradcheck(lambda x: loss(x, target), x)


@every_case
def test_float32_stays_float32(name: str, x: Any, target: Any, settings: Any) -> None:
    """Weights given in float64 don't raise the loss's dtype; labels as whole numbers or truths don't either."""
    leaf = Tensor(x.astype(np.float32), requires_grad=True)
    small = target.astype(np.float32) if target.dtype.kind == "f" else target
    given_as = [small, small > 0.5, (small > 0.5).astype(int)] if small.shape == x.shape else [small]
    for given in given_as[:2] if name == "CrossEntropyLoss" else given_as:  # whole numbers are class indices there
        value = losses[name](**settings)(leaf, given)
        assert value.dtype == np.float32
        value.backward()
    assert leaf.grad is not None


@pytest.mark.parametrize("name", [n for n, (_, cases) in CASES.items() if cases[0][0].shape == cases[0][1].shape])
def test_a_loss_never_broadcasts(name: str) -> None:
    with pytest.raises(ShapeError) as caught:
        losses[name]()(np.full((3, 1), 0.5), np.full(3, 0.5))
    assert "a loss never broadcasts" in str(caught.value)
    assert caught.value.remedy == "give both one shape: target.reshape(3, 1)"


def test_the_error_names_what_was_compared() -> None:
    with pytest.raises(ShapeError) as caught:
        nn.MSELoss()(Tensor(np.ones((3, 1)), name="prediction"), Tensor(np.ones(3), name="price"))
    assert str(caught.value) == (
        "in mse(input, target)\n"
        "  expected: input and target of the same shape\n"
        "  got:      input 'prediction' (3, 1) float64, target 'price' (3,) float64"
        " ((3, 1) and (3,) differ; a loss never broadcasts)\n"
        "  to do:    give both one shape: target.reshape(3, 1)"
    )


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: functional.binary_cross_entropy([1.5], [1.0]), ShapeError, "input lies in 0..1, not 1.5..1.5"),
        (lambda: functional.binary_cross_entropy([0.5], [-1.0]), ShapeError, r"target lies in 0..1, not -1.0..-1.0"),
        (lambda: functional.binary_cross_entropy([0.5], [2.0]), ShapeError, "both within 0..1"),
        (lambda: functional.binary_cross_entropy([0.5], [1.0], weight=np.ones((2, 1))), ShapeError, "a loss's weight"),
        (lambda: functional.huber_loss([0.5], [1.0], delta=0.0), ArgumentError, "delta > 0"),
        (lambda: functional.smooth_l1_loss([0.5], [1.0], beta=-1.0), ArgumentError, "beta ≥ 0"),
        (lambda: functional.cross_entropy(X, LABELS, label_smoothing=1.5), ArgumentError, r"a share in \[0, 1\]"),
        (lambda: functional.cross_entropy(X, LABELS[:2]), ShapeError, "class indices \\(N"),
        (lambda: functional.cross_entropy(X, LABELS + 1), ShapeError, "class indices lie in 0..2"),
        (lambda: functional.cross_entropy(X, LABELS + 1, weight=CLASS_WEIGHT), ArgumentError, "class indices in 0..2"),
        (lambda: functional.cross_entropy(X, LABELS, weight=[1.0, 2.0]), ShapeError, "one weight for each of 3"),
        (lambda: functional.cross_entropy(X, SHARES.T), ShapeError, "probabilities like the input"),
        (lambda: functional.nll_loss(X, LABELS[:2]), ShapeError, "class indices"),
        (lambda: functional.nll_loss(X, LABELS - 1), ArgumentError, "class indices in 0..2"),
        (lambda: functional.nll_loss(X, LABELS * 1.0), ArgumentError, "class indices in 0..2"),
    ],
)
def test_refusals(call: Any, error: Any, words: str) -> None:
    with pytest.raises(error, match=words):
        call()


# Extremes


def test_bce_stops_its_logs_at_minus_100() -> None:
    p = Tensor([0.0, 1.0, 0.0, 1.0], requires_grad=True)
    found = functional.binary_cross_entropy(p, [0.0, 1.0, 1.0, 0.0], reduction="none")
    assert_array_equal(found.numpy(), [0.0, 0.0, 100.0, 100.0])
    found.backward(np.ones(4))
    assert_allclose(p.grad.numpy(), [0.0, 0.0, -1e12, 1e12])


def test_bce_with_logits_is_exact_where_probabilities_round() -> None:
    x = Tensor([100.0, -100.0, 1000.0, -1000.0], requires_grad=True)
    found = functional.binary_cross_entropy_with_logits(x, [1.0, 0.0, 0.0, 1.0], reduction="none")
    assert_allclose(found.numpy(), [math.exp(-100), math.exp(-100), 1000.0, 1000.0], rtol=1e-12)
    found.backward(np.ones(4))
    gradient = [0.0, math.exp(-100) / (1 + math.exp(-100)), 1.0, -1.0]
    assert_allclose(x.grad.numpy(), gradient, rtol=1e-15)
    weighted = functional.binary_cross_entropy_with_logits(
        [100.0, -100.0], [1.0, 0.0], reduction="none", pos_weight=2.0
    )
    assert_allclose(weighted.numpy(), [2 * math.exp(-100), math.exp(-100)], rtol=1e-12)


def test_cross_entropy_at_huge_and_infinite_logits() -> None:
    assert functional.cross_entropy([[1000.0, -1000.0]], np.array([1])).item() == 2000.0
    masked = functional.cross_entropy([[0.0, -np.inf, 0.0]], np.array([0]), weight=[1.0, 1.0, 1.0])
    assert_allclose(masked.item(), math.log(2))


def test_kl_div_of_a_target_of_zero_is_zero() -> None:
    assert_array_equal(functional.kl_div([-1.0, -np.inf], [1.0, 0.0], reduction="none").numpy(), [1.0, 0.0])


def test_where_every_target_is_ignored_the_mean_is_nan() -> None:
    ignored = np.array([-100, -100])
    for loss in (functional.cross_entropy, functional.nll_loss):
        assert math.isnan(loss(np.zeros((2, 3)), ignored).item())
        assert loss(np.zeros((2, 3)), ignored, reduction="sum").item() == 0.0


def test_a_picked_logarithm_of_zero_leaves_the_others_alone() -> None:
    assert functional.nll_loss([[0.0, -np.inf]], np.array([0])).item() == 0.0
    assert functional.nll_loss([[-np.inf, 0.0], [-1.0, 0.0]], np.array([-100, 0])).item() == 1.0


def test_nll_of_log_softmax_is_cross_entropy() -> None:
    logs = functional.log_softmax(X, dim=1)
    assert_allclose(functional.nll_loss(logs, LABELS).item(), functional.cross_entropy(X, LABELS).item(), rtol=1e-14)


def test_one_example_without_a_batch_axis() -> None:
    alone = functional.cross_entropy(X[0], np.array(2), weight=CLASS_WEIGHT)
    assert_allclose(alone.item(), functional.cross_entropy(X[:1], np.array([2]), weight=CLASS_WEIGHT).item())
    assert_allclose(functional.nll_loss(X[0], np.array(2)).item(), -X[0, 2])


def test_a_class_weight_is_a_buffer() -> None:
    loss = nn.CrossEntropyLoss(weight=CLASS_WEIGHT)
    assert list(loss.state_dict()) == ["weight"]
    assert loss.to(np.float32).weight.dtype == np.float32  # type: ignore[union-attr]
    assert list(nn.CrossEntropyLoss().state_dict()) == []


# Course


def test_course_15_mean_squared_error() -> None:
    assert nn.MSELoss()([0.0, 1.0], [0.2, 0.7]).item() == pytest.approx(0.065, abs=1e-15)


def test_course_15_absolute_error_and_cross_entropies() -> None:
    assert nn.L1Loss()([0.0, 1.0], [0.2, 0.7]).item() == pytest.approx(0.25)
    assert nn.BCELoss()([0.2, 0.7], [0.0, 1.0]).item() == pytest.approx(-(math.log(0.8) + math.log(0.7)) / 2)
    logits = np.log([[0.7, 0.2, 0.1]])
    assert nn.CrossEntropyLoss()(logits, np.array([0])).item() == pytest.approx(-math.log(0.7))
    assert nn.CrossEntropyLoss()(logits, np.array([[1.0, 0.0, 0.0]])).item() == pytest.approx(-math.log(0.7))


def test_course_20_the_vectorised_two_layer_equations() -> None:
    """Columns are examples: dZ² = A² − Y; dW = dZ·Aᵀ/m; db = Σ dZ/m; dZ¹ = W²ᵀ dZ² ⊗ (1 − A¹²)."""
    rng = np.random.default_rng(3)
    m = 5
    X, Y = rng.normal(size=(3, m)), (rng.uniform(size=(1, m)) < 0.5).astype(float)
    W1, b1 = Tensor(rng.normal(size=(4, 3)), requires_grad=True), Tensor(rng.normal(size=(4, 1)), requires_grad=True)
    W2, b2 = Tensor(rng.normal(size=(1, 4)), requires_grad=True), Tensor(rng.normal(size=(1, 1)), requires_grad=True)
    A1 = np.tanh(W1 @ X + b1)
    A2 = (W2 @ A1 + b2).sigmoid()
    nn.BCELoss()(A2, Y).backward()
    a1, w2 = A1.numpy(), W2.numpy()
    dZ2 = A2.numpy() - Y
    dZ1 = (w2.T @ dZ2) * (1 - a1**2)
    for leaf, expected in [
        (W2, dZ2 @ a1.T / m),
        (b2, dZ2.sum(axis=1, keepdims=True) / m),
        (W1, dZ1 @ X.T / m),
        (b1, dZ1.sum(axis=1, keepdims=True) / m),
    ]:
        assert_allclose(leaf.grad.numpy(), expected, rtol=1e-12, atol=1e-15)
