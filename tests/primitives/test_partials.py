"""Every derivative against differences of the values, and the derivatives of the derivatives."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.testing import assert_allclose

from autograd.primitives import Primitive
from autograd.tensor import Tensor
from tests.primitives.sampling import (
    DIFFERENTIABLE,
    ELEMENTWISE,
    Call,
    difference,
    every,
    every_call,
    gradients,
    identity,
    moved,
    recorded_gradients,
    rng,
)


@every_call(DIFFERENTIABLE, np.float64)
def test_jacobian_is_that_of_differences(call: Call) -> None:
    leaves = call.leaves()
    y = call(*leaves)
    rows = gradients(y, leaves, identity(y.shape), y.shape)
    for i in call.wanted:
        assert_allclose(rows[i], difference(moved(call, i), call.operands[i]), rtol=1e-8, atol=1e-9)


@every([p for p in ELEMENTWISE if p.analytic])
def test_partials_are_those_of_a_complex_step(primitive: Primitive) -> None:
    random = rng(primitive.name)
    operands = [d.sample(random, (50,)) for d in primitive.domain]
    leaves = [Tensor(o, requires_grad=True) for o in operands]
    y = Call(primitive, tuple(operands), {}, "")(*leaves)
    for i, found in enumerate(gradients(y, leaves, np.ones(50))):
        shifted = [o + 1e-30j if j == i else o for j, o in enumerate(operands)]
        assert_allclose(found, np.imag(primitive.evaluate(*shifted)) / 1e-30, rtol=1e-13, atol=1e-15)


@every_call(DIFFERENTIABLE, np.float64)
def test_pullback_is_the_adjoint_of_the_pushforward(call: Call) -> None:
    random = rng(call.label)
    leaves = call.leaves()
    y = call(*leaves)
    y_bar = random.normal(size=y.shape).astype(y.dtype)
    found = gradients(y, leaves, y_bar)
    for i in call.wanted:
        x_dot = random.normal(size=leaves[i].shape)

        def along(t: Any, i: int = i, x_dot: Any = x_dot) -> Any:
            return moved(call, i)(call.operands[i] + t * x_dot)

        y_dot = difference(along, 0.0, step=2e-3 if call.primitive.smooth else 1e-3)
        assert_allclose(np.sum(y_bar * y_dot), np.sum(found[i] * x_dot), rtol=1e-6, atol=1e-7)


@every_call(DIFFERENTIABLE, np.float64)
def test_derivatives_of_second_order_are_differences_of_the_first(call: Call) -> None:
    """With ``s = ⟨v, Jᵀȳ⟩``: ``∂s/∂x`` by differences of the first gradient, and ``∂s/∂ȳ = J v``."""
    random = rng(call.label)
    shape = call.value(*call.operands).shape
    c = random.normal(size=shape)
    v = [random.normal(size=np.shape(o)) for o in call.operands]

    def s(operands: Any, c: Any) -> float:
        leaves = Call(call.primitive, tuple(operands), call.static, "").leaves()
        found = gradients(call(*leaves), leaves, c)
        return sum(float(np.sum(found[i] * v[i])) for i in call.wanted)

    leaves, seed = call.leaves(), Tensor(c, requires_grad=True)
    first = recorded_gradients(call(*leaves), leaves, seed)
    total = sum((first[i] * v[i]).sum() for i in call.wanted)
    assert isinstance(total, Tensor)
    *second, of_seed = gradients(total, [*leaves, seed], 1.0)
    assert_allclose(of_seed, difference(lambda c: s(call.operands, c), c), rtol=1e-8, atol=1e-9)
    for i in call.wanted:

        def at(x: Any, i: int = i) -> float:
            return s([*call.operands[:i], x, *call.operands[i + 1 :]], c)

        assert_allclose(second[i], difference(at, call.operands[i]), rtol=1e-6, atol=1e-8)
