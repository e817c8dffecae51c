"""Tensor: a value and the node that made it; operators, methods and NumPy's protocols."""

from __future__ import annotations

import operator
import sys
from collections.abc import Iterator
from types import NoneType
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd.arrays import array_of
from autograd.errors import (
    ArgumentError,
    DTypeError,
    GraphError,
    MissingAttributeError,
    ShapeError,
    short,
    warn,
)
from autograd.graph.clock import caller, tick
from autograd.graph.mode import current, reads
from autograd.graph.node import Node, leaf
from autograd.readout import instead_of, refuse_array, who_asks

if TYPE_CHECKING:
    from autograd.operations import Methods  # the generated stub: what functions.py attaches
else:
    Methods = object

_mode = current.get
_reads = reads.get
_new = object.__new__
_CHOOSE = "use autograd.where for a choice; compute with the tensor itself"


class Tensor(Methods):
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

    def __init__(self, data: Any, requires_grad: bool = False, dtype: Any = None, name: str | None = None) -> None:
        if not isinstance(requires_grad, (bool, np.bool_, int)) or not isinstance(name, (str, NoneType)):
            raise ArgumentError(
                "Tensor(data, requires_grad, dtype, name)",
                "requires_grad True or False, and a name in words or None",
                f"requires_grad={short(requires_grad)}, name={short(name)}",
                "one array goes in: Tensor([a, b])",
            )
        if isinstance(data, Tensor) and data._node is not None and data._node.tracked:
            data._read_out(f"{type(self).__name__}(…)")
            if data.requires_grad and not data.is_leaf:
                warn(
                    f"{type(self).__name__}({data.node.label}) takes the value alone, and no gradient passes: "
                    "use the tensor itself, or its detach() if the value is meant"
                )
        self._start(array_of(raw(data), dtype, copy=True), requires_grad, name)

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
        self._read_out("the array")
        view = np.asarray(self._value).view()
        view.flags.writeable = False
        return view

    @data.setter
    def data(self, value: Any) -> None:
        raise MissingAttributeError(
            "t.data = …, or t.data -= …", "a write that graphs learn of", "an assignment to the read-only view",
            "write `with autograd.no_grad(): t -= step`, or t.assign_(value)",
        )  # fmt: skip

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
    def T(self) -> Tensor:
        """The transpose: the axes reversed."""
        return self.transpose()

    @property
    def mT(self) -> Tensor:
        """The matrix transpose: the last two axes exchanged."""
        return self.swapaxes(-1, -2)

    @property
    def name(self) -> str | None:
        return self.node.name

    @name.setter
    def name(self, name: str | None) -> None:
        if not isinstance(name, (str, NoneType)):
            raise ArgumentError("t.name = …", "a name in words, or None", short(name), "write it as a text: 'w1'")
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
                f"requires_grad_ on {self.node.label}",
                "a leaf",
                "a computed tensor",
                "set requires_grad on the tensors it was computed from; detach() gives a leaf of its value",
            )
        if flag and self.dtype.kind != "f":
            raise DTypeError(
                f"requires_grad_ on {self.node.label}", "a floating dtype", f"dtype {self.dtype}", "use astype(float)"
            )
        old = self.node
        if flag and not old.requires_grad:  # graphs that hold it as a constant have kept nothing for its gradient
            self._node = leaf(self._value, True, tick(), old.name)
            self._node.parameter, self._node.grad = old.parameter, old.grad
        else:
            old.requires_grad = bool(flag)
        return self

    @property
    def grad(self) -> Tensor | None:
        """The gradient that ``backward`` has collected here, or None."""
        node = self._node
        if node is None:
            return None
        if node.primitive is not None and node.grad is None and node.requires_grad and not node.retains:
            warn(
                f"{node.label} was computed, so it keeps no .grad: call retain_grad() on it before backward(), "
                "or differentiate with respect to it by autograd.grad"
            )
        if node.grad is not None and not isinstance(node.grad, Tensor):  # an array, until somebody asks
            node.grad = wrap(node.grad, None)
        grad: Tensor | None = node.grad
        return grad

    @grad.setter
    def grad(self, value: Any) -> None:
        if value is None:
            (self._node or self.node).grad = None
            return
        tracked = isinstance(value, Tensor) and value.requires_grad
        array = array_of(raw(value), self.dtype, copy=True)
        if array.shape != self.shape:
            raise ShapeError(
                f"grad of {self.node.label}", f"shape {self.shape}", f"shape {array.shape}",
                "a gradient has exactly the shape of its tensor",
            )  # fmt: skip
        self.node.grad = value.astype(self.dtype) if tracked else array

    def zero_grad(self) -> None:
        """Forget the collected gradient."""
        if self._node is not None:
            self._node.grad = None

    def detach(self) -> Tensor:
        """Return the same value without its history, sharing memory; inside ``vmap`` say ``stop_gradient``."""
        self._refuse_example("detach()", "use autograd.stop_gradient, which every example takes for itself")
        return wrap(self._value, None)

    # As a number, a sequence, an array

    def _refuse_example(self, what: str, remedy: str) -> None:
        """Refuse to give a number of one example for a run that stands for the whole batch."""
        if _mode().example and self._node is not None and self._node.tracked:
            raise GraphError(
                f"{what} of {self.node.label} inside vmap",
                "a computation that every example shares",
                "a look at the number of one example",
                remedy,
            )

    def _read_out(self, what: str) -> None:
        """Note that a value leaves the graph, for a transform that may find no way back to its arguments."""
        self._refuse_example(what, _CHOOSE)
        noted = _reads()
        if noted is not None and self._node is not None and self._node.tracked:
            frame: Any = sys._getframe(1)
            while frame.f_code.co_filename == __file__:
                frame = frame.f_back
            if frame is caller():  # not a function of this package, which knows what it looks at
                noted.setdefault((frame.f_code, frame.f_lasti), (self._node, what))

    def item(self) -> Any:
        """Return a single number as Python's."""
        self._read_out("item()")
        if self.size != 1:
            raise ShapeError("item()", "a single number", f"shape {self.shape}", "index it, reduce it, or use tolist()")
        return self._value.item()

    def tolist(self) -> Any:
        """Return the values as nested lists of Python's numbers."""
        self._read_out("tolist()")
        return self._value.tolist()

    def __float__(self) -> float:
        asks = who_asks(sys._getframe(1)) if self.requires_grad else "float"
        if asks != "float":
            self._read_out(f"{asks}()")
            warn(f"{asks}({self.node.label}) gives a plain number, which no gradient passes: {instead_of(asks)}")
        return float(self.item())

    def __int__(self) -> int:
        self._steer()
        return int(self.item())

    def __index__(self) -> int:
        self._steer()
        return operator.index(self._value[()])

    def __bool__(self) -> bool:
        if self.size != 1:
            remedy = "use autograd.where, or .all() and .any() on .numpy()"
            raise ShapeError("bool()", "a single truth value", f"shape {self.shape}", remedy)
        self._steer()
        return bool(self._value)

    def _steer(self, what: str = "bool() or int()") -> None:
        """Note on everything below that a value steered the program: a replay with others would be a lie."""
        self._refuse_example(what, _CHOOSE)
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
            refuse_array(sys._getframe(1), self.node.label)
        self._read_out("np.asarray")
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
        twin._start(array_of(self._value, None, copy=True), self.requires_grad and self.is_leaf, self.name)
        memo[id(self)] = twin
        if self.is_leaf and self.grad is not None:
            twin.node.grad = array_of(self.grad._value, None, copy=True)
        return twin

    def __reduce__(self) -> tuple[Any, ...]:
        return _restore, (type(self), np.asarray(self._value), self.requires_grad and self.is_leaf, self.name)

    __hash__ = object.__hash__

    def __repr__(self) -> str:
        values = np.array2string(
            np.asarray(self._value), separator=", ", prefix=f"{type(self).__name__}(", threshold=100
        )
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


class Parameter(Tensor):
    """A leaf that requires a gradient: what training changes.

    >>> Parameter([0.5, -0.5], name="w").requires_grad
    True
    """

    __slots__ = ()

    def __init__(self, data: Any, name: str | None = None) -> None:
        super().__init__(data, requires_grad=True, name=name)

    def _start(self, value: Any, requires_grad: bool, name: str | None) -> None:
        super()._start(value, requires_grad, name)
        self.node.parameter = True


def as_tensor(data: Any) -> Tensor:
    """Return a tensor on the same memory, without a copy; a tensor is returned as it is.

    >>> as_tensor(np.ones(2))
    Tensor([1., 1.])
    """
    return data if isinstance(data, Tensor) else wrap(array_of(data, None, copy=False), None)


def raw(value: Any) -> Any:
    """Return the array of a tensor, and anything else as it is."""
    return value._value if isinstance(value, Tensor) else value


def wrap(value: Any, node: Node | None) -> Tensor:
    """Return the tensor of a node that is already recorded."""
    tensor = _new(Tensor)
    tensor._value, tensor._node = value, node
    return tensor


def _restore(kind: type[Tensor], value: Any, requires_grad: bool, name: str | None) -> Tensor:
    tensor = _new(kind)
    tensor._start(value[()], requires_grad, name)
    return tensor
