"""``checkpoint``: recompute in the backward pass what the forward pass would have kept. And ``replay``."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from autograd.apply import apply
from autograd.errors import ArgumentError, GraphError, short
from autograd.graph.clock import tick
from autograd.graph.mode import current, switched
from autograd.graph.program import Program, since
from autograd.graph.replay import replay as replay_
from autograd.primitives.primitive import on_the_fly
from autograd.tensor import Tensor, raw, wrap
from autograd.transforms.gradient import Function, Traced
from autograd.transforms.structure import rebuild


def checkpoint(f: Function) -> Function:
    """Return ``f`` recorded as one step that keeps only its inputs; the backward pass computes the inside again.

    Memory falls from every value inside to the inputs, for one more forward pass. The value, the gradients (of every
    order) and the random numbers are the same to the last bit: what runs again is the recorded program itself.
    Raises GraphError where a hook or ``retain_grad`` hangs on a step inside.
    Source: Griewank & Walther, Algorithm 799: revolve (2000).

    >>> x = Tensor([1.0, 2.0], requires_grad=True)
    >>> checkpoint(lambda x: (x * x).exp())(x).sum().backward()
    >>> x.grad
    Tensor([  5.43656366, 218.39260013])
    """

    @functools.wraps(f)
    def cheaper(*args: Any, **kwargs: Any) -> Any:
        started = tick()
        with switched(replace(current.get(), whole=True)):
            output = f(*args, **kwargs)
        return rebuild(output, lambda y: _folded(y, started) if isinstance(y, Tensor) else y)

    return cheaper


def _folded(y: Tensor, started: int) -> Tensor:
    """Replace the nodes of a stretch by one."""
    stretch = since(y.node, started) if y.requires_grad else []
    if not stretch:
        return y
    for node in stretch:
        if node.hooks or node.retains:
            raise GraphError(
                "checkpoint",
                "steps that are only computed again, so that nothing hangs on them",
                f"a hook or retain_grad() on {node.label} inside",
                "put it on an argument or on the result",
            )
    values = {p: v for n in stretch for p, v in zip(n.parents, n.operands, strict=True) if p is not None}
    program = Program(y.node, stretch)
    inputs = tuple(wrap(values[node], node) for node in program.inputs)
    known = [y._value]  # handed out once: holding on to y would keep the whole stretch alive
    step = on_the_fly(
        "checkpoint",
        lambda *arrays, program: known.pop() if known else program.run(arrays),
        _Recomputed(program).pullback,
        "program",
        behind=_batched,
    )
    return apply(step, inputs, {"program": program})


def _batched(primitive: Any, operands: Any, batched: Any, static: Any, n: int) -> Any:
    """Compute a stretch for a whole batch, as one step that is recomputed like the single one."""
    return checkpoint(lambda *inputs: static["program"].behind(inputs, batched, n))(*operands)


class _Recomputed:
    """The pullback of a stretch: run it again, sweep once, and hand each input its share."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.last: tuple[Any, list[Any]] | None = None

    def pullback(self, y_bar: Any, operands: tuple[Any, ...], position: int, lead: tuple[int, ...]) -> Any:
        last = self.last
        if last is None or last[0] is not y_bar or last[1][position] is None:  # the first input that it reaches
            floating = tuple(i for i, o in enumerate(operands) if raw(o).dtype.kind == "f")
            traced = Traced(lambda *inputs: self.program.run(inputs), operands, floating, "checkpoint")
            pulled = dict(zip(floating, traced.pull([traced.output], [y_bar], lead, "zero"), strict=True))
            last = self.last = (y_bar, [pulled.get(i) for i in range(len(operands))])
        share = last[1][position]
        last[1][position] = None
        if all(s is None for s in last[1]):
            self.last = None
        return share


def replay(output: Tensor, changes: Mapping[Any, Any] | None = None) -> Any:
    """Return the value of ``output`` computed again from its recorded graph, with other values for some leaves.

    ``changes`` maps tensors (leaves of the graph) to values of the same shape. With none, the result is the recorded
    one to the last bit, random numbers included.

    Raises GraphError where values steered the recording (an ``if`` on a tensor), or a leaf was overwritten since.

    >>> x = Tensor(3.0, requires_grad=True)
    >>> y = x * x + 1
    >>> replay(y, {x: 4.0})
    np.float64(17.0)
    """
    changes = {} if changes is None else changes
    if (
        not isinstance(output, Tensor)
        or not isinstance(changes, Mapping)
        or not all(isinstance(t, Tensor) for t in changes)
    ):
        raise ArgumentError(
            "replay(output, changes)", "a recorded tensor, and tensors with their new values",
            f"{short(output)}, {short(changes)}", "write replay(y, {x: value})",
        )  # fmt: skip
    named = {t.node: raw(v) for t, v in changes.items()}
    return np.asarray(replay_(output.node, named)[output.node])[()]
