"""Linear equations: solve, triangular systems, inverses and pseudo-inverses."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np

from autograd.errors import NoDerivativeError
from autograd.primitives.batching import aligned, same, widened
from autograd.primitives.domain import case
from autograd.primitives.notation import call
from autograd.primitives.primitive import Static, general

WELL = np.array([[4.0, 1.0, 0.0], [-1.0, 3.0, 0.5], [0.2, -0.3, 2.0]])  # well conditioned


def _solve(a: Any, b: Any) -> Any:
    return np.linalg.solve(a, b)


def _b_bar_of_solve(y_bar: Any, a: Any, b_shape: tuple[int, ...]) -> Any:
    if len(b_shape) == 1:  # NumPy's rule: only a plain vector is one column, anything else a stack of matrices
        return np.linalg.solve(a.mT, y_bar[..., None])[..., 0]
    return np.linalg.solve(a.mT, y_bar)


def _a_bar_of_solve(y_bar: Any, a: Any, y: Any, b_shape: tuple[int, ...]) -> Any:
    b_bar = _b_bar_of_solve(y_bar, a, b_shape)
    if len(b_shape) == 1:
        return -(b_bar[..., None] * y[..., None, :])
    return -(b_bar @ y.mT)


def _solve_behind(primitive: Any, operands: Any, batched: Any, static: Static, n: int) -> Any:
    (a, b), (_, b_batched) = operands, batched
    column = np.ndim(b) - b_batched == 1
    b = b[..., None] if column else b
    rank = max(np.ndim(o) - w for o, w in zip((a, b), batched, strict=True))
    y = primitive.on([widened(o, rank) if w else o for o, w in zip((a, b), batched, strict=True)], static)
    return y[..., 0] if column else y


solve = general(
    _solve,
    (
        _a_bar_of_solve,
        _b_bar_of_solve,
    ),
    name="solve", operands="a b", method=False, broadcasts=True, behind=_solve_behind, numpy=(np.linalg.solve,),
    cases=(
        case(WELL, (3,)), case(WELL, (3, 2)), case(np.stack([WELL, 2 * WELL]), (2, 3, 2)), case(WELL, (2, 3, 1)),
        case(np.stack([WELL, 2 * WELL]), (3,)),
    ),
    doc="The solution y of a·y = b, for a square matrix a or a stack of them.",
    formulas=(lambda y_bar, a, y: -call("solve", a.mT, y_bar) @ y.mT, lambda y_bar, a: call("solve", a.mT, y_bar)),
    expects="a (…, n, n), b (n,) or (…, n, k)",
)  # fmt: skip


def _a_bar_of_inv(y_bar: Any, y: Any) -> Any:
    return -(y.mT @ y_bar @ y.mT)


inv = general(
    np.linalg.inv, _a_bar_of_inv,
    name="inv", operands="a", method=False, behind=same, numpy=(np.linalg.inv,),
    cases=(case(WELL), case(np.stack([WELL, 2 * WELL])), case(np.full((1, 1), 2.0)), case((0, 0))),
    doc="The inverse of a square matrix, or of each in a stack; to solve equations, solve is faster and more precise.",
    formulas=(lambda y_bar, y: -(y.mT @ y_bar @ y.mT),), expects="a (…, n, n)",
)  # fmt: skip


def inverse(a: Any, where: str, remedy: str) -> Any:
    """Return the inverse that a derivative needs, or say that a singular matrix has none."""
    try:
        return inv(a)
    except np.linalg.LinAlgError as problem:
        raise NoDerivativeError(where, "an invertible matrix", "a singular one", remedy) from problem


def _pinv(a: Any, rcond: Any = None, hermitian: bool = False) -> Any:
    return np.linalg.pinv(a, rcond, hermitian)


def _a_bar_of_pinv(y_bar: Any, a: Any, y: Any) -> Any:
    """Golub and Pereyra's derivative, with y·yᵀ kept together: each product has the smaller side inside."""
    back = y_bar.mT
    out = -(y.mT @ y_bar @ y.mT)
    out = out + (back - a @ (y @ back)) @ (y @ y.mT)
    return out + (y.mT @ y) @ (back - (back @ y) @ a)


pseudo_inverse = general(
    _pinv, _a_bar_of_pinv,
    name="pseudo_inverse", operands="a", internal=True, method=False, behind=same,
    cases=(case(WELL), case((4, 2)), case((2, 2, 3)), case((3, 2), rcond=1e-8)),
    doc="The pseudo-inverse; its derivative is that at constant rank.",
    formulas=(lambda y_bar: call("pullback of pinv", y_bar),), expects="a (…, m, n)",
)  # fmt: skip


def _triangle(n: int, dtype: Any, lower: bool, unit_diagonal: bool) -> Any:
    """Return ones where a triangular solve reads its matrix."""
    ones = np.tri(n, k=-1 if unit_diagonal else 0, dtype=dtype)
    return ones if lower else ones.T


def refuse_half(*arrays: Any) -> None:
    """Refuse float16 as NumPy's linear algebra does; SciPy would silently compute in float32."""
    if any(a.dtype == np.float16 for a in arrays):
        raise TypeError("array type float16 is unsupported in linalg")


def _triangular_solve(a: Any, b: Any, lower: bool = False, unit_diagonal: bool = False) -> Any:
    refuse_half(a, b)
    if a.ndim == b.ndim == 2 and b.size:
        solved = importlib.import_module("scipy.linalg").solve_triangular  # start-up cost
        return solved(a, b, lower=lower, unit_diagonal=unit_diagonal, check_finite=False)
    n = a.shape[-1]
    read = a * _triangle(n, a.dtype, lower, unit_diagonal)
    return np.linalg.solve(read + np.eye(n, dtype=a.dtype) if unit_diagonal else read, b)


def _b_bar_of_triangular(y_bar: Any, a: Any, lower: bool, unit_diagonal: bool) -> Any:
    return triangular_solve(a.mT, y_bar, not lower, unit_diagonal)


def _a_bar_of_triangular(y_bar: Any, a: Any, y: Any, lower: bool, unit_diagonal: bool) -> Any:
    b_bar = _b_bar_of_triangular(y_bar, a, lower, unit_diagonal)
    return -(b_bar @ y.mT) * _triangle(a.shape[-1], a.dtype, lower, unit_diagonal)


triangular_solve = general(
    _triangular_solve,
    (
        _a_bar_of_triangular,
        _b_bar_of_triangular,
    ),
    name="triangular_solve", operands="a b", internal=True, method=False, broadcasts=True, behind=aligned,
    cases=(
        case(WELL, (3, 2), lower=True), case(WELL, (3, 2)), case(WELL, (2, 3, 1), unit_diagonal=True),
        case(np.stack([WELL, 2 * WELL]), (3, 2), lower=True), case(WELL, (3, 1), lower=True, unit_diagonal=True),
    ),
    doc="The solution y of a·y = b that reads only one triangle of a; b is a matrix.",
    formulas=(
        lambda y_bar, a, y: -call("solve", a.mT, y_bar) @ y.mT, lambda y_bar, a: call("solve", a.mT, y_bar),
    ),
    expects="a (…, n, n), b (…, n, k)",
)  # fmt: skip
