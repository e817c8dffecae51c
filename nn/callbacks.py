"""What may happen around a training step: schedules, early stopping, checkpoints, logs."""

from __future__ import annotations

import contextlib
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd import ArgumentError, AutogradError, generator
from nn.checkpoint import load, save, sweep

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

    def after_backward(self, run: Run) -> None:
        """Act between the gradients and the step."""

    def after_step(self, run: Run) -> None:
        """Act after a step of the optimizer."""

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
        self.schedule, self.each, self.monitor = schedule, each, monitor

    def after_step(self, run: Run) -> None:
        if self.each == "batch":
            self.schedule.step()

    def after_epoch(self, run: Run) -> None:
        run.row["lr"] = float(run.optimizer.param_groups[0]["lr"])
        if self.each == "epoch":
            self.schedule.step(*([_look_up(run, self.monitor, "Schedule")] if self.monitor else []))

    def state_dict(self) -> dict[str, Any]:
        return {"schedule": self.schedule.state_dict()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.schedule.load_state_dict(state["schedule"])


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
        value = _look_up(run, self.monitor, "EarlyStopping")
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


class Checkpoint(Callback):
    """Write the whole run to a safetensors file after each ``every``-th epoch and the last; ``resume`` goes on from it.

    The file has the model, the optimizer, the other callbacks (schedules, early stopping), the history, the epoch and
    every generator: the default one, the loaders' and those that modules hold. A resumed run gives the bits that an
    uninterrupted one gives. Where there's no file yet, ``resume`` starts from the beginning. Writing is atomic.

    >>> Checkpoint("run.safetensors", every=5).every
    5

    Raises AutogradError for a file that can't be read or belongs to another run.
    """

    def __init__(self, path: Any, every: int = 1, resume: bool = False) -> None:
        self.path, self.every, self.resuming = Path(path), every, resume

    def resume(self, run: Run) -> None:
        sweep(self.path)
        if not self.resuming or not self.path.exists():
            return
        state = load(self.path)
        kinds = [type(callback).__name__ for callback in run.callbacks]
        if not isinstance(state, dict) or state.get("callbacks") != kinds:
            got = f"{state.get('callbacks')}" if isinstance(state, dict) and "callbacks" in state else "another file"
            raise AutogradError(
                f"Checkpoint({str(self.path)!r}, resume=True)", f"a checkpoint with the callbacks {kinds}", got,
                "give fit the same callbacks, or start with another path",
            )  # fmt: skip
        run.model.load_state_dict(state["model"])
        run.optimizer.load_state_dict(state["optimizer"])
        for callback, kept in zip(run.callbacks, state["states"], strict=True):
            callback.load_state_dict(kept)
        run.epoch, run.history.columns, run.history.stopped = state["epoch"], state["history"], state["stopped"]
        for name, rng in _generators(run).items():
            if name in state["generators"]:
                rng.bit_generator.state = state["generators"][name]

    def recorded(self, run: Run) -> None:
        if run.epoch % self.every and run.epoch < run.epochs and not run.history.stopped:
            return
        state = {
            "epoch": run.epoch,
            "model": run.model.state_dict(),
            "optimizer": run.optimizer.state_dict(),
            "callbacks": [type(callback).__name__ for callback in run.callbacks],
            "states": [callback.state_dict() for callback in run.callbacks],
            "history": run.history.columns,
            "stopped": run.history.stopped,
            "generators": {name: rng.bit_generator.state for name, rng in _generators(run).items()},
        }
        save(self.path, state)


def _generators(run: Run) -> dict[str, np.random.Generator]:
    """Return every generator that the run draws from, by where it is."""
    found = {"default": generator()}
    for name in ("train", "validation"):
        if isinstance(rng := getattr(getattr(run, name), "generator", None), np.random.Generator):
            found[name] = rng
    for name, module in run.model.named_modules():
        held = {f"{name}.{a}": v for a, v in vars(module).items() if isinstance(v, np.random.Generator)}
        found |= held
    return found


def _look_up(run: Run, monitor: str, who: str) -> float:
    if monitor not in run.row:
        raise ArgumentError(
            f"{who}(monitor={monitor!r})", f"one of {', '.join(run.row)}", repr(monitor),
            "give fit validation= and metrics=, or monitor one of these",
        )  # fmt: skip
    return run.row[monitor]
