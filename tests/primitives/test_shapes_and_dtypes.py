"""Shapes that broadcast, shapes without entries, every dtype; inputs that are read-only or oddly laid out."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, mutually_broadcastable_shapes
from numpy.testing import assert_allclose, assert_array_equal

import autograd
from autograd.errors import AutogradError, DTypeError, ShapeError
from autograd.primitives import Primitive, registry
from autograd.primitives.domain import CONDITION
from autograd.tensor import Tensor
from tests.primitives.sampling import (
    DIFFERENTIABLE,
    ELEMENTWISE,
    Call,
    calls,
    difference,
    every,
    every_call,
    gradients,
    identity,
    moved,
    rng,
)

SEVERAL = [p for p in ELEMENTWISE if len(p.operands) > 1]


def check_jacobian(call: Call) -> None:
    """Compare the shapes, and the Jacobian with differences."""
    leaves = call.leaves()
    y = call(*leaves)
    rows = gradients(y, leaves, identity(y.shape), y.shape)
    for i in call.wanted:
        assert rows[i].shape == y.shape + leaves[i].shape
        assert_allclose(rows[i], difference(moved(call, i), call.operands[i]), rtol=1e-7, atol=1e-8)


def drawn(primitive: Primitive, shapes: Any, seed: int) -> Call:
    random = np.random.default_rng(seed)
    operands = []
    for where, shape in zip(primitive.domain, shapes, strict=True):
        sample = where.sample(random, shape)
        operands.append(np.asarray(sample > 0 if where is CONDITION else sample)[()])
    return Call(primitive, tuple(operands), {}, primitive.name)


@every(SEVERAL)
@given(data=st.data())
def test_elementwise_shapes_broadcast(primitive: Primitive, data: Any) -> None:
    count = len(primitive.operands)
    shapes = data.draw(mutually_broadcastable_shapes(num_shapes=count, min_side=0, max_side=3, max_dims=3))
    call = drawn(primitive, shapes.input_shapes, 0)
    assert call.value(*call.operands).shape == shapes.result_shape
    check_jacobian(call)


@every([p for p in ELEMENTWISE if len(p.operands) == 1])
@given(shape=array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3))
def test_elementwise_keeps_the_shape(primitive: Primitive, shape: tuple[int, ...]) -> None:
    call = drawn(primitive, (shape,), 0)
    (x,) = leaves = call.leaves()
    y = call(x)
    assert y.shape == shape
    assert gradients(y, leaves, np.ones(shape))[0].shape == shape


@given(shapes=mutually_broadcastable_shapes(signature=np.matmul.signature, max_dims=2, min_side=0, max_side=3))
def test_matmul_shapes(shapes: Any) -> None:
    random = rng("matmul")
    a, b = (random.normal(size=s) for s in shapes.input_shapes)
    call = Call(registry["matmul"], (a, b), {}, "matmul")
    assert_allclose(call.value(a, b), a @ b)
    check_jacobian(call)


REDUCTIONS = ["sum", "mean", "prod", "max", "min", "logsumexp", "var", "std"]


@pytest.mark.parametrize("name", REDUCTIONS)
@given(data=st.data())
def test_axes_of_reductions(name: str, data: Any) -> None:
    """Axis None, a number or a tuple, of either sign, kept or not."""
    least = 0 if name in ("sum", "prod") else 1
    shape = data.draw(array_shapes(min_dims=0, max_dims=3, min_side=least, max_side=3))
    axes = data.draw(st.sets(st.integers(0, len(shape) - 1)) if shape else st.just(set()))
    signed = tuple(data.draw(st.permutations([a - data.draw(st.booleans()) * len(shape) for a in axes])))
    axis = data.draw(st.sampled_from([None, signed, *signed[:1]]))
    keepdims = data.draw(st.booleans())
    x = registry[name].domain[0].sample(rng(name), shape)[()]
    if name == "std" and np.any(np.std(x, axis=axis) < 1e-3):
        return  # one entry alone has no spread: the convention is tested with the landmarks
    static = {"axis": axis, "keepdims": keepdims} | ({"ddof": 0} if name in ("var", "std") else {})
    call = Call(registry[name], (x,), static, name)
    if name != "logsumexp":
        assert_array_equal(call.value(x), getattr(np, name)(x, axis=axis, keepdims=keepdims))
    check_jacobian(call)


@given(data=st.data())
def test_shapes_that_rearrange(data: Any) -> None:
    """Transposing, moving, inserting and dropping axes, of any number and sign."""
    shape = data.draw(array_shapes(min_dims=1, max_dims=4, min_side=0, max_side=3))
    ndim = len(shape)
    order = tuple(data.draw(st.permutations(range(ndim))))
    sign = data.draw(st.sampled_from([0, ndim]))
    x = rng("rearrange").normal(size=shape)
    cases: list[tuple[str, dict[str, Any], Any]] = [
        ("transpose", {"axes": tuple(a - sign for a in order)}, np.transpose(x, order)),
        ("swapaxes", {"axis1": order[0] - sign, "axis2": order[-1]}, np.swapaxes(x, order[0], order[-1])),
        ("moveaxis", {"source": order[:2], "destination": order[-2:]}, np.moveaxis(x, order[:2], order[-2:])),
        ("expand_dims", {"axis": order[0] - sign}, np.expand_dims(x, order[0] - sign)),
        ("expand_dims", {"axis": (-1, order[0])}, np.expand_dims(x, (-1, order[0]))),
        ("reshape", {"shape": (-1, *[n for n in shape if n])}, x.reshape(-1, *[n for n in shape if n])),
        ("broadcast_to", {"shape": (2, *shape)}, np.broadcast_to(x, (2, *shape))),
    ]
    for name, static, expected in cases:
        call = Call(registry[name], (x,), static, name)
        assert_array_equal(call.value(x), expected, strict=True)
        leaves = call.leaves()
        y = call(*leaves)
        seeds = rng("seeds").normal(size=(2, *y.shape))
        found = gradients(y, leaves, seeds, (2,))[0]
        for seed, row in zip(seeds, found, strict=True):
            assert_allclose(np.sum(row * x), np.sum(seed * y.numpy()))  # ⟨Aᵀȳ, x⟩ = ⟨ȳ, A x⟩
        assert found.shape == (2, *shape)


def _result_type(call: Call, dtypes: tuple[Any, ...]) -> Any:
    if call.primitive.name == "astype":
        return np.dtype(call.static["dtype"])
    if call.primitive.name in ("getitem", "setitem", "gather", "scatter"):
        return np.dtype(dtypes[0])
    cast = call.cast(*dtypes)
    chosen = [o for o in cast.operands if o is not None and o.dtype.kind == "f"]
    return np.result_type(*chosen)


@pytest.mark.parametrize("dtypes", [(np.float16,), (np.float32,), (np.float64,), (np.float32, np.float64)], ids=str)
@every_call(DIFFERENTIABLE)
def test_dtypes_are_kept(call: Call, dtypes: tuple[Any, ...]) -> None:
    """The value has NumPy's dtype, each gradient the dtype of its operand, also for a whole Jacobian."""
    cast = call.cast(*dtypes)
    leaves = cast.leaves()
    try:
        y = cast(*leaves)
    except DTypeError:
        assert dtypes == (np.float16,)  # which NumPy's linear algebra doesn't have
        return
    assert y.dtype == _result_type(call, dtypes)
    for lead, seed in (((), np.ones(y.shape, y.dtype)), (y.shape, identity(y.shape, y.dtype))):
        for i, found in enumerate(gradients(y, leaves, seed, lead)):
            if i in cast.wanted:
                assert found.dtype == cast.operands[i].dtype
                assert found.shape == lead + np.shape(cast.operands[i])


@every_call(DIFFERENTIABLE)
def test_rules_compute_in_the_dtype_of_their_operands(call: Call) -> None:
    """A message that turns into float64 on its way is right in the end, and slow all the way."""
    cast = call.cast(np.float32)
    leaves = cast.leaves()
    y = cast(*leaves)
    if y.dtype != np.float32:  # astype
        return
    y_bar = np.ones(y.shape, np.float32)[()]
    for i in cast.wanted:
        rule = call.primitive.pullbacks[0 if call.primitive.variadic else i]
        extra = (i,) if call.primitive.variadic else ()
        assert rule is not None
        assert rule(y.node, y_bar, (), *extra).dtype == np.float32


ARRAY_FIRST = ("clip", "elu", "hardtanh", "leaky_relu")  # NumPy's clip and maximum make an array of the first argument


@every(SEVERAL)
@pytest.mark.parametrize("shape", [(), (3,)])
def test_numbers_of_python_are_weak(primitive: Primitive, shape: tuple[int, ...]) -> None:
    call = drawn(primitive, (shape,) * len(primitive.operands), 1).cast(np.float32)
    for chosen in itertools.product([False, True], repeat=len(call.operands)):
        plain = [call.operands[i].ravel()[0].item() if c else call.operands[i] for i, c in enumerate(chosen)]
        taken = [i in call.wanted and not c for i, c in enumerate(chosen)]
        leaves = [Tensor(o, requires_grad=True) if t else o for t, o in zip(taken, plain, strict=True)]
        if not any(isinstance(o, Tensor) for o in leaves):
            continue
        y = call(*leaves)
        assert not primitive.numpy or y.dtype == np.asarray(primitive.numpy[0](*plain)).dtype
        assert y.dtype == np.float32 or primitive.name in ARRAY_FIRST
        for leaf, found in zip(leaves, gradients(y, leaves, np.ones(y.shape, np.float32)), strict=True):
            if isinstance(leaf, Tensor):
                assert found.dtype == np.float32


@pytest.mark.parametrize("condition", [True, False, 2, 0, np.array([2, 0, -1]), np.array([0.5, 0.0, 1.0])])
def test_where_takes_any_condition_that_numpy_takes(condition: Any) -> None:
    a, b = Tensor([1.0, 2.0, 3.0], requires_grad=True), Tensor([4.0, 5.0, 6.0], requires_grad=True)
    autograd.where(condition, a, b).sum().backward()
    chosen = np.broadcast_to(np.asarray(condition) != 0, 3)
    assert_array_equal(a.grad.numpy(), chosen * 1.0)
    assert_array_equal(b.grad.numpy(), ~chosen * 1.0)


def _layouts(x: Any) -> list[Any]:
    if x.ndim == 0:
        return [x]
    wide = np.repeat(x, 2, axis=-1)
    return [np.asfortranarray(x), wide[..., ::2], np.flip(np.flip(x, 0).copy(), 0)]


@every_call(DIFFERENTIABLE)
def test_inputs_are_left_alone_whatever_their_layout(call: Call) -> None:
    """Read-only, Fortran-ordered, strided and reversed operands give what plain ones give."""

    def run(operands: Any) -> list[Any]:
        leaves = [autograd.as_tensor(o).requires_grad_() if i in call.wanted else o for i, o in enumerate(operands)]
        y = call(*leaves)
        return [y.numpy(), *gradients(y, leaves, rng(call.label).normal(size=y.shape).astype(y.dtype))]

    plain = run(call.operands)
    layouts = [_layouts(np.asarray(o)) if o is not None else [None] * 3 for o in call.operands]
    for variant in zip(*layouts, strict=False):
        before = [None if o is None else o.copy() for o in variant]
        for o in variant:
            if isinstance(o, np.ndarray):
                o.flags.writeable = False
        for found, expected in zip(run(variant), plain, strict=True):
            if expected is not None:
                assert_allclose(found, expected, rtol=1e-12, atol=1e-14)
        for o, same in zip(variant, before, strict=True):
            assert_array_equal(o, same)


@every([p for p in registry.values() if p.kind == "value"])
def test_values_without_derivative_are_recorded(primitive: Primitive) -> None:
    for call in calls(primitive):
        leaves = [Tensor(o, requires_grad=True) for o in call.operands]
        y = call(*leaves)
        assert y.node.primitive is primitive
        assert not y.requires_grad
        assert y.dtype.kind in "bi"


@pytest.mark.parametrize("shapes", [((3,), None), ((5, 4, 3), None), ((4, 3), (1,)), ((4, 3), ()), ((4, 3), (2, 4))])
def test_linear_takes_a_matrix_and_one_bias_for_each_row(shapes: Any) -> None:
    """Broadcasting a bias of another shape would be a mistake that trains."""
    weight, bias = (None if s is None else Tensor(np.ones(s), requires_grad=True, name="p") for s in shapes)
    with pytest.raises(ShapeError, match="expected: x \\(…, in\\), weight \\(out, in\\), bias \\(out,\\)"):
        autograd.linear(np.ones((2, 3)), weight, bias)


def test_einsum_asks_for_its_subscripts() -> None:
    with pytest.raises(AutogradError, match="subscripts such as 'ij,jk->ik' come first"):
        autograd.einsum(Tensor([1.0]))
