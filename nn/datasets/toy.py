"""Toy problems for two inputs: XOR, two moons, spirals."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import generator
from nn.data.dataset import TensorDataset


def xor() -> TensorDataset:
    """Return the truth table of XOR: inputs (4, 2), targets (4, 1), float32.

    >>> xor().arrays[1].T
    array([[0., 1., 1., 0.]], dtype=float32)
    """
    inputs = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], np.float32)
    return TensorDataset(inputs, np.array([[0], [1], [1], [0]], np.float32))


def two_moons(n: int = 200, noise: float = 0.1, rng: Any = None) -> TensorDataset:
    """Return two half circles that reach into each other: points (n, 2) float32, labels (n,) 0 or 1.

    The curves of scikit-learn's make_moons, (cos t, sin t) and (1 − cos t, ½ − sin t) for t from 0 to π, plus normal
    noise of the given standard deviation; shuffled.

    >>> points, labels = two_moons(6, noise=0.0, rng=0).arrays
    >>> points.shape, int(labels.sum())
    ((6, 2), 3)
    """
    rng = generator(rng)
    upper, lower = np.linspace(0, np.pi, n - n // 2), np.linspace(0, np.pi, n // 2)
    curves = [np.stack([np.cos(upper), np.sin(upper)], 1), np.stack([1 - np.cos(lower), 0.5 - np.sin(lower)], 1)]
    return _shuffled(np.concatenate(curves), np.repeat([0, 1], [len(upper), len(lower)]), noise, rng)


def spirals(n: int = 300, classes: int = 3, noise: float = 0.05, turns: float = 0.75, rng: Any = None) -> TensorDataset:
    """Return arms that wind about the origin: points (n, 2) float32, labels (n,) 0 to classes − 1.

    Arm k is r·(sin θ, cos θ), r from 0 to 1, θ = 2π(k/classes + turns·r), plus normal noise; shuffled.

    >>> points, labels = spirals(30, rng=0).arrays
    >>> points.shape, np.bincount(labels)
    ((30, 2), array([10, 10, 10]))
    """
    rng = generator(rng)
    labels = np.arange(n) % classes
    radius = np.concatenate([np.linspace(0, 1, count) for count in np.bincount(labels, minlength=classes)])
    labels = np.sort(labels)
    angle = 2 * np.pi * (labels / classes + turns * radius)
    points = radius[:, None] * np.stack([np.sin(angle), np.cos(angle)], 1)
    return _shuffled(points, labels, noise, rng)


def _shuffled(points: Any, labels: Any, noise: float, rng: np.random.Generator) -> TensorDataset:
    points = points + rng.normal(0.0, 1.0, points.shape) * noise
    order = rng.permutation(len(points))
    return TensorDataset(points[order].astype(np.float32), labels[order].astype(np.int64))
