"""Every composition against NumPy, differences, other dtypes and a loop: the tests go through the registry."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

import autograd
from autograd.compositions import compositions
from autograd.errors import GraphError
from autograd.tensor import Tensor
from autograd.transforms.sampling import rng

CALLS = [
    pytest.param(composition, case, id=f"{name}-{i}")
    for name, composition in compositions.items()
    for i, case in enumerate(composition.cases)
]
every_call = pytest.mark.parametrize(("composition", "case"), CALLS)


def drawn(composition, case):
    """Return the operands of a case: arrays drawn for shapes, fixed values as they are."""
    random = rng(composition.name)
    domains = composition.domain * len(case.operands) if composition.sequence else composition.domain
    return [
        domain.sample(random, o) if isinstance(o, tuple) else o
        for o, domain in zip(case.operands, domains, strict=False)
    ]


def call(composition, case, operands, function=None):
    function = function or composition.function
    return function(list(operands), **case.static) if composition.sequence else function(*operands, **case.static)


def flat(result):
    """Return the tensors of a result as a list."""
    return [t for r in result for t in flat(r)] if isinstance(result, (list, tuple)) else [result]


def of_floats(composition, case):
    """Return the call as a function of its floating operands (one vector out), and these."""
    operands = drawn(composition, case)
    wanted = [i for i, o in enumerate(operands) if np.asarray(o).dtype.kind == "f"]

    def function(*floats):
        filled = list(operands)
        for i, x in zip(wanted, floats, strict=True):
            filled[i] = x
        return autograd.concatenate([autograd.reshape(t, (-1,)) for t in flat(call(composition, case, filled))])

    return function, tuple(operands[i] for i in wanted)


@every_call
def test_values_are_those_of_the_reference(composition, case):
    assert composition.reference is not None, f"{composition.name} needs reference=, an independent implementation"
    operands = drawn(composition, case)
    ours = flat(call(composition, case, [Tensor(o) if isinstance(o, np.ndarray) else o for o in operands]))
    theirs = flat(call(composition, case, operands, composition.reference))
    assert len(ours) == len(theirs)
    for a, b in zip(ours, theirs, strict=True):
        assert isinstance(a, Tensor) or not isinstance(b, np.ndarray)
        assert_allclose(np.asarray(a), b, rtol=1e-12, atol=1e-14)
        assert np.asarray(a).dtype == np.asarray(b).dtype


DIFFERENTIABLE = [p for p in CALLS if not p.values[0].values]
every_differentiable = pytest.mark.parametrize(("composition", "case"), DIFFERENTIABLE)


@every_differentiable
def test_gradients_in_both_directions(composition, case):
    function, floats = of_floats(composition, case)
    autograd.gradcheck(function, *floats)
    if composition.smooth:
        autograd.gradgradcheck(function, *floats)


IN_FLOAT64 = {"float_power", "cov", "corrcoef", "histogram", "histogram2d", "histogramdd"}  # as NumPy does


@every_differentiable
def test_float32_stays_float32(composition, case):
    operands = [o.astype(np.float32) if np.asarray(o).dtype.kind == "f" else o for o in drawn(composition, case)]
    leaves = [Tensor(o, requires_grad=True) if np.asarray(o).dtype.kind == "f" else o for o in operands]
    results = [t for t in flat(call(composition, case, leaves)) if t.dtype.kind == "f"]
    if composition.name not in IN_FLOAT64:
        assert {t.dtype for t in results} <= {np.dtype(np.float32)}
    total = sum((t.sum() for t in results), Tensor(np.float32(0)))
    if total.requires_grad:
        total.backward()
    for leaf in leaves:
        if isinstance(leaf, Tensor) and leaf.grad is not None:
            assert leaf.grad.dtype == np.float32
            assert leaf.grad.shape == leaf.shape


@every_differentiable
def test_a_batch_is_the_loop(composition, case):
    function, floats = of_floats(composition, case)
    if not floats:
        pytest.skip("takes no floating operand")
    if not composition.batched:
        with pytest.raises(GraphError):
            autograd.vmap(function)(*(np.stack([x, x]) for x in floats))
        return
    batch = tuple(np.stack([x, x * 0.9]) for x in floats)
    looped = np.stack([function(*(b[i] for b in batch)).numpy() for i in range(2)])
    assert_allclose(np.asarray(autograd.vmap(function)(*batch)), looped, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("composition", compositions.values(), ids=list(compositions))
def test_numpy_reaches_it(composition):
    assert composition.cases
    assert composition.function.__doc__
    if composition.exported:
        assert getattr(autograd, composition.name) is composition.function
    for function in composition.numpy:
        case = composition.cases[0]
        operands = [Tensor(o) if isinstance(o, np.ndarray) else o for o in drawn(composition, case)]
        for a, b in zip(
            flat(call(composition, case, operands, function)), flat(call(composition, case, operands)), strict=True
        ):
            assert_allclose(np.asarray(a), np.asarray(b))
