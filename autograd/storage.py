"""One buffer for many leaves: what an optimizer updates in a dozen NumPy calls, however many parameters there are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.errors import ArgumentError
from autograd.graph.clock import stamp
from autograd.tensor import Tensor


class Flat:
    """The values of several leaves in one flat array, each leaf a view of its stretch.

    ``value`` may be written to between :meth:`stamp` calls; the leaves see it at once. Raises ArgumentError for
    tensors that aren't leaves, of several dtypes, or given twice.

    >>> w, b = Tensor([[1.0, 2.0]], requires_grad=True), Tensor([3.0], requires_grad=True)
    >>> flat = Flat([w, b])
    >>> (w.sum() * b).backward()
    >>> flat.stamp()
    >>> flat.value -= 0.1 * flat.gradient()
    >>> w, b
    (Tensor([[0.7, 1.7]], requires_grad=True), Tensor([2.7], requires_grad=True))
    """

    def __init__(self, leaves: Sequence[Tensor]) -> None:
        self.leaves = list(leaves)
        dtypes = {t.dtype for t in self.leaves}
        if len(dtypes) != 1 or len({id(t.node) for t in self.leaves}) != len(self.leaves):
            got = f"dtypes {', '.join(sorted(map(str, dtypes)))}" if len(dtypes) != 1 else "one leaf twice"
            raise ArgumentError("Flat(leaves)", "different leaves of one dtype", got, "make one Flat for each dtype")
        if not all(t.is_leaf for t in self.leaves):
            raise ArgumentError("Flat(leaves)", "leaves", "a computed tensor", "flatten the leaves it was computed from")
        self.value = np.concatenate([t._value.ravel() for t in self.leaves])
        self.views = []
        start = 0
        for tensor in self.leaves:
            view = self.value[start : start + tensor.size].reshape(tensor.shape)
            start += tensor.size
            tensor._value = tensor.node.y = view
            self.views.append(view)
        self.nodes = [t.node for t in self.leaves]
        self._gradient = np.zeros_like(self.value)

    def intact(self) -> bool:
        """Tell whether every leaf is still the view that it was made: another Flat, or a new value, takes it away."""
        return all(t._value is v for t, v in zip(self.leaves, self.views, strict=True))

    def gradient(self) -> Any:
        """Return the leaves' gradients as one array, the same one each time; 0 where a leaf has none."""
        grads = [node.grad for node in self.nodes]
        parts = [v.ravel() * 0 if g is None else g._value.ravel() for g, v in zip(grads, self.views, strict=True)]
        return np.concatenate(parts, out=self._gradient)

    def zero_grad(self) -> None:
        """Forget the leaves' gradients."""
        for node in self.nodes:
            node.grad = None

    def stamp(self) -> None:
        """Note that ``value`` is about to be written: graphs that kept its old content will say so."""
        stamp(self.value)
