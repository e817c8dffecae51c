"""One workload done twice, by the engine and by a peer, timed in turn."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np


class PeerMissingError(Exception):
    """The library that a workload is compared with isn't installed."""

    def __init__(self, name: str, bar: float, remedy: str) -> None:
        super().__init__(remedy)
        self.name, self.bar = name, bar


@dataclass(frozen=True)
class Comparison:
    """A workload, what it is compared with, and the highest ratio ours/peer that passes."""

    name: str
    peer: str
    bar: float
    draw: Callable[[], Any]  # the input of one run, new each time and made outside the clock
    ours: Callable[[Any], Any]
    theirs: Callable[[Any], Any]
    tolerance: float  # for the difference of the two sides, relative to the largest number
    read: Callable[[Any], Any] = np.ravel  # from what a side returns to its numbers, outside the clock
    calls: int = 20  # runs in one sample
    samples: int = 60

    def check(self, rounds: int = 3) -> None:
        """Raise AssertionError unless both sides compute the same numbers."""
        for _ in range(rounds):
            given = self.draw()
            ours, theirs = self.read(self.ours(given)), self.read(self.theirs(given))
            np.testing.assert_allclose(ours, theirs, rtol=0, atol=self.tolerance * np.abs(theirs).max())

    def time(self, quick: bool = False) -> tuple[float, float]:
        """Return the median seconds of one run of ours and of theirs, sampled A B A B."""
        ours, theirs = [], []
        for _ in range(5 if quick else self.samples):
            inputs = [self.draw() for _ in range(self.calls)]
            ours.append(_seconds(self.ours, inputs))
            theirs.append(_seconds(self.theirs, inputs))
        return statistics.median(ours), statistics.median(theirs)


def _seconds(run: Callable[[Any], Any], inputs: list[Any]) -> float:
    """Return the time of one run, averaged over the inputs."""
    gc.collect()  # each side pays for its own garbage, not for the other's
    start = time.perf_counter()
    for given in inputs:
        run(given)
    return (time.perf_counter() - start) / len(inputs)
