"""Gradients between the sweep and the step: their norm noted, or kept from getting too long."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from autograd import ArgumentError
from nn.callbacks.callback import Callback
from nn.optim.clip import clip_grad_norm_, clip_grad_value_

if TYPE_CHECKING:
    from nn.training import Run


class ClipGradients(Callback):
    """Scale all gradients together to a norm of at most ``max_norm``, or limit each entry to ±``max_value``.

    As :func:`nn.optim.clip_grad_norm_` and :func:`nn.optim.clip_grad_value_`. Callbacks act in the order of their list:
    put a GradientNormLog before it to note the norms as they were.

    >>> ClipGradients(max_norm=1.0).max_norm
    1.0

    Raises ArgumentError unless one of the two is given, and positive.
    """

    def __init__(self, max_norm: float | None = None, max_value: float | None = None) -> None:
        given = [limit for limit in (max_norm, max_value) if limit is not None]
        if len(given) != 1 or not given[0] > 0:
            got = f"max_norm={max_norm}, max_value={max_value}"
            raise ArgumentError("ClipGradients(…)", "max_norm > 0 or max_value > 0", got, "give one of them")
        self.max_norm, self.max_value = max_norm, max_value

    def after_backward(self, run: Run) -> None:
        if self.max_norm is not None:
            clip_grad_norm_(run.model.parameters(), self.max_norm)
        if self.max_value is not None:
            clip_grad_value_(run.model.parameters(), self.max_value)


class GradientNormLog(Callback):
    """Note the gradient's norm, its mean over an epoch, as "grad_norm"; ``each`` adds one for each parameter.

    Vanishing gradients show in them (course 14).

    >>> GradientNormLog(each=True).each
    True
    """

    def __init__(self, each: bool = False) -> None:
        self.each = each
        self.norms: list[list[float]] = []

    def start(self, run: Run) -> None:
        self.norms = []

    def after_backward(self, run: Run) -> None:
        grads = [p.grad for p in run.model.parameters()]
        self.norms.append([0.0 if g is None else float(np.linalg.norm(g.numpy())) for g in grads])

    def after_epoch(self, run: Run) -> None:
        norms, self.norms = np.array(self.norms), []
        run.row["grad_norm"] = float(np.mean(np.sqrt((norms**2).sum(axis=1))))
        if self.each:
            names = [name for name, _ in run.model.named_parameters()]
            run.row |= {f"grad_norm {name}": float(v) for name, v in zip(names, norms.mean(axis=0), strict=True)}
