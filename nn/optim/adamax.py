"""Adamax: Adam with the infinity norm."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from nn.optim.blocks import Numbers
from nn.optim.optimizer import Hyperparameters, Optimizer, decayed


class Adamax(Optimizer):
    """``m ← β₁m + (1 − β₁)g, u ← max(β₂u, |g| + ε), p ← p − lr/(1 − β₁ᵗ) · m/u``. Kingma and Ba 2015, section 7.

    >>> from autograd import Tensor
    >>> w = Tensor(5.0, requires_grad=True)
    >>> (w * w).backward()
    >>> Adamax([w], lr=0.1).step()
    >>> round(w.item(), 6)
    4.9
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(params, locals())

    def arrays(self, h: Hyperparameters) -> dict[str, float]:
        return {"exp_avg": 0.0, "exp_inf": 0.0}

    @staticmethod
    def rule(h: Hyperparameters, n: Numbers, p: Any, g: Any, exp_avg: Any, exp_inf: Any) -> tuple[Any, ...]:
        p, g = decayed(h, p, g)
        beta1, beta2 = h["betas"]
        exp_avg *= beta1
        exp_avg += (1 - beta1) * g
        exp_inf = np.maximum(beta2 * exp_inf, abs(g) + h["eps"])
        p -= h["lr"] / (1 - beta1 ** (n["step"] + 1)) * (exp_avg / exp_inf)
        return p, exp_avg, exp_inf
