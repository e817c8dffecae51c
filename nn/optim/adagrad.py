"""Adagrad: a rate for each entry, which falls with the squares of its gradients."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from nn.optim.blocks import Numbers
from nn.optim.optimizer import Hyperparameters, Optimizer, decayed


class Adagrad(Optimizer):
    """``s ← s + g², p ← p − lr/(1 + (t − 1)·lr_decay) · g/(√s + ε)``. Duchi, Hazan and Singer 2011.

    >>> from autograd import Tensor
    >>> w = Tensor(5.0, requires_grad=True)
    >>> (w * w).backward()
    >>> Adagrad([w], lr=0.1).step()
    >>> round(w.item(), 6)
    4.9
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-2,
        lr_decay: float = 0,
        weight_decay: float = 0,
        initial_accumulator_value: float = 0,
        eps: float = 1e-10,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(params, locals())

    def arrays(self, h: Hyperparameters) -> dict[str, float]:
        return {"sum": h["initial_accumulator_value"]}

    @staticmethod
    def rule(h: Hyperparameters, n: Numbers, p: Any, g: Any, sum: Any) -> tuple[Any, ...]:
        p, g = decayed(h, p, g)
        sum += g * g
        spread = np.sqrt(sum)
        spread += h["eps"]
        p -= h["lr"] / (1 + n["step"] * h["lr_decay"]) * (g / spread)
        return p, sum
