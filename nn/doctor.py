"""Doctor: a callback that watches a training and says what is wrong with it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from autograd import diagnose
from nn.callbacks import Callback

if TYPE_CHECKING:
    from nn.training import Run

EPOCHS = 3  # from here on a loss should have fallen


class Doctor(Callback):
    """Watch a training by :func:`autograd.diagnose`; ``report`` has the findings, printed at the end unless ``quiet``.

    It names saturated and dead units, exploding and vanishing gradients, the first NaN, forgotten parameters, layers
    that forward never uses or that stand in a plain list, wrong targets, inputs and losses, learning rates far off:
    each with operation, place, cause and remedy.

    >>> import numpy as np
    >>> import nn
    >>> model, doctor = nn.Linear(2, 1), Doctor(quiet=True)
    >>> data = np.float32([[255.0, 0.0], [0.0, 255.0]] * 8), np.ones((16, 1), np.float32)
    >>> history = nn.fit(model, data, loss=nn.MSELoss(), optimizer=nn.optim.Adam, epochs=1, callbacks=[doctor])
    >>> doctor.report[0].cause
    'unscaled inputs: values up to 255'
    """

    report: Any = None  # of the last training

    def __init__(self, quiet: bool = False) -> None:
        self.quiet = quiet

    @contextlib.contextmanager
    def around(self, run: Run) -> Iterator[None]:
        """Watch the epochs."""
        try:
            with diagnose("training", run.model) as self.report:
                yield
        finally:
            if not self.quiet and not self.report.healthy:
                print(self.report)

    def after_epoch(self, run: Run) -> None:
        losses = [*run.history.columns.get("loss", []), run.row["loss"]]
        if run.epoch == run.epochs and len(losses) >= EPOCHS and not losses[-1] < losses[0] and self.report.healthy:
            self.report.note(
                "slow", "", "optimizer step", "the loss doesn't fall: the learning rate is too high or too low, or the "
                "targets have nothing to do with the inputs", "try learning rates 10 times larger and smaller; check "
                "that inputs and targets are in the same order",
                f"the mean loss goes from {losses[0]:.3g} to {losses[-1]:.3g}",
            )  # fmt: skip
