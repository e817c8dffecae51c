"""check_primitive: one call that finds what is wrong with a declaration, and says where."""

import numpy as np
import pytest

import autograd
from autograd import check_primitive
from autograd.errors import ArgumentError
from autograd.functions import functions
from autograd.primitives import notation, registry
from autograd.primitives.domain import Domain, case
from autograd.primitives.primitive import elementwise, general, linear_map, value_only
from autograd.transforms.sampling import calls
from tests.primitives.sampling import every


@pytest.fixture(autouse=True)
def _declarations_taken_back():
    before = dict(registry), dict(notation.notations)
    yield
    for kept, held in zip((registry, notation.notations), before, strict=True):
        kept.clear()
        kept.update(held)


def declare(make, evaluate, rule, **rest):
    return make(evaluate, rule, **({"name": "mine", "doc": "Mine."} | rest))


VECTOR = {"cases": (case((3,)),)}


@every(list(registry.values()))
def test_every_built_in_primitive_passes(primitive):
    report = check_primitive(primitive)
    assert report, report


def test_the_report_of_a_good_one():
    report = check_primitive(autograd.tanh)
    assert report
    assert (
        str(report)
        == repr(report)
        == (
            "check_primitive of tanh:\n"
            "  ✓ values are finite and quiet (4 calls)\n"
            "  ✓ batches against the loop (4 calls)\n"
            "  ✓ partials against differences (4 calls)\n"
            "  ✓ partials against the complex step, where analytic (4 calls)\n"
            "  ✓ landmarks are finite and quiet (4 calls)\n"
            "  ✓ adjoint identity (4 calls)\n"
            "  ✓ stacked cotangents against single ones (4 calls)\n"
            "  ✓ forward against reverse mode (4 calls)\n"
            "  ✓ second derivatives against differences (4 calls)\n"
            "  ✓ float32 stays float32 (4 calls)\n"
            "  ✓ operands and cotangents are left alone (4 calls)\n"
            "  ✓ formulas against rules (4 calls)"
        )
    )


def test_a_function_without_derivative_has_its_values_checked():
    report = check_primitive(autograd.argmax)
    assert [c.title for c in report.checks] == ["values are finite and quiet", "batches against the loop"]
    broken = value_only(
        np.argmax, "an index is an integer", name="mine", doc="Mine.", operands="x", cases=(case((3,)),),
        behind=lambda p, o, b, s, n: np.zeros(n, dtype=int) + 7,
    )  # fmt: skip
    assert "✗ batches against the loop: mine-0, operands (0,) batched" in str(check_primitive(broken))


def _doubled(x):
    x *= 2
    return x


WRONG = [
    (
        lambda: declare(elementwise, lambda x: x * x * x, lambda x: 2 * x * x),
        {"partials against differences": "mine-0, operand x: entry () is off, expected "},
    ),
    (
        lambda: declare(elementwise, lambda x: x * x * x, lambda x: 3 * x * abs(x), analytic=True),
        {
            "partials against differences": "operand x: entry ",
            "partials against the complex step, where analytic": "operand x: entry ",
        },
    ),
    (
        lambda: declare(elementwise, np.sqrt, lambda y: 1 / (2 * y), domain=Domain(1, 2, landmarks=(0.0,))),
        {"landmarks are finite and quiet": "mine-0, operand x at the landmark (0.0,): not finite"},
    ),
    (
        lambda: declare(elementwise, np.log, lambda x: 1 / x, domain=Domain(-2, -1, landmarks=(1.0,))),
        {"values are finite and quiet": "mine-0, RuntimeWarning: invalid value encountered in log"},
    ),
    (
        lambda: declare(elementwise, lambda x: np.maximum(x, 0), lambda x: 1.0 * (x > 0), domain=Domain(kinks=(0.0,))),
        {"float32 stays float32": "mine-0, operand x: the rule turns float32 into float64"},
    ),
    (
        lambda: declare(linear_map, lambda x: x[::-1], lambda y_bar: y_bar[::-1], **VECTOR),
        {"stacked cotangents against single ones": "mine-0, operand x, cotangent (0, 0) of the stack: entry "},
    ),
    (
        lambda: declare(linear_map, lambda x: 2 * x, lambda y_bar: 3 * y_bar, **VECTOR),
        {
            "partials against differences": "mine-0, operand x: entry (0, 0) is off, expected 2 got 3",
            "adjoint identity": "mine-0, ⟨Jᵀȳ, ẋ⟩ and ⟨ȳ, J ẋ⟩: entry () is off",
            "forward against reverse mode": "mine-0, operand x: entry (0, 0) is off, expected 3 got 2",
        },
    ),
    (
        lambda: declare(
            linear_map, lambda x: 2 * x, lambda y_bar: 2 * y_bar, behind=lambda p, o, b, s, n: 3 * o[0], **VECTOR
        ),
        {"batches against the loop": "mine-0, operands (0,) batched: entry "},
    ),
    (
        lambda: declare(linear_map, _doubled, lambda y_bar: 2 * y_bar, **VECTOR),
        {"operands and cotangents are left alone": "mine-0, operand 0 was written to"},
    ),
    (
        lambda: declare(general, lambda x: x * x, lambda y_bar, x: y_bar * 2 * np.asarray(x), **VECTOR),
        {"second derivatives against differences": "mine-0, NoDerivativeError: in np.asarray of copy"},
    ),
    (
        lambda: declare(general, lambda x: x * x, lambda y_bar, x: 2 * y_bar * autograd.stop_gradient(x), **VECTOR),
        {"second derivatives against differences": "mine-0, operand x then operand x: entry ("},
    ),
    (
        lambda: declare(elementwise, lambda x: x * x, lambda x: 2 * x, formulas=(lambda x: 3 * x,)),
        {"formulas against rules": "mine-0, operand x: 3x: entry () is off"},
    ),
    (
        lambda: declare(elementwise, lambda x: x * x, lambda x: missing(x) + x),  # noqa: F821  that is the slip
        {"partials against differences": "mine-0, NameError: name 'missing' is not defined"},
    ),
]


@pytest.mark.parametrize(("make", "failures"), WRONG, ids=range(len(WRONG)))
def test_what_is_wrong_is_found_and_named(make, failures):
    report = check_primitive(make())
    assert not report
    found = {c.title: c.failure for c in report.checks}
    for title, start in failures.items():
        assert start in found[title], report


def test_a_right_declaration_of_four_operands():
    four = declare(elementwise, lambda a, b, c, d: a * b + c * d, (lambda b: b, lambda a: a, lambda d: d, lambda c: c))
    assert {len(c.operands) for c in calls(four)} == {4}
    assert check_primitive(four)
    assert check_primitive(autograd.declare(four))
    del functions["mine"], autograd.Tensor.mine


def test_what_it_refuses():
    with pytest.raises(ArgumentError) as refusal:
        check_primitive(np.sin)
    assert str(refusal.value) == (
        "in check_primitive\n"
        "  expected: a primitive, or its public function\n"
        "  got:      <ufunc 'sin'>\n"
        "  to do:    pass what was declared"
    )
    folded = autograd.checkpoint(lambda x: x * x)(autograd.Tensor(1.0, requires_grad=True)).node.primitive
    with pytest.raises(ArgumentError, match=r"use autograd\.gradcheck"):
        check_primitive(folded)
