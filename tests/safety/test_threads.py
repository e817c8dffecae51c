"""Sixteen threads that switch every microsecond: building, sweeping, drawing, first calls, shared leaves, modes."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import autograd
import nn
from autograd import Tensor, checkpoint, grad, hessian, no_grad, vmap
from autograd.calls import recording
from autograd.errors import MutationError
from autograd.graph.mode import PLAIN, current
from autograd.primitives import registry
from autograd.view.drawing import source
from autograd.view.render import render
from tests.fuzz.programs import generate

THREADS = 16


@pytest.fixture(autouse=True)
def _free_running() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def at_once(work: Callable[[int], Any]) -> list[Any]:
    """Run work(0), work(1), … in threads that start together; return their results, or raise what one raised."""
    start, results, problems = threading.Barrier(THREADS), [None] * THREADS, []

    def run(k: int) -> None:
        start.wait()
        try:
            results[k] = work(k)
        except BaseException as problem:
            problems.append(problem)

    threads = [threading.Thread(target=run, args=(k,)) for k in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if problems:
        raise problems[0]
    return results


def test_random_programs_give_in_threads_what_they_give_alone() -> None:
    def gradients(k: int) -> list[Any]:
        found = []
        with np.errstate(all="ignore"):
            for seed in range(4 * k, 4 * k + 4):
                program = generate(seed, longest=5)
                found += grad(program.total, tuple(range(len(program.shapes))), unused="zero")(*program.inputs())
        return found

    for together, alone in zip(at_once(gradients), map(gradients, range(THREADS)), strict=True):
        for a, b in zip(together, alone, strict=True):
            assert_array_equal(a, b)


def test_first_calls_race() -> None:
    """A primitive's function compiles itself when first called: here every thread is the first."""
    fixed = [
        p
        for p in registry.values()
        if not p.variadic and not p.internal and p.kind == "elementwise" and any(p.pullbacks)
    ]
    fresh = [recording(p) for p in fixed]

    def call(k: int) -> list[Any]:
        values = []
        with np.errstate(all="ignore"):
            for primitive, function in zip(fixed, fresh, strict=True):
                x = Tensor(0.25, requires_grad=True)
                y = function(*[x] * len(primitive.operands))
                assert y.node.primitive is primitive
                values.append(y.item())
        return values

    first, *rest = at_once(call)
    for other in rest:
        assert_array_equal(other, first)


def test_caches_fill_while_others_read_them() -> None:
    primitives = [registry[n] for n in ("add", "multiply", "divide", "where", "clip", "linear")]
    for primitive in primitives:
        primitive.plans.clear()
    PLAIN.inner.clear()

    def work(k: int) -> list[float]:
        x, found = Tensor(np.full(3, 1.5), requires_grad=True), []
        for i in range(20):
            with autograd.scope(f"block{i % 3}"), autograd.scope("inner"):
                y = autograd.where(x > 1, x * x + 2.0, x / 3).clip(0, 10).sum()
            assert y.node.scope == f"block{i % 3}.inner"
            x.zero_grad()
            y.backward()
            found += x.grad.tolist()
        return found

    assert at_once(work) == [[3.0] * 60] * THREADS


def test_gradients_of_all_threads_arrive_at_a_shared_leaf() -> None:
    w, times = Tensor(np.ones(4), requires_grad=True), 50

    def work(k: int) -> None:
        for _ in range(times):
            (w * (k + 1.0)).sum().backward()

    at_once(work)
    assert w.grad.tolist() == [times * THREADS * (THREADS + 1) / 2] * 4


def test_a_shared_checkpoint_is_swept_by_all() -> None:
    a, b = Tensor(0.5, requires_grad=True), Tensor(2.0, requires_grad=True)
    y = checkpoint(lambda a, b: np.sin(a * b) * b)(a, b)
    for _ in range(10):
        at_once(lambda k: y.backward())
    n = 10 * THREADS
    assert_allclose(a.grad.item(), n * 4 * np.cos(1.0), rtol=1e-12)
    assert_allclose(b.grad.item(), n * (np.cos(1.0) + np.sin(1.0)), rtol=1e-12)


def test_no_write_of_any_thread_is_lost() -> None:
    w = Tensor(np.ones(THREADS), requires_grad=True)
    for _ in range(20):
        losses = [(w[k : k + 1] * w[k : k + 1]).sum() for k in range(THREADS)]

        def write(k: int) -> None:
            with no_grad():
                w[k : k + 1][...] = 1.0

        at_once(write)
        for loss in losses:
            with pytest.raises(MutationError):
                loss.backward()


def test_drawing_in_threads() -> None:
    pytest.importorskip("pygraphviz")

    def draw(k: int) -> tuple[str, str]:
        x = Tensor(float(k), requires_grad=True, name=f"x{k}")
        with autograd.keep(), autograd.scope(f"part{k}"):
            y = (np.sin(x) * x + k).sum()
        trace = autograd.trace(y)
        return trace.table("text"), render(source(trace), "svg").decode()

    alone, terminal = [draw(k) for k in range(THREADS)], os.fstat(2)
    for (table, picture), (expected, _), k in zip(at_once(draw), alone, range(THREADS), strict=True):
        assert table == expected
        assert f"x{k}" in picture
        assert picture.rstrip().endswith("</svg>")
    assert os.fstat(2) == terminal  # which drawing looks away from


def test_training_in_threads() -> None:
    def train(k: int) -> list[float]:
        rng = np.random.default_rng(k)
        model = nn.Sequential(nn.Linear(3, 4, rng=k), nn.Tanh(), nn.Dropout(0.5, rng=k), nn.Linear(4, 1, rng=k))
        optimizer = nn.optim.Adam(model.parameters(), lr=0.01)
        x, y = rng.normal(size=(8, 3)).astype("float32"), rng.normal(size=(8, 1)).astype("float32")
        losses = []
        for _ in range(5):
            loss = nn.functional.mse_loss(model(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        return losses

    assert at_once(train) == [train(k) for k in range(THREADS)]


def test_the_default_generator_hands_no_number_out_twice() -> None:
    drawn = np.concatenate(at_once(lambda k: autograd.generator().random(200)))
    assert len(set(drawn.tolist())) == drawn.size


# Modes


def test_modes_stay_in_their_threads() -> None:
    x = Tensor(2.0, requires_grad=True)

    def work(k: int) -> list[Any]:
        seen = []
        for _ in range(50):
            if k % 4 == 0:
                with no_grad():
                    seen.append((x * 2).requires_grad)
            elif k % 4 == 1:
                with autograd.scope(f"s{k}"):
                    seen.append((x * 2).node.scope == f"s{k}")
            elif k % 4 == 2:
                with autograd.keep():
                    seen.append((x * 2).node.place is not None)
            else:
                vmap(grad(lambda v: v * v))(np.ones(2))
                y = x * 2
                seen.append((y.requires_grad, y.node.scope, y.node.place) == (True, "", None))
            assert current.get() is PLAIN
        return seen

    for k, seen in enumerate(at_once(work)):
        assert seen == [k % 4 != 0] * 50


def test_modes_stay_in_their_tasks() -> None:
    x = Tensor(2.0, requires_grad=True)

    async def task(k: int) -> bool:
        modes = [no_grad(), autograd.enable_grad(), autograd.scope(f"s{k}"), autograd.keep()]
        for _ in range(20):
            with modes[k % 4] if k % 4 == 2 else (no_grad, autograd.enable_grad, None, autograd.keep)[k % 4]():  # type: ignore[misc]
                await asyncio.sleep(0)
                y = x * 2
                await asyncio.sleep(0)
                told = (y.requires_grad, y.node.scope, y.node.place is not None)
                if told != (k % 4 != 0, f"s{k}" if k % 4 == 2 else "", k % 4 == 3):
                    return False
            await asyncio.sleep(0)
            if current.get() is not PLAIN:
                return False
        return True

    async def together() -> list[bool]:
        return await asyncio.gather(*map(task, range(THREADS)))

    assert all(asyncio.run(together()))


def test_work_handed_to_a_thread_takes_its_mode_along() -> None:
    x = Tensor(2.0, requires_grad=True)

    async def handed() -> tuple[bool, bool]:
        with no_grad():
            inside = await asyncio.to_thread(lambda: (x * 2).requires_grad)
        return inside, await asyncio.to_thread(lambda: (x * 2).requires_grad)

    assert asyncio.run(handed()) == (False, True)


def test_a_generator_that_is_left_half_way_keeps_no_mode() -> None:
    def half() -> Iterator[int]:
        with no_grad():
            yield 1

    started = half()
    next(started)
    started.close()
    assert current.get() is PLAIN


def test_derivatives_of_derivatives_in_threads() -> None:
    def f(x: Any) -> Any:
        return (np.tanh(x) * x).prod()

    expected = hessian(f)(np.array([0.5, 0.25]))
    for found in at_once(lambda k: hessian(f)(np.array([0.5, 0.25]))):
        assert_array_equal(found, expected)


# Processes


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
@pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")
def test_a_forked_child_computes_and_writes() -> None:
    w = Tensor([1.0, 2.0], requires_grad=True)
    loss = (w * w).sum()
    stop = threading.Event()

    def busy() -> None:  # holds the guard as often as it can, while the process forks
        own = Tensor(np.ones(3), requires_grad=True)
        while not stop.is_set():
            (own * own).sum().backward()
            with no_grad():
                own -= 0.001 * own.grad
            own.zero_grad()

    threads = [threading.Thread(target=busy) for _ in range(4)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(5):
            child = os.fork()
            if not child:
                code = 1
                try:
                    loss.backward()
                    with no_grad():
                        w -= w.grad
                    code = 0 if w.tolist() == [-1.0, -2.0] else 2
                finally:
                    os._exit(code)
            assert os.waitpid(child, 0)[1] == 0
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert w.grad is None


def test_a_first_import_in_many_threads() -> None:
    script = (
        "import sys, threading; sys.setswitchinterval(1e-6)\n"
        "found = []\n"
        "def work():\n"
        "    import autograd, numpy as np\n"
        "    found.append(autograd.grad(lambda x: np.sin(x) * x)(1.0))\n"
        "threads = [threading.Thread(target=work) for _ in range(16)]\n"
        "[t.start() for t in threads]; [t.join() for t in threads]\n"
        "assert len(found) == 16 and len(set(found)) == 1, found\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
