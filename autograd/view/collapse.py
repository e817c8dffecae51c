"""Which nodes of a big graph are shown: what is nearest the output, and the leaves; one node stands for the rest."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import TypeVar

LIMIT = 400  # nodes: up to this many all are shown; drawing 980 takes dot 0.8 s, 3,686 takes 14 s
NEAREST, LEAVES = 20, 16  # computations and leaves that are shown of a bigger graph

Item = TypeVar("Item", bound=Hashable)


def nearest(root: Item, operands: Callable[[Item], Sequence[Item]], leaves: Iterable[Item]) -> set[Item]:
    """Return the computations nearest ``root``, their own leaves, and then leaves in the order given.

    >>> sorted(nearest(9, lambda n: [n - 1] if n > 0 else [], [0]))
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
    """
    shown, queue, ends = {root}, deque([root]), []
    while queue and len(shown) < NEAREST:
        for item in operands(queue.popleft()):
            if not operands(item):
                ends.append(item)
            elif item not in shown and len(shown) < NEAREST:
                shown.add(item)
                queue.append(item)
    chosen = dict.fromkeys([*ends, *leaves])
    return shown.union(list(chosen)[:LEAVES])
