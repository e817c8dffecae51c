"""Functions that SciPy evaluates: named as ``"module:function"``, and imported when first computed."""

from __future__ import annotations

import functools
import importlib
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.primitives.domain import Domain
from autograd.primitives.notation import function
from autograd.primitives.primitive import elementwise

_FAR = (0.0, 1000.0, -1000.0)


@functools.cache
def _found(place: str) -> Callable[..., Any]:
    module, name = place.split(":")
    found: Callable[..., Any] = getattr(importlib.import_module(module), name)
    return found


def scipy(place: str, on_number: Callable[[float], float]) -> Callable[[Any], Any]:
    """Return the function that ``"scipy.special:erf"`` means: imported by the first array, a number needs no SciPy."""

    def evaluate(x: Any) -> Any:
        if isinstance(x, float):
            return np.float64(on_number(x))
        y = _found(place)(x)
        return y.astype(x.dtype) if x.dtype == np.float16 else y  # SciPy has no float16 of its own

    return evaluate


erf = elementwise(
    scipy("scipy.special:erf", math.erf), lambda x: 2 / math.sqrt(math.pi) * np.exp(-(x * x)), name="erf", operands="x",
    doc="The error function 2/√π · ∫₀ˣ exp(−t²) dt.",
    domain=Domain(landmarks=_FAR),
)  # fmt: skip

ndtr = elementwise(
    scipy("scipy.special:ndtr", lambda x: math.erfc(-x / math.sqrt(2)) / 2),
    lambda x: np.exp(-(x * x) / 2) / math.sqrt(2 * math.pi), name="ndtr", operands="x",
    doc="Φ(x), the probability that a standard normal number is at most x; exact in the far tails.",
    notation=function("Φ", r"\Phi"), domain=Domain(landmarks=_FAR),
)  # fmt: skip
