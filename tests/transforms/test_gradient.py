"""grad, value_and_grad, vjp and stop_gradient: what they take, what they give, and transforms inside transforms."""

import threading
from collections import OrderedDict, defaultdict, namedtuple

import numpy as np
import pytest

import autograd
from autograd import Parameter, Tensor, grad, jacobian, no_grad, stop_gradient, value_and_grad, vjp
from autograd.errors import ArgumentError, DTypeError, GraphError, ShapeError

Point = namedtuple("Point", "x y")
PAIR = np.array([1.0, 2.0])


def product(a, b):
    return a * b * b


# Arguments


@pytest.mark.parametrize(
    ("argnums", "expected"),
    [
        (0, 9.0),
        (1, 12.0),
        (-1, 12.0),
        (np.int64(1), 12.0),
        ((1,), (12.0,)),
        ((1, 0), (12.0, 9.0)),
        ([0, -1], (9.0, 12.0)),
    ],
)
def test_argnums(argnums, expected):
    assert grad(product, argnums)(2.0, 3.0) == expected
    assert value_and_grad(product, argnums)(2.0, 3.0) == (18.0, expected)


@pytest.mark.parametrize("argnums", [2, -3, (0, 2), (0, 0), (0, -2), "x", 0.0, None])
def test_argnums_that_name_no_argument_are_refused(argnums):
    with pytest.raises(ArgumentError):
        grad(product, argnums)(2.0, 3.0)


def test_keyword_arguments_are_passed_on():
    def scaled(x, *, by, note=""):
        return x * by

    assert grad(scaled)(2.0, by=3.0, note="n") == 3.0
    assert grad(scaled)(2.0, by=Tensor(3.0)) == 3.0
    with pytest.raises(ArgumentError, match="argnums among the 0 positional arguments"):
        grad(product)(a=1.0, b=2.0)


def test_other_arguments_may_be_anything():
    assert grad(lambda x, n, s: x**n * len(s))(2.0, 3, "ab") == 24.0


def test_nested_arguments():
    def f(p):
        return (p["w"][0] * p["b"]).sum() + p["w"][1] * 2

    g = grad(f)({"w": [PAIR, 3.0], "b": np.array([4.0, 5.0])})
    assert g["w"][0].tolist() == [4.0, 5.0]
    assert g["w"][1] == 2.0
    assert g["b"].tolist() == [1.0, 2.0]


def test_nests_keep_their_types():
    g = grad(lambda p: p.x * p.y)(Point(2.0, 3.0))
    assert g == Point(3.0, 2.0)
    g = grad(lambda p: p["a"] * p["b"])(OrderedDict(a=2.0, b=3.0))
    assert type(g) is OrderedDict
    assert g == {"a": 3.0, "b": 2.0}
    g = grad(lambda p: p["a"] * p["b"])(defaultdict(float, a=2.0, b=3.0))
    assert type(g) is defaultdict
    assert g["c"] == 0.0
    g = grad(lambda p: p[0] * p[1][0])(
        (2.0, [3.0, None]),
    )
    assert g == (3.0, [2.0, None])


@pytest.mark.parametrize(
    ("x", "kind"),
    [(2.0, np.float64), (np.float32(2), np.float32), (np.array(2.0), np.float64), (np.ones(1), np.ndarray),
     (Tensor(2.0), Tensor), (Parameter([2.0]), Tensor)],
)  # fmt: skip
def test_arrays_for_arrays_and_tensors_for_tensors(x, kind):
    def f(x):
        return (x * x * x).sum()

    value, g = value_and_grad(f)(x)
    assert type(g) is kind
    assert isinstance(value, Tensor) == isinstance(x, Tensor)
    assert type(jacobian(f)(x)) is kind
    value, pullback = vjp(f, x)
    assert isinstance(value, Tensor) == isinstance(x, Tensor)
    assert type(pullback(1.0)[0]) is kind


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_dtype_and_shape_are_the_arguments(dtype):
    x = np.ones((2, 1), dtype=dtype)
    for g in (grad(lambda x: (x * np.ones((4, 2, 3))).sum())(x), vjp(lambda x: x * 2, x)[1](np.ones((2, 1)))[0]):
        assert (g.shape, g.dtype) == (x.shape, x.dtype)
    assert jacobian(lambda x: x * np.ones((1, 3)))(x).dtype == dtype


@pytest.mark.parametrize("x", [3, True, np.arange(3), [1.0, 2], {"a": 1}, Tensor([1, 2])])
@pytest.mark.parametrize("transform", [grad, value_and_grad, jacobian])
def test_integers_are_refused(transform, x):
    with pytest.raises(DTypeError, match="integers and booleans have no gradient"):
        transform(lambda x: x)(x)


def test_integers_are_named_by_their_place():
    with pytest.raises(DTypeError) as refused:
        grad(product, (0, 1))(2.0, [1.0, 3])
    assert str(refused.value) == (
        "in grad(product)\n"
        "  expected: floating argument 1[1]: integers and booleans have no gradient\n"
        "  got:      dtype int64\n"
        "  to do:    write 3.0 instead of 3, or convert with astype(float)"
    )


# Values


def test_aux_comes_beside_the_gradient():
    def f(x):
        return x * x, {"twice": x * 2, "note": "hi", "none": None}

    g, aux = grad(f, has_aux=True)(3.0)
    assert (g, aux) == (6.0, {"twice": 6.0, "note": "hi", "none": None})
    assert not isinstance(aux["twice"], Tensor)
    (value, aux), g = value_and_grad(f, has_aux=True)(Tensor(3.0))
    assert (value.item(), g.item(), aux["twice"].requires_grad) == (9.0, 6.0, False)
    y, pullback, aux = vjp(f, 3.0, has_aux=True)
    assert (y, pullback(1.0), aux["twice"]) == (9.0, (6.0,), 6.0)


@pytest.mark.parametrize("result", [lambda x: x, lambda x: (x, x, x), lambda x: {"a": x, "b": x}])
def test_aux_that_is_not_there_is_refused(result):
    with pytest.raises(ArgumentError, match="has_aux"):
        grad(result, has_aux=True)(2.0)


@pytest.mark.parametrize(
    ("function", "got"),
    [
        (lambda x: 1.0, "float 1.0"),
        (lambda x: np.ones(3), "ndarray array"),
        (lambda x: None, "NoneType None"),
        (lambda x: (x, x), "tuple"),
        (lambda x: x * np.ones(3), r"shape \(3,\)"),
        (lambda x: Tensor(1.0), "one that doesn't"),
        (lambda x: Tensor(x.item()), "one that doesn't"),
        (lambda x: x > 1, "one that doesn't"),
        (stop_gradient, "one that doesn't"),
    ],
)
def test_a_value_that_cannot_be_differentiated_is_refused(function, got):
    with pytest.raises(GraphError, match=f"got: *{got}"):
        grad(function)(2.0)


def test_plain_numpy_inside_says_so():
    with pytest.raises(GraphError) as refused:
        grad(lambda x: float(np.sin(x.numpy())))(2.0)
    assert str(refused.value) == (
        "in grad(<lambda>)\n"
        "  expected: a tensor computed from the arguments\n"
        f"  got:      float {np.sin(2.0)}; the value of an argument left the graph by the array, at "
        f"{__file__}:{test_plain_numpy_inside_says_so.__code__.co_firstlineno + 2}\n"
        "  to do:    compute with autograd's or NumPy's functions, and return the result itself"
    )


def test_an_unused_argument():
    def f(a, b):
        return a * a

    with pytest.raises(GraphError, match="an output that depends on argument 1"):
        grad(f, (0, 1))(2.0, 3.0)
    with pytest.raises(GraphError, match=r"an output that depends on argument 0\['b'\]\[0\]"):
        grad(lambda p: p["a"] * 2)({"a": 1.0, "b": [2.0]})
    a, b = grad(f, (0, 1), unused="zero")(2.0, np.ones(3, dtype="float32"))
    assert (a, b.tolist(), b.dtype) == (4.0, [0.0, 0.0, 0.0], np.float32)
    assert grad(lambda x: Tensor(1.0), unused="zero")(2.0) == 0.0
    with pytest.raises(ArgumentError, match="unused='error' or unused='zero'"):
        grad(f, unused="zeros")
    with pytest.raises(ArgumentError, match="unused='error' or unused='zero'"):
        jacobian(f, unused="zeros")


def test_the_argument_itself_as_the_value():
    assert grad(lambda x: x)(2.0) == 1.0
    g = grad(lambda x: x.sum())(PAIR)
    g += 5.0
    assert PAIR.tolist() == [1.0, 2.0]


def test_one_number_in_any_shape():
    assert grad(lambda x: x * 2)(np.ones((1, 1))).tolist() == [[2.0]]


def test_grad_works_under_no_grad_and_in_other_threads():
    with no_grad():
        assert grad(lambda x: x * x)(3.0) == 6.0
    found = []
    thread = threading.Thread(target=lambda: found.append(grad(grad(lambda x: x**3))(2.0)))
    thread.start()
    thread.join()
    assert found == [12.0]


def test_grad_leaves_grad_alone():
    w = Parameter(3.0)
    assert grad(lambda w: w * w)(w).item() == 6.0
    assert w.grad is None
    grad(lambda x: x * w)(2.0)
    assert w.grad is None


def test_a_transform_keeps_the_functions_name():
    assert grad(product).__name__ == "product"


# vjp


def test_vjp_of_nested_outputs():
    y, pullback = vjp(lambda a, b: {"p": a * b, "s": [a + b, 7.0]}, 2.0, 3.0)
    assert y == {"p": 6.0, "s": [5.0, 7.0]}
    assert pullback({"p": 1.0, "s": [10.0, 0.0]}) == (13.0, 12.0)
    assert pullback({"s": [10.0, 0.0], "p": 1.0}) == (13.0, 12.0)  # a dict is paired by its keys
    assert pullback({"p": 1.0, "s": [0.0, 1.0]}) == (3.0, 2.0)


def test_vjp_of_one_output_twice():
    def f(x):
        y = x * x
        return y, y

    assert vjp(f, 3.0)[1]((1.0, 10.0)) == (66.0,)


def test_a_pullback_is_linear_and_can_be_called_again():
    _, pullback = vjp(lambda x: x, PAIR)
    first = pullback(np.ones(2))[0]
    first += 100.0
    assert pullback(np.ones(2))[0].tolist() == [1.0, 1.0]
    assert pullback([np.float64(1), 2.0][0] * np.ones(2))[0].tolist() == [1.0, 1.0]


def test_an_input_that_is_not_used_receives_zeros():
    assert vjp(lambda a, b: a * 2, 1.0, 2.0)[1](1.0) == (2.0, 0.0)
    assert vjp(lambda a: Tensor(3.0), 1.0)[1](1.0) == (0.0,)


@pytest.mark.parametrize("y_bar", [1.0, (1.0,), (1.0, 2.0, 3.0), {"a": 1.0, "b": 2.0}, None])
def test_a_cotangent_nested_otherwise_is_refused(y_bar):
    with pytest.raises(ArgumentError, match=r"a cotangent for output\[0\], output\[1\]"):
        vjp(lambda a: (a * 2, a), 1.0)[1](y_bar)


def test_a_cotangent_of_another_shape_is_refused():
    with pytest.raises(ShapeError, match=r"a cotangent of shape \(2,\)"):
        vjp(lambda x: x * 2, PAIR)[1](np.ones(3))


# stop_gradient


def test_stop_gradient_cuts_nests():
    def f(x):
        cut = stop_gradient({"a": [x * 2], "n": 1, "none": None})
        assert (cut["n"], cut["none"]) == (1, None)
        return cut["a"][0] * x

    assert grad(f)(3.0) == 6.0
    assert stop_gradient(2.0) == 2.0


# A transform inside a transform


def test_higher_derivatives():
    d = lambda x: x**4  # noqa: E731
    for expected in (32.0, 48.0, 48.0, 24.0):
        d = grad(d)
        assert d(2.0) == expected


@pytest.mark.parametrize("inner", [3.0, Tensor(3.0)], ids=["array", "tensor"])
@pytest.mark.parametrize(
    ("f", "expected"),
    [
        (lambda x, three: x * grad(lambda y: x * y * y)(three), 24.0),  # a naive engine gives 12
        (lambda x, three: grad(lambda y: x * y * y)(three), 6.0),
        (lambda x, three: x * grad(lambda y: x + y)(three), 1.0),  # Siskind & Pearlmutter (2005)
        (lambda x, three: x * grad(lambda y: x + y)(x), 1.0),
        (lambda x, three: x * grad(lambda y: x * y)(x), 4.0),
        (lambda x, three: grad(lambda y: grad(lambda z: x * y * z * z)(y))(x), 16.0),
        (lambda x, three: grad(lambda y: stop_gradient(x) * y * x)(three), 2.0),
        (lambda x, three: x * stop_gradient(grad(lambda y: x * y * y)(three)), 12.0),
        (lambda x, three: x * vjp(lambda y: x * y * y, three)[1](x)[0], 72.0),  # x·x·6x = 6x³
        (lambda x, three: vjp(lambda y: y * y, three)[1](x)[0], 6.0),
        (lambda x, three: x * vjp(lambda y: x, three)[0], 4.0),
        (lambda x, three: vjp(lambda y: x * y * y, three)[0], 9.0),
        (lambda x, three: (lambda v, g: v * g)(*value_and_grad(lambda y: x * y * y)(three)), 216.0),
        (lambda x, three: x + grad(lambda y: (y * y, x * y), has_aux=True)(three)[1], 4.0),
        (lambda x, three: x + grad(lambda y: (y * y, x), has_aux=True)(three)[1], 2.0),
        (lambda x, three: x + value_and_grad(lambda y: (y * x, [x * x]), has_aux=True)(three)[0][1][0], 5.0),
        (lambda x, three: jacobian(lambda y: x * y * y * np.ones(2))(three).sum(), 12.0),
        (lambda x, three: jacobian(lambda y: (y * x, x * x), has_aux=True)(three)[1], 4.0),
    ],
)
def test_no_perturbation_confusion(f, expected, inner):
    assert grad(f)(2.0, inner) == pytest.approx(expected, abs=1e-12)


def test_a_function_that_gives_gradient_functions():
    """Manzyuk and others, Perturbation confusion in forward AD (2019), turned around: each call must be its own."""

    def f(x):
        slope = grad(lambda y: x * x * y * y)
        return slope(1.0) + slope(2.0)

    assert grad(f)(3.0) == 36.0


def test_a_closure_over_an_outer_tracked_tensor():
    w = Tensor(2.0, requires_grad=True)
    g = grad(lambda y: w * y * y)(Tensor(3.0))
    assert g.requires_grad
    g.backward()
    assert w.grad.item() == 6.0
    value, _ = value_and_grad(lambda y: w * y * y)(Tensor(3.0))
    value.backward()
    assert w.grad.item() == 15.0
    assert type(grad(lambda y: w * y * y)(3.0)) is np.float64


def test_a_gradient_penalty_through_a_parameter():
    w, x = Parameter([0.1, 0.2]), Tensor([3.0, 4.0])
    slope = grad(lambda x: autograd.tanh((w * x).sum()))(x)
    (slope * slope).sum().backward()
    s = np.tanh(0.1 * 3 + 0.2 * 4)
    wn = np.array([0.1, 0.2])  # |∇ₓ|² = (1−s²)²·|w|²
    expected = 2 * (1 - s * s) ** 2 * wn - 4 * s * (1 - s * s) ** 2 * (wn @ wn) * np.array([3.0, 4.0])
    np.testing.assert_allclose(w.grad.numpy(), expected, rtol=1e-12)


def test_grad_of_a_tracked_tensor_stays_connected():
    x = Tensor(3.0, requires_grad=True)
    y = grad(lambda v: v**3)(x * x)
    y.backward()  # 3·x⁴
    assert x.grad.item() == pytest.approx(4 * 3 * 27.0)
