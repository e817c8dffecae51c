"""Whole random expressions: gradients against central differences, and the replay against the run."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd
from autograd import Tensor, grad, jacobian
from autograd.graph.replay import replay

# Functions whose values stay moderate however they are nested, so that a central difference is worth believing.
UNARY = [
    autograd.tanh,
    autograd.sigmoid,
    np.sin,
    lambda v: np.exp(np.sin(v)),
    lambda v: np.log(v * v + 1.5),
    lambda v: np.sqrt(v * v + 0.7),
    lambda v: 1.0 / (2.0 + np.cos(v)),
    lambda v: -v * 0.5,
    lambda v: autograd.square(np.sin(v)),
    lambda v: autograd.softmax(v.reshape(-1)).reshape(v.shape) if v.size else v,
    lambda v: autograd.relu(np.sin(v)) ** 3,
]
BINARY = [
    lambda a, b: (a + b) / 2,
    lambda a, b: 0.7 * a - 0.3 * b,
    lambda a, b: a * np.cos(b),
    lambda a, b: a / (b * b + 1.0),
    lambda a, b: (a * a + 1.0) ** (0.5 * np.sin(b)),
    lambda a, b: autograd.where(np.arange(b.size).reshape(b.shape) % 2 == 0, a, np.sin(b)),
]
REDUCE = [
    autograd.mean,
    lambda v: autograd.logsumexp(v) / 3,
    lambda v: np.sin(v.sum(axis=0)) if v.ndim else v,
    lambda v: v.mean(axis=-1, keepdims=True) if v.ndim else v,
    lambda v: autograd.prod(np.cos(v), axis=-1) if v.ndim else v,
    lambda v: autograd.var(v, axis=0) if v.ndim else v,
]
INDEX = [
    lambda v: v[0] if v.ndim else v,
    lambda v: v[..., ::-1] if v.ndim else v,
    lambda v: v[None],
    lambda v: v[[0, -1, 0]] if v.ndim else v,
    lambda v: v[np.arange(len(v)) % 2 == 0] if v.ndim else v,
    lambda v: v.T,
    lambda v: autograd.stack([v, v * 0.5]),
    lambda v: autograd.concatenate([v, v], axis=-1) if v.ndim else v,
    lambda v: v.reshape(-1),
]
LEAVES = [(), (3,), (2, 3), (2, 1)]

steps = st.lists(
    st.tuples(st.sampled_from("ubbri"), st.integers(0, 1000), st.integers(0, 1000), st.integers(0, 1000)),
    min_size=2,
    max_size=9,
)


def build(program, leaves):
    """Run a program on a growing list of values; sub-expressions are shared wherever it picks one twice."""
    values = list(leaves)
    for kind, which, i, j in program:
        a, b = values[i % len(values)], values[j % len(values)]
        if kind == "u":
            made = UNARY[which % len(UNARY)](a)
        elif kind == "r":
            made = REDUCE[which % len(REDUCE)](a)
        elif kind == "i":
            made = INDEX[which % len(INDEX)](a)
        else:
            try:
                np.broadcast_shapes(a.shape, b.shape)
            except ValueError:
                b = b.mean()
            made = BINARY[which % len(BINARY)](a, b)
        if made.size <= 64:
            values.append(made)
    return sum((np.sin(v).sum() * (k + 1.0) for k, v in enumerate(values)), start=Tensor(0.0))


def points(seed):
    rng = np.random.default_rng(seed)
    return [rng.uniform(-1.5, 1.5, shape) for shape in LEAVES]


def difference(f, xs, direction, h):
    forth, back = ([x + s * h * d for x, d in zip(xs, direction, strict=True)] for s in (1, -1))
    return (f(forth) - f(back)) / (2 * h)


@settings(max_examples=150)
@given(program=steps, seed=st.integers(0, 2**16))
def test_gradients_against_central_differences(program, seed):
    xs = points(seed)
    found = grad(lambda xs: build(program, xs), unused="zero")(xs)
    for g, x in zip(found, xs, strict=True):
        assert np.shape(g) == np.shape(x)
    rng = np.random.default_rng(seed + 1)
    for _ in range(2):
        direction = [rng.normal(size=np.shape(x)) for x in xs]
        slope = sum(np.sum(g * d) for g, d in zip(found, direction, strict=True))
        rough, fine = (
            difference(lambda v: build(program, [Tensor(x) for x in v]).item(), xs, direction, h) for h in (2e-4, 1e-4)
        )
        expected = fine + (fine - rough) / 3
        tolerance = 1e-6 * (1 + abs(expected)) + 2 * abs(fine - rough)
        assert abs(slope - expected) <= tolerance, (slope, expected, program)


@settings(max_examples=60)
@given(program=steps, seed=st.integers(0, 2**16))
def test_a_replay_gives_the_run_again_and_other_leaves_give_another(program, seed):
    leaves = [Tensor(x, requires_grad=True) for x in points(seed)]
    y = build(program, leaves)
    values = replay(y.node)
    assert values[y.node] == y.item()
    others = points(seed + 1)
    changed = replay(y.node, {t.node: x for t, x in zip(leaves, others, strict=True)})
    assert changed[y.node] == build(program, [Tensor(x) for x in others]).item()


@settings(max_examples=40)
@given(program=steps, seed=st.integers(0, 2**16))
def test_second_derivatives_are_symmetric_and_right(program, seed):
    xs = points(seed)
    f = lambda v: build(program, [v, *map(Tensor, xs[2:])])  # noqa: E731
    H = jacobian(grad(f))(xs[1])
    scale = 1 + np.abs(H).max()
    assert np.allclose(H, H.T, rtol=1e-9, atol=1e-9 * scale)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@settings(max_examples=30)
@given(program=steps, seed=st.integers(0, 2**16))
def test_every_gradient_has_its_tensors_shape_and_dtype(dtype, program, seed):
    leaves = [Tensor(x, requires_grad=True, dtype=dtype) for x in points(seed)]
    build(program, leaves).backward()
    for t in leaves:
        assert t.grad is not None
        assert (t.grad.shape, t.grad.dtype) == (t.shape, t.dtype)
