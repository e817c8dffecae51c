"""What dies when: graphs by reference count alone, training without growth, deep graphs without recursion."""

from __future__ import annotations

import contextlib
import gc
import sys
import tracemalloc
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import autograd
import nn
from autograd import (
    Tensor,
    checkpoint,
    grad,
    hessian,
    hvp,
    jacfwd,
    jacobian,
    jvp,
    linearize,
    no_grad,
    replay,
    vjp,
    vmap,
)
from autograd.graph.node import Node

X = np.array([0.5, 1.0, 2.0])


@pytest.fixture
def _collector_off() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def nodes_alive() -> int:
    return sum(isinstance(o, Node) for o in gc.get_objects())


def leaf() -> Tensor:
    return Tensor(X, requires_grad=True)


def f(x: Any) -> Any:
    return (np.exp(x) * np.sin(x) / (x + 2.0)).sum()


def differentiable() -> None:
    x = leaf()
    f(x).backward(create_graph=True)
    x.zero_grad()  # a leaf whose gradient's graph leads to the leaf holds itself


def hooked() -> None:
    x = leaf()
    y = x * 2.0
    y.register_hook(lambda g: g * 2.0)
    y.retain_grad()
    f(y).backward()


def written() -> None:
    x = leaf()
    y = x * 1.0
    y[0] = y[1] * 2.0
    y += y
    y.sum().backward()
    with no_grad():
        x -= x.grad


def trained(**how: Any) -> None:
    model = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Tanh(), nn.Dropout(0.5), nn.Linear(4, 1))
    optimizer = nn.optim.Adam(model.parameters())
    x, y = np.ones((5, 3), "float32"), np.ones((5, 1), "float32")
    for _ in range(3):
        optimizer.zero_grad()
        nn.functional.mse_loss(model(x), y).backward(**how)
        optimizer.step()
    optimizer.zero_grad()


def traced() -> None:
    with autograd.keep():
        y = f(leaf())
    autograd.trace(y).table("text")


def refused() -> None:
    x = leaf()
    with contextlib.suppress(autograd.ShapeError):
        np.exp(x) @ np.ones(4)


def left_in_the_middle() -> None:
    def broken(x: Any) -> Any:
        f(x)
        raise ZeroDivisionError

    with contextlib.suppress(ZeroDivisionError):
        grad(broken)(X)


USES: dict[str, Callable[[], Any]] = {
    "backward": lambda: f(leaf()).backward(),
    "create_graph": differentiable,
    "retain_graph": lambda: f(leaf()).backward(retain_graph=False),
    "twice": lambda: grad(lambda x: (grad(f)(x) * x).sum())(X),
    "grad of tensors": lambda: grad(f)(leaf()),
    "jacobian": lambda: jacobian(lambda x: x * x.sum())(X),
    "jacfwd": lambda: jacfwd(lambda x: x * x.sum())(X),
    "hessian": lambda: hessian(f)(X),
    "hvp": lambda: hvp(f, (X,), (X,)),
    "vjp": lambda: vjp(f, X)[1](1.0),
    "jvp": lambda: jvp(f, (X,), (X,)),
    "linearize": lambda: linearize(f, X)[1](X),
    "vmap": lambda: vmap(grad(f))(np.stack([X, X])),
    "vmap of tensors": lambda: vmap(grad(f))(Tensor(np.stack([X, X]), requires_grad=True)).sum().backward(),
    "vmap twice": lambda: vmap(vmap(np.sin))(np.ones((2, 3))),
    "vmap carefully": lambda: vmap(grad(lambda x: autograd.where(x > 1, x, autograd.sqrt(x - 1)).sum()))(
        np.stack([X, X])
    ),
    "checkpoint": lambda: checkpoint(f)(leaf()).backward(),
    "checkpoint twice": lambda: hessian(checkpoint(f))(X),
    "replay": lambda: replay(f(leaf())),
    "careful": lambda: autograd.where(leaf() > 1, leaf(), autograd.sqrt(leaf() - 1)).sum().backward(),
    "custom": lambda: grad(autograd.custom_gradient(f, lambda g, y, x: g * x))(X),
    "root": lambda: grad(autograd.custom_root(lambda x, a: x * x - a, np.sqrt))(2.0),
    "gradcheck": lambda: autograd.gradcheck(f, X),
    "hooks": hooked,
    "in place": written,
    "trace": traced,
    "training": trained,
    "training, second order": lambda: trained(create_graph=True),
    "a refusal": refused,
    "an exception inside": left_in_the_middle,
}


@pytest.mark.filterwarnings("ignore:(invalid|divide):RuntimeWarning")
@pytest.mark.usefixtures("_collector_off")
@pytest.mark.parametrize("name", USES)
def test_a_graph_dies_by_reference_count_alone(name: str) -> None:
    USES[name]()  # what is made once and kept
    before = nodes_alive()
    USES[name]()
    assert nodes_alive() == before


@pytest.mark.usefixtures("_collector_off")
def test_every_value_of_a_graph_dies_with_its_last_name() -> None:
    x = leaf()
    y = np.exp(x)
    z = (y * x).sum()
    watched = [weakref.ref(y), weakref.ref(z), weakref.ref(y.node.y)]
    z.backward(create_graph=True)
    x.zero_grad()
    del y, z
    assert [w() for w in watched] == [None] * 3


def test_ten_thousand_steps_take_no_memory() -> None:
    w = nn.Linear(2, 1, dtype="float64")
    optimizer = nn.optim.SGD(w.parameters(), lr=0.01, momentum=0.9)
    x, y = np.ones((4, 2)), np.zeros((4, 1))

    def steps(count: int) -> None:
        for _ in range(count):
            optimizer.zero_grad()
            ((w(x) - y) ** 2).mean().backward()
            optimizer.step()
            with no_grad():
                w.bias *= 0.999

    def grown(count: int) -> int:
        before = tracemalloc.get_traced_memory()[0]
        steps(count)
        gc.collect()
        return tracemalloc.get_traced_memory()[0] - before

    steps(500)
    tracemalloc.start()
    try:
        steps(500)
        windows = [grown(2500) for _ in range(4)]
    finally:
        tracemalloc.stop()
    assert min(windows) < 2500, windows  # not a byte a step; in one of them a table of the interpreter's own may grow


def test_scopes_that_never_come_back_are_forgotten() -> None:
    def enter(start: int) -> None:
        for i in range(start, start + 5000):
            with autograd.scope(f"step{i}"):
                pass

    enter(0)
    tracemalloc.start()
    try:
        enter(5000)
        before = tracemalloc.get_traced_memory()[0]
        enter(10_000)
        grown = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert grown < 100_000


# Depth


def deep(x: Any, n: int = 5000) -> Any:
    y = x
    for _ in range(n):
        y = np.sin(y) + x
    return y


@pytest.mark.parametrize(
    "use",
    [
        lambda: deep(Tensor(0.5, requires_grad=True)).backward(),
        lambda: deep(Tensor(0.5, requires_grad=True)).backward(create_graph=True),
        lambda: deep(Tensor(0.5, requires_grad=True)).backward(retain_graph=False),
        lambda: grad(grad(deep))(0.5),
        lambda: jvp(deep, (0.5,), (1.0,)),
        lambda: jacobian(deep)(np.ones(2)),
        lambda: vmap(grad(deep))(np.ones(2)),
        lambda: replay(deep(Tensor(0.5, requires_grad=True))),
        lambda: grad(checkpoint(deep))(0.5),
        lambda: bool(deep(Tensor(0.5, requires_grad=True)) > 0),
        lambda: autograd.trace(deep(Tensor(0.5, requires_grad=True)), collapse=True),
    ],
    ids=[
        "backward",
        "create_graph",
        "release",
        "twice",
        "jvp",
        "jacobian",
        "vmap",
        "replay",
        "checkpoint",
        "bool",
        "trace",
    ],
)
def test_nothing_recurses_through_a_deep_graph(use: Any) -> None:
    assert sys.getrecursionlimit() <= 3000
    use()


@pytest.mark.usefixtures("_collector_off")
def test_a_million_nodes_are_built_swept_and_freed() -> None:
    x = y = Tensor(1.0, requires_grad=True)
    for _ in range(1_000_000):
        y = y * 1.0
    y.backward()
    assert x.grad.item() == 1.0
    last = weakref.ref(y)
    before = nodes_alive()
    del y
    assert last() is None
    assert before - nodes_alive() == 1_000_000
