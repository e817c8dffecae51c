"""The computations that the tests of this room look at."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

import autograd
from autograd import Parameter, Tensor


def regression() -> Tensor:
    """The course's L = (x·w + b − y)²."""
    x, y = Tensor(1.0, requires_grad=True, name="x"), Tensor(2.0, requires_grad=True, name="y")
    w, b = Parameter(5.0, name="w"), Parameter(1.0, name="b")
    loss = (x * w + b - y) ** 2
    loss.name = "L"
    return loss


def product_of_sum() -> Tensor:
    """The course's f = z(x + y) at (−2, 5, −4)."""
    x, y, z = (Tensor(v, requires_grad=True, name=n) for n, v in (("x", -2.0), ("y", 5.0), ("z", -4.0)))
    q = x + y
    q.name = "q"
    f = z * q
    f.name = "f"
    return f


def network() -> Tensor:
    """The course's 2-2-2 network of sigmoids, E = ½Σ(o − t)²."""
    inputs = [Tensor(v, name=n) for n, v in (("i₁", 0.05), ("i₂", 0.10))]
    w = [Parameter(0.15 + 0.05 * k, name=f"w{'₁₂₃₄'[k]}") for k in range(4)]
    u = [Parameter(0.40 + 0.05 * k, name=f"w{'₅₆₇₈'[k]}") for k in range(4)]
    b1, b2 = Parameter(0.35, name="b₁"), Parameter(0.60, name="b₂")
    h = [autograd.sigmoid(inputs[0] * w[2 * k] + inputs[1] * w[2 * k + 1] + b1) for k in range(2)]
    o = [autograd.sigmoid(h[0] * u[2 * k] + h[1] * u[2 * k + 1] + b2) for k in range(2)]
    for tensor, name in zip([*h, *o], ("h₁", "h₂", "o₁", "o₂"), strict=True):
        tensor.name = name
    targets = Tensor(0.01, name="t₁"), Tensor(0.99, name="t₂")
    error = 0.5 * ((o[0] - targets[0]) ** 2 + (o[1] - targets[1]) ** 2)
    error.name = "E"
    return error


def chain(length: int) -> Tensor:
    """A product of ``length`` factors, each the same parameter."""
    y, w = Tensor(1.0, requires_grad=True, name="x"), Parameter(1.0, name="w")
    for _ in range(length):
        y = y * w
    return y


def tangle(length: int) -> Tensor:
    """A graph in which nothing repeats: each value is made from the last and one of those before it."""
    rng = np.random.default_rng(0)
    values: list[Tensor] = [Parameter(rng.normal(), name=f"p{i}") for i in range(20)]
    steps = (
        lambda a, b: a + b,
        lambda a, b: a - b,
        lambda a, b: autograd.tanh(a) + b,
        lambda a, b: autograd.sin(a) - b,
    )
    for _ in range(length):
        values.append(steps[rng.integers(4)](values[-1 - rng.integers(20)], values[-1]))
    return values[-1]


def _leaf(values: object, name: str) -> Tensor:
    return Tensor(values, requires_grad=True, dtype=float, name=name)


def square() -> Tensor:
    x = _leaf(3, "x")
    return x * x


def constants() -> Tensor:
    x = _leaf([1, 2, 3], "x")
    return (np.array([2.0, 0.0, -1.0]) * x + 1 - x / 4 + np.float64(0.5)) ** 3


def broadcast() -> Tensor:
    return (_leaf([[1, 2, 3], [4, 5, 6]], "a") * _leaf([1, 0, -1], "b") + _leaf([[1], [2]], "c")).sum()


def chosen() -> Tensor:
    x = _leaf([-1.0, 4.0], "x")
    with np.errstate(invalid="ignore"):
        return autograd.where(x > 0, autograd.sqrt(x), -x).sum()


def reductions() -> Tensor:
    x = _leaf([[1, 2, 3], [4, 5, 7]], "x")
    return x.mean(axis=0).max() + x.prod(axis=1).sum() - x.var() + x.logsumexp()


def matrices() -> Tensor:
    A, B = _leaf(np.arange(6).reshape(2, 3) / 10, "A"), _leaf(np.arange(6).reshape(3, 2) / 5 - 0.4, "B")
    return autograd.tanh(A @ B).sum()


def classifier() -> Tensor:
    rng = np.random.default_rng(0)
    W, b = Parameter(rng.normal(size=(3, 4)), name="W"), Parameter(np.zeros(3), name="b")
    return autograd.cross_entropy(autograd.linear(rng.normal(size=(2, 4)), W, b), np.array([2, 0]))


def layers() -> Tensor:
    rng = np.random.default_rng(0)
    W, b = Parameter(rng.normal(size=(784, 128)) / 28, name="W"), Parameter(np.zeros(128), name="b")
    V = Parameter(rng.normal(size=(128, 10)), name="V")
    z = autograd.relu(Tensor(rng.normal(size=(64, 784)), name="X") @ W + b) @ V
    return autograd.cross_entropy(z, rng.integers(0, 10, 64))


def pieces() -> Tensor:
    x = _leaf([3, 1, 2], "x")
    return autograd.concatenate([x[::-1], x[np.array([0, 0])]]) @ np.arange(5.0)


def single_precision() -> Tensor:
    x = Tensor([0.5, 9.0], requires_grad=True, dtype=np.float32, name="x")
    return autograd.sigmoid(x * x)


def broken() -> Tensor:
    x = _leaf([0, 1], "x")
    with np.errstate(all="ignore"):
        return autograd.sqrt(x - 1).sum() + autograd.log(x).sum()


EXAMPLES: dict[str, Callable[[], Tensor]] = {
    f.__name__: f
    for f in (
        regression, product_of_sum, network, square, constants, broadcast, chosen, reductions, matrices, classifier,
        layers, pieces, single_precision, broken,
    )
} | {"chain": lambda: chain(500)}  # fmt: skip
