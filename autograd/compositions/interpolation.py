"""Straight lines through given points."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.compositions.composition import composed
from autograd.functions import functions
from autograd.primitives.domain import Domain, case
from autograd.tensor import as_tensor

_POINTS = np.array([-1.0, 0.0, 0.7, 2.0])
_VALUES = np.array([1.0, -0.5, 2.0, 0.3])
_join, _where, _taken = functions["concatenate"], functions["where"], functions["take_along"]


@composed(
    case((3,), _POINTS, _VALUES), case((2, 3), _POINTS, (4,)), case((), _POINTS, (4,)), case((3,), _POINTS[:1], (1,)),
    case((5,), _POINTS, (4,), left=-3.0, right=9.0), case((5,), np.array([0.3, 4.0, 1.2]), (3,), period=3.0),
    domain=(Domain(-2.9, 2.9, kinks=(-1.0, 0.0, 0.7, 2.0)), Domain(), Domain()),
)  # fmt: skip
def interp(x: Any, xp: Any, fp: Any, left: Any = None, right: Any = None, period: float | None = None) -> Any:
    """Return the values at x of the straight lines through the points (xp, fp), xp rising.

    Differentiable in x, xp and fp; at a point of xp the slope is that of the line on its right.

    >>> interp(0.5, [0.0, 1.0], [10.0, 20.0])
    Tensor(15.)
    """
    x, xp, fp = (as_tensor(v) for v in (x, xp, fp))
    if xp.ndim != 1 or xp.shape != fp.shape or not xp.size:
        raise ValueError("xp and fp are sequences of one length, at least 1")
    if period is not None:
        x, xp = x % abs(period), xp % abs(period)
        order = functions["argsort"](xp, axis=-1)
        xp, fp, left, right = _taken(xp, order, axis=-1), _taken(fp, order, axis=-1), None, None
        xp = _join([xp[-1:] - abs(period), xp, xp[:1] + abs(period)])
        fp = _join([fp[-1:], fp, fp[:1]])
    at = x.reshape(-1)
    y = fp[0] + 0 * at
    if xp.size > 1:
        i = functions["stretch"](at, xp)
        (x0, x1), (f0, f1) = ([_taken(t, i + k, axis=-1) for k in (0, 1)] for t in (xp, fp))
        y = f0 + (f1 - f0) / (x1 - x0) * (at - x0)
    y = _where(at < xp[0], fp[0] if left is None else left, y)
    return _where(at > xp[-1], fp[-1] if right is None else right, y).reshape(x.shape)
