"""Gradients of functions: ``grad``, ``value_and_grad`` and ``vjp``."""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import numpy as np

from autograd.apply import apply
from autograd.arrays import native, refuse_mask
from autograd.backprop.pullback import sweep
from autograd.backprop.sparse import densified
from autograd.backward import cotangent, lift, owned
from autograd.errors import ArgumentError, DTypeError, GraphError, short, warn
from autograd.graph.clock import line_of, tick
from autograd.graph.mode import Reads, current, enable_grad, reads
from autograd.graph.node import Node, leaf
from autograd.graph.order import ancestors, falling
from autograd.primitives import registry
from autograd.tensor import Tensor, raw, wrap
from autograd.transforms.structure import detached, filled, leaves, rebuild

Function = Callable[..., Any]

# The inputs of the transforms that are running, outermost first: an inner one records what touches them.
_running: ContextVar[tuple[Node, ...]] = ContextVar("autograd_running_transforms", default=())


class Traced:
    """A function's output for tracked inputs, and how to sweep back from it."""

    def __init__(self, function: Function, args: tuple[Any, ...], argnums: tuple[int, ...], where: str) -> None:
        self.where, self.args, self.argnums = where, args, argnums
        for n in argnums:
            if not -len(args) <= n < len(args):
                raise ArgumentError(
                    where, f"argnums among the {len(args)} positional arguments", str(n), "count arguments from 0"
                )
        if len({n % len(args) for n in argnums}) < len(argnums):
            raise ArgumentError(where, "each argument once", f"argnums {argnums}", "name every argument only once")
        self.inputs = [found for n in argnums for found in leaves(args[n], f"argument {n}")]
        self.tracked = [_track(value, path, where) for path, value in self.inputs]
        following = iter(self.tracked)
        changed = {n % len(args): rebuild(args[n], lambda _: next(following)) for n in argnums}
        self.nodes = [t.node for t in self.tracked]
        self.outer = _running.get()
        self.reads: Reads = {}
        with enable_grad(), running(self.nodes, self.reads):
            self.output = function(*(changed.get(i, a) for i, a in enumerate(args)))

    def split(self, has_aux: bool) -> tuple[Any, Any]:
        """Return the function's value, and what it gave beside it."""
        if not has_aux:
            return self.output, None
        if not isinstance(self.output, (tuple, list)) or len(self.output) != 2:
            raise ArgumentError(
                self.where,
                "a function that returns (value, aux), as has_aux says",
                f"{type(self.output).__name__} {self.output!r:.60}",
                "return a pair, or leave out has_aux",
            )
        value, aux = self.output
        return value, aux

    def read_out(self, nodes: list[Node]) -> str:
        """Say where a number that depends on these inputs was last read out, if one was."""
        for (code, at), (node, what) in reversed(self.reads.items()):
            if not set(nodes).isdisjoint(ancestors([node])):
                return f"the value of an argument left the graph by {what}, at {line_of(code, at)}"
        return ""

    def warn_of_zeros(self, nodes: list[Node]) -> None:
        """Say why a result has no way back to these inputs, where a number was read out."""
        if taken := self.read_out(nodes):
            warn(f"{self.where} gives zeros: {taken}")

    def records(self, outputs: list[Tensor]) -> bool:
        """Tell whether the sweep itself must be recorded, because something outside tracks what it touches."""
        if any(isinstance(v, Tensor) and v.node.tracked for _, v in self.inputs):
            return True
        roots = [o.node for o in outputs]
        if self.outer and not set(self.outer).isdisjoint(ancestors(roots)):
            return True
        if not any(isinstance(v, Tensor) for _, v in self.inputs):
            return False
        own = set(self.nodes)
        parents = [p for node in falling(roots, own) for p in node.parents if p is not None]
        return any(p.is_leaf and p.requires_grad and p not in own for p in parents)

    def pull(
        self, outputs: list[Tensor], seeds: list[Any], lead: tuple[int, ...], unused: str, nodes: Any = None
    ) -> list[Any]:
        """Return one gradient for each input, in the form that the input came in: an array or a tensor."""
        record = self.records(outputs)
        P: dict[Node, Any] = {}
        for output, seed in zip(outputs, map(densified, seeds) if record else seeds, strict=True):
            held = P.get(output.node)
            P[output.node] = seed if held is None else held + seed
        found = sweep(P, lead, wanted=self.nodes, nodes=nodes, lift=lift if record else None)
        handed = {id(s) for s in seeds}
        return [self._gradient(i, found.get(node), lead, unused, handed, record) for i, node in enumerate(self.nodes)]

    def _gradient(self, i: int, P: Any, lead: tuple[int, ...], unused: str, handed: set[int], record: bool) -> Any:
        path, value = self.inputs[i]
        node = self.nodes[i]
        if P is None:
            if unused != "zero":
                taken = self.read_out([node])
                raise GraphError(
                    self.where,
                    f"an output that depends on {path}",
                    f"one that doesn't{taken and '; ' + taken}",
                    "compute it from that argument by autograd's or NumPy's functions, or pass unused='zero'",
                )
            self.warn_of_zeros([node])
            P = np.zeros(lead + node.y.shape, dtype=node.y.dtype)[()]
        P = owned(P, handed)
        if isinstance(P, Tensor):
            return P
        return wrap(P, None) if isinstance(value, Tensor) or record else P


@contextmanager
def running(nodes: list[Node], noted: Reads | None = None) -> Iterator[None]:
    """Let inner transforms know that these nodes are tracked outside, and note what is read out of them."""
    token, former = _running.set((*_running.get(), *nodes)), reads.set(reads.get() if noted is None else noted)
    try:
        yield
    finally:
        _running.reset(token)
        reads.reset(former)


def _track(value: Any, path: str, where: str) -> Tensor:
    """Return a fresh tensor to differentiate with respect to; one that is tracked outside stays connected to it."""
    refuse_mask(value, where)
    array = native(np.asarray(raw(value)))
    if isinstance(value, Tensor) and value.node.tracked and array.dtype.kind == "f":
        with enable_grad():
            copied = apply(registry["copy"], (value,), {})
        copied.node.requires_grad = True  # also where it was made from integers
        return copied
    if array.dtype.kind != "f":
        raise DTypeError(
            where,
            f"floating {path}: integers and booleans have no gradient",
            f"dtype {array.dtype}",
            "write 3.0 instead of 3, or convert with astype(float)",
        )
    array = array[()]
    name = value.name if isinstance(value, Tensor) else None
    return wrap(array, leaf(array, True, tick(), name))


def scalar_output(traced: Traced, output: Any) -> Tensor:
    """Check that a function returned one number, and that it is on the graph."""
    if not isinstance(output, Tensor):
        raise no_tensor(traced, "a tensor", output)
    if output.size != 1:
        raise GraphError(
            traced.where,
            "a single number to differentiate",
            f"shape {output.shape}",
            "reduce with .sum(), or use autograd.jacobian or autograd.vjp",
        )
    return output


def no_tensor(traced: Traced, expected: str, output: Any) -> GraphError:
    """Return the error of a function whose output is off the graph."""
    taken = traced.read_out(traced.nodes)
    return GraphError(
        traced.where,
        f"{expected} computed from the arguments",
        f"{type(output).__name__} {output!r:.60}{taken and '; ' + taken}",
        "compute with autograd's or NumPy's functions, and return the result itself",
    )


def title(transform: str, function: Function) -> str:
    """Name a transform of a function for an error message; refuse what isn't a function."""
    if not callable(function):
        raise ArgumentError(
            f"{transform}(f)", "a function", f"{short(function)} of type {type(function).__name__}",
            f"pass the function itself, as in {transform}(np.sin)",
        )  # fmt: skip
    return f"{transform}({getattr(function, '__name__', type(function).__name__)})"


def positions(argnums: int | tuple[int, ...]) -> tuple[int, ...]:
    """Return argnums as a tuple."""
    try:
        return tuple(map(operator.index, argnums if isinstance(argnums, (tuple, list)) else (argnums,)))
    except TypeError as problem:
        raise ArgumentError(
            "argnums", "an integer, or a tuple of them", repr(argnums), "count arguments from 0"
        ) from problem


def given(traced: Traced, aux: Any) -> Any:
    """Return what a function gave beside its value: arrays where the arguments were arrays and nothing tracks it."""
    tensors = any(isinstance(v, Tensor) for _, v in traced.inputs)

    def form(leaf: Any) -> Any:
        if not isinstance(leaf, Tensor) or traced.records([leaf]):
            return leaf
        return _cut(leaf) if tensors else leaf._value

    return rebuild(aux, form)


def packed(traced: Traced, argnums: int | tuple[int, ...], values: list[Any]) -> Any:
    """Give results the nesting of the arguments they belong to."""
    trees = filled([traced.args[n] for n in traced.argnums], values)
    return tuple(trees) if isinstance(argnums, (tuple, list)) else trees[0]


def value_and_grad(
    f: Function, argnums: int | tuple[int, ...] = 0, has_aux: bool = False, *, unused: str = "error"
) -> Function:
    """Return the function that gives ``(f(…), ∇f(…))``, from one forward and one backward pass.

    Takes and gives what :func:`grad` does; with ``has_aux`` the value is ``(value, aux)``.

    >>> value_and_grad(lambda x: x * x)(3.0)
    (np.float64(9.0), np.float64(6.0))
    """
    where = title("grad", f)
    if not (isinstance(unused, str) and unused in ("error", "zero")):
        raise ArgumentError(where, "unused='error' or unused='zero'", repr(unused), "choose one of the two")

    @functools.wraps(f)
    def both(*args: Any, **kwargs: Any) -> tuple[Any, Any]:
        traced = Traced(functools.partial(f, **kwargs), args, positions(argnums), where)
        output, aux = traced.split(has_aux)
        output = scalar_output(traced, output)
        seed = np.ones_like(output._value)[()]
        gradients = traced.pull([output], [seed], (), unused) if output.requires_grad else None
        if gradients is None:
            gradients = [traced._gradient(i, None, (), unused, set(), False) for i in range(len(traced.nodes))]
        keep = any(isinstance(g, Tensor) for g in gradients)
        value: Any = output if traced.records([output]) else _cut(output) if keep else output._value
        return (value, given(traced, aux)) if has_aux else value, packed(traced, argnums, gradients)

    return both


def grad(f: Function, argnums: int | tuple[int, ...] = 0, has_aux: bool = False, *, unused: str = "error") -> Function:
    """Return the gradient of a function that gives one number: ``∇f(x)``, of the shape and dtype of ``x``.

    ``argnums`` says which arguments; each may be an array, a tensor, a number, or nested lists, tuples and dicts of
    them, and the gradient is nested alike: arrays for arrays, tensors for tensors. With ``has_aux`` the function
    returns ``(value, aux)`` and the result is ``(gradient, aux)``. Transforms nest: ``grad(grad(f))``.

    Raises GraphError if the value isn't a single number or, unless ``unused="zero"``, doesn't depend on an argument;
    DTypeError for integer arguments.

    >>> grad(lambda x: np.sin(x) * x)(0.0)
    np.float64(0.0)
    >>> grad(grad(lambda x: x**3))(2.0)
    np.float64(12.0)
    """
    both = value_and_grad(f, argnums, has_aux, unused=unused)

    @functools.wraps(f)
    def gradient(*args: Any, **kwargs: Any) -> Any:
        value, found = both(*args, **kwargs)
        return (found, value[1]) if has_aux else found

    return gradient


def vjp(f: Function, *primals: Any, has_aux: bool = False) -> tuple[Any, ...]:
    """Return ``f(*primals)`` and the function that takes a cotangent ȳ to ``ȳ · ∂f/∂primal`` for each primal.

    The cotangent has the form of the output; an input that the output doesn't depend on receives zeros.
    With ``has_aux`` returns ``(value, pullback, aux)``.
    Source: Griewank & Walther, Evaluating Derivatives (2008), §3.2.

    >>> y, pullback = vjp(lambda x: x * x, np.array([1.0, 2.0]))
    >>> pullback(np.array([1.0, 10.0]))
    (array([ 2., 40.]),)
    """
    where = title("vjp", f)
    traced = Traced(f, primals, tuple(range(len(primals))), where)
    output, aux = traced.split(has_aux)
    results = dict(leaves(output, "output"))
    outputs = [(path, t) for path, t in results.items() if isinstance(t, Tensor)]

    def pullback(y_bar: Any) -> tuple[Any, ...]:
        given = dict(leaves(y_bar, "output"))
        if given.keys() != results.keys():
            raise ArgumentError(
                where, f"a cotangent for {', '.join(results)}", ", ".join(given) or "none", "nest it as the output is"
            )
        seeded = [(t, cotangent(t, given[path], where)) for path, t in outputs]
        useful = [(t, s) for t, s in seeded if t.requires_grad]
        gradients = traced.pull([t for t, _ in useful], [s for _, s in useful], (), "zero")
        return tuple(filled(list(primals), gradients))

    tensors = any(isinstance(v, Tensor) for _, v in traced.inputs) or traced.records([t for _, t in outputs])
    value = output if traced.records([t for _, t in outputs]) else rebuild(output, _cut if tensors else raw)
    return (value, pullback, given(traced, aux)) if has_aux else (value, pullback)


def _cut(value: Any) -> Any:
    return wrap(value._value, None) if isinstance(value, Tensor) else value


def stop_gradient(x: Any) -> Any:
    """Return x as a constant: its value, with no way back to what it was computed from.

    >>> grad(lambda x: x * stop_gradient(x))(3.0)
    np.float64(3.0)
    """
    return rebuild(x, _constant) if current.get().example else detached(x)


def _constant(value: Any) -> Any:
    """Return what ``vmap`` still knows as a value of the batch, and no gradient passes."""
    if not isinstance(value, Tensor) or not value.node.tracked:
        return value
    constant = apply(registry["copy"], (value,), {})
    constant.node.requires_grad = False
    return constant
