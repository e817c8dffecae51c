"""Applying a primitive to tensors: evaluate it, record it, and explain it when the operands don't fit."""

from __future__ import annotations

import difflib
import inspect
import numbers
from collections.abc import Callable, Container, Mapping
from typing import Any, NoReturn

import numpy as np

from autograd.arrays import array_of, plain
from autograd.errors import MISFITS, ArgumentError, AutogradError, DTypeError, MatrixError, ShapeError, short
from autograd.graph.mode import current
from autograd.graph.record import record
from autograd.primitives import Primitive
from autograd.tensor import Tensor, as_tensor, raw, wrap

_mode = current.get


def apply(primitive: Primitive, operands: tuple[Any, ...], static: dict[str, Any]) -> Tensor:
    """Evaluate a primitive and record it, if any operand is tracked and recording is on.

    Raises ShapeError, ArgumentError or DTypeError, naming the primitive, its operands and what would fit.
    """
    values, parents, tracked, bare = [], [], False, False
    for o in operands:
        if isinstance(o, Tensor):
            node = o._node
            values.append(o._value)
            parents.append(node)
            if node is None:
                bare = True
            elif node.primitive is not None or node.requires_grad:
                tracked = True
        else:
            values.append(_operand(primitive, o))
            parents.append(None)
    try:
        if primitive.prepare is not None:
            static = primitive.prepare(tuple(values), static)
        y = primitive.evaluate(*values, **static)
    except AutogradError:  # explained where it was raised
        raise
    except MISFITS as problem:
        raise _explain(primitive, operands, problem) from problem
    residual = None
    if primitive.residual is not None:
        y, residual = y
    mode = _mode()
    if not (tracked and (mode.record or mode.example)):
        y = np.asarray(y)[()]
        if mode.watch is not None and not mode.record:
            mode.watch.unrecorded(primitive, values, y, tracked, mode.scope)
        return wrap(y, None)
    try:
        y = y[()]
    except MISFITS:  # a declared function may return Python's number, or a list
        y = array_of(y, None, copy=False)
    if bare:
        parents = [o.node if isinstance(o, Tensor) else None for o in operands]
    node = record(primitive, parents, values, y, static, residual, mode)
    if not mode.record:  # no_grad inside vmap: a value of each example, without a gradient
        node.requires_grad = False
    if mode.watch is not None:
        mode.watch.recorded(node)
    return wrap(y, node)


class _Missing:
    def __repr__(self) -> str:
        return "nothing"


MISSING = _Missing()  # stands for an argument that the caller left out


wider: dict[str, Callable[..., Tensor]] = {}  # the same function with arguments that the primitive lacks
_PYTORCH = {"dim": "axis", "keepdim": "keepdims"}


def in_numpys_words(kwargs: dict[str, Any], known: Container[str]) -> dict[str, Any]:
    """Return keyword arguments by NumPy's names, where PyTorch's were written and the function has only NumPy's."""
    meant = {n: a for n, a in _PYTORCH.items() if a in known and a not in kwargs and n not in known}
    return {meant.get(n, n): v for n, v in kwargs.items()}


def beyond(primitive: Primitive, given: dict[str, Any], surplus: tuple[Any, ...], unknown: dict[str, Any]) -> Tensor:
    """Hand a call that says more than the primitive takes to the function that understands it, or explain."""
    said, fuller = in_numpys_words(unknown, given), wider.get(primitive.name)
    known = said.keys() & given.keys()
    if surplus or any(given[n] is not primitive.signature.parameters[n].default for n in known):
        refuse(primitive, surplus, unknown)
    given |= {n: said.pop(n) for n in known}
    if not said:
        return apply(primitive, tuple(given[n] for n in primitive.operands), {n: given[n] for n in primitive.static})
    if fuller is None or not said.keys() <= inspect.signature(fuller).parameters.keys():
        refuse(primitive, surplus, unknown)
    if any(p.kind is p.VAR_POSITIONAL for p in primitive.signature.parameters.values()):  # reshape(2, 3)
        *ahead, rest = given.values()
        return fuller(*ahead, *rest, **said)
    return fuller(**{n: v for n, v in given.items() if v is not MISSING}, **said)


def refuse(primitive: Primitive, surplus: tuple[Any, ...] = (), unknown: Any = None, problem: str = "") -> NoReturn:
    """Explain that a call's arguments don't fit the signature."""
    signature = inspect.signature(wider[primitive.name]) if primitive.name in wider else primitive.signature
    parameters = [p.replace(annotation=p.empty) for p in signature.parameters.values()]
    remedy = f"see help(autograd.{primitive.name})"
    if unknown:
        problem = f"{primitive.name}() got an unexpected keyword argument {next(iter(unknown))!r}"
        remedy = meant(next(iter(unknown)), signature.parameters) + remedy
    elif surplus:
        taken = len(primitive.signature.parameters)
        given = taken + len(surplus)
        problem = f"{primitive.name}() takes {taken} positional arguments but {given} were given"
    raise ArgumentError(
        f"{primitive.name}{inspect.Signature(parameters)}",
        "the arguments of its signature",
        problem,
        remedy,
    )


def meant(name: str, parameters: Mapping[str, inspect.Parameter]) -> str:
    """Return the question whether another keyword was meant, if one is alike."""
    options = [n for n, p in parameters.items() if p.default is not p.empty]
    near = difflib.get_close_matches(name, options, n=1, cutoff=0.5)
    return f"did you mean {near[0]}=? Else " if near else ""


def _operand(primitive: Primitive, value: Any) -> Any:
    """Return an operand that isn't a tensor as something NumPy computes with."""
    if value is MISSING:
        refuse(primitive, problem=f"{primitive.name}() misses an argument")
    if isinstance(value, (np.ndarray, np.generic)) and value.dtype.kind in "fiub":
        if value.__class__ is np.ndarray or isinstance(value, np.generic):
            return value
        return plain(value, f"{primitive.name}({', '.join(primitive.operands)})")
    if isinstance(value, (int, float)):  # left as it is among numbers: then float32 stays float32
        return value if primitive.kind == "elementwise" else np.asarray(value)[()]
    if isinstance(value, (list, tuple)) and not tensors_in(value):
        return np.asarray(as_tensor(value)._value)
    if value is None and primitive.optional:
        return None
    raise ArgumentError(
        f"{primitive.name}({', '.join(primitive.operands)})",
        "tensors, arrays or numbers",
        f"{short(value)} of type {type(value).__name__}",
        _instead(value),
    )


def _instead(value: Any) -> str:
    """Say what to make of an operand that can't be one."""
    if isinstance(value, (list, tuple)):
        return "autograd.stack makes one tensor of several"
    if isinstance(value, complex) or (isinstance(value, np.ndarray) and value.dtype.kind == "c"):
        return "split complex numbers into real and imaginary parts"
    if isinstance(value, (np.ndarray, np.generic)):
        return "give it a dtype of numbers: astype(float)"
    if hasattr(value, "toarray"):  # SciPy's sparse arrays
        return "make it dense by its toarray()"
    return "make it a number by float(…)" if isinstance(value, numbers.Number) else "convert it to an array"


def tensors_in(value: Any) -> list[Tensor]:
    """Return the tensors in nested lists, tuples and dicts."""
    if isinstance(value, Tensor):
        return [value]
    if isinstance(value, dict):
        value = value.values()
    elif not isinstance(value, (list, tuple)):
        return []
    return [t for v in value for t in tensors_in(v)]


def describe(name: str, operand: Any) -> str:
    """Name an operand for an error: ``a 'W1' (3, 4) float32``."""
    if operand is None:
        return f"{name} None"
    label = f"{name} {operand.name!r}" if isinstance(operand, Tensor) and operand._node and operand.name else name
    value = raw(operand)
    if isinstance(value, (int, float)) and not isinstance(value, np.generic):
        return f"{label} = {value}"
    array = np.asarray(value)
    return f"{label} {array.shape} {array.dtype}"


_MATRICES = {  # what NumPy and SciPy say of a matrix with the right shape and the wrong numbers
    "ingular matrix": "an invertible matrix",
    "not positive definite": "a positive definite matrix",
    "not converge": "a matrix of finite numbers",
}


def _explain(primitive: Primitive, operands: tuple[Any, ...], problem: Exception) -> Exception:
    """Turn NumPy's complaint into one that names the operation, the tensors and what would fit."""
    names = (
        [f"{primitive.operands[0]}[{i}]" for i in range(len(operands))] if primitive.variadic else primitive.operands
    )
    got = ", ".join(describe(n, o) for n, o in zip(names, operands, strict=True)) or "nothing"
    scope = _mode().scope
    where = f"{primitive.name}({', '.join(primitive.operands)})" + (f" in {scope}" if scope else "")
    for sign, needed in _MATRICES.items():
        if sign in str(problem):
            return MatrixError(where, needed, got, "add a small multiple of the identity, or use lstsq or pinv")
    if "not supported" in str(problem) and isinstance(problem, TypeError):
        why = " ".join(str(problem).split())
        return DTypeError(where, "a dtype that NumPy has this for", f"{got} ({why})", "convert: x.astype(float)")
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
    is_loss = primitive.operands == ("input", "target")
    if is_loss and shapes[0] != shapes[1] and np.prod(shapes[0]) == np.prod(shapes[1]):
        return f"give both one shape: target.reshape{shapes[0]}"
    if primitive.broadcasts and len(shapes) == 2:
        return "reshape one of them, or insert an axis with [:, None]"
    return f"compare the arguments with help(autograd.{primitive.name})"
