"""Operands of an expression as the shell gives them: ``x=1``, ``x=[[1, 2], [3, 4]]``, ``x=@file.npy``."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from autograd.cli.expression import parse
from autograd.cli.program import NUMBERS, array, refuse
from autograd.errors import ArgumentError, DTypeError, ExpressionError


def read(arguments: Iterable[str], labels: Iterable[str] = ()) -> dict[str, Any]:
    """Return the array of each ``name=value``: floats, or whole numbers for the names in ``labels``.

    A value is a number, a nested list or any expression of them (``1/3``, ``-inf``), or ``@`` and a file written by
    ``np.save``. Files are read without pickle, so reading one never runs code.

    Raises ArgumentError, DTypeError or ShapeError, naming the operand.

    >>> read(["x=1", "w=[[1, 2], [3, 4]]"])["w"]
    array([[1., 2.],
           [3., 4.]])
    """
    labels, found = set(labels), dict[str, Any]()
    for argument in arguments:
        left, equals, text = (part.strip() for part in argument.partition("="))
        if not equals or not (name := _name(left)):
            raise ArgumentError(
                "the operands", 'name=value, such as x=1 or x="[[1, 2], [3, 4]]"', repr(argument),
                "give each operand a name, and put quotes around what holds spaces or brackets",
            )  # fmt: skip
        if name in found:
            raise ArgumentError("the operands", "each name once", f"a second value for {name!r}", "drop one of them")
        value = _from_file(name, Path(text[1:])) if text.startswith("@") else _from_text(name, text)
        found[name] = _converted(name, value, name in labels)
    return found


def _name(text: str) -> str | None:
    """Return the name that a text consists of."""
    try:
        program = parse(text)
    except ExpressionError:
        return None
    return next(iter(program.names), None) if len(program.steps) == 1 else None


def _from_text(name: str, text: str) -> Any:
    program = parse(text)
    for other, at in program.names.items():
        if other not in NUMBERS:
            refuse(
                program.text, at, f"numbers as the value of {name!r}", repr(other), f"write a number, as in {name}=1"
            )
    return array(program({}))


def _from_file(name: str, path: Path) -> Any:
    try:
        with path.open("rb") as file:
            return np.lib.format.read_array(file, allow_pickle=False)
    except Exception as problem:  # a damaged header can fail in any way
        reason = getattr(problem, "strerror", None) or " ".join(str(problem).split())[:80] or type(problem).__name__
        raise ArgumentError(
            f"the value of {name!r}", "a file that np.save has written, of numbers", f"{path}: {reason}",
            "check the path, and write it again with np.save(path, array)",
        ) from problem  # fmt: skip


def _converted(name: str, value: Any, label: bool) -> Any:
    if value.dtype.kind not in "fiub" or value.dtype.itemsize > 8:
        raise DTypeError(
            f"the value of {name!r}",
            "real numbers",
            f"dtype {value.dtype}",
            "give numbers, or convert the file to float64",
        )
    if not label:
        return value.astype(value.dtype.newbyteorder("=") if value.dtype.kind == "f" else np.float64)
    if not np.array_equal(value, np.trunc(value)):
        raise DTypeError(
            f"the value of {name!r}", "whole numbers, as labels are", "fractions", "take it out of --labels"
        )
    return value.astype(np.int64)
