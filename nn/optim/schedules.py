"""Learning-rate schedules: each says the next rate from the present one, the rate at the start and the epoch.

Because most only scale the present rate, several can act on one optimizer at once. Construct a schedule after the
optimizer, and call ``step()`` after each epoch. Those that go up and down are in :mod:`nn.optim.cycles`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, ClassVar

from autograd import ArgumentError, Tensor
from nn.optim.optimizer import Optimizer
from nn.optim.sgd import SGD

schedules: dict[str, type[LRScheduler]] = {}  # every schedule by its name


class LRScheduler:
    """Sets ``group["lr"]`` of an optimizer's groups: at once for epoch 0, then at each ``step()``.

    A subclass says :meth:`next_lr`. With ``last_epoch`` ≥ 0 it goes on after that epoch, at the rates that the
    optimizer has.
    """

    follows_epoch: ClassVar[bool] = False  # the rate follows from the epoch alone, whatever the present one is

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        schedules[cls.__name__] = cls

    def __init__(self, optimizer: Optimizer, last_epoch: int = -1) -> None:
        self.optimizer, self.last_epoch = optimizer, last_epoch
        for group in optimizer.param_groups:
            if last_epoch == -1:
                group.setdefault("initial_lr", group["lr"])
            elif "initial_lr" not in group:
                raise ArgumentError(
                    f"{type(self).__name__}(last_epoch={last_epoch})",
                    "an optimizer that a schedule has set before",
                    "a group without 'initial_lr'",
                    "load the optimizer's state first",
                )
        self.base_lrs: list[float] = [group["initial_lr"] for group in optimizer.param_groups]
        if last_epoch == -1 or self.follows_epoch:
            self.step()
        else:
            self.last_epoch += 1
            self._note()

    def next_lr(self, lr: float, base: float, epoch: int, group: int) -> float:
        """Return a group's rate for this epoch, from its present rate and its rate at the start."""
        raise NotImplementedError

    def step(self) -> None:
        """Go on by one epoch."""
        self.last_epoch += 1
        for i, (group, base) in enumerate(zip(self.optimizer.param_groups, self.base_lrs, strict=True)):
            group["lr"] = self.next_lr(group["lr"], base, self.last_epoch, i)
        self._note()

    def restart(self) -> None:
        """Go back to epoch 0, at the rates of the start."""
        for group, base in zip(self.optimizer.param_groups, self.base_lrs, strict=True):
            group["lr"] = base
        self._first()

    def _first(self) -> None:
        """Act on the present rates as epoch 0 does."""
        self.last_epoch = -1
        self.step()

    def _note(self) -> None:
        self._last_lr = [group["lr"] for group in self.optimizer.param_groups]

    def get_last_lr(self) -> list[float]:
        """Return the rates that are set now, one for each group."""
        return self._last_lr

    def state_dict(self) -> dict[str, Any]:
        """Return what :meth:`load_state_dict` needs: plain numbers and lists; functions aren't saved."""
        return {k: v for k, v in self.__dict__.items() if k not in ("optimizer", "lr_lambdas", "scale_fn")}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Take over what :meth:`state_dict` returned; load the optimizer's state too."""
        self.__dict__.update(state_dict)


class LambdaLR(LRScheduler):
    """``lr = base · f(epoch)`` with a function of your own, or one for each group.

    >>> rates(lambda optimizer: LambdaLR(optimizer, lambda epoch: 1 / (1 + epoch)), 3)
    [1.0, 0.5, 0.333]
    """

    follows_epoch = True

    def __init__(
        self,
        optimizer: Optimizer,
        lr_lambda: Callable[[int], float] | Sequence[Callable[[int], float]],
        last_epoch: int = -1,
    ) -> None:
        self.lr_lambdas = each("lr_lambda", lr_lambda, optimizer)
        super().__init__(optimizer, last_epoch)

    def next_lr(self, lr: float, base: float, epoch: int, group: int) -> float:
        return base * float(self.lr_lambdas[group](epoch))


class MultiplicativeLR(LambdaLR):
    """Times ``f(epoch)``, a function of your own or one for each group.

    >>> rates(lambda optimizer: MultiplicativeLR(optimizer, lambda epoch: 0.5), 3)
    [1.0, 0.5, 0.25]
    """

    follows_epoch = False

    def next_lr(self, lr: float, base: float, epoch: int, group: int) -> float:
        return lr * float(self.lr_lambdas[group](epoch)) if epoch else lr


class StepLR(LRScheduler):
    """Times ``gamma`` every ``step_size`` epochs.

    >>> rates(lambda optimizer: StepLR(optimizer, step_size=2), 5)
    [1.0, 1.0, 0.1, 0.1, 0.01]
    """

    def __init__(self, optimizer: Optimizer, step_size: int, gamma: float = 0.1, last_epoch: int = -1) -> None:
        self.step_size, self.gamma = step_size, gamma
        super().__init__(optimizer, last_epoch)

    def next_lr(self, lr: float, base: float, epoch: int, group: int) -> float:
        return lr * self.gamma if epoch and epoch % self.step_size == 0 else lr


class MultiStepLR(LRScheduler):
    """Times ``gamma`` at each milestone.

    >>> rates(lambda optimizer: MultiStepLR(optimizer, [1, 3]), 5)
    [1.0, 0.1, 0.1, 0.01, 0.01]
    """

    def __init__(
        self, optimizer: Optimizer, milestones: Iterable[int], gamma: float = 0.1, last_epoch: int = -1
    ) -> None:
        self.milestones, self.gamma = sorted(milestones), gamma
        super().__init__(optimizer, last_epoch)

    def next_lr(self, lr: float, base: float, epoch: int, group: int) -> float:
        return lr * self.gamma ** self.milestones.count(epoch)


class ConstantLR(LRScheduler):
    """Times ``factor`` until epoch ``total_iters``.

    >>> rates(lambda optimizer: ConstantLR(optimizer, factor=0.5, total_iters=2), 4)
    [0.5, 0.5, 1.0, 1.0]
    """

    def __init__(self, optimizer: Optimizer, factor: float = 1 / 3, total_iters: int = 5, last_epoch: int = -1) -> None:
        within("ConstantLR", "factor in (0, 1]", 0 < factor <= 1, f"factor={factor}")
        self.factor, self.total_iters = factor, total_iters
        super().__init__(optimizer, last_epoch)

    def next_lr(self, lr: float, base: float, epoch: int, group: int) -> float:
        if epoch == 0:
            return lr * self.factor
        return lr / self.factor if epoch == self.total_iters else lr


class LinearLR(LRScheduler):
    """Times a factor that goes linearly from ``start_factor`` to ``end_factor``: the usual warm-up.

    >>> rates(lambda optimizer: LinearLR(optimizer, start_factor=0.25, total_iters=3), 5)
    [0.25, 0.5, 0.75, 1.0, 1.0]
    """

    def __init__(
        self,
        optimizer: Optimizer,
        start_factor: float = 1 / 3,
        end_factor: float = 1.0,
        total_iters: int = 5,
        last_epoch: int = -1,
    ) -> None:
        within("LinearLR", "start_factor in (0, 1]", 0 < start_factor <= 1, f"start_factor={start_factor}")
        within("LinearLR", "end_factor in [0, 1]", 0 <= end_factor <= 1, f"end_factor={end_factor}")
        self.start_factor, self.end_factor, self.total_iters = start_factor, end_factor, total_iters
        super().__init__(optimizer, last_epoch)

    def next_lr(self, lr: float, base: float, epoch: int, group: int) -> float:
        if epoch == 0:
            return lr * self.start_factor
        if epoch > self.total_iters:
            return lr
        rise = self.end_factor - self.start_factor
        return lr * (1 + rise / (self.total_iters * self.start_factor + (epoch - 1) * rise))


class ExponentialLR(LRScheduler):
    """Times ``gamma`` every epoch.

    >>> rates(lambda optimizer: ExponentialLR(optimizer, gamma=0.5), 3)
    [1.0, 0.5, 0.25]
    """

    def __init__(self, optimizer: Optimizer, gamma: float, last_epoch: int = -1) -> None:
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def next_lr(self, lr: float, base: float, epoch: int, group: int) -> float:
        return lr * self.gamma if epoch else lr


class PolynomialLR(LRScheduler):
    """Times ``(1 − epoch/total_iters)^power``, which ends at 0.

    >>> rates(lambda optimizer: PolynomialLR(optimizer, total_iters=4, power=2.0), 5)
    [1.0, 0.562, 0.25, 0.062, 0.0]
    """

    def __init__(self, optimizer: Optimizer, total_iters: int = 5, power: float = 1.0, last_epoch: int = -1) -> None:
        self.total_iters, self.power = total_iters, power
        super().__init__(optimizer, last_epoch)

    def next_lr(self, lr: float, base: float, epoch: int, group: int) -> float:
        if not 0 < epoch <= self.total_iters:
            return lr
        return lr * float(((self.total_iters - epoch) / (self.total_iters - epoch + 1)) ** self.power)


class CosineAnnealingLR(LRScheduler):
    """``lr = eta_min + ½(base − eta_min)(1 + cos(π·epoch/T_max))``. Loshchilov and Hutter 2017, without restarts.

    >>> rates(lambda optimizer: CosineAnnealingLR(optimizer, T_max=4), 6)
    [1.0, 0.854, 0.5, 0.146, 0.0, 0.146]
    """

    def __init__(self, optimizer: Optimizer, T_max: int, eta_min: float = 0.0, last_epoch: int = -1) -> None:
        self.T_max, self.eta_min = T_max, eta_min
        super().__init__(optimizer, last_epoch)

    def next_lr(self, lr: float, base: float, epoch: int, group: int) -> float:
        if epoch == 0:
            return lr
        if (epoch - 1 - self.T_max) % (2 * self.T_max) == 0:  # from the bottom nothing can be scaled up
            return lr + (base - self.eta_min) * (1 - math.cos(math.pi / self.T_max)) / 2
        now, before = (1 + math.cos(math.pi * e / self.T_max) for e in (epoch, epoch - 1))
        return now / before * (lr - self.eta_min) + self.eta_min


class ReduceLROnPlateau(LRScheduler):
    """Times ``factor`` when a metric hasn't got better for more than ``patience`` epochs; ``step(metric)``.

    Better by ``mode`` is smaller or larger, by the part ``threshold`` (``"rel"``) or the amount (``"abs"``). After a
    cut it waits ``cooldown`` epochs; it never goes below ``min_lr``, nor makes a change of less than ``eps``.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        mode: str = "min",
        factor: float = 0.1,
        patience: int = 10,
        threshold: float = 1e-4,
        threshold_mode: str = "rel",
        cooldown: int = 0,
        min_lr: float | Sequence[float] = 0,
        eps: float = 1e-8,
    ) -> None:
        where = "ReduceLROnPlateau"
        within(where, "factor < 1", factor < 1, f"factor={factor}")
        within(where, "mode 'min' or 'max'", mode in ("min", "max"), f"mode={mode!r}")
        known = threshold_mode in ("rel", "abs")
        within(where, "threshold_mode 'rel' or 'abs'", known, f"threshold_mode={threshold_mode!r}")
        self.optimizer, self.mode, self.factor, self.patience = optimizer, mode, factor, patience
        self.threshold, self.threshold_mode, self.cooldown, self.eps = threshold, threshold_mode, cooldown, eps
        self.min_lrs = each("min_lr", min_lr, optimizer)
        self.best = math.inf if mode == "min" else -math.inf
        self.last_epoch = self.cooldown_counter = self.num_bad_epochs = 0
        self._note()

    def step(self, metrics: Any) -> None:  # type: ignore[override]  # it goes by a metric, as PyTorch's does
        """Go on by one epoch, whose metric (a number, or a tensor of one) this is."""
        current = float(metrics.item()) if hasattr(metrics, "item") else float(metrics)
        self.last_epoch += 1
        if self._better(current):
            self.best, self.num_bad_epochs = current, 0
        else:
            self.num_bad_epochs += 1
        if self.cooldown_counter > 0:
            self.cooldown_counter -= 1
            self.num_bad_epochs = 0
        if self.num_bad_epochs > self.patience:
            self.cooldown_counter, self.num_bad_epochs = self.cooldown, 0
            for group, smallest in zip(self.optimizer.param_groups, self.min_lrs, strict=True):
                lr = max(group["lr"] * self.factor, smallest)
                if group["lr"] - lr > self.eps:
                    group["lr"] = lr
        self._note()

    def _better(self, current: float) -> bool:
        sign = -1 if self.mode == "min" else 1
        margin = 1 + sign * self.threshold if self.threshold_mode == "rel" else 1
        offset = sign * self.threshold if self.threshold_mode == "abs" else 0
        bar = self.best * margin + offset
        return current < bar if self.mode == "min" else current > bar


def within(where: str, expected: str, fits: bool, got: str) -> None:
    """Refuse an argument that doesn't fit."""
    if not fits:
        raise ArgumentError(where, expected, got, "see its docstring")


def each(name: str, value: Any, optimizer: Optimizer) -> list[Any]:
    """Return one value for each group."""
    count = len(optimizer.param_groups)
    several = list(value) if isinstance(value, (list, tuple)) else [value] * count
    within(name, f"one value, or one for each of {count} groups", len(several) == count, f"{len(several)}")
    return several


def rates(make: Callable[[Optimizer], LRScheduler], epochs: int) -> list[float]:
    """Return the rates of the first epochs under a schedule, for an optimizer whose rate is 1: a look at its curve."""
    optimizer = SGD([Tensor(0.0, requires_grad=True)], lr=1.0, momentum=0.9)
    schedule, found = make(optimizer), []
    for _ in range(epochs):
        found.append(round(optimizer.param_groups[0]["lr"], 3))
        schedule.step()
    return found
