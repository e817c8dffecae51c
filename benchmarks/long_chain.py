"""A chain of 10⁴, 10⁵ and 10⁶ operations: built, swept, traced and freed, in time linear in its length."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any

import autograd

LENGTHS = (10**4, 10**5, 10**6)


@dataclass(frozen=True)
class Chain:
    """Microseconds per operation at one length, with Python's garbage collector on or off."""

    length: int
    collector: bool
    build: float
    sweep: float
    trace: float
    free: float

    @property
    def total(self) -> float:
        return self.build + self.sweep + self.trace + self.free


PHASES = [field.name for field in fields(Chain)][2:]


def measure(lengths: tuple[int, ...] = LENGTHS) -> list[Chain]:
    """Time every length with the collector on and off; short chains several times, and the median is taken."""
    return [_measure(n, collector) for n in lengths for collector in (True, False)]


def _measure(length: int, collector: bool) -> Chain:
    repeats = [_run(length, collector) for _ in range(max(1, min(7, 10**6 // length)))]
    medians = [statistics.median(times) for times in zip(*repeats, strict=True)]
    return Chain(length, collector, *medians)


def _run(length: int, collector: bool) -> list[float]:
    """Return the microseconds per operation of each phase."""
    gc.collect()
    (gc.enable if collector else gc.disable)()
    held: dict[str, Any] = {}
    try:
        return [_seconds(phase, held) / length * 1e6 for phase in (_build(length), _sweep, _trace, dict.clear)]
    finally:
        gc.enable()


def _seconds(phase: Callable[[dict[str, Any]], None], held: dict[str, Any]) -> float:
    start = time.perf_counter()
    phase(held)
    return time.perf_counter() - start


def _build(length: int) -> Callable[[dict[str, Any]], None]:
    def build(held: dict[str, Any]) -> None:
        w, b = autograd.Tensor(0.9, requires_grad=True), autograd.Tensor(0.1, requires_grad=True)
        s = autograd.Tensor(0.5, requires_grad=True)
        for _ in range(length // 2):
            s = s * w + b
        held["w"], held["output"] = w, s

    return build


def _sweep(held: dict[str, Any]) -> None:
    held["output"].backward()
    # s settles at 1, so the gradient is Σ 0.9ᵏ = 10
    assert abs(held["w"].grad.item() - 10) < 1e-9


def _trace(held: dict[str, Any]) -> None:
    held["trace"] = autograd.trace(held["output"])
