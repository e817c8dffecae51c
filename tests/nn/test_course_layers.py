"""The course's items on networks, layers, activations and initialisation (7–9, 11–14, 21), with its numbers."""

import itertools

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import autograd
import nn
from autograd import Tensor
from nn import functional as F

RNG = np.random.default_rng(0)


def affine(weight, bias=None):
    """Return a Linear in float64 with these weights."""
    weight = np.asarray(weight, float)
    layer = nn.Linear(weight.shape[1], weight.shape[0], bias=bias is not None).double()
    layer.weight.assign_(weight)
    if bias is not None:
        layer.bias.assign_(bias)
    return layer


# 7: without a non-linearity, layers collapse


def test_item_7_two_linear_layers_are_one():
    W1, W2, W3 = (RNG.normal(size=s) for s in ((5, 3), (4, 5), (2, 4)))
    x = RNG.normal(size=(7, 3))
    assert_allclose(nn.Sequential(affine(W1), affine(W2))(x).numpy(), affine(W2 @ W1)(x).numpy(), atol=1e-12)
    assert_allclose(
        nn.Sequential(affine(W1), nn.ReLU(), affine(W2), nn.ReLU(), affine(W3))(x).numpy(),
        (W3 @ np.maximum(0, W2 @ np.maximum(0, W1 @ x.T))).T,
        atol=1e-12,
    )
    bent = nn.Sequential(affine(W1), nn.ReLU(), affine(W2))
    assert abs(bent(x).numpy() + bent(-x).numpy()).max() > 0.1  # no linear map does that


# 8: logistic regression, and why there is a bias


def test_item_8_logistic_regression_and_its_bias():
    x, y = np.array([[1.0], [2.0], [3.0], [4.0]]), np.array([[0.0], [0.0], [1.0], [1.0]])

    def trained(bias):
        model = nn.Sequential(nn.Linear(1, 1, bias=bias, rng=0), nn.Sigmoid()).double()
        for _ in range(3000):
            model.zero_grad()
            p = model(x)
            (-(y * autograd.log(p) + (1 - y) * autograd.log(1 - p))).mean().backward()
            for parameter in model.parameters():
                parameter.assign_(parameter.numpy() - 0.5 * parameter.grad.numpy())
        return model, (model(x).numpy() > 0.5) == y

    model, right = trained(bias=True)
    assert right.all()
    line, others = model[0], trained(bias=False)[1]
    assert_allclose(-line.bias.item() / line.weight.item(), 2.5, atol=0.05)  # where it says one half
    assert not others.all()  # without a bias it says one half at 0, whatever the weight


# 9: what one and two hidden layers can express


@pytest.mark.parametrize("inputs", [2, 3])
def test_item_9_every_boolean_function_with_one_hidden_layer(inputs):
    """One hidden unit for each row that is true: it fires on that row alone, and the output adds up."""
    rows = np.array(list(itertools.product([0, 1], repeat=inputs)))
    for truth in itertools.product([0, 1], repeat=len(rows)):
        true = rows[np.array(truth, bool)]
        if not len(true):
            continue
        hidden = affine(2 * true - 1, 0.5 - true.sum(axis=1))
        network = nn.Sequential(hidden, nn.Step(), affine(np.ones((1, len(true))), [-0.5]), nn.Step())
        assert len(true) <= 2**inputs
        assert_array_equal(network(rows.astype(float)).numpy().ravel(), truth)


def test_item_9_a_continuous_function_with_one_hidden_layer():
    """One step for each grid point, as high as the function rises there: the error is what it rises in one cell."""

    def error(units):
        grid = np.linspace(0, 1, units)
        rises = np.diff(np.sin(6 * grid), prepend=0.0)
        network = nn.Sequential(affine(np.ones((units, 1)), -grid), nn.Step(), affine([rises]))
        x = np.linspace(0, 1, 1001)[:, None]
        return abs(network(x).numpy() - np.sin(6 * x)).max()

    assert error(100) < 0.061
    assert error(1000) < 0.0061


def test_item_9_a_function_that_jumps_with_two_hidden_layers():
    """First layer: on which side of each grid line; second: in which cell; output: the value there."""
    lines = np.linspace(0, 1, 5)[:-1]
    cells = list(itertools.product(range(4), range(4)))
    value = RNG.normal(size=16)
    first = affine(np.r_[[[1, 0]] * 4, [[0, 1]] * 4], np.r_[-lines, -lines])
    second = np.zeros((16, 8))
    for k, (i, j) in enumerate(cells):
        for side, place in ((0, i), (4, j)):
            second[k, side + place] = 1
            if place < 3:
                second[k, side + place + 1] = -1
    network = nn.Sequential(first, nn.Step(), affine(second, np.full(16, -1.5)), nn.Step(), affine([value]))
    x = RNG.uniform(0, 1, (200, 2))
    i, j = (4 * x).astype(int).T
    assert_allclose(network(x).numpy().ravel(), value[4 * i + j], rtol=1e-12)


# 11 and 12: layers and activations


def test_item_11_batch_norm_as_the_course_computes_it():
    x = np.array([[1.0, 50.0], [2.0, 20.0], [3.0, 80.0]])
    expected = (x - x.mean(0)) / np.sqrt(x.var(0) + 1e-8)
    assert_allclose(nn.BatchNorm1d(2, eps=1e-8).double()(x).numpy(), expected, rtol=1e-12)
    assert_allclose(expected[:, 0], [-1.2247, 0, 1.2247], atol=1e-4)


def test_item_11_inverted_dropout_with_one_half():
    y = nn.Dropout(0.5, rng=0)(np.ones(10_000)).numpy()
    assert set(y) == {0.0, 2.0}
    assert_allclose(y.mean(), 1.0, atol=0.03)


def test_item_12_every_activation_of_the_course():
    x = np.array([-2.0, 0.0, 3.0])
    expected = {
        nn.Identity(): x,
        nn.Step(): [0, 1, 1],
        nn.Sign(): [-1, 0, 1],
        nn.Sigmoid(): [0.1192, 0.5, 0.9526],
        nn.Tanh(): [-0.9640, 0, 0.9951],
        nn.Softmax(): [0.0064, 0.0471, 0.9465],
        nn.ReLU(): [0, 0, 3],
        nn.LeakyReLU(0.1): [-0.2, 0, 3],
        nn.LeakyReLU(): [-0.02, 0, 3],
        nn.ELU(1.0): [-0.8647, 0, 3],
        nn.GELU(): [-0.0455, 0, 2.9960],
        nn.SiLU(): [-0.2384, 0, 2.8577],
    }
    for layer, values in expected.items():
        assert_allclose(layer(x).numpy(), values, atol=5e-5, err_msg=repr(layer))


# 13: the derivative tables


@pytest.mark.parametrize(
    ("f", "slopes"),
    [
        (F.sigmoid, {10.0: 0.0, -10.0: 0.0, 0.0: 0.25}),
        (F.tanh, {10.0: 0.0, -10.0: 0.0, 0.0: 1.0}),
        (F.relu, {10.0: 1.0, -10.0: 0.0, 0.0: 0.0}),
        (F.leaky_relu, {10.0: 1.0, -10.0: 0.01}),
    ],
)
def test_item_13_derivative_tables(f, slopes):
    for x, slope in slopes.items():
        assert_allclose(autograd.grad(f)(x), slope, atol=5e-5)
    assert autograd.grad(F.sigmoid)(0.0) == 0.25


# 14: vanishing gradients, dying units, and their cures


def gradients_by_layer(activation, gain, bias=0.0):
    """Return the norm of each weight's gradient, first layer first, in a network of ten layers."""
    rng = np.random.default_rng(1)
    layers = [nn.Linear(50, 50, rng=rng) for _ in range(10)]
    for layer in layers:
        nn.init.normal_(layer.weight, std=gain / np.sqrt(50), rng=rng)
        nn.init.constant_(layer.bias, bias)
    model = nn.Sequential(*itertools.chain(*((layer, activation()) for layer in layers)))
    (model(rng.normal(size=(32, 50)).astype(np.float32)) ** 2).sum().backward()
    return np.array([np.linalg.norm(layer.weight.grad.numpy()) for layer in layers])


def test_item_14_gradients_vanish_through_sigmoids_and_not_through_relu():
    through_sigmoid, through_relu = gradients_by_layer(nn.Sigmoid, 1.0), gradients_by_layer(nn.ReLU, np.sqrt(2))
    assert through_sigmoid[0] / through_sigmoid[-1] < 1e-5
    assert 0.1 < through_relu[0] / through_relu[-1] < 10


def test_item_14_saturated_tanh_lets_nothing_through():
    z = Tensor([0.5, 5.0, 10.0], requires_grad=True)
    F.tanh(z).sum().backward()
    assert_allclose(z.grad.numpy(), [0.786, 1.8e-4, 8.2e-9], rtol=0.02)


def test_item_14_dying_relu_and_its_cure():
    assert gradients_by_layer(nn.ReLU, 1.0, bias=-100.0).max() == 0
    assert gradients_by_layer(nn.LeakyReLU, 1.0, bias=-100.0).min() > 0


# 21: initialisation


def trained_hidden_layer(start):
    rng = np.random.default_rng(2)
    x = rng.normal(size=(64, 5)).astype(np.float32)
    y = np.sin(x.sum(axis=1, keepdims=True)).astype(np.float32)
    model = nn.Sequential(nn.Linear(5, 6, rng=rng), nn.Tanh(), nn.Linear(6, 1, rng=rng))
    for layer in (model[0], model[2]):
        start(layer.weight)
        nn.init.zeros_(layer.bias)
    for _ in range(50):
        model.zero_grad()
        autograd.mse(model(x), y).backward()
        for parameter in model.parameters():
            parameter.assign_(parameter.numpy() - 0.1 * parameter.grad.numpy())
    return model[0].weight


@pytest.mark.parametrize("start", [nn.init.zeros_, lambda w: nn.init.constant_(w, 0.5)])
def test_item_21_units_that_start_alike_stay_alike(start):
    weight = trained_hidden_layer(start)
    for tensor in (weight.numpy(), weight.grad.numpy()):
        assert abs(tensor).max() > 0 or start is nn.init.zeros_
        assert_allclose(tensor, np.broadcast_to(tensor[:1], tensor.shape), rtol=1e-4)  # to rounding


def test_item_21_small_random_weights_break_the_symmetry():
    weight = trained_hidden_layer(lambda w: nn.init.normal_(w, std=0.01, rng=3)).numpy()
    assert len(np.unique(weight[:, 0])) == 6
    assert 0.005 < nn.init.normal_(Tensor(np.zeros((50, 50))), std=0.01, rng=0).numpy().std() < 0.015


def test_item_21_zeros_are_fine_for_logistic_regression():
    x, y = np.array([[0.0, 1.0], [2.0, 1.0], [3.0, 4.0]]), np.array([[0.0], [1.0], [1.0]])
    model = affine([[0.0, 0.0]], [0.0])
    p = F.sigmoid(model(x))
    assert_array_equal(p.numpy(), [[0.5]] * 3)  # σ(0) = 0.5, not 0
    (-(y * autograd.log(p) + (1 - y) * autograd.log(1 - p))).mean().backward()
    assert len(np.unique(model.weight.grad.numpy())) == 2  # the inputs differ, so the weights part


def test_item_21_large_weights_saturate_and_xavier_and_he_keep_the_spread():
    def spread(activation, start):
        rng = np.random.default_rng(4)
        x, deviations = Tensor(rng.normal(size=(200, 100))), []
        for _ in range(8):
            weight = start(Tensor(np.zeros((100, 100))), rng)
            z = x @ weight.T
            x = activation(z)
            deviations.append(z.numpy().std())
        return np.array(deviations), abs(x.numpy())

    _, y = spread(F.tanh, lambda w, rng: nn.init.normal_(w, std=1.0, rng=rng))
    assert (y > 0.99).mean() > 0.7  # nearly every unit at its bound: no slope is left
    z, _ = spread(F.tanh, lambda w, rng: nn.init.normal_(w, std=0.01, rng=rng))
    assert z[-1] < 1e-6  # the course's 0.01 is too small for deep networks
    z, y = spread(F.tanh, lambda w, rng: nn.init.xavier_normal_(w, nn.init.calculate_gain("tanh"), rng))
    assert ((z > 0.7) & (z < 2)).all()
    z, _ = spread(F.relu, lambda w, rng: nn.init.kaiming_normal_(w, nonlinearity="relu", rng=rng))
    assert ((z > 0.5) & (z < 3)).all()
