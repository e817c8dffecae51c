"""Formulas for a browser: presentation MathML, which every browser sets without a library."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from autograd.primitives.notation import SUM, Expression, Notation, Printer, number
from autograd.view.values import figure

STRUT = '<mspace height="1.35em" depth=".85em"/>'  # as high as a fraction: equations side by side share a baseline
_ID = re.compile(r"v\d+")  # of a node that isn't shown
_LOWERED = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_DIGITS = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")


class MathML(Printer):
    """Prints a formula over ids; ``letters`` says how each id is written, as MathML.

    >>> from autograd.primitives.notation import symbol
    >>> MathML({"v1": letter("w")}).write(symbol("v1") ** 2)
    '<msup><mi>w</mi><mn>2</mn></msup>'
    """

    def __init__(self, letters: Mapping[str, str]) -> None:
        self.letters = letters

    def number(self, value: Any) -> str:
        mantissa, e, exponent = number(value).partition("e")
        if not e:
            return f"<mn>{mantissa}</mn>"
        power = f"<msup><mn>10</mn><mn>{exponent}</mn></msup>"
        return row(f"<mn>{mantissa}</mn>", "·", power)

    def letter(self, name: str) -> str:
        return self.letters.get(name) or letter(name.translate(_LOWERED) if _ID.fullmatch(name) else name)

    def parentheses(self, text: str) -> str:
        return row("(", text, ")")

    def brackets(self, text: str) -> str:
        return row("[", text, "]")

    def is_negative(self, text: str) -> bool:
        return text.removeprefix("<mrow>").startswith(("<mn>−", "<mo>−"))

    def infix(self, n: Notation, op: str, a: Any, b: Any) -> str:
        left, right = self._inside(a, n.binding), self._right(n, op, b)
        coefficient = op == "multiply" and left.startswith("<mn>") and right.startswith(("<mi>", "<ms"))
        return row(left, "\u2062" if coefficient else n.symbol, right)

    def prefix(self, n: Notation, op: str, x: Any) -> str:
        return row(n.symbol, self._inside(x, SUM + 1))

    def postfix(self, n: Notation, op: str, x: Any) -> str:
        return f"<msup>{self._inside(x, n.binding)}<mo>{n.symbol.replace('ᵀ', '⊤')}</mo></msup>"

    def fraction(self, n: Notation, op: str, a: Any, b: Any) -> str:
        return f"<mfrac>{self.write(a)}{self.write(b)}</mfrac>"

    def power(self, n: Notation, op: str, a: Any, b: Any) -> str:
        return f"<msup>{self._inside(a, n.binding + 1)}{self.write(b)}</msup>"

    def root(self, n: Notation, op: str, x: Any) -> str:
        return f"<msqrt>{self.write(x)}</msqrt>"

    def exponential(self, n: Notation, op: str, x: Any) -> str:
        return f"<msup><mi>e</mi>{self.write(x)}</msup>"

    def bars(self, n: Notation, op: str, x: Any) -> str:
        return row("|", self.write(x), "|")

    def function(self, n: Notation, op: str, *args: Any) -> str:
        inside = "<mo>,</mo>".join(map(self.write, args))
        return row(f"<mi>{html.escape(n.symbol or op)}</mi>", "\u2061", self.parentheses(inside))

    def where(self, n: Notation, op: str, condition: Any, a: Any, b: Any) -> str:
        if not isinstance(a, Expression) and not isinstance(b, Expression) and (a, b) == (1, 0):
            return self.brackets(self.write(condition))
        lines = ((self.write(a), f"<mtext>if </mtext>{self.write(condition)}"), (self.write(b), "<mtext>else</mtext>"))
        cells = "".join(f"<mtr><mtd>{value}</mtd><mtd>{when}</mtd></mtr>" for value, when in lines)
        return f'<mtable class="cases">{cells}</mtable>'


def row(*parts: str) -> str:
    """Set MathML and single signs side by side."""
    return f"<mrow>{''.join(p if p.startswith('<') and len(p) > 1 else operator(p) for p in parts)}</mrow>"


def operator(sign: str) -> str:
    """Write a sign such as ``=`` or ``·``."""
    return f"<mo>{html.escape(sign)}</mo>"


def letter(name: str) -> str:
    """Write a name, its subscript digits set as an index: ``v₃``."""
    stem = name.rstrip("₀₁₂₃₄₅₆₇₈₉")
    index = name[len(stem) :].translate(_DIGITS)
    body = f"<mi>{html.escape(stem)}</mi>"
    return f"<msub>{body}<mn>{index}</mn></msub>" if index and stem else f"<mi>{html.escape(name)}</mi>"


def partial(above: str, below: str) -> str:
    """Write ``∂above/∂below``, both given as MathML."""
    return f"<mfrac>{row('∂', above)}{row('∂', below)}</mfrac>"


def matrix(entries: Any) -> str:
    """Write an array of one or two axes; the page's style draws the brackets, which few fonts can stretch."""
    rows = [entries] if np.ndim(entries) == 1 else entries
    cells = "".join(
        f"<mtr>{''.join(f'<mtd><mn>{figure(v, digits=4)}</mn></mtd>' for v in line)}</mtr>" for line in rows
    )
    return f'<mtable class="matrix">{cells}</mtable>'


def equation(parts: Sequence[str]) -> str:
    """Join what is equal by equals signs, in one display; empty parts are left out."""
    return f'<math display="block">{STRUT}{row(*_between([p for p in parts if p], "="))}</math>'


def _between(parts: Sequence[str], sign: str) -> list[str]:
    return [p for i, part in enumerate(parts) for p in ([sign] if i else []) + [part]]
