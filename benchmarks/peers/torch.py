"""The workloads in PyTorch, in the way its own documentation recommends: fused Adam, torch.func for transforms."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.func import functional_call, grad, jacrev, jvp, vmap
from torch.func import hessian as hessian_of
from workloads import GOAL, chain, mnist_arrays, network, rosenbrock, weights

ACTIVATIONS = {"tanh": nn.Tanh, "relu": nn.ReLU}
LOSSES = {"mse": nn.MSELoss, "cross_entropy": nn.CrossEntropyLoss}
tensor = torch.from_numpy


def scalar_chain(rounds: int) -> Callable[[float], Any]:
    def run(start: float) -> Any:
        leaves = [torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in (start, 0.9, 0.1)]
        chain(*leaves, rounds).backward()
        return [leaf.grad for leaf in leaves]

    return run


def scalar_network(layers: tuple[int, ...]) -> Callable[[Any], Any]:
    drawn = [w for part in weights(layers, np.float64) for w in part.ravel()]
    parameters = [torch.tensor(w, dtype=torch.float64, requires_grad=True) for w in drawn]

    def run(inputs: Any) -> Any:
        for p in parameters:
            p.grad = None
        network(parameters, inputs, layers).backward()
        return [p.grad for p in parameters]

    return run


def _fill(model: nn.Module, values: Any) -> None:
    with torch.no_grad():
        for parameter, value in zip(model.parameters(), values, strict=True):
            parameter.copy_(tensor(np.asarray(value, np.float32).reshape(parameter.shape)))


def _model(sizes: tuple[int, ...], activation: str = "relu") -> nn.Module:
    layers = [part for n, m in itertools.pairwise(sizes) for part in (nn.Linear(n, m), ACTIVATIONS[activation]())]
    model = nn.Sequential(*layers[:-1])
    _fill(model, weights(sizes))
    return model


def _steps(model: nn.Module, loss: Callable[[Any, Any], Any]) -> Callable[[Any], Any]:
    optimizer = torch.optim.Adam(model.parameters(), fused=True)
    parameters = list(model.parameters())

    def run(batch: Any) -> Any:
        x, target = map(tensor, batch)
        optimizer.zero_grad()
        loss(model(x), target).backward()
        optimizer.step()
        return parameters

    return run


def training_step(sizes: tuple[int, ...], activation: str, loss: str) -> Callable[[Any], Any]:
    return _steps(_model(sizes, activation), LOSSES[loss]())


def convolution_step() -> Callable[[Any], Any]:
    model = nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(8, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(784, 10),
    )  # fmt: skip
    _fill(model, [*weights((9, 8)), *weights((72, 16)), *weights((784, 10))])
    return _steps(model, nn.CrossEntropyLoss())


class _Recurrent(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.lstm = nn.LSTM(1, 32, batch_first=True)
        self.head = nn.Linear(32, 1)

    def forward(self, input: Any) -> Any:
        output, _ = self.lstm(input)
        return self.head(output[:, -1])


def lstm_step() -> Callable[[Any], Any]:
    model = _Recurrent()
    rng = np.random.default_rng(0)
    _fill(model, [rng.uniform(-0.18, 0.18, tuple(p.shape)) for p in model.parameters()])
    return _steps(model, nn.MSELoss())


def gelu() -> Callable[[Any], Any]:
    def run(x: Any) -> Any:
        leaf = tensor(x).requires_grad_()
        nn.functional.gelu(leaf).sum().backward()
        return leaf.grad

    return run


def normalised_gelu() -> Callable[[Any], Any]:
    layer = nn.LayerNorm(1000)

    def run(x: Any) -> Any:
        layer.zero_grad()
        nn.functional.gelu(layer(tensor(x))).sum().backward()
        return [p.grad for p in layer.parameters()]

    return run


def jacobian() -> Callable[[Any], Any]:
    W1, b1, W2, b2 = map(tensor, weights((100, 100, 100), np.float64))
    full = jacrev(lambda x: torch.tanh(W2 @ torch.tanh(W1 @ x + b1) + b2))
    return lambda x: full(tensor(x))


def hessian() -> Callable[[Any], Any]:
    full = hessian_of(rosenbrock)
    return lambda x: full(tensor(x))


def hvp() -> Callable[[Any], Any]:
    return lambda pair: jvp(grad(rosenbrock), (tensor(pair[0]),), (tensor(pair[1]),))[1]


def per_example(sizes: tuple[int, ...]) -> Callable[[Any], Any]:
    model = _model(sizes)
    parameters = {name: p.detach() for name, p in model.named_parameters()}

    def loss(parameters: Any, x: Any, target: Any) -> Any:
        return nn.functional.cross_entropy(functional_call(model, parameters, x), target)

    each = vmap(grad(loss), in_dims=(None, 0, 0))
    return lambda batch: list(each(parameters, *map(tensor, batch)).values())


def einsum() -> Callable[[Any], Any]:
    def run(matrices: Any) -> Any:
        leaves = [tensor(m).requires_grad_() for m in matrices]
        (torch.einsum("ij,jk,kl,lm->im", *leaves) ** 2).sum().backward()
        return [leaf.grad for leaf in leaves]

    return run


def first_gradient() -> Any:
    x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
    (x.tanh() * x).sum().backward()
    return x.grad


def mnist(sizes: tuple[int, ...]) -> Callable[[], int]:
    x, y, x_test, y_test = map(tensor, mnist_arrays())
    model = _model(sizes)

    def fit() -> int:
        torch.manual_seed(0)
        loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(x, y), batch_size=128, shuffle=True)
        optimizer = torch.optim.Adam(model.parameters(), fused=True)
        compare = nn.CrossEntropyLoss()
        for epoch in range(30):
            for inputs, target in loader:
                optimizer.zero_grad()
                compare(model(inputs), target).backward()
                optimizer.step()
            with torch.no_grad():
                if (model(x_test).argmax(dim=1) == y_test).float().mean() >= GOAL:
                    return epoch + 1
        return 30

    return fit
