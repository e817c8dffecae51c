"""LSTM and GRU as one primitive each: their rules share one sweep, and nothing of it stays behind."""

import sys

import numpy as np
import pytest

import autograd
import nn
from autograd import Tensor
from autograd.primitives import recurrent

RNG = np.random.default_rng(0)


def leaves(*shapes):
    return [Tensor(RNG.normal(size=shape), requires_grad=True) for shape in shapes]


@pytest.mark.parametrize(
    ("function", "sweep", "shapes"),
    [
        (autograd.lstm, "_lstm_sweep", [(3, 2, 8), (8, 2), (2, 2), (2, 2)]),
        (autograd.gru, "_gru_sweep", [(3, 2, 6), (6, 2), (2, 2), (6,)]),
    ],
)
def test_one_sweep_serves_all_operands_and_is_forgotten(function, sweep, shapes, monkeypatch):
    run, count = getattr(recurrent, sweep), []
    monkeypatch.setattr(recurrent, sweep, lambda *args: count.append(1) or run(*args))
    given = leaves(*shapes)
    y = function(*given)
    y.sum().backward()
    assert len(count) == 1
    first = [t.grad.numpy().copy() for t in given]
    y.backward(2 * np.ones(y.shape))  # the same node again, another cotangent
    assert len(count) == 2
    for t, grad in zip(given, first, strict=True):
        np.testing.assert_allclose(t.grad.numpy(), 3 * grad, rtol=1e-12)
    del y
    assert recurrent._swept.start is None
    assert recurrent._swept.result is None


def test_without_a_bias_it_is_zero():
    inputs, weight, h, _ = leaves((3, 2, 6), (6, 2), (2, 2), (6,))
    with_zeros = autograd.gru(inputs, weight, h, np.zeros(6))
    np.testing.assert_array_equal(autograd.gru(inputs, weight, h).data, with_zeros.data)


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: autograd.lstm(*leaves((3, 2, 6), (8, 2), (2, 2), (2, 2))), "one row of 4·hidden"),
        (lambda: autograd.lstm(*leaves((0, 2, 8), (8, 2), (2, 2), (2, 2))), "at least one"),
        (lambda: autograd.lstm(*leaves((3, 2, 8), (8, 2), (2, 2), (1, 2))), r"at the start are \(2, 2\)"),
        (lambda: autograd.gru(*leaves((3, 2, 8), (6, 2), (2, 2), (6,))), "one row of 3·hidden"),
        (lambda: autograd.gru(*leaves((3, 2, 6), (6, 2), (2, 2), (2,))), r"a bias \(6,\)"),
    ],
)
def test_what_does_not_fit_is_refused(call, text):
    with pytest.raises(autograd.ShapeError, match=text):
        call()


@pytest.mark.skipif(sys.platform != "linux", reason="about glibc's memory")
def test_memory_that_a_step_freed_serves_the_next():
    import resource

    layer, x = nn.LSTM(1, 32, rng=0), np.ones((50, 32, 1), np.float32)

    def faults(steps):
        before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
        for _ in range(steps):
            layer(x)[0].sum().backward()
        return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

    faults(5)
    assert faults(10) < 1000  # pages; without the large array freed at import it is 1,000 for each step


@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU])
def test_a_layer_without_bias_has_right_derivatives_of_both_orders(kind):
    layer, x = kind(2, 2, bias=False, rng=0).double(), RNG.normal(size=(3, 2, 2))
    assert autograd.gradcheck(lambda x: layer(x)[0], x)
    assert autograd.gradcheck(autograd.grad(lambda x: (layer(x)[0] ** 2).sum()), x)
    rows = autograd.vmap(lambda x: layer(x)[0])(np.stack([x, 2 * x]))
    np.testing.assert_allclose(rows.numpy()[1], layer(2 * x)[0].numpy(), rtol=1e-12)
