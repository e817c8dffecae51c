"""The careful sweep, which runs where a NaN came out, drops what isn't reached and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose

import autograd
from autograd import grad, hessian, jacobian, jvp, vmap
from autograd.apply import apply
from autograd.backprop.pullback import accumulate
from autograd.backprop.pushforward import Tools, _careful, _forward, _plain
from autograd.backprop.structural_zeros import Reached, careful_pull
from autograd.transforms.forward import variable
from tests.primitives.sampling import DIFFERENTIABLE, every_call

FEW = 6  # entries to seed one by one


def seeds(shape: tuple[int, ...], dtype: Any) -> Iterator[Any]:
    """Yield arrays of ones, of numbers that don't cancel, and with a single 1 at a few places."""
    yield np.ones(shape, dtype)[()]
    yield np.random.default_rng(3).uniform(1, 2, shape).astype(dtype)[()]
    size = int(np.prod(shape))
    for entry in range(0, size, max(1, size // FEW)):
        seed = np.zeros(shape, dtype)
        seed.flat[entry] = 1.0
        yield seed[()]


@every_call(DIFFERENTIABLE)
def test_where_all_is_finite_the_careful_sweep_is_the_plain_one(call: Any) -> None:
    y = apply(call.primitive, tuple(call.leaves()), dict(call.static)).node
    if not y.requires_grad:
        return
    with np.errstate(all="ignore"):
        for seed in seeds(y.y.shape, y.y.dtype):
            plain = accumulate([y], {y: seed}, ())
            careful = accumulate([y], {y: Reached(seed, seed != 0)}, (), careful_pull(None))
            for node, arrived in plain.items():
                if np.isfinite(arrived).all():
                    assert_allclose(careful[node].value, arrived, rtol=1e-9, atol=1e-12)
                    assert np.all(np.broadcast_to(careful[node].mask, arrived.shape)[np.abs(arrived) > 1e-9])


@every_call([p for p in DIFFERENTIABLE if not p.variadic])
def test_so_is_the_careful_forward_pass(call: Any) -> None:
    leaves = call.leaves()
    y = apply(call.primitive, tuple(leaves), dict(call.static)).node
    with np.errstate(all="ignore"):
        for i in call.wanted:
            x = leaves[i].node
            for tangent in seeds(x.y.shape, x.y.dtype):
                tools = Tools(variable, None)
                plain = _forward([y], {x: tangent}, (), tools, _plain).get(y)
                if plain is None or not np.isfinite(plain).all():
                    continue
                careful = _forward([y], {x: Reached(tangent, tangent != 0)}, (), tools, _careful)[y]
                assert_allclose(careful.value, plain, rtol=1e-9, atol=1e-12)
                assert np.all(np.broadcast_to(careful.mask, plain.shape)[np.abs(plain) > 1e-9])


def safe_root(x: Any) -> Any:
    return autograd.where(x > 0.25, np.sqrt(x), x + 0.25)


@pytest.mark.filterwarnings("ignore:invalid value")
@pytest.mark.parametrize("batch", [[-1.0, 1.0], [1.0, -1.0], [0.5, 1.0], [-1.0, -2.0]])
@pytest.mark.parametrize(
    "derivative",
    [
        grad(safe_root),
        hessian(safe_root),
        jacobian(safe_root, mode="reverse"),
        jacobian(safe_root, mode="forward"),
        lambda x: jvp(safe_root, (x,), (2.0,))[1],
        lambda x: vmap(grad(safe_root))(np.ones(2) * x),
    ],
    ids=["grad", "hessian", "rows", "columns", "jvp", "nested"],
)
def test_each_example_of_a_batch_takes_its_own_branch(derivative: Any, batch: list[float]) -> None:
    assert_allclose(vmap(derivative)(np.array(batch)), [derivative(x) for x in batch], rtol=1e-12)


@pytest.mark.filterwarnings("ignore:(invalid|divide):RuntimeWarning")
@pytest.mark.parametrize("x", [[0.5, -0.3, 0.9], [0.9, 0.5, -0.3], [-0.3, 0.5, 0.9]])
@pytest.mark.parametrize(
    "choose", [np.sort, lambda x: autograd.max_pool1d(x[None, None], 1)[0, 0], np.maximum.accumulate]
)
def test_what_was_chosen_is_what_the_mask_lets_through(choose: Any, x: list[float]) -> None:
    kept = np.array([True, True, False])
    masked_out = lambda x: (1 / (choose(x) * kept))[kept]  # noqa: E731  ∞ at the place that is left out
    plainly = lambda x: 1 / choose(x)[kept]  # noqa: E731
    expected = jacobian(plainly)(np.array(x))
    assert_allclose(jacobian(masked_out, mode="reverse")(np.array(x)), expected)
    assert_allclose(jacobian(masked_out, mode="forward")(np.array(x)), expected)
