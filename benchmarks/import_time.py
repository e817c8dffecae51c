"""`import autograd` against `import numpy`, each in a fresh process."""

from __future__ import annotations

import statistics
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


class ImportTime:
    """The seconds the import statement takes, by the fresh process's own clock: Python's start is in neither."""

    name = "import autograd, in a fresh process"
    peer = "import numpy"
    bar = 3.0

    def check(self) -> None:
        """Import both once, which also writes Python's bytecode files."""
        _import("autograd")
        _import("numpy")

    def time(self, quick: bool = False) -> tuple[float, float]:
        """Return the median seconds of both, sampled A B A B."""
        pairs = [(_import("autograd"), _import("numpy")) for _ in range(3 if quick else 25)]
        ours, theirs = zip(*pairs, strict=True)
        return statistics.median(ours), statistics.median(theirs)


def _import(module: str) -> float:
    program = f"import time; start = time.perf_counter(); import {module}; print(time.perf_counter() - start)"
    finished = subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True, capture_output=True, text=True)
    return float(finished.stdout)
