"""NumPy's own functions on tensors: they record, they give a fact, or they refuse; nothing detaches silently."""

import numpy as np
import pytest
import scipy.special

import autograd
from autograd import Tensor
from autograd.errors import ArgumentError, AutogradError, DTypeError, GraphError, NoDerivativeError

X = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])


def tracked():
    return Tensor(X, requires_grad=True, name="x")


RECORDED = {
    "sum axis": lambda x: np.sum(x, axis=-1, keepdims=True),
    "sum tuple": lambda x: np.sum(x, axis=(0, 1)),
    "sum out None": lambda x: np.sum(x, axis=None, out=None, dtype=None),
    "mean": lambda x: np.mean(x, axis=0),
    "std": lambda x: np.std(x, axis=1, ddof=1),
    "var": np.var,
    "prod": lambda x: np.prod(x, axis=0),
    "max": lambda x: np.max(x, axis=1, keepdims=True),
    "min": np.min,
    "reshape": lambda x: np.reshape(x, (3, 2)),
    "reshape shape": lambda x: np.reshape(x, shape=(3, -1)),
    "transpose": np.transpose,
    "transpose axes": lambda x: np.transpose(x, axes=(1, 0)),
    "transpose axes None": lambda x: np.transpose(x, axes=None),
    "permute_dims": lambda x: np.permute_dims(x, (1, 0)),
    "swapaxes": lambda x: np.swapaxes(x, 0, 1),
    "moveaxis": lambda x: np.moveaxis(x, 0, -1),
    "squeeze": lambda x: np.squeeze(np.expand_dims(x, (0, 2)), axis=0),
    "broadcast_to": lambda x: np.broadcast_to(x, shape=(4, 2, 3)),
    "concatenate": lambda x: np.concatenate([x, X], axis=1),
    "concat": lambda x: np.concat((X, x)),
    "stack": lambda x: np.stack([x, X], axis=-1),
    "where": lambda x: np.where(X > 2, x, 0.0),
    "where list": lambda x: np.where([[True, False, True]], x, -x),
    "clip": lambda x: np.clip(x, 2, 5),
    "clip a_min": lambda x: np.clip(x, a_min=2, a_max=5),
    "clip min": lambda x: np.clip(x, min=2),
    "clip None": lambda x: np.clip(x, None, 5),
    "clip method's": lambda x: np.clip(x, 2, 5, out=None),
    "matmul": lambda x: np.matmul(x, X.T),
    "matmul left": lambda x: np.matmul(X.T, x),
    "einsum": lambda x: np.einsum("ij,kj->ik", x, X, optimize=True),
    "copy": np.copy,
    "astype": lambda x: np.astype(x, np.float32),
    "exp": np.exp,
    "tanh": np.tanh,
    "add": lambda x: np.add(1.0, x),
    "add out None": lambda x: np.add(x, 1.0, out=None),
    "maximum": lambda x: np.maximum(3.5, x),
    "power": lambda x: np.power(x, 3),
    "add.reduce": np.add.reduce,
    "add.reduce axis": lambda x: np.add.reduce(x, axis=1, keepdims=True),
    "add.reduce all": lambda x: np.add.reduce(x, axis=None, out=None),
    "multiply.reduce": np.multiply.reduce,
    "maximum.reduce": lambda x: np.maximum.reduce(x, axis=1),
    "minimum.reduce": np.minimum.reduce,
}


@pytest.mark.parametrize("function", RECORDED.values(), ids=RECORDED)
def test_a_numpy_function_records_what_it_gives_on_arrays(function):
    y, plain = function(tracked()), function(X)
    assert isinstance(y, Tensor)
    assert y.requires_grad
    assert (y.shape, y.dtype) == (np.shape(plain), np.asarray(plain).dtype)
    np.testing.assert_allclose(y.numpy(), plain, rtol=1e-15)


def test_a_method_of_an_array_meets_a_tensor():
    x = tracked()
    assert (X @ x.T).requires_grad
    assert X.sum(where=x > 1).item() == 20.0
    for refuse in (lambda: X.dot(x.T), lambda: X.clip(x, 3)):
        with pytest.raises(AutogradError):
            refuse()


# Facts

FACTS = {
    "shape": (np.shape, (2, 3)),
    "ndim": (np.ndim, 2),
    "size": (np.size, 6),
    "result_type": (lambda x: np.result_type(x, np.float32), np.dtype(float)),
    "can_cast": (lambda x: np.can_cast(x.dtype, np.float32), False),
    "allclose": (lambda x: np.allclose(x, X), True),
    "array_equal": (lambda x: np.array_equal(x, X), True),
    "shares_memory": (lambda x: np.shares_memory(x, x.numpy()), True),
    "iscomplexobj": (np.iscomplexobj, False),
    "array2string": (np.array2string, np.array2string(X)),
    "array_repr": (np.array_repr, np.array_repr(X)),
}


@pytest.mark.parametrize(("function", "expected"), FACTS.values(), ids=FACTS)
def test_a_fact_about_a_tracked_tensor(function, expected):
    assert function(tracked()) == expected


@pytest.mark.parametrize("make", [np.ones_like, np.zeros_like, np.empty_like, lambda x: np.full_like(x, 2.0)])
def test_made_to_the_measure_of_a_tensor(make):
    y = make(tracked())
    assert isinstance(y, Tensor)
    assert (y.shape, y.dtype, y.requires_grad) == (X.shape, X.dtype, False)


def test_what_fills_an_array_receives_the_gradient():
    for function, like in ((np.full_like, tracked()), (autograd.full_like, X)):
        fill = Tensor(2.0, requires_grad=True)
        function(like, fill).sum().backward()
        assert fill.grad.item() == 6.0
    with pytest.raises(NoDerivativeError):  # NumPy looks at the first argument only
        np.full_like(X, fill)


# Refusals


def test_an_unknown_function_names_its_nearest_relatives():
    with pytest.raises(NoDerivativeError) as refused:
        np.packbits(tracked())
    assert str(refused.value) == (
        "in np.packbits\n"
        "  expected: a NumPy function with a rule for its derivative\n"
        "  got:      one without\n"
        "  to do:    compose it of functions that have one, give it one by autograd.custom_gradient, "
        "or call it on t.detach()"
    )
    with pytest.raises(NoDerivativeError, match="to do:    nearest relatives: isnan; compose it"):
        np.isnat(tracked())


@pytest.mark.parametrize(
    ("function", "home"),
    [(np.fft.fft, "np.fft.fft"), (np.gcd, "np.gcd"), (scipy.special.ellipk, "scipy.special.ellipk")],
)
def test_an_unknown_function_is_called_by_its_full_name_and_by_no_relative(function, home):
    with pytest.raises(NoDerivativeError) as refused:
        function(tracked(), *[2] * (home == "np.gcd"))
    assert refused.value.where == home
    assert "relatives" not in refused.value.remedy


def test_an_unknown_function_of_a_constant_gives_its_value():
    c = Tensor(X)
    whole = Tensor([4, 6])
    assert isinstance(np.gcd(whole, 8), Tensor)
    assert np.gcd(whole, 8).tolist() == [4, 2]
    assert np.median(c) == 3.5
    assert np.add.outer(c, c).shape == (2, 3, 2, 3)


def test_out_into_an_array_is_refused():
    with pytest.raises(NoDerivativeError) as refused:
        np.add(tracked(), 1.0, out=X.copy())
    assert str(refused.value) == (
        "in np.add(…, out=…)\n"
        "  expected: a result that can be recorded\n"
        "  got:      an array to write into\n"
        "  to do:    drop out=; to update a tensor write `t += …`"
    )


@pytest.mark.parametrize(
    "call",
    [
        lambda x, a: np.multiply(a, 2.0, out=x),
        lambda x, a: np.multiply(a, 2.0, out=Tensor(a)),
        lambda x, a: np.add.reduce(x, out=np.zeros(3)),
        lambda x, a: np.sum(x, out=np.zeros(())),
        lambda x, a: np.concatenate([x, a], out=np.zeros((4, 3))),
        lambda x, a: a.__iadd__(x),
        lambda x, a: np.copyto(a, x),
        lambda x, a: np.put(a, [0], x[0, 0]),
        lambda x, a: np.add.at(a, 0, x[0]),
        lambda x, a: a.__setitem__(slice(None), x),
    ],
)
def test_every_way_of_writing_into_an_array_is_refused(call):
    array = X.copy()
    with pytest.raises(NoDerivativeError):
        call(tracked(), array)
    assert np.array_equal(array, X)


def store(x, array):
    array[:1] = x[:1]


@pytest.mark.parametrize(
    ("asked", "write"),
    {
        "array += tensor": lambda x, a: a.__iadd__(x),
        "array *= tensor": lambda x, a: a[:1].__imul__(x[:1]),
        "array[index] = tensor": store,
        "np.add.at(array, index, tensor)": lambda x, a: np.add.at(a, 0, x[0]),
    }.items(),
)
def test_a_numpy_array_written_into_says_to_make_it_a_tensor(asked, write):
    with pytest.raises(NoDerivativeError) as refused:
        write(tracked(), X.copy())
    assert str(refused.value) == (
        f"in {asked}\n"
        "  expected: an array that can remember where its entries came from\n"
        "  got:      a NumPy array, and a tensor that requires a gradient\n"
        "  to do:    make the array a Tensor first, autograd.as_tensor(array), or join the parts by autograd.stack; "
        "t.detach() if you mean the plain value"
    )


def test_an_array_made_a_tensor_is_written_into_as_numpy_does():
    def assembled(k):
        K = autograd.as_tensor(np.zeros((3, 3)))
        for e in range(2):
            K[e : e + 2, e : e + 2] += k[e] * np.array([[1.0, -1.0], [-1.0, 1.0]])
        np.add.at(K, (np.arange(3), np.arange(3)), k[2])
        return K

    J = autograd.jacobian(assembled)(np.array([2.0, 3.0, 5.0]))
    assert J[..., 0].tolist() == [[1, -1, 0], [-1, 1, 0], [0, 0, 0]]
    assert J[..., 1].tolist() == [[0, 0, 0], [0, 1, -1], [0, -1, 1]]
    assert np.array_equal(J[..., 2], np.eye(3))


def test_where_of_one_argument_tells_places():
    x = tracked()
    for ours, numpys in zip(np.where(x > 2.5), np.where(X > 2.5), strict=True):
        assert type(ours) is np.ndarray
        assert np.array_equal(ours, numpys)
    assert np.array_equal(autograd.grad(lambda x: x[np.where(x > 2.5)].sum())(X), X > 2.5)
    with pytest.raises(GraphError):
        autograd.vmap(lambda x: x[np.where(x > 2.5)].sum())(X)


def test_a_write_through_the_read_only_view_says_what_to_do():
    w = tracked()
    with pytest.raises(GraphError) as refused:
        w.data -= 0.1 * Tensor(X)
    assert str(refused.value) == (
        "in np.subtract(…, out=…), or an in-place operator\n"
        "  expected: an array that may be written\n"
        "  got:      a read-only one, such as t.data and t.numpy(), through which no graph would learn of the write\n"
        "  to do:    write `with autograd.no_grad(): w -= step`, or w.assign_(value)"
    )
    assert np.array_equal(w.numpy(), X)


def test_out_with_constants_is_numpys():
    out = np.zeros((2, 3))
    assert np.add(Tensor(X), 1.0, out=out) is out
    assert np.array_equal(out, X + 1)
    out += Tensor(X)
    assert type(out) is np.ndarray


@pytest.mark.parametrize(
    "call",
    [
        lambda x: np.add(x, 1.0, where=X > 2),
        lambda x: np.exp(x, dtype="float32"),
        lambda x: np.matmul(x, X.T, casting="no"),
        lambda x: np.max(x, where=X > 2),
        lambda x: np.quantile(x, 0.5, method="none"),
        lambda x: np.pad(x, 1, mode="edge", end_values=3),
    ],
)
def test_keywords_that_have_no_rule_are_refused_clearly(call):
    with pytest.raises(ArgumentError):
        call(tracked())


# The sweep over NumPy

SIDE_EFFECTS = {
    "info", "load", "loadtxt", "memmap", "fromfile", "fromregex", "genfromtxt", "save", "savetxt", "savez",
    "savez_compressed", "set_printoptions", "setbufsize", "seterr", "seterrcall", "show_config", "show_runtime", "test",
}  # fmt: skip


def lost(result):
    """Return the floating numbers of a result that have no way back to the tensor."""
    if isinstance(result, (list, tuple)):
        return [v for r in result for v in lost(r)]
    if isinstance(result, Tensor):
        return [result.numpy()] if result.dtype.kind == "f" and not result.node.tracked else []
    floating = isinstance(result, (float, np.floating)) or (
        isinstance(result, np.ndarray) and result.dtype.kind in "fcO"
    )
    return [result] if floating else []


CALLS = [
    lambda f, x, s: f(x),
    lambda f, x, s: f(s),
    lambda f, x, s: f(x, x),
    lambda f, x, s: f(X, x),
    lambda f, x, s: f(x, X),
    lambda f, x, s: f(x, 1),
    lambda f, x, s: f([x, x]),
    lambda f, x, s: f([s, s]),
    lambda f, x, s: f(x, 0, 1),
    lambda f, x, s: f("ij->j", x),
]
FUNCTIONS = {
    f"{module.__name__}.{name}": f
    for module in (np, np.linalg, np.fft)
    for name, f in vars(module).items()
    if callable(f) and not isinstance(f, type) and not name.startswith("_") and name not in SIDE_EFFECTS
}


def test_the_sweep_sees_numpy():
    assert len(FUNCTIONS) > 350


NO_WAY_BACK = {
    "numpy.empty_like",  # uninitialised
    "numpy.tri",  # int() of a size
    "numpy.intersect1d", "numpy.setdiff1d",  # a tensor chooses among the entries of an array
    "numpy.histogram2d", "numpy.histogramdd",  # counts, as floating numbers
}  # fmt: skip


def outcome(call, function, scale):
    """Return what a call gives, or None where it refuses."""
    x = Tensor(scale * np.array([[1.0, 2.0], [3.0, 5.0]]), requires_grad=True)
    try:
        return call(function, x, Tensor(scale * 2.0, requires_grad=True))
    except (AutogradError, TypeError, ValueError, AttributeError, LookupError, NameError, SyntaxError):
        return None


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", FUNCTIONS)
def test_no_numpy_function_detaches_silently(name):
    for call in CALLS:
        result = outcome(call, FUNCTIONS[name], 1.0)
        if lost(result) and name not in NO_WAY_BACK:
            other = outcome(call, FUNCTIONS[name], 1.5)  # as a dtype or a measure the tensor's values don't matter
            for before, after in zip(lost(result), lost(other), strict=True):
                np.testing.assert_array_equal(after, before, f"{name} lost the way back to the tensor")


def test_the_sweep_would_notice():
    assert len(lost([np.ones(2), 1.0])) == 2
    assert len(lost(Tensor([1.0]))) == 1
    assert not lost(tracked() * 2)
    assert not lost((np.arange(3), True))


def test_complex_results_are_refused():
    with pytest.raises((ArgumentError, DTypeError)):
        tracked() * np.array([1j, 2j, 3j])


@pytest.mark.parametrize(("name", "arguments"), [("lambertw", ()), ("spherical_jn", (1,))])
def test_a_refused_function_of_scipys_is_called_by_its_public_name(name, arguments):
    with pytest.raises(NoDerivativeError) as refused:
        getattr(scipy.special, name)(*arguments, tracked())
    assert refused.value.where == f"scipy.special.{name}"
