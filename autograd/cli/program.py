"""A program: the steps an expression was read as, carried out one after the other on a stack.

Each step knows where it was written, so every error, also one of the engine's, gets a caret under its place.
"""

from __future__ import annotations

import difflib
import math
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple, NoReturn

import numpy as np

from autograd.apply import apply, tensors_in
from autograd.errors import ArgumentError, AutogradError, ExpressionError, ShapeError
from autograd.primitives import Primitive, registry
from autograd.tensor import as_tensor

NUMBERS = {"inf": math.inf, "nan": math.nan, "pi": math.pi, "π": math.pi}  # unless an operand has that name
WIDTH = 72  # columns of an expression that an error shows


class Step(NamedTuple):
    """One operation of a program: pop ``takes`` values and push what ``make`` makes of them.

    A string in place of ``make`` is the name of an operand.
    """

    at: int
    takes: int
    make: Callable[..., Any] | str


@dataclass(frozen=True)
class Program:
    """An expression that was read: run it on tensors by calling it with a mapping of names.

    >>> from autograd.cli.expression import parse
    >>> program = parse("L = (x·w + b − y)²")
    >>> list(program.names)
    ['x', 'w', 'b', 'y']
    >>> program({"x": 1.0, "w": 5.0, "b": 1.0, "y": 2.0})
    16.0
    """

    text: str
    steps: tuple[Step, ...]
    name: str | None = None  # of the output: the L of "L = …"
    names: dict[str, int] = field(default_factory=dict)  # the operands, in order, each with its first place

    def __call__(self, operands: dict[str, Any]) -> Any:
        """Carry out the steps.

        Raises ExpressionError for an operand without a value; any error of the engine comes with its place added.
        """
        self._require(operands)
        stack: list[Any] = []
        for at, takes, make in self.steps:
            if isinstance(make, str):
                stack.append(operands[make] if make in operands else NUMBERS[make])
                continue
            values = stack[len(stack) - takes :]
            del stack[len(stack) - takes :]
            stack.append(self._made(at, make, values))
        return stack.pop()

    def _made(self, at: int, make: Callable[..., Any], values: list[Any]) -> Any:
        try:
            return make(*values)
        except AutogradError as problem:
            where = f"{problem.where}, at the caret\n{pointed(self.text, at)}"
            raise type(problem)(where, problem.expected, problem.got, problem.remedy) from problem
        except (ArithmeticError, AttributeError, LookupError, MemoryError, TypeError, ValueError) as problem:
            refuse(
                self.text, at, "operands and arguments that fit the operation",
                " ".join(str(problem).split()) or type(problem).__name__,
                "compare the arguments with the function's help",
            )  # fmt: skip

    def _require(self, operands: dict[str, Any]) -> None:
        for name, at in self.names.items():
            if name not in operands and name not in NUMBERS:
                refuse(
                    self.text, at, f"a value for each name: {', '.join(self.names)}", f"none for {name!r}",
                    near(name, operands) or f"add {name}=… after the expression",
                )  # fmt: skip


def call(primitive: Primitive, keywords: tuple[str, ...], *values: Any) -> Any:
    """Apply a primitive; what holds no tensor is computed at once and stays a plain number or array."""
    split = len(values) - len(keywords)
    try:
        operands, static = primitive.arrange(*values[:split], **dict(zip(keywords, values[split:], strict=True)))
    except TypeError as problem:
        raise ArgumentError(
            f"{primitive.name}({', '.join(primitive.signature.parameters)})", "the arguments of its signature",
            str(problem), f"see help(autograd.{primitive.name})",
        ) from problem  # fmt: skip
    operands = tuple(_operand(primitive, o) for o in operands)
    if tensors_in(operands):
        return apply(primitive, operands, static)
    y = apply(primitive, tuple(o if o is None else as_tensor(o) for o in operands), static)
    return y.item() if y.ndim == 0 else y.numpy()


def _operand(primitive: Primitive, value: Any) -> Any:
    """Read a number as a float, and a list as an array: of floats, unless its entries may be class labels."""
    if isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if isinstance(value, (list, tuple)) and not tensors_in(value):
        return array(value, float if primitive.kind == "elementwise" else None)
    return value


def array(value: Any, dtype: type | None = None) -> Any:
    """Return a number or a nested list as an array."""
    try:
        return np.array(value, dtype)
    except (TypeError, ValueError):
        raise ShapeError(
            "a list of numbers",
            "numbers in lists of equal length at each level",
            repr(value)[:60],
            "fill up the shorter lists",
        ) from None


def opposite(x: Any) -> Any:
    """Return −x; a whole number stays one, for ``x[-1]`` and ``axis=-1``."""
    return -x if isinstance(x, (int, float)) else call(registry["negative"], (), x)


def itself(x: Any) -> Any:
    """Return +x."""
    return x


def near(name: str, known: Iterable[str]) -> str:
    """Return a question that names what was probably meant, or nothing."""
    found = difflib.get_close_matches(name, list(known), n=2, cutoff=0.7)
    return f"did you mean {' or '.join(found)}?" if found else ""


# Places


def refuse(text: str, at: int, expected: str, got: str, remedy: str) -> NoReturn:
    """Raise the ExpressionError of one place."""
    raise ExpressionError(f"the expression\n{pointed(text, at)}", expected, got, remedy)


def pointed(text: str, at: int) -> str:
    """Return the text, or as much as fits a line, with a caret under one place."""
    start = max(0, at - WIDTH // 2) if len(text) > WIDTH else 0
    ahead = "…" if start else ""
    shown = ahead + text[start : start + WIDTH] + ("…" if start + WIDTH < len(text) else "")
    shown = "".join(" " if c.isspace() else c if c.isprintable() else "�" for c in shown)
    return f"    {shown}\n    {' ' * _columns(shown[: at - start + len(ahead)])}^"


def _columns(text: str) -> int:
    return sum(0 if unicodedata.combining(c) else 1 + (unicodedata.east_asian_width(c) in "WF") for c in text)
