"""``vmap`` of every primitive against the loop of single calls: whichever operands carry the batch, and where."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose

from autograd import grad, vmap
from autograd.primitives import registry
from tests.primitives.sampling import DIFFERENTIABLE, Call, every_call, of, rng

EVERYTHING = list(registry.values())


def subsets(call: Call) -> Iterator[tuple[bool, ...]]:
    """Which of the operands that are there carry the batch: every choice but none."""
    there = [o is not None for o in call.operands]
    yield from (s for s in itertools.product(*([False, True] if t else [False] for t in there)) if any(s))


def stacked(operand: Any, n: int, axis: int, random: Any) -> Any:
    """Return a batch of operands like this one; integers and truth values change places."""
    if operand.dtype.kind == "f":
        rows = [operand * (1 + 0.02 * k) for k in range(n)]
    else:
        rows = [random.permutation(np.ravel(operand)).reshape(operand.shape) for _ in range(n)]
    return np.stack(rows, axis=axis).astype(operand.dtype) if n else np.zeros((0, *operand.shape), operand.dtype)


def batch(call: Call, chosen: tuple[bool, ...], n: int, at: Any = lambda ndim: 0) -> tuple[list[Any], list[Any]]:
    """Return the operands, some of them batched, and their axes."""
    random = rng(call.label)
    axes = [at(np.ndim(o)) if c else None for o, c in zip(call.operands, chosen, strict=True)]
    pairs = zip(call.operands, axes, strict=True)
    return [o if a is None else stacked(np.asarray(o), n, a, random) for o, a in pairs], axes


def rows(operands: list[Any], axes: list[Any], n: int) -> Iterator[list[Any]]:
    for k in range(n):
        yield [o if a is None else np.take(o, k, axis=a)[()] for o, a in zip(operands, axes, strict=True)]


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@every_call(EVERYTHING)
def test_a_batch_is_the_loop(call: Call, dtype: Any) -> None:
    """Value and dtype for every choice of batched operands, the batch first or last."""
    call = call.cast(dtype)
    exact = {"rtol": 1e-12, "atol": 1e-13} if dtype is np.float64 else {"rtol": 2e-5, "atol": 1e-6}
    for chosen, at in itertools.product(subsets(call), (lambda ndim: 0, lambda ndim: ndim)):
        operands, axes = batch(call, chosen, 3, at)
        found = vmap(call, in_axes=tuple(axes))(*operands)
        expected = np.stack([call(*row).numpy() for row in rows(operands, axes, 3)])
        assert found.shape == expected.shape
        assert found.dtype == expected.dtype
        assert_allclose(found, expected, **exact, err_msg=f"{chosen} {axes}")


@pytest.mark.parametrize("n", [0, 1])
@every_call(EVERYTHING)
def test_batches_of_none_and_of_one(call: Call, n: int) -> None:
    """A batch axis of length 1 isn't broadcast away, and an empty one has a shape."""
    shape = call(*call.operands).shape
    for chosen in subsets(call):
        operands, axes = batch(call, chosen, n)
        assert vmap(call, in_axes=tuple(axes))(*operands).shape == (n, *shape)
        assert vmap(call, in_axes=tuple(axes), out_axes=-1)(*operands).shape == (*shape, n)


@every_call(DIFFERENTIABLE)
def test_gradients_of_a_batch_are_the_loop(call: Call) -> None:
    """The pullbacks themselves run for the whole batch: ``vmap(grad)``, every floating operand batched or shared."""
    f, floating = of(call)
    weights = rng(call.label).normal(size=f(*floating).shape)

    def loss(*operands: Any) -> Any:
        return (f(*operands) * weights).sum()

    argnums = tuple(range(len(floating)))
    for chosen in itertools.product([False, True], repeat=len(floating)):
        if not any(chosen) or (len(chosen) > 2 and sum(chosen) not in (1, len(chosen))):
            continue
        axes = [0 if c else None for c in chosen]
        operands = [stacked(np.asarray(o), 3, 0, None) if c else o for o, c in zip(floating, chosen, strict=True)]
        found = vmap(grad(loss, argnums, unused="zero"), in_axes=tuple(axes))(*operands)
        singles = [grad(loss, argnums, unused="zero")(*row) for row in rows(operands, axes, 3)]
        for got, expected in zip(found, zip(*singles, strict=True), strict=True):
            assert_allclose(got, np.stack(expected), rtol=1e-5 if "dtype" in call.static else 1e-10, atol=1e-12)
