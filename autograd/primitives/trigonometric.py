"""Circular and hyperbolic functions and their inverses."""

from __future__ import annotations

import math
from typing import Any

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

arcsinh = elementwise(
    np.arcsinh, lambda x: 1 / np.hypot(1, x), formulas=(lambda x: 1 / np.sqrt(1 + x * x),),
    doc="The inverse hyperbolic sine.",
    analytic=True,
)  # fmt: skip

arccosh = elementwise(
    np.arccosh, lambda x: 1 / (np.sqrt(x - 1) * np.sqrt(x + 1)),
    formulas=(lambda x: 1 / np.sqrt((x - 1) * (x + 1)),),
    doc="The inverse hyperbolic cosine, for x ≥ 1.",
    domain=Domain(2.1, 4.0, landmarks=(2.0,)), analytic=True,
)  # fmt: skip

arctanh = elementwise(
    np.arctanh, lambda x: 1 / ((1 - x) * (1 + x)),
    doc="The inverse hyperbolic tangent, for −1 ≤ x ≤ 1.",
    domain=Domain(-0.8, 0.8), analytic=True,
)  # fmt: skip


def _over(a: Any, length: Any) -> Any:
    """a/length, and 0 where a length of 0 gives no direction."""
    return a / (length + (length == 0))


_OFF_AXES = Domain(kinks=(0.0,), margin=0.5)

hypot = elementwise(
    np.hypot, (lambda a, y: _over(a, y), lambda b, y: _over(b, y)),
    formulas=(lambda a, y: a / y, lambda b, y: b / y),
    doc="√(a² + b²) without overflow; its derivative at (0, 0) is taken as 0.",
    domain=_OFF_AXES,
)  # fmt: skip


def _partial_of_angle(a: Any, b: Any) -> Any:
    """b/(a² + b²) without overflow, and 0 at the origin."""
    length = np.hypot(a, b)
    return _over(_over(b, length), length)


arctan2 = elementwise(
    np.arctan2, (_partial_of_angle, lambda a, b: -_partial_of_angle(b, a)),
    formulas=(lambda a, b: b / (a * a + b * b), lambda a, b: -(a / (a * a + b * b))),
    doc="The angle of the point (b, a) in radians, −π to π; its derivative at (0, 0) is taken as 0.",
    domain=_OFF_AXES,
)  # fmt: skip

deg2rad = elementwise(
    np.deg2rad, lambda: math.pi / 180, numpy=(np.radians,),
    doc="Degrees as radians: π/180·x.",
)  # fmt: skip

rad2deg = elementwise(
    np.rad2deg, lambda: 180 / math.pi, numpy=(np.degrees,),
    doc="Radians as degrees: 180/π·x.",
)  # fmt: skip
