"""Decision boundaries: what a model answers everywhere in the plane."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import ShapeError
from nn.data.dataset import plain
from nn.evaluation import predict
from nn.plots.style import CLASSES, INK, blend, canvas, dress, legend


def decision_boundary(
    model: Any,
    x: Any,
    y: Any,
    *,
    threshold: float | None = None,
    names: Any = None,
    resolution: int = 300,
    ax: Any = None,
) -> Any:
    """Draw what a model of two inputs answers everywhere, with the examples on top; returns the figure.

    x: points (n, 2); y: labels (n,) or (n, 1). One output is a probability or a logit, with the boundary at
    ``threshold`` (None: 0.5 if all outputs lie in [0, 1], else 0); several are scores, one for each class 0, 1, ….
    The surer the model, the deeper the colour; the boundary is the dark line.

    >>> import nn
    >>> model, (x, y) = nn.Linear(2, 1), nn.datasets.two_moons(rng=0).arrays
    >>> decision_boundary(model, x, y)  # doctest: +SKIP

    Raises MissingDependencyError without matplotlib, ShapeError for inputs that aren't points of a plane.
    """
    x, y = plain(x), plain(y)
    if x.ndim != 2 or x.shape[1] != 2 or y.size != len(x):
        got = f"{x.shape} and {y.shape}"
        raise ShapeError("plots.decision_boundary(model, x, y)", "points (n, 2) and labels (n,)", got, "choose two")
    ax, labels = canvas("plots.decision_boundary", ax, (5.4, 4.8)), y.ravel()
    low, high = x.min(axis=0), x.max(axis=0)
    margin = np.maximum(0.12 * (high - low), 1e-6)
    sides = [np.linspace(a, b, resolution) for a, b in zip(low - margin, high + margin, strict=True)]
    plane = np.stack(np.meshgrid(*sides), axis=-1).reshape(-1, 2)
    output = predict(model, plane.astype(x.dtype if x.dtype.kind == "f" else np.float64), batch_size=4096)
    scores = output.reshape(resolution, resolution, -1).astype(np.float64)
    colours, edges, level = _two(scores[..., 0], threshold) if scores.shape[2] == 1 else _several(scores)
    box = (sides[0][0], sides[0][-1], sides[1][0], sides[1][-1])
    ax.imshow(colours, extent=box, origin="lower", aspect="auto", interpolation="bilinear")
    for edge in edges:
        if edge.min() < level < edge.max():
            ax.contour(*sides, edge, levels=[level], colors=INK, linewidths=1.4)
    classes = np.unique(labels) if scores.shape[2] == 1 else range(scores.shape[2])
    for i, c in enumerate(classes):
        name = str(c) if names is None else names[i]
        colour = CLASSES[i % len(CLASSES)]
        ax.scatter(*x[labels == c].T, s=26, color=colour, edgecolor="white", linewidth=0.8, label=name, zorder=3)
    ax.set_xlim(box[:2])
    ax.set_ylim(box[2:])
    dress(ax, "", "x₁", "x₂", grid="")
    legend(ax, loc="lower left", bbox_to_anchor=(0, 1), ncols=min(len(classes), 6), handletextpad=0.1, columnspacing=1)
    return ax.figure


def _two(score: Any, threshold: float | None) -> tuple[Any, list[Any], float]:
    """Return the colours for one output, the surface whose level is the boundary, and the level."""
    chance = score.min() >= 0 and score.max() <= 1
    level = (0.5 if chance else 0.0) if threshold is None else threshold
    p = score if chance else 1 / (1 + np.exp(np.clip(level - score, -50, 50)))
    middle = level if chance else 0.5
    sure = np.clip(np.where(p > middle, (p - middle) / (1 - middle + 1e-12), (middle - p) / (middle + 1e-12)), 0, 1)
    sides = np.where((p > middle)[..., None], blend(CLASSES[1], 0.38 * sure), blend(CLASSES[0], 0.38 * sure))
    return sides, [score], level


def _several(scores: Any) -> tuple[Any, list[Any], float]:
    """Return the same for a score for each class: the boundary of each is where no other scores higher."""
    classes = scores.shape[2]
    chance = scores.min() >= 0 and np.allclose(scores.sum(axis=2), 1, atol=1e-4)
    p = scores if chance else np.exp(scores - scores.max(axis=2, keepdims=True))
    p = p / p.sum(axis=2, keepdims=True)
    best = scores.argmax(axis=2)
    sure = (p.max(axis=2) - 1 / classes) / (1 - 1 / classes)
    colours = np.ones((*best.shape, 3))
    for c in range(classes):
        colours[best == c] = blend(CLASSES[c % len(CLASSES)], 0.1 + 0.28 * sure[best == c])
    ahead = [p[..., c] - np.delete(p, c, axis=2).max(axis=2) for c in range(classes)]
    return colours, ahead[:-1] if classes == 2 else ahead, 0.0
