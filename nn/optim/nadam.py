"""NAdam: Adam with Nesterov's look ahead."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from nn.optim.blocks import Numbers
from nn.optim.optimizer import Hyperparameters, Optimizer, decayed


class NAdam(Optimizer):
    """``p ← p − lr · (μₜ₊₁·m/(1 − Πμ·μₜ₊₁) + (1 − μₜ)·g/(1 − Πμ)) / (√v̂ + ε)``, with m, v and v̂ of Adam.

    ``μₜ = β₁(1 − ½·0.96^(t·momentum_decay))`` and Πμ is the product ``μ₁ … μₜ``. Dozat 2016.

    >>> from autograd import Tensor
    >>> w = Tensor(5.0, requires_grad=True)
    >>> (w * w).backward()
    >>> NAdam([w], lr=0.1).step()
    >>> round(w.item(), 6)
    4.894355
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        momentum_decay: float = 4e-3,
        decoupled_weight_decay: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(params, locals())

    def arrays(self, h: Hyperparameters) -> dict[str, float]:
        return {"exp_avg": 0.0, "exp_avg_sq": 0.0}

    def numbers(self, h: Hyperparameters) -> Numbers:
        return {"step": 0, "mu_product": 1.0}

    def advance(self, h: Hyperparameters, n: Numbers) -> Numbers:
        t = n["step"] + 1
        return {"step": t, "mu_product": n["mu_product"] * _momentum(h, t)}

    @staticmethod
    def rule(h: Hyperparameters, n: Numbers, p: Any, g: Any, exp_avg: Any, exp_avg_sq: Any) -> tuple[Any, ...]:
        p, g = decayed(h, p, g)
        (beta1, beta2), t = h["betas"], n["step"] + 1
        exp_avg *= beta1
        exp_avg += (1 - beta1) * g
        exp_avg_sq *= beta2
        exp_avg_sq += (1 - beta2) * (g * g)
        spread = np.sqrt(exp_avg_sq / (1 - beta2**t))
        spread += h["eps"]
        mu, mu_next = _momentum(h, t), _momentum(h, t + 1)
        product = n["mu_product"] * mu
        change = (h["lr"] * (1 - mu) / (1 - product)) * g
        change += (h["lr"] * mu_next / (1 - product * mu_next)) * exp_avg
        p -= change / spread
        return p, exp_avg, exp_avg_sq


def _momentum(h: Hyperparameters, t: float) -> float:
    momentum: float = h["betas"][0] * (1 - 0.5 * 0.96 ** (t * h["momentum_decay"]))
    return momentum
