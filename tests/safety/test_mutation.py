"""The clock: after any of the engine's own writes a sweep raises, or gives the gradient of the forward pass."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

import autograd
import nn
from autograd import Flat, Parameter, Tensor, checkpoint, jacobian, linearize, no_grad, replay, vjp
from autograd.errors import AutogradError, GraphError, MutationError, ShapeError
from tests.fuzz.programs import generate

X = np.array([[1.0, -2.0, 3.0], [0.5, 1.5, -1.0], [2.0, 0.25, 1.0]])


def parameter() -> Tensor:
    return Tensor(X, requires_grad=True, name="w")


def raise_or_be_right(backward: Callable[[], Any], right: Any) -> bool:
    """Tell whether it raised; if it didn't, what it gave must be right."""
    try:
        found = backward()
    except MutationError:
        return True
    assert_array_equal(found, right)
    return False


def gradient(w: Tensor, loss: Tensor) -> Callable[[], Any]:
    def backward() -> Any:
        w.zero_grad()
        loss.backward()
        return w.grad.numpy()

    return backward


# Every way to write


def through_flat(w: Tensor) -> None:
    flat = Flat([w])
    flat.stamp()
    flat.value += 1.0


def by_sharing(w: Tensor) -> None:
    shared = autograd.as_tensor(w.detach())
    shared += 1.0


WRITES: dict[str, Callable[[Tensor], Any]] = {
    "+=": lambda w: w.__iadd__(1.0),
    "-=": lambda w: w.__isub__(1.0),
    "*=": lambda w: w.__imul__(2.0),
    "/=": lambda w: w.__itruediv__(2.0),
    "**=": lambda w: w.__ipow__(2.0),
    "//=": lambda w: w.__ifloordiv__(2.0),
    "%=": lambda w: w.__imod__(0.5),
    "@=": lambda w: w.__imatmul__(np.ones((3, 3))),
    "an entry": lambda w: w.__setitem__((1, 1), 9.0),
    "a slice": lambda w: w.__setitem__(slice(1, None), 9.0),
    "a mask": lambda w: w.__setitem__(w.numpy() > 0, 9.0),
    "by indices": lambda w: w.__setitem__([0, 1, 2], 9.0),
    "everything": lambda w: w.__setitem__(..., 9.0),
    "assign_": lambda w: w.assign_(np.zeros((3, 3))),
    "np.add.at": lambda w: np.add.at(w, [0, 1, 2], 1.0),
    "np.subtract.at": lambda w: np.subtract.at(w, [0, 1, 2], 1.0),
    "a row of it": lambda w: w[1].__setitem__(1, 9.0),
    "its transpose": lambda w: w.T.__imul__(2.0),
    "its reverse": lambda w: w[::-1].__imul__(2.0),
    "flattened": lambda w: w.reshape(-1).__imul__(2.0),
    "its diagonal": lambda w: w.reshape(9)[::4].__imul__(2.0),
    "detached": lambda w: w.detach().__imul__(2.0),
    "shared": by_sharing,
    "Flat": through_flat,
    "init": lambda w: nn.init.normal_(w, rng=0),
    "init a constant": nn.init.zeros_,
}


@pytest.mark.parametrize("name", WRITES)
def test_every_way_to_write_is_seen(name: str) -> None:
    w = parameter()
    loss = (w * w).sum()
    with no_grad():
        WRITES[name](w)
    assert raise_or_be_right(gradient(w, loss), 2 * X)


def test_a_move_alone_is_no_write_and_a_part_written_is_no_write_to_the_rest() -> None:
    w, v = parameter(), parameter()
    loss, other = (w * w).sum(), (v * v).sum()
    flat = Flat([w, v])
    assert_array_equal(gradient(w, loss)(), 2 * X)
    flat.stamp(0, w.size)
    flat.value[: w.size] -= 1
    with pytest.raises(MutationError):
        loss.backward()
    assert_array_equal(gradient(v, other)(), 2 * X)
    flat.stamp()
    flat.value -= 1
    with pytest.raises(MutationError):
        other.backward()


def test_a_second_write_through_flat_is_seen() -> None:
    w = parameter()
    through_flat(w)
    loss = (w * w).sum()
    through_flat(w)
    with pytest.raises(MutationError):
        loss.backward()


@pytest.mark.parametrize(
    "name", [n for n in WRITES if n not in ("Flat", "shared", "detached", "assign_", "init", "init a constant")]
)
def test_while_recording_the_same_statement_on_a_computed_tensor_leaves_the_older_graph_alone(name: str) -> None:
    w = parameter()
    h = w * 1.0
    loss = (h * h).sum()
    WRITES[name](h)
    assert_array_equal(gradient(w, loss)(), 2 * X)


# Optimizers, and what else in nn writes


@pytest.mark.parametrize("name", nn.optim.optimizers)
def test_every_optimizers_step_is_seen(name: str) -> None:
    w = parameter()
    optimizer = nn.optim.optimizers[name]([w], lr=0.1)

    def closure() -> Tensor:
        optimizer.zero_grad()
        loss = ((w - 1) ** 2).sum()
        loss.backward()
        return loss

    for _ in range(3):  # the first step packs the parameters into new memory
        before, loss = np.array(w.data), (w * w).sum()
        optimizer.step(closure)
        assert not np.array_equal(w.data, before)
        assert raise_or_be_right(gradient(w, loss), 2 * before)


def test_gradients_that_are_clipped_or_set_are_seen() -> None:
    for write in (
        lambda w: nn.optim.clip_grad_norm_([w], 0.1),
        lambda w: nn.optim.clip_grad_value_([w], 0.1),
    ):
        w, v = parameter(), Parameter(X)
        (w * w).sum().backward()
        meta = (w.grad * v).sum()
        write(w)
        raise_or_be_right(gradient(v, meta), 2 * X)


def norm_layer() -> Any:
    layer = nn.BatchNorm1d(3, momentum=0.5)
    layer(X.astype("float32"))
    return layer.eval()


def loaded(layer: Any) -> None:
    layer.load_state_dict({k: np.asarray(v) * 2 + 1 for k, v in layer.state_dict().items()})


@pytest.mark.parametrize("write", [lambda m: m.train()(5 * X.astype("float32")), loaded])
def test_a_layers_statistics_and_state(write: Any) -> None:
    layer, x = norm_layer(), Tensor(X, requires_grad=True, dtype="float32")
    expected = jacobian(layer)(X.astype("float32")).sum(axis=(0, 1))
    loss = layer(x).sum()
    write(layer)
    try:
        loss.backward()
    except MutationError:
        return
    assert_allclose(x.grad.numpy(), expected, rtol=1e-5)


# What isn't an operand, and passes that aren't backward


def test_an_index_is_kept_as_it_was() -> None:
    x, index = Tensor(X[0], requires_grad=True), Tensor([0, 1])
    y = x * 1.0
    y[Tensor([0])] = 5.0
    loss = (x[index] * 3.0).sum() + x[[index, index]].sum() + (x[index, ...]).sum() + y.sum()
    with no_grad():
        index[0] = 2
    loss.backward()
    assert x.grad.tolist() == [6.0, 7.0, 1.0]


@pytest.mark.parametrize(
    "taken",
    [
        lambda x, index: autograd.take_along_axis(x, index, 1),
        lambda x, index: autograd.take(x, index[:, 0], axis=1),
        lambda x, index: nn.functional.nll_loss(autograd.log_softmax(x), index[:, 0]),
        lambda x, index: nn.functional.embedding(index[:, 0], x),
        lambda x, index: autograd.index_add(x, 0, index[:, 0], x),
        lambda x, index: autograd.where(index > 1, x, 2 * x),
        lambda x, index: np.repeat(x, index[:, 0], axis=0),
        lambda x, index: x * index,
    ],
    ids=["take_along_axis", "take", "nll_loss", "embedding", "index_add", "where", "repeat", "multiply"],
)
def test_a_written_index_of_a_function_is_seen_or_was_copied(taken: Any) -> None:
    right = jacobian(lambda v: np.sin(taken(v, Tensor([[0], [1], [2]]))).sum())(X)
    x, index = Tensor(X, requires_grad=True), Tensor([[0], [1], [2]])
    loss = np.sin(taken(x, index)).sum()
    with no_grad():
        index[0] = 2
    raise_or_be_right(gradient(x, loss), right)


@pytest.mark.parametrize(
    "later",
    [
        lambda f, w: (lambda push: lambda: push(X))(linearize(f, w)[1]),
        lambda f, w: (lambda pull: lambda: pull(1.0))(vjp(f, w)[1]),
        lambda f, w: checkpoint(f)(w).backward,
        lambda f, w: (lambda y: lambda: replay(y))(f(w)),
        lambda f, w: (lambda y: lambda: autograd.trace(y))(f(w)),
        lambda f, w: (lambda y: lambda: y.backward(create_graph=True))(f(w)),
        lambda f, w: (lambda y: lambda: y.backward(retain_graph=False))(f(w)),
    ],
    ids=["linearize", "vjp", "checkpoint", "replay", "trace", "create_graph", "retain_graph"],
)
def test_every_pass_that_comes_later_sees_the_write(later: Any) -> None:
    w, c = parameter(), Tensor(X)
    run = later(lambda v: (np.sin(v) * c).sum(), w)
    with no_grad():
        c += 1.0
    with pytest.raises(GraphError, match="overwritten"):
        run()


def test_memory_behind_a_strided_view_and_a_buffer() -> None:
    for make in (
        lambda a: np.lib.stride_tricks.as_strided(a, (3, 2), (8, 8)),
        lambda a: np.frombuffer(memoryview(a), dtype=float),
    ):
        array, w = np.ones(6), Parameter(np.ones(6))
        if make(array).shape == (6,):
            held = bytearray(array.tobytes())
            array, window = np.frombuffer(held), np.frombuffer(held)
        else:
            window = make(array)
        loss = (w * array).sum()
        t = autograd.as_tensor(window)
        with no_grad():
            t += 1.0
        del t, window
        with pytest.raises(MutationError):
            loss.backward()


def test_a_write_that_was_refused_changed_nothing() -> None:
    w = parameter()
    loss = (w * w).sum()
    with no_grad():
        for index, value in (([0], np.ones(5)), (7, 1.0), (slice(0, 2), np.ones((3, 3))), (0, "word")):
            with pytest.raises(AutogradError):
                w[index] = value
        with pytest.raises(ShapeError):
            w += np.ones((2, 3, 3))
    assert_array_equal(gradient(w, loss)(), 2 * X)


# Random programs, random writes


OFTEN_FIT = ["+=", "*=", "an entry", "a slice", "everything", "its transpose", "its reverse", "detached", "flattened"]
writes = st.lists(st.tuples(st.integers(0, 30), st.sampled_from(OFTEN_FIT)), min_size=1, max_size=3)


@settings(max_examples=250)
@given(seed=st.integers(0, 10**6), drawn=writes)
def test_random_programs_and_writes(seed: int, drawn: list[tuple[int, str]]) -> None:
    program = generate(seed, longest=5)
    with np.errstate(all="ignore"):
        right = autograd.grad(program.total, tuple(range(len(program.shapes))), unused="zero")(*program.inputs())
        leaves = [Tensor(x, requires_grad=True) for x in program.inputs()]
        values = program.values(*leaves)
        loss = sum(np.sin(v).sum() * (1.0 + i) / len(values) for i, v in enumerate(values))
        with no_grad():
            for at, name in drawn:
                try:
                    WRITES[name](values[at % len(values)])
                except (AutogradError, TypeError):  # a single number has no slice, a read-only view no room
                    continue
        try:
            loss.backward()
        except MutationError as refused:
            if "test_mutation.py" not in refused.got:
                raise
            return
        for leaf, expected in zip(leaves, right, strict=True):
            found = np.zeros(leaf.shape) if leaf.grad is None else leaf.grad.numpy()
            assert_array_equal(found, expected)
