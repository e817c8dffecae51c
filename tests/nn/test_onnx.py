"""Every layer that exports gives in onnxruntime what it gives here; every other one is refused by name."""

import sys

import numpy as np
import pytest
from numpy.testing import assert_allclose

import autograd
import nn
from autograd import ArgumentError, MissingDependencyError, Tensor
from nn import functional as F
from tests.nn.fixtures.calls import LAYERS as FROZEN
from tests.nn.test_layers import LAYERS

onnxruntime = pytest.importorskip("onnxruntime", reason="onnx and onnxruntime aren't installed")
pytest.importorskip("onnx", reason="onnx and onnxruntime aren't installed")

MODELS = {name: (build, shape) for name, (build, shape, _) in LAYERS.items()} | {
    name: (lambda module=module: eval(module, {"nn": nn}), inputs["x"])
    for name, (module, call, inputs) in FROZEN.items()
    if call in ("m(x)", "m(3 * x)") and isinstance(inputs["x"], tuple)
}
REFUSED = {  # name → what its error says
    "ConvTranspose2d, dilated": "more padding of the output than its stride",
    "AdaptiveMaxPool2d": "windows of one length",
    "AdaptiveMaxPool3d": "windows of one length",
}


def run(proto, *inputs):
    session = onnxruntime.InferenceSession(proto.SerializeToString(), providers=["CPUExecutionProvider"])
    names = [given.name for given in session.get_inputs()]
    return session.run(None, dict(zip(names, inputs, strict=True)))


def prepared(name):
    build, shape = MODELS[name]
    model, rng = build().eval(), np.random.default_rng(0)
    for parameter in model.parameters():
        parameter.assign_(rng.normal(size=parameter.shape))
    return model, shape, rng


@pytest.mark.parametrize("name", sorted(MODELS.keys() - REFUSED.keys()))
def test_it_means_the_same_elsewhere(name):
    model, shape, rng = prepared(name)
    x = rng.uniform(-3, 3, shape).astype(np.float32)
    expected = model(x)
    expected = expected[0] if isinstance(expected, tuple) else expected
    assert_allclose(run(nn.onnx.export(model, x), x)[0], expected.numpy(), rtol=1e-4, atol=1e-5)


STEPS = {"GRU", "LSTM", "LSTM, long", "RNN"}  # their first axis is time, and each step is written out
FIXED = {"GRUCell, no state"}  # for one example without an axis for the batch


@pytest.mark.parametrize("name", sorted(MODELS.keys() - REFUSED.keys() - STEPS - FIXED))
def test_a_batch_may_be_longer_than_the_example(name):
    model, shape, rng = prepared(name)
    proto = nn.onnx.export(model, rng.uniform(-3, 3, shape).astype(np.float32))
    x = rng.uniform(-3, 3, (3 * shape[0], *shape[1:])).astype(np.float32)
    expected = model(x)
    expected = expected[0] if isinstance(expected, tuple) else expected
    assert_allclose(run(proto, x)[0], expected.numpy(), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", ["MultiheadAttention", "TransformerEncoderLayer"])
def test_attention_takes_batches_of_any_length(name):
    layer = getattr(nn, name)(8, 2, batch_first=True)
    attend = {"MultiheadAttention": lambda x: layer(x, x, x)[0], "TransformerEncoderLayer": layer}[name]

    class Model(nn.Module):
        def __init__(self):
            self.layer = layer

        def forward(self, x):
            return attend(x)

    model, rng = Model().eval(), np.random.default_rng(0)
    proto = nn.onnx.export(model, rng.normal(size=(2, 5, 8)).astype(np.float32))
    for n in (1, 2, 7):
        x = rng.normal(size=(n, 5, 8)).astype(np.float32)
        assert_allclose(run(proto, x)[0], model(x).numpy(), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", REFUSED)
def test_what_has_no_operator_is_refused_by_name(name):
    model, shape, _ = prepared(name)
    with pytest.raises(ArgumentError, match=REFUSED[name]) as caught:
        nn.onnx.export(nn.Sequential(nn.ReLU(), model), np.ones(shape, np.float32))
    assert f"in layer '1' ({name.partition(',')[0]})" in str(caught.value)


def test_a_file_of_a_whole_model_takes_batches_of_any_length(tmp_path):
    layers = [nn.Conv2d(1, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten()]
    model = nn.Sequential(*layers, nn.Dropout(), nn.Linear(4 * 9, 3), nn.Softmax(-1))
    nn.onnx.export(model, np.ones((2, 1, 6, 6), np.float32), tmp_path / "model.onnx")
    assert model.training  # as it was
    assert model[1].num_batches_tracked.item() == 0
    x = np.random.default_rng(0).normal(size=(5, 1, 6, 6)).astype(np.float32)
    session = onnxruntime.InferenceSession(tmp_path / "model.onnx", providers=["CPUExecutionProvider"])
    assert session.get_inputs()[0].shape == ["N", 1, 6, 6]
    assert_allclose(session.run(None, {"input": x})[0], model.eval()(x).numpy(), rtol=1e-5, atol=1e-6)


class Residual(nn.Module):
    """A forward of its own, with two inputs and two results."""

    def __init__(self):
        self.inner = nn.Linear(3, 3)

    def forward(self, a, b):
        y = a + F.relu(self.inner(b))[:, None, ::-1][:, 0]
        return y, autograd.stack([y, b[:, [2, 0, 0]]], axis=1).sum(axis=(1, -1))


def test_a_forward_of_ones_own():
    rng = np.random.default_rng(0)
    a, b = (rng.normal(size=(4, 3)).astype(np.float32) for _ in range(2))
    model = Residual()
    proto = nn.onnx.export(model, (a, b))
    assert [i.name for i in proto.graph.initializer][:2] == ["inner.weight", "inner.bias"]
    for found, expected in zip(run(proto, a, b), model(a, b), strict=True):
        assert_allclose(found, expected.numpy(), rtol=1e-5, atol=1e-6)


class Steered(nn.Module):
    """A model that looks at its input."""

    def forward(self, x):
        return x * (np.asarray(x.data if isinstance(x, Tensor) else x) > 0.5)


def test_a_model_that_values_steer_is_refused():
    with pytest.raises(ArgumentError, match="steps are the same for all inputs"):
        nn.onnx.export(Steered(), np.ones((2, 3), np.float32))


def test_integers_are_refused():
    with pytest.raises(ArgumentError, match="behind its embedding"):
        nn.onnx.export(nn.Embedding(3, 2), np.array([0, 1]))


def test_a_missing_package_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(MissingDependencyError) as caught:
        nn.onnx.export(nn.ReLU(), np.ones((1, 2), np.float32))
    assert str(caught.value) == (
        "in nn.onnx.export(model, example_input, path)\n"
        "  expected: the package onnx\n"
        "  got:      it isn't installed\n"
        "  to do:    pip install chaingrad[onnx]"
    )
