"""Affine maps, and reshaping into what they take."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd import ArgumentError, Parameter, ShapeError, Tensor, as_tensor, generator
from nn import functional, init
from nn.layers.precision import compare
from nn.module import Module


class Linear(Module):
    """The affine map y = xWᵀ + b, with weight W (out, in) and bias b (out,).

    Both start evenly in ±1/√in, as in PyTorch. Takes (…, in), gives (…, out).

    >>> layer = Linear(3, 2, rng=0)
    >>> layer(np.ones((5, 3), np.float32)).shape
    (5, 2)
    >>> layer
    Linear(in_features=3, out_features=2, bias=True)  # weight (2, 3), bias (2,): 8 parameters
    """

    def __init__(
        self, in_features: int, out_features: int, bias: bool = True, *, dtype: Any = np.float32, rng: Any = None
    ) -> None:
        if in_features < 1 or out_features < 1:
            raise ArgumentError(
                "Linear(in_features, out_features)",
                "at least one of each",
                f"{in_features} and {out_features}",
                "the last axis of the input is in_features long",
            )
        self.in_features, self.out_features = in_features, out_features
        self.weight = Parameter(np.empty((out_features, in_features), dtype))
        self.bias = Parameter(np.empty(out_features, dtype)) if bias else None
        self.reset_parameters(rng)

    def reset_parameters(self, rng: Any = None) -> None:
        """Draw weight and bias anew."""
        rng = generator(rng)
        init.kaiming_uniform_(self.weight, a=math.sqrt(5), rng=rng)
        if self.bias is not None:
            bound = 1 / math.sqrt(self.in_features)
            init.uniform_(self.bias, -bound, bound, rng)

    def forward(self, input: Any) -> Tensor:
        """Return the input times Wᵀ, plus b."""
        weight = self.weight
        if not isinstance(input, (Tensor, np.ndarray)):
            input = as_tensor(input)
        if input.dtype is not weight.dtype:
            compare(self, input, weight)
        return functional.linear(input, weight, self.bias)

    def multiply_adds(self, inputs: tuple[Any, ...], output: Any) -> int:
        """Return in·out for each row."""
        return int(output.size * self.in_features)

    def extra_repr(self) -> str:
        """Return the three arguments."""
        return f"in_features={self.in_features}, out_features={self.out_features}, bias={self.bias is not None}"


class Bilinear(Module):
    """The bilinear map ``y[k] = x₁ᵀ W[k] x₂ + b[k]``, with weight W (out, in1, in2); takes (…, in1) and (…, in2).

    Both start evenly in ±1/√in1, as in PyTorch.

    >>> Bilinear(3, 2, 4, rng=0)(np.ones((5, 3), np.float32), np.ones((5, 2), np.float32)).shape
    (5, 4)
    """

    def __init__(
        self,
        in1_features: int,
        in2_features: int,
        out_features: int,
        bias: bool = True,
        *,
        dtype: Any = np.float32,
        rng: Any = None,
    ) -> None:
        if in1_features < 1:
            where = "Bilinear(in1_features, in2_features, out_features)"
            raise ArgumentError(where, "at least one of each", f"{in1_features}", "it is the first input's last axis")
        self.in1_features, self.in2_features, self.out_features = in1_features, in2_features, out_features
        self.weight = Parameter(np.empty((out_features, in1_features, in2_features), dtype))
        self.bias = Parameter(np.empty(out_features, dtype)) if bias else None
        self.reset_parameters(rng)

    def reset_parameters(self, rng: Any = None) -> None:
        """Draw weight and bias anew."""
        rng, bound = generator(rng), 1 / math.sqrt(self.in1_features)
        for parameter in self.parameters():
            init.uniform_(parameter, -bound, bound, rng)

    def forward(self, input1: Any, input2: Any) -> Tensor:
        """Return the products of both inputs by the weight, plus b."""
        return functional.bilinear(input1, input2, self.weight, self.bias)

    def multiply_adds(self, inputs: tuple[Any, ...], output: Any) -> int:
        """Return in1·in2·out + in2·out for each row."""
        return int(output.size * self.in2_features * (self.in1_features + 1))


class Flatten(Module):
    """Join the axes from ``start_dim`` to ``end_dim`` into one: all but the batch, by default.

    >>> Flatten()(np.ones((2, 3, 4))).shape
    (2, 12)
    """

    def __init__(self, start_dim: int = 1, end_dim: int = -1) -> None:
        self.start_dim, self.end_dim = start_dim, end_dim

    def forward(self, input: Any) -> Tensor:
        """Return the input with those axes joined."""
        x = as_tensor(input)
        shape = x.shape
        start, end = self.start_dim % max(len(shape), 1), self.end_dim % max(len(shape), 1)
        return x.reshape(*shape[:start], math.prod(shape[start : end + 1]), *shape[end + 1 :])


class Unflatten(Module):
    """Take an axis apart into several, the inverse of Flatten; one length may be −1.

    >>> Unflatten(1, (3, -1))(np.ones((2, 12))).shape
    (2, 3, 4)
    """

    def __init__(self, dim: int, unflattened_size: Sequence[int]) -> None:
        self.dim, self.unflattened_size = dim, tuple(unflattened_size)

    def forward(self, input: Any) -> Tensor:
        """Return the input with that axis taken apart. Raises ShapeError where the lengths don't fit."""
        x, sizes = as_tensor(input), self.unflattened_size
        known = math.prod(n for n in sizes if n != -1)
        length = x.shape[self.dim] if -x.ndim <= self.dim < x.ndim else None
        free = sizes.count(-1)
        if length is None or free > 1 or not known or (length % known if free else length != known):
            wanted = f"{known} entries along axis {self.dim}, or a multiple where a length is −1"
            raise ShapeError(
                f"Unflatten({self.dim}, {sizes})", wanted, f"shape {x.shape}", "let the lengths multiply to it"
            )
        axis = self.dim % x.ndim
        full = tuple(length // known if n == -1 else n for n in sizes)
        return x.reshape(*x.shape[:axis], *full, *x.shape[axis + 1 :])


class Identity(Module):
    """Return the input: a place to put something later, and the linear activation of an output layer.

    Arguments are taken and ignored, as in PyTorch.

    >>> Identity()(np.ones(2)).tolist()
    [1.0, 1.0]
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None: ...

    def forward(self, input: Any) -> Tensor:
        """Return the input."""
        return as_tensor(input)
