"""How gradients and activations spread, layer by layer: each layer is a strip, in which the epochs go by."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from autograd import ArgumentError
from nn.plots.style import COMPUTATION, GRADIENT, INK, LINE, blend, canvas, decades, dress, zeros

Layers = Mapping[str, Mapping[str, Any]]


def gradients(layers: Layers, ax: Any = None) -> Any:
    """Draw the root mean square of each layer's gradient over the epochs, on a logarithmic axis; returns the figure.

    layers: as :class:`nn.LayerStatistics` keeps them in ``history.layers``. A staircase that falls towards the input
    is a vanishing gradient (course 14); a cross at the foot is a gradient of exactly 0.

    >>> gradients({"0": {"kind": "Linear", "gradient": [0.1, 0.2]}})  # doctest: +SKIP

    Raises MissingDependencyError without matplotlib, ArgumentError where nothing was measured.
    """
    chosen = _measured(layers, "gradient", "history.plot_gradients()")
    ax = _strips(chosen, "history.plot_gradients()", ax)
    for place, layer in enumerate(chosen.values()):
        values = np.asarray(layer["gradient"], float)
        x = _within(place, len(values))
        positive = np.where(values > 0, values, np.nan)
        ax.plot(x, positive, color=GRADIENT, linewidth=2, marker=".", markersize=4 if len(x) < 30 else 0)
        if np.isfinite(positive[-1]):
            ax.plot(x[-1], positive[-1], marker="o", color=GRADIENT, markersize=5)
        zeros(ax, [float(at) for at, value in zip(x, values, strict=True) if value == 0], GRADIENT)
    decades(ax, room=any(0 in layer["gradient"] for layer in chosen.values()))
    dress(ax, "Gradient of each layer", _legend(chosen, "gradient"), "root mean square of ∂L/∂weight")
    ax.tick_params(axis="x", length=0)
    return ax.figure


def activations(layers: Layers, ax: Any = None) -> Any:
    """Draw mean ± standard deviation of each layer's output over the epochs, and its share of zeros; as above.

    A band that closes is a layer that says the same whatever it is shown; zeros near 100 % are dead units.

    >>> activations({"1": {"kind": "ReLU", "mean": [0.4], "std": [0.5], "zero": [0.5]}})  # doctest: +SKIP
    """
    chosen = _measured(layers, "mean", "history.plot_activations()")
    ax = _strips(chosen, "history.plot_activations()", ax)
    for place, layer in enumerate(chosen.values()):
        mean, std = np.asarray(layer["mean"], float), np.asarray(layer["std"], float)
        x = _within(place, len(mean))
        ax.fill_between(x, mean - std, mean + std, color=blend(COMPUTATION, 0.3), linewidth=0)
        ax.plot(x, mean, color=COMPUTATION, linewidth=2, solid_capstyle="round")
        if (share := layer["zero"][-1]) > 0.005:
            ax.text(
                place, 0.985, f"{share:.0%} zero", ha="center", va="top", fontsize=8.5, color=INK,
                transform=ax.get_xaxis_transform(),
            )  # fmt: skip
    ax.margins(y=0.12)
    dress(ax, "Output of each layer", _legend(chosen, "mean"), "mean ± standard deviation")
    ax.tick_params(axis="x", length=0)
    return ax.figure


def _measured(layers: Layers, what: str, who: str) -> dict[str, Mapping[str, Any]]:
    found = {name: layer for name, layer in layers.items() if layer.get(what)}
    if not found:
        remedy = "train with nn.fit(…, callbacks=[nn.LayerStatistics()])"
        raise ArgumentError(who, "a history that has measured layers", "none", remedy)
    return found


def _strips(layers: Mapping[str, Any], who: str, ax: Any) -> Any:
    """Return axes with a strip for each layer, every other one shaded, under its path and kind."""
    ax = canvas(who, ax, (max(5.0, 1.6 + 0.95 * len(layers)), 3.8))
    for place in range(0, len(layers), 2):
        ax.axvspan(place - 0.5, place + 0.5, color=blend(LINE, 0.3), linewidth=0, zorder=0)
    names = ["\n".join(filter(None, (path, layer["kind"]))) for path, layer in layers.items()]
    ax.set_xticks(range(len(layers)), names)
    ax.set_xlim(-0.5, len(layers) - 0.5)
    return ax


def _within(place: int, epochs: int) -> Any:
    """Return where in a layer's strip its epochs are."""
    return place + (np.linspace(-0.38, 0.38, epochs) if epochs > 1 else np.zeros(1))


def _legend(layers: Mapping[str, Any], what: str) -> str:
    epochs = max(len(layer[what]) for layer in layers.values())
    return f"each strip: epochs 1 to {epochs}" if epochs > 1 else "after one epoch"
