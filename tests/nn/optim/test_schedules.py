"""Every schedule over 50 epochs against its closed form, for two groups at once; chains, sequences, saving."""

from __future__ import annotations

import inspect
import itertools
import math
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose

from autograd import ArgumentError, Tensor
from nn import optim
from nn.optim import SGD, Adam, Optimizer

EPOCHS = 50
BASES = (0.1, 0.03)


def optimizer(kind: Any = SGD) -> Optimizer:
    groups = [{"params": [Tensor(1.0, requires_grad=True)], "lr": lr} for lr in BASES]
    made: Optimizer = kind(groups, momentum=0.9) if kind is SGD else kind(groups)
    return made


def rates(of: Optimizer) -> list[float]:
    return [group["lr"] for group in of.param_groups]


def course(schedule: Any, epochs: int = EPOCHS) -> Any:
    """Return the rates of all groups at each epoch."""
    found = []
    for _ in range(epochs):
        assert schedule.get_last_lr() == rates(schedule.optimizer)
        found.append(rates(schedule.optimizer))
        schedule.step()
    return np.array(found)


def cosine(base: float, e: int, T_max: int = 0, eta_min: float = 0.0) -> float:
    return eta_min + (base - eta_min) * (1 + math.cos(math.pi * e / T_max)) / 2


def linear(base: float, e: int, start_factor: float = 1 / 3, end_factor: float = 1.0, total_iters: int = 5) -> float:
    return base * (start_factor + (end_factor - start_factor) * min(e, total_iters) / total_iters)


def polynomial(base: float, e: int, total_iters: int = 5, power: float = 1.0) -> float:
    return base * (1 - min(e, total_iters) / total_iters) ** power


def restarted(base: float, e: int, T_0: int, T_mult: int = 1, eta_min: float = 0.0) -> float:
    period = T_0
    while e >= period:
        e, period = e - period, period * T_mult
    return cosine(base, e, period, eta_min)


CLOSED: dict[str, tuple[Any, list[dict[str, Any]]]] = {
    "LambdaLR": (
        lambda base, e, lr_lambda: base * lr_lambda(e),
        [{"lr_lambda": lambda e: 0.9**e * (1 + 0.1 * (e % 3))}],
    ),
    "MultiplicativeLR": (lambda base, e, lr_lambda: base * 0.9**e, [{"lr_lambda": lambda e: 0.9}]),
    "StepLR": (
        lambda base, e, step_size, gamma=0.1: base * gamma ** (e // step_size),
        [{"step_size": 7}, {"step_size": 3, "gamma": 0.5}],
    ),
    "MultiStepLR": (
        lambda base, e, milestones, gamma=0.1: base * gamma ** sum(m <= e for m in milestones),
        [{"milestones": [30, 3, 10, 10]}, {"milestones": [1, 2], "gamma": 0.3}],
    ),
    "ConstantLR": (
        lambda base, e, factor=1 / 3, total_iters=5: base * (factor if e < total_iters else 1.0),
        [{}, {"factor": 0.5, "total_iters": 10}],
    ),
    "LinearLR": (
        linear,
        [{}, {"start_factor": 0.1, "end_factor": 0.7, "total_iters": 13}, {"start_factor": 1.0, "end_factor": 0.0}],
    ),
    "ExponentialLR": (lambda base, e, gamma: base * gamma**e, [{"gamma": 0.9}]),
    "PolynomialLR": (polynomial, [{}, {"total_iters": 30, "power": 2.5}]),
    "CosineAnnealingLR": (cosine, [{"T_max": 10}, {"T_max": 50, "eta_min": 0.01}, {"T_max": 1}]),
    "CosineAnnealingWarmRestarts": (restarted, [{"T_0": 7}, {"T_0": 3, "T_mult": 2, "eta_min": 0.01}]),
}
# Tested further down, and in test_cycles.py
ON_THEIR_OWN = {"CyclicLR", "OneCycleLR", "ReduceLROnPlateau", "ChainedScheduler", "SequentialLR"}
CASES = [(name, settings) for name, (_, several) in CLOSED.items() for settings in several]
every_case = pytest.mark.parametrize(("name", "settings"), CASES, ids=[f"{n}-{i}" for i, (n, _) in enumerate(CASES)])


def closed(name: str, settings: Any, epochs: int = EPOCHS) -> Any:
    return np.array([[CLOSED[name][0](base, e, **settings) for base in BASES] for e in range(epochs)])


def test_every_schedule_is_tried_with_every_argument() -> None:
    assert CLOSED.keys() | ON_THEIR_OWN == optim.schedules.keys()
    for name, (_, several) in CLOSED.items():
        arguments = set(inspect.signature(optim.schedules[name]).parameters) - {"optimizer", "last_epoch"}
        assert arguments == {k for settings in several for k in settings}
        assert getattr(optim, name) is optim.schedules[name]


@every_case
def test_fifty_epochs_are_those_of_the_closed_form(name: str, settings: Any) -> None:
    assert_allclose(course(optim.schedules[name](optimizer(), **settings)), closed(name, settings), atol=1e-14)


@every_case
def test_a_saved_schedule_goes_on(name: str, settings: Any) -> None:
    schedule = optim.schedules[name](optimizer(), **settings)
    course(schedule, 20)
    saved, groups = schedule.state_dict(), schedule.optimizer.state_dict()
    fresh = optim.schedules[name](optimizer(), **settings)
    fresh.optimizer.load_state_dict(groups)
    fresh.load_state_dict(saved)
    assert_allclose(course(fresh, 30), closed(name, settings)[20:], atol=1e-14)


@every_case
def test_last_epoch_goes_on_after_that_epoch(name: str, settings: Any) -> None:
    schedule = optim.schedules[name](optimizer(), **settings)
    course(schedule, 8)
    fresh = optim.schedules[name](schedule.optimizer, **settings, last_epoch=7)
    assert_allclose(course(fresh, 30), closed(name, settings)[8:38], atol=1e-14)


def test_lambda_for_each_group() -> None:
    schedule = optim.LambdaLR(optimizer(), [lambda e: 0.5**e, lambda e: 1.0])
    assert_allclose(course(schedule, 3), [[0.1, 0.03], [0.05, 0.03], [0.025, 0.03]])
    assert "lr_lambdas" not in schedule.state_dict()


# One cycle


def between(start: float, end: float, share: float, strategy: str) -> float:
    return start + (end - start) * (share if strategy == "linear" else (1 - math.cos(math.pi * share)) / 2)


def one_cycle(e: int, points: list[tuple[float, float]], strategy: str) -> float:
    """Return the value at e of a curve through (step, value) points."""
    for (a, u), (b, v) in itertools.pairwise(points):
        if e <= b:
            return between(u, v, (e - a) / (b - a), strategy)
    return points[-1][1]


@pytest.mark.parametrize("kind", [SGD, Adam])
@pytest.mark.parametrize("strategy", ["cos", "linear"])
@pytest.mark.parametrize("three_phase", [False, True])
def test_one_cycle(kind: Any, strategy: str, three_phase: bool) -> None:
    made = optimizer(kind)
    settings: dict[str, Any] = {"pct_start": 0.4, "div_factor": 10.0, "final_div_factor": 100.0}
    schedule = optim.OneCycleLR(
        made, [0.5, 0.2], epochs=10, steps_per_epoch=5, anneal_strategy=strategy, three_phase=three_phase,
        base_momentum=0.8, max_momentum=0.9, **settings,
    )  # fmt: skip
    for e in range(EPOCHS):
        for group, top in zip(made.param_groups, [0.5, 0.2], strict=True):
            middle = [(38.0, top / 10)] if three_phase else []
            points = [(0.0, top / 10), (19.0, top), *middle, (49.0, top / 1000)]
            momenta = [(0.0, 0.9), (19.0, 0.8), (38.0 if three_phase else 49.0, 0.9), (50.0, 0.9)]
            assert_allclose(group["lr"], one_cycle(e, points, strategy), rtol=1e-12)
            momentum = group["momentum"] if kind is SGD else group["betas"][0]
            assert_allclose(momentum, one_cycle(e, momenta, strategy), rtol=1e-12)
        schedule.step()
    with pytest.raises(ArgumentError, match="at most 50 steps"):
        schedule.step()


def test_one_cycle_goes_on_and_may_leave_momentum_alone() -> None:
    made = optimizer()
    schedule = optim.OneCycleLR(made, 0.5, total_steps=40, cycle_momentum=False)
    whole = course(optim.OneCycleLR(optimizer(), 0.5, total_steps=40), 40)
    first = course(schedule, 15)
    fresh = optim.OneCycleLR(optimizer(), 0.5, total_steps=40, cycle_momentum=False)
    fresh.load_state_dict(schedule.state_dict())
    fresh.optimizer.load_state_dict(made.state_dict())
    assert_allclose(np.concatenate([first, course(fresh, 25)]), whole, rtol=1e-12)
    assert made.param_groups[0]["momentum"] == 0.9
    resumed = optim.OneCycleLR(made, 0.5, total_steps=40, cycle_momentum=False, last_epoch=14)
    assert_allclose(course(resumed, 25), whole[15:], rtol=1e-12)


# Plateau


def test_plateau_cuts_when_patience_ends() -> None:
    """Patience 2: the third epoch in a row without progress cuts; then two epochs of cooldown don't count."""
    made = optimizer()
    schedule = optim.ReduceLROnPlateau(made, factor=0.5, patience=2, cooldown=2, min_lr=[0.03, 0.0])
    found = []
    for metric in [1.0, 0.5, 0.5, 0.5, 0.49999, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.4]:
        schedule.step(Tensor(metric, requires_grad=True))
        found.append(rates(made))
        assert schedule.get_last_lr() == found[-1]
    a, b, c = [0.1, 0.03], [0.05, 0.015], [0.03, 0.0075]
    assert_allclose(found, [a] * 4 + [b] * 5 + [c] * 3)


@pytest.mark.parametrize(
    ("mode", "threshold_mode", "metric", "better"),
    [
        ("min", "rel", 0.89, True),
        ("min", "rel", 0.91, False),
        ("min", "abs", 0.89, True),
        ("min", "abs", 0.91, False),
        ("max", "rel", 1.11, True),
        ("max", "rel", 1.09, False),
        ("max", "abs", 1.11, True),
        ("max", "abs", 1.09, False),
    ],
)
def test_plateau_knows_what_is_better(mode: str, threshold_mode: str, metric: float, better: bool) -> None:
    made = optimizer()
    schedule = optim.ReduceLROnPlateau(
        made, mode=mode, factor=0.5, patience=0, threshold=0.1, threshold_mode=threshold_mode
    )
    schedule.step(1.0)
    schedule.step(metric)
    assert rates(made) == ([0.1, 0.03] if better else [0.05, 0.015])


def test_plateau_leaves_small_changes_and_is_saved() -> None:
    made = optimizer()
    schedule = optim.ReduceLROnPlateau(made, factor=0.5, patience=1, eps=0.02)
    schedule.step(1.0)
    schedule.step(1.0)
    fresh = optim.ReduceLROnPlateau(made, factor=0.5, patience=1, eps=0.02)
    fresh.load_state_dict(schedule.state_dict())
    fresh.step(1.0)
    assert rates(made) == [0.05, 0.03]


# Several


def test_chained_schedules_act_together() -> None:
    made = optimizer()
    schedule = optim.ChainedScheduler([optim.ConstantLR(made, 0.1, 20), optim.ExponentialLR(made, 0.9)])
    expected = [[base * (0.1 if e < 20 else 1.0) * 0.9**e for base in BASES] for e in range(EPOCHS)]
    assert_allclose(course(schedule), expected, rtol=1e-12)


def sequence(made: Optimizer) -> Any:
    parts = [
        optim.LinearLR(made, 0.1, total_iters=8),
        optim.CosineAnnealingLR(made, 20),
        optim.StepLR(made, 4),
        optim.LambdaLR(made, lambda e: 0.5**e),
    ]
    return optim.SequentialLR(made, parts, milestones=[8, 28, 40])


def sequenced(base: float, e: int) -> float:
    if e < 8:
        return linear(base, e, 0.1, total_iters=8)
    if e < 28:
        return cosine(base, e - 8, 20)
    return base * 0.1 ** ((e - 28) // 4) if e < 40 else base * 0.5 ** (e - 40)


SEQUENCED = [[sequenced(base, e) for base in BASES] for e in range(EPOCHS)]


def test_a_sequence_begins_each_part_from_the_start() -> None:
    assert_allclose(course(sequence(optimizer())), SEQUENCED, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("stop", [3, 8, 9, 30])
def test_a_saved_sequence_goes_on(stop: int) -> None:
    schedule = sequence(optimizer())
    course(schedule, stop)
    saved, groups = schedule.state_dict(), schedule.optimizer.state_dict()
    fresh = sequence(optimizer())
    fresh.optimizer.load_state_dict(groups)
    fresh.load_state_dict(saved)
    assert_allclose(course(fresh, EPOCHS - stop), SEQUENCED[stop:], rtol=1e-12, atol=1e-15)


def test_a_chain_of_sequences_and_a_sequence_of_chains() -> None:
    made = optimizer()
    warm = optim.ChainedScheduler([optim.LinearLR(made, 0.1, total_iters=8), optim.ExponentialLR(made, 0.95)])
    inner = optim.SequentialLR(made, [optim.ExponentialLR(made, 0.8), optim.StepLR(made, 3)], [5])
    schedule = optim.SequentialLR(made, [warm, inner], [12])
    expected = []
    for e in range(30):
        if e < 12:
            factor = linear(1.0, e, 0.1, total_iters=8) * 0.95**e
        else:
            factor = 0.8 ** (e - 12) if e < 17 else 0.1 ** ((e - 17) // 3)
        expected.append([base * factor for base in BASES])
    assert_allclose(course(schedule, 30), expected, rtol=1e-12)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda o: optim.LinearLR(o, start_factor=0.0), r"start_factor in \(0, 1\]"),
        (lambda o: optim.LinearLR(o, end_factor=1.5), r"end_factor in \[0, 1\]"),
        (lambda o: optim.ConstantLR(o, factor=2.0), "factor in"),
        (lambda o: optim.StepLR(o, 3, last_epoch=4), "a schedule has set before"),
        (lambda o: optim.LambdaLR(o, [abs]), "one for each of 2 groups"),
        (lambda o: optim.OneCycleLR(o, 0.1), "total_steps ≥ 1"),
        (lambda o: optim.OneCycleLR(o, 0.1, 10, pct_start=2.0), "pct_start in"),
        (lambda o: optim.OneCycleLR(o, 0.1, 10, anneal_strategy="sine"), "'cos' or 'linear'"),
        (lambda o: optim.OneCycleLR(optim.Adagrad(o.param_groups[0]["params"]), 0.1, 10), "with momentum"),
        (lambda o: optim.ReduceLROnPlateau(o, factor=1.0), "factor < 1"),
        (lambda o: optim.ReduceLROnPlateau(o, mode="less"), "mode 'min' or 'max'"),
        (lambda o: optim.ReduceLROnPlateau(o, threshold_mode="x"), "threshold_mode"),
        (lambda o: optim.ChainedScheduler([]), "at least one schedule"),
        (lambda o: optim.ChainedScheduler([optim.ReduceLROnPlateau(o)]), "go by the epoch"),
        (lambda o: optim.SequentialLR(o, [optim.StepLR(optimizer(), 2)], []), "of one optimizer"),
        (lambda o: optim.SequentialLR(o, [optim.StepLR(o, 2)], [3]), "one schedule more than milestones"),
    ],
)
def test_refusals(make: Any, words: str) -> None:
    with pytest.raises(ArgumentError, match=words):
        make(optimizer())
