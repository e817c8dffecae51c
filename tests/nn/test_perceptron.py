"""The perceptron: weights by hand and learned, and what one line can't separate (the course, item 6)."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import autograd
import nn
from autograd import ArgumentError, ShapeError, Tensor

PAIRS = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
AND, OR, XOR = np.array([0, 0, 0, 1]), np.array([0, 1, 1, 1]), np.array([0, 1, 1, 0])


def gates():
    return {
        "NOT": nn.Perceptron(1, weight=-1, bias=0.25),
        "AND": nn.Perceptron(2, weight=[1, 1], bias=-2),
        "OR": nn.Perceptron(2, weight=[1, 1], bias=-1),
    }


def test_item_6_all_fourteen_rows_of_the_truth_tables():
    gate = gates()
    assert gate["NOT"]([[0], [1]]).numpy().ravel().tolist() == [1, 0]
    assert_array_equal(gate["AND"](PAIRS).numpy().ravel(), AND)
    assert_array_equal(gate["OR"](PAIRS).numpy().ravel(), OR)
    nand = gate["NOT"](gate["AND"](PAIRS))
    both = autograd.concatenate([gate["OR"](PAIRS), nand], axis=1)
    assert_array_equal(gate["AND"](both).numpy().ravel(), XOR)


def test_item_6_xor_as_a_network_of_two_layers():
    hidden = nn.Perceptron(2, 2, weight=[[1, 1], [-1, -1]], bias=[-1, 1.5])  # OR, and not both
    network = nn.Sequential(hidden, nn.Perceptron(2, weight=[1, 1], bias=-2))
    assert_array_equal(network(PAIRS).numpy().ravel(), XOR)


def test_the_step_is_one_at_zero():
    assert nn.Perceptron(1)([[5.0]]).item() == 1.0


@pytest.mark.parametrize("target", [AND, OR])
def test_item_6_the_perceptron_rule_learns_and_and_or(target):
    gate = nn.Perceptron(2)
    mistakes = gate.fit(PAIRS, target)
    assert mistakes[-1] == 0
    assert 1 < len(mistakes) < 20
    assert_array_equal(gate(PAIRS).numpy().ravel(), target)


@pytest.mark.parametrize("target", [AND, OR])
def test_item_6_the_delta_rule_learns_and_and_or(target):
    gate = nn.Perceptron(2)
    mistakes = gate.fit(PAIRS, target, rule="delta", lr=0.02, epochs=500)
    assert (len(mistakes), mistakes[-1]) == (500, 0)
    assert_array_equal(gate(PAIRS).numpy().ravel(), target)
    least, *_ = np.linalg.lstsq(np.c_[PAIRS, np.ones(4)], 2 * target - 1, rcond=None)
    assert_allclose(np.r_[gate.weight.numpy()[0], gate.bias.numpy()], least, atol=0.05)  # least squares


@pytest.mark.parametrize("rule", ["perceptron", "delta"])
def test_item_6_neither_rule_learns_xor(rule):
    gate = nn.Perceptron(2)
    mistakes = gate.fit(PAIRS, XOR, rule, lr=0.1, epochs=300)
    assert len(mistakes) == 300
    assert min(mistakes) > 0
    assert (gate(PAIRS).numpy().ravel() != XOR).any()


def test_the_delta_rule_is_a_gradient_step():
    """One example: w − lr·∂½(t − s)²/∂w, by the engine."""
    gate, x = nn.Perceptron(2, weight=[0.3, -0.2], bias=0.1, dtype=float), np.array([[2.0, 1.0]])
    w, b = Tensor([[0.3, -0.2]], requires_grad=True), Tensor([0.1], requires_grad=True)
    (0.5 * (1.0 - autograd.linear(x, w, b)) ** 2).sum().backward()
    gate.fit(x, [1], "delta", lr=0.25, epochs=1)
    assert_allclose(gate.weight.numpy(), w.numpy() - 0.25 * w.grad.numpy(), rtol=1e-15)
    assert_allclose(gate.bias.numpy(), b.numpy() - 0.25 * b.grad.numpy(), rtol=1e-15)


def test_the_perceptron_rule_by_hand():
    gate = nn.Perceptron(2)
    assert gate.fit([[1.0, 2.0]], [0], lr=0.5, epochs=1) == [1]
    assert gate.weight.tolist() == [[-0.5, -1.0]]
    assert gate.bias.tolist() == [-0.5]


def test_several_outputs_learn_at_once():
    gate = nn.Perceptron(2, 2)
    mistakes = gate.fit(PAIRS, np.stack([AND, OR], axis=1))
    assert mistakes[-1] == 0
    assert_array_equal(gate(PAIRS).numpy(), np.stack([AND, OR], axis=1))


@pytest.mark.parametrize(
    ("X", "y", "options", "kind", "text"),
    [
        (PAIRS, AND[:3], {}, ShapeError, r"X \(n, 2\) and y \(n,\) or \(n, 1\)"),
        (PAIRS[:, :1], AND, {}, ShapeError, r"X \(4, 1\) and y \(4, 1\)"),
        (PAIRS, 2 * AND - 1, {}, ArgumentError, "targets 0 or 1"),
        (PAIRS, AND, {"rule": "hebb"}, ArgumentError, "rule='hebb'"),
    ],
)
def test_refusals(X, y, options, kind, text):
    with pytest.raises(kind, match=text):
        nn.Perceptron(2).fit(X, y, **options)
