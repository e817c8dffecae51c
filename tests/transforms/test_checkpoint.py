"""checkpoint: the same numbers for less memory; and replay, the recorded program run again."""

import functools
import tracemalloc

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import autograd
from autograd import (
    Tensor,
    checkpoint,
    grad,
    hessian,
    hvp,
    jacfwd,
    jacobian,
    jvp,
    keep,
    no_grad,
    replay,
    vjp,
    vmap,
)
from autograd.errors import GraphError, ShapeError

RNG = np.random.default_rng(5)
X = RNG.normal(size=(4, 3))
W = RNG.normal(size=(3, 3))


def layer(x, w):
    return np.tanh(x @ w) * x


def twice(x, w):
    return layer(layer(x, w), w)


def total(f):
    return lambda x, w: (f(x, w) ** 2).sum()


FOLDED = {
    "whole": checkpoint(twice),
    "layers": lambda x, w: checkpoint(layer)(checkpoint(layer)(x, w), w),
    "nested": checkpoint(lambda x, w: layer(checkpoint(layer)(x, w), w)),
    "beside": lambda x, w: layer(checkpoint(layer)(x, w), w),
}
folded = pytest.mark.parametrize("f", FOLDED.values(), ids=FOLDED)


@folded
def test_every_transform_gives_the_same(f):
    plain, v = twice, RNG.normal(size=(4, 3))
    assert_array_equal(f(Tensor(X), Tensor(W)).numpy(), plain(Tensor(X), Tensor(W)).numpy())
    for found, expected in zip(grad(total(f), (0, 1))(X, W), grad(total(plain), (0, 1))(X, W), strict=True):
        assert_allclose(found, expected, rtol=1e-14)
    for transform in (jacobian, jacfwd):
        for argnum in (0, 1):
            assert_allclose(transform(f, argnum)(X, W), transform(plain, argnum)(X, W), rtol=1e-11, atol=1e-13)
    assert_allclose(hessian(total(f), 1)(X, W), hessian(total(plain), 1)(X, W), rtol=1e-9, atol=1e-10)
    assert_allclose(jvp(f, (X, W), (v, W))[1], jvp(plain, (X, W), (v, W))[1], rtol=1e-12)
    assert_allclose(hvp(lambda x: total(f)(x, W), (X,), (v,)), hvp(lambda x: total(plain)(x, W), (X,), (v,)), rtol=1e-9)
    assert_allclose(vmap(f, in_axes=(0, None))(X, W), plain(Tensor(X), Tensor(W)).numpy(), rtol=1e-12)
    rows = vmap(grad(total(f), 1), in_axes=(0, None))(X, W)
    assert_allclose(rows, [grad(total(plain), 1)(x, W) for x in X], rtol=1e-11)
    third = grad(lambda x: (grad(lambda x: (grad(total(f))(x, W) ** 2).sum())(x)).sum())(X)
    assert_allclose(
        third, grad(lambda x: (grad(lambda x: (grad(total(plain))(x, W) ** 2).sum())(x)).sum())(X), rtol=1e-9
    )


@folded
def test_backward_twice_adds_twice(f):
    x, w = Tensor(X, requires_grad=True), Tensor(W, requires_grad=True)
    y = total(f)(x, w)
    y.backward()
    once = w.grad.numpy().copy()
    y.backward()
    assert_array_equal(w.grad.numpy(), 2 * once)


def test_the_same_cotangent_object_twice():
    """A share that was handed out is computed again, not forgotten."""
    _, pullback = vjp(checkpoint(lambda x: np.sin(x) * Tensor(X)), X)
    seed = Tensor(np.ones((4, 3)), requires_grad=True)
    first, second = pullback(seed)[0], pullback(seed)[0]
    assert_allclose(first.numpy(), np.cos(X) * X)
    assert_array_equal(first.numpy(), second.numpy())


def test_what_the_function_closes_over_gets_its_gradient():
    w = Tensor(W, requires_grad=True)
    checkpoint(lambda x: (x @ w).sum())(Tensor(X, requires_grad=True)).backward()
    assert_allclose(w.grad.numpy(), X.sum(axis=0)[:, None] * np.ones((1, 3)))


def test_random_numbers_are_the_same():
    rng = np.random.default_rng(0)

    def dropped(x):
        return autograd.where(rng.uniform(size=x.shape) < 0.5, 0.0, x * x)

    x = Tensor(X, requires_grad=True)
    y = checkpoint(dropped)(x)
    y.sum().backward()
    assert_allclose(x.grad.numpy(), np.where(y.numpy() == 0, 0.0, 2 * X))


def test_several_results_and_none():
    y, (z, k) = checkpoint(lambda x: (x * x, [x.sum(), 3]))(Tensor(X, requires_grad=True))
    assert (y.node.primitive.name, z.node.primitive.name, k) == ("checkpoint", "checkpoint", 3)
    assert_array_equal(grad(lambda x: sum(map(np.sum, checkpoint(lambda x: (x * x, x * 2))(x))))(X), 2 * X + 2)
    assert checkpoint(lambda x: x * 2)(Tensor(1.0)).item() == 2.0
    assert checkpoint(lambda: 5)() == 5
    assert checkpoint(lambda x: x)(Tensor(X, requires_grad=True)).is_leaf


def test_integers_go_through():
    index = Tensor(np.array([0, 2, 2]))
    found = grad(lambda x: (checkpoint(lambda x, i: x[i] * (i + 1))(x, index)).sum())(X[0])
    assert_array_equal(found, [1.0, 0.0, 6.0])
    assert_array_equal(grad(checkpoint(lambda x: autograd.where(x > 0, x, 0.0).sum()))(X), X > 0)


def test_structural_zeros_inside_and_around():
    x = np.array([-1.0, 0.0, 4.0])
    with np.errstate(all="ignore"):
        inside = grad(checkpoint(lambda x: autograd.where(x > 0, np.sqrt(x), 0.0).sum()))(x)
        around = grad(lambda x: autograd.where(x > 0, checkpoint(np.exp)(np.sqrt(x)), 0.0).sum())(x)
    assert_array_equal(inside, [0.0, 0.0, 0.25])
    assert_allclose(around, [0.0, 0.0, 0.25 * np.exp(2.0)])


def _peak(step):
    """Return the most bytes that 20 steps of 10 layers of 256 × 64 take, forward and backward, and the gradient."""
    x = Tensor(np.random.default_rng(1).normal(size=(256, 64)), requires_grad=True)
    tracemalloc.start()
    try:
        y = functools.reduce(lambda h, _: step(h), range(20), x).sum()
        y.backward()
        return tracemalloc.get_traced_memory()[1], x.grad.numpy()
    finally:
        tracemalloc.stop()


def test_memory_of_a_chain_of_two_hundred_layers():
    """20 inputs of steps are kept, and the 10 layers of one step at a time: a fifth of the memory."""
    weights = np.eye(64) * 0.9

    def ten(h):
        for _ in range(10):
            h = np.tanh(h @ weights)
        return h

    plain, expected = _peak(ten)
    cheap, found = _peak(checkpoint(ten))
    assert_array_equal(found, expected)
    layer = 256 * 64 * 8
    assert plain > 200 * layer
    assert cheap < 45 * layer


@pytest.mark.parametrize("hang", [lambda h: h.register_hook(print), lambda h: h.retain_grad()])
def test_nothing_may_hang_on_what_is_computed_again(hang):
    def f(x):
        h = x * 2
        hang(h)
        return h * h

    with pytest.raises(GraphError) as refusal:
        checkpoint(f)(Tensor(1.0, requires_grad=True))
    assert str(refusal.value) == (
        "in checkpoint\n"
        "  expected: steps that are only computed again, so that nothing hangs on them\n"
        "  got:      a hook or retain_grad() on multiply inside\n"
        "  to do:    put it on an argument or on the result"
    )


def test_a_replay_with_other_leaves_sees_into_a_checkpoint():
    x = Tensor(3.0, requires_grad=True)
    y = checkpoint(lambda x: x * x)(x) + 1
    assert replay(y) == 10.0
    assert replay(y, {x: 5.0}) == 26.0
    assert replay(y) == 10.0


def test_replay_of_tensors_and_arrays():
    x, w = Tensor(X, requires_grad=True), Tensor(W, requires_grad=True)
    y = total(twice)(x, w)
    assert replay(y) == y.item()
    assert replay(y, {x: 2 * X, w: Tensor(W.T)}) == total(twice)(Tensor(2 * X), Tensor(W.T)).item()
    assert replay(x) is not x
    assert_array_equal(replay(x), X)


def test_what_replay_refuses():
    x = Tensor(3.0, requires_grad=True)
    y = x * x if x > 2 else x
    assert replay(y) == 9.0
    with pytest.raises(GraphError) as refusal:
        replay(y, {x: 1.0})
    assert str(refusal.value) == (
        "in replay of leaf\n"
        "  expected: a recording that no value steered\n"
        "  got:      bool() or int() read a value of this graph, so other leaves might take another branch\n"
        "  to do:    run the function again with the new values"
    )
    v = Tensor(X, requires_grad=True)
    with pytest.raises(ShapeError, match=r"expected: shape \(4, 3\)\n  got:      shape \(3,\)"):
        replay(v * 2, {v: X[0]})
    big = Tensor(np.ones(2000), requires_grad=True)
    y = np.exp(big) + 1
    with keep():
        kept = np.exp(big) + 1
    before = replay(y)
    with no_grad():
        big[0] = 5.0
    with pytest.raises(GraphError, match="leaves as they were when the graph was recorded"):
        replay(y)
    assert_array_equal(replay(kept), before)
