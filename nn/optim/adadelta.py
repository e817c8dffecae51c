"""Adadelta: steps in the parameter's own units, without a rate to choose."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from nn.optim.blocks import Numbers
from nn.optim.optimizer import Hyperparameters, Optimizer, decayed


class Adadelta(Optimizer):
    """``s ← ρs + (1 − ρ)g², δ = √(d + ε)/√(s + ε) · g, d ← ρd + (1 − ρ)δ², p ← p − lr·δ``. Zeiler 2012.

    >>> from autograd import Tensor
    >>> w = Tensor(5.0, requires_grad=True)
    >>> (w * w).backward()
    >>> Adadelta([w]).step()
    >>> round(w.item(), 6)
    4.996838
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1.0,
        rho: float = 0.9,
        eps: float = 1e-6,
        weight_decay: float = 0,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(params, locals())

    def arrays(self, h: Hyperparameters) -> dict[str, float]:
        return {"square_avg": 0.0, "acc_delta": 0.0}

    @staticmethod
    def rule(h: Hyperparameters, n: Numbers, p: Any, g: Any, square_avg: Any, acc_delta: Any) -> tuple[Any, ...]:
        p, g = decayed(h, p, g)
        rho, eps = h["rho"], h["eps"]
        square_avg *= rho
        square_avg += (1 - rho) * (g * g)
        delta = np.sqrt((acc_delta + eps) / (square_avg + eps))
        delta *= g
        acc_delta *= rho
        acc_delta += (1 - rho) * (delta * delta)
        p -= h["lr"] * delta
        return p, square_avg, acc_delta
