"""Gradient descent: plain, with momentum, with Nesterov's look ahead."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from autograd import ArgumentError
from nn.optim.blocks import Numbers
from nn.optim.optimizer import Hyperparameters, Optimizer, decayed


class SGD(Optimizer):
    """Stochastic gradient descent: ``p ← p − lr·g``; with momentum μ ``b ← μb + (1 − dampening)·g, p ← p − lr·b``.

    The first step takes ``b = g``. Nesterov's form descends along ``g + μb``. Polyak 1964; Nesterov 1983; Sutskever
    et al. 2013, in the form that keeps the rate outside of ``b``. Raises ArgumentError for Nesterov without momentum
    or with dampening.

    >>> from autograd import Tensor
    >>> w = Tensor(5.0, requires_grad=True)
    >>> optimizer = SGD([w], lr=0.1)
    >>> for _ in range(2):
    ...     optimizer.zero_grad()
    ...     (w * w).backward()
    ...     optimizer.step()
    ...     print(round(w.item(), 6))
    4.0
    3.2
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        momentum: float = 0,
        dampening: float = 0,
        weight_decay: float = 0,
        nesterov: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        if nesterov and (not momentum or dampening):
            got = f"momentum={momentum}, dampening={dampening}"
            raise ArgumentError(
                "SGD(nesterov=True)", "momentum > 0 and dampening = 0", got, "give a momentum, such as 0.9"
            )
        super().__init__(params, locals())

    def arrays(self, h: Hyperparameters) -> dict[str, float]:
        return {"momentum_buffer": 0.0} if h["momentum"] else {}

    @staticmethod
    def rule(h: Hyperparameters, n: Numbers, p: Any, g: Any, momentum_buffer: Any = None) -> tuple[Any, ...]:
        p, g = decayed(h, p, g)
        if h["momentum"]:
            if n["step"] == 0:
                momentum_buffer = g
            else:
                momentum_buffer *= h["momentum"]
                momentum_buffer += (1 - h["dampening"]) * g if h["dampening"] else g
            g = g + h["momentum"] * momentum_buffer if h["nesterov"] else momentum_buffer
        p -= h["lr"] * g
        return p, momentum_buffer
