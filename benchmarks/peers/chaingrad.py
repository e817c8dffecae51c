"""The workloads as a user of this library writes them."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Any

import numpy as np
from workloads import GOAL, chain, mnist_arrays, network, rosenbrock, weights

import autograd
import nn
from autograd import Tensor

ACTIVATIONS = {"tanh": nn.Tanh, "relu": nn.ReLU}
LOSSES = {"mse": nn.MSELoss, "cross_entropy": nn.CrossEntropyLoss}


def scalar_chain(rounds: int) -> Callable[[float], Any]:
    def run(start: float) -> Any:
        leaves = [Tensor(v, requires_grad=True) for v in (start, 0.9, 0.1)]
        chain(*leaves, rounds).backward()
        return [leaf.grad for leaf in leaves]

    return run


def scalar_network(layers: tuple[int, ...]) -> Callable[[Any], Any]:
    parameters = [Tensor(float(w), requires_grad=True) for part in weights(layers, float) for w in part.ravel()]

    def run(inputs: Any) -> Any:
        for p in parameters:
            p.grad = None
        network(parameters, inputs, layers).backward()
        return [p.grad for p in parameters]

    return run


def _model(sizes: tuple[int, ...], activation: str = "relu") -> nn.Sequential:
    drawn = iter(weights(sizes))
    layers: list[nn.Module] = []
    for n, m in itertools.pairwise(sizes):
        layer = nn.Linear(n, m)
        layer.weight.assign_(next(drawn))
        layer.bias.assign_(next(drawn))
        layers += [layer, ACTIVATIONS[activation]()]
    return nn.Sequential(*layers[:-1])


def _steps(model: nn.Module, loss: Callable[[Any, Any], Tensor]) -> Callable[[Any], Any]:
    parameters = list(model.parameters())
    optimizer = nn.optim.Adam(parameters)

    def run(batch: Any) -> Any:
        x, target = batch
        optimizer.zero_grad()
        loss(model(x), target).backward()
        optimizer.step()
        return parameters

    return run


def training_step(sizes: tuple[int, ...], activation: str, loss: str) -> Callable[[Any], Any]:
    return _steps(_model(sizes, activation), LOSSES[loss]())


def engine_step(sizes: tuple[int, ...], activation: str, loss: str) -> Callable[[Any], Any]:
    """Write the same step with functions alone, and Adam on the flat buffer as by hand."""
    leaves = [Tensor(w, requires_grad=True) for w in weights(sizes)]
    flat = autograd.Flat(leaves)
    mean, square = np.zeros_like(flat.value), np.zeros_like(flat.value)
    steps = 0
    act = getattr(autograd, activation)
    compare = autograd.mse if loss == "mse" else autograd.cross_entropy

    def run(batch: Any) -> Any:
        nonlocal steps, mean, square
        h, target = batch
        for i in range(0, len(leaves) - 2, 2):
            h = act(autograd.linear(h, leaves[i], leaves[i + 1]))
        compare(autograd.linear(h, leaves[-2], leaves[-1]), target).backward()
        gradient = flat.gradient()
        flat.zero_grad()
        flat.stamp()
        steps += 1
        mean *= 0.9
        mean += 0.1 * gradient
        square *= 0.999
        square += 0.001 * gradient * gradient
        correction = math.sqrt(1 - 0.999**steps)
        change = np.sqrt(square)
        change += 1e-8 * correction
        change = mean / change
        change *= 1e-3 * correction / (1 - 0.9**steps)
        flat.value -= change
        return leaves

    return run


def convolution_step() -> Callable[[Any], Any]:
    first, second, last = weights((9, 8)), weights((72, 16)), weights((784, 10))
    model = nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(8, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(784, 10),
    )  # fmt: skip
    for parameter, value in zip(model.parameters(), [*first, *second, *last], strict=True):
        parameter.assign_(value.reshape(parameter.shape))
    return _steps(model, nn.CrossEntropyLoss())


class _Recurrent(nn.Module):
    """An LSTM, and an affine map of its last output."""

    def __init__(self) -> None:
        self.lstm = nn.LSTM(1, 32, batch_first=True)
        self.head = nn.Linear(32, 1)

    def forward(self, input: Any) -> Tensor:
        output, _ = self.lstm(input)
        result: Tensor = self.head(output[:, -1])
        return result


def lstm_step() -> Callable[[Any], Any]:
    model = _Recurrent()
    rng = np.random.default_rng(0)
    for parameter in model.parameters():
        parameter.assign_(rng.uniform(-0.18, 0.18, parameter.shape))
    return _steps(model, nn.MSELoss())


def gelu() -> Callable[[Any], Any]:
    def run(x: Any) -> Any:
        leaf = Tensor(x, requires_grad=True)
        autograd.gelu(leaf).sum().backward()
        return leaf.grad

    return run


def normalised_gelu() -> Callable[[Any], Any]:
    layer = nn.LayerNorm(1000)

    def run(x: Any) -> Any:
        layer.zero_grad()
        autograd.gelu(layer(Tensor(x))).sum().backward()
        return [p.grad for p in layer.parameters()]

    return run


def jacobian() -> Callable[[Any], Any]:
    W1, b1, W2, b2 = weights((100, 100, 100), np.float64)
    return autograd.jacobian(lambda x: np.tanh(autograd.linear(np.tanh(autograd.linear(x, W1, b1)), W2, b2)))


def hessian() -> Callable[[Any], Any]:
    return autograd.hessian(rosenbrock)


def hvp() -> Callable[[Any], Any]:
    return lambda pair: autograd.hvp(rosenbrock, (pair[0],), (pair[1],))


def per_example(sizes: tuple[int, ...]) -> Callable[[Any], Any]:
    W1, b1, W2, b2 = weights(sizes)

    def loss(parameters: Any, x: Any, target: Any) -> Tensor:
        W1, b1, W2, b2 = parameters
        return autograd.cross_entropy(autograd.linear(autograd.relu(autograd.linear(x, W1, b1)), W2, b2), target)

    each = autograd.vmap(autograd.grad(loss), in_axes=(None, 0, 0))
    return lambda batch: each([W1, b1, W2, b2], *batch)


def einsum() -> Callable[[Any], Any]:
    both = autograd.value_and_grad(lambda matrices: (np.einsum("ij,jk,kl,lm->im", *matrices) ** 2).sum())
    return lambda matrices: both(matrices)[1]


def first_gradient() -> Any:
    x = Tensor([1.0, 2.0, 3.0], requires_grad=True)
    (x.tanh() * x).sum().backward()
    return x.grad


class _Goal(nn.Callback):
    """Stop when the test set is known well enough."""

    def __init__(self, x: Any, y: Any) -> None:
        self.x, self.y = x, y

    def after_epoch(self, run: Any) -> None:
        run.model.eval()
        with autograd.no_grad():
            right = (run.model(self.x).data.argmax(axis=1) == self.y).mean()
        run.model.train()
        if right >= GOAL:
            run.stop("known well enough")


def mnist(sizes: tuple[int, ...]) -> Any:
    x, y, x_test, y_test = mnist_arrays()
    model = _model(sizes)

    def fit() -> int:
        history = nn.fit(
            model, (x, y), loss=nn.CrossEntropyLoss(), optimizer=nn.optim.Adam, epochs=30, batch_size=128, rng=0,
            callbacks=[_Goal(x_test, y_test)], progress=False,
        )  # fmt: skip
        return len(history["loss"])

    return fit
