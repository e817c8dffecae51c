"""The warning for data that is more precise than the layer: legal, and twice as slow as was meant."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import GradientWarning, Tensor
from nn.module import Module


def compare(layer: Module, input: Any, parameter: Tensor) -> None:
    """Warn, once and by the layer's name, where float64 data makes a float32 layer compute in float64.

    Only the first layer that the data meets says so: what it hands on was computed.
    """
    data, own = input.dtype, parameter.dtype
    common = np.result_type(data, own)
    computed = isinstance(input, Tensor) and not input.is_leaf
    if computed or common == own or "warned" in layer.__dict__:
        return
    layer.__dict__["warned"] = True
    import warnings  # start-up cost: only needed where something is off

    name = (parameter.name or "").rpartition(".")[0]
    warnings.warn(
        f"{type(layer).__name__}{f' {name!r}' if name else ''} has {own} parameters and was given {data} data, so it "
        f"computes in {common}: cast the data by astype('{own}'), or the model by to('{common}')",
        GradientWarning,
        stacklevel=4,
    )
