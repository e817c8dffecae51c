"""Penalties on weights, to be added to a loss: L1, L2 and both together.

Weight decay is an argument of the optimizers: there ``weight_decay=2λ`` does what :class:`L2` of λ does here.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable

from autograd import ArgumentError, Tensor
from nn.module import Module


class ElasticNet:
    """``l1·Σ|w| + l2·Σw²`` over chosen parameters. Zou and Hastie 2005.

    Call it with a model, where ``only`` chooses by path (``"*weight"``: no biases), or with the parameters themselves.
    Raises ArgumentError for a negative strength, or if nothing is chosen.

    >>> import nn, numpy as np
    >>> w = nn.Parameter(np.array([1.0, -2.0]))
    >>> ElasticNet(l1=0.5, l2=0.25)([w]).item()
    2.75
    """

    def __init__(self, l1: float, l2: float, only: str = "*") -> None:
        if not (l1 >= 0 and l2 >= 0):
            got = f"l1={l1}, l2={l2}"
            raise ArgumentError(type(self).__name__, "strengths ≥ 0", got, "a penalty grows with the weights")
        self.l1, self.l2, self.only = l1, l2, only

    def __call__(self, parameters: Module | Tensor | Iterable[Tensor]) -> Tensor:
        """Return the penalty, a number to add to a loss."""
        if isinstance(parameters, Module):
            chosen: list[Tensor] = [
                p for name, p in parameters.named_parameters() if fnmatch.fnmatchcase(name, self.only)
            ]
        else:
            chosen = [parameters] if isinstance(parameters, Tensor) else list(parameters)
        if not chosen:
            got = f"no parameter called {self.only!r}" if isinstance(parameters, Module) else "none"
            raise ArgumentError(type(self).__name__, "at least one parameter", got, "see model.named_parameters()")
        total = self._of(chosen[0])
        for w in chosen[1:]:
            total = total + self._of(w)
        return total

    def _of(self, w: Tensor) -> Tensor:
        if not self.l1:
            return self.l2 * (w * w).sum()
        return self.l1 * w.abs().sum() + self.l2 * (w * w).sum() if self.l2 else self.l1 * w.abs().sum()

    def __repr__(self) -> str:
        return f"{type(self).__name__}(l1={self.l1}, l2={self.l2}, only={self.only!r})"


class L1(ElasticNet):
    """``strength·Σ|w|``: drives weights to 0. Tibshirani 1996 (the lasso).

    >>> import nn, numpy as np
    >>> L1(0.5)([nn.Parameter(np.array([1.0, -2.0]))]).item()
    1.5
    """

    def __init__(self, strength: float, only: str = "*") -> None:
        super().__init__(strength, 0.0, only)


class L2(ElasticNet):
    """``strength·Σw²``: keeps weights small. Hoerl and Kennard 1970 (ridge regression).

    >>> import nn, numpy as np
    >>> L2(0.1)([nn.Parameter(np.array([1.0, -2.0]))]).item()
    0.5
    """

    def __init__(self, strength: float, only: str = "*") -> None:
        super().__init__(0.0, strength, only)
