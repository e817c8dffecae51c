"""Special functions by other names, and those of an order that must be a constant."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.compositions.composition import composed
from autograd.errors import ArgumentError, NoDerivativeError
from autograd.functions import functions
from autograd.primitives.domain import POSITIVE, REAL, Domain, case
from autograd.primitives.special import UNIT, scipy
from autograd.tensor import Tensor

_OF_ORDER = (REAL, POSITIVE)


def _constant(name: str, order: str, value: Any) -> Any:
    """Return an operand in which there is no derivative; refuse one that asks for it."""
    if isinstance(value, Tensor) and value.node.tracked:
        raise NoDerivativeError(
            f"{name}({order}, x)",
            f"a constant {order}: the derivative in it has no closed form",
            f"{value.node.label}, which requires a gradient",
            f"use {order}.detach() if you mean the plain value",
        )
    if isinstance(value, (np.ndarray, np.integer)) and value.dtype.kind in "iu":  # the rules count down from it
        return float(value) if value.ndim == 0 else value.astype(np.result_type(value.dtype, np.float16))
    return value


@composed(case((3,)), reference=scipy("scipy.special:expit"))
def expit(x: Any) -> Any:
    """Return 1/(1 + e⁻ˣ), SciPy's name for the sigmoid.

    >>> expit(0.0)
    Tensor(0.5)
    """
    return functions["sigmoid"](x)


@composed(case((3,)), reference=scipy("scipy.special:gammaln"), domain=POSITIVE, method=True)
def lgamma(x: Any) -> Any:
    """Return ln |Γ(x)|, PyTorch's name for gammaln.

    >>> bool(np.isclose(lgamma(3.0), np.log(2.0)))
    True
    """
    return functions["gammaln"](x)


@composed(
    case(0, (3,)), case(1, (3,)), case(3, (3,)),
    reference=scipy("scipy.special:polygamma"), operands="x", domain=_OF_ORDER, scipy=("polygamma",),
)  # fmt: skip
def polygamma(n: int, x: Any) -> Any:
    """Return ψ⁽ⁿ⁾(x), the n-th derivative of the digamma function: (−1)ⁿ⁺¹ n! ζ(n + 1, x) for n ≥ 1.

    >>> np.allclose(polygamma(1, 1.0), np.pi**2 / 6)
    True
    """
    n = int(n) if isinstance(n, np.integer) else n  # a small one of NumPy's would wrap around
    if n == 0:
        return functions["digamma"](x)
    return (-1) ** (n + 1) * math.factorial(n) * functions["hurwitz_zeta"](n + 1.0, x)


@composed(case(2, (3,)), reference=scipy("scipy.special:zeta"), operands="q", domain=_OF_ORDER, scipy=("zeta", "_zeta"))
def zeta(x: Any, q: Any) -> Any:
    """Return Hurwitz's Σₙ (n + q)⁻ˣ over n ≥ 0, for a constant x > 1.

    >>> np.allclose(zeta(2.0, 1.0), np.pi**2 / 6)
    True
    """
    return functions["hurwitz_zeta"](_constant("zeta", "x", x), q)


@composed(case(2, (3,)), reference=scipy("scipy.special:gammainc"), operands="x", domain=_OF_ORDER, scipy=("gammainc",))
def gammainc(a: Any, x: Any) -> Any:
    """Return the part of Γ(a) = ∫ tᵃ⁻¹e⁻ᵗ dt that lies below x, between 0 and 1, for a constant a.

    >>> bool(np.isclose(gammainc(1.0, 2.0), 1 - np.exp(-2.0)))
    True
    """
    return functions["lower_gamma"](_constant("gammainc", "a", a), x)


@composed(
    case(2, (3,)), reference=scipy("scipy.special:gammaincc"), operands="x", domain=_OF_ORDER, scipy=("gammaincc",)
)
def gammaincc(a: Any, x: Any) -> Any:
    """Return the part of Γ(a) = ∫ tᵃ⁻¹e⁻ᵗ dt that lies above x, between 0 and 1, for a constant a.

    >>> bool(np.allclose(gammaincc(1.0, 2.0), np.exp(-2.0)))
    True
    """
    return functions["upper_gamma"](_constant("gammaincc", "a", a), x)


@composed(case(2, (3,)), reference=scipy("scipy.special:jv"), operands="x", domain=_OF_ORDER, scipy=("jv",))
def jv(v: Any, x: Any) -> Any:
    """Return the Bessel function of the first kind of a constant order v.

    >>> bool(np.isclose(jv(0, 1.0), j0(1.0)))
    True
    """
    return functions["bessel_j"](_constant("jv", "v", v), x)


@composed(case(2, (3,)), reference=scipy("scipy.special:yv"), operands="x", domain=_OF_ORDER, scipy=("yv", "yn"))
def yv(v: Any, x: Any) -> Any:
    """Return the Bessel function of the second kind of a constant order v.

    >>> bool(gradcheck(lambda x: yv(2, x), 1.5))
    True
    """
    return functions["bessel_y"](_constant("yv", "v", v), x)


@composed(case(2, (3,)), reference=scipy("scipy.special:iv"), operands="x", domain=_OF_ORDER, scipy=("iv",))
def iv(v: Any, x: Any) -> Any:
    """Return the modified Bessel function of the first kind of a constant order v.

    >>> bool(gradcheck(lambda x: iv(2, x), 1.5))
    True
    """
    return functions["bessel_i"](_constant("iv", "v", v), x)


@composed(case(2, (3,)), reference=scipy("scipy.special:ive"), operands="x", domain=_OF_ORDER, scipy=("ive",))
def ive(v: Any, x: Any) -> Any:
    """Return iv(v, x)·e^−|x|, which doesn't overflow, for a constant order v.

    >>> bool(np.isclose(ive(0, 1.0), i0e(1.0)))
    True
    """
    return functions["bessel_ie"](_constant("ive", "v", v), x)


@composed(case(2, (3,)), reference=scipy("scipy.special:kv"), operands="x", domain=_OF_ORDER, scipy=("kv", "kn"))
def kv(v: Any, x: Any) -> Any:
    """Return the modified Bessel function of the second kind of a constant order v.

    >>> bool(gradcheck(lambda x: kv(2, x), 1.5))
    True
    """
    return functions["bessel_k"](_constant("kv", "v", v), x)


@composed(
    case(2, 3, (3,)),
    reference=scipy("scipy.special:betainc"), operands="x", domain=(REAL, REAL, UNIT), scipy=("betainc",),
)  # fmt: skip
def betainc(a: Any, b: Any, x: Any) -> Any:
    """Return the part of B(a, b) = ∫ tᵃ⁻¹(1 − t)ᵇ⁻¹ dt over [0, 1] that lies below x, for constants a and b.

    >>> bool(np.isclose(betainc(1.0, 2.0, 0.5), 0.75))
    True
    """
    return functions["lower_beta"](_constant("betainc", "a", a), _constant("betainc", "b", b), x)


@composed(
    case(2, 3, (3,)),
    reference=scipy("scipy.special:betaincc"), operands="x", domain=(REAL, REAL, UNIT), scipy=("betaincc",),
)  # fmt: skip
def betaincc(a: Any, b: Any, x: Any) -> Any:
    """Return the part of B(a, b) = ∫ tᵃ⁻¹(1 − t)ᵇ⁻¹ dt over [0, 1] that lies above x, for constants a and b.

    >>> bool(np.isclose(betaincc(1.0, 2.0, 0.5), 0.25))
    True
    """
    return functions["upper_beta"](_constant("betaincc", "a", a), _constant("betaincc", "b", b), x)


@composed(
    case((3,), 1), case((3,), 3),
    reference=scipy("scipy.special:multigammaln"), operands="a", domain=(Domain(2.0, 4.0), REAL),
    scipy=("multigammaln",),
)  # fmt: skip
def multigammaln(a: Any, d: int) -> Any:
    """Return the logarithm of the multivariate Γ of dimension d: ¼d(d − 1)·ln π + Σⱼ ln Γ(a − j/2) over j < d.

    Raises ArgumentError unless d is a whole number from 1.

    >>> bool(np.isclose(multigammaln(3.0, 1), gammaln(3.0)))
    True
    """
    if not isinstance(d, (int, np.integer)) or d < 1:
        raise ArgumentError("multigammaln(a, d)", "a dimension d of 1, 2, …", f"{d!r}", "pass a whole number")
    d = int(d)
    return d * (d - 1) / 4 * math.log(math.pi) + sum(functions["gammaln"](a - j / 2) for j in range(d))


@composed(
    case((3,), (3,)), case((2, 1), (3,)),
    reference=scipy("scipy.special:kl_div"), scipy=("kl_div",), domain=Domain(0.2, 2.0),
)  # fmt: skip
def kl_divergence(a: Any, b: Any) -> Any:
    """Return a·ln(a/b) − a + b entry by entry, SciPy's kl_div (PyTorch's, a loss, takes logarithms).

    >>> kl_divergence(2.0, 2.0)
    Tensor(0.)
    """
    return functions["rel_entr"](a, b) - a + b
