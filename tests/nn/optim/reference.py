"""The published update rules, one parameter at a time in plain NumPy, written from the papers and PyTorch's manual.

Each is a generator: it is sent a gradient and yields the new parameter. ``GRID`` has the settings to try.
"""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np


def _graded(p: Any, g: Any, weight_decay: float, maximize: bool) -> Any:
    return (-g if maximize else g) + weight_decay * p


def sgd(p, lr=1e-3, momentum=0.0, dampening=0.0, weight_decay=0.0, nesterov=False, maximize=False):
    b = None
    while True:
        g = _graded(p, (yield p), weight_decay, maximize)
        if momentum:
            b = g if b is None else momentum * b + (1 - dampening) * g
            g = g + momentum * b if nesterov else b
        p = p - lr * g


def adagrad(p, lr=1e-2, lr_decay=0.0, weight_decay=0.0, initial_accumulator_value=0.0, eps=1e-10, maximize=False):
    total = np.full_like(p, initial_accumulator_value)
    for t in itertools.count(1):
        g = _graded(p, (yield p), weight_decay, maximize)
        total = total + g**2
        p = p - lr / (1 + (t - 1) * lr_decay) * g / (np.sqrt(total) + eps)


def adadelta(p, lr=1.0, rho=0.9, eps=1e-6, weight_decay=0.0, maximize=False):
    v, u = np.zeros_like(p), np.zeros_like(p)
    while True:
        g = _graded(p, (yield p), weight_decay, maximize)
        v = rho * v + (1 - rho) * g**2
        delta = np.sqrt(u + eps) / np.sqrt(v + eps) * g
        u = rho * u + (1 - rho) * delta**2
        p = p - lr * delta


def rmsprop(p, lr=1e-2, alpha=0.99, eps=1e-8, weight_decay=0.0, momentum=0.0, centered=False, maximize=False):
    v, b, mean = np.zeros_like(p), np.zeros_like(p), np.zeros_like(p)
    while True:
        g = _graded(p, (yield p), weight_decay, maximize)
        v = alpha * v + (1 - alpha) * g**2
        mean = alpha * mean + (1 - alpha) * g
        spread = v - mean**2 if centered else v
        b = momentum * b + g / (np.sqrt(spread) + eps)
        p = p - lr * b


def adam(
    p, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0, amsgrad=False, maximize=False,
    decoupled_weight_decay=False,
):  # fmt: skip
    m, v, top = np.zeros_like(p), np.zeros_like(p), np.zeros_like(p)
    for t in itertools.count(1):
        g = _graded(p, (yield p), 0.0 if decoupled_weight_decay else weight_decay, maximize)
        if decoupled_weight_decay:
            p = p - lr * weight_decay * p
        m = betas[0] * m + (1 - betas[0]) * g
        v = betas[1] * v + (1 - betas[1]) * g**2
        top = np.maximum(top, v) if amsgrad else v
        p = p - lr * (m / (1 - betas[0] ** t)) / (np.sqrt(top / (1 - betas[1] ** t)) + eps)


def adamw(p, weight_decay=1e-2, **rest):
    return adam(p, weight_decay=weight_decay, decoupled_weight_decay=True, **rest)


def adamax(p, lr=2e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0, maximize=False):
    m, u = np.zeros_like(p), np.zeros_like(p)
    for t in itertools.count(1):
        g = _graded(p, (yield p), weight_decay, maximize)
        m = betas[0] * m + (1 - betas[0]) * g
        u = np.maximum(betas[1] * u, np.abs(g) + eps)
        p = p - lr * m / ((1 - betas[0] ** t) * u)


def nadam(
    p, lr=2e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0, momentum_decay=4e-3, decoupled_weight_decay=False,
    maximize=False,
):  # fmt: skip
    m, v, mus = np.zeros_like(p), np.zeros_like(p), []
    for t in itertools.count(1):
        g = _graded(p, (yield p), 0.0 if decoupled_weight_decay else weight_decay, maximize)
        if decoupled_weight_decay:
            p = p - lr * weight_decay * p
        mu, mu_next = (betas[0] * (1 - 0.96 ** (s * momentum_decay) / 2) for s in (t, t + 1))
        mus.append(mu)
        m = betas[0] * m + (1 - betas[0]) * g
        v = betas[1] * v + (1 - betas[1]) * g**2
        ahead = mu_next * m / (1 - np.prod([*mus, mu_next])) + (1 - mu) * g / (1 - np.prod(mus))
        p = p - lr * ahead / (np.sqrt(v / (1 - betas[1] ** t)) + eps)


def radam(p, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0, decoupled_weight_decay=False, maximize=False):
    m, v = np.zeros_like(p), np.zeros_like(p)
    longest = 2 / (1 - betas[1]) - 1
    for t in itertools.count(1):
        g = _graded(p, (yield p), 0.0 if decoupled_weight_decay else weight_decay, maximize)
        if decoupled_weight_decay:
            p = p - lr * weight_decay * p
        m = betas[0] * m + (1 - betas[0]) * g
        v = betas[1] * v + (1 - betas[1]) * g**2
        now = longest - 2 * t * betas[1] ** t / (1 - betas[1] ** t)
        change = m / (1 - betas[0] ** t)
        if now > 5:
            r = np.sqrt((now - 4) * (now - 2) * longest / ((longest - 4) * (longest - 2) * now))
            change = change * r * np.sqrt(1 - betas[1] ** t) / (np.sqrt(v) + eps)
        p = p - lr * change


def asgd(p, lr=1e-2, lambd=1e-4, alpha=0.75, t0=1e6, weight_decay=0.0, maximize=False):
    eta = lr
    for t in itertools.count(1):
        g = _graded(p, (yield p), weight_decay, maximize)
        p = p - lambd * eta * p - eta * g
        eta = lr / (1 + lambd * lr * t) ** alpha


def rprop(p, lr=1e-2, etas=(0.5, 1.2), step_sizes=(1e-6, 50), maximize=False):
    step, before = np.full_like(p, lr), np.zeros_like(p)
    while True:
        g = _graded(p, (yield p), 0.0, maximize)
        step = np.where(g * before > 0, np.minimum(step * etas[1], step_sizes[1]), step)
        step = np.where(g * before < 0, np.maximum(step * etas[0], step_sizes[0]), step)
        g = np.where(g * before < 0, 0.0, g)
        p, before = p - np.sign(g) * step, g


def grid(**choices: Any) -> list[dict[str, Any]]:
    """Return every combination of the choices."""
    return [dict(zip(choices, values, strict=True)) for values in itertools.product(*choices.values())]


_DECAY = {"weight_decay": [0.0, 0.1], "maximize": [False, True]}
_BETAS = {"betas": [(0.9, 0.999), (0.5, 0.7)], "eps": [1e-8, 1e-3], "lr": [0.02]}
_DECOUPLED = {"decoupled_weight_decay": [False, True]}

GRID: dict[str, tuple[Any, list[dict[str, Any]]]] = {
    "SGD": (
        sgd,
        [
            *grid(lr=[0.05], momentum=[0.0, 0.9], dampening=[0.0, 0.3], **_DECAY),
            *grid(lr=[0.05], momentum=[0.9], nesterov=[True], **_DECAY),
        ],
    ),
    "Adagrad": (
        adagrad,
        grid(lr=[0.1], lr_decay=[0.0, 0.1], initial_accumulator_value=[0.0, 0.5], eps=[1e-10, 1e-2], **_DECAY),
    ),
    "Adadelta": (adadelta, grid(lr=[1.0, 0.5], rho=[0.9, 0.5], eps=[1e-6, 1e-2], **_DECAY)),
    "RMSprop": (
        rmsprop,
        grid(lr=[0.02], alpha=[0.99, 0.5], eps=[1e-8, 1e-2], momentum=[0.0, 0.8], centered=[False, True], **_DECAY),
    ),
    "Adam": (adam, grid(amsgrad=[False, True], **_BETAS, **_DECOUPLED, **_DECAY)),
    "AdamW": (adamw, [{}, *grid(amsgrad=[False, True], **_BETAS, **_DECAY)]),
    "Adamax": (adamax, grid(**_BETAS, **_DECAY)),
    "NAdam": (nadam, grid(momentum_decay=[4e-3, 0.1], **_BETAS, **_DECOUPLED, **_DECAY)),
    "RAdam": (radam, grid(**_BETAS, **_DECOUPLED, **_DECAY)),
    "ASGD": (asgd, grid(lr=[0.05], lambd=[1e-4, 0.1], alpha=[0.75, 0.5], t0=[1e6, 5], **_DECAY)),
    "Rprop": (
        rprop,
        grid(lr=[0.02, 0.1], etas=[(0.5, 1.2), (0.3, 1.5)], step_sizes=[(1e-6, 50), (0.01, 0.1)],
             maximize=[False, True]),
    ),
}  # fmt: skip
