"""The results as a table for the terminal, as Markdown, as JSON and as a picture."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.environments import OURS
from benchmarks.long_chain import PHASES, Chain
from benchmarks.measure import Result

NAMES = {
    "by_hand": "NumPy by hand",
    "hips": "HIPS autograd",
    "sklearn": "scikit-learn",
    "torch": "PyTorch",
    "jax": "JAX",
}
NOISE = 0.15  # how much a ratio may move from one run to the next without meaning anything, beside the spreads


@dataclass(frozen=True)
class Report:
    """What one run has measured."""

    results: list[Result]
    chains: list[Chain]
    threads: int

    def rows(self) -> list[list[str]]:
        """Return one row for each workload and peer: what was measured, the ratio, the bar."""
        rows = []
        for result in self.results:
            ours = result.medians.get(OURS)
            if ours is None:
                rows.append([result.workload.name, "–", f"left out: {result.absent.get(OURS, '')}", "–", "", ""])
                continue
            for peer, median in result.medians.items():
                if peer == OURS:
                    continue
                bar, ratio = result.workload.bars.get(peer), result.ratio(peer)
                unit = result.workload.unit
                rows.append([
                    result.workload.name, f"{_figure(ours, unit)} ± {result.spreads[OURS]:.0%}",
                    f"{_figure(median, unit)} ± {result.spreads[peer]:.0%}  {NAMES.get(peer, peer)}", f"{ratio:.2f}",
                    "" if bar is None else f"≤ {bar:g}", "" if bar is None else "✓" if ratio <= bar else "✗",
                ])  # fmt: skip
            for peer, reason in result.absent.items():
                rows.append([result.workload.name, "", f"{NAMES.get(peer, peer)} took no part: {reason}", "–", "", ""])
        return rows

    @property
    def tables(self) -> list[list[list[str]]]:
        """The tables as rows of cells, the heads first."""
        ratios = [["workload", "ours", "peer", "ours / peer", "bar", ""], *self.rows()]
        heads = ["chain, µs per operation", "garbage collector", *PHASES, "sum"]
        return [ratios, [heads, *map(_chain_cells, self.chains)]]

    def text(self) -> str:
        """Return the tables with their columns lined up."""
        return "\n\n".join([self.conditions(), *map(_lined_up, self.tables)])

    def markdown(self) -> str:
        """Return the tables in Markdown."""
        return "\n\n".join([self.conditions(), *map(_piped, self.tables)]) + "\n"

    def data(self) -> dict[str, Any]:
        """Return the ratios by workload and peer, with the medians and spreads they come from."""
        return {
            "conditions": self.conditions(),
            "results": {
                r.workload.name: {
                    "medians": r.medians,
                    "spreads": r.spreads,
                    "ratios": {p: r.ratio(p) for p in r.medians if p != OURS and OURS in r.medians},
                }
                for r in self.results
            },
        }

    def slower(self, before: dict[str, Any]) -> list[str]:
        """Return what has become slower than in an earlier run's data, beyond the noise of both."""
        lines = []
        for result in self.results:
            old = before["results"].get(result.workload.name)
            for peer, ratio in (old or {"ratios": {}})["ratios"].items():
                if peer not in result.medians or OURS not in result.medians:
                    continue
                spread = sum(s.get(p, 0) for s in (result.spreads, old["spreads"]) for p in (OURS, peer))
                if result.ratio(peer) > ratio * (1 + NOISE + spread):
                    lines.append(
                        f"{result.workload.name}: {result.ratio(peer):.2f} × {NAMES.get(peer, peer)}, was {ratio:.2f}"
                    )
        return lines

    def draw(self, path: Path) -> None:
        """Draw the ratios, one dot for each peer, on a logarithmic scale: left of the line is faster."""
        from matplotlib import pyplot as plt  # start-up cost, and optional

        shown = [r for r in self.results if OURS in r.medians and len(r.medians) > 1]
        figure, axes = plt.subplots(figsize=(9, 0.42 * len(shown) + 1.2), layout="constrained")
        peers = list(dict.fromkeys(p for r in shown for p in r.medians if p != OURS))
        for colour, peer in enumerate(peers):
            at = [(r.ratio(peer), len(shown) - i) for i, r in enumerate(shown) if peer in r.medians]
            axes.scatter(*zip(*at, strict=True), s=46, color=f"C{colour}", label=NAMES.get(peer, peer), zorder=3)
        axes.axvline(1, color="#4A525C", linewidth=1)
        axes.set_xscale("log")
        axes.set_yticks([len(shown) - i for i in range(len(shown))], [r.workload.name for r in shown], fontsize=8)
        axes.set_xlabel("our time / the peer's time (left of 1: ours is faster)")
        axes.grid(axis="x", which="both", alpha=0.25)
        axes.legend(loc="upper left", bbox_to_anchor=(1.01, 1), frameon=False)
        figure.savefig(path, dpi=150)
        plt.close(figure)

    def conditions(self) -> str:
        """Say where the numbers were taken."""
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
        return (
            f"{cores} cores, {self.threads} threads for every peer; Python {platform.python_version()}, "
            f"NumPy {np.__version__}, {platform.system()} {platform.machine()}. "
            "Medians ± half the quartiles' distance, all peers in turn in one run."
        )


def _chain_cells(chain: Chain) -> list[str]:
    times = [*(getattr(chain, phase) for phase in PHASES), chain.total]
    return [f"{chain.length:,} operations", "on" if chain.collector else "off", *(f"{t:.2f}" for t in times)]


def _figure(value: float, unit: str) -> str:
    if unit == "B":
        return f"{value / 2**20:.0f} MiB"
    return f"{value * 1e6:.3g} µs" if value < 1e-3 else f"{value * 1e3:.3g} ms" if value < 1 else f"{value:.3g} s"


def _lined_up(table: list[list[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    return "\n".join("  ".join(map(str.ljust, row, widths)).rstrip() for row in table)


def _piped(table: list[list[str]]) -> str:
    heads, *rows = ["| " + " | ".join(row) + " |" for row in table]
    return "\n".join([heads, "|" + " --- |" * len(table[0]), *rows])
