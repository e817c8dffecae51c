"""Exponentials, logarithms and the logistic function."""

from __future__ import annotations

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


def _logistic(x):  # type: ignore[no-untyped-def]  # the array in, the array out
    """1/(1 + e⁻ˣ) without overflow: the exponential is only taken of −|x|."""
    small = np.exp(-abs(x))
    return np.where(x >= 0, 1.0, small) / (1 + small)


sigmoid = elementwise(
    _logistic, lambda y: y * (1 - y), name="sigmoid",
    doc="The logistic function σ(x) = 1/(1 + e⁻ˣ).",
    notation=function("σ", r"\sigma"), domain=Domain(-4, 4, landmarks=(0.0, 10.0, -10.0, 1000.0, -1000.0)),
)  # fmt: skip
