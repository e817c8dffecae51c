"""gradcheck's ways to know better: complex step, random projections, both modes, one operation at a time."""

import numpy as np
import pytest

import autograd
from autograd import (
    Tensor,
    checkpoint,
    custom_gradient,
    custom_root,
    grad,
    gradcheck,
    gradgradcheck,
    stop_gradient,
    vmap,
)
from autograd.errors import GraphError
from autograd.primitives import registry
from autograd.primitives.domain import case
from autograd.primitives.notation import notations
from autograd.primitives.primitive import elementwise, linear_map

X = np.array([1.0, 2.0, 3.0])
RNG = np.random.default_rng(0)


@pytest.fixture
def declared():
    """What a test declares is taken back."""
    before = dict(registry), dict(notations)
    yield lambda p: lambda x: Tensor.apply_primitive(x, p, (x,), {})
    for kept, held in zip((registry, notations), before, strict=True):
        kept.clear()
        kept.update(held)


# Complex step


@pytest.mark.parametrize(
    "f",
    [
        lambda x: np.sin(x) * np.exp(x) / x,
        lambda x: (x @ np.ones((3, 2))) ** 3,
        lambda x: np.concatenate([x, x * x])[::2].sum(),
        lambda x: np.tanh(x).reshape(3, 1).mean(axis=0),
        lambda x: np.log1p(x) ** 0.5,
    ],
)
def test_analytic_functions_are_compared_to_the_last_digits(f):
    report = gradcheck(f, X)
    assert report, report
    assert report.entries[0].reference == "complex step"
    assert report.entries[0].tolerance < 1e-9


@pytest.mark.parametrize(
    ("f", "why"),
    [
        (abs, "a kink"),
        (lambda x: autograd.where(x > 1.5, x, x * x), "a choice"),
        (autograd.sin, "an engine's own function takes no complex array"),
        (lambda x: x.relu(), "a method that arrays don't have"),
        (lambda x: x * Tensor(X), "a tensor that it closes over"),
        (lambda x: x * (np.real(x) if isinstance(x, np.ndarray) else x), "a part that isn't analytic after all"),
        (lambda x: np.exp(x) if isinstance(x, Tensor) else x, "another function on arrays"),
        (lambda x: x.astype(float) * 2, "a cast that drops the imaginary part"),
    ],
)
def test_elsewhere_differences_are_taken(f, why):
    report = gradcheck(f, X)
    assert report, report
    assert report.entries[0].reference == "central difference"


def test_a_slip_too_small_for_differences():
    f = lambda x: np.sin(x) * (1 + 1e-10 * stop_gradient(x))  # noqa: E731
    assert gradcheck(f, X, eps=1e-5)
    assert not gradcheck(f, X)


def test_a_given_step_asks_for_differences():
    assert gradcheck(np.sin, X, eps=1e-6).entries[0].reference == "central difference"


@pytest.mark.parametrize("dtype", ["float16", "float32"])
def test_complex_step_in_low_precision(dtype):
    report = gradcheck(lambda x: np.exp(x) * x, X.astype(dtype))
    assert report, report
    assert report.entries[0].reference == "complex step"


# Random projections


BIG = RNG.normal(size=(50, 40))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    "f",
    [
        lambda x: np.sin(x) * x,
        lambda x: (x @ x.T).sum(axis=0),
        autograd.softmax,
        lambda x: (autograd.relu(x) ** 2).sum(),
        lambda x: autograd.logsumexp(x, axis=1),
    ],
)
def test_big_inputs_are_projected(f, dtype):
    report = gradcheck(f, BIG.astype(dtype))
    assert report, report
    assert report.entries[0].along is not None
    assert "along random direction" in str(report)


def test_a_projection_finds_one_wrong_entry():
    def f(x):
        frozen = np.zeros(BIG.shape)
        frozen[3, 4] = 1.0
        return x * x + frozen * (stop_gradient(x) - x)

    report = gradcheck(f, BIG)
    assert not report
    text = str(report)
    assert "✗ argument 0: 8 of 8004 projections are off; worst ∂y[3, 4] along random direction " in text
    assert " in forward mode, off by " in text
    reverse = gradcheck(f, BIG, forward=False)
    assert not reverse
    assert "4 of 4 projections are off; worst ȳ·∂y along random direction " in str(reverse)


def test_a_projection_counts_every_input():
    report = gradcheck(lambda a, b: (a * b).sum(axis=0), BIG, 2.0)
    assert report, report
    assert [e.path for e in report.entries] == ["argument 0", "argument 1"]


# Both modes


def test_forward_mode_is_checked_too(declared):
    """A batching rule that is wrong breaks forward mode alone: it applies the map to all tangents at once."""
    f = declared(
        linear_map(
            lambda x: 2 * x, lambda y_bar: 2 * y_bar, name="mine", doc="Mine.", cases=(case((3,)),),
            behind=lambda p, o, b, s, n: 3 * o[0],
        )
    )  # fmt: skip
    report = gradcheck(f, X)
    assert str(report) == (
        "gradcheck of <lambda>:\n"
        "  ✗ argument 0: 3 of 9 entries are off; worst ∂y[0]/∂x[0]: expected 2 (central difference), "
        "got 3 in forward mode, off by 1, tolerance 7.7e-09"
    )
    assert gradcheck(f, X, forward=False)


def test_a_pullback_without_a_derivative_of_its_own():
    plain = custom_gradient(
        lambda x: x * x, lambda y_bar, y, x: 2 * autograd.tensor.raw(y_bar) * autograd.tensor.raw(x)
    )
    assert gradcheck(plain, X, forward=False)
    with pytest.raises(GraphError, match="can itself be differentiated"):
        gradcheck(plain, X)


# One operation at a time


@pytest.fixture
def wrong(declared):
    return declared(elementwise(lambda x: x * x * x, lambda x: 2 * x * x, name="wrong_cube", doc="x³, with a slip."))


def test_the_first_bad_operation_is_named(wrong):
    def f(x):
        return np.exp(wrong(np.sin(x)) * x).sum()

    report = gradcheck(f, X, per_node=True)
    assert not report
    assert str(report) == (
        "gradcheck of f, one operation at a time:\n"
        "  the first bad operation is number 2:\n"
        "  ✗ wrong_cube, operand x: 3 of 9 entries are off; worst ∂y[1]/∂x[1]: expected 2.48046543 "
        "(central difference), got 1.653643621, off by 0.83, tolerance 9.5e-09"
    )


def test_module_and_operand_are_named(wrong):
    def f(x):
        with autograd.scope("encoder"), autograd.scope("0"):
            h = wrong(x)
        return h * x

    (entry,) = gradcheck(f, X, per_node=True).entries
    assert entry.path == "wrong_cube in encoder.0, operand x"
    assert (entry.output_index, entry.input_index) == ((2,), (2,))
    assert (entry.expected, entry.got) == (pytest.approx(27.0), 18.0)


def test_all_operations_agree():
    def f(x, w):
        h = autograd.concatenate([np.tanh(x @ w), x])[[0, 2, 2, 1]]
        return autograd.cross_entropy(autograd.stack([h, h * 2]), np.array([1, 3])) + h.sum() * w[0, 0]

    report = gradcheck(f, X, RNG.normal(size=(3, 3)), per_node=True)
    assert report, report
    assert str(report).startswith("gradcheck of f, one operation at a time:\n  ✓ all ")
    assert gradcheck(checkpoint(f), X, RNG.normal(size=(3, 3)), per_node=True)


def test_a_custom_gradient_is_the_bad_operation():
    rounded = custom_gradient(lambda x: x * x, lambda y_bar, y, x: y_bar)
    (entry,) = gradcheck(lambda x: rounded(x) * 2, X, per_node=True).entries
    assert entry.path.startswith("<lambda>, operand arrays[0]")


# Second order


@pytest.mark.parametrize(
    ("f", "args"),
    [
        (lambda x: np.sin(x) * x, (X,)),
        (lambda a, b: {"y": a @ b, "z": (a.sum(), 3)}, (RNG.normal(size=(2, 3)), X)),
        (autograd.softmax, (X,)),
        (lambda p: p["w"] * p["n"], ({"w": X, "n": 2.0},)),
        (custom_root(lambda x, a: x**3 - a, lambda a: np.cbrt(autograd.tensor.raw(a))), (8.0,)),
        (vmap(grad(lambda v: v**3)), (X,)),
        (lambda x, n: x**n, (X, 3)),
        (lambda x: (x @ np.ones((40, 3))).sum(axis=1) ** 2, (BIG,)),
    ],
)
def test_second_derivatives(f, args):
    report = gradgradcheck(f, *args)
    assert report, report
    assert report.function.startswith("the gradient of ")


def test_a_gradient_that_cannot_be_differentiated_is_found():
    f = custom_gradient(lambda x: x * x, lambda y_bar, y, x: y_bar * 2 * stop_gradient(x))
    assert gradcheck(f, X)
    report = gradgradcheck(f, X)
    assert not report
    assert "3 of 9 entries are off" in str(report)


def test_what_gradgradcheck_refuses():
    with pytest.raises(GraphError, match=r"in gradgradcheck\(<lambda>\)\n  expected: at least one floating argument"):
        gradgradcheck(lambda x: x * 2, 3)
