"""What every loss does with its terms: check the reduction and the shapes, weigh, and add up."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import ArgumentError, ShapeError, Tensor, as_tensor


def known(reduction: str, *more: str) -> str:
    """Return the reduction, if it is one. Raises ArgumentError otherwise."""
    if reduction not in ("mean", "sum", "none"):
        names = "', '".join(("none", "mean", "sum", *more))
        raise ArgumentError("reduction", f"one of '{names}'", repr(reduction), "'mean' is usual")
    return reduction


def floating(target: Any, input: Any) -> Any:
    """Return whole numbers and truths as numbers of the input's kind: float32 stays float32."""
    array = target if isinstance(target, Tensor) else np.asarray(target)
    if array.dtype.kind == "f":
        return array
    kind = input.dtype if isinstance(input, (Tensor, np.ndarray)) and input.dtype.kind == "f" else np.float64
    return array.astype(kind)


def together(where: str, *arrays: Any) -> tuple[Tensor, ...]:
    """Return the arrays as floating tensors of one shape. Raises ShapeError for several shapes."""
    first = as_tensor(arrays[0])
    tensors = (first, *(as_tensor(floating(array, first)) for array in arrays[1:]))
    shapes = [tensor.shape for tensor in tensors]
    if len(set(shapes)) > 1:
        got = f"{' and '.join(map(str, shapes))} (a loss never broadcasts)"
        remedy = f"give both one shape: target.reshape{first.shape}" if len(shapes) == 2 else "give all one shape"
        raise ShapeError(where, "arrays of one shape", got, remedy)
    return tensors


def like(weight: Any, tensor: Tensor) -> Any:
    """Return a weight as an array of the tensor's dtype."""
    return as_tensor(weight).data.astype(tensor.dtype, copy=False)


def reduced(losses: Tensor, weight: Any, reduction: str) -> Tensor:
    """Return the losses, weighed, or their sum or mean. Raises ShapeError for a weight that doesn't broadcast."""
    known(reduction)
    if weight is not None:
        shape = losses.shape
        losses = losses * like(weight, losses)
        if losses.shape != shape:
            got = f"losses {shape}, weight {np.shape(weight)}"
            raise ShapeError("a loss's weight", "a weight that broadcasts over the losses", got, "reshape the weight")
    if reduction == "none":
        return losses
    return losses.sum() if reduction == "sum" else losses.sum() / max(losses.size, 1)
