"""A cotangent with leading axes gives the stack of the sweeps of its parts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose

from autograd.tensor import Tensor
from tests.primitives.sampling import DIFFERENTIABLE, Call, every_call, gradients, recorded_gradients, rng


@pytest.mark.parametrize("lead", [(), (3,), (2, 3), (0,), (1,)])
@every_call(DIFFERENTIABLE)
def test_stack_of_cotangents_gives_the_stack_of_gradients(call: Call, lead: tuple[int, ...]) -> None:
    leaves = call.leaves()
    y = call(*leaves)
    seeds = rng(call.label).normal(size=lead + y.shape).astype(y.dtype)
    stacked = gradients(y, leaves, seeds, lead)
    for i in call.wanted:
        assert stacked[i].shape == lead + leaves[i].shape
    for place in np.ndindex(lead):
        single = gradients(y, leaves, seeds[place])
        for i in call.wanted:
            assert_allclose(stacked[i][place], single[i], rtol=1e-12, atol=1e-14)


@every_call(DIFFERENTIABLE)
def test_a_recorded_stack_has_the_derivatives_of_its_parts(call: Call) -> None:
    """Rules run on tensors behind leading axes too: the derivative of a whole Jacobian."""
    random = rng(call.label)
    leaves = call.leaves()
    y = call(*leaves)
    seeds = random.normal(size=(2, *y.shape)).astype(y.dtype)
    weights = {i: random.normal(size=(2, *leaves[i].shape)) for i in call.wanted}

    def second(seed: Any, weight: Any, lead: tuple[int, ...]) -> list[Any]:
        first = recorded_gradients(y, leaves, Tensor(seed), lead)
        total = sum((first[i] * weight[i]).sum() for i in call.wanted)
        assert isinstance(total, Tensor)
        return [g for i, g in enumerate(gradients(total, leaves, 1.0)) if i in call.wanted]

    stacked = second(seeds, weights, (2,))
    parts = [second(seeds[k], {i: w[k] for i, w in weights.items()}, ()) for k in range(2)]
    for found, a, b in zip(stacked, *parts, strict=True):
        assert_allclose(found, a + b, rtol=1e-10, atol=1e-12)
