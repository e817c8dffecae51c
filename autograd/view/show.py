"""How a tensor shows itself: its ledger in a terminal, its picture in a notebook."""

from __future__ import annotations

from typing import Any

from autograd.graph.node import Node
from autograd.tensor import Tensor
from autograd.view.trace import trace

DRAWN = 60  # nodes: a notebook draws a graph by itself up to this size; trace(t).draw() draws any


def show(tensor: Tensor) -> None:
    """Print how the tensor was computed and each step of the chain rule.

    >>> import autograd
    >>> (autograd.Tensor(3.0, requires_grad=True, name="x") * 2).show()  # doctest: +ELLIPSIS
    v₂ = x·2
    ...
    """
    print(trace(tensor).table(), end="")


def mimebundle(tensor: Tensor, include: Any = None, exclude: Any = None) -> dict[str, Any]:
    """Return what a notebook shows: the text, and for a small graph its picture; never raises."""
    bundle = {"text/plain": repr(tensor)}
    try:
        if tensor.requires_grad and not tensor.is_leaf and _is_small(tensor.node):
            bundle["image/svg+xml"] = trace(tensor).draw().pipe("svg", encoding="utf-8")
    except Exception:  # a cell's value must never fail to appear
        return bundle
    return bundle


def _is_small(root: Node) -> bool:
    stack, seen = [root], {root}
    while stack and len(seen) <= DRAWN:
        below = [p for p in stack.pop().parents if p is not None and p not in seen]
        seen.update(below)
        stack.extend(below)
    return len(seen) <= DRAWN
