"""The workloads in micrograd: numbers only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from micrograd.engine import Value
from workloads import chain, network, weights


def scalar_chain(rounds: int) -> Callable[[float], Any]:
    def run(start: float) -> Any:
        leaves = [Value(v) for v in (start, 0.9, 0.1)]
        chain(*leaves, rounds).backward()
        return [leaf.grad for leaf in leaves]

    return run


def scalar_network(layers: tuple[int, ...]) -> Callable[[Any], Any]:
    parameters = [Value(float(w)) for part in weights(layers, float) for w in part.ravel()]

    def run(inputs: Any) -> Any:
        for p in parameters:
            p.grad = 0
        network(parameters, inputs, layers).backward()
        return [p.grad for p in parameters]

    return run
