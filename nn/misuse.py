"""Arguments that don't fit: explained where a function or a layer was called, not where they first broke something."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

from autograd import ArgumentError, AutogradError

# What Python and NumPy raise, somewhere inside, where arguments don't fit.
_MISFITS = (TypeError, ValueError, LookupError, AttributeError, ZeroDivisionError, OverflowError, AssertionError)


def explain(package: dict[str, Any], where: str) -> None:
    """Let the public functions and constructors of a package (its ``globals()``) say which arguments didn't fit."""
    for name in package["__all__"]:
        made, called = package[name], f"{where}.{name}"
        if not isinstance(made, type):
            package[name] = _explained(made, called, 0) if inspect.isfunction(made) else made
        else:
            made.__init__ = _explained(made.__init__, called, 1)  # type: ignore[misc]  # the same, with a word more


def _explained(function: Callable[..., Any], name: str, own: int) -> Callable[..., Any]:
    @functools.wraps(function)
    def checked(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except _MISFITS as problem:
            if isinstance(problem, AutogradError):
                raise
            given = [_short(v) for v in args[own:]] + [f"{n}={_short(v)}" for n, v in kwargs.items()]
            parameters = list(inspect.signature(function).parameters)[own:]
            raise ArgumentError(
                f"{name}({', '.join(parameters)})",
                "arguments that fit",
                f"{', '.join(given) or 'nothing'} ({' '.join(str(problem).split())})",
                f"see help({name})",
            ) from problem

    return checked


def _short(value: Any) -> str:
    text = " ".join(repr(value).split())
    return text if len(text) <= 60 else text[:57] + "…"
