"""Whole-batch minimization on exact gradients, Hessians and Hessian products: SciPy's methods, and damped Newton."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd import ArgumentError, hessian, hvp, value_and_grad
from nn.optim.problem import Problem

METHODS = {
    "newton": "newton",
    "bfgs": "BFGS",
    "l-bfgs": "L-BFGS-B",
    "l-bfgs-b": "L-BFGS-B",
    "lbfgs": "L-BFGS-B",
    "cg": "CG",
    "newton-cg": "Newton-CG",
    "trust-region": "trust-ncg",
    "trust-ncg": "trust-ncg",
    "trust-exact": "trust-exact",
}
TINY = 1e-20  # a gradient below this is none; rounding stops every search long before, but at a singular minimum
STOPPED = "stopped by the callback"
PATIENCE = 40  # trials without a decrease: a radius that is quartered so often is below rounding


def minimize(
    what: Any,
    x0: Any = None,
    *,
    method: str = "bfgs",
    loss: Callable[[Any, Any], Any] | None = None,
    tol: float | None = None,
    max_iter: int | None = None,
    callback: Callable[[Any], Any] | None = None,
    options: dict[str, Any] | None = None,
) -> Any:
    """Return the ``x`` that makes a function smallest, near where it starts; a model is left with the best parameters.

    ``what`` is a function of ``x0`` (an array, or a nest of lists, tuples and dicts of them) that returns one number,
    or a model, with ``x0`` the data ``(inputs, …, target)`` for ``loss(output, target)``, or a closure that returns
    the loss. All data are taken in every step, so what is random (dropout) or remembers (batch norm in training mode)
    should be switched off by ``model.eval()``; a model in float64 (``model.double()``) gets further.

    ========================  ==========================================================================================
    ``"newton"``              ``x − t·|H|⁻¹∇f``: eigenvalues of the Hessian by their size, so that the step goes
                              downhill past saddles; t halved until f falls enough (Armijo).
    ``"trust-region"``        Newton within a radius that is trusted, by conjugate gradients on Hessian products
                              (``"trust-ncg"``), or solved exactly with the whole Hessian (``"trust-exact"``).
    ``"newton-cg"``           Newton's equation by conjugate gradients on Hessian products.
    ``"cg"``                  Nonlinear conjugate gradients, Polak and Ribière's.
    ``"bfgs"``, ``"l-bfgs"``  Quasi-Newton: the inverse Hessian from gradients met on the way; the second remembers few.
    ========================  ==========================================================================================

    The search goes on until ‖∇f‖∞ ≤ ``tol``, or by default as far as rounding lets it, for at most ``max_iter`` steps.
    ``callback(x)`` sees each step's vector, and may raise StopIteration; ``options`` are handed to SciPy.

    The result is SciPy's ``OptimizeResult``: x, fun, grad (nested like x), nit, nfev, success, status, message.

    Sources: Nocedal and Wright, Numerical Optimization (2006), chapters 3 to 7; the manual of scipy.optimize.minimize.

    >>> def rosenbrock(x):
    ...     return (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2
    >>> minimize(rosenbrock, [-1.2, 1.0], method="newton").x.round(9)
    array([1., 1.])

    Raises ArgumentError for an unknown method, for no start, and where the value at the start isn't finite.
    """
    if method.lower() not in METHODS:
        raise ArgumentError("minimize", f"method among {', '.join(METHODS)}", repr(method), "pick one of them")
    from scipy.optimize import OptimizeResult  # type: ignore[import-untyped]  # start-up cost

    problem = Problem("minimize", what, x0, loss)
    with np.errstate(all="ignore"):  # a trial step may overflow, and is then taken back
        f = _Measured(problem)
        if not math.isfinite(f(problem.start)[0]):
            raise ArgumentError("minimize", "a finite value at the start", str(f.value), "start elsewhere")
        name, bar = METHODS[method.lower()], TINY if tol is None else tol
        if name == "newton":
            found = OptimizeResult(_newton(f, problem.start, bar, max_iter or 1000, callback))
        else:
            found = _scipy(f, problem.start, name, bar, max_iter, callback, options or {})
    enough = 1e-5 * max(1.0, abs(float(found.fun))) if tol is None else tol
    if not found.success and found.status not in (1, 3) and np.abs(found.jac).max() <= enough:
        found.update(success=True, message="converged: rounding lets it fall no further")
    found.x, found.grad, found.nfev = problem.solution(found.x), problem.nest(found.jac), f.count
    found.jac = found.grad
    return found


class _Measured:
    """The function with its derivatives in float64, as SciPy asks for them; the last place is remembered."""

    def __init__(self, problem: Problem) -> None:
        self.problem, self.count = problem, 0
        self._both, self._hessian = value_and_grad(problem), hessian(problem)
        self.at: Any = None
        self.value, self.gradient = math.inf, problem.start

    def __call__(self, x: Any) -> tuple[float, Any]:
        if self.at is None or not np.array_equal(x, self.at):
            self.count += 1
            value, gradient = self._both(x.astype(self.problem.dtype))
            self.at, self.gradient = np.array(x), np.asarray(gradient, np.float64)
            self.value = float(value) if np.isfinite(gradient).all() and np.isfinite(value) else math.inf
        return self.value, self.gradient

    def hessian(self, x: Any) -> Any:
        H = np.asarray(self._hessian(x.astype(self.problem.dtype)), np.float64)
        return (H + H.T) / 2

    def product(self, x: Any, v: Any) -> Any:
        dtype = self.problem.dtype
        return np.asarray(hvp(self.problem, (x.astype(dtype),), (v.astype(dtype),)), np.float64)


def _newton(f: _Measured, x: Any, tol: float, max_iter: int, callback: Callable[[Any], Any] | None) -> dict[str, Any]:
    """Damped Newton: what SciPy has no plain form of."""
    x = x.astype(np.float64)
    eps, nit, status, t = float(np.finfo(f.problem.dtype).eps), 0, 1, 1.0
    value, gradient = f(x)
    while nit < max_iter:
        if np.abs(gradient).max() <= tol:
            status = 0
            break
        curvature, axes = np.linalg.eigh(f.hessian(x))
        size = np.abs(curvature)
        step = -(axes @ ((axes.T @ gradient) / np.maximum(size, max(50 * eps * size.max(), 1e-300))))
        slope, t = float(gradient @ step), 1.0
        trial, new = f(x + step)
        sure = -slope > 50 * eps * abs(value)
        if not sure and not (
            abs(trial - value) <= 50 * eps * abs(value) and np.abs(new).max() < np.abs(gradient).max()
        ):
            status = 0  # the values differ by rounding only, and the gradient says no better
            break
        while sure and not trial <= value + 1e-4 * t * slope and t > 1e-18:
            t /= 2
            trial, new = f(x + t * step)
        if t <= 1e-18 or np.array_equal(x + t * step, x):  # a whole step that moves nothing is the end
            status = 0 if t == 1 else 2
            break
        x, value, gradient, nit = x + t * step, trial, new, nit + 1
        try:
            if callback is not None:
                callback(x)
        except StopIteration:
            status = 3
            break
    messages = ["converged", "stopped: max_iter is reached", "stopped: no decrease along the step", STOPPED]
    return {
        "x": x, "fun": value, "jac": gradient, "nit": nit,
        "success": status == 0, "status": status, "message": messages[status],
    }  # fmt: skip


def _scipy(
    f: _Measured,
    x: Any,
    name: str,
    tol: float,
    max_iter: int | None,
    callback: Callable[[Any], Any] | None,
    options: dict[str, Any],
) -> Any:
    """Run SciPy's method, again and again from where it stopped, as long as the value falls or the gradient halves.

    Its methods stop by constants that know no scale (a curvature below 3·10⁻¹⁶ is none): each run sees the function
    with a gradient of 1 at its start. With a tolerance that was asked for, one run is enough.
    """
    import scipy.optimize  # type: ignore[import-untyped]  # start-up cost

    once = tol > TINY and name != "Newton-CG"
    x, left, nit = x.astype(np.float64), max(2000, 200 * x.size) if max_iter is None else max_iter, 0
    while True:
        value, gradient = f(x)
        steep = float(np.abs(gradient).max())
        scale = 1.0 if once else steep or 1.0
        watch = _Watch(f, callback, max(tol, 1e-5 * steep) if name == "Newton-CG" else tol)
        found = scipy.optimize.minimize(
            functools.partial(_walled, f, scale=scale, wall=abs(value) + 1e10 * scale),
            x,
            jac=True,
            method=name,
            callback=watch,
            options=_limits(name, tol / scale, left) | options,
            **_exact(f, name, scale),
        )
        nit, left = nit + found.nit, left - found.nit
        found.fun, found.jac = f(found.x)
        found.nit = nit
        slope = np.abs(found.jac).max()
        fallen = value - found.fun
        further = fallen >= 0 and (slope < steep / 2 or fallen > 1e-9 * abs(value))
        if once or watch.asked or slope <= tol or left <= 0 or not further:
            if not fallen >= 0:
                found.x, found.fun, found.jac = x, value, gradient
            if watch.asked:
                found.status, found.message = 3, STOPPED
            return found
        x = found.x


class _Watch:
    """Sees each step of a run, and ends it where the gradient is small, nothing falls any more, or the user says so."""

    def __init__(self, f: _Measured, callback: Callable[[Any], Any] | None, enough: float) -> None:
        self.f, self.callback, self.enough = f, callback, enough
        self.best, self.waited, self.asked = f.value, 0, False

    def __call__(self, intermediate_result: Any) -> None:
        try:
            if self.callback is not None:
                self.callback(np.array(intermediate_result.x))
        except StopIteration:
            self.asked = True
            raise
        value, gradient = self.f(intermediate_result.x)
        self.best, self.waited = (value, 0) if value < self.best else (self.best, self.waited + 1)
        if self.waited >= PATIENCE or np.abs(gradient).max() <= self.enough:
            raise StopIteration


def _walled(f: _Measured, x: Any, scale: float, wall: float) -> tuple[float, Any]:
    """Return value and gradient over ``scale``; where there are none a wall, as line searches interpolate."""
    value, gradient = f(x)
    return (value / scale, gradient / scale) if math.isfinite(value) else (wall / scale, np.zeros_like(gradient))


def _limits(name: str, tol: float, steps: int) -> dict[str, Any]:
    if name == "Newton-CG":
        return {"maxiter": steps, "xtol": 1e-9}
    if name == "L-BFGS-B":
        return {"maxiter": steps, "gtol": tol, "ftol": 0.0, "maxfun": 20 * steps}
    return {"maxiter": steps, "gtol": tol}


def _exact(f: _Measured, name: str, scale: float) -> dict[str, Any]:
    """Return the exact second derivatives that a method takes."""
    if name == "trust-exact":
        return {"hess": lambda x: f.hessian(x) / scale}
    if name in ("Newton-CG", "trust-ncg"):
        return {"hessp": lambda x, v: f.product(x, v) / scale}
    return {}
