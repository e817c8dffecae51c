"""The Jacobian of a 100-100-100 tanh network in float64, all rows in one sweep."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd
from benchmarks.comparison import Comparison

SIZE = 100


def network(clever: bool = False) -> Comparison:
    """``tanh(W₂ tanh(W₁ x + b₁) + b₂)``; by hand the same accumulation ``I · J · J · …``, row by row of the output.

    ``clever``: by hand in the order that this one network allows, ``diag(1 − y²) W₂ · diag(1 − h²) W₁``: one product.
    """
    rng = np.random.default_rng(0)
    W1, W2 = rng.normal(0, SIZE**-0.5, (2, SIZE, SIZE))
    b1, b2 = rng.normal(0, 0.1, (2, SIZE))

    def output(x: Any) -> Any:
        return autograd.tanh(autograd.linear(autograd.tanh(autograd.linear(x, W1, b1)), W2, b2))

    jacobian = autograd.jacobian(output)

    def by_hand(x: Any) -> Any:
        h = np.tanh(W1 @ x + b1)
        y = np.tanh(W2 @ h + b2)
        if clever:
            return (W2 * (1 - y * y)[:, None]) @ (W1 * (1 - h * h)[:, None])
        P = np.eye(SIZE) * (1 - y * y)
        return ((P @ W2) * (1 - h * h)) @ W1

    return Comparison(
        f"Jacobian of {SIZE}-{SIZE}-{SIZE} tanh, float64", f"NumPy by hand{', one product' if clever else ''}", 2.5,
        lambda: rng.normal(size=SIZE), jacobian, by_hand, tolerance=1e-12,
    )  # fmt: skip


def of_one_product() -> Comparison:
    """Set the same Jacobian against the cleverer order by hand."""
    return network(clever=True)
