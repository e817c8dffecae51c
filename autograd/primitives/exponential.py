"""Exponentials, logarithms and the logistic function."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.primitives.domain import POSITIVE, Domain
from autograd.primitives.notation import EXPONENTIAL, function
from autograd.primitives.primitive import elementwise

exp = elementwise(
    np.exp, lambda y: y,
    doc="The exponential eˣ.",
    notation=EXPONENTIAL, analytic=True,
)  # fmt: skip

expm1 = elementwise(
    np.expm1, lambda y: y + 1,
    doc="eˣ − 1, exact for small x.",
    notation=function("expm1"), analytic=True,
)  # fmt: skip

log = elementwise(
    np.log, lambda x: 1 / x,
    doc="The natural logarithm ln x.",
    notation=function("ln", r"\ln"), domain=POSITIVE, analytic=True,
)  # fmt: skip

log1p = elementwise(
    np.log1p, lambda x: 1 / (1 + x),
    doc="ln(1 + x), exact for small x.",
    notation=function("log1p"), domain=Domain(-0.8, 2.0), analytic=True,
)  # fmt: skip


exp2 = elementwise(
    np.exp2, lambda y: math.log(2) * y,
    doc="The power 2ˣ.",
    analytic=True,
)  # fmt: skip

log2 = elementwise(
    np.log2, lambda x: 1 / (math.log(2) * x),
    doc="The logarithm to base 2.",
    domain=POSITIVE, analytic=True,
)  # fmt: skip

log10 = elementwise(
    np.log10, lambda x: 1 / (math.log(10) * x),
    doc="The logarithm to base 10.",
    domain=POSITIVE, analytic=True,
)  # fmt: skip


def _logistic(x: Any) -> Any:
    """1/(1 + e⁻ˣ) as it stands: where the exponential overflows, the 0 that follows is right."""
    with np.errstate(over="ignore"):
        return 1 / (1 + np.exp(-x))


sigmoid = elementwise(
    _logistic, lambda y: y * (1 - y), name="sigmoid", scipy=("expit",),
    doc="The logistic function σ(x) = 1/(1 + e⁻ˣ).",
    notation=function("σ", r"\sigma"), domain=Domain(-4, 4, landmarks=(0.0, 10.0, -10.0, 1000.0, -1000.0)),
)  # fmt: skip


def _above(a: Any, b: Any) -> Any:
    """Return a − b, and −∞ where a is: nothing has no share, not even in nothing."""
    return np.where(a == -np.inf, a, a - b)


logaddexp = elementwise(
    np.logaddexp, (lambda a, b: sigmoid(_above(a, b)), lambda a, b: sigmoid(_above(b, a))),
    formulas=(lambda a, b: sigmoid(a - b), lambda a, b: sigmoid(b - a)),
    doc="ln(eᵃ + eᵇ) without overflow.",
)  # fmt: skip

logaddexp2 = elementwise(
    np.logaddexp2,
    (lambda a, b: sigmoid(math.log(2) * _above(a, b)), lambda a, b: sigmoid(math.log(2) * _above(b, a))),
    formulas=(lambda a, b: sigmoid(math.log(2) * (a - b)), lambda a, b: sigmoid(math.log(2) * (b - a))),
    doc="The logarithm to base 2 of 2ᵃ + 2ᵇ, without overflow.",
)  # fmt: skip
