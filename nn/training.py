"""fit: train a model in one call; evaluate and predict."""

from __future__ import annotations

import contextlib
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

import numpy as np

from autograd import ArgumentError, no_grad
from nn.callbacks import Callback
from nn.data.dataset import TensorDataset
from nn.data.loader import DataLoader, cast
from nn.history import History

Metric = Callable[[Any, Any], float]


@dataclass
class Run:
    """A training run, as its callbacks see it."""

    model: Any
    optimizer: Any
    loss: Callable[[Any, Any], Any]
    train: Any  # the loader of each
    validation: Any
    metrics: Mapping[str, Metric]
    callbacks: list[Callback]
    epochs: int
    history: History = field(default_factory=History)
    epoch: int = 0  # how many are done
    row: dict[str, float] = field(default_factory=dict)  # the numbers of this epoch, as far as they are known

    def stop(self, reason: str) -> None:
        """Let this epoch be the last."""
        self.history.stopped = reason


def fit(
    model: Any,
    train: Any,
    *,
    loss: Callable[[Any, Any], Any],
    optimizer: Any,
    validation: Any = None,
    epochs: int = 10,
    batch_size: int = 32,
    metrics: Mapping[str, Metric] | Iterable[Metric] = (),
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
    ones are taken from the predictions made while learning. ``progress`` shows a bar; None: on a terminal and in a
    notebook.

    Ctrl-C ends the training after the batch at hand and keeps what was learned (a second one ends it at once). The
    model is left in eval mode.

    >>> import nn
    >>> model = nn.Linear(1, 1)
    >>> x = np.linspace(-1, 1, 32).reshape(-1, 1)
    >>> history = nn.fit(model, (x, 3 * x), loss=nn.MSELoss(), optimizer=nn.optim.SGD(model.parameters(), lr=0.3),
    ...                  epochs=30, rng=0)
    >>> history["loss"][-1] < 1e-3
    True

    Raises ArgumentError for data without a batch or without targets.
    """
    if isinstance(optimizer, type) or not hasattr(optimizer, "step"):
        optimizer = optimizer(model.parameters())
    loader = _loader(train, batch_size, rng, shuffle=True)
    held_out = None if validation is None else _loader(validation, max(batch_size, 256))
    if not len(loader):
        raise ArgumentError("fit(model, train)", "a batch at least", "none", "give more examples, or drop_last=False")
    run = Run(model, optimizer, loss, loader, held_out, _named(metrics), list(callbacks), epochs)
    for callback in run.callbacks:
        callback.start(run)
    for callback in run.callbacks:
        callback.resume(run)
    batches = len(loader)
    with contextlib.ExitStack() as around, _bar(progress, max(epochs - run.epoch, 0) * batches) as bar, _FirstInterrupt() as interrupt:
        for callback in run.callbacks:
            around.enter_context(callback.around(run))
        try:
            while run.epoch < epochs and not run.history.stopped:
                bar.set_description(f"epoch {run.epoch + 1}/{epochs}", refresh=False)
                run.row = {}
                run.row |= _learn(run, bar, interrupt.check)
                if held_out is not None:
                    found = evaluate(model, _Watched(held_out, interrupt.check), loss=loss, metrics=run.metrics)
                    run.row |= {f"val_{name}": value for name, value in found.items()}
                run.epoch += 1
                for callback in run.callbacks:
                    callback.after_epoch(run)
                run.history.add(run.row)
                for callback in run.callbacks:
                    callback.recorded(run)
                bar.set_postfix_str(", ".join(f"{name} {value:.4g}" for name, value in run.row.items()))
        except KeyboardInterrupt:
            run.stop(f"Ctrl-C in epoch {run.epoch + 1}")
    for callback in run.callbacks:
        callback.finish(run)
    model.eval()
    return run.history


def evaluate(
    model: Any,
    data: Any,
    *,
    loss: Callable[[Any, Any], Any] | None = None,
    metrics: Mapping[str, Metric] | Iterable[Metric] = (),
    batch_size: int = 256,
) -> dict[str, float]:
    """Return a model's loss and metrics on data (arrays, a dataset or a loader), without learning, in eval mode.

    >>> import nn
    >>> evaluate(nn.Identity(), ([1.0, 2.0], [1.0, 4.0]), metrics=[nn.metrics.mse])
    {'mse': 2.0}
    """
    tally, dtype = _Tally(_named(metrics)), _dtype(model)
    with _evaluating(model), no_grad():
        for batch in _loader(data, batch_size):
            inputs, target = _parted(batch, dtype)
            output = model(*inputs)
            tally.add(output, target, None if loss is None else loss(output, target))
    return tally.result()


def predict(model: Any, *inputs: Any, batch_size: int = 256) -> Any:
    """Return the model's outputs for arrays of inputs as one array, computed in eval mode, a batch at a time.

    >>> import nn
    >>> predict(nn.ReLU(), [[-1.0], [2.0]])
    array([[0.],
           [2.]])
    """
    dtype = _dtype(model)
    with _evaluating(model), no_grad():
        loader = DataLoader(TensorDataset(*inputs), batch_size, dtype=dtype)
        return np.concatenate([model(*batch).numpy() for batch in loader])


def _learn(run: Run, bar: Any, check: Callable[[], None]) -> dict[str, float]:
    """Go through the training data once and return the mean loss and the metrics."""
    model, optimizer, loss, callbacks = run.model, run.optimizer, run.loss, run.callbacks
    tally, dtype = _Tally(run.metrics), _dtype(model)
    model.train()
    for batch in run.train:
        check()
        inputs, target = _parted(batch, dtype)
        optimizer.zero_grad()
        output = model(*inputs)
        value = loss(output, target)
        value.backward()
        for callback in callbacks:
            callback.after_backward(run)
        optimizer.step()
        for callback in callbacks:
            callback.after_step(run)
        tally.add(output, target, value)
        if bar.update():
            bar.set_postfix_str(f"loss {tally.mean_loss():.4g}", refresh=False)
    return tally.result()


class _Tally:
    """The mean loss of a pass, and what the metrics need: they are taken over the pass as a whole."""

    def __init__(self, metrics: Mapping[str, Metric]) -> None:
        self.metrics, self.outputs, self.targets = metrics, [], []  # type: ignore[var-annotated]
        self.loss, self.examples = 0.0, 0

    def add(self, output: Any, target: Any, loss: Any) -> None:
        if loss is not None:
            self.loss += loss.item() * len(target)
            self.examples += len(target)
        if self.metrics:
            self.outputs.append(output.numpy() if hasattr(output, "numpy") else output)
            self.targets.append(target)

    def mean_loss(self) -> float:
        return self.loss / self.examples

    def result(self) -> dict[str, float]:
        row = {"loss": self.mean_loss()} if self.examples else {}
        if self.metrics:
            output, target = np.concatenate(self.outputs), np.concatenate(self.targets)
            row |= {name: float(metric(output, target)) for name, metric in self.metrics.items()}
        return row


def _loader(data: Any, batch_size: int, rng: Any = None, shuffle: bool = False) -> Any:
    """Return what goes through the data in batches; a loader, or anything else that gives batches, is one already."""
    if isinstance(data, tuple):
        data = TensorDataset(*data)
    if not hasattr(data, "__getitem__"):
        return data
    return DataLoader(data, batch_size, shuffle, rng=rng, dtype=None)


def _parted(batch: tuple[Any, ...], dtype: Any) -> tuple[list[Any], Any]:
    """Return the inputs of a batch and its target, cast to the model's dtype."""
    if len(batch) < 2:
        raise ArgumentError(
            "fit and evaluate", "batches of inputs and a target", f"{len(batch)} array", "give (inputs, target)"
        )
    *inputs, target = [cast(part, dtype) for part in batch]
    return inputs, target


def _dtype(model: Any) -> Any:
    """Return the dtype of the model's first floating parameter, or None."""
    return next((p.dtype for p in model.parameters() if p.dtype.kind == "f"), None)


def _named(metrics: Mapping[str, Metric] | Iterable[Metric]) -> Mapping[str, Metric]:
    return metrics if isinstance(metrics, Mapping) else {metric.__name__: metric for metric in metrics}


class _evaluating:  # noqa: N801  a context manager, used as a word
    """Eval mode, and afterwards the mode that was."""

    def __init__(self, model: Any) -> None:
        self.model = model

    def __enter__(self) -> None:
        self.was = self.model.training
        self.model.eval()

    def __exit__(self, *_: object) -> None:
        self.model.train(self.was)


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
