"""Recurrent layers over a whole sequence, each one primitive: a graph has one node, not a dozen for every step.

What the inputs add to the gates is one product for all steps and comes as ``inputs``; the loops here are over what a
step hands to the next. Backward goes from the last step to the first and yields the cotangent of the gates before
they were bent; those of weight, bias and start follow from it, so all rules share one sweep.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.primitives.batching import looped, spread
from autograd.primitives.domain import case
from autograd.primitives.exponential import sigmoid
from autograd.primitives.notation import call
from autograd.primitives.primitive import Primitive, Static, general


class _Swept(threading.local):
    """The sweep that was run last, as long as the cotangent that it started from lives."""

    start: Any = None
    residual: Any = None
    result: Any = None

    def clear(self, start: Any) -> None:
        if start is self.start:
            self.start = self.residual = self.result = None


_swept = _Swept()


def _once(sweep: Callable[..., Any], y_bar: Any, residual: Any, *rest: Any, anew: bool = False) -> Any:
    """Run a sweep for the first of a node's rules, ``anew``, and hand its result to the others."""
    known = _swept.start is not None and _swept.start() is y_bar and _swept.residual is residual
    if known and not anew:
        return _swept.result
    result = sweep(y_bar, residual, *rest)
    if type(y_bar) is np.ndarray:
        _swept.start = weakref.ref(y_bar, _swept.clear)
        _swept.residual, _swept.result = residual, result
    return result


def _parts(a: Any, n: int) -> list[Any]:
    """Return the gates, which lie side by side along the last axis, n entries each."""
    return [a[..., k : k + n] for k in range(0, a.shape[-1], n)]


def _before(first: Any, later: Any) -> Any:
    """Return what each step of a sequence starts from."""
    return np.concatenate([first[None], later[:-1]])


def _weight_bar(bar: Any, before: Any) -> Any:
    """Return Σ bar·beforeᵀ over steps and examples."""
    *lead, length, examples, rows = bar.shape
    joined = np.reshape(bar, (*lead, length * examples, rows))
    return np.swapaxes(joined, -1, -2) @ np.reshape(before, (length * examples, before.shape[-1]))


def _behind(primitive: Primitive, operands: Any, batched: Any, static: Static, n: int) -> Any:
    """Take a batch for more examples of one sequence, as long as it shares the weights."""
    if not n or any(b for b, name in zip(batched, primitive.operands, strict=True) if name in ("weight", "bias")):
        return looped(primitive, operands, batched, static, n)
    y = primitive.on([
        operand if name in ("weight", "bias") else _side_by_side(operand if own else spread(operand, n))
        for operand, own, name in zip(operands, batched, primitive.operands, strict=True)
    ], static)  # fmt: skip
    *ahead, examples, width = np.shape(y)
    return np.moveaxis(np.reshape(y, (*ahead, n, examples // n, width)), -3, 0)


def _side_by_side(batch: Any) -> Any:
    """Join the batch axis, the first, with that of the examples."""
    n, *ahead, examples, width = np.shape(batch)
    return np.reshape(np.moveaxis(batch, 0, -3), (*ahead, n * examples, width))


# LSTM: σ(z) = ½ + ½·tanh(z/2), so one tanh bends all four gates. They are kept gate by gate, (L, 4, N, hidden).

_HALF = np.array([0.5, 0.5, 1.0, 0.5], np.float32).reshape(4, 1, 1)


def _gate_by_gate(a: Any, n: int) -> Any:
    """Return gates that lie side by side, (…, N, 4·hidden), as (…, 4, N, hidden)."""
    return np.swapaxes(np.reshape(a, (*a.shape[:-1], 4, n)), -2, -3)


def _lstm(inputs: Any, weight: Any, h: Any, c: Any) -> tuple[Any, Any]:
    n, dtype = h.shape[-1], np.result_type(inputs, weight, h, c)
    half = _HALF.astype(dtype)
    shift, wide = 1 - half, np.repeat(half.ravel(), n)
    columns, given = np.multiply(weight.T, wide, order="C"), np.multiply(inputs, wide, dtype=dtype)
    gates, y = np.empty((len(given), 4, *h.shape), dtype), np.empty((2, len(given), *h.shape), dtype)
    room, added = np.empty(h.shape, dtype), np.empty(given.shape[1:], dtype)
    added_by_gate = _gate_by_gate(added, n)
    for gate, x, h_next, c_next in zip(gates, given, *y, strict=True):
        np.matmul(h, columns, out=added)
        np.add(added, x, out=added)
        np.tanh(added_by_gate, out=gate)
        np.multiply(gate, half, out=gate)
        np.add(gate, shift, out=gate)
        i, f, g, o = gate
        np.multiply(f, c, out=c_next)
        np.add(c_next, np.multiply(i, g, out=room), out=c_next)
        np.tanh(c_next, out=h_next)
        np.multiply(h_next, o, out=h_next)
        h, c = h_next, c_next
    return y, gates


def _gates(inputs: Any, weight: Any, h: Any, c: Any) -> Any:
    """Return the bent gates of all steps at once, from the states that the primitive gives."""
    half = _HALF.astype(inputs.dtype)
    straight = inputs + _before(h, lstm(inputs, weight, h, c)[0]) @ weight.T
    return np.tanh(_gate_by_gate(straight, h.shape[-1]) * half) * half + (1 - half)


def _lstm_sweep(y_bar: Any, gates: Any, y: Any, weight: Any, c: Any) -> tuple[Any, Any, Any]:
    """Return the cotangents of the gates before they were bent, and those of h and c at the start."""
    i, f, g, o = (gates[:, k] for k in range(4))
    bent = np.tanh(y[1])
    through = o * (1 - bent * bent)
    slopes = np.concatenate(
        [g * (i - i * i), _before(c, y[1]) * (f - f * f), i * (1 - g * g), bent * (o - o * o)], axis=-1
    )
    bars: list[Any] = []
    h_bar = c_bar = 0
    for t in reversed(range(len(slopes))):
        h_bar = h_bar + y_bar[..., 0, t, :, :]
        c_bar = c_bar + y_bar[..., 1, t, :, :] + h_bar * through[t]
        bars.append(slopes[t] * np.concatenate([c_bar, c_bar, c_bar, h_bar], axis=-1))
        h_bar, c_bar = bars[-1] @ weight, c_bar * f[t]
    return np.stack(bars[::-1], axis=-3), h_bar, c_bar


def _prepare_lstm(operands: tuple[Any, ...], static: Static) -> Static:
    inputs, weight, h, c = operands
    n = np.shape(weight)[-1] if np.ndim(weight) == 2 else 0
    if np.ndim(inputs) != 3 or not len(inputs) or np.shape(weight) != (4 * n, n) or inputs.shape[-1] != 4 * n:
        raise ValueError("inputs have one row of 4·hidden for each step, at least one, and each example")
    if not np.shape(h) == np.shape(c) == (inputs.shape[1], n):
        raise ValueError(f"the states at the start are {(inputs.shape[1], n)}")
    return static


lstm: Primitive = general(
    _lstm,
    (
        lambda y_bar, residual, y, weight, c: _once(_lstm_sweep, y_bar, residual, y, weight, c, anew=True)[0],
        lambda y_bar, residual, y, weight, h, c: _weight_bar(
            _once(_lstm_sweep, y_bar, residual, y, weight, c)[0], _before(h, y[0])
        ),
        lambda y_bar, residual, y, weight, c: _once(_lstm_sweep, y_bar, residual, y, weight, c)[1],
        lambda y_bar, residual, y, weight, c: _once(_lstm_sweep, y_bar, residual, y, weight, c)[2],
    ),
    name="lstm", method=False, prepare=_prepare_lstm, residual=_gates, behind=_behind,
    cases=(case((3, 2, 8), (8, 2), (2, 2), (2, 2)), case((1, 1, 4), (4, 1), (1, 1), (1, 1))),
    doc="h and c after every step, stacked: c ← σ(f)·c + σ(i)·tanh(g), h = σ(o)·tanh(c), (i, f, g, o) = inputs + W·h.",
    formulas=(
        lambda y_bar: call("from the last step", y_bar), lambda y_bar, h: call("from the last step", y_bar) @ h,
        lambda y_bar: call("first step of", y_bar), lambda y_bar: call("first step of", y_bar),
    ),
    expects="inputs (L, N, 4·hidden), weight (4·hidden, hidden), h and c (N, hidden)",
    source="Hochreiter and Schmidhuber 1997; Gers and others 2000",
)  # fmt: skip

# GRU


def _gru(inputs: Any, weight: Any, h: Any, bias: Any = None) -> tuple[Any, Any]:
    n, dtype = h.shape[-1], np.result_type(inputs, weight, h)
    columns, shift = np.ascontiguousarray(weight.T), 0 if bias is None else bias
    kept, y = np.empty((*inputs.shape[:-1], 4 * n), dtype), np.empty((len(inputs), *h.shape), dtype)
    old = np.empty(inputs.shape[1:], dtype)
    for step, new, h_next in zip(kept, inputs, y, strict=True):
        np.matmul(h, columns, out=old)
        old += shift
        both, candidate = step[..., : 2 * n], step[..., 2 * n : 3 * n]
        np.add(new[..., : 2 * n], old[..., : 2 * n], out=both)
        both *= 0.5
        np.tanh(both, out=both)
        both *= 0.5
        both += 0.5
        r, z = _parts(both, n)
        step[..., 3 * n :] = old[..., 2 * n :]
        np.multiply(r, old[..., 2 * n :], out=candidate)
        candidate += new[..., 2 * n :]
        np.tanh(candidate, out=candidate)
        np.subtract(h, candidate, out=h_next)
        np.multiply(h_next, z, out=h_next)
        np.add(h_next, candidate, out=h_next)
        h = h_next
    return y, kept


def _kept(inputs: Any, weight: Any, h: Any, bias: Any = None) -> Any:
    """Return r, z, the candidate and what h adds to it, of all steps at once."""
    n = h.shape[-1]
    old = _before(h, gru(inputs, weight, h, bias)) @ weight.T
    old = old if bias is None else old + bias
    both = sigmoid(inputs[..., : 2 * n] + old[..., : 2 * n])
    candidate = np.tanh(inputs[..., 2 * n :] + both[..., :n] * old[..., 2 * n :])
    return np.concatenate([both, candidate, old[..., 2 * n :]], axis=-1)


def _gru_sweep(y_bar: Any, kept: Any, y: Any, weight: Any, h: Any) -> tuple[Any, Any, Any]:
    """Return the cotangents of what the inputs add and of what h adds to the gates, and that of h at the start."""
    r, z, candidate, m = _parts(kept, h.shape[-1])
    to_candidate = (1 - z) * (1 - candidate * candidate)
    slopes = np.concatenate(
        [to_candidate * m * (r * (1 - r)), (_before(h, y) - candidate) * (z * (1 - z)), to_candidate], axis=-1
    )
    inner = np.concatenate([slopes[..., : -h.shape[-1]], to_candidate * r], axis=-1)
    h_bars: list[Any] = []
    h_bar = 0
    for t in reversed(range(len(slopes))):
        h_bar = h_bar + y_bar[..., t, :, :]
        h_bars.append(h_bar)
        h_bar = h_bar * z[t] + (inner[t] * np.concatenate([h_bar] * 3, axis=-1)) @ weight
    every = np.concatenate([np.stack(h_bars[::-1], axis=-3)] * 3, axis=-1)
    return slopes * every, inner * every, h_bar


def _prepare_gru(operands: tuple[Any, ...], static: Static) -> Static:
    inputs, weight, h, bias = operands
    n = np.shape(weight)[-1] if np.ndim(weight) == 2 else 0
    if np.ndim(inputs) != 3 or not len(inputs) or np.shape(weight) != (3 * n, n) or inputs.shape[-1] != 3 * n:
        raise ValueError("inputs have one row of 3·hidden for each step, at least one, and each example")
    if np.shape(h) != (inputs.shape[1], n) or (bias is not None and np.shape(bias) != (3 * n,)):
        raise ValueError(f"the state at the start is {(inputs.shape[1], n)}, a bias {(3 * n,)}")
    return static


gru: Primitive = general(
    _gru,
    (
        lambda y_bar, residual, y, weight, h: _once(_gru_sweep, y_bar, residual, y, weight, h, anew=True)[0],
        lambda y_bar, residual, y, weight, h: _weight_bar(
            _once(_gru_sweep, y_bar, residual, y, weight, h)[1], _before(h, y)
        ),
        lambda y_bar, residual, y, weight, h: _once(_gru_sweep, y_bar, residual, y, weight, h)[2],
        lambda y_bar, residual, y, weight, h: np.sum(
            _once(_gru_sweep, y_bar, residual, y, weight, h)[1], axis=(-3, -2)
        ),
    ),
    name="gru", operands="inputs weight h bias", method=False, prepare=_prepare_gru, residual=_kept, behind=_behind,
    cases=(case((3, 2, 6), (6, 2), (2, 2), (6,)), case((1, 1, 3), (3, 1), (1, 1), (3,))),
    doc="h after every step: (1 − z)·n + z·h, with r, z = σ(…) and n = tanh(inputs + r·old), where old = W·h + bias.",
    formulas=(
        lambda y_bar: call("from the last step", y_bar), lambda y_bar, h: call("from the last step", y_bar) @ h,
        lambda y_bar: call("first step of", y_bar), lambda y_bar: call("Σ", y_bar),
    ),
    expects="inputs (L, N, 3·hidden), weight (3·hidden, hidden), h (N, hidden), bias (3·hidden,)",
    source="Cho and others 2014",
)  # fmt: skip
