"""The workloads written by hand in NumPy: no graph, gradients derived on paper, buffers reused."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Any

import numpy as np
from workloads import weights


class _Network:
    """Weights in one buffer, gradients in another, Adam without a temporary array."""

    def __init__(self, sizes: tuple[int, ...]) -> None:
        shapes = [shape for n, m in itertools.pairwise(sizes) for shape in ((m, n), (m,))]
        self.flat = np.concatenate([w.ravel() for w in weights(sizes)])
        self.gradient = np.empty_like(self.flat)
        ends = np.cumsum([math.prod(shape) for shape in shapes])[:-1]
        self.w, self.w_bar = (
            [part.reshape(shape) for part, shape in zip(np.split(flat, ends), shapes, strict=True)]
            for flat in (self.flat, self.gradient)
        )
        self.mean, self.square, self.work = np.zeros_like(self.flat), np.zeros_like(self.flat), np.empty_like(self.flat)
        self.steps = 0

    def adam(self) -> None:
        self.steps += 1
        gradient, mean, square, work = self.gradient, self.mean, self.square, self.work
        correction = math.sqrt(1 - 0.999**self.steps)
        mean *= 0.9
        mean += np.multiply(gradient, 0.1, out=work)
        square *= 0.999
        np.multiply(gradient, gradient, out=work)
        work *= 0.001
        square += work
        np.sqrt(square, out=work)
        work += 1e-8 * correction
        np.divide(mean, work, out=work)
        work *= 1e-3 * correction / (1 - 0.9**self.steps)
        self.flat -= work


def training_step(sizes: tuple[int, ...], activation: str, loss: str) -> Callable[[Any], Any]:
    network = _Network(sizes)
    w, w_bar = network.w, network.w_bar

    def run(batch: Any) -> Any:
        h, target = batch
        kept = [h]
        for i in range(0, len(w), 2):
            h = h @ w[i].T
            h += w[i + 1]
            if i < len(w) - 2:
                np.tanh(h, out=h) if activation == "tanh" else np.maximum(h, 0, out=h)
                kept.append(h)
        if loss == "mse":
            h -= target
            np.vdot(h, h) / h.size
            h *= 2 / h.size
        else:
            h -= h.max(axis=1, keepdims=True)
            np.exp(h, out=h)
            h /= h.sum(axis=1, keepdims=True)
            rows = np.arange(len(h))
            -np.log(h[rows, target]).mean()
            h[rows, target] -= 1
            h /= len(h)
        for i in range(len(w) - 2, -1, -2):
            below = kept.pop()
            np.matmul(h.T, below, out=w_bar[i])
            h.sum(axis=0, out=w_bar[i + 1])
            if i:
                h = h @ w[i]
                if activation == "tanh":
                    below *= below
                    np.subtract(1, below, out=below)
                    h *= below
                else:
                    h *= below > 0
        network.adam()
        return w

    return run


engine_step = training_step


def jacobian() -> Callable[[Any], Any]:
    W1, b1, W2, b2 = weights((100, 100, 100), np.float64)

    def run(x: Any) -> Any:
        """Accumulate I · J · J · …, as the sweep does."""
        h = np.tanh(W1 @ x + b1)
        y = np.tanh(W2 @ h + b2)
        P = np.eye(100) * (1 - y * y)
        return ((P @ W2) * (1 - h * h)) @ W1

    return run


def per_example(sizes: tuple[int, ...]) -> Callable[[Any], Any]:
    W1, b1, W2, b2 = weights(sizes)

    def run(batch: Any) -> Any:
        x, target = batch
        h = np.maximum(x @ W1.T + b1, 0)
        z = h @ W2.T + b2
        z = np.exp(z - z.max(axis=1, keepdims=True))
        z /= z.sum(axis=1, keepdims=True)
        z[np.arange(len(z)), target] -= 1
        h_bar = (z @ W2) * (h > 0)
        return [h_bar[:, :, None] * x[:, None, :], h_bar, z[:, :, None] * h[:, None, :], z]

    return run
