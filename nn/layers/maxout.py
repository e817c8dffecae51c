"""Maxout: a unit that learns its own activation."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd import Parameter, Tensor, as_tensor, generator
from nn import functional, init
from nn.layers.precision import compare
from nn.module import Module


class Maxout(Module):
    """The largest of several affine maps: max(w₁ᵀx + b₁, w₂ᵀx + b₂, …) for each output.

    With two pieces it can be a rectifier, an absolute value or any convex bend. Weight (pieces·out, in) and bias start
    as those of Linear.

    >>> layer = Maxout(1, 1)
    >>> _ = layer.weight.assign_([[1], [-1]]), layer.bias.assign_([0, 0])
    >>> layer(np.float32([[-3], [2]])).tolist()
    [[3.0], [2.0]]
    """

    def __init__(
        self,
        in_features: int,
        out_features: int,
        pieces: int = 2,
        bias: bool = True,
        *,
        dtype: Any = np.float32,
        rng: Any = None,
    ) -> None:
        self.in_features, self.out_features, self.pieces = in_features, out_features, pieces
        self.weight = Parameter(np.empty((pieces * out_features, in_features), dtype))
        self.bias = Parameter(np.empty(pieces * out_features, dtype)) if bias else None
        self.reset_parameters(rng)

    def reset_parameters(self, rng: Any = None) -> None:
        """Draw weight and bias anew."""
        rng = generator(rng)
        init.kaiming_uniform_(self.weight, a=math.sqrt(5), rng=rng)
        if self.bias is not None:
            bound = 1 / math.sqrt(self.in_features)
            init.uniform_(self.bias, -bound, bound, rng)

    def forward(self, input: Any) -> Tensor:
        """Return the largest piece for each output."""
        input = as_tensor(input)
        if input.dtype is not self.weight.dtype:
            compare(self, input, self.weight)
        return functional.maxout(input, self.weight, self.bias, self.pieces)

    def multiply_adds(self, inputs: tuple[Any, ...], output: Any) -> int:
        """Return pieces·in·out for each row."""
        return int(output.size * self.pieces * self.in_features)
