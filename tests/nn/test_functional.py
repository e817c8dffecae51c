"""The functions under the layers: they agree with them, take plain arrays, and refuse what would be silently wrong."""

import inspect

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import nn
from autograd import ArgumentError, ShapeError, Tensor
from nn import functional as F

X = np.random.default_rng(0).uniform(-2, 2, (4, 6, 3))


def test_what_is_exported_is_there_and_documented():
    for name in F.__all__:
        assert inspect.getdoc(getattr(F, name)), name


@pytest.mark.parametrize(
    ("f", "layer"),
    [
        (F.relu, nn.ReLU()),
        (F.relu6, nn.ReLU6()),
        (F.leaky_relu, nn.LeakyReLU()),
        (F.elu, nn.ELU()),
        (F.selu, nn.SELU()),
        (F.gelu, nn.GELU()),
        (F.silu, nn.SiLU()),
        (F.mish, nn.Mish()),
        (F.softplus, nn.Softplus()),
        (F.hardtanh, nn.Hardtanh()),
        (F.sigmoid, nn.Sigmoid()),
        (F.tanh, nn.Tanh()),
        (F.logsigmoid, nn.LogSigmoid()),
        (F.step, nn.Step()),
        (F.sign, nn.Sign()),
        (lambda x: F.softmax(x, 1), nn.Softmax(1)),
        (lambda x: F.log_softmax(x, dim=-2), nn.LogSoftmax(1)),
        (lambda x: F.prelu(x, [0.25]), nn.PReLU()),
        (lambda x: F.batch_norm(x, None, None), nn.BatchNorm1d(6, affine=False, track_running_stats=False)),
        (lambda x: F.layer_norm(x, (6, 3)), nn.LayerNorm((6, 3))),
        (lambda x: F.group_norm(x, 2), nn.GroupNorm(2, 6)),
        (F.instance_norm, nn.InstanceNorm1d(6)),
    ],
)
def test_defaults_are_those_of_the_layers(f, layer):
    assert_array_equal(f(X).numpy(), layer.double()(X).numpy())
    assert_array_equal(f(Tensor(X)).numpy(), f(X).numpy())


def test_running_statistics_are_written_where_they_are_given():
    mean, var = Tensor(np.zeros(6)), Tensor(np.ones(6))
    F.batch_norm(X, mean, var, training=True, momentum=1.0)
    assert_allclose(mean.numpy(), X.mean((0, 2)))
    assert_allclose(var.numpy(), X.var((0, 2), ddof=1))
    used = F.batch_norm(X, mean, var)
    assert_allclose(used.numpy().mean((0, 2)), np.zeros(6), atol=1e-12)


def test_normalisation_centres_far_from_zero():
    """In float32 a mean of 10,000 leaves three digits of a deviation of 1; they are not lost as well."""
    x = (X[:, :, 0] + 10_000).astype(np.float32)
    exact = (x - x.mean(0, dtype=float)) / np.sqrt(x.var(0, dtype=float) + 1e-5)
    assert_allclose(F.batch_norm(x, None, None).numpy(), exact, atol=2e-3)


def test_maxout_by_hand():
    """The course's form: max(w₁ᵀx + b₁, w₂ᵀx + b₂)."""
    x, w1, w2 = np.array([1.0, -2.0]), np.array([3.0, 1.0]), np.array([-1.0, 0.5])
    y = F.maxout(x, np.stack([w1, w2]), np.array([0.5, 4.0]))
    assert y.tolist() == [max(w1 @ x + 0.5, w2 @ x + 4.0)] == [2.0]


def test_softmax_of_one_or_two_axes_needs_no_dim():
    assert_allclose(F.softmax(X[0]).numpy().sum(1), np.ones(6))
    with pytest.raises(ArgumentError, match=r"dim=None and an input of shape \(4, 6, 3\)"):
        F.softmax(X)


def test_softmax_and_its_logarithm_far_out():
    assert F.softmax([1000.0, 0.0, -1000.0]).tolist() == [1.0, 0.0, 0.0]
    assert F.log_softmax([1000.0, 0.0]).tolist() == [0.0, -1000.0]


def test_dropout_is_off_outside_training():
    assert_array_equal(F.dropout(X, training=False).numpy(), X)
    assert_array_equal(F.dropout(X, p=0).numpy(), X)


def test_one_hot():
    assert F.one_hot([1, 0, 2]).tolist() == [[0, 1, 0], [1, 0, 0], [0, 0, 1]]
    assert F.one_hot(np.array([[1]]), 4).shape == (1, 1, 4)
    assert F.one_hot(np.zeros(0, int), 3).shape == (0, 3)
    assert F.one_hot([0]).dtype == np.int64
    for index, classes in (([3], 3), ([-1], 3), ([0.5], 3), (np.zeros(0, int), -1)):
        with pytest.raises(ArgumentError, match="one_hot"):
            F.one_hot(index, classes)


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: F.batch_norm(X[0, 0], None, None), r"\(N, C, …\)"),
        (lambda: F.instance_norm(X[0]), r"\(N, C, L\)"),
        (lambda: F.group_norm(X, 4), "with C a multiple of 4"),
        (lambda: F.layer_norm(X, ()), "layer_norm"),
        (lambda: F.prelu(X, np.ones(5)), "5 channels on axis 1"),
    ],
)
def test_refusals(call, text):
    with pytest.raises(ShapeError, match=text):
        call()
