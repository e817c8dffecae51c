"""Functions with the derivative you say: ``custom_gradient``, and roots by the implicit function theorem."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.apply import apply
from autograd.errors import ArgumentError, GraphError, ShapeError, short
from autograd.graph.mode import no_grad
from autograd.primitives import solving
from autograd.primitives.primitive import on_the_fly
from autograd.tensor import Tensor, as_tensor, raw
from autograd.transforms.gradient import Function, title, vjp
from autograd.transforms.jacobian import jacobian


def custom_gradient(f: Function, pullback: Callable[..., Any]) -> Function:
    """Return ``f`` with its derivative replaced by ``pullback(y_bar, y, *args)``.

    ``pullback`` returns one cotangent for each argument (for a single argument, just that one), shaped like it; None
    where nothing flows. Written with operators and NumPy functions, it can itself be differentiated.

    >>> rounded = custom_gradient(np.round, lambda y_bar, y, x: y_bar)  # the straight-through estimator
    >>> from autograd import grad
    >>> grad(lambda x: rounded(x) * x)(2.3)
    np.float64(4.3)
    """
    name = getattr(f, "__name__", type(f).__name__)
    where = title("custom_gradient", f)

    def evaluate(*arrays: Any) -> Any:
        with no_grad():
            return as_tensor(f(*arrays))._value

    def rule(y_bar: Any, y: Any, operands: tuple[Any, ...], position: int, lead: tuple[int, ...]) -> Any:
        def share(row: Any) -> Any:
            return _share(pullback(row, y, *operands), row, operands[position], position, where)

        if not lead:
            return share(y_bar)
        shape = lead + np.shape(raw(operands[position]))
        shares = [share(y_bar[place]) for place in np.ndindex(lead)]
        return np.reshape(np.stack(shares), shape) if shares else np.zeros(shape)

    primitive = on_the_fly(name, evaluate, rule)
    fits: set[int] = set()  # how many arguments the pullback is known to take

    @functools.wraps(f)
    def replaced(*args: Any) -> Any:
        if len(args) not in fits:
            if misfit := _misfit(pullback, len(args) + 2):
                raise ArgumentError(where, "a pullback(y_bar, y, *args), with the arguments of f", *misfit)
            fits.add(len(args))
        return apply(primitive, tuple(as_tensor(a) for a in args), {})

    return replaced


def _misfit(pullback: Any, count: int) -> tuple[str, str] | None:
    """Say what is wrong with a pullback that can't be called with so many arguments."""
    if not callable(pullback):
        return short(pullback), "pass a function"
    try:
        inspect.signature(pullback).bind(*[None] * count)
    except TypeError as problem:
        return f"{problem}", f"take {count}: the cotangent, the output, and each argument"
    except ValueError:  # a function written in C tells nothing
        pass
    return None


def _share(pulled: Any, y_bar: Any, operand: Any, position: int, where: str) -> Any:
    share = pulled[position] if isinstance(pulled, (tuple, list)) else pulled
    shape = np.shape(raw(operand))
    if share is None:
        return np.zeros(shape, dtype=raw(operand).dtype)
    if np.shape(raw(share)) != shape:
        raise ShapeError(
            where,
            f"a cotangent of shape {shape} for argument {position}",
            f"shape {np.shape(raw(share))}",
            "return one cotangent for each argument, each shaped like its argument",
        )
    if isinstance(y_bar, Tensor) and y_bar.node.tracked and not isinstance(share, Tensor) and np.any(share):
        raise GraphError(
            where,
            "a pullback that can itself be differentiated, for forward mode and higher orders",
            "one that returned a plain array for a tensor y_bar",
            "compute it from y_bar with operators and NumPy functions",
        )
    return share


def custom_root(residual: Function, solve: Function) -> Function:
    """Return ``solve`` with the derivative of the root it finds: ``residual(x, *parameters) = 0``.

    ``solve(*parameters)`` may use anything (SciPy, a loop): it isn't differentiated. By the implicit function theorem
    ``∂x/∂θ = −(∂g/∂x)⁻¹ ∂g/∂θ``. With ``residual = grad(objective)`` the root is an argmin. Works at every order.
    Source: Krantz & Parks, The Implicit Function Theorem (2003), §1.3.

    >>> from autograd import grad
    >>> cube_root = custom_root(lambda x, a: x**3 - a, lambda a: np.cbrt(raw(a)))
    >>> round(float(grad(cube_root)(8.0)), 12)
    0.083333333333
    """

    def pullback(y_bar: Any, y: Any, *parameters: Any) -> Any:
        n = int(np.size(raw(y)))
        J = np.reshape(jacobian(residual)(y, *parameters), (n, n))
        multiplier = solving.solve(np.swapaxes(J, 0, 1), np.reshape(-y_bar, (n,)))
        _, pull = vjp(lambda *given: residual(y, *given), *parameters)
        return pull(np.reshape(multiplier, np.shape(raw(y))))

    return custom_gradient(solve, pullback)
