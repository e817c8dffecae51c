"""Factors of a matrix: Cholesky, QR, eigenvectors, singular vectors.

A primitive has one output, so factors are packed side by side in one array; ``compositions/decompositions.py`` takes
them apart. Eigenvectors that belong to a repeated eigenvalue, and singular vectors that belong to a repeated singular
value, are arbitrary within their space and have no derivative: asking for one is refused, while the values alone are
differentiated at repeats as well.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.errors import NoDerivativeError
from autograd.primitives.batching import aligned, same
from autograd.primitives.domain import case
from autograd.primitives.notation import call
from autograd.primitives.primitive import Primitive, general
from autograd.primitives.solving import WELL, triangular_solve

_SPD = np.array([[4.0, 1.0, 0.5], [1.0, 3.0, -0.5], [0.5, -0.5, 2.0]])
_REAL = np.array([[1.0, 0.5, 0.2], [0.3, 2.0, -0.4], [-0.1, 0.6, 4.0]])  # its eigenvalues are real
_TALL = np.array([[2.0, 0.3], [-0.5, 1.0], [0.4, 0.7]])


def _a_bar_of_reading(y_bar: Any, a: Any) -> Any:
    if 0 in a.shape:
        return y_bar
    # a = b·bᵀ need not be symmetric to the last digit
    difference, size = (np.max(abs(x), axis=(-2, -1), keepdims=True) for x in (a - a.mT, a))
    alike = difference <= 10 * a.shape[-1] * float(np.finfo(a.dtype).eps) * size
    return np.where(alike, (y_bar + y_bar.mT) / 2, y_bar)


read_as_symmetric = general(
    lambda a: a, _a_bar_of_reading,
    name="read_as_symmetric", operands="a", internal=True, method=False, behind=same, selects=True,
    cases=(case((3, 3)), case((2, 3, 3))),
    doc="a itself, before a function that reads one triangle. At a symmetric a the gradient is made symmetric, as in "
    "PyTorch: the derivative among symmetric matrices; elsewhere it stays with the triangle that was read.",
    formulas=(lambda y_bar: (y_bar + y_bar.mT) / 2,), expects="a (…, n, n)",
)  # fmt: skip


def _over_gaps(c: Any, gaps: Any) -> Any:
    closed = gaps == 0
    if np.any(closed):
        size = np.max(abs(c), axis=(-2, -1), keepdims=True, initial=0)
        if np.any(closed & (abs(c) > np.finfo(c.dtype).eps ** 0.75 * size)):
            raise NoDerivativeError(
                "the derivative of eigenvectors or singular vectors",
                "values that differ from each other (and from 0, for the vectors of a matrix that isn't square)",
                "a repeated value: its vectors are arbitrary within their space, and have no derivative",
                "use the values alone, or perturb the matrix",
            )
    return np.where(closed, np.zeros_like(c), c / np.where(closed, np.ones_like(gaps), gaps))


over_gaps: Primitive = general(
    _over_gaps, (lambda y_bar, gaps: over_gaps(y_bar, gaps), lambda y_bar, y, gaps: -over_gaps(y_bar * y, gaps)),
    name="over_gaps", operands="c gaps", internal=True, method=False, broadcasts=True, behind=aligned,
    cases=(case((3, 3), WELL + 5), case((2, 3, 3), WELL + 5)),
    doc="c/gaps, with 0 where both vanish; refused where only the gap does.",
    formulas=(lambda y_bar, gaps: y_bar / gaps, lambda y_bar, y, gaps: -y_bar * y / gaps),
)  # fmt: skip


def _identity(n: int, like: Any) -> Any:
    return np.eye(n, dtype=like.dtype)


def _opened(gaps: Any, values: Any) -> Any:
    """Set a gap to 0 that is nothing but rounding."""
    n = values.shape[-1]
    size = np.max(abs(values), axis=-1, keepdims=True)[..., None]
    return np.where(abs(gaps) <= 10 * n * float(np.finfo(gaps.dtype).eps) * size, np.zeros_like(gaps), gaps)


def _turn(c: Any, values: Any, squared: bool = False) -> Any:
    """Return c_ij/(w_j − w_i) off the diagonal, 0 on it; with ``squared`` over w_j² − w_i²."""
    eye = _identity(values.shape[-1], values)
    gaps = _opened(values[..., None, :] - values[..., :, None], values) + eye
    if squared:
        gaps = gaps * ((values[..., None, :] + values[..., :, None]) * (1 - eye) + eye)
    return over_gaps(c * (1 - eye), gaps)


# Symmetric matrices, of which one triangle is read


def _onto_triangle(full: Any, upper: bool = False) -> Any:
    """Return the gradient of the triangle from that of the symmetric matrix, given with either half of its entries."""
    n = full.shape[-1]
    read = np.tri(n, dtype=full.dtype)
    return (full + full.mT) * ((read.T if upper else read) - _identity(n, full) / 2)


def _cholesky(a: Any) -> Any:
    return np.linalg.cholesky(a)


def _a_bar_of_cholesky(y_bar: Any, y: Any) -> Any:
    """Murray (2016), equation 10."""
    n = y.shape[-1]
    half = np.tri(n, dtype=y.dtype) - _identity(n, y) / 2
    inside = (y.mT @ (y_bar * np.tri(n, dtype=y.dtype))) * half
    left = triangular_solve(y.mT, inside)
    return _onto_triangle(triangular_solve(y.mT, left.mT))


cholesky_factor = general(
    _cholesky, _a_bar_of_cholesky,
    name="cholesky_factor", operands="a", internal=True, method=False, behind=same,
    cases=(case(_SPD), case(np.stack([_SPD, 2 * _SPD])), case(np.full((1, 1), 4.0))),
    doc="The lower triangular y with y·yᵀ = a, of a symmetric positive definite a.",
    formulas=(lambda y_bar: call("pullback of cholesky", y_bar),), expects="a (…, n, n), positive definite",
)  # fmt: skip


def _eigh(a: Any, upper: bool = False) -> Any:
    w, v = np.linalg.eigh(a, "U" if upper else "L")
    return np.concatenate([w[..., None, :], v], axis=-2)


def _a_bar_of_eigh(y_bar: Any, y: Any, upper: bool) -> Any:
    """Giles (2008), section 3.1."""
    if not y.shape[-1]:
        return y_bar[..., 1:, :]
    w, v = y[..., 0, :], y[..., 1:, :]
    inside = y_bar[..., :1, :] * _identity(y.shape[-1], y) + _turn(v.mT @ y_bar[..., 1:, :], w)
    return _onto_triangle(v @ inside @ v.mT, upper)


symmetric_eigen = general(
    _eigh, _a_bar_of_eigh,
    name="symmetric_eigen", operands="a", internal=True, method=False, behind=same,
    cases=(case(_SPD), case(_SPD, upper=True), case(np.stack([_SPD, -_SPD])), case(np.full((1, 1), 4.0))),
    doc="The eigenvalues of a symmetric a in rising order, and below them the eigenvectors as columns.",
    formulas=(lambda y_bar: call("pullback of eigh", y_bar),), expects="a (…, n, n)",
)  # fmt: skip


# Any matrix


def _eig(a: Any) -> Any:
    w, v = np.linalg.eig(a)
    if w.dtype.kind == "c":
        raise NoDerivativeError(
            "eig(a)", "a matrix whose eigenvalues are real", "complex ones, which aren't differentiated here",
            "use eigh for a symmetric matrix, or svd",
        )  # fmt: skip
    return np.concatenate([w[..., None, :], v], axis=-2)


def _a_bar_of_eig(y_bar: Any, y: Any) -> Any:
    """Boeddeker et al. (2017), with columns of length 1."""
    if not y.shape[-1]:
        return y_bar[..., 1:, :]
    w, v, v_bar = y[..., 0, :], y[..., 1:, :], y_bar[..., 1:, :]
    plain = getattr(v, "_value", v)
    if not np.all(np.linalg.cond(plain) < np.finfo(plain.dtype).eps ** -0.6):
        raise NoDerivativeError(
            "the derivative of eigenvalues", "a matrix with independent eigenvectors", "one that has none (defective)",
            "perturb the matrix; a symmetric one, by eigh, always has them",
        )  # fmt: skip
    along = v_bar - v * np.sum(v * v_bar, axis=-2, keepdims=True)
    inside = y_bar[..., :1, :] * _identity(y.shape[-1], y) + _turn(v.mT @ along, w)
    return np.linalg.solve(v.mT, inside @ v.mT)


real_eigen = general(
    _eig, _a_bar_of_eig,
    name="real_eigen", operands="a", internal=True, method=False, behind=same,
    cases=(case(_REAL), case(np.stack([_REAL, 2 * _REAL])), case(np.full((1, 1), 4.0))),
    doc="The eigenvalues of a, all real, and below them the eigenvectors as columns of length 1.",
    formulas=(lambda y_bar: call("pullback of eig", y_bar),), expects="a (…, n, n)",
)  # fmt: skip


def _svd(a: Any) -> Any:
    u, s, vt = np.linalg.svd(a, full_matrices=False)
    return np.concatenate([u.mT, s[..., None], vt], axis=-1)


def _a_bar_of_svd(y_bar: Any, y: Any, a_shape: tuple[int, ...], lead: tuple[int, ...]) -> Any:
    """Townsend (2016); the parts outside the spaces of u and v exist only where a isn't square."""
    (m, n), k = a_shape[-2:], y.shape[-2]
    if not k:
        return np.zeros(lead + a_shape, y.dtype)
    u, s, v = y[..., :m].mT, y[..., m], y[..., m + 1 :].mT
    u_bar, s_bar, v_bar = y_bar[..., :m].mT, y_bar[..., m], y_bar[..., m + 1 :].mT
    on_u, on_v = u.mT @ u_bar, v.mT @ v_bar
    turned_u, turned_v = _turn(on_u, s, squared=True), _turn(on_v, s, squared=True)
    inside = (turned_u + turned_u.mT) * s[..., None, :] + s[..., :, None] * (turned_v + turned_v.mT)
    full = u @ (inside + s_bar[..., None, :] * _identity(k, y)) @ v.mT
    divisor = _opened(s[..., None, :], s)
    if m > k:
        full = full + over_gaps(u_bar - u @ on_u, divisor) @ v.mT
    if n > k:
        full = full + u @ over_gaps(v_bar - v @ on_v, divisor).mT
    return full


singular_values_and_vectors = general(
    _svd, _a_bar_of_svd,
    name="singular_values_and_vectors", operands="a", internal=True, method=False, behind=same,
    cases=(case(WELL), case(_TALL), case(np.stack([_TALL.T, 2 * _TALL.T])), case(np.full((1, 1), 4.0))),
    doc="In each row a left singular vector, its singular value, and the right singular vector.",
    formulas=(lambda y_bar: call("pullback of svd", y_bar),), expects="a (…, m, n)",
)  # fmt: skip


def _qr(a: Any) -> Any:
    q, r = np.linalg.qr(a)
    return np.concatenate([q.mT, r], axis=-1)


def _a_bar_of_qr(y_bar: Any, y: Any, a_shape: tuple[int, ...]) -> Any:
    """Roberts and Roberts (2020), equation 8."""
    m, n = a_shape[-2:]
    lower = np.tri(n, dtype=y.dtype)
    q, r, q_bar, r_bar = y[..., :m].mT, y[..., m:], y_bar[..., :m].mT, y_bar[..., m:] * lower.T
    pivots = abs(np.diagonal(getattr(r, "_value", r), axis1=-2, axis2=-1))
    if n and np.any(np.min(pivots, axis=-1) <= m * np.finfo(y.dtype).eps * np.max(pivots, axis=-1)):
        raise NoDerivativeError(
            "the derivative of qr(a)", "independent columns", "columns that depend on each other",
            "drop the dependent columns, or use svd",
        )  # fmt: skip
    inside = r @ r_bar.mT - q_bar.mT @ q
    inside = inside * lower + (inside * (lower - _identity(n, y))).mT
    return triangular_solve(r, (q_bar + q @ inside).mT).mT


orthogonal_triangular = general(
    _qr, _a_bar_of_qr,
    name="orthogonal_triangular", operands="a", internal=True, method=False, behind=same,
    cases=(case(WELL), case(_TALL), case(np.stack([_TALL, 2 * _TALL])), case(np.full((1, 1), 4.0))),
    doc="qᵀ and r side by side, of a matrix with at least as many rows as columns.",
    formulas=(lambda y_bar: call("pullback of qr", y_bar),), expects="a (…, m, n) with m ≥ n",
)  # fmt: skip
