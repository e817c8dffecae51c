"""Dropouts of every kind, random activations, resizing and rearranging: what chance must keep, inverses, refusals."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import autograd
import nn
from autograd import Tensor, gradgradcheck
from nn import functional as F

RNG = np.random.default_rng(0)
CHANNELS = {"1d": (50, 40, 3), "2d": (50, 40, 3, 2), "3d": (50, 40, 3, 2, 2)}


@pytest.mark.parametrize("axes", CHANNELS)
def test_dropout_of_channels_drops_them_whole(axes):
    layer = getattr(nn, f"Dropout{axes}")(0.25, rng=0)
    y = layer(np.ones(CHANNELS[axes], np.float32)).numpy()
    flat = y.reshape(50, 40, -1)
    assert (flat == flat[..., :1]).all()
    assert set(np.unique(y)) == {np.float32(0), np.float32(4 / 3)}
    assert_allclose(y.mean(), 1, atol=0.03)
    alone = getattr(F, f"dropout{axes}")(np.ones(CHANNELS[axes][1:]), rng=0).numpy().reshape(40, -1)
    assert (alone == alone[:, :1]).all()
    assert_array_equal(layer.eval()(y).numpy(), y)


@pytest.mark.parametrize(("kind", "shape"), [(nn.AlphaDropout, (300, 400)), (nn.FeatureAlphaDropout, (300, 400, 1))])
def test_alpha_dropout_keeps_mean_and_variance(kind, shape):
    x = RNG.normal(size=shape)
    y = kind(0.3, rng=0)(x).numpy()
    assert_allclose([y.mean(), y.var()], [0, 1], atol=0.02)
    assert_array_equal(kind(0.3).eval()(x).numpy(), x)
    assert (kind(1.0)(x).numpy() == 0).all()


def test_alpha_dropout_of_features_drops_channels_whole():
    y = nn.FeatureAlphaDropout(0.5, rng=0)(np.zeros((20, 10, 3))).numpy()
    assert (y == y[..., :1]).all()
    assert len(np.unique(y)) == 2


def test_the_slopes_of_rrelu_are_drawn_between_the_bounds_in_training():
    x = np.full(1000, -1.0)
    slopes = -nn.RReLU(0.1, 0.3, rng=0)(x).numpy()
    assert 0.1 <= slopes.min() < 0.11 < 0.29 < slopes.max() < 0.3
    t = Tensor(x, requires_grad=True)
    y = F.rrelu(t, 0.1, 0.3, training=True, rng=0)
    y.sum().backward()
    assert_array_equal(t.grad.numpy(), -y.numpy())


def test_gumbel_softmax_samples_by_the_probabilities():
    logits = np.log(np.broadcast_to([0.1, 0.3, 0.6], (20_000, 3)))
    hard = F.gumbel_softmax(logits, hard=True, rng=0).numpy()
    assert set(np.unique(hard)) == {0.0, 1.0}
    assert_allclose(hard.mean(0), [0.1, 0.3, 0.6], atol=0.015)
    soft, t = F.gumbel_softmax(logits[:5], tau=0.5, rng=1), Tensor(logits[:5], requires_grad=True)
    assert_allclose(soft.numpy().sum(1), np.ones(5))
    (F.gumbel_softmax(t, tau=0.5, hard=True, rng=1) * [1.0, 2.0, 3.0]).sum().backward()
    straight = autograd.grad(lambda t: (F.gumbel_softmax(t, tau=0.5, rng=1) * [1.0, 2.0, 3.0]).sum())(logits[:5])
    assert_allclose(t.grad.numpy(), straight)


def test_inverses_undo_each_other():
    x = RNG.normal(size=(2, 3, 4, 6))
    assert_array_equal(F.pixel_shuffle(F.pixel_unshuffle(x, 2), 2).numpy(), x)
    assert_array_equal(F.channel_shuffle(F.channel_shuffle(x.reshape(2, 6, 12), 2), 3).numpy(), x.reshape(2, 6, 12))
    assert_array_equal(nn.Flatten(1, 2)(nn.Unflatten(1, (3, -1))(x.reshape(2, 12, 6))).numpy(), x.reshape(2, 12, 6))


def test_padding_is_numpys():
    x = RNG.normal(size=(1, 2, 3, 4))
    for mode, theirs in [("constant", "constant"), ("reflect", "reflect"), ("replicate", "edge"), ("circular", "wrap")]:
        expected = np.pad(x, [(0, 0), (0, 0), (2, 1), (3, 2)], theirs)
        assert_array_equal(F.pad(x, (3, 2, 2, 1), mode).numpy(), expected)


def test_resizing_to_the_same_size_changes_nothing():
    x = RNG.normal(size=(1, 2, 3, 4))
    for mode in ("nearest", "nearest-exact", "bilinear", "bicubic", "area"):
        assert_array_equal(F.interpolate(x, (3, 4), mode=mode).numpy(), x)
    unmoved = F.affine_grid(np.eye(2, 3)[None], (1, 2, 3, 4))
    assert_allclose(F.grid_sample(x, unmoved).numpy(), x, atol=1e-14)


def test_linear_interpolation_of_a_line_is_the_line():
    line = np.arange(5.0)[None, None]
    wide = F.interpolate(line, 9, mode="linear", align_corners=True).numpy()
    assert_allclose(wide[0, 0], np.linspace(0, 4, 9))


def test_the_older_names_of_interpolate():
    x = RNG.normal(size=(1, 2, 3, 4))
    assert_array_equal(F.upsample_nearest(x, scale_factor=2).numpy(), F.interpolate(x, (6, 8)).numpy())
    corners = F.interpolate(x, (5, 5), mode="bilinear", align_corners=True).numpy()
    assert_array_equal(F.upsample_bilinear(x, 5).numpy(), corners)
    assert_array_equal(F.upsample(x, 5, mode="bilinear", align_corners=True).numpy(), corners)


def test_the_norm_of_nothing_has_a_derivative_of_nothing():
    for f in (lambda x: F.pairwise_distance(x, x, eps=0.0), F.pdist, lambda x: F.pdist(x, 3.0)):
        x = Tensor(np.zeros((2, 3)), requires_grad=True)
        f(x).sum().backward()
        assert_array_equal(x.grad.numpy(), np.zeros((2, 3)))
    x = Tensor(np.zeros((1, 3)), requires_grad=True)
    F.cosine_similarity(x, np.ones((1, 3))).sum().backward()
    assert np.isfinite(x.grad.numpy()).all()


def test_an_empty_bag_is_zeros():
    table = RNG.normal(size=(4, 2))
    for mode in ("sum", "mean", "max"):
        found = F.embedding_bag(np.array([1, 2]), table, np.array([0, 0]), mode=mode).numpy()
        assert_array_equal(found[0], [0, 0])
        assert_allclose(found[1], {"sum": np.sum, "mean": np.mean, "max": np.max}[mode](table[1:3], axis=0))


@pytest.mark.parametrize(
    "f",
    [
        F.hardswish, F.softsign, F.celu, F.glu, F.normalize, lambda x: F.local_response_norm(x[None], 3),
        lambda x: F.triplet_margin_loss(x, x + 1, 2 * x, 5.0),
        lambda x: F.grid_sample(x[None, None], 0.3 * x[None, :, :2, None] * np.ones(2)),
    ],
    ids=["hardswish", "softsign", "celu", "glu", "normalize", "response norm", "triplet", "grid"],
)  # fmt: skip
def test_second_derivatives(f):
    x = RNG.uniform(0.2, 0.9, (3, 4)) * np.sign(RNG.normal(size=(3, 4)))
    assert gradgradcheck(f, x)


@pytest.mark.parametrize(
    ("build", "text"),
    [
        (lambda: nn.Dropout2d(1.5), r"Dropout2d\(p\)"),
        (lambda: F.dropout2d(np.ones((2, 3))), r"\(N, C, H, W\) or \(C, H, W\)"),
        (lambda: F.alpha_dropout([1.0], p=-0.1), "a probability between 0 and 1"),
        (lambda: F.feature_alpha_dropout([1.0]), r"\(N, C, …\)"),
        (lambda: nn.Bilinear(0, 1, 1), "at least one of each"),
        (lambda: nn.Bilinear(2, 3, 1)(np.ones((1, 2)), np.ones((1, 2))), r"\(…, in1\), \(…, in2\)"),
        (lambda: nn.Unflatten(1, (3, 3))(np.ones((2, 8))), "9 entries along axis 1"),
        (lambda: nn.Unflatten(2, (3, 3))(np.ones((2, 8))), "entries along axis 2"),
        (lambda: nn.Unflatten(1, (-1, -1))(np.ones((2, 8))), "entries along axis 1"),
        (lambda: nn.Softmax2d()(np.ones((2, 3))), r"\(N, C, H, W\)"),
        (lambda: nn.BatchNorm3d(3)(np.ones((2, 3, 2, 2), np.float32)), r"\(N, C, D, H, W\)"),
        (lambda: nn.RMSNorm(3)(np.ones((2, 4), np.float32)), r"\(…, 3\)"),
        (lambda: nn.LocalResponseNorm(2)(np.ones((2, 4))), r"\(N, C, …\)"),
        (lambda: F.softshrink([1.0], -1.0), "lambd ≥ 0"),
        (lambda: F.glu(np.ones((2, 3))), "an even length"),
        (lambda: F.pdist(np.ones(3)), r"rows \(N, M\)"),
        (lambda: F.pad(np.ones(3), (1,)), "two numbers for each axis"),
        (lambda: F.pad(np.ones(3), (1, 1), "mirror"), "'constant', 'reflect'"),
        (lambda: F.pad(np.ones(3), (3, 0), "reflect"), "from 0 to 2 entries"),
        (lambda: F.pad(np.ones(3), (-2, -2)), "entries that are left"),
        (lambda: F.interpolate(np.ones((1, 1, 3)), 2, mode="bilinear"), "of 4 axes"),
        (lambda: F.interpolate(np.ones((1, 1, 3)), 2, mode="sinc"), "one of 'nearest'"),
        (lambda: F.interpolate(np.ones((1, 1, 3))), "size or scale_factor"),
        (lambda: F.interpolate(np.ones((1, 1, 3)), (2, 2)), "one number, or 1"),
        (lambda: F.interpolate(np.ones((1, 1, 3)), 2, align_corners=True), "leave them out"),
        (lambda: F.interpolate(np.ones((1, 1, 3)), scale_factor=0.1), "at least one entry"),
        (lambda: F.pixel_shuffle(np.ones((6, 2, 2)), 2), "a multiple of 4"),
        (lambda: F.pixel_unshuffle(np.ones((6, 3, 2)), 2), "multiples of 2"),
        (lambda: F.channel_shuffle(np.ones((6, 3, 2)), 2), "a multiple of 2"),
        (lambda: F.affine_grid(np.ones((1, 2, 3)), (1, 1, 2)), "theta"),
        (lambda: F.grid_sample(np.ones((1, 1, 2, 2)), np.ones((1, 2, 2, 3))), "grid"),
        (lambda: F.grid_sample(np.ones((1, 1, 2, 2)), np.ones((1, 2, 2, 2)), "cubic"), "'bicubic'"),
        (lambda: F.grid_sample(np.ones((1, 1, 2, 2, 2)), np.ones((1, 2, 2, 2, 3)), "bicubic"), "for volumes"),
        (lambda: F.embedding_bag(np.array([1]), np.ones((2, 2))), r"bags \(B, n\)"),
        (lambda: F.embedding_bag(np.array([[1]]), np.ones((2, 2)), mode="min"), "'sum', 'mean' or 'max'"),
        (lambda: F.hinge_loss([1.0, 2.0], [1.0]), "arrays of one shape"),
        (lambda: F.margin_ranking_loss([1.0], [2.0], [1.0, 1.0]), "a loss never broadcasts"),
        (lambda: F.cosine_embedding_loss(np.ones((2, 3)), np.ones((2, 3)), [1]), r"inputs \(N, D\)"),
        (lambda: F.triplet_margin_loss([[1.0]], [[1.0]], [[1.0]], margin=0.0), "margin > 0"),
        (lambda: F.multi_margin_loss(np.ones((2, 3)), np.array([0, 3])), r"class indices in 0\.\.2"),
        (lambda: F.multi_margin_loss(np.ones((2, 3)), np.array([0])), r"\(N, C\) and class indices"),
        (lambda: F.multi_margin_loss(np.ones((2, 3)), np.array([0, 1]), p=3), "p = 1 or 2"),
        (lambda: F.multi_margin_loss(np.ones((2, 3)), np.array([0, 1]), weight=[1.0]), "one weight for each of 3"),
        (lambda: F.multilabel_margin_loss(np.ones((2, 3)), np.array([0, 1])), "fill the labels up"),
        (lambda: F.gaussian_nll_loss([[1.0, 2.0]], [[1.0, 2.0]], [[1.0, 2.0, 3.0]]), "a variance for each entry"),
        (lambda: F.gaussian_nll_loss([1.0], [1.0], [-1.0]), "variances ≥ 0"),
        (lambda: F.mse_loss([1.0], [1.0], weight=[1.0, 2.0]), "one weight for each entry"),
    ],
)
def test_refusals(build, text):
    with pytest.raises(autograd.AutogradError, match=text):
        build()
