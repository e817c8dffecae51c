"""Functions that SciPy evaluates: named as ``"module:function"``, and imported when first computed."""

from __future__ import annotations

import functools
import importlib
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.primitives.domain import POSITIVE, Domain
from autograd.primitives.notation import function
from autograd.primitives.primitive import Primitive, elementwise

UNIT = Domain(0.1, 0.9, landmarks=(0.5,))
UNKNOWN = "no closed form in this operand: take it as a constant"


@functools.cache
def _found(place: str) -> Callable[..., Any]:
    module, name = place.split(":")
    found: Callable[..., Any] = getattr(importlib.import_module(module), name)
    return found


def scipy(place: str, on_number: Callable[[float], float] | None = None) -> Callable[..., Any]:
    """Return the function that ``"scipy.special:erf"`` means: imported by the first array, a number needs no SciPy."""
    return functools.partial(_evaluate, place, on_number)


def _evaluate(place: str, on_number: Callable[[float], float] | None, *operands: Any) -> Any:
    if on_number is not None and isinstance(operands[0], float):
        return np.float64(on_number(operands[0]))
    y = _found(place)(*operands)
    dtype = np.result_type(*operands)  # SciPy has no float16, and takes Python's numbers for float64
    return y.astype(dtype) if dtype.kind == "f" and y.dtype != dtype else y


def special(name: str, partials: Any, doc: str, operands: str = "x", **rest: Any) -> Primitive:
    """Declare the function of scipy.special that has this name, there and here."""
    on_number = rest.pop("on_number", None)
    names = {"name": name, "operands": operands, "scipy": (name,)}
    return elementwise(scipy(f"scipy.special:{name}", on_number), partials, doc=doc, **names | rest)


def horner(x: Any, *coefficients: float) -> Any:
    """Return the polynomial in x with these coefficients, that of the highest power first."""
    y = coefficients[0] * x
    for coefficient in coefficients[1:-1]:
        y += coefficient
        y *= x
    return y + coefficients[-1]


BEYOND = 20  # there x·f(x) of erfcx and Dawson's integral has its limit in three digits, and eight terms have the rest
_ODD = tuple(math.prod(range(1, 2 * k + 2, 2)) / 2**k for k in range(7, -1, -1))


def far_out(z: Any) -> Any:
    """Return 1 + 3/2·z + 15/4·z² + …, in z = ±1/x²: what the derivatives of erfcx and Dawson's integral tend to."""
    return horner(z, *_ODD)


# Entropies and logarithms of products

logit = special(
    "logit", lambda x: 1 / (x * (1 - x)),
    doc="ln(x/(1 − x)), the inverse of σ, for 0 ≤ x ≤ 1.",
    domain=UNIT,
)  # fmt: skip


def _unless_nothing(nothing: Any, y: Any, otherwise: Any) -> Any:
    """1 in place of what has no logarithm, where a factor of 0 makes the product 0 anyway."""
    return np.where(nothing, np.ones_like(y), otherwise)


def _ratio(a: Any, b: Any) -> Any:
    """a/b, and 0 where a is 0: there the product is 0 whatever b is."""
    return a / (b + (a == 0) * (b == 0))


xlogy = special(
    "xlogy",
    (
        lambda a, b, y: np.log(_unless_nothing(np.logical_and(a == 0, b <= 0), y, b)),
        _ratio,
    ),
    formulas=(lambda b: np.log(b), lambda a, b: a / b),
    operands="a b", domain=(Domain(), POSITIVE),
    doc="a·ln b, and 0 where a is 0.",
)  # fmt: skip

xlog1py = special(
    "xlog1py",
    (
        lambda a, b, y: np.log1p(np.where(np.logical_and(a == 0, b <= -1), np.zeros_like(y), b)),
        lambda a, b: _ratio(a, 1 + b),
    ),
    formulas=(lambda b: np.log1p(b), lambda a, b: a / (1 + b)),
    operands="a b", domain=(Domain(), Domain(-0.8, 2.0)),
    doc="a·ln(1 + b), and 0 where a is 0.",
)  # fmt: skip

entr = special(
    "entr", lambda x: -(np.log(x) + 1),
    doc="−x·ln x, a term of the entropy: 0 at 0, −∞ below; its derivative at 0 is infinite.",
    domain=POSITIVE,
)  # fmt: skip

rel_entr = special(
    "rel_entr", (lambda a, b: np.log(a) - np.log(b * np.ones_like(a)) + 1, lambda a, b: -_ratio(a, b)),
    formulas=(lambda a, b: np.log(a / b) + 1, lambda a, b: -(a / b)),
    operands="a b", domain=POSITIVE,
    doc="a·ln(a/b), a term of the relative entropy: 0 at a = 0, ∞ where an operand is negative.",
)  # fmt: skip

# The gamma function and its relatives

hurwitz_zeta: Primitive = elementwise(
    scipy("scipy.special:zeta"), (UNKNOWN, lambda s, x: -s * hurwitz_zeta(s + 1, x)), name="hurwitz_zeta",
    operands="s x", notation=function("ζ", r"\zeta"), domain=(Domain(2.0, 3.0, landmarks=(2.0,)), POSITIVE),
    doc="Σₙ (n + x)⁻ˢ over n ≥ 0.", method=False, internal=True,
)  # fmt: skip

digamma = special(
    "digamma", lambda x: hurwitz_zeta(2.0, x), scipy=("psi",),
    doc="ψ(x), the derivative of ln Γ(x).",
    notation=function("ψ", r"\psi"), domain=POSITIVE,
)  # fmt: skip

gamma = special(
    "gamma", lambda x, y: y * digamma(x),
    doc="Γ(x) = ∫₀^∞ tˣ⁻¹e⁻ᵗ dt, which is (x − 1)! for whole x.",
    notation=function("Γ", r"\Gamma"), domain=Domain(0.5, 3.0, landmarks=(1.0,)),
)  # fmt: skip

gammaln = special(
    "gammaln", lambda x: digamma(x), scipy=("gammaln", "loggamma"),
    doc="ln |Γ(x)|.",
    domain=Domain(0.5, 3.0, landmarks=(1.0,)),
)  # fmt: skip

rgamma = special(
    "rgamma", lambda x, y: -y * digamma(x),
    doc="1/Γ(x), which is 0 at 0, −1, …; the derivative is taken by ψ, which has poles there.",
    method=False, domain=Domain(0.5, 3.0, landmarks=(1.0,)),
)  # fmt: skip

gammasgn = special(
    "gammasgn", lambda x: np.zeros_like(x, dtype=bool),
    doc="The sign of Γ(x); its derivative is 0 wherever it exists.",
    method=False, domain=Domain(0.5, 3.0, landmarks=(1.0,)), selects=True,
)  # fmt: skip

poch = special(
    "poch", (lambda a, m, y: y * (digamma(a + m) - digamma(a)), lambda a, m, y: y * digamma(a + m)), operands="a m",
    doc="The rising factorial Γ(a + m)/Γ(a), which is a(a + 1)…(a + m − 1) for whole m.",
    method=False, domain=Domain(0.5, 3.0, landmarks=(1.0,)),
)  # fmt: skip

beta = special(
    "beta", (lambda a, b, y: y * (digamma(a) - digamma(a + b)), lambda a, b, y: y * (digamma(b) - digamma(a + b))),
    operands="a b", method=False, domain=Domain(0.5, 3.0, landmarks=(1.0,)),
    doc="B(a, b) = Γ(a)Γ(b)/Γ(a + b).",
)  # fmt: skip

betaln = special(
    "betaln", (lambda a, b: digamma(a) - digamma(a + b), lambda a, b: digamma(b) - digamma(a + b)),
    operands="a b", method=False, domain=Domain(0.5, 3.0, landmarks=(1.0,)),
    doc="ln |B(a, b)|.",
)  # fmt: skip


def _density_of_gamma(a: Any, x: Any) -> Any:
    return np.exp(xlogy(a - 1, x) - x - gammaln(a * np.ones_like(x)))  # in the dtype of x, where a is Python's number


lower_gamma = elementwise(
    scipy("scipy.special:gammainc"), (UNKNOWN, _density_of_gamma), name="lower_gamma",
    operands="a x", domain=Domain(0.5, 3.0, landmarks=(1.0,)), internal=True, method=False,
    doc="The part of ∫ tᵃ⁻¹e⁻ᵗ dt that lies below x.",
)  # fmt: skip

upper_gamma = elementwise(
    scipy("scipy.special:gammaincc"), (UNKNOWN, lambda a, x: -_density_of_gamma(a, x)), name="upper_gamma",
    operands="a x", domain=Domain(0.5, 3.0, landmarks=(1.0,)), internal=True, method=False,
    doc="The part of ∫ tᵃ⁻¹e⁻ᵗ dt that lies above x.",
)  # fmt: skip
