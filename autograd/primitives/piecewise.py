"""Functions with kinks and choices, and the comparisons that make them."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.primitives.domain import CONDITION, REAL, Domain, case
from autograd.primitives.notation import COMPARISON, NOT, WHERE, infix
from autograd.primitives.primitive import elementwise, value_only

_AT_ZERO = Domain(kinks=(0.0,))


def _one_if(condition: Any, like: Any) -> Any:
    """1 where the condition holds, else 0, in the dtype of ``like`` (a bool times 0.5 would be float64)."""
    return condition * np.ones_like(like)  # np.where takes four times as long



def _relu(x: Any) -> Any:
    """max(x, 0); of a single number by Python, which takes a tenth of NumPy's time."""
    if x.__class__ is np.float64:
        return np.float64(0) if x <= 0 else x
    return np.maximum(x, 0)


relu = elementwise(
    _relu, lambda x: x > 0, name="relu", operands="x",
    doc="The rectifier max(x, 0); its derivative at 0 is taken as 0.",
    domain=_AT_ZERO, selects=True,
)  # fmt: skip

sign = elementwise(
    np.sign, lambda x: np.zeros_like(x, dtype=bool),
    doc="The sign −1, 0 or 1 of x; its derivative is 0 wherever it exists, and taken as 0 at the jump.",
    domain=_AT_ZERO, selects=True,
)  # fmt: skip

step = elementwise(
    lambda x: np.heaviside(x, 1.0), lambda x: np.zeros_like(x, dtype=bool), name="step",
    doc="The step 1 if x ≥ 0 else 0; its derivative is 0 wherever it exists, and taken as 0 at the jump.",
    domain=_AT_ZERO, selects=True,
)  # fmt: skip

def _written_share(is_above: Any, is_level: Any) -> Any:
    """Write the share as a reader sees it: ([a > b] + [a ≥ b])/2."""
    return (np.where(is_above, 1, 0) + np.where(is_level, 1, 0)) / 2


maximum = elementwise(
    np.maximum,
    (
        lambda a, b: (_one_if(a > b, a) + _one_if(a >= b, a)) / 2,
        lambda a, b: (_one_if(b > a, b) + _one_if(b >= a, b)) / 2,
    ),
    formulas=(lambda a, b: _written_share(a > b, a >= b), lambda a, b: _written_share(b > a, b >= a)),
    doc="The larger of a and b; at a tie each receives half of the gradient.",
    domain=REAL, selects=True,
)  # fmt: skip

minimum = elementwise(
    np.minimum,
    (
        lambda a, b: (_one_if(a < b, a) + _one_if(a <= b, a)) / 2,
        lambda a, b: (_one_if(b < a, b) + _one_if(b <= a, b)) / 2,
    ),
    formulas=(lambda a, b: _written_share(a < b, a <= b), lambda a, b: _written_share(b < a, b <= a)),
    doc="The smaller of a and b; at a tie each receives half of the gradient.",
    domain=REAL, selects=True,
)  # fmt: skip


def _share(is_above: Any, is_level: Any, other: Any, like: Any) -> Any:
    """1 where an operand is chosen, ½ at a tie; it is chosen too where only the other is no number."""
    none, alone = np.isnan(other), np.logical_and(np.isnan(other), like == like)
    return (_one_if(np.logical_or(is_above, alone), like) + _one_if(np.logical_or(is_level, none), like)) / 2


fmax = elementwise(
    np.fmax,
    (lambda a, b: _share(a > b, a >= b, b, a), lambda a, b: _share(b > a, b >= a, a, b)),
    formulas=maximum.formulas,
    doc="The larger of a and b, or the one that is a number; at a tie each receives half of the gradient.",
    domain=REAL, selects=True,
)  # fmt: skip

fmin = elementwise(
    np.fmin,
    (lambda a, b: _share(a < b, a <= b, b, a), lambda a, b: _share(b < a, b <= a, a, b)),
    formulas=minimum.formulas,
    doc="The smaller of a and b, or the one that is a number; at a tie each receives half of the gradient.",
    domain=REAL, selects=True,
)  # fmt: skip

copysign = elementwise(
    np.copysign, (lambda a, y: np.sign(a) * np.sign(y), lambda b: np.zeros_like(b, dtype=bool)),
    doc="The size of a with the sign of b; its derivative at a = 0 is taken as 0.",
    domain=_AT_ZERO,
)  # fmt: skip

heaviside = elementwise(
    np.heaviside, (lambda a: np.zeros_like(a, dtype=bool), lambda a: a == 0),
    doc="The step 0 if a < 0, b at a = 0, else 1; its derivative is taken as 0 at the jump.",
    domain=(_AT_ZERO, REAL), selects=True,
)  # fmt: skip


def _number_for(x: Any, copy: bool = True, nan: float = 0.0, posinf: Any = None, neginf: Any = None) -> Any:
    return np.nan_to_num(x, True, nan, posinf, neginf)


nan_to_num = elementwise(
    _number_for, lambda x: np.isfinite(x), name="nan_to_num", operands="x", selects=True,
    doc="x with numbers in place of NaN and ±∞; nothing flows to what was replaced.",
)  # fmt: skip

angle = elementwise(
    lambda x, deg=False: np.angle(x, deg), lambda x: np.zeros_like(x, dtype=bool), name="angle", selects=True,
    doc="The angle of x as a complex number: 0, and π where x < 0; its derivative is 0.",
    domain=_AT_ZERO, method=False,
)  # fmt: skip

where = elementwise(
    np.where,
    (
        "the condition only chooses: the value does not vary with it",
        lambda condition: condition != 0,  # a condition may be any number, as in NumPy
        lambda condition: condition == 0,
    ),
    operands="condition a b",
    doc="a where the condition holds, else b; nothing flows into the branch that is not taken. NumPy computes both, "
    "and may warn of that one: np.errstate(all='ignore') silences it.",
    notation=WHERE, domain=(CONDITION, REAL, REAL), selects=True, method=False,
)  # fmt: skip


def _clip(x: Any, min: Any = None, max: Any = None) -> Any:
    return np.clip(x, min, max)


def _low(min: Any) -> Any:
    return -np.inf if min is None else min


def _high(max: Any) -> Any:
    return np.inf if max is None else max


clip = elementwise(
    _clip,
    (
        lambda x, min, max: np.logical_and(x >= _low(min), x <= _high(max)),
        lambda x, min, max: np.logical_and(x < _low(min), np.less_equal(_low(min), _high(max))),
        lambda x, min, max: np.maximum(x, _low(min)) > _high(max),
    ),
    name="clip", operands="x min max",
    doc="x limited to [min, max]; the gradient passes at the bounds themselves.",
    domain=(Domain(kinks=(-1.0, 1.0)), Domain(-1.1, -0.9), Domain(0.9, 1.1)), selects=True,
)  # fmt: skip

_JUMPS = "a comparison is True or False: it jumps and is constant in between"
_SINGLE, _PAIR = (case((3,)),), (case((3,), (3,)),)

greater = value_only(np.greater, _JUMPS, doc="a > b.", notation=infix(">", COMPARISON), cases=_PAIR)
greater_equal = value_only(
    np.greater_equal, _JUMPS, doc="a ≥ b.", notation=infix("≥", COMPARISON, r"\ge"), cases=_PAIR
)
less = value_only(np.less, _JUMPS, doc="a < b.", notation=infix("<", COMPARISON), cases=_PAIR)
less_equal = value_only(
    np.less_equal, _JUMPS, doc="a ≤ b.", notation=infix("≤", COMPARISON, r"\le"), cases=_PAIR
)
equal = value_only(np.equal, _JUMPS, doc="a = b.", notation=infix("=", COMPARISON), cases=_PAIR)
not_equal = value_only(
    np.not_equal, _JUMPS, doc="a ≠ b.", notation=infix("≠", COMPARISON, r"\ne"), cases=_PAIR
)
isnan = value_only(np.isnan, _JUMPS, doc="Whether x is not a number.", cases=_SINGLE)
isinf = value_only(np.isinf, _JUMPS, doc="Whether x is infinite.", cases=_SINGLE)
signbit = value_only(np.signbit, _JUMPS, doc="Whether x is negative, −0 included.", cases=_SINGLE)
isfinite = value_only(np.isfinite, _JUMPS, doc="Whether x is neither infinite nor NaN.", cases=_SINGLE)
logical_not = value_only(np.logical_not, _JUMPS, doc="Whether x is false.", notation=NOT, cases=_SINGLE)
logical_and = value_only(
    np.logical_and, _JUMPS, doc="Whether both hold.", notation=infix("∧", COMPARISON, r"\land"), cases=_PAIR
)
logical_or = value_only(
    np.logical_or, _JUMPS, doc="Whether one holds.", notation=infix("∨", COMPARISON, r"\lor"), cases=_PAIR
)
logical_xor = value_only(np.logical_xor, _JUMPS, doc="Whether one holds and not the other.", cases=_PAIR)
