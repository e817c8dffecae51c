"""What a model records for other inputs than the example, so that an ONNX file keeps only what all have in common."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd
from autograd import AutogradError, Tensor, as_tensor
from nn.module import Module

Twins = dict[Any, Any]  # by node, the node of the same step for a batch twice as long


def parts(made: Any) -> list[Tensor]:
    """Return the tensors of what a forward returned."""
    return [t for part in made for t in parts(part)] if isinstance(made, (tuple, list)) else [made]


def steps(root: Any) -> list[Any]:
    """Return the nodes below, oldest first."""
    found, waiting = {root}, [root]
    while waiting:
        fresh = {p for p in waiting.pop().parents if p is not None} - found
        found |= fresh
        waiting += fresh
    return sorted(found, key=lambda node: node.number)


def steered(model: Module, inputs: list[Tensor], outputs: list[Tensor]) -> bool:
    """Run the graph on other values, and the model: they differ if values of the example went into the steps."""
    rng = np.random.default_rng(0)
    others = [(3 * rng.normal(size=x.shape)).astype(x.dtype) for x in inputs]
    with autograd.no_grad():
        again = model(*others)
    for y, other in zip(outputs, parts(again), strict=True):
        replayed = autograd.replay(y, dict(zip(inputs, others, strict=True)))
        if not np.allclose(replayed, as_tensor(other).data, rtol=1e-4, atol=1e-5, equal_nan=True):
            return True
    return False


def twins(model: Module, inputs: list[Tensor], outputs: list[Tensor]) -> Twins:
    """Return each step's twin for a batch twice as long; nothing of a model that takes other steps then."""
    longer = [Tensor(np.concatenate([x.data, x.data]), requires_grad=True) for x in inputs]
    try:
        with autograd.keep():
            again = parts(model(*longer))
    except (AutogradError, ValueError):
        return {}
    pairs = [(steps(y.node), steps(z.node)) for y, z in zip(outputs, again, strict=True)]
    same = [(one, two) for one, two in pairs if [a.primitive for a in one] == [b.primitive for b in two]]
    return {a: b for one, two in same for a, b in zip(one, two, strict=True)}
