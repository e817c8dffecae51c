"""ASGD: gradient descent that averages the parameters it has been through."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from nn.optim.blocks import Numbers
from nn.optim.optimizer import Hyperparameters, Optimizer, decayed


class ASGD(Optimizer):
    """``p ← (1 − λη)p − ηg, a ← a + μ(p − a)``, where ``ηₜ₊₁ = lr/(1 + λ·lr·t)^α`` and ``μₜ₊₁ = 1/max(1, t − t₀)``.

    The average a is in ``optimizer.state[p]["ax"]``; it starts after ``t0`` steps. Polyak and Juditsky 1992.

    >>> from autograd import Tensor
    >>> w = Tensor(5.0, requires_grad=True)
    >>> (w * w).backward()
    >>> ASGD([w], lr=0.1, lambd=0.0).step()
    >>> round(w.item(), 6)
    4.0
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-2,
        lambd: float = 1e-4,
        alpha: float = 0.75,
        t0: float = 1e6,
        weight_decay: float = 0,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(params, locals())

    def arrays(self, h: Hyperparameters) -> dict[str, float]:
        return {"ax": 0.0}

    def numbers(self, h: Hyperparameters) -> Numbers:
        return {"step": 0, "eta": h["lr"], "mu": 1.0}

    def advance(self, h: Hyperparameters, n: Numbers) -> Numbers:
        t = n["step"] + 1
        eta = h["lr"] / (1 + h["lambd"] * h["lr"] * t) ** h["alpha"]
        return {"step": t, "eta": eta, "mu": 1 / max(1, t - h["t0"])}

    @staticmethod
    def rule(h: Hyperparameters, n: Numbers, p: Any, g: Any, ax: Any) -> tuple[Any, ...]:
        p, g = decayed(h, p, g)
        eta = n["eta"] if n["step"] else h["lr"]  # the first step may come late, at another rate
        p *= 1 - h["lambd"] * eta
        p -= eta * g
        if n["mu"] == 1:
            ax = p
        else:
            ax += n["mu"] * (p - ax)
        return p, ax
