"""Graphs of single numbers, built and differentiated, against micrograd 0.1.0 on the same expression."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable
from typing import Any

from autograd import Tensor
from benchmarks.comparison import Comparison, PeerMissingError

BAR = 0.9
ROUNDS = 400  # two operations each; micrograd recurses once per operation, and Python stops it at about 1,000
LAYERS = (3, 8, 8, 1)

Number = Any  # a Tensor or a micrograd Value: the expressions below don't care
Make = Callable[[float], Number]


def _engine(number: float) -> Number:
    return Tensor(number, requires_grad=True)


def _micrograd(name: str) -> Make:
    try:
        from micrograd.engine import Value  # type: ignore[import-untyped]  # optional: the peer; it has no types
    except ImportError as missing:
        raise PeerMissingError(name, BAR, "micrograd isn't installed: pip install micrograd==0.1.0") from missing
    value: Make = Value
    return value


def _gradients(leaves: list[Number]) -> list[float]:
    return [float(leaf.grad) for leaf in leaves]


def chain() -> Comparison:
    """``s = s·w + b``, over and over."""
    name = f"scalar chain s·w + b, {2 * ROUNDS} operations"

    def side(make: Make) -> Callable[[float], list[Number]]:
        def run(start: float) -> list[Number]:
            x, w, b = make(start), make(0.9), make(0.1)
            s = x
            for _ in range(ROUNDS):
                s = s * w + b
            s.backward()
            return [x, w, b]

        return run

    def draw() -> float:
        return random.uniform(-1, 1)

    return Comparison(name, "micrograd", BAR, draw, side(_engine), side(_micrograd(name)), 1e-12, _gradients, calls=5)


def network() -> Comparison:
    """One number for each weight of a small relu network, and its squared error."""
    layers = list(itertools.pairwise(LAYERS))
    rng = random.Random(0)
    weights = [rng.uniform(-1, 1) for n, m in layers for _ in range((n + 1) * m)]
    name = f"scalar relu network {'-'.join(map(str, LAYERS))}, {len(weights)} parameters"

    def side(make: Make, no_gradient: float | None) -> Callable[[list[float]], list[Number]]:
        parameters = [make(weight) for weight in weights]

        def run(inputs: list[float]) -> list[Number]:
            for p in parameters:
                p.grad = no_gradient
            parameter = iter(parameters).__next__
            h: list[Any] = inputs
            for _, m in layers:
                h = [sum([parameter() * v for v in h], parameter()).relu() for _ in range(m)]
            ((h[0] - 1.0) ** 2).backward()
            return parameters

        return run

    def draw() -> list[float]:
        return [random.uniform(0, 1) for _ in range(LAYERS[0])]

    ours, theirs = side(_engine, None), side(_micrograd(name), 0)
    return Comparison(name, "micrograd", BAR, draw, ours, theirs, 1e-12, _gradients)
