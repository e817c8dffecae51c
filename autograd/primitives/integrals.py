"""Integrals with names: of the exponential, of e^x², of the beta density. Each derivative is the integrand."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.primitives.domain import POSITIVE
from autograd.primitives.primitive import Primitive, elementwise
from autograd.primitives.special import BEYOND, UNIT, UNKNOWN, betaln, far_out, scipy, special, xlog1py, xlogy

exp1 = special(
    "exp1", lambda x: -np.exp(-x) / x,
    doc="The exponential integral E₁(x) = ∫ₓ^∞ e⁻ᵗ/t dt, for x > 0.",
    domain=POSITIVE, method=False,
)  # fmt: skip

expi = special(
    "expi", lambda x: np.exp(x) / x,
    doc="The exponential integral Ei(x) = ∫₋∞ˣ eᵗ/t dt, as a principal value for x > 0.",
    domain=POSITIVE, method=False,
)  # fmt: skip

erfi = special(
    "erfi", lambda x: 2 / math.sqrt(math.pi) * np.exp(x * x),
    doc="The imaginary error function 2/√π · ∫₀ˣ exp(t²) dt.",
    method=False,
)  # fmt: skip


def _partial_of_dawsn(x: Any, y: Any) -> Any:
    """1 − 2x·y, whose terms cancel far out: there by the series of the difference in 1/x²."""
    far = abs(x) > BEYOND
    near, square = np.where(far, 0, x), (1 / np.where(far, x, BEYOND)) ** 2
    return np.where(far, -square / 2 * far_out(square), 1 - 2 * near * y)


dawsn = special(
    "dawsn", _partial_of_dawsn, formulas=(lambda x, y: 1 - 2 * x * y,),
    doc="Dawson's integral exp(−x²) · ∫₀ˣ exp(t²) dt.",
    method=False,
)  # fmt: skip


def _density_of_beta(a: Any, b: Any, x: Any) -> Any:
    whole = betaln(a * np.ones_like(x), b)  # in the dtype of x, where a and b are Python's numbers
    return np.exp(xlogy(a - 1, x) + xlog1py(b - 1, -x) - whole)


lower_beta: Primitive = elementwise(
    scipy("scipy.special:betainc"), (UNKNOWN, UNKNOWN, _density_of_beta), name="lower_beta",
    operands="a b x", domain=(POSITIVE, POSITIVE, UNIT), internal=True, method=False,
    doc="The part of ∫ tᵃ⁻¹(1 − t)ᵇ⁻¹ dt over [0, 1] that lies below x.",
)  # fmt: skip

upper_beta: Primitive = elementwise(
    scipy("scipy.special:betaincc"), (UNKNOWN, UNKNOWN, lambda a, b, x: -_density_of_beta(a, b, x)),
    name="upper_beta", operands="a b x", domain=(POSITIVE, POSITIVE, UNIT), internal=True, method=False,
    doc="The part of ∫ tᵃ⁻¹(1 − t)ᵇ⁻¹ dt over [0, 1] that lies above x.",
)  # fmt: skip
