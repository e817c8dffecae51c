"""The workloads in JAX, compiled by jit; the compiling isn't timed, except in a fresh process."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from workloads import rosenbrock, weights

jax.config.update("jax_enable_x64", True)


def _loss(parameters: Any, x: Any, target: Any, activation: str, loss: str) -> Any:
    for i in range(0, len(parameters) - 2, 2):
        x = getattr(jnp if activation == "tanh" else jax.nn, activation)(x @ parameters[i].T + parameters[i + 1])
    y = x @ parameters[-2].T + parameters[-1]
    if loss == "mse":
        return ((y - target) ** 2).mean()
    return -jnp.take_along_axis(jax.nn.log_softmax(y), jnp.asarray(target)[..., None], axis=-1).mean()


def training_step(sizes: tuple[int, ...], activation: str, loss: str) -> Callable[[Any], Any]:
    parameters = [jnp.asarray(w) for w in weights(sizes)]
    state = [jnp.zeros_like(p) for p in parameters], [jnp.zeros_like(p) for p in parameters], jnp.zeros((), jnp.float32)
    one = jnp.float32

    @jax.jit
    def update(parameters: Any, state: Any, x: Any, target: Any) -> Any:
        gradients = jax.grad(_loss)(parameters, x, target, activation, loss)
        mean, square, steps = state
        steps = steps + one(1)
        mean = [one(0.9) * m + one(0.1) * g for m, g in zip(mean, gradients, strict=True)]
        square = [one(0.999) * v + one(0.001) * g * g for v, g in zip(square, gradients, strict=True)]
        first, second = 1 - one(0.9) ** steps, jnp.sqrt(1 - one(0.999) ** steps)
        changed = [
            p - one(1e-3) * (m / first) / (jnp.sqrt(v) / second + one(1e-8))
            for p, m, v in zip(parameters, mean, square, strict=True)
        ]
        return changed, (mean, square, steps)

    def run(batch: Any) -> Any:
        nonlocal parameters, state
        parameters, state = update(parameters, state, *batch)
        jax.block_until_ready(parameters)
        return parameters

    return run


def _compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    quick = jax.jit(function)
    return lambda *inputs: jax.block_until_ready(quick(*inputs))


def gelu() -> Callable[[Any], Any]:
    return _compiled(jax.grad(lambda x: jax.nn.gelu(x, approximate=False).sum()))


def jacobian() -> Callable[[Any], Any]:
    W1, b1, W2, b2 = weights((100, 100, 100), np.float64)
    return _compiled(jax.jacrev(lambda x: jnp.tanh(W2 @ jnp.tanh(W1 @ x + b1) + b2)))


def hessian() -> Callable[[Any], Any]:
    return _compiled(jax.hessian(rosenbrock))


def hvp() -> Callable[[Any], Any]:
    return _compiled(lambda pair: jax.jvp(jax.grad(rosenbrock), (pair[0],), (pair[1],))[1])


def per_example(sizes: tuple[int, ...]) -> Callable[[Any], Any]:
    parameters = weights(sizes)
    each = jax.vmap(jax.grad(lambda p, x, t: _loss(p, x, t, "relu", "cross_entropy")), in_axes=(None, 0, 0))
    quick = _compiled(each)
    return lambda batch: quick(parameters, *batch)


def einsum() -> Callable[[Any], Any]:
    return _compiled(jax.grad(lambda matrices: (jnp.einsum("ij,jk,kl,lm->im", *matrices) ** 2).sum()))


def first_gradient() -> Any:
    return jax.grad(lambda x: (jnp.tanh(x) * x).sum())(jnp.array([1.0, 2.0, 3.0], jnp.float32))
