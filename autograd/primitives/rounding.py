"""Rounding, remainders, and the parts of a floating number: constant between jumps, so their slopes are 0 or 1."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.primitives.domain import Domain, case
from autograd.primitives.notation import function
from autograd.primitives.primitive import elementwise, general, value_only

_BETWEEN_WHOLE = Domain(kinks=(-2.0, -1.0, 0.0, 1.0, 2.0))
_BETWEEN_HALVES = Domain(kinks=(-1.5, -0.5, 0.5, 1.5))
_IN_STEPS = "its derivative is 0 wherever it exists, and taken as 0 at the jumps"


def _flat(x: Any) -> Any:
    return np.zeros_like(x, dtype=bool)


def _in_steps(evaluate: Any, doc: str, domain: Domain, **rest: Any) -> Any:
    """Declare a function whose derivative is 0 between its jumps."""
    return elementwise(evaluate, _flat, doc=f"{doc}; {_IN_STEPS}.", domain=domain, selects=True, **rest)


floor = _in_steps(np.floor, "The largest whole number that is at most x", _BETWEEN_WHOLE)
ceil = _in_steps(np.ceil, "The smallest whole number that is at least x", _BETWEEN_WHOLE)
trunc = _in_steps(np.trunc, "The nearest whole number towards 0", _BETWEEN_WHOLE, numpy=(np.fix,))
rint = _in_steps(np.rint, "The nearest whole number, a half to the even one", _BETWEEN_HALVES)
round = _in_steps(
    lambda x, decimals=0: np.round(x, decimals), "x rounded to so many decimals, a half to the even digit",
    _BETWEEN_HALVES, name="round", numpy=(np.around,),
)  # fmt: skip
spacing = _in_steps(np.spacing, "The distance from x to the next floating number", Domain(0.6, 0.9, landmarks=(1.0,)))

_QUOTIENT = Domain(2.2, 2.8), Domain(0.95, 1.05, landmarks=(1.0, -1.0))

floor_divide = elementwise(
    np.floor_divide, (lambda a: _flat(a), lambda b: _flat(b)), selects=True, domain=_QUOTIENT,
    doc=f"The quotient ⌊a/b⌋; {_IN_STEPS}.",
)  # fmt: skip

remainder = elementwise(
    np.remainder, (1, lambda a, b: -np.floor_divide(a, b)), domain=_QUOTIENT,
    doc="What is left of a when b is taken ⌊a/b⌋ times: it has the sign of b.",
)  # fmt: skip

fmod = elementwise(
    np.fmod, (1, lambda a, b, y: -np.rint((a - y) / b)), domain=_QUOTIENT,  # a/b may round to the next whole number
    formulas=(lambda: 1, lambda a, b: -np.trunc(a / b)),
    doc="What is left of a when b is taken a/b times, rounded towards 0: it has the sign of a.",
)  # fmt: skip

frac = elementwise(
    lambda x: np.modf(x)[0], 1, name="frac", domain=Domain(1.2, 1.8),
    doc="The part of x behind the point, with the sign of x: x − trunc(x).",
)  # fmt: skip

nextafter = elementwise(
    np.nextafter, (1, lambda b: _flat(b)),
    doc="The next floating number from a towards b, which moves with a.",
)  # fmt: skip

ldexp = general(
    np.ldexp,
    (lambda y_bar, exponent: np.ldexp(y_bar, exponent), "the exponent is a whole number: it jumps"),
    operands="x exponent", broadcasts=True, internal=True, method=False,
    cases=(case((3,), np.array([2, -1, 0])), case((2, 1), np.array([1, 3]))),
    doc="x·2^exponent, exact, for whole exponents.",
)  # fmt: skip

frexp_exponent = value_only(
    lambda x: np.frexp(x)[1], "the exponent is a whole number: it jumps", name="frexp_exponent", internal=True,
    doc="The whole number e for which x·2⁻ᵉ lies between ½ and 1.", notation=function("exponent"), cases=(case((3,)),),
)  # fmt: skip

unwrap = general(
    lambda x, discont=None, axis=-1, period=2 * np.pi: np.unwrap(x, discont, axis, period=period),
    lambda y_bar: y_bar, name="unwrap",
    cases=(case(np.array([0.0, 2.9, 6.0, 2.5])), case(np.array([[0.1, 4.0, 8.0], [0.3, 0.2, 5.0]]), axis=0)),
    doc="Angles with whole turns added, so that neighbours differ by half a period at most.",
)  # fmt: skip
