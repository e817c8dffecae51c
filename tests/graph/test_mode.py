"""Recording on, off and in full: for a block, a function, a thread, a task."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_array_equal

import autograd
from autograd import Tensor
from autograd.graph.node import Spec


def test_no_grad_records_nothing_and_enable_grad_records_again() -> None:
    x = Tensor(2.0, requires_grad=True)
    with autograd.no_grad():
        assert (x * 2).is_leaf
        with autograd.enable_grad():
            assert (x * 2).requires_grad
        assert not (x * 2).requires_grad
    assert (x * 2).requires_grad


def test_modes_are_restored_after_an_exception() -> None:
    x = Tensor(2.0, requires_grad=True)
    with pytest.raises(ZeroDivisionError), autograd.no_grad(), autograd.keep(), autograd.scope("block"):
        raise ZeroDivisionError
    y = x * 2
    assert y.requires_grad
    assert y.node.scope == ""
    assert y.node.place is None


def test_modes_are_decorators() -> None:
    x = Tensor(2.0, requires_grad=True)

    @autograd.no_grad()
    def plain() -> Tensor:
        return x * 2

    assert not plain().requires_grad
    assert not plain().requires_grad  # as often as it is called
    assert autograd.enable_grad()(lambda: x * 2)().requires_grad


def test_scopes_are_joined() -> None:
    x = Tensor(2.0, requires_grad=True)
    with autograd.scope("encoder"), autograd.scope("0"):
        y = x * 2
        with autograd.no_grad(), autograd.enable_grad():
            z = y * 2
    assert (y.node.scope, z.node.scope, (x * 2).node.scope) == ("encoder.0", "encoder.0", "")


def test_keep_keeps_big_values_and_the_line() -> None:
    x = Tensor(np.ones(2000), requires_grad=True)
    loose = (x * 2).sum()
    assert isinstance(loose.node.parents[0].y, Spec)  # type: ignore[union-attr]
    with autograd.keep():
        y = (x * 2).sum()
    assert_array_equal(y.node.parents[0].y, np.full(2000, 2.0))  # type: ignore[union-attr]
    assert "test_mode.py:" in str(y.node.place)


def test_a_thread_has_its_own_mode_and_graph() -> None:
    x = Tensor(2.0, requires_grad=True)
    inside, checked, seen = threading.Event(), threading.Event(), []

    def other() -> None:
        inside.wait()
        seen.append((x * 2).requires_grad)
        checked.set()

    thread = threading.Thread(target=other)
    thread.start()
    with autograd.no_grad():
        inside.set()
        checked.wait()
        assert not (x * 2).requires_grad
    thread.join()
    assert seen == [True]


def test_tasks_have_their_own_modes() -> None:
    x = Tensor(2.0, requires_grad=True)

    async def task(context: Any) -> bool:
        with context:
            await asyncio.sleep(0)
            return (x * 2).requires_grad

    async def both() -> list[bool]:
        return await asyncio.gather(task(autograd.no_grad()), task(autograd.enable_grad()), task(autograd.no_grad()))

    assert asyncio.run(both()) == [False, True, False]


def test_threads_build_and_sweep_separate_graphs() -> None:
    def work(seed: int) -> bool:
        random = np.random.default_rng(seed)
        for _ in range(30):
            value = random.normal(size=5)
            x = Tensor(value, requires_grad=True)
            y = x
            for _ in range(20):
                y = np.tanh(y) + x
            y.sum().backward()
            again = Tensor(value, requires_grad=True)
            z = again
            for _ in range(20):
                z = np.tanh(z) + again
            z.sum().backward()
            if not np.array_equal(x.grad.numpy(), again.grad.numpy()):
                return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(work, range(8)))
