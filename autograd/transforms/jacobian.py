"""Jacobians: one sweep that starts with the identity yields every row."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.backprop.sparse import identity
from autograd.errors import ArgumentError, short
from autograd.graph.node import Node
from autograd.graph.order import falling
from autograd.tensor import Tensor
from autograd.transforms.forward import columns
from autograd.transforms.gradient import Traced, given, no_tensor, packed, positions, title
from autograd.transforms.structure import filled, leaves

BUDGET = 2**27  # bytes that the cotangents of one step of the sweep may take before the rows are split


def jacobian(
    f: Callable[..., Any],
    argnums: int | tuple[int, ...] = 0,
    has_aux: bool = False,
    *,
    unused: str = "zero",
    chunk_size: int | None = None,
    mode: str = "auto",
) -> Callable[..., Any]:
    """Return the Jacobian ``J = ∂f/∂x``, of shape ``f(x).shape + x.shape``, for every output and argument.

    The backward sweep starts with ``P = I`` and carries all rows at once; ``chunk_size`` bounds how many (by default
    as many as fit into 128 MiB for the widest step). Where the inputs are fewer than half of the outputs, one forward
    pass carries all columns instead (``mode="auto"``; or say ``"reverse"`` or ``"forward"``). Outputs and arguments may
    be nested lists, tuples and dicts: the result is nested like the output, and inside like the arguments. An output
    that doesn't depend on an argument gives zeros, or with ``unused="error"`` a GraphError.

    >>> jacobian(lambda x: x * x)(np.array([1.0, 2.0]))
    array([[2., 0.],
           [0., 4.]])
    """
    where = title("jacobian", f)
    if chunk_size is not None and not (isinstance(chunk_size, (int, np.integer)) and chunk_size >= 1):
        raise ArgumentError(where, "a chunk_size of at least 1 row", short(chunk_size), "leave it out")

    if not (isinstance(unused, str) and unused in ("error", "zero")):
        raise ArgumentError(where, "unused='error' or unused='zero'", short(unused), "choose one of both")

    if not (isinstance(mode, str) and mode in ("auto", "reverse", "forward")):
        raise ArgumentError(where, "mode 'auto', 'reverse' or 'forward'", short(mode), "leave it out")

    @functools.wraps(f)
    def full(*args: Any, **kwargs: Any) -> Any:
        traced = Traced(functools.partial(f, **kwargs), args, positions(argnums), where)
        output, aux = traced.split(has_aux)
        plain = unused == "zero" and chunk_size is None
        nested = []
        for path, y in leaves(output, "output"):
            forward = mode == "forward" or (mode == "auto" and plain and _is_tall(traced, y))
            if forward:
                parts = [J.astype(n.y.dtype) for J, n in zip(columns(traced, y), traced.nodes, strict=True)]
            else:
                parts = rows(traced, path, y, unused, chunk_size)
            nested.append(packed(traced, argnums, parts))
        result = filled(output, nested)
        return (result, given(traced, aux)) if has_aux else result

    return full


def _is_tall(traced: Traced, y: Any) -> bool:
    """Tell whether forward mode is cheaper: far more outputs than inputs, and columns that fit into memory.

    Never past a hook, nor a pullback that the user wrote: that one need not have a derivative of its own.
    """
    inputs = sum(node.y.size for node in traced.nodes)
    if not (isinstance(y, Tensor) and y.requires_grad and 2 * inputs < y.size and inputs * y.nbytes < BUDGET):
        return False
    nodes = falling([y.node], traced.nodes)
    return all(node.primitive is not None and node.primitive.registered and not node.hooks for node in nodes)


def rows(traced: Traced, path: str, y: Any, unused: str, chunk_size: int | None) -> list[Any]:
    """Return the Jacobian of one output with respect to each input."""
    if not isinstance(y, Tensor):
        raise no_tensor(traced, f"{path} to be a tensor", y)
    n = y.size
    nodes = falling([y.node], traced.nodes) if y.requires_grad else []
    size = chunk_size or _affordable(y, nodes)
    pulled = []
    for start in range(0, max(n, 1), size):
        k = min(size, n - start)
        seed = identity(k, n, start, y.shape, y.dtype)
        if y.requires_grad:
            pulled.append(traced.pull([y], [seed], (k,), unused, nodes))
        else:
            pulled.append([traced._gradient(i, None, (k,), unused, set(), False) for i in range(len(traced.nodes))])
    joined = []
    for node, parts in zip(traced.nodes, zip(*pulled, strict=True), strict=True):
        whole = parts[0] if len(parts) == 1 else np.concatenate(parts)
        whole = whole.reshape(y.shape + node.y.shape)
        joined.append(whole if isinstance(whole, Tensor) else whole[()])
    return joined


def _affordable(y: Tensor, nodes: list[Node]) -> int:
    """Return how many rows fit into the memory budget, by the largest value on the way."""
    widest = max((math.prod(node.y.shape) * node.y.dtype.itemsize for node in nodes), default=1)
    return max(1, min(y.size, BUDGET // max(widest, 1)))
