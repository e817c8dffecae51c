"""Loading a state: saved values into the parameters and buffers of a module, all of them or none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from autograd import ArgumentError, ShapeError, Tensor


class Loaded(NamedTuple):
    """The names that ``strict=False`` overlooked."""

    missing_keys: list[str]
    unexpected_keys: list[str]


def write(owner: str, own: Mapping[str, Tensor], state: Mapping[str, Any], strict: bool) -> Loaded:
    """Write the values of ``state`` into the tensors of the same names, once all of them fit."""
    where, expected = f"{owner}.load_state_dict(state)", "the names and shapes of this module's state_dict()"
    if not isinstance(state, Mapping):
        raise ArgumentError(where, expected, f"a {type(state).__name__}", "pass state_dict(), or nn.load a file")
    given = {name: np.asarray(value) for name, value in state.items()}
    missing = [name for name in own if name not in given]
    unexpected = [name for name in given if name not in own]
    misfits = [
        f"{name} {given[name].shape} for {tensor.shape}"
        for name, tensor in own.items()
        if name in given and given[name].shape != tensor.shape
    ]
    wrong = [("missing", missing), ("unexpected", unexpected)] if strict else []
    found = [f"{kind}: {', '.join(names)}" for kind, names in [*wrong, ("wrongly shaped", misfits)] if names]
    if found:
        remedy = "make the model as the saved one was made"
        if missing or unexpected:
            remedy += "; strict=False overlooks missing and unexpected names"
        raise ShapeError(where, expected, "; ".join(found), remedy)
    for name, tensor in own.items():
        if name in given:
            tensor.assign_(given[name])
    return Loaded(missing, unexpected)
