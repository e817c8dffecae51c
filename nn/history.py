"""History: what training has measured, epoch by epoch."""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autograd import ArgumentError
from nn.plots import activations, gradients, learning_curves


@dataclass
class History:
    """A plain record: for each number that was measured a list with one entry for each epoch.

    ``columns`` has them by name ("loss", "val_loss", metrics and what callbacks add), ``stopped`` says why training
    ended before its last epoch, or is empty; ``layers`` has what :class:`nn.LayerStatistics` measures of each layer.

    >>> history = History()
    >>> history.add({"loss": 2.0})
    >>> history.add({"loss": 1.0, "val_loss": 1.5})
    >>> history["loss"], history["val_loss"]
    ([2.0, 1.0], [nan, 1.5])
    """

    columns: dict[str, list[float]] = field(default_factory=dict)
    stopped: str = ""
    layers: dict[str, dict[str, Any]] = field(default_factory=dict)

    def __len__(self) -> int:
        return max(map(len, self.columns.values()), default=0)

    def __getitem__(self, name: str) -> list[float]:
        if name not in self.columns:
            raise ArgumentError(f"history[{name!r}]", f"one of {', '.join(self.columns)}", repr(name), "pick one")
        return self.columns[name]

    def add(self, row: dict[str, float]) -> None:
        """Append the numbers of one epoch; what is missing is NaN."""
        epochs = len(self)
        for name in row:
            self.columns.setdefault(name, [float("nan")] * epochs)
        for name, column in self.columns.items():
            column.append(row.get(name, float("nan")))

    def to_csv(self, path: Any) -> None:
        """Write one line for each epoch, numbered from 1, and a head with the names."""
        with Path(path).open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(["epoch", *self.columns])
            writer.writerows((i, *row) for i, row in enumerate(zip(*self.columns.values(), strict=True), 1))

    def plot(self, *names: str, ax: Any = None) -> Any:
        """Draw columns (all of them by default) over the epochs; returns matplotlib's figure.

        ``val_loss`` is drawn beside ``loss``; each other number has a panel of its own, unless ``ax`` is given.
        Raises MissingDependencyError without matplotlib, ArgumentError for a column that isn't there.
        """
        return learning_curves({name: self[name] for name in names or self.columns}, ax)

    def plot_gradients(self, ax: Any = None) -> Any:
        """Draw each layer's gradient over the epochs; see :func:`nn.plots.gradients`."""
        return gradients(self.layers, ax)

    def plot_activations(self, ax: Any = None) -> Any:
        """Draw each layer's output over the epochs; see :func:`nn.plots.activations`."""
        return activations(self.layers, ax)
