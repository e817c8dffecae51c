"""A stack of cotangents whose columns have few entries: what the identity is on its first steps down a Jacobian.

The sweep of a Jacobian starts with ``P = I``. An elementwise step scales its columns and an index moves them, so there
is one entry to a column until the first matrix comes; then ``P·W`` scales the rows of W, and no product is needed.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from autograd.graph.node import Node, pull

WORTHWHILE = 1024  # entries of the stack from which this form is cheaper than the plain array


class Sparse(NDArrayOperatorsMixin):
    """An array of shape ``(rows, *shape)``: ``value[k, …, j]`` at row ``row[k, …, j]`` of column j, 0 elsewhere.

    It multiplies and adds as the array would; whatever else is done to it is done to the array.

    >>> P = Sparse(np.ones((1, 3)), np.array([[0, 1, 2]]), rows=3)
    >>> (P * np.array([1.0, 2.0, 3.0])).dense()
    array([[1., 0., 0.],
           [0., 2., 0.],
           [0., 0., 3.]])
    """

    __slots__ = ("diagonal", "row", "rows", "value")

    def __init__(self, value: Any, row: Any, rows: int, diagonal: bool = False) -> None:
        self.value, self.row, self.rows, self.diagonal = value, row, rows, diagonal

    @property
    def shape(self) -> tuple[int, ...]:
        return (self.rows, *self.value.shape[1:])

    @property
    def ndim(self) -> int:
        return int(self.value.ndim)

    @property
    def dtype(self) -> Any:
        return self.value.dtype

    def dense(self) -> Any:
        """Return the array."""
        return self.added_to(np.zeros(self.shape, self.dtype))

    def added_to(self, array: Any) -> Any:
        """Add the entries to an array of this shape, in place; two in one place would be one in a column twice."""
        columns = np.arange(self.row[0].size)
        flat = array.reshape(self.rows, columns.size)
        for row, value in zip(self.row, self.value, strict=True):
            flat[row.ravel(), columns] += value.ravel()
        return array

    def __mul__(self, factor: Any) -> Any:
        if factor.__class__ is Sparse or (np.ndim(factor) and factor.shape != self.value.shape[1:]):
            return self.dense() * densified(factor)
        return Sparse(self.value * factor, self.row, self.rows, self.diagonal)

    def __neg__(self) -> Sparse:
        return Sparse(-self.value, self.row, self.rows, self.diagonal)

    def __add__(self, other: Any) -> Any:
        if other.__class__ is not Sparse:
            return (
                self.added_to(np.add(other, np.zeros((), self.dtype), order="C"))
                if other.shape == self.shape
                else self.dense() + other
            )
        if self.row is other.row:
            return Sparse(self.value + other.value, self.row, self.rows, self.diagonal)
        if 4 * (len(self.row) + len(other.row)) > self.rows or self.dtype != other.dtype:
            return self.dense() + other.dense()
        return Sparse(np.concatenate([self.value, other.value]), np.concatenate([self.row, other.row]), self.rows)

    def __matmul__(self, matrix: Any) -> Any:
        return self.value[0][:, None] * matrix if self.diagonal and np.ndim(matrix) == 2 else self.dense() @ matrix

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        """Meet an array on the left: a product and a sum are the same from both sides, the rest is for arrays."""
        rule = _BOTH_WAYS.get(ufunc) if method == "__call__" and not kwargs else None
        if rule is not None and inputs[1] is self:
            return rule(self, inputs[0])
        return getattr(ufunc, method)(*map(densified, inputs), **kwargs)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        return self.dense().astype(dtype or self.dtype)

    def __getitem__(self, index: Any) -> Any:
        return self.dense()[index]

    def __getattr__(self, name: str) -> Any:
        return getattr(self.dense(), name)


def identity(rows: int, columns: int, start: int, shape: tuple[int, ...], dtype: Any) -> Any:
    """Return ``np.eye(rows, columns, start)`` with rows of a shape: in this form where that is worth it."""
    if rows * columns < WORTHWHILE:
        return np.eye(rows, columns, start, dtype=dtype).reshape(rows, *shape)
    row, value = np.arange(columns).reshape(1, *shape), np.ones((1, *shape), dtype)
    if rows == columns:
        return Sparse(value, row, rows, diagonal=len(shape) == 1)
    row -= start
    value[(row < 0) | (row >= rows)] = 0
    return Sparse(value, row.clip(0, rows - 1), rows)


def densified(value: Any) -> Any:
    """Return a stack in this form as the plain array, and anything else as it is."""
    return value.dense() if value.__class__ is Sparse else value


_BOTH_WAYS: dict[np.ufunc, Any] = {np.multiply: Sparse.__mul__, np.add: Sparse.__add__}


def sparse_pull(node: Node, position: int, y_bar: Any, lead: tuple[int, ...]) -> Any:
    """Run a pullback; one that only moves entries moves those that are there, and their row numbers alike."""
    primitive: Any = node.primitive
    if y_bar.__class__ is not Sparse:
        return pull(node, position, y_bar, lead)
    if not primitive.moves(node.static):
        return pull(node, position, y_bar.dense() if primitive.kind == "general" else y_bar, lead)
    few = (len(y_bar.value),)
    moved = pull(node, position, y_bar.value, few)
    return Sparse(moved, pull(node, position, y_bar.row, few), y_bar.rows)
