"""RMSprop: the gradient over the root of its running mean square."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from nn.optim.blocks import Numbers
from nn.optim.optimizer import Hyperparameters, Optimizer, decayed


class RMSprop(Optimizer):
    """``s ← αs + (1 − α)g², p ← p − lr · g/(√s + ε)``. Tieleman and Hinton 2012.

    ``centered`` divides by the deviation √(s − m²) instead, with ``m ← αm + (1 − α)g`` (Graves 2013). With momentum μ
    ``b ← μb + g/(√s + ε), p ← p − lr·b``.

    >>> from autograd import Tensor
    >>> w = Tensor(5.0, requires_grad=True)
    >>> (w * w).backward()
    >>> RMSprop([w], lr=0.01).step()
    >>> round(w.item(), 6)
    4.9
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-2,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0,
        momentum: float = 0,
        centered: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(params, locals())

    def arrays(self, h: Hyperparameters) -> dict[str, float]:
        names = ["square_avg"] + ["momentum_buffer"] * bool(h["momentum"]) + ["grad_avg"] * h["centered"]
        return dict.fromkeys(names, 0.0)

    @staticmethod
    def rule(
        h: Hyperparameters,
        n: Numbers,
        p: Any,
        g: Any,
        square_avg: Any,
        momentum_buffer: Any = None,
        grad_avg: Any = None,
    ) -> tuple[Any, ...]:
        p, g = decayed(h, p, g)
        alpha = h["alpha"]
        square_avg *= alpha
        square_avg += (1 - alpha) * (g * g)
        if h["centered"]:
            grad_avg *= alpha
            grad_avg += (1 - alpha) * g
            spread = np.sqrt(square_avg - grad_avg * grad_avg)
        else:
            spread = np.sqrt(square_avg)
        spread += h["eps"]
        if h["momentum"]:
            momentum_buffer *= h["momentum"]
            momentum_buffer += g / spread
            p -= h["lr"] * momentum_buffer
        else:
            p -= h["lr"] * (g / spread)
        return p, square_avg, momentum_buffer, grad_avg
