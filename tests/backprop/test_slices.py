"""Messages of many slices are added to one array in place, and nobody who holds another array sees it change."""

from __future__ import annotations

import tracemalloc

import numpy as np
from numpy.testing import assert_allclose

import autograd
from autograd import Tensor


def test_rows_of_a_matrix():
    x = np.arange(12.0).reshape(4, 3)
    gradient = autograd.grad(lambda x: sum((i + 1) * (x[i] ** 2).sum() for i in range(4)))(x)
    assert_allclose(gradient, 2 * x * np.arange(1, 5)[:, None])


def test_slices_that_overlap_steps_masks_and_whole_uses():
    x = np.linspace(-1, 1, 6)

    def function(x):
        y = x * 3
        return (
            (y[1:] * y[:-1]).sum()
            + (y[::-2] ** 2).sum()
            + y[y.detach().data > 0].sum()
            + y.sum()
            + y[2] * y[[0, 0]].sum()
        )

    autograd.gradcheck(function, x)
    autograd.gradgradcheck(function, x)
    J = autograd.jacobian(lambda x: np.stack([x[0] * x[1], x[1:].sum(), (x * x)[3]]))(x)
    assert_allclose(J, autograd.jacfwd(lambda x: np.stack([x[0] * x[1], x[1:].sum(), (x * x)[3]]))(x))


def test_an_array_that_others_hold_is_left_alone():
    x = Tensor(np.ones(3), requires_grad=True)
    kept = []
    y, z = x * 1.0, x * 2.0
    for t in (y, z):
        t.register_hook(kept.append)
    shared = y + z  # its cotangent is handed to both, as one array
    (shared[0] + shared[1] * 5 + y[0] * 7 + y[2]).backward()
    assert_allclose(x.grad.data, [10, 15, 1])
    by_length = {tuple(np.round(k, 6)) for k in kept}
    assert by_length == {(8.0, 5.0, 1.0), (1.0, 5.0, 0.0)}


def test_a_second_sweep_starts_anew():
    x = Tensor(np.ones(3), requires_grad=True)
    y = x * 2
    loss = y[0] * y[1]
    loss.backward()
    first = x.grad.data.copy()
    loss.backward()
    assert_allclose(x.grad.data, 2 * first)


def test_a_loop_over_slices_makes_one_array():
    x = Tensor(np.ones((400, 1000)), requires_grad=True)
    loss = sum((x[i] * 2.0).sum() for i in range(400))
    tracemalloc.start()
    loss.backward()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 3 * x.nbytes
    assert_allclose(x.grad.data, 2.0)
