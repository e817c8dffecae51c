"""Several schedules on one optimizer: all at once, or one after the other."""

from __future__ import annotations

import bisect
from collections.abc import Mapping, Sequence
from typing import Any

from nn.optim.optimizer import Optimizer
from nn.optim.schedules import LRScheduler, ReduceLROnPlateau, within


class ChainedScheduler(LRScheduler):
    """Several schedules at once: each step is a step of all of them.

    >>> from nn.optim.schedules import ConstantLR, ExponentialLR, rates
    >>> def both(optimizer):
    ...     return ChainedScheduler([ConstantLR(optimizer, 0.5, 2), ExponentialLR(optimizer, 0.9)])
    >>> rates(both, 4)
    [0.5, 0.45, 0.81, 0.729]
    """

    def __init__(self, schedulers: Sequence[LRScheduler], optimizer: Optimizer | None = None) -> None:
        self._schedulers = _together("ChainedScheduler", schedulers, optimizer)
        self.optimizer, self.base_lrs = self._schedulers[0].optimizer, self._schedulers[0].base_lrs
        self._note()

    def step(self) -> None:
        for schedule in self._schedulers:
            schedule.step()
        self._note()

    def _first(self) -> None:
        for schedule in self._schedulers:
            schedule._first()
        self._note()

    def state_dict(self) -> dict[str, Any]:
        return super().state_dict() | {"_schedulers": [s.state_dict() for s in self._schedulers]}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        self.__dict__.update({k: v for k, v in state_dict.items() if k != "_schedulers"})
        for schedule, state in zip(self._schedulers, state_dict["_schedulers"], strict=True):
            schedule.load_state_dict(state)


class SequentialLR(ChainedScheduler):
    """One schedule after the other: the next begins, from the rates of the start, at each milestone.

    >>> from nn.optim.schedules import CosineAnnealingLR, LinearLR, rates
    >>> def warmed_up(optimizer):
    ...     parts = [LinearLR(optimizer, start_factor=0.5, total_iters=2), CosineAnnealingLR(optimizer, T_max=2)]
    ...     return SequentialLR(optimizer, parts, milestones=[2])
    >>> rates(warmed_up, 5)
    [0.5, 0.75, 1.0, 0.5, 0.0]
    """

    def __init__(
        self, optimizer: Optimizer, schedulers: Sequence[LRScheduler], milestones: Sequence[int], last_epoch: int = -1
    ) -> None:
        super().__init__(_together("SequentialLR", schedulers, optimizer))
        fits = len(milestones) == len(schedulers) - 1
        got = f"{len(schedulers)} schedules, {len(milestones)} milestones"
        within("SequentialLR", "one schedule more than milestones", fits, got)
        self._milestones = list(milestones)
        self.restart()
        self.last_epoch = last_epoch + 1

    def _first(self) -> None:
        self.last_epoch = 0
        self._schedulers[bisect.bisect_right(self._milestones, 0)]._first()
        self._note()

    def step(self) -> None:
        self.last_epoch += 1
        at = bisect.bisect_right(self._milestones, self.last_epoch)
        if at and self._milestones[at - 1] == self.last_epoch:
            self._schedulers[at].restart()
        else:
            self._schedulers[at].step()
        self._note()


def _together(where: str, schedulers: Sequence[LRScheduler], optimizer: Optimizer | None) -> list[LRScheduler]:
    several = list(schedulers)
    within(where, "at least one schedule", bool(several), "none")
    plateau = any(isinstance(s, ReduceLROnPlateau) for s in several)
    within(where, "schedules that go by the epoch", not plateau, "ReduceLROnPlateau, which goes by a metric")
    one = all(s.optimizer is (optimizer or several[0].optimizer) for s in several)
    within(where, "schedules of one optimizer", one, "schedules of several")
    return several
