"""Products of matrices: matmul in every combination of ranks, einsum, and the affine layer."""

from __future__ import annotations

import string
from typing import Any

import numpy as np

from autograd.primitives.domain import case
from autograd.primitives.notation import PRODUCT, call, infix
from autograd.primitives.primitive import Static, bilinear_map


def _matrix(shape: tuple[int, ...]) -> bool:
    return len(shape) > 1


def _a_bar_of_matmul(y_bar: Any, b: Any, a_shape: tuple[int, ...]) -> Any:
    if not _matrix(b.shape):
        return y_bar[..., None] * b
    if not _matrix(a_shape):
        return (b @ y_bar[..., None])[..., 0]
    return y_bar @ b.mT


def _b_bar_of_matmul(y_bar: Any, a: Any, b_shape: tuple[int, ...], lead: tuple[int, ...]) -> Any:
    if not _matrix(a.shape):
        return y_bar[..., None] * a if not _matrix(b_shape) else a[:, None] * y_bar[..., None, :]
    if not _matrix(b_shape):
        return (a.mT @ y_bar[..., None])[..., 0]
    if len(b_shape) == 2 and len(a.shape) > 2:  # one product of tall matrices, not a sum over many small ones
        rows = np.reshape(y_bar, (*lead, -1, b_shape[1])) if y_bar.size else y_bar.sum(axis=tuple(range(len(lead), y_bar.ndim - 2)))
        if y_bar.size:
            return np.reshape(a, (-1, b_shape[0])).mT @ rows
        return np.zeros(lead + b_shape, dtype=y_bar.dtype)
    return a.mT @ y_bar


matmul = bilinear_map(
    np.matmul,
    (
        lambda y_bar, b, a_shape: _a_bar_of_matmul(y_bar, b, a_shape),
        lambda y_bar, a, b_shape, lead: _b_bar_of_matmul(y_bar, a, b_shape, lead),
    ),
    operands="a b", broadcasts=True,
    cases=(
        case((3, 4), (4, 2)), case((4,), (4,)), case((4,), (4, 2)), case((3, 4), (4,)),
        case((2, 3, 4), (4, 2)), case((3, 4), (2, 4, 2)), case((2, 3, 4), (2, 4, 2)),
        case((5, 1, 3, 4), (2, 4, 2)), case((4,), (2, 4, 3)), case((2, 3, 4), (4,)), case((0, 3), (3, 2)),
        case((3, 0), (0, 2)), case((2, 0, 3), (3, 2)),
    ),
    doc="The matrix product a @ b; vectors are rows on the left and columns on the right, leading axes broadcast.",
    notation=infix("·", PRODUCT, ""),
    formulas=(lambda y_bar, b: y_bar @ b.mT, lambda y_bar, a: a.mT @ y_bar),
    expects="the last axis of a as long as the last but one of b",
)  # fmt: skip


def _affine(x: Any, weight: Any, bias: Any = None) -> Any:
    y = x @ weight.T
    return y if bias is None else y + bias


def _weight_bar(y_bar: Any, x: Any, weight_shape: tuple[int, ...], lead: tuple[int, ...]) -> Any:
    if len(x.shape) == 1:
        return y_bar[..., None] * x
    if len(x.shape) > 2:
        rows = int(np.prod(x.shape[:-1]))
        x = np.reshape(x, (rows, weight_shape[1]))
        y_bar = np.reshape(y_bar, (*lead, rows, weight_shape[0]))
    return y_bar.mT @ x


def _bias_bar(y_bar: Any, y_shape: tuple[int, ...]) -> Any:
    batch = tuple(range(-len(y_shape), -1))
    return y_bar.sum(axis=batch) if batch else y_bar


linear = bilinear_map(
    _affine,
    (
        lambda y_bar, weight: y_bar @ weight,
        lambda y_bar, x, weight_shape, lead: _weight_bar(y_bar, x, weight_shape, lead),
        lambda y_bar, y_shape: _bias_bar(y_bar, y_shape),
    ),
    name="linear", operands="x weight bias", method=False,
    cases=(
        case((5, 3), (4, 3), (4,)), case((3,), (4, 3), (4,)), case((2, 5, 3), (4, 3), (4,)),
        case((5, 3), (4, 3)), case((0, 3), (4, 3), (4,)), case((2, 0, 3), (4, 3), (4,)),
    ),
    doc="The affine map x·Wᵀ + b of a layer, with weight (out, in) as in PyTorch.",
    formulas=(lambda y_bar, weight: y_bar @ weight, lambda y_bar, x: y_bar.mT @ x, lambda y_bar: call("Σ", y_bar)),
    expects="x (…, in), weight (out, in), bias (out,)",
)  # fmt: skip


def _subscripts(subscripts: str, shapes: list[tuple[int, ...]]) -> tuple[list[str], str]:
    """Return one string of letters for each operand and for the output, with ``...`` spelled out."""
    inputs, arrow, output = subscripts.replace(" ", "").partition("->")
    terms = inputs.split(",")
    if len(terms) != len(shapes):
        raise ValueError(f"{len(terms)} terms for {len(shapes)} operands")
    spare = [c for c in string.ascii_letters if c not in subscripts]
    widths = [len(s) - len(t.replace("...", "")) for t, s in zip(terms, shapes, strict=True)]
    dots = spare[: max([w for t, w in zip(terms, widths, strict=True) if "..." in t], default=0)]
    filled = [t.replace("...", "".join(dots[len(dots) - w :])) for t, w in zip(terms, widths, strict=True)]
    if any(len(t) != len(s) for t, s in zip(filled, shapes, strict=True)):
        raise ValueError(f"{subscripts!r} doesn't name every axis of the operands")
    if arrow:
        return filled, output.replace("...", "".join(dots))
    letters = "".join(filled)
    once = sorted(c for c in set(letters) if letters.count(c) == 1 and c not in dots)
    return filled, "".join(dots) + "".join(once)


def _prepare_einsum(operands: tuple[Any, ...], static: Static) -> Static:
    terms, output = _subscripts(static["subscripts"], [np.shape(o) for o in operands])
    return {"subscripts": ",".join(terms) + "->" + output}


def _einsum_public(subscripts: str, *arrays: Any, optimize: Any = True) -> None: ...


def _einsum(*arrays: Any, subscripts: str) -> Any:
    return np.einsum(subscripts, *arrays, optimize=len(arrays) > 2)


def _operand_bar(
    y_bar: Any, operands: tuple[Any, ...], shapes: tuple[Any, ...], position: int, subscripts: str, lead: tuple[int, ...]
) -> Any:
    """Contract the cotangent with the other operands.

    An index that nobody else has is summed over in the value, so its gradient is spread by ones; an index that the
    operand repeats takes a diagonal, so its gradient is put back on one by an identity matrix.
    """
    inputs, output = subscripts.split("->")
    terms = inputs.split(",")
    own, shape = terms[position], shapes[position]
    spare = [c for c in string.ascii_letters if c not in subscripts]
    ahead, spare = "".join(spare[: len(lead)]), spare[len(lead) :]
    factors = [(ahead + output, y_bar)]
    factors += [(t, o) for i, (t, o) in enumerate(zip(terms, operands, strict=True)) if i != position]
    elsewhere = set("".join(t for t, _ in factors))
    target = ""
    for axis, letter in enumerate(own):
        name = letter
        if letter in own[:axis]:
            name = spare.pop()
            factors.append((letter + name, np.eye(shape[axis], dtype=y_bar.dtype)))
        elif letter not in elsewhere or shape[axis] > max(
            [s[t.index(letter)] for t, s in zip(terms, shapes, strict=True) if letter in t], default=1
        ):
            factors.append((letter, np.ones(shape[axis], dtype=y_bar.dtype)))
        target += name
    return np.einsum(",".join(t for t, _ in factors) + "->" + ahead + target, *(o for _, o in factors))


einsum = bilinear_map(
    _einsum,
    lambda y_bar, operands, shapes, position, subscripts, lead: _operand_bar(
        y_bar, operands, shapes, position, subscripts, lead
    ),
    name="einsum", operands="arrays", variadic=True, method=False, public=_einsum_public, prepare=_prepare_einsum,
    cases=(
        case((3, 4), (4, 2), subscripts="ij,jk->ik"), case((3, 4), subscripts="ij->j"), case((3, 3), subscripts="ii->i"),
        case((3, 3), subscripts="ii"), case((2, 3, 4), (2, 4, 5), subscripts="...ij,...jk->...ik"),
        case((3,), (4,), subscripts="i,j"), case((2, 3), (3, 4), (4, 2), subscripts="ij,jk,kl->il"),
        case((3, 4), subscripts="ji"), case((2, 3, 3), (3,), subscripts="bii,i->b"), case((3,), (3,), subscripts="i,i->"),
        case((2, 1), (2, 3), subscripts="ij,ij->i"),
    ),
    doc="The sum over products that Einstein's subscripts describe, such as 'ij,jk->ik'.",
    formulas=(lambda y_bar: call("einsum", y_bar),), expects="one letter for each axis, sizes that agree",
)  # fmt: skip
