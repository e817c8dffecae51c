"""A random program: inputs of random shapes, and lines that each apply a function to earlier values."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from tests.fuzz.lines import ONE, TWO, shrunk

SHAPES = ((), (3,), (2, 3), (2, 1), (1, 3), (3, 3), (4,), (2, 2, 2), (1,), (0,), (2, 0))
WEIGHTS = np.array([1, 4, 4, 2, 1, 3, 2, 2, 1, 0.15, 0.1])
NAMES = (*ONE, *TWO)
STEERED = ("branching",)  # lines in which Python looks at a value


class Line(NamedTuple):
    """One line: which function, of which earlier values (counted around), with which knob."""

    name: str
    sources: tuple[int, ...]
    knob: int = 0


class Program(NamedTuple):
    """Every list of lines is a program, so that one can be made shorter by leaving lines out."""

    shapes: tuple[tuple[int, ...], ...]
    lines: tuple[Line, ...]
    seed: int = 0

    def inputs(self, more: int = 0) -> list[Any]:
        """Return the values to run it with; ``more`` counts the sets of values."""
        rng = np.random.default_rng([self.seed, more])
        return [rng.uniform(-1.5, 1.5, shape)[()] for shape in self.shapes]

    @property
    def steered(self) -> bool:
        return any(line.name in STEERED for line in self.lines)

    def values(self, *inputs: Any) -> list[Any]:
        """Return the inputs and the value of each line."""
        made = list(inputs)
        for name, sources, knob in self.lines:
            a, *rest = (made[s % len(made)] for s in sources)
            made.append(shrunk(ONE[name](a, knob) if name in ONE else TWO[name](a, rest[0], knob)))
        return made

    def last(self, *inputs: Any) -> Any:
        """Return the last line's value, of any shape."""
        return np.sin(self.values(*inputs)[-1])

    def total(self, *inputs: Any) -> Any:
        """Return one number that every value has a part in."""
        made = self.values(*inputs)
        return sum(np.sin(v).sum() * (1.0 + i) / len(made) for i, v in enumerate(made))

    def __str__(self) -> str:
        """Return a test to paste."""
        lines = "".join(f"    Line({name!r}, {sources}, {knob}),\n" for name, sources, knob in self.lines)
        return (
            "from tests.fuzz.checks import check\nfrom tests.fuzz.programs import Line, Program\n\n"
            f"check(Program({self.shapes}, (\n{lines}), seed={self.seed}))\n"
        )


def generate(seed: int, longest: int = 8) -> Program:
    """Return the program of a seed."""
    rng = np.random.default_rng(seed)
    chosen = rng.choice(len(SHAPES), size=rng.integers(1, 4), p=WEIGHTS / WEIGHTS.sum())
    lines = []
    for number in range(rng.integers(1, longest + 1)):
        name = NAMES[rng.integers(len(NAMES))]
        known = len(chosen) + number
        recent = known - 1 if rng.random() < 0.6 else int(rng.integers(known))  # mostly go on from the last value
        sources = (recent,) if name in ONE else (recent, int(rng.integers(known)))
        lines.append(Line(name, sources, int(rng.integers(12))))
    return Program(tuple(SHAPES[i] for i in chosen), tuple(lines), int(rng.integers(2**31)))
