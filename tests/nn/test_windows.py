"""Convolution and pooling against their definitions, position by position; their layers' starts, sizes and refusals."""

import itertools

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import autograd
import nn
from autograd import ArgumentError, ShapeError, Tensor
from nn import functional as F


def padded(x, padding, value=0.0):
    return np.pad(x, [(0, 0), (0, 0), *((p, p) for p in padding)], constant_values=value)


def places(shape, kernel, stride, dilation):
    """Return for each window its position and the indices of its entries."""
    out = [(n - d * (k - 1) - 1) // s + 1 for n, k, s, d in zip(shape, kernel, stride, dilation, strict=True)]
    for position in np.ndindex(*out):
        taps = itertools.product(*(range(k) for k in kernel))
        yield (
            position,
            [tuple(p * s + t * d for p, s, t, d in zip(position, stride, tap, dilation, strict=True)) for tap in taps],
        )


def conv(x, weight, bias, stride, padding, dilation, groups):
    wide, entries = padded(x, padding), weight.reshape(*weight.shape[:2], -1)
    share, found = len(weight) // groups, {}
    for position, taps in places(wide.shape[2:], weight.shape[2:], stride, dilation):
        window = np.stack([wide[(slice(None), slice(None), *tap)] for tap in taps], -1)  # (N, C, taps)
        for o in range(len(weight)):
            first = o // share * weight.shape[1]
            chosen = window[:, first : first + weight.shape[1]]
            found[(o, *position)] = (chosen * entries[o]).sum((1, 2)) + bias[o]
    shape = tuple(n + 1 for n in max(found))
    return np.moveaxis(np.array([found[i] for i in np.ndindex(*shape)]).reshape(*shape, len(x)), -1, 0)


GRIDS = [(1, 0, 1, 1), (1, 1, 1, 1), (2, 1, 1, 1), (1, 2, 2, 2), (3, 2, 1, 2), (2, 0, 2, 4)]


@pytest.mark.parametrize("rank", [1, 2, 3])
@pytest.mark.parametrize(("stride", "padding", "dilation", "groups"), GRIDS)
def test_convolution_is_its_definition(rank, stride, padding, dilation, groups):
    rng = np.random.default_rng(rank)
    x = rng.normal(size=(3, 4, *(8, 6, 5)[:rank]))
    weight = rng.normal(size=(8, 4 // groups, *(3, 2, 3)[:rank]))
    bias = rng.normal(size=8)
    each = [(n,) * rank for n in (stride, padding, dilation)]
    f = getattr(autograd, f"conv{rank}d")
    found = f(x, weight, bias, stride, padding, dilation, groups).numpy()
    assert_allclose(found, conv(x, weight, bias, *each, groups), rtol=1e-12, atol=1e-12)
    back = getattr(autograd, f"conv_transpose{rank}d")
    for more in range(stride):  # ⟨convᵀ z, u⟩ = ⟨z, conv u⟩
        z = rng.normal(size=found.shape)
        y = back(z, weight, None, stride, padding, more, groups, dilation).numpy()
        u = rng.normal(size=y.shape)
        assert_allclose((y * u).sum(), (z * f(u, weight, None, stride, padding, dilation, groups).numpy()).sum())


def test_many_images_are_taken_in_chunks(monkeypatch):
    rng = np.random.default_rng(0)
    x, weight = rng.normal(size=(7, 2, 6, 5)), rng.normal(size=(3, 2, 3, 3))

    def everything(stride):
        leaves = [Tensor(x, requires_grad=True), Tensor(weight, requires_grad=True)]
        y = autograd.conv2d(*leaves, stride=stride, padding=1)
        (y * y).sum().backward()
        return [y.numpy(), *(leaf.grad.numpy() for leaf in leaves)]

    whole = [everything(1), everything(2)]
    monkeypatch.setattr("autograd.primitives.columns.ENTRIES", 2 * 18 * 42)
    for expected, found in zip(whole, [everything(1), everything(2)], strict=True):
        for a, b in zip(expected, found, strict=True):
            assert_allclose(a, b, rtol=1e-12, atol=1e-12)


def test_no_images_and_what_lies_across_an_edge():
    assert autograd.conv2d(np.ones((0, 2, 4, 4)), np.ones((3, 2, 3, 3))).shape == (0, 3, 2, 2)
    x = np.zeros((2, 1, 3, 3))
    x[0, 0, 0, 2] = x[1, 0, 0, 0] = 1.0  # the end of a line is no neighbour of the next one's start
    y = autograd.conv2d(x, np.ones((1, 1, 1, 3)), padding=(0, 1)).numpy()
    assert_array_equal(y[:, 0].sum((1, 2)), [2, 2])
    assert_array_equal(y[0, 0], [[0, 1, 1], [0, 0, 0], [0, 0, 0]])


@pytest.mark.parametrize("rank", [1, 2, 3])
@pytest.mark.parametrize(("kernel", "stride", "padding", "dilation"), [(2, 2, 0, 1), (3, 1, 1, 1), (2, 1, 1, 2)])
def test_pooling_is_its_definition(rank, kernel, stride, padding, dilation):
    x = np.random.default_rng(0).normal(size=(2, 3, *(7, 6, 5)[:rank]))
    each = [(n,) * rank for n in (kernel, stride, dilation)]
    y, index = getattr(F, f"max_pool{rank}d")(x, kernel, stride, padding, dilation, return_indices=True)
    wide = padded(x, (padding,) * rank, -np.inf)
    for position, taps in places(wide.shape[2:], *each):
        window = np.stack([wide[(slice(None), slice(None), *tap)] for tap in taps], -1)
        assert_array_equal(y.numpy()[(slice(None), slice(None), *position)], window.max(-1))
    flat = x.reshape(2, 3, -1)
    assert_array_equal(np.take_along_axis(flat, index.numpy().reshape(2, 3, -1), -1).reshape(y.shape), y.numpy())
    if dilation == 1:
        mean = getattr(F, f"avg_pool{rank}d")(x, kernel, stride, padding).numpy()
        for position, taps in places(wide.shape[2:], *each):
            zeros = padded(x, (padding,) * rank)
            window = np.stack([zeros[(slice(None), slice(None), *tap)] for tap in taps], -1)
            assert_allclose(mean[(slice(None), slice(None), *position)], window.mean(-1))


def test_conventions_of_max_pooling():
    x = Tensor(np.ones((1, 1, 2, 2)), requires_grad=True)
    F.max_pool2d(x, 2).sum().backward()
    assert_array_equal(x.grad.numpy()[0, 0], [[1, 0], [0, 0]])  # PyTorch's: the first of those that tie
    low = np.full((1, 1, 2, 2), -np.inf)
    y, index = F.max_pool2d(low, 2, 1, 1, return_indices=True)
    assert (y.numpy() == -np.inf).all()
    assert index.numpy().min() >= 0  # never the padding
    holes = np.array([[[1.0, np.nan, 3.0, 4.0]]])
    assert_array_equal(F.max_pool1d(holes, 2).numpy(), [[[np.nan, 4.0]]])
    y = Tensor([[0.0, 0.0, 3.0, 4.0]], requires_grad=True)
    F.lp_pool1d(y[None], 2, 2).sum().backward()
    assert_allclose(y.grad.numpy(), [[0, 0, 0.6, 0.8]])


def test_pooling_the_whole_image_is_its_mean_and_largest():
    x = np.random.default_rng(0).normal(size=(2, 3, 5, 4))
    assert_allclose(F.adaptive_avg_pool2d(x, 1).numpy()[..., 0, 0], x.mean((2, 3)))
    assert_array_equal(F.adaptive_max_pool2d(x, 1).numpy()[..., 0, 0], x.max((2, 3)))
    y, index = F.adaptive_max_pool2d(x, (2, 3), return_indices=True)
    assert_array_equal(
        np.take_along_axis(x.reshape(2, 3, -1), index.numpy().reshape(2, 3, -1), -1).ravel(), y.numpy().ravel()
    )


@pytest.mark.parametrize("kind", [nn.Conv2d, nn.ConvTranspose2d])
def test_layers_start_as_in_pytorch(kind):
    layer = kind(8, 12, (3, 5), groups=2, rng=0)
    bound = 1 / np.sqrt(layer.weight.shape[1] * 15)
    for tensor in (layer.weight, layer.bias):
        assert 0.7 * bound < abs(tensor.numpy()).max() <= bound
    assert_allclose(layer.weight.numpy().std(), bound / np.sqrt(3), rtol=0.05)
    assert_array_equal(layer.weight.numpy(), kind(8, 12, (3, 5), groups=2, rng=0).weight.numpy())


def test_multiply_adds():
    model = nn.Sequential(nn.Conv2d(4, 6, 3, padding=1, groups=2), nn.ConvTranspose2d(6, 2, 2, stride=2, bias=False))
    rows = model.summary((4, 5, 5)).rows
    assert [row.multiply_adds for row in rows[1:]] == [6 * 25 * 2 * 9, 6 * 25 * 2 * 4]
    assert [row.output for row in rows[1:]] == [(6, 5, 5), (2, 10, 10)]


def test_refusals():
    with pytest.raises(ArgumentError, match="channels that groups divides"):
        nn.Conv2d(3, 4, 3, groups=2)
    with pytest.raises(ArgumentError, match="numbers from 1"):
        nn.Conv1d(0, 4, 3)
    with pytest.raises(ArgumentError, match="'zeros', 'reflect', 'replicate', 'circular'"):
        nn.Conv2d(3, 4, 3, padding_mode="mirror")
    with pytest.raises(ShapeError, match="takes 3 channels"):
        nn.Conv2d(3, 4, 3)(np.ones((1, 2, 8, 8), np.float32))
    with pytest.raises(ShapeError, match="a window of 3 doesn't fit an axis of 2"):
        nn.Conv2d(3, 4, 3)(np.ones((1, 3, 2, 8), np.float32))
    with pytest.raises(ShapeError, match="'same' where stride is 1"):
        autograd.conv1d(np.ones((1, 1, 4)), np.ones((1, 1, 2)), stride=2, padding="same")
    with pytest.raises(ShapeError, match="at most half of kernel_size"):
        nn.MaxPool2d(2, padding=2)(np.ones((1, 1, 4, 4)))
    with pytest.raises(ShapeError, match="output_padding is smaller than stride or dilation"):
        nn.ConvTranspose1d(1, 1, 2, output_padding=1)(np.ones((1, 1, 4), np.float32))
    with pytest.raises(ArgumentError, match="a number, or 2 of them"):
        F.adaptive_avg_pool2d(np.ones((1, 1, 4, 4)), (1, 2, 3))


def test_a_wrong_shape_is_explained():
    with pytest.raises(ShapeError) as caught:
        autograd.conv2d(np.ones((1, 2, 8, 8)), np.ones((4, 3, 3, 3)))
    assert str(caught.value) == (
        "in conv2d(x, weight, bias)\n"
        "  expected: x (N, in, H, W), weight (out, in/groups, …), bias (out,)\n"
        "  got:      x (1, 2, 8, 8) float64, weight (4, 3, 3, 3) float64, bias None "
        "(this weight with groups=1 takes 3 channels)\n"
        "  to do:    compare the arguments with help(autograd.conv2d)"
    )


# One number in brackets, one image, and axes that stay: shapes and numbers are those of PyTorch 2.13

RAMP = np.arange(210, dtype=np.float32).reshape(2, 3, 5, 7) / 10


@pytest.mark.parametrize(
    ("call", "shape"),
    [
        (lambda x: F.adaptive_avg_pool2d(x, 2), (2, 3, 2, 2)),
        (lambda x: F.adaptive_avg_pool2d(x, (None, 2)), (2, 3, 5, 2)),
        (lambda x: F.adaptive_max_pool2d(x, (2, None)), (2, 3, 2, 7)),
        (lambda x: F.adaptive_avg_pool2d(x, 0), (2, 3, 0, 0)),
        (lambda x: F.adaptive_avg_pool2d(x[0], (2, None)), (3, 2, 7)),
        (lambda x: F.avg_pool2d(x, 2, padding=(1,)), (2, 3, 3, 4)),
        (lambda x: F.avg_pool2d(x, (2,)), (2, 3, 2, 3)),
        (lambda x: F.avg_pool2d(x, 3, stride=(2,)), (2, 3, 2, 3)),
        (lambda x: F.max_pool2d(x, 2, padding=(1,)), (2, 3, 3, 4)),
        (lambda x: F.max_pool2d(x, (2,), dilation=(1,)), (2, 3, 2, 3)),
        (lambda x: F.max_pool2d(x[0], 2), (3, 2, 3)),
        (lambda x: F.avg_pool1d(x[0, 0], 2), (5, 3)),
        (lambda x: F.conv2d(x, np.ones((4, 3, 3, 3), np.float32), stride=(2,)), (2, 4, 2, 3)),
        (lambda x: F.conv2d(x, np.ones((4, 3, 3, 3), np.float32), padding=(1,)), (2, 4, 5, 7)),
        (lambda x: F.conv2d(x[0], np.ones((4, 3, 3, 3), np.float32), padding=1), (4, 5, 7)),
        (lambda x: F.conv1d(x[0, 0], np.ones((2, 5, 3), np.float32)), (2, 5)),
        (lambda x: F.conv_transpose2d(x[0], np.ones((3, 2, 2, 2), np.float32), stride=2), (2, 10, 14)),
        (nn.Conv2d(3, 4, 3, padding=(1,), padding_mode="circular"), (2, 4, 5, 7)),
        (nn.AvgPool2d(2, padding=(1,)), (2, 3, 3, 4)),
        (nn.MaxPool2d(3, stride=(2,)), (2, 3, 2, 3)),
    ],
)
def test_one_number_in_brackets_one_image_and_axes_that_stay(call, shape):
    assert call(RAMP).shape == shape


def test_the_numbers_of_one_in_brackets_and_of_an_axis_that_stays():
    assert F.avg_pool2d(RAMP, 2, padding=(1,)).sum().item() == 548.625
    assert_allclose(
        F.adaptive_avg_pool2d(RAMP, (None, 2))[0, 0].numpy(),
        [[0.15, 0.45], [0.85, 1.15], [1.55, 1.85], [2.25, 2.55], [2.95, 3.25]],
        rtol=1e-6,
    )
    assert_array_equal(F.max_pool2d(RAMP[0], 2).numpy(), F.max_pool2d(RAMP, 2).numpy()[0])


def test_the_windows_of_one_image_are_pytorchs():
    x = np.random.default_rng(0).normal(size=(3, 4, 5))
    for kernel in (2, (2, 2)):
        assert_array_equal(F.unfold(x, kernel).numpy(), F.unfold(x[None], kernel)[0].numpy())
        assert nn.Unfold(kernel)(x).shape == (12, 12)
    assert F.unfold(x, (2,)).shape == (3, 8, 4)  # signals, by a kernel of one number
