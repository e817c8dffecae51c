"""A confusion matrix as a picture."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import ArgumentError
from nn.data.dataset import plain
from nn.plots.style import INK, INPUT, blend, canvas, dress


def confusion_matrix(matrix: Any, names: Any = None, ax: Any = None) -> Any:
    """Draw a confusion matrix with its counts, coloured by the share of each true class; returns the figure.

    matrix: (classes, classes), rows are true labels, as :func:`nn.metrics.confusion_matrix` counts them.

    >>> confusion_matrix([[3, 1], [0, 4]], names=["cat", "dog"])  # doctest: +SKIP

    Raises ArgumentError for what is no square matrix, MissingDependencyError without matplotlib.
    """
    matrix = plain(matrix)
    n = len(matrix) if matrix.ndim else 0
    if matrix.shape != (n, n):
        raise ArgumentError(
            "plots.confusion_matrix(matrix)", "counts (classes, classes)", f"shape {matrix.shape}",
            "count labels first: nn.metrics.confusion_matrix(prediction, target)",
        )  # fmt: skip
    side = min(max(2.6 + 0.42 * n, 3.4), 10.0)
    ax = canvas("plots.confusion_matrix", ax, (side, side))
    share = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    ax.imshow(blend(INPUT, share**0.8))  # the power lets a single miss be seen
    ax.set_xticks(range(n), range(n) if names is None else names)
    ax.set_yticks(range(n), range(n) if names is None else names)
    ax.set_xticks(np.arange(n - 1) + 0.5, minor=True)
    ax.set_yticks(np.arange(n - 1) + 0.5, minor=True)
    right, total = int(np.trace(matrix)), int(matrix.sum())
    dress(ax, f"{right:,} of {total:,} right ({right / max(total, 1):.1%})", "predicted", "true", grid="")
    ax.grid(which="minor", color="white", linewidth=1.5)
    ax.tick_params(which="both", length=0)
    for spine in ax.spines.values():
        spine.set_visible(False)
    for (i, j), count in np.ndenumerate(matrix):
        colour = "white" if share[i, j] > 0.5 else INK if count else "#9AA1AB"
        weight = "bold" if i == j else "normal"
        ax.text(j, i, str(count), ha="center", va="center", color=colour, fontsize=9 if n > 6 else 11, weight=weight)
    return ax.figure
