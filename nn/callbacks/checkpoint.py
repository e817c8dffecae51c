"""Checkpoint: a run written to a file, and taken up again with the same bits."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd import AutogradError, generator
from nn.callbacks.callback import Callback
from nn.checkpoint import load, save, sweep

if TYPE_CHECKING:
    from nn.training import Run


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
        run.history.layers = state.get("layers", {})
        for name, rng in generators(run).items():
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
            "layers": run.history.layers,
            "stopped": run.history.stopped,
            "generators": {name: rng.bit_generator.state for name, rng in generators(run).items()},
        }
        save(self.path, state)


def generators(run: Run) -> dict[str, np.random.Generator]:
    """Return every generator that the run draws from, by where it is."""
    found = {"default": generator()}
    for name in ("train", "validation"):
        if isinstance(rng := getattr(getattr(run, name), "generator", None), np.random.Generator):
            found[name] = rng
    for name, module in run.model.named_modules():
        held = {f"{name}.{a}": v for a, v in vars(module).items() if isinstance(v, np.random.Generator)}
        found |= held
    return found
