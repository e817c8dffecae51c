import itertools
import threading

import numpy as np
import pytest

from autograd import ArgumentError, ShapeError, Tensor, generator, seed
from nn.data import DataLoader, Dataset, Subset, TensorDataset, random_split

X, Y = np.arange(20.0).reshape(10, 2), np.arange(10)


class Items(Dataset):
    """The same examples, read one by one."""

    def __len__(self):
        return len(X)

    def __getitem__(self, i):
        return X[i], Y[i]


def labels(loader):
    return [y.tolist() for _, y in loader]


def test_batches_in_order():
    loader = DataLoader(TensorDataset(X, Y), batch_size=4)
    assert labels(loader) == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]
    assert len(loader) == 3


def test_drop_last():
    loader = DataLoader(TensorDataset(X, Y), batch_size=4, drop_last=True)
    assert labels(loader) == [[0, 1, 2, 3], [4, 5, 6, 7]]
    assert len(loader) == 2


@pytest.mark.parametrize("prefetch", [0, 1, 3])
def test_a_seed_gives_the_same_passes_and_each_pass_its_own_order(prefetch):
    loader = DataLoader(TensorDataset(X, Y), batch_size=3, shuffle=True, rng=7, prefetch=prefetch)
    plain = DataLoader(TensorDataset(X, Y), batch_size=3, shuffle=True, rng=7)
    first, second = labels(loader), labels(loader)
    assert [first, second] == [labels(plain), labels(plain)]
    assert first != second
    assert sorted(itertools.chain(*first)) == sorted(itertools.chain(*second)) == list(range(10))


def test_the_default_generator_shuffles():
    loader = DataLoader(TensorDataset(X, Y), batch_size=10, shuffle=True)
    seed(3)
    first = labels(loader)
    seed(3)
    assert labels(loader) == first
    assert labels(loader) != first


def test_inputs_and_targets_stay_together():
    for x, y in DataLoader(TensorDataset(X, Y), batch_size=3, shuffle=True, rng=0):
        np.testing.assert_array_equal(x[:, 0], 2 * y)


@pytest.mark.parametrize("shuffle", [False, True])
def test_examples_one_by_one_give_the_same_batches(shuffle):
    fast = DataLoader(TensorDataset(X, Y), batch_size=4, shuffle=shuffle, rng=1)
    slow = DataLoader(Items(), batch_size=4, shuffle=shuffle, rng=1)
    for (x, y), (x_too, y_too) in zip(fast, slow, strict=True):
        np.testing.assert_array_equal(x, x_too)
        np.testing.assert_array_equal(y, y_too)


def test_floats_are_cast_and_integers_stay():
    x, y = next(iter(DataLoader(TensorDataset(X, Y), batch_size=4)))
    assert (x.dtype, y.dtype) == (np.float32, np.int64)
    x, _ = next(iter(DataLoader(TensorDataset(X, Y), batch_size=4, dtype=None)))
    assert x.dtype == np.float64
    assert np.shares_memory(x, X)  # in order, a batch is a slice


def test_tensors_are_taken():
    (x,) = next(iter(DataLoader(TensorDataset(Tensor(X)), batch_size=2)))
    assert type(x) is np.ndarray


def test_a_memory_map_is_read_a_batch_at_a_time(tmp_path):
    np.save(tmp_path / "x.npy", X)
    mapped = np.load(tmp_path / "x.npy", mmap_mode="r")
    dataset = TensorDataset(mapped, Y)
    assert dataset.arrays[0] is mapped
    for x, y in DataLoader(dataset, batch_size=3, shuffle=True, rng=0, prefetch=2):
        np.testing.assert_array_equal(x[:, 0], 2 * y)


@pytest.mark.parametrize("prefetch", [0, 2])
def test_a_transform_changes_the_inputs_and_draws_from_the_loaders_seed(prefetch):
    def jitter(x, rng):
        return x + rng.normal(size=x.shape)

    def passes():
        loader = DataLoader(TensorDataset(X, Y), 4, rng=5, transform=jitter, prefetch=prefetch)
        return np.concatenate([x for x, _ in loader]), np.concatenate([x for x, _ in loader])

    (first, second), (again, _) = passes(), passes()
    np.testing.assert_array_equal(first, again)
    assert first.dtype == np.float32
    assert (first != second).all()


def test_a_thread_shares_no_generator_with_the_model():
    def jitter(x, rng):
        return x + rng.normal(size=x.shape)

    def run(prefetch):
        seed(6)
        loader = DataLoader(TensorDataset(X, Y), 2, shuffle=True, transform=jitter, prefetch=prefetch)
        return [(x.tolist(), generator().random()) for x, _ in loader]  # dropout would draw like this

    assert run(2) == run(0)


def test_leaving_a_prefetched_pass_early_ends_its_thread():
    before = threading.active_count()
    batches = iter(DataLoader(TensorDataset(X, Y), batch_size=1, prefetch=2))
    next(batches)
    batches.close()
    assert threading.active_count() == before


@pytest.mark.parametrize("prefetch", [0, 2])
def test_an_error_in_the_dataset_reaches_the_reader(prefetch):
    class Broken(Items):
        def __getitem__(self, i):
            raise OSError("disk")

    with pytest.raises(OSError, match="disk"):
        list(DataLoader(Broken(), batch_size=2, prefetch=prefetch))


def test_examples_of_different_shapes_say_so():
    ragged = [(np.zeros(2), 0), (np.zeros(3), 1)]
    with pytest.raises(ShapeError) as caught:
        list(DataLoader(ragged, batch_size=2))
    assert str(caught.value) == (
        "in a batch of examples\n"
        "  expected: examples of one shape\n"
        "  got:      ((2,), ()); ((3,), ())\n"
        "  to do:    pad or crop them in the dataset"
    )


def test_arrays_of_different_lengths_are_refused():
    with pytest.raises(ShapeError, match=r"\(10, 2\), \(9,\)"):
        TensorDataset(X, Y[:9])
    with pytest.raises(ArgumentError, match="none"):
        TensorDataset()


def test_batch_size_and_prefetch_are_checked():
    with pytest.raises(ArgumentError, match="batch_size=0"):
        DataLoader(TensorDataset(X), 0)
    with pytest.raises(ArgumentError, match="prefetch=-1"):
        DataLoader(TensorDataset(X), prefetch=-1)


def test_random_split_covers_everything_once():
    parts = random_split(TensorDataset(X, Y), [0.5, 0.25, 0.25], rng=0)
    assert [len(p) for p in parts] == [6, 2, 2]  # 5, 2, 2, and the one left over goes to the first
    assert sorted(int(y) for part in parts for _, y in (part[i] for i in range(len(part)))) == list(range(10))


def test_random_split_by_lengths_and_by_seed():
    first, second = (random_split(TensorDataset(X, Y), [7, 3], rng=4)[1].indices.tolist() for _ in range(2))
    assert first == second
    with pytest.raises(ArgumentError, match="which sum to 9"):
        random_split(TensorDataset(X, Y), [7, 2])


def test_a_subset_of_a_subset_and_its_batches():
    part = Subset(Subset(TensorDataset(X, Y), [9, 8, 7, 6]), [3, 0])
    assert labels(DataLoader(part, batch_size=2)) == [[6, 9]]
    assert part[1][1] == 9
    assert part[:][1].tolist() == [6, 9]
    assert labels(DataLoader(Subset(Items(), [1, 2]), batch_size=2)) == [[1, 2]]
