import json
import sys

import pytest

from benchmarks import __main__ as benchmarks
from benchmarks import long_chain
from benchmarks.comparison import Comparison, PeerMissingError
from benchmarks.report import Report, Row


@pytest.mark.parametrize("build", benchmarks.WORKLOADS, ids=lambda build: f"{build.__module__}.{build.__name__}")
def test_both_sides_agree_and_are_timed(build):
    try:
        workload = build()
    except PeerMissingError as missing:
        pytest.skip(str(missing))
    workload.check()
    assert min(workload.time(quick=True)) > 0


def test_a_disagreement_is_noticed():
    off = Comparison("off", "peer", 1.0, lambda: 1.0, lambda x: [x], lambda x: [x + 1e-6], tolerance=1e-9)
    with pytest.raises(AssertionError):
        off.check()


def test_a_chain_is_built_swept_traced_and_freed():
    on, off = long_chain.measure((1000,))
    assert (on.length, on.collector, off.collector) == (1000, True, False)
    assert on.total == on.build + on.sweep + on.trace + on.free


def test_the_report_says_what_passed_and_what_was_skipped(monkeypatch, capsys, tmp_path):
    rows = [
        Row("fast", "peer", 2.0, 3e-6, 2e-6),
        Row("slow", "peer", 1.0, 3e-3, 2e-3),
        Row("absent", "", 0.9, skipped="peer isn't installed"),
    ]
    chains = [long_chain.Chain(1000, True, 1.0, 2.0, 3.0, 0.5)]
    monkeypatch.setattr(benchmarks, "run", lambda quick: Report(rows, chains))
    files = [tmp_path / "numbers.json", tmp_path / "numbers.md"]
    monkeypatch.setattr(sys, "argv", ["benchmarks", "--quick", "--json", str(files[0]), "--markdown", str(files[1])])
    benchmarks.main()

    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert "fast 3 µs 2 µs peer 1.50 ≤ 2 ✓" in lines
    assert "slow 3 ms 2 ms peer 1.50 ≤ 1 ✗" in lines
    assert "absent – peer isn't installed – ≤ 0.9 skipped" in lines
    assert "1,000 operations on 1.00 2.00 3.00 0.50 6.50" in lines
    data = json.loads(files[0].read_text(encoding="utf-8"))
    assert [r["ratio"] for r in data["ratios"]] == pytest.approx([1.5, 1.5])
    assert data["skipped"] == [{"name": "absent", "reason": "peer isn't installed"}]
    assert "| fast | 3 µs | 2 µs peer | 1.50 | ≤ 2 | ✓ |" in files[1].read_text(encoding="utf-8")


def test_a_missing_peer_is_a_row_that_says_so(monkeypatch):
    monkeypatch.setitem(sys.modules, "micrograd.engine", None)
    monkeypatch.setattr(benchmarks, "WORKLOADS", (benchmarks.scalar_graphs.chain,))
    report = benchmarks.run(quick=True)
    assert report.rows[0].skipped == "micrograd isn't installed: pip install micrograd==0.1.0"
    assert report.rows[0].bar == 0.9
    assert report.rows[1].name == "an operation in a chain of 10,000, collector off"
