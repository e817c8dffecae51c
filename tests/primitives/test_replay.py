"""Every primitive run again: a replay with the same and with other leaves, and inside a checkpoint."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from autograd import checkpoint, hessian, replay, value_and_grad, vmap
from autograd.primitives import registry
from autograd.tensor import Tensor
from tests.primitives.sampling import DIFFERENTIABLE, Call, every_call, of, rng


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@every_call(list(registry.values()))
def test_a_replay_is_the_run(call: Call, dtype: Any) -> None:
    """To the last bit, with the leaves as they were and with others."""
    call = call.cast(dtype)
    leaves = [Tensor(o, requires_grad=True) if o is not None and o.dtype.kind == "f" else o for o in call.operands]
    y = call(*leaves)
    assert_array_equal(replay(y), y.numpy(), strict=True)
    changed = [dtype(0.9) * x.numpy() if isinstance(x, Tensor) else x for x in leaves]
    changes = {x: c for x, c in zip(leaves, changed, strict=True) if isinstance(x, Tensor)}
    assert_array_equal(replay(y, changes), call(*changed).numpy(), strict=True)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@every_call(DIFFERENTIABLE)
def test_a_checkpoint_changes_nothing(call: Call, dtype: Any) -> None:
    """Value and gradients to the last bit, Hessians, and batches, of the primitive inside a longer stretch."""
    f, operands = of(call.cast(dtype))
    weights = rng(call.label).normal(size=f(*operands).shape).astype(f(*operands).dtype)
    argnums = tuple(range(len(operands)))

    def plain(*xs: Any) -> Any:
        y = f(*(x * x.dtype.type(1) for x in xs)) * weights
        return (y * y).sum()

    folded = checkpoint(plain)
    expected, gradients = value_and_grad(plain, argnums, unused="zero")(*operands)
    found, recomputed = value_and_grad(folded, argnums, unused="zero")(*operands)
    assert_array_equal(found, expected, strict=True)
    for a, b in zip(recomputed, gradients, strict=True):
        assert_array_equal(a, b, strict=True)
    if dtype is np.float64:
        for row, other in zip(hessian(folded, argnums)(*operands), hessian(plain, argnums)(*operands), strict=True):
            for a, b in zip(row, other, strict=True):
                assert_allclose(a, b, rtol=1e-10, atol=1e-11)
    wide = tuple(np.stack([x, x * x.dtype.type(1.01)]) for x in operands)
    assert_allclose(vmap(folded)(*wide), vmap(plain)(*wide), rtol=1e-6)
