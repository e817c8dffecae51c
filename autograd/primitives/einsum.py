"""Einstein's summation, one step of it: the sum over products that subscripts describe."""

from __future__ import annotations

import functools
import math
import string
from typing import Any, NamedTuple

import numpy as np

from autograd.primitives.domain import case
from autograd.primitives.notation import call
from autograd.primitives.primitive import Static, bilinear_map

PLANNED = 1_000  # products from which a matrix product, or a plan, takes less time than one loop over all


class Product(NamedTuple):
    """Two operands as matrices, or stacks of them: how axes are turned and joined, and back in the result."""

    turn_a: tuple[int, ...]
    turn_b: tuple[int, ...]
    join_a: tuple[int, ...]
    join_b: tuple[int, ...]
    part: tuple[int, ...] | None  # None: the product has these axes already
    turn_y: tuple[int, ...] | None


@functools.lru_cache(maxsize=1024)
def subscripts_in_full(subscripts: str, shapes: tuple[tuple[int, ...], ...]) -> tuple[tuple[str, ...], str]:
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
        return tuple(filled), output.replace("...", "".join(dots))
    letters = "".join(filled)
    once = sorted(c for c in set(letters) if letters.count(c) == 1 and c not in dots)
    return tuple(filled), "".join(dots) + "".join(once)


def _prepare_einsum(operands: tuple[Any, ...], static: Static) -> Static:
    terms, output = subscripts_in_full(static["subscripts"], tuple(np.shape(o) for o in operands))
    return {"subscripts": ",".join(terms) + "->" + output}


def _einsum_public(subscripts: str, *arrays: Any) -> None: ...


@functools.lru_cache(maxsize=1024)
def _plan(subscripts: str, shapes: tuple[tuple[int, ...], ...]) -> Product | bool:
    """Return the matrix product that two operands make; else whether NumPy should plan the loops."""
    inputs, _, output = subscripts.partition("->")
    terms = inputs.split(",")
    lengths = {c: n for t, shape in zip(terms, shapes, strict=True) for c, n in zip(t, shape, strict=True)}
    if len(terms) == 1 or math.prod(lengths.values()) <= PLANNED:
        return False
    if len(terms) > 2:
        return True
    a, b = terms
    both = [c for c in a if c in b]
    if len(both) == len(a) == len(b) or set(output) == set(a + b):
        return False  # entry by entry, then perhaps a sum: one pass
    repeats = any(len(set(t)) < len(t) for t in terms)
    spread = any(lengths[c] != n for t, shape in zip(terms, shapes, strict=True) for c, n in zip(t, shape, strict=True))
    alone = [c for t, other in ((a, b), (b, a)) for c in t if c not in other and c not in output]
    if repeats or spread or alone:
        return True
    stack, summed = [c for c in both if c in output], [c for c in both if c not in output]
    rows, columns = [c for c in a if c not in b], [c for c in b if c not in a]
    natural = stack + rows + columns
    n, m, d = (math.prod(lengths[c] for c in some) for some in (rows, columns, summed))
    ahead = (math.prod(lengths[c] for c in stack),) if stack else ()
    part = tuple(lengths[c] for c in natural)
    return Product(
        tuple(map(a.index, stack + rows + summed)),
        tuple(map(b.index, stack + summed + columns)),
        (*ahead, n, d),
        (*ahead, d, m),
        None if part == (*ahead, n, m) else part,
        None if natural == list(output) else tuple(map(natural.index, output)),
    )


def _einsum(*arrays: Any, subscripts: str) -> Any:
    """Contract by BLAS, where two operands make a matrix product that is worth it, else in NumPy's loops."""
    plan = _plan(subscripts, tuple(a.shape for a in arrays))
    if isinstance(plan, bool):
        return np.einsum(subscripts, *arrays, optimize=plan)
    a, b = arrays
    y = a.transpose(plan.turn_a).reshape(plan.join_a) @ b.transpose(plan.turn_b).reshape(plan.join_b)
    y = y if plan.part is None else y.reshape(plan.part)
    return y if plan.turn_y is None else y.transpose(plan.turn_y)


def _operand_bar(
    y_bar: Any,
    operands: tuple[Any, ...],
    shapes: tuple[Any, ...],
    position: int,
    subscripts: str,
    lead: tuple[int, ...],
) -> Any:
    """Contract the cotangent with the other operands."""
    back, extra = _transposed(subscripts, shapes, position, np.shape(y_bar), len(lead))
    factors = [y_bar, *operands[:position], *operands[position + 1 :]]
    factors += [(np.eye if square else np.ones)(length, dtype=y_bar.dtype) for length, square in extra]
    return np.reshape(einsum.on(factors, {"subscripts": back}), lead + shapes[position])


@functools.lru_cache(maxsize=1024)
def _transposed(
    subscripts: str, shapes: tuple[tuple[int, ...], ...], position: int, y_bar_shape: tuple[int, ...], leading: int
) -> tuple[str, tuple[tuple[int, bool], ...]]:
    """Return the subscripts of an operand's pullback, and the lengths of the ones and identities that it needs.

    An index that nobody else has (or only with length 1) is summed over in the value, so its gradient is spread by
    ones; one that only the operand has with length 1 was broadcast, so its gradient is summed; one that the operand
    repeats takes a diagonal, so its gradient is put back on one by an identity matrix.
    """
    inputs, output = subscripts.split("->")
    terms = inputs.split(",")
    own, shape = terms.pop(position), shapes[position]
    spare = [c for c in string.ascii_letters if c not in subscripts]
    ahead, spare = "".join(spare[:leading]), spare[leading:]
    terms = [ahead + output, *terms]
    elsewhere: dict[str, int] = {}
    for term, lengths in zip(terms, (y_bar_shape, *shapes[:position], *shapes[position + 1 :]), strict=True):
        for letter, length in zip(term, lengths, strict=True):
            elsewhere[letter] = max(length, elsewhere.get(letter, 1))
    extra: list[tuple[int, bool]] = []
    target = ahead
    for axis, letter in enumerate(own):
        if letter in own[:axis]:
            name = spare.pop()
            terms.append(letter + name)
            extra.append((shape[axis], True))
            target += name
        elif shape[axis] != 1:
            if elsewhere.get(letter, 1) == 1:
                terms.append(letter)
                extra.append((shape[axis], False))
            target += letter
    return ",".join(terms) + "->" + target, tuple(extra)


def _einsum_behind(primitive: Any, operands: Any, batched: Any, static: Static, n: int) -> Any:
    inputs, output = static["subscripts"].split("->")
    letter = next(c for c in string.ascii_letters if c not in static["subscripts"])
    terms = [letter * bool(b) + t for t, b in zip(inputs.split(","), batched, strict=True)]
    return primitive.on(operands, {"subscripts": ",".join(terms) + "->" + letter + output})


einsum = bilinear_map(
    _einsum,
    _operand_bar,
    name="einsum", behind=_einsum_behind, operands="arrays", variadic=True, method=False, internal=True,
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
