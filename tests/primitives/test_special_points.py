"""Elementwise functions where formulas break: zeros, infinities, axes, far tails; values beside SciPy and by hand."""

import warnings

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import special

import autograd
from autograd import Tensor
from autograd.errors import DTypeError, NoDerivativeError
from autograd.functions import by_scipy

INF, NAN = np.inf, np.nan


def gradients(f, *values):
    leaves = [Tensor(v, requires_grad=True, dtype=float) for v in values]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # NumPy's own, about a value that is infinite
        f(*leaves).sum().backward()
    return [leaf.grad.item() for leaf in leaves]


@pytest.mark.parametrize(
    ("f", "point", "expected"),
    [
        (np.logaddexp, (-INF, -INF), (0, 0)),
        (np.logaddexp, (-INF, 0), (0, 1)),
        (np.logaddexp, (800, -800), (1, 0)),
        (np.logaddexp2, (-INF, -INF), (0, 0)),
        (np.logaddexp2, (3, 3), (0.5, 0.5)),
        (autograd.xlogy, (0, 0), (0, 0)),
        (autograd.xlogy, (0, 2), (np.log(2), 0)),
        (autograd.xlogy, (0, -1), (0, 0)),
        (autograd.xlogy, (1, 0), (-INF, INF)),
        (autograd.xlog1py, (0, -1), (0, 0)),
        (autograd.entr, (0,), (INF,)),
        (autograd.rel_entr, (0, 1), (-INF, 0)),
        (np.sinc, (0,), (0,)),
        (np.hypot, (0, 0), (0, 0)),
        (np.hypot, (3e200, 4e200), (0.6, 0.8)),
        (np.arctan2, (0, 0), (0, 0)),
        (np.arctan2, (0, 1), (1, 0)),
        (np.arctan2, (1, 0), (0, -1)),
        (np.arctan2, (0, -1), (-1, 0)),
        (np.arctan2, (-1, 0), (0, 1)),
        (np.copysign, (0, -1), (0, 0)),
        (np.copysign, (2, -0.0), (-1, 0)),
        (np.fmax, (1, 1), (0.5, 0.5)),
        (np.fmax, (1, NAN), (1, 0)),
        (np.fmin, (NAN, 1), (0, 1)),
        (np.heaviside, (0, 0.5), (0, 1)),
        (np.remainder, (-7, 3), (1, 3)),
        (np.remainder, (7, -3), (1, 3)),
        (np.fmod, (-7, 3), (1, 2)),
        (np.floor_divide, (-7, 3), (0, 0)),
        (np.float_power, (0, 2), (0, 0)),
        (np.float_power, (0, 0), (0, 0)),
        (np.cbrt, (0,), (INF,)),
        (np.cbrt, (-8,), (1 / 12,)),
        (np.nan_to_num, (INF,), (0,)),
        (np.nan_to_num, (NAN,), (0,)),
        (np.round, (0.5,), (0,)),
        (np.floor, (1,), (0,)),
        (autograd.rsqrt, (0,), (-INF,)),
        (autograd.j1, (0,), (0.5,)),
        (autograd.i0e, (0,), (0,)),
        (autograd.i1e, (0,), (0.5,)),
        (autograd.ndtri, (0,), (INF,)),
        (autograd.logit, (0,), (INF,)),
        (autograd.log_ndtr, (-1e4,), (10000.0001,)),  # x + 1/x − …, Laplace's series of the Mills ratio
        (autograd.log_ndtr, (50,), (0,)),
        (autograd.sigmoid, (-700,), (np.exp(-700.0),)),
        (autograd.divide, (0, 1e-200), (1e200, 0)),
        (autograd.divide, (1e-300, 1e-200), (1e200, -1e100)),
        (autograd.divide, (1e300, 1e200), (1e-200, -1e-100)),
        (np.arctan2, (1e-200, 1e-200), (5e199, -5e199)),
        (np.arctan2, (0, 1e200), (1e-200, 0)),
        (np.arctan2, (-3e200, 4e200), (1.6e-201, 1.2e-201)),
        (np.arcsinh, (-1e200,), (1e-200,)),
        (np.arccosh, (1e200,), (1e-200,)),
        (np.fmod, (3, 1e-5), (1, -299999)),  # 3/1e-5 rounds to 300000
        (autograd.rel_entr, (1e-200, 1e200), (1 - 400 * np.log(10), -0.0)),
        (autograd.erfcx, (19.9,), (-0.0014193225647191465,)),
        (autograd.erfcx, (20.1,), (-0.0013913213114440525,)),
        (autograd.erfcx, (1e8,), (-1e-16 / np.sqrt(np.pi),)),
        (autograd.gelu_tanh, (1e200,), (1,)),
        (autograd.gelu_tanh, (-1e200,), (0,)),
    ],
)  # fmt: skip
def test_gradients_at_special_points(f, point, expected):
    assert_allclose(gradients(f, *point), expected, rtol=1e-12, atol=1e-300)


@pytest.mark.parametrize(
    ("f", "point", "expected"),
    [
        (autograd.divide, (1e-30, 1e-25), (1e25, -1e20)),
        (autograd.divide, (1e30, 1e20), (1e-20, -1e-10)),
        (np.arctan2, (3e-25, 4e-25), (1.6e24, -1.2e24)),
        (np.arcsinh, (1e25,), (1e-25,)),
        (np.fmod, (3, 0.3), (1, -9)),  # 0.3 is 0.3000000119 here
        (autograd.erfcx, (100,), (-5.6410497626e-5,)),
        (autograd.gelu_tanh, (1e25,), (1,)),
    ],
)
def test_gradients_in_float32_where_its_range_is_short(f, point, expected):
    leaves = [Tensor(np.float32(v), requires_grad=True) for v in point]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        f(*leaves).backward()
    for leaf, partial in zip(leaves, expected, strict=True):
        assert leaf.grad.dtype == np.float32
        assert_allclose(leaf.grad.item(), partial, rtol=2e-6)


def test_the_second_derivative_of_dawsns_integral_far_out():
    for x, exact in (
        (19.9, 0.00012786441232910),
        (20.1, 0.00012406659184761),
        (1e3, 1.00000300001125e-9),
        (-1e4, -1.00000003e-12),
    ):
        assert_allclose(autograd.grad(autograd.grad(autograd.dawsn))(x), exact, rtol=1e-9)


def test_the_derivative_of_erfcx_is_smooth_where_its_formula_changes():
    for order in (autograd.grad, lambda f: autograd.grad(autograd.grad(f))):
        below, above = (order(autograd.erfcx)(np.float64(x)) for x in (20.0, np.nextafter(20.0, 21)))
        assert_allclose(below, above, rtol=1e-10)


def test_all_derivatives_of_sinc_at_zero():
    f = np.sinc
    for expected in (1, 0, -(np.pi**2) / 3, 0, np.pi**4 / 5):
        assert_allclose(f(0.0), expected, atol=1e-12)
        f = autograd.grad(f)


@pytest.mark.parametrize("n", [1, 2])
def test_derivatives_of_sinc_near_zero_have_every_digit(n):
    x = np.array([1e-9, 1e-3, 0.1, 0.49, 0.51, 0.74, 0.76, 1.5, 3.3])
    slope = special.spherical_jn(1, np.pi * x, derivative=n == 2)
    found = autograd.primitives.bessel.sinc_derivative(x, n=n)
    assert_allclose(found, -(np.pi**n) * slope, rtol=1e-12)


def test_the_normal_distribution_in_float32_has_float32_digits():
    x = np.concatenate([np.linspace(-12.9, 6, 20001), [-0.0, 0.0, 1e-30, -1e-30]]).astype(np.float32)
    expected = special.ndtr(x.astype(float))
    assert_allclose(autograd.ndtr(x), expected, rtol=7e-7, atol=0)
    assert_allclose(autograd.gelu(x), x * expected, rtol=8e-7, atol=0)
    far = np.array([-1000, 1000, -INF, INF, NAN], dtype=np.float32)
    assert_array_equal(autograd.ndtr(far), [0, 1, 0, 1, NAN])
    wide = np.linspace(-3, 3, 60000, dtype=np.float32).reshape(300, 200)[::2, ::-1]  # several blocks, odd strides
    assert_allclose(autograd.ndtr(wide), special.ndtr(wide), rtol=7e-7)


@pytest.mark.parametrize("x", [-800.0, -700.0, -40.0, -1.0, 0.0, 1.0, 40.0, 800.0])
def test_the_logistic_function_has_every_digit_of_its_tails(x):
    expected = 0.0 if x < -709 else np.exp(x) / (1 + np.exp(x)) if x < 0 else 1 / (1 + np.exp(-x))
    assert_allclose(autograd.sigmoid(x), expected, rtol=4e-16)


# SciPy's ufuncs on tensors

UFUNCS = sorted(name for name in by_scipy if isinstance(getattr(special, name, None), np.ufunc))


@pytest.mark.parametrize("name", UFUNCS)
def test_scipys_function_records_what_it_gives_on_arrays(name):
    ufunc = getattr(special, name)
    x = np.array([0.3, 0.6])
    orders = (2.0,) * (ufunc.nin - 1)
    y = ufunc(*orders, Tensor(x, requires_grad=True))
    assert y.requires_grad
    assert_allclose(y.numpy(), ufunc(*orders, x), rtol=1e-15)


def test_every_special_function_is_reached():
    assert {"expit", "logit", "erf", "psi", "gammaln", "loggamma", "xlogy", "kl_div", "jv", "log_expit"} <= {*UFUNCS}


def test_a_constant_order_must_be_constant():
    with pytest.raises(NoDerivativeError) as refused:
        special.jv(Tensor(1.0, requires_grad=True, name="order"), 2.0)
    assert str(refused.value) == (
        "in jv(v, x)\n"
        "  expected: a constant v: the derivative in it has no closed form\n"
        "  got:      leaf 'order', which requires a gradient\n"
        "  to do:    use v.detach() if you mean the plain value"
    )


@pytest.mark.parametrize(
    ("f", "x"),
    [
        (lambda x: autograd.polygamma(2, x), 1.5),
        (lambda x: autograd.zeta(2.5, x), 1.5),
        (lambda x: autograd.gammainc(0.5, x), 0.7),
        (lambda x: autograd.jv(1.5, x), 2.0),
        (lambda x: autograd.iv(0.5, x), 2.0),
        (lambda x: special.expit(x) * special.erfinv(x), 0.4),
    ],
)
def test_special_functions_to_second_order(f, x):
    assert autograd.gradcheck(f, x)
    assert autograd.gradgradcheck(f, x)


# Operators

A, B = np.array([7.0, -7.0, 5.5]), np.array([3.0, 3.0, -2.0])


@pytest.mark.parametrize(
    ("f", "expected"),
    [
        (lambda a, b: a // b, A // B),
        (lambda a, b: a % b, A % B),
        (divmod, divmod(A, B)),
        (lambda a, b: divmod(7.0, b), divmod(7.0, B)),
        (lambda a, b: divmod(A, b), divmod(A, B)),
        (lambda a, b: 7 // b, 7 // B),
        (lambda a, b: 7 % b, 7 % B),
        (lambda a, b: round(a / b, 2), np.round(A / B, 2)),
        (lambda a, b: round(a / b), np.round(A / B)),
    ],
)
def test_operators_are_numpys(f, expected):
    found = f(Tensor(A, requires_grad=True), Tensor(B, requires_grad=True))
    pairs = zip(found, expected, strict=True) if isinstance(found, tuple) else [(found, expected)]
    for y, plain in pairs:
        assert y.requires_grad
        assert_array_equal(y.numpy(), plain)


def test_operators_in_place():
    t = Tensor(A, requires_grad=True) * 1.0
    t //= 2.0
    t %= 2.0
    assert_array_equal(t.numpy(), A // 2 % 2)


@pytest.mark.parametrize(
    "f", [lambda a: a & a, lambda a: a | 1, lambda a: a ^ True, lambda a: ~a, lambda a: np.left_shift(a, 1)]
)
@pytest.mark.parametrize("requires_grad", [True, False])
def test_floating_numbers_have_no_bits(f, requires_grad):
    with pytest.raises(DTypeError, match=r"booleans or whole numbers(.|\n)*compare first"):
        f(Tensor(A, requires_grad=requires_grad))


def test_bits_of_booleans_and_whole_numbers():
    t = Tensor([True, False])
    assert (t ^ True).tolist() == [False, True]
    assert (Tensor([6]) ^ 3).tolist() == [5]
    assert np.left_shift(Tensor([3]), 2).tolist() == [12]


# Functions that choose

X = np.array([-2.0, -0.5, 0.5, 2.0])


def test_select_sends_each_gradient_to_the_choice_that_was_taken():
    x = Tensor(X, requires_grad=True)
    np.select([x < -1, x < 1], [x * 2, np.sqrt(abs(x))], default=x**3).sum().backward()
    assert_allclose(x.grad.numpy(), [2, -0.5 / np.sqrt(0.5), 0.5 / np.sqrt(0.5), 12])


def test_piecewise_calls_a_function_only_where_it_holds():
    x = Tensor(X, requires_grad=True)
    np.piecewise(x, [x > 0, x < -1], [np.log, lambda x: 3 * x, 5.0]).sum().backward()  # a warning would be an error
    assert_allclose(x.grad.numpy(), [3, 0, 2, 0.5])


@pytest.mark.parametrize("count", [1, 4])
def test_conditions_and_choices_must_match(count):
    x = Tensor(X, requires_grad=True)
    with pytest.raises(autograd.ArgumentError, match="2 conditions and"):
        np.select([X > 0, X < 0], [x] * count)
    with pytest.raises(autograd.ArgumentError, match="2 conditions for"):
        np.piecewise(x, [X > 0, X < 0], [1.0] * count)
