import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from autograd import ArgumentError, AutogradError, Tensor
from nn.checkpoint import load, save, sweep

ROOT = Path(__file__).parents[2]
KILLS = int(os.environ.get("CHAINGRAD_KILLS", "5"))  # 200 before a release

STATE = {
    "epoch": 3,
    "best": float("inf"),
    "note": "Tiếng Việt",
    "nothing": None,
    "flag": True,
    "betas": (0.9, 0.999),
    "big": 2**120 + 1,
    "state": {0: {"exp_avg": np.arange(6.0).reshape(2, 3)}, 1: {"step": np.float64(7)}},
    "groups": [{"lr": 1e-3, "params": [0, 1]}],
    "empty": {},
    "scalar": np.array(2.5, np.float32),
    "none": np.zeros((0, 3), np.int64),
}


def same(a, b):
    if isinstance(b, np.ndarray):
        return type(a) is np.ndarray and a.dtype == b.dtype and a.shape == b.shape and np.array_equal(a, b)
    if isinstance(b, dict):
        return list(a) == list(b) and all(same(a[k], b[k]) for k in b)
    if isinstance(b, (list, tuple)):
        return type(a) is type(b) and len(a) == len(b) and all(map(same, a, b))
    return a == b and (type(a) is type(b) or isinstance(b, np.generic))


def test_a_nest_comes_back_as_it_was(tmp_path):
    save(tmp_path / "s.safetensors", STATE)
    assert same(load(tmp_path / "s.safetensors"), STATE)


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "?", ">f8", ">i4"])
def test_dtypes_and_layouts(tmp_path, dtype):
    array = np.arange(24).reshape(2, 3, 4).astype(dtype)
    views = {"whole": array, "strided": array[:, ::2], "fortran": np.asfortranarray(array), "turned": array.T}
    save(tmp_path / "s", views)
    for name, found in load(tmp_path / "s").items():
        np.testing.assert_array_equal(found, views[name])
        assert found.dtype == array.dtype.newbyteorder("=")
        assert found.flags.writeable


def test_a_flat_dict_is_a_plain_safetensors_file(tmp_path):
    save(tmp_path / "m.safetensors", {"1.weight": np.ones((2, 2)), "0.bias": Tensor([1.0])})
    content = (tmp_path / "m.safetensors").read_bytes()
    head = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
    assert set(head) == {"__metadata__", "1.weight", "0.bias"}
    assert all(isinstance(value, str) for value in head["__metadata__"].values())
    assert list(load(tmp_path / "m.safetensors")) == ["1.weight", "0.bias"]


def test_another_programs_file_gives_its_arrays(tmp_path):
    from safetensors.numpy import save_file

    save_file({"w": np.ones(3)}, tmp_path / "other", metadata={"format": "pt"})
    np.testing.assert_array_equal(load(tmp_path / "other")["w"], np.ones(3))


def test_names_that_read_the_same_stay_apart(tmp_path):
    state = {"a/b": np.zeros(1), "a": {"b": np.ones(1)}, "": np.full(1, 2.0), "__metadata__": np.full(1, 3.0)}
    save(tmp_path / "s", state)
    assert same(load(tmp_path / "s"), state)


def test_an_array_alone(tmp_path):
    save(tmp_path / "s", np.arange(3))
    assert same(load(tmp_path / "s"), np.arange(3))


@pytest.mark.parametrize("value", [object(), {1, 2}, np.array([object()]), np.array(["a"]), 1j, np.ones(1, "c16")])
def test_what_cant_be_saved_is_named_and_the_old_file_stays(tmp_path, value):
    save(tmp_path / "s", {"w": np.ones(1)})
    with pytest.raises(ArgumentError, match="save: model/it"):
        save(tmp_path / "s", {"model": {"it": value}})
    assert same(load(tmp_path / "s"), {"w": np.ones(1)})


def test_every_shortened_file_is_refused(tmp_path):
    save(tmp_path / "s", {"epoch": 1, "w": np.ones(4)})
    content = (tmp_path / "s").read_bytes()
    for length in range(len(content)):
        (tmp_path / "cut").write_bytes(content[:length])
        with pytest.raises(AutogradError, match="cut short or another kind of file"):
            load(tmp_path / "cut")


@pytest.mark.parametrize(
    "content", [b"", b"\x89PNG\r\n", b"PK\x03\x04" + b"\0" * 100, b"\x80\x04]\x94.", os.urandom(500)]
)
def test_a_foreign_file_is_refused(tmp_path, content):
    (tmp_path / "s").write_bytes(content)
    with pytest.raises(AutogradError, match="a whole safetensors file"):
        load(tmp_path / "s")


@pytest.mark.parametrize(
    "form", ["{", "[]", '{"array": "none"}', '{"dict": 3}', '{"dict": [1]}', '{"bag": []}', '{"a": 1, "b": 2}']
)
def test_a_spoilt_head_is_refused(tmp_path, form):
    from safetensors.numpy import save_file

    save_file({"w": np.ones(3)}, tmp_path / "s", metadata={"chaingrad": form})
    with pytest.raises(AutogradError):
        load(tmp_path / "s")


def test_a_missing_file_and_a_missing_folder(tmp_path):
    with pytest.raises(AutogradError) as caught:
        load(tmp_path / "s")
    assert str(caught.value) == (
        f"in load({str(tmp_path / 's')!r})\n  expected: a file\n  got:      no such file\n  to do:    check the path"
    )
    with pytest.raises(AutogradError, match="make the folder"):
        save(tmp_path / "none" / "s", {})


def test_a_failed_write_leaves_the_old_file_and_no_draft(tmp_path, monkeypatch):
    save(tmp_path / "s", {"epoch": 1})

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(AutogradError, match="No space left"):
        save(tmp_path / "s", {"epoch": 2})
    assert load(tmp_path / "s") == {"epoch": 1}
    assert [p.name for p in tmp_path.iterdir()] == ["s"]


def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "real").touch()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    save(tmp_path / "link", {"epoch": 1})
    assert (tmp_path / "link").is_symlink()
    assert load(tmp_path / "real") == {"epoch": 1}


def test_sweep_removes_the_drafts_of_this_file_only(tmp_path):
    for name in (".s.12ab34cd.draft", ".t.12ab34cd.draft", "s", "s.draft"):
        (tmp_path / name).touch()
    sweep(tmp_path / "s")
    assert sorted(p.name for p in tmp_path.iterdir()) == [".t.12ab34cd.draft", "s", "s.draft"]


WRITER = """
import sys
import numpy as np
from nn.checkpoint import save
for epoch in range(10**9):
    save(sys.argv[1], {"epoch": epoch, "model": {"w": np.full(100_000, epoch, np.float32)}})
    if not epoch:
        print("ready", flush=True)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system has no kill -9")
def test_killed_at_random_moments_the_file_always_loads(tmp_path):
    path, rng, epochs, drafts = tmp_path / "run.safetensors", random.Random(0), set(), 0
    for _ in range(KILLS):
        writer = subprocess.Popen([sys.executable, "-c", WRITER, path], stdout=subprocess.PIPE, cwd=ROOT)
        writer.stdout.readline()
        time.sleep(rng.uniform(0, 0.03))
        writer.kill()
        writer.wait()
        writer.stdout.close()
        state = load(path)
        assert (state["model"]["w"] == state["epoch"]).all()  # one write's, whole
        epochs.add(state["epoch"])
        drafts += len(list(tmp_path.glob(".*.draft")))
        sweep(path)
    assert KILLS < 50 or (len(epochs) > 5 and drafts), "no kill came in the midst of a write"
