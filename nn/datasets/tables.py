"""Readers for two kinds of files: idx, the format of MNIST, and CSV."""

from __future__ import annotations

import csv
import gzip
import io
import math
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np

from autograd import AutogradError

_IDX_DTYPES = {0x08: "u1", 0x09: "i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}


def read_idx(path: Any) -> Any:
    """Return the array of an idx file, gzipped or not.

    The format: two zero bytes, a code for the dtype, the number of axes, each axis's length (32 bits, the high byte
    first), then the values. Source: Y. LeCun, C. Cortes, C. Burges, The MNIST database.

    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "two.idx")
    ...     _ = path.write_bytes(bytes([0, 0, 8, 1, 0, 0, 0, 2, 7, 9]))
    ...     read_idx(path)
    array([7, 9], dtype=uint8)

    Raises AutogradError for a file that is missing, isn't idx, or has fewer or more bytes than its head says.
    """
    where, content = f"read_idx({str(path)!r})", read_bytes(path)
    if len(content) < 4 or content[:2] != b"\0\0" or content[2] not in _IDX_DTYPES:
        raise AutogradError(
            where, "a file that starts as idx does: 00 00 dtype axes", content[:4].hex(" ") or "an empty file",
            "check that it's the right file",
        )  # fmt: skip
    dtype, axes = np.dtype(_IDX_DTYPES[content[2]]), content[3]
    start = 4 + 4 * axes
    shape = struct.unpack(f">{axes}I", content[4:start]) if len(content) >= start else ()
    expected = start + math.prod(shape) * dtype.itemsize
    if len(content) != expected:
        raise AutogradError(
            where, f"{expected:,} bytes for shape {shape}", f"{len(content):,} bytes", "fetch the file again"
        )
    return np.frombuffer(content, dtype, offset=start).reshape(shape).astype(dtype.newbyteorder("="))


def read_csv(path: Any, delimiter: str = ",", header: bool = True) -> dict[str, Any]:
    r"""Return the columns of a CSV file (gzipped or not) by name: float64 where every entry is a number, else text.

    The first line names the columns; without a header they're called "0", "1", …. An empty entry of a number column is
    NaN. UTF-8.

    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "t.csv")
    ...     _ = path.write_text("age,town\n30,Hanoi\n,Hue\n")
    ...     read_csv(path)
    {'age': array([30., nan]), 'town': array(['Hanoi', 'Hue'], dtype='<U5')}

    Raises AutogradError for a file that is missing or empty, or has a line with more or fewer entries than the first,
    or the same name twice.
    """
    where = f"read_csv({str(path)!r})"
    try:
        text = read_bytes(path).decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        raise AutogradError(where, "UTF-8 text", str(problem), "save the file as UTF-8") from problem
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    rows = [(reader.line_num, row) for row in reader if row]
    if not rows:
        raise AutogradError(where, "a line at least", "an empty file", "check that it's the right file")
    names = [name.strip() for name in rows[0][1]] if header else [str(i) for i in range(len(rows[0][1]))]
    if len(set(names)) < len(names):
        again = next(name for name in names if names.count(name) > 1)
        raise AutogradError(where, "names that differ", f"{again!r} twice", "rename one, or pass header=False")
    body = rows[1:] if header else rows
    for number, row in body:
        if len(row) != len(names):
            raise AutogradError(
                where, f"{len(names)} entries in each line", f"{len(row)} in line {number}", "mend that line"
            )
    columns = zip(*(row for _, row in body), strict=True) if body else ((),) * len(names)
    return {name: _column(entries) for name, entries in zip(names, columns, strict=True)}


def read_bytes(path: Any) -> bytes:
    """Return a file's content, unpacked if it is gzipped."""
    try:
        content = Path(path).read_bytes()
        return gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content
    except (OSError, EOFError, zlib.error) as problem:  # BadGzipFile is an OSError
        reason = getattr(problem, "strerror", None) or str(problem)
        raise AutogradError(
            f"reading {str(path)!r}", "a whole file", reason, "check the path; fetch it again"
        ) from problem


def _column(entries: Any) -> Any:
    try:
        return np.array([float(entry) if entry.strip() else math.nan for entry in entries])
    except ValueError:
        return np.array(entries, dtype=str)
