"""How nodes and operations are called in formulas: names on leaves, ``v₇`` on what was computed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, Protocol

import numpy as np

from autograd.graph.node import Node
from autograd.primitives.notation import Expression, LaTeX, Unicode, number, subscript, symbol

CROWD = 6  # operands that a formula names one by one
LONGEST = 12  # characters: a longer name stands on its card, and formulas say v₇

UNICODE, LATEX = Unicode(), LaTeX()


class Named(Protocol):
    """A node of a graph, or of a record."""

    @property
    def name(self) -> str | None: ...


def letter(index: int) -> str:
    """Write the letter of a node: ``v₇``."""
    return "v" + subscript(index)


def clean(name: str) -> str:
    """Return a name on one line, without characters that can't be shown."""
    return " ".join("".join(c if c.isprintable() else " " for c in name).split())


def short(text: str, length: int) -> str:
    """Cut a text that is longer than there is room for."""
    return text if len(text) <= length else text[: length - 1] + "…"


def names(nodes: Iterable[Named | None]) -> Counter[str]:
    """Count the names in a graph: one that two nodes bear is no letter for either."""
    return Counter(clean(n.name) for n in nodes if n is not None and n.name)


def called(node: Named | None, index: int, known: Counter[str]) -> str:
    """Return the letter of a node: its name, where that is one short word and nobody else's; or its number."""
    name = clean(node.name) if node is not None and node.name else ""
    fits = 0 < len(name) <= LONGEST and all(c.isalnum() or c in "_′" for c in name)
    return name if fits and known[name] == 1 else letter(index)


def _transposed(x: Any) -> Any:
    return Expression("mT", (x,))


def expression(node: Node, operands: Sequence[Any]) -> Any:
    """Return what a node computed as a formula of its operands."""
    primitive = node.primitive
    assert primitive is not None
    given = tuple(o for o in operands if o is not None)
    if primitive.name == "linear":
        product = Expression("matmul", (given[0], _transposed(given[1])))
        return Expression("add", (product, given[2])) if len(given) > 2 else product
    return Expression(primitive.name, given)


def operation(node: Node, operands: Sequence[Any]) -> tuple[str, str]:
    """Write what a node computed, for a reader and for a paper: ``x · w``, ``½·v₃``, ``Σ(v₄, axis 0)``."""
    primitive = node.primitive
    assert primitive is not None
    if len(operands) > CROWD:  # of a stack of many, the first two and the last
        operands = [*operands[:2], symbol("…"), operands[-1]]
    formula = expression(node, operands)
    text, latex = UNICODE.write(formula), LATEX.write(formula)
    if formula.op in ("multiply", "matmul"):
        parts = [_factor(o) for o in formula.args]
        text = (" · " if all(isinstance(o, Expression) for o in formula.args) else "·").join(parts)
    if formula.op == "getitem":
        index = _index(node.static["index"])
        return f"{UNICODE.write(operands[0])}[{index}]", rf"{LATEX.write(operands[0])}_{{[\text{{{index}}}]}}"
    if text.endswith(")") and (said := remarks(node)):
        return f"{text[:-1]}, {', '.join(said)})", latex
    return text, latex


def _factor(operand: Any) -> str:
    text = UNICODE.write(operand)
    return f"({text})" if text.startswith("−") else text


def remarks(node: Node) -> list[str]:
    """Name the static arguments that a reader can't guess."""
    primitive = node.primitive
    assert primitive is not None
    found = []
    for name, value in node.static.items():
        default = primitive.signature.parameters[name].default if name in primitive.signature.parameters else None
        if name == "axis" and value is not None:
            ndim = len(node.y.shape if primitive.name in ("stack", "expand_dims") else node.shapes[0])
            axes = sorted(a % max(ndim, 1) for a in (value if isinstance(value, tuple) else (value,)))
            if len(axes) < ndim and value != default:
                found.append(f"{'axis' if len(axes) == 1 else 'axes'} {', '.join(map(str, axes))}")
        elif name in ("shape", "subscripts", "ddof", "reduction", "dtype") and value != default:
            shown = np.dtype(value).name if name == "dtype" else str(value).replace("(-", "(−").replace(" -", " −")
            found.append(f"ddof {value}" if name == "ddof" else shown)
    return found


def _index(index: Any) -> str:
    entries = index if isinstance(index, tuple) else (index,)
    while len(entries) > 1 and isinstance(entries[-1], slice) and entries[-1] == slice(None):
        entries = entries[:-1]
    return ", ".join(map(_entry, entries))


def _entry(entry: Any) -> str:
    if isinstance(entry, slice):
        start, stop, step = ("" if v is None else number(v) for v in (entry.start, entry.stop, entry.step))
        return f"{start}:{stop}" + (f":{step}" if step else "")
    if isinstance(entry, np.ndarray):
        kind = "mask" if entry.dtype == bool else "indices"
        return f"{kind} {entry.shape}"
    return "None" if entry is None else "…" if entry is Ellipsis else number(entry)
