"""EarlyStopping: an end when nothing improves, and the best weights back."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from autograd import ArgumentError
from nn.callbacks.callback import Callback, look_up

if TYPE_CHECKING:
    from nn.training import Run


class EarlyStopping(Callback):
    """Stop when ``monitor`` hasn't improved by ``min_delta`` for ``patience`` epochs; the best weights come back.

    They come back however the training ends. ``mode`` is "min" or "max". Course 16.

    >>> EarlyStopping("val_accuracy", patience=5, mode="max").best
    -inf

    Raises ArgumentError for a monitor that isn't measured, or a patience below 1.
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        patience: int = 10,
        min_delta: float = 0.0,
        mode: str = "min",
        restore_best: bool = True,
    ) -> None:
        if mode not in ("min", "max") or patience < 1:
            got = f"mode={mode!r}, patience={patience}"
            raise ArgumentError("EarlyStopping(…)", 'mode "min" or "max", patience 1 or more', got, "change it")
        self.monitor, self.patience, self.min_delta, self.mode = monitor, patience, min_delta, mode
        self.restore_best = restore_best
        self._forget()

    def _forget(self) -> None:
        self.best = math.inf if self.mode == "min" else -math.inf
        self.best_epoch, self.waited = 0, 0
        self.weights: dict[str, Any] | None = None

    def start(self, run: Run) -> None:
        self._forget()

    def after_epoch(self, run: Run) -> None:
        value = look_up(run, self.monitor, "EarlyStopping")
        gain = self.best - value if self.mode == "min" else value - self.best
        if gain > self.min_delta:  # NaN is no gain
            self.best, self.best_epoch, self.waited = value, run.epoch, 0
            if self.restore_best:
                self.weights = run.model.state_dict()
            return
        self.waited += 1
        if self.waited >= self.patience:
            run.stop(f"{self.monitor} hasn't improved since epoch {self.best_epoch} ({self.best:.4g})")

    def finish(self, run: Run) -> None:
        if self.weights is not None:
            run.model.load_state_dict(self.weights)

    def state_dict(self) -> dict[str, Any]:
        return {"best": self.best, "epoch": self.best_epoch, "waited": self.waited, "weights": self.weights}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.best, self.best_epoch, self.waited = state["best"], state["epoch"], state["waited"]
        self.weights = state["weights"]
