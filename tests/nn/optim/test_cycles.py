"""Cyclic rates, warm restarts and factors: the rates and momenta of PyTorch 2.13 on the same calls, taken once."""

from __future__ import annotations

from typing import Any

import pytest
from numpy.testing import assert_allclose

from autograd import ArgumentError
from nn import optim
from nn.optim import SGD, Adam, Optimizer
from tests.nn.optim.test_schedules import course, optimizer

SCALED = [0.01, 0.025, 0.03, 0.0325, 0.022, 0.015, 0.01, 0.01375, 0.05 / 3]

# (optimizer, arguments) ↦ rate and momentum of both groups, step by step
CYCLES: list[tuple[Any, dict[str, Any], list[list[float]]]] = [
    (
        SGD,
        {"base_lr": [0.01, 0.02], "max_lr": [0.1, 0.3], "step_size_up": 3, "step_size_down": 5},
        [
            [0.01, 0.9, 0.02, 0.9],
            [0.04, 0.866666666667, 0.113333333333, 0.866666666667],
            [0.07, 0.833333333333, 0.206666666667, 0.833333333333],
            [0.1, 0.8, 0.3, 0.8],
            [0.082, 0.82, 0.244, 0.82],
            [0.064, 0.84, 0.188, 0.84],
            [0.046, 0.86, 0.132, 0.86],
            [0.028, 0.88, 0.076, 0.88],
            [0.01, 0.9, 0.02, 0.9],
            [0.04, 0.866666666667, 0.113333333333, 0.866666666667],
        ],
    ),
    (
        SGD,
        {
            "base_lr": 0.01, "max_lr": 0.1, "step_size_up": 4, "mode": "triangular2",
            "base_momentum": [0.7, 0.8], "max_momentum": 0.95,
        },
        [
            [0.01, 0.95, 0.01, 0.95],
            [0.0325, 0.8875, 0.0325, 0.9125],
            [0.055, 0.825, 0.055, 0.875],
            [0.0775, 0.7625, 0.0775, 0.8375],
            [0.1, 0.7, 0.1, 0.8],
            [0.0775, 0.7625, 0.0775, 0.8375],
            [0.055, 0.825, 0.055, 0.875],
            [0.0325, 0.8875, 0.0325, 0.9125],
            [0.01, 0.95, 0.01, 0.95],
            [0.02125, 0.91875, 0.02125, 0.93125],
            [0.0325, 0.8875, 0.0325, 0.9125],
        ],
    ),
    (
        Adam,
        {"base_lr": 0.01, "max_lr": 0.1, "step_size_up": 4, "mode": "exp_range", "gamma": 0.9},
        [
            [0.01, 0.9, 0.01, 0.9],
            [0.03025, 0.8775, 0.03025, 0.8775],
            [0.04645, 0.8595, 0.04645, 0.8595],
            [0.0592075, 0.845325, 0.0592075, 0.845325],
            [0.069049, 0.83439, 0.069049, 0.83439],
            [0.049858075, 0.85571325, 0.049858075, 0.85571325],
            [0.033914845, 0.87342795, 0.033914845, 0.87342795],
            [0.02076168025, 0.8880425775, 0.02076168025, 0.8880425775],
            [0.01, 0.9, 0.01, 0.9],
            [0.018716961003, 0.890314487775, 0.018716961003, 0.890314487775],
        ],
    ),
    (
        SGD,
        {
            "base_lr": 0.01, "max_lr": 0.1, "step_size_up": 3, "scale_fn": lambda x: 1 / (1 + x),
            "scale_mode": "iterations", "cycle_momentum": False,
        },
        [[lr, 0.9, lr, 0.9] for lr in SCALED],
    ),
]  # fmt: skip


def settings(of: Optimizer) -> list[float]:
    return [v for g in of.param_groups for v in (g["lr"], g["betas"][0] if "betas" in g else g["momentum"])]


@pytest.mark.parametrize(("kind", "arguments", "expected"), CYCLES)
@pytest.mark.parametrize("saved_at", [0, 5])
def test_cycles(kind: Any, arguments: dict[str, Any], expected: list[list[float]], saved_at: int) -> None:
    schedule = optim.CyclicLR(optimizer(kind), **arguments)
    for step, row in enumerate(expected):
        if step == saved_at:
            fresh = optim.CyclicLR(optimizer(kind), **arguments)
            fresh.load_state_dict(schedule.state_dict())
            fresh.optimizer.load_state_dict(schedule.optimizer.state_dict())
            schedule = fresh
        assert_allclose(settings(schedule.optimizer), row, rtol=1e-10)
        schedule.step()


def test_a_cycle_goes_on_after_an_epoch() -> None:
    kind, arguments, expected = CYCLES[0]
    schedule = optim.CyclicLR(optimizer(kind), **arguments)
    course(schedule, 4)
    resumed = optim.CyclicLR(schedule.optimizer, **arguments, last_epoch=3)
    assert_allclose(course(resumed, 5), [row[::2] for row in expected[4:9]], rtol=1e-10)


def test_restarts() -> None:
    first = [0.1, 0.0853553390593, 0.05, 0.0146446609407]
    found = course(optim.CosineAnnealingWarmRestarts(optimizer(), T_0=4), 8)
    assert_allclose(found, [[lr, 0.3 * lr] for lr in first * 2], rtol=1e-10)
    found = course(optim.CosineAnnealingWarmRestarts(optimizer(), T_0=3, T_mult=2, eta_min=0.01), 12)
    expected = [0.1, 0.0775, 0.0325, 0.1, 0.0939711431703, 0.0775, 0.055, 0.0325, 0.0160288568297, 0.1]
    assert_allclose(found[:, 0], [*expected, 0.098466662183, 0.0939711431703], rtol=1e-10)
    assert_allclose(found[:, 1], 0.01 + (found[:, 0] - 0.01) * 2 / 9, rtol=1e-10)


def test_restarts_within_an_epoch() -> None:
    schedule, found = optim.CosineAnnealingWarmRestarts(optimizer(), 3, 2, 0.01), []
    for epoch in [None, None, 0.5, None, 2.75, 3.0, 8.5, None, 9.25, 30]:
        schedule.step(epoch)
        found.append(schedule.get_last_lr()[0])
    expected = [0.0775, 0.0325, 0.0939711431703, 0.055, 0.011533337817, 0.1, 0.011533337817, 0.0996150187618]
    assert_allclose(found, [*expected, 0.0999036515457, 0.0722207544564], rtol=1e-10)


def test_factors() -> None:
    found = course(optim.MultiplicativeLR(optimizer(), [lambda e: 0.9 + 0.01 * e, lambda e: 0.5]), 5)
    assert_allclose(found[:, 0], [0.1, 0.091, 0.08372, 0.0778596, 0.073188024], rtol=1e-12)
    assert_allclose(found[:, 1], [0.03 * 0.5**e for e in range(5)], rtol=1e-12)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda o: optim.CyclicLR(o, 0.1, 0.5, mode="square"), "a mode of triangular"),
        (lambda o: optim.CyclicLR(o, 0.1, 0.5, scale_mode="x"), "scale_mode 'cycle'"),
        (lambda o: optim.CyclicLR(o, [0.1], 0.5), "one for each of 2 groups"),
        (lambda o: optim.CyclicLR(optim.Adagrad(o.param_groups[0]["params"]), 0.1, 0.5), "with momentum"),
        (lambda o: optim.CosineAnnealingWarmRestarts(o, 0), "T_0 ≥ 1"),
        (lambda o: optim.CosineAnnealingWarmRestarts(o, 2, 0), "T_mult ≥ 1"),
        (lambda o: optim.CosineAnnealingWarmRestarts(o, 2).step(-1), "epoch ≥ 0"),
    ],
)
def test_refusals(make: Any, words: str) -> None:
    with pytest.raises(ArgumentError, match=words):
        make(optimizer())
