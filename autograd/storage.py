"""One buffer for many leaves: what an optimizer updates in a dozen NumPy calls, however many parameters there are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from autograd.errors import ArgumentError, short
from autograd.graph.clock import stamp
from autograd.tensor import Tensor, raw

# The C library hands freed memory back to the system, and to get it again, page by page, costs as much as to compute on
# it. Once an array this large (the limit is 32 MiB) was freed, glibc keeps what a training step needs for the next one.
np.empty(2**25 - 2**16, np.uint8)


class Flat:
    """The values of several leaves in one flat array, each leaf a view of its stretch.

    Leaves that already lie one after the other in one array stay where they are, so that a second Flat of the same
    leaves shares the first one's memory. ``value`` may be written to after :meth:`stamp`; the leaves see it at once.
    Raises ArgumentError for tensors that aren't leaves, of several dtypes, or given twice.

    >>> w, b = Tensor([[1.0, 2.0]], requires_grad=True), Tensor([3.0], requires_grad=True)
    >>> flat = Flat([w, b])
    >>> (w.sum() * b).backward()
    >>> flat.stamp()
    >>> flat.value -= 0.1 * flat.gradient()
    >>> w, b
    (Tensor([[0.7, 1.7]], requires_grad=True), Tensor([2.7], requires_grad=True))
    """

    def __init__(self, leaves: Sequence[Tensor]) -> None:
        self.leaves = list(leaves) if isinstance(leaves, Iterable) else [leaves]
        if not self.leaves or not all(isinstance(t, Tensor) for t in self.leaves):
            raise ArgumentError("Flat(leaves)", "a list of tensors", short(leaves), "pass model.parameters(), say")
        dtypes = {t.dtype for t in self.leaves}
        if len(dtypes) != 1 or len({id(t.node) for t in self.leaves}) != len(self.leaves):
            got = f"dtypes {', '.join(sorted(map(str, dtypes)))}" if len(dtypes) != 1 else "one leaf twice"
            raise ArgumentError("Flat(leaves)", "different leaves of one dtype", got, "make one Flat for each dtype")
        if not all(t.is_leaf for t in self.leaves):
            raise ArgumentError(
                "Flat(leaves)", "leaves", "a computed tensor", "flatten the leaves it was computed from"
            )
        shared = _stretch([t._value for t in self.leaves])
        self.value = np.concatenate([t._value.ravel() for t in self.leaves]) if shared is None else shared
        self.views = []
        self._left: list[tuple[int, int, Any]] = []  # the arrays that leaves came from: older graphs keep them
        start = 0
        for tensor in self.leaves:
            if shared is None:
                self._left.append((start, start + tensor.size, tensor._value))
                view = self.value[start : start + tensor.size].reshape(tensor.shape)
                tensor._value = tensor.node.y = view
            start += tensor.size
            self.views.append(tensor._value)
        self.nodes = [t.node for t in self.leaves]
        self._made = list(zip(self.leaves, self.views, self.nodes, strict=True))
        self._gradient: Any = None
        self._parts: list[Any] = []  # of the gradient, one for each leaf

    def intact(self) -> bool:
        """Tell whether every leaf is still the view that it was made: a new value, or a new node, takes it away."""
        for leaf, view, node in self._made:  # noqa: SIM110  a third of the time of all(): optimizers ask at each step
            if leaf._value is not view or leaf._node is not node:
                return False
        return True

    def gradients(self) -> list[Any]:
        """Return each leaf's gradient as an array, to be read only, or None where it has none."""
        return [raw(node.grad) for node in self.nodes]

    def split(self, array: Any, start: int = 0, stop: int | None = None) -> list[Any]:
        """Return a flat array's stretches as views, shaped as the leaves from ``start`` to ``stop`` are."""
        parts, at = [], 0
        for view in self.views[start:stop]:
            parts.append(array[at : at + view.size].reshape(view.shape))
            at += view.size
        return parts

    def gradient(self) -> Any:
        """Return the leaves' gradients as one array, the same one each time; 0 where a leaf has none."""
        if self._gradient is None:
            self._gradient = np.empty_like(self.value)
            self._parts = self.split(self._gradient)
        for part, g in zip(self._parts, self.gradients(), strict=True):
            part[...] = 0 if g is None else g
        return self._gradient

    def zero_grad(self) -> None:
        """Forget the leaves' gradients."""
        for node in self.nodes:
            node.grad = None

    def stamp(self, start: int = 0, stop: int | None = None) -> None:
        """Note that ``value[start:stop]`` is about to be written: graphs that kept its old content will say so."""
        stamp(self.value if start == 0 and stop in (None, self.value.size) else self.value[start:stop])
        if self._left:  # the first write after the move: the old arrays hold the leaves' values no longer
            end = self.value.size if stop is None else stop
            for a, b, old in self._left:
                if a < end and start < b and isinstance(old, np.ndarray):
                    stamp(old)
            self._left = [left for left in self._left if left[0] >= end or start >= left[1]]


def _stretch(values: Sequence[Any]) -> Any:
    """Return the part of one flat array that the values fill in this order without a gap, or None."""
    first = values[0]
    owner = first.base if isinstance(first, np.ndarray) else None
    if (
        not isinstance(owner, np.ndarray)
        or owner.ndim != 1
        or owner.dtype != first.dtype
        or not owner.flags.c_contiguous
    ):
        return None
    start = at = first.ctypes.data
    for value in values:
        if not isinstance(value, np.ndarray) or value.base is not owner or value.ctypes.data != at:
            return None
        if not value.flags.c_contiguous or not value.flags.writeable:
            return None
        at += value.nbytes
    lead = (start - owner.ctypes.data) // owner.itemsize
    return owner[lead : lead + (at - start) // owner.itemsize]
