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
    example = _example(primitive)
    parts.append(f">>> import numpy as np\n{example}" if "np." in example else example)
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
    """Show a call: entry by entry a check of the slope, for arrays the shape. SciPy isn't called at import."""
    name = primitive.name
    if primitive.internal:
        return ""
    if primitive.kind == "elementwise":
        numbers = [round(d.low + 0.6 * (d.high - d.low), 2) for d in primitive.domain]
        return f">>> bool(gradcheck({name}, {', '.join(map(str, numbers))}))\nTrue"
    if not primitive.cases:
        return ""
    case = primitive.cases[0]
    operands = [np.ones(o) if isinstance(o, tuple) else o for o in case.operands]
    written = [f"np.ones({o})" if isinstance(o, tuple) else f"np.array({o.tolist()})" for o in case.operands]
    if primitive.variadic and "subscripts" not in case.static:
        written = [f"[{', '.join(written)}]"]
    static = [f"{n}={_written(v)}" for n, v in case.static.items()]
    if "subscripts" in case.static:
        static, written = [], [repr(case.static["subscripts"]), *written]
    elif any(p.kind is p.VAR_POSITIONAL for p in primitive.signature.parameters.values()):
        static = [repr(v) for v in case.static.values() if v != ()]
    return f">>> {name}({', '.join([*written, *static])}).shape\n{np.shape(primitive.value(operands, case.static))!r}"


def _written(value: Any) -> str:
    if isinstance(value, np.ndarray):
        return f"np.array({value.tolist()})"
    return f"np.{value.__name__}" if isinstance(value, type) else repr(value)
