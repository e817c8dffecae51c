"""Products of matrices: matmul in every combination of ranks, einsum, and the affine layer."""

from __future__ import annotations

import math
import string
from typing import Any

import numpy as np

from autograd.primitives.batching import widened
from autograd.primitives.domain import case
from autograd.primitives.notation import PRODUCT, call, infix
from autograd.primitives.primitive import Static, bilinear_map, general

_WELL = np.array([[4.0, 1.0, 0.0], [-1.0, 3.0, 0.5], [0.2, -0.3, 2.0]])  # well conditioned


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
        rows = math.prod(a.shape[:-1])
        return np.reshape(a, (rows, b_shape[0])).mT @ np.reshape(y_bar, (*lead, rows, b_shape[1]))
    return a.mT @ y_bar


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
    np.matmul,
    (
        lambda y_bar, b, a_shape: _a_bar_of_matmul(y_bar, b, a_shape),
        lambda y_bar, a, b_shape, lead: _b_bar_of_matmul(y_bar, a, b_shape, lead),
    ),
    operands="a b", broadcasts=True, behind=_matmul_behind,
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
    y = x @ weight.T
    if bias is None:
        return y
    if bias.dtype is not y.dtype:
        return y + bias
    y += bias  # y is fresh, so nobody else sees it change
    return y


def _x_bar(y_bar: Any, weight: Any) -> Any:
    """With a single output the product is an outer one, which multiplication forms in half of BLAS's time."""
    return y_bar * weight if weight.shape[0] == 1 else y_bar @ weight


def _weight_bar(y_bar: Any, x: Any, weight_shape: tuple[int, ...], lead: tuple[int, ...]) -> Any:
    if x.ndim == 2:
        return y_bar.mT @ x
    if x.ndim == 1:
        return y_bar[..., None] * x
    rows = math.prod(x.shape[:-1])
    return np.reshape(y_bar, (*lead, rows, weight_shape[0])).mT @ np.reshape(x, (rows, weight_shape[1]))


def _bias_bar(y_bar: Any, y_shape: tuple[int, ...]) -> Any:
    if len(y_shape) == 2:
        return np.add.reduce(y_bar, axis=-2)
    return np.add.reduce(y_bar, axis=tuple(range(-len(y_shape), -1))) if len(y_shape) > 2 else y_bar


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
    (
        lambda y_bar, weight: _x_bar(y_bar, weight),
        lambda y_bar, x, weight_shape, lead: _weight_bar(y_bar, x, weight_shape, lead),
        lambda y_bar, y_shape: _bias_bar(y_bar, y_shape),
    ),
    name="linear", operands="x weight bias", method=False, behind=_linear_behind,
    cases=(
        case((5, 3), (4, 3), (4,)), case((3,), (4, 3), (4,)), case((2, 5, 3), (4, 3), (4,)),
        case((5, 3), (4, 3)), case((0, 3), (4, 3), (4,)), case((2, 0, 3), (4, 3), (4,)),
    ),
    doc="The affine map x·Wᵀ + b of a layer, with weight (out, in) as in PyTorch.",
    formulas=(lambda y_bar, weight: y_bar @ weight, lambda y_bar, x: y_bar.mT @ x, lambda y_bar: call("Σ", y_bar)),
    expects="x (…, in), weight (out, in), bias (out,)",
)  # fmt: skip


def _solve(a: Any, b: Any) -> Any:
    return np.linalg.solve(a, b)


def _b_bar_of_solve(y_bar: Any, a: Any, y_shape: tuple[int, ...]) -> Any:
    if len(y_shape) == 1:  # NumPy's rule: only a plain vector is one column, anything else a stack of matrices
        return np.linalg.solve(a.mT, y_bar[..., None])[..., 0]
    return np.linalg.solve(a.mT, y_bar)


def _a_bar_of_solve(y_bar: Any, a: Any, y: Any) -> Any:
    b_bar = _b_bar_of_solve(y_bar, a, y.shape)
    if len(y.shape) == 1:
        return -(b_bar[..., None] * y)
    return -(b_bar @ y.mT)


def _solve_behind(primitive: Any, operands: Any, batched: Any, static: Static, n: int) -> Any:
    (a, b), (_, b_batched) = operands, batched
    column = np.ndim(b) - b_batched == 1
    b = b[..., None] if column else b
    rank = max(np.ndim(o) - w for o, w in zip((a, b), batched, strict=True))
    y = primitive.on([widened(o, rank) if w else o for o, w in zip((a, b), batched, strict=True)], static)
    return y[..., 0] if column else y


solve = general(
    _solve,
    (
        lambda y_bar, a, y: _a_bar_of_solve(y_bar, a, y),
        lambda y_bar, a, y_shape: _b_bar_of_solve(y_bar, a, y_shape),
    ),
    name="solve", operands="a b", method=False, broadcasts=True, behind=_solve_behind, numpy=(np.linalg.solve,),
    cases=(
        case(_WELL, (3,)), case(_WELL, (3, 2)), case(np.stack([_WELL, 2 * _WELL]), (2, 3, 2)), case(_WELL, (2, 3, 1)),
    ),
    doc="The solution y of a·y = b, for a square matrix a or a stack of them.",
    formulas=(lambda y_bar, a, y: -call("solve", a.mT, y_bar) @ y.mT, lambda y_bar, a: call("solve", a.mT, y_bar)),
    expects="a (…, n, n), b (n,) or (…, n, k)",
)  # fmt: skip


def _subscripts(subscripts: str, shapes: list[tuple[int, ...]]) -> tuple[list[str], str]:
    """Return one string of letters for each operand and for the output, with ``...`` spelled out."""
    if not isinstance(subscripts, str):
        raise ValueError(f"subscripts are text such as 'ij,jk->ik', not {type(subscripts).__name__}")
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
    y_bar: Any,
    operands: tuple[Any, ...],
    shapes: tuple[Any, ...],
    position: int,
    subscripts: str,
    lead: tuple[int, ...],
) -> Any:
    """Contract the cotangent with the other operands.

    An index that nobody else has (or only with length 1) is summed over in the value, so its gradient is spread by
    ones; one that only the operand has with length 1 was broadcast, so its gradient is summed; one that the operand
    repeats takes a diagonal, so its gradient is put back on one by an identity matrix.
    """
    inputs, output = subscripts.split("->")
    terms = inputs.split(",")
    own, shape = terms[position], shapes[position]
    spare = [c for c in string.ascii_letters if c not in subscripts]
    ahead, spare = "".join(spare[: len(lead)]), spare[len(lead) :]
    factors = [(ahead + output, y_bar)]
    factors += [(t, o) for i, (t, o) in enumerate(zip(terms, operands, strict=True)) if i != position]
    elsewhere: dict[str, int] = {}
    for term, factor in factors:
        for letter, length in zip(term, factor.shape, strict=True):
            elsewhere[letter] = max(length, elsewhere.get(letter, 1))
    target = ""
    for axis, letter in enumerate(own):
        if letter in own[:axis]:
            name = spare.pop()
            factors.append((letter + name, np.eye(shape[axis], dtype=y_bar.dtype)))
            target += name
        elif shape[axis] != 1:
            if elsewhere.get(letter, 1) == 1:
                factors.append((letter, np.ones(shape[axis], dtype=y_bar.dtype)))
            target += letter
    summed = np.einsum(",".join(t for t, _ in factors) + "->" + ahead + target, *(o for _, o in factors))
    return np.reshape(summed, lead + shape)


def _einsum_behind(primitive: Any, operands: Any, batched: Any, static: Static, n: int) -> Any:
    inputs, output = static["subscripts"].split("->")
    letter = next(c for c in string.ascii_letters if c not in static["subscripts"])
    terms = [letter * bool(b) + t for t, b in zip(inputs.split(","), batched, strict=True)]
    return primitive.on(operands, {"subscripts": ",".join(terms) + "->" + letter + output})


einsum = bilinear_map(
    _einsum,
    lambda y_bar, operands, shapes, position, subscripts, lead: _operand_bar(
        y_bar, operands, shapes, position, subscripts, lead
    ),
    name="einsum", behind=_einsum_behind, operands="arrays", variadic=True, method=False,
    public=_einsum_public, prepare=_prepare_einsum,
    cases=(
        case((3, 4), (4, 2), subscripts="ij,jk->ik"), case((3, 4), subscripts="ij->j"),
        case((3, 3), subscripts="ii->i"),
        case((3, 3), subscripts="ii"), case((2, 3, 4), (2, 4, 5), subscripts="...ij,...jk->...ik"),
        case((3,), (4,), subscripts="i,j"), case((2, 3), (3, 4), (4, 2), subscripts="ij,jk,kl->il"),
        case((3, 4), subscripts="ji"), case((2, 3, 3), (3,), subscripts="bii,i->b"),
        case((3,), (3,), subscripts="i,i->"),
        case((2, 1), (2, 3), subscripts="ij,ij->i"), case((2, 1), (3, 1), subscripts="ij,jk->ik"),
        case((1, 3), (2, 3), subscripts="...i,...i->..."), case((3, 2), (3,), subscripts="...i,..."),
        case((0, 3), (3, 2), subscripts="ij,jk->ik"), case((), (3,), subscripts=",i->i"),
        case((1, 1), subscripts="ij->"),
    ),
    doc="The sum over products that Einstein's subscripts describe, such as 'ij,jk->ik'.",
    formulas=(lambda y_bar: call("einsum", y_bar),), expects="one letter for each axis, sizes that agree",
)  # fmt: skip
