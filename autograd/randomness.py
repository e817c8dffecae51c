"""Where random numbers come from: one default generator, seeded in one place, for all that isn't given its own."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np

from autograd.errors import ArgumentError

_made: dict[str, np.random.Generator] = {}  # made on first use: importing numpy.random costs start-up time


class _Asked(threading.local):
    """How often this thread has asked for a generator whose next numbers depend on the ones before."""

    times: int = 0


asked = _Asked()


def generator(rng: Any = None) -> np.random.Generator:
    """Return the generator that ``rng`` means: itself, a new one from a seed, or for None the default one.

    Threads may share one: NumPy's generators lock themselves. Raises ArgumentError for anything else.

    >>> generator(7).integers(100) == generator(7).integers(100)
    np.True_
    >>> generator() is generator()
    True
    """
    if rng is None or isinstance(rng, np.random.Generator):
        asked.times += 1
    if rng is None:
        # setdefault is atomic: threads that come at once get the same one
        return _made.get("default") or _made.setdefault("default", np.random.default_rng())
    if isinstance(rng, np.random.Generator):
        return rng
    if isinstance(rng, (int, np.integer)) and rng >= 0:
        return np.random.default_rng(rng)
    raise ArgumentError(
        "generator(rng)",
        "a numpy.random.Generator, a seed ≥ 0, or None for the default",
        f"{rng!r} of type {type(rng).__name__}",
        "pass rng=0, or rng=numpy.random.default_rng(0)",
    )


def seed(number: int) -> None:
    """Start the default generator anew: the same seed gives the same bits, also to those who hold it already.

    >>> seed(1)
    >>> first = generator().random()
    >>> seed(1)
    >>> generator().random() == first
    True
    """
    state = generator(number).bit_generator.state
    default = generator().bit_generator
    with default.lock:
        default.state = state
