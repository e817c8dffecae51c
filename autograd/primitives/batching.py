"""How a primitive is applied to a whole batch at once: one leading axis on some operands, one on the result.

``vmap``, and tangents with leading axes, ask the declaration's ``behind`` rule. It is written in NumPy functions and
primitives, so it runs on arrays and is recorded on tensors. :func:`looped` is right for everything and slow.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np


def _shape(operand: Any) -> tuple[int, ...]:
    """Return ``np.shape(operand)``, of a tensor without the way through NumPy's dispatch."""
    shape: tuple[int, ...] = operand.shape if hasattr(operand, "shape") else np.shape(operand)
    return shape


def aligned(primitive: Any, operands: Sequence[Any], batched: Sequence[bool], static: Any, n: int) -> Any:
    """Entry by entry: give each batched operand the rank of the widest, so that NumPy broadcasts behind the batch."""
    ndim = max(len(_shape(o)) - b for o, b in zip(operands, batched, strict=True))
    return primitive.on([widened(o, ndim) if b else o for o, b in zip(operands, batched, strict=True)], static)


def widened(operand: Any, ndim: int) -> Any:
    """Insert axes behind the batch axis until ``ndim`` follow it."""
    shape = _shape(operand)
    missing = ndim - (len(shape) - 1)
    return np.reshape(operand, (shape[0], *(1,) * missing, *shape[1:])) if missing > 0 else operand


def same(primitive: Any, operands: Sequence[Any], batched: Sequence[bool], static: Any, n: int) -> Any:
    """Along negative axes: a leading axis changes nothing, once every operand has it."""
    return primitive.on([o if b else spread(o, n) for o, b in zip(operands, batched, strict=True)], static)


def spread(operand: Any, n: int) -> Any:
    """Give an operand that all examples share the batch axis."""
    return np.broadcast_to(operand, (n, *_shape(operand)))


def invented(shape: tuple[int, ...], dtype: Any) -> Any:
    """Return an example where there is none: its matrices are invertible, its entries lie between 0 and 1."""
    if np.dtype(dtype).kind != "f":
        return np.ones(shape, dtype)[()]
    square: Any = np.eye(shape[-2], shape[-1]) if len(shape) > 1 else 1.0
    return np.asarray(np.broadcast_to(0.1 + 0.5 * square, shape), dtype)[()]


def looped(primitive: Any, operands: Sequence[Any], batched: Sequence[bool], static: Any, n: int) -> Any:
    """One example after the other; of an empty batch an invented one shows the shape."""
    if not n:
        operands = [[invented(np.shape(o)[1:], o.dtype)] if b else o for o, b in zip(operands, batched, strict=True)]
    rows = [
        primitive.on([o[i] if b else o for o, b in zip(operands, batched, strict=True)], static)
        for i in range(max(n, 1))
    ]
    return np.stack(rows)[:n]
