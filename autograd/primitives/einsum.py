"""Einstein's summation, one step of it: the sum over products that subscripts describe."""

from __future__ import annotations

import functools
import math
import string
from typing import Any

import numpy as np

from autograd.primitives.domain import case
from autograd.primitives.notation import call
from autograd.primitives.primitive import Static, bilinear_map

PLANNED = 10_000  # products from which planning them takes less time than it saves


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


def _contracted(subscripts: str, arrays: tuple[Any, ...]) -> Any:
    """Let NumPy plan, and call BLAS, where there is enough to multiply to be worth it."""
    inputs, _, output = subscripts.partition("->")
    terms = [set(t) for t in inputs.split(",")]
    every = set().union(*terms)
    alike = every == set.intersection(*terms)  # entry by entry, then perhaps a sum: one pass needs no plan
    if len(arrays) == 1 or (len(arrays) == 2 and (alike or every == set(output))):
        return np.einsum(subscripts, *arrays)
    pairs = zip(inputs.split(","), arrays, strict=True)
    lengths = {c: n for term, a in pairs for c, n in zip(term, a.shape, strict=True)}
    return np.einsum(subscripts, *arrays, optimize=math.prod(lengths.values()) > PLANNED)


def _einsum(*arrays: Any, subscripts: str) -> Any:
    return _contracted(subscripts, arrays)


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
    summed = einsum.on([o for _, o in factors], {"subscripts": ",".join(t for t, _ in factors) + "->" + ahead + target})
    return np.reshape(summed, lead + shape)


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
