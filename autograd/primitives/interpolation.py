"""Finding the stretch between two sorted points that a value falls into."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.primitives.domain import Domain, case
from autograd.primitives.primitive import value_only

_POINTS = np.array([-1.0, 0.0, 0.5, 2.0])


def _stretch(x: Any, points: Any) -> Any:
    return np.clip(np.searchsorted(points, x, side="right") - 1, 0, max(len(points) - 2, 0))


stretch = value_only(
    _stretch, "an index is an integer: it jumps and is constant in between", name="stretch", operands="x points",
    internal=True, method=False, cases=(case((3,), _POINTS), case((2, 2), _POINTS), case((), _POINTS)),
    domain=(Domain(-2, 3), Domain()),
    doc="The i with points[i] ≤ x < points[i + 1]; outside of all points the nearest such i.",
)  # fmt: skip
