"""Whole-batch minimization: textbook functions to six digits by each method, models, and what may go wrong."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import nn
from autograd import ArgumentError, grad
from nn.optim import minimize
from nn.optim.minimize import METHODS

every = pytest.mark.parametrize("method", METHODS)
T = np.arange(20) * 0.3
DECAY = 2.5 * np.exp(-0.7 * T) + 0.5


def rosenbrock(x: Any) -> Any:
    return (100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum()


def powell(x: Any) -> Any:
    return (
        (x[0] + 10 * x[1]) ** 2 + 5 * (x[2] - x[3]) ** 2 + (x[1] - 2 * x[2]) ** 4 + 10 * (x[0] - x[3]) ** 4
    )  # fmt: skip


def beale(x: Any) -> Any:
    return sum((c - x[0] * (1 - x[1] ** k)) ** 2 for k, c in ((1, 1.5), (2, 2.25), (3, 2.625)))


def decay(b: Any) -> Any:
    return ((b[0] * np.exp(-b[1] * T) + b[2] - DECAY) ** 2).sum()


TEXTBOOK: dict[str, tuple[Any, list[float], list[float]]] = {
    "Rosenbrock": (rosenbrock, [-1.2, 1.0], [1, 1]),
    "Rosenbrock of ten": (rosenbrock, [-1.2] * 10, [1] * 10),
    "Powell's singular": (powell, [3, -1, 0, 1], [0] * 4),
    "Beale": (beale, [1.0, 1.0], [3, 0.5]),
    "decay": (decay, [1, 1, 0], [2.5, 0.7, 0.5]),
}


@every
@pytest.mark.parametrize("name", TEXTBOOK)
def test_textbook_functions(name: str, method: str) -> None:
    f, start, best = TEXTBOOK[name]
    found = minimize(f, start, method=method)
    # SciPy's exact solver takes a gradient below n·ε·‖H‖ for none, which here is still five digits from the end
    assert_allclose(found.x, best, atol=1e-4 if (name, method) == ("Powell's singular", "trust-exact") else 1e-6)
    assert found.success, found.message
    assert_allclose(found.fun, f(found.x))
    assert_allclose(found.grad, grad(f)(found.x))
    assert found.nit > 0
    assert found.nfev > 0


@every
def test_a_steep_and_a_flat_side(method: str) -> None:
    found = minimize(lambda x: (np.exp(x) - x).sum(), [6.0, -8.0], method=method)
    assert_allclose(found.x, [0, 0], atol=1e-6)


@every
def test_a_step_out_of_the_domain_is_taken_back(method: str) -> None:
    """From 5, Newton's step for x − ln x goes to −15."""
    found = minimize(lambda x: (x - np.log(x)).sum(), [5.0, 3.0], method=method, tol=1e-7)
    assert_allclose(found.x, [1, 1], rtol=1e-6)
    assert found.success


@every
def test_a_model_is_left_with_the_best_parameters(method: str) -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(30, 3))
    y = x @ rng.normal(size=(3, 2)) + 0.1 * rng.normal(size=(30, 2)) + 1
    model = nn.Linear(3, 2, rng=0).double()
    found = minimize(model, (x, y), loss=nn.MSELoss(), method=method)
    best = np.linalg.lstsq(np.hstack([x, np.ones((30, 1))]), y)[0]
    assert_allclose(model.weight.numpy(), best[:3].T, rtol=1e-6)
    assert_allclose(model.bias.numpy(), best[3], rtol=1e-6)
    assert_array_equal(found.x[0], model.weight.numpy())
    assert [g.shape for g in found.grad] == [(2, 3), (2,)]


def test_tied_frozen_and_nested_parameters() -> None:
    class Tied(nn.Module):
        def __init__(self) -> None:
            self.layers = nn.ModuleList([nn.Linear(2, 2, bias=False, rng=0), nn.Linear(2, 2, rng=1)])
            self.layers[1].weight = self.layers[0].weight
            self.layers[1].bias.requires_grad_(False)

        def forward(self, x: Any) -> Any:
            return self.layers[1](nn.functional.tanh(self.layers[0](x)))

    model = Tied().double()
    x, y = np.random.default_rng(0).normal(size=(2, 10, 2))
    frozen = model.layers[1].bias.numpy().copy()
    weight = model.layers[0].weight
    found = minimize(model, lambda: nn.MSELoss()(model(x), y), method="newton")
    assert found.success
    assert [a.shape for a in found.x] == [(2, 2)]
    assert model.layers[0].weight is model.layers[1].weight is weight
    assert_array_equal(model.layers[1].bias.numpy(), frozen)
    nn.MSELoss()(model(x), y).backward()
    assert_allclose(weight.grad.numpy(), 0, atol=1e-12)


def test_newton_goes_past_a_saddle() -> None:
    found = minimize(lambda x: x[0] ** 2 + x[1] ** 4 - x[1] ** 2, [1.0, 1e-3], method="newton")
    assert_allclose(found.x, [0, np.sqrt(0.5)], atol=1e-9)


def test_a_parabola_takes_newton_one_step() -> None:
    A = np.diag([1.0, 100.0, 1e4])
    found = minimize(lambda x: x @ A @ x / 2, [1.0, 2.0, 3.0], method="newton")
    assert found.nit <= 2
    assert_allclose(found.x, 0, atol=1e-12)


@every
def test_a_nest_of_arrays_and_integers(method: str) -> None:
    start = {"a": 2, "b": [np.array([[1, 2]]), np.float64(3)]}
    found = minimize(lambda p: (p["a"] - 1) ** 2 + (p["b"][0] ** 2).sum() + (p["b"][1] + 1) ** 2, start, method=method)
    assert_allclose(found.x["a"], 1, atol=1e-6)
    assert_allclose(found.x["b"][0], [[0, 0]], atol=1e-6)
    assert_allclose(found.x["b"][1], -1, atol=1e-6)


@every
def test_a_looser_tolerance_and_a_callback(method: str) -> None:
    seen: list[Any] = []
    found = minimize(rosenbrock, [-1.2, 1.0], method=method, tol=1e-3, callback=seen.append)
    assert found.success
    assert 0 < np.abs(found.grad).max() <= 1e-3
    assert len(seen) > 1


@every
def test_max_iter_stops_and_says_so(method: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = minimize(rosenbrock, [-1.2, 1.0], method=method, max_iter=2)
    assert not found.success
    assert found.nit <= 2
    assert rosenbrock(found.x) < rosenbrock(np.array([-1.2, 1.0]))


@every
def test_a_callback_may_stop_it(method: str) -> None:
    def enough(x: Any) -> None:
        raise StopIteration

    found = minimize(rosenbrock, [-1.2, 1.0], method=method, callback=enough)
    assert not found.success
    assert found.nit <= 1
    assert "callback" in found.message


@every
def test_float32(method: str) -> None:
    found = minimize(rosenbrock, np.float32([-1.2, 1.0]), method=method)
    assert found.x.dtype == np.float32
    assert_allclose(found.x, [1, 1], atol=1e-2)


def test_names_of_methods_are_taken_in_any_case() -> None:
    assert minimize(beale, [1.0, 1.0], method="L-BFGS-B").success
    assert minimize(beale, [1.0, 1.0], method="BFGS", options={"norm": 2}).success


REFUSED: list[tuple[Any, str]] = [
    (lambda: minimize(beale, [1.0, 1.0], method="adam"), "method among newton"),
    (lambda: minimize(beale), "a function and where to start"),
    (lambda: minimize(lambda x: np.log(x).sum(), [-1.0]), "a finite value at the start"),
    (lambda: minimize(nn.Linear(1, 1), (np.ones((2, 1)), np.ones((2, 1)))), "and a loss"),
    (lambda: minimize(nn.ReLU(), lambda: 1.0), "one unknown at least"),
]


@pytest.mark.parametrize(("call", "words"), REFUSED)
def test_refusals(call: Any, words: str) -> None:
    with pytest.raises(ArgumentError, match=words):
        call()
