"""Schedule: a learning rate that changes while training."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from autograd import ArgumentError
from nn.callbacks.callback import Callback, look_up
from nn.optim.schedules import ReduceLROnPlateau

if TYPE_CHECKING:
    from nn.training import Run


class Schedule(Callback):
    """Step a learning rate schedule after each epoch (``each="epoch"``) or each batch; notes the rate as "lr".

    A schedule that looks at a number, such as ReduceLROnPlateau, is given ``monitor`` from the epoch's row.

    >>> import nn
    >>> optimizer = nn.optim.SGD(nn.Linear(1, 1).parameters(), lr=0.1)
    >>> callback = Schedule(nn.optim.StepLR(optimizer, step_size=10))
    """

    def __init__(self, schedule: Any, each: str = "epoch", monitor: str | None = None) -> None:
        if each not in ("epoch", "batch") or (monitor and each == "batch"):
            raise ArgumentError(
                "Schedule(schedule, each, monitor)", 'each="epoch", or "batch" without monitor', f"{each!r}", "pick one"
            )
        if monitor is None and isinstance(schedule, ReduceLROnPlateau):
            raise ArgumentError(
                "Schedule(schedule, each, monitor)", "the number that it looks at", "ReduceLROnPlateau without monitor",
                'give monitor="val_loss"',
            )  # fmt: skip
        self.schedule, self.each, self.monitor = schedule, each, monitor

    def after_step(self, run: Run) -> None:
        if self.each == "batch":
            self.schedule.step()

    def after_epoch(self, run: Run) -> None:
        run.row["lr"] = float(run.optimizer.param_groups[0]["lr"])
        if self.each == "epoch":
            self.schedule.step(*([look_up(run, self.monitor, "Schedule")] if self.monitor else []))

    def state_dict(self) -> dict[str, Any]:
        return {"schedule": self.schedule.state_dict()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.schedule.load_state_dict(state["schedule"])
