"""Forward mode of every primitive against reverse mode, and both against each other's adjoint."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose

from autograd import jacfwd, jacobian, jvp, linearize, vjp
from tests.primitives.sampling import DIFFERENTIABLE, Call, every_call, of, rng

TOLERANCE = {np.float64: {"rtol": 1e-11, "atol": 1e-12}, np.float32: {"rtol": 2e-4, "atol": 1e-5}}


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@every_call(DIFFERENTIABLE)
def test_columns_are_the_rows(call: Call, dtype: Any) -> None:
    """``jacfwd`` carries all tangents of an operand in one pass; ``jacobian`` all cotangents."""
    f, operands = of(call.cast(dtype))
    argnums = tuple(range(len(operands)))
    forward, reverse = jacfwd(f, argnums)(*operands), jacobian(f, argnums)(*operands)
    y = f(*operands)
    for column, row, x in zip(forward, reverse, operands, strict=True):
        assert column.shape == row.shape == y.shape + np.shape(x)
        assert column.dtype == y.dtype
        assert_allclose(column, row, **TOLERANCE[dtype])


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@every_call(DIFFERENTIABLE)
def test_pullback_is_the_adjoint_of_the_forward_pass(call: Call, dtype: Any) -> None:
    """⟨ȳ, J ẋ⟩ = ⟨Jᵀȳ, ẋ⟩, all operands at once."""
    f, operands = of(call.cast(dtype))
    random = rng(call.label)
    tangents = tuple(random.normal(size=np.shape(x)).astype(x.dtype)[()] for x in operands)
    y, y_dot = jvp(f, operands, tangents)
    assert y_dot.shape == y.shape
    assert y_dot.dtype == y.dtype
    y_bar = random.normal(size=y.shape).astype(y.dtype)[()]
    cotangents = vjp(f, *operands)[1](y_bar)
    left = float(np.sum(y_bar * y_dot))
    right = sum(float(np.sum(x_bar * x_dot)) for x_bar, x_dot in zip(cotangents, tangents, strict=True))
    scale = 1 + sum(float(np.sum(abs(x_bar * x_dot))) for x_bar, x_dot in zip(cotangents, tangents, strict=True))
    exact = call.static.get("dtype", dtype) == dtype == np.float64
    assert abs(left - right) <= (1e-12 if exact else 1e-5) * scale


@every_call(DIFFERENTIABLE)
def test_a_linear_map_is_linear_and_runs_again(call: Call) -> None:
    f, operands = of(call)
    random = rng(call.label)
    _, push = linearize(f, *operands)
    a, b = ([random.normal(size=np.shape(x)) for x in operands] for _ in range(2))
    together = push(*(2 * p - 3 * q for p, q in zip(a, b, strict=True)))
    assert_allclose(together, 2 * push(*a) - 3 * push(*b), rtol=1e-5 if "dtype" in call.static else 1e-9, atol=1e-6)
