"""What goes into a tensor: never a masked entry, never an np.matrix as an operand; other kinds of arrays by value."""

import numpy as np
import pytest

import autograd
from autograd import Parameter, Tensor, grad, jvp, no_grad
from autograd.errors import ArgumentError, DTypeError

MASKED = np.ma.array([1.0, 2.0, 3.0], mask=[False, True, False])


def tracked():
    return Tensor([1.0, 2.0, 3.0], requires_grad=True)


def written():
    w = tracked()
    with no_grad():
        w[:] = MASKED


WAYS_IN = {
    "Tensor": lambda: Tensor(MASKED),
    "Parameter": lambda: Parameter(MASKED),
    "as_tensor": lambda: autograd.as_tensor(MASKED),
    "a list": lambda: Tensor([MASKED, MASKED]),
    "a masked entry": lambda: Tensor([1.0, np.ma.masked]),
    "an operator": lambda: tracked() * MASKED,
    "without a graph": lambda: Tensor([1.0, 2.0, 3.0]) * MASKED,
    "a function": lambda: np.maximum(tracked(), MASKED),
    "its first operand": lambda: np.maximum(MASKED, tracked()),
    "a composition": lambda: np.hstack([tracked(), MASKED]),
    "a product": lambda: np.dot(tracked(), MASKED),
    "an argument": lambda: grad(np.sum)(MASKED),
    "a tangent": lambda: jvp(np.sin, (np.ones(3),), (MASKED,)),
    "a cotangent": lambda: (2 * tracked()).backward(MASKED),
    "a write": written,
}


@pytest.mark.parametrize("way", WAYS_IN.values(), ids=WAYS_IN)
def test_a_mask_is_never_lost(way):
    with pytest.raises(DTypeError, match=r"a masked array with \d of its entries masked"):
        way()


def test_the_error_names_the_function_and_what_to_do():
    with pytest.raises(DTypeError) as refused:
        tracked() * MASKED
    assert str(refused.value) == (
        "in multiply(a, b)\n"
        "  expected: an array without a mask: a tensor has none, and would compute with the numbers behind it\n"
        "  got:      a masked array with 1 of its entries masked\n"
        "  to do:    fill them in, data.filled(0.0); or data.filled(np.nan) and np.nansum, np.nanmean, … on the tensor"
    )


def test_a_mask_that_hides_nothing_is_no_matter():
    whole = np.ma.array([1.0, 2.0, 3.0], mask=False)
    assert Tensor(whole).tolist() == [1.0, 2.0, 3.0]
    product = tracked() * whole
    assert type(product.numpy()) is np.ndarray
    assert product.tolist() == [1.0, 4.0, 9.0]


@pytest.mark.filterwarnings("ignore:the matrix subclass")
def test_a_matrix_is_data_and_no_operand():
    matrix, t = np.matrix([[1.0, 2.0], [3.0, 4.0]]), Tensor(np.ones((2, 2)))
    assert Tensor(matrix).tolist() == [[1.0, 2.0], [3.0, 4.0]]
    for multiply in (lambda: t * matrix, lambda: matrix * t, lambda: t**matrix, lambda: np.multiply(t, matrix)):
        with pytest.raises(ArgumentError, match=r"np.asarray\(matrix\)"):
            multiply()


def test_an_array_of_a_subclass_is_an_operand_like_any_other(tmp_path):
    class Own(np.ndarray):
        pass

    mapped = np.memmap(tmp_path / "x.bin", dtype=float, mode="w+", shape=3)
    mapped[:] = [1.0, 2.0, 3.0]
    for array in (mapped, mapped.view(Own)):
        x = tracked()
        y = x * array
        assert type(y.numpy()) is np.ndarray
        y.sum().backward()
        assert type(x.grad.numpy()) is np.ndarray
        assert x.grad.tolist() == [1.0, 2.0, 3.0]


def test_another_byte_order_becomes_this_machines():
    array = np.array([1.0, 2.0], dtype=">f8")
    for t in (Tensor(array, requires_grad=True), Parameter(array), autograd.as_tensor(array)):
        assert t.dtype.isnative
        assert t.tolist() == [1.0, 2.0]
    x = Tensor(array, requires_grad=True)
    np.median(x * array).backward()
    assert x.grad.dtype == x.dtype == np.float64
    assert x.grad.tolist() == [0.5, 1.0]
    gradient = grad(lambda x: (x * x).sum())(array)
    assert gradient.dtype.isnative
    assert gradient.tolist() == [2.0, 4.0]
