"""`python -m benchmarks`: every workload against every peer, each in its own environment, in one run."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

from benchmarks import environments, long_chain
from benchmarks.environments import OURS, REQUIREMENTS
from benchmarks.measure import Peer, Result, compare
from benchmarks.report import Report
from benchmarks.workloads import WORKLOADS

BASELINE = Path(__file__).parent / "baseline.json"


def run(peers: list[str], only: str = "", quick: bool = False, threads: int = 2) -> Report:
    """Start the peers' processes and compare them on every workload whose name or kind has ``only`` in it."""
    started = {name: Peer(name, threads) for name in [OURS, *peers]}
    results: list[Result] = []
    try:
        for number, workload in enumerate(WORKLOADS):
            if only in workload.name or only in workload.kind:
                print(f"  {workload.name} …", file=sys.stderr, flush=True)
                results.append(compare(number, started, threads, quick))
    finally:
        for peer in started.values():
            peer.close()
    lengths = (10**3,) if quick else long_chain.LENGTHS
    return Report(results, [] if only else long_chain.measure(lengths), threads)


def available(wanted: list[str], install: bool) -> list[str]:
    """Return the peers that can take part; the others are named with the reason."""
    ready = []
    for name in wanted:
        reason = environments.install(name) if install else ""
        if reason or environments.python(name) is None:
            print(f"  {name} takes no part: {reason or 'not installed'}", file=sys.stderr)
        else:
            ready.append(name)
    return ready


def main() -> None:
    """Print the tables, and write them where the options say."""
    others = [name for name in REQUIREMENTS if name != OURS]
    options = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    options.add_argument("--peers", default=",".join(others), help=f"which, by commas: {', '.join(others)}")
    options.add_argument("--only", default="", metavar="TEXT", help="workloads whose name has this in it")
    options.add_argument("--quick", action="store_true", help="a few samples of each, to see that everything runs")
    options.add_argument("--no-install", action="store_true", help="only peers whose environments exist already")
    options.add_argument("--threads", type=int, default=min(2, os.cpu_count() or 1))
    options.add_argument("--json", type=Path, metavar="FILE", help="write the numbers as JSON")
    options.add_argument("--markdown", type=Path, metavar="FILE", help="write the tables as Markdown")
    options.add_argument("--picture", type=Path, metavar="FILE", help="draw the ratios (needs matplotlib)")
    options.add_argument("--save", action="store_true", help="keep this run's ratios for --compare")
    options.add_argument("--compare", action="store_true", help="say what has become slower since the ratios were kept")
    chosen = options.parse_args()
    wanted = [name for name in chosen.peers.split(",") if name]
    if unknown := [name for name in wanted if name not in others]:
        options.error(f"no peer called {unknown[0]!r}; there are {', '.join(others)}")
    report = run(available(wanted, not chosen.no_install), chosen.only, chosen.quick, chosen.threads)
    print(report.text())
    data = json.dumps(report.data(), indent=1, ensure_ascii=False) + "\n"
    for path in [chosen.json, BASELINE if chosen.save else None]:
        if path:
            path.write_text(data, encoding="utf-8")
    if chosen.markdown:
        chosen.markdown.write_text(report.markdown(), encoding="utf-8")
    if chosen.picture:
        report.draw(chosen.picture)
    if chosen.compare:
        slower = report.slower(json.loads(BASELINE.read_text(encoding="utf-8")))
        print("\nslower than before:\n  " + "\n  ".join(slower) if slower else "\nnothing has become slower")
        sys.exit(int(bool(slower)))


if __name__ == "__main__":
    main()
