"""fit: train a model in one call."""

from __future__ import annotations

import contextlib
import itertools
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

import numpy as np

from autograd import ArgumentError
from nn.callbacks.callback import Callback
from nn.evaluation import Metric, Metrics, Tally, batches, evaluate, floating_of, named, parted, predict
from nn.history import History
from nn.misuse import explain_call

__all__ = ["Run", "evaluate", "fit", "predict"]


@dataclass
class Run:
    """A training run, as its callbacks see it."""

    model: Any
    optimizer: Any
    loss: Callable[[Any, Any], Any]
    train: Any  # the loader of each
    validation: Any
    metrics: Mapping[str, Metric]
    validation_metrics: Mapping[str, Metric]
    callbacks: list[Callback]
    epochs: int
    accumulate: int = 1  # batches for each step
    history: History = field(default_factory=History)
    epoch: int = 0  # how many are done
    row: dict[str, float] = field(default_factory=dict)  # the numbers of this epoch, as far as they are known

    def stop(self, reason: str) -> None:
        """Let this epoch be the last."""
        self.history.stopped = reason


@explain_call("the data are one argument: fit(model, (X, y), loss=nn.MSELoss(), optimizer=nn.optim.Adam)")
def fit(
    model: Any,
    train: Any,
    *,
    loss: Callable[[Any, Any], Any],
    optimizer: Any,
    validation: Any = None,
    epochs: int = 10,
    batch_size: int = 32,
    metrics: Metrics = (),
    validation_metrics: Metrics | None = None,
    accumulate: int = 1,
    callbacks: Iterable[Callback] = (),
    rng: Any = None,
    progress: bool | None = None,
) -> History:
    """Train a model and return the History of its losses and metrics, one entry for each epoch.

    ``train`` and ``validation`` are a tuple of arrays (inputs, target), a dataset, or a DataLoader, which brings its
    own batch size, shuffling and augmentation; for the others batches of ``batch_size`` are drawn, the training
    examples shuffled in each epoch by ``rng`` (a generator or seed). Floating arrays are cast to the model's dtype.
    ``optimizer`` is one, or a function of the parameters that makes one, such as ``nn.optim.Adam``. ``loss`` and
    ``metrics`` are functions of (prediction, target), metrics under their own names or those of a dict; the training
    ones are taken from the predictions made while learning. ``validation_metrics`` are taken on the validation data
    instead of ``metrics``. ``progress`` shows a bar; None: on a terminal and in a notebook.

    ``accumulate`` adds up the gradients of so many batches for each step: the step of one big batch, with the memory of
    a small one. The loss is taken for a mean over the examples, unless its ``reduction`` is "sum". The optimizer's
    ``step`` is called with a closure, so that :class:`nn.optim.LBFGS` can search.

    Ctrl-C ends the training after the batch at hand and keeps what was learned (a second one ends it at once). The
    model is left in eval mode.

    >>> import nn
    >>> model = nn.Linear(1, 1)
    >>> x = np.linspace(-1, 1, 32).reshape(-1, 1)
    >>> history = nn.fit(model, (x, 3 * x), loss=nn.MSELoss(), optimizer=nn.optim.SGD(model.parameters(), lr=0.3),
    ...                  epochs=30, rng=0)
    >>> history["loss"][-1] < 1e-3
    True

    Raises ArgumentError for data without a batch or without targets, and for ``accumulate`` below 1.
    """
    if isinstance(loss, type) or not callable(loss):
        got, name = f"{loss!r}", getattr(loss, "__name__", "MSELoss")
        raise ArgumentError(
            "fit(loss=…)", "a function of (prediction, target)", got, f"write nn.{name}(), with brackets"
        )
    if not hasattr(model, "parameters"):
        got = getattr(model, "__name__", type(model).__name__)
        raise ArgumentError("fit(model, …)", "an nn.Module", got, "put it into the forward of an nn.Module")
    callbacks = list(callbacks) if isinstance(callbacks, Iterable) else [callbacks]
    for callback in callbacks:
        if isinstance(callback, type) or not hasattr(callback, "after_epoch"):
            got = getattr(callback, "__name__", repr(callback))
            remedy = f"write nn.{got}(…), with brackets" if isinstance(callback, type) else "inherit from nn.Callback"
            raise ArgumentError("fit(callbacks=…)", "callbacks", got, remedy)
    if isinstance(optimizer, type) or not hasattr(optimizer, "step"):
        if not callable(optimizer):
            wanted = "an optimizer, or a function of the parameters that makes one"
            raise ArgumentError("fit(optimizer=…)", wanted, f"{optimizer!r}", "write nn.optim.Adam")
        optimizer = optimizer(model.parameters())
    loader = batches(train, batch_size, rng, shuffle=True)
    held_out = None if validation is None else batches(validation, max(batch_size, 256))
    if not len(loader):
        raise ArgumentError("fit(model, train)", "a batch at least", "none", "give more examples, or drop_last=False")
    if epochs < 0:
        raise ArgumentError("fit(epochs=…)", "0 or more", f"{epochs}", "say how often the data are gone through")
    if accumulate < 1:
        raise ArgumentError("fit(accumulate=…)", "1 batch for each step, or more", f"{accumulate}", "leave it out")
    measured = named(metrics)
    checked = measured if validation_metrics is None else named(validation_metrics)
    run = Run(model, optimizer, loss, loader, held_out, measured, checked, callbacks, epochs, accumulate)
    for callback in run.callbacks:
        callback.start(run)
    for callback in run.callbacks:
        callback.resume(run)
    with contextlib.ExitStack() as around, _FirstInterrupt() as interrupt:
        bar = around.enter_context(_bar(progress, max(epochs - run.epoch, 0) * len(loader)))
        for callback in run.callbacks:
            around.enter_context(callback.around(run))
        try:
            while run.epoch < epochs and not run.history.stopped:
                _epoch(run, bar, interrupt.check)
        except KeyboardInterrupt:
            run.stop(f"Ctrl-C in epoch {run.epoch + 1}")
    for callback in run.callbacks:
        callback.finish(run)
    model.eval()
    return run.history


def _epoch(run: Run, bar: Any, check: Callable[[], None]) -> None:
    """Learn, validate, and tell the callbacks."""
    bar.set_description(f"epoch {run.epoch + 1}/{run.epochs}", refresh=False)
    for callback in run.callbacks:
        callback.before_epoch(run)
    run.row = _learn(run, bar, check)
    for callback in run.callbacks:
        callback.before_validation(run)
    if run.validation is not None:
        watched = _Watched(run.validation, check)
        found = evaluate(run.model, watched, loss=run.loss, metrics=run.validation_metrics)
        run.row |= {f"val_{name}": value for name, value in found.items()}
    run.epoch += 1
    for callback in run.callbacks:
        callback.after_epoch(run)
    run.history.add(run.row)
    for callback in run.callbacks:
        callback.recorded(run)
    bar.set_postfix_str(", ".join(f"{name} {value:.4g}" for name, value in run.row.items()))


def _learn(run: Run, bar: Any, check: Callable[[], None]) -> dict[str, float]:
    """Go through the training data once and return the mean loss and the metrics."""
    tally, dtype = Tally(run.metrics), floating_of(run.model)
    run.model.train()
    stream = (parted(batch, dtype) for batch in _Watched(run.train, check))
    while several := list(itertools.islice(stream, run.accumulate)):
        _step(run, several, tally)
        if bar.update(len(several)):
            bar.set_postfix_str(f"loss {tally.mean_loss():.4g}", refresh=False)
    return tally.result()


def _step(run: Run, several: list[tuple[list[Any], Any]], tally: Tally) -> None:
    """Make one step on a batch, or on several as if they were one."""
    sizes = [len(target) for _, target in several]
    adds = getattr(run.loss, "reduction", "mean") == "sum"
    shares = [1.0 if adds else size / sum(sizes) for size in sizes]
    evaluations = itertools.count()

    def closure() -> float:
        """Compute loss and gradients; an optimizer that searches calls it several times."""
        first, whole = next(evaluations) == 0, 0.0
        run.optimizer.zero_grad()
        for (inputs, target), share in zip(several, shares, strict=True):
            output = run.model(*inputs)
            value = run.loss(output, target)
            value.backward(None if share == 1 else np.full(value.shape, share, value.dtype))
            whole += share * value.item()
            if first:
                tally.add(output, target, value)
        for callback in run.callbacks:
            callback.after_backward(run)
        return whole

    run.optimizer.step(closure)
    for callback in run.callbacks:
        callback.after_step(run)


@dataclass
class _Watched:
    """A loader that looks for Ctrl-C before each batch."""

    loader: Any
    check: Callable[[], None]

    def __iter__(self) -> Any:
        for batch in self.loader:
            self.check()
            yield batch


class _FirstInterrupt:
    """Notes a first Ctrl-C, for a moment when no step is half done; a second one interrupts as ever."""

    asked = False
    handled = False

    def check(self) -> None:
        if self.asked:
            raise KeyboardInterrupt

    def _note(self, *_: object) -> None:
        self.asked = True
        signal.signal(signal.SIGINT, signal.default_int_handler)

    def __enter__(self) -> _FirstInterrupt:
        if threading.current_thread() is threading.main_thread():  # only there Python lets signals be handled
            self.handled = signal.getsignal(signal.SIGINT) is signal.default_int_handler
            if self.handled:
                signal.signal(signal.SIGINT, self._note)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, at: TracebackType | None
    ) -> None:
        if self.handled:
            signal.signal(signal.SIGINT, signal.default_int_handler)


def _bar(progress: bool | None, total: int) -> Any:
    from tqdm import tqdm  # type: ignore[import-untyped]  # start-up cost

    if progress is None:
        progress = sys.stderr.isatty() or "ipykernel" in sys.modules
    return tqdm(total=total, unit="batch", disable=not progress)
