"""Rprop: only the sign of the gradient counts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from nn.optim.blocks import Numbers
from nn.optim.optimizer import Hyperparameters, Optimizer, decayed


class Rprop(Optimizer):
    """``p ← p − sign(g)·s``; the step s grows by η⁺ while the sign stays, shrinks by η⁻ when it turns.

    After a turn the entry rests for one step. s starts at ``lr`` and stays within ``step_sizes``. For whole batches,
    not for mini-batches. Riedmiller and Braun 1993.

    >>> from autograd import Tensor
    >>> w = Tensor(5.0, requires_grad=True)
    >>> (w * w).backward()
    >>> Rprop([w], lr=0.1).step()
    >>> round(w.item(), 6)
    4.9
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-2,
        etas: tuple[float, float] = (0.5, 1.2),
        step_sizes: tuple[float, float] = (1e-6, 50),
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(params, locals())

    def arrays(self, h: Hyperparameters) -> dict[str, float]:
        return {"prev": 0.0, "step_size": h["lr"]}

    @staticmethod
    def rule(h: Hyperparameters, n: Numbers, p: Any, g: Any, prev: Any, step_size: Any) -> tuple[Any, ...]:
        p, g = decayed(h, p, g)
        (shrink, grow), turn = h["etas"], g * prev
        step_size = np.where(turn > 0, grow * step_size, np.where(turn < 0, shrink * step_size, step_size))
        step_size = np.clip(step_size, *h["step_sizes"])
        g = np.where(turn < 0, 0, g)
        p -= np.sign(g) * step_size
        return p, g, step_size
