"""Fetching a published file once: found in a local folder, or downloaded, checked and kept."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograd import AutogradError

VARIABLE = "CHAINGRAD_DATA"
_TIMEOUT = 30.0  # seconds without a byte
_TRIES = 3  # at each address; each goes on from where the last one stopped
_CHUNK = 1 << 16


@dataclass(frozen=True)
class Published:
    """A file as it was published: its name below the data folder, its SHA-256, and where it lies on the web."""

    name: str
    sha256: str
    urls: tuple[str, ...] = ()


_MNIST = (
    ("train-images-idx3-ubyte.gz", "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"),
    ("train-labels-idx1-ubyte.gz", "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"),
    ("t10k-images-idx3-ubyte.gz", "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"),
    ("t10k-labels-idx1-ubyte.gz", "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"),
)
MNIST = tuple(
    Published(
        f"mnist/{name}",
        sha256,
        (
            f"https://ossci-datasets.s3.amazonaws.com/mnist/{name}",
            f"https://storage.googleapis.com/cvdf-datasets/mnist/{name}",
        ),
    )
    for name, sha256 in _MNIST
)
CALIFORNIA = (
    Published(  # the table alone
        "california_housing/cal_housing.data.gz", "2a01912dbd062c5fa9aed0c434754da0d6a27247268918d5e03481a71a86d671"
    ),
    Published(  # the archive that scikit-learn reads too
        "california_housing/cal_housing.tgz",
        "aaa5c9a6afe2225cc2aed2723682ae403280c4a3695a2ddda4ffb5d8215ea681",
        ("https://ndownloader.figshare.com/files/5976036",),
    ),
)


def data_folder(root: Any = None) -> Path:
    """Return the folder of the data: ``root``, else $CHAINGRAD_DATA, else the user's cache.

    >>> data_folder("/data").as_posix()
    '/data'
    """
    if root is None:
        root = os.environ.get(VARIABLE)
    if root:
        return Path(root).expanduser()
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", "~/AppData/Local")).expanduser() / "chaingrad"
    return Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "chaingrad"


def fetch(files: Published | Sequence[Published], root: Any = None, *, download: bool = True) -> Path:
    """Return the path of a published file, checked; of several forms of the same data the first one that is there.

    The folder is ``root``, else the environment variable CHAINGRAD_DATA, else the user's cache. What isn't in it is
    downloaded into it (unless ``download=False``): to a file ending in ``.part``, from which a later call goes on, and
    moved into place when it is whole and its SHA-256 is the published one.

    >>> fetch(Published("none/such.gz", "0" * 64), "/nowhere", download=False)
    Traceback (most recent call last):
    autograd.errors.AutogradError: in fetch('none/such.gz')
      expected: the file in /nowhere
      got:      no such file
      to do:    put it there, or set CHAINGRAD_DATA or root= to the folder that has it

    Raises AutogradError for a file that can't be found, fetched or written, and for one with another checksum.
    """
    forms = (files,) if isinstance(files, Published) else tuple(files)
    folder = data_folder(root)
    for form in forms:
        if (path := folder / form.name).exists():
            _check(path, form)
            return path
    form = next((form for form in forms if form.urls), forms[0])
    if not download or not form.urls:
        raise AutogradError(
            f"fetch({form.name!r})", f"the file in {folder}", "no such file",
            f"put it there, or set {VARIABLE} or root= to the folder that has it",
        )  # fmt: skip
    return _download(form, folder / form.name)


def _check(path: Path, form: Published) -> None:
    """Refuse a local file that isn't the published one; nothing of the user's is deleted."""
    try:
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as problem:
        raise AutogradError(f"fetch({form.name!r})", "a file that can be read", str(problem), "mend it") from problem
    if found != form.sha256:
        raise AutogradError(
            f"fetch({form.name!r})", f"SHA-256 {form.sha256[:16]}…", f"{found[:16]}… in {path}",
            "delete or replace the file: it is broken or another one",
        )  # fmt: skip


def _download(form: Published, path: Path) -> Path:
    """Try each address in turn; nothing lies at ``path`` before it is whole and checked."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        problems = []
        for url in form.urls:
            problem = _from(url, form, path)
            if not problem:
                return path
            problems.append(f"{url}: {problem}")
    except OSError as problem:
        raise AutogradError(
            f"fetch({form.name!r})", f"a folder to write to: {path.parent}", str(problem), "choose another by root="
        ) from problem
    raise AutogradError(
        f"fetch({form.name!r})", "the file from one of its addresses", "; ".join(problems),
        f"check the network and call again (it goes on where it stopped), or put the file at {path}",
    )  # fmt: skip


def _from(url: str, form: Published, path: Path) -> str:
    """Fetch from one address and return what went wrong, or an empty string."""
    part, problem = path.with_name(path.name + ".part"), ""
    for _ in range(_TRIES):
        had = part.stat().st_size if part.exists() else 0
        problem = _receive(url, part, had, form.name)
        if problem and part.exists() and part.stat().st_size > had:
            continue  # something came: ask for the rest
        if problem:
            return problem
        with part.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
        if found == form.sha256:
            os.replace(part, path)
            return ""
        part.unlink()
        problem = f"SHA-256 {found[:16]}…, not {form.sha256[:16]}…"
        if not had:
            break  # with a beginning from another day, the whole from this address may still be right
    return problem


def _receive(url: str, part: Path, had: int, name: str) -> str:
    """Add to the part file what it still lacks and return what went wrong on the network, or an empty string."""
    import urllib.error  # start-up cost
    import urllib.request  # start-up cost
    from http.client import HTTPException  # start-up cost

    from tqdm import tqdm  # type: ignore[import-untyped]  # start-up cost

    headers = {"User-Agent": "chaingrad"} | ({"Range": f"bytes={had}-"} if had else {})
    try:
        answer = urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=_TIMEOUT)
    except urllib.error.HTTPError as problem:
        problem.close()
        if problem.code != 416 or not had:
            return f"HTTP {problem.code} {problem.reason}"
        part.unlink()  # it is longer than the file there: another file, start again
        return _receive(url, part, 0, name)
    except (OSError, HTTPException) as problem:
        return str(getattr(problem, "reason", problem)) or type(problem).__name__
    resumed = answer.status == 206 and answer.headers.get("Content-Range", "").startswith(f"bytes {had}-")
    start = had if resumed else 0
    total = None if answer.length is None else start + answer.length
    shown = {"total": total, "initial": start, "desc": name, "unit": "B", "unit_scale": True, "leave": False}
    with answer, part.open("ab" if resumed else "wb") as file, tqdm(**shown) as bar:
        while True:
            try:
                chunk = answer.read(_CHUNK)
            except (OSError, HTTPException) as problem:
                return str(problem) or type(problem).__name__
            if not chunk:
                break
            file.write(chunk)
            bar.update(len(chunk))
        file.flush()
        os.fsync(file.fileno())
        if total is not None and file.tell() < total:
            return f"{file.tell():,} of {total:,} bytes came"
    return ""
