"""L-BFGS with a closure: PyTorch 2.13's trajectories, written down, and what goes with an optimizer."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import nn
from autograd import ArgumentError, Tensor, no_grad, tanh
from nn.optim import LBFGS
from nn.optim.lbfgs import End, interpolated

WOLFE: dict[str, Any] = {"line_search_fn": "strong_wolfe"}
# Settings; Rosenbrock's x after two steps; a small network's loss and Σp² after one; the closure's calls in each.
PYTORCH: list[tuple[dict[str, Any], list[float], list[float], tuple[int, int]]] = [
    ({}, [0.24040314723251563, 0.0529704874852057], [0.004745200591521579, 19.182883730720764], (40, 20)),
    ({"lr": 0.1}, [-1.005598065296723, 1.0268988811473778], [0.07157504426879548, 8.448023745115211], (40, 20)),
    (
        {"lr": 0.5, "history_size": 3},
        [0.7145257020197285, 0.48095151109464446],
        [0.010022254079911891, 17.689305556546437],
        (40, 20),
    ),
    (WOLFE, [0.9999814210791366, 0.9999619651810989], [0.00466968128087599, 19.33761228432981], (44, 22)),
    (
        WOLFE | {"max_iter": 7, "history_size": 2, "lr": 0.8},
        [-0.2572957022214502, 0.043048551015786946],
        [0.08764371016188116, 8.501907813579503],
        (17, 8),
    ),
    (
        WOLFE | {"max_eval": 5, "max_iter": 9},
        [-0.9431278012083242, 0.8529662725410918],
        [0.12196603419311475, 6.767245456722198],
        (10, 5),
    ),
    (
        {"tolerance_grad": 0.01, "max_iter": 4},
        [-0.988348906307429, 0.988272746663466],
        [0.12196603419311475, 6.767245456722198],
        (8, 4),
    ),
    (
        WOLFE | {"tolerance_change": 0.01},
        [-1.0284565745562346, 1.068187455748677],
        [0.021532761613175234, 17.82484238390043],
        (5, 11),
    ),
]


def rosenbrock(w: Any) -> Any:
    return (1 - w[0]) ** 2 + 100 * (w[1] - w[0] ** 2) ** 2


class Descent:
    """Parameters, a loss of them, and an optimizer; the closure counts its calls."""

    def __init__(self, parameters: list[Tensor], loss: Any, **settings: Any) -> None:
        self.parameters, self.loss, self.calls = parameters, loss, 0
        self.optimizer = LBFGS(parameters, **settings)

    def closure(self) -> Tensor:
        self.calls += 1
        self.optimizer.zero_grad()
        loss: Tensor = self.loss(*self.parameters)
        loss.backward()
        return loss

    def step(self, count: int = 1) -> None:
        for _ in range(count):
            self.optimizer.step(self.closure)

    def values(self) -> Any:
        return np.concatenate([p.data.ravel() for p in self.parameters])


def valley(**settings: Any) -> Descent:
    return Descent([Tensor([-1.2, 1.0], requires_grad=True)], rosenbrock, **settings)


def network(**settings: Any) -> Descent:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(12, 3))
    Y = np.sin(X.sum(axis=1, keepdims=True))
    starts = [rng.normal(size=(4, 3)) * 0.5, rng.normal(size=(1, 4)) * 0.5, np.array(0.1)]
    parameters = [Tensor(v, requires_grad=True) for v in starts]
    return Descent(parameters, lambda A, B, c: ((tanh(X @ A.T) @ B.T + c - Y) ** 2).mean(), **settings)


@pytest.mark.parametrize(("settings", "x", "numbers", "calls"), PYTORCH, ids=range(len(PYTORCH)))
def test_steps_are_pytorchs(settings: Any, x: Any, numbers: Any, calls: Any) -> None:
    descent = valley(**settings)
    descent.step(2)
    assert_allclose(descent.values(), x, rtol=1e-10, atol=1e-10)
    small = network(**settings)
    small.step()
    assert (descent.calls, small.calls) == calls
    found = small.loss(*small.parameters).item(), (small.values() ** 2).sum()
    assert_allclose(found, numbers, rtol=1e-10)


# lr, start, PyTorch's x after one step of at most six updates, and how often the closure was called
HILLS = [
    (2.0, [3.3, -2.1, 4.0], [3.0174373926237124, 0.7083656164283356, 3.009537612896536], 10),
    (9.0, [3.3, -2.1, 4.0], [1.0192883465065132, 1.0203010843732823, 1.0187691608152647], 17),
    (1.0, [0.4, 1.9, -5.0], [0.9309406875215375, 0.930874642280304, -5.10206606523293], 9),
    (30.0, [1.0, 2.0, -3.0], [0.9851805928290606, 0.9851572577647911, -3.060015732927468], 23),
    (0.01, [1.0, 2.0, -3.0], [0.9642645513620378, 0.9913411731410277, -3.066507698558645], 16),
]


@pytest.mark.parametrize(("lr", "start", "x", "calls"), HILLS)
def test_a_line_over_hills_is_searched_as_pytorch_searches_it(lr: float, start: Any, x: Any, calls: int) -> None:
    def hills(w: Any) -> Any:
        return (w**2).sum() / 10 + np.cos(3 * w).sum() + (w[0] * w[1] * w[2]) ** 2 / 50

    descent = Descent([Tensor(start, requires_grad=True)], hills, lr=lr, max_iter=6, max_eval=60, **WOLFE)
    descent.step()
    assert_allclose(descent.values(), x, rtol=1e-10)
    assert descent.calls == calls


def test_the_arguments_are_all_tried() -> None:
    tried = {name for settings, *_ in PYTORCH for name in settings}
    assert tried == {
        "lr",
        "max_iter",
        "max_eval",
        "tolerance_grad",
        "tolerance_change",
        "history_size",
        "line_search_fn",
    }


def test_a_step_returns_the_first_loss_and_counts() -> None:
    descent = valley(**WOLFE)
    with no_grad():  # the closure records all the same
        assert_allclose(descent.optimizer.step(descent.closure).item(), 24.2)
    (state,) = descent.optimizer.state.values()
    assert state["func_evals"] == descent.calls
    assert state["n_iter"] > 10


def test_at_a_minimum_nothing_moves() -> None:
    descent = Descent([Tensor([1.0, 1.0], requires_grad=True)], rosenbrock)
    descent.step()
    assert descent.calls == 1
    assert_array_equal(descent.values(), [1.0, 1.0])


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda d: pickle.loads(pickle.dumps(d))])
def test_a_copy_goes_on_alike_and_apart(copied: Any) -> None:
    model = nn.Linear(2, 1, rng=0).to(np.float64)
    optimizer = LBFGS(model.parameters(), max_iter=3)
    x, y = np.random.default_rng(0).normal(size=(5, 2)), np.arange(5.0).reshape(5, 1)

    def step(model: Any, optimizer: Any) -> None:
        def closure() -> Any:
            optimizer.zero_grad()
            loss = nn.MSELoss()(model(x), y)
            loss.backward()
            return loss

        optimizer.step(closure)

    step(model, optimizer)
    twin, its_own = copied((model, optimizer))
    before = model.weight.numpy().copy()
    step(twin, its_own)
    assert_array_equal(model.weight.numpy(), before)
    step(model, optimizer)
    assert_array_equal(model.weight.numpy(), twin.weight.numpy())


def test_a_saved_state_goes_on_with_the_same_bits() -> None:
    straight, stopped = network(max_iter=4), network(max_iter=4)
    straight.step(3)
    stopped.step(2)
    state = pickle.loads(pickle.dumps(stopped.optimizer.state_dict()))
    resumed = network(lr=0.3)
    for p, q in zip(resumed.parameters, stopped.parameters, strict=True):
        p.assign_(q)
    resumed.optimizer.load_state_dict(state)
    stopped.step()  # what was saved is a copy
    resumed.step()
    assert_array_equal(resumed.values(), straight.values())
    with pytest.raises(ArgumentError, match="3 parameters, 17 entries"):
        valley().optimizer.load_state_dict(state)


def test_a_new_value_is_seen_and_a_parameter_need_not_matter() -> None:
    descent = network(max_iter=3)
    descent.loss = lambda A, B, c: (A**2).sum() + (B**2).sum()
    descent.step()
    assert_array_equal(descent.parameters[2].data, 0.1)
    descent.parameters[0].assign_(np.full((4, 3), 5.0))
    first = descent.loss(*descent.parameters).item()
    assert descent.optimizer.step(descent.closure).item() == first >= 300
    assert descent.loss(*descent.parameters).item() < first


def test_a_cubic_is_met_at_its_minimum() -> None:
    """The cubic x³ − 3x has it at 1."""
    ends = [End(t, t**3 - 3 * t, None, 3 * t**2 - 3) for t in (0.0, 3.0)]
    assert_allclose(interpolated(*ends, (0.0, 3.0)), 1.0)
    assert_allclose(interpolated(*ends[::-1], (0.0, 3.0)), 1.0)
    assert interpolated(*ends, (0.0, 0.5)) == 0.5
    rising = [End(t, t**3 + t, None, 3 * t**2 + 1) for t in (0.0, 1.0)]
    assert interpolated(*rising, (0.0, 1.0)) == 0.5


REFUSED: list[tuple[Any, str]] = [
    (valley().optimizer.step, "a closure that computes the loss"),
    (lambda: LBFGS([{"params": [Tensor([1.0], requires_grad=True)]}] * 2), "one group"),
    (lambda: valley(line_search_fn="armijo"), "None or 'strong_wolfe'"),
    (lambda: valley(max_iter=0), "max_iter ≥ 1"),
    (lambda: valley(history_size=0), "history_size ≥ 1"),
    (lambda: valley(lr=-1), "lr ≥ 0"),
]


@pytest.mark.parametrize(("make_it", "words"), REFUSED)
def test_refusals(make_it: Any, words: str) -> None:
    with pytest.raises(ArgumentError, match=words):
        make_it()
