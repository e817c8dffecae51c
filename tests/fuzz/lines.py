"""What a line of a random program can be: every function here takes values of any shape, and a knob that chooses.

Nothing grows: values stay within a few units, so that a long program stays where differences are worth believing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import autograd
from autograd import checkpoint, custom_gradient, custom_root, grad, hvp, jacfwd, jacobian, jvp, vjp, vmap
from autograd import linalg as la

LARGEST = 48  # entries; what is larger is averaged down

One = Callable[[Any, int], Any]
Two = Callable[[Any, Any, int], Any]


def axis_of(a: Any, k: int) -> int:
    """Return an axis of a, counted from either end."""
    return k % (2 * a.ndim) - a.ndim


def vector(a: Any) -> Any:
    return a.reshape(-1)


def matrix(a: Any) -> Any:
    """Return a as a matrix: a vector times a fixed row, further axes laid side by side."""
    if a.ndim < 2:
        return vector(a)[:4, None] * np.array([[1.0, -0.5, 0.25]])
    return (a.reshape(a.shape[0], -1) if a.size else a.reshape(-1, 1))[:4, :4]


def square(a: Any) -> Any:
    m = matrix(a)
    n = min(m.shape)
    return m[:n, :n]


def regular(a: Any) -> Any:
    """Return a square matrix that is well away from singular."""
    m = np.sin(square(a))
    return m + 4.0 * np.eye(len(m))


def symmetric(a: Any) -> Any:
    m = np.sin(square(a))
    return (m + m.T) / 2 + np.diag(4.0 * np.arange(len(m)))  # eigenvalues apart


def mean(a: Any) -> Any:
    """Return the mean of all entries; of none, 0."""
    return a.mean() if a.size else a.sum()


def mask(a: Any, k: int) -> Any:
    """Return a pattern of booleans in the shape of a."""
    return (np.arange(a.size).reshape(a.shape) * 7 + k) % 3 > 0


def meeting(a: Any, b: Any) -> Any:
    """Return b such that it broadcasts with a."""
    try:
        np.broadcast_shapes(a.shape, b.shape)
    except ValueError:
        return mean(b)
    return b


def along(function: Callable[..., Any]) -> One:
    """Return a reduction over an axis, a pair of axes or all, with or without keepdims."""

    def reduced(a: Any, k: int) -> Any:
        keepdims, k = bool(k % 2), k // 2
        if not a.ndim or k % 3 == 0:
            return function(a, axis=None, keepdims=keepdims)
        if a.ndim > 1 and k % 3 == 1:
            return function(a, axis=(0, -1), keepdims=keepdims)
        return function(a, axis=axis_of(a, k // 3), keepdims=keepdims)

    return reduced


def axiswise(function: Callable[..., Any]) -> One:
    """Return a function of the entries along one axis."""
    return lambda a, k: function(a if a.ndim else a.reshape(1), axis=axis_of(a, k) if a.ndim else 0) if a.size else a


def elementwise(function: Callable[[Any], Any]) -> One:
    return lambda a, k: function(a)


SMOOTH = {
    "sin": np.sin,
    "cos": np.cos,
    "tanh": np.tanh,
    "arctan": np.arctan,
    "sigmoid": autograd.sigmoid,
    "softplus": autograd.softplus,
    "gelu": autograd.gelu,
    "silu": autograd.silu,
    "elu": autograd.elu,
    "erf": autograd.erf,
    "negative": lambda a: -a,
    "square": lambda a: np.square(np.sin(a)),
    "cube": lambda a: np.sin(a) ** 3,
    "exp": lambda a: np.exp(np.sin(a)) / 2,
    "expm1": lambda a: np.expm1(np.sin(a)),
    "log": lambda a: np.log(a * a + 1.5),
    "log1p": lambda a: np.log1p(np.square(np.sin(a))),
    "sqrt": lambda a: np.sqrt(a * a + 0.7),
    "reciprocal": lambda a: 1.0 / (2.0 + np.cos(a)),
    "arcsin": lambda a: np.arcsin(0.8 * np.sin(a)),
    "sinh": lambda a: np.sinh(np.sin(a)),
    "root": lambda a: (2.5 + np.sin(a)) ** 0.3,
    "logit": lambda a: autograd.logit(0.5 + 0.4 * np.sin(a)),
    "rsqrt": lambda a: autograd.rsqrt(1.5 + np.sin(a)),
}
KINKED = {
    "relu": autograd.relu,
    "absolute": np.absolute,
    "clip": lambda a: np.clip(a, -0.5, 0.5),
    "leaky": autograd.leaky_relu,
    "sign": lambda a: np.sign(a) * np.sin(a),
    "sorted": lambda a: np.sort(vector(a)),
    "step": lambda a: np.floor(3 * a) / 3 + np.sin(a),
    # each of these has an infinite or undefined derivative on the branch that isn't taken
    "safe_sqrt": lambda a: autograd.where(a > 0.25, np.sqrt(a), a + 0.25),
    "safe_log": lambda a: autograd.where(a > 0.5, np.log(a), a - 0.5),
    "safe_divide": lambda a: autograd.where(np.abs(a) > 0.5, 1 / a, a),
    "masked_out": lambda a: (1 / ((2 + np.sin(a)) * mask(a, 1)))[mask(a, 1)] if a.ndim and mask(a, 1).any() else a,
}
REDUCTIONS = {
    "sum": along(lambda a, **how: np.tanh(np.sum(a, **how))),
    "mean": along(lambda a, **how: np.mean(a, **how) if a.size else np.sum(a, **how)),
    "prod": along(lambda a, **how: np.prod(np.cos(a), **how)),
    "var": along(lambda a, **how: np.var(a, **how) if a.size else np.sum(a, **how)),
    "std": along(
        lambda a, **how: (np.std if a.size else np.sum)(a + 3.0 * np.arange(a.size).reshape(a.shape), **how) / 9
    ),
    "logsumexp": along(lambda a, **how: (autograd.logsumexp if a.size else np.sum)(a, **how) / 3),
    "max": along(lambda a, **how: np.max(a, **how) if a.size else np.sum(a, **how)),
    "min": along(lambda a, **how: np.min(a, **how) if a.size else np.sum(a, **how)),
    "norm": lambda a, k: la.norm(vector(a) + 0.0, ord=(None, 2, 1)[k % 3]) / 3 if a.size else a.sum(),
}
ALONG = {
    "softmax": axiswise(autograd.softmax),
    "log_softmax": axiswise(lambda a, axis: autograd.log_softmax(a, axis=axis) / 3),
    "cumsum": axiswise(lambda a, axis: np.sin(np.cumsum(a, axis=axis))),
    "cumprod": axiswise(lambda a, axis: np.cumprod(np.cos(a), axis=axis)),
    "flip": axiswise(np.flip),
    "roll": axiswise(lambda a, axis: np.roll(a, 1, axis=axis)),
    "diff": axiswise(lambda a, axis: np.diff(a, axis=axis, append=0.0)),
    "repeat": axiswise(lambda a, axis: np.repeat(a, 2, axis=axis)),
    "expand": axiswise(np.expand_dims),
    "split": axiswise(lambda a, axis: np.split(a, a.shape[axis] or 1, axis=axis)[-1]),
}
SHAPES = {
    "first": lambda a, k: a[k % len(a)] if a.ndim and len(a) else a,
    "reversed": lambda a, k: a[..., :: (-1, 2, -2)[k % 3]] if a.ndim else a[None],
    "gathered": lambda a, k: a[[0, -1, 0]] if a.ndim and len(a) else a,
    "tensor_index": lambda a, k: a[autograd.Tensor([0, -1])] if a.ndim and len(a) else a,
    "pairs": lambda a, k: a[[0, 0, -1], [-1, 0, 0]] if a.ndim > 1 and a.size else vector(a),
    "masked": lambda a, k: a[mask(a, k)] if a.ndim and mask(a, k).any() else a,
    "newaxis": lambda a, k: a[:, None] if a.ndim and k % 2 else a[None],
    "turned": lambda a, k: a.T,
    "moved": lambda a, k: np.moveaxis(a, 0, -1) if a.ndim else a,
    "swapped": lambda a, k: np.swapaxes(a, 0, -1) if a.ndim else a,
    "flat": lambda a, k: vector(a),
    "column": lambda a, k: a.reshape(-1, 1),
    "halves": lambda a, k: a.reshape(2, -1) if a.size and a.size % 2 == 0 else a,
    "diagonal": lambda a, k: np.diagonal(square(a)),
    "triangle": lambda a, k: (np.triu, np.tril)[k % 2](matrix(a)),
    "broadcast": lambda a, k: np.broadcast_to(a, (2, *a.shape)),
    "tiled": lambda a, k: np.tile(a, 2),
    "padded": lambda a, k: np.pad(
        a, 1, mode=("constant", "edge", "reflect")[k % 3] if min(a.shape, default=0) > 1 else "constant"
    ),
    "taken": lambda a, k: (
        np.take(a, np.array([[0, -1], [-1, -1]]), axis=axis_of(a, k)) if a.ndim and min(a.shape) else a
    ),
    "joined_to_itself": lambda a, k: (
        np.concatenate([a, 0.5 * a], axis=axis_of(a, k)) if a.ndim else np.stack([a, 0.5 * a])
    ),
}
LINEAR_ALGEBRA = {
    "inverse": lambda a, k: la.inv(regular(a)) * 2,
    "determinant": lambda a, k: np.tanh(la.det(regular(a)) / 50),
    "slogdet": lambda a, k: la.slogdet(regular(a))[1] / 4,
    "cholesky": lambda a, k: la.cholesky(square(a) @ square(a).T + 2 * np.eye(min(matrix(a).shape))) / 3,
    "eigenvalues": lambda a, k: la.eigvalsh(symmetric(a)) / 4,
    "trace": lambda a, k: np.trace(matrix(a)) / 2,
    "power": lambda a, k: la.matrix_power(np.sin(square(a)) / 2, 3),
    "gram": lambda a, k: np.tanh(autograd.einsum("ij,ik->jk", matrix(a), matrix(a))),
    "norm_of_rows": lambda a, k: la.norm(matrix(a) + 2.0, axis=-1) / 4,
}


def branching(a: Any, k: int) -> Any:
    """Let a value steer Python: no replay with other values, no vmap may pretend otherwise."""
    return np.sin(a) if mean(a) > 0 else a * 0.5


def looped(a: Any, k: int) -> Any:
    y = a
    for i in range(k % 4):
        y = np.tanh(y + 0.1 * i) * a
    return y


def written(a: Any, k: int) -> Any:
    """Write entries in place, more than once, and update what was written."""
    y = np.sin(a)
    if not y.ndim or not y.size:
        y += a
        return y
    y[k % len(y)] = mean(a)
    y[..., -1:] *= 0.5
    y[mask(y, k)] = 0.1 * k
    y -= 0.25 * a
    return y


CONTROL = {
    "where_positive": lambda a, k: autograd.where(a > 0, np.sin(a), 0.5 * a),
    "looped": looped,
    "written": written,
    "branching": branching,
}


def cubic(x: Any, a: Any) -> Any:
    return x + x**3 - a


def solve_cubic(a: Any) -> Any:
    a = np.asarray(a)
    x = a / (1 + np.abs(a) ** (2 / 3))
    for _ in range(40):
        x = x - (x + x**3 - a) / (1 + 3 * x * x)
    return x


def bump(v: Any) -> Any:
    return (np.sin(v) * v).sum()


own_tanh = custom_gradient(np.tanh, lambda y_bar, y, x: y_bar * (1 - y * y))
root_of_cubic = custom_root(cubic, solve_cubic)
NESTED = {
    "slope": lambda a, k: grad(bump)(a),
    "jacobian": lambda a, k: np.tanh(
        jacobian(lambda v: np.sin(v) * v.sum(), mode=("reverse", "forward")[k % 2])(vector(a)[:3])
    ),
    "columns": lambda a, k: np.tanh(jacfwd(lambda v: np.sin(v) * v.sum())(vector(a)[:3])),
    "curvature": lambda a, k: np.tanh(hvp(bump, (a,), (np.cos(np.arange(a.size)).reshape(a.shape),))),
    "pulled": lambda a, k: vjp(np.tanh, a)[1](np.sin(a))[0],
    "rowwise": lambda a, k: (
        vmap(lambda row: autograd.softmax(row.reshape(-1)) * row.sum())(a) if a.ndim and a.size else a
    ),
    "per_example": lambda a, k: vmap(grad(bump), in_axes=-1, out_axes=-1)(a) if a.ndim and a.size else a,
    "folded": lambda a, k: checkpoint(lambda v: np.tanh(v * v) + mean(np.sin(v)))(a),
    "own": elementwise(own_tanh),
    "root": lambda a, k: root_of_cubic(vector(a)[:3]),
}
ONE: dict[str, One] = {
    **{name: elementwise(f) for name, f in (SMOOTH | KINKED).items()},
    **REDUCTIONS, **ALONG, **SHAPES, **LINEAR_ALGEBRA, **CONTROL,
    **{f"nested_{name}": f for name, f in NESTED.items()},
}  # fmt: skip


def written_into(a: Any, b: Any, k: int) -> Any:
    y = a * 1.0
    if y.ndim and y.size:
        y[k % len(y)] = mean(b)
        y[..., :1] += np.sin(mean(b))
    return y


TWO: dict[str, Two] = {
    "add": lambda a, b, k: a + meeting(a, b),
    "subtract": lambda a, b, k: 0.7 * a - 0.3 * meeting(a, b),
    "multiply": lambda a, b, k: np.sin(a) * meeting(a, b),
    "divide": lambda a, b, k: a / (1 + meeting(a, b) ** 2),
    "raised": lambda a, b, k: (1.5 + np.sin(a)) ** np.tanh(meeting(a, b)),
    "arctan2": lambda a, b, k: np.arctan2(a, 2 + np.sin(meeting(a, b))),
    "hypot": lambda a, b, k: np.hypot(a, 1 + meeting(a, b) ** 2) / 2,
    "logaddexp": lambda a, b, k: np.logaddexp(a, meeting(a, b)) / 2,
    "maximum": lambda a, b, k: np.maximum(a, meeting(a, b)),
    "minimum": lambda a, b, k: np.minimum(a, meeting(a, b)),
    "where": lambda a, b, k: autograd.where(mask(a, k), a, np.sin(meeting(a, b))),
    "where_greater": lambda a, b, k: autograd.where(a > meeting(a, b), a, 2.0 * meeting(a, b)),
    "stack": lambda a, b, k: np.stack([a, a + mean(meeting(a, b)), a], axis=k % (a.ndim + 1)),
    "concatenate": lambda a, b, k: np.concatenate([vector(a)[1:], vector(b), vector(a)[:1]]),
    "outer": lambda a, b, k: np.outer(vector(a)[:4], np.sin(vector(b)[:4])),
    "matmul": lambda a, b, k: (
        np.tanh(matrix(a) @ matrix(b)[: matrix(a).shape[1]])
        if len(matrix(b)) >= matrix(a).shape[1]
        else matrix(a).T @ matrix(a) / 4
    ),
    "apply": lambda a, b, k: np.tanh(square(a) @ np.broadcast_to(vector(b)[:1] if b.size else 0.5, len(square(a)))),
    "batched_matmul": lambda a, b, k: np.tanh(np.stack([square(a), square(a).T]) @ square(a)[None]) * mean(b),
    "dot": lambda a, b, k: (
        np.tanh(np.dot(vector(a)[:3], vector(b)[:3])) if min(a.size, b.size) >= 3 else mean(a) * mean(b)
    ),
    "solve": lambda a, b, k: la.solve(regular(a), np.broadcast_to(vector(b)[:1] if b.size else 0.5, len(regular(a)))),
    "einsum": lambda a, b, k: np.tanh(autograd.einsum("ij,j,kl->ik", square(a), np.diagonal(square(a)), square(b))),
    "written_into": written_into,
    "nested_pushed_by_two": lambda a, b, k: jvp(np.tanh, (a,), (np.broadcast_to(mean(meeting(a, b)), a.shape),))[1],
    "nested_folded_by_two": lambda a, b, k: checkpoint(lambda v, w: np.tanh(v * w) + v)(a, meeting(a, b)),
    "nested_slope_by_two": lambda a, b, k: grad(lambda v: (np.sin(v * mean(b)) * a).sum())(a),
    "nested_mapped_by_two": lambda a, b, k: (
        vmap(lambda v, w: np.sin(v) * w, in_axes=(0, None))(a, mean(b)) if a.ndim and len(a) else a
    ),
}


def shrunk(y: Any) -> Any:
    """Keep a value small: average what has grown."""
    while y.size > LARGEST:
        y = y.mean(axis=0)
    return y if y.ndim < 4 or not y.size else y.reshape(y.shape[0], -1)
