"""What every optimizer shares: groups, state, saving, and parameters that come, go, freeze and change hands."""

from __future__ import annotations

import copy
import math
import pickle
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import nn
from autograd import ArgumentError, Flat, Parameter, Tensor, no_grad
from autograd.errors import MutationError
from nn import optim
from tests.nn.optim.reference import GRID

every = pytest.mark.parametrize("name", GRID)  # all whose step is one update by a rule: L-BFGS has its own tests


def make(name: str, parameters: Any, **more: Any) -> optim.Optimizer:
    """Return an optimizer in its richest setting of the grid."""
    return optim.optimizers[name](parameters, **(GRID[name][1][-1] | more))


def leaves(*shapes: tuple[int, ...], dtype: Any = float) -> list[Tensor]:
    rng = np.random.default_rng(0)
    return [Tensor(rng.normal(size=s), requires_grad=True, dtype=dtype) for s in shapes]


def drive(optimizer: optim.Optimizer, steps: int, seed: int = 0) -> None:
    """Take steps along gradients that are drawn, one draw for each parameter."""
    for t in range(steps):
        for group in optimizer.param_groups:
            for i, p in enumerate(group["params"]):
                rng = np.random.default_rng([seed, t, i])
                p.grad = rng.normal(size=p.shape).astype(p.dtype)
        optimizer.step()


def values(parameters: Any) -> list[Any]:
    return [np.array(p.data) for p in parameters]


def assert_same(found: Any, expected: Any) -> None:
    for a, b in zip(found, expected, strict=True):
        assert_array_equal(a, b)


# Course


def test_course_17_gradient_descent_on_a_parabola() -> None:
    """J(w) = w², from 5 at rate 0.1: 4, 3.2, 2.56."""
    w = Tensor(5.0, requires_grad=True)
    optimizer, path = optim.SGD([w], lr=0.1), []
    for _ in range(3):
        optimizer.zero_grad()
        (w * w).backward()
        optimizer.step()
        path.append(w.item())
    assert_allclose(path, [4.0, 3.2, 2.56], rtol=1e-15)


# Two steps down J(w) = w² from 5 at rate 0.1, on paper: the gradient is 10, then twice the first result.
_RMS = 5 - 1 / math.sqrt(10)
_DELTA = 0.1 * math.sqrt(1e-6 / (10 + 1e-6)) * 10
_DELTA_2 = math.sqrt((0.1 * (10 * _DELTA) ** 2 + 1e-6) / (9 + 0.1 * (10 - 2 * _DELTA) ** 2 + 1e-6))
COURSE_18: list[tuple[str, dict[str, Any], list[float]]] = [
    ("SGD", {"momentum": 0.9}, [4.0, 4 - 0.1 * (9 + 8)]),
    ("SGD", {"momentum": 0.9, "nesterov": True}, [3.1, 3.1 - 0.1 * (6.2 + 0.9 * (9 + 6.2))]),
    ("Adagrad", {}, [4.9, 4.9 - 0.98 / math.sqrt(100 + 9.8**2)]),
    ("Adadelta", {}, [5 - _DELTA, 5 - _DELTA - 0.1 * _DELTA_2 * (10 - 2 * _DELTA)]),
    ("RMSprop", {"alpha": 0.9}, [_RMS, _RMS - 0.2 * _RMS / math.sqrt(9 + 0.1 * (2 * _RMS) ** 2)]),
    ("Adam", {}, [4.9, 4.9 - 0.1 * (1.88 / 0.19) / math.sqrt((0.0999 + 0.09604) / 0.001999)]),
    ("Adamax", {}, [4.9, 4.9 - 0.1 * (1.88 / 0.19) / 9.99]),
]


@pytest.mark.parametrize(("name", "settings", "path"), COURSE_18)
def test_course_18_two_steps_on_paper(name: str, settings: Any, path: Any) -> None:
    w = Tensor(5.0, requires_grad=True)
    optimizer, found = optim.optimizers[name]([w], lr=0.1, **settings), []
    for _ in range(2):
        optimizer.zero_grad()
        (w * w).backward()
        optimizer.step()
        found.append(w.item())
    assert_allclose(found, path, atol=1e-8)


@every
def test_every_optimizer_goes_downhill(name: str) -> None:
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(32, 3)), rng.normal(size=(32, 1))
    model = nn.Sequential(nn.Linear(3, 8, rng=0), nn.Tanh(), nn.Linear(8, 1, rng=1)).to(np.float64)
    optimizer = optim.optimizers[name](model.parameters(), **({} if name == "Adadelta" else {"lr": 0.01}))
    losses = []
    for _ in range(30):
        optimizer.zero_grad()
        loss = nn.MSELoss()(model(x), y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0]


# Parameters without a gradient


@every
def test_a_parameter_without_a_gradient_is_not_touched(name: str) -> None:
    a, b, c = leaves((2,), (3,), ())
    optimizer = make(name, [a, b, c])
    before = values([b])
    for _ in range(3):
        a.grad, c.grad = np.ones(2), 1.0
        optimizer.step()
    assert_same(values([b]), before)
    assert {k: s["step"] for k, s in optimizer.state.items()} == {a: 3, c: 3}
    b.grad = np.ones(3)
    optimizer.step()
    assert {k: s["step"] for k, s in optimizer.state.items()} == {a: 4, b: 1, c: 4}


@every
def test_a_late_parameter_goes_its_own_way(name: str) -> None:
    """Each is updated as if it were alone, whenever its gradients come."""
    together, apart = leaves((2,), (3,), (), (2, 2)), leaves((2,), (3,), (), (2, 2))
    optimizer, alone = make(name, together), [make(name, [p]) for p in apart]
    for t in range(8):
        for i, (p, q) in enumerate(zip(together, apart, strict=True)):
            g = np.random.default_rng([t, i]).normal(size=p.shape)
            p.grad = q.grad = None if t < 3 * (i % 3) else g
        optimizer.step()
        for single in alone:
            single.step()
    assert_same(values(together), values(apart))


@every
def test_a_frozen_parameter_thaws(name: str) -> None:
    model = nn.Sequential(nn.Linear(2, 3, rng=0), nn.Linear(3, 1, rng=1))
    model[0].requires_grad_(False)
    optimizer = make(name, model.parameters())
    x = np.ones((4, 2), np.float32)

    def train() -> None:
        optimizer.zero_grad()
        model(x).sum().backward()
        optimizer.step()

    before = values(model.parameters())
    train()
    after = values(model.parameters())
    assert_same(after[:2], before[:2])
    assert not np.array_equal(after[2], before[2])
    model[0].requires_grad_(True)
    train()
    assert not np.array_equal(values(model.parameters())[0], before[0])
    assert [s["step"] for s in optimizer.state.values()] == [1, 1, 2, 2]
    model[0].requires_grad_(False)
    frozen = values(model[0].parameters())
    train()
    assert_same(values(model[0].parameters()), frozen)


def test_only_what_is_updated_counts_as_written() -> None:
    """A graph that needs a parameter which this step leaves alone can still be swept."""
    a, b = leaves((2,), (2,))
    optimizer = optim.SGD([a, b], lr=0.1)
    drive(optimizer, 1)
    optimizer.zero_grad()
    first, second = (a * a).sum(), (b * b).sum()
    first.backward()
    optimizer.step()
    second.backward()
    assert b.grad is not None
    third = (a * a).sum()
    optimizer.step()
    with pytest.raises(MutationError):
        third.backward()


# Parameters that change hands


@every
def test_two_optimizers_over_the_same_parameters_take_turns(name: str) -> None:
    shared, apart = leaves((2, 2), (3,)), leaves((2, 2), (3,))
    one, other = make(name, shared), optim.SGD(shared, lr=0.1, momentum=0.9)
    one_apart, other_apart = make(name, apart), optim.SGD(apart, lr=0.1, momentum=0.9)
    for turn in range(4):
        drive(one, 1, turn)
        drive(other, 1, turn)
        for optimizer in (one_apart, other_apart):
            Flat(apart[::-1])  # someone else takes the parameters away each time
            drive(optimizer, 1, turn)
    assert_same(values(shared), values(apart))


def test_a_second_optimizer_shares_the_buffer() -> None:
    parameters = leaves((2, 2), (3,))
    one, other = optim.Adam(parameters), optim.SGD(parameters)
    part = optim.SGD(parameters[1:])
    for optimizer in (one, other, part):
        drive(optimizer, 1)
    flats = [o._packed[0][0].flat for o in (one, other, part)]
    assert all(flat.intact() for flat in flats)
    assert all(np.shares_memory(flats[0].value, flat.value) for flat in flats)


@every
def test_a_new_value_is_seen(name: str) -> None:
    """After assign_, a new dtype or another Flat, the step goes on from what the parameter is now, state kept."""
    for disturb in (
        lambda p: p.assign_(np.full(p.shape, 2.0)),
        lambda p: Flat([p]),
        lambda p: nn.ModuleList([]) or setattr(p, "name", "renamed"),
    ):
        found, expected = leaves((2,), (3,)), leaves((2,), (3,))
        disturbed, plain = make(name, found), make(name, expected)
        drive(disturbed, 3)
        drive(plain, 3)
        disturb(found[0])
        with no_grad():
            expected[0].assign_(found[0])
        drive(disturbed, 3, 1)
        drive(plain, 3, 1)
        assert_same(values(found), values(expected))


@every
def test_a_model_may_change_its_dtype(name: str) -> None:
    model = nn.Linear(2, 3, rng=0)
    optimizer = make(name, model.parameters())
    drive(optimizer, 2)
    model.to(np.float64)
    drive(optimizer, 2)
    assert model.weight.dtype == np.float64
    state = optimizer.state[model.weight]
    assert state["step"] == 4
    assert {v.dtype for v in state.values() if isinstance(v, np.ndarray)} <= {np.dtype(np.float64)}


@every
def test_mixed_dtypes_in_one_group(name: str) -> None:
    a, b, c = *leaves((2,), (3,)), *leaves((2, 2), dtype=np.float32)
    twins = [Tensor(p.data, requires_grad=True) for p in (a, c, b)]
    optimizer = make(name, [a, c, b])
    drive(optimizer, 3)
    assert [p.dtype for p in (a, b, c)] == [np.float64, np.float64, np.float32]
    for i, p in enumerate(twins):
        alone = make(name, [p])
        for t in range(3):
            p.grad = np.random.default_rng([0, t, i]).normal(size=p.shape).astype(p.dtype)
            alone.step()
    assert_same(values([a, c, b]), values(twins))


def test_tied_parameters_are_updated_once() -> None:
    w = Parameter([1.0, 2.0])
    optimizer = optim.SGD([w, w], lr=0.1)
    assert optimizer.param_groups[0]["params"] == [w]
    w.grad = np.ones(2)
    optimizer.step()
    assert_allclose(w.data, [0.9, 1.9])


@every
def test_numbers_and_empty_parameters(name: str) -> None:
    a, b = leaves((), (0, 3))
    optimizer = make(name, [a, b])
    before = a.item()
    drive(optimizer, 2)
    assert a.shape == ()
    assert a.item() != before


def test_gradients_are_left_as_they_were() -> None:
    for name in GRID:
        for shapes in [((3,),), ((3,), (2,))]:
            parameters = leaves(*shapes)
            optimizer = make(name, parameters)
            for p in parameters:
                p.grad = np.full(p.shape, 0.5)
            for _ in range(2):
                optimizer.step()
            for p in parameters:
                assert_array_equal(p.grad.numpy(), np.full(p.shape, 0.5))


# Groups


@every
def test_groups_have_their_own_hyperparameters(name: str) -> None:
    a, b = leaves((2,), (2,))
    twins = leaves((2,), (2,))
    optimizer = make(name, [{"params": [a]}, {"params": b, "lr": 0.5}])
    for optimizer_of_one in (make(name, twins[:1]), make(name, twins[1:], lr=0.5)):
        drive(optimizer_of_one, 3)
    drive(optimizer, 3)
    assert_same(values([a, b]), values(twins))


def test_a_group_is_added_later() -> None:
    a, b = leaves((2,), (3,))
    optimizer = optim.Adam([a], lr=0.1)
    drive(optimizer, 2)
    optimizer.add_param_group({"params": [b], "lr": 0.2})
    drive(optimizer, 1)
    assert [s["step"] for s in optimizer.state.values()] == [3, 1]


def test_named_parameters_keep_their_names() -> None:
    model = nn.Linear(2, 1)
    optimizer = optim.SGD(model.named_parameters(), lr=0.1)
    assert optimizer.param_groups[0]["params"] == [model.weight, model.bias]
    assert optimizer.param_groups[0]["param_names"] == ["weight", "bias"]


def test_hyperparameters_may_change_between_steps() -> None:
    """Momentum and amsgrad that are switched on later get their state, the rest is kept."""
    (p,) = leaves((2,))
    optimizer = optim.Adam([p])
    drive(optimizer, 2)
    mean = optimizer.state[p]["exp_avg"].copy()
    optimizer.param_groups[0].update(amsgrad=True, lr=0.0)
    p.grad = np.zeros(2)
    optimizer.step()
    assert_allclose(optimizer.state[p]["exp_avg"], 0.9 * mean)
    assert "max_exp_avg_sq" in optimizer.state[p]


REFUSED: list[tuple[Any, str]] = [
    (lambda: optim.SGD([]), "at least one parameter"),
    (lambda: optim.SGD(Parameter([1.0])), r"put it in a list: \[parameter\]"),
    (lambda: optim.SGD([np.ones(2)]), "leaves of floating dtype"),
    (lambda: optim.SGD([Tensor([1, 2])]), "leaves of floating dtype"),
    (lambda: optim.SGD([Parameter([1.0]) * 2]), "leaves of floating dtype"),
    (lambda: optim.SGD([{"params": [Parameter([1.0])], "learning_rate": 1.0}]), "'learning_rate'"),
    (lambda: optim.SGD([{"params": [Parameter([1.0])], "momentun": 1.0}]), "write 'momentum'"),
    (lambda: optim.SGD([Parameter([1.0])], lr=-1.0), "lr ≥ 0"),
    (lambda: optim.SGD([Parameter([1.0])], lr=float("nan")), "lr ≥ 0"),
    (lambda: optim.SGD([Parameter([1.0])], lr="0.1"), "lr ≥ 0"),  # type: ignore[arg-type]
    (lambda: optim.SGD([Parameter([1.0])], nesterov=True), "momentum > 0 and dampening = 0"),
    (lambda: optim.Adam([Parameter([1.0])], betas=(0.9, 1.0)), r"two betas in \[0, 1\)"),
    (lambda: optim.Adam([Parameter([1.0])], betas=0.9), "two betas"),  # type: ignore[arg-type]
    (lambda: optim.Adam([Parameter([1.0])], eps=-1.0), "eps ≥ 0"),
    (lambda: optim.Adadelta([Parameter([1.0])], rho=1.5), "rho in"),
    (lambda: optim.Rprop([Parameter([1.0])], etas=(1.2, 0.5)), "0 < η⁻ < 1 < η⁺"),
]


@pytest.mark.parametrize(("make_it", "words"), REFUSED)
def test_refusals(make_it: Any, words: str) -> None:
    with pytest.raises(ArgumentError, match=words):
        make_it()


def test_one_parameter_in_two_groups_is_refused() -> None:
    w = Parameter([1.0], name="w")
    with pytest.raises(ArgumentError) as caught:
        optim.SGD([{"params": [w]}, {"params": [w]}])
    assert str(caught.value) == (
        "in SGD.add_param_group\n"
        "  expected: each parameter in one group\n"
        "  got:      leaf 'w' in two\n"
        "  to do:    take it out of one of them"
    )


def test_step_runs_a_closure_that_records() -> None:
    w = Parameter([2.0])
    optimizer = optim.SGD([w], lr=0.1)

    def closure() -> Tensor:
        optimizer.zero_grad()
        loss = (w * w).sum()
        loss.backward()
        return loss

    with no_grad():
        assert optimizer.step(closure).item() == 4.0
    assert_allclose(w.data, [1.6])
    assert optimizer.step() is None


def test_zero_grad() -> None:
    a, b = leaves((2,), (2,))
    a.grad = np.ones(2)
    optimizer = optim.SGD([a, b])
    optimizer.zero_grad(set_to_none=False)
    assert_array_equal(a.grad.numpy(), [0.0, 0.0])
    assert b.grad is None
    optimizer.zero_grad()
    assert a.grad is None


# Saving and copying


@every
def test_a_saved_state_goes_on_with_the_same_bits(name: str) -> None:
    straight, stopped = leaves((2, 2), (), (3,)), leaves((2, 2), (), (3,))
    optimizer = make(name, straight)
    drive(optimizer, 4)
    drive(optimizer, 4, 1)

    before = make(name, stopped)
    drive(before, 4)
    state = before.state_dict()
    drive(before, 1, 7)  # what was saved is a copy
    resumed_parameters = leaves((2, 2), (), (3,))
    donor = make(name, resumed_parameters)
    drive(donor, 4)
    resumed = make(name, resumed_parameters, lr=0.7)
    resumed.load_state_dict(pickle.loads(pickle.dumps(state)))
    drive(resumed, 4, 1)
    assert_same(values(resumed_parameters), values(straight))


def test_state_dict_is_laid_out_as_in_pytorch() -> None:
    a, b = leaves((2,), (3,))
    optimizer = optim.Adam([{"params": [a]}, {"params": [b], "lr": 0.5}])
    a.grad = np.ones(2)
    optimizer.step()
    state = optimizer.state_dict()
    assert list(state) == ["state", "param_groups"]
    assert list(state["state"]) == [0]
    assert list(state["state"][0]) == ["step", "exp_avg", "exp_avg_sq"]
    assert [g["params"] for g in state["param_groups"]] == [[0], [1]]
    assert state["param_groups"][1]["lr"] == 0.5


def test_a_momentum_that_pytorch_saved_goes_on_though_its_sgd_counts_no_steps() -> None:
    (w,) = leaves((2,))
    before, optimizer = np.array(w.data), optim.SGD([w], lr=0.1, momentum=0.9)
    group = {**optimizer.state_dict()["param_groups"][0], "foreach": None, "fused": None, "differentiable": False}
    optimizer.load_state_dict({"state": {0: {"momentum_buffer": np.array([1.0, 2.0])}}, "param_groups": [group]})
    w.grad = np.zeros(2)
    optimizer.step()
    assert_allclose(w.data, before - 0.1 * 0.9 * np.array([1.0, 2.0]), rtol=1e-12)


def test_a_state_of_another_shape_is_refused_and_nothing_changes() -> None:
    one, other = optim.Adam(leaves((2,))), optim.Adam(leaves((3,)))
    drive(one, 1)
    drive(other, 1)
    before = other.state_dict()
    with pytest.raises(ArgumentError, match=r"state of shape \(3,\)"):
        other.load_state_dict(one.state_dict())
    assert_array_equal(other.state_dict()["state"][0]["exp_avg"], before["state"][0]["exp_avg"])
    with pytest.raises(ArgumentError, match=r"groups of \[1\] parameters"):
        other.load_state_dict(optim.Adam(leaves((3,), (2,))).state_dict())


@every
def test_copies_of_model_and_optimizer_train_alike_and_apart(name: str) -> None:
    for duplicate in (copy.deepcopy, lambda pair: pickle.loads(pickle.dumps(pair))):
        parameters = leaves((2, 2), (3,))
        optimizer = make(name, parameters)
        drive(optimizer, 3)
        twins, twin = duplicate((parameters, optimizer))
        assert twin.param_groups[0]["params"][0] is twins[0]
        before = values(parameters)
        drive(twin, 3, 1)
        assert_same(values(parameters), before)
        drive(optimizer, 3, 1)
        assert_same(values(twins), values(parameters))


def test_a_copied_model_leaves_the_optimizer_with_the_old_one() -> None:
    model = nn.Linear(2, 1, rng=0)
    optimizer = optim.SGD(model.parameters(), lr=0.1)
    drive(optimizer, 1)
    twin = copy.deepcopy(model)
    before = values(twin.parameters())
    drive(optimizer, 1)
    assert_same(values(twin.parameters()), before)


def test_repr_shows_the_groups() -> None:
    text = repr(optim.SGD([{"params": leaves((2,), (3,))}, {"params": leaves(()), "lr": 0.5}], momentum=0.9))
    assert text == (
        "SGD(\n"
        "  2 parameters: lr=0.001, momentum=0.9, dampening=0, weight_decay=0, nesterov=False, maximize=False\n"
        "  1 parameters: lr=0.5, momentum=0.9, dampening=0, weight_decay=0, nesterov=False, maximize=False\n"
        ")"
    )
