"""Entries counted in bins: a count jumps, the edges move with the extremes, and a sum of weights with the weights."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.compositions.composition import composed
from autograd.compositions.making import linspace
from autograd.compositions.sets import looked_at
from autograd.functions import functions
from autograd.primitives.domain import DISTINCT, case
from autograd.tensor import as_tensor, raw


def _edges(x: Any, bins: Any, range: Any) -> Any:
    """Return the edges of the bins; made to measure, they move with the extremes of x."""
    if np.ndim(bins) == 1:
        return as_tensor(bins)
    values = looked_at(x)
    ends: Any = None if range is None else tuple(float(raw(r)) for r in range)
    plain = np.histogram_bin_edges(values, raw(bins), ends)
    if range is None and values.size:
        range = x.min(), x.max()
        if values.min() == values.max():
            range = range[0] - 0.5, range[1] + 0.5
    return as_tensor(plain) if range is None else linspace(*range, len(plain))


def _counted(columns: list[Any], edges: list[Any], density: bool | None, weights: Any) -> Any:
    """Return how many rows fall into each box, or the sum of their weights."""
    shape = tuple(len(e) - 1 for e in edges)
    inside: Any = True
    places = []
    for x, e in zip(columns, edges, strict=True):
        values, ends = looked_at(x), looked_at(e)
        place = np.searchsorted(ends, values, side="right") - 1
        place = np.where(values == ends[-1], len(ends) - 2, place)  # the last bin has its end
        inside = inside & (values >= ends[0]) & (values <= ends[-1])
        places.append(np.clip(place, 0, len(ends) - 2))
    box = np.ravel_multi_index([p[inside] for p in places], shape)
    total = int(np.prod(shape))
    if weights is None:
        count: Any = np.bincount(box, minlength=total).reshape(shape)
    else:
        count = functions["put_rows"](as_tensor(weights).reshape(-1)[inside], box, n=total, axis=-1).reshape(shape)
    if density:
        count = count / np.sum(count)
        for a, e in enumerate(edges):
            count = count / (e[1:] - e[:-1]).reshape(*(-1 if i == a else 1 for i in range(len(edges))))
    return count


@composed(
    case((6,), bins=3), case((6,), bins=np.array([-3.0, 0.0, 1.0])), case((6,), bins=2, range=(-1.0, 1.5)),
    case((2, 3), bins=2, density=True), operands="a", domain=DISTINCT, batched=False,
)  # fmt: skip
def histogram(a: Any, bins: Any = 10, range: Any = None, density: bool | None = None, weights: Any = None) -> Any:
    """Return the counts of the entries in bins (or the sums of their weights), and the edges.

    >>> histogram(np.array([1.0, 2.0, 4.0]), 3)
    (Tensor([1, 1, 1]), Tensor([1., 2., 3., 4.]))
    """
    a = as_tensor(a).reshape(-1)
    edges = _edges(a, bins, range)
    return _counted([a], [edges], density, weights), edges


@composed(case((6,), bins=3), case((6,), bins="sqrt"), operands="a", domain=DISTINCT, batched=False)
def histogram_bin_edges(a: Any, bins: Any = 10, range: Any = None, weights: Any = None) -> Any:
    """Return the edges of a histogram's bins.

    >>> histogram_bin_edges(np.array([0.0, 3.0]), 3)
    Tensor([0., 1., 2., 3.])
    """
    return _edges(as_tensor(a).reshape(-1), bins, range)


@composed(case((6,), (6,), bins=2), case((6,), (6,), bins=[2, 3]), domain=(DISTINCT, DISTINCT), batched=False)
def histogram2d(
    x: Any, y: Any, bins: Any = 10, range: Any = None, density: bool | None = None, weights: Any = None
) -> Any:
    """Return the counts of points in boxes, and the edges along both axes.

    >>> histogram2d(np.array([0.0, 1.0]), np.array([0.0, 1.0]), 2)[0]
    Tensor([[1., 0.],
            [0., 1.]])
    """
    alone = np.ndim(bins) == 0 or (np.ndim(bins) == 1 and len(bins) != 2)
    count, edges = histogramdd([x, y], [bins, bins] if alone else bins, range, density, weights)
    return count, *edges


@composed(
    case((6, 2), bins=2), case((6, 1), bins=[3], range=[(-1.0, 1.0)]), case((6, 2), bins=(2, 3), density=True),
    operands="sample", domain=DISTINCT, batched=False, as_given=True,
)  # fmt: skip
def histogramdd(
    sample: Any, bins: Any = 10, range: Any = None, density: bool | None = None, weights: Any = None
) -> Any:
    """Return the counts of points in boxes of any number of axes, and the edges along each.

    A two-dimensional array has a point in each row; a list holds the coordinates of all points, axis by axis.

    >>> histogramdd(np.array([[0.0], [1.0]]), 2)[0]
    Tensor([1., 1.])
    """
    if isinstance(sample, (list, tuple)):
        axes = [as_tensor(c) for c in sample]
        columns = axes if axes and axes[0].ndim else [functions["stack"](axes)]
    else:
        points = as_tensor(sample)
        if points.ndim > 2:
            raise ValueError("a sample has at most two axes")
        columns = list(points.T) if points.ndim == 2 else [points.reshape(-1)]
    bins = [bins] * len(columns) if np.ndim(bins) == 0 else bins
    ranges = [None] * len(columns) if range is None else range
    edges = [_edges(x, b, r) for x, b, r in zip(columns, bins, ranges, strict=True)]
    count = _counted(columns, edges, density, weights)
    return (count.astype(float) if as_tensor(count).dtype.kind == "i" else count), edges
