"""The workloads in MyGrad."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mygrad as mg
from workloads import chain


def scalar_chain(rounds: int) -> Callable[[float], Any]:
    def run(start: float) -> Any:
        leaves = [mg.tensor(v) for v in (start, 0.9, 0.1)]
        chain(*leaves, rounds).backward()
        return [leaf.grad for leaf in leaves]

    return run


def einsum() -> Callable[[Any], Any]:
    def run(matrices: Any) -> Any:
        leaves = [mg.tensor(m) for m in matrices]
        (mg.einsum("ij,jk,kl,lm->im", *leaves, optimize=True) ** 2).sum().backward()
        return [leaf.grad for leaf in leaves]

    return run


def first_gradient() -> Any:
    x = mg.tensor([1.0, 2.0, 3.0])
    (mg.tanh(x) * x).sum().backward()
    return x.grad
