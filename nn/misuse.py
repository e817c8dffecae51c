"""What doesn't fit, or can't be meant: explained where it was written, not where it first broke something."""

from __future__ import annotations

import difflib
import functools
import inspect
from collections.abc import Callable
from typing import Any, TypeVar, cast

import numpy as np

from autograd import ArgumentError, AutogradError, GradientWarning, Parameter

F = TypeVar("F", bound=Callable[..., Any])

# What Python and NumPy raise, somewhere inside, where arguments don't fit.
_MISFITS = (TypeError, ValueError, LookupError, AttributeError, ZeroDivisionError, OverflowError, AssertionError)
_NUMBERS: dict[str, tuple[str, tuple[type, ...]]] = {  # by how an argument is annotated
    "int": ("a whole number", (int, np.integer)), "float": ("a number", (int, float, np.integer, np.floating)),
}  # fmt: skip
_ELSEWHERE = {  # what other libraries call an argument
    "learning_rate": "lr", "eta": "lr", "epsilon": "eps", "decay": "weight_decay", "l2": "weight_decay",
    "beta": "betas", "beta1": "betas", "beta_1": "betas", "beta2": "betas", "beta_2": "betas", "rho": "alpha",
    "parameters": "params", "units": "out_features", "in_dim": "in_features", "out_dim": "out_features",
    "input_dim": "in_features", "output_dim": "out_features", "use_bias": "bias", "filters": "out_channels",
    "strides": "stride", "rate": "p", "prob": "p", "dropout": "p", "alpha": "negative_slope", "axis": "dim",
    "size_average": "reduction", "reduce": "reduction", "weights": "weight", "smoothing": "label_smoothing",
    "seed": "rng", "random_state": "rng", "generator": "rng", "x": "input", "y": "target", "labels": "target",
}  # fmt: skip


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
            called = f"{name.rpartition('.')[0]}.{type(args[0]).__name__}" if own else name  # the subclass's name
            raise _misfit(called, function, args, kwargs, own, problem) from problem

    return checked


def _misfit(
    name: str, function: Callable[..., Any], args: Any, kwargs: dict[str, Any], own: int, problem: Exception
) -> ArgumentError:
    """Return the error that says which argument didn't fit, as far as names and kinds tell."""
    bare = function is object.__init__
    parameters = {} if bare else dict(list(inspect.signature(function).parameters.items())[own:])
    given = [_short(v) for v in args[own:]] + [f"{n}={_short(v)}" for n, v in kwargs.items()]
    expected, remedy = "arguments that fit" if not bare else "no argument", f"see help({name})"
    if bare and args[own:]:
        remedy = "leave it out"
    unknown = [n for n in kwargs if n not in parameters] if "kwargs" not in parameters else []
    if unknown:
        expected = f"the arguments {', '.join(parameters)}" if parameters else expected
        remedy = _meant(unknown[0], list(parameters))
    for n, value in {**dict(zip(parameters, args[own:], strict=False)), **kwargs}.items():
        kind = _NUMBERS.get(str(parameters[n].annotation)) if n in parameters else None
        if kind and not isinstance(value, kind[1]):
            expected, remedy = f"{kind[0]} for {n}", f"{n} is of type {type(value).__name__}: convert it first"
    got = (", ".join(given) or "nothing") + ("" if bare else f" ({' '.join(str(problem).split())})")
    return ArgumentError(f"{name}({', '.join(parameters)})", expected, got, remedy)


def explain_call(remedy: str) -> Callable[[F], F]:
    """Let a function say what to do where its call alone didn't fit; what goes wrong inside is left as it is."""

    def explained(function: F) -> F:
        @functools.wraps(function)
        def checked(*args: Any, **kwargs: Any) -> Any:
            try:
                return function(*args, **kwargs)
            except TypeError as problem:
                if problem.__traceback__ is None or problem.__traceback__.tb_next is not None:  # it had begun
                    raise
                names = ", ".join(inspect.signature(function).parameters)
                where = f"nn.{function.__name__}({names})"
                raise ArgumentError(where, "arguments that fit", str(problem), remedy) from None

        return cast(F, checked)

    return explained


def _meant(unknown: str, parameters: list[str]) -> str:
    """Say which argument was meant by a name that there isn't."""
    elsewhere = _ELSEWHERE.get(unknown)
    near = [elsewhere] if elsewhere in parameters else difflib.get_close_matches(unknown, parameters, n=1)
    return f"write {near[0]}= instead of {unknown}=" if near else f"leave out {unknown}="


def mention(module: Any, name: str, value: list[Any] | tuple[Any, ...] | dict[Any, Any]) -> None:
    """Warn of layers in a plain list or dict, which their module would find nowhere else."""
    held = [v for v in (value.values() if isinstance(value, dict) else value) if _trains(v)]
    if not held or {*map(id, held)} <= {*map(id, module.modules()), *map(id, module.parameters())}:
        return
    import warnings  # start-up cost: only needed where something is off

    kind = "Parameter" if all(isinstance(v, Parameter) for v in held) else "Module"
    better = f"{kind}Dict" if isinstance(value, dict) else f"{kind}List"
    warnings.warn(
        f"{type(module).__name__}.{name} is a {type(value).__name__}: training will not find what it holds; "
        f"use {better}, or one attribute for each",
        GradientWarning,
        stacklevel=3,
    )


def _trains(value: Any) -> bool:
    return isinstance(value, Parameter) or (hasattr(value, "named_parameters") and not isinstance(value, type))


def _short(value: Any) -> str:
    text = " ".join(repr(value).split())
    return text if len(text) <= 60 else text[:57] + "…"
