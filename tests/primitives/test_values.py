"""Every value against NumPy, or against the definition where NumPy has no such function."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import autograd
from autograd.primitives import Primitive, registry
from autograd.tensor import Tensor
from tests.primitives.sampling import Call, calls, every, every_call


def _scattered(x: Any, index: Any, shape: Any, ahead: int) -> Any:
    y = np.zeros(shape)
    for place in np.ndindex(shape[:ahead]):
        np.add.at(y[place], index, x[place])
    return y


def _gathered(x: Any, index: Any, ahead: int) -> Any:
    batch = x.shape[:ahead]
    taken = [x[place][index] for place in np.ndindex(batch)]
    return np.reshape(taken, batch + taken[0].shape)


def _written(x: Any, value: Any, index: Any) -> Any:
    y = x.copy()
    y[index] = value
    return y


def _reduced(terms: Any, reduction: str) -> Any:
    return {"none": lambda t: t, "sum": np.sum, "mean": np.mean}[reduction](terms)


def _softmax(x: Any, axis: int = -1) -> Any:
    return np.exp(x) / np.exp(x).sum(axis=axis, keepdims=True)


def _cross_entropy(logits: Any, target: Any, reduction: str) -> Any:
    classes = np.moveaxis(np.log(_softmax(logits, -1 if logits.ndim == 1 else 1)), -1 if logits.ndim == 1 else 1, -1)
    if target.dtype.kind == "i":
        terms = [-classes[place][label] for place, label in np.ndenumerate(target)]
        return _reduced(np.reshape(terms, target.shape), reduction)
    return _reduced(-np.sum(target * np.log(_softmax(logits)), axis=-1), reduction)


def _recurrence(a: Any, b: Any, reverse: bool) -> Any:
    """Solve the linear system that the recurrence is: a unit diagonal, and −a beside it."""
    shape = (*np.broadcast_shapes(a.shape[:-1], b.shape[:-1]), b.shape[-1])
    y = np.empty(shape)
    for place in np.ndindex(shape[:-1]):
        band = np.diag(np.broadcast_to(a, (*shape[:-1], shape[-1] - 1))[place], 1 if reverse else -1)
        y[place] = np.linalg.solve(np.eye(shape[-1]) - band, np.broadcast_to(b, shape)[place])
    return y


def _put_rows(x: Any, indices: Any, n: int, axis: int, mode: str) -> Any:
    ahead = axis if axis >= 0 else x.ndim + 1 + axis - indices.ndim
    y = np.zeros((*x.shape[:ahead], n, *x.shape[ahead + indices.ndim :]))
    for place in np.ndindex(indices.shape):
        y[(slice(None),) * ahead + (indices[place],)] += x[(slice(None),) * ahead + place]
    return y


def _scattered_along(x: Any, indices: Any, n: int, axis: int) -> Any:
    x, indices = np.broadcast_arrays(x, indices)
    y = np.zeros([n if a == x.ndim + axis else m for a, m in enumerate(x.shape)])
    for place in np.ndindex(x.shape):
        target = list(place)
        target[axis] = indices[place]
        y[tuple(target)] += x[place]
    return y


BY_DEFINITION = {
    "recurrence": _recurrence,
    "first_difference": lambda x, axis: np.diff(x, axis=axis),
    "undifference": lambda x, axis: -np.diff(x, axis=axis, prepend=0.0, append=0.0),
    "cumulative_max": np.maximum.accumulate,
    "cumulative_min": np.minimum.accumulate,
    "logcumsumexp": lambda x, axis: np.log(np.cumsum(np.exp(x), axis)),
    "put_rows": _put_rows,
    "scatter_along": _scattered_along,
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "relu": lambda x: x * (x > 0),
    "step": lambda x: (x >= 0) * 1.0,
    "linear": lambda x, weight, bias: np.einsum("...i,oi->...o", x, weight) + (0 if bias is None else bias),
    "softmax": _softmax,
    "log_softmax": lambda x, axis: np.log(_softmax(x, axis)),
    "logsumexp": lambda x, axis, keepdims: np.log(np.exp(x).sum(axis=axis, keepdims=keepdims)),
    "cross_entropy": _cross_entropy,
    "mse": lambda x, target, reduction: _reduced((x - target) ** 2, reduction),
    "getitem": lambda x, index: x[index],
    "gather": _gathered,
    "scatter": _scattered,
    "setitem": _written,
    "einsum": lambda *arrays, subscripts: np.einsum(subscripts, *arrays),
}


def by_numpy(call: Call) -> Any:
    """Call NumPy's function of the same name with the call's arguments."""
    primitive, arguments = call.primitive, []
    operands = dict(zip(primitive.operands, call.operands, strict=False))
    if primitive.name == "einsum":
        return np.einsum(call.static["subscripts"], *call.operands)
    named = dict(call.static)
    for name, parameter in primitive.signature.parameters.items():
        if primitive.variadic and name == primitive.operands[0]:
            arguments.append(list(call.operands))
        elif name in operands:
            arguments.append(operands[name])
        elif parameter.kind is parameter.VAR_POSITIONAL:
            arguments.append(named.pop(name) or None)
        elif parameter.default is parameter.empty:
            arguments.append(named.pop(name))
    return primitive.numpy[0](*arguments, **named)


@every_call([p for p in registry.values() if p.numpy and p.name not in BY_DEFINITION])
def test_value_is_numpys(call: Call) -> None:
    expected = by_numpy(call)
    assert_array_equal(call.value(*call.operands), expected, strict=True)
    tensors = [Tensor(o) if o is not None else None for o in call.operands]
    assert_array_equal(call(*tensors).numpy(), expected, strict=True)


@every_call([registry[name] for name in BY_DEFINITION])
def test_value_is_that_of_the_definition(call: Call) -> None:
    expected = BY_DEFINITION[call.primitive.name](*call.operands, **call.static)
    y = call.value(*call.operands)
    assert y.dtype == np.asarray(expected).dtype
    assert_allclose(y, expected, rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize(("low", "high"), [(None, None), (-0.5, None), (None, 0.5), (-0.5, 0.5), (0.5, -0.5)])
def test_clip_with_bounds_left_out(low: Any, high: Any) -> None:
    x = np.linspace(-1, 1, 9)
    t = Tensor(x, requires_grad=True)
    y = autograd.clip(t, low, high)
    assert_array_equal(y.numpy(), np.clip(x, low, high))
    y.sum().backward()
    inside = (x >= (-9 if low is None else low)) & (x <= (9 if high is None else high))
    assert_array_equal(t.grad.numpy(), inside * 1.0)


@every([p for p in registry.values() if not p.internal])
def test_function_method_and_numpy_agree(primitive: Primitive) -> None:
    for call in calls(primitive):
        tensors = [Tensor(o) if o is not None else None for o in call.operands]
        expected = call(*tensors)
        found = {}
        if primitive.variadic:
            if primitive.name != "einsum":
                found["function"] = getattr(autograd, primitive.name)(tensors, **call.static)
        else:
            starred = any(p.kind is p.VAR_POSITIONAL for p in primitive.signature.parameters.values())
            given = tuple(filter(None, call.static.values())) if starred else ()
            named = {} if starred else call.static
            found["function"] = getattr(autograd, primitive.name)(*tensors, *given, **named)
            if primitive.method:
                found["method"] = getattr(tensors[0], primitive.name)(*tensors[1:], *given, **named)
        if primitive.numpy:
            found["numpy"] = by_numpy(Call(primitive, tuple(tensors), call.static, ""))
        assert found or primitive.name == "einsum"
        for result in found.values():
            assert isinstance(result, Tensor)
            assert_array_equal(result.numpy(), expected.numpy(), strict=True)
