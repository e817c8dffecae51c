"""Vanishing gradients, measured and drawn: the local derivatives, and what of the gradient reaches each layer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd import generator, grad
from nn.layers import LeakyReLU, ReLU, Sigmoid, Tanh
from nn.module import Module
from nn.plots.style import CLASSES, INK, LINE, MUTED, decades, dress, legend, panels, zeros

FAR = -10.0  # where the units of one layer are pushed


def vanishing_gradients(
    activations: Sequence[Module] = (), depth: int = 10, width: int = 64, rng: Any = 0, axes: Any = None
) -> Any:
    """Draw why gradients vanish, for each activation (sigmoid, tanh, ReLU, leaky ReLU by default); returns the figure.

    Left: the local derivative ∂a/∂z, which multiplies the gradient once for each layer; it vanishes for large |z| of
    sigmoid and tanh. Middle: the gradient that arrives at each of ``depth`` layers of ``width`` units, its root mean
    square by :func:`arriving`. Right: the same with the units of one layer pushed to z ≈ −10: saturated sigmoids, dead
    ReLUs (a cross: exactly 0), and the leaky ReLU's cure. ``axes`` are three to draw on. Course 14.

    Sources: Hochreiter 1991; Glorot and Bengio 2010; He et al. 2015, whose initialisation all networks share.

    >>> vanishing_gradients(depth=6)  # doctest: +SKIP

    Raises MissingDependencyError without matplotlib.
    """
    chosen = list(activations) or [Sigmoid(), Tanh(), ReLU(), LeakyReLU()]
    left, middle, right = panels("plots.vanishing_gradients", 1, 3, (13.0, 4.0))[0] if axes is None else axes
    seed = int(generator(rng).integers(2**31))  # every network starts from the same weights
    layers = np.arange(1, depth + 1)
    pushed = (depth + 1) // 2
    vanished = [0, 0]  # the last layer of each panel that nothing reaches
    left.axhline(0, color=LINE, linewidth=0.8)
    for i, activation in enumerate(chosen):
        style: dict[str, Any] = {"color": CLASSES[i % len(CLASSES)], "label": type(activation).__name__}
        style["linewidth"] = max(3.2 - 0.6 * i, 1.2)  # where two agree, both are seen
        z = np.linspace(-10, 10, 2001)
        left.plot(z, derivative(activation, z), **style)
        for panel, (ax, push) in enumerate(((middle, None), (right, pushed))):
            found = arriving(activation, depth, width, seed, push)
            ax.plot(layers, np.where(found > 0, found, np.nan), marker="o", markersize=5, **style)
            zeros(ax, [float(at) for at in layers[found == 0]], style["color"])
            vanished[panel] = max(vanished[panel], *layers * (found == 0))
    left.set_xticks([-10, -5, 0, 5, 10])
    for ax, dead in zip((middle, right), vanished, strict=True):
        decades(ax, room=dead > 0)
        ax.set_xticks(layers)
        if dead:
            ax.text(
                dead + 0.35, 0.03, "exactly 0", transform=ax.get_xaxis_transform(), va="center", fontsize=9, color=INK
            )
    right.axvline(pushed, color=MUTED, linestyle=(0, (2, 2)), linewidth=1, zorder=1)
    right.annotate(
        f"layer {pushed}:\nz ≈ −{-FAR:.0f}", (pushed, 0.5), (-6, 0), xycoords=right.get_xaxis_transform(),
        textcoords="offset points", ha="right", fontsize=9, color=INK,
    )  # fmt: skip
    dress(left, "Local derivative ∂a/∂z", "z", "")
    dress(middle, "Gradient that arrives at each layer", "layer, 1 is next to the input", "root mean square of ∂L/∂z")
    dress(right, "One layer far out", "layer, 1 is next to the input", "")
    legend(left)
    return left.figure


def derivative(activation: Module, z: Any) -> Any:
    """Return ∂a/∂z of an elementwise activation at each z.

    >>> derivative(Sigmoid(), np.array([-10.0, 0.0, 10.0])).round(4)
    array([0.  , 0.25, 0.  ])
    """
    return grad(lambda at: activation(at).sum())(z)


def arriving(activation: Module, depth: int, width: int, rng: Any = 0, push: int | None = None) -> Any:
    """Return the root mean square of ∂L/∂z at each layer of a deep network, the first next to the input.

    z = W a + b with W ~ N(0, 2/width) (He) and b ~ N(0, 0.1²), less 10 in layer ``push``; a is the activation of z,
    and L a random weighting of the last a. In float64, for 128 normal inputs.

    >>> arriving(ReLU(), depth=3, width=32, push=2).round(2)
    array([0.  , 0.  , 0.14])
    """
    rng = generator(rng)
    x, readout = rng.normal(size=(128, width)), rng.normal(0.0, np.sqrt(1 / width), (128, width))
    weights = rng.normal(0.0, np.sqrt(2 / width), (depth, width, width))
    biases = rng.normal(0.0, 0.1, (depth, 1, width))
    if push is not None:
        biases[push - 1] += FAR

    def loss(shifts: Any) -> Any:
        a: Any = x
        for w, b, shift in zip(weights, biases, shifts, strict=True):
            a = activation(a @ w + b + shift)
        return (a * readout).sum()

    arrived = grad(loss)(np.zeros((depth, 128, width)))  # ∂L/∂z is the gradient of a shift of z
    return np.sqrt(np.mean(arrived**2, axis=(1, 2)))
