"""Entries turned round, moved along, repeated, and a triangle of them kept."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from autograd.compositions.composition import composed
from autograd.functions import functions
from autograd.primitives.domain import case
from autograd.tensor import as_tensor, raw


def _axes(axis: Any, ndim: int) -> tuple[int, ...]:
    return tuple(range(ndim)) if axis is None else normalize_axis_tuple(axis, ndim)


@composed(case((3,)), case((2, 3)), case((2, 3), axis=0), case((2, 3, 2), axis=(0, -1)), case(()))
def flip(m: Any, axis: Any = None) -> Any:
    """Return m with the order of its entries reversed along the axes (all of them by default).

    >>> flip(np.array([1.0, 2.0, 3.0]))
    Tensor([3., 2., 1.])
    """
    m = as_tensor(m)
    return functions["flip"](m, axis=_axes(axis, m.ndim))


@composed(case((2, 3)), case((1, 2, 3)))
def fliplr(m: Any) -> Any:
    """Return m with its columns in reverse order.

    >>> fliplr(np.array([[1.0, 2.0]]))
    Tensor([[2., 1.]])
    """
    return flip(m, 1)


@composed(case((3,)), case((2, 3)))
def flipud(m: Any) -> Any:
    """Return m with its rows in reverse order.

    >>> flipud(np.array([1.0, 2.0]))
    Tensor([2., 1.])
    """
    return flip(m, 0)


@composed(*(case((2, 3), k=k) for k in (0, 1, 2, -1)), case((2, 3, 2), axes=(-1, 0)))
def rot90(m: Any, k: int = 1, axes: tuple[int, int] = (0, 1)) -> Any:
    """Return m turned by k quarters of a circle, from the first axis towards the second.

    >>> rot90(np.array([[1.0, 2.0], [3.0, 4.0]]))
    Tensor([[2., 4.],
            [1., 3.]])
    """
    first, second = normalize_axis_tuple(axes, m.ndim)
    turned = m if k % 4 == 0 else flip(m, second) if k % 4 == 1 else flip(m, first)
    if k % 4 == 2:
        return flip(turned, second)
    return turned.swapaxes(first, second) if k % 2 else turned


@composed(
    case((4,), shift=1), case((2, 3), shift=-2), case((2, 3), shift=1, axis=0),
    case((2, 3), shift=(1, -1), axis=(0, 1)),
    case((2, 3), shift=2, axis=(0, 1)), case((2, 3), shift=(1, 2), axis=-1), operands="a",
)  # fmt: skip
def roll(a: Any, shift: Any, axis: Any = None) -> Any:
    """Return a with its entries moved along the axes, those at the end to the front.

    >>> roll(np.array([1.0, 2.0, 3.0]), 1)
    Tensor([3., 1., 2.])
    """
    if axis is None:
        return roll(a.reshape(-1), shift, 0).reshape(a.shape)
    pairs = np.broadcast(raw(shift), axis)
    shifts, axes = zip(*((int(s), int(x)) for s, x in pairs), strict=True) if pairs.size else ((), ())
    return functions["roll"](a, shift=shifts, axis=axes)


@composed(
    case((2, 3), repeats=2), case((2, 3), repeats=2, axis=0), case((2, 3), repeats=[2, 0, 1], axis=-1),
    case((), repeats=3),
    case((3,), repeats=np.array([1, 0, 2])), case((2, 3), repeats=0, axis=1), operands="a", method=True,
)  # fmt: skip
def repeat(a: Any, repeats: Any, axis: int | None = None) -> Any:
    """Return each entry so many times after itself (each its own number of times), along an axis or all in one row.

    >>> repeat(np.array([1.0, 2.0]), 2)
    Tensor([1., 1., 2., 2.])
    """
    a = as_tensor(a)
    if axis is None or not a.ndim:
        a, axis = a.reshape(-1), 0
    axis %= a.ndim
    repeats = np.asarray(raw(repeats))
    n = a.shape[axis]
    if repeats.size != 1:
        return functions["take"](a, np.repeat(np.arange(n), repeats), axis=axis)
    wide = functions["broadcast_to"](
        functions["expand_dims"](a, axis + 1), (*a.shape[: axis + 1], int(repeats.item()), *a.shape[axis + 1 :])
    )
    return wide.reshape(*a.shape[:axis], n * int(repeats.item()), *a.shape[axis + 1 :])


@composed(
    case((3,), reps=2), case((2, 3), reps=(2, 2)), case((2, 3), reps=2), case((3,), reps=(2, 1, 2)),
    case((), reps=(2, 3)),
    case((2, 3), reps=0), operands="A",
)  # fmt: skip
def tile(A: Any, reps: Any) -> Any:
    """Return copies of A laid side by side along each axis.

    >>> tile(np.array([1.0, 2.0]), 2)
    Tensor([1., 2., 1., 2.])
    """
    A = as_tensor(A)
    times = tuple(map(int, reps)) if np.iterable(reps) else (int(reps),)
    ndim = max(A.ndim, len(times))
    times, shape = (1,) * (ndim - len(times)) + times, (1,) * (ndim - A.ndim) + A.shape
    pairs = list(zip(times, shape, strict=True))
    apart = A.reshape([m for _, n in pairs for m in (1, n)])
    wide = functions["broadcast_to"](apart, tuple(m for pair in pairs for m in pair))
    return wide.reshape([t * n for t, n in pairs])


def _kept(m: Any, mask: Any) -> Any:
    return functions["where"](mask, m, np.zeros((), m.dtype))


def _square(m: Any) -> Any:
    return functions["broadcast_to"](m, (m.size, m.size)) if m.ndim == 1 else m


@composed(case((3, 3)), case((2, 3), k=1), case((2, 3, 2), k=-1), case((3,)))
def tril(m: Any, k: int = 0) -> Any:
    """Return m with zeros above the k-th diagonal.

    >>> tril(np.ones((2, 2)))
    Tensor([[1., 0.],
            [1., 1.]])
    """
    m = _square(m)
    return _kept(m, np.tri(m.shape[-2], m.shape[-1], k=k, dtype=bool))


@composed(case((3, 3)), case((2, 3), k=1), case((2, 3, 2), k=-1), case((3,)))
def triu(m: Any, k: int = 0) -> Any:
    """Return m with zeros below the k-th diagonal.

    >>> triu(np.ones((2, 2)))
    Tensor([[1., 1.],
            [0., 1.]])
    """
    m = _square(m)
    return _kept(m, ~np.tri(m.shape[-2], m.shape[-1], k=k - 1, dtype=bool))
