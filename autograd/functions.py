"""The public function of each primitive, and what follows from it: Tensor's methods and operators, NumPy's dispatch.

Nothing here is written per primitive: a new declaration appears in all of these by itself.
"""

from __future__ import annotations

import difflib
import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.errors import ArgumentError, NoDerivativeError
from autograd.graph.clock import tick
from autograd.graph.mode import PLAIN, current
from autograd.graph.node import Node
from autograd.primitives import Primitive, registry
from autograd.primitives.docstring import docstring
from autograd.tensor import Tensor, apply, as_tensor, raw, tensors_in

Function = Callable[..., Any]
_float64 = np.float64
_NUMBERS = (float, int)
_mode = current.get
_new = object.__new__


def _general(primitive: Primitive) -> Function:
    arrange = primitive.arrange

    def function(*args: Any, **kwargs: Any) -> Tensor:
        try:
            operands, static = arrange(*args, **kwargs)
        except TypeError as problem:
            raise ArgumentError(
                f"{primitive.name}{primitive.signature}", "the arguments of its signature", str(problem),
                f"see help(autograd.{primitive.name})",
            ) from problem  # fmt: skip
        return apply(primitive, operands, static)

    return function


def _unary(primitive: Primitive) -> Function:
    """One number in, one number out: the node without the detours that arrays need."""
    evaluate, keep = primitive.evaluate, primitive.pullbacks[0] is not None

    def function(x: Any) -> Tensor:
        if isinstance(x, Tensor) and x._value.__class__ is _float64:
            parent, mode = x._node, _mode()
            if parent is not None and keep and mode is PLAIN and parent.requires_grad:
                y = evaluate(x._value)[()]
                node = Node()
                node.primitive, node.number, node.requires_grad, node.ordinary = primitive, tick(), True, True
                node.first, node.a, node.second, node.b, node.y = parent, x._value, None, None, y
                tensor = _new(Tensor)
                tensor._value, tensor._node = y, node
                return tensor
        return apply(primitive, (x,), {})

    return function


def _binary(primitive: Primitive) -> Function:
    """Two numbers in, one number out."""
    evaluate = primitive.evaluate

    def function(a: Any, b: Any) -> Tensor:
        if isinstance(a, Tensor):
            a_value, first = a._value, a._node
        else:
            a_value, first = a, None
        if isinstance(b, Tensor):
            b_value, second = b._value, b._node
        else:
            b_value, second = b, None
        if (
            (a_value.__class__ is _float64 or a_value.__class__ in _NUMBERS and first is None)
            and (b_value.__class__ is _float64 or b_value.__class__ in _NUMBERS and second is None)
            and _mode() is PLAIN
            and (first is not None and first.requires_grad or second is not None and second.requires_grad)
        ):
            y = evaluate(a_value, b_value)
            node = Node()
            node.primitive, node.number, node.requires_grad, node.ordinary = primitive, tick(), True, True
            node.first, node.a, node.second, node.b, node.y = first, a_value, second, b_value, y
            tensor = _new(Tensor)
            tensor._value, tensor._node = y, node
            return tensor
        return apply(primitive, (a, b), {})

    return function


def _function(primitive: Primitive) -> Function:
    plain = primitive.kind == "elementwise" and not primitive.static and not primitive.optional
    makers = {1: _unary, 2: _binary} if plain else {}
    function = makers.get(len(primitive.operands), _general)(primitive)
    function.__name__ = function.__qualname__ = primitive.name
    function.__module__ = "autograd"
    function.__doc__ = docstring(primitive)
    function.__signature__ = primitive.signature  # type: ignore[attr-defined]  # read by inspect and help
    function.primitive = primitive  # type: ignore[attr-defined]
    return function


functions: dict[str, Function] = {name: _function(p) for name, p in registry.items()}
by_numpy: dict[Function, Function] = {f: functions[name] for name, p in registry.items() for f in p.numpy}

# Methods and operators

_OPERATORS = {
    "add": "add", "sub": "subtract", "mul": "multiply", "truediv": "divide", "pow": "power", "matmul": "matmul",
}  # fmt: skip
_COMPARISONS = {
    "gt": "greater", "ge": "greater_equal", "lt": "less", "le": "less_equal", "eq": "equal", "ne": "not_equal",
}  # fmt: skip


def _reflected(function: Function) -> Function:
    return lambda self, other: function(other, self)


def _in_place(function: Function, sign: str) -> Function:
    def method(self: Tensor, other: Any) -> Tensor:
        return self.update_(function, other, sign)

    return method


for _name, _primitive in registry.items():
    if _primitive.method and not hasattr(Tensor, _name):
        setattr(Tensor, _name, functions[_name])
for _dunder, _name in _OPERATORS.items():
    setattr(Tensor, f"__{_dunder}__", functions[_name])
    setattr(Tensor, f"__r{_dunder}__", _reflected(functions[_name]))
    setattr(Tensor, f"__i{_dunder}__", _in_place(functions[_name], f"__i{_dunder}__"))
for _dunder, _name in _COMPARISONS.items():
    setattr(Tensor, f"__{_dunder}__", functions[_name])
for _dunder, _name in {"neg": "negative", "abs": "absolute", "invert": "logical_not"}.items():
    setattr(Tensor, f"__{_dunder}__", functions[_name])
for _dunder, _name in {"and": "logical_and", "or": "logical_or"}.items():
    setattr(Tensor, f"__{_dunder}__", functions[_name])
    setattr(Tensor, f"__r{_dunder}__", _reflected(functions[_name]))
Tensor.__pos__ = lambda self: self  # type: ignore[attr-defined]
Tensor.abs = functions["absolute"]  # type: ignore[attr-defined]

# NumPy's dispatch

_REDUCTIONS = {"add": "sum", "multiply": "prod", "maximum": "max", "minimum": "min"}
_FACTS = {  # about an array, or made to its measure: nothing to differentiate
    np.shape, np.ndim, np.size, np.ones_like, np.zeros_like, np.full_like, np.empty_like, np.result_type, np.can_cast,
    np.iscomplexobj, np.isrealobj, np.isclose, np.allclose, np.array_equal, np.array_equiv, np.array_repr, np.array_str,
    np.array2string, np.shares_memory, np.may_share_memory,
}  # fmt: skip


def _array_ufunc(self: Tensor, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
    tracked = any(t.node.tracked for t in inputs if isinstance(t, Tensor))
    out = kwargs.get("out", ())
    if any(isinstance(o, Tensor) for o in out) or out and tracked:
        raise NoDerivativeError(
            f"np.{ufunc.__name__}(…, out=…)", "a result that can be recorded", "an array to write into",
            "drop out=; to update a tensor write `t += …`",
        )  # fmt: skip
    if not out and method == "__call__" and ufunc in by_numpy:
        return by_numpy[ufunc](*inputs, **kwargs)
    if not out and method == "reduce" and ufunc.__name__ in _REDUCTIONS:
        return functions[_REDUCTIONS[ufunc.__name__]](*inputs, **{"axis": 0} | kwargs)
    called = ufunc.__name__ if method == "__call__" else f"{ufunc.__name__}.{method}"
    return _on_values(getattr(ufunc, method), called, inputs, kwargs, tracked)


def _array_function(self: Tensor, func: Function, types: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    function = by_numpy.get(func)
    if function is None:
        tracked = func not in _FACTS and any(t.node.tracked for t in tensors_in([args, kwargs]))
        return _on_values(func, func.__name__, args, kwargs, tracked)
    kwargs = {n: v for n, v in kwargs.items() if not (n == "out" and v is None)}
    for starred in ("shape", "axes"):  # NumPy takes one tuple where the method takes several numbers
        if starred in kwargs and f"*{starred}" in str(function.primitive.signature):  # type: ignore[attr-defined]
            args = (*args, kwargs.pop(starred))
    return function(*args, **kwargs)


def _on_values(
    func: Function, name: str, args: tuple[Any, ...], kwargs: dict[str, Any], tracked: bool
) -> Any:
    """Run a NumPy function that has no rule on the plain values; refuse where that would lose a gradient."""
    if tracked:
        names = sorted({f.__name__ for f in by_numpy})
        near = difflib.get_close_matches(name, names, n=3, cutoff=0.4)
        raise NoDerivativeError(
            f"np.{name}", "a NumPy function with a rule for its derivative", "one without",
            (f"nearest relatives: {', '.join(near)}; " if near else "")
            + "compose it of functions that have one, or call it on t.detach()",
        )  # fmt: skip
    result = func(*_plain(args), **_plain(kwargs))
    return as_tensor(result) if isinstance(result, np.ndarray) else result


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {n: _plain(v) for n, v in value.items()}
    return type(value)(_plain(v) for v in value) if type(value) in (list, tuple) else raw(value)


Tensor.__array_ufunc__ = _array_ufunc  # type: ignore[attr-defined]
Tensor.__array_function__ = _array_function  # type: ignore[attr-defined]
