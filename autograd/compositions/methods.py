"""Methods that arrays have and that take their arguments in another way than NumPy's function of the name."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.compositions.order import compress
from autograd.compositions.writing import put
from autograd.functions import functions
from autograd.tensor import Tensor


def _compress(self: Tensor, condition: Any, axis: int | None = None) -> Any:
    """Return the slices along an axis where a row of conditions holds."""
    return compress(condition, self, axis)


def _nonzero(self: Tensor) -> Any:
    """Return the indices of the entries that are not 0, one array for each axis."""
    return np.nonzero(self)


def _searchsorted(self: Tensor, v: Any, side: Any = "left", sorter: Any = None) -> Any:
    """Return where values belong in a sorted tensor."""
    return np.searchsorted(self, v, side, sorter)


def _fill(self: Tensor, value: Any) -> None:
    """Write one value everywhere, as ``t[...] = value`` does."""
    self[...] = value


_METHODS = {
    "compress": _compress,
    "conj": functions["conjugate"],
    "fill": _fill,
    "nonzero": _nonzero,
    "put": put,
    "searchsorted": _searchsorted,
}
for _name, _method in _METHODS.items():
    setattr(Tensor, _name, _method)
