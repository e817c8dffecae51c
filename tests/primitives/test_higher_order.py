"""Second and third order of every primitive, in both directions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose

from autograd import grad, jacfwd, jacobian
from tests.primitives.sampling import DIFFERENTIABLE, Call, difference, every_call, of, rng

NOT_EMPTY = 3  # entries of an operand at most, for derivatives that cost a power of them


def projected(call: Call) -> tuple[Any, tuple[Any, ...], tuple[int, ...]]:
    """Return a number that depends on every entry of the value, with its operands and their positions."""
    f, operands = of(call)
    weights = rng(call.label).normal(size=f(*operands).shape)
    return lambda *xs: (f(*xs) * weights).sum(), operands, tuple(range(len(operands)))


@every_call(DIFFERENTIABLE, np.float64)
def test_hessians_of_both_directions_agree(call: Call) -> None:
    """Forward over reverse, reverse over reverse and reverse over forward; and the Hessian is symmetric."""
    loss, operands, argnums = projected(call)
    gradient = grad(loss, argnums, unused="zero")
    blocks = jacfwd(gradient, argnums)(*operands)
    reverse = jacobian(gradient, argnums)(*operands)
    over_forward = jacobian(jacfwd(loss, argnums), argnums)(*operands)
    for i, j in np.ndindex(len(argnums), len(argnums)):
        assert_allclose(blocks[i][j], reverse[i][j], rtol=1e-10, atol=1e-11)
        assert_allclose(blocks[i][j], over_forward[i][j], rtol=1e-10, atol=1e-11)
        a, b = np.size(operands[i]), np.size(operands[j])
        mirrored = blocks[j][i].reshape(b, a).T.reshape(np.shape(blocks[i][j]))
        assert_allclose(blocks[i][j], mirrored, rtol=1e-9, atol=1e-10)


@every_call([p for p in DIFFERENTIABLE if p.smooth], np.float64)
def test_third_derivatives_are_differences_of_the_second(call: Call) -> None:
    loss, operands, argnums = projected(call)
    random = rng(call.label)
    v, w = ([random.normal(size=np.shape(x)) for x in operands] for _ in range(2))

    def along(f: Any, direction: list[Any]) -> Any:
        def slope(*xs: Any) -> Any:
            found = grad(f, argnums, unused="zero")(*xs)
            return sum((g * d).sum() for g, d in zip(found, direction, strict=True))

        return slope

    second = along(along(loss, v), w)
    third = grad(second, argnums, unused="zero")(*operands)
    for i, found in enumerate(third):
        expected = difference(lambda x, i=i: second(*operands[:i], x, *operands[i + 1 :]), operands[i])
        assert_allclose(found, expected, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("dtype", [np.float32])
@every_call(DIFFERENTIABLE)
def test_second_order_keeps_float32(call: Call, dtype: Any) -> None:
    loss, operands, argnums = projected(call.cast(dtype))
    gradient = grad(loss, argnums, unused="zero")
    for block, exact, x in zip(
        jacfwd(gradient, argnums)(*operands),
        jacfwd(gradient, argnums)(*(x.astype(float) for x in operands)),
        operands,
        strict=True,
    ):
        for found, expected in zip(block, exact, strict=True):
            assert found.dtype == x.dtype
            assert_allclose(found, expected, rtol=2e-3, atol=2e-4)
