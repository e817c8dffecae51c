"""How formulas are written: a rule run on letters gives an expression tree, printed in three alphabets.

A rule such as ``lambda x: 1 / (2 * np.sqrt(x))`` is plain NumPy, so it also runs on :class:`Expression`
operands. What comes back is the formula of the derivative, never written down a second time.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

COMPARISON, SUM, PRODUCT, SIGN, POWER, ATOM = range(6)  # how tightly a form binds


@dataclass(frozen=True)
class Notation:
    """How one operation is laid out: the form, its sign, and how tightly it binds."""

    form: str
    symbol: str = ""
    latex: str = ""
    binding: int = ATOM


def infix(symbol: str, binding: int, latex: str | None = None) -> Notation:
    """Write ``a ∘ b``."""
    return Notation("infix", symbol, symbol if latex is None else latex, binding)


def function(symbol: str = "", latex: str = "") -> Notation:
    """Write ``name(x)``."""
    return Notation("function", symbol, latex)


NEGATIVE = Notation("prefix", "−", "-", SIGN)
NOT = Notation("prefix", "¬", r"\lnot ", SIGN)
FRACTION = Notation("fraction", "/", "", PRODUCT)
RECIPROCAL = Notation("reciprocal", "/", "", PRODUCT)
SUPERSCRIPT = Notation("power", "^", "", POWER)
SQUARE = Notation("square", "^", "", POWER)
EXPONENTIAL = Notation("exponential", "exp", "", ATOM)
ROOT = Notation("root", "√", "", ATOM)
BARS = Notation("bars", "|", "", ATOM)
TRANSPOSED = Notation("postfix", "ᵀ", r"^\top", POWER)
WHERE = Notation("where")

# The signs that rules use and that are no primitive of their own.
notations: dict[str, Notation] = {"mT": TRANSPOSED}

_CONSTANTS: dict[str, int] = {"ones_like": 1, "zeros_like": 0}
_FOLDS: dict[str, Callable[..., Any]] = {
    "add": operator.add,
    "subtract": operator.sub,
    "multiply": operator.mul,
    "divide": operator.truediv,
    "power": operator.pow,
    "negative": operator.neg,
}
_DUNDERS = {
    "add": "add",
    "sub": "subtract",
    "mul": "multiply",
    "truediv": "divide",
    "pow": "power",
    "matmul": "matmul",
}
_COMPARISONS = ("greater", "greater_equal", "less", "less_equal", "equal", "not_equal")
_NEGATED = {"greater": "less_equal", "less": "greater_equal", "equal": "not_equal"}
_NEGATED |= {b: a for a, b in _NEGATED.items()}


class Expression:
    """A formula as a tree: an operation and its arguments, which are expressions or numbers.

    ``value``, when every letter has one, decides comparisons: the branch that is taken is the one printed.

    >>> w = symbol("w")
    >>> str(2 * w ** (3 - 1) + 0)
    '2w²'
    """

    __slots__ = ("args", "op", "value")

    def __init__(self, op: str, args: tuple[Any, ...], value: Any = None) -> None:
        self.op, self.args, self.value = op, args, value

    __hash__ = object.__hash__

    def __str__(self) -> str:
        return Unicode().write(self)

    def __repr__(self) -> str:
        return f"Expression({str(self)!r})"

    def __neg__(self) -> Any:
        return build("negative", self)

    def __abs__(self) -> Any:
        return build("absolute", self)

    def __invert__(self) -> Any:
        return build(_NEGATED[self.op], *self.args) if self.op in _NEGATED else build("logical_not", self)

    @property
    def mT(self) -> Any:  # the array API's name for the matrix transpose
        return build("mT", self)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        return build(ufunc.__name__, *inputs)

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        return build(func.__name__, *args)

    def apply_primitive(self, primitive: Any, operands: tuple[Any, ...], static: Any) -> Any:
        """Let a primitive called on a formula extend the formula."""
        return build(primitive.name, *operands)

    def evaluate(self, letters: Mapping[str, Any], functions: Mapping[str, Any]) -> Any:
        """Compute the formula's number, so that a test can compare print and rule."""
        if self.op == "symbol":
            return letters[self.args[0]]
        values = [
            a.evaluate(letters, functions) if isinstance(a, Expression) else a for a in self.args
        ]
        known = functions.get(self.op) or getattr(np, self.op)
        return known(*values)


def _binary(name: str, reflected: bool) -> Callable[[Any, Any], Any]:
    return (lambda a, b: build(name, b, a)) if reflected else (lambda a, b: build(name, a, b))


for _dunder, _name in _DUNDERS.items():
    setattr(Expression, f"__{_dunder}__", _binary(_name, reflected=False))
    setattr(Expression, f"__r{_dunder}__", _binary(_name, reflected=True))
for _dunder, _name in zip(("gt", "ge", "lt", "le", "eq", "ne"), _COMPARISONS, strict=True):
    setattr(Expression, f"__{_dunder}__", _binary(_name, reflected=False))


def symbol(name: str, value: Any = None) -> Any:
    """Return the letter ``name``, with the number it stands for where one is known."""
    return Expression("symbol", (name,), value)


def call(name: str, *args: Any) -> Any:
    """Return ``name(args)`` as a formula, for steps that no function of NumPy names."""
    return Expression(name, args)


def build(op: str, *args: Any) -> Any:
    """Return the expression ``op(args)``, with 1·, +0, ¹ and branches that are decided folded away."""
    if op in _CONSTANTS:
        return _CONSTANTS[op]
    if op == "where" and not isinstance(args[0], Expression):
        return args[1] if args[0] else args[2]
    numbers = [a for a in args if not isinstance(a, Expression)]
    if op in _FOLDS and len(numbers) == len(args):
        return _FOLDS[op](*args)
    simpler = _simplify(op, args)
    if simpler is not None:
        return simpler
    values = [a.value if isinstance(a, Expression) else a for a in args]
    if any(v is None for v in values):
        return Expression(op, args)
    if op in _COMPARISONS:
        return bool(getattr(np, op)(*values))
    return Expression(op, args, _known(op, values))


def _known(op: str, values: list[Any]) -> Any:
    function_ = getattr(np, op, None)
    if function_ is None:
        return None
    try:
        with np.errstate(all="ignore"):
            return function_(*values)
    except (TypeError, ValueError):  # a formula's number is a courtesy: without it the formula stands
        return None


def _is(value: Any, number: float) -> bool:
    return not isinstance(value, Expression) and np.ndim(value) == 0 and bool(value == number)


def _simplify(op: str, args: tuple[Any, ...]) -> Any:
    a, b = args[0], args[-1]
    if op == "add":
        if not isinstance(b, Expression) and np.ndim(b) == 0 and b < 0:
            return build("subtract", a, -b)
        return b if _is(a, 0) else a if _is(b, 0) else None
    if op == "subtract":
        return a if _is(b, 0) else build("negative", b) if _is(a, 0) else None
    if op == "multiply":
        if _is(a, 0) or _is(b, 0):
            return 0
        if _is(a, 1) or _is(a, -1):
            return b if _is(a, 1) else build("negative", b)
        if a is b:
            return build("square", a)
        return a if _is(b, 1) else build("negative", a) if _is(b, -1) else None
    if op == "divide":
        return a if _is(b, 1) else None
    if op == "power":
        return a if _is(b, 1) else 1 if _is(b, 0) else None
    if op == "negative" and isinstance(a, Expression) and a.op == "negative":
        return a.args[0]
    return None


_SUPERSCRIPTS = str.maketrans("0123456789-−", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁻")
_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_VULGAR = {0.5: "½", 0.25: "¼", 0.75: "¾"}


def superscript(number: int) -> str:
    """Write an integer as an exponent: ``P⁷``."""
    return str(number).translate(_SUPERSCRIPTS)


def subscript(number: int) -> str:
    """Write an integer as an index: ``v₇``."""
    return str(number).translate(_SUBSCRIPTS)


def number(value: Any, digits: int = 6) -> str:
    """Write a number for a reader: no trailing ``.0``, a true minus sign.

    >>> number(-8.0), number(0.1 + 0.2), number(1e-9)
    ('−8', '0.3', '1e−9')
    """
    if isinstance(value, (bool, np.bool_)):
        return "1" if value else "0"
    if np.iscomplexobj(value):
        return str(value)
    text = f"{float(value):.{digits}g}"
    text = re.sub(r"e([+-])0*(\d)", lambda m: "e" + m[1].replace("+", "") + m[2], text)
    return text.replace("-0", "0") if text == "-0" else text.replace("-", "−").replace("inf", "∞")


class Printer:
    """Walks an expression tree; a subclass says how each form looks in its alphabet."""

    def write(self, formula: Any) -> str:
        """Return the text of a formula or a number."""
        return self._write(formula)[0]

    def _write(self, formula: Any) -> tuple[str, int]:
        if not isinstance(formula, Expression):
            if np.ndim(formula):
                return self.letter("c"), ATOM
            negative = not isinstance(formula, (bool, np.bool_)) and formula < 0
            return self.number(formula), SIGN if negative else ATOM
        if formula.op == "symbol":
            return self.letter(formula.args[0]), ATOM
        notation = notations.get(formula.op, Notation("function", formula.op))
        form: Callable[..., str] = getattr(self, notation.form)
        return form(notation, formula.op, *formula.args), notation.binding

    def _inside(self, formula: Any, binding: int) -> str:
        """Write an argument, in parentheses where it binds less tightly than its surroundings."""
        text, own = self._write(formula)
        if own >= binding:
            return text
        return self.brackets(text) if own == COMPARISON else self.parentheses(text)

    def _right(self, notation: Notation, op: str, formula: Any) -> str:
        """Write a right operand: in a − (b − c) it keeps its parentheses, and in a − (−b) and a·(−2) too."""
        text = self._inside(formula, notation.binding + (op in ("subtract", "divide")))
        return self.parentheses(text) if self.is_negative(text) else text

    def number(self, value: Any) -> str:
        raise NotImplementedError

    def letter(self, name: str) -> str:
        raise NotImplementedError

    def parentheses(self, text: str) -> str:
        raise NotImplementedError

    def brackets(self, text: str) -> str:
        """Write Iverson's bracket: 1 where the condition holds, else 0."""
        return f"[{text}]"

    def is_negative(self, text: str) -> bool:
        """Tell whether a text opens with a minus sign."""
        return text[0] in "−-"

    def reciprocal(self, notation: Notation, op: str, x: Any) -> str:
        return self.fraction(notation, op, 1, x)

    def square(self, notation: Notation, op: str, x: Any) -> str:
        return self.power(notation, op, x, 2)

    def fraction(self, notation: Notation, op: str, a: Any, b: Any) -> str:
        raise NotImplementedError

    def power(self, notation: Notation, op: str, a: Any, b: Any) -> str:
        raise NotImplementedError


class Unicode(Printer):
    """Formulas for a terminal: ``2v₇``, ``1/(2·√x)``."""

    def number(self, value: Any) -> str:
        return _VULGAR.get(float(value)) or number(value)

    def letter(self, name: str) -> str:
        return name

    def parentheses(self, text: str) -> str:
        return f"({text})"

    def infix(self, n: Notation, op: str, a: Any, b: Any) -> str:
        left, right = self._inside(a, n.binding), self._right(n, op, b)
        if op == "multiply":
            plain = not isinstance(a, Expression) and (left[-1:].isdigit() or left in "½¼¾") and "e" not in left
            return left + right if plain and right[:1].isalpha() else f"{left}·{right}"
        return f"{left} {n.symbol} {right}" if n.binding <= SUM else f"{left}{n.symbol}{right}"

    def prefix(self, n: Notation, op: str, x: Any) -> str:
        return n.symbol + self._inside(x, PRODUCT)

    def postfix(self, n: Notation, op: str, x: Any) -> str:
        return self._inside(x, ATOM) + n.symbol

    def fraction(self, n: Notation, op: str, a: Any, b: Any) -> str:
        return f"{self._inside(a, PRODUCT)}/{self._inside(b, PRODUCT + 1)}"

    def power(self, n: Notation, op: str, a: Any, b: Any) -> str:
        if not isinstance(b, Expression) and float(b).is_integer():
            return self._inside(a, ATOM) + superscript(int(b))
        return f"{self._inside(a, ATOM)}^{self._inside(b, ATOM)}"

    def root(self, n: Notation, op: str, x: Any) -> str:
        return "√" + self._inside(x, ATOM)

    def exponential(self, n: Notation, op: str, x: Any) -> str:
        return f"exp({self.write(x)})"

    def bars(self, n: Notation, op: str, x: Any) -> str:
        return f"|{self.write(x)}|"

    def function(self, n: Notation, op: str, *args: Any) -> str:
        return f"{n.symbol or op}({', '.join(map(self.write, args))})"

    def where(self, n: Notation, op: str, condition: Any, a: Any, b: Any) -> str:
        if _is(a, 1) and _is(b, 0):
            return f"[{self.write(condition)}]"
        return f"({self.write(a)} if {self.write(condition)} else {self.write(b)})"


class LaTeX(Printer):
    r"""Formulas for a paper: ``\frac{1}{2 \sqrt{x}}``."""

    def number(self, value: Any) -> str:
        text = number(value).replace("−", "-").replace("∞", r"\infty")
        mantissa, e, exponent = text.partition("e")
        return rf"{mantissa} \cdot 10^{{{exponent}}}" if e else text

    def letter(self, name: str) -> str:
        plain = name.translate(str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789"))
        stem = plain[: len(name.rstrip("₀₁₂₃₄₅₆₇₈₉"))]
        index = plain[len(stem) :]
        if stem == "ȳ":
            return r"\bar{y}"
        stem = re.sub(r"([\\{}_^#&%$~])", r"\\\1", stem)
        stem = stem if len(stem) <= 1 else rf"\mathrm{{{stem}}}"
        return f"{stem}_{{{index}}}" if index else stem

    def parentheses(self, text: str) -> str:
        return rf"\left({text}\right)"

    def infix(self, n: Notation, op: str, a: Any, b: Any) -> str:
        left, right = self._inside(a, n.binding), self._right(n, op, b)
        return f"{left} {n.latex} {right}"

    def prefix(self, n: Notation, op: str, x: Any) -> str:
        return n.latex + self._inside(x, PRODUCT)

    def postfix(self, n: Notation, op: str, x: Any) -> str:
        return self._inside(x, ATOM) + n.latex

    def fraction(self, n: Notation, op: str, a: Any, b: Any) -> str:
        return rf"\frac{{{self.write(a)}}}{{{self.write(b)}}}"

    def power(self, n: Notation, op: str, a: Any, b: Any) -> str:
        return f"{self._inside(a, ATOM)}^{{{self.write(b)}}}"

    def root(self, n: Notation, op: str, x: Any) -> str:
        return rf"\sqrt{{{self.write(x)}}}"

    def exponential(self, n: Notation, op: str, x: Any) -> str:
        return f"e^{{{self.write(x)}}}"

    def bars(self, n: Notation, op: str, x: Any) -> str:
        return rf"\left|{self.write(x)}\right|"

    def function(self, n: Notation, op: str, *args: Any) -> str:
        plain = (n.symbol or op).replace("_", r"\_")
        name = n.latex or rf"\operatorname{{{plain}}}"
        return f"{name}{self.parentheses(', '.join(map(self.write, args)))}"

    def where(self, n: Notation, op: str, condition: Any, a: Any, b: Any) -> str:
        if _is(a, 1) and _is(b, 0):
            return f"[{self.write(condition)}]"
        rows = rf"{self.write(a)} & {self.write(condition)} \\ {self.write(b)} & \text{{otherwise}}"
        return rf"\begin{{cases}} {rows} \end{{cases}}"
