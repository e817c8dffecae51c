"""Penalties: values, gradients, the choice of parameters, and their kinship with weight decay."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

import nn
from autograd import ArgumentError, Tensor
from nn import optim


def model() -> nn.Module:
    made = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1)).to(np.float64)
    rng = np.random.default_rng(0)
    for p in made.parameters():
        p.assign_(rng.normal(size=p.shape))
    return made


def test_course_16_the_sums() -> None:
    """L1 is λΣ|w|, L2 is λΣw², and the elastic net is both."""
    w = [p.numpy() for p in model().parameters()]
    l1, l2 = sum(abs(v).sum() for v in w), sum((v**2).sum() for v in w)
    assert_allclose(nn.L1(0.3)(model()).item(), 0.3 * l1)
    assert_allclose(nn.L2(0.3)(model()).item(), 0.3 * l2)
    assert_allclose(nn.ElasticNet(0.3, 0.2)(model()).item(), 0.3 * l1 + 0.2 * l2)
    assert nn.ElasticNet(0.0, 0.0)(model()).item() == 0.0


def test_gradients() -> None:
    w = Tensor([1.5, -2.0, 0.0], requires_grad=True)
    nn.ElasticNet(0.3, 0.2)([w]).backward()
    assert_allclose(w.grad.numpy(), 0.3 * np.sign(w.numpy()) + 0.4 * w.numpy())


def test_parameters_are_chosen_by_path_or_by_hand() -> None:
    net = model()
    weights = nn.L2(1.0)([net[0].weight, net[2].weight]).item()
    assert nn.L2(1.0, only="*weight")(net).item() == weights
    assert nn.L2(1.0, only="2.*")(net).item() == nn.L2(1.0)(net[2]).item()
    assert nn.L1(1.0)(net[0].weight).item() == pytest.approx(abs(net[0].weight.numpy()).sum())
    assert nn.L1(1.0)(p for p in net.parameters()).item() == nn.L1(1.0)(net).item()


def test_refusals() -> None:
    with pytest.raises(ArgumentError, match=r"no parameter called '\*weigth'"):
        nn.L2(1.0, only="*weigth")(model())
    with pytest.raises(ArgumentError, match="at least one parameter"):
        nn.L2(1.0)([])
    for wrong in (-1.0, float("nan")):
        with pytest.raises(ArgumentError, match="strengths ≥ 0"):
            nn.L1(wrong)


def test_float32_stays_float32() -> None:
    assert nn.ElasticNet(0.1, 0.1)(nn.Linear(2, 2)).dtype == np.float32


def test_weight_decay_is_an_l2_penalty_of_half_the_strength() -> None:
    one, other = model(), model()
    x, y = np.ones((4, 2)), np.zeros((4, 1))
    decaying, plain = optim.SGD(one.parameters(), lr=0.1, weight_decay=0.2), optim.SGD(other.parameters(), lr=0.1)
    for _ in range(5):
        for optimizer, loss in (
            (decaying, nn.MSELoss()(one(x), y)),
            (plain, nn.MSELoss()(other(x), y) + nn.L2(0.1)(other)),
        ):
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    for p, q in zip(one.parameters(), other.parameters(), strict=True):
        assert_allclose(p.numpy(), q.numpy(), rtol=1e-12)
