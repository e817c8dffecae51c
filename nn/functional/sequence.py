"""Taking a sequence apart into its steps."""

from __future__ import annotations

from autograd import Tensor


def steps(x: Tensor) -> list[Tensor]:
    """Return ``[x[0], x[1], …]``.

    Where a gradient flows, x is halved again and again: the adjoint of each piece is then an array of its own length,
    so that all of them together cost n·log n entries; those of ``x[i]`` alone would cost n².

    >>> import numpy as np
    >>> [int(step.item()) for step in steps(Tensor(np.arange(3.0)))]
    [0, 1, 2]
    """
    if not x.requires_grad or len(x) < 4:
        return [x[i] for i in range(len(x))]
    half = len(x) // 2
    return steps(x[:half]) + steps(x[half:])
