"""The public function of each primitive, and what follows from it: Tensor's methods and operators, NumPy's dispatch.

Nothing here is written per primitive: a new declaration appears in all of these by itself.
"""

from __future__ import annotations

import difflib
import functools
import inspect
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.apply import apply, in_numpys_words, refuse, tensors_in, wider
from autograd.backward import backward, register_hook, retain_grad
from autograd.calls import recording
from autograd.errors import ArgumentError, DTypeError, GraphError, NoDerivativeError
from autograd.graph.mode import current
from autograd.in_place import add_at, assign_, plain_index, setitem, update
from autograd.primitives import Primitive, registry
from autograd.primitives.docstring import docstring
from autograd.readout import instead, not_into_an_array
from autograd.tensor import Tensor, as_tensor, raw

Function = Callable[..., Any]
_float64 = np.float64
_NUMBERS = (float, int)
_mode = current.get
_new = object.__new__


def _any_number(primitive: Primitive) -> Function:
    """Return the function of a primitive that takes a sequence."""
    arrange = primitive.arrange

    def function(*args: Any, **kwargs: Any) -> Tensor:
        try:
            operands, static = arrange(*args, **kwargs)
        except TypeError as problem:
            if primitive.name in wider and kwargs:
                return wider[primitive.name](*args, **kwargs)
            said = in_numpys_words(kwargs, primitive.signature.parameters)
            if said != kwargs:  # argmax(dim=1)
                return function(*args, **said)
            refuse(primitive, problem=str(problem))
        return apply(primitive, operands, static)

    return function


def _function(primitive: Primitive) -> Function:
    differentiable = any(p is not None for p in primitive.pullbacks)
    function: Any = recording(primitive) if differentiable and not primitive.variadic else _any_number(primitive)
    function.__name__ = function.__qualname__ = primitive.name
    function.__module__ = "autograd"
    function.__doc__ = docstring(primitive)
    function.__signature__ = primitive.signature  # read by inspect and help
    function.primitive = primitive
    named: Function = function
    return named


functions: dict[str, Function] = {}
by_numpy: dict[Function, Function] = {}
by_scipy: dict[str, Function] = {}  # by name: SciPy isn't imported for it


def declare(primitive: Primitive) -> Function:
    """Return the public function of a primitive, and make it a method of Tensor and the rule of its NumPy function.

    The built-in ones are declared in just this way; :func:`check_primitive` tests a new one.

    >>> from autograd import primitive
    >>> bump = declare(primitive.elementwise(
    ...     lambda x: np.exp(-x * x), lambda x, y: -2 * x * y, name="bump", doc="The bell curve e^(−x²).",
    ... ))
    >>> x = Tensor(1.0, requires_grad=True)
    >>> x.bump().backward()
    >>> round(x.grad.item(), 6)
    -0.735759
    >>> del registry["bump"], functions["bump"], Tensor.bump  # so that this example leaves nothing behind
    """
    function = functions[primitive.name] = _function(primitive)
    for known in primitive.numpy:
        by_numpy[known] = function
    by_scipy.update(dict.fromkeys(primitive.scipy, function))
    instead.update(dict.fromkeys([f"scipy.special.{n}" for n in primitive.scipy], f"autograd.{primitive.name}"))
    if primitive.method and not hasattr(Tensor, primitive.name):
        setattr(Tensor, primitive.name, function)
    return function


for _primitive in registry.values():
    declare(_primitive)

# Operators

_OPERATORS = {
    "add": ("add", "+"),
    "sub": ("subtract", "-"),
    "mul": ("multiply", "*"),
    "truediv": ("divide", "/"),
    "pow": ("power", "**"),
    "matmul": ("matmul", "@"),
    "floordiv": ("floor_divide", "//"),
    "mod": ("remainder", "%"),
}
_COMPARISONS = {
    "gt": "greater",
    "ge": "greater_equal",
    "lt": "less",
    "le": "less_equal",
    "eq": "equal",
    "ne": "not_equal",
}
_EQUALITIES = ("equal", "not_equal")


def _reflected(function: Function) -> Function:
    return lambda self, other: function(other, self)


def _dispatched(ufunc: Function) -> Function:
    """Return a method that leaves the work to NumPy's dispatch, which tells bits from truth."""

    def method(*operands: Any) -> Any:  # a ufunc itself would not bind to the tensor
        return ufunc(*operands)

    return method


def _or_identity(function: Function) -> Function:
    """Compare values; with what has none (``None``, a string) leave it to Python, which compares identity."""

    def method(self: Tensor, other: Any) -> Any:
        comparable = isinstance(other, (Tensor, np.ndarray, np.generic, int, float, list, tuple))
        return function(self, other) if comparable else NotImplemented

    return method


def _in_place(function: Function, sign: str) -> Function:
    def method(self: Tensor, other: Any) -> Tensor:
        return update(self, function, other, sign)

    return method


for _dunder, (_name, _sign) in _OPERATORS.items():
    setattr(Tensor, f"__{_dunder}__", recording(registry[_name], operator=True))
    setattr(Tensor, f"__r{_dunder}__", _reflected(functions[_name]))
    setattr(Tensor, f"__i{_dunder}__", _in_place(functions[_name], f"t {_sign}= value"))
for _dunder, _name in _COMPARISONS.items():
    setattr(Tensor, f"__{_dunder}__", _or_identity(functions[_name]) if _name in _EQUALITIES else functions[_name])
for _dunder, _name in {"neg": "negative", "abs": "absolute", "round": "round"}.items():
    setattr(Tensor, f"__{_dunder}__", functions[_name])
setattr(Tensor, "__invert__", _dispatched(np.invert))  # noqa: B010  as below
for _dunder, _bitwise in {"and": np.bitwise_and, "or": np.bitwise_or, "xor": np.bitwise_xor}.items():
    setattr(Tensor, f"__{_dunder}__", _dispatched(_bitwise))
    setattr(Tensor, f"__r{_dunder}__", _reflected(_bitwise))
setattr(Tensor, "__pos__", lambda self: self)  # noqa: B010  the stub declares it, a plain assignment would not type
setattr(Tensor, "abs", functions["absolute"])  # noqa: B010


def _getitem(self: Tensor, index: Any) -> Tensor:
    return apply(registry["getitem"], (self,), {"index": plain_index(index)})


def _apply_primitive(self: Tensor, primitive: Primitive, operands: tuple[Any, ...], static: dict[str, Any]) -> Tensor:
    return apply(primitive, operands, static)


_ATTACHED: dict[str, Function] = {
    "__getitem__": _getitem,
    "__setitem__": setitem,
    "assign_": assign_,
    "backward": backward,
    "retain_grad": retain_grad,
    "register_hook": register_hook,
    "apply_primitive": _apply_primitive,  # how a primitive that a rule calls on tensors gets recorded
}
for _name, _method in _ATTACHED.items():
    setattr(Tensor, _name, _method)

# NumPy's dispatch

_BITWISE = {
    np.bitwise_and: "logical_and", np.bitwise_or: "logical_or", np.bitwise_xor: "logical_xor",
    np.invert: "logical_not",
}  # on booleans  # fmt: skip
_SHIFTS = (np.left_shift, np.right_shift)
_ALIKE = 0.7  # of two names, from which on one may be meant for the other
_RENAMED = {"a_min": "min", "a_max": "max"}
by_method: dict[tuple[np.ufunc, str], Function] = {  # what a ufunc's method does along axis 0; scans.py adds to it
    (np.add, "reduce"): functions["sum"],
    (np.multiply, "reduce"): functions["prod"],
    (np.maximum, "reduce"): functions["max"],
    (np.minimum, "reduce"): functions["min"],
}
_SIGNS = {"add": "+", "subtract": "-", "multiply": "*", "divide": "/", "power": "**", "matmul": "@"}
facts: dict[Function, str] = {}  # of an array's shape and dtype: nothing is looked at; compositions/values.py fills it
values_only: dict[Function, str] = {}  # whose results have no derivative, and why


def _array_ufunc(self: Tensor, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
    called = ufunc.__name__ if method == "__call__" else f"{ufunc.__name__}.{method}"
    kwargs = _said(kwargs)
    out = kwargs.get("out", ())
    tracked = any(t.node.tracked for t in inputs if isinstance(t, Tensor))
    if any(isinstance(o, Tensor) for o in out) or (out and tracked):
        if called in _SIGNS and out[0] is inputs[0] and not isinstance(out[0], Tensor):
            raise not_into_an_array(f"array {_SIGNS[called]}= tensor")
        raise _refused_out(called)
    if out:
        if not all(o.flags.writeable for o in out if isinstance(o, np.ndarray)):
            raise _refused_readonly(called)
        _on_values(getattr(ufunc, method), called, inputs, kwargs, tracked)
        return out[0] if len(out) == 1 else out
    function = by_numpy.get(ufunc) or _of_scipy(ufunc)
    if function is None and (ufunc in _BITWISE or ufunc in _SHIFTS):
        kinds = {np.asarray(raw(v)).dtype.kind for v in inputs}
        if "f" in kinds:
            raise _refused_bits(called, inputs)
        if kinds == {"b"} and ufunc in _BITWISE:
            function = functions[_BITWISE[ufunc]]
    if method == "__call__" and function is not None:
        if kwargs and hasattr(function, "primitive"):  # a composition says itself which keywords it takes
            raise ArgumentError(
                f"np.{called}",
                "operands alone",
                f"the keyword {', '.join(kwargs)}",
                "leave it out; autograd.where chooses entries, astype another dtype",
            )
        return function(*inputs, **kwargs)
    if (ufunc, method) in by_method:
        return by_method[ufunc, method](*inputs, **{"axis": 0} | kwargs)
    if method == "outer" and function is not None and not kwargs:
        a, b = map(as_tensor, inputs)
        return function(a.reshape(*a.shape, *(1,) * b.ndim), b)
    if method == "at" and function is not None and isinstance(inputs[0], Tensor):
        return add_at(inputs[0], ufunc, *inputs[1:])
    if method == "at" and tracked and not isinstance(inputs[0], Tensor):
        raise not_into_an_array(f"np.{called}(array, index, tensor)")
    return _on_values(getattr(ufunc, method), called, inputs, kwargs, tracked)


def _of_scipy(ufunc: np.ufunc) -> Function | None:
    """Return the function that a ufunc of scipy.special means: who has one has imported SciPy already."""
    name, homes = ufunc.__name__, map(sys.modules.get, ("scipy.special", "scipy.special._ufuncs"))
    if not any(getattr(home, name, None) is ufunc for home in homes):
        return None
    return by_scipy.get(name) or by_numpy.get(
        getattr(np, name, ufunc)
    )  # it has its own log1p, expm1, exp2, cbrt, round


def _refused_bits(called: str, inputs: tuple[Any, ...]) -> DTypeError:
    got = ", ".join(f"dtype {np.asarray(raw(v)).dtype}" for v in inputs)
    remedy = "compare first: (a > 0) & (b > 0); for a power write **"
    return DTypeError(f"np.{called}", "booleans or whole numbers, which have bits", got, remedy)


def _said(kwargs: dict[str, Any]) -> dict[str, Any]:
    """Return the keyword arguments that ask for something: ``out=None`` and ``dtype=None`` don't."""
    return {n: v for n, v in kwargs.items() if v is not None or n not in ("out", "dtype")}


def _refused_out(called: str) -> NoDerivativeError:
    return NoDerivativeError(
        f"np.{called}(…, out=…)",
        "a result that can be recorded",
        "an array to write into",
        "drop out=; to update a tensor write `t += …`",
    )


def _refused_readonly(called: str) -> GraphError:
    return GraphError(
        f"np.{called}(…, out=…), or an in-place operator",
        "an array that may be written",
        "a read-only one, such as t.data and t.numpy(), through which no graph would learn of the write",
        "write `with autograd.no_grad(): w -= step`, or w.assign_(value)",
    )


def _array_function(self: Tensor, func: Function, types: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    if len(args) == 1 and func is np.where:
        func = np.nonzero
    function, kwargs = by_numpy.get(func), _said(kwargs)
    if not args or len(args) > 2:  # NumPy's order and first name may differ from ours
        args, kwargs = _as_numpy_orders(func, args, kwargs)
    if function is None:
        if func in facts:
            return _on_values(func, func.__name__, args, kwargs, False)
        tracked = [t for t in tensors_in([args, kwargs]) if t.node.tracked]
        if func in values_only:
            for tensor in tracked:
                tensor._steer(f"np.{func.__name__}")
        return _on_values(func, func.__name__, args, kwargs, bool(tracked) and func not in values_only)
    if "out" in kwargs:
        raise _refused_out(func.__name__)
    kwargs = {_RENAMED.get(n, n): v for n, v in kwargs.items()}
    for starred in kwargs.keys() & {"shape", "axes"}:  # NumPy takes one tuple where the method takes several numbers
        if f"*{starred}" in str(getattr(getattr(function, "primitive", None), "signature", "")):
            args = (*args, kwargs.pop(starred))
    return function(*args, **kwargs)


@functools.cache
def _names(func: Function) -> list[str]:
    return list(inspect.signature(func).parameters)


def _as_numpy_orders(func: Function, args: tuple[Any, ...], kwargs: Any) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Return the first argument by place, and what follows the second by NumPy's names, where our function has them."""
    names = _names(func)
    if not args and names and names[0] in kwargs:
        return (kwargs[names[0]],), {n: v for n, v in kwargs.items() if n != names[0]}
    name = getattr(getattr(by_numpy.get(func), "primitive", None), "name", None)
    if name in wider:
        return args[:2], _said(dict(zip(names[2:], args[2:], strict=False)) | kwargs)
    return args, kwargs


def _home(name: str) -> str:
    """Return the module that a function is called from."""
    for home in ("numpy", "numpy.linalg", "numpy.fft", "scipy.special"):
        if callable(getattr(sys.modules.get(home), name.partition(".")[0], None)):
            return home.replace("numpy", "np")
    return "np"


def _on_values(func: Function, name: str, args: tuple[Any, ...], kwargs: dict[str, Any], tracked: bool) -> Any:
    """Run a NumPy function that has no rule on the plain values; refuse where that would lose a gradient."""
    if tracked:
        name = name.lstrip("_")  # scipy.special.lambertw calls its ufunc _lambertw
        names = sorted({f.__name__ for f in by_numpy})
        near = difflib.get_close_matches(name, names, n=3, cutoff=_ALIKE)
        raise NoDerivativeError(
            f"{_home(name)}.{name}",
            "a NumPy function with a rule for its derivative",
            "one without",
            (f"nearest relatives: {', '.join(near)}; " if near else "")
            + "compose it of functions that have one, give it one by autograd.custom_gradient, "
            "or call it on t.detach()",
        )
    result = func(*_plain(args), **_plain(kwargs))
    return as_tensor(result) if isinstance(result, np.ndarray) else result


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {n: _plain(v) for n, v in value.items()}
    return type(value)(_plain(v) for v in value) if type(value) in (list, tuple) else raw(value)


Tensor.__array_ufunc__ = _array_ufunc  # type: ignore[attr-defined]
Tensor.__array_function__ = _array_function  # type: ignore[attr-defined]
