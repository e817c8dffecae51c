"""One step of each recurrent layer: from an input and what is remembered to what is remembered next."""

from __future__ import annotations

from typing import Any

import autograd
from autograd import Tensor


def joined(weight_ih: Any, weight_hh: Any, bias_ih: Any, bias_hh: Any) -> tuple[Any, Any]:
    """Return the weights of input and state side by side, and the biases' sum: one product serves both."""
    bias = None if bias_ih is None else bias_ih + bias_hh
    return autograd.concatenate([weight_ih, weight_hh], axis=1), bias


def rnn_step(x: Tensor, h: Tensor, weight: Any, bias: Any, bend: Any) -> Tensor:
    """Return ``bend(weight·(x, h) + bias)``. Source: Elman, Finding Structure in Time (1990)."""
    y: Tensor = bend(autograd.linear(autograd.concatenate([x, h], axis=-1), weight, bias))
    return y


def lstm_step(x: Tensor, h: Tensor, c: Tensor, weight: Any, bias: Any) -> tuple[Tensor, Tensor]:
    """Return ``h = σ(o)·tanh(c)`` and ``c = σ(f)·c + σ(i)·tanh(g)``, with (i, f, g, o) = weight·(x, h) + bias.

    Source: Hochreiter and Schmidhuber, Long Short-Term Memory (1997); Gers and others (2000) for the gate f.
    """
    gates, n = autograd.linear(autograd.concatenate([x, h], axis=-1), weight, bias), c.shape[-1]
    i, f, g, o = (gates[..., k * n : (k + 1) * n] for k in range(4))
    c = f.sigmoid() * c + i.sigmoid() * g.tanh()
    return o.sigmoid() * c.tanh(), c


def gru_step(x: Tensor, h: Tensor, weight_ih: Any, weight_hh: Any, bias_ih: Any = None, bias_hh: Any = None) -> Tensor:
    """Return ``(1 − z)·n + z·h`` with gates r, z = σ(…) and ``n = tanh(of x + r·(of h))``, both of them affine maps.

    Source: Cho and others, Learning Phrase Representations using RNN Encoder–Decoder (2014).
    """
    new, old, n = autograd.linear(x, weight_ih, bias_ih), autograd.linear(h, weight_hh, bias_hh), h.shape[-1]
    gates = (new[..., : 2 * n] + old[..., : 2 * n]).sigmoid()
    r, z = gates[..., :n], gates[..., n:]
    candidate = (new[..., 2 * n :] + r * old[..., 2 * n :]).tanh()
    moved: Tensor = candidate + z * (h - candidate)
    return moved
