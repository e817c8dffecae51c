"""``backward``: what lands in ``.grad``, how often it can be called, what is refused, and how a graph is freed."""

import asyncio
import contextvars
import gc
import threading
import weakref
from itertools import combinations

import numpy as np
import pytest

import autograd
from autograd import Parameter, Tensor, as_tensor, no_grad, stop_gradient
from autograd.errors import DTypeError, GradientWarning, GraphError, MutationError, ShapeError
from autograd.graph.node import Node

VALUES = np.array([1.0, 2.0, 3.0])


def tracked(name="x", dtype="float64"):
    return Tensor(VALUES, requires_grad=True, name=name, dtype=dtype)


# How often


def test_a_second_backward_adds():
    x = Tensor(3.0, requires_grad=True)
    y = x * x * 2
    y.backward()
    y.backward()
    assert x.grad.item() == 24.0


def test_gradients_of_two_graphs_add():
    x = tracked()
    (x * x).sum().backward()
    first = x.grad
    (3 * x).sum().backward()
    assert x.grad.tolist() == [5.0, 7.0, 9.0]
    assert first.tolist() == [2.0, 4.0, 6.0]  # what was handed out before stays as it was


def test_zero_grad_forgets():
    x = tracked()
    (x * x).sum().backward()
    x.zero_grad()
    assert x.grad is None
    Tensor(1.0).zero_grad()


@pytest.mark.parametrize(
    "build",
    [
        lambda x: (x.exp() * x).sum(),
        lambda x: (x + 1.0).sum(),
        lambda x: autograd.stack([x, x * 2]).sum(),
        lambda x: (x[0] * x[1] * x[1]).tanh(),
        lambda x: autograd.where(x > 1, x, 0.0).sum(),
        lambda x: (x * np.float32([[1], [2]])).mean(),
    ],
)
def test_a_released_graph_says_so(build):
    x = tracked()
    y = build(x)
    y.backward(retain_graph=False)
    assert x.grad.shape == (3,)
    assert isinstance(y.item(), float)
    with pytest.raises(GraphError) as refused:
        y.backward()
    assert str(refused.value) == (
        f"in a second pass through {y.node.primitive.name}\n"
        "  expected: a graph that still has its values\n"
        "  got:      one that backward(retain_graph=False) has released\n"
        "  to do:    leave out retain_graph=False in the first pass"
    )


def test_releasing_gives_the_values_back():
    x = Tensor(np.ones(10_000), requires_grad=True)
    h = x.exp()
    y = (h * h).sum()
    kept = weakref.ref(h._value)
    y.backward()
    del h
    assert kept() is not None
    y.backward(retain_graph=False)
    assert kept() is None


def test_create_graph_gives_a_gradient_that_can_be_differentiated():
    x = tracked()
    (x**3).sum().backward(create_graph=True)
    g = x.grad
    assert g.requires_grad
    x.zero_grad()
    g.sum().backward()
    assert x.grad.tolist() == [6.0, 12.0, 18.0]
    assert not x.grad.requires_grad


def test_create_graph_records_under_no_grad_too():
    x = tracked()
    y = (x**3).sum()
    with no_grad():
        y.backward(create_graph=True)
    assert x.grad.requires_grad


def test_a_plain_backward_does_not_cut_a_recorded_gradient():
    x = Tensor(2.0, requires_grad=True)
    (x**3).backward(create_graph=True)
    (x * 5).backward()
    g = x.grad
    assert (g.item(), g.requires_grad) == (17.0, True)
    x.zero_grad()
    g.backward()
    assert x.grad.item() == 12.0


# Where


def test_an_interior_gradient_is_kept_where_it_is_asked_for():
    x = tracked()
    h = x * x
    assert h.retain_grad() is h
    y = h.sum()
    y.retain_grad()
    y.backward()
    assert (h.grad.tolist(), y.grad.item(), x.grad.tolist()) == ([1.0, 1.0, 1.0], 1.0, [2.0, 4.0, 6.0])
    h.zero_grad()
    assert h.grad is None


def test_an_interior_gradient_that_was_not_asked_for_warns():
    x = tracked()
    h = x * x
    h.sum().backward()
    with pytest.warns(GradientWarning) as warned:
        assert h.grad is None
    assert str(warned[0].message) == (
        "multiply was computed, so it keeps no .grad: call retain_grad() on it before backward(), "
        "or differentiate with respect to it by autograd.grad"
    )
    assert warned[0].filename == __file__
    assert x.retain_grad().grad is not None
    assert Tensor(VALUES).grad is None
    assert (x > 1).grad is None


def test_retain_grad_without_a_gradient_is_refused():
    with pytest.raises(GraphError, match="retain_grad"):
        Tensor(1.0).retain_grad()


def test_a_leaf_that_was_not_used_keeps_none():
    x, unused = tracked(), tracked("unused")
    x.sum().backward()
    assert unused.grad is None


def test_backward_from_a_leaf_warns():
    loss = Tensor(float(tracked().sum()), requires_grad=True, name="loss")
    with pytest.warns(GradientWarning, match="from leaf 'loss', which nothing was computed for"):
        loss.backward()
    assert loss.grad.item() == 1.0


# What a gradient is


def test_no_two_gradients_share_memory_and_none_is_read_only():
    seed = np.ones((2, 3))
    a = Tensor(np.ones((2, 3)), requires_grad=True)
    b = Tensor(np.ones((3, 2)), requires_grad=True)
    c = Tensor(1.0, requires_grad=True)
    h = a + b.T
    h.retain_grad()
    y = h + autograd.broadcast_to(c, (2, 3))
    y.retain_grad()
    (y + 0.0).backward(seed)
    kept = [t.grad._value for t in (a, b, h, y)]
    for first, second in combinations([*kept, seed], 2):
        assert not np.shares_memory(first, second)
    seed[:] = 7.0
    for g, t in zip(kept, (a, b, h, y), strict=True):
        assert g.flags.writeable
        assert g.base is None
        assert 0 not in g.strides
        assert np.array_equal(g, np.ones(t.shape))


@pytest.mark.parametrize("create_graph", [False, True])
def test_the_seed_is_not_aliased(create_graph):
    x, z = tracked(), tracked()
    seed = np.ones(3)
    (x + z).backward(seed, create_graph=create_graph)
    seed[:] = 9.0
    assert x.grad.tolist() == z.grad.tolist() == [1.0, 1.0, 1.0]
    assert not np.shares_memory(x.grad.numpy(), z.grad.numpy())


def test_writing_into_one_gradient_leaves_the_others():
    x, z = tracked(), tracked()
    (x + z).sum().backward()
    with no_grad():
        x.grad *= 100.0
    assert z.grad.tolist() == [1.0, 1.0, 1.0]


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("shape", [(), (1,), (3,), (2, 1), (2, 3), (1, 1, 3), (0,)])
def test_a_gradient_has_the_shape_and_dtype_of_its_tensor(dtype, shape):
    x = Tensor(np.full(shape, 0.5), requires_grad=True, dtype=dtype)
    other = Tensor(np.ones((4, 2, 3)) if shape != (0,) else np.ones((4, 1)), requires_grad=True)
    with_python = x * 2.0
    mixed = (with_python * other).tanh()
    with_python.retain_grad()
    (mixed.sum() + x.sum()).backward()
    for t in (x, with_python, other):
        assert (t.grad.shape, t.grad.dtype) == (t.shape, t.dtype)
        assert isinstance(t.grad._value, np.ndarray if t.shape else t.dtype.type)


def test_an_array_can_be_assigned_to_grad():
    x = tracked(dtype="float32")
    given = np.array([1.0, 1.0, 1.0])
    x.grad = given
    given[:] = 9.0
    (x * 2).sum().backward()
    assert (x.grad.dtype, x.grad.tolist()) == (np.float32, [3.0, 3.0, 3.0])
    x.grad = Tensor(VALUES, requires_grad=True) * 2
    assert (x.grad.dtype, x.grad.requires_grad) == (np.float32, True)
    x.grad = None
    assert x.grad is None


@pytest.mark.parametrize("wrong", [2.0, [1.0, 2.0], np.ones((1, 3))])
def test_a_gradient_of_another_shape_is_refused(wrong):
    with pytest.raises(ShapeError, match="a gradient has exactly the shape of its tensor"):
        tracked().grad = wrong


# What it starts from


def test_a_cotangent_starts_a_non_scalar():
    x = tracked()
    (x * x).backward([1, 10, 100])
    assert x.grad.tolist() == [2.0, 40.0, 600.0]
    (x * x).backward(Tensor([0.0, 0.0, 1.0]))
    assert x.grad.tolist() == [2.0, 40.0, 606.0]


def test_one_number_in_any_shape_needs_none():
    x = Tensor([[3.0]], requires_grad=True)
    (x * x).backward()
    assert x.grad.tolist() == [[6.0]]


def test_a_non_scalar_without_a_cotangent_is_refused():
    with pytest.raises(GraphError) as refused:
        (tracked() * 2).backward()
    assert str(refused.value) == (
        "in backward from multiply\n"
        "  expected: a single number, or a cotangent of the output's shape\n"
        "  got:      shape (3,) and no cotangent\n"
        "  to do:    pass gradient=…, reduce with .sum(), or use autograd.jacobian"
    )


@pytest.mark.parametrize("seed", [1.0, [1.0, 2.0], np.ones((3, 1))])
def test_a_cotangent_of_another_shape_is_refused(seed):
    with pytest.raises(ShapeError, match=r"a cotangent of shape \(3,\)"):
        (tracked() * 2).backward(seed)


@pytest.mark.parametrize("seed", ["a", 1j, [1.0, None, 2.0]])
def test_a_cotangent_of_no_numbers_is_refused(seed):
    with pytest.raises(DTypeError):
        (tracked() * 2).backward(seed)


def test_a_tracked_cotangent_is_recorded_only_if_asked():
    x, seed = tracked(), Tensor([1.0, 1.0, 2.0], requires_grad=True, dtype="float32")
    (x * 3).backward(seed)
    assert not x.grad.requires_grad
    x.zero_grad()
    (x * 3).backward(seed, create_graph=True)
    assert x.grad.dtype == np.float64
    x.grad.sum().backward()
    assert (seed.grad.dtype, seed.grad.tolist()) == (np.float32, [3.0, 3.0, 3.0])


# What has no gradient


def no_gradient(t):
    with pytest.raises(GraphError) as refused:
        t.backward()
    return refused.value.got


def test_an_output_without_a_gradient_says_why():
    x = tracked()
    assert no_gradient(Tensor(1.0)) == "a leaf without requires_grad"
    assert no_gradient(Tensor(1.0, name="y")) == "leaf 'y' without requires_grad"
    assert no_gradient((x > 1).sum()) == "dtype int64, which carries values, never gradients"
    assert no_gradient(x.argmax()) == "dtype int64, which carries values, never gradients"
    assert no_gradient(stop_gradient(x).sum()) == "a leaf without requires_grad"
    with no_grad():
        y = x.sum()
    assert no_gradient(y) == "a leaf without requires_grad"


def test_the_whole_text():
    with pytest.raises(GraphError) as refused:
        Tensor(1.0).backward()
    assert str(refused.value) == (
        "in backward from leaf\n"
        "  expected: a tensor that was computed from one with requires_grad=True\n"
        "  got:      a leaf without requires_grad\n"
        "  to do:    set requires_grad=True on the tensors you want gradients for"
    )


# Operands that were overwritten


def overwrite(t, index=...):
    with no_grad():
        t[index] = 5.0


def test_a_mutated_operand_is_named_with_its_place():
    w = tracked("w")
    y = (w * w).sum()
    overwrite(w)
    with pytest.raises(MutationError) as refused:
        y.backward()
    line = overwrite.__code__.co_firstlineno + 2
    assert str(refused.value) == (
        "in the backward pass of multiply\n"
        "  expected: operand leaf 'w' as it was in the forward pass\n"
        f"  got:      it was overwritten in place at {__file__}:{line}\n"
        "  to do:    call backward() before the write, or compute the result again after it"
    )
    assert w.grad is None


@pytest.mark.parametrize(
    "write",
    [
        lambda w, c: overwrite(w, 0),
        lambda w, c: overwrite(w.T),
        lambda w, c: overwrite(w[1]),
        lambda w, c: w.assign_(np.zeros((2, 2))),
        lambda w, c: overwrite(c),
        lambda w, c: overwrite(w.detach()),
    ],
)
@pytest.mark.parametrize("use", [lambda w, c: w * w * c, lambda w, c: w.T @ c, lambda w, c: w[0] * w[1] * c])
def test_a_write_through_any_view_is_caught(use, write):
    w, c = Parameter(np.ones((2, 2))), Tensor(np.ones((2, 2)), requires_grad=True)
    y = use(w, c).sum()
    write(w, c)
    with pytest.raises(MutationError):
        y.backward()


def test_a_write_that_no_rule_needs_is_no_error():
    w = tracked("w")
    y = (w + w).sum()
    overwrite(w)
    y.backward()
    assert w.grad.tolist() == [2.0, 2.0, 2.0]


def test_a_graph_made_after_the_write_is_fine():
    w = tracked("w")
    overwrite(w)
    (w * w).sum().backward()
    assert w.grad.tolist() == [10.0, 10.0, 10.0]


def test_memory_shared_by_as_tensor_is_seen():
    array = np.ones(3)
    t, w = as_tensor(array), tracked()
    y = (w * array).sum()
    overwrite(t)
    with pytest.raises(MutationError, match="operand constant"):
        y.backward()


# Depth and freeing


def nodes_alive():
    return sum(isinstance(o, Node) for o in gc.get_objects())


@pytest.fixture
def collector_off():
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def long_chain(n):
    x = y = Tensor(1.0, requires_grad=True)
    for _ in range(n):
        y = y * 1.0
    return x, y


def test_a_long_chain_is_built_swept_and_freed_without_recursion(collector_off):
    before = nodes_alive()
    x, y = long_chain(200_000)
    y.backward()
    assert x.grad.item() == 1.0
    node = weakref.finalize(y, lambda: None)
    del y
    assert not node.alive
    assert nodes_alive() == before + 1  # x's own: the chain died by reference count alone


def test_a_long_chain_of_every_kind_of_node():
    x = y = Tensor(np.ones(2), requires_grad=True)
    for i in range(6000):
        y = (
            autograd.concatenate([y[:1], y[1:]]) if i % 3 == 0
            else autograd.where(y > 0, y, 0.0) if i % 3 == 1
            else autograd.einsum("i,ij->j", y, np.eye(2))
        )  # fmt: skip
    y.sum().backward(retain_graph=False)
    assert x.grad.tolist() == [1.0, 1.0]
    del y


def grow(x):
    return (x * x.exp() / (x + 2.0)).sum()


def failing(x):
    with pytest.raises(ShapeError):
        (x * 2) + np.ones(4)


@pytest.mark.parametrize(
    "use",
    [
        lambda x: grow(x).backward(),
        lambda x: grow(x).backward(create_graph=True),
        lambda x: grow(x).backward(retain_graph=False),
        lambda x: autograd.where(x > 2, x, autograd.sqrt(x - 2)).sum().backward(),
        lambda x: autograd.grad(grow)(x.numpy()),
        lambda x: autograd.grad(lambda v: autograd.grad(grow)(v).sum())(x.numpy()),
        lambda x: autograd.jacobian(lambda v: v * v)(x.numpy()),
        lambda x: autograd.vjp(grow, x.numpy())[1](1.0),
        lambda x: autograd.gradcheck(grow, x.numpy()),
        failing,
    ],
)
@pytest.mark.filterwarnings("ignore:invalid value")
def test_a_graph_dies_by_reference_count_alone(use, collector_off):
    x = tracked()
    use(x)  # what is made once and kept
    x.zero_grad()
    before = nodes_alive()
    use(x)
    x.zero_grad()
    assert nodes_alive() == before


def test_no_graph_grows_under_no_grad(collector_off):
    x = tracked()
    before = nodes_alive()
    with no_grad():
        y = x
        for _ in range(100):
            y = (y * x).tanh()
    assert nodes_alive() == before
    assert not y.requires_grad


# Modes don't leak


def records():
    return (Tensor(1.0, requires_grad=True) * 2).requires_grad


def test_no_grad_ends_with_its_block_also_by_an_exception():
    @no_grad()
    def fail():
        assert not records()
        raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert records()


def test_no_grad_as_a_decorator():
    quiet = no_grad()(records)
    assert (quiet(), records(), quiet()) == (False, True, False)


def test_no_grad_stays_in_its_thread():
    seen = []
    with no_grad():
        thread = threading.Thread(target=lambda: seen.append(records()))
        thread.start()
        thread.join()
    assert seen == [True]


def test_no_grad_stays_in_its_task():
    async def quiet(started, done):
        with no_grad():
            started.set()
            await done.wait()
            return records()

    async def loud(started, done):
        await started.wait()
        result = records()
        done.set()
        return result

    async def both():
        started, done = asyncio.Event(), asyncio.Event()
        return await asyncio.gather(quiet(started, done), loud(started, done))

    assert asyncio.run(both()) == [False, True]


def test_no_grad_stays_in_its_context():
    context, manager = contextvars.copy_context(), no_grad()
    context.run(manager.__enter__)
    assert not context.run(records)
    assert records()
    context.run(manager.__exit__, None, None, None)
    assert context.run(records)


def test_threads_build_and_sweep_graphs_of_their_own():
    found = {}

    def work(k):
        x = y = Tensor(float(k), requires_grad=True)
        for _ in range(300):
            y = y * 1.0 + x * 0.01
        y.backward()
        found[k] = x.grad.item()

    threads = [threading.Thread(target=work, args=(k,)) for k in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [found[k] for k in range(6)] == pytest.approx([4.0] * 6)


def test_what_a_hook_keeps_is_its_own():
    given, kept = np.array([3.0, 4.0]), []
    for hook in (lambda g: given, kept.append):
        x = Tensor([1.0, 2.0], requires_grad=True)
        x.register_hook(hook)
        x.sum().backward()
        with autograd.no_grad():
            x.grad *= 0
    assert given.tolist() == [3.0, 4.0]
    assert kept[0].tolist() == [1.0, 1.0]


def test_a_gradient_is_one_tensor_however_often_it_is_read():
    x = Tensor([1.0, 2.0], requires_grad=True)
    (x * x).sum().backward()
    first = x.grad
    assert isinstance(first, Tensor)
    assert x.grad is first
    (x * x).sum().backward()  # adds to what was read, without writing into it
    assert first.tolist() == [2.0, 4.0]
    assert x.grad.tolist() == [4.0, 8.0]
    x.sum().backward()  # and to what nobody has read
    x.sum().backward()
    assert x.grad.tolist() == [6.0, 10.0]
