"""The results as tables for the terminal, as Markdown and as JSON."""

from __future__ import annotations

import os
import platform
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from benchmarks.long_chain import PHASES, Chain


@dataclass(frozen=True)
class Row:
    """One workload: the medians in seconds, or the reason why there are none."""

    name: str
    peer: str
    bar: float
    ours: float = float("nan")
    theirs: float = float("nan")
    skipped: str = ""

    @property
    def ratio(self) -> float:
        return self.ours / self.theirs


@dataclass(frozen=True)
class Report:
    """What one run has measured."""

    rows: list[Row]
    chains: list[Chain]

    @property
    def tables(self) -> list[list[list[str]]]:
        """The tables as rows of cells, the heads first."""
        ratios = [["workload", "ours", "peer", "ours/peer", "bar", ""], *map(_ratio_cells, self.rows)]
        heads = ["chain, µs per operation", "garbage collector", *PHASES, "sum"]
        return [ratios, [heads, *map(_chain_cells, self.chains)]]

    def text(self) -> str:
        """Return the tables with their columns lined up."""
        return "\n\n".join([_conditions(), *map(_lined_up, self.tables)])

    def markdown(self) -> str:
        """Return the tables in Markdown."""
        return "\n\n".join([_conditions(), *map(_piped, self.tables)]) + "\n"

    def data(self) -> dict[str, Any]:
        """Return everything as plain data: times in seconds, chains in microseconds per operation."""
        ratios = [asdict(r) | {"ratio": r.ratio} for r in self.rows if not r.skipped]
        skipped = [{"name": r.name, "reason": r.skipped} for r in self.rows if r.skipped]
        chains = [asdict(c) for c in self.chains]
        return {"conditions": _conditions(), "ratios": ratios, "skipped": skipped, "chains": chains}


def _conditions() -> str:
    """Say where the numbers were taken."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    threads = os.environ.get("OPENBLAS_NUM_THREADS") or os.environ.get("OMP_NUM_THREADS") or f"{cores} (one per core)"
    return (
        f"{cores} cores, BLAS threads: {threads}; Python {platform.python_version()}, NumPy {np.__version__}, "
        f"{platform.system()} {platform.machine()}. Medians of one run, both sides in turn."
    )


def _ratio_cells(row: Row) -> list[str]:
    bar = f"≤ {row.bar:g}"
    if row.skipped:
        return [row.name, "–", row.skipped, "–", bar, "skipped"]
    mark = "✓" if row.ratio <= row.bar else "✗"
    return [row.name, _time(row.ours), f"{_time(row.theirs)} {row.peer}", f"{row.ratio:.2f}", bar, mark]


def _chain_cells(chain: Chain) -> list[str]:
    times = [*(getattr(chain, phase) for phase in PHASES), chain.total]
    return [f"{chain.length:,} operations", "on" if chain.collector else "off", *(f"{t:.2f}" for t in times)]


def _time(seconds: float) -> str:
    return f"{seconds * 1e6:.3g} µs" if seconds < 1e-3 else f"{seconds * 1e3:.3g} ms"


def _lined_up(table: list[list[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    return "\n".join("  ".join(map(str.ljust, row, widths)).rstrip() for row in table)


def _piped(table: list[list[str]]) -> str:
    heads, *rows = ["| " + " | ".join(row) + " |" for row in table]
    return "\n".join([heads, "|" + " --- |" * len(table[0]), *rows])
