"""The one place where what broadcasting spread is summed up again."""

from __future__ import annotations

from typing import Any

from autograd.graph.node import Spec
from autograd.primitives.blas import summed


def fit(message: Any, spec: Spec, lead: int) -> Any:
    """Sum a message down to its operand's shape behind ``lead`` leading axes, and give it the operand's dtype.

    >>> import numpy as np
    >>> fit(np.ones((7, 2, 3)), Spec((3,), np.dtype("float32")), lead=1).shape
    (7, 3)
    """
    shape = spec.shape
    extra = message.ndim - lead - len(shape)
    if extra:
        message = summed(message, tuple(range(lead, lead + extra)))
    if message.shape[lead:] != shape:
        stretched = tuple(lead + i for i, n in enumerate(shape) if n != message.shape[lead + i])
        message = summed(message, stretched, keepdims=True)
    return message if message.dtype == spec.dtype else message.astype(spec.dtype)
