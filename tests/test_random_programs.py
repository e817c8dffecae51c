"""Whole random programs: reverse mode, forward mode, batches, replays, checkpoints and differences tell one story."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

import autograd
from autograd import (
    Tensor,
    checkpoint,
    grad,
    gradcheck,
    hessian,
    hvp,
    jacfwd,
    jacobian,
    jvp,
    replay,
    value_and_grad,
    vjp,
    vmap,
)

N = 3  # every value of a program is a number, a vector of N or an N × N matrix


class Step(NamedTuple):
    """One line of a program: which function, of which earlier values."""

    name: str
    sources: tuple[int, ...]


def _vector(v: Any) -> Any:
    return v if v.ndim == 1 else v.mean(axis=0) if v.ndim == 2 else v * np.array([1.0, 0.5, -0.5])


def _matrix(v: Any) -> Any:
    return v if v.ndim == 2 else np.reshape(_vector(v), (N, 1)) * np.array([[1.0, -0.5, 0.25]])


# Bounded functions, so that a long program stays where differences are exact.
ONE: dict[str, Any] = {
    "sin": np.sin,
    "tanh": np.tanh,
    "sigmoid": autograd.sigmoid,
    "sqrt": lambda a: np.sqrt(1 + a * a),
    "log": lambda a: np.log(2 + np.sin(a)),
    "sum": lambda a: np.tanh(a.sum()),
    "mean": lambda a: a.mean(),
    "softmax": lambda a: autograd.softmax(_vector(a)),
    "logsumexp": lambda a: autograd.logsumexp(a) / 3,
    "std": lambda a: np.std(_vector(a) + np.array([0.0, 2.0, 5.0])),
    "prod": lambda a: np.prod(np.cos(_vector(a))),
    "turned": lambda a: _matrix(a).T,
    "reversed": lambda a: _vector(a)[::-1],
    "taken": lambda a: _vector(a)[np.array([2, 0, 2])],
    "diagonal": lambda a: autograd.einsum("ii->i", _matrix(a)),
    "padded": lambda a: autograd.concatenate([_vector(a)[1:], _vector(a)[:1]]),
    "slope": grad(lambda t: (np.sin(t) * t).sum()),  # transforms inside the program
    "rowwise": lambda a: vmap(lambda row: autograd.softmax(row) * row)(_matrix(a)),
}
TWO: dict[str, Any] = {
    "add": lambda a, b: a + b,
    "multiply": lambda a, b: np.sin(a) * b,
    "divide": lambda a, b: a / (1 + b * b),
    "power": lambda a, b: (1.5 + np.sin(a)) ** np.tanh(b),
    "matmul": lambda a, b: np.tanh(_matrix(a) @ _matrix(b)),
    "apply": lambda a, b: np.tanh(_matrix(a) @ _vector(b)),
    "solve": lambda a, b: autograd.solve(3 * np.eye(N) + np.sin(_matrix(a)), _vector(b)),
    "where": lambda a, b: autograd.where(np.array([True, False, True]), _vector(a), _vector(b)),
    "stack": lambda a, b: autograd.stack([_vector(a), _vector(b), _vector(a)], axis=1),
    "folded": checkpoint(lambda a, b: np.tanh(a * b) + a),
    "pushed": lambda a, b: jvp(np.tanh, (_vector(a),), (_vector(b),))[1],
}
FUNCTIONS = ONE | TWO


@st.composite
def programs(draw: Any) -> list[Step]:
    """Draw the lines of a program of two inputs; the last one uses the one before it."""
    steps = []
    for number in range(draw(st.integers(2, 7))):
        earlier = st.integers(0, number + 1)
        name = draw(st.sampled_from(list(FUNCTIONS)))
        first = draw(earlier) if number < 1 else number + 1
        steps.append(Step(name, (first,) if name in ONE else (first, draw(earlier))))
    return steps


def run(program: list[Step]) -> Any:
    """Return a program as a function of two arrays that gives one number."""

    def function(x: Any, w: Any) -> Any:
        values = [x, w]
        for name, sources in program:
            values.append(FUNCTIONS[name](*(values[s] for s in sources)))
        last = values[-1]
        return (last * last).sum() + np.sin(w).sum() * np.sin(x).sum()

    return function


RNG = np.random.default_rng(11)
X, W = RNG.uniform(-1, 1, N), RNG.uniform(-1, 1, (N, N))
V, U = RNG.normal(size=N), RNG.normal(size=(N, N))
CLOSE = {"rtol": 1e-9, "atol": 1e-10}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_each_line_alone(name: str) -> None:
    check([Step(name, (0, 1)[: 1 if name in ONE else 2])])
    check([Step(name, (1, 0)[: 1 if name in ONE else 2])])


@settings(max_examples=80)
@given(programs())
def test_random_programs(program: list[Step]) -> None:
    check(program)


def check(program: list[Step]) -> None:
    f = run(program)
    value, (of_x, of_w) = value_and_grad(f, (0, 1))(X, W)
    report = gradcheck(f, X, W)
    assert report, report

    assert_allclose(jvp(f, (X, W), (V, U))[1], of_x @ V + (of_w * U).sum(), **CLOSE)
    for forward, reverse in zip(jacfwd(f, (0, 1))(X, W), (of_x, of_w), strict=True):
        assert_allclose(forward, reverse, **CLOSE)

    H = hessian(f)(X, W)
    assert_allclose(H, H.T, **CLOSE)
    assert_allclose(H, jacobian(grad(f))(X, W), **CLOSE)
    assert_allclose(jacobian(jacfwd(f))(X, W), H, **CLOSE)
    assert_allclose(hvp(lambda x: f(x, W), (X,), (V,)), H @ V, **CLOSE)
    assert_allclose(grad(lambda x: jvp(lambda t: f(t, W), (x,), (V,))[1])(X), H @ V, **CLOSE)
    step = 1e-5
    differences = (grad(f)(X + step * V, W) - grad(f)(X - step * V, W)) / (2 * step)
    assert_allclose(H @ V, differences, rtol=1e-5, atol=1e-6)

    batch = np.stack([X, V])
    singles = [value_and_grad(f)(x, W) for x in batch]
    values, gradients = vmap(value_and_grad(f), in_axes=(0, None))(batch, W)
    assert_allclose(values, [v for v, _ in singles], **CLOSE)
    assert_allclose(gradients, [g for _, g in singles], **CLOSE)
    assert_allclose(grad(lambda b: vmap(f, in_axes=(0, None))(b, W).sum())(batch), gradients, **CLOSE)
    assert_allclose(vmap(hessian(f), in_axes=(0, None))(batch[:1], W)[0], H, **CLOSE)
    assert_allclose(vmap(lambda x: vjp(lambda t: f(t, W), x)[1](1.0)[0])(batch), gradients, **CLOSE)

    x, w = Tensor(X, requires_grad=True), Tensor(W, requires_grad=True)
    y = f(x, w)
    assert y.item() == replay(y) == value
    assert_allclose(replay(y, {x: V, w: U}), f(Tensor(V), Tensor(U)).item(), **CLOSE)
    checkpoint(f)(x, w).backward()
    assert_allclose(x.grad.numpy(), of_x, **CLOSE)
    assert_allclose(w.grad.numpy(), of_w, **CLOSE)
    assert_allclose(hessian(checkpoint(f))(X, W), H, **CLOSE)
