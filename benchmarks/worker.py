"""One peer in a process of its own: reads commands as lines of JSON, answers alike.

``python -P worker.py PEER`` serves; ``python -P worker.py PEER NUMBER`` does one whole workload and says what it took.
"""

from __future__ import annotations

import gc
import importlib.util
import json
import resource
import sys
import time
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


def load(name: str, path: Path) -> Any:
    """Import a file under a name of its own: a peer's file is called as the library it imports."""
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def numbers(result: Any) -> Any:
    """Return what a run gave as one flat array."""
    import numpy as np  # after the whole workloads' clock has started

    if isinstance(result, (list, tuple)):
        return np.concatenate([numbers(r) for r in result])
    result = result.detach().numpy() if hasattr(result, "detach") else result
    return np.asarray(getattr(result, "data", result) if type(result).__module__ == "mygrad.tensor_base" else result,
                      dtype=float).ravel()  # fmt: skip


class Served:
    """The peer's functions for the workloads, built when first asked for."""

    def __init__(self, peer: str) -> None:
        self.workloads = load("workloads", HERE / "workloads.py").WORKLOADS
        self.module = load(f"peer_{peer}", HERE / "peers" / f"{peer}.py")
        self.runs: dict[int, Any] = {}

    def inputs(self, number: int, seed: int, count: int) -> list[Any]:
        import numpy as np

        rng = np.random.default_rng(seed)
        return [self.workloads[number].draw(rng) for _ in range(count)]

    def build(self, number: int) -> Any:
        workload = self.workloads[number]
        return getattr(self.module, workload.kind)(**workload.options)

    def kinds(self) -> list[str]:
        """Return the kinds of workloads that this peer has."""
        return [name for name in vars(self.module) if not name.startswith("_")]

    def check(self, number: int, seed: int) -> list[float]:
        """Return a sample of the numbers of the third run from the start."""
        run = self.build(number)
        for given in self.inputs(number, seed, 3):
            result = run(given)
        found = numbers(result)
        kept: list[float] = found[:: max(1, found.size // 500)].tolist()
        return kept

    def time(self, number: int, seed: int) -> float:
        """Return the seconds of one run, averaged over one sample's fresh inputs."""
        run = self.runs.get(number)
        if run is None:
            run = self.runs[number] = self.build(number)
            for given in self.inputs(number, seed + 1, 3):
                run(given)
        inputs = self.inputs(number, seed, self.workloads[number].calls)
        gc.collect()
        start = time.perf_counter()
        for given in inputs:
            run(given)
        return (time.perf_counter() - start) / len(inputs)


def serve(peer: str) -> None:
    """Answer until the input ends."""
    served = Served(peer)
    print(json.dumps(served.kinds()), flush=True)
    for line in sys.stdin:
        asked, *arguments = json.loads(line)
        try:
            answer = {"answer": getattr(served, asked)(*arguments)}
        except Exception as problem:  # whatever a library raises becomes a line of the report
            answer = {"problem": f"{type(problem).__name__}: {problem}"}
        print(json.dumps(answer), flush=True)


def whole(peer: str, number: int) -> None:
    """Do one workload once, timed from the process's start or, if the peer returns a function, from its call."""
    served = Served(peer)
    run = served.build(number)
    start = time.perf_counter()
    result = run() if callable(run) else run
    took = time.perf_counter() - start
    gradient = None if callable(run) else numbers(result).tolist()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({"seconds": took if callable(run) else None, "bytes": peak, "answer": gradient or result}))


if __name__ == "__main__":
    if len(sys.argv) == 2:
        serve(sys.argv[1])
    else:
        whole(sys.argv[1], int(sys.argv[2]))
