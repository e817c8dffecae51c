"""Every layer: its derivative by differences, its value by NumPy written out here, its refusals; none is left out."""

import copy
import math

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import autograd
import nn
from autograd import ArgumentError, GradientWarning, Parameter, ShapeError, Tensor, gradcheck
from tests.nn.fixtures.calls import LAYERS as FROZEN  # compared with PyTorch's numbers in test_against_pytorch.py

erf = np.vectorize(math.erf)


def standardized(x, axes, eps=1e-5):
    return (x - x.mean(axes, keepdims=True)) / np.sqrt(x.var(axes, keepdims=True) + eps)


def channelwise(y, s):
    shape = (-1, *(1,) * (y.ndim - 2))
    return y * s["weight"].reshape(shape) + s["bias"].reshape(shape) if "weight" in s else y


def over_groups(x, s, groups):
    y = standardized(x.reshape(len(x), groups, -1), (2,)).reshape(x.shape)
    return channelwise(y, s)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def softmax(x):
    return np.exp(x) / np.exp(x).sum(-1, keepdims=True)


# name → (a layer, the shape of an input, what it computes from the input and its state)
LAYERS = {
    "Linear": (lambda: nn.Linear(3, 4), (5, 3), lambda x, s: x @ s["weight"].T + s["bias"]),
    "Linear, no bias": (lambda: nn.Linear(3, 4, bias=False), (2, 5, 3), lambda x, s: x @ s["weight"].T),
    "Flatten": (nn.Flatten, (2, 3, 4), lambda x, s: x.reshape(2, 12)),
    "Flatten, some": (lambda: nn.Flatten(0, 1), (2, 3, 4), lambda x, s: x.reshape(6, 4)),
    "Identity": (lambda: nn.Identity(1, a=2), (3,), lambda x, s: x),
    "Dropout": (lambda: nn.Dropout(0.5).eval(), (3, 4), lambda x, s: x),
    "BatchNorm1d": (lambda: nn.BatchNorm1d(3), (5, 3), lambda x, s: channelwise(standardized(x, (0,)), s)),
    "BatchNorm1d, long": (
        lambda: nn.BatchNorm1d(3, track_running_stats=False).eval(), (4, 3, 2),
        lambda x, s: channelwise(standardized(x, (0, 2)), s),
    ),
    "BatchNorm1d, used": (
        lambda: nn.BatchNorm1d(3).eval(), (5, 3),
        lambda x, s: channelwise((x - s["running_mean"]) / np.sqrt(s["running_var"] + 1e-5), s),
    ),
    "BatchNorm2d": (
        lambda: nn.BatchNorm2d(2, affine=False), (2, 2, 3, 2), lambda x, s: standardized(x, (0, 2, 3)),
    ),
    "LayerNorm": (
        lambda: nn.LayerNorm((3, 2)), (2, 3, 2), lambda x, s: standardized(x, (1, 2)) * s["weight"] + s["bias"],
    ),
    "LayerNorm, no bias": (
        lambda: nn.LayerNorm(4, bias=False), (2, 4), lambda x, s: standardized(x, (1,)) * s["weight"],
    ),
    "GroupNorm": (lambda: nn.GroupNorm(2, 4), (2, 4, 3), lambda x, s: over_groups(x, s, 2)),
    "InstanceNorm1d": (lambda: nn.InstanceNorm1d(2), (2, 2, 4), lambda x, s: standardized(x, (2,))),
    "InstanceNorm2d": (
        lambda: nn.InstanceNorm2d(2, affine=True), (2, 2, 3, 2), lambda x, s: channelwise(standardized(x, (2, 3)), s),
    ),
    "InstanceNorm1d, used": (
        lambda: nn.InstanceNorm1d(2, affine=True, track_running_stats=True).eval(), (2, 2, 4),
        lambda x, s: channelwise(
            (x - s["running_mean"][:, None]) / np.sqrt(s["running_var"][:, None] + 1e-5), s
        ),
    ),
    "Maxout": (
        lambda: nn.Maxout(3, 2, pieces=3), (5, 3),
        lambda x, s: np.max([x @ s["weight"][i : i + 2].T + s["bias"][i : i + 2] for i in (0, 2, 4)], axis=0),
    ),
    "Sequential": (
        lambda: nn.Sequential(nn.Tanh(), nn.Sigmoid()), (3,), lambda x, s: sigmoid(np.tanh(x)),
    ),
    "Step": (nn.Step, (3, 4), lambda x, s: 1.0 * (x >= 0)),
    "Sign": (nn.Sign, (3, 4), lambda x, s: np.sign(x)),
    "Sigmoid": (nn.Sigmoid, (3, 4), lambda x, s: sigmoid(x)),
    "Tanh": (nn.Tanh, (3, 4), lambda x, s: 2 * sigmoid(2 * x) - 1),
    "ReLU": (nn.ReLU, (3, 4), lambda x, s: x * (x > 0)),
    "ReLU6": (nn.ReLU6, (3, 4), lambda x, s: np.minimum(x * (x > 0), 6)),
    "LeakyReLU": (lambda: nn.LeakyReLU(0.1), (3, 4), lambda x, s: np.where(x > 0, x, 0.1 * x)),
    "PReLU": (nn.PReLU, (3, 4), lambda x, s: np.where(x > 0, x, s["weight"] * x)),
    "PReLU, channels": (
        lambda: nn.PReLU(2), (3, 2, 2), lambda x, s: np.where(x > 0, x, s["weight"][:, None] * x),
    ),
    "ELU": (lambda: nn.ELU(0.7), (3, 4), lambda x, s: np.where(x > 0, x, 0.7 * (np.exp(x) - 1))),
    "SELU": (
        nn.SELU, (3, 4),
        lambda x, s: 1.0507009873554805 * np.where(x > 0, x, 1.6732632423543772 * (np.exp(x) - 1)),
    ),
    "GELU": (nn.GELU, (3, 4), lambda x, s: x * (1 + erf(x / np.sqrt(2))) / 2),
    "GELU, tanh": (
        lambda: nn.GELU("tanh"), (3, 4),
        lambda x, s: 0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3))),
    ),
    "SiLU": (nn.SiLU, (3, 4), lambda x, s: x * sigmoid(x)),
    "Mish": (nn.Mish, (3, 4), lambda x, s: x * np.tanh(np.log(1 + np.exp(x)))),
    "Softplus": (nn.Softplus, (3, 4), lambda x, s: np.log(1 + np.exp(x))),
    "Softplus, sharp": (
        lambda: nn.Softplus(2.0, 1.0), (3, 4), lambda x, s: np.where(2 * x > 1, x, np.log(1 + np.exp(2 * x)) / 2),
    ),
    "Hardtanh": (lambda: nn.Hardtanh(-0.5, 1.5), (3, 4), lambda x, s: np.minimum(np.maximum(x, -0.5), 1.5)),
    "Softmax": (lambda: nn.Softmax(dim=-1), (3, 4), lambda x, s: softmax(x)),
    "Softmax, first": (lambda: nn.Softmax(dim=0), (3, 4), lambda x, s: softmax(x.T).T),
    "LogSoftmax": (nn.LogSoftmax, (3, 4), lambda x, s: np.log(softmax(x))),
    "LogSigmoid": (nn.LogSigmoid, (3, 4), lambda x, s: np.log(sigmoid(x))),
}  # fmt: skip
# Integers, no call, no derivative: tested below.
ELSEWHERE = {"Embedding", "ModuleDict", "ModuleList", "ParameterDict", "ParameterList", "Perceptron"}


def made(name):
    """Return the layer in float64 with random parameters, an input away from kinks, and the reference."""
    build, shape, reference = LAYERS[name]
    rng = np.random.default_rng(len(name))
    layer = build().double()
    for tensor in layer.parameters():
        tensor.assign_(rng.normal(size=tensor.shape))
    for path, buffer in layer.named_buffers():
        if path != "num_batches_tracked":
            buffer.assign_(rng.uniform(0.5, 2, buffer.shape))
    x = rng.uniform(-3, 3, shape)
    return layer, np.where(abs(x) < 0.05, 0.3, x), reference


def as_function(layer):
    """Return the layer as a function of its input and its parameters."""
    names = [name for name, _ in layer.named_parameters()]

    def f(x, *values):
        twin = copy.copy(layer)
        twin.__dict__.update(zip(names, values, strict=True))
        return twin(x)

    return f


def test_every_layer_is_tested():
    assert {name.partition(",")[0] for name in {**LAYERS, **FROZEN}} | ELSEWHERE == set(nn.layers.__all__)


def test_every_module_of_the_layers_is_exported():
    def below(kind):
        return {k for sub in kind.__subclasses__() for k in {sub, *below(sub)}}

    found = {k.__name__ for k in below(nn.Module) if k.__module__.startswith("nn.layers.") and k.__name__[0] != "_"}
    assert found == set(nn.layers.__all__)


@pytest.mark.parametrize("name", LAYERS)
def test_value(name):
    layer, x, reference = made(name)
    state = layer.state_dict()
    assert_allclose(layer(x).numpy(), reference(x, state), rtol=1e-12, atol=1e-12)
    assert_allclose(layer(Tensor(x)).numpy(), layer(x).numpy())


@pytest.mark.parametrize("name", LAYERS)
def test_derivative(name):
    layer, x, _ = made(name)
    assert gradcheck(as_function(layer), x, *[p.numpy() for p in layer.parameters()])


@pytest.mark.parametrize("name", LAYERS)
def test_float32_stays_and_nothing_is_nan_at_a_thousand(name):
    build, shape, _ = LAYERS[name]
    layer = build()
    for far in (1000.0, -1000.0, 0.0):
        x = Tensor(np.full(shape, far, np.float32), requires_grad=True)
        y = layer(x)
        assert y.dtype == np.float32
        assert np.isfinite(y.numpy()).all()
        if y.requires_grad:
            y.sum().backward()
            assert x.grad.dtype == np.float32
            assert np.isfinite(x.grad.numpy()).all()


@pytest.mark.parametrize("name", LAYERS)
def test_it_copies_and_says_what_it_is(name):
    layer, x, _ = made(name)
    twin = copy.deepcopy(layer)
    assert_array_equal(twin(x).numpy(), layer(x).numpy())
    assert repr(twin) == repr(layer)
    assert repr(layer).startswith(name.partition(",")[0] + "(")


def test_parameters_start_as_in_pytorch():
    layer = nn.Linear(100, 50, rng=0)
    assert layer.weight.shape == (50, 100)
    assert layer.weight.dtype == np.float32
    for tensor in (layer.weight, layer.bias):
        assert 0.08 < abs(tensor.numpy()).max() <= 0.1  # ±1/√100, both
    assert_allclose(layer.weight.numpy().std(), 0.1 / np.sqrt(3), rtol=0.03)
    assert_allclose(nn.Embedding(200, 50, rng=0).weight.numpy().std(), 1, rtol=0.02)
    assert_array_equal(nn.Linear(3, 2, rng=5).weight.numpy(), nn.Linear(3, 2, rng=5).weight.numpy())
    autograd.seed(3)
    first = nn.Linear(3, 2).weight.numpy().copy()
    autograd.seed(3)
    assert_array_equal(nn.Linear(3, 2).weight.numpy(), first)


# Batch norm


def test_running_statistics_move_towards_the_batches():
    layer = nn.BatchNorm1d(2, momentum=0.25).double()
    x = np.array([[1.0, 2.0], [3.0, 8.0]])
    layer(x)
    assert_allclose(layer.running_mean.numpy(), 0.25 * np.array([2.0, 5.0]))
    assert_allclose(layer.running_var.numpy(), 0.75 + 0.25 * np.array([2.0, 18.0]))  # over n − 1
    assert layer.num_batches_tracked.item() == 1
    layer.eval()(x)
    assert layer.num_batches_tracked.item() == 1


def test_without_momentum_they_are_the_average_of_the_batches():
    layer = nn.BatchNorm1d(1, momentum=None).double()
    for mean in (1.0, 2.0, 6.0):
        layer(np.array([[mean - 1], [mean + 1]]))
    assert_allclose(layer.running_mean.numpy(), [3.0])
    assert_allclose(layer.running_var.numpy(), [2.0])


def test_instance_statistics_are_means_over_the_batch():
    layer = nn.InstanceNorm1d(1, momentum=1.0, track_running_stats=True).double()
    layer(np.array([[[0.0, 2.0]], [[4.0, 8.0]]]))
    assert_allclose(layer.running_mean.numpy(), [3.5])
    assert_allclose(layer.running_var.numpy(), [5.0])


def test_training_step_passes_through_batch_norm():
    """The running statistics are written in place: the graph of the same step doesn't mind."""
    model = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.ReLU(), nn.Linear(4, 1))
    autograd.mse(model(np.ones((5, 3), np.float32)), np.zeros((5, 1), np.float32)).backward()
    assert all(p.grad is not None for p in model.parameters())


def test_a_batch_in_between_leaves_an_older_graph_right():
    layer, x = nn.BatchNorm1d(2).double().eval(), Tensor(np.ones((3, 2)), requires_grad=True)
    y = layer(x).sum()
    layer.train()(np.arange(6.0).reshape(3, 2))
    y.backward()
    assert_allclose(x.grad.numpy(), np.full((3, 2), 1 / np.sqrt(1 + 1e-5)))


def test_one_value_for_each_channel_is_refused_in_training_only():
    layer = nn.BatchNorm1d(2)
    with pytest.raises(ShapeError, match="more than one value for each channel"):
        layer(np.ones((1, 2), np.float32))
    assert layer.eval()(np.ones((1, 2), np.float32)).shape == (1, 2)
    with pytest.raises(ShapeError, match="more than one value"):
        nn.InstanceNorm1d(2)(np.ones((4, 2, 1), np.float32))


# Dropout


def test_dropout_keeps_the_mean_and_the_rate():
    x = np.ones((400, 250), np.float32)
    y = nn.Dropout(0.2, rng=0)(x).numpy()
    assert set(np.unique(y)) == {np.float32(0), np.float32(1.25)}
    assert_allclose(y.mean(), 1, atol=0.01)
    assert nn.Dropout(1.0)(x).numpy().sum() == 0


def test_dropout_draws_anew_each_time_and_from_its_own_generator():
    x = np.ones(50)
    layer, twin = nn.Dropout(rng=1), nn.Dropout(rng=1)
    first = layer(x).numpy()
    assert (layer(x).numpy() != first).any()
    assert_array_equal(twin(x).numpy(), first)
    autograd.seed(4)
    a = nn.Dropout()(x).numpy()
    autograd.seed(4)
    assert_array_equal(nn.Dropout()(x).numpy(), a)


def test_dropout_passes_the_gradient_of_what_it_kept():
    x = Tensor(np.ones(20), requires_grad=True)
    y = nn.Dropout(0.5, rng=0)(x)
    y.sum().backward()
    assert_array_equal(x.grad.numpy(), y.numpy())


def test_dropout_replays_with_its_mask():
    w = Tensor(np.ones(20), requires_grad=True, name="w")
    y = nn.Dropout(0.5, rng=0)(w * 2)
    assert_array_equal(autograd.replay(y, {w: np.full(20, 3.0)}), 3 * y.numpy())


# Embedding


def test_embedding_gathers_rows_and_adds_up_gradients():
    layer = nn.Embedding(4, 2, rng=0).double()
    index = np.array([[1, 3], [1, 0]])
    y = layer(index)
    assert_array_equal(y.numpy(), layer.weight.numpy()[index])
    y.sum().backward()
    assert_array_equal(layer.weight.grad.numpy(), [[1, 1], [2, 2], [0, 0], [1, 1]])
    assert gradcheck(as_function(layer), index, layer.weight.numpy())


@pytest.mark.parametrize("padding", [1, -3])
def test_the_padding_row_is_zero_and_is_not_trained(padding):
    layer = nn.Embedding(4, 2, padding_idx=padding)
    assert layer.padding_idx == 1
    assert_array_equal(layer.weight.numpy()[1], [0, 0])
    layer(np.array([1, 2, 1])).sum().backward()
    assert_array_equal(layer.weight.grad.numpy(), [[0, 0], [0, 0], [1, 1], [0, 0]])


@pytest.mark.parametrize("index", [np.array([4]), np.array([-1]), np.array([0.5])])
def test_embedding_refuses_what_is_no_row(index):
    with pytest.raises(ArgumentError, match="integers from 0 to 3"):
        nn.Embedding(4, 2)(index)


# Containers


def test_sequential_by_name_slice_and_append():
    model = nn.Sequential({"first": nn.Linear(2, 3), "act": nn.ReLU()})
    assert list(model.state_dict()) == ["first.weight", "first.bias"]
    assert model[0] is model.first
    assert model[-1] is model.act
    assert list(model[:1].state_dict()) == ["first.weight", "first.bias"]
    model.append(nn.Linear(3, 1))
    assert len(model) == 3
    assert model(np.ones((4, 2), np.float32)).shape == (4, 1)
    model[2] = nn.Identity()
    assert model(np.ones((4, 2), np.float32)).shape == (4, 3)
    with pytest.raises(IndexError):
        model[3]


def test_sequential_takes_modules_only():
    with pytest.raises(ArgumentError, match=r"nn\.ReLU\(\), with brackets"):
        nn.Sequential(nn.Linear(1, 1), nn.ReLU)


def test_module_list_and_dict():
    layers = nn.ModuleList([nn.Linear(2, 2), nn.Linear(2, 2)]).extend([nn.Linear(2, 1)])
    assert len(list(layers.parameters())) == 6
    assert [layer.out_features for layer in layers] == [2, 2, 1]
    heads = nn.ModuleDict({"a": nn.Linear(2, 1)})
    heads["b"] = nn.Linear(2, 2)
    assert list(heads) == heads.keys() == ["a", "b"]
    assert heads["b"].out_features == 2
    assert "b" in heads
    del heads["a"]
    assert [name for name, _ in heads.items()] == ["b"]
    assert len(heads.values()) == 1
    with pytest.raises(ArgumentError, match="one of 'b'"):
        heads["c"]
    with pytest.raises(ArgumentError, match="doesn't use itself"):
        heads["keys"] = nn.ReLU()


def test_parameter_list_and_dict():
    class Net(nn.Module):
        def __init__(self):
            self.slopes = nn.ParameterList([np.ones(2, np.float32)])
            self.slopes.append(Tensor([1.0, 2.0])).extend([Parameter(np.zeros(3))])
            self.heads = nn.ParameterDict({"a": np.zeros(2)})
            self.heads["b"] = np.ones(3)

    net = Net()
    assert [(n, p.shape) for n, p in net.named_parameters()] == [
        ("slopes.0", (2,)), ("slopes.1", (2,)), ("slopes.2", (3,)), ("heads.a", (2,)), ("heads.b", (3,)),
    ]  # fmt: skip
    assert [p.name for p in net.parameters()] == [n for n, _ in net.named_parameters()]
    assert len(net.slopes) == 3
    assert [p.shape for p in net.slopes[1:]] == [(2,), (3,)]
    net.slopes[-1] = np.ones(4)
    net.slopes += [np.ones(5)]
    assert [p.shape for p in net.slopes] == [(2,), (2,), (4,), (5,)]
    assert list(net.heads) == net.heads.keys() == ["a", "b"]
    assert net.heads.pop("a").shape == (2,)
    assert net.heads.get("a") is None
    assert [(n, p.shape) for n, p in net.heads.items()] == [("b", (3,))]
    assert net.state_dict().keys() == {"slopes.0", "slopes.1", "slopes.2", "slopes.3", "heads.b"}
    with pytest.raises(ArgumentError, match="one of 'b'"):
        net.heads["c"]
    with pytest.raises(ArgumentError, match="one of 'b'"):
        del net.heads["c"]
    with pytest.raises(ArgumentError, match="doesn't use itself"):
        net.heads["keys"] = np.ones(2)
    for name in (5, ("a",), "a.b", ""):
        with pytest.raises(ArgumentError, match="a name without dots"):
            net.heads[name] = np.ones(2)
    assert net.heads.pop("z", None) is None
    net.heads.clear()
    assert not net.heads.values()
    net.slopes[0:2] = [np.ones(6), np.ones(7)]
    del net.slopes[1]
    net.slopes.append(np.ones(8))
    assert [(n, p.name, p.shape) for n, p in net.slopes.named_parameters()] == [
        (str(i), f"slopes.{i}", (n,)) for i, n in enumerate([6, 4, 5, 8])
    ]
    for index in ("0", 0.0, None):
        with pytest.raises(ArgumentError, match="a whole number or a slice"):
            net.slopes[index]
    with pytest.raises(IndexError, match="no index 4"):
        net.slopes[4]
    with pytest.raises(ArgumentError, match="2 for 1"):
        net.slopes[:1] = [np.ones(1), np.ones(1)]
    assert [p.shape for p in nn.ParameterList(np.zeros((2, 3)))] == [(3,), (3,)]
    assert {p.dtype for p in net.half().parameters()} == {np.dtype(np.float16)}


# Refusals


@pytest.mark.parametrize(
    ("build", "text"),
    [
        (lambda: nn.Linear(0, 3), "at least one of each"),
        (lambda: nn.Dropout(1.5), "a probability between 0 and 1"),
        (lambda: nn.Embedding(4, 2, padding_idx=4), "a row from 0 to 3"),
        (lambda: nn.GroupNorm(2, 3), "a number of groups that divides the channels"),
        (lambda: nn.GELU("exact")(1.0), "'none' or 'tanh'"),
        (lambda: nn.Softmax()(np.ones((2, 3, 4))), "the axis of the classes"),
        (lambda: nn.BatchNorm1d(3)(np.ones((2, 4), np.float32)), r"\(N, C\) or \(N, C, L\) with C = 3"),
        (lambda: nn.BatchNorm2d(3)(np.ones((2, 3), np.float32)), r"\(N, C, H, W\) with C = 3"),
        (lambda: nn.LayerNorm(3)(np.ones((2, 4), np.float32)), r"expected: \(…, 3\)"),
        (lambda: nn.PReLU(3)(np.ones((2, 4), np.float32)), "3 channels on axis 1"),
        (lambda: nn.Perceptron(2, weight=[1, 1, 1]), r"a weight of shape \(1, 2\)"),
    ],
)
def test_refusals(build, text):
    with pytest.raises(autograd.AutogradError, match=text):
        build()


def test_a_shape_that_does_not_fit_is_named_with_the_layer_and_its_weight():
    model = nn.Sequential(nn.Linear(8, 4), nn.ReLU(), nn.Linear(3, 1))
    with pytest.raises(ShapeError) as caught:
        model(np.ones((5, 8), np.float32))
    assert "in 2" in str(caught.value)
    assert "weight '2.weight' (1, 3) float32" in str(caught.value)


def test_float64_data_is_mentioned_once_by_name():
    model = nn.Sequential(nn.Linear(2, 2), nn.Tanh(), nn.Linear(2, 1))
    with pytest.warns(GradientWarning, match="Linear '0' has float32 parameters and was given float64 data") as caught:
        model(np.ones((3, 2)))
    assert len(caught) == 1
    model(np.ones((3, 2)))  # a second time would be an error here
    model.double()(np.ones((3, 2)))
