"""Where a primitive is smooth and where it isn't: what the tests may sample, and what they must."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Domain:
    """The interval an operand is drawn from, the kinks to keep away from, the points to visit.

    ``kinks`` are points where the derivative jumps or has a convention; samples stay ``margin`` away.
    ``landmarks`` are points where value and partial must be finite and free of warnings.
    ``distinct`` asks for samples without near-ties, for functions that compare their entries.
    """

    low: float = -2.0
    high: float = 2.0
    kinks: tuple[float, ...] = ()
    landmarks: tuple[float, ...] = (0.0,)
    distinct: bool = False
    margin: float = 0.05

    def sample(self, rng: np.random.Generator, shape: tuple[int, ...], dtype: Any = float) -> Any:
        """Draw an array from the interval, away from the kinks.

        >>> Domain(0.5, 3.0).sample(np.random.default_rng(0), (2,)).shape
        (2,)
        """
        size = math.prod(shape)
        if self.distinct:
            step = (self.high - self.low) / (size + 1)
            drawn = self.low + step * (1 + rng.permutation(size) + rng.uniform(-0.2, 0.2, size))
        else:
            drawn = rng.uniform(self.low, self.high, size)
        for kink in self.kinks:
            side = np.where(drawn < kink, -1.0, 1.0)
            drawn = np.where(abs(drawn - kink) < self.margin, kink + side * self.margin, drawn)
        return drawn.reshape(shape).astype(dtype)


REAL = Domain()
POSITIVE = Domain(0.2, 3.0, landmarks=(1.0,))
NONZERO = Domain(kinks=(0.0,), margin=0.3, landmarks=(1.0, -1.0))
DISTINCT = Domain(distinct=True)
CONDITION = Domain(-1.0, 1.0)  # sampled, then compared with 0


@dataclass(frozen=True)
class Case:
    """One call that the tests make: the operands' shapes (or fixed values) and the static arguments."""

    operands: tuple[Any, ...]
    static: Mapping[str, Any] = field(default_factory=dict)


def case(*operands: Any, **static: Any) -> Case:
    """Write a case as the call looks: ``case((3, 4), axis=0)``; a shape is a tuple, a value is an array.

    >>> case((3, 4), axis=0).static
    {'axis': 0}
    """
    return Case(operands, static)
