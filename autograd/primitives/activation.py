"""What stands between the layers of a network: smooth and bent rectifiers, each stable at any finite x.

Slopes and bounds are operands like any other, so they can be learned (a leaky rectifier's slope is PReLU's weight).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.primitives.domain import Domain
from autograd.primitives.exponential import sigmoid
from autograd.primitives.normal import ndtr, normal
from autograd.primitives.primitive import elementwise

_FAR = (0.0, 1000.0, -1000.0)
_SMOOTH = Domain(-3, 3, landmarks=_FAR)
_BENT = Domain(-3, 3, kinks=(0.0,), landmarks=_FAR)
_SCALE = Domain(0.2, 1.5, landmarks=(1.0,))


leaky_relu = elementwise(
    lambda x, negative_slope=0.01: np.maximum(x, 0) + negative_slope * np.minimum(x, 0),
    (
        lambda x, negative_slope: np.where(x > 0, np.ones_like(x), negative_slope),
        lambda x: np.minimum(x, 0),
    ),
    name="leaky_relu", operands="x negative_slope", domain=(_BENT, _SCALE),
    doc="x where x > 0, else negative_slope·x; its derivative at 0 is taken as the slope.",
)  # fmt: skip

elu = elementwise(
    lambda x, alpha=1.0: np.maximum(x, 0) + alpha * np.expm1(np.minimum(x, 0)),
    (
        lambda x, alpha: np.where(x > 0, np.ones_like(x), alpha * np.exp(np.minimum(x, 0))),
        lambda x: np.expm1(np.minimum(x, 0)),
    ),
    name="elu", operands="x alpha", domain=(_BENT, _SCALE),
    doc="x where x > 0, else α(eˣ − 1); its derivative at 0 is taken as α.",
)  # fmt: skip

# Klambauer and others, Self-Normalizing Neural Networks (2017): the fixed point has mean 0 and variance 1.
_ALPHA = 1.6732632423543772848170429916717
_LAMBDA = 1.0507009873554804934193349852946

selu = elementwise(
    lambda x: _LAMBDA * (np.maximum(x, 0) + _ALPHA * np.expm1(np.minimum(x, 0))),
    lambda x: _LAMBDA * np.where(x > 0, np.ones_like(x), _ALPHA * np.exp(np.minimum(x, 0))),
    name="selu", domain=_BENT,
    doc="λx where x > 0, else λα(eˣ − 1), with λ ≈ 1.0507 and α ≈ 1.6733: activations keep mean 0 and variance 1.",
)  # fmt: skip


def _gelu(x: Any) -> tuple[Any, Any]:
    probability, bell = normal(x)
    return x * probability, probability + x * (bell / math.sqrt(2 * math.pi))


def _partial_of_gelu(x: Any) -> Any:
    return ndtr(x) + x * np.exp(-(x * x) / 2) / math.sqrt(2 * math.pi)


gelu = elementwise(
    _gelu, lambda x, residual: residual, name="gelu", operands="x",  # x for the residual of higher orders
    residual=_partial_of_gelu, formulas=(_partial_of_gelu,), domain=_SMOOTH,
    doc="x·Φ(x), with Φ the normal distribution function.",
)  # fmt: skip


def _bend(x: Any) -> Any:
    return math.sqrt(2 / math.pi) * (x + 0.044715 * x * x * x)


def _partial_of_gelu_tanh(x: Any) -> Any:
    t = np.tanh(_bend(x))
    share = x * ((1 - t) * (1 + t))  # 0 far out, where x³ overflows
    return 0.5 * (1 + t) + math.sqrt(2 / math.pi) / 2 * (share + 0.134145 * share * x * x)


gelu_tanh = elementwise(
    lambda x: 0.5 * x * (1 + np.tanh(_bend(x))), _partial_of_gelu_tanh, name="gelu_tanh", domain=_SMOOTH,
    doc="½x(1 + tanh(√(2/π)·(x + 0.044715x³))), which is gelu to 0.0005.",
)  # fmt: skip


def _silu(x: Any) -> tuple[Any, Any]:
    share = sigmoid.evaluate(x)
    return x * share, share


def _partial_of_silu(x: Any, residual: Any) -> Any:
    return residual * (1 + x * (1 - residual))


silu = elementwise(
    _silu, _partial_of_silu, name="silu", operands="x",
    residual=lambda x: sigmoid(x), formulas=(lambda x: _partial_of_silu(x, sigmoid(x)),), domain=_SMOOTH,
    doc="x·σ(x), also called swish.",
)  # fmt: skip

softplus = elementwise(
    lambda x: np.maximum(x, 0) + np.log1p(np.exp(-abs(x))), lambda x: sigmoid(x), name="softplus", domain=_SMOOTH,
    doc="ln(1 + eˣ), a smooth rectifier.",
)  # fmt: skip


def _partial_of_mish(x: Any) -> Any:
    t = np.tanh(softplus(x))
    return t + x * sigmoid(x) * ((1 - t) * (1 + t))


mish = elementwise(
    lambda x: x * np.tanh(softplus.evaluate(x)), _partial_of_mish, name="mish", domain=_SMOOTH,
    doc="x·tanh(ln(1 + eˣ)).",
)  # fmt: skip

log_sigmoid = elementwise(
    lambda x: np.minimum(x, 0) - np.log1p(np.exp(-abs(x))), lambda x: sigmoid(-x), name="log_sigmoid", domain=_SMOOTH,
    scipy=("log_expit",),
    doc="ln σ(x) = −ln(1 + e⁻ˣ).",
)  # fmt: skip

hardtanh = elementwise(
    lambda x, min_val=-1.0, max_val=1.0: np.clip(x, min_val, max_val),
    (
        lambda x, min_val, max_val: np.logical_and(x > min_val, x < max_val),
        lambda x, min_val, max_val: np.logical_and(x <= min_val, min_val <= max_val),
        lambda x, min_val, max_val: np.maximum(x, min_val) >= max_val,
    ),
    name="hardtanh", operands="x min_val max_val", selects=True,
    domain=(Domain(kinks=(-1.0, 1.0)), Domain(-1.1, -0.9), Domain(0.9, 1.1)),
    doc="x limited to [min_val, max_val]; its derivative at the bounds is taken as 0 (that of clip is 1).",
)  # fmt: skip

relu6 = elementwise(
    lambda x: np.clip(x, 0, 6), lambda x: np.logical_and(x > 0, x < 6), name="relu6", selects=True,
    domain=Domain(-2, 8, kinks=(0.0, 6.0), landmarks=_FAR),
    doc="The rectifier limited to 6: min(max(x, 0), 6); its derivative at 0 and at 6 is taken as 0.",
)  # fmt: skip
