"""The docstring of a public function, read off its primitive's declaration."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.primitives import notation
from autograd.primitives.primitive import Primitive

_SHAPES = {
    "elementwise": "Operands of any shapes that broadcast; the result has the common shape and NumPy's dtype.",
    "value": "The value is recorded, so that a replay is exact, but carries no gradient: {reason}.",
}


def docstring(primitive: Primitive) -> str:
    """Compose sentence, derivative, shapes, errors and an example that runs."""
    parts = [primitive.doc]
    if primitive.kind != "value":
        parts.append("\n".join(_derivatives(primitive)))
    reasons = [r for r in primitive.rules if isinstance(r, str)]
    shapes = _SHAPES.get(primitive.kind, f"Takes {primitive.expects}." if primitive.expects else "")
    if shapes:
        parts.append(shapes.format(reason=reasons[0] if reasons else ""))
    parts.append("Raises ShapeError or ArgumentError, naming the operands, where they don't fit.")
    if primitive.source:
        parts.append(f"Source: {primitive.source}")
    parts.append(_example(primitive))
    return "\n\n".join(p for p in parts if p)


def _derivatives(primitive: Primitive) -> list[str]:
    letters = {n: notation.symbol(n) for n in primitive.operands}
    lines = []
    for i, name in enumerate(primitive.operands):
        if isinstance(primitive.rules[i], str):
            lines.append(f"    {name}: {primitive.rules[i]}")
            continue
        formula = _printed(primitive, i, letters)
        left = f"∂y/∂{name}" if primitive.kind == "elementwise" else f"{name}̄"
        lines.append(f"    {left} = {formula}")
    return lines


def _printed(primitive: Primitive, position: int, letters: dict[str, Any]) -> str:
    formula = primitive.formula(position, letters, notation.symbol("y"))
    if primitive.kind != "elementwise" and not callable(primitive.rules[position]):
        formula = notation.call("fit", notation.symbol("ȳ"))
    return notation.Unicode().write(formula)


def _example(primitive: Primitive) -> str:
    name = primitive.name
    if primitive.kind == "elementwise" and len(primitive.operands) == 1:
        x = 0.5
        y_bar = primitive.pullbacks[0]
        assert y_bar is not None
        with np.errstate(all="ignore"):
            y = np.float64(primitive.evaluate(np.float64(x)))
            node = _At(np.float64(x), y)
            slope = float(y_bar(node, np.float64(1.0), ()))
        return (
            f">>> x = Tensor({x}, requires_grad=True)\n>>> {name}(x).backward()\n"
            f">>> round(x.grad.item(), 6)\n{round(slope, 6)!r}"
        )
    return ""


class _At:
    """A node reduced to what an elementwise rule reads."""

    def __init__(self, a: Any, y: Any) -> None:
        self.a, self.y = a, y
