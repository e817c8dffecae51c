"""Learning-rate schedules that go up and down again, momentum the other way; they are stepped after each batch."""

from __future__ import annotations

import bisect
import math
from collections.abc import Callable, Sequence
from typing import Any

from nn.optim.optimizer import Optimizer
from nn.optim.schedules import LRScheduler, each, within


class CosineAnnealingWarmRestarts(LRScheduler):
    """``lr = eta_min + ½(base − eta_min)(1 + cos(π·t/Tᵢ))``, t counted anew in each period.

    The first has ``T_0`` epochs, each next one ``T_mult`` times as many. Loshchilov and Hutter 2017.

    >>> from nn.optim.schedules import rates
    >>> rates(lambda optimizer: CosineAnnealingWarmRestarts(optimizer, T_0=2, T_mult=2), 7)
    [1.0, 0.5, 1.0, 0.854, 0.5, 0.146, 1.0]
    """

    follows_epoch = True

    def __init__(
        self, optimizer: Optimizer, T_0: int, T_mult: int = 1, eta_min: float = 0.0, last_epoch: int = -1
    ) -> None:
        within("CosineAnnealingWarmRestarts", "T_0 ≥ 1", T_0 >= 1 and int(T_0) == T_0, f"T_0={T_0}")
        within("CosineAnnealingWarmRestarts", "T_mult ≥ 1", T_mult >= 1 and int(T_mult) == T_mult, f"T_mult={T_mult}")
        self.T_0, self.T_mult, self.eta_min = T_0, T_mult, eta_min
        self._part = 0.0  # of an epoch, after a step to one between whole numbers
        super().__init__(optimizer, last_epoch)

    def step(self, epoch: float | None = None) -> None:
        """Go on by one epoch, or to this one: within an epoch to ``epoch + batch/batches``."""
        at = self.last_epoch + 1 + self._part if epoch is None else epoch
        within("CosineAnnealingWarmRestarts.step", "an epoch ≥ 0", at >= 0, f"{at}")
        self.last_epoch = math.floor(at) - 1
        self._part = at - math.floor(at)
        super().step()

    def next_lr(self, lr: float, base: float, epoch: int, group: int) -> float:
        t, period = (epoch % self.T_0 if self.T_mult == 1 else epoch) + self._part, self.T_0
        while t >= period:
            t, period = t - period, period * self.T_mult
        return self.eta_min + (base - self.eta_min) * (1 + math.cos(math.pi * t / period)) / 2


class CyclicLR(LRScheduler):
    """From ``base_lr`` up to ``max_lr`` and down again in straight lines, over and over.

    Up takes ``step_size_up`` batches, down ``step_size_down`` (None: as many). The height of cycle c is scaled by
    ``mode``: "triangular" 1, "triangular2" ½ᶜ⁻¹, "exp_range" gammaⁿ after n batches; or by ``scale_fn`` of c
    (``scale_mode="cycle"``) or n ("iterations"). Momentum goes from ``max_momentum`` down and up. Smith 2017.

    >>> from nn.optim.schedules import rates
    >>> rates(lambda optimizer: CyclicLR(optimizer, 0.1, 0.5, step_size_up=2, mode="triangular2"), 8)
    [0.1, 0.3, 0.5, 0.3, 0.1, 0.2, 0.3, 0.2]
    """

    follows_epoch = True

    def __init__(
        self,
        optimizer: Optimizer,
        base_lr: float | Sequence[float],
        max_lr: float | Sequence[float],
        step_size_up: int = 2000,
        step_size_down: int | None = None,
        mode: str = "triangular",
        gamma: float = 1.0,
        scale_fn: Callable[[int], float] | None = None,
        scale_mode: str = "cycle",
        cycle_momentum: bool = True,
        base_momentum: float | Sequence[float] = 0.8,
        max_momentum: float | Sequence[float] = 0.9,
        last_epoch: int = -1,
    ) -> None:
        modes, known = ("triangular", "triangular2", "exp_range"), scale_mode in ("cycle", "iterations")
        within("CyclicLR", f"a mode of {', '.join(modes)}", mode in modes or scale_fn is not None, f"mode={mode!r}")
        within("CyclicLR", "scale_mode 'cycle' or 'iterations'", known, f"scale_mode={scale_mode!r}")
        self.low_lrs, self.max_lrs = each("base_lr", base_lr, optimizer), each("max_lr", max_lr, optimizer)
        self.step_size_up, self.total_size = step_size_up, step_size_up + (step_size_down or step_size_up)
        self.mode, self.gamma, self.scale_fn = mode, gamma, scale_fn
        self.scale_mode = scale_mode if scale_fn else "iterations" if mode == "exp_range" else "cycle"
        self.momentum_name = momentum_of("CyclicLR", optimizer) if cycle_momentum else None
        self.base_momenta = each("base_momentum", base_momentum, optimizer)
        self.max_momenta = each("max_momentum", max_momentum, optimizer)
        if last_epoch == -1:
            for group, lr in zip(optimizer.param_groups, self.low_lrs, strict=True):
                group["lr"] = lr
        super().__init__(optimizer, last_epoch)

    def next_lr(self, lr: float, base: float, epoch: int, group: int) -> float:
        cycle = 1 + epoch // self.total_size
        share, up = epoch % self.total_size / self.total_size, self.step_size_up / self.total_size
        height = share / up if share <= up else (share - 1) / (up - 1)
        height *= self._scale(cycle if self.scale_mode == "cycle" else epoch)
        if self.momentum_name:
            high, low = self.max_momenta[group], self.base_momenta[group]
            set_momentum(self.optimizer.param_groups[group], self.momentum_name, high - (high - low) * height)
        low_lr, max_lr = float(self.low_lrs[group]), float(self.max_lrs[group])
        return low_lr + (max_lr - low_lr) * height

    def _scale(self, x: int) -> float:
        if self.scale_fn is not None:
            return float(self.scale_fn(x))
        return {"triangular": 1.0, "triangular2": 0.5 ** (x - 1), "exp_range": self.gamma**x}[self.mode]


class OneCycleLR(LRScheduler):
    """Up from ``max_lr/div_factor`` to ``max_lr``, then down to a small rest, while momentum goes the other way.

    Call ``step()`` after each batch: there are ``total_steps`` (or ``epochs·steps_per_epoch``) of them.
    ``three_phase`` comes back to the start first, then goes on down. Smith and Topin 2018.

    >>> from nn.optim.schedules import rates
    >>> rates(lambda optimizer: OneCycleLR(optimizer, max_lr=1.0, total_steps=6, pct_start=0.5), 6)
    [0.04, 0.52, 1.0, 0.75, 0.25, 0.0]
    """

    follows_epoch = True

    def __init__(
        self,
        optimizer: Optimizer,
        max_lr: float | Sequence[float],
        total_steps: int | None = None,
        epochs: int | None = None,
        steps_per_epoch: int | None = None,
        pct_start: float = 0.3,
        anneal_strategy: str = "cos",
        cycle_momentum: bool = True,
        base_momentum: float | Sequence[float] = 0.85,
        max_momentum: float | Sequence[float] = 0.95,
        div_factor: float = 25.0,
        final_div_factor: float = 1e4,
        three_phase: bool = False,
        last_epoch: int = -1,
    ) -> None:
        steps = total_steps if total_steps is not None else (epochs or 0) * (steps_per_epoch or 0)
        within("OneCycleLR", "total_steps ≥ 1, or epochs and steps_per_epoch ≥ 1", steps >= 1, f"{steps} steps")
        within("OneCycleLR", "pct_start in [0, 1]", 0 <= pct_start <= 1, f"pct_start={pct_start}")
        known = anneal_strategy in ("cos", "linear")
        within("OneCycleLR", "anneal_strategy 'cos' or 'linear'", known, f"anneal_strategy={anneal_strategy!r}")
        self.total_steps, self.anneal_strategy = steps, anneal_strategy
        self.momentum_name = momentum_of("OneCycleLR", optimizer) if cycle_momentum else None
        turn = pct_start * steps - 1
        first = (turn, "initial_lr", "max_lr", "max_momentum", "base_momentum")
        if three_phase:
            back = (2 * turn, "max_lr", "initial_lr", "base_momentum", "max_momentum")
            self.phases = [first, back, (steps - 1, "initial_lr", "min_lr", "max_momentum", "max_momentum")]
        else:
            self.phases = [first, (steps - 1, "max_lr", "min_lr", "base_momentum", "max_momentum")]
        if last_epoch == -1:
            highest = each("max_lr", max_lr, optimizer)
            momenta = [each("momentum", m, optimizer) for m in (max_momentum, base_momentum)]
            for group, lr, high, low in zip(optimizer.param_groups, highest, *momenta, strict=True):
                group |= {"initial_lr": lr / div_factor, "max_lr": lr, "min_lr": lr / div_factor / final_div_factor}
                if self.momentum_name:
                    group |= {"max_momentum": high, "base_momentum": low}
        super().__init__(optimizer, last_epoch)

    def next_lr(self, lr: float, base: float, epoch: int, group: int) -> float:
        within("OneCycleLR.step", f"at most {self.total_steps} steps", epoch <= self.total_steps, f"step {epoch}")
        settings, ends = self.optimizer.param_groups[group], [end for end, *_ in self.phases]
        at = min(bisect.bisect_left(ends, epoch), len(ends) - 1)
        start, (end, from_lr, to_lr, from_momentum, to_momentum) = ends[at - 1] if at else 0.0, self.phases[at]
        share = (epoch - start) / (end - start) if end > start else 1.0
        if self.momentum_name:
            momentum = self._between(settings[from_momentum], settings[to_momentum], share)
            set_momentum(settings, self.momentum_name, momentum)
        return self._between(settings[from_lr], settings[to_lr], share)

    def _between(self, start: float, end: float, share: float) -> float:
        if self.anneal_strategy == "cos":
            return end + (start - end) / 2 * (math.cos(math.pi * share) + 1)
        return (end - start) * share + start


def momentum_of(where: str, optimizer: Optimizer) -> str:
    """Return what an optimizer calls its momentum: "momentum", or "betas", of which it is the first."""
    names = {"betas", "momentum"} & optimizer.defaults.keys()
    got = f"{type(optimizer).__name__}, cycle_momentum=True"
    within(where, "an optimizer with momentum", bool(names), got)
    return names.pop()


def set_momentum(group: dict[str, Any], name: str, value: float) -> None:
    """Give a group of parameters another momentum."""
    group[name] = value if name == "momentum" else (value, *group["betas"][1:])
