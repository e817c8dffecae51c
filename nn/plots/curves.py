"""Learning curves: what training has measured, epoch by epoch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from nn.plots.style import GRADIENT, INPUT, PARAMETER, blend, canvas, dress, legend, panels

Columns = Mapping[str, Sequence[float]]


def learning_curves(columns: Any, ax: Any = None) -> Any:
    """Draw numbers over the epochs, a panel for each with its validation beside it; returns the figure.

    columns: a history, or one list for each name, as ``history.columns``; ``val_loss`` goes with ``loss``. With ``ax``
    all of them go into these axes. An axis is logarithmic where positive numbers span a factor of 50; a ring marks the
    best validation loss.

    >>> learning_curves({"loss": [2.0, 1.0], "val_loss": [2.5, 1.5]})  # doctest: +SKIP

    Raises MissingDependencyError without matplotlib.
    """
    groups: dict[str, dict[str, Sequence[float]]] = {}
    for name, column in getattr(columns, "columns", columns).items():
        what = "" if ax is not None else name.removeprefix("val_").split(" ")[0]
        groups.setdefault(what, {})[name] = column
    if ax is not None or not groups:
        ax = canvas("history.plot()", ax)
        _panel(ax, "", groups.get("", {}))
        return ax.figure
    across = min(len(groups), 3)
    down = -(-len(groups) // across)
    size = (6.4, 4.0) if len(groups) == 1 else (3.9 * across, 3.1 * down)
    grid = panels("history.plot()", down, across, size).ravel()
    for panel, (what, group) in zip(grid, groups.items(), strict=False):
        _panel(panel, what, group)
    for empty in grid[len(groups) :]:
        empty.remove()
    return grid[0].figure


def _panel(ax: Any, title: str, columns: Columns) -> None:
    epochs = max(map(len, columns.values()), default=0)
    gradient = title.startswith("grad")
    shades = iter(blend(GRADIENT if gradient else INPUT, np.linspace(1, 0.35, max(len(columns), 1))))
    for name, column in columns.items():
        held_out = name.startswith("val_")
        style = {"color": PARAMETER, "linestyle": (0, (4, 1.5))} if held_out else {"color": next(shades)}
        marker = {"marker": "o", "markersize": 3.5} if epochs < 30 else {}
        ax.plot(range(1, len(column) + 1), column, label=name, linewidth=1.8, **style, **marker)
    if "val_loss" in columns and np.isfinite(columns["val_loss"]).any():
        _ring(ax, np.asarray(columns["val_loss"], float))
    numbers = np.array([v for column in columns.values() for v in column if np.isfinite(v)])
    if numbers.size and numbers.min() > 0 and numbers.max() > 50 * numbers.min():
        ax.set_yscale("log")
    from matplotlib.ticker import MaxNLocator  # optional dependency

    ax.xaxis.set_major_locator(MaxNLocator(nbins=8, steps=[1, 2, 5, 10], integer=True, min_n_ticks=1))
    ax.set_xlim(left=0.5)
    dress(ax, title, "epoch")
    if len(columns) > 1 or (columns and not title):
        legend(ax)


def _ring(ax: Any, losses: Any) -> None:
    """Mark the smallest validation loss."""
    best = int(np.nanargmin(losses))
    ax.scatter(best + 1, losses[best], s=80, facecolor="none", edgecolor=PARAMETER, linewidth=1.2, zorder=3)
    ax.set_title(f"best {losses[best]:.3g} in epoch {best + 1}", loc="right", fontsize=9, color=PARAMETER, pad=8)
