"""evaluate and predict: what a model says, without learning; and how data become batches."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from autograd import ArgumentError, Tensor, no_grad
from nn.data.dataset import TensorDataset, plain
from nn.data.loader import DataLoader, cast

Metric = Callable[[Any, Any], float]
Metrics = Mapping[str, Metric] | Iterable[Metric]


def evaluate(
    model: Any,
    data: Any,
    *,
    loss: Callable[[Any, Any], Any] | None = None,
    metrics: Metrics = (),
    batch_size: int = 256,
) -> dict[str, float]:
    """Return a model's loss and metrics on data (arrays, a dataset or a loader), without learning, in eval mode.

    >>> import nn
    >>> evaluate(nn.Identity(), ([1.0, 2.0], [1.0, 4.0]), metrics=[nn.metrics.mse])
    {'mse': 2.0}
    """
    tally, floating = Tally(named(metrics)), floating_of(model)
    with evaluating(model), no_grad():
        for batch in batches(data, batch_size):
            inputs, target = parted(batch, floating)
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
    dtype = floating_of(model)
    with evaluating(model), no_grad():
        loader = DataLoader(TensorDataset(*inputs), batch_size, dtype=dtype)
        return np.concatenate([plain(model(*batch)) for batch in loader])


class Tally:
    """The mean loss of a pass, and what the metrics need: they are taken over the pass as a whole."""

    def __init__(self, metrics: Mapping[str, Metric]) -> None:
        self.metrics, self.outputs, self.targets = metrics, [], []  # type: ignore[var-annotated]
        self.loss, self.examples = 0.0, 0

    def add(self, output: Any, target: Any, loss: Any) -> None:
        if loss is not None:
            self.loss += loss.item() * len(target)
            self.examples += len(target)
        if self.metrics:
            self.outputs.append(plain(output))
            self.targets.append(target)

    def mean_loss(self) -> float:
        return self.loss / self.examples

    def result(self) -> dict[str, float]:
        row = {"loss": self.mean_loss()} if self.examples else {}
        if self.metrics:
            output, target = np.concatenate(self.outputs), np.concatenate(self.targets)
            row |= {name: float(metric(output, target)) for name, metric in self.metrics.items()}
        return row


def batches(data: Any, batch_size: int, rng: Any = None, shuffle: bool = False) -> Any:
    """Return what goes through the data in batches; a loader, or anything else that gives batches, is one already.

    Raises ArgumentError for inputs without targets, and for a list of arrays, which would be taken for examples.
    """
    alone = isinstance(data, (np.ndarray, Tensor))
    if alone or (isinstance(data, list) and any(isinstance(part, (np.ndarray, Tensor)) for part in data)):
        got = f"one array of shape {data.shape}" if alone else f"a list of {len(data)} arrays"
        wanted = "a tuple (inputs, target), a dataset, or a DataLoader"
        raise ArgumentError("fit and evaluate", wanted, got, "write (X, y), with round brackets")
    if isinstance(data, tuple):
        data = TensorDataset(*data)
    if not hasattr(data, "__getitem__"):
        return data
    return DataLoader(data, batch_size, shuffle, rng=rng, dtype=None)


def parted(batch: tuple[Any, ...], dtype: Any) -> tuple[list[Any], Any]:
    """Return the inputs of a batch and its target, cast to the model's dtype."""
    if len(batch) < 2:
        raise ArgumentError(
            "fit and evaluate", "batches of inputs and a target", f"{len(batch)} array", "give (inputs, target)"
        )
    *inputs, target = [cast(part, dtype) for part in batch]
    return inputs, target


def floating_of(model: Any) -> Any:
    """Return the dtype of the model's first floating parameter, or None."""
    return next((p.dtype for p in model.parameters() if p.dtype.kind == "f"), None)


def named(metrics: Metrics) -> Mapping[str, Metric]:
    """Return metrics under names: those of a dict, or their own."""
    if not isinstance(metrics, Mapping):
        several = [metrics] if callable(metrics) or isinstance(metrics, str) else metrics
        metrics = {getattr(m, "__name__", str(m)): m for m in several}
    for name, metric in metrics.items():
        if not callable(metric):
            got = f"{metric!r} for {name}"
            raise ArgumentError("metrics=…", "functions of (prediction, target)", got, "write nn.metrics.accuracy, say")
    return metrics


class evaluating:  # noqa: N801  a context manager, used as a word
    """Eval mode, and afterwards the mode that was."""

    def __init__(self, model: Any) -> None:
        self.model = model

    def __enter__(self) -> None:
        self.was = self.model.training
        self.model.eval()

    def __exit__(self, *_: object) -> None:
        self.model.train(self.was)
