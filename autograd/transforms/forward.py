"""Forward mode: ``jvp``, ``linearize``, and Jacobians column by column, all columns in one pass."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.backprop.pushforward import Tools, push
from autograd.backward import lift
from autograd.errors import ArgumentError, ShapeError, short
from autograd.graph.clock import tick
from autograd.graph.node import leaf
from autograd.tensor import Tensor, as_tensor, raw, wrap
from autograd.transforms.gradient import Function, Traced, given, packed, positions, title
from autograd.transforms.structure import filled, leaves


def variable(value: Any) -> Tensor:
    """Return a leaf to differentiate with respect to."""
    return wrap(value, leaf(value, True, tick()))


def refuse_bare(where: str, name: str, given: Any) -> None:
    """Refuse an array where a tuple of arguments is meant: its entries would be taken for them."""
    if not isinstance(given, (tuple, list)):
        raise ArgumentError(
            where,
            f"{name} as a tuple, one for each argument of the function",
            f"{short(given)} of type {type(given).__name__}",
            f"write {where.partition('(')[0]}(f, (x,), (v,))",
        )


def jvp(f: Function, primals: tuple[Any, ...], tangents: tuple[Any, ...], has_aux: bool = False) -> tuple[Any, ...]:
    """Return ``f(*primals)`` and the directional derivative ``ẏ = Σ ∂f/∂x · ẋ`` along ``tangents``.

    Tangents are nested and shaped like the primals. With ``has_aux`` returns ``(y, ẏ, aux)``.
    Raises ShapeError or ArgumentError for tangents that don't fit.
    Source: Griewank & Walther, Evaluating Derivatives (2008), §3.1.

    >>> jvp(lambda x: x * x, (3.0,), (1.0,))
    (np.float64(9.0), np.float64(6.0))
    """
    where = title("jvp", f)
    for name, given_ in (("primals", primals), ("tangents", tangents)):
        refuse_bare(where, name, given_)
    y, push_, *aux = linearize(f, *primals, has_aux=has_aux)
    return (y, push_(*tangents), *aux)


def linearize(f: Function, *primals: Any, has_aux: bool = False) -> tuple[Any, ...]:
    """Return ``f(*primals)`` and its linear map ``(ẋ, …) ↦ ẏ``, to be applied to many tangents without running f again.

    >>> y, push = linearize(np.sin, 0.0)
    >>> push(1.0), push(2.0)
    (np.float64(1.0), np.float64(2.0))
    """
    where = title("jvp", f)
    traced = Traced(f, tuple(primals), tuple(range(len(primals))), where)
    output, aux = traced.split(has_aux)

    def linear(*tangents: Any) -> Any:
        given_ = leaves(list(tangents), "tangent")
        if len(given_) != len(traced.inputs):
            raise ArgumentError(
                where,
                f"{len(traced.inputs)} tangents, one for each array",
                f"{len(given_)}",
                "nest them like the primals",
            )
        seeds = {}
        for (path, x_dot), node in zip(given_, traced.nodes, strict=True):
            if np.shape(raw(x_dot)) != node.y.shape:
                raise ShapeError(
                    where,
                    f"{path} of shape {node.y.shape}",
                    f"shape {np.shape(raw(x_dot))}",
                    "shape it like its primal",
                )
            tracked = isinstance(x_dot, Tensor) and x_dot.node.tracked
            seeds[node] = x_dot if tracked else np.asarray(as_tensor(x_dot)._value, dtype=node.y.dtype)[()]
        return filled(output, [pushed(traced, y, seeds, ()) for _, y in leaves(output, "output")])

    value = filled(output, [value_of(traced, y) for _, y in leaves(output, "output")])
    return (value, linear, given(traced, aux)) if has_aux else (value, linear)


def value_of(traced: Traced, y: Any) -> Any:
    """Return an output in the form of the inputs: an array for arrays, a tensor for tensors or where it is tracked."""
    if not isinstance(y, Tensor):
        return y
    if traced.records([y]):
        return y
    return wrap(y._value, None) if any(isinstance(v, Tensor) for _, v in traced.inputs) else raw(y)


def pushed(traced: Traced, y: Any, seeds: dict[Any, Any], lead: tuple[int, ...]) -> Any:
    """Return the tangent of one output: zeros where it doesn't depend on the inputs."""
    if not (isinstance(y, Tensor) and y.requires_grad):
        traced.warn_of_zeros(traced.nodes)
    if not isinstance(y, Tensor):
        return np.zeros(lead + np.shape(y))
    record = traced.records([y])
    y_dot = push(seeds, y.node, lead, Tools(variable, lift if record else None)) if y.requires_grad else None
    if y_dot is None:
        floating = y.dtype.kind == "f"
        y_dot = np.zeros(lead + y.shape, dtype=y.dtype if floating else traced.nodes[0].y.dtype)[()]
    tensors = record or any(isinstance(v, Tensor) for _, v in traced.inputs)
    if isinstance(y_dot, Tensor):
        return y_dot
    own = y_dot.copy() if isinstance(y_dot, np.ndarray) and (y_dot.base is not None or not lead) else y_dot
    return wrap(own, None) if tensors else own


def jacfwd(f: Function, argnums: int | tuple[int, ...] = 0, has_aux: bool = False) -> Callable[..., Any]:
    """Return the Jacobian ``∂f/∂x`` of shape ``f(x).shape + x.shape``, by one forward pass that carries all columns.

    It is the cheaper direction where there are fewer inputs than outputs; the result equals :func:`jacobian`'s.

    >>> jacfwd(lambda x: np.array([1.0, 2.0, 3.0]) * x)(2.0)
    array([1., 2., 3.])
    """

    @functools.wraps(f)
    def full(*args: Any, **kwargs: Any) -> Any:
        traced = Traced(functools.partial(f, **kwargs), args, positions(argnums), title("jacfwd", f))
        output, aux = traced.split(has_aux)
        result = filled(output, [packed(traced, argnums, columns(traced, y)) for _, y in leaves(output, "output")])
        return (result, given(traced, aux)) if has_aux else result

    return full


def columns(traced: Traced, y: Any) -> list[Any]:
    """Return the Jacobian of one output with respect to each input, by tangents."""
    found = []
    for node in traced.nodes:
        n, shape = node.y.size, node.y.shape
        J = pushed(traced, y, {node: np.eye(n, dtype=node.y.dtype).reshape(n, *shape)}, (n,))
        found.append(np.moveaxis(J, 0, -1).reshape(np.shape(raw(J))[1:] + shape))
    return found
