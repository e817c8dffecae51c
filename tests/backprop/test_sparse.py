"""The sparse form of a Jacobian's cotangents gives what the plain arrays give, for every primitive."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

import autograd
from autograd.backprop import sparse
from autograd.backprop.sparse import Sparse, identity
from tests.primitives.sampling import DIFFERENTIABLE, every_call, of


@pytest.fixture(params=[0, 10**9], ids=["sparse", "plain"])
def form(request, monkeypatch):
    monkeypatch.setattr(sparse, "WORTHWHILE", request.param)


def _both(monkeypatch, function, argument):
    found = []
    for entries in (0, 10**9):
        monkeypatch.setattr(sparse, "WORTHWHILE", entries)
        found.append(autograd.jacobian(function, mode="reverse")(argument))
    return found


@every_call(DIFFERENTIABLE)
def test_every_primitive_between_two_steps(monkeypatch, call):
    function, operands = of(call)
    for i, x in enumerate(operands):

        def between(x, i=i):
            y = function(*operands[:i], x * 1.0, *operands[i + 1 :])
            return autograd.tanh(y * 0.3) - y

        ours, plain = _both(monkeypatch, between, x)
        assert_allclose(ours, plain, rtol=1e-13, atol=1e-15)
        assert ours.dtype == plain.dtype


@pytest.mark.parametrize(("rows", "start"), [(6, 0), (2, 0), (2, 4), (4, 2)])
def test_the_identity_and_its_stretches(form, rows, start):
    seed = identity(rows, 6, start, (2, 3), np.float32)
    assert_allclose(np.asarray(seed), np.eye(rows, 6, start).reshape(rows, 2, 3))
    assert seed.dtype == np.float32


def test_it_computes_as_the_array_does(monkeypatch):
    monkeypatch.setattr(sparse, "WORTHWHILE", 0)
    P = identity(9, 9, 0, (9,), float) * np.arange(1.0, 10)
    full, row, other = P.dense(), np.arange(9.0), np.arange(81.0).reshape(9, 9)
    assert isinstance(P, Sparse)
    for ours, plain in [
        (P * row, full * row), (row * P, full * row), (2.0 * P, 2 * full), (-P, -full), (P + P, full + full),
        (P + other, full + other), (P + other.T, full + other.T), (other + P, other + full),
        (P @ other, full @ other), (P - other, full - other),
        (P * other[:, None], full * other[:, None]), (other @ P, other @ full), (P.sum(axis=0), full.sum(axis=0)),
        (P[..., None], full[..., None]), (np.exp(P), np.exp(full)), (P / 2, full / 2), (P.mT, full.mT),
    ]:  # fmt: skip
        assert_allclose(np.asarray(ours), plain)
    moved = Sparse(P.value, P.row[:, ::-1], 9)
    assert_allclose((P + moved).dense(), full + moved.dense())
    assert_allclose(np.asarray(P + Sparse(P.value.astype(np.float32), P.row[:, ::-1], 9)), full + moved.dense())


def test_a_hook_and_a_kept_gradient_see_the_array(monkeypatch):
    monkeypatch.setattr(sparse, "WORTHWHILE", 0)
    seen = []

    def function(x):
        y = x * x
        y.register_hook(seen.append)
        return y * 3

    J = autograd.jacobian(function, mode="reverse")(np.arange(3.0))
    assert_allclose(J, np.diag(6 * np.arange(3.0)))
    assert type(seen[0]) is np.ndarray
    assert_allclose(seen[0], 3 * np.eye(3))


def test_a_structural_zero_still_meets_an_infinity(form):
    J = autograd.jacobian(lambda x: np.where(x > 0, np.sqrt(np.abs(x)), 0.0) * 2, mode="reverse")(np.array([0.0, 4.0]))
    assert_allclose(J, [[0, 0], [0, 0.5]])


def test_hessian_of_rosenbrock_by_its_closed_form(form):
    x = np.linspace(-1, 1.2, 40)
    H = autograd.hessian(lambda x: (100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum())(x)
    main = np.zeros(40)
    main[:-1] += 1200 * x[:-1] ** 2 - 400 * x[1:] + 2
    main[1:] += 200
    off = -400 * x[:-1]
    assert_allclose(H, np.diag(main) + np.diag(off, 1) + np.diag(off, -1), atol=1e-11)
