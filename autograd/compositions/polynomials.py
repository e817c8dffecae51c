"""Polynomials by their coefficients, the highest power first, as in NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.compositions.composition import composed
from autograd.compositions.equations import lstsq
from autograd.compositions.factors import eigvals
from autograd.functions import functions
from autograd.primitives.domain import POSITIVE, case
from autograd.tensor import Tensor, as_tensor, raw

_join = functions["concatenate"]
_convolved = functions["full_convolution"]


def _coefficients(p: Any) -> Tensor:
    coefficients = as_tensor(p)
    if coefficients.ndim > 1:
        raise ValueError("coefficients have one axis")
    return coefficients.reshape(-1)


@composed(case((4,)), case((3,), N=2), case((3,), N=5, increasing=True), case((3,), N=0))
def vander(x: Any, N: int | None = None, increasing: bool = False) -> Any:
    """Return the matrix whose columns are the powers of x, falling unless ``increasing``.

    >>> vander(np.array([2.0, 3.0]), 3)
    Tensor([[4., 2., 1.], [9., 3., 1.]])
    """
    if x.ndim != 1:
        raise ValueError("x has one axis")
    count = len(x) if N is None else N
    powers = range(count) if increasing else range(count - 1, -1, -1)
    return functions["stack"]([x**n for n in powers], axis=1) if count else x[:, None][:, :0]


@composed(case((3,), ()), case((4,), (2, 3)), case((1,), (2,)), case((0,), (2,)))
def polyval(p: Any, x: Any) -> Any:
    """Return the polynomial with coefficients p at x, by Horner's scheme.

    >>> polyval([1.0, 0.0, 2.0], np.array([3.0, 4.0]))
    Tensor([11., 18.])
    """
    p, x = _coefficients(p), as_tensor(x)
    y = x * 0
    for i in range(p.size):
        y = y * x + p[i]
    return y


@composed(case((4,)), case((4,), m=2), case((3,), m=0))
def polyder(p: Any, m: int = 1) -> Any:
    """Return the coefficients of the m-th derivative.

    >>> polyder([1.0, 2.0, 3.0])
    Tensor([2., 2.])
    """
    p = _coefficients(p)
    for _ in range(m):
        p = p[:-1] * np.arange(p.size - 1, 0, -1).astype(p.dtype)
    return p


@composed(case((3,)), case((3,), m=2), case((3,), m=2, k=[1.0, -2.0]))
def polyint(p: Any, m: int = 1, k: Any = None) -> Any:
    """Return the coefficients of the m-th integral, with the constants k (zeros by default).

    >>> polyint([2.0, 2.0])
    Tensor([1., 2., 0.])
    """
    p = _coefficients(p)
    constants = np.broadcast_to(np.zeros(1) if k is None else np.atleast_1d(k), m).astype(p.dtype)
    for i in range(m):
        p = _join([p / np.arange(p.size, 0, -1).astype(p.dtype), constants[i : i + 1]])
    return p


@composed(case((3,), (3,)), case((2,), (4,)))
def polyadd(a1: Any, a2: Any) -> Any:
    """Return the coefficients of the sum.

    >>> polyadd([1.0, 2.0], [1.0, 0.0, 0.0])
    Tensor([1., 1., 2.])
    """
    a1, a2 = _coefficients(a1), _coefficients(a2)
    count = max(a1.size, a2.size)
    a1, a2 = (_join([np.zeros(count - p.size, p.dtype), p]) if p.size < count else p for p in (a1, a2))
    return a1 + a2


@composed(case((3,), (3,)), case((4,), (2,)))
def polysub(a1: Any, a2: Any) -> Any:
    """Return the coefficients of the difference.

    >>> polysub([1.0, 2.0], [1.0])
    Tensor([1., 1.])
    """
    return polyadd(a1, -_coefficients(a2))


@composed(case((3,), (3,)), case((4,), (2,)))
def polymul(a1: Any, a2: Any) -> Any:
    """Return the coefficients of the product.

    >>> polymul([1.0, 1.0], [1.0, -1.0])
    Tensor([ 1.,  0., -1.])
    """
    return _convolved(_coefficients(a1), _coefficients(a2))


@composed(case((4,), (2,)), case((5,), (3,)), case((2,), (3,)), domain=POSITIVE)
def polydiv(u: Any, v: Any) -> tuple[Tensor, Tensor]:
    """Return the coefficients of quotient and remainder.

    >>> polydiv([1.0, 0.0, -1.0], [1.0, 1.0])[0]
    Tensor([ 1., -1.])
    """
    u, v = _coefficients(u) + 0.0, _coefficients(v) + 0.0
    m, n = u.size - 1, v.size - 1
    if m < n:
        return as_tensor(np.zeros(1, u.dtype)), u
    quotient: list[Tensor] = []
    rest = u
    for _ in range(m - n + 1):
        quotient.append(rest[0] / v[0])
        rest = rest[1:] - _join([quotient[-1] * v[1:], np.zeros(rest.size - 1 - n, rest.dtype)])
    return functions["stack"](quotient), rest if rest.size else as_tensor(np.zeros(1, u.dtype))


@composed(case((3,)), case((0,)))
def poly(seq_of_zeros: Any) -> Any:
    """Return the coefficients of the polynomial that has these zeros, or of a matrix's characteristic polynomial.

    >>> poly([1.0, -1.0])
    Tensor([ 1.,  0., -1.])
    """
    zeros = as_tensor(seq_of_zeros)
    zeros = eigvals(zeros) if zeros.ndim == 2 else zeros
    p = as_tensor(np.ones(1, zeros.dtype))
    for i in range(zeros.size):
        p = _convolved(p, _join([np.ones(1, zeros.dtype), -zeros[i : i + 1]]))
    return p


@composed(case(np.array([1.0, -6.5, 11.0, -4.5])), case(np.array([2.0, -3.0])))
def roots(p: Any) -> Any:
    """Return the zeros of a polynomial, all real, as the eigenvalues of its companion matrix.

    Raises NoDerivativeError where some are complex.

    >>> roots([1.0, 0.0, -1.0])
    Tensor([-1.,  1.])
    """
    p = _coefficients(p)
    count = p.size - 1
    if count < 1 or not raw(p)[0]:
        raise ValueError("at least two coefficients, the first of them not 0")
    below = np.eye(count, dtype=p.dtype)[:-1]
    return eigvals(_join([(-p[1:] / p[0])[None], below], axis=0))


@composed(
    case(np.array([0.0, 1.0, 2.0, 4.0, 5.0]), (5,), deg=2), case(np.array([0.0, 1.0, 2.0, 4.0]), (4, 2), deg=1),
    case(np.array([0.0, 1.0, 2.0, 4.0, 5.0]), (5,), deg=1, w=np.array([1.0, 2.0, 1.0, 0.5, 1.0], np.float32)),
    operands="x y",
)  # fmt: skip
def polyfit(x: Any, y: Any, deg: int, rcond: float | None = None, full: bool = False, w: Any = None) -> Any:
    """Return the coefficients of the polynomial of degree deg that fits best, by (weighted) least squares.

    >>> polyfit(np.array([0.0, 1.0, 2.0]), np.array([1.0, 3.0, 5.0]), 1).numpy().round(12)
    array([2., 1.])
    """
    if full:
        raise ValueError("full=True isn't offered: lstsq(vander(x, deg + 1), y) has the residuals")
    x = x + 0.0
    columns, y = vander(x, deg + 1), y + 0.0
    if w is not None:
        columns, y = columns * as_tensor(w)[:, None], y * (as_tensor(w)[:, None] if y.ndim == 2 else as_tensor(w))
    scale = functions["sqrt"]((columns * columns).sum(axis=0))
    cut = len(x) * np.finfo(x.dtype).eps if rcond is None else rcond
    fitted = lstsq(columns / scale, y, cut)[0]
    return fitted / (scale[:, None] if fitted.ndim == 2 else scale)
