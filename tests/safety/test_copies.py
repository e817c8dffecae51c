"""copy, deepcopy, pickle and other processes: of tensors, graphs, modules, optimizers, functions and errors."""

from __future__ import annotations

import copy
import multiprocessing
import pickle
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_array_equal

import autograd
import nn
from autograd import Flat, Parameter, Tensor, no_grad
from autograd.functions import functions

X = np.array([[1.0, -2.0], [0.5, 3.0]])
CLONES = {"copy": copy.copy, "deepcopy": copy.deepcopy, **{
    f"pickle {p}": lambda v, p=p: pickle.loads(pickle.dumps(v, protocol=p)) for p in range(pickle.HIGHEST_PROTOCOL + 1)
}}  # fmt: skip
OWN = {name: clone for name, clone in CLONES.items() if name != "copy"}
clones = pytest.mark.parametrize("clone", CLONES.values(), ids=CLONES)
own = pytest.mark.parametrize("clone", OWN.values(), ids=OWN)

LEAVES: dict[str, Any] = {
    "leaf": lambda: Tensor(X, requires_grad=True, name="x"),
    "constant": lambda: Tensor(X, name="c"),
    "parameter": lambda: Parameter(X, name="w"),
    "number": lambda: Tensor(2.5, requires_grad=True),
    "float32": lambda: Tensor(X, dtype="float32", requires_grad=True),
    "integers": lambda: Tensor([1, 2, 3]),
    "booleans": lambda: Tensor([True, False]),
    "empty": lambda: Tensor(np.zeros((0, 3)), requires_grad=True),
    "columns first": lambda: autograd.as_tensor(np.asfortranarray(X)),
}


@clones
@pytest.mark.parametrize("make", LEAVES.values(), ids=LEAVES)
def test_a_leaf_is_a_leaf_again(make: Any, clone: Any) -> None:
    t = make()
    twin = clone(t)
    assert type(twin) is type(t)
    assert (twin.requires_grad, twin.is_leaf, twin.name, twin.dtype) == (t.requires_grad, True, t.name, t.dtype)
    assert_array_equal(twin.numpy(), t.numpy())


@own
def test_a_twin_has_memory_of_its_own(clone: Any) -> None:
    t = Tensor(X, requires_grad=True)
    twin = clone(t)
    loss = (t * t).sum()
    with no_grad():
        twin += 1.0
    loss.backward()
    assert_array_equal(t.grad.numpy(), 2 * X)
    assert twin.grad is None


@own
def test_a_recorded_tensor_goes_as_its_value(clone: Any) -> None:
    x = Tensor(X, requires_grad=True)
    y = np.sin(x) * x
    twin = clone(y)
    assert twin.is_leaf
    assert not twin.requires_grad
    assert_array_equal(twin.numpy(), y.numpy())
    y.sum().backward()
    assert x.grad is not None


def test_a_shallow_copy_of_a_recorded_tensor_stays_on_the_graph() -> None:
    x = Tensor(X, requires_grad=True)
    y = copy.copy(np.sin(x))
    y.sum().backward()
    assert_array_equal(x.grad.numpy(), np.cos(X))


@own
def test_what_was_shared_is_shared_again(clone: Any) -> None:
    x = Tensor(X, requires_grad=True)
    first, second = clone([x, x])
    assert first is second


def test_a_deep_graph_is_copied_without_recursion() -> None:
    y = Tensor(1.0, requires_grad=True)
    for _ in range(20_000):
        y = y * 1.0
    for clone in CLONES.values():
        assert clone(y).item() == 1.0


def trained(model: Any, optimizer: Any, steps: int) -> list[Any]:
    x, y = np.linspace(-1, 1, 12).reshape(6, 2).astype("float32"), np.ones((6, 1), "float32")
    for _ in range(steps):
        optimizer.zero_grad()
        nn.functional.mse_loss(model(x), y).backward()
        optimizer.step()
    return [p.numpy().copy() for p in model.parameters()]


@own
@pytest.mark.parametrize("name", [n for n in nn.optim.optimizers if n != "LBFGS"])
def test_training_goes_on_in_the_copy_as_in_the_original(name: str, clone: Any) -> None:
    model = nn.Sequential(nn.Linear(2, 3, rng=0), nn.Tanh(), nn.Linear(3, 1, rng=1))
    optimizer = nn.optim.optimizers[name](model.parameters(), lr=0.01)
    trained(model, optimizer, 3)
    twin, its_optimizer = clone((model, optimizer))
    for a, b in zip(trained(twin, its_optimizer, 3), trained(model, optimizer, 3), strict=True):
        assert_array_equal(a, b)


@own
def test_a_copied_module_is_nobody_elses(clone: Any) -> None:
    model = nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2), nn.Dropout(0.5))
    before = [p.numpy().copy() for p in model.parameters()]
    twin = clone(model)
    with no_grad():
        for p in twin.parameters():
            p.assign_(p.numpy() + 1.0)
    for p, value in zip(model.parameters(), before, strict=True):
        assert_array_equal(p.numpy(), value)
    assert [n for n, _ in twin.named_parameters()] == [n for n, _ in model.named_parameters()]


@own
def test_leaves_of_one_buffer_come_apart_and_keep_their_values(clone: Any) -> None:
    a, b = Tensor([1.0, 2.0], requires_grad=True), Tensor([3.0], requires_grad=True)
    Flat([a, b])
    c, d = clone([a, b])
    with no_grad():
        c += 1.0
    assert (a.tolist(), b.tolist(), c.tolist(), d.tolist()) == ([1.0, 2.0], [3.0], [2.0, 3.0], [3.0])


@pytest.mark.parametrize("clone", CLONES.values(), ids=CLONES)
def test_public_functions_are_themselves(clone: Any) -> None:
    for name, function in functions.items():
        if not function.primitive.internal:
            assert clone(function) is function, name


def double(x: Any) -> Any:
    return (np.sin(x) * x).sum()


@pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")
@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_another_process_computes_gradients(method: str) -> None:
    if method not in multiprocessing.get_all_start_methods():
        pytest.skip(f"this system has no {method}")
    with multiprocessing.get_context(method).Pool(2) as pool:
        found = pool.map(gradient, [Tensor([0.5, 1.0], requires_grad=True)] * 3)
    for g in found:
        assert_array_equal(g.numpy(), autograd.grad(double)(np.array([0.5, 1.0])))


def gradient(x: Tensor) -> Tensor:
    double(x).backward()
    assert x.grad is not None
    return x.grad
