"""Arguments from PyTorch's own samples that were once refused or answered differently; the numbers are PyTorch's."""

import warnings

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import nn
from autograd import ShapeError, Tensor
from nn import functional as F


def test_a_label_that_is_listed_twice_counts_twice():
    x, labels = np.array([0.1, 0.2, 0.4, 0.8]), np.array([3, 3, 0, -1])
    assert_allclose(F.multilabel_margin_loss(x, labels).item(), (2 * (0.4 + 0.6) + 1.1 + 1.3) / 4)
    assert_allclose(F.multilabel_margin_loss(x, np.array([3, 0, -1, 3])).item(), 0.85)


@pytest.mark.parametrize("shape", [(4, 1), (1, 3), (4,)])
def test_a_variance_may_be_shared_along_one_axis(shape):
    x, y, var = np.arange(12.0).reshape(4, 3), np.ones((4, 3)), np.arange(1.0, 1 + np.prod(shape)).reshape(shape)
    full = np.broadcast_to(var[:, None] if shape == (4,) else var, x.shape)
    found = F.gaussian_nll_loss(Tensor(x, requires_grad=True), y, var, reduction="none")
    assert_allclose(found.numpy(), (np.log(full) + (x - y) ** 2 / full) / 2)


def test_a_variance_for_all_examples_and_entries_alike_is_a_number():
    with pytest.raises(ShapeError, match="one along an axis"):
        F.gaussian_nll_loss(np.ones((4, 3)), np.ones((4, 3)), np.ones((1, 1)))


@pytest.mark.parametrize("loss", [F.cross_entropy, F.nll_loss])
def test_where_every_target_is_ignored_the_gradient_is_zero(loss):
    logits = Tensor(np.ones((2, 3)), requires_grad=True)
    y = loss(logits, np.array([-100, -100]))
    y.backward()
    assert np.isnan(y.item())
    assert_array_equal(logits.grad.numpy(), np.zeros((2, 3)))


def test_one_number_goes_through_prelu():
    layer, x = nn.PReLU(), Tensor(np.float32(-2.0), requires_grad=True)
    y = layer(x)
    y.backward()
    assert (y.shape, y.item(), x.grad.item(), layer.weight.grad.tolist()) == ((), -0.5, 0.25, [-2.0])


@pytest.mark.parametrize("layer", [nn.BatchNorm1d(5), nn.BatchNorm1d(5, affine=False)])
def test_an_empty_batch_leaves_the_running_statistics_alone(layer):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        y = layer(np.empty((0, 5), np.float32))
    assert y.shape == (0, 5)
    assert_array_equal(layer.running_mean.numpy(), np.zeros(5))
    assert_array_equal(layer.running_var.numpy(), np.ones(5))


@pytest.mark.parametrize(("kind", "shape"), [("1d", (3, 7)), ("2d", (3, 4, 5)), ("3d", (3, 2, 4, 5))])
def test_instance_norm_takes_one_example_without_its_axis(kind, shape):
    x = np.random.default_rng(0).normal(size=shape)
    layer = getattr(nn, f"InstanceNorm{kind}")(3, affine=True, track_running_stats=True).double()
    alone = layer(x)
    state = layer.state_dict()
    assert_array_equal(alone.numpy(), layer(x[None])[0].numpy())
    assert state["num_batches_tracked"] == 0
    assert_allclose(state["running_mean"], 0.1 * x.reshape(3, -1).mean(1))
    with pytest.raises(ShapeError, match="C = 3"):
        layer(x[:2])
