"""Estimators for scikit-learn: its own checks, its own numbers, and its tools around them."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import warnings
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

pytest.importorskip("sklearn", reason="scikit-learn is optional")

import scipy.sparse
import sklearn.neural_network
from sklearn.base import clone
from sklearn.datasets import load_diabetes, load_iris, make_multilabel_classification
from sklearn.exceptions import ConvergenceWarning, NotFittedError
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import check_estimator, check_sample_weight_equivalence_on_dense_data

import nn
from nn.sklearn import MLPClassifier, MLPRegressor

IRIS = load_iris(return_X_y=True)
X_SUGAR, Y_SUGAR = load_diabetes(return_X_y=True)
Y_SUGAR = (Y_SUGAR - Y_SUGAR.mean()) / Y_SUGAR.std()
THEIRS = {MLPClassifier: sklearn.neural_network.MLPClassifier, MLPRegressor: sklearn.neural_network.MLPRegressor}
SMALL: dict[str, Any] = {"hidden_layer_sizes": (12,), "random_state": 3, "max_iter": 20}


def quietly(estimator: Any, *data: Any, **more: Any) -> Any:
    """Fit without the warning that so few passes don't converge."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return estimator.fit(*data, **more)


# Its own checks


@pytest.mark.parametrize(
    "estimator", [MLPClassifier((20,), max_iter=80), MLPRegressor(hidden_layer_sizes=(20,), max_iter=80)]
)
def test_scikit_learns_checks(estimator: Any) -> None:
    """All of them: it declares no expected failure for its own perceptrons, and there is none here."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = check_estimator(estimator, on_skip=None, on_fail=None)
    assert [(c["check_name"], c["exception"]) for c in found if c["status"] not in ("passed", "skipped")] == []
    assert len(found) > 50


@pytest.mark.parametrize(
    "estimator", [MLPClassifier(solver="lbfgs"), MLPRegressor(solver="sgd", tol=1e-2, random_state=42)]
)
def test_weights_are_repetitions(estimator: Any) -> None:
    """With the settings that scikit-learn gives its own to pass."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        check_sample_weight_equivalence_on_dense_data(type(estimator).__name__, estimator)


# Its own numbers

WEIGHTS = np.random.default_rng(0).uniform(0, 2, 150)
MANY = make_multilabel_classification(n_samples=80, random_state=0)
SAME: dict[str, tuple[Any, dict[str, Any], tuple[Any, ...]]] = {
    "sgd": (MLPClassifier, {"solver": "sgd"}, IRIS),
    "sgd, plain, sigmoid": (MLPClassifier, {"solver": "sgd", "momentum": 0, "activation": "logistic"}, IRIS),
    "sgd, momentum only": (MLPClassifier, {"solver": "sgd", "nesterovs_momentum": False, "activation": "tanh"}, IRIS),
    "sgd, inverse scaling": (MLPClassifier, {"solver": "sgd", "learning_rate": "invscaling", "momentum": 0}, IRIS),
    "sgd, inverse scaling, momentum": (MLPClassifier, {"solver": "sgd", "learning_rate": "invscaling"}, IRIS),
    "sgd, adaptive": (
        MLPClassifier,
        {"solver": "sgd", "learning_rate": "adaptive", "learning_rate_init": 0.5, "max_iter": 120},
        IRIS,
    ),
    "sgd, weights": (MLPClassifier, {"solver": "sgd"}, (*IRIS, WEIGHTS)),
    "sgd, no shuffling, small batches": (MLPClassifier, {"solver": "sgd", "shuffle": False, "batch_size": 7}, IRIS),
    "two classes": (MLPClassifier, {"solver": "sgd", "activation": "identity"}, (IRIS[0][:100], IRIS[1][:100])),
    "several labels": (MLPClassifier, {"solver": "sgd"}, MANY),
    "early stopping": (
        MLPClassifier,
        {"solver": "sgd", "early_stopping": True, "learning_rate_init": 0.1, "max_iter": 60},
        IRIS,
    ),
    "numbers": (MLPRegressor, {"solver": "sgd", "hidden_layer_sizes": [8, 5]}, (X_SUGAR, Y_SUGAR)),
    "numbers, early stopping, weights": (
        MLPRegressor,
        {"solver": "sgd", "early_stopping": True},
        (X_SUGAR, Y_SUGAR, np.resize(WEIGHTS, len(Y_SUGAR))),
    ),
    "counts": (MLPRegressor, {"solver": "sgd", "loss": "poisson"}, (X_SUGAR, np.round(np.exp(Y_SUGAR)))),
}


@pytest.mark.parametrize("name", SAME)
def test_the_same_random_state_gives_scikit_learns_network(name: str) -> None:
    kind, settings, data = SAME[name]
    ours, theirs = (quietly(k(**SMALL | settings), *data) for k in (kind, THEIRS[kind]))
    for attribute in ("coefs_", "intercepts_"):
        for found, expected in zip(getattr(ours, attribute), getattr(theirs, attribute), strict=True):
            assert_allclose(found, expected, rtol=1e-9, atol=1e-11)
    assert_allclose(ours.loss_curve_, theirs.loss_curve_, rtol=1e-9)
    assert (ours.n_iter_, ours.t_, ours.n_layers_, ours.n_outputs_) == (
        theirs.n_iter_,
        theirs.t_,
        *(3 + (name == "numbers"), theirs.n_outputs_),
    )
    assert ours.out_activation_ == theirs.out_activation_
    if settings.get("early_stopping"):
        assert_allclose(ours.validation_scores_, theirs.validation_scores_, rtol=1e-9)
        assert ours.best_validation_score_ == max(ours.validation_scores_)
    assert_allclose(ours.predict(data[0]), theirs.predict(data[0]), rtol=1e-9)
    if kind is MLPClassifier:
        assert_allclose(ours.predict_proba(data[0]), theirs.predict_proba(data[0]), rtol=1e-8)
        assert_allclose(ours.predict_log_proba(data[0]), theirs.predict_log_proba(data[0]), rtol=1e-8)


@pytest.mark.parametrize(("kind", "data"), [(MLPClassifier, IRIS), (MLPRegressor, (X_SUGAR, Y_SUGAR))])
def test_adam_and_lbfgs_take_scikit_learns_way(kind: Any, data: Any) -> None:
    """To the digits that Adam's ε leaves, which stands elsewhere there."""
    ours, theirs = (quietly(k(**SMALL), *data) for k in (kind, THEIRS[kind]))
    assert_allclose(ours.loss_curve_, theirs.loss_curve_, rtol=1e-4)
    settings = SMALL | {"solver": "lbfgs", "activation": "tanh"}
    ours, theirs = (quietly(k(**settings), *data) for k in (kind, THEIRS[kind]))
    assert_allclose(ours.loss_, theirs.loss_, rtol=1e-6)
    assert_allclose(ours.coefs_[0], theirs.coefs_[0], rtol=1e-4, atol=1e-5)
    assert ours.n_iter_ == theirs.n_iter_ == 20


def test_a_signature_is_scikit_learns() -> None:
    for kind, other in THEIRS.items():
        theirs = other().get_params()
        assert kind().get_params() == {name: theirs[name] for name in kind().get_params()}
        assert kind().get_params().keys() == theirs.keys()


# Its tools


def test_a_pipeline_in_a_grid_search() -> None:
    classifier = MLPClassifier((8,), solver="lbfgs", alpha=1.0, tol=1e-2, random_state=0)
    pipeline = make_pipeline(StandardScaler(), classifier)
    search = GridSearchCV(pipeline, {"mlpclassifier__alpha": [1.0, 1e3]}, cv=2).fit(*IRIS)
    assert search.best_params_ == {"mlpclassifier__alpha": 1.0}
    assert search.best_score_ > 0.93
    assert cross_val_score(pipeline, *IRIS, cv=3).mean() > 0.93


def test_partial_fit_goes_through_the_data_once() -> None:
    X, y = IRIS
    model = MLPClassifier((8,), random_state=0, learning_rate_init=0.02)
    with pytest.raises(ValueError, match="classes must be passed"):
        model.partial_fit(X[:50], y[:50])
    model.partial_fit(X[:50], y[:50], classes=[0, 1, 2])
    assert set(model.predict(X)) <= {0, 1, 2}
    for _ in range(150):
        model.partial_fit(X, y)
    assert (model.n_iter_, len(model.loss_curve_), model.t_) == (1, 151, 50 + 150 * 150)
    assert model.score(X, y) > 0.9
    with pytest.raises(ValueError, match=r"not in `self\.classes_`"):
        model.partial_fit(X, y + 1)
    assert not hasattr(MLPClassifier(solver="lbfgs"), "partial_fit")
    regressor = MLPRegressor(random_state=0)
    for _ in range(3):
        regressor.partial_fit(X_SUGAR, Y_SUGAR, sample_weight=np.ones(len(Y_SUGAR)))
    assert regressor.loss_curve_[2] < regressor.loss_curve_[0]


def test_a_warm_start_goes_on_and_a_clone_begins_anew() -> None:
    model = quietly(MLPRegressor(warm_start=True, max_iter=5, random_state=0), X_SUGAR, Y_SUGAR)
    first = model.loss_
    assert quietly(model, X_SUGAR, Y_SUGAR).loss_ < first
    assert quietly(clone(model), X_SUGAR, Y_SUGAR).loss_ == first
    assert quietly(model.set_params(warm_start=False), X_SUGAR, Y_SUGAR).loss_ == first
    warm = quietly(MLPClassifier(warm_start=True, max_iter=2), *IRIS)
    with pytest.raises(ValueError, match="same classes"):
        warm.fit(IRIS[0][:100], IRIS[1][:100])


def test_pickles_sparse_input_names_and_float32() -> None:
    X, y = IRIS
    names = np.array(["setosa", "versicolor", "virginica"])
    model = quietly(MLPClassifier(**SMALL), X.astype(np.float32), names[y])
    assert {w.dtype for w in [*model.coefs_, *model.intercepts_]} == {np.dtype(np.float32)}
    assert_array_equal(model.classes_, names)
    assert set(model.predict(X)) <= set(names)
    twin = pickle.loads(pickle.dumps(model))
    assert_array_equal(twin.predict_proba(X), model.predict_proba(X))
    sparse = quietly(MLPClassifier(**SMALL), scipy.sparse.csr_array(X.astype(np.float32)), names[y])
    assert_allclose(sparse.predict_proba(scipy.sparse.csc_array(X)), model.predict_proba(X), rtol=1e-6)
    assert isinstance(model.model_, nn.Sequential)


def test_several_outputs() -> None:
    Y = np.stack([Y_SUGAR, -2 * Y_SUGAR], axis=1)
    model = MLPRegressor(hidden_layer_sizes=(5,), solver="lbfgs", alpha=1.0, tol=1e-2, random_state=0).fit(X_SUGAR, Y)
    assert model.predict(X_SUGAR).shape == Y.shape
    assert model.score(X_SUGAR, Y) > 0.4


def test_verbose_prints_a_line_for_each_pass(capsys: Any) -> None:
    quietly(MLPRegressor(max_iter=2, verbose=True, early_stopping=True, random_state=0), X_SUGAR, Y_SUGAR)
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(" = ")[0].split(":")[0] for line in lines] == [
        "Iteration 1, loss", "Validation score", "Iteration 2, loss", "Validation score",
    ]  # fmt: skip


def test_too_few_passes_and_a_large_batch_are_warned_of() -> None:
    with pytest.warns(ConvergenceWarning, match="Maximum iterations"):
        MLPRegressor(max_iter=1).fit(X_SUGAR, Y_SUGAR)
    with pytest.warns(ConvergenceWarning, match="lbfgs failed to converge"):
        MLPRegressor(max_iter=2, solver="lbfgs").fit(X_SUGAR, Y_SUGAR)
    with pytest.warns(UserWarning, match="is clipped"):
        quietly(MLPRegressor(batch_size=1000, max_iter=1), X_SUGAR, Y_SUGAR)


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"activation": "gelu"}, "activation among"),
    ({"solver": "newton"}, "solver among"),
    ({"learning_rate": "fast"}, "learning_rate among"),
    ({"alpha": -1}, "alpha from 0"),
    ({"beta_1": 1}, "beta_1 from 0"),
    ({"momentum": 2}, "momentum from 0 to 1"),
    ({"max_iter": 0}, "max_iter from 1"),
    ({"hidden_layer_sizes": (3, 0)}, "hidden_layer_sizes must be > 0"),
    ({"batch_size": 0}, "sizes of 1 or more"),
    ({"early_stopping": True, "validation_fraction": 0.001}, "validation set is too small"),
]


@pytest.mark.parametrize(("settings", "words"), REFUSED)
def test_parameters_out_of_range_are_refused(settings: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        MLPRegressor(**settings).fit(X_SUGAR, Y_SUGAR)


def test_what_is_not_fitted_says_so() -> None:
    for ask in (lambda m: m.predict(X_SUGAR), lambda m: m.coefs_):
        with pytest.raises(NotFittedError):
            ask(MLPRegressor())
    with pytest.raises(ValueError, match="early_stopping"):
        MLPRegressor(early_stopping=True).partial_fit(X_SUGAR, Y_SUGAR)
    with pytest.raises(ValueError, match="non-finite"), np.errstate(all="ignore"):
        quietly(MLPRegressor(solver="sgd", learning_rate_init=1e9, max_iter=30), X_SUGAR, 1e9 * Y_SUGAR)


# The package goes without it

WITHOUT = """
import sys
import nn
assert "sklearn" not in sys.modules and "scipy.optimize" not in sys.modules
sys.modules["sklearn"] = None
try:
    nn.sklearn
except ImportError as problem:
    print(problem)
"""


def test_nn_goes_without_scikit_learn() -> None:
    found = subprocess.run(
        [sys.executable, "-c", WITHOUT], capture_output=True, text=True, check=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(p for p in sys.path if p)},
    )  # fmt: skip
    assert found.stdout.splitlines()[0] == "in nn.sklearn"
    assert "to do:    pip install chaingrad[sklearn]" in found.stdout


def test_an_unknown_name_of_nn_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="'nn' has no attribute 'sklern'"):
        nn.sklern  # noqa: B018
