"""What a tensor is and can do: the surface that semantics.md promises."""

import copy
import operator
import pickle
from decimal import Decimal

import numpy as np
import pytest

import autograd
from autograd import Parameter, Tensor, as_tensor, no_grad
from autograd.errors import ArgumentError, DTypeError, GraphError, NoDerivativeError, ShapeError
from autograd.tensor import raw

VALUES = np.array([1.0, 2.0, 3.0])


def tracked(dtype="float64"):
    return Tensor(VALUES, requires_grad=True, dtype=dtype, name="x")


def same(tensor, array):
    """Tell whether a tensor holds exactly these values in exactly this dtype and shape."""
    array = np.asarray(array)
    return tensor.dtype == array.dtype and tensor.shape == array.shape and np.array_equal(tensor.numpy(), array)


# Making one


def test_the_constructor_copies():
    array = VALUES.copy()
    x = Tensor(array)
    array[0] = 9.0
    assert x.tolist() == [1.0, 2.0, 3.0]
    y = Tensor(x)
    assert not np.shares_memory(x.numpy(), y.numpy())


@pytest.mark.parametrize(
    "data", [2.0, 2, True, [1, 2], (1.0, 2.0), range(3), [[1.0], [2.0]], np.float32(1), VALUES, []]
)
def test_the_constructor_takes_what_numpy_takes(data):
    assert same(Tensor(data), np.asarray(data))


def test_a_list_of_constant_tensors_becomes_one():
    assert same(Tensor([Tensor(1.0), Tensor(2.0)]), [1.0, 2.0])


def test_dtype_and_name():
    x = Tensor([1, 2], dtype="float32", name="x", requires_grad=True)
    assert (x.dtype, x.name, x.requires_grad, x.is_leaf) == (np.float32, "x", True, True)


@pytest.mark.parametrize(
    "data",
    [[[1, 2], [3]], "abc", b"abc", 1j, None, object(), [1, None], [1.0, "2"], {}, np.datetime64("2020-01-01"), 2**70],
)
def test_what_is_not_real_numbers_is_refused(data):
    for make in (Tensor, as_tensor):
        with pytest.raises(DTypeError):
            make(data)


def test_a_name_is_a_text_or_none():
    x = Tensor([1.0])
    x.name = "x"
    for wrong in (3, ["x"], b"x"):
        with pytest.raises(ArgumentError, match=r"in t.name = …\n  expected: a name in words, or None"):
            x.name = wrong
    assert x.name == "x"
    x.name = None
    assert x.name is None


def test_data_cannot_be_assigned_to():
    w = Parameter([1.0, 2.0])
    with pytest.raises(AttributeError, match=r"write `with autograd.no_grad\(\): t -= step`, or t.assign_\(value\)"):
        w.data = np.zeros(2)
    assert w.tolist() == [1.0, 2.0]


def test_an_unknown_dtype_is_refused():
    with pytest.raises(DTypeError, match="nonsense"):
        Tensor(1.0, dtype="nonsense")


@pytest.mark.parametrize("data", [3, [1, 2], True, np.arange(3)])
def test_integers_are_refused_a_gradient(data):
    with pytest.raises(DTypeError, match="integers and booleans carry values, never gradients"):
        Tensor(data, requires_grad=True)
    with pytest.raises(DTypeError):
        Tensor(data).requires_grad_()
    assert Tensor(data, requires_grad=True, dtype=float).requires_grad


def test_a_list_of_tracked_tensors_is_not_detached_in_passing():
    with pytest.raises(NoDerivativeError):
        Tensor([Tensor(1.0, requires_grad=True), 2.0])


def test_a_parameter_is_a_leaf_that_requires_a_gradient():
    w = Parameter([1.0, 2.0], name="w")
    assert isinstance(w, Tensor)
    assert (w.requires_grad, w.is_leaf, w.name, w.node.parameter) == (True, True, "w", True)
    with pytest.raises(DTypeError):
        Parameter([1, 2])


def test_as_tensor_shares_memory_and_returns_a_tensor_as_it_is():
    array = VALUES.copy()
    t = as_tensor(array)
    assert np.shares_memory(t.numpy(), array)
    assert as_tensor(t) is t
    with no_grad():
        t += 1
    assert array.tolist() == [2.0, 3.0, 4.0]


# Reading one


def test_the_array_is_read_only():
    x = Tensor(VALUES)
    for view in (x.data, x.numpy(), Tensor(2.0).data):
        assert isinstance(view, np.ndarray)
        assert not view.flags.writeable
    assert np.shares_memory(x.data, x.numpy())
    with pytest.raises(AttributeError):
        x.data = VALUES


def test_the_facts():
    x = Tensor(np.zeros((2, 3), dtype="float32"))
    assert (x.shape, x.dtype, x.ndim, x.size, x.nbytes, len(x)) == ((2, 3), np.float32, 2, 6, 24, 2)
    assert (x.T.shape, x.mT.shape, Tensor(np.zeros((4, 2, 3))).mT.shape) == ((3, 2), (3, 2), (4, 3, 2))


def test_single_numbers_behave_like_numbers():
    x = Tensor(2.5, requires_grad=True)
    assert (float(x), int(x), x.item(), bool(x)) == (2.5, 2, 2.5, True)
    assert isinstance(x.item(), float)
    assert (float(Tensor([[2.5]])), int(Tensor([[2]]))) == (2.5, 2)
    assert [10, 20, 30][Tensor(1)] == 20
    assert f"{x:.3f}" == "2.500"
    assert isinstance((x * x)._value, np.float64)  # a NumPy scalar, immutable


@pytest.mark.parametrize("read", [float, int, bool, Tensor.item, lambda t: f"{t:.2f}"])
def test_several_numbers_are_not_one(read):
    with pytest.raises(ShapeError, match=r"\(3,\)"):
        read(Tensor(VALUES))


def test_a_number_has_no_length():
    with pytest.raises(ArgumentError):
        len(Tensor(2.0))
    with pytest.raises(ArgumentError):
        iter(Tensor(2.0))


def test_iterating_records():
    x = tracked()
    a, b, c = x
    (a * b + c).backward()
    assert x.grad.tolist() == [2.0, 1.0, 1.0]


def test_contains_compares_values():
    x = tracked()
    assert 2.0 in x
    assert Tensor(2.0) in x
    assert 5.0 not in x


def test_equality_compares_values_and_the_hash_is_identity():
    x, y = tracked(), tracked()
    assert (x == y).tolist() == [True, True, True]
    assert (x != [1.0, 0.0, 3.0]).tolist() == [False, True, False]
    assert hash(x) != hash(y)
    assert len({x: 1, y: 2}) == 2
    assert any(t is y for t in [x, y])


@pytest.mark.parametrize("other", [None, "a", object()])
def test_equality_with_what_has_no_value_is_identity(other):
    x = tracked()
    assert (x == other) is False
    assert (x != other) is True
    assert other not in [x]


def test_repr_shows_value_dtype_name_and_operation():
    x = tracked()
    assert repr(x) == "Tensor([1., 2., 3.], name='x', requires_grad=True)"
    assert repr(x * 2) == "Tensor([2., 4., 6.], made_by=multiply)"
    assert repr(x > 1) == "Tensor([False,  True,  True], made_by=greater)"
    assert repr(Tensor([1, 2])) == "Tensor([1, 2])"
    assert repr(Tensor([1], dtype="int8")) == "Tensor([1], dtype=int8)"
    assert repr(Tensor(1.5, dtype="float32")) == "Tensor(1.5, dtype=float32)"
    assert repr(Parameter([1.0], name="w")) == "Parameter([1.], name='w')"
    assert repr(Tensor(np.arange(1000.0))) == "Tensor([  0.,   1.,   2., ..., 997., 998., 999.])"
    assert f"{x}" == str(x) == repr(x)


# Asking for gradients, and leaving the graph


def test_requires_grad_can_be_asked_for_and_given_up():
    x = Tensor(VALUES)
    assert x.requires_grad_() is x
    (x * x).sum().backward()
    assert x.grad.tolist() == [2.0, 4.0, 6.0]
    x.requires_grad = False
    assert not (x * 2).requires_grad


def test_requires_grad_on_a_computed_tensor_is_refused():
    with pytest.raises(GraphError, match=r"detach\(\) gives a leaf"):
        (tracked() * 2).requires_grad_()


@pytest.mark.parametrize("shape", [(3,), (1, 3), (1000, 3)])
def test_asking_later_leaves_older_graphs_alone(shape):
    x, w = Tensor(np.ones(shape)), Tensor(np.ones((1000, 3)), requires_grad=True)
    y = (x * w).sum()
    x.requires_grad_()
    y.backward()
    assert x.grad is None
    assert w.grad.shape == w.shape
    (x * w).sum().backward()
    assert x.grad.shape == shape


def test_thawing_a_parameter_keeps_what_it_is():
    w = Parameter([1.0], name="w")
    w.requires_grad = False
    w.requires_grad = True
    assert (w.name, w.node.parameter, w.requires_grad) == ("w", True, True)


def test_detach_shares_memory_and_has_no_history():
    y = tracked() * 2
    cut = y.detach()
    assert np.shares_memory(cut.numpy(), y.numpy())
    assert (cut.requires_grad, cut.is_leaf) == (False, True)


def test_asarray_of_a_tracked_tensor_is_refused():
    x = tracked()
    for t in (x, x * 2, x[0]):
        for convert in (np.asarray, np.array, np.ascontiguousarray, lambda t: np.array([t, t])):
            with pytest.raises(NoDerivativeError, match=r"t\.detach\(\) or t\.numpy\(\)"):
                convert(t)


def test_asarray_of_a_constant():
    x = Tensor(VALUES)
    assert same(as_tensor(np.asarray(x)), VALUES)
    assert np.asarray(x, dtype="float32").dtype == np.float32
    assert not np.shares_memory(np.array(x), x.numpy())
    assert np.asarray(Tensor(2.0)).shape == ()
    assert np.asarray(x > 1).tolist() == [False, True, True]


def test_a_numpy_array_does_not_take_a_tracked_entry():
    x, array = tracked(), np.zeros(3)
    with pytest.raises(ValueError, match="setting an array element") as refused:  # NumPy's own, with ours as its cause
        array[0] = x[1]
    assert str(refused.value.__cause__) == (
        "in array[index] = tensor\n"
        "  expected: an array that can remember where its entries came from\n"
        "  got:      a NumPy array, and a tensor that requires a gradient\n"
        "  to do:    make the array a Tensor first, autograd.as_tensor(array), or join the parts by autograd.stack; "
        "t.detach() if you mean the plain value"
    )
    array[0] = x[1].item()
    array[1] = float(x[1])
    array[2] = x[1].detach()
    assert array.tolist() == [2.0, 2.0, 2.0]


# Copies


def test_copy_shares_and_deepcopy_does_not():
    x = tracked()
    (x * x).sum().backward()
    shallow, deep = copy.copy(x), copy.deepcopy(x)
    assert shallow.node is x.node
    assert (deep.name, deep.requires_grad, deep.grad.tolist()) == ("x", True, [2.0, 4.0, 6.0])
    for mine, theirs in ((x, deep), (x.grad, deep.grad)):
        assert not np.shares_memory(mine.numpy(), theirs.numpy())


def test_deepcopy_and_pickle_of_a_recorded_node_are_its_value():
    y = tracked() * 2
    y.name = "y"
    for twin in (copy.deepcopy(y), pickle.loads(pickle.dumps(y))):
        assert same(twin, [2.0, 4.0, 6.0])
        assert (twin.name, twin.is_leaf, twin.requires_grad) == ("y", True, False)
    first, second = copy.deepcopy([y, y])
    assert first is second


def test_copy_of_a_recorded_node_stays_recorded():
    x = tracked()
    copy.copy(x * 2).sum().backward()
    assert x.grad.tolist() == [2.0, 2.0, 2.0]


@pytest.mark.parametrize("leaf", [Tensor(2.0, requires_grad=True), Parameter(VALUES, name="w"), Tensor([1, 2])])
def test_pickle_of_a_leaf(leaf):
    twin = pickle.loads(pickle.dumps(leaf))
    assert type(twin) is type(leaf)
    assert same(twin, leaf.numpy())
    assert (twin.requires_grad, twin.name, type(twin._value)) == (leaf.requires_grad, leaf.name, type(leaf._value))


def test_dlpack():
    x = Tensor(VALUES)
    assert np.shares_memory(np.from_dlpack(x), x.numpy())
    assert x.__dlpack_device__() == (1, 0)
    with pytest.raises(NoDerivativeError):
        np.from_dlpack(tracked())


# Operators

ARITHMETIC = [operator.add, operator.sub, operator.mul, operator.truediv, operator.pow]
COMPARISONS = [operator.lt, operator.le, operator.gt, operator.ge, operator.eq, operator.ne]
OTHERS = {
    "tensor": Tensor([3.0, 1.0, 2.0]),
    "array": np.array([3.0, 1.0, 2.0]),
    "float32 array": np.float32([3, 1, 2]),
    "integer array": np.array([3, 1, 2]),
    "column": np.array([[3.0], [1.0]]),
    "0-d array": np.array(2.0),
    "np.float64": np.float64(2.0),
    "np.float32": np.float32(2.0),
    "np.bool": np.bool_(True),
    "float": 2.0,
    "int": 2,
    "bool": True,
    "list": [3.0, 1.0, 2.0],
    "tuple": (3.0, 1.0, 2.0),
}


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("operate", ARITHMETIC + COMPARISONS)
@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS)
def test_operators_give_what_numpy_gives_on_either_side(operate, other, dtype):
    x = tracked(dtype)
    plain = other.numpy() if isinstance(other, Tensor) else other
    for ours, numpys in (
        (operate(x, other), operate(x.numpy(), plain)),
        (operate(other, x), operate(plain, x.numpy())),
    ):
        assert isinstance(ours, Tensor)
        assert same(ours, numpys)
        assert ours.requires_grad == (operate in ARITHMETIC)


@pytest.mark.parametrize("operate", ARITHMETIC)
@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS)
def test_both_sides_have_the_same_gradient_as_with_a_tensor(operate, other):
    wide = Tensor(np.asarray(raw(other)))
    for swap in (False, True):
        gradients = []
        for o in (other, wide):
            x = tracked()
            y = operate(o, x) if swap else operate(x, o)
            y.sum().backward()
            gradients.append(x.grad)
        assert same(gradients[0], gradients[1].numpy())


def test_matmul_on_either_side():
    W, x = np.arange(6.0).reshape(2, 3), tracked()
    assert same(W @ x, W @ VALUES)
    assert same(x @ W.T, VALUES @ W.T)
    assert same(x @ [1.0, 1.0, 1.0], 6.0)
    (W @ x).sum().backward()
    assert x.grad.tolist() == [3.0, 5.0, 7.0]


def test_unary_operators():
    x = tracked()
    assert same(-x, -VALUES)
    assert same(abs(-x), VALUES)
    assert +x is x
    assert same(~(x > 1), [True, False, False])


def test_logic_of_booleans_on_either_side():
    x, mask = tracked(), np.array([True, False, True])
    for both in ((x > 1) & mask, mask & (x > 1)):
        assert isinstance(both, Tensor)
        assert both.tolist() == [False, False, True]
    for either in ((x > 2) | mask, mask | (x > 2)):
        assert either.tolist() == [True, False, True]
    assert (True & (x > 1)).tolist() == [False, True, True]


def test_logic_of_integers_is_bitwise_as_in_numpy():
    assert same(Tensor([6]) & Tensor([3]), [2])
    assert same(Tensor([6]) | 1, [7])
    assert same(~Tensor([6]), [-7])
    with pytest.raises(DTypeError):
        tracked() & 1.0


@pytest.mark.parametrize("other", [None, "a", object(), Decimal(1), {}, 1j], ids=lambda o: type(o).__name__)
@pytest.mark.parametrize("operate", [operator.add, operator.mul, operator.lt, operator.matmul])
def test_operands_that_are_no_numbers_are_refused_on_either_side(operate, other):
    x = tracked()
    for act in (lambda: operate(x, other), lambda: operate(other, x)):
        with pytest.raises(ArgumentError, match="expected: tensors, arrays or numbers"):
            act()


@pytest.mark.parametrize("array", [np.array([1, 2, 3], dtype=object), np.array(["a", "b", "c"]), np.array([1j, 2, 3])])
def test_arrays_of_no_real_numbers_are_refused_on_either_side(array):
    for x in (tracked(), Tensor(VALUES)):
        for act in (lambda x=x: x * array, lambda x=x: array * x, lambda x=x: x @ array):
            with pytest.raises(ArgumentError):
                act()


def test_an_empty_operand():
    x = Tensor(np.zeros((0, 3)), requires_grad=True)
    y = x * VALUES
    assert y.shape == (0, 3)
    y.sum().backward()
    assert x.grad.shape == (0, 3)


def test_numbers_stay_numpy_scalars_of_their_dtype():
    x = Tensor(2.0, dtype="float32", requires_grad=True)
    y = (2 * x + 1.0) ** 2 / 3
    assert (y.dtype, type(y._value)) == (np.float32, np.float32)
    y.backward()
    assert (x.grad.dtype, type(x.grad._value)) == (np.float32, np.float32)


def test_a_method_a_function_and_numpy_are_one():
    x = tracked()
    for name in ("tanh", "exp", "sum", "mean", "square", "sqrt"):
        results = [getattr(x, name)(), getattr(autograd, name)(x), getattr(np, name)(x)]
        assert len({r.node.primitive.name for r in results}) == 1
        assert all(same(r, results[0].numpy()) for r in results)


def test_sum_builtin_and_max_builtin_record():
    x = tracked()
    (sum(x) + max(x)).backward()
    assert x.grad.tolist() == [1.0, 1.0, 2.0]
