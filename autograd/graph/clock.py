"""One process-wide clock: it numbers nodes as they are made, and notes every write into an array.

A node made after the last write can't hold anything stale, so a normal training step compares two numbers and is
done. Only when a graph is older than a write are its kept arrays compared with what was written, by memory range:
views of a parameter (``w.T``, a slice) are caught, which stamps on tensors would miss.
"""

from __future__ import annotations

import itertools
import os
import sys
import weakref
from typing import Any, NamedTuple

import numpy as np
from numpy.lib.array_utils import byte_bounds

tick = itertools.count(1).__next__

_HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
_ROOMS = (_HERE + os.sep, os.path.join(os.path.dirname(_HERE), "nn") + os.sep)


class Write(NamedTuple):
    """Where in memory, when, and from which line an array was overwritten."""

    low: int
    high: int
    time: int
    place: str


_writes: dict[tuple[int, int, int], Write] = {}
_owners: dict[int, weakref.ref[Any]] = {}
last_write: list[int] = [0]


def _owner(array: Any) -> Any:
    while isinstance(array.base, np.ndarray):
        array = array.base
    return array


def _forget(key: int) -> None:
    _owners.pop(key, None)
    for written in [w for w in list(_writes) if w[0] == key]:
        _writes.pop(written, None)


def caller() -> str:
    """Return ``file:line`` of the nearest frame outside the package."""
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_ROOMS):
        frame = frame.f_back
    return f"{frame.f_code.co_filename}:{frame.f_lineno}"


def stamp(array: Any) -> None:
    """Note that ``array`` is being written in place; call it at each in-place write.

    >>> before = last_write[0]
    >>> stamp(np.zeros(3))
    >>> last_write[0] > before
    True
    """
    owner = _owner(array)
    key = id(owner)
    if key not in _owners:
        _owners[key] = weakref.ref(owner, lambda _: _forget(key))
    low, high = byte_bounds(array)
    time = tick()
    _writes[key, low, high] = Write(low, high, time, caller())
    last_write[0] = time


def writes_since(time: int) -> list[Write]:
    """Return the writes that are younger than ``time``."""
    return [w for w in list(_writes.values()) if w.time > time]


def overlap(array: Any, write: Write) -> bool:
    """Tell whether an array lies in memory that was written."""
    if not isinstance(array, np.ndarray) or not array.size:
        return False
    low, high = byte_bounds(array)
    return low < write.high and write.low < high
