"""What goes into a tensor: real numbers, integers and booleans in a regular shape, and no mask, which would be lost."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from autograd.errors import ArgumentError, DTypeError, NoDerivativeError, short


def array_of(data: Any, dtype: Any, copy: bool) -> Any:
    """Return data as an array of its own, or on the same memory; a NumPy scalar where the shape is ()."""
    refuse_mask(data, "Tensor(data)")
    try:
        array = np.array(data, dtype=dtype) if copy else np.asarray(data, dtype=dtype)
    except NoDerivativeError:
        raise
    except (TypeError, ValueError) as problem:
        raise DTypeError(
            "Tensor(data)",
            "numbers in a regular shape",
            f"{short(data)} ({problem})",
            "make all rows equally long, and name a dtype that NumPy knows",
        ) from problem
    if array.dtype.kind not in "fiub":
        raise DTypeError(
            "Tensor(data)",
            "real numbers, integers or booleans",
            f"dtype {array.dtype} from {short(data)}",
            "split complex numbers into real and imaginary parts"
            if array.dtype.kind == "c"
            else "convert it to numbers",
        )
    return native(array)[()]


def native(array: Any) -> Any:
    """Return an array in this machine's byte order, in which results and gradients are."""
    return array if array.dtype.isnative else array.astype(array.dtype.newbyteorder("="))


def refuse_mask(data: Any, where: str) -> None:
    """Refuse a masked array, or a list of them, in which anything is masked."""
    ma = sys.modules.get("numpy.ma")  # who has a masked array has imported it
    if ma is None or data.__class__ is np.ndarray:
        return
    entries = data if isinstance(data, (list, tuple)) else (data,)
    if not any(issubclass(kind, ma.MaskedArray) for kind in set(map(type, entries))):
        return
    masked = sum(int(np.sum(ma.getmaskarray(e))) for e in entries if isinstance(e, ma.MaskedArray))
    if masked:
        raise DTypeError(
            where,
            "an array without a mask: a tensor has none, and would compute with the numbers behind it",
            f"a masked array with {masked} of its entries masked",
            "fill them in, data.filled(0.0); or data.filled(np.nan) and np.nansum, np.nanmean, … on the tensor",
        )


def plain(array: Any, where: str) -> Any:
    """Return an operand of a subclass of NumPy's array as a plain one, where it means the same."""
    refuse_mask(array, where)
    if isinstance(array, np.matrix):
        raise ArgumentError(
            where,
            "an array: * and ** of an np.matrix mean products of matrices, those of a tensor entries",
            f"an np.matrix of shape {array.shape}",
            "np.asarray(matrix); the product of matrices is a @ b",
        )
    return np.asarray(array)
