"""Recurrent layers: one step after the other, each from the input and what the step before remembers."""

from __future__ import annotations

import math
from typing import Any, ClassVar

import numpy as np

import autograd
from autograd import ArgumentError, Parameter, ShapeError, Tensor, as_tensor, generator
from nn import functional, init
from nn.functional.recurrent import joined, lstm_step, rnn_step
from nn.functional.sequence import steps
from nn.layers.cell import BENDS
from nn.layers.precision import compare
from nn.module import Module

State = tuple[Tensor, ...]  # what a step remembers: (h,), or (h, c)


class _Recurrent(Module):
    """What the three share: layers upon layers, each in one direction or in both, over the steps of a sequence.

    Sequences are (L, N, input_size), with ``batch_first`` (N, L, input_size), or (L, input_size).
    """

    gates: ClassVar[int]
    remembered: ClassVar[int] = 1  # how many arrays a step remembers

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int,
        bias: bool,
        batch_first: bool,
        dropout: float,
        bidirectional: bool,
        proj_size: int,
        dtype: Any,
        rng: Any,
    ) -> None:
        if min(input_size, hidden_size, num_layers) < 1 or not 0 <= proj_size < hidden_size or not 0 <= dropout <= 1:
            raise ArgumentError(
                f"{type(self).__name__}(input_size, hidden_size, num_layers, dropout, proj_size)",
                "at least 1 of each, a probability, and a projection smaller than hidden_size",
                f"{input_size}, {hidden_size}, {num_layers}, {dropout} and {proj_size}",
                "the input's last axis is input_size long",
            )
        self.input_size, self.hidden_size, self.num_layers = input_size, hidden_size, num_layers
        self.bias, self.batch_first, self.dropout, self.bidirectional = bias, batch_first, dropout, bidirectional
        self.proj_size = proj_size
        self.rng = None if rng is None else generator(rng)
        rows, out = self.gates * hidden_size, proj_size or hidden_size
        for layer in range(num_layers):
            shapes: dict[str, tuple[int, ...]] = {
                "weight_ih": (rows, out * (1 + bidirectional) if layer else input_size),
                "weight_hh": (rows, out),
            }
            if bias:
                shapes |= {"bias_ih": (rows,), "bias_hh": (rows,)}
            if proj_size:
                shapes |= {"weight_hr": (proj_size, hidden_size)}
            for ending in self._endings(layer):
                for kind, shape in shapes.items():
                    setattr(self, kind + ending, Parameter(np.empty(shape, dtype)))
        self.reset_parameters(self.rng)

    def _endings(self, layer: int) -> list[str]:
        """Return what the names of a layer's parameters end in, for each direction."""
        return [f"_l{layer}", f"_l{layer}_reverse"][: 1 + self.bidirectional]

    def reset_parameters(self, rng: Any = None) -> None:
        """Draw all parameters anew."""
        rng, bound = generator(rng), 1 / math.sqrt(self.hidden_size)
        for parameter in self.parameters():
            init.uniform_(parameter, -bound, bound, rng)

    def _weights(self, ending: str) -> tuple[Any, ...]:
        """Return what every step of one layer and direction needs."""
        return joined(*self._of(ending))

    def _of(self, ending: str) -> list[Any]:
        return [getattr(self, kind + ending, None) for kind in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")]

    def _step(self, x: Tensor, state: State, weights: tuple[Any, ...]) -> State:
        raise NotImplementedError

    def forward(self, input: Any, hx: Any = None) -> tuple[Tensor, Any]:
        """Return the last layer's output at each step, and what each layer and direction remembers at the end."""
        x = self._checked(input)
        alone, flip = x.ndim == 2, x.ndim == 3 and self.batch_first
        x = x[:, None] if alone else x.swapaxes(0, 1) if flip else x
        starts = self._starts(hx, x, alone)
        ends: list[State] = []
        for layer in range(self.num_layers):
            if layer and self.dropout and self.training:
                x = functional.dropout(x, self.dropout, rng=self.rng)
            ways = []
            for ending in self._endings(layer):
                back = ending.endswith("reverse")
                outputs, end = self._run(x[::-1] if back else x, starts[len(ends)], ending)
                ways.append(outputs[::-1] if back else outputs)
                ends.append(end)
            x = autograd.concatenate([*ways], axis=-1) if ways[1:] else ways[0]
        output = x[:, 0] if alone else x.swapaxes(0, 1) if flip else x
        last = [autograd.stack(part) for part in zip(*ends, strict=True)]
        if alone:
            last = [part[:, 0] for part in last]
        return output, tuple(last) if self.remembered > 1 else last[0]

    def _run(self, x: Tensor, state: State, ending: str) -> tuple[Tensor, State]:
        """Go through a sequence with the parameters whose names have this ending; return outputs and last state."""
        weights, outputs = self._weights(ending), []
        for step in steps(x):
            state = self._step(step, state, weights)
            outputs.append(state[0])
        return autograd.stack([*outputs]), state

    def _checked(self, input: Any) -> Tensor:
        x = as_tensor(input)
        if x.ndim not in (2, 3) or x.shape[-1] != self.input_size or not x.shape[x.ndim == 3 and self.batch_first]:
            axes = "(N, L," if self.batch_first else "(L, N,"
            wanted = f"{axes} {self.input_size}) or (L, {self.input_size}), of at least one step"
            raise ShapeError(type(self).__name__, wanted, f"shape {x.shape}", "batch_first says which axis is N")
        weight: Parameter = self.__dict__["weight_ih_l0"]
        if x.dtype is not weight.dtype:
            compare(self, x, weight)
        return x

    def _starts(self, hx: Any, x: Tensor, alone: bool) -> list[State]:
        """Return what each layer and direction remembers at the start: zeros, if nothing is given."""
        many, count = self.num_layers * (1 + self.bidirectional), x.shape[1]
        widths = (self.proj_size or self.hidden_size, self.hidden_size)[: self.remembered]
        if hx is None:
            return [tuple(as_tensor(np.zeros((count, width), x.dtype)) for width in widths)] * many
        states = []
        for given, width in zip(hx if self.remembered > 1 else (hx,), widths, strict=True):
            state, wanted = as_tensor(given), (many, width) if alone else (many, count, width)
            if state.shape != wanted:
                where = f"{type(self).__name__}(input, hx)"
                raise ShapeError(where, f"{wanted}", f"shape {state.shape}", "one state for each layer and direction")
            states.append(steps(state[:, None] if alone else state))
        return list(zip(*states, strict=True))

    def multiply_adds(self, inputs: tuple[Any, ...], output: Any) -> int:
        """Return those of every matrix at every step."""
        rows = math.prod(np.shape(inputs[0])[:-1])
        return int(rows * sum(p.size for p in self.parameters() if p.ndim == 2))


class RNN(_Recurrent):
    """``h ← tanh(W·x + b + W'·h + b')`` at each step, or with ``nonlinearity="relu"`` the rectifier.

    ``forward(input, h_0=0)`` returns the outputs (L, N, directions·hidden_size) and the last states
    (num_layers·directions, N, hidden_size). Dropout is between the layers. Source: Elman (1990).

    >>> output, h = RNN(3, 4, num_layers=2, bidirectional=True, rng=0)(np.ones((6, 5, 3), np.float32))
    >>> output.shape, h.shape
    ((6, 5, 8), (4, 5, 4))
    """

    gates = 1

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        nonlinearity: str = "tanh",
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        *,
        dtype: Any = np.float32,
        rng: Any = None,
    ) -> None:
        if nonlinearity not in BENDS:
            raise ArgumentError("RNN(nonlinearity)", "'tanh' or 'relu'", repr(nonlinearity), "leave it out for tanh")
        super().__init__(input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional, 0, dtype, rng)
        self.nonlinearity = nonlinearity

    def _step(self, x: Tensor, state: State, weights: tuple[Any, ...]) -> State:
        weight, bias = weights
        return (rnn_step(x, state[0], weight, bias, BENDS[self.nonlinearity]),)


class LSTM(_Recurrent):
    """Long short-term memory: ``c ← σ(f)·c + σ(i)·tanh(g)`` and ``h = σ(o)·tanh(c)`` at each step, as in LSTMCell.

    ``forward(input, (h_0, c_0)=0)`` returns the outputs (L, N, directions·hidden_size) and the last (h, c), each
    (num_layers·directions, N, hidden_size). With ``proj_size`` h is multiplied by one more matrix, to that width.
    Source: Hochreiter and Schmidhuber (1997).

    >>> output, (h, c) = LSTM(3, 4, batch_first=True, rng=0)(np.ones((5, 6, 3), np.float32))
    >>> output.shape, h.shape, c.shape
    ((5, 6, 4), (1, 5, 4), (1, 5, 4))
    """

    gates, remembered = 4, 2

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        proj_size: int = 0,
        *,
        dtype: Any = np.float32,
        rng: Any = None,
    ) -> None:
        super().__init__(
            input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional, proj_size, dtype, rng
        )

    def _run(self, x: Tensor, state: State, ending: str) -> tuple[Tensor, State]:
        """Go through a sequence: in one primitive, unless a projection stands between one step and the next."""
        if self.proj_size:
            return super()._run(x, state, ending)
        weight_ih, weight_hh, bias_ih, bias_hh = self._of(ending)
        bias = None if bias_ih is None else bias_ih + bias_hh
        states = autograd.lstm(functional.linear(x, weight_ih, bias), weight_hh, *state)
        return states[0], (states[0, -1], states[1, -1])

    def _weights(self, ending: str) -> tuple[Any, ...]:
        return (*super()._weights(ending), getattr(self, f"weight_hr{ending}"))

    def _step(self, x: Tensor, state: State, weights: tuple[Any, ...]) -> State:
        weight, bias, projection = weights
        h, c = lstm_step(x, state[0], state[1], weight, bias)
        return functional.linear(h, projection), c


class GRU(_Recurrent):
    """The gated recurrent unit: ``h ← (1 − z)·n + z·h`` at each step, with r, z and n as in GRUCell.

    ``forward(input, h_0=0)`` returns the outputs (L, N, directions·hidden_size) and the last states
    (num_layers·directions, N, hidden_size). Source: Cho and others (2014).

    >>> output, h = GRU(3, 4, rng=0)(np.ones((6, 5, 3), np.float32))
    >>> output.shape, h.shape
    ((6, 5, 4), (1, 5, 4))
    """

    gates = 3

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        *,
        dtype: Any = np.float32,
        rng: Any = None,
    ) -> None:
        super().__init__(input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional, 0, dtype, rng)

    def _run(self, x: Tensor, state: State, ending: str) -> tuple[Tensor, State]:
        """Go through a sequence: in one primitive."""
        weight_ih, weight_hh, bias_ih, bias_hh = self._of(ending)
        outputs = autograd.gru(functional.linear(x, weight_ih, bias_ih), weight_hh, state[0], bias_hh)
        return outputs, (outputs[-1],)
