"""Circular and hyperbolic functions and their inverses."""

from __future__ import annotations

import numpy as np

from autograd.primitives.domain import Domain
from autograd.primitives.notation import function
from autograd.primitives.primitive import elementwise

_OPEN_UNIT = Domain(-0.9, 0.9)

sin = elementwise(
    np.sin, lambda x: np.cos(x),
    doc="The sine of x, in radians.",
    notation=function("sin", r"\sin"), analytic=True,
)  # fmt: skip

cos = elementwise(
    np.cos, lambda x: -np.sin(x),
    doc="The cosine of x, in radians.",
    notation=function("cos", r"\cos"), analytic=True,
)  # fmt: skip

tan = elementwise(
    np.tan, lambda y: 1 + y * y,
    doc="The tangent of x, in radians.",
    notation=function("tan", r"\tan"), domain=Domain(-1.3, 1.3), analytic=True,
)  # fmt: skip

arcsin = elementwise(
    np.arcsin, lambda x: 1 / np.sqrt((1 - x) * (1 + x)),
    doc="The inverse sine, in radians, for −1 ≤ x ≤ 1.",
    notation=function("arcsin", r"\arcsin"), domain=_OPEN_UNIT, analytic=True,
)  # fmt: skip

arccos = elementwise(
    np.arccos, lambda x: -1 / np.sqrt((1 - x) * (1 + x)),
    doc="The inverse cosine, in radians, for −1 ≤ x ≤ 1.",
    notation=function("arccos", r"\arccos"), domain=_OPEN_UNIT, analytic=True,
)  # fmt: skip

arctan = elementwise(
    np.arctan, lambda x: 1 / (1 + x * x),
    doc="The inverse tangent, in radians.",
    notation=function("arctan", r"\arctan"), analytic=True,
)  # fmt: skip

sinh = elementwise(
    np.sinh, lambda x: np.cosh(x),
    doc="The hyperbolic sine (eˣ − e⁻ˣ)/2.",
    notation=function("sinh", r"\sinh"), analytic=True,
)  # fmt: skip

cosh = elementwise(
    np.cosh, lambda x: np.sinh(x),
    doc="The hyperbolic cosine (eˣ + e⁻ˣ)/2.",
    notation=function("cosh", r"\cosh"), analytic=True,
)  # fmt: skip

tanh = elementwise(
    np.tanh, lambda y: 1 - y * y,
    doc="The hyperbolic tangent (eˣ − e⁻ˣ)/(eˣ + e⁻ˣ).",
    notation=function("tanh", r"\tanh"), analytic=True,
    domain=Domain(-3, 3, landmarks=(0.0, 10.0, -10.0, 1000.0, -1000.0)),
)  # fmt: skip
