"""``backward``: from an output to the ``.grad`` of its leaves; what a sweep starts with, and what leaves it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.backprop.lifted import Lifted
from autograd.backprop.pullback import sweep
from autograd.backprop.release import release
from autograd.errors import GraphError, ShapeError, warn
from autograd.graph.clock import guard, tick
from autograd.graph.mode import enable_grad
from autograd.graph.node import Node
from autograd.tensor import Tensor, as_tensor, raw, wrap


def backward(tensor: Tensor, gradient: Any = None, *, create_graph: bool = False, retain_graph: bool = True) -> None:
    """Add to the ``.grad`` of every leaf the cotangent ``P^j = Σ_i P^i J^{j→i}``, starting with ``gradient``.

    ``gradient`` has the shape of this tensor and is 1 by default for a single number. ``create_graph`` records the
    sweep itself, for second derivatives; ``retain_graph=False`` forgets the graph afterwards.

    Raises GraphError for a tensor that doesn't require a gradient or, without ``gradient``, isn't a single number.

    >>> w = Tensor(5.0, requires_grad=True)
    >>> (w * w).backward()
    >>> w.grad.item()
    10.0
    """
    node = tensor.node
    if not node.requires_grad:
        raise GraphError(
            f"backward from {node.label}",
            "a tensor that was computed from one with requires_grad=True",
            _why_no_gradient(tensor),
            "set requires_grad=True on the tensors you want gradients for",
        )
    if node.primitive is None:
        warn(f"backward() from {node.label}, which nothing was computed for: no other tensor receives a gradient")
    if create_graph:
        with enable_grad():
            _spread(node, cotangent(tensor, gradient, "backward"), lift)
    else:
        _spread(node, cotangent(tensor, raw(gradient), "backward"), None)
    if not retain_graph:
        release(node)


def _spread(root: Node, seed: Any, lift: Callable[[Node], Lifted] | None) -> None:
    """Sweep, and add what arrives at the leaves to what they have collected."""
    handed: set[int] = {id(seed)}
    array = np.ndarray
    found = sweep({root: seed}, lift=lift)
    with guard:  # threads may sweep to the same leaves
        for target, arrived in found.items():
            kind = arrived.__class__
            P = owned(arrived, handed) if kind is array else arrived
            held = target.grad
            if held is None:
                target.grad = P
            elif held.__class__ is Tensor and kind is not Tensor and not held.requires_grad:
                target.grad = held._value + P
            else:
                target.grad = held + P


def retain_grad(tensor: Tensor) -> Tensor:
    """Ask ``backward`` to keep the gradient of a computed tensor too; returns the tensor.

    Raises GraphError for a tensor that doesn't require a gradient.

    >>> x = Tensor(3.0, requires_grad=True)
    >>> h = (x * x).retain_grad()
    >>> (2 * h).backward()
    >>> h.grad
    Tensor(2.)
    """
    _differentiable(tensor, "retain_grad")
    if not tensor.is_leaf:
        tensor.node.retains, tensor.node.ordinary = True, False
    return tensor


class Hook:
    """What ``register_hook`` returns: ``remove()`` takes the hook off again."""

    def __init__(self, node: Node, key: int) -> None:
        self._node, self._key = node, key

    def remove(self) -> None:
        """Take the hook off; doing it twice does nothing."""
        if self._node.hooks is not None:
            self._node.hooks.pop(self._key, None)


def register_hook(tensor: Tensor, hook: Callable[[Any], Any]) -> Hook:
    """Call ``hook(cotangent)`` whenever a sweep has this tensor's whole cotangent; what it returns replaces it.

    A hook that returns None only reads. It sees arrays (tensors under ``create_graph``), with leading axes in a
    Jacobian; where a NaN makes the sweep run a second, careful time, it is called again.

    >>> x = Tensor(3.0, requires_grad=True)
    >>> clip = x.register_hook(lambda g: np.clip(g, -1, 1))
    >>> (x * x).backward()
    >>> x.grad
    Tensor(1.)
    """
    _differentiable(tensor, "register_hook")
    node, key = tensor.node, tick()
    node.hooks = {**(node.hooks or {}), key: hook}
    node.ordinary = False
    return Hook(node, key)


def _differentiable(tensor: Tensor, what: str) -> None:
    if not tensor.requires_grad:
        raise GraphError(
            what,
            "a tensor that requires a gradient",
            f"{tensor.node.label}, which doesn't",
            "compute it from a tensor with requires_grad=True",
        )


def lift(node: Node) -> Lifted:
    """Return a node whose operands are tensors, so that a sweep over it is recorded."""
    return Lifted(node, wrap)


def cotangent(output: Tensor, gradient: Any, where: str) -> Any:
    """Return the seed of a sweep: what was given, checked, or 1 for a single number."""
    if gradient is None:
        if output.size != 1:
            raise GraphError(
                f"{where} from {output.node.label}",
                "a single number, or a cotangent of the output's shape",
                f"shape {output.shape} and no cotangent",
                "pass gradient=…, reduce with .sum(), or use autograd.jacobian",
            )
        value = output._value
        return value.dtype.type(1) if value.ndim == 0 else np.ones_like(value)
    if isinstance(gradient, Tensor) and gradient.node.tracked:
        seed: Any = gradient if gradient.dtype == output.dtype else gradient.astype(output.dtype)
    else:
        seed = np.asarray(as_tensor(gradient)._value, dtype=output.dtype)[()]
    if seed.shape != output.shape:
        raise ShapeError(
            f"{where} from {output.node.label}",
            f"a cotangent of shape {output.shape}",
            f"shape {seed.shape}",
            "give it the shape of the output",
        )
    return seed


def _why_no_gradient(output: Tensor) -> str:
    node = output.node
    if output.dtype.kind != "f":
        return f"dtype {output.dtype}, which carries values, never gradients"
    if node.primitive is None:
        return f"{node.label} without requires_grad" if node.name else "a leaf without requires_grad"
    reasons = [r for r in node.primitive.rules if isinstance(r, str)]
    return f"{node.label}: {reasons[0]}" if reasons else f"{node.label} of tensors that don't require gradients"


def owned(P: Any, handed: set[int]) -> Any:
    """Return a gradient that owns its memory: no view, and no array that was handed out before."""
    if P.__class__ is np.ndarray:  # a NumPy scalar can't be written to, a tensor has its own value
        if P.base is not None or id(P) in handed or not P.flags.writeable:
            P = P.copy()
        handed.add(id(P))
    return P
