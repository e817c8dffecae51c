"""Every optimizer, in every setting, against the published rule: 20 steps in float64, to 1e-10."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose

from autograd import Tensor
from nn import optim
from nn.optim import blocks
from tests.nn.optim.reference import GRID

STEPS = 20
SHAPES = [(3, 2), (), (4,), (1, 3)]
CASES = [(name, settings) for name, (_, several) in GRID.items() for settings in several]


def drawn(seed: int = 0) -> tuple[list[Any], list[list[Any]]]:
    """Return values, and gradients for each step that don't depend on them; some entries stay at zero."""
    rng = np.random.default_rng(seed)
    gradients = [[rng.normal(size=s) * (rng.uniform(size=s) < 0.8) for s in SHAPES] for _ in range(STEPS)]
    return [rng.normal(size=s) for s in SHAPES], gradients


def test_every_optimizer_has_a_reference() -> None:
    own_step = {name for name, kind in optim.optimizers.items() if kind.step is not optim.Optimizer.step}
    assert GRID.keys() | own_step == optim.optimizers.keys()
    assert own_step == {"LBFGS"}  # against PyTorch's own numbers in test_lbfgs.py


@pytest.mark.parametrize("name", GRID)
def test_every_argument_is_tried(name: str) -> None:
    arguments = set(inspect.signature(optim.optimizers[name]).parameters) - {"params"}
    assert arguments == {k for settings in GRID[name][1] for k in settings}


@pytest.mark.parametrize(("name", "settings"), CASES, ids=[f"{n}-{i}" for i, (n, _) in enumerate(CASES)])
def test_twenty_steps_are_those_of_the_published_rule(name: str, settings: Any) -> None:
    values, gradients = drawn()
    parameters = [Tensor(v, requires_grad=True) for v in values]
    references = [GRID[name][0](np.asarray(v), **settings) for v in values]
    for reference in references:
        next(reference)
    optimizer = optim.optimizers[name](parameters, **settings)
    for step in gradients:
        for p, g in zip(parameters, step, strict=True):
            p.grad = Tensor(g)
        optimizer.step()
        for p, g, reference in zip(parameters, step, references, strict=True):
            assert_allclose(p.data, reference.send(g), rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("name", GRID)
def test_blocks_change_nothing(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cut into blocks of four entries, the same bits come out."""

    def run() -> list[Any]:
        values, gradients = drawn()
        parameters = [Tensor(v, requires_grad=True) for v in values]
        optimizer = optim.optimizers[name](parameters, **GRID[name][1][-1])
        for step in gradients:
            for p, g in zip(parameters, step, strict=True):
                p.grad = Tensor(g)
            optimizer.step()
        assert len(optimizer._packed[0][0]._cut(range(len(SHAPES)))) == (1 if blocks.BLOCK > 100 else 5)
        return [p.data for p in parameters]

    whole = run()
    monkeypatch.setattr(blocks, "BLOCK", 4)
    for a, b in zip(whole, run(), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize(("name", "settings"), CASES, ids=[f"{n}-{i}" for i, (n, _) in enumerate(CASES)])
def test_a_rule_is_a_pure_function_of_numbers(name: str, settings: Any) -> None:
    """On Python's numbers it computes what it computes on arrays, and leaves no trace."""
    p = Tensor([0.7], requires_grad=True)
    optimizer = optim.optimizers[name]([p], **settings)
    h = optimizer.param_groups[0]
    value, n, state = 0.7, optimizer.numbers(h), optimizer.arrays(h)
    for g in (0.3, -0.4, 0.5, 0.0, -0.2):
        before = dict(state)
        new = [x for x in optimizer.rule(h, n, value, g, **state) if x is not None]
        assert state == before
        value, state = new[0], dict(zip(state, new[1:], strict=True))
        n = optimizer.advance(h, n)
        p.grad = Tensor([g])
        optimizer.step()
        assert_allclose(p.data, [value], rtol=1e-13)


@pytest.mark.parametrize("name", GRID)
def test_float32_stays_float32(name: str) -> None:
    p = Tensor(np.ones(3, np.float32), requires_grad=True)
    optimizer = optim.optimizers[name]([p], **GRID[name][1][-1])
    h = optimizer.param_groups[0]
    state = {k: np.full(3, v, np.float32) for k, v in optimizer.arrays(h).items()}
    g = np.float32([0.1, 0.0, -2.0])
    for n in (optimizer.numbers(h), optimizer.advance(h, optimizer.numbers(h))):
        found = optimizer.rule(h, n, np.ones(3, np.float32), g, **state)
        assert {x.dtype for x in found if x is not None} == {np.dtype(np.float32)}
    np.testing.assert_array_equal(g, np.float32([0.1, 0.0, -2.0]))


def test_asgd_averages_from_t0_on() -> None:
    rng = np.random.default_rng(0)
    p = Tensor(1.0, requires_grad=True)
    optimizer = optim.ASGD([p], lr=0.1, t0=5)
    seen = []
    for _ in range(12):
        p.grad = Tensor(rng.normal())
        optimizer.step()
        seen.append(p.item())
    assert_allclose(optimizer.state[p]["ax"], np.mean(seen[6:]), rtol=1e-12)


def test_a_first_step_that_comes_late_takes_the_rate_of_then() -> None:
    """A schedule has halved the rate by the time that b has its first gradient."""
    for name in GRID:
        a, b, c = (Tensor([1.0, 2.0], requires_grad=True) for _ in range(3))
        optimizer = optim.optimizers[name]([a, b], lr=0.2)
        a.grad = [1.0, -1.0]
        optimizer.step()
        optimizer.param_groups[0]["lr"] = 0.1
        alone = optim.optimizers[name]([c], lr=0.1)
        for _ in range(3):
            b.grad = c.grad = [0.5, -0.25]
            optimizer.step()
            alone.step()
        np.testing.assert_array_equal(b.data, c.data, name)
