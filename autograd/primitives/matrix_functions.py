"""Functions of a square matrix: determinants and the exponential."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np

from autograd.primitives.batching import aligned, same
from autograd.primitives.domain import case
from autograd.primitives.notation import call
from autograd.primitives.primitive import Primitive, general
from autograd.primitives.solving import WELL, inverse, refuse_half

_RANK_1 = np.outer([1.0, 2.0, -1.0], [0.5, 1.0, 3.0])
_RANK_2 = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]])
_SINGULAR = "add a multiple of the identity, or keep away from singular matrices"


def _over_both(x: Any) -> Any:
    return np.sum(x, axis=(-2, -1), keepdims=True)


def _well(a: Any) -> tuple[Any, Any] | None:
    """Return determinant and inverse where they tell the cofactors to half of all digits; else None."""
    try:
        inverted = np.linalg.inv(a)
    except np.linalg.LinAlgError:
        return None
    condition = np.linalg.norm(a, axis=(-2, -1)) * np.linalg.norm(inverted, axis=(-2, -1))
    if not np.all(condition < np.finfo(a.dtype).eps ** -0.5):
        return None
    return np.linalg.det(a)[..., None, None], inverted


def _turned(a: Any) -> tuple[Any, Any, Any, Any]:
    """Return a = u·diag(s)·vᵀ with the sign det(u)·det(v), in which cofactors are products of s: exact at any rank."""
    u, s, vt = np.linalg.svd(a)
    return u, s, vt, (np.linalg.det(u) * np.linalg.det(vt))[..., None, None]


def _product_without(s: Any, count: int) -> Any:
    """Return Π s over all places but i (and j): never divides, so zeros among s do no harm."""
    n = s.shape[-1]
    kept = 1 - np.eye(n, dtype=s.dtype)
    if count == 2:
        kept = kept[:, None, :] * kept[None, :, :]
    s = s[(..., *(None,) * count, slice(None))]
    return np.prod(np.where(kept == 0, np.ones_like(s), s), axis=-1)


def _cofactors(a: Any) -> Any:
    if (known := _well(a)) is not None:
        return known[0] * known[1].mT
    u, s, vt, sign = _turned(a)
    return sign * (u * _product_without(s, 1)[..., None, :]) @ vt


cofactors: Primitive = general(
    _cofactors, lambda y_bar, a: cofactors_along(a, y_bar),
    name="cofactors", operands="a", internal=True, method=False, behind=same,
    cases=(case(WELL), case(np.stack([WELL, 2 * WELL])), case(np.full((2, 1, 1), 3.0))),
    doc="The matrix of cofactors, ∂det(a)/∂a, at singular matrices too (there to the second derivative of det).",
    formulas=(lambda y_bar: call("pullback of cofactors", y_bar),), expects="a (…, n, n)",
)  # fmt: skip


def _cofactors_along(a: Any, e: Any) -> Any:
    if (known := _well(a)) is not None:
        d, b = known
        return d * (_over_both(b.mT * e) * b.mT - b.mT @ e.mT @ b.mT)
    u, s, vt, sign = _turned(a)
    e, without = u.mT @ e @ vt.mT, _product_without(s, 2)
    n = s.shape[-1]
    without = without * (1 - np.eye(n, dtype=s.dtype))
    diagonal = np.sum(without * np.diagonal(e, axis1=-2, axis2=-1)[..., None, :], axis=-1)
    inside = diagonal[..., :, None] * np.eye(n, dtype=s.dtype) - without * e.mT
    return sign * u @ inside @ vt


def _third(y_bar: Any, a: Any, e: Any) -> Any:
    """Return the gradient of ȳ·D²det(a)[e, ȳ], written with the inverse."""
    b = inverse(a, "the third derivative of det(a)", _SINGULAR)
    p, q = _over_both(b.mT * e), _over_both(b.mT * y_bar)
    be, by = b @ e @ b, b @ y_bar @ b
    r = _over_both(be.mT * y_bar)
    inside = (p * q - r) * b - q * be - p * by + be @ y_bar @ b + by @ e @ b
    return det(a)[..., None, None] * inside.mT


cofactors_along: Primitive = general(
    _cofactors_along, (_third, lambda y_bar, a: cofactors_along(a, y_bar)),
    name="cofactors_along", operands="a e", internal=True, method=False, broadcasts=True, behind=aligned,
    cases=(case(WELL, (3, 3)), case(np.stack([WELL, 2 * WELL]), (3, 3))),
    doc="The derivative of the cofactors of a in the direction e.",
    formulas=(lambda y_bar: call("pullback of cofactors", y_bar), lambda y_bar: call("cofactors along", y_bar)),
    expects="a and e (…, n, n)",
)  # fmt: skip

det = general(
    np.linalg.det, lambda y_bar, a: y_bar[..., None, None] * cofactors(a),
    name="det", operands="a", method=False, behind=same, numpy=(np.linalg.det,),
    smooth=False,  # at a singular matrix the third derivative is refused
    cases=(case(WELL), case(np.stack([WELL, _RANK_2])), case(_RANK_1), case(_RANK_2), case((1, 1)), case((2, 0, 0))),
    doc="The determinant. Its gradient is the matrix of cofactors, right at singular matrices too.",
    formulas=(lambda y_bar, a: y_bar * call("cofactors", a),), expects="a (…, n, n)",
)  # fmt: skip


def _signed_logarithm(a: Any) -> Any:
    return np.stack(np.linalg.slogdet(a), axis=-1)


def _a_bar_of_logarithm(y_bar: Any, a: Any) -> Any:
    return y_bar[..., 1][..., None, None] * inverse(a, "the derivative of log|det a|", _SINGULAR).mT


sign_and_logdet = general(
    _signed_logarithm, _a_bar_of_logarithm,
    name="sign_and_logdet", operands="a", internal=True, method=False, behind=same,
    cases=(case(WELL), case(np.stack([WELL, -WELL]))),
    doc="The sign of the determinant and the logarithm of its magnitude, side by side.",
    formulas=(lambda y_bar, a: y_bar * call("inv", a).mT,), expects="a (…, n, n)",
)  # fmt: skip


def _expm(a: Any) -> Any:
    refuse_half(a)
    return importlib.import_module("scipy.linalg").expm(a)  # start-up cost


def _a_bar_of_expm(y_bar: Any, a: Any, a_shape: tuple[int, ...], lead: tuple[int, ...]) -> Any:
    """Read Fréchet's derivative at aᵀ off the exponential of [[aᵀ, ȳ], [0, aᵀ]] (Higham 2008, theorem 3.6)."""
    n = a_shape[-1]
    t = np.broadcast_to(a.mT, lead + a_shape)
    above = np.concatenate([t, y_bar], axis=-1)
    below = np.concatenate([np.zeros_like(t), t], axis=-1)
    return matrix_exponential(np.concatenate([above, below], axis=-2))[..., :n, n:]


matrix_exponential = general(
    _expm, _a_bar_of_expm,
    name="matrix_exponential", operands="a", internal=True, method=False, behind=same,
    cases=(case((3, 3)), case((2, 2, 2)), case((1, 1))),
    doc="The exponential Σ aᵏ/k! of a square matrix, or of each in a stack (computed by SciPy).",
    formulas=(lambda y_bar: call("pullback of expm", y_bar),), expects="a (…, n, n)",
)  # fmt: skip
