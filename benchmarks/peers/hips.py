"""The workloads in HIPS autograd."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import autograd.numpy as np
from workloads import rosenbrock, weights

import autograd


def scalar_chain(rounds: int) -> Callable[[float], Any]:
    from workloads import chain

    gradient = autograd.grad(lambda v: chain(v[0], v[1], v[2], rounds))
    return lambda start: gradient(np.array([start, 0.9, 0.1]))


def jacobian() -> Callable[[Any], Any]:
    W1, b1, W2, b2 = weights((100, 100, 100), float)
    return autograd.jacobian(lambda x: np.tanh(np.dot(W2, np.tanh(np.dot(W1, x) + b1)) + b2))


def hessian() -> Callable[[Any], Any]:
    return autograd.hessian(lambda x: np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2))


def hvp() -> Callable[[Any], Any]:
    product = autograd.hessian_vector_product(rosenbrock)
    return lambda pair: product(pair[0], pair[1])


def einsum() -> Callable[[Any], Any]:
    return autograd.grad(lambda matrices: np.sum(np.einsum("ij,jk,kl,lm->im", *matrices) ** 2))


def first_gradient() -> Any:
    return autograd.grad(lambda x: np.sum(np.tanh(x) * x))(np.array([1.0, 2.0, 3.0]))
