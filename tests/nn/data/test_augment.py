import sys

import numpy as np
import pytest
from scipy import ndimage

from autograd import ArgumentError, MissingDependencyError, ShapeError
from nn.data import AddNoise, Compose, DataLoader, RandomFlip, RandomRotation, RandomScale, RandomShift, TensorDataset
from nn.data.augment import _warp

ALL = [RandomShift(2), RandomRotation(20), RandomScale(0.8, 1.2), AddNoise(0.1), RandomFlip(0.5)]
ALL.append(Compose(*ALL))


def images(dtype=np.float32, shape=(6, 9, 9)):
    return (np.random.default_rng(0).random(shape) * 255).astype(dtype)


@pytest.mark.parametrize("change", ALL, ids=str)
@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.uint8])
def test_shape_dtype_and_seed(change, dtype):
    before = images(dtype)
    after = change(before, rng=1)
    assert (after.shape, after.dtype) == (before.shape, before.dtype)
    np.testing.assert_array_equal(change(before, rng=1), after)
    assert (change(before, rng=2) != after).any() or dtype == np.uint8
    np.testing.assert_array_equal(before, images(dtype))  # the originals stay


@pytest.mark.parametrize("change", ALL, ids=str)
def test_channels_share_the_change_of_their_image(change):
    if isinstance(change, (AddNoise, Compose)):
        return
    grey = images(shape=(4, 9, 9))
    colour = np.repeat(grey[:, None], 3, axis=1)
    np.testing.assert_array_equal(change(colour, rng=3)[:, 1], change(grey, rng=3))


def test_a_shift_by_whole_pixels_moves_the_picture():
    one = np.zeros((1, 5, 5))
    one[0, 2, 2] = 1
    moved = _warp(one, np.eye(2)[None], np.array([[-1.0, 2.0]]))  # read from above right: goes down left
    assert np.argwhere(moved[0]).tolist() == [[3, 0]]


def test_a_quarter_turn_is_exact():
    one = images(np.float64, (1, 5, 5))
    turn = np.array([[[0.0, -1.0], [1.0, 0.0]]])
    np.testing.assert_allclose(_warp(one, turn)[0], np.rot90(one[0], -1), atol=1e-10)


def test_a_rotation_is_scipys():
    before = images(np.float64)
    angles = np.random.default_rng(3).uniform(-20, 20, len(before))
    expected = [
        ndimage.rotate(image, -angle, reshape=False, order=1) for image, angle in zip(before, angles, strict=True)
    ]
    np.testing.assert_allclose(RandomRotation(20)(before, rng=3), expected, atol=1e-9)


def test_rotation_and_scale_leave_the_middle():
    one = np.zeros((20, 9, 9))
    one[:, 4, 4] = 1
    for change in (RandomRotation(180), RandomScale(0.5, 2.0)):
        np.testing.assert_allclose(change(one, rng=0)[:, 4, 4], 1, atol=1e-12)


def test_scale_enlarges_about_the_middle():
    square = np.zeros((1, 21, 21))
    square[0, 8:13, 8:13] = 1
    assert RandomScale(2.0, 2.0)(square, rng=0).sum() == pytest.approx(4 * square.sum(), rel=0.1)


def test_flips():
    before = images()
    np.testing.assert_array_equal(RandomFlip(1.0)(before), before[:, :, ::-1])
    np.testing.assert_array_equal(RandomFlip(1.0, axis=-2)(before), before[:, ::-1])
    np.testing.assert_array_equal(RandomFlip(0.0)(before), before)
    flipped = (RandomFlip(0.5)(images(shape=(400, 2, 2)), rng=0) != images(shape=(400, 2, 2))).any(axis=(1, 2))
    assert 150 < flipped.sum() < 250


def test_in_a_loader():
    loader = DataLoader(TensorDataset(images(), np.arange(6)), 2, rng=0, transform=RandomShift(1))
    assert [x.shape for x, _ in loader] == [(2, 9, 9)] * 3


def test_misuse_is_named():
    with pytest.raises(ShapeError, match=r"\(9, 9\)"):
        RandomShift(1)(np.zeros((9, 9)))
    with pytest.raises(ArgumentError, match="pixels above 0"):
        RandomShift(0)
    with pytest.raises(ArgumentError, match="low ≤ high"):
        RandomScale(2, 1)
    with pytest.raises(ArgumentError, match="axis=0"):
        RandomFlip(0.5, axis=0)


def test_without_scipy_it_says_so(monkeypatch):
    monkeypatch.setitem(sys.modules, "scipy", None)
    with pytest.raises(MissingDependencyError, match="pip install"):
        RandomShift(1)(np.zeros((1, 9, 9)))
