"""Weights as images: what each unit looks for."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import ShapeError
from nn.data.dataset import plain
from nn.plots.style import DIVERGING, LINE, MUTED, blend, canvas, dress, ramp


def weights(layer: Any, shape: tuple[int, int] | None = None, limit: int = 100, ax: Any = None) -> Any:
    """Draw the weights of a layer on one scale, blue negative and orange positive; returns the figure.

    layer: a module with a ``weight``, a parameter or an array. Kernels (out, in, h, w) become a column of images for
    each output; a matrix (out, in) is drawn as it is or, with ``shape=(h, w)`` (h·w = in), as an image for each unit.
    At most ``limit`` images are drawn.

    >>> import nn
    >>> weights(nn.Linear(784, 16), shape=(28, 28))  # doctest: +SKIP

    Raises MissingDependencyError without matplotlib, ShapeError for weights that make no image.
    """
    array = plain(getattr(layer, "weight", layer))
    if array.ndim == 2 and shape is not None and array.shape[1] == shape[0] * shape[1]:
        shown = min(len(array), limit)
        columns = _columns(shown, shape)
        mosaic = _mosaic(array[:shown].reshape(shown, *shape), columns)
    elif array.ndim == 4 and shape is None:
        kernels = array[: max(limit // array.shape[1], 1)]
        tiles = kernels.swapaxes(0, 1).reshape(-1, *array.shape[2:])
        mosaic = _mosaic(tiles, len(kernels) if array.shape[1] > 1 else _columns(len(tiles), array.shape[2:]))
    elif array.ndim == 2 and shape is None:
        mosaic = array
    else:
        wanted = "weights (out, in) or (out, in, h, w)" if shape is None else f"weights (out, {shape[0]}·{shape[1]})"
        raise ShapeError("plots.weights(layer, shape)", wanted, f"{array.shape}", "see layer.weight.shape")
    high, wide = mosaic.shape
    scale = 6.0 / max(high, wide)
    ax = canvas("plots.weights", ax, (max(wide * scale, 2.0) + 1.2, max(high * scale, 1.6) + 0.6))
    largest = float(np.nanmax(np.abs(array), initial=0)) or 1.0
    colours = ramp(DIVERGING).with_extremes(bad=blend(LINE, 0.85))  # the lines between images
    image = ax.imshow(mosaic, cmap=colours, vmin=-largest, vmax=largest, interpolation="nearest")
    dress(ax, f"Weights {' × '.join(map(str, array.shape))}", grid="")
    if mosaic is array:
        ax.set_xlabel("input", color=MUTED)
        ax.set_ylabel("output", color=MUTED)
    else:
        ax.set_xticks([])
        ax.set_yticks([])
        for spine in ax.spines.values():
            spine.set_visible(False)
    bar = ax.figure.colorbar(image, ax=ax, shrink=0.7, ticks=[-largest, 0, largest], aspect=25)
    bar.ax.set_yticklabels([f"−{largest:.2g}", "0", f"{largest:.2g}"])
    bar.outline.set_edgecolor(LINE)
    bar.ax.tick_params(labelsize=9, labelcolor=MUTED, color=LINE)
    return ax.figure


def _columns(count: int, shape: Any) -> int:
    """Return how many images side by side make a block a little wider than high, without a gap where that can be."""
    ideal = np.sqrt(1.3 * count * shape[0] / shape[1])
    full = [c for c in range(1, count + 1) if count % c == 0 and 0.75 * ideal <= c <= 1.5 * ideal]
    return min(full, key=lambda c: abs(c - ideal), default=int(np.ceil(ideal)))


def _mosaic(images: Any, columns: int) -> Any:
    """Lay images (n, h, w) out in rows, a line of NaN between them."""
    rows = -(-len(images) // columns)
    gap = max(1, round(0.06 * images.shape[1]))
    h, w = images.shape[1] + gap, images.shape[2] + gap
    whole = np.full((rows * h - gap, columns * w - gap), np.nan)
    for i, image in enumerate(images):
        top, left = i // columns * h, i % columns * w
        whole[top : top + h - gap, left : left + w - gap] = image
    return whole
