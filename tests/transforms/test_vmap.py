"""vmap: axes in and out, nests, empty batches, what composes with it, and what it refuses."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import autograd
import nn
from autograd import (
    Tensor,
    checkpoint,
    custom_gradient,
    grad,
    hessian,
    jacfwd,
    jacobian,
    jvp,
    stop_gradient,
    value_and_grad,
    vjp,
    vmap,
)
from autograd.errors import ArgumentError, GraphError, ShapeError
from nn import functional as F

RNG = np.random.default_rng(3)
X = np.array([1.0, 2.0, 3.0])
A = RNG.normal(size=(5, 3))
B = RNG.normal(size=(5, 3))


def loss(w, x, y):
    return ((np.tanh(x @ w) - y) ** 2).sum()


W = RNG.normal(size=(3, 2))
TARGETS = RNG.normal(size=(5, 2))


def test_gradients_of_each_example():
    found = vmap(grad(loss), in_axes=(None, 0, 0))(W, A, TARGETS)
    assert_allclose(found, [grad(loss)(W, a, t) for a, t in zip(A, TARGETS, strict=True)], rtol=1e-12)
    assert_allclose(found.sum(axis=0), grad(lambda w: loss(w, A, TARGETS))(W), rtol=1e-12)


@pytest.mark.parametrize("axis", [0, 1, 2, -1, -2, -3])
def test_the_batch_may_be_any_axis(axis):
    x = RNG.normal(size=(2, 3, 4))
    found = vmap(lambda e: e.sum(axis=0), in_axes=axis, out_axes=-1)(x)
    assert_allclose(found, np.stack([np.take(x, k, axis).sum(axis=0) for k in range(x.shape[axis])], axis=-1))


def test_axes_nest_like_arguments_and_results():
    def f(p, x):
        return {"sum": p["w"] @ x + p["b"], "parts": (p["w"] * 2, x)}

    p = {"w": A, "b": 1.5}
    found = vmap(f, in_axes=({"w": 0, "b": None}, 1), out_axes={"sum": 0, "parts": (1, -1)})(p, B.T)
    assert_allclose(found["sum"], (A * B).sum(axis=1) + 1.5)
    assert_allclose(found["parts"][0], 2 * A.T)
    assert_allclose(found["parts"][1], B.T)
    assert_allclose(vmap(lambda p: p[0] * p[1], in_axes=([0, None],))([X, 2.0]), 2 * X)
    assert_allclose(vmap(lambda p: p[0] * p[1])([X, X]), X * X)


def test_what_all_examples_share():
    found, constant = vmap(lambda x: (x * 2, 7.0), out_axes=(0, None))(X)
    assert_array_equal(found, 2 * X)
    assert constant == 7.0
    assert_array_equal(vmap(lambda x: 7.0)(X), [7.0] * 3)
    assert_array_equal(vmap(lambda x, y: x * y, in_axes=(0, None))(X, X), np.outer(X, X))


def test_integers_and_truth_values():
    labels = np.array([2, 0, 1])
    assert_array_equal(vmap(lambda k: k * 2)(labels), 2 * labels)
    assert vmap(lambda k: k * 2)(labels).dtype == labels.dtype
    assert_array_equal(vmap(lambda x: x > 1.5)(X), X > 1.5)
    assert_array_equal(vmap(autograd.argmax)(A), A.argmax(axis=1))
    found = vmap(grad(autograd.cross_entropy))(A[:3], labels)
    assert_allclose(found, autograd.softmax(A[:3]).numpy() - np.eye(3)[labels], rtol=1e-12)


def test_a_value_made_from_integers_is_differentiated():
    assert_array_equal(vmap(lambda k: grad(lambda x: x * x)(k.astype(float)))(np.arange(3)), [0.0, 2.0, 4.0])
    assert_array_equal(
        vmap(lambda k: jvp(lambda x: 3 * x, (1.0,), (k.astype(float),))[1])(np.arange(3)), [0.0, 3.0, 6.0]
    )


def test_an_entry_is_chosen_by_comparing():
    index = np.array([2, 0, 1, 1, 2])
    found = vmap(lambda x, i: autograd.where(np.arange(3) == i, x, 0.0).sum())(A, index)
    assert_array_equal(found, A[np.arange(5), index])


def test_nested():
    outer = vmap(vmap(lambda x, y: x * y, in_axes=(None, 0)), in_axes=(0, None))
    assert_array_equal(outer(X, X), np.outer(X, X))
    x = RNG.normal(size=(2, 3, 4))
    assert_allclose(vmap(vmap(lambda v: (v * v).sum()))(x), (x * x).sum(axis=2))
    assert_allclose(vmap(vmap(lambda v: v.sum(), in_axes=1), in_axes=0)(x), x.sum(axis=1))
    assert_allclose(vmap(vmap(vmap(np.sin)))(x), np.sin(x))


def test_with_the_other_transforms():
    f = lambda x: np.sin(x) * x[::-1]  # noqa: E731  a name for each line below
    scalar = lambda x: (f(x) ** 2).sum()  # noqa: E731
    assert_allclose(vmap(jacobian(f))(A), [jacobian(f)(a) for a in A], rtol=1e-12)
    assert_allclose(vmap(jacfwd(f))(A), [jacobian(f)(a) for a in A], rtol=1e-12)
    assert_allclose(vmap(hessian(scalar))(A), [hessian(scalar)(a) for a in A], rtol=1e-10)
    J = jacobian(vmap(f))(A)
    for i, k in np.ndindex(5, 5):
        assert_allclose(J[i, :, k], jacobian(f)(A[i]) if i == k else np.zeros((3, 3)), rtol=1e-12)
    assert_allclose(jacfwd(vmap(f))(A), J, rtol=1e-12)
    H = hessian(lambda a: vmap(scalar)(a).sum())(A)
    assert_allclose(H[1, :, 1], hessian(scalar)(A[1]), rtol=1e-10)
    assert_array_equal(H[1, :, 2], np.zeros((3, 3)))
    _y, y_dot = jvp(vmap(f), (A,), (B,))
    assert_allclose(y_dot, [jvp(f, (a,), (b,))[1] for a, b in zip(A, B, strict=True)], rtol=1e-12)
    assert_allclose(vmap(lambda a, b: jvp(f, (a,), (b,))[1])(A, B), y_dot, rtol=1e-12)
    assert_allclose(vmap(lambda a, b: vjp(f, a)[1](b)[0])(A, B), vjp(vmap(f), A)[1](B)[0], rtol=1e-12)
    values, gradients = vmap(value_and_grad(scalar))(A)
    assert_allclose(values, [scalar(a) for a in A])
    assert_allclose(gradients, [grad(scalar)(a) for a in A], rtol=1e-12)
    assert_allclose(vmap(grad(checkpoint(scalar)))(A), gradients, rtol=1e-12)
    assert_allclose(vmap(checkpoint(f))(A), [f(a) for a in A], rtol=1e-12)
    assert_allclose(grad(checkpoint(lambda a: vmap(scalar)(a).sum()))(A), gradients, rtol=1e-12)


def test_a_checkpoint_stays_one_step_for_the_whole_batch():
    x = Tensor(A, requires_grad=True)
    y = vmap(checkpoint(lambda v: np.tanh(v) * v))(x)
    assert y.node.primitive.name == "checkpoint"
    assert y.node.parents == (x.node,)


def test_what_is_tracked_outside_stays_connected():
    found = grad(lambda w: vmap(lambda x: (w * x) ** 2)(X).sum())(3.0)
    assert found == pytest.approx(2 * 3.0 * (X**2).sum())
    w = Tensor(3.0, requires_grad=True)
    vmap(lambda x: w * x)(X).sum().backward()
    assert w.grad.item() == 6.0
    assert grad(lambda w: vmap(grad(lambda v: v * v * w))(X).sum())(3.0) == 12.0


def test_arrays_for_arrays_and_tensors_for_tensors():
    both = vmap(grad(lambda x, w: (x * w).sum(), (0, 1)), in_axes=(0, None))(A, X)
    assert [type(g) for g in both] == [np.ndarray, np.ndarray]
    assert_array_equal(both[0], np.tile(X, (5, 1)))
    assert_array_equal(both[1], A)
    assert all(g.base is None for g in both)
    found = vmap(lambda x: x * 2)(Tensor(X))
    assert isinstance(found, Tensor)
    assert not found.requires_grad


def test_nothing_flows_through_a_stop():
    assert_array_equal(vmap(lambda x: x * stop_gradient(x))(X), X * X)
    assert_array_equal(vmap(grad(lambda x: x * stop_gradient(x)))(X), X)
    assert_array_equal(grad(lambda a: vmap(lambda x: x * stop_gradient(x))(a).sum())(X), X)


def test_custom_gradients():
    rounded = custom_gradient(np.round, lambda y_bar, y, x: y_bar)
    assert_array_equal(vmap(grad(lambda x: rounded(x) * x))(X + 0.3), 2 * X + 0.3)
    assert_array_equal(vmap(grad(lambda x: (x * 1).register_hook(lambda g: g) and x * x))(X), 2 * X)


@pytest.mark.parametrize("n", [0, 1])
def test_batches_of_none_and_of_one(n):
    x = A[:n]
    assert vmap(lambda v: (v @ W).sum())(x).shape == (n,)
    assert vmap(lambda v: v.reshape(-1, 1))(x).shape == (n, 3, 1)
    assert vmap(grad(lambda v: np.log(v * v).sum()))(x).shape == (n, 3)
    assert vmap(jacobian(lambda v: v * v))(x).shape == (n, 3, 3)
    assert vmap(hessian(lambda v: (v**3).sum()), out_axes=-1)(x).shape == (3, 3, n)
    assert vmap(checkpoint(lambda v: v * 2))(x).shape == (n, 3)
    assert vmap(custom_gradient(lambda v: v * 2, lambda g, y, v: g))(x).shape == (n, 3)
    assert vmap(vmap(lambda e: e * 2))(x).shape == (n, 3)
    assert vmap(autograd.argmax)(x).dtype == np.int64
    gradient = grad(lambda w: vmap(lambda v: (v @ w).sum())(x).sum())(W)
    assert_allclose(gradient, x.sum(axis=0)[:, None] * np.ones((1, 2)))


def test_values_are_written_in_place_example_by_example():
    def f(x):
        y = x * 1
        y[0] = x[1] * 10
        y += 1
        return y

    assert_array_equal(vmap(f)(A), np.stack([A[:, 1] * 10, A[:, 1], A[:, 2]], axis=1) + 1)


def test_the_function_runs_once():
    runs = []
    vmap(lambda x: (runs.append(1), x * 2)[1])(A)
    assert runs == [1]


READ_OUTS = {
    "bool() or int()": lambda x: x if x.sum() > 0 else -x,
    "item()": lambda x: x * x.sum().item(),
    "tolist()": lambda x: x.tolist(),
    "the array": lambda x: x.numpy(),
}


@pytest.mark.parametrize("what", READ_OUTS)
def test_a_look_at_one_example_is_refused(what):
    with pytest.raises(GraphError) as refusal:
        vmap(READ_OUTS[what])(A)
    text = str(refusal.value)
    assert text.startswith(f"in {what} of ")
    assert text.endswith(
        " inside vmap\n"
        "  expected: a computation that every example shares\n"
        "  got:      a look at the number of one example\n"
        "  to do:    use autograd.where for a choice; compute with the tensor itself"
    )


@pytest.mark.parametrize(
    "f", [lambda x, k: x[k], lambda x, k: x[k : k + 1], lambda x, k: x[[k, 0]], lambda x, k: x[(k,)]]
)
def test_an_index_of_the_batch_is_refused(f):
    with pytest.raises(GraphError):
        vmap(f)(A, np.arange(5) % 3)


def test_the_refused_index_says_what_to_use():
    with pytest.raises(GraphError) as refusal:
        vmap(lambda x: x[autograd.argmax(x)])(A)
    assert str(refusal.value) == (
        "in an index made of argmax inside vmap\n"
        "  expected: an index that every example shares\n"
        "  got:      one that differs from example to example\n"
        "  to do:    choose by comparing: autograd.where(np.arange(n) == i, x, 0.0).sum() is x[i]"
    )


REFUSED = [
    (
        lambda: vmap(np.multiply)(A, X),
        ShapeError,
        "in vmap(multiply)\n  expected: batches of one length\n  got:      3, 5\n"
        "  to do:    give every mapped argument the same length, or None",
    ),
    (
        lambda: vmap(np.sin, in_axes=None)(X),
        ShapeError,
        "in vmap(sin)\n  expected: batches of one length\n  got:      no mapped argument\n"
        "  to do:    give every mapped argument the same length, or None",
    ),
    (
        lambda: vmap(np.multiply, in_axes=(0,))(A, A),
        ArgumentError,
        "in vmap(multiply)\n  expected: in_axes for each of 2 arguments\n  got:      1 of them\n"
        "  to do:    give one entry for each argument",
    ),
    (
        lambda: vmap(np.sin, in_axes=2)(A),
        ArgumentError,
        "in vmap(sin)\n  expected: axis 2 in every mapped argument\n  got:      shape (5, 3)\n"
        "  to do:    use None to share it",
    ),
    (
        lambda: vmap(np.sin)(2.0),
        ArgumentError,
        "in vmap(sin)\n  expected: axis 0 in every mapped argument\n  got:      shape ()\n"
        "  to do:    use None to share it",
    ),
    (
        lambda: vmap(np.sin, out_axes=3)(A),
        ArgumentError,
        "in vmap(sin)\n  expected: out_axes within a result of 2 axes\n  got:      3\n"
        "  to do:    count the batch axis too",
    ),
    (
        lambda: vmap(np.sin, out_axes=None)(A),
        ArgumentError,
        "in vmap(sin)\n  expected: out_axes of None for what all examples share\n  got:      a result of the batch\n"
        "  to do:    give an axis",
    ),
    (
        lambda: vmap(np.sin, in_axes=((0, 1),))(A),
        ArgumentError,
        "in vmap(sin)\n  expected: axes nested like what they describe\n  got:      (0, 1)\n"
        "  to do:    give one axis, or nest them alike",
    ),
]


@pytest.mark.parametrize(("call", "kind", "text"), REFUSED, ids=range(len(REFUSED)))
def test_what_it_refuses(call, kind, text):
    with pytest.raises(kind) as refusal:
        call()
    assert str(refusal.value) == text


def test_structural_zeros_hold_for_each_example():
    x = np.array([-1.0, 4.0, 0.0])
    safe = lambda v: autograd.where(v > 0, np.sqrt(v), 0.0)  # noqa: E731
    with np.errstate(all="ignore"):
        assert_array_equal(grad(lambda a: vmap(safe)(a).sum())(x), [0.0, 0.25, 0.0])


# Random numbers


def dropped(w, x):
    return (F.dropout(w * x, 0.5)).sum()


def test_random_numbers_inside_are_refused():
    with pytest.raises(ArgumentError) as caught:
        vmap(autograd.grad(dropped), in_axes=(None, 0))(np.ones(4), np.ones((3, 4)))
    assert caught.value.got == "random numbers drawn inside: every example would get the same ones"
    assert 'randomness="different"' in caught.value.remedy
    with pytest.raises(ArgumentError, match="'error', 'same' or 'different'"):
        vmap(dropped, randomness="other")


def test_random_numbers_may_be_shared_or_drawn_for_each():
    w, x = np.ones(64), np.ones((3, 64))
    autograd.seed(0)
    same = vmap(autograd.grad(dropped), in_axes=(None, 0), randomness="same")(w, x)
    assert (same == same[0]).all()
    autograd.seed(0)
    different = vmap(autograd.grad(dropped), in_axes=(None, 0), randomness="different")(w, x)
    autograd.seed(0)
    by_hand = np.stack([autograd.grad(dropped)(w, row) for row in x])
    np.testing.assert_array_equal(different, by_hand)
    assert type(different) is np.ndarray


def test_drawn_for_each_composes_with_axes_nests_and_gradients():
    def f(p, x, *, scale):
        y = F.dropout(p["w"] * x, 0.5) * scale
        return {"sum": y.sum(), "all": y}, p["w"]

    p, x = {"w": Tensor(np.ones(5), requires_grad=True)}, RNG.normal(size=(5, 3))
    out, w = vmap(f, in_axes=(None, 1), out_axes=({"sum": 0, "all": 1}, None), randomness="different")(p, x, scale=2.0)
    assert (out["sum"].shape, out["all"].shape, w.shape) == ((3,), (5, 3), (5,))
    out["all"].sum().backward()
    np.testing.assert_allclose(p["w"].grad.numpy(), out["all"].numpy().sum(axis=1), rtol=1e-12)


@pytest.mark.parametrize("call", [lambda x: F.dropout(x, 0.5, training=False), lambda x: F.dropout(x, 0.5, rng=3)])
def test_what_is_not_used_or_always_the_same_is_no_randomness(call):
    vmap(call)(np.ones((3, 4)))


def test_a_model_is_told_to_say_what_its_dropout_shall_do():
    model = nn.Sequential(nn.Linear(4, 8, rng=0), nn.Dropout(0.5), nn.Linear(8, 1, rng=1))
    x = np.ones((3, 4), np.float32)
    autograd.seed(1)
    with pytest.raises(ArgumentError, match="drawn inside"):
        vmap(model)(x)
    assert len(np.unique(vmap(model, randomness="different")(x).numpy())) > 1
    assert np.ptp(vmap(model.eval())(x).numpy()) < 1e-6
