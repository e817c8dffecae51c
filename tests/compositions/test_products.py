"""Products of arrays in every form of the call, and what the registry's cases don't reach."""

import functools
import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

import autograd
from autograd import Tensor, grad, gradcheck, gradgradcheck, jacobian
from autograd.errors import ArgumentError, ShapeError
from autograd.transforms.sampling import difference, rng

SHAPES = [(), (4,), (4, 4), (2, 4, 4)]


def drawn(*shapes):
    random = rng(str(shapes))
    return [random.normal(size=s)[()] for s in shapes]


@pytest.mark.parametrize("f", [np.dot, np.inner, np.kron, np.outer, np.vdot, np.tensordot])
@pytest.mark.parametrize("shapes", list(itertools.product(SHAPES, SHAPES)), ids=str)
def test_every_combination_of_ranks(f, shapes):
    """Values and both gradients, with either operand or both a tensor, and the other way of calling."""
    a, b = drawn(*shapes)
    try:
        expected = f(a, b, **({"axes": 1} if f is np.tensordot else {}))
    except (ValueError, IndexError):
        pytest.skip("which NumPy refuses")
    call = functools.partial(np.tensordot, axes=1) if f is np.tensordot else f
    for x, y in ((Tensor(a), b), (a, Tensor(b)), (Tensor(a), Tensor(b))):
        assert_allclose(call(x, y).numpy(), expected, rtol=1e-13)
    y_bar = rng(f.__name__).normal(size=np.shape(expected))

    def loss(a, b):
        return (call(a, b) * y_bar).sum()

    for found, moved, x in zip(
        grad(loss, (0, 1))(a, b),
        (lambda t: np.sum(call(t, b) * y_bar), lambda t: np.sum(call(a, t) * y_bar)),
        (a, b),
        strict=True,
    ):
        assert_allclose(found, difference(moved, x), rtol=1e-8, atol=1e-9)


@pytest.mark.parametrize("f", [np.dot, np.vdot, np.inner, np.outer, np.kron])
def test_numbers_lists_and_whole_numbers(f):
    x = Tensor([1.0, 2.0], requires_grad=True)
    for other in ([3, 4], np.array([3, 4]), np.float32([3, 4]), [3.0, 4.0]):
        x.zero_grad()
        f(x, other).sum().backward()
        assert_array_equal(x.grad.numpy(), [7.0, 7.0] if f in (np.outer, np.kron) else [3.0, 4.0])


@pytest.mark.parametrize("layout", [np.asfortranarray, lambda x: np.repeat(x, 2, -1)[..., ::2], lambda x: x[::-1]])
def test_layouts_and_read_only_operands(layout):
    a, b = (layout(x) for x in drawn((3, 4), (4, 3)))
    a.flags.writeable = b.flags.writeable = False
    for f in (
        np.dot, np.kron, lambda a, b: np.einsum("ij,jk->ik", a, b), lambda a, b: np.tensordot(a, b, ([0], [1])),
        lambda a, b: np.linalg.norm(a, "nuc") * np.linalg.svdvals(b), lambda a, b: np.linalg.pinv(a) * b,
    ):  # fmt: skip
        assert gradcheck(f, a, b)


# Einstein's summation


@st.composite
def summations(draw):
    """Draw subscripts, with repeats, an ellipsis and axes of length 1, and the shapes that go with them."""
    lengths = dict(zip("abcd", draw(st.lists(st.integers(1, 3), min_size=4, max_size=4)), strict=True))
    count = draw(st.integers(1, 3))
    terms = ["".join(draw(st.lists(st.sampled_from("abcd"), max_size=3))) for _ in range(count)]
    dots = [draw(st.booleans()) for _ in terms]
    extra = draw(st.lists(st.integers(1, 2), max_size=2)) if any(dots) else []
    shapes = [
        (*(extra[draw(st.integers(0, len(extra))) :] if d else ()), *(lengths[c] for c in t))
        for t, d in zip(terms, dots, strict=True)
    ]
    subscripts = ",".join(("..." if d else "") + t for t, d in zip(terms, dots, strict=True))
    if draw(st.booleans()):
        kept = draw(st.lists(st.sampled_from(sorted(set("".join(terms))) or [""]), unique=True))
        subscripts += "->" + ("..." if any(dots) else "") + "".join(kept)
    return subscripts, shapes, draw(st.sampled_from([True, False, "greedy", "optimal"]))


@settings(max_examples=60, deadline=None)
@given(summations())
def test_einsum_of_any_subscripts(drawing):
    subscripts, shapes, optimize = drawing
    operands = drawn(*shapes)
    try:
        expected = np.einsum(subscripts, *operands, optimize=optimize)
    except ValueError:
        return
    found = np.einsum(subscripts, *map(Tensor, operands), optimize=optimize)
    assert_allclose(found.numpy(), expected, rtol=1e-12, atol=1e-13)
    assert found.shape == np.shape(expected)
    assert gradcheck(lambda *xs: np.einsum(subscripts, *xs, optimize=optimize), *operands)


def steps(t):
    """Return the names of the steps that made a tensor."""
    made, stack = [], [t.node]
    while stack:
        node = stack.pop()
        if node.primitive is not None:
            made.append(node.primitive.name)
        stack += [p for p in node.parents if p is not None]
    return made


def test_several_operands_are_contracted_pair_by_pair():
    a, b, c = (Tensor(x, requires_grad=True) for x in drawn((2, 30), (30, 30), (30, 2)))
    assert steps(np.einsum("ij,jk,kl->il", a, b, c)) == ["einsum"] * 2
    assert steps(np.einsum("ij,jk,kl->il", a, b, c, optimize=False)) == ["einsum"]
    path = ["einsum_path", (1, 2), (0, 1)]
    assert_allclose(np.einsum("ij,jk,kl->il", a, b, c, optimize=path).numpy(), (a @ b @ c).numpy(), rtol=1e-12)
    assert steps(np.linalg.multi_dot([a, b, c])) == ["einsum"] * 2


def test_einsum_by_lists_of_numbers():
    a, b = (Tensor(x, requires_grad=True) for x in drawn((2, 3), (3, 4)))
    for found in (
        np.einsum(a, [0, 1], b, [1, 2], [0, 2]),
        np.einsum(a, (5, 1), b, (1, 7)),
        np.einsum(a, [0, 1], b, [1, 2]),
    ):
        assert_allclose(found.numpy(), (a @ b).numpy())
    assert_allclose(np.einsum(a, [Ellipsis, 0], [0, Ellipsis]).numpy(), a.numpy().T)


@pytest.mark.parametrize(
    "act",
    [
        lambda t: np.einsum("ij->i", t, t),
        lambda t: np.einsum("i->i", t),
        lambda t: np.einsum("ij,jk->ik", t, np.ones((4, 2))),
        lambda t: np.einsum("ij->k", t),
        autograd.einsum,
        lambda t: np.tensordot(t, np.ones((4, 2)), axes=1),
        lambda t: np.cross(t, np.ones((2, 4))),
        lambda t: np.convolve(t, np.ones(2)),
        lambda t: np.convolve(t[0], np.ones(0)),
        lambda t: np.convolve(t[0], np.ones(2), mode="some"),
        lambda t: np.linalg.multi_dot([t]),
        lambda t: np.interp(0.5, t[0], np.ones(2)),
        lambda t: np.roots(0 * t[0]),
    ],
)
def test_arguments_that_dont_fit_are_explained(act):
    with pytest.raises((ArgumentError, ShapeError)) as refused:
        act(Tensor(np.ones((2, 3)), requires_grad=True))
    assert "to do:" in str(refused.value)


# Vectors and sequences


def test_cross_of_plane_vectors():
    """NumPy is giving these up; the third entry that is missing is 0."""
    a, b, c = drawn((5, 2), (5, 2), (5, 3))

    def wide(x):
        return np.concatenate([x, np.zeros((5, 1))], axis=1)

    assert_allclose(autograd.cross(a, b).numpy(), np.cross(wide(a), wide(b))[:, 2])
    assert_allclose(autograd.cross(a, c).numpy(), np.cross(wide(a), c))
    assert_allclose(autograd.cross(c, a).numpy(), np.cross(c, wide(a)))
    assert gradcheck(autograd.cross, a, c)


@pytest.mark.parametrize("mode", ["full", "same", "valid"])
@pytest.mark.parametrize("lengths", list(itertools.product(range(1, 6), repeat=2)), ids=str)
def test_convolutions_of_any_lengths(mode, lengths):
    a, v = drawn(*((n,) for n in lengths))
    for f in (np.convolve, np.correlate):
        assert_allclose(f(Tensor(a), v, mode=mode).numpy(), f(a, v, mode=mode), rtol=1e-12, atol=1e-14)
        rows = jacobian(lambda a, v, f=f: f(a, v, mode), (0, 1))(a, v)
        assert_allclose(rows[0], difference(lambda x, f=f: f(x, v, mode), a), atol=1e-9)
        assert_allclose(rows[1], difference(lambda x, f=f: f(a, x, mode), v), atol=1e-9)


def test_interpolation_at_its_points_and_beyond():
    xp, fp = np.array([0.0, 1.0, 3.0]), np.array([2.0, 4.0, 3.0])
    slope = grad(lambda x: np.interp(x, xp, fp).sum())
    assert_allclose(slope(np.array([-1.0, 0.0, 0.5, 1.0, 2.0, 3.0, 4.0])), [0.0, 2.0, 2.0, -0.5, -0.5, -0.5, 0.0])
    of_values = grad(lambda f: np.interp(np.array([-1.0, 0.5, 9.0]), xp, f).sum())(fp)
    assert_allclose(of_values, [1.5, 0.5, 1.0])
    of_values = grad(lambda f: np.interp(np.array([-1.0, 9.0]), xp, f, left=0.0, right=1.0).sum(), unused="zero")(fp)
    assert_array_equal(of_values, np.zeros(3))


# Polynomials


def test_fits_and_zeros_of_polynomials():
    x, y = np.linspace(-1.0, 1.0, 7), np.cos(np.arange(7.0))
    assert_allclose(np.polyfit(Tensor(x), y, 3).numpy(), np.polyfit(x, y, 3), rtol=1e-10)
    assert gradcheck(lambda x, y: np.polyfit(x, y, 2), x, y)
    assert gradgradcheck(lambda y: np.polyval(np.polyfit(x, y, 2), 0.3) ** 2, y)
    zeros = np.array([3.0, 1.0, -2.0])
    assert_allclose(np.sort(np.roots(np.poly(Tensor(zeros))).numpy()), np.sort(zeros), rtol=1e-12)
    slopes = jacobian(lambda p: np.sort(np.roots(p)))(np.poly(zeros))
    p = np.poly(zeros)
    expected = [[-(z ** (3 - k)) / np.polyval(np.polyder(p), z) for k in range(4)] for z in np.sort(zeros)]
    assert_allclose(slopes, expected, rtol=1e-10, atol=1e-12)
    a = np.array([[2.0, 1.0], [1.0, 3.0]])
    assert_allclose(np.poly(Tensor(a)).numpy(), np.poly(a))
    assert_allclose(grad(lambda x: np.poly(x)[2])(a), grad(np.linalg.det)(a), rtol=1e-12)


def test_vander_and_polyval_at_zero():
    assert_array_equal(jacobian(lambda x: np.vander(x, 3))(np.zeros(1))[0, :, 0], [0.0, 1.0, 0.0])
    assert grad(lambda x: np.polyval([3.0, 2.0, 1.0], x))(0.0) == 2.0
