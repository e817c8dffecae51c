"""How many threads NumPy's matrix products may use.

Everything else here runs on the calling thread. OpenBLAS's workers spin for milliseconds after each product: where
another program, or another pool of threads, wants the same cores, one thread is often faster than two.
"""

from __future__ import annotations

import operator
from typing import Any

from autograd.errors import ArgumentError


def _controller() -> Any:
    from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]  # start-up cost; it has no types

    return ThreadpoolController().select(user_api="blas")


def set_num_threads(n: int) -> None:
    """Let matrix products use at most ``n`` threads, in the whole process, from now on.

    Raises ArgumentError for less than one.

    >>> before = get_num_threads()
    >>> set_num_threads(1)
    >>> get_num_threads()
    1
    >>> set_num_threads(before)
    """
    try:
        n = operator.index(n)
    except TypeError:
        n = 0
    if n < 1:
        raise ArgumentError("set_num_threads(n)", "a number of threads, at least 1", repr(n), "use 1 for a single one")
    _controller().limit(limits=n)


def get_num_threads() -> int:
    """Return how many threads matrix products may use.

    >>> get_num_threads() >= 1
    True
    """
    return max((library["num_threads"] for library in _controller().info()), default=1)
