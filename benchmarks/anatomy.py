"""Where the time of one small training step goes: `python -m benchmarks.anatomy`.

The step 8-64-64-1 (batch 64, tanh, squared error, float32, Adam) three times over: by hand, with functions on tensors,
with ``nn``; each taken apart into its four phases. Of the backward pass it shows too what the rules take by themselves,
called on a graph that stands: the rest is what finds the nodes, passes the messages on and hands the gradients out.
What lies above the column by hand is what a compiled step could save.
"""

from __future__ import annotations

import itertools
import math
import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

import autograd
import nn
from autograd import Tensor
from autograd.graph.node import Node
from autograd.graph.order import falling
from benchmarks.workloads import weights

SIZES, BATCH, STEPS, SAMPLES = (8, 64, 64, 1), 64, 20, 60
PHASES = ("forward", "loss", "backward", "optimizer")
Phases = Callable[[Any, Any], Iterator[Any]]  # yields after each phase, last the weights


def adam(flat: Any, gradient: Any, state: list[Any]) -> None:
    """Update in place by Adam's rule, without a temporary array."""
    mean, square, work, steps = state
    state[3] = steps = steps + 1
    correction = math.sqrt(1 - 0.999**steps)
    mean *= 0.9
    mean += np.multiply(gradient, 0.1, out=work)
    square *= 0.999
    np.multiply(gradient, gradient, out=work)
    work *= 0.001
    square += work
    np.sqrt(square, out=work)
    work += 1e-8 * correction
    np.divide(mean, work, out=work)
    work *= 1e-3 * correction / (1 - 0.9**steps)
    flat -= work


def by_hand() -> Phases:
    """Write the step in plain NumPy: gradients derived on paper, buffers reused."""
    parts = weights(SIZES)
    shapes, ends = [w.shape for w in parts], np.cumsum([w.size for w in parts])[:-1]
    flat = np.concatenate([w.ravel() for w in parts])
    gradient, state = np.empty_like(flat), [np.zeros_like(flat), np.zeros_like(flat), np.empty_like(flat), 0]
    w, w_bar = ([v.reshape(s) for v, s in zip(np.split(a, ends), shapes, strict=True)] for a in (flat, gradient))

    def run(x: Any, target: Any) -> Iterator[Any]:
        h, kept = x, [x]
        for i in range(0, len(w), 2):
            h = h @ w[i].T
            h += w[i + 1]
            if i < len(w) - 2:
                np.tanh(h, out=h)
                kept.append(h)
        yield
        h -= target
        np.vdot(h, h) / h.size
        yield
        h *= 2 / h.size
        for i in range(len(w) - 2, -1, -2):
            below = kept.pop()
            np.matmul(h.T, below, out=w_bar[i])
            h.sum(axis=0, out=w_bar[i + 1])
            if i:
                h = h @ w[i]
                below *= below
                np.subtract(1, below, out=below)
                h *= below
        yield
        adam(flat, gradient, state)
        yield w

    return run


def with_functions() -> Phases:
    """Write the step with `autograd.linear`, `tanh` and `mse`, its leaves in one buffer."""
    leaves = [Tensor(w, requires_grad=True) for w in weights(SIZES)]
    flat = autograd.Flat(leaves)
    state = [np.zeros_like(flat.value), np.zeros_like(flat.value), np.empty_like(flat.value), 0]

    def run(x: Any, target: Any) -> Iterator[Any]:
        h = x
        for i in range(0, len(leaves) - 2, 2):
            h = autograd.tanh(autograd.linear(h, leaves[i], leaves[i + 1]))
        h = autograd.linear(h, leaves[-2], leaves[-1])
        yield
        loss = autograd.mse(h, target)
        yield
        loss.backward()
        yield
        gradient = flat.gradient()
        flat.zero_grad()
        flat.stamp()
        adam(flat.value, gradient, state)
        yield leaves

    return run


def with_nn() -> Phases:
    """Write the step as a user of `nn` does."""
    layers: list[nn.Module] = []
    for n, m in itertools.pairwise(SIZES):
        layers += [nn.Linear(n, m), nn.Tanh()]
    model, criterion = nn.Sequential(*layers[:-1]), nn.MSELoss()
    parameters = list(model.parameters())
    for parameter, drawn in zip(parameters, weights(SIZES), strict=True):
        parameter.assign_(drawn)
    optimizer = nn.optim.Adam(parameters)

    def run(x: Any, target: Any) -> Iterator[Any]:
        h = model(x)
        yield
        loss = criterion(h, target)
        yield
        loss.backward()
        yield
        optimizer.step()
        optimizer.zero_grad()
        yield parameters

    return run


def batches() -> list[tuple[Any, Any]]:
    """Draw fresh batches."""
    drawn = np.random.default_rng().standard_normal((STEPS, BATCH, SIZES[0]), dtype=np.float32)
    return [(x, np.sin(x.sum(axis=1, keepdims=True))) for x in drawn]


def phases(run: Phases) -> list[float]:
    """Return the seconds of each phase, over some steps."""
    spent = [0.0] * len(PHASES)
    for batch in batches():
        before = time.perf_counter()
        for i, _ in enumerate(run(*batch)):
            now = time.perf_counter()
            spent[i] += now - before
            before = now
    return [s / STEPS for s in spent]


def rules_alone() -> Callable[[], None]:
    """Return what calls each rule of the step's backward pass once, with the cotangent that it gets there."""
    leaves = [Tensor(w, requires_grad=True) for w in weights(SIZES)]
    x, target = batches()[0]
    h = autograd.tanh(autograd.linear(x, leaves[0], leaves[1]))
    h = autograd.tanh(autograd.linear(h, leaves[2], leaves[3]))
    loss = autograd.mse(autograd.linear(h, leaves[4], leaves[5]), target)
    messages: dict[Node, Any] = {loss.node: np.float32(1)}
    calls: list[tuple[Any, Node, Any]] = []
    for node in falling(messages):
        assert node.primitive is not None
        for rule, parent in zip(node.primitive.pullbacks, node.parents, strict=True):
            if parent is not None and parent.requires_grad and rule is not None:
                calls.append((rule, node, messages[node]))
                messages[parent] = rule(node, messages[node], ())

    def run() -> None:
        for rule, node, y_bar in calls:
            rule(node, y_bar, ())

    return run


def main() -> None:
    """Print the table, medians in µs."""
    ways = {"by hand": by_hand(), "functions": with_functions(), "nn": with_nn()}
    rules = rules_alone()
    taken: dict[str, list[list[float]]] = {name: [] for name in ways}
    alone: list[float] = []
    for _ in range(SAMPLES):
        for name, run in ways.items():
            taken[name].append(phases(run))
        start = time.perf_counter()
        for _ in range(STEPS):
            rules()
        alone.append((time.perf_counter() - start) / STEPS)
    medians = {name: [statistics.median(column) * 1e6 for column in zip(*taken[name], strict=True)] for name in ways}
    print(f"{'µs':26}" + "".join(f"{name:>12}" for name in ways))
    for i, phase in enumerate(PHASES):
        print(f"{phase:26}" + "".join(f"{medians[name][i]:12.1f}" for name in ways))
        if phase == "backward":
            print(f"{'  the rules alone':26}{'':12}{statistics.median(alone) * 1e6:12.1f}")
    print(f"{'together':26}" + "".join(f"{sum(medians[name]):12.1f}" for name in ways))
    print(f"{'ratio to by hand':26}" + "".join(f"{sum(medians[n]) / sum(medians['by hand']):12.2f}" for n in ways))


if __name__ == "__main__":
    main()
