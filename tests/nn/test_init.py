"""How parameters start: bounds, deviations, gains, and the same numbers from the same seed."""

import inspect
import math

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import autograd
from autograd import ArgumentError, Tensor
from nn import init

SHAPE = (300, 200)
RANDOM = [
    f for name, f in vars(init).items() if name[-1] == "_" != name[0] and "rng" in inspect.signature(f).parameters
]


def filled(f, *args, shape=SHAPE, **kwargs):
    tensor = Tensor(np.full(shape, np.nan, np.float32))
    assert f(tensor, *args, **kwargs) is tensor
    assert tensor.dtype == np.float32
    return tensor.numpy()


def test_fixed_ones():
    assert_array_equal(filled(init.zeros_), np.zeros(SHAPE))
    assert_array_equal(filled(init.ones_, shape=(3,)), np.ones(3))
    assert_array_equal(filled(init.constant_, 0.5), np.full(SHAPE, 0.5))
    assert_array_equal(filled(init.eye_), np.eye(*SHAPE))


@pytest.mark.parametrize(
    ("f", "args", "bound", "std"),
    [
        (init.uniform_, (-1, 3), 3, 4 / math.sqrt(12)),
        (init.normal_, (0, 0.01), None, 0.01),
        (init.xavier_uniform_, (2.0,), 2 * math.sqrt(6 / 500), 2 * math.sqrt(2 / 500)),
        (init.xavier_normal_, (), None, math.sqrt(2 / 500)),
        (init.kaiming_uniform_, (math.sqrt(5),), 1 / math.sqrt(200), 1 / math.sqrt(600)),
        (init.kaiming_uniform_, (0, "fan_out", "relu"), math.sqrt(6 / 300), math.sqrt(2 / 300)),
        (init.kaiming_normal_, (0, "fan_in", "tanh"), None, 5 / 3 / math.sqrt(200)),
        (init.trunc_normal_, (), 2, 0.8796),
        (init.trunc_normal_, (1.0, 0.5, 0.0, 1.5), 1.5, None),
    ],
)
def test_spread(f, args, bound, std):
    drawn = filled(f, *args, rng=0)
    if bound is not None:
        assert 0.99 * bound < abs(drawn).max() <= bound * (1 + 1e-6)
    if std is not None:
        assert_allclose(drawn.std(), std, rtol=0.02)


def test_truncated_normal_is_cut_on_both_sides():
    drawn = filled(init.trunc_normal_, 1.0, 0.5, 0.0, 1.5, rng=0)
    assert drawn.min() >= 0
    far = filled(init.trunc_normal_, 0.0, 1.0, 8.0, 9.0, rng=0)  # where the distribution function rounds to 1
    assert 8 <= far.min() <= far.max() <= 9
    assert_allclose(drawn.mean(), 0.8853, atol=0.005)  # the mean of that distribution: φ and Φ at −2 and 1


@pytest.mark.parametrize("shape", [(4, 6), (6, 4), (4, 2, 3)])
def test_orthogonal(shape):
    q = filled(init.orthogonal_, 2.0, shape=shape, rng=0).reshape(shape[0], -1).astype(float)
    small = q @ q.T if len(q) <= q.shape[1] else q.T @ q
    assert_allclose(small, 4 * np.eye(len(small)), atol=1e-5)


def test_every_orthogonal_matrix_is_equally_likely():
    rng = np.random.default_rng(0)
    corners = [filled(init.orthogonal_, shape=(3, 3), rng=rng)[0, 0] for _ in range(800)]
    assert abs(np.mean(corners)) < 0.07  # QR alone prefers one sign


def test_fans_of_a_kernel():
    assert init.fans(Tensor(np.zeros((8, 3, 5, 5)))) == (75, 200)


@pytest.mark.parametrize("f", RANDOM)
def test_the_same_seed_gives_the_same_bits(f):
    assert len(RANDOM) == 8
    assert_array_equal(filled(f, rng=3), filled(f, rng=3))
    assert (filled(f, rng=3) != filled(f, rng=4)).any()
    assert_array_equal(filled(f, rng=3), filled(f, rng=np.random.default_rng(3)))
    autograd.seed(5)
    first = filled(f).copy()
    autograd.seed(5)
    assert_array_equal(filled(f), first)


@pytest.mark.parametrize(
    ("name", "param", "gain"),
    [
        ("linear", None, 1), ("conv2d", None, 1), ("sigmoid", None, 1), ("tanh", None, 5 / 3), ("selu", None, 0.75),
        ("relu", None, math.sqrt(2)), ("leaky_relu", None, math.sqrt(2 / 1.0001)),
        ("leaky_relu", 0.2, math.sqrt(2 / 1.04)),
    ],
)  # fmt: skip
def test_gains(name, param, gain):
    assert_allclose(init.calculate_gain(name, param), gain, rtol=1e-15)


def test_refusals():
    with pytest.raises(ArgumentError, match="one of linear"):
        init.calculate_gain("swish")
    with pytest.raises(ArgumentError, match=r"\(out, in, …\)"):
        init.xavier_uniform_(Tensor(np.zeros(3)))
    with pytest.raises(ArgumentError, match="'fan_in' or 'fan_out'"):
        init.kaiming_normal_(Tensor(np.zeros((3, 3))), mode="fan_avg")
    with pytest.raises(ArgumentError, match="a seed ≥ 0"):
        init.normal_(Tensor(np.zeros(3)), rng="7")
