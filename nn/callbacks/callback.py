"""Callback: the moments of a training at which something may happen."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from autograd import ArgumentError

if TYPE_CHECKING:
    from nn.training import Run


class Callback:
    """Called by :func:`nn.fit` at its moments; define those you need. What the next epoch depends on is its state.

    >>> class Shout(Callback):
    ...     def after_epoch(self, run):
    ...         print(f"epoch {run.epoch}: loss {run.row['loss']:.1f}")
    """

    def start(self, run: Run) -> None:
        """Forget an earlier run; before the first epoch."""

    def resume(self, run: Run) -> None:
        """Take up an earlier run; after every callback's ``start``."""

    def around(self, run: Run) -> contextlib.AbstractContextManager[Any]:
        """Return what the epochs run in: a context manager, left however the training ends."""
        return contextlib.nullcontext()

    def before_epoch(self, run: Run) -> None:
        """Act before the first step of an epoch."""

    def after_backward(self, run: Run) -> None:
        """Act between the gradients and the step."""

    def after_step(self, run: Run) -> None:
        """Act after a step of the optimizer."""

    def before_validation(self, run: Run) -> None:
        """Act after the last step of an epoch, before the model is validated."""

    def after_epoch(self, run: Run) -> None:
        """Look at ``run.row``, the numbers of this epoch; more may be added."""

    def recorded(self, run: Run) -> None:
        """Act when the epoch is in the history and every callback has seen it."""

    def finish(self, run: Run) -> None:
        """Act after the last epoch, or Ctrl-C."""

    def state_dict(self) -> dict[str, Any]:
        """Return what a checkpoint must keep."""
        return {}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take back what ``state_dict`` gave."""


def look_up(run: Run, monitor: str, who: str) -> float:
    """Return a number of this epoch."""
    if monitor not in run.row:
        raise ArgumentError(
            f"{who}(monitor={monitor!r})", f"one of {', '.join(run.row)}", repr(monitor),
            "give fit validation= and metrics=, or monitor one of these",
        )  # fmt: skip
    return run.row[monitor]
