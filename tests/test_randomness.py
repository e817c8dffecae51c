"""One default generator: seeded in one place, shared by threads."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import autograd


def test_a_seed_starts_the_default_anew_for_those_who_hold_it():
    held = autograd.generator()
    autograd.seed(11)
    first = held.random(3).tolist()
    autograd.seed(11)
    assert autograd.generator() is held
    assert autograd.generator().random(3).tolist() == first == np.random.default_rng(11).random(3).tolist()


def test_a_generator_is_itself_and_a_seed_is_a_new_one():
    own = np.random.default_rng(0)
    assert autograd.generator(own) is own
    assert autograd.generator(np.int64(2)).random() == autograd.generator(2).random()


@pytest.mark.parametrize("rng", [-1, 1.5, "0", np.random.RandomState(0)])
def test_anything_else_is_refused(rng):
    with pytest.raises(autograd.ArgumentError, match="a seed ≥ 0"):
        autograd.generator(rng)


def test_threads_draw_different_numbers_from_one_stream():
    autograd.seed(1)
    expected = set(autograd.generator().random(4000).tolist())
    autograd.seed(1)
    with ThreadPoolExecutor(4) as pool:
        drawn = [
            x
            for part in pool.map(lambda _: [autograd.generator().random() for _ in range(1000)], range(4))
            for x in part
        ]
    assert len(set(drawn)) == 4000
    assert set(drawn) == expected
