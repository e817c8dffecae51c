"""Hooks on tensors: they read a cotangent or replace it, in every kind of sweep."""

import copy
import pickle

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import autograd
from autograd import Tensor, grad, jacfwd, jacobian, vmap
from autograd.errors import GraphError, ShapeError

X = np.array([0.3, 1.7, -2.4])


def test_a_hook_reads_the_whole_cotangent():
    x, seen = Tensor(X, requires_grad=True), []
    h = x * 2
    h.register_hook(seen.append)
    (h.sum() + (h * h).sum()).backward()
    assert_array_equal(seen, [1 + 4 * X])
    assert_array_equal(x.grad.numpy(), 2 * (1 + 4 * X))


@pytest.mark.parametrize("where", ["leaf", "inside", "output"])
def test_a_hook_replaces(where):
    x = Tensor(X, requires_grad=True)
    h = x * 2
    y = (h * h).sum()
    {"leaf": x, "inside": h, "output": y}[where].register_hook(lambda g: g * 10)
    y.backward()
    assert_allclose(x.grad.numpy(), 80 * X)


def test_hooks_run_in_the_order_of_their_registration():
    x = Tensor(2.0, requires_grad=True)
    x.register_hook(lambda g: g + 1)
    x.register_hook(lambda g: g * 10)
    x.register_hook(lambda g: None)
    (x * 3).backward()
    assert x.grad.item() == 40.0


def test_a_hook_can_be_taken_off():
    x = Tensor(2.0, requires_grad=True)
    first, second = x.register_hook(lambda g: g * 10), x.register_hook(lambda g: g + 1)
    first.remove()
    first.remove()
    (x * 3).backward()
    assert x.grad.item() == 4.0
    second.remove()
    x.zero_grad()
    (x * 3).backward()
    assert x.grad.item() == 3.0


def test_with_retained_gradients_and_several_sweeps():
    x = Tensor(2.0, requires_grad=True)
    h = (x * x).retain_grad()
    h.register_hook(lambda g: g * 5)
    y = h * 3
    y.backward()
    y.backward()
    assert h.grad.item() == 30.0
    assert x.grad.item() == 120.0


def test_inside_the_transforms():
    def f(x):
        h = x * 1
        h.register_hook(lambda g: 10 * g)
        return (h * h).sum()

    assert_allclose(grad(f)(X), 20 * X)
    assert_allclose(vmap(grad(lambda x: f(x.reshape(1))))(X), 20 * X)
    assert_allclose(jacfwd(grad(f))(X), 20 * np.eye(3))
    assert_allclose(jacobian(grad(f))(X), 200 * np.eye(3))  # the outer sweep passes the hook as well, as in PyTorch

    def rows(x):
        h = x * 1
        h.register_hook(lambda g: 10 * g)
        return h * h

    assert_allclose(jacobian(rows)(X), np.diag(20 * X))


def test_a_hook_sees_leading_axes_of_a_jacobian():
    shapes = []

    def f(x):
        h = x * 1
        h.register_hook(lambda g: shapes.append(g.shape))
        return h * h

    jacobian(f)(X)
    assert shapes == [(3, 3)]


def test_a_recorded_sweep_gives_tensors():
    x, kinds = Tensor(X, requires_grad=True), []
    h = x * x
    h.register_hook(lambda g: kinds.append(type(g).__name__))
    y = (h * h).sum()
    y.backward(create_graph=True)
    x.grad.sum().backward()
    assert kinds[0] == "Tensor"
    y.backward()
    assert kinds[-1] == "ndarray"
    assert np.all(np.isfinite(x.grad.numpy()))


def test_a_hook_is_differentiated_like_any_step():
    def f(x):
        h = x * 1
        h.register_hook(lambda g: np.clip(g, -1, 1))
        return (h * h).sum()

    assert_array_equal(jacfwd(grad(f))(np.array([0.25, 3.0])), np.diag([2.0, 0.0]))


def test_in_the_careful_sweep():
    """A NaN makes the sweep run a second time; the hook is called again, and its word holds."""
    x, calls = Tensor([0.0, 4.0], requires_grad=True), []

    def hook(g):
        calls.append(1)
        return g * 2

    with np.errstate(all="ignore"):
        root = np.sqrt(x)
        root.register_hook(hook)
        autograd.where(np.array([False, True]), root, 0.0).sum().backward()
    assert len(calls) == 2
    assert_array_equal(x.grad.numpy(), [0.0, 0.5])


def test_what_it_refuses():
    with pytest.raises(GraphError) as refusal:
        Tensor(1.0).register_hook(print)
    assert str(refusal.value) == (
        "in register_hook\n"
        "  expected: a tensor that requires a gradient\n"
        "  got:      leaf, which doesn't\n"
        "  to do:    compute it from a tensor with requires_grad=True"
    )
    x = Tensor(X, requires_grad=True)
    x.register_hook(lambda g: g[:2])
    with pytest.raises(ShapeError) as refusal:
        (x * 2).sum().backward()
    assert str(refusal.value) == (
        "in a hook on leaf\n"
        "  expected: a cotangent of shape (3,), or None to leave it\n"
        "  got:      shape (2,)\n"
        "  to do:    return a value of the shape that the hook was given"
    )


def test_a_copy_has_no_hooks():
    x = Tensor(X, requires_grad=True)
    x.register_hook(lambda g: g * 10)
    for twin in (copy.deepcopy(x), pickle.loads(pickle.dumps(x))):
        (twin * 1).sum().backward()
        assert_array_equal(twin.grad.numpy(), np.ones(3))
