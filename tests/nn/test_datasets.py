import gzip
import hashlib
import http.server
import io
import os
import socket
import tarfile
import threading
from pathlib import Path

import numpy as np
import pytest

from autograd import AutogradError
from nn import datasets
from nn.datasets import download
from nn.datasets.download import CALIFORNIA, MNIST, Published, data_folder, fetch

CONTENT = np.random.default_rng(0).bytes(200_000)
SHA256 = hashlib.sha256(CONTENT).hexdigest()

BESIDE = Path(__file__).parents[3] / "shared" / "data"
ROOT = Path(os.environ[download.VARIABLE]) if os.environ.get(download.VARIABLE) else BESIDE


def needs(files):
    """Skip unless one form of each file lies in the data folder."""
    there = all(any((ROOT / form.name).exists() for form in forms) for forms in files)
    reason = f"{files[0][0].name} isn't in {ROOT}: set {download.VARIABLE} to the folder that has it"
    return pytest.mark.skipif(not there, reason=reason)


class Server(http.server.ThreadingHTTPServer):
    """Serves CONTENT from this machine to this machine, as badly as ``manners`` says."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.content, self.manners, self.asked = CONTENT, "good", []

    def url(self, name="file.bin"):
        return f"http://127.0.0.1:{self.server_address[1]}/{name}"


class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_GET(self):
        content, manners = self.server.content, self.server.manners
        wanted = self.headers.get("Range")
        self.server.asked.append(wanted)
        start = int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted else 0
        if manners == "refuses":
            return self.send_error(403)
        if wanted and manners != "ignores ranges":
            if start >= len(content):
                return self.send_error(416)
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        else:
            start = 0
            self.send_response(200)
        body = content[start:]
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if manners == "hangs up":
            body = body[: len(body) // 2]
        elif manners == "hangs up at once":
            body = body[:1000] if not start else b""
        return self.wfile.write(body)


@pytest.fixture
def server():
    server = Server()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def published(*urls, sha256=SHA256):
    return Published("things/file.bin", sha256, urls)


def files(folder):
    return sorted(p.name for p in folder.rglob("*") if p.is_file())


def test_a_file_is_fetched_once_and_kept(server, tmp_path):
    path = fetch(published(server.url()), tmp_path)
    assert path == tmp_path / "things" / "file.bin"
    assert path.read_bytes() == CONTENT
    assert fetch(published(server.url()), tmp_path) == path
    assert server.asked == [None]
    assert files(tmp_path) == ["file.bin"]


def test_a_download_that_breaks_off_goes_on_where_it_stopped(server, tmp_path):
    server.manners = "hangs up"
    with pytest.raises(AutogradError, match="bytes came"):
        fetch(published(server.url()), tmp_path)
    assert files(tmp_path) == ["file.bin.part"]
    assert server.asked == [None, "bytes=100000-", "bytes=150000-"]  # half of what was left, three times
    server.manners = "good"
    assert fetch(published(server.url()), tmp_path).read_bytes() == CONTENT
    assert server.asked[-1] == "bytes=175000-"
    assert files(tmp_path) == ["file.bin"]


def test_a_server_that_ignores_ranges_is_read_from_the_start(server, tmp_path):
    (tmp_path / "things").mkdir()
    (tmp_path / "things" / "file.bin.part").write_bytes(CONTENT[:5000])
    server.manners = "ignores ranges"
    assert fetch(published(server.url()), tmp_path).read_bytes() == CONTENT


@pytest.mark.parametrize("stale", [b"x" * 5000, b"x" * len(CONTENT), b"x" * (len(CONTENT) + 1)])
def test_a_beginning_of_another_file_is_thrown_away(server, tmp_path, stale):
    (tmp_path / "things").mkdir()
    (tmp_path / "things" / "file.bin.part").write_bytes(stale)
    assert fetch(published(server.url()), tmp_path).read_bytes() == CONTENT


def test_a_wrong_checksum_leaves_nothing(server, tmp_path):
    server.content = CONTENT[:-1] + b"?"
    with pytest.raises(AutogradError, match=f"SHA-256 .*, not {SHA256[:16]}"):
        fetch(published(server.url()), tmp_path)
    assert files(tmp_path) == []
    assert server.asked == [None]


def test_a_refusal_names_the_address_and_what_to_do(server, tmp_path):
    server.manners = "refuses"
    with pytest.raises(AutogradError) as caught:
        fetch(published(server.url()), tmp_path)
    assert str(caught.value) == (
        "in fetch('things/file.bin')\n"
        "  expected: the file from one of its addresses\n"
        f"  got:      {server.url()}: HTTP 403 Forbidden\n"
        "  to do:    check the network and call again (it goes on where it stopped), "
        f"or put the file at {tmp_path / 'things' / 'file.bin'}"
    )
    assert files(tmp_path) == []


def test_nobody_listening(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(AutogradError, match="refused"):
        fetch(published(f"http://127.0.0.1:{port}/file.bin"), tmp_path)


def test_the_second_address_takes_over(server, tmp_path):
    other = Server()
    other.manners = "hangs up at once"
    thread = threading.Thread(target=other.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        assert fetch(published(other.url(), server.url()), tmp_path).read_bytes() == CONTENT
    finally:
        other.shutdown()
        thread.join()
        other.server_close()
    assert server.asked == ["bytes=1000-"]  # what the first one gave is kept


def test_a_local_file_is_checked_and_never_deleted(tmp_path):
    (tmp_path / "things").mkdir()
    (tmp_path / "things" / "file.bin").write_bytes(b"mine")
    with pytest.raises(AutogradError, match="broken or another one"):
        fetch(published("http://127.0.0.1:9/"), tmp_path)
    assert (tmp_path / "things" / "file.bin").read_bytes() == b"mine"


def test_without_download_a_missing_file_is_an_error(tmp_path):
    with pytest.raises(AutogradError, match="no such file"):
        fetch(published("http://127.0.0.1:9/"), tmp_path, download=False)
    assert files(tmp_path) == []


def test_a_folder_that_cant_be_written_to(server, tmp_path):
    (tmp_path / "things").write_text("in the way")
    with pytest.raises(AutogradError, match="choose another by root="):
        fetch(published(server.url()), tmp_path)


def test_where_the_data_are(monkeypatch, tmp_path):
    monkeypatch.setenv(download.VARIABLE, str(tmp_path / "mine"))
    assert data_folder() == tmp_path / "mine"
    assert data_folder(tmp_path / "other") == tmp_path / "other"
    monkeypatch.delenv(download.VARIABLE)
    monkeypatch.setattr(download.sys, "platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert data_folder() == tmp_path / "chaingrad"


@pytest.mark.parametrize("file", [*MNIST, *CALIFORNIA], ids=lambda file: file.name)
def test_the_table_is_well_formed(file):
    assert len(bytes.fromhex(file.sha256)) == 32
    assert all(url.startswith("https://") for url in file.urls)


# The readers


def idx(code, shape, body):
    return bytes([0, 0, code, len(shape)]) + b"".join(n.to_bytes(4, "big") for n in shape) + body


@pytest.mark.parametrize(("code", "dtype"), [(8, "u1"), (9, "i1"), (11, ">i2"), (12, ">i4"), (13, ">f4"), (14, ">f8")])
def test_idx(tmp_path, code, dtype):
    array = np.arange(6).reshape(2, 3).astype(dtype)
    content = idx(code, (2, 3), array.tobytes())
    (tmp_path / "a.idx").write_bytes(content)
    (tmp_path / "a.idx.gz").write_bytes(gzip.compress(content))
    for name in ("a.idx", "a.idx.gz"):
        found = datasets.read_idx(tmp_path / name)
        np.testing.assert_array_equal(found, array)
        assert found.dtype.isnative
        assert found.flags.writeable


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "an empty file"),
        (b"PNG.....", "50 4e 47 2e"),
        (idx(8, (2, 3), b"12345"), "17 bytes"),
        (idx(8, (2, 3), b"1234567"), "19 bytes"),
        (b"\0\0\x08\x03\0", "5 bytes"),
        (gzip.compress(idx(8, (1000,), b"1" * 1000))[:-9], "fetch it again"),
    ],
)
def test_a_broken_idx_is_refused(tmp_path, content, message):
    (tmp_path / "a.idx").write_bytes(content)
    with pytest.raises(AutogradError, match=message):
        datasets.read_idx(tmp_path / "a.idx")


def test_csv(tmp_path):
    (tmp_path / "a.csv").write_text('\ufeffx, y,name\n1,2.5,"a, b"\n\n-1e3,,é\n', encoding="utf-8")
    table = datasets.read_csv(tmp_path / "a.csv")
    assert list(table) == ["x", "y", "name"]
    np.testing.assert_array_equal(table["x"], [1, -1000])
    np.testing.assert_array_equal(table["y"], [2.5, np.nan])
    assert table["name"].tolist() == ["a, b", "é"]


def test_csv_without_a_header(tmp_path):
    (tmp_path / "a.csv").write_text("1;2\n3;4\n")
    table = datasets.read_csv(tmp_path / "a.csv", delimiter=";", header=False)
    assert {name: column.tolist() for name, column in table.items()} == {"0": [1, 3], "1": [2, 4]}


@pytest.mark.parametrize(
    ("text", "message"),
    [("a,b\n1,2\n3\n", "1 in line 3"), ("", "an empty file"), ("a,a\n1,2\n", "'a' twice"), ("caf\xe9\n", "UTF-8")],
)
def test_a_broken_csv_is_refused(tmp_path, text, message):
    (tmp_path / "a.csv").write_bytes(text.encode("latin-1"))
    with pytest.raises(AutogradError, match=message):
        datasets.read_csv(tmp_path / "a.csv")


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(AutogradError, match="No such file"):
        datasets.read_csv(tmp_path / "a.csv")


# The data


def test_digits():
    images, labels = datasets.digits().arrays
    assert (images.shape, images.dtype, labels.dtype) == ((1797, 8, 8), np.float32, np.int64)
    assert (images.min(), images.max()) == (0, 1)
    assert np.bincount(labels).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]


def test_xor():
    x, y = datasets.xor().arrays
    np.testing.assert_array_equal((x.sum(axis=1) == 1), y[:, 0])


def test_two_moons_lie_on_their_curves():
    points, labels = datasets.two_moons(7, noise=0.0, rng=0).arrays
    upper = points[labels == 0]
    np.testing.assert_allclose((upper**2).sum(axis=1), 1, rtol=1e-6)
    lower = points[labels == 1]
    np.testing.assert_allclose(((lower - [1, 0.5]) ** 2).sum(axis=1), 1, rtol=1e-6)
    assert np.bincount(labels).tolist() == [4, 3]
    assert upper[:, 1].min() >= -1e-6
    assert lower[:, 1].max() <= 0.5 + 1e-6


def test_spirals_wind():
    points, labels = datasets.spirals(300, classes=3, noise=0.0, rng=0).arrays
    assert np.bincount(labels).tolist() == [100] * 3
    assert np.hypot(*points.T).max() == pytest.approx(1)
    for label in range(3):
        radius = np.hypot(*points[labels == label].T)
        np.testing.assert_allclose(np.sort(radius), np.linspace(0, 1, 100), atol=1e-6)


@pytest.mark.parametrize("draw", [datasets.two_moons, datasets.spirals])
def test_toys_follow_their_seed(draw):
    for one, other in zip(draw(rng=5).arrays, draw(rng=5).arrays, strict=True):
        np.testing.assert_array_equal(one, other)
    assert (draw(rng=5).arrays[0] != draw(rng=6).arrays[0]).any()


@needs([(file,) for file in MNIST])
def test_mnist():
    train, test = datasets.mnist(ROOT, download=False)
    images, labels = train.arrays
    assert (images.shape, images.dtype, len(test)) == ((60000, 28, 28), np.float32, 10000)
    assert np.bincount(labels).tolist() == [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    assert np.bincount(test.arrays[1]).tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    assert (round(float(images.mean()), 4), round(float(images.std()), 4)) == (0.1307, 0.3081)


@needs([CALIFORNIA])
def test_california():
    features, values = datasets.california_housing(ROOT, download=False).arrays
    assert (features.shape, values.shape) == ((20640, len(datasets.CALIFORNIA_FEATURES)), (20640, 1))
    first = [8.3252, 41, 6.98412698, 1.02380952, 322, 2.55555556, 37.88, -122.23]
    np.testing.assert_allclose(features[0], first, rtol=1e-8)
    means = [3.870671, 28.639486, 5.429000, 1.096675, 1425.476744, 3.070655, 35.631861, -119.569704]
    np.testing.assert_allclose(features.mean(axis=0), means, atol=1e-6)
    assert values[0, 0] == 4.526
    assert values.mean() == pytest.approx(2.068558, abs=1e-6)
    assert (values == 5.00001).sum() == 965


@needs([CALIFORNIA])
def test_california_from_the_archive(tmp_path, monkeypatch):
    table = gzip.decompress((ROOT / CALIFORNIA[0].name).read_bytes())
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        member = tarfile.TarInfo("CaliforniaHousing/cal_housing.data")
        member.size = len(table)
        archive.addfile(member, io.BytesIO(table))
    path = tmp_path / CALIFORNIA[1].name
    path.parent.mkdir()
    path.write_bytes(packed.getvalue())
    form = Published(CALIFORNIA[1].name, hashlib.sha256(packed.getvalue()).hexdigest())
    monkeypatch.setattr("nn.datasets.california.CALIFORNIA", (CALIFORNIA[0], form))
    found, expected = datasets.california_housing(tmp_path), datasets.california_housing(ROOT)
    np.testing.assert_array_equal(found.arrays[0], expected.arrays[0])
