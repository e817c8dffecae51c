"""Folds: scikit-learn 1.9's for the same labels, taken once, and what every cut must satisfy."""

import numpy as np
import pytest

import autograd
from autograd import ArgumentError
from nn.data import KFold, StratifiedKFold, Subset, TensorDataset

LABELS = np.array([2, 0, 2, 1, 0, 2, 1, 2, 2, 0, 1, 0, 2, 1, 2])


def held_out(folds, y=LABELS):
    return [test.tolist() for _, test in folds.split(y, y)]


def test_scikit_learns_folds():
    assert held_out(KFold(4)) == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11], [12, 13, 14]]
    assert held_out(StratifiedKFold(3)) == [[0, 1, 2, 3, 5], [4, 6, 7, 8, 9], [10, 11, 12, 13, 14]]
    assert held_out(StratifiedKFold(4)) == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 12], [11, 13, 14]]


@pytest.mark.parametrize("kind", [KFold, StratifiedKFold])
@pytest.mark.parametrize("shuffle", [False, True])
def test_each_example_is_held_out_once(kind, shuffle):
    found = list(kind(4, shuffle=shuffle, rng=0 if shuffle else None).split(LABELS, LABELS))
    assert sorted(np.concatenate([test for _, test in found])) == list(range(15))
    for train, test in found:
        assert sorted([*train, *test]) == list(range(15))
        assert len(test) in (3, 4, 5)


def test_stratified_folds_have_each_classes_share():
    y = np.repeat([0, 1, 2], [50, 30, 20])
    for shuffle in (False, True):
        for _, test in StratifiedKFold(5, shuffle=shuffle, rng=3 if shuffle else None).split(y, y):
            assert np.bincount(y[test]).tolist() == [10, 6, 4]


def test_the_seed_decides():
    first, again, other = (held_out(KFold(3, shuffle=True, rng=seed)) for seed in (1, 1, 2))
    assert first == again != other
    assert held_out(StratifiedKFold(3, shuffle=True, rng=1)) != held_out(StratifiedKFold(3))
    autograd.seed(5)
    drawn = held_out(KFold(3, shuffle=True))
    autograd.seed(5)
    assert held_out(KFold(3, shuffle=True)) == drawn


def test_a_dataset_is_cut_by_numbers():
    data = TensorDataset(np.arange(6.0), np.arange(6))
    train, test = next(KFold(2).split(data))
    assert [len(Subset(data, part)) for part in (train, test)] == [3, 3]
    assert Subset(data, test)[2] == (2.0, 2)
    assert repr(KFold(2)) == "KFold(n_splits=2, shuffle=False)"


def test_a_rare_class_is_told():
    with pytest.warns(UserWarning, match="the rarest class has 1 examples for 2 folds"):
        list(StratifiedKFold(2).split([0, 0, 1], [0, 0, 1]))


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: KFold(1), "2 folds or more"),
        (lambda: KFold(3, rng=1), "shuffle=True"),
        (lambda: list(KFold(3).split([1, 2])), "3 examples or more"),
        (lambda: list(StratifiedKFold(3).split(LABELS)), r"labels y of shape \(15,\)"),
        (lambda: list(StratifiedKFold(3).split(LABELS, LABELS[:4])), r"got:      \(4,\)"),
        (lambda: list(StratifiedKFold(3).split([0, 1], [0, 1])), "3 examples of a class"),
    ],
)
def test_refusals(make, words):
    with pytest.raises(ArgumentError, match=words):
        make()
