"""Bessel functions, and sin(πx)/(πx), which is one: each derivative is a neighbour, exact at 0 too."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.primitives import batching
from autograd.primitives.domain import Domain, case
from autograd.primitives.notation import call, function
from autograd.primitives.primitive import Primitive, elementwise, general
from autograd.primitives.special import horner, scipy

_ORDER = "the derivative in the order has no closed form: take it as a constant"
_ORDERS = Domain(0.6, 2.6, landmarks=(1.0, 2.0))
_ANY = Domain(0.3, 3.0, landmarks=(0.0, 1.0))
_POSITIVE = Domain(0.5, 3.0, landmarks=(1.0,))


def _family(name: str, evaluate: str, letter: str, doc: str, partial: Any, domain: Domain) -> Primitive:
    """Declare the functions of one kind, of any order; the public ones check that the order is a constant."""
    return elementwise(
        scipy(f"scipy.special:{evaluate}"), (_ORDER, partial), name=name, operands="order x", doc=doc, internal=True,
        domain=(_ORDERS, domain), notation=function(letter), method=False,
    )  # fmt: skip


bessel_j: Primitive = _family(
    "bessel_j", "jv", "J", "The Bessel function of the first kind, of this order.",
    lambda order, x: (bessel_j(order - 1, x) - bessel_j(order + 1, x)) / 2, _POSITIVE,
)  # fmt: skip
bessel_y: Primitive = _family(
    "bessel_y", "yv", "Y", "The Bessel function of the second kind, of this order.",
    lambda order, x: (bessel_y(order - 1, x) - bessel_y(order + 1, x)) / 2, _POSITIVE,
)  # fmt: skip
bessel_i: Primitive = _family(
    "bessel_i", "iv", "I", "The modified Bessel function of the first kind, of this order.",
    lambda order, x: (bessel_i(order - 1, x) + bessel_i(order + 1, x)) / 2, _POSITIVE,
)  # fmt: skip
bessel_ie: Primitive = _family(
    "bessel_ie", "ive", "Ie", "The modified Bessel function of the first kind, of this order, times e^−|x|.",
    lambda order, x, y: (bessel_ie(order - 1, x) + bessel_ie(order + 1, x)) / 2 - np.sign(x) * y, _POSITIVE,
)  # fmt: skip
bessel_k: Primitive = _family(
    "bessel_k", "kv", "K", "The modified Bessel function of the second kind, of this order.",
    lambda order, x: -(bessel_k(order - 1, x) + bessel_k(order + 1, x)) / 2, _POSITIVE,
)  # fmt: skip


def _bessel(name: str, partial: Any, doc: str, domain: Domain = _ANY, **rest: Any) -> Primitive:
    return elementwise(
        scipy(f"scipy.special:{name}"), partial, name=name, operands="x", doc=doc, domain=domain, scipy=(name,), **rest
    )


j0 = _bessel("j0", lambda x: -j1(x), "The Bessel function of the first kind and order 0.")
j1: Primitive = _bessel(
    "j1", lambda x: (j0(x) - bessel_j(2.0, x)) / 2, "The Bessel function of the first kind and order 1."
)
y0 = _bessel("y0", lambda x: -y1(x), "The Bessel function of the second kind and order 0.", _POSITIVE)
y1: Primitive = _bessel(
    "y1", lambda x, y: y0(x) - y / x, "The Bessel function of the second kind and order 1.", _POSITIVE
)
i0 = _bessel("i0", lambda x: i1(x), "The modified Bessel function of the first kind and order 0.", numpy=(np.i0,))
i1: Primitive = _bessel(
    "i1", lambda x: (i0(x) + bessel_i(2.0, x)) / 2, "The modified Bessel function of the first kind and order 1."
)
i0e = _bessel("i0e", lambda x, y: i1e(x) - np.sign(x) * y, "i0(x)·e^−|x|, which doesn't overflow.")
i1e: Primitive = _bessel(
    "i1e", lambda x, y: (i0e(x) + bessel_ie(2.0, x)) / 2 - np.sign(x) * y, "i1(x)·e^−|x|, which doesn't overflow."
)
k0 = _bessel("k0", lambda x: -k1(x), "The modified Bessel function of the second kind and order 0.", _POSITIVE)
k1: Primitive = _bessel(
    "k1", lambda x, y: -k0(x) - y / x, "The modified Bessel function of the second kind and order 1.", _POSITIVE
)
k0e = _bessel("k0e", lambda x, y: y - k1e(x), "k0(x)·eˣ, which doesn't underflow.", _POSITIVE)
k1e: Primitive = _bessel("k1e", lambda x, y: y - k0e(x) - y / x, "k1(x)·eˣ, which doesn't underflow.", _POSITIVE)


def _derivative_of_sinc(x: Any, n: int = 1) -> Any:
    """Sum the series near 0; elsewhere step from one order to the next: x·gₙ + n·gₙ₋₁ = πⁿ⁻¹ sin(πx + nπ/2)."""
    near = abs(x) < 0.25 * (n + 1)
    inner, outer = np.where(near, x, 0), np.where(near, 1, x)
    far = np.sinc(outer)
    for m in range(1, n + 1):
        far = (math.pi ** (m - 1) * np.sin(math.pi * outer + m * math.pi / 2) - m * far) / outer
    terms = range((n + 1) // 2, n + 10)
    series = [(-1) ** k * math.pi ** (2 * k) / ((2 * k + 1) * math.factorial(2 * k - n)) for k in terms]
    return np.where(near, inner ** (n % 2) * horner(inner * inner, *series[::-1]), far)


sinc_derivative: Primitive = general(
    _derivative_of_sinc, lambda y_bar, x, n: y_bar * sinc_derivative(x, n=n + 1), name="sinc_derivative", operands="x",
    formulas=(lambda y_bar, x: y_bar * call("next derivative", x),), behind=batching.aligned,
    cases=(case((3,)), case((2, 2), n=2)), internal=True, method=False,
    doc="The n-th derivative of sin(πx)/(πx), exact at 0 and near it.",
)  # fmt: skip

sinc = elementwise(
    lambda x: np.sinc(x), lambda x: sinc_derivative(x), name="sinc",
    formulas=(lambda x: (np.cos(math.pi * x) - np.sinc(x)) / x,),
    doc="sin(πx)/(πx), and 1 at 0, where all derivatives are exact too.",
)  # fmt: skip
