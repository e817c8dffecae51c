"""What users of the peers trip over, each a promise kept here: one test for a line of lessons.md."""

import copy
import gc
import sys
import threading

import numpy as np
import pytest

import autograd
from autograd import Parameter, Tensor, grad, gradcheck, jacobian, no_grad
from autograd.errors import DTypeError, GradientWarning, GraphError, MutationError, NoDerivativeError, ShapeError

pytestmark = pytest.mark.filterwarnings("ignore:(invalid|divide|overflow):RuntimeWarning")

# Singular points


def test_where_takes_no_nan_from_the_branch_not_taken():
    x = np.array([-4.0, 0.0, 9.0])
    g = grad(lambda x: autograd.where(x < 0, autograd.sqrt(-x), autograd.where(x > 0, x, 0.0)).sum())(x)
    assert g.tolist() == [-0.25, 0.0, 1.0]


def test_no_nan_after_masking_a_division_by_zero():
    x = Tensor([2.0, 0.0], requires_grad=True)
    y = 1.0 / x
    y[x == 0] = 0.0
    y.sum().backward()
    assert x.grad.tolist() == [-0.25, 0.0]
    assert grad(lambda x: (1.0 / x)[np.array([True, False])].sum())(np.array([2.0, 0.0])).tolist() == [-0.25, 0.0]


def test_a_zero_by_arithmetic_is_no_mask():
    assert np.isnan(grad(lambda x: autograd.sqrt(x) ** 2)(0.0))


def test_prod_is_exact_with_zeros():
    assert grad(autograd.prod)(np.array([2.0, 0.0, 3.0])).tolist() == [0.0, 6.0, 0.0]
    assert grad(autograd.prod)(np.array([0.0, 0.0, 3.0])).tolist() == [0.0, 0.0, 0.0]


def test_std_of_equal_numbers_has_no_nan():
    assert grad(autograd.std)(np.ones(3)).tolist() == [0.0, 0.0, 0.0]


def test_logsumexp_is_stable_for_large_and_infinite_logits():
    assert grad(autograd.logsumexp)(np.array([1000.0, 1000.0])) == pytest.approx([0.5, 0.5], rel=1e-12)
    assert grad(autograd.logsumexp)(np.array([0.0, -np.inf])).tolist() == [1.0, 0.0]
    assert grad(lambda x: autograd.log_softmax(x)[0])(np.array([1000.0, -1000.0])).tolist() == [0.0, 0.0]


def test_ties_share_equally_and_relu_at_zero_is_zero():
    assert grad(autograd.maximum, (0, 1))(1.0, 1.0) == (0.5, 0.5)
    assert grad(autograd.max)(np.array([1.0, 3.0, 3.0])).tolist() == [0.0, 0.5, 0.5]
    assert grad(autograd.relu)(0.0) == 0.0
    assert grad(lambda x: np.maximum(0.0, x))(0.0) == 0.5


def test_a_power_takes_no_log_of_the_base_where_it_is_not_needed():
    with np.errstate(all="raise"):
        assert grad(lambda x: x**3)(-2.0) == 12.0
        assert grad(lambda x: x**2)(0.0) == 0.0
        assert grad(lambda x: x**0)(0.0) == 0.0
        assert grad(grad(lambda x: x**2))(0.0) == 2.0
    assert grad(lambda n: 0.0**n)(2.0) == 0.0


# Silent mistakes from shape or dtype


def test_mse_of_a_column_with_a_row_is_refused():
    with pytest.raises(ShapeError) as refused:
        autograd.mse(Tensor(np.zeros((3, 1)), name="prediction"), np.zeros(3))
    assert "input 'prediction' (3, 1) float64, target (3,) float64" in refused.value.got
    assert refused.value.remedy == "give both one shape: target.reshape(3, 1)"


def test_broadcast_gradients_are_summed_up():
    bias = grad(lambda b: (np.ones((4, 3)) + b).sum())(np.zeros((1, 3)))
    assert bias.tolist() == [[4.0, 4.0, 4.0]]


def test_float32_gradients_stay_float32():
    x = Tensor([1.0, 2.0], dtype="float32", requires_grad=True)
    ((x * 2.0 + 1) ** 2 * np.array([1.0, 2.0]) / np.float64(3)).sum().backward()
    assert x.grad.dtype == np.float32


def test_integers_say_that_they_have_no_gradient():
    for ask in (lambda: Tensor([1, 2], requires_grad=True), lambda: grad(lambda x: x * x)(3)):
        with pytest.raises(DTypeError, match="integers and booleans"):
            ask()


def test_a_number_against_one_entry_keeps_both_shapes():
    a, b = grad(lambda a, b: (a * b).sum(), (0, 1))(2.0, np.array([3.0]))
    assert (np.shape(a), np.shape(b)) == ((), (1,))


def test_repeated_indices_accumulate():
    assert grad(lambda x: x[[0, 0, 2]].sum())(np.zeros(3)).tolist() == [2.0, 0.0, 1.0]


def test_equal_constants_are_not_merged():
    a, b = Tensor(3.0, requires_grad=True), Tensor(3.0, requires_grad=True)
    (a * 2 + b).backward()
    assert (a.grad.item(), b.grad.item()) == (2.0, 1.0)


# Mutation


def test_c_0_equals_b_0_works_in_a_tensor_and_is_clear_in_an_array():
    b = Tensor([2.0, 3.0], requires_grad=True)
    c = Tensor(np.zeros(2))
    c[0] = b[0]
    (c * c).sum().backward()
    assert b.grad.tolist() == [4.0, 0.0]
    array = np.zeros(2)
    with pytest.raises(ValueError, match="setting an array element") as refused:
        array[0] = b[0]
    assert isinstance(refused.value.__cause__, NoDerivativeError)
    assert "autograd.stack" in str(refused.value.__cause__)


def test_modified_in_place_names_the_variable_and_the_line():
    w = Parameter([1.0, 2.0], name="w")
    loss = (w * w).sum()
    with no_grad():
        w -= 0.1
        line = sys._getframe().f_lineno - 1
    with pytest.raises(MutationError) as refused:
        loss.backward()
    assert "leaf 'w'" in refused.value.expected
    assert refused.value.got.endswith(f"test_lessons.py:{line}")


def test_hand_written_sgd_works_and_without_no_grad_names_it():
    w = Parameter(5.0)
    (w * w).backward()
    with pytest.raises(GraphError, match="no_grad"):
        w -= 0.1 * w.grad
    with no_grad():
        w -= 0.1 * w.grad
    assert w.item() == 4.0


# Graph lifecycle


def test_a_second_backward_is_right():
    x = Tensor(3.0, requires_grad=True)
    y = x * x
    z = y + y
    z.backward()
    z.backward()
    assert x.grad.item() == 24.0  # an engine that keeps gradients on nodes gives 36


def test_forgotten_zero_grad_adds_as_documented():
    x = Tensor(1.0, requires_grad=True)
    for expected in (2.0, 4.0):
        (x * x).backward()
        assert x.grad.item() == expected


def test_an_interior_grad_says_how_to_get_it():
    h = Tensor(1.0, requires_grad=True) * 2
    (h * h).backward()
    with pytest.warns(GradientWarning, match=r"retain_grad\(\)"):
        assert h.grad is None


def test_backward_a_second_time_after_release_says_so():
    x = Tensor(1.0, requires_grad=True)
    y = x.exp()
    y.backward(retain_graph=False)
    with pytest.raises(GraphError, match="retain_graph=False"):
        y.backward()


def test_does_not_require_grad_says_what_to_set():
    with pytest.raises(GraphError, match="set requires_grad=True on the tensors you want gradients for"):
        (Tensor(1.0) * 2).backward()


def test_requires_grad_on_the_loss_is_noticed():
    w = Tensor(1.0, requires_grad=True)
    loss = Tensor((w * w).item(), requires_grad=True)
    with pytest.warns(GradientWarning, match="no other tensor receives a gradient"):
        loss.backward()
    with pytest.raises(GraphError, match="a computed tensor"):
        (w * w).requires_grad_()


def test_an_unused_input_is_named_or_zero_never_none():
    with pytest.raises(GraphError, match="argument 1"):
        grad(lambda a, b: a * a, (0, 1))(1.0, 2.0)
    assert grad(lambda a, b: a * a, (0, 1), unused="zero")(1.0, 2.0) == (2.0, 0.0)


def test_numpy_of_a_tracked_tensor_needs_no_detach():
    x = Tensor([1.0, 2.0], requires_grad=True)
    assert (x * 2).numpy().tolist() == [2.0, 4.0]
    assert not (x * 2).numpy().flags.writeable


# NumPy


def test_ndarray_times_tensor_is_tensor_times_ndarray():
    array = np.array([[1.0], [2.0]])
    gradients = []
    for product in (lambda x: array * x, lambda x: x * array):
        x = Tensor([3.0, 4.0], requires_grad=True)
        y = product(x)
        assert isinstance(y, Tensor)
        assert y.shape == (2, 2)
        y.sum().backward()
        gradients.append(x.grad.tolist())
    assert gradients == [[3.0, 3.0], [3.0, 3.0]]


def test_plain_numpy_works_inside_and_leaving_it_is_an_error():
    assert grad(lambda x: np.sin(x) * np.exp(x))(0.0) == 1.0
    with pytest.raises(GraphError, match="a tensor computed from the arguments"):
        jacobian(lambda x: np.sin(np.asarray(x.numpy())))(np.ones(2))


def test_a_numpy_function_without_a_rule_names_its_relatives():
    with pytest.raises(NoDerivativeError, match="nearest relatives: isnan; compose it"):
        np.isnat(Tensor([1.0], requires_grad=True))


def test_exp_log_softmax_and_power_exist():
    x = np.array([0.5, 1.5])
    assert gradcheck(lambda x: autograd.softmax(x.exp()) * x.log() + x**x, x)


# Depth, speed, memory


def test_no_recursion_building_sweeping_or_freeing():
    x = y = Tensor(1.0, requires_grad=True)
    for _ in range(10 * sys.getrecursionlimit()):
        y = y * 0.5 + 1.0 * y
        y = y / 1.5
    y.backward()
    del y
    assert x.grad.item() == pytest.approx(1.0)


def test_a_jacobian_is_one_sweep(monkeypatch):
    calls = []

    def f(x):
        calls.append(1)
        return autograd.tanh(np.ones((50, 3)) @ x)

    assert jacobian(f)(np.zeros(3)).tolist() == np.ones((50, 3)).tolist()
    assert calls == [1]


def test_no_reference_cycles():
    gc.collect()
    gc.disable()
    try:
        x = Tensor(np.ones(3), requires_grad=True)
        (x.exp() * x).sum().backward(create_graph=True)
        x.zero_grad()
        assert gc.collect() == 0
    finally:
        gc.enable()


def test_inference_grows_no_graph():
    w = Parameter(np.ones(3))
    with no_grad():
        y = (w * w).sum()
    assert y.is_leaf
    assert not y.requires_grad


def test_threads_share_no_trace():
    results = []

    def work():
        results.append(grad(grad(lambda x: x**3 * autograd.sin(x)))(2.0))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert len(set(results)) == 1
    assert results[0] == pytest.approx(12 * np.sin(2) + 24 * np.cos(2) - 8 * np.sin(2))


# Debugging


def test_gradcheck_never_says_only_false():
    text = str(gradcheck(lambda x: x * autograd.stop_gradient(x), 3.0))
    assert all(part in text for part in ("argument 0", "expected 6", "got 3", "tolerance"))


def test_why_a_topological_sort_is_needed():
    # The diamond of micrograd#21: d must be complete before it is passed on.
    x = Tensor(2.0, requires_grad=True)
    d = x * 3
    e = d * d
    (d + e * d).backward()  # 3x + 27x³
    assert x.grad.item() == 3 + 81 * 4.0


def test_the_final_one_comes_from_the_seed():
    x = Tensor(2.0, requires_grad=True)
    y = (x * x).retain_grad()
    y.backward()
    assert y.grad.item() == 1.0


# Missing elsewhere


def test_higher_orders():
    assert [f(1.0) for f in (grad(np.exp), grad(grad(np.exp)), grad(grad(grad(np.exp))))] == [np.e] * 3


def test_deepcopy_of_a_computed_tensor():
    x = Tensor([1.0, 2.0], requires_grad=True)
    twin = copy.deepcopy({"h": x * 2})["h"]
    assert twin.tolist() == [2.0, 4.0]
    assert twin.is_leaf
