"""NumPy's functions that tell only values: they run on plain numbers, and why they have no derivative.

Inside ``vmap`` they are refused: each example would tell another value.
"""

from __future__ import annotations

import numpy as np

from autograd.functions import facts, values_only

_PLACE = "tells where entries are, in integers: it jumps and is constant in between"
_TRUTH = "tells what is true: it jumps and is constant in between"
_SHAPE = "tells about shape and dtype, which don't vary with the entries"

_PLACES = (
    np.nonzero, np.flatnonzero, np.argwhere, np.searchsorted, np.digitize, np.lexsort, np.nanargmax, np.nanargmin,
)  # fmt: skip
_TRUTHS = (
    np.isclose, np.allclose, np.array_equal, np.array_equiv, np.isin, np.isposinf, np.isneginf, np.isreal, np.iscomplex,
)  # fmt: skip
_SHAPES = (
    np.shape, np.ndim, np.size, np.result_type, np.can_cast, np.min_scalar_type, np.common_type, np.iscomplexobj,
    np.isrealobj, np.ones_like, np.zeros_like, np.empty_like, np.shares_memory, np.may_share_memory,
    np.diag_indices_from, np.tril_indices_from, np.triu_indices_from, np.einsum_path,
    np.array_repr, np.array_str, np.array2string,
)  # fmt: skip

for _table, _reason, _functions in (
    (values_only, _PLACE, _PLACES), (values_only, _TRUTH, _TRUTHS), (facts, _SHAPE, _SHAPES),
):  # fmt: skip
    for _function in _functions:
        _table[_function] = _reason
