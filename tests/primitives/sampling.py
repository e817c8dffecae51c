"""Calls of every registered primitive, drawn from its own declaration: a new primitive is tested by itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograd.backprop.pullback import sweep
from autograd.backward import lift
from autograd.primitives import Primitive, registry
from autograd.tensor import Tensor, wrap
from autograd.transforms.sampling import Call, calls, difference, rng

__all__ = [
    "DIFFERENTIABLE",
    "ELEMENTWISE",
    "Call",
    "calls",
    "difference",
    "every",
    "every_call",
    "gradients",
    "identity",
    "moved",
    "of",
    "recorded_gradients",
    "rng",
]

DIFFERENTIABLE = [p for p in registry.values() if p.kind != "value"]
ELEMENTWISE = [p for p in DIFFERENTIABLE if p.kind == "elementwise"]


def every_call(primitives: list[Primitive], dtype: Any = None) -> Any:
    """Parametrise a test by every call of these primitives (whose value has this dtype)."""
    made = [c for p in primitives for c in calls(p) if dtype in (None, c.static.get("dtype", dtype))]
    return pytest.mark.parametrize("call", made, ids=[c.label for c in made])


def every(primitives: list[Primitive]) -> Any:
    """Parametrise a test by these primitives."""
    return pytest.mark.parametrize("primitive", primitives, ids=[p.name for p in primitives])


def moved(call: Call, position: int) -> Callable[[Any], Any]:
    """Return the call's value as a function of one operand."""
    return lambda x: call.value(*call.operands[:position], x, *call.operands[position + 1 :])


def of(call: Call) -> tuple[Callable[..., Any], tuple[Any, ...]]:
    """Return the call as a function of its differentiable operands, and these."""
    return lambda *xs: call(*call.filled(*xs)), tuple(call.operands[i] for i in call.wanted)


def gradients(y: Tensor, leaves: list[Any], seed: Any, lead: tuple[int, ...] = ()) -> list[Any]:
    """Return the cotangents of the leaves; zeros where nothing arrives, None for constants."""
    found = sweep({y.node: np.asarray(seed)[()]}, lead) if y.requires_grad else {}
    return [found.get(x.node, np.zeros(lead + x.shape)) if isinstance(x, Tensor) else None for x in leaves]


def recorded_gradients(y: Tensor, leaves: list[Any], seed: Tensor, lead: tuple[int, ...] = ()) -> list[Any]:
    """Return the same as tensors of the graph, for derivatives of the next order."""
    found = sweep({y.node: seed}, lead, lift=lift) if y.requires_grad else {}
    zeros = [wrap(np.zeros(lead + x.shape)[()], None) if isinstance(x, Tensor) else None for x in leaves]
    return [found.get(x.node, z) if isinstance(x, Tensor) else None for x, z in zip(leaves, zeros, strict=True)]


def identity(shape: tuple[int, ...], dtype: Any = float) -> Any:
    """Return the seed of a full Jacobian."""
    size = int(np.prod(shape))
    return np.eye(size, dtype=dtype).reshape(shape + shape)
