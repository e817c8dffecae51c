"""RAdam: Adam that waits until its second moment means something."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from nn.optim.blocks import Numbers
from nn.optim.optimizer import Hyperparameters, Optimizer, decayed


class RAdam(Optimizer):
    """``p ← p − lr·m̂`` while ``ρₜ ≤ 5``, then ``p ← p − lr · r·m̂·√(1 − β₂ᵗ)/(√v + ε)``, with m, m̂ and v of Adam.

    ``ρ∞ = 2/(1 − β₂) − 1``, ``ρₜ = ρ∞ − 2tβ₂ᵗ/(1 − β₂ᵗ)``, ``r = √((ρₜ − 4)(ρₜ − 2)ρ∞/((ρ∞ − 4)(ρ∞ − 2)ρₜ))``.
    Liu et al. 2020.

    >>> from autograd import Tensor
    >>> w = Tensor(5.0, requires_grad=True)
    >>> (w * w).backward()
    >>> RAdam([w], lr=0.1).step()
    >>> round(w.item(), 6)
    4.0
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        decoupled_weight_decay: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(params, locals())

    def arrays(self, h: Hyperparameters) -> dict[str, float]:
        return {"exp_avg": 0.0, "exp_avg_sq": 0.0}

    @staticmethod
    def rule(h: Hyperparameters, n: Numbers, p: Any, g: Any, exp_avg: Any, exp_avg_sq: Any) -> tuple[Any, ...]:
        p, g = decayed(h, p, g)
        (beta1, beta2), t = h["betas"], n["step"] + 1
        exp_avg *= beta1
        exp_avg += (1 - beta1) * g
        exp_avg_sq *= beta2
        exp_avg_sq += (1 - beta2) * (g * g)
        rate, left = h["lr"] / (1 - beta1**t), 1 - beta2**t
        longest = 2 / (1 - beta2) - 1  # how many gradients v averages: in the end, and now
        length = longest - 2 * t * beta2**t / left
        if length > 5:
            rate *= math.sqrt(left * (length - 4) * (length - 2) * longest / ((longest - 4) * (longest - 2) * length))
            spread = np.sqrt(exp_avg_sq)
            spread += h["eps"]
            p -= rate * (exp_avg / spread)
        else:
            p -= rate * exp_avg
        return p, exp_avg, exp_avg_sq
