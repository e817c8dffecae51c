"""Taking the times: all peers of a workload in turn, A B C A B C, and the median of each."""

from __future__ import annotations

import contextlib
import json
import select
import statistics
import subprocess
import time
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks import environments
from benchmarks.environments import OURS
from benchmarks.workloads import WORKLOADS, Workload

PATIENCE = 30  # seconds that one check or one sample may take


class PeerError(Exception):
    """A peer's process couldn't do what it was asked."""


class Peer:
    """A process that does workloads with one library."""

    def __init__(self, name: str, threads: int) -> None:
        self.name, self.threads = name, threads
        self.start()

    def start(self) -> None:
        """Start the process."""
        self.process = subprocess.Popen(
            environments.command(self.name), env=environments.surroundings(self.name, self.threads), text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self.kinds = set(self._answer())

    def ask(self, *message: Any) -> Any:
        """Return what the process answers."""
        assert self.process.stdin is not None
        with contextlib.suppress(BrokenPipeError):  # it has ended, which the answer will show
            self.process.stdin.write(json.dumps(message) + "\n")
            self.process.stdin.flush()
        answer = self._answer()
        if "problem" in answer:
            raise PeerError(answer["problem"])
        return answer["answer"]

    def _answer(self) -> Any:
        assert self.process.stdout is not None
        ready, _, _ = select.select([self.process.stdout], [], [], PATIENCE)
        line = self.process.stdout.readline() if ready else ""
        if not line:
            self.close()
            self.start()
            raise PeerError("its process ended" if ready else f"it took more than {PATIENCE} s")
        return json.loads(line)

    def close(self) -> None:
        """End the process."""
        self.process.kill()
        with contextlib.suppress(BrokenPipeError):
            self.process.communicate()


@dataclass(frozen=True)
class Result:
    """One workload: the median of each peer, the spread of its samples, and why some took no part."""

    workload: Workload
    medians: dict[str, float]
    spreads: dict[str, float]  # half the distance of the quartiles, relative to the median
    absent: dict[str, str]

    def ratio(self, peer: str) -> float:
        """Return ours / peer."""
        return self.medians[OURS] / self.medians[peer]


def compare(number: int, peers: dict[str, Peer], threads: int, quick: bool = False) -> Result:
    """Check that the peers of a workload agree with us, then time them in turn."""
    workload = WORKLOADS[number]
    samples = min(workload.samples, 3) if quick else workload.samples
    if workload.whole:
        return _whole(number, list(peers), threads, 1 if quick else samples)
    taking = {name: peer for name, peer in peers.items() if workload.kind in peer.kinds}
    absent: dict[str, str] = {}
    reference = None
    for name, peer in list(taking.items()):  # ours comes first
        try:
            found = np.array(peer.ask("check", number, 0))
        except PeerError as problem:
            absent[name] = str(problem)
        else:
            reference = found if reference is None else reference
            error = agreement(found, reference)
            if error > workload.tolerance:
                absent[name] = f"its numbers differ by {error:.1e} of the largest"
        if name in absent:
            del taking[name]
    times: dict[str, list[float]] = {name: [] for name in taking}
    for seed in range(1, samples + 1):
        for name, peer in taking.items():
            if name not in absent:
                try:
                    times[name].append(peer.ask("time", number, seed))
                except PeerError as problem:
                    absent[name] = str(problem)
    times = {name: taken for name, taken in times.items() if name not in absent}
    return _result(workload, times, absent)


def agreement(found: Any, reference: Any) -> float:
    """Return the largest difference relative to the largest number of the reference."""
    if found.shape != reference.shape:
        return float("inf")
    return float(abs(found - reference).max(initial=0) / max(abs(reference).max(initial=0), 1e-300))


def _whole(number: int, peers: list[str], threads: int, samples: int) -> Result:
    """Time whole processes, one after the other."""
    workload = WORKLOADS[number]
    figures: dict[str, list[float]] = {}
    absent: dict[str, str] = {}
    for _ in range(samples):
        for name in peers:
            start = time.perf_counter()
            finished = subprocess.run(
                environments.command(name, str(number)), env=environments.surroundings(name, threads), text=True,
                capture_output=True, check=False,
            )  # fmt: skip
            took = time.perf_counter() - start
            if finished.returncode:
                last = (finished.stderr.strip().splitlines() or [""])[-1]
                if f"has no attribute {workload.kind!r}" not in last:
                    absent[name] = last
                continue
            said = json.loads(finished.stdout.strip().splitlines()[-1])
            figures.setdefault(name, []).append(said["bytes"] if workload.unit == "B" else said["seconds"] or took)
    return _result(workload, figures, absent)


def _result(workload: Workload, figures: dict[str, list[float]], absent: dict[str, str]) -> Result:
    medians = {name: statistics.median(values) for name, values in figures.items()}
    spreads = {}
    for name, values in figures.items():
        low, high = np.quantile(values, [0.25, 0.75])
        spreads[name] = float((high - low) / 2 / medians[name])
    return Result(workload, medians, spreads, absent)
