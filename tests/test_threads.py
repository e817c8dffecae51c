"""Bounding the threads of matrix products."""

import pytest

import autograd


@pytest.fixture(autouse=True)
def _restored():
    before = autograd.get_num_threads()
    yield
    autograd.set_num_threads(before)


def test_what_is_set_is_what_the_library_uses():
    controller = pytest.importorskip("threadpoolctl").ThreadpoolController().select(user_api="blas")
    autograd.set_num_threads(1)
    assert {library["num_threads"] for library in controller.info()} == {1}


@pytest.mark.parametrize("n", [0, -2, "two", None, 1.5])
def test_less_than_one_is_refused(n):
    with pytest.raises(autograd.ArgumentError, match="a number of threads, at least 1"):
        autograd.set_num_threads(n)
