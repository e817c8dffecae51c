"""A plain array that is overwritten between the forward and the backward pass: diagnose names the operation."""

import numpy as np
import pytest

import autograd
from autograd import Parameter, Tensor


def leaf():
    return Parameter([1.0, 2.0, 3.0], name="w")


def kinds(report):
    return [f.kind for f in report]


@pytest.mark.parametrize(
    "constant", [np.asarray, autograd.as_tensor, lambda a: a[::-1]], ids=["array", "tensor", "view"]
)
def test_an_overwritten_operand_is_named(constant):
    w, x = leaf(), np.ones((4, 3))
    with autograd.diagnose() as report:
        loss = (constant(x) * w).sum()
        x[:] = 7.0
        loss.backward()
    assert w.grad.tolist() == [28.0] * 3  # the wrong gradient that it is about
    (found,) = [f for f in report if f.kind == "overwritten"]
    assert found.operation == "multiply"
    assert __file__.rpartition("/")[2] in found.where
    assert "overwritten after the forward pass" in found.cause
    assert "Tensor(array)" in found.remedy
    assert found.step == 1


def test_a_large_array_in_parts():
    w, x = Parameter(np.ones(300), name="w"), np.ones((1000, 300))
    with autograd.diagnose() as report:
        loss = (x @ w).sum()
        x += 1.0
        loss.backward()
    assert "overwritten" in kinds(report)


def right():
    w, x, b = leaf(), np.ones((4, 3)), np.zeros(3)
    for k in range(3):
        x[:] = k  # a buffer that is filled anew for each step
        loss = ((x * w) + b).sum()
        b[:] = k  # no rule reads it
        loss.backward()
        x[:] = -1.0


def copied():
    w, x = leaf(), np.ones((4, 3))
    loss = (Tensor(x) * w).sum()
    x[:] = 7.0
    loss.backward()


def elsewhere():
    w, x = leaf(), np.ones(3)
    (x * w).sum()  # nothing that is differentiated
    x[:] = 7.0
    (2.0 * w).sum().backward()


def odd():
    w = leaf()
    arrays = [np.zeros((0, 3)), np.array(2.0), np.asfortranarray(np.ones((2, 3))), np.array([True, False, True])]
    sum((w * a).sum() for a in arrays).backward()


@pytest.mark.parametrize("run", [right, copied, elsewhere, odd])
def test_what_is_right_is_not_accused(run):
    with autograd.diagnose() as report:
        run()
    assert "overwritten" not in kinds(report)
