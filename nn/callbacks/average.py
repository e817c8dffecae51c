"""EMA: a slow average of the weights, which is what is validated and kept."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd import ArgumentError
from nn.callbacks.callback import Callback

if TYPE_CHECKING:
    from nn.training import Run


class EMA(Callback):
    """Keep the exponential moving average of the weights: ``a ← a + (1 − decay)(w − a)`` after each step.

    It starts from the weights after the first step, as PyTorch's AveragedModel does. The model has the averages while
    it is validated, at the end of an epoch (for early stopping and checkpoints) and after training, and its own weights
    while it learns. Buffers, such as those of batch norm, aren't averaged. Polyak and Juditsky 1992.

    >>> import nn
    >>> model, data = nn.Linear(2, 1), (np.ones((8, 2)), np.ones((8, 1)))
    >>> history = nn.fit(model, data, loss=nn.MSELoss(), optimizer=nn.optim.Adam, epochs=1, callbacks=[EMA(0.9)])

    Raises ArgumentError for a decay that isn't in [0, 1).
    """

    def __init__(self, decay: float = 0.999) -> None:
        if not 0 <= decay < 1:
            raise ArgumentError("EMA(decay)", "a decay in [0, 1)", f"{decay}", "0.999 averages about 1,000 steps")
        self.decay = decay
        self._other: list[Any] = []  # the averages or, while the model has those, its own weights
        self._averaged = False  # whether the model has the averages

    def start(self, run: Run) -> None:
        self._other, self._averaged = [], False

    @contextlib.contextmanager
    def around(self, run: Run) -> Iterator[None]:
        """Leave the averages in the model, whatever ends the epochs."""
        try:
            yield
        finally:
            self._exchange(run, averaged=True)

    def before_epoch(self, run: Run) -> None:
        self._exchange(run, averaged=False)

    def after_step(self, run: Run) -> None:
        weights = [p.numpy() for p in run.model.parameters()]
        if not self._other:
            self._other = [np.array(w) for w in weights]
        for a, w in zip(self._other, weights, strict=True):
            a[...] += (1 - self.decay) * (w - a)

    def before_validation(self, run: Run) -> None:
        self._exchange(run, averaged=True)

    def _exchange(self, run: Run, averaged: bool) -> None:
        if averaged == self._averaged or not self._other:
            return
        held = [np.array(p.numpy()) for p in run.model.parameters()]
        for p, other in zip(run.model.parameters(), self._other, strict=True):
            p.assign_(other)
        self._other, self._averaged = held, averaged

    def state_dict(self) -> dict[str, Any]:
        return {"other": self._other, "averaged": self._averaged}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self._other, self._averaged = state["other"], state["averaged"]
