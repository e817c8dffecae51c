"""gradcheck: a report that says where and by how much; never a bare False."""

import numpy as np
import pytest

import autograd
from autograd import Parameter, Tensor, gradcheck, stop_gradient
from autograd.errors import DTypeError, GraphError
from autograd.functions import functions
from autograd.primitives import registry
from autograd.primitives.notation import notations
from autograd.primitives.primitive import elementwise

X = np.array([1.0, 2.0, 3.0])


def test_a_right_gradient():
    def f(x):
        return (x * x).sum()

    report = gradcheck(f, X)
    assert report
    assert report.function == "f"
    assert str(report).startswith("gradcheck of f:\n  ✓ argument 0: agrees; worst ∂y/∂x[")


def test_a_wrong_gradient_is_explained():
    report = gradcheck(lambda x: (x * stop_gradient(x)).sum(), X)
    assert not report
    assert (
        str(report)
        == repr(report)
        == (
            "gradcheck of <lambda>:\n"
            "  ✗ argument 0: 3 of 3 entries are off; worst ∂y/∂x[2]: expected 6 (complex step), got 3, off by 3, "
            "tolerance 2.2e-11"
        )
    )
    entry = report.entries[0]
    assert (entry.path, entry.input_index, entry.output_index, entry.wrong, entry.checked) == (
        "argument 0",
        (2,),
        (),
        3,
        3,
    )
    assert entry.expected == pytest.approx(6.0)
    assert (entry.got, entry.kink) == (3.0, False)


@pytest.fixture
def wrong():
    """A primitive with a slip in its rule."""
    primitive = elementwise(
        lambda x: x * x * x, lambda x: 2 * x * x, name="wrong_cube", doc="x³, with a wrong derivative."
    )
    yield lambda x: Tensor.apply_primitive(x, primitive, (x,), {})
    del registry["wrong_cube"], notations["wrong_cube"]


def test_a_wrong_rule_is_found(wrong):
    report = gradcheck(wrong, X)
    assert not report
    assert report.entries[0].wrong == 3
    assert "worst ∂y[2]/∂x[2]: expected 27 (central difference), got 18" in str(report)


def test_the_registry_is_left_as_it_was():
    assert "wrong_cube" not in registry
    assert set(functions) <= set(registry)


@pytest.mark.parametrize(
    ("f", "at"),
    [(autograd.relu, 0.0), (abs, 0.0), (autograd.step, 0.0), (lambda x: abs(x - 1e-9), 0.0)],
)
def test_a_kink_is_named(f, at):
    assert "a kink or jump is near, where differences prove nothing" in str(gradcheck(f, at))


@pytest.mark.parametrize(
    ("f", "at"),
    [
        (np.exp, 50.0),
        (lambda x: autograd.sigmoid(50 * x), 0.01),
        (lambda x: abs(x - 1e-6), 0.0),
        (lambda x: x**3, 1e-5),
        (np.sin, 1e4),
        (lambda x: 1 / x, 1e-3),
    ],
)
def test_a_steep_function_is_no_false_alarm(f, at):
    report = gradcheck(f, at)
    assert report, report


@pytest.mark.filterwarnings("ignore")
def test_nan_is_never_a_bare_false():
    for f, at in ((np.log, -1.0), (np.sqrt, 0.0), (lambda x: 1 / x, 0.0)):
        report = gradcheck(f, at)
        assert not report
        assert "✗ argument 0: 1 of 1 entries are off; worst ∂y/∂x: expected" in str(report)
    assert "got inf" in str(gradcheck(np.sqrt, 0.0))


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_every_dtype_tells_right_from_wrong(dtype):
    x = X.astype(dtype)
    assert gradcheck(lambda x: np.sin(x) * x, x)
    assert not gradcheck(lambda x: x * stop_gradient(x), x)


def test_every_argument_and_output_has_its_line():
    def f(p, q, n):
        return {"y": p["a"] * q**n, "z": p["a"].sum()}

    report = gradcheck(f, {"a": X}, 2.0, 3)
    assert report
    assert [e.path for e in report.entries] == [
        "argument 0['a'] → output['y']",
        "argument 1 → output['y']",
        "argument 0['a'] → output['z']",
        "argument 1 → output['z']",
    ]


def test_tolerances_can_be_given():
    assert not gradcheck(lambda x: x * x * x, 2.0, rtol=0, atol=0, eps=1e-3)
    assert gradcheck(lambda x: x * x * x, 2.0, rtol=1e-3, atol=1e-3, eps=1e-2)


@pytest.mark.parametrize("x", [Tensor(X), Parameter(X), np.zeros((0, 3)), np.array(2.0)])
def test_what_it_takes(x):
    assert gradcheck(lambda x: x * x, x)


def test_a_constant_agrees_with_zero():
    assert gradcheck(lambda x: Tensor(3.0), 1.0)


def test_what_it_refuses():
    with pytest.raises(GraphError, match="at least one floating argument"):
        gradcheck(lambda x: x * 2, 3)
    with pytest.raises(GraphError, match="to be a tensor computed from the arguments"):
        gradcheck(lambda x: 3.0, 1.0)
    with pytest.raises(DTypeError):
        gradcheck(lambda p: p[0] * p[1], [1.0, 2])
