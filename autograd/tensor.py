"""Tensor: a value and the node that made it; operators, methods and NumPy's protocols."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from typing import Any, cast

import numpy as np

from autograd.backprop.pullback import sweep
from autograd.errors import (
    ArgumentError,
    DTypeError,
    GradientWarning,
    GraphError,
    NoDerivativeError,
    ShapeError,
)
from autograd.graph.clock import stamp, tick
from autograd.graph.mode import current
from autograd.graph.node import Node, Spec, leaf
from autograd.graph.order import falling
from autograd.graph.record import record
from autograd.primitives import Primitive, registry

_mode = current.get
_new = object.__new__


class Tensor:
    """An array that remembers how it was computed.

    ``Tensor(data)`` copies ``data``; ``requires_grad`` makes it a leaf that gradients are collected on.

    >>> x = Tensor([1.0, 2.0, 3.0], requires_grad=True, name="x")
    >>> y = (x * x).sum()
    >>> y.backward()
    >>> x.grad
    Tensor([2., 4., 6.])

    Raises DTypeError for data that isn't real numbers, and for integers that ask for gradients.
    """

    __slots__ = ("__weakref__", "_node", "_value")
    __array_priority__ = 1000.0

    _value: Any  # an array, or a NumPy scalar where the shape is ()
    _node: Node | None  # None until something asks: most results of no_grad never need one

    def __init__(
        self, data: Any, requires_grad: bool = False, dtype: Any = None, name: str | None = None
    ) -> None:
        self._start(_array(data, dtype, copy=True), requires_grad, name)

    def _start(self, value: Any, requires_grad: bool, name: str | None) -> None:
        self._value = value
        if requires_grad and value.dtype.kind != "f":
            raise DTypeError(
                f"Tensor({name!r})" if name else "Tensor(…, requires_grad=True)",
                "a floating dtype: integers and booleans carry values, never gradients",
                f"dtype {value.dtype}",
                "pass dtype=float, or write 1.0 instead of 1",
            )
        self._node = leaf(value, requires_grad, tick(), name)

    # What it is

    @property
    def node(self) -> Node:
        """The node of the graph that made this value."""
        if self._node is None:
            self._node = leaf(self._value, False, tick())
        return self._node

    @property
    def data(self) -> Any:
        """The array itself, as a read-only view."""
        view = np.asarray(self._value).view()
        view.flags.writeable = False
        return view

    def numpy(self) -> Any:
        """Return the array, as a read-only view; the graph isn't told."""
        return self.data

    @property
    def shape(self) -> tuple[int, ...]:
        shape: tuple[int, ...] = self._value.shape
        return shape

    @property
    def dtype(self) -> np.dtype[Any]:
        dtype: np.dtype[Any] = self._value.dtype
        return dtype

    @property
    def ndim(self) -> int:
        return int(self._value.ndim)

    @property
    def size(self) -> int:
        return int(self._value.size)

    @property
    def nbytes(self) -> int:
        return int(self._value.nbytes)

    @property
    def T(self) -> Tensor:  # noqa: N802  NumPy's name
        """The transpose: the axes reversed."""
        return apply(registry["transpose"], (self,), {"axes": ()})

    @property
    def mT(self) -> Tensor:  # noqa: N802  the array API's name
        """The matrix transpose: the last two axes exchanged."""
        return apply(registry["swapaxes"], (self,), {"axis1": -1, "axis2": -2})

    @property
    def name(self) -> str | None:
        return self.node.name

    @name.setter
    def name(self, name: str | None) -> None:
        self.node.name = name

    @property
    def is_leaf(self) -> bool:
        return self._node is None or self._node.primitive is None

    @property
    def requires_grad(self) -> bool:
        return self._node is not None and self._node.requires_grad

    @requires_grad.setter
    def requires_grad(self, flag: bool) -> None:
        self.requires_grad_(flag)

    def requires_grad_(self, flag: bool = True) -> Tensor:
        """Ask for gradients on a leaf, or no longer; returns the tensor."""
        if not self.is_leaf:
            raise GraphError(
                f"requires_grad_ on {self.node.label}", "a leaf", "a computed tensor",
                "set requires_grad on the tensors it was computed from; detach() gives a leaf of its value",
            )  # fmt: skip
        if flag and self.dtype.kind != "f":
            raise DTypeError(
                f"requires_grad_ on {self.node.label}", "a floating dtype", f"dtype {self.dtype}", "use astype(float)"
            )
        self.node.requires_grad = bool(flag)
        return self

    @property
    def grad(self) -> Tensor | None:
        """The gradient that ``backward`` has collected here, or None."""
        node = self._node
        if node is None:
            return None
        if node.primitive is not None and node.grad is None and node.requires_grad and not node.retains:
            _warn(
                f"{node.label} was computed, so it keeps no .grad: call retain_grad() on it before backward(), "
                "or differentiate with respect to it by autograd.grad"
            )
        grad: Tensor | None = node.grad
        return grad

    @grad.setter
    def grad(self, value: Any) -> None:
        if value is None:
            self.node.grad = None
            return
        array = _array(value, self.dtype, copy=True)
        if array.shape != self.shape:
            raise ShapeError(
                f"grad of {self.node.label}", f"shape {self.shape}", f"shape {array.shape}",
                "a gradient has exactly the shape of its tensor",
            )  # fmt: skip
        self.node.grad = value if isinstance(value, Tensor) and value.requires_grad else _constant(array)

    def retain_grad(self) -> Tensor:
        """Ask ``backward`` to keep the gradient of a computed tensor too; returns the tensor."""
        if not self.requires_grad:
            raise GraphError(
                "retain_grad", "a tensor that requires a gradient", f"{self.node.label}, which doesn't",
                "compute it from a tensor with requires_grad=True",
            )  # fmt: skip
        if not self.is_leaf:
            self.node.retains, self.node.ordinary = True, False
        return self

    def zero_grad(self) -> None:
        """Forget the collected gradient."""
        if self._node is not None:
            self._node.grad = None

    def detach(self) -> Tensor:
        """Return the same value without its history, sharing memory."""
        return _constant(self._value)

    def backward(self, gradient: Any = None, *, create_graph: bool = False, retain_graph: bool = True) -> None:
        """Add to the ``.grad`` of every leaf the cotangent ``P^j = Σ_i P^i J^{j→i}``, starting with ``gradient``.

        ``gradient`` has the shape of this tensor and is 1 by default for a single number. ``create_graph`` records the
        sweep itself, for second derivatives; ``retain_graph=False`` forgets the graph afterwards.

        Raises GraphError for a tensor that doesn't require a gradient or, without ``gradient``, isn't a single number.

        >>> w = Tensor(5.0, requires_grad=True)
        >>> (w * w).backward()
        >>> w.grad.item()
        10.0
        """
        node = self.node
        if not node.requires_grad:
            raise GraphError(
                f"backward from {node.label}", "a tensor that was computed from one with requires_grad=True",
                _why_no_gradient(self), "set requires_grad=True on the tensors you want gradients for",
            )  # fmt: skip
        seed = cotangent(self, gradient, "backward")
        found = sweep({node: seed}, lift=lift if create_graph else None)
        handed: set[int] = {id(seed)}
        for target, P in found.items():
            own_gradient(target, P, handed)
        if not retain_graph:
            _release(node)

    # In place

    def assign_(self, value: Any) -> Tensor:
        """Overwrite a leaf's value in place; a graph that still needs the old one will say so."""
        if not self.is_leaf:
            raise GraphError(
                f"assign_ to {self.node.label}", "a leaf", "a computed tensor", "assign to the leaf it was computed from"
            )
        self._write(_array(value, None, copy=False), ())
        return self

    def _write(self, value: Any, index: Any) -> None:
        if isinstance(self._value, np.ndarray):
            stamp(self._value)
            try:
                self._value[index if index != () else ...] = raw(value)
            except (ValueError, IndexError, TypeError) as problem:
                raise ShapeError(
                    f"in-place write to {self.node.label}", f"a value that fits {self.shape}",
                    f"{_describe('value', value)} ({problem})", "write a value of that shape",
                ) from problem  # fmt: skip
            return
        if np.shape(raw(value)) != ():
            raise ShapeError(
                f"in-place write to {self.node.label}", "a single number", f"shape {np.shape(raw(value))}",
                "write a value of that shape",
            )  # fmt: skip
        self._value = self.dtype.type(raw(value))  # NumPy scalars are immutable: graphs keep the old number
        if self._node is not None:
            self._node.y = self._value

    def update_(self, function: Callable[..., Tensor], other: Any, what: str) -> Tensor:
        """Carry out ``t op= other``: rebound to a new node while recording, written in place under ``no_grad``."""
        if _mode().record:
            self._refuse_leaf(what)
            return self._rebind(function(self, other), what)
        result = function(self, other)
        if result.shape != self.shape:
            raise ShapeError(what, f"a result of shape {self.shape}", f"shape {result.shape}", "reshape the operand")
        self._write(result, ())
        return self

    def _rebind(self, result: Tensor, what: str) -> Tensor:
        """Let this object stand for a new value: nothing that an older node holds is written."""
        if result.shape != self.shape:
            raise ShapeError(
                what, f"a result of shape {self.shape}", f"shape {result.shape}", "write a new name instead of in place"
            )
        if result.dtype != self.dtype:
            if not np.can_cast(result.dtype, self.dtype, "same_kind"):
                raise DTypeError(
                    what, f"a result that fits {self.dtype}", f"dtype {result.dtype}", "convert with astype first"
                )
            result = apply(registry["astype"], (result,), {"dtype": self.dtype})
        self._value, self._node = result._value, result._node
        return self

    def _refuse_leaf(self, what: str) -> None:
        if self.requires_grad and self.is_leaf:
            raise GraphError(
                f"{what} on {self.node.label}", "no in-place change of a leaf while its use is being recorded",
                f"{self.node.label}, which requires a gradient",
                "for an update step write `with autograd.no_grad():` around it, or use assign_()",
            )  # fmt: skip

    def __getitem__(self, index: Any) -> Tensor:
        return apply(registry["getitem"], (self,), {"index": _plain_index(index)})

    def __setitem__(self, index: Any, value: Any) -> None:
        index = _plain_index(index)
        if not _mode().record:
            self._write(value, index)
            return
        self._refuse_leaf("t[index] = value")
        self._rebind(apply(registry["setitem"], (self, value), {"index": index}), "t[index] = value")

    # As a number, a sequence, an array

    def item(self) -> Any:
        """Return a single number as Python's."""
        if self.size != 1:
            raise ShapeError("item()", "a single number", f"shape {self.shape}", "index it, reduce it, or use tolist()")
        return self._value.item()

    def tolist(self) -> Any:
        """Return the values as nested lists of Python's numbers."""
        return self._value.tolist()

    def __float__(self) -> float:
        return float(self.item())

    def __int__(self) -> int:
        self._steer()
        return int(self.item())

    def __index__(self) -> int:
        self._steer()
        return operator.index(self._value[()])

    def __bool__(self) -> bool:
        if self.size != 1:
            raise ShapeError(
                "bool()", "a single truth value", f"shape {self.shape}", "use autograd.where, or .all() and .any() on .numpy()"
            )
        self._steer()
        return bool(self._value)

    def _steer(self) -> None:
        """Note on everything below that a value steered the program: a replay with others would be a lie."""
        if self._node is None or not self._node.tracked:
            return
        now, stack = tick(), [self._node]
        while stack:
            node = stack.pop()
            if not node.branched:
                stack += [p for p in node.parents if p is not None]
            node.branched = now

    def __len__(self) -> int:
        if not self.ndim:
            raise ArgumentError("len()", "at least one axis", "a tensor of shape ()", "use .item() for its number")
        return self.shape[0]

    def __iter__(self) -> Iterator[Tensor]:
        return iter([self[i] for i in range(len(self))])

    def __format__(self, form: str) -> str:
        return format(self.item(), form) if form else str(self)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        if self._node is not None and self._node.tracked and self.requires_grad:
            raise NoDerivativeError(
                f"np.asarray of {self.node.label}", "no silent way out of the graph", "a tensor that requires a gradient",
                "say t.detach() or t.numpy() if you mean the plain value",
            )  # fmt: skip
        return np.array(self._value, dtype=dtype, copy=copy)

    def __dlpack__(self, **options: Any) -> Any:
        return np.asarray(self.__array__()).__dlpack__(**options)

    def __dlpack_device__(self) -> Any:
        return np.asarray(self._value).__dlpack_device__()

    def __copy__(self) -> Tensor:
        twin = _new(type(self))
        twin._value, twin._node = self._value, self.node
        return twin

    def __deepcopy__(self, memo: dict[int, Any]) -> Tensor:
        twin = _new(type(self))
        twin._start(_array(self._value, None, copy=True), self.requires_grad and self.is_leaf, self.name)
        memo[id(self)] = twin
        if self.is_leaf and self.grad is not None:
            twin.node.grad = _constant(_array(self.grad._value, None, copy=True))
        return twin

    def __reduce__(self) -> tuple[Any, ...]:
        return _restore, (type(self), np.asarray(self._value), self.requires_grad and self.is_leaf, self.name)

    __hash__ = object.__hash__

    def __repr__(self) -> str:
        values = np.array2string(np.asarray(self._value), separator=", ", prefix=f"{type(self).__name__}(", threshold=100)
        node, notes = self._node, []
        if self.dtype not in (np.float64, np.int64, np.bool_):
            notes.append(f"dtype={self.dtype}")
        if node is not None and node.name is not None:
            notes.append(f"name={node.name!r}")
        if node is not None and node.primitive is not None:
            notes.append(f"made_by={node.primitive.name}")
        elif node is not None and node.requires_grad and not isinstance(self, Parameter):
            notes.append("requires_grad=True")
        return f"{type(self).__name__}({', '.join([values, *notes])})"

    def apply_primitive(self, primitive: Primitive, operands: tuple[Any, ...], static: dict[str, Any]) -> Tensor:
        """Let a primitive that a rule calls on tensors be recorded."""
        return apply(primitive, operands, static)


class Parameter(Tensor):
    """A leaf that requires a gradient: what training changes.

    >>> Parameter([0.5, -0.5], name="w").requires_grad
    True
    """

    __slots__ = ()

    def __init__(self, data: Any, name: str | None = None) -> None:
        super().__init__(data, requires_grad=True, name=name)


def as_tensor(data: Any) -> Tensor:
    """Return a tensor on the same memory, without a copy; a tensor is returned as it is.

    >>> as_tensor(np.ones(2))
    Tensor([1., 1.])
    """
    return data if isinstance(data, Tensor) else _constant(_array(data, None, copy=False))


def raw(value: Any) -> Any:
    """Return the array of a tensor, and anything else as it is."""
    return value._value if isinstance(value, Tensor) else value


def _array(data: Any, dtype: Any, copy: bool) -> Any:
    try:
        array = np.array(raw(data), dtype=dtype) if copy else np.asarray(raw(data), dtype=dtype)
    except (TypeError, ValueError) as problem:
        raise DTypeError("Tensor(data)", "numbers in a regular shape", _short(data), str(problem)) from problem
    if array.dtype.kind not in "fiub":
        raise DTypeError(
            "Tensor(data)", "real numbers, integers or booleans", f"dtype {array.dtype} from {_short(data)}",
            "split complex numbers into real and imaginary parts" if array.dtype.kind == "c" else "convert it to numbers",
        )  # fmt: skip
    return array[()]


def _short(value: Any) -> str:
    text = " ".join(repr(value).split())
    return text if len(text) <= 60 else text[:57] + "…"


def _constant(value: Any) -> Tensor:
    tensor = _new(Tensor)
    tensor._value, tensor._node = value, None
    return tensor


def wrap(value: Any, node: Node | None) -> Tensor:
    """Return the tensor of a node that is already recorded."""
    tensor = _new(Tensor)
    tensor._value, tensor._node = value, node
    return tensor


def _restore(kind: type[Tensor], value: Any, requires_grad: bool, name: str | None) -> Tensor:
    tensor = _new(kind)
    tensor._start(value[()], requires_grad, name)
    return tensor


def _warn(text: str) -> None:
    import warnings  # start-up cost: only needed where something is off

    warnings.warn(text, GradientWarning, stacklevel=3)


# Recording


def apply(primitive: Primitive, operands: tuple[Any, ...], static: dict[str, Any]) -> Tensor:
    """Evaluate a primitive and record it, if any operand is tracked and recording is on.

    Raises ShapeError, ArgumentError or DTypeError, naming the primitive, its operands and what would fit.
    """
    values = tuple([o._value if isinstance(o, Tensor) else _operand(primitive, o) for o in operands])
    try:
        if primitive.prepare is not None:
            static = primitive.prepare(values, static)
        y = primitive.evaluate(*values, **static)
    except (ValueError, IndexError, TypeError) as problem:
        raise _explain(primitive, operands, problem) from problem
    residual = None
    if primitive.residual is not None:
        y, residual = y
    return finish(primitive, operands, values, y[()], static, residual)


def finish(
    primitive: Primitive, operands: tuple[Any, ...], values: tuple[Any, ...], y: Any, static: dict[str, Any], residual: Any
) -> Tensor:
    """Return the tensor of ``y``, with a node if recording is on and an operand is tracked."""
    mode = _mode()
    if mode.record:
        for o in operands:
            if isinstance(o, Tensor) and o._node is not None and o._node.tracked:
                parents = tuple([o.node if isinstance(o, Tensor) else None for o in operands])
                return wrap(y, record(primitive, parents, values, y, static, residual, mode))
    return wrap(y, None)


def _operand(primitive: Primitive, value: Any) -> Any:
    """Return an operand that isn't a tensor as something NumPy computes with."""
    if isinstance(value, (np.ndarray, np.generic)):
        return value
    if isinstance(value, (int, float)):  # left as it is among numbers: then float32 stays float32
        return value if primitive.kind == "elementwise" else np.asarray(value)[()]
    if isinstance(value, (list, tuple)) and not tensors_in(value):
        return np.asarray(value)
    if value is None and primitive.optional:
        return None
    raise ArgumentError(
        f"{primitive.name}({', '.join(primitive.operands)})", "tensors, arrays or numbers",
        f"{_short(value)} of type {type(value).__name__}",
        "autograd.stack makes one tensor of several" if isinstance(value, (list, tuple)) else "convert it to an array",
    )  # fmt: skip


def tensors_in(value: Any) -> list[Tensor]:
    """Return the tensors in nested lists, tuples and dicts."""
    if isinstance(value, Tensor):
        return [value]
    if isinstance(value, dict):
        value = value.values()
    elif not isinstance(value, (list, tuple)):
        return []
    return [t for v in value for t in tensors_in(v)]


def _plain_index(index: Any) -> Any:
    """Replace tensors in an index by their values: an index chooses, it has no derivative."""
    if isinstance(index, tuple):
        return tuple([raw(i) for i in index])
    return [raw(i) for i in index] if isinstance(index, list) else raw(index)


def _describe(name: str, operand: Any) -> str:
    """Name an operand for an error: ``a 'W1' (3, 4) float32``."""
    if operand is None:
        return f"{name} None"
    label = f"{name} {operand.name!r}" if isinstance(operand, Tensor) and operand._node and operand.name else name
    value = raw(operand)
    if isinstance(value, (int, float)) and not isinstance(value, np.generic):
        return f"{label} = {value}"
    array = np.asarray(value)
    return f"{label} {array.shape} {array.dtype}"


def _explain(primitive: Primitive, operands: tuple[Any, ...], problem: Exception) -> Exception:
    """Turn NumPy's complaint into one that names the operation, the tensors and what would fit."""
    names = [f"{primitive.operands[0]}[{i}]" for i in range(len(operands))] if primitive.variadic else primitive.operands
    got = ", ".join(_describe(n, o) for n, o in zip(names, operands, strict=True)) or "nothing"
    scope = _mode().scope
    where = f"{primitive.name}({', '.join(primitive.operands)})" + (f" in {scope}" if scope else "")
    kind = DTypeError if isinstance(problem, TypeError) else ShapeError
    expects = primitive.expects or ("shapes that broadcast" if primitive.broadcasts else "arguments that fit")
    return kind(where, expects, f"{got} ({' '.join(str(problem).split())})", _remedy(primitive, operands))


def _remedy(primitive: Primitive, operands: tuple[Any, ...]) -> str:
    shapes = [np.shape(raw(o)) for o in operands if o is not None]
    if primitive.name == "matmul" and len(shapes) == 2 and all(shapes):
        a, b = shapes
        if len(b) > 1 and a[-1] == b[-1]:
            return "transpose the right operand: a @ b.mT"
        if len(a) > 1 and len(b) > 1 and a[-2] == b[-2]:
            return "transpose the left operand: a.mT @ b"
    if primitive.name == "mse" and len(shapes) == 2 and np.prod(shapes[0]) == np.prod(shapes[1]):
        return f"give both one shape: target.reshape{shapes[0]}"
    if primitive.broadcasts and len(shapes) == 2:
        return "reshape one of them, or insert an axis with [:, None]"
    return f"compare the arguments with help(autograd.{primitive.name})"


# The backward pass


def cotangent(output: Tensor, gradient: Any, where: str) -> Any:
    """Return the seed of a sweep: what was given, checked, or 1 for a single number."""
    if gradient is None:
        if output.size != 1:
            raise GraphError(
                f"{where} from {output.node.label}", "a single number, or a cotangent of the output's shape",
                f"shape {output.shape} and no cotangent", "pass gradient=…, reduce with .sum(), or use autograd.jacobian",
            )  # fmt: skip
        return np.ones_like(output._value)[()]
    if isinstance(gradient, Tensor) and gradient.requires_grad:
        seed: Any = gradient
    else:
        seed = np.asarray(raw(gradient), dtype=output.dtype)[()]
    if seed.shape != output.shape:
        raise ShapeError(
            f"{where} from {output.node.label}", f"a cotangent of shape {output.shape}", f"shape {seed.shape}",
            "give it the shape of the output",
        )  # fmt: skip
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
    value = raw(P)
    if isinstance(value, np.ndarray) and (value.base is not None or id(value) in handed or not value.flags.writeable):
        P = P.copy() if not isinstance(P, Tensor) else P
    handed.add(id(raw(P)))
    return P


def own_gradient(target: Node, P: Any, handed: set[int]) -> None:
    """Add a cotangent to what a leaf has collected."""
    P = owned(P, handed)
    held = target.grad
    if isinstance(P, Tensor):
        target.grad = P if held is None else held + P
    else:
        target.grad = wrap(P if held is None else raw(held) + P, None)


def _release(root: Node) -> None:
    """Forget what the graph kept: whoever sweeps it again is told so."""
    for node in falling([root]):
        node.ordinary, node.first = True, next((p for p in node.parents if p is not None), None)
        node.primitive = cast(Primitive, Released(node.primitive))
        node.a = node.b = node.residual = None
        node.more = (None,) * len(node.more)
        node.y = Spec(node.y.shape, node.y.dtype)


class Released:
    """Stands in for the primitive of a node whose values were given back."""

    def __init__(self, primitive: Any) -> None:
        self.name, self.kind, self.rules, self.keeps = primitive.name, primitive.kind, (), primitive.keeps
        self.operands, self.variadic, self.residual = primitive.operands, primitive.variadic, None
        self.pullbacks = self.both = (self.evaluate, self.evaluate)

    def evaluate(self, *args: Any, **kwargs: Any) -> Any:
        raise GraphError(
            f"a second pass through {self.name}", "a graph that still has its values",
            "one that backward(retain_graph=False) has released", "leave out retain_graph=False in the first pass",
        )  # fmt: skip


class Lifted:
    """A node whose operands are tensors of the graph: rules run on it are recorded, for second derivatives."""

    def __init__(self, node: Node) -> None:
        self._of = node
        self.primitive, self.static, self.shapes = node.primitive, node.static, node.shapes

    @property
    def operands(self) -> tuple[Any, ...]:
        node = self._of
        return tuple([_lift_value(v, p) for v, p in zip(node.operands, node.parents, strict=True)])

    @property
    def a(self) -> Any:
        return _lift_value(self._of.a, self._of.first)

    @property
    def b(self) -> Any:
        return _lift_value(self._of.b, self._of.second)

    @property
    def more(self) -> tuple[Any, ...]:
        return self.operands[2:]

    @property
    def y(self) -> Any:
        return _lift_value(self._of.y, self._of)

    @property
    def residual(self) -> Any:
        primitive = self.primitive
        if primitive is None or primitive.residual is None:
            return None
        known = dict(zip(primitive.operands, self.operands, strict=True)) | self.static
        names = primitive.residual.__code__.co_varnames[: primitive.residual.__code__.co_argcount]
        return primitive.residual(**{n: known[n] for n in names})


def _lift_value(value: Any, node: Node | None) -> Any:
    return value if node is None or isinstance(value, Spec) else wrap(value, node)


lift = Lifted
