"""Levenberg–Marquardt and Gauss–Newton: certified problems from both starts, textbook ones, and what may go wrong."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.optimize
from numpy.testing import assert_allclose, assert_array_equal

import autograd
import nn
from autograd import ArgumentError, ShapeError
from nn.optim import least_squares
from tests.nn.optim.strd_data import problems

BOTH = pytest.mark.parametrize("method", ["lm", "gauss-newton"])


def fit(name: str, start: int, **settings: Any) -> Any:
    model, x, y = problems[name][:3]
    return least_squares(lambda b: model(b, x) - y, problems[name].starts[start], **settings)


@pytest.mark.parametrize("name", problems)
def test_the_data_are_those_that_were_certified(name: str) -> None:
    problem = problems[name]
    r = problem.model(np.array(problem.certified), problem.x) - problem.y
    assert_allclose(r @ r, problem.squares, rtol=1e-9, atol=1e-20)


@pytest.mark.parametrize("start", [0, 1])
@pytest.mark.parametrize("name", problems)
def test_certified_parameters_from_both_starts(name: str, start: int) -> None:
    problem, found = problems[name], fit(name, start)
    assert found.success
    assert_allclose(found.x, problem.certified, rtol=1e-7)
    assert_allclose(2 * found.cost, problem.squares, rtol=1e-8, atol=1e-24)
    if problem.deviations:
        assert_allclose(np.sqrt(np.diag(found.covariance)), problem.deviations, rtol=1e-6)


# Gauss–Newton loses its way from the far start of the others: for those there is Levenberg and Marquardt's damping.
LOST = {"Rat43", "MGH09", "MGH10", "MGH17", "Eckerle4"}


@pytest.mark.parametrize(("name", "start"), [(n, s) for n in problems for s in (0, 1) if s or n not in LOST])
def test_gauss_newton_meets_them_too(name: str, start: int) -> None:
    assert_allclose(fit(name, start, method="gauss-newton").x, problems[name].certified, rtol=1e-7)


@pytest.mark.parametrize("name", ["Misra1a", "Rat43", "Thurber", "Hahn1", "MGH17", "ENSO"])
def test_scipy_agrees(name: str) -> None:
    model, x, y = problems[name][:3]

    def f(b: Any) -> Any:
        return model(b, x) - y

    start = problems[name].starts[1]
    expected = scipy.optimize.least_squares(
        f, start, autograd.jacobian(f), method="lm", xtol=1e-14, ftol=1e-14, gtol=1e-14
    )
    found = fit(name, 1)
    assert_allclose(found.x, expected.x, rtol=1e-6)
    assert found.cost <= expected.cost * (1 + 1e-12)


def test_without_the_correction_for_curvature() -> None:
    for name in ("MGH09", "MGH17", "Bennett5", "Lanczos3"):
        for start in (0, 1):
            assert_allclose(fit(name, start, geodesic=False).x, problems[name].certified, rtol=1e-6)


@BOTH
def test_textbook_problems(method: str) -> None:
    def rosenbrock(x: Any) -> Any:
        return np.stack([10 * (x[1] - x[0] ** 2), 1 - x[0]])

    def powell(x: Any) -> Any:
        squares = [np.sqrt(10) * (x[0] - x[3]) ** 2, (x[1] - 2 * x[2]) ** 2]
        return np.stack([x[0] + 10 * x[1], np.sqrt(5) * (x[2] - x[3]), *squares])

    def beale(x: Any) -> Any:
        return np.stack([c - x[0] * (1 - x[1] ** k) for k, c in ((1, 1.5), (2, 2.25), (3, 2.625))])

    for f, start, best in (
        (rosenbrock, [-1.2, 1.0], [1, 1]),
        (powell, [3.0, -1.0, 0.0, 1.0], [0, 0, 0, 0]),
        (beale, [1.0, 0.8], [3, 0.5]),
    ):
        found = least_squares(f, start, method=method)
        assert found.success
        assert_allclose(found.x, best, atol=1e-6)


# What may go wrong


@BOTH
def test_a_step_that_overflows_is_taken_back(method: str) -> None:
    t = np.linspace(0, 1, 8)
    found = least_squares(lambda b: b[0] * np.exp(b[1] * t) - 2 * np.exp(3 * t), [1e-3, -20.0], method=method)
    assert_allclose(found.x, [2, 3], rtol=1e-6)


@BOTH
def test_unknowns_that_the_residuals_cannot_tell_apart(method: str) -> None:
    """Only a + b counts: the smallest step is taken, and the covariance is infinite."""
    y = np.array([1.0, 2.0, 4.0])
    found = least_squares(lambda x: (x[0] + x[1]) * np.ones(3) - y, [0.5, 0.1], method=method)
    assert found.success
    assert_allclose(found.x, [0.5 + 13 / 15 / 1, 0.1 + 13 / 15], rtol=1e-9)
    assert np.isinf(found.covariance).all()


@BOTH
def test_an_unknown_that_nothing_depends_on_stays(method: str) -> None:
    found = least_squares(lambda x: x[:1] - 3, [1.0, 7.0], method=method)
    assert_allclose(found.x, [3, 7])


@BOTH
def test_fewer_residuals_than_unknowns(method: str) -> None:
    found = least_squares(lambda x: (x**2).sum() - 1, [1.0, 2.0], method=method)
    assert found.cost < 1e-25
    assert np.isinf(found.covariance).all()


def test_a_straight_line_has_the_covariance_of_the_textbook() -> None:
    x, y = np.arange(5.0), np.array([1.0, 2.2, 2.9, 4.1, 5.3])
    A = np.stack([np.ones(5), x], axis=1)
    found = least_squares(lambda b: A @ b - y, [0.0, 0.0])
    expected, rest, *_ = np.linalg.lstsq(A, y)
    assert_allclose(found.x, expected, rtol=1e-12)
    assert_allclose(found.covariance, rest / 3 * np.linalg.inv(A.T @ A), rtol=1e-10)
    assert_allclose(found.grad, A.T @ found.fun, atol=1e-13)
    assert found.nit <= 5


def test_max_iter_stops_and_says_so() -> None:
    seen: list[Any] = []
    found = fit("MGH10", 0, max_iter=3, callback=seen.append)
    assert (found.success, found.status, found.nit) == (False, 0, 3)
    assert "max_iter" in found.message
    assert_array_equal(seen[-1], found.x)


def test_float32_ends_at_its_own_rounding() -> None:
    t = np.linspace(0, 2, 9, dtype=np.float32)
    y = np.float32(3) * np.exp(-t)
    found = least_squares(lambda b: b[0] * np.exp(-b[1] * t) - y, np.ones(2, np.float32))
    assert found.x.dtype == np.float32
    assert found.success
    assert found.nit < 50
    assert_allclose(found.x, [3, 1], rtol=1e-5)


# What it takes


def test_a_nest_of_arrays() -> None:
    x = np.random.default_rng(0).normal(size=(20, 3))
    w, b = np.array([1.0, -2.0, 0.5]), 4.0
    start = {"w": np.zeros(3), "b": (np.zeros(()),)}
    found = least_squares(lambda p: x @ p["w"] + p["b"][0] - (x @ w + b), start).x
    assert_allclose(found["w"], w, rtol=1e-12)
    assert_allclose(found["b"][0], b, rtol=1e-12)


def test_a_model_learns_its_data() -> None:
    rng = np.random.default_rng(0)
    x = rng.uniform(-2, 2, size=(60, 1))
    teacher = nn.Sequential(nn.Linear(1, 3, rng=1), nn.Tanh(), nn.Linear(3, 1, rng=2)).double()
    student = nn.Sequential(nn.Linear(1, 3, rng=3), nn.Tanh(), nn.Linear(3, 1, rng=4)).double()
    y = teacher(x).numpy()
    found = least_squares(student, (x, y), max_iter=60)
    assert found.cost < 1e-7
    assert_allclose(student(x).numpy(), y, atol=1e-3)
    again = least_squares(student, lambda: student(x) - y, max_iter=3)
    assert again.cost <= found.cost
    assert [p.shape for p in again.x] == [p.shape for p in student.parameters()]


REFUSED: list[tuple[Any, type[Exception], str]] = [
    (lambda: least_squares(np.sin, [1.0], method="trf"), ArgumentError, "method among lm"),
    (lambda: least_squares(np.sin), ArgumentError, "a function and where to start"),
    (lambda: least_squares(np.log, [-1.0]), ArgumentError, "finite residuals"),
    (lambda: least_squares(np.sin, []), ArgumentError, "one unknown at least"),
    (lambda: least_squares(np.sin, [1.0], damping=0), ArgumentError, "damping > 0"),
    (lambda: least_squares(nn.Linear(1, 1), np.ones(3)), ArgumentError, "a closure"),
    (
        lambda: least_squares(nn.Linear(1, 1).double(), (np.ones((3, 1)), np.ones(3))),
        ShapeError,
        r"\(3, 1\) and \(3,\)",
    ),
]


@pytest.mark.parametrize(("call", "kind", "words"), REFUSED)
def test_refusals(call: Any, kind: Any, words: str) -> None:
    with pytest.raises(kind, match=words):
        call()
