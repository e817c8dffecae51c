"""Activations far out and at their kinks: what the names promise where formulas break."""

import math
import subprocess
import sys

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import special

import autograd
from autograd import Tensor
from nn import functional as F

SMALL = math.exp(-30)


def value_and_slope(f, x):
    x = Tensor(x, requires_grad=True)
    y = f(x)
    y.sum().backward()
    return y.numpy(), x.grad.numpy()


@pytest.mark.parametrize(
    ("f", "x", "value", "slope"),
    [
        (F.relu, 0.0, 0.0, 0.0),
        (F.leaky_relu, 0.0, 0.0, 0.01),
        (lambda x: F.leaky_relu(x, 0.1), 0.0, 0.0, 0.1),
        (lambda x: F.prelu(x, [0.25]), 0.0, 0.0, 0.25),
        (F.elu, 0.0, 0.0, 1.0),
        (lambda x: F.elu(x, 0.5), 0.0, 0.0, 0.5),
        (F.selu, 0.0, 0.0, 1.0507009873554805 * 1.6732632423543772),
        (F.hardtanh, 1.0, 1.0, 0.0),
        (F.hardtanh, -1.0, -1.0, 0.0),
        (F.relu6, 0.0, 0.0, 0.0),
        (F.relu6, 6.0, 6.0, 0.0),
        (F.relu6, 1000.0, 6.0, 0.0),
        (F.step, 0.0, 1.0, 0.0),
        (F.sign, 0.0, 0.0, 0.0),
        (F.gelu, 0.0, 0.0, 0.5),
        (F.silu, 0.0, 0.0, 0.5),
        (F.softplus, 0.0, math.log(2), 0.5),
        (F.logsigmoid, 0.0, -math.log(2), 0.5),
        (F.elu, -1000.0, -1.0, 0.0),
        (F.elu, -30.0, math.expm1(-30), SMALL),
        (F.softplus, -30.0, math.log1p(SMALL), SMALL / (1 + SMALL)),
        (F.softplus, 1000.0, 1000.0, 1.0),
        (F.softplus, -1000.0, 0.0, 0.0),
        (F.logsigmoid, 1000.0, 0.0, 0.0),
        (F.logsigmoid, 30.0, -math.log1p(SMALL), SMALL / (1 + SMALL)),
        (F.logsigmoid, -1000.0, -1000.0, 1.0),
        (F.gelu, 1000.0, 1000.0, 1.0),
        (F.gelu, -1000.0, 0.0, 0.0),
        (F.gelu, -10.0, -10 * special.ndtr(-10), special.ndtr(-10) - 10 * math.exp(-50) / math.sqrt(2 * math.pi)),
        (lambda x: F.gelu(x, "tanh"), 1000.0, 1000.0, 1.0),
        (lambda x: F.gelu(x, "tanh"), -1000.0, 0.0, 0.0),
        (F.silu, 1000.0, 1000.0, 1.0),
        (F.silu, -1000.0, 0.0, 0.0),
        (F.mish, 1000.0, 1000.0, 1.0),
        (F.mish, -1000.0, 0.0, 0.0),
        (F.sigmoid, -1000.0, 0.0, 0.0),
        (autograd.erf, 1000.0, 1.0, 0.0),
        (autograd.erf, 0.0, 0.0, 2 / math.sqrt(math.pi)),
        (autograd.ndtr, -10.0, special.ndtr(-10), math.exp(-50) / math.sqrt(2 * math.pi)),
    ],
)
@pytest.mark.parametrize("wrap", [np.float64, lambda x: np.array([x])])
def test_values_and_slopes(f, x, value, slope, wrap):
    """For a number and for an array: different code evaluates them."""
    y, found = value_and_slope(f, wrap(x))
    assert_allclose(y, value, rtol=1e-12, atol=1e-300)
    assert_allclose(found, slope, rtol=1e-11, atol=1e-300)


def test_the_slope_of_prelu_is_learned():
    w = Tensor([0.25], requires_grad=True)
    F.prelu(np.array([-2.0, 3.0, -1.0]), w).sum().backward()
    assert w.grad.tolist() == [-3.0]


@pytest.mark.parametrize("f", [F.gelu, F.silu, F.mish, F.softplus, F.elu, F.selu, F.logsigmoid, autograd.gelu_tanh])
def test_second_derivatives(f):
    x = np.array([-2.0, -0.7, 0.4, 1.9])
    slope = autograd.grad(lambda x: f(x).sum())
    second = autograd.grad(lambda x: slope(x).sum())(x)
    step = 1e-5
    assert_allclose(second, (slope(x + step) - slope(x - step)) / (2 * step), rtol=1e-7, atol=1e-9)


def test_the_weights_of_selu_keep_mean_and_variance():
    y = F.selu(np.random.default_rng(0).normal(size=400_000)).numpy()
    assert_allclose([y.mean(), y.var()], [0, 1], atol=0.01)


def test_the_two_gelus_agree_to_their_promise():
    x = np.linspace(-6, 6, 2001)
    assert abs(F.gelu(x).numpy() - F.gelu(x, "tanh").numpy()).max() < 5e-4


def test_integers_are_computed_as_reals():
    assert_array_equal(F.leaky_relu(np.array([-100, 1])).numpy(), [-1.0, 1.0])


def test_scipy_is_imported_when_an_array_needs_it():
    code = (
        "import sys, autograd, nn; autograd.gelu(1.0); assert 'scipy' not in sys.modules;"
        "nn.GELU()([1.0]); assert 'scipy' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
