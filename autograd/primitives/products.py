"""Products: matmul in every combination of ranks, the affine layer, and the convolution of sequences."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.primitives.batching import aligned, widened
from autograd.primitives.blas import summed, summed_rows, times
from autograd.primitives.domain import case
from autograd.primitives.notation import PRODUCT, call, infix
from autograd.primitives.primitive import Primitive, Static, bilinear_map


def _matrix(shape: tuple[int, ...]) -> bool:
    return len(shape) > 1


def _a_bar_of_matmul(y_bar: Any, b: Any, a_shape: tuple[int, ...]) -> Any:
    if not _matrix(b.shape):
        return y_bar[..., None] * b
    if not _matrix(a_shape):
        return (b @ y_bar[..., None])[..., 0]
    return times(y_bar, b.mT)


def _b_bar_of_matmul(y_bar: Any, a: Any, b_shape: tuple[int, ...], lead: tuple[int, ...]) -> Any:
    if not _matrix(a.shape):
        return y_bar[..., None] * a if not _matrix(b_shape) else a[:, None] * y_bar[..., None, :]
    if not _matrix(b_shape):
        return (a.mT @ y_bar[..., None])[..., 0]
    if len(b_shape) == 2 and len(a.shape) > 2:  # one product of tall matrices, not a sum over many small ones
        rows = math.prod(a.shape[:-1])
        return times(np.reshape(a, (rows, b_shape[0])).mT, np.reshape(y_bar, (*lead, rows, b_shape[1])))
    return times(a.mT, y_bar)


def _matmul_behind(primitive: Any, operands: Any, batched: Any, static: Static, n: int) -> Any:
    """Make matrices of batched vectors, so that the batch axis is never taken for one of theirs."""
    (a, b), ranks = operands, [np.ndim(o) - w for o, w in zip(operands, batched, strict=True)]
    if ranks == [1, 2] and not batched[1]:
        return a @ b  # the vectors of the batch are the rows of one matrix
    row, column = batched[0] and ranks[0] == 1, batched[1] and ranks[1] == 1
    a = a[:, None, :] if row else a
    b = b[..., None] if column else b
    rank = max(2, *ranks)
    y = (widened(a, rank) if batched[0] else a) @ (widened(b, rank) if batched[1] else b)
    if row:
        y = np.squeeze(y, -1 if ranks[1] == 1 and not column else -2)
    return np.squeeze(y, -1) if column else y


matmul = bilinear_map(
    times,
    (_a_bar_of_matmul, _b_bar_of_matmul),
    name="matmul", operands="a b", broadcasts=True, behind=_matmul_behind, numpy=(np.linalg.matmul,),
    cases=(
        case((3, 4), (4, 2)), case((4,), (4,)), case((4,), (4, 2)), case((3, 4), (4,)),
        case((2, 3, 4), (4, 2)), case((3, 4), (2, 4, 2)), case((2, 3, 4), (2, 4, 2)),
        case((5, 1, 3, 4), (2, 4, 2)), case((4,), (2, 4, 3)), case((2, 3, 4), (4,)), case((0, 3), (3, 2)),
        case((3, 0), (0, 2)), case((2, 0, 3), (3, 2)), case((2, 3, 0), (0, 2)), case((0,), (0,)), case((3, 0), (0,)),
    ),
    doc="The matrix product a @ b; vectors are rows on the left and columns on the right, leading axes broadcast.",
    notation=infix("·", PRODUCT, ""),
    formulas=(lambda y_bar, b: y_bar @ b.mT, lambda y_bar, a: a.mT @ y_bar),
    expects="the last axis of a as long as the last but one of b",
)  # fmt: skip


def _affine(x: Any, weight: Any, bias: Any = None) -> Any:
    if weight.ndim != 2 or (bias is not None and bias.shape != weight.shape[:1]):
        raise ValueError("weight has two axes, and bias one number for each row of it")
    y = times(x, weight.T)
    if bias is None:
        return y
    if bias.dtype is not y.dtype:
        return y + bias
    y += bias  # y is fresh, so nobody else sees it change
    return y


def _x_bar(y_bar: Any, weight: Any) -> Any:
    """With a single output the product is an outer one, which multiplication forms in half of BLAS's time."""
    return y_bar * weight if weight.shape[0] == 1 else times(y_bar, weight)


def _weight_bar(y_bar: Any, x: Any, weight_shape: tuple[int, ...], lead: tuple[int, ...]) -> Any:
    if x.ndim == 2:
        return times(y_bar.mT, x)
    if x.ndim == 1:
        return y_bar[..., None] * x
    rows = math.prod(x.shape[:-1])
    return times(np.reshape(y_bar, (*lead, rows, weight_shape[0])).mT, np.reshape(x, (rows, weight_shape[1])))


def _bias_bar(y_bar: Any, y_shape: tuple[int, ...], lead: tuple[int, ...]) -> Any:
    if y_bar.__class__ is np.ndarray and y_bar.ndim == 2 == len(y_shape):  # written out: each layer comes by here
        return summed_rows(y_bar)
    axes = tuple(range(len(lead), len(lead) + len(y_shape) - 1))
    return summed(y_bar, axes) if axes else y_bar


def _linear_behind(primitive: Any, operands: Any, batched: Any, static: Static, n: int) -> Any:
    x, weight, bias = operands
    if not batched[1] and not batched[2]:
        return primitive.on(operands, static)
    rows = np.shape(x)[batched[0] : -1]
    flat = np.reshape(x, (*(n,) * batched[0], math.prod(rows), np.shape(x)[-1]))
    y = flat @ np.swapaxes(weight, -1, -2)
    y = np.reshape(y, (*(n,) * (batched[0] or batched[1]), *rows, np.shape(weight)[-2]))
    return y if bias is None else y + (widened(bias, len(rows) + 1) if batched[2] else bias)


linear = bilinear_map(
    _affine,
    (_x_bar, _weight_bar, _bias_bar),
    name="linear", operands="x weight bias", method=False, behind=_linear_behind,
    cases=(
        case((5, 3), (4, 3), (4,)), case((3,), (4, 3), (4,)), case((2, 5, 3), (4, 3), (4,)),
        case((5, 3), (4, 3)), case((0, 3), (4, 3), (4,)), case((2, 0, 3), (4, 3), (4,)),
    ),
    doc="The affine map x·Wᵀ + b of a layer, with weight (out, in) as in PyTorch.",
    formulas=(lambda y_bar, weight: y_bar @ weight, lambda y_bar, x: y_bar.mT @ x, lambda y_bar: call("Σ", y_bar)),
    expects="x (…, in), weight (out, in), bias (out,)",
)  # fmt: skip


def _rows(a: Any, b: Any, mode: Any) -> Any:
    """Convolve along the last axis; leading axes broadcast."""
    if a.ndim == b.ndim == 1:
        return np.convolve(a, b, mode)
    lead = np.broadcast_shapes(a.shape[:-1], b.shape[:-1])
    rows = [np.reshape(np.broadcast_to(o, (*lead, o.shape[-1])), (math.prod(lead), o.shape[-1])) for o in (a, b)]
    made = [np.convolve(x, y, mode) for x, y in zip(*rows, strict=True)]
    length = a.shape[-1] + b.shape[-1] - 1 if mode == "full" else a.shape[-1] - b.shape[-1] + 1
    return np.reshape(np.asarray(made, np.result_type(a, b)), (*lead, length))


_CORRELATED = (lambda y_bar, b: call("correlate", y_bar, b), lambda y_bar, a: call("correlate", y_bar, a))

full_convolution: Primitive = bilinear_map(
    lambda a, b: _rows(a, b, "full"),
    (
        lambda y_bar, b: valid_convolution(y_bar, b[..., ::-1]),
        lambda y_bar, a: valid_convolution(y_bar, a[..., ::-1]),
    ),
    name="full_convolution", operands="a b", internal=True, method=False, broadcasts=True, behind=aligned,
    cases=(case((4,), (3,)), case((2,), (5,)), case((2, 4), (3,)), case((2, 1, 3), (3, 2)), case((1,), (1,))),
    doc="Σᵢ aᵢ·bₖ₋ᵢ along the last axis, for every k where the sequences meet.",
    formulas=_CORRELATED, expects="sequences of at least one entry along the last axis",
)  # fmt: skip

valid_convolution: Primitive = bilinear_map(
    lambda a, b: _rows(a, b, "valid"),
    (
        lambda y_bar, b: full_convolution(y_bar, b[..., ::-1]),
        lambda y_bar, a: valid_convolution(a[..., ::-1], y_bar),
    ),
    name="valid_convolution", operands="a b", internal=True, method=False, broadcasts=True, behind=aligned,
    cases=(case((4,), (3,)), case((3,), (3,)), case((2, 4), (3,)), case((2, 1, 3), (3, 2)), case((1,), (1,))),
    doc="Σᵢ aₖ₋ᵢ·bᵢ along the last axis, for every k where a covers the whole of b.",
    formulas=_CORRELATED, expects="sequences of at least one entry along the last axis, a not the shorter",
)  # fmt: skip

cross_product: Primitive = bilinear_map(
    lambda a, b: np.cross(a, b),
    (lambda y_bar, b: cross_product(b, y_bar), lambda y_bar, a: cross_product(y_bar, a)),
    name="cross_product", operands="a b", internal=True, method=False, broadcasts=True, behind=aligned,
    cases=(case((3,), (3,)), case((2, 3), (3,)), case((4, 1, 3), (2, 3)), case((0, 3), (3,))),
    doc="The vectors at right angles to a and b whose length is the area between them.",
    formulas=(lambda y_bar, b: call("cross", b, y_bar), lambda y_bar, a: call("cross", y_bar, a)),
    expects="vectors of 3 entries along the last axis",
)  # fmt: skip
