"""Small integers wrap around and halves overflow: what is computed from them must not."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

import autograd
import nn
from autograd import ShapeError, Tensor, grad

WHOLE = [np.int8, np.uint8, np.int16, np.uint16, np.int32, np.uint32, np.int64, np.uint64]


@pytest.mark.parametrize("dtype", WHOLE)
def test_labels_of_any_whole_dtype(dtype):
    logits = np.random.default_rng(0).normal(size=(3, 300))
    labels = np.array([0, 5, 100], dtype)
    assert_allclose(
        autograd.cross_entropy(logits, labels).item(), autograd.cross_entropy(logits, labels.tolist()).item()
    )
    if np.dtype(dtype).kind == "i":
        for wrong, shape in ((np.array([0, -1, 5], dtype), (3, 300)), (np.full((3, 2), -1, dtype), (3, 300, 2))):
            with pytest.raises(ShapeError, match="class indices lie in"):
                autograd.cross_entropy(np.zeros(shape), wrong)
            with pytest.raises(ShapeError, match="class indices lie in"):
                nn.CrossEntropyLoss()(np.zeros(shape), wrong)


@pytest.mark.parametrize("dtype", WHOLE)
def test_softmax_and_means_of_whole_numbers(dtype):
    x = np.array([[3, 100, 120, 110]], dtype)
    for f in (autograd.softmax, autograd.log_softmax, autograd.standardize):
        assert_allclose(f(x).numpy(), f(x.astype(float)).numpy())
    assert_allclose(autograd.cross_entropy(x, np.array([1])).numpy(), 20.0000454)


def test_mean_of_truths():
    assert_allclose(autograd.standardize(np.array([[True, False, True, True]])).numpy()[0, 1], -1.732, atol=1e-3)


@pytest.mark.parametrize("dtype", [*WHOLE, lambda o: np.array([o], np.uint8)])
@pytest.mark.parametrize("name", ["jv", "yv", "iv", "ive", "kv"])
def test_orders_of_any_whole_dtype(name, dtype):
    f = getattr(autograd, name)
    assert_allclose(grad(lambda x: f(dtype(0), x).sum())(1.5), grad(lambda x: f(0, x))(1.5))


def test_other_counts_of_any_whole_dtype():
    for dtype in WHOLE:
        assert_allclose(grad(lambda q, d=dtype: autograd.zeta(d(2), q))(1.5), -0.8287966442)
        assert_allclose(autograd.multigammaln(20.0, dtype(20)).item(), 631.6881948)
        assert_allclose(autograd.polygamma(dtype(3), 1.5).item(), autograd.polygamma(3, 1.5).item())
    assert autograd.jv(np.uint8(1), np.float32([1.5])).dtype == np.float32


def test_half_precision_is_normalised():
    rng = np.random.default_rng(0)
    layer = nn.BatchNorm2d(1).half()
    y = layer(rng.normal(size=(90, 1, 28, 28)).astype(np.float16))  # more entries than a half can count
    assert y.dtype == np.float16
    assert_allclose(y.numpy().astype(float).std(), 1, rtol=1e-2)
    assert np.isfinite(layer.running_var.numpy()).all()
    x = Tensor((20 * rng.normal(size=(1, 300))).astype(np.float16), requires_grad=True)
    (nn.LayerNorm(300).half()(x) ** 3).sum().backward()
    wide = Tensor(x.numpy().astype(float), requires_grad=True)
    (nn.LayerNorm(300).double()(wide) ** 3).sum().backward()
    assert x.grad.dtype == np.float16
    assert_allclose(x.grad.numpy(), wide.grad.numpy(), atol=0.02)
