"""One process-wide clock: it numbers nodes as they are made, and notes every write into an array.

A node made after the last write can't hold anything stale, so a normal training step compares two numbers and is
done. Only when a graph is older than a write are its kept arrays compared with what was written, by memory range:
views of a parameter (``w.T``, a slice) are caught, which stamps on tensors would miss.
"""

from __future__ import annotations

import itertools
import os
import sys
import threading
import weakref
from types import CodeType, FrameType
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
    code: CodeType
    instruction: int

    @property
    def place(self) -> str:
        """The source line as ``file:line``."""
        return line_of(self.code, self.instruction)


Mark = tuple[int, CodeType, int]  # the time, code and instruction of a Write: what each step leaves behind


class Buffer:
    """What has been written into one piece of memory, as long as that lives: the last write to each range."""

    def __init__(self, owner: Any) -> None:
        key = id(owner)
        self.ref = weakref.ref(owner, lambda _: _buffers.pop(key, None))
        self.whole = byte_bounds(owner)
        self.writes: dict[tuple[int, int], Mark] = {}


_buffers: dict[int, Buffer] = {}
_foreign: dict[tuple[int, int], Mark] = {}  # into memory that isn't NumPy's own: nothing tells when that dies
last_write: list[int] = [0]

guard = threading.RLock()  # for the few steps in which threads could lose each other's writes
if hasattr(os, "register_at_fork"):  # a child never starts with a guard that nobody will release
    os.register_at_fork(before=guard.acquire, after_in_parent=guard.release, after_in_child=guard.release)


def line_of(code: CodeType, instruction: int) -> str:
    """Return ``file:line``; looked up only when somebody asks, since finding a line number is slow."""
    return f"{code.co_filename}:{list(code.co_positions())[instruction // 2][0]}"


def caller() -> FrameType:
    """Return the nearest frame outside the package."""
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_ROOMS):
        frame = frame.f_back
    return frame


def stamp(array: Any) -> None:
    """Note that ``array`` is being written in place; call it at each in-place write.

    >>> before = last_write[0]
    >>> stamp(np.zeros(3))
    >>> last_write[0] > before
    True
    """
    owner = array
    while (base := getattr(owner, "base", None)) is not None:  # as_strided puts objects of its own between arrays
        owner = base
    frame = caller()
    with guard:
        buffer = None
        if isinstance(owner, np.ndarray):
            buffer = _buffers.get(id(owner))
            if buffer is None:
                buffer = _buffers[id(owner)] = Buffer(owner)
        span = buffer.whole if buffer is not None and owner is array else byte_bounds(array)
        time = last_write[0] = tick()
        writes = _foreign if buffer is None else buffer.writes
        writes[span] = time, frame.f_code, frame.f_lasti


def writes_since(time: int) -> list[Write]:
    """Return the writes that are younger than ``time``."""
    ranges = [_foreign, *(buffer.writes for buffer in list(_buffers.values()))]
    marks = ((span, mark) for writes in ranges for span, mark in list(writes.items()))
    return [Write(low, high, *mark) for (low, high), mark in marks if mark[0] > time]


def overlap(array: Any, write: Write) -> bool:
    """Tell whether an array lies in memory that was written."""
    if not isinstance(array, np.ndarray) or not array.size:
        return False
    low, high = byte_bounds(array)
    return low < write.high and write.low < high
