"""Expressions as people write them, read and never evaluated as Python.

:func:`parse` turns text into steps in the order they are carried out (reverse Polish), so that a sum of 10,000 terms
needs no recursion.
"""

from __future__ import annotations

import functools
import keyword
import math
import re
import unicodedata
from collections.abc import Callable
from typing import Any, NamedTuple, NoReturn

from autograd.cli.program import Program, Step, call, itself, near, opposite, refuse
from autograd.functions import functions
from autograd.primitives import registry
from autograd.tensor import Tensor, as_tensor

DEPTH = 64  # levels of nesting; a longer sum or product is no deeper

_SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹"
_PLAIN = str.maketrans(_SUPERSCRIPTS + "⁺⁻", "0123456789+-")
_ALIASES = {"−": "-", "–": "-", "·": "*", "⋅": "*", "×": "*", "÷": "/", "≤": "<=", "≥": ">=", "≠": "!="}
_CONSTANTS = {"True": True, "False": False, "None": None}
_NICKNAMES = {"abs": "absolute"}
_ATTRIBUTES: dict[str, Callable[[Tensor], Tensor]] = {"T": lambda x: x.T, "mT": lambda x: x.mT}

_COMPARISON, _SUM, _PRODUCT, _SIGN, _POWER = 1, 2, 3, 4, 5  # how tightly a sign binds, as in Python
_INFIX = {
    "<": (_COMPARISON, "less"), "<=": (_COMPARISON, "less_equal"), ">": (_COMPARISON, "greater"),
    ">=": (_COMPARISON, "greater_equal"), "==": (_COMPARISON, "equal"), "!=": (_COMPARISON, "not_equal"),
    "+": (_SUM, "add"), "-": (_SUM, "subtract"), "*": (_PRODUCT, "multiply"), "/": (_PRODUCT, "divide"),
    "@": (_PRODUCT, "matmul"), "**": (_POWER, "power"),
}  # fmt: skip
_INSTEAD = {
    "^": "write x**2 for a power", "//": "write / for a quotient",
    "&": "write logical_and(a, b)", "|": "write logical_or(a, b)", "~": "write logical_not(a)",
    "and": "write logical_and(a, b)", "or": "write logical_or(a, b)", "not": "write logical_not(a)",
    "if": "write where(condition, a, b)", "else": "write where(condition, a, b)", "=": "write == to compare",
}  # fmt: skip

_TOKEN = re.compile(
    rf"""(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
    |(?P<superscript>[⁺⁻]?[{_SUPERSCRIPTS}]+)
    |(?P<transpose>ᵀ)
    |(?P<name>(?![0-9₀-₉])(?:(?![{_SUPERSCRIPTS}ᵀ])[\w\u0300-\u036f′])+)
    |(?P<string>'[^'\n]*'|"[^"\n]*")
    |(?P<sign>\*\*|==|!=|<=|>=|//|\.\.\.|[-+*/@()\[\],:.<>=^%&|~{"".join(_ALIASES)}])
    |(?P<other>\S)""",
    re.VERBOSE,
)


class Token(NamedTuple):
    """A word of the text: its kind, how it reads in Python's alphabet, and its place."""

    kind: str
    text: str
    at: int


def parse(text: str) -> Program:
    """Read an expression: numbers, names, ``+ − · / @ **``, comparisons, indexing, ``.T``, autograd's functions.

    ``· × − ÷ ≤ ≥ ≠ ² ⁻¹ ᵀ`` are read too, and ``L = …`` names the output. Nothing else is, so no text can run code.

    Raises ExpressionError with a caret under the first place that isn't understood.

    >>> parse("2 * foo(x)")
    Traceback (most recent call last):
    autograd.errors.ExpressionError: in the expression
        2 * foo(x)
            ^
      expected: a function of autograd
      got:      'foo'
      to do:    python -m autograd explain --help lists them
    """
    return _Parser(unicodedata.normalize("NFC", text)).program()


class _Parser:
    """Precedence climbing over the tokens; what it understands it appends to ``steps``."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = [Token(str(m.lastgroup), _ALIASES.get(m[0], m[0]), m.start()) for m in _TOKEN.finditer(text)] + [
            Token("end", "", len(text.rstrip()))
        ]
        self.here = self.depth = 0
        self.steps: list[Step] = []
        self.names: dict[str, int] = {}

    def program(self) -> Program:
        name = None
        if self.next.kind == "name" and self.tokens[1].text == "=":
            name, self.here = self.next.text, 2
        self.expression()
        if self.next.kind != "end":
            self.unexpected("an operator, or the end")
        return Program(self.text, tuple(self.steps), name, self.names)

    @property
    def next(self) -> Token:
        return self.tokens[self.here]

    def take(self, *signs: str) -> Token | None:
        """Step over the next token if it is one of these signs."""
        token = self.next
        if token.kind != "sign" or token.text not in signs:
            return None
        self.here += 1
        return token

    def demand(self, sign: str, opened: Token) -> None:
        if not self.take(sign):
            self.unexpected(f"{sign!r}, to close the {opened.text!r} at column {opened.at + 1}, or an operator")

    def emit(self, at: int, takes: int, make: Callable[..., Any] | str) -> None:
        self.steps.append(Step(at, takes, make))

    def constant(self, at: int, value: Any) -> None:
        self.emit(at, 0, lambda: value)

    def unexpected(self, expected: str) -> NoReturn:
        token = self.next
        remedy = "python -m autograd explain --help says what an expression is made of"
        if token.text in _INSTEAD:
            remedy = _INSTEAD[token.text]
        elif token.text in ("'", '"'):
            remedy = "close the quotation mark"
        elif "operator" in expected and token.kind in ("name", "number"):
            remedy = "write a*b for a product"
        refuse(self.text, token.at, expected, repr(token.text) if token.text else "the end of the text", remedy)

    def expression(self, binding: int = 0) -> None:
        """Read as long as the signs bind more tightly than ``binding``."""
        self.depth += 1
        if self.depth > DEPTH:
            refuse(
                self.text, self.next.at, f"at most {DEPTH} levels of brackets and signs", "one more",
                "name a part of it and give its value as an operand",
            )  # fmt: skip
        self.operand()
        compared = False
        while self.next.kind == "sign" and _INFIX.get(self.next.text, (0,))[0] > binding:
            sign = self.next
            level, name = _INFIX[sign.text]
            if level == _COMPARISON and compared:
                refuse(
                    self.text, sign.at, "one comparison at a time", f"a second one, {sign.text!r}",
                    "write logical_and(a < b, b < c)",
                )  # fmt: skip
            compared = level == _COMPARISON
            self.here += 1
            self.expression(_SIGN if level == _POWER else level)  # a power binds its right side first: 2**-x, 2**x**y
            self.emit(sign.at, 2, functools.partial(call, registry[name], ()))
        self.depth -= 1

    def operand(self) -> None:
        """Read a number, name, call, bracket or signed operand, and what is written right behind it."""
        token = self.next
        self.here += 1
        if token.kind == "number":
            self.constant(token.at, self.number(token))
        elif token.kind == "string":
            self.constant(token.at, token.text[1:-1])
        elif token.kind == "name":
            self.name(token)
        elif token.text == "...":
            self.constant(token.at, ...)
        elif token.text in ("-", "+"):
            self.expression(_SIGN)
            self.emit(token.at, 1, opposite if token.text == "-" else itself)
            return
        elif token.text == "(":
            count = self.items(")", token, self.expression)
            if count != 1 or self.ended_in_comma:
                self.bundle(token, count, tuple)
        elif token.text == "[":
            self.bundle(token, self.items("]", token, self.expression), list)
        else:
            self.here -= 1
            self.unexpected("a number, a name, a function or a bracket")
        self.suffixes()

    def number(self, token: Token) -> int | float:
        value = float(token.text.translate(_PLAIN))
        if math.isinf(value):
            refuse(
                self.text, token.at, "a number below 1.8e308", token.text if len(token.text) < 40 else "a larger one",
                "write inf for infinity",
            )  # fmt: skip
        return value if set(token.text) & set(".eE") or abs(value) >= 2**53 else int(value)

    def name(self, token: Token) -> None:
        if token.text in _CONSTANTS:
            self.constant(token.at, _CONSTANTS[token.text])
        elif opened := self.take("("):
            self.call(token, opened, 0)
        elif keyword.iskeyword(token.text):
            self.here -= 1
            self.unexpected("a number, a name, a function or a bracket")
        else:
            self.names.setdefault(token.text, token.at)
            self.emit(token.at, 0, token.text)

    def suffixes(self) -> None:
        """Read ``²``, ``ᵀ``, ``.T``, ``.method(…)`` and ``[index]``."""
        while True:
            token = self.next
            if token.kind == "superscript":
                self.here += 1
                self.constant(token.at, self.number(token))
                self.emit(token.at, 2, functools.partial(call, registry["power"], ()))
            elif token.kind == "transpose":
                self.here += 1
                self.emit(token.at, 1, _attribute("T"))
            elif self.take("."):
                self.attribute()
            elif opened := self.take("["):
                count = self.items("]", opened, self.entry)
                if count == 0:
                    refuse(self.text, opened.at, "an index", "empty brackets", "write x[0], x[1:] or x[..., None]")
                if count > 1 or self.ended_in_comma:
                    self.bundle(opened, count, tuple)
                self.emit(opened.at, 2, lambda x, index: as_tensor(x)[index])
            else:
                return

    def attribute(self) -> None:
        token = self.next
        self.here += 1
        if token.kind == "name" and token.text in _ATTRIBUTES:
            self.emit(token.at, 1, _attribute(token.text))
            return
        opened = self.take("(") if token.kind == "name" else None
        if opened is None:
            refuse(
                self.text, token.at, ".T, .mT or a method that is called", repr(token.text),
                "an expression reads nothing else of a tensor; write x.sum() or sum(x)",
            )  # fmt: skip
        self.call(token, opened, 1)

    def call(self, token: Token, opened: Token, given: int) -> None:
        """Read the arguments of a function, or of a method whose tensor is already there."""
        name = _NICKNAMES.get(token.text, token.text)
        if name not in functions:
            refuse(
                self.text, token.at, "a function of autograd", repr(token.text),
                near(token.text, functions) or "python -m autograd explain --help lists them",
            )  # fmt: skip
        if given and not registry[name].method:
            refuse(self.text, token.at, "a method of a tensor", f"the function {name!r}", f"write {name}(…)")
        keywords: list[str] = []
        count = self.items(")", opened, lambda: self.argument(keywords))
        self.emit(token.at, given + count, functools.partial(call, registry[name], tuple(keywords)))

    def argument(self, keywords: list[str]) -> None:
        token = self.next
        if token.kind == "name" and self.tokens[self.here + 1].text == "=":
            if token.text in keywords:
                self.unexpected("each keyword once")
            self.here += 2
            keywords.append(token.text)
        elif keywords:
            self.unexpected(f"a keyword, as after {keywords[-1]}=…")
        self.expression()

    def entry(self) -> None:
        """Read one entry of an index: an expression or a slice."""
        token, parts = self.next, 0
        while True:
            if self.next.kind == "sign" and self.next.text in (":", ",", "]")[: 3 if parts else 1]:
                self.constant(self.next.at, None)
            else:
                self.expression()
            parts += 1
            if parts == 3 or not self.take(":"):
                break
        if parts > 1:
            self.emit(token.at, parts, slice)

    def items(self, close: str, opened: Token, read: Callable[[], None]) -> int:
        """Read entries with commas between them, and the closing bracket; return how many they were."""
        count = 0
        while not self.take(close):
            read()
            count += 1
            if not self.take(","):
                self.demand(close, opened)
                break
        return count

    @property
    def ended_in_comma(self) -> bool:
        """Whether the bracket that was just closed makes a tuple of one entry."""
        return self.tokens[self.here - 2].text == ","

    def bundle(self, opened: Token, count: int, kind: type) -> None:
        self.emit(opened.at, count, lambda *values: kind(values))


def _attribute(name: str) -> Callable[[Any], Tensor]:
    return lambda x: _ATTRIBUTES[name](as_tensor(x))
