"""Recurrent cells: one step, for loops of your own."""

from __future__ import annotations

import math
from typing import Any, ClassVar

import numpy as np

import autograd
from autograd import ArgumentError, Parameter, ShapeError, Tensor, as_tensor, generator
from nn import functional, init
from nn.functional.recurrent import gru_step, joined, lstm_step, rnn_step
from nn.layers.precision import compare
from nn.module import Module

BENDS = {"tanh": autograd.tanh, "relu": functional.relu}


class _Cell(Module):
    """What the three share: weights of the input and of the state, their checks and their start."""

    gates: ClassVar[int]

    def __init__(self, input_size: int, hidden_size: int, bias: bool, dtype: Any, rng: Any) -> None:
        if min(input_size, hidden_size) < 1:
            where = f"{type(self).__name__}(input_size, hidden_size)"
            got = f"{input_size} and {hidden_size}"
            raise ArgumentError(where, "at least one of each", got, "the input's last axis is input_size long")
        self.input_size, self.hidden_size = input_size, hidden_size
        rows = self.gates * hidden_size
        self.weight_ih = Parameter(np.empty((rows, input_size), dtype))
        self.weight_hh = Parameter(np.empty((rows, hidden_size), dtype))
        self.bias_ih = Parameter(np.empty(rows, dtype)) if bias else None
        self.bias_hh = Parameter(np.empty(rows, dtype)) if bias else None
        self.reset_parameters(rng)

    def reset_parameters(self, rng: Any = None) -> None:
        """Draw all parameters anew."""
        rng, bound = generator(rng), 1 / math.sqrt(self.hidden_size)
        for parameter in self.parameters():
            init.uniform_(parameter, -bound, bound, rng)

    def _start(self, input: Any, *states: Any) -> tuple[Tensor, ...]:
        """Return input and states as tensors that fit; a state that isn't given is 0."""
        x = as_tensor(input)
        wanted = (*x.shape[:-1], self.hidden_size)
        tensors = [as_tensor(np.zeros(wanted, x.dtype) if state is None else state) for state in states]
        if x.ndim not in (1, 2) or x.shape[-1] != self.input_size or any(t.shape != wanted for t in tensors):
            raise ShapeError(
                type(self).__name__,
                f"an input (N, {self.input_size}) and states (N, {self.hidden_size}), or both without N",
                f"{x.shape} and {', '.join(str(t.shape) for t in tensors)}",
                "give one state for each example",
            )
        if x.dtype is not self.weight_ih.dtype:
            compare(self, x, self.weight_ih)
        return (x, *tensors)

    def multiply_adds(self, inputs: tuple[Any, ...], output: Any) -> int:
        """Return gates·hidden·(input + hidden) for each row."""
        rows = math.prod(np.shape(inputs[0])[:-1])
        return int(rows * self.gates * self.hidden_size * (self.input_size + self.hidden_size))


class RNNCell(_Cell):
    """``h ← tanh(W·x + b + W'·h + b')``, or with ``nonlinearity="relu"`` the rectifier.

    >>> RNNCell(3, 2, rng=0)(np.ones((5, 3), np.float32)).shape
    (5, 2)
    """

    gates = 1

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        nonlinearity: str = "tanh",
        *,
        dtype: Any = np.float32,
        rng: Any = None,
    ) -> None:
        if nonlinearity not in BENDS:
            where = "RNNCell(nonlinearity)"
            raise ArgumentError(where, "'tanh' or 'relu'", repr(nonlinearity), "leave it out for tanh")
        super().__init__(input_size, hidden_size, bias, dtype, rng)
        self.nonlinearity = nonlinearity

    def forward(self, input: Any, hx: Any = None) -> Tensor:
        """Return the next state, from an input (N, input_size) and a state (N, hidden_size), 0 by default."""
        x, h = self._start(input, hx)
        weights = joined(self.weight_ih, self.weight_hh, self.bias_ih, self.bias_hh)
        return rnn_step(x, h, *weights, BENDS[self.nonlinearity])


class LSTMCell(_Cell):
    """``h = σ(o)·tanh(c)`` and ``c ← σ(f)·c + σ(i)·tanh(g)``, with (i, f, g, o) = W·x + b + W'·h + b'.

    Source: Hochreiter and Schmidhuber, Long Short-Term Memory (1997).

    >>> h, c = LSTMCell(3, 2, rng=0)(np.ones((5, 3), np.float32))
    >>> h.shape, c.shape
    ((5, 2), (5, 2))
    """

    gates = 4

    def __init__(
        self, input_size: int, hidden_size: int, bias: bool = True, *, dtype: Any = np.float32, rng: Any = None
    ) -> None:
        super().__init__(input_size, hidden_size, bias, dtype, rng)

    def forward(self, input: Any, hx: Any = None) -> tuple[Tensor, Tensor]:
        """Return the next (h, c), from an input (N, input_size) and a state ``hx = (h, c)``, 0 by default."""
        x, h, c = self._start(input, *(hx or (None, None)))
        return lstm_step(x, h, c, *joined(self.weight_ih, self.weight_hh, self.bias_ih, self.bias_hh))


class GRUCell(_Cell):
    """``h ← (1 − z)·n + z·h`` with ``r, z = σ(W·x + b + W'·h + b')`` and ``n = tanh(W·x + b + r·(W'·h + b'))``.

    Source: Cho and others, Learning Phrase Representations using RNN Encoder–Decoder (2014).

    >>> GRUCell(3, 2, rng=0)(np.ones((5, 3), np.float32)).shape
    (5, 2)
    """

    gates = 3

    def __init__(
        self, input_size: int, hidden_size: int, bias: bool = True, *, dtype: Any = np.float32, rng: Any = None
    ) -> None:
        super().__init__(input_size, hidden_size, bias, dtype, rng)

    def forward(self, input: Any, hx: Any = None) -> Tensor:
        """Return the next state, from an input (N, input_size) and a state (N, hidden_size), 0 by default."""
        x, h = self._start(input, hx)
        return gru_step(x, h, self.weight_ih, self.weight_hh, self.bias_ih, self.bias_hh)
