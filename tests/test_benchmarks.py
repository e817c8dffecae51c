"""The benchmarks' own machinery: peers in processes, agreement before times, reports, what became slower."""

from __future__ import annotations

import json
import sys

import numpy as np
import pytest

from benchmarks import __main__ as program
from benchmarks import anatomy, environments, long_chain, measure, worker
from benchmarks.environments import OURS, REQUIREMENTS
from benchmarks.measure import Peer, PeerError, Result, agreement, compare
from benchmarks.report import Report
from benchmarks.workloads import WORKLOADS

NUMBERS = {w.kind: i for i, w in enumerate(WORKLOADS)}


@pytest.fixture(scope="module")
def peers():
    started = {name: Peer(name, threads=1) for name in (OURS, "by_hand")}
    yield started
    for peer in started.values():
        peer.close()


def test_both_sides_agree_and_are_timed(peers):
    result = compare(NUMBERS["jacobian"], peers, threads=1, quick=True)
    assert set(result.medians) == {OURS, "by_hand"}
    assert min(result.medians.values()) > 0
    assert not result.absent


def test_a_step_by_hand_is_the_engines_step(peers):
    number = next(i for i, w in enumerate(WORKLOADS) if w.kind == "training_step")
    found = [np.array(peer.ask("check", number, 7)) for peer in peers.values()]
    assert agreement(*found) < 1e-4


def test_whole_workloads_run_in_fresh_processes(peers):
    result = compare(NUMBERS["first_gradient"], peers, threads=1, quick=True)
    assert set(result.medians) == {OURS}


def test_a_disagreement_takes_the_peer_out(peers, monkeypatch):
    monkeypatch.setattr(measure, "agreement", lambda found, reference: 0.5 if found is not reference else 0.0)
    result = compare(NUMBERS["jacobian"], peers, threads=1, quick=True)
    assert set(result.medians) == {OURS}
    assert "differ by 5.0e-01" in result.absent["by_hand"]


def test_a_peer_that_fails_says_why_and_goes_on(peers):
    with pytest.raises(PeerError, match="IndexError"):
        peers["by_hand"].ask("check", 999, 0)
    assert peers["by_hand"].ask("kinds")


def test_a_process_that_ended_is_started_again(peers):
    peers["by_hand"].process.kill()
    peers["by_hand"].process.wait()
    with pytest.raises(PeerError, match="its process ended"):
        peers["by_hand"].ask("kinds")
    assert "jacobian" in peers["by_hand"].ask("kinds")


def test_agreement_is_relative_to_the_largest():
    assert agreement(np.array([1.0, 100.0]), np.array([2.0, 100.0])) == pytest.approx(0.01)
    assert agreement(np.zeros(2), np.zeros(3)) == np.inf


def test_numbers_flatten_what_a_peer_returns():
    assert worker.numbers([np.ones((2, 2)), [3.0]]).tolist() == [1, 1, 1, 1, 3]


def test_a_chain_is_built_swept_traced_and_freed():
    on, off = long_chain.measure((1000,))
    assert (on.length, on.collector, off.collector) == (1000, True, False)
    assert on.total == on.build + on.sweep + on.trace + on.free


@pytest.fixture
def report():
    workload = WORKLOADS[0]
    fast = Result(workload, {OURS: 2e-6, "micrograd": 4e-6}, {OURS: 0.01, "micrograd": 0.02}, {"torch": "not here"})
    slow = Result(WORKLOADS[1], {OURS: 3e-3, "micrograd": 2e-3}, {OURS: 0.0, "micrograd": 0.0}, {})
    return Report([fast, slow], [long_chain.Chain(1000, True, 1.0, 2.0, 3.0, 0.5)], threads=2)


def test_the_report_says_what_passed(report):
    text = report.text()
    assert "2 µs ± 1%" in text
    assert "0.50         ≤ 0.75  ✓" in text
    assert "1.50         ≤ 0.75  ✗" in text
    assert "PyTorch took no part: not here" in text
    assert "| 1,000 operations | on | 1.00 | 2.00 | 3.00 | 0.50 | 6.50 |" in report.markdown()
    assert report.data()["results"][WORKLOADS[0].name]["ratios"] == {"micrograd": 0.5}


def test_the_guard_names_what_became_slower(report):
    before = json.loads(json.dumps(report.data()))
    assert report.slower(before) == []
    before["results"][WORKLOADS[1].name]["ratios"]["micrograd"] = 1.0
    assert report.slower(before) == [f"{WORKLOADS[1].name}: 1.50 × micrograd, was 1.00"]


def test_the_picture(report, tmp_path):
    pytest.importorskip("matplotlib").use("Agg")
    report.draw(tmp_path / "ratios.png")
    assert (tmp_path / "ratios.png").stat().st_size > 10_000


def test_the_command_writes_its_files(monkeypatch, capsys, tmp_path, report):
    monkeypatch.setattr(program, "run", lambda *arguments: report)
    monkeypatch.setattr(program, "BASELINE", tmp_path / "baseline.json")
    written = ["--json", str(tmp_path / "r.json"), "--markdown", str(tmp_path / "r.md"), "--save"]
    monkeypatch.setattr(sys, "argv", ["benchmarks", "--peers", "by_hand", *written])
    program.main()
    assert json.loads((tmp_path / "r.json").read_text()) == json.loads((tmp_path / "baseline.json").read_text())
    assert (tmp_path / "r.md").read_text() == report.markdown()
    monkeypatch.setattr(sys, "argv", ["benchmarks", "--peers", "", "--compare"])
    with pytest.raises(SystemExit, match="0"):
        program.main()
    assert "nothing has become slower" in capsys.readouterr().out


def test_a_peer_that_is_not_installed_takes_no_part(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("CHAINGRAD_BENCHMARKS", str(tmp_path))
    assert program.available(["micrograd", "by_hand"], install=False) == ["by_hand"]
    assert "micrograd takes no part: not installed" in capsys.readouterr().err


def test_an_environment_that_cannot_be_built_says_why(monkeypatch, tmp_path):
    monkeypatch.setenv("CHAINGRAD_BENCHMARKS", str(tmp_path))
    monkeypatch.setattr(environments.sys, "executable", "/bin/false")
    assert environments.install("micrograd") == "it failed without a word"


def test_every_peer_has_a_file_and_an_environment():
    files = {path.stem for path in (worker.HERE / "peers").glob("*.py")}
    assert files == set(REQUIREMENTS)


def test_the_anatomy_shows_each_phase_and_what_it_is_compared_with(capsys, monkeypatch):
    monkeypatch.setattr(anatomy, "STEPS", 2)
    monkeypatch.setattr(anatomy, "SAMPLES", 2)
    anatomy.main()
    heads, *rows = (line.split() for line in capsys.readouterr().out.splitlines())
    assert heads == ["µs", "by", "hand", "functions", "nn"]
    assert [row[0] for row in rows] == ["forward", "loss", "backward", "the", "optimizer", "together", "ratio"]
    assert rows[-1][-3] == "1.00"


@pytest.mark.parametrize("way", [anatomy.with_functions, anatomy.with_nn])
def test_every_way_of_the_anatomy_takes_the_step_by_hand(way):
    runs = anatomy.by_hand(), way()
    for batch in anatomy.batches()[:3]:
        by_hand, found = (list(run(*batch)) for run in runs)
        assert len(found) == len(by_hand) == len(anatomy.PHASES)
    for w, v in zip(by_hand[-1], found[-1], strict=True):
        np.testing.assert_allclose(v.data, w, atol=2e-5)
