"""The digits that ship with the package."""

import numpy as np
import pytest

from autograd.cli.digits import FILE, load_digits, split
from autograd.errors import AutogradError


def test_all_digits_are_there():
    digits = load_digits()
    assert digits.images.shape == (1797, 8, 8)
    assert digits.images.dtype == np.uint8
    assert digits.images.max() == 16
    assert np.bincount(digits.labels).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    assert digits.images[0, 2].tolist() == [0, 3, 15, 2, 0, 11, 8, 0]


def test_a_split_keeps_every_digit_once_and_the_share_of_each_label():
    digits = load_digits()
    train, test = split(digits)
    together = np.concatenate([train.images, test.images]).reshape(1797, 64)
    np.testing.assert_array_equal(np.unique(together, axis=0), np.unique(digits.images.reshape(1797, 64), axis=0))
    assert len(together) == 1797
    assert np.bincount(test.labels).tolist() == [36, 36, 35, 37, 36, 36, 36, 36, 35, 36]
    order = np.lexsort(together.T)
    known = np.lexsort(digits.images.reshape(1797, 64).T)
    np.testing.assert_array_equal(np.concatenate([train.labels, test.labels])[order], digits.labels[known])


def test_a_split_is_the_same_each_time_and_another_for_another_seed():
    digits = load_digits()
    np.testing.assert_array_equal(split(digits, seed=1)[1].images, split(digits, seed=1)[1].images)
    assert (split(digits, seed=1)[1].labels != split(digits, seed=2)[1].labels).any()


def test_a_damaged_file_is_noticed(tmp_path):
    content = bytearray(FILE.read_bytes())
    content[-100] ^= 1
    (tmp_path / "digits.npz").write_bytes(content)
    with pytest.raises(AutogradError, match=r"expected: digits\.npz with SHA-256 b2dab7b501728c22…"):
        load_digits(tmp_path / "digits.npz")


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(AutogradError, match=r"expected: the data file digits\.npz\n  got:      No such file"):
        load_digits(tmp_path / "digits.npz")


def test_the_note_beside_it_names_source_licence_and_checksum():
    note = FILE.with_name("DIGITS.md").read_text(encoding="utf-8")
    for fact in (
        "10.24432/C50P49",
        "CC BY 4.0",
        "Alpaydin",
        "b2dab7b501728c22e9119ad76740b2e17c77a231e42d1e592380d90886f1a05e",
    ):
        assert fact in note
