"""Rosenblatt's perceptron, and the two rules that train it without a gradient."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import ArgumentError, Parameter, ShapeError, Tensor, as_tensor
from nn import functional
from nn.module import Module


class Perceptron(Module):
    """A step of an affine map: 1 where w·x + b ≥ 0, else 0. Weights are given by hand, learned by ``fit``, or zeros.

    >>> AND = Perceptron(2, weight=[1, 1], bias=-2)
    >>> AND([[0, 0], [0, 1], [1, 0], [1, 1]]).T.tolist()
    [[0.0, 0.0, 0.0, 1.0]]
    """

    def __init__(
        self, in_features: int, out_features: int = 1, *, weight: Any = 0.0, bias: Any = 0.0, dtype: Any = np.float32
    ) -> None:
        self.in_features, self.out_features = in_features, out_features
        shapes = {"weight": (out_features, in_features), "bias": (out_features,)}
        for name, value in (("weight", weight), ("bias", bias)):
            try:
                start = np.broadcast_to(np.asarray(value, dtype), shapes[name])
            except ValueError as problem:
                raise ShapeError(
                    f"Perceptron({in_features}, {out_features})",
                    f"a {name} of shape {shapes[name]}",
                    f"shape {np.shape(value)}",
                    "give one row of weights for each output",
                ) from problem
            setattr(self, name, Parameter(start))

    weight: Parameter
    bias: Parameter

    def forward(self, input: Any) -> Tensor:
        """Return 1 where the affine map reaches 0, else 0."""
        return functional.step(
            functional.linear(np.asarray(as_tensor(input).data, self.weight.dtype), self.weight, self.bias)
        )

    def fit(self, X: Any, y: Any, rule: str = "perceptron", *, lr: float = 1.0, epochs: int = 100) -> list[int]:
        """Learn from examples in their order, and return how many were wrong in each epoch.

        * ``"perceptron"`` (Rosenblatt): where the output ŷ is wrong, ``w ← w + lr·(y − ŷ)·x``. It stops after an epoch
          without a mistake, which it reaches whenever a line separates the classes.
        * ``"delta"`` (Widrow and Hoff): ``w ← w + lr·(t − s)·x`` with the sum s = w·x + b before the step and the
          target t = ±1: a step down the squared error ½(t − s)². It goes on for all epochs.

        ``X`` is (examples, in) and ``y`` 0 or 1, (examples,) or (examples, out).

        >>> XOR = Perceptron(2).fit([[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0], epochs=20)
        >>> min(XOR) > 0
        True
        """
        X, y = np.asarray(as_tensor(X).data, float), np.asarray(as_tensor(y).data, float)
        y = y.reshape(len(y), -1) if y.ndim else y
        where = "Perceptron.fit(X, y)"
        wanted = f"X (n, {self.in_features}) and y (n,) or (n, {self.out_features})"
        if X.ndim != 2 or X.shape[1] != self.in_features or y.shape != (len(X), self.out_features):
            raise ShapeError(where, wanted, f"X {X.shape} and y {y.shape}", "one row for each example")
        if rule not in ("perceptron", "delta") or not np.isin(y, (0, 1)).all():
            got = f"rule={rule!r}" if rule not in ("perceptron", "delta") else f"targets {np.unique(y)[:5]}"
            raise ArgumentError(
                where, "rule 'perceptron' or 'delta', and targets 0 or 1", got, "write classes as 0 and 1"
            )
        w, b = np.array(self.weight.data, float), np.array(self.bias.data, float)
        mistakes = []
        for _ in range(epochs):
            wrong = 0
            for x, target in zip(X, y, strict=True):
                s = w @ x + b
                output = np.heaviside(s, 1.0)
                wrong += int((output != target).any())
                error = target - output if rule == "perceptron" else 2 * target - 1 - s
                w += lr * np.outer(error, x)
                b += lr * error
            mistakes.append(wrong)
            if rule == "perceptron" and not wrong:
                break
        self.weight.assign_(w)
        self.bias.assign_(b)
        return mistakes
