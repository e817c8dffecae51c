"""Numbers taken apart, chosen among and mixed, entry by entry."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.compositions.composition import composed
from autograd.functions import functions
from autograd.primitives.domain import POSITIVE, REAL, Domain, case
from autograd.tensor import Tensor, as_tensor

_BETWEEN_WHOLE = Domain(1.2, 1.8)
_CHOICES = np.array([[True, False, False], [True, True, False]])


@composed(case((3,), (3,)), case((2, 1), (3,)), domain=(Domain(2.2, 2.8), Domain(0.95, 1.05)))
def divmod(a: Any, b: Any) -> tuple[Tensor, Tensor]:
    """Return ⌊a/b⌋ and what is left of a, both at once.

    >>> divmod(np.array([7.0, -7.0]), 3.0)
    (Tensor([ 2., -3.]), Tensor([1., 2.]))
    """
    return functions["floor_divide"](a, b), functions["remainder"](a, b)


setattr(Tensor, "__divmod__", divmod)  # noqa: B010  the stub declares both
setattr(Tensor, "__rdivmod__", lambda self, other: divmod(other, self))  # noqa: B010


@composed(case((3,)), case(()), domain=_BETWEEN_WHOLE)
def modf(x: Any) -> tuple[Tensor, Tensor]:
    """Return the part behind the point, which moves with x, and the whole number before it.

    >>> modf(np.array([1.5, -0.5]))
    (Tensor([ 0.5, -0.5]), Tensor([ 1., -0.]))
    """
    return functions["frac"](x), functions["trunc"](x)


@composed(case((3,)), case(()), domain=_BETWEEN_WHOLE)
def frexp(x: Any) -> tuple[Tensor, Tensor]:
    """Return m and e of x = m·2ᵉ, with ½ ≤ |m| < 1; the whole number e carries no gradient.

    >>> frexp(np.array([3.0, 0.25]))
    (Tensor([0.75, 0.5 ]), Tensor([ 2, -1], dtype=int32))
    """
    exponent = functions["frexp_exponent"](x)
    return functions["ldexp"](x, -exponent), exponent


@composed(
    case((3,), np.array([2, -1, 0])), case((2, 1), np.array([1, 3])), case((3,), (3,)),
    reference=lambda x, exponent: x * 2.0**exponent, method=True,
)  # fmt: skip
def ldexp(x: Any, exponent: Any) -> Any:
    """Return x·2^exponent: exact for whole exponents; others, which NumPy refuses, have a derivative too.

    >>> ldexp(np.array([1.0, 3.0]), np.array([2, -1]))
    Tensor([4. , 1.5])
    """
    if as_tensor(exponent).dtype.kind in "iub":
        return functions["ldexp"](x, exponent)
    return x * functions["exp2"](exponent)


@composed(case((3,), (3,)), case((2, 1), (3,)), case((3,), np.array(2)), domain=(POSITIVE, REAL))
def float_power(a: Any, b: Any) -> Any:
    """Return aᵇ computed in float64, as NumPy does; its derivatives are those of the power.

    >>> float_power(np.array([2, 3]), -1).dtype
    dtype('float64')
    """
    return functions["power"](_double(a), _double(b))


def _double(x: Any) -> Any:
    if isinstance(x, Tensor):
        return x if x.dtype == np.float64 else x.astype(np.float64)
    return np.float64(x) if isinstance(x, np.generic) else x


@composed(case((3,), (3,), (3,)), case((2, 1), (3,), ()), reference=lambda a, b, weight: a + weight * (b - a))
def lerp(start: Any, end: Any, weight: Any) -> Any:
    """Return start + weight·(end − start), the point at that part of the way.

    >>> lerp(np.array([0.0, 1.0]), np.array([2.0, 3.0]), 0.5)
    Tensor([1., 2.])
    """
    return start + weight * (end - start)


@composed(
    case(_CHOICES, (2, 3)), case(_CHOICES, (2, 3), ()), case(_CHOICES, (2, 2, 3)),
    operands="default", domain=(REAL, REAL, REAL),
)  # fmt: skip
def select(condlist: Any, choicelist: Any, default: Any = 0) -> Any:
    """Return each entry from the choice of the first condition that holds there, or the default.

    >>> x = np.array([-1.0, 0.5, 3.0])
    >>> select([x < 0, x < 1], [-x, x * x], 1.0)
    Tensor([1.  , 0.25, 1.  ])
    """
    if len(condlist) != len(choicelist) or not len(condlist):
        raise ValueError(f"{len(condlist)} conditions and {len(choicelist)} choices: as many, and one at least")
    for condition, choice in zip(list(condlist)[::-1], list(choicelist)[::-1], strict=True):
        default = functions["where"](condition, choice, default)
    return default
