"""Adam: momentum, and a rate for each entry, both corrected for their start at zero; and AdamW."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from nn.optim.blocks import Numbers
from nn.optim.optimizer import Hyperparameters, Optimizer, decayed


class Adam(Optimizer):
    """``m ← β₁m + (1 − β₁)g, v ← β₂v + (1 − β₂)g², p ← p − lr · m̂/(√v̂ + ε)``. Kingma and Ba 2015.

    ``m̂ = m/(1 − β₁ᵗ)`` and ``v̂ = v/(1 − β₂ᵗ)`` undo the start at zero. ``amsgrad`` takes the largest v so far
    (Reddi et al. 2018); ``decoupled_weight_decay`` shrinks the weights themselves, as AdamW does.

    >>> from autograd import Tensor
    >>> w = Tensor(5.0, requires_grad=True)
    >>> (w * w).backward()
    >>> Adam([w], lr=0.1).step()
    >>> round(w.item(), 6)
    4.9
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
        decoupled_weight_decay: bool = False,
    ) -> None:
        super().__init__(params, locals())

    def arrays(self, h: Hyperparameters) -> dict[str, float]:
        return dict.fromkeys(["exp_avg", "exp_avg_sq"] + ["max_exp_avg_sq"] * h["amsgrad"], 0.0)

    @staticmethod
    def rule(
        h: Hyperparameters, n: Numbers, p: Any, g: Any, exp_avg: Any, exp_avg_sq: Any, max_exp_avg_sq: Any = None
    ) -> tuple[Any, ...]:
        p, g = decayed(h, p, g)
        (beta1, beta2), t = h["betas"], n["step"] + 1
        exp_avg *= beta1
        exp_avg += (1 - beta1) * g
        exp_avg_sq *= beta2
        square = g * g
        square *= 1 - beta2
        exp_avg_sq += square
        if h["amsgrad"]:
            max_exp_avg_sq = np.maximum(max_exp_avg_sq, exp_avg_sq)
        correction = math.sqrt(1 - beta2**t)  # of √v, moved out of the quotient
        change = np.sqrt(max_exp_avg_sq if h["amsgrad"] else exp_avg_sq)
        change += h["eps"] * correction
        change = exp_avg / change
        change *= h["lr"] * correction / (1 - beta1**t)
        p -= change
        return p, exp_avg, exp_avg_sq, max_exp_avg_sq


class AdamW(Adam):
    """Adam with decoupled weight decay: ``p ← (1 − lr·λ)p`` before each step of Adam. Loshchilov and Hutter 2019.

    >>> from autograd import Tensor
    >>> w = Tensor(5.0, requires_grad=True)
    >>> (w * w).backward()
    >>> AdamW([w], lr=0.1, weight_decay=0.1).step()
    >>> round(w.item(), 6)
    4.85
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(params, lr, betas, eps, weight_decay, amsgrad, maximize=maximize, decoupled_weight_decay=True)
