"""``t[i] = v``, ``t op= v`` and ``assign_``: what is rebound, what is written, what is refused."""

import numpy as np
import pytest

import autograd
from autograd import Parameter, Tensor, as_tensor, grad, no_grad
from autograd.errors import ArgumentError, DTypeError, GraphError, MutationError, ShapeError

VALUES = np.array([1.0, 2.0, 3.0])


def make(kind, shape):
    value = VALUES if shape else np.float64(2.0)
    if kind == "leaf":
        return Tensor(value, requires_grad=True, name="w")
    return Tensor(value, name="c") if kind == "constant" else Tensor(value, requires_grad=True) * 1.0


def set_item(t):
    t[...] = 10.0


def add_in_place(t):
    t += 8.0


def assign(t):
    t.assign_(np.full(t.shape, 10.0))


ACTIONS = {"setitem": set_item, "iadd": add_in_place, "assign_": assign}


@pytest.mark.parametrize("shape", [(), (3,)], ids=["number", "array"])
@pytest.mark.parametrize("kind", ["leaf", "computed", "constant"])
@pytest.mark.parametrize("act", ACTIONS.values(), ids=ACTIONS)
def test_while_recording(act, kind, shape):
    t = make(kind, shape)
    node, value, before = t.node, t._value, t.tolist()
    if (kind == "leaf" and act is not assign) or (kind == "computed" and act is assign):
        with pytest.raises(GraphError):
            act(t)
        assert t.tolist() == before
        return
    act(t)
    assert t.numpy()[(0,) * t.ndim] in (9.0, 10.0)
    written = act is assign
    assert (t.node is node) == written
    if not written:
        assert np.asarray(value).tolist() == before  # nothing that an older node holds was written
    assert t.requires_grad == (kind != "constant")
    assert np.array_equal(t.node.y, t.numpy())


@pytest.mark.parametrize("shape", [(), (3,)], ids=["number", "array"])
@pytest.mark.parametrize("kind", ["leaf", "computed", "constant"])
@pytest.mark.parametrize("act", ACTIONS.values(), ids=ACTIONS)
def test_under_no_grad(act, kind, shape):
    t = make(kind, shape)
    node, asked, memory = t.node, t.requires_grad, t._value
    with no_grad():
        if kind == "computed" and act is assign:
            with pytest.raises(GraphError):
                act(t)
            return
        act(t)
    assert t.numpy()[(0,) * t.ndim] in (9.0, 10.0)
    assert (t.node, t.requires_grad) == (node, asked)
    if shape:
        assert t._value is memory


def test_training_by_hand_keeps_the_leaf():
    w = Parameter([5.0, -3.0], name="w")
    identity, node = id(w), w.node
    for _ in range(50):
        w.zero_grad()
        (w * w).sum().backward()
        with no_grad():
            w -= 0.1 * w.grad
    assert (id(w), w.node, w.requires_grad, w.name) == (identity, node, True, "w")
    assert np.all(abs(w.numpy()) < 1e-3)


def test_a_leaf_is_refused_with_both_ways_out():
    w = Parameter(VALUES, name="w")
    with pytest.raises(GraphError) as refused:
        w -= 0.1
    assert str(refused.value) == (
        "in t -= value on leaf 'w'\n"
        "  expected: no in-place change of a leaf while its use is being recorded\n"
        "  got:      leaf 'w', which requires a gradient\n"
        "  to do:    for an update step write `with autograd.no_grad():` around it, or use assign_()"
    )
    with pytest.raises(GraphError, match=r"t\[index\] = value on leaf 'w'"):
        w[0] = 1.0
    assert w.tolist() == [1.0, 2.0, 3.0]


@pytest.mark.parametrize(
    ("code", "value", "slope"),
    [
        ("y += 3.0", [5.0, 7.0, 9.0], [2.0, 2.0, 2.0]),
        ("y -= 3.0", [-1.0, 1.0, 3.0], [2.0, 2.0, 2.0]),
        ("y *= 3.0", [6.0, 12.0, 18.0], [6.0, 6.0, 6.0]),
        ("y /= 2.0", [1.0, 2.0, 3.0], [1.0, 1.0, 1.0]),
        ("y **= 2", [4.0, 16.0, 36.0], [8.0, 16.0, 24.0]),
        ("y @= E", [4.0, 2.0, 6.0], [2.0, 2.0, 2.0]),
    ],
)
def test_every_operator_in_place(code, value, slope):
    x = Tensor(VALUES, requires_grad=True)
    names = {"y": x * 2, "E": np.eye(3)[[1, 0, 2]]}
    before = names["y"]
    exec(code, names)
    assert names["y"] is before
    assert before.tolist() == value
    before.sum().backward()
    assert x.grad.tolist() == slope


# Gradients of what was written


def functional(x, index, value):
    """The same by a matrix of choices: y = (1 − m)·x + m·value."""
    mask = np.zeros(x.shape)
    mask[index] = 1.0
    full = np.zeros(x.shape)
    return x * (1 - mask) + mask * (full + value)


@pytest.mark.parametrize(
    "index",
    [0, -1, slice(1, None), slice(None, None, 2), [0, 2], (Ellipsis,), np.array([True, False, True]), Tensor([0, 2])],
    ids=repr,
)
def test_setitem_agrees_with_the_functional_version(index):
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=3), rng.normal()

    def written(a, b):
        y = a * 2
        y[index] = b * b
        return (y * y * y).sum()

    def chosen(a, b):
        return (functional(a * 2, getattr(index, "_value", index), b * b) ** 3).sum()

    for ours, expected in zip(grad(written, (0, 1))(a, b), grad(chosen, (0, 1))(a, b), strict=True):
        np.testing.assert_allclose(ours, expected, rtol=1e-14)


def test_a_chain_of_writes():
    def chain(x):
        y = x * 1.0
        y[0] = y[1] * y[2]
        y += y
        y[1:] = y[:-1]
        y[y > 11.0] = 0.0
        return (y * np.array([1.0, 10.0, 100.0])).sum()

    # y = (2·x₁x₂, 2·x₁x₂, 2·x₁) with x₁x₂ = 6, so the first two are 12 and set to 0: 100·2·x₁
    assert grad(chain)(VALUES).tolist() == [0.0, 200.0, 0.0]


def test_what_was_computed_before_the_write_keeps_its_value():
    x = Tensor(VALUES, requires_grad=True)
    y = x * 2
    before = y * y
    y[0] = 0.0
    y *= 5.0
    before.sum().backward()
    assert x.grad.tolist() == [8.0, 16.0, 24.0]


def test_a_constant_becomes_tracked_by_what_is_written_into_it():
    x, c = Tensor(VALUES, requires_grad=True), Tensor(np.zeros(3))
    c[0], c[1] = x[1], x[0] * x[2]
    assert c.requires_grad
    c.sum().backward()
    assert x.grad.tolist() == [3.0, 1.0, 1.0]


def test_the_last_of_repeated_writes_counts():
    v = Tensor([5.0, 6.0], requires_grad=True)
    t = Tensor(np.zeros(3))
    t[[0, 0]] = v
    assert t.tolist() == [6.0, 0.0, 0.0]
    t.sum().backward()
    assert v.grad.tolist() == [0.0, 1.0]


# Views, shapes and dtypes


def test_views_taken_before_do_not_follow_while_recording():
    y = Tensor(VALUES, requires_grad=True) * 1.0
    row, view = y[:2], y.data
    y[0] = 10.0
    assert row.tolist() == [1.0, 2.0]
    assert view.tolist() == [1.0, 2.0, 3.0]
    first, *_ = y
    first += 100.0
    assert y.tolist() == [10.0, 2.0, 3.0]


def test_views_follow_a_write_under_no_grad():
    w = Parameter(np.zeros((2, 2)))
    with no_grad():
        w[0] += 1.0
        w.T[1] += 5.0
    assert w.tolist() == [[1.0, 6.0], [0.0, 5.0]]


def test_detach_shares_memory_but_recorded_writes_rebind():
    w = Parameter(VALUES)
    cut = w.detach()
    cut[0] = 9.0
    assert w.tolist() == [1.0, 2.0, 3.0]
    with no_grad():
        w.detach()[0] = 9.0
    assert w.tolist() == [9.0, 2.0, 3.0]


@pytest.mark.parametrize("recording", [True, False])
def test_the_dtype_stays(recording):
    y = Tensor(VALUES, dtype="float32")
    with autograd.enable_grad() if recording else no_grad():
        y += np.ones(3)
        y *= 2
    assert y.dtype == np.float32
    assert y.tolist() == [4.0, 6.0, 8.0]


def test_a_cast_on_the_way_keeps_gradients_in_their_dtype():
    x, y = Tensor(VALUES, requires_grad=True, dtype="float32"), Tensor(VALUES, requires_grad=True)
    t = x * 1
    t += y
    t[0] = y[1]
    assert t.dtype == np.float32
    t.sum().backward()
    assert (x.grad.dtype, x.grad.tolist()) == (np.float32, [0.0, 1.0, 1.0])
    assert (y.grad.dtype, y.grad.tolist()) == (np.float64, [0.0, 2.0, 1.0])


@pytest.mark.parametrize("recording", [True, False])
def test_a_float_does_not_fit_into_integers(recording):
    t = Tensor([1, 2, 3])
    with autograd.enable_grad() if recording else no_grad():
        with pytest.raises(DTypeError, match="a result that fits int64"):
            t += 0.5
        t[0] = 7.9  # an assignment truncates, as in NumPy
    assert t.tolist() == [7, 2, 3]


@pytest.mark.parametrize("recording", [True, False])
def test_a_result_that_has_grown_is_refused(recording):
    t = Tensor(VALUES)
    with autograd.enable_grad() if recording else no_grad(), pytest.raises(ShapeError, match=r"\(2, 3\)"):
        t += np.ones((2, 3))


@pytest.mark.parametrize("recording", [True, False])
@pytest.mark.parametrize(
    ("index", "value"), [(5, 1.0), (0, [1.0, 2.0]), ("a", 1.0), (slice(2), np.ones(3)), ((0, 0), 1.0)], ids=repr
)
def test_a_write_that_does_not_fit_is_refused(index, value, recording):
    t = Tensor(VALUES)
    with autograd.enable_grad() if recording else no_grad(), pytest.raises(ShapeError):
        t[index] = value
    assert t.tolist() == [1.0, 2.0, 3.0]


def test_a_value_that_is_no_number_is_refused():
    for value in (None, "a", object()):
        with pytest.raises(ArgumentError):
            Tensor(VALUES)[0] = value


@pytest.mark.parametrize("value", [[1.0, 2.0], np.ones((1, 1, 4))])
def test_assign_refuses_what_does_not_fit(value):
    for w in (Parameter(VALUES, name="w"), Parameter(2.0, name="w")):
        with pytest.raises(ShapeError, match="in-place write to leaf 'w'"):
            w.assign_(value)


def test_assign_returns_the_same_leaf_and_casts():
    w = Parameter(Tensor(VALUES, dtype="float32"))
    assert w.assign_(np.zeros(3)) is w
    assert (w.dtype, w.tolist(), w.requires_grad) == (np.float32, [0.0, 0.0, 0.0], True)
    w.assign_(5.0)
    assert w.tolist() == [5.0, 5.0, 5.0]


def test_a_read_only_array_is_not_written():
    array = VALUES.copy()
    array.flags.writeable = False
    for t in (as_tensor(array), autograd.broadcast_to(Tensor(1.0), (3,))):
        with no_grad(), pytest.raises(GraphError, match="a read-only array"):
            t[0] = 1.0


# Writes that a graph would notice


def test_a_number_written_later_does_not_change_an_older_graph():
    x = Tensor(0.5, requires_grad=True)
    y = x.exp()
    with no_grad():
        y[...] = 10.0
    y.backward()
    assert x.grad.item() == np.exp(0.5)
    w = Parameter(3.0)
    loss = w * w
    with no_grad():
        w -= 1.0
    loss.backward()
    assert w.grad.item() == 6.0


def test_an_array_written_later_is_noticed():
    x = Tensor(VALUES, requires_grad=True)
    y = x.exp()
    with no_grad():
        y[0] = 10.0
    with pytest.raises(MutationError, match=r"test_in_place\.py"):
        y.sum().backward()


def test_a_write_to_a_slice_leaves_graphs_of_other_slices_alone():
    w = Tensor([1.0, 2.0, 3.0, 4.0], requires_grad=True)
    y = (w[:2] * w[:2]).sum()
    with no_grad():
        w[2] = 9.0
        w[3:] = 9.0
    y.backward()
    np.testing.assert_array_equal(w.grad.numpy(), [2, 4, 0, 0])
    y = (w[:2] * w[:2]).sum()
    with no_grad():
        w[1:] = 0.0
    with pytest.raises(MutationError):
        y.backward()
