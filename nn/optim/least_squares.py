"""Least squares: Levenberg–Marquardt and Gauss–Newton, on exact Jacobians."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from autograd import ArgumentError, jacobian, jvp
from nn.optim.problem import Problem, difference

METHODS = {"lm": "lm", "levenberg-marquardt": "lm", "gn": "gauss-newton", "gauss-newton": "gauss-newton"}
BEND = 0.75  # how long the correction for curvature may be, beside the step: Transtrum and Sethna's α
NOISE = 450  # in units of rounding: below it differences of two costs say nothing


class Point(NamedTuple):
    """Where the search stands."""

    x: Any
    residuals: Any
    cost: float
    jacobian: Any
    slope: float  # the largest cosine between the residuals and a column of the Jacobian: 0 at a minimum


def least_squares(
    what: Any,
    x0: Any = None,
    *,
    method: str = "lm",
    xtol: float = 1e-15,
    ftol: float = 1e-15,
    gtol: float = 1e-15,
    max_iter: int = 50_000,
    damping: float = 1e-4,
    geodesic: bool = True,
    callback: Callable[[Any], Any] | None = None,
) -> Any:
    """Return the ``x`` that makes ``½‖r(x)‖²`` smallest, for residuals r; a model is left with the best parameters.

    ``what`` is a function of ``x0`` (an array, or a nest of them) that returns the residuals as an array of any shape,
    or a model, with ``x0`` the data ``(inputs, …, target)`` or a closure that returns the residuals.

    * ``"lm"``, Levenberg–Marquardt: ``(JᵀJ + μD²) p = −Jᵀr``, D the longest columns that the Jacobian J has had
      (Moré), so that the units of the unknowns don't matter. μ falls and rises with the ratio of the real to the
      predicted decrease (Nielsen), from ``damping``; a step that overflows is taken back like any other bad one.
      ``geodesic`` adds the second-order correction along the step, from the exact second directional derivative, and
      takes back steps that bend by more than it can follow (Transtrum and Sethna). Each step comes from the singular
      values of J D⁻¹, never from JᵀJ.
    * ``"gauss-newton"``: the same without damping, ``p = −J⁺r``, halved until the cost falls. Fast near the end, lost
      where J loses its rank on the way.

    ``callback(x)`` sees the vector behind each step, and may raise StopIteration.

    The search ends where no residual leans on a column of J by a cosine above ``gtol``, a step is shorter than
    ``xtol·‖x‖`` in the norm of D, or the cost would fall by less than its part ``ftol``. Where costs differ by rounding
    only, a step is judged by the gradient: so the solution has the digits that float64 can give.

    The result is SciPy's ``OptimizeResult``: x, cost, fun (the residuals), jac, grad, optimality (‖grad‖∞), covariance,
    nit, nfev, njev, success, status, message. ``covariance`` is ``2·cost/(m − n) · (JᵀJ)⁻¹``, infinite where J has no
    full rank or there are no more residuals than unknowns.

    Sources: Moré, The Levenberg–Marquardt algorithm: implementation and theory (1978); Nielsen, Damping parameter in
    Marquardt's method (1999); Transtrum and Sethna, Improvements to the Levenberg–Marquardt algorithm (2012);
    Nocedal and Wright, Numerical Optimization (2006), chapter 10.

    >>> t = np.arange(4.0)
    >>> y = 3 * np.exp(-0.5 * t)
    >>> least_squares(lambda b: b[0] * np.exp(-b[1] * t) - y, [1.0, 1.0]).x.round(6)
    array([3. , 0.5])

    Raises ArgumentError for an unknown method, for no start, and where the residuals at the start aren't finite.
    """
    where = "least_squares"
    if method.lower() not in METHODS:
        raise ArgumentError(where, f"method among {', '.join(METHODS)}", repr(method), "pick one of them")
    if not damping > 0 or max_iter < 1:
        raise ArgumentError(where, "damping > 0 and max_iter ≥ 1", f"{damping} and {max_iter}", "leave them out")
    problem = Problem(where, what, x0, difference)
    with np.errstate(all="ignore"):  # a trial step may overflow, and is then taken back
        search = _Search(problem, (xtol, ftol, gtol), max_iter, callback)
        if METHODS[method.lower()] == "lm":
            search.levenberg_marquardt(damping, geodesic)
        else:
            search.gauss_newton()
        return search.result()


class Factors(NamedTuple):
    """The scale D of the unknowns, and the singular value decomposition ``U s Vᵀ`` of J D⁻¹."""

    D: Any
    U: Any
    s: Any
    Vt: Any

    def solve(self, residuals: Any, weights: Any) -> Any:
        """Return the step that answers residuals, each singular direction weighted."""
        return -(self.Vt.T @ (weights * (self.U.T @ residuals))) / self.D

    def length(self, p: Any) -> float:
        """Return the length of a step in units of the scale."""
        return float(np.linalg.norm(self.D * p))


class _Search:
    """A search: where it stands, how far it has come, and why it ended."""

    def __init__(
        self,
        problem: Problem,
        tolerances: tuple[float, float, float],
        max_iter: int,
        callback: Callable[[Any], Any] | None,
    ) -> None:
        self.problem, self.max_iter, self.callback = problem, max_iter, callback
        self.eps = float(np.finfo(problem.dtype).eps)
        self.xtol, self.ftol, self.gtol = (max(t, self.eps) for t in tolerances)
        self._jacobian = jacobian(self._flat)
        self.nit = self.nfev = self.njev = self.status = 0
        start = problem.start.astype(np.float64)
        residuals, cost = self.try_out(start)
        point = self.at(start, residuals, cost)
        if point is None:
            raise ArgumentError(
                problem.where, "finite residuals and derivatives at the start", "some that aren't", "start elsewhere"
            )
        self.point = point
        self.longest = np.zeros_like(start)

    def _flat(self, x: Any) -> Any:
        return self.problem(x).reshape(-1)

    def try_out(self, x: Any) -> tuple[Any, float]:
        """Return residuals and cost of a trial; the cost is infinite where they aren't numbers."""
        self.nfev += 1
        residuals = self.problem.value(x).ravel()
        cost = float(residuals @ residuals) / 2
        return residuals, cost if np.isfinite(cost) else np.inf

    def at(self, x: Any, residuals: Any, cost: float) -> Point | None:
        """Return a point with its derivatives, or None where they aren't finite."""
        self.njev += 1
        J = np.asarray(self._jacobian(x.astype(self.problem.dtype)), np.float64)
        if not (np.isfinite(cost) and np.isfinite(J).all()):
            return None
        lengths = np.linalg.norm(J, axis=0) * np.linalg.norm(residuals)
        leaning = np.abs(J.T @ residuals) / np.where(lengths > 0, lengths, 1)
        return Point(x, residuals, cost, J, float(leaning.max()))

    def levenberg_marquardt(self, mu: float, geodesic: bool) -> None:
        while self._goes_on():
            point, factors, raised = self.point, self._factors(), 2.0
            while not self.status:
                weights = factors.s / (factors.s**2 + mu)
                p = factors.solve(point.residuals, weights)
                if self._is_short(p, factors):
                    break
                predicted, fits = _predicted(point, p), True
                if geodesic:
                    bend = factors.solve(self._curvature(point.x, p), weights) / 2
                    fits = 2 * factors.length(bend) <= BEND * factors.length(p)
                    p = p + bend
                gain = self._move(p, predicted) if fits else None
                if gain is not None:
                    mu *= max(1 / 3, 1 - (2 * gain - 1) ** 3)
                    break
                mu, raised = mu * raised, raised * 2

    def gauss_newton(self) -> None:
        while self._goes_on():
            point, factors = self.point, self._factors()
            smallest = factors.s[0] * self.eps * max(point.jacobian.shape)
            p = factors.solve(point.residuals, np.where(factors.s > smallest, 1 / factors.s, 0))
            predicted = _predicted(point, p)
            while not (self._is_short(p, factors) or self._move(p, predicted) is not None or self.status):
                p, predicted = p / 2, predicted / 2

    def _goes_on(self) -> bool:
        """Tell whether another step is due, and count it."""
        try:
            if self.nit and self.callback is not None:
                self.callback(self.point.x)
        except StopIteration:
            return False
        if not self.status and self.point.slope <= self.gtol:
            self.status = 1
        if self.status or self.nit >= self.max_iter:
            return False
        self.nit += 1
        return True

    def _factors(self) -> Factors:
        J = self.point.jacobian
        self.longest = np.maximum(self.longest, np.linalg.norm(J, axis=0))
        D = np.where(self.longest > 0, self.longest, 1)
        return Factors(D, *np.linalg.svd(J / D, full_matrices=False))

    def _is_short(self, p: Any, factors: Factors) -> bool:
        """Tell whether a step is too short to go on."""
        if factors.length(p) <= self.xtol * factors.length(self.point.x):
            self.status = 2
        return self.status == 2

    def _curvature(self, x: Any, p: Any) -> Any:
        """Return the second derivative of the residuals along a step."""
        x, p = x.astype(self.problem.dtype), p.astype(self.problem.dtype)
        along = jvp(lambda at: jvp(self._flat, (at,), (p,))[1], (x,), (p,))[1]
        return np.asarray(along, np.float64)

    def _move(self, p: Any, predicted: float) -> float | None:
        """Go along a step if that is good; return the ratio of the real to the predicted decrease, or None."""
        point = self.point
        x = point.x + p
        residuals, cost = self.try_out(x)
        fallen = point.cost - cost
        gain = fallen / predicted if predicted > 0 else -1.0
        rounding = max(NOISE * self.eps, self.ftol)
        unsure = max(predicted, abs(fallen)) <= np.sqrt(self.eps) * point.cost
        good = fallen > 0 and gain > 1e-4 and predicted > rounding * point.cost
        if good or unsure:
            found = self.at(x, residuals, cost)
            if found is not None and (good or found.slope < 0.9 * point.slope):
                self.point = found
                return gain if good else 1.0
        if unsure and predicted <= rounding * point.cost:
            self.status = 3
        return None

    def result(self) -> Any:
        """Return what was found; a model gets it."""
        from scipy.optimize import OptimizeResult  # type: ignore[import-untyped]  # start-up cost

        x, residuals, cost, J, _ = self.point
        gradient = J.T @ residuals
        messages = [
            f"stopped after {self.nit} steps, as max_iter or the callback says",
            "converged: the residuals are orthogonal to every column of the Jacobian",
            "converged: the step is below xtol",
            "converged: the cost falls no further",
        ]
        return OptimizeResult(
            x=self.problem.solution(x),
            cost=cost,
            fun=residuals,
            jac=J,
            grad=gradient,
            optimality=float(np.abs(gradient).max()),
            covariance=_covariance(J, cost),
            nit=self.nit,
            nfev=self.nfev,
            njev=self.njev,
            success=self.status > 0,
            status=self.status,
            message=messages[self.status],
        )


def _predicted(point: Point, p: Any) -> float:
    """Return by how much the cost of the linear model falls along a step."""
    moved = point.jacobian @ p
    return float(-(point.residuals @ moved) - moved @ moved / 2)


def _covariance(J: Any, cost: float) -> Any:
    m, n = J.shape
    lengths = np.linalg.norm(J, axis=0)
    if m <= n or not lengths.all():
        return np.full((n, n), np.inf)
    _, s, Vt = np.linalg.svd(J / lengths, full_matrices=False)
    if s[-1] <= s[0] * np.finfo(np.float64).eps * m:
        return np.full((n, n), np.inf)
    root = Vt.T / s / lengths[:, None]
    return 2 * cost / (m - n) * (root @ root.T)
