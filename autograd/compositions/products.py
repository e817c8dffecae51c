"""Products of arrays: dot and its relatives, Einstein's summation, cross and Kronecker products, convolution."""

from __future__ import annotations

import functools
import math
import string
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from autograd.compositions.composition import composed
from autograd.functions import functions
from autograd.primitives.domain import REAL, case
from autograd.primitives.einsum import subscripts_in_full
from autograd.tensor import Tensor, as_tensor

_step = functions["einsum"]
_join = functions["concatenate"]


def _arrays(*values: Any) -> list[Tensor]:
    return [as_tensor(v) for v in values]


@composed(
    case((), (3,)), case((4,), (4,)), case((3, 4), (4,)), case((4,), (4, 2)), case((3, 4), (4, 2)),
    case((2, 3, 4), (4, 2)), case((4,), (2, 4, 3)), case((2, 3, 4), (5, 4, 2)), case((3, 0), (0, 2)),
    method=True,
)  # fmt: skip
def dot(a: Any, b: Any) -> Any:
    """Return the dot product: Σ over the last axis of a and the last but one of b (its only one, if b is a vector).

    >>> dot(np.array([1.0, 2.0]), np.array([3.0, 4.0]))
    Tensor(11.)
    """
    a, b = _arrays(a, b)
    if not (a.ndim and b.ndim):
        return a * b
    if a.ndim == 1 or b.ndim <= 2:
        return a @ b
    return tensordot(a, b, axes=(-1, -2))


@composed(case((4,), (4,)), case((2, 3), (2, 3)), case((2, 3), (6,)), case((), ()))
def vdot(a: Any, b: Any) -> Any:
    """Return the dot product of all entries, each array read as one vector.

    >>> vdot(np.ones((2, 3)), np.ones((2, 3)))
    Tensor(6.)
    """
    a, b = _arrays(a, b)
    return a.reshape(-1) @ b.reshape(-1)


@composed(case((), (3,)), case((4,), (4,)), case((3, 4), (4,)), case((4,), (3, 4)), case((3, 4), (2, 5, 4)))
def inner(a: Any, b: Any) -> Any:
    """Return Σ over the last axis of both.

    >>> inner(np.ones((2, 3)), np.ones((4, 3))).shape
    (2, 4)
    """
    a, b = _arrays(a, b)
    if not (a.ndim and b.ndim):
        return a * b
    if b.ndim == 1:
        return a @ b
    return b @ a if a.ndim == 1 else tensordot(a, b, axes=(-1, -1))


@composed(case((3,), (2,)), case((2, 2), (3,)), case((), (3,)), case((0,), (2,)), numpy=(np.outer, np.linalg.outer))
def outer(a: Any, b: Any) -> Any:
    """Return aᵢ·bⱼ for every pair of entries, each array read as one vector.

    >>> outer(np.arange(2.0), np.arange(3.0)).shape
    (2, 3)
    """
    a, b = _arrays(a, b)
    return a.reshape(-1, 1) * b.reshape(-1)


_CONTRACTIONS = (
    case((2, 3, 4), (3, 4, 5)), case((3, 4), (4, 2), axes=1), case((2,), (3,), axes=0), case((2, 3), (2, 3), axes=2),
    case((2, 3, 4), (4, 3, 5), axes=([1, 2], [1, 0])), case((2, 3, 4), (5, 3), axes=(1, -1)),
    case((3, 4), (5, 3), axes=((0,), (1,))), case((), (), axes=0), case((0, 3), (3, 2), axes=1),
)  # fmt: skip


@composed(*_CONTRACTIONS, numpy=(np.tensordot, np.linalg.tensordot))
def tensordot(a: Any, b: Any, axes: Any = 2) -> Any:
    """Return Σ over the given axes of a and b: a number (the last of a, the first of b), or the axes of each.

    >>> tensordot(np.ones((2, 3)), np.ones((3, 4)), axes=1).shape
    (2, 4)
    """
    a, b = _arrays(a, b)
    if np.ndim(axes) == 0 and not isinstance(axes, (tuple, list)):
        count = int(axes)
        axes = (tuple(range(a.ndim - count, a.ndim)), tuple(range(count)))
    of_a, of_b = (normalize_axis_tuple(x, t.ndim) for x, t in zip(axes, (a, b), strict=True))
    if [a.shape[i] for i in of_a] != [b.shape[i] for i in of_b]:
        raise ValueError(f"axes {of_a} of shape {a.shape} don't match axes {of_b} of shape {b.shape}")
    free_a, free_b = (
        tuple(i for i in range(t.ndim) if i not in x) for x, t in ((of_a, a), (of_b, b))
    )  # fmt: skip
    count = math.prod(a.shape[i] for i in of_a)
    rows, columns = (math.prod(t.shape[i] for i in x) for x, t in ((free_a, a), (free_b, b)))
    y = _arranged(a, free_a + of_a, (rows, count)) @ _arranged(b, of_b + free_b, (count, columns))
    shape = (*(a.shape[i] for i in free_a), *(b.shape[i] for i in free_b))
    return y if y.shape == shape else y.reshape(shape)


def _arranged(t: Tensor, order: tuple[int, ...], shape: tuple[int, int]) -> Tensor:
    t = t if order == tuple(range(t.ndim)) else t.transpose(order)
    return t if t.shape == shape else t.reshape(shape)


@composed(
    case((4,), (4,)), case((2, 1, 4), (3, 4)), case((4, 2), (4, 2), axis=0), case((0,), (0,)),
    numpy=tuple(f for f in (getattr(np, "vecdot", None), np.linalg.vecdot) if f),
)  # fmt: skip
def vecdot(a: Any, b: Any, axis: int = -1) -> Any:
    """Return the dot products Σ aᵢ·bᵢ along an axis of arrays that broadcast.

    >>> vecdot(np.ones((2, 3)), np.ones(3))
    Tensor([3., 3.])
    """
    a, b = (t if axis == -1 else t.moveaxis(axis, -1) for t in _arrays(a, b))
    return _step("...i,...i->...", a, b)


@composed(
    case((3, 4), (4,)), case((2, 3, 4), (4,)), case((2, 3, 4), (5, 1, 4)), numpy=getattr(np, "matvec", None),
    reference=lambda a, x: np.einsum("...ij,...j->...i", a, x),
)  # fmt: skip
def matvec(a: Any, x: Any) -> Any:
    """Return the products of matrices and vectors, Σⱼ aᵢⱼ·xⱼ; leading axes broadcast.

    >>> matvec(np.ones((2, 3)), np.ones(3))
    Tensor([3., 3.])
    """
    a, x = _arrays(a, x)
    return (a @ x[..., None])[..., 0]


@composed(
    case((4,), (4, 3)), case((4,), (2, 4, 3)), case((5, 1, 4), (2, 4, 3)), numpy=getattr(np, "vecmat", None),
    reference=lambda x, a: np.einsum("...i,...ij->...j", x, a),
)  # fmt: skip
def vecmat(x: Any, a: Any) -> Any:
    """Return the products of vectors and matrices, Σᵢ xᵢ·aᵢⱼ; leading axes broadcast.

    >>> vecmat(np.ones(3), np.ones((3, 2)))
    Tensor([3., 3.])
    """
    x, a = _arrays(x, a)
    return (x[..., None, :] @ a)[..., 0, :]


@composed(case((3,), (2,)), case((2, 3), (3, 2)), case((2,), (2, 3)), case((2, 1, 2), (3, 2)), case((), (3,)))
def kron(a: Any, b: Any) -> Any:
    """Return the Kronecker product: every entry of a times the whole of b.

    >>> kron(np.array([1.0, 10.0]), np.array([1.0, 2.0]))
    Tensor([ 1.,  2., 10., 20.])
    """
    a, b = _arrays(a, b)
    ndim = max(a.ndim, b.ndim)
    of_a, of_b = ((1,) * (ndim - t.ndim) + t.shape for t in (a, b))
    spread = a.reshape([n for m in of_a for n in (m, 1)]) * b.reshape([n for m in of_b for n in (1, m)])
    return spread.reshape([m * n for m, n in zip(of_a, of_b, strict=True)])


@composed(
    case((3,), (3,)), case((2, 3), (3,)), case((4, 1, 3), (2, 3)), case((3, 2), (3, 2), axis=0),
    case((3, 2), (2, 3), axisa=0, axisb=-1, axisc=0), numpy=(np.cross, np.linalg.cross),
)  # fmt: skip
def cross(a: Any, b: Any, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None) -> Any:
    """Return the cross products of vectors of 3 entries (or of 2, whose third is 0) along an axis.

    >>> cross(np.array([1.0, 0.0, 0.0]), np.array([0.0, 1.0, 0.0]))
    Tensor([0., 0., 1.])
    """
    if axis is not None:
        axisa = axisb = axisc = axis
    a, b = _arrays(a, b)
    a, b = a.moveaxis(axisa, -1), b.moveaxis(axisb, -1)
    if a.shape[-1] not in (2, 3) or b.shape[-1] not in (2, 3):
        raise ValueError(f"vectors have 2 or 3 entries, not {a.shape[-1]} and {b.shape[-1]}")
    if a.shape[-1] == b.shape[-1] == 2:
        return a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0]
    a, b = (t if t.shape[-1] == 3 else _join([t, np.zeros((*t.shape[:-1], 1), t.dtype)], axis=-1) for t in (a, b))
    return functions["cross_product"](a, b).moveaxis(-1, axisc)


_SEQUENCES = tuple(case((n,), (m,), mode=o) for n, m in ((5, 3), (2, 6), (4, 4)) for o in ("full", "same", "valid"))


@composed(*_SEQUENCES)
def convolve(a: Any, v: Any, mode: str = "full") -> Any:
    """Return Σᵢ aᵢ·vₖ₋ᵢ: ``full`` where the sequences meet, ``valid`` where one covers the other, ``same`` between.

    >>> convolve(np.array([1.0, 2.0]), np.array([1.0, 1.0]))
    Tensor([1., 3., 2.])
    """
    a, v = _arrays(a, v)
    return _stretch(a, v, mode)


@composed(*_SEQUENCES)
def correlate(a: Any, v: Any, mode: str = "valid") -> Any:
    """Return Σᵢ aᵢ₊ₖ·vᵢ, the convolution with v read backwards.

    >>> correlate(np.array([1.0, 2.0, 3.0]), np.array([0.0, 1.0]))
    Tensor([2., 3.])
    """
    a, v = _arrays(a, v)
    return _stretch(a, v.reshape(-1)[::-1], mode, backwards=v.size > a.size)


def _stretch(a: Tensor, v: Tensor, mode: str, backwards: bool = False) -> Any:
    short, long = sorted((a.size, v.size))
    if mode not in ("full", "same", "valid") or a.ndim > 1 or v.ndim > 1 or not short:
        raise ValueError("two sequences of at least one entry; mode is full, same or valid")
    a, v = a.reshape(-1), v.reshape(-1)
    if mode == "valid":
        return functions["valid_convolution"](*((v, a) if v.size > a.size else (a, v)))
    y = functions["full_convolution"](a, v)
    start = (short - 1 + backwards) // 2
    return y if mode == "full" else y[start : start + long]


@composed(
    case("ij,jk->ik", (3, 4), (4, 2)), case("ij,jk", (3, 4), (4, 2)), case("ii", (3, 3)), case("ii->i", (3, 3)),
    case("ba", (2, 3)), case("...ij,...jk->...ik", (2, 3, 4), (2, 4, 2)), case("...i,...i", (1, 3), (2, 3)),
    case("ij,jk,kl->il", (2, 3), (3, 4), (4, 2)), case("i,ij,j,jk->k", (2,), (2, 3), (3,), (3, 2)),
    case("ij,ik,il->jkl", (4, 2), (4, 2), (4, 2), optimize="optimal"), case("a,a,a->", (3,), (3,), (3,)),
    case("i,j,k->", (2,), (3,), (2,), optimize=False), case("bii,i->b", (2, 3, 3), (3,)),
    case("ij,ij,ij->ij", (2, 1), (2, 3), (1, 3)), case((3, 4), [0, 1], (4, 2), [1, 2], [0, 2]),
    case((3, 4), [0, 1], (4, 2), [1, 2]), case((2, 3, 4), [Ellipsis, 0], (4,), [0], [Ellipsis]),
    domain=(REAL,) * 6,
)  # fmt: skip
def einsum(*operands: Any, optimize: Any = True) -> Any:
    """Return the sum over products that Einstein's subscripts describe; several arrays are contracted pair by pair.

    The subscripts are text, or lists of numbers that follow each array. ``optimize`` plans the pairs, as in NumPy:
    ``True`` or "greedy", "optimal", a path, or ``False`` for all at once.

    >>> einsum("ij,j->i", np.ones((2, 3)), np.ones(3))
    Tensor([3., 3.])
    """
    subscripts, arrays = _written(operands)
    arrays = _arrays(*arrays)
    if len(arrays) < 3 or optimize is False:
        return _step(subscripts, *arrays)
    written, output = subscripts_in_full(subscripts, tuple(a.shape for a in arrays))
    explicit, terms = ",".join(written) + "->" + output, list(written)
    plan = _pairs if isinstance(optimize, (bool, str)) else _pairs.__wrapped__
    for places in plan(explicit, tuple(a.shape for a in arrays), optimize):
        chosen = sorted(places, reverse=True)
        taken = [(terms.pop(i), arrays.pop(i)) for i in chosen]
        kept = set(output).union(*terms)
        left = output if not terms else "".join(dict.fromkeys(c for t, _ in taken for c in t if c in kept))
        arrays.append(_step(",".join(t for t, _ in taken) + "->" + left, *(a for _, a in taken)))
        terms.append(left)
    return arrays[0]


@functools.lru_cache(maxsize=1024)
def _pairs(explicit: str, shapes: tuple[tuple[int, ...], ...], optimize: Any) -> list[tuple[int, ...]]:
    """Return which operands to contract one after the other; remembered, since planning takes longer than computing."""
    stand_ins = [np.broadcast_to(np.float64(0), shape) for shape in shapes]
    pairs: list[tuple[int, ...]] = np.einsum_path(explicit, *stand_ins, optimize=optimize)[0][1:]
    return pairs


def _written(operands: tuple[Any, ...]) -> tuple[str, list[Any]]:
    """Return subscripts as text and the arrays, from either form of the call."""
    if operands and isinstance(operands[0], str):
        return operands[0], list(operands[1:])
    if len(operands) < 2:
        raise ValueError("subscripts such as 'ij,jk->ik' come first, or a list of numbers after each array")
    lists = [operands[i] for i in range(1, len(operands), 2)] + list(operands[-1:] if len(operands) % 2 else [])
    numbers = sorted({n for one in lists for n in one if n is not Ellipsis})
    letters: dict[Any, str] = dict(zip(numbers, string.ascii_letters, strict=False)) | {Ellipsis: "..."}
    texts = ["".join(letters[n] for n in one) for one in lists]
    count = len(operands) // 2
    return ",".join(texts[:count]) + "".join("->" + t for t in texts[count:]), list(operands[: 2 * count : 2])


@composed(
    case((2, 3), (3, 4)), case((2, 3), (3, 4), (4, 2)), case((3,), (3, 4), (4,)), case((2, 3), (3, 4), (4, 2), (2, 5)),
    sequence=True, numpy=np.linalg.multi_dot,
)  # fmt: skip
def multi_dot(arrays: Any) -> Any:
    """Return the product of several matrices in the order that costs least; the first and the last may be vectors.

    >>> multi_dot([np.ones((2, 3)), np.ones((3, 4)), np.ones(4)])
    Tensor([12., 12.])
    """
    arrays = list(arrays)
    if len(arrays) < 2 or any(a.ndim != 2 for a in arrays[1:-1]) or any(a.ndim not in (1, 2) for a in arrays):
        raise ValueError("at least two matrices; the first and the last may be vectors")
    letters = string.ascii_letters
    terms = [letters[i : i + 2] for i in range(len(arrays))]
    terms[0], terms[-1] = terms[0][2 - arrays[0].ndim :], terms[-1][: arrays[-1].ndim]
    output = terms[0][: arrays[0].ndim - 1] + terms[-1][1:]
    return einsum(",".join(terms) + "->" + output, *arrays, optimize="optimal" if len(arrays) > 2 else True)
