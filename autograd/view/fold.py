"""Boxes: the nodes of one call of a module, and of steps that repeat, folded into one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from autograd.view.items import Item

FEW = 60  # cards and boxes: modules open as deep as leaves no more than these
REPEATS = 3  # times that a sequence occurs in a row before it is folded
LONGEST = 256  # calls and operations: a longer sequence isn't looked for

Kinds = tuple[tuple[str, str], ...]  # (path, kind) of each level, outermost first
Choose = Callable[[str, str], bool]
Closed = Callable[[Kinds], tuple[str, str] | None]


class Unit(NamedTuple):
    """One call of a module, or one operation outside of all that are closed."""

    items: list[Item]
    path: str = ""  # of the module
    kind: str = ""

    @property
    def name(self) -> str:
        return self.kind or self.path or self.items[-1].op

    @property
    def sign(self) -> tuple[object, ...]:
        """What two units must have in common to be repetitions of each other."""
        return self.kind or self.items[0].op, bool(self.path), len(self.items), np.shape(self.items[-1].value)

    @property
    def trained(self) -> bool:
        return any(p.parameter for i in self.items for p in i.operands)


class Box:
    """What is folded: ``times`` repetitions of the same parts, with the leaves that only they use."""

    def __init__(self, units: Sequence[Unit], times: int) -> None:
        self.items = [i for unit in units for i in unit.items]
        self.parts, self.times = [unit.name for unit in units[: max(1, len(units) // times)]], times
        self.paths = list(dict.fromkeys(unit.path for unit in units if unit.path))
        self.leaves: list[Item] = []
        inside = set(self.items)
        left = [i for i in self.items if not inside.issuperset(i.users)]
        self.face = (left or self.items)[-1]  # the value that leaves it

    @property
    def all(self) -> list[Item]:
        return self.leaves + self.items


def fold(order: Sequence[Item], choose: Choose | None = None) -> list[Box]:
    """Return the boxes of a graph: of the modules that ``choose(path, kind)`` closes, and of what repeats.

    Without it modules are open as deep as leaves few boxes. Calls and repetitions are runs in the order in which the
    nodes were made, so boxes have no cycles. The output is never in a box.
    """
    computed = sorted((i for i in order if i.parents), key=lambda i: i.number)
    leaves = [i for i in order if not i.parents]
    if choose is not None:
        return _boxes(computed, leaves, lambda kinds: next((k for k in kinds if choose(*k)), None))
    outer = {path for i in computed for path, _ in i.kinds[:-1]}

    def at(depth: int) -> Closed:
        """Close modules at a depth, and nearer the top those that have no others inside."""
        return lambda kinds: (
            kinds[depth - 1] if len(kinds) >= depth else kinds[-1] if kinds and kinds[-1][0] not in outer else None
        )

    deepest = max((len(i.kinds) for i in computed), default=0)
    for depth in range(deepest, 1, -1):
        boxes = _boxes(computed, leaves, at(depth))
        if len(order) - sum(len(box.all) - 1 for box in boxes) <= FEW:
            return boxes
    return _boxes(computed, leaves, at(1))


def _boxes(computed: Sequence[Item], leaves: Sequence[Item], closed: Closed) -> list[Box]:
    units = list(_units(computed, closed)) if computed else []
    tokens: dict[tuple[object, ...], int] = {}
    row = [tokens.setdefault(unit.sign, len(tokens)) for unit in units]
    row = [*row[:-1], -1]  # the output stays by itself
    boxes, at = list[Box](), 0
    for start, period, times in repeats(row, [unit.trained for unit in units]):
        boxes += [Box([unit], _calls(unit)) for unit in units[at:start] if unit.path]
        at = start + period * times
        boxes.append(Box(units[start:at], times))
    boxes += [Box([unit], _calls(unit)) for unit in units[at:] if unit.path]
    _absorb(boxes, leaves)
    return boxes


def _units(computed: Sequence[Item], closed: Closed) -> Iterator[Unit]:
    """Yield the calls of closed modules, and every other operation, in the order in which they were made."""
    run: list[Item] = []
    last: tuple[str, str] | None = None
    for item in computed[:-1]:
        module = closed(item.kinds)
        if run and module != last:
            yield Unit(run, *(last or ()))
            run = []
        last = module
        run.append(item)
        if module is None:
            yield Unit(run)
            run = []
    if run and last is not None:
        if closed(computed[-1].kinds) == last:  # the call that made the output is shown
            yield from (Unit([item]) for item in run)
        else:
            yield Unit(run, *last)
    yield from (Unit([item]) for item in computed[-1:])


def _calls(unit: Unit) -> int:
    """Count the calls in a row of one module: as often as it uses a parameter of its own."""
    inside = set(unit.items)
    used = [sum(u in inside for u in p.users) for i in unit.items for p in i.operands if p.parameter]
    return min(used, default=1)


def repeats(row: Sequence[int], opens: Sequence[bool]) -> list[tuple[int, int, int]]:
    """Find what occurs several times in a row: (start, length of one, times), the longest runs first, then by start.

    A repetition starts where ``opens`` is true, if it can: at the layer rather than at the activation before it.

    >>> repeats([7, 1, 2, 1, 2, 1, 2, 1, 8], [False, False, True] * 3)
    [(2, 2, 3)]
    """
    s, found = np.array(row), []
    for period in range(1, min(LONGEST, len(s) // REPEATS) + 1):
        same = np.concatenate(([False], s[period:] == s[:-period], [False]))
        starts, ends = np.flatnonzero(same[1:] > same[:-1]), np.flatnonzero(same[1:] < same[:-1])
        enough = ends - starts >= period * (REPEATS - 1)
        for start, end in zip(starts[enough].tolist(), ends[enough].tolist(), strict=True):
            times, slack = divmod(end - start + period, period)
            shift = next((k for k in range(slack + 1) if opens[start + k]), 0)
            found.append((-times * period, period, start + shift, times))
    taken, chosen = np.zeros(len(s), bool), []
    for covered, period, start, times in sorted(found):
        if not taken[start : start - covered].any():
            taken[start : start - covered] = True
            chosen.append((start, period, times))
    return sorted(chosen)


def _absorb(boxes: Sequence[Box], leaves: Sequence[Item]) -> None:
    """Put into each box the leaves that only it uses: a module's own, and those of which every repetition has one."""
    within = {item: box for box in boxes for item in box.items}
    crowds: dict[tuple[Box, str, int], list[Item]] = {}
    for leaf in leaves:
        owners = {within.get(user) for user in leaf.users}
        box = owners.pop() if len(owners) == 1 else None
        if box is None:
            continue
        user = leaf.users[0]
        position = user.parents.index(leaf)
        own = leaf.parameter or (leaf.node is None and position > 0)  # a mask or a statistic; an input comes first
        if own and all(u.kinds for u in leaf.users):
            box.leaves.append(leaf)
        else:
            crowds.setdefault((box, user.op, position), []).append(leaf)
    for (box, _, _), crowd in crowds.items():
        if len(crowd) >= REPEATS:
            box.leaves += crowd
