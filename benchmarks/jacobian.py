"""The Jacobian of a 100-100-100 tanh network in float64, all rows in one sweep."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd
from benchmarks.comparison import Comparison

SIZE = 100


def network() -> Comparison:
    """``tanh(W₂ tanh(W₁ x + b₁) + b₂)``; by hand ``J = diag(1 − y²) W₂ diag(1 − h²) W₁``, one matrix product."""
    rng = np.random.default_rng(0)
    W1, W2 = rng.normal(0, SIZE**-0.5, (2, SIZE, SIZE))
    b1, b2 = rng.normal(0, 0.1, (2, SIZE))

    def output(x: Any) -> Any:
        return autograd.tanh(autograd.linear(autograd.tanh(autograd.linear(x, W1, b1)), W2, b2))

    jacobian = autograd.jacobian(output)

    def by_hand(x: Any) -> Any:
        h = np.tanh(W1 @ x + b1)
        y = np.tanh(W2 @ h + b2)
        return (W2 * (1 - y * y)[:, None]) @ (W1 * (1 - h * h)[:, None])

    return Comparison(
        f"Jacobian of {SIZE}-{SIZE}-{SIZE} tanh, float64", "NumPy by hand", 2.5,
        lambda: rng.normal(size=SIZE), jacobian, by_hand, tolerance=1e-12,
    )  # fmt: skip
