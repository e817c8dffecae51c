"""A step of training, 8-64-64-1 on a batch of 64 in float32: forward, squared error, backward, Adam."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Any

import numpy as np

import autograd
from benchmarks.comparison import Comparison

SIZES = (8, 64, 64, 1)
BATCH = 64
SHAPES = [shape for n, m in itertools.pairwise(SIZES) for shape in ((m, n), (m,))]  # weight, bias, …

Batch = tuple[Any, Any]


def _views(flat: Any) -> list[Any]:
    """Cut one buffer into weights and biases that share its memory."""
    ends = np.cumsum([math.prod(shape) for shape in SHAPES])
    return [part.reshape(shape) for part, shape in zip(np.split(flat, ends[:-1]), SHAPES, strict=True)]


def _initial() -> Any:
    rng = np.random.default_rng(0)
    size = sum(math.prod(shape) for shape in SHAPES)
    return rng.normal(0, 0.2, size).astype(np.float32)


class Adam:
    """Adam on one buffer, without a temporary array; both sides use it."""

    def __init__(self, flat: Any, rate: float = 1e-3) -> None:
        self.flat, self.rate, self.steps = flat, rate, 0
        self.mean, self.square, self.work = np.zeros_like(flat), np.zeros_like(flat), np.empty_like(flat)

    def step(self, gradient: Any) -> None:
        self.steps += 1
        mean, square, work = self.mean, self.square, self.work
        mean *= 0.9
        mean += np.multiply(gradient, 0.1, out=work)
        square *= 0.999
        np.multiply(gradient, gradient, out=work)
        work *= 0.001
        square += work
        np.sqrt(square, out=work)
        work += 1e-8 * math.sqrt(1 - 0.999**self.steps)
        np.divide(mean, work, out=work)
        work *= self.rate * math.sqrt(1 - 0.999**self.steps) / (1 - 0.9**self.steps)
        self.flat -= work


def _engine(activation: Callable[[Any], Any]) -> Callable[[Batch], Any]:
    leaves = [autograd.Tensor(view, requires_grad=True) for view in _views(_initial())]
    flat = autograd.Flat(leaves)
    W1, b1, W2, b2, W3, b3 = leaves
    adam = Adam(flat.value)

    def step(batch: Batch) -> Any:
        x, target = batch
        h = activation(autograd.linear(x, W1, b1))
        h = activation(autograd.linear(h, W2, b2))
        autograd.mse(autograd.linear(h, W3, b3), target).backward()
        gradient = flat.gradient()
        flat.zero_grad()
        flat.stamp()  # the engine is told of the write: a graph that still needs the old values would say so
        adam.step(gradient)
        return flat.value

    return step


def _by_hand(activation: Callable[..., Any], pull_back: Callable[[Any, Any], Any]) -> Callable[[Batch], Any]:
    flat = _initial()
    gradient = np.empty_like(flat)
    W1, b1, W2, b2, W3, b3 = _views(flat)
    W1_bar, b1_bar, W2_bar, b2_bar, W3_bar, b3_bar = _views(gradient)
    adam = Adam(flat)

    def step(batch: Batch) -> Any:
        x, target = batch
        h1 = x @ W1.T
        h1 += b1
        activation(h1, out=h1)
        h2 = h1 @ W2.T
        h2 += b2
        activation(h2, out=h2)
        y = h2 @ W3.T
        y += b3
        difference = y - target
        np.vdot(difference, difference) / difference.size  # the loss
        y_bar = difference
        y_bar *= 2 / difference.size
        np.matmul(y_bar.T, h2, out=W3_bar)
        y_bar.sum(axis=0, out=b3_bar)
        z2_bar = pull_back(y_bar @ W3, h2)
        np.matmul(z2_bar.T, h1, out=W2_bar)
        z2_bar.sum(axis=0, out=b2_bar)
        z1_bar = pull_back(z2_bar @ W2, h1)
        np.matmul(z1_bar.T, x, out=W1_bar)
        z1_bar.sum(axis=0, out=b1_bar)
        adam.step(gradient)
        return flat

    return step


def _tanh_back(h_bar: Any, h: Any) -> Any:
    h *= h
    np.subtract(1, h, out=h)
    h_bar *= h
    return h_bar


def _relu(x: Any, out: Any) -> Any:
    return np.maximum(x, 0, out=out)


def _relu_back(h_bar: Any, h: Any) -> Any:
    h_bar *= h > 0
    return h_bar


def _comparison(name: str, ours: Callable[[Batch], Any], theirs: Callable[[Batch], Any]) -> Comparison:
    rng = np.random.default_rng(1)

    def draw() -> Batch:
        x = rng.standard_normal((BATCH, SIZES[0]), dtype=np.float32)
        return x, np.sin(x.sum(axis=1, keepdims=True))

    label = f"training step 8-64-64-1, {name}, batch {BATCH}, float32"
    return Comparison(label, "NumPy by hand", 1.7, draw, ours, theirs, tolerance=1e-4)


def with_tanh() -> Comparison:
    """Tanh in both hidden layers."""
    return _comparison("tanh", _engine(autograd.tanh), _by_hand(np.tanh, _tanh_back))


def with_relu() -> Comparison:
    """Relu in both hidden layers."""
    return _comparison("relu", _engine(autograd.relu), _by_hand(_relu, _relu_back))
