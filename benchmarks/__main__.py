"""`python -m benchmarks`: every workload against its peer, and a long chain, each beside its bar."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path

from benchmarks import jacobian, long_chain, scalar_graphs, training_step
from benchmarks.comparison import Comparison, PeerMissingError
from benchmarks.import_time import ImportTime
from benchmarks.long_chain import Chain
from benchmarks.report import Report, Row

WORKLOADS: tuple[Callable[[], Comparison | ImportTime], ...] = (
    training_step.with_tanh,
    training_step.with_relu,
    scalar_graphs.chain,
    scalar_graphs.network,
    jacobian.network,
    jacobian.of_one_product,
    ImportTime,
)


def run(quick: bool = False) -> Report:
    """Check that both sides of each workload agree, then time them."""
    rows = []
    for build in WORKLOADS:
        try:
            workload = build()
        except PeerMissingError as missing:
            rows.append(Row(missing.name, "", missing.bar, skipped=str(missing)))
            continue
        workload.check()
        rows.append(Row(workload.name, workload.peer, workload.bar, *workload.time(quick)))
    chains = long_chain.measure((10**3, 10**4) if quick else long_chain.LENGTHS)
    rows.append(_linearity([chain for chain in chains if not chain.collector]))
    return Report(rows, chains)


def _linearity(chains: list[Chain]) -> Row:
    """Compare the longest chain with the shortest, per operation: 1 is linear, caches cost the rest."""
    long, short = chains[-1], chains[0]
    name = f"an operation in a chain of {long.length:,}, collector off"
    return Row(name, f"in one of {short.length:,}", 2.0, long.total * 1e-6, short.total * 1e-6)


def main() -> None:
    """Print the tables, and write them where the options say."""
    options = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    options.add_argument("--quick", action="store_true", help="a few samples of each, to see that everything runs")
    options.add_argument("--json", type=Path, metavar="FILE", help="write the numbers as JSON")
    options.add_argument("--markdown", type=Path, metavar="FILE", help="write the tables as Markdown")
    chosen = options.parse_args()
    report = run(chosen.quick)
    print(report.text())
    if chosen.json:
        chosen.json.write_text(json.dumps(report.data(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    if chosen.markdown:
        chosen.markdown.write_text(report.markdown(), encoding="utf-8")


if __name__ == "__main__":
    main()
