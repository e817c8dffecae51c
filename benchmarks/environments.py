"""An environment for each peer, built once: their libraries don't live together (one is even called autograd)."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from benchmarks.worker import HERE

REQUIREMENTS = {
    "chaingrad": [],  # this environment
    "by_hand": [],
    "torch": ["torch==2.13.0", "numpy"],
    "jax": ["jax", "jaxlib", "numpy"],
    "hips": ["autograd", "numpy"],
    "mygrad": ["mygrad", "numpy"],
    "micrograd": ["micrograd==0.1.0", "numpy"],
    "tinygrad": ["tinygrad", "numpy"],
    "sklearn": ["scikit-learn", "numpy"],
}
OURS = "chaingrad"


def folder() -> Path:
    """Return where the environments are kept: ``$CHAINGRAD_BENCHMARKS``, or the user's cache."""
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(os.environ.get("CHAINGRAD_BENCHMARKS") or Path(cache) / "chaingrad" / "benchmarks")


def python(peer: str) -> Path | None:
    """Return the interpreter that has a peer's libraries, or None where they aren't installed."""
    if not REQUIREMENTS[peer]:
        return Path(sys.executable)
    found = folder() / peer / "bin" / "python"
    return found if (folder() / peer / "installed").exists() else None


def install(peer: str) -> str:
    """Build a peer's environment; return the reason if it can't be built."""
    if python(peer) is not None:
        return ""
    place = folder() / peer
    for command in (
        [sys.executable, "-m", "venv", str(place)],
        [str(place / "bin" / "python"), "-m", "pip", "install", "--quiet", *REQUIREMENTS[peer]],
    ):
        finished = subprocess.run(command, capture_output=True, text=True, check=False)
        if finished.returncode:
            return (finished.stderr.strip().splitlines() or ["it failed without a word"])[-1]
    (place / "installed").touch()
    return ""


def command(peer: str, *arguments: str) -> list[str]:
    """Return the command that runs a peer's process."""
    interpreter = python(peer)
    assert interpreter is not None
    return [str(interpreter), "-P", str(HERE / "worker.py"), peer, *arguments]


def surroundings(peer: str, threads: int) -> dict[str, str]:
    """Return the environment variables of a peer's process: all have the same threads, none that spin."""
    counts = dict.fromkeys(["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"], str(threads))
    waiting = {"OMP_WAIT_POLICY": "PASSIVE", "KMP_BLOCKTIME": "0", "GOMP_SPINCOUNT": "0"}
    ours = {"PYTHONPATH": str(HERE.parent)} if peer == OURS else {}
    left_out = ("PYTHONPATH", "PYTHONDONTWRITEBYTECODE")  # imports are timed as users have them, compiled once
    kept = {name: value for name, value in os.environ.items() if name not in left_out}
    return kept | counts | waiting | ours
