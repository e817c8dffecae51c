"""The worked cases of the course: every number, and what a wrong one looks like."""

import pytest

from autograd.cli.worked_cases import Check, linear_regression, product_of_a_sum, sigmoid_network
from autograd.view.trace import trace

CASES = [product_of_a_sum, linear_regression, sigmoid_network]


@pytest.mark.parametrize("case", CASES)
def test_every_number_agrees_with_the_printed_one(case):
    checks = case().checks
    assert [c for c in checks if not c.holds] == []
    assert len(checks) == {product_of_a_sum: 6, linear_regression: 12, sigmoid_network: 17}[case]


def test_the_numbers_of_the_regression_are_the_course_s():
    seen = trace(linear_regression().output)
    assert [n.value for n in seen.nodes] == [1, 5, 5, 1, 6, 2, 4, 16]
    assert [n.grad for n in seen.nodes] == [40, 8, 8, 8, 8, -8, 8, 1]


def test_both_paths_to_the_hidden_unit():
    seen = trace(sigmoid_network().output)
    messages = [e.message for e in seen.edges if e.from_ == seen["h₁"].id]
    assert sorted(round(m, 9) for m in messages) == [-0.019049118, 0.055399425]
    assert sum(messages) == pytest.approx(seen["h₁"].grad, rel=1e-15)


def test_a_number_agrees_to_its_last_printed_digit_only():
    assert Check("a", "0.75", 0.7549).holds
    assert Check("a", "−0.75", -0.7451).holds
    assert not Check("a", "0.75", 0.7551).holds
    assert not Check("a", "8", 8.6).holds
    assert not Check("a", "8", float("nan")).holds
