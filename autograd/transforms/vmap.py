"""``vmap``: a function of one example, applied to a whole batch at once.

The function is recorded on the first example, and the recorded graph is then run with a leading axis on every value
that depends on the batch. Each primitive's declaration says how (``behind``); since the recording holds whatever the
function did, gradients inside it are batched like everything else.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from autograd.apply import apply
from autograd.errors import ArgumentError, ShapeError
from autograd.graph.clock import tick
from autograd.graph.mode import current, switched
from autograd.graph.node import Node, leaf
from autograd.graph.order import ancestors
from autograd.primitives import registry
from autograd.primitives.batching import invented
from autograd.randomness import asked
from autograd.tensor import Tensor, as_tensor, raw, wrap
from autograd.transforms.gradient import Function, running, stop_gradient, title
from autograd.transforms.structure import filled, leaves

Axes = int | None | tuple[Any, ...] | list[Any] | dict[str, Any]


def vmap(f: Function, in_axes: Axes = 0, out_axes: Axes = 0, randomness: str = "error") -> Callable[..., Any]:
    """Return ``f`` for batches: each argument has one more axis, at ``in_axes``, and so has the result, ``out_axes``.

    ``in_axes`` is one axis for all arguments or one for each (nested like the argument, or one for the whole of it);
    None marks what all examples share. Composes with the other transforms and with itself:
    ``vmap(grad(loss), in_axes=(None, 0, 0))`` gives the gradient of each example.

    A function that draws random numbers, such as a model with dropout in training, is recorded once, so all examples
    would share one mask. ``randomness`` says what shall be, as in ``torch.func.vmap``: "error" refuses, "same" lets
    them share, "different" draws for each (and computes them one after the other). What doesn't come from
    :func:`autograd.generator`, such as a NumPy generator's own method called inside, isn't noticed; it is shared.

    Raises ShapeError for batches of different lengths, ArgumentError for axes that don't fit, GraphError where the
    function looks at a number (``if x > 0``, ``x.item()``): each example might go another way; use ``autograd.where``.

    >>> vmap(lambda x, y: x @ y)(np.ones((5, 3)), np.ones((5, 3))).shape
    (5,)
    """
    where = title("vmap", f)
    if randomness not in ("error", "same", "different"):
        raise ArgumentError(where, "randomness 'error', 'same' or 'different'", repr(randomness), "leave it out")

    @functools.wraps(f)
    def batched(*args: Any, **kwargs: Any) -> Any:
        axes = _axes_of(args, in_axes, where)
        flat = [value for i, a in enumerate(args) for _, value in leaves(a, f"argument {i}")]
        fronts = [_front(v, axis, where) for v, axis in zip(flat, axes, strict=True)]
        n = _length(flat, axes, where)
        if randomness == "different" and n > 1:
            given = [None if axis is None else 0 for axis in axes]
            alone = vmap(f, filled(list(args), given), out_axes, "same")
            rows = [
                alone(*filled(list(args), [_row(*of, i) for of in zip(flat, fronts, given, strict=True)]), **kwargs)
                for i in range(n)
            ]
            return _joined(rows, _spread_axes(out_axes, rows[0], where))

        def applied(careful: bool) -> tuple[Any, list[Any], dict[Node, Tensor], set[Node]]:
            """Record the function on one example, and run the recording on the batch."""
            started = tick()
            examples = [_example(v) if axis is not None else v for v, axis in zip(fronts, axes, strict=True)]
            inputs = {e.node: v for e, v, axis in zip(examples, fronts, axes, strict=True) if axis is not None}
            quiet = np.errstate() if n else np.errstate(all="ignore")  # no one asked about an invented example
            mode = replace(current.get(), record=True, whole=True, example=True, careful=careful)
            drawn = asked.times
            with quiet, switched(mode), running(list(inputs)):
                output = f(*filled(list(args), examples), **kwargs)
            if asked.times > drawn and randomness == "error":
                raise _refused_randomness(where)
            results = leaves(output, "output")
            return output, results, *_run([y.node for _, y in results if isinstance(y, Tensor)], inputs, n, started)

        output, results, values, connected = applied(current.get().careful)
        if any(np.isnan(values[y.node]._value).any() for _, y in results if isinstance(y, Tensor) and y.node in values):
            # a sweep inside may have been plain for this example, and met the branch not taken in another one
            output, results, values, connected = applied(careful=True)
        tensors = any(isinstance(v, Tensor) for v in flat)
        targets = _spread_axes(out_axes, output, where)
        done = []
        for (_, y), axis in zip(results, targets, strict=True):
            result = values.get(y.node) if isinstance(y, Tensor) else None
            shared = wrap(y._value, None) if isinstance(y, Tensor) and y.node not in connected else y
            done.append(_finish(shared, result, n, axis, tensors, where))
        return filled(output, done)

    return batched


def _refused_randomness(where: str) -> ArgumentError:
    return ArgumentError(
        where,
        "a function that draws no random numbers, or a word on what they shall be",
        "random numbers drawn inside: every example would get the same ones",
        'write randomness="different" for each example its own, randomness="same" to share them; a model that is only '
        "used draws none after model.eval()",
    )


def _row(value: Any, front: Any, axis: int | None, i: int) -> Any:
    """Return one example as a batch of its own."""
    if axis is None:
        return value
    return front[i : i + 1] if isinstance(value, Tensor) else front._value[i : i + 1]


def _joined(rows: list[Any], axes: list[int | None]) -> Any:
    """Put the results of single examples together; what has no axis is the same in all."""
    columns = zip(*([y for _, y in leaves(row)] for row in rows), strict=True)
    done = [
        parts[0] if axis is None else np.concatenate(parts, axis) for parts, axis in zip(columns, axes, strict=True)
    ]
    return filled(rows[0], done)


def _axes_of(args: tuple[Any, ...], in_axes: Axes, where: str) -> list[int | None]:
    if isinstance(in_axes, (tuple, list)) and len(in_axes) != len(args):
        raise ArgumentError(
            where,
            f"in_axes for each of {len(args)} arguments",
            f"{len(in_axes)} of them",
            "give one entry for each argument",
        )
    per = list(in_axes) if isinstance(in_axes, (tuple, list)) else [in_axes] * len(args)
    return [axis for a, axes in zip(args, per, strict=True) for axis in _spread_axes(axes, a, where)]


def _spread_axes(axes: Any, tree: Any, where: str) -> list[int | None]:
    """Return one axis for each array of a nest, from one for all of it or a nest of axes."""
    if axes is None or isinstance(axes, int):
        return [axes] * len(leaves(tree))
    if type(axes) is not type(tree) or len(axes) != len(tree):
        raise ArgumentError(
            where, "axes nested like what they describe", f"{axes!r}", "give one axis, or nest them alike"
        )
    pairs = [(axes[k], tree[k]) for k in tree] if isinstance(tree, dict) else list(zip(axes, tree, strict=True))
    return [axis for a, t in pairs for axis in _spread_axes(a, t, where)]


def _front(value: Any, axis: int | None, where: str) -> Any:
    """Return a tensor with the batch axis first."""
    if axis is None:
        return value
    tensor = as_tensor(value)
    if not -tensor.ndim <= axis < tensor.ndim:
        raise ArgumentError(
            where, f"axis {axis} in every mapped argument", f"shape {tensor.shape}", "use None to share it"
        )
    return tensor if axis == 0 else tensor.moveaxis(axis, 0)


def _length(flat: list[Any], axes: list[int | None], where: str) -> int:
    lengths = {np.shape(raw(v))[axis] for v, axis in zip(flat, axes, strict=True) if axis is not None}
    if len(lengths) != 1:
        got = ", ".join(map(str, sorted(lengths))) or "no mapped argument"
        raise ShapeError(where, "batches of one length", got, "give every mapped argument the same length, or None")
    return int(lengths.pop())


def _example(batch: Tensor) -> Tensor:
    """Return the first example, as a value of its own whose use is recorded."""
    value = batch._value[0] if len(batch) else invented(batch.shape[1:], batch.dtype)
    value = np.array(value)[()]
    if value.dtype.kind == "f":
        return wrap(value, leaf(value, True, tick()))
    example = wrap(value, leaf(value, True, tick()))  # tracked for a moment, so that the copy is recorded
    copied = apply(registry["copy"], (example,), {})
    example.node.requires_grad = False
    return copied


def _run(roots: list[Node], inputs: dict[Node, Tensor], n: int, started: int) -> tuple[dict[Node, Tensor], set[Node]]:
    """Return the batched value of every node that depends on the batch, and the nodes that are tracked outside.

    What was tracked before the recording started stays connected; what transforms inside tracked is a constant now.
    """
    values: dict[Node, Tensor] = dict(inputs)
    connected: set[Node] = set()
    for node in ancestors(roots):
        parents = node.parents
        if (node.number < started and node.tracked) or not connected.isdisjoint(parents):
            connected.add(node)
        if node in values or not any(p in values for p in parents if p is not None):
            continue
        primitive = node.primitive
        assert primitive is not None
        pairs = list(zip(parents, node.operands, strict=True))
        operands = [values[p] if p in values else wrap(v, p) if p in connected else v for p, v in pairs]
        batched = [p in values for p in parents]
        y = as_tensor(primitive.behind(primitive, operands, batched, node.static, n))
        values[node] = y if node.requires_grad or not y.requires_grad else stop_gradient(y)
    return values, connected


def _finish(y: Any, result: Tensor | None, n: int, axis: int | None, tensors: bool, where: str) -> Any:
    """Put the batch axis of one result where it is wanted; what doesn't depend on the batch is repeated."""
    if axis is None:
        if result is not None:
            raise ArgumentError(
                where, "out_axes of None for what all examples share", "a result of the batch", "give an axis"
            )
        return raw(y) if isinstance(y, Tensor) and not (tensors or y.requires_grad) else y
    if result is None:
        shared = as_tensor(y)
        result = as_tensor(np.broadcast_to(shared, (n, *shared.shape)))
    if not -result.ndim <= axis < result.ndim:
        raise ArgumentError(
            where, f"out_axes within a result of {result.ndim} axes", str(axis), "count the batch axis too"
        )
    result = result if axis == 0 else result.moveaxis(0, axis)
    if tensors or result.requires_grad:
        return result
    return result._value if getattr(result._value, "base", None) is None else result._value.copy()
