"""Calls of a primitive, drawn from its own declaration, and derivatives by differences: what the checks compare with.

Nothing here knows a rule.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from autograd.apply import apply
from autograd.primitives import Primitive
from autograd.primitives.domain import CONDITION
from autograd.tensor import Tensor

_TOGETHER: list[tuple[tuple[int, ...], ...]] = [  # shapes of two and of three operands that broadcast
    ((2, 1), (3,), ()),
    ((), (2, 3), (3,)),
    ((2, 3), (3,), (1,)),
    ((0, 3), (1, 1), (3,)),
    ((3,), (1,), (2, 1)),
]


@dataclass(frozen=True)
class Call:
    """One call of a primitive: operands as arrays (or None, left out) and static arguments."""

    primitive: Primitive
    operands: tuple[Any, ...]
    static: dict[str, Any]
    label: str
    fixed: frozenset[int] = frozenset()  # the operands that the case gives, not drawn

    def __call__(self, *operands: Any) -> Tensor:
        """Record the call on tensors; arrays are constants."""
        return apply(self.primitive, operands, self.static)

    def value(self, *operands: Any) -> Any:
        """Return the plain value of the call on other operands."""
        return apply(self.primitive, operands, self.static).numpy()

    @property
    def wanted(self) -> list[int]:
        """The positions of the operands that have a derivative."""
        return [
            i
            for i, o in enumerate(self.operands)
            if o is not None and o.dtype.kind == "f" and not isinstance(self.primitive.rule(i), str)
        ]

    def cast(self, *dtypes: Any) -> Call:
        """Return the call with its floating operands in these dtypes, in turn."""
        floats = iter(dtypes * len(self.operands))
        cast = tuple(o if o is None or o.dtype.kind != "f" else o.astype(next(floats)) for o in self.operands)
        return replace(self, operands=cast)

    def leaves(self) -> list[Any]:
        """Return the operands, as leaves that require a gradient where they have one."""
        return [Tensor(o, requires_grad=True) if i in self.wanted else o for i, o in enumerate(self.operands)]

    def filled(self, *floating: Any) -> tuple[Any, ...]:
        """Return all operands, those that have a derivative replaced by ``floating``."""
        given = iter(floating)
        return tuple(next(given) if i in self.wanted else o for i, o in enumerate(self.operands))


def rng(name: str) -> np.random.Generator:
    """Return the generator that belongs to a name: the same draws in every run."""
    return np.random.default_rng(zlib.crc32(name.encode()))


def calls(primitive: Primitive) -> Iterator[Call]:
    """Return the calls that a primitive's cases and domains describe; elementwise ones get shapes that broadcast."""
    random = rng(primitive.name)
    domain = primitive.domain
    defaults = {n: p.default for n, p in primitive.signature.parameters.items() if n in primitive.static}
    described = [(c.operands, dict(c.static)) for c in primitive.cases]
    if primitive.kind == "elementwise":
        described += [(shapes, {}) for shapes in _shapes(len(primitive.operands))]
    for number, (shapes, static) in enumerate(described):
        operands: list[Any] = []
        for i, shape in enumerate(shapes):
            where = domain[0 if primitive.variadic else i]
            drawn = where.sample(random, shape) if isinstance(shape, tuple) else np.asarray(shape)
            operands.append(np.asarray(drawn > 0 if where is CONDITION else drawn)[()])
        if not primitive.variadic:
            operands += [None] * (len(primitive.operands) - len(operands))
        fixed = frozenset(i for i, shape in enumerate(shapes) if not isinstance(shape, tuple))
        yield Call(primitive, tuple(operands), defaults | static, f"{primitive.name}-{number}", fixed)


def _shapes(count: int) -> list[tuple[tuple[int, ...], ...]]:
    """Return shapes for so many operands: numbers, vectors and, for one operand, arrays with and without entries."""
    alike: list[tuple[tuple[int, ...], ...]] = [((),) * count, ((4,),) * count]
    if count == 1:
        return [*alike, ((2, 3),), ((2, 0),)]
    return alike + [(*shapes, *((),) * count)[:count] for shapes in _TOGETHER]


def difference(f: Callable[[Any], Any], x: Any, step: float = 1e-3) -> Any:
    """Return the Jacobian of an array function, ``f.shape + x.shape``, by differences of fourth order.

    >>> difference(lambda x: x**3, np.array([1.0])).round(9)
    array([[3.]])
    """
    x = np.array(x, dtype=float)
    columns = []
    for place in np.ndindex(x.shape):

        def at(distance: float, place: Any = place) -> Any:
            moved = x.copy()
            moved[place] += distance * step
            return np.asarray(f(moved[()]))

        columns.append((8 * (at(1) - at(-1)) - (at(2) - at(-2))) / (12 * step))
    shape = np.shape(f(x[()]))
    return np.stack(columns, axis=-1).reshape(shape + x.shape) if columns else np.zeros(shape + x.shape)
