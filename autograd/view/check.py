"""A gradient check of one operation, alone on its operands: ✓, ✗ or kink."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd.graph.node import Node

STEP = 6e-6  # ε^⅓, where the error of a central difference is least


def check(node: Node, position: int, operands: Sequence[Any], J: Any) -> str | None:
    """Compare a Jacobian with central differences, in float64; None where there are none to compare with."""
    x = np.asarray(operands[position], dtype=float)
    if not J.size or not np.isfinite(J).all() or not np.isfinite(x).all():
        return None
    precision = max(1e-5, 1e4 * float(np.finfo(J.dtype).eps))
    verdicts = set()
    for place in np.ndindex(x.shape):
        f = _along(node, position, operands, x, place)
        if f(0.0).dtype != float:  # the operation itself rounds to fewer digits
            return None
        with np.errstate(all="ignore"):
            verdicts.add(_entry(f, abs(float(x[place])), J[(..., *place)].astype(float), precision))
    return next((v for v in ("✗", "kink", None) if v in verdicts), "✓")


def _along(node: Node, position: int, operands: Sequence[Any], x: Any, place: Any) -> Callable[[float], Any]:
    """Return the operation's value as a function of how far one entry of one operand is moved."""
    primitive = node.primitive
    assert primitive is not None
    given = [
        o.astype(float) if isinstance(o, (np.ndarray, np.generic)) and o.dtype.kind == "f" else o for o in operands
    ]

    def value(distance: float) -> Any:
        moved = x.copy()
        moved[place] += distance
        given[position] = moved[()]
        with np.errstate(all="ignore"):
            y = primitive.evaluate(*given, **node.static)
        return np.asarray(y[0] if primitive.residual is not None else y)

    return value


def _entry(f: Callable[[float], Any], size: float, exact: Any, precision: float) -> str | None:
    y, verdict = f(0.0), None
    for h in (STEP * max(size, 1.0), STEP, STEP * size):  # for large numbers, for wild functions, for small numbers
        if not h:
            continue
        ahead, behind = (f(h) - y) / h, (y - f(-h)) / h
        if not (np.isfinite(ahead).all() and np.isfinite(behind).all()):
            continue
        noise = 1e-13 * np.abs(y).max(initial=0.0) / h
        if _breaks(f, y, h, ahead, behind, 10 * noise):
            verdict = "kink"
            continue
        scale = np.maximum(np.maximum(np.abs(ahead), np.abs(behind)), np.abs(exact))
        if (np.abs((ahead + behind) / 2 - exact) <= precision * (scale + 1e-4) + noise).all():
            return "✓"
        verdict = verdict or "✗"
    return verdict


def _breaks(f: Callable[[float], Any], y: Any, h: float, ahead: Any, behind: Any, noise: float) -> bool:
    """Tell a kink, whose sides differ as much from nearer by, and a jump, which is the steeper the nearer."""
    apart, slope = np.abs(ahead - behind), np.abs(ahead + behind)
    near_ahead, near_behind = (f(h / 8) - y) / (h / 8), (y - f(-h / 8)) / (h / 8)
    kink = (apart > 0.1 * np.maximum(np.abs(ahead), np.abs(behind)) + noise) & (
        np.abs(near_ahead - near_behind) > 0.5 * apart
    )
    return bool((kink | (np.abs(near_ahead + near_behind) > 4 * slope + noise)).any())
