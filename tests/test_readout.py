"""A value that leaves the graph: silent where it says so, a warning or a named cause where a gradient is lost."""

import math
from math import sqrt

import numpy as np
import pytest

import autograd
from autograd import GradientWarning, Parameter, Tensor, grad, jacfwd, jacobian, jvp, value_and_grad, vjp
from autograd.errors import GraphError


def loss():
    return Tensor([1.0, 2.0], requires_grad=True).sum()


def test_a_number_that_is_asked_for_is_given_silently():
    y, record = loss(), []
    for _ in range(2):
        record += [float(y), y.item(), float(f"{y:.3f}"), float("%f" % y)]  # noqa: UP031  it asks for a float
    assert record == [3.0] * 8
    assert not math.isnan(y)
    assert math.isfinite(y)
    assert (math.floor(y), int(y)) == (3, 3)


def alias():
    return math.exp(loss())


WITHOUT_RULES = {
    "math.sin": lambda: math.sin(loss()),
    "sqrt": lambda: sqrt(loss()),
    "math.hypot": lambda: 1 + math.hypot(4.0, loss()),
    "math.exp": alias,
}


@pytest.mark.parametrize(("name", "use"), WITHOUT_RULES.items(), ids=WITHOUT_RULES)
def test_a_function_of_math_is_named(name, use):
    function = name.rpartition(".")[2]
    with pytest.warns(GradientWarning) as warned:
        use()
    assert str(warned[0].message) == (
        f"{name}(sum) gives a plain number, which no gradient passes: "
        f"write np.{function}, or {name}(t.item()) if you mean the number"
    )
    assert warned[0].filename == __file__


def test_a_function_of_math_with_a_plain_tensor_is_fine():
    assert math.sqrt(Tensor(4.0)) == 2.0


def test_half_a_gradient_is_warned_of():
    with pytest.warns(GradientWarning, match=r"math.sin\(leaf\) gives a plain number"):
        grad(lambda x: x * math.sin(x))(1.0)


def line(text):
    """Return the number of the line of this file that ends in a text."""
    with open(__file__, encoding="utf-8") as file:
        return next(i for i, found in enumerate(file, 1) if found.rstrip().endswith(text))


def of_item(x):
    y = 2.0 * x
    return y.item() ** 2  # read here


def test_the_error_of_a_constant_names_the_line_where_the_value_left():
    with pytest.raises(GraphError) as refused:
        grad(of_item)(3.0)
    assert str(refused.value) == (
        "in grad(of_item)\n"
        "  expected: a tensor computed from the arguments\n"
        "  got:      float 36.0; the value of an argument left the graph by item(), at "
        f"{__file__}:{line('# read here')}\n"
        "  to do:    compute with autograd's or NumPy's functions, and return the result itself"
    )
    with pytest.raises(GraphError, match=r"left the graph by item\(\), at .*test_readout.py:\d+"):
        jacobian(of_item)(3.0)


def anew(x):
    x = Tensor(x, requires_grad=True)
    return x * x


def test_a_new_tensor_of_an_argument_is_named():
    with pytest.raises(GraphError, match=r"; the value of an argument left the graph by Tensor\(…\), at"):
        grad(anew)(3.0)


CONSTANTS = {
    "vjp": lambda: vjp(lambda x: Tensor(of_item(x)) * 1.0, 3.0)[1](1.0),
    "jvp": lambda: jvp(of_item, (3.0,), (1.0,)),
    "jacfwd": lambda: jacfwd(of_item)(3.0),
    "an array": lambda: jacobian(lambda x: Tensor(x.data) * 1.0)(3.0),
    "numpy()": lambda: grad(lambda x: Tensor(x.numpy()) * 1.0, unused="zero")(3.0),
}


@pytest.mark.parametrize("make", CONSTANTS.values(), ids=CONSTANTS)
def test_zeros_are_warned_of_where_a_value_was_read_out(make):
    with pytest.warns(GradientWarning, match=r"gives zeros: the value of an argument left the graph by"):
        make()


def test_what_is_cut_on_purpose_gives_zeros_silently():
    assert jacobian(lambda x: x.detach() * 2.0)(3.0) == 0.0
    assert jacobian(lambda x: autograd.stop_gradient(x) * 2.0)(3.0) == 0.0


def test_a_value_that_is_only_noted_says_nothing():
    seen = []

    def f(x):
        y = x * x
        seen.append(y.item())
        return y

    assert value_and_grad(f)(3.0) == (9.0, 6.0)
    assert grad(grad(f))(3.0) == 2.0
    assert vjp(f, 3.0)[1](1.0) == (6.0,)
    assert seen == [9.0] * 3


def test_what_a_function_of_the_package_looks_at_is_no_cause():
    assert jacobian(np.intersect1d, 1)(np.ones(2), np.ones(3)).tolist() == [[0.0] * 3]


def test_zeros_for_another_argument_are_no_matter():
    def f(x, y):
        return x * float(x)

    assert grad(f, (0, 1), unused="zero")(3.0, 4.0) == (3.0, 0.0)


def test_what_was_read_of_another_tensor_is_no_cause():
    w = Tensor(2.0, requires_grad=True)
    with pytest.raises(GraphError) as refused:
        grad(lambda x: w * w.item())(3.0)
    assert "left the graph" not in str(refused.value)


@pytest.mark.parametrize("make", [lambda y: Tensor(y, requires_grad=True), Tensor, Parameter])
def test_a_new_tensor_of_a_recorded_one_warns(make):
    with pytest.warns(GradientWarning, match="takes the value alone, and no gradient passes") as warned:
        made = make(loss())
    assert made.is_leaf
    assert warned[0].filename == __file__


def test_a_new_tensor_of_a_leaf_or_a_constant_is_a_copy():
    x = Tensor([1.0], requires_grad=True)
    assert Tensor(x).tolist() == [1.0]
    assert Parameter((2 * x).detach()).tolist() == [2.0]
    with autograd.no_grad():
        assert Tensor(2 * x, requires_grad=True).is_leaf


def test_an_array_of_tensors_says_how_to_join_them():
    x = Tensor([1.0, 2.0], requires_grad=True)
    for join in (lambda: np.array([x[0], x[1]]), lambda: Tensor([x[0], x[1]]), lambda: np.array([x, 1.0])):
        with pytest.raises(autograd.AutogradError, match=r"np.stack\(\[a, b\]\)"):
            join()
