"""Linear algebra: PyTorch's gradients, singular and repeated cases, what is refused, and the namespace."""

import pickle

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import autograd
from autograd import MatrixError, Tensor, grad, gradcheck, gradgradcheck, hessian, linalg
from autograd.errors import ArgumentError, DTypeError, NoDerivativeError, ShapeError
from autograd.functions import by_numpy
from autograd.primitives import registry
from autograd.transforms.sampling import difference

A = np.array([[4.0, 1.0, 0.5], [-1.0, 3.0, -0.5], [0.5, 0.25, 2.0]])
S = np.array([[4.0, 1.0, 0.5], [1.0, 3.0, -0.5], [0.5, -0.5, 2.0]])
T = np.array([[2.0, 0.5], [-0.5, 1.0], [0.25, 0.75]])
REAL = np.array([[1.0, 0.5, 0.2], [0.3, 2.0, -0.4], [-0.1, 0.6, 4.0]])
W, W2 = np.arange(9.0).reshape(3, 3), np.arange(6.0).reshape(3, 2)
RANK_1, RANK_2 = np.outer([1.0, 2.0, -1.0], [0.5, 1.0, 3.0]), np.arange(1.0, 10.0).reshape(3, 3)


def _top_projector(x):
    v = np.linalg.eigh(x).eigenvectors[:, -1]
    return np.outer(v, v)


def _polar(x):
    u, _, vh = np.linalg.svd(x, full_matrices=False)
    return u @ vh


def _positive_q(x):
    q, r = np.linalg.qr(x)
    return q * np.sign(r[[0, 1], [0, 1]])


# Losses that don't depend on the signs of vectors, where both libraries are free to choose them.
LOSSES = {
    "det": (A, np.linalg.det),
    "inv": (A, lambda x: (np.linalg.inv(x) * W).sum()),
    "pinv": (T, lambda x: (np.linalg.pinv(x) * W2.T).sum()),
    "logdet": (S, autograd.logdet),
    "slogdet": (A, lambda x: np.linalg.slogdet(x).logabsdet),
    "solve": (A, lambda x: (np.linalg.solve(x, W2) * W2).sum()),
    "lstsq": (T, lambda x: (np.linalg.lstsq(x, W)[0] * np.arange(6.0).reshape(2, 3)).sum()),
    "cholesky": (S, lambda x: (np.linalg.cholesky(x) * W).sum()),
    "eigvalsh": (S, lambda x: (np.linalg.eigvalsh(x) ** 2 * np.array([1.0, 2.0, 3.0])).sum()),
    "eigh_top_projector": (S, lambda x: (_top_projector(x) * W).sum()),
    "svdvals": (T, lambda x: (np.linalg.svdvals(x) * np.array([1.0, 2.0])).sum()),
    "svd_polar": (T, lambda x: (_polar(x) * W2).sum()),
    "qr": (T, lambda x: (_positive_q(x) * W2).sum()),
    "eigvals": (REAL, lambda x: (np.linalg.eigvals(x) ** 3).sum()),
    "expm": (A, lambda x: (autograd.expm(0.25 * x) * W).sum()),
    "matrix_power": (A, lambda x: (np.linalg.matrix_power(x, -2) * W).sum()),
    "norm_nuc": (T, lambda x: np.linalg.norm(x, "nuc")),
    "norm_2": (T, lambda x: np.linalg.norm(x, 2)),
    "norm_minus_2": (T, lambda x: np.linalg.norm(x, -2)),
    "norm_1": (T, lambda x: np.linalg.norm(x, 1)),
    "norm_inf": (T, lambda x: np.linalg.norm(x, np.inf)),
    "norm_p3": (T, lambda x: np.linalg.vector_norm(x, ord=3)),
    "norm_zero": (np.zeros((1, 2)), np.linalg.norm),
    "cond": (T, np.linalg.cond),
    "solve_triangular": (A, lambda x: (autograd.solve_triangular(x, W2) * W2).sum()),
}
FROZEN = {  # the gradients of PyTorch 2.13 in float64, to 14 decimals
    "det": [[6.125, 1.75, -1.75], [-1.875, 7.75, -0.5], [-2.0, 1.5, 13.0]],
    "inv": [
        [0.07423135722779, -0.01257006964498, -0.15491761508408],
        [-0.02171855662598, -0.43568152588027, -0.55094760853212],
        [-0.17423378388216, -1.61809313499478, -1.87240651314033],
    ],
    "pinv": [
        [0.1559076505206, -2.02245359891354],
        [-0.11998189225894, -2.56344047080127],
        [0.38511543684925, -0.69193300135808],
    ],
    "logdet": [
        [0.29113924050633, -0.11392405063291, -0.10126582278481],
        [-0.11392405063291, 0.39240506329114, 0.12658227848101],
        [-0.10126582278481, 0.12658227848101, 0.55696202531646],
    ],
    "slogdet": [
        [0.24137931034483, 0.06896551724138, -0.06896551724138],
        [-0.07389162561576, 0.30541871921182, -0.01970443349754],
        [-0.07881773399015, 0.05911330049261, 0.51231527093596],
    ],
    "solve": [
        [-0.02514013928996, -0.01562765415322, 0.02547987090199],
        [0.52483680749351, -1.4034798223689, -2.87941954427431],
        [1.99956320221311, -5.24351476619185, -10.82967312965615],
    ],
    "lstsq": [
        [1.32077863286555, -21.39900407424174],
        [3.83677682209144, -51.89993662290629],
        [1.10732458125849, -8.6078406518787],
    ],
    "cholesky": [
        [-0.03904697936494, -0.0586082434136, 0.42959232174671],
        [-0.0586082434136, 1.83991650185585, 2.7890329435971],
        [0.42959232174671, 2.7890329435971, 2.98519553883214],
    ],
    "eigvalsh": [
        [22.47268880149452, 8.54149882876739, 3.35827429942607],
        [8.54149882876739, 13.67048279702496, -2.8368599480217],
        [3.35827429942607, -2.8368599480217, 6.17181267106628],
    ],
    "eigh_top_projector": [
        [-0.72984576147622, 0.12859686776413, 2.0494157911845],
        [0.12859686776413, 0.4057536017856, 1.25267160554593],
        [2.0494157911845, 1.25267160554593, 0.32409215969062],
    ],
    "svdvals": [
        [0.94756157496922, 0.22194391435399],
        [-0.53283068563083, 1.62764899626209],
        [-0.06240720372739, 1.05632547392516],
    ],
    "svd_polar": [
        [0.01870112740729, -1.35423917315259],
        [0.33903396112267, -0.51138714044347],
        [1.36100268078199, 1.30716104342802],
    ],
    "qr": [
        [0.01124637915726, -0.42391726259443],
        [0.77601063604448, -0.93261797770775],
        [1.4620502388309, 1.52610214533996],
    ],
    "eigvals": [[3.39, 2.82, -0.96], [4.86, 11.73, 10.65], [2.4, -7.02, 47.22]],
    "expm": [
        [0.10412603657537, 0.45370349568612, 0.97487005202739],
        [2.35121567937238, 1.85711778971889, 2.75349744034992],
        [3.75526310956409, 2.50082075392229, 3.49414457331993],
    ],
    "matrix_power": [
        [0.05949319741837, 0.07063405131621, -0.03049718800965],
        [0.06169009663225, -0.267384318816, -0.39210407310948],
        [0.12868870889675, -1.47063383614489, -1.89498324472857],
    ],
    "norm_nuc": [
        [0.94497804626785, 0.23200216100309],
        [-0.32024305273169, 0.7999984866651],
        [0.06678981396059, 0.5533330087962],
    ],
    "norm_2": [
        [0.94239451756648, 0.24206040765218],
        [-0.10765541983256, -0.02765202293189],
        [0.19598683164857, 0.05034054366723],
    ],
    "norm_minus_2": [
        [0.00258352870137, -0.01005824664909],
        [-0.21258763289914, 0.82765050959699],
        [-0.12919701768798, 0.50299246512897],
    ],
    "norm_1": [[1.0, 0.0], [-1.0, 0.0], [1.0, 0.0]],
    "norm_inf": [[1.0, 1.0], [0.0, 0.0], [0.0, 0.0]],
    "norm_p3": [
        [0.88020841117746, 0.05501302569859],
        [-0.05501302569859, 0.22005210279436],
        [0.01375325642465, 0.12377930782183],
    ],
    "norm_zero": [[0.0, 0.0]],
    "cond": [
        [0.73345954777028, 0.20228042264823],
        [0.19116272002939, -1.0935495825914],
        [0.32056042550971, -0.61209129418135],
    ],
    "solve_triangular": [
        [0.10416666666667, -0.35416666666667, -0.625],
        [0.0, -1.96527777777778, -3.625],
        [0.0, 0.0, -11.0],
    ],
}


@pytest.mark.parametrize("name", LOSSES)
def test_gradients_are_those_of_pytorch(name):
    x, loss = LOSSES[name]
    assert_allclose(grad(loss)(x), FROZEN[name], rtol=1e-11, atol=2e-13)


@pytest.mark.parametrize("name", ["svd_polar", "qr", "eigvals", "pinv", "lstsq", "expm", "cond", "norm_nuc", "det"])
def test_second_derivatives_of_what_is_made_of_factors(name):
    x, loss = LOSSES[name]
    assert gradgradcheck(loss, x)


def _symmetric_part(f):
    return lambda x: f((x + x.T) / 2)


@pytest.mark.parametrize("name", ["cholesky", "eigvalsh", "eigh_top_projector", "logdet"])
def test_second_derivatives_among_symmetric_matrices(name):
    x, loss = LOSSES[name]
    assert gradcheck(_symmetric_part(loss), x)
    assert gradgradcheck(_symmetric_part(loss), x)


# Which triangle is read


@pytest.mark.parametrize("upper", [False, True])
def test_the_gradient_of_a_symmetric_matrix_is_symmetric_elsewhere_it_is_that_of_the_triangle(upper):

    def loss(x):
        return (autograd.cholesky(x, upper=upper) * W).sum()

    found = grad(loss)(S)
    assert_array_equal(found, found.T)
    lopsided = S + 0.1 * np.eye(3, k=-1)
    found = grad(loss)(lopsided)
    assert_allclose(found, difference(lambda x: np.sum(np.linalg.cholesky(x, upper=upper) * W), lopsided), atol=1e-9)
    assert not np.any(np.tril(found, -1) if upper else np.triu(found, 1))
    pair = grad(lambda x: loss(x).sum())(np.stack([S, lopsided])[1])
    assert_array_equal(pair, found)


def test_a_nan_elsewhere_in_the_sweep_leaves_a_symmetric_gradient_whole():
    """Where a branch that isn't taken makes a NaN, the careful sweep asks each rule what it touches."""

    def loss(x):
        taken = np.where(x > 100.0, np.sqrt(0.0 * x), x)
        return (np.linalg.cholesky(taken) * W).sum()

    assert_allclose(grad(loss)(S), FROZEN["cholesky"], rtol=1e-11, atol=2e-13)


# Singular and repeated


@pytest.mark.parametrize("a", [RANK_1, RANK_2, np.zeros((2, 2)), np.diag([1.0, 0.0]), np.eye(3), np.zeros((1, 1)), -A])
def test_det_and_its_derivatives_at_any_rank(a):
    n = len(a)
    minors = [[np.delete(np.delete(a, i, 0), j, 1) for j in range(n)] for i in range(n)]
    cofactors = [[(-1) ** (i + j) * np.linalg.det(minors[i][j]) for j in range(n)] for i in range(n)]
    assert_allclose(grad(np.linalg.det)(a), cofactors, atol=1e-13)
    assert_allclose(hessian(np.linalg.det)(a), difference(grad(np.linalg.det), a), atol=1e-10)


WEIGHTS = np.arange(81.0).reshape(3, 3, 3, 3) ** 1.5


def test_third_derivative_of_det_exists_but_is_refused_at_a_singular_matrix():
    third = grad(lambda x: (hessian(np.linalg.det)(x) * WEIGHTS).sum())
    found = difference(lambda x: np.sum(hessian(np.linalg.det)(x) * WEIGHTS), A)
    assert_allclose(third(A), found, rtol=1e-8, atol=1e-9)
    with pytest.raises(NoDerivativeError, match="third derivative of det"):
        third(RANK_1)


def test_sums_of_repeated_eigenvalues_and_singular_values():
    rotated = np.linalg.qr(A)[0]
    turned = rotated @ np.diag([1.0, 1.0, 3.0]) @ rotated.T
    for a in (np.eye(3), 2.0 * np.eye(3), (turned + turned.T) / 2):
        assert_allclose(grad(lambda x: np.linalg.eigvalsh(x).sum())(a), np.eye(3), atol=1e-14)
        assert_allclose(grad(lambda x: (np.linalg.eigvalsh(x) ** 2).sum())(a), 2 * a, atol=1e-13)
        assert_allclose(grad(lambda x: (np.linalg.svdvals(x) ** 2).sum())(a), 2 * a, atol=1e-13)
    assert_allclose(grad(lambda x: (np.linalg.eigvals(x) ** 2).sum())(2 * np.eye(2)), 4 * np.eye(2))
    assert_allclose(grad(lambda x: np.linalg.norm(x, "nuc"))(3 * np.eye(2)), np.eye(2), atol=1e-15)
    assert_allclose(grad(lambda x: np.linalg.norm(x, 2))(np.eye(2)), np.eye(2) / 2)  # two values tie


@pytest.mark.parametrize("ord", [None, "fro", "nuc"])
def test_norms_of_nothing_have_derivative_zero(ord):
    assert_array_equal(grad(lambda x: np.linalg.norm(x, ord))(np.zeros((2, 3))), np.zeros((2, 3)))
    assert_array_equal(grad(lambda x: np.linalg.norm(x) ** 2)(np.zeros(3)), np.zeros(3))


@pytest.mark.parametrize("ord", [1, 2, 3, 1.5, 0.5, np.inf, 0])
def test_vector_norms_with_zeros_among_the_entries(ord):
    x = np.array([0.0, 3.0, -4.0])
    found = grad(lambda x: np.linalg.norm(x, ord))(x)
    rest = grad(lambda x: np.linalg.norm(x, ord))(x[1:])
    assert_allclose(found, [0.0, *rest])
    assert_array_equal(grad(lambda x: np.linalg.norm(x, ord))(np.zeros(2)), np.zeros(2))
    if ord == 0:
        assert_array_equal(found, np.zeros(3))


def test_the_vector_of_a_single_eigenvalue_beside_a_repeated_one():
    a = np.diag([1.0, 1.0, 3.0])
    found = grad(lambda x: (_top_projector(x) * W).sum())(a)
    moved = difference(lambda x: np.sum(_top_projector((x + x.T) / 2) * W), a)
    assert_allclose(found, moved, atol=1e-9)


REFUSED = {
    "eigenvectors of a repeated value": (lambda x: (np.linalg.eigh(x)[1] * W).sum(), np.diag([1.0, 1.0, 2.0])),
    "a function of a matrix by its eigenvectors": (
        lambda x: ((lambda w, v: v @ np.diag([1.0, 1.0, 1.0]) * w @ v.T)(*np.linalg.eigh(x)) * W).sum(), np.eye(3),
    ),
    "singular vectors of a repeated value": (lambda x: (np.linalg.svd(x)[0] * W).sum(), np.eye(3)),
    "singular vectors of 0": (
        lambda x: (np.linalg.svd(x, full_matrices=False)[0] * W2).sum(), np.outer([1.0, 2.0, 3.0], [1.0, 0.0]),
    ),
    "columns that complete": (lambda x: (np.linalg.svd(x)[0] * W).sum(), T),
    "columns that complete q": (lambda x: (np.linalg.qr(x, mode="complete")[0] * W).sum(), T),
    "a defective matrix": (lambda x: np.linalg.eigvals(x)[0], np.array([[1.0, 1.0], [0.0, 1.0]])),
    "complex eigenvalues": (lambda x: np.linalg.eigvals(x)[0], np.array([[0.0, 1.0], [-1.0, 0.0]])),
    "dependent columns": (lambda x: (np.linalg.qr(x)[0] * W2).sum(), np.array([[1.0, 0.0], [0.0, 0.0], [0.0, 0.0]])),
    "columns that depend but for rounding": (lambda x: (np.linalg.qr(x)[0] * W2).sum(), np.ones((3, 2))),
    "ln 0": (lambda x: np.linalg.slogdet(x)[1], np.diag([1.0, 0.0])),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_has_no_derivative_says_so(name):
    loss, x = REFUSED[name]
    with pytest.raises(NoDerivativeError) as refused:
        grad(loss)(x)
    assert all((refused.value.where, refused.value.expected, refused.value.got, refused.value.remedy))


def test_full_factors_pass_on_the_gradient_of_the_columns_that_exist():
    reduced = grad(lambda x: (np.linalg.svd(x, full_matrices=False)[0] * W2).sum())(T)
    assert_allclose(grad(lambda x: (np.linalg.svd(x)[0][:, :2] * W2).sum())(T), reduced, rtol=1e-12)
    reduced = grad(lambda x: (np.linalg.qr(x)[0] * W2).sum())(T)
    assert_allclose(grad(lambda x: (np.linalg.qr(x, "complete")[0][:, :2] * W2).sum())(T), reduced, rtol=1e-12)
    for ours, theirs in zip(np.linalg.svd(Tensor(T)), np.linalg.svd(T), strict=True):
        assert_allclose(ours.numpy(), theirs, rtol=1e-12, atol=1e-14)
    for ours, theirs in zip(np.linalg.qr(Tensor(T), mode="complete"), np.linalg.qr(T, mode="complete"), strict=True):
        assert_allclose(ours.numpy(), theirs, rtol=1e-12, atol=1e-14)


def test_hermitian_means_the_lower_triangle():
    lopsided = S + np.eye(3, k=1)
    u, s, vh = np.linalg.svd(Tensor(lopsided), hermitian=True)
    assert_allclose((u * s @ vh).numpy(), S, atol=1e-14)
    assert_allclose(np.linalg.pinv(Tensor(lopsided), hermitian=True).numpy(), np.linalg.inv(S), rtol=1e-12)


# Mistakes

GOLDEN = {
    "inv": (
        lambda: autograd.inv(Tensor(RANK_1, name="cov")),
        MatrixError,
        "in inv(a)\n  expected: an invertible matrix\n  got:      a 'cov' (3, 3) float64\n"
        "  to do:    add a small multiple of the identity, or use lstsq or pinv",
    ),
    "solve": (
        lambda: np.linalg.solve(Tensor(np.zeros((2, 2))), np.ones(2)),
        MatrixError,
        "in solve(a, b)\n  expected: an invertible matrix\n  got:      a (2, 2) float64, b (2,) float64\n"
        "  to do:    add a small multiple of the identity, or use lstsq or pinv",
    ),
    "cholesky": (
        lambda: np.linalg.cholesky(Tensor(-np.eye(2))),
        MatrixError,
        "in cholesky_factor(a)\n  expected: a positive definite matrix\n  got:      a (2, 2) float64\n"
        "  to do:    add a small multiple of the identity, or use lstsq or pinv",
    ),
    "slogdet": (
        lambda: grad(lambda x: autograd.slogdet(x).logabsdet)(np.zeros((1, 1))),
        NoDerivativeError,
        "in the derivative of log|det a|\n  expected: an invertible matrix\n  got:      a singular one\n"
        "  to do:    add a multiple of the identity, or keep away from singular matrices",
    ),
    "eigh": (
        lambda: grad(lambda x: (autograd.eigh(x)[1] * W).sum())(np.eye(3)),
        NoDerivativeError,
        "in the derivative of eigenvectors or singular vectors\n"
        "  expected: values that differ from each other (and from 0, for the vectors of a matrix that isn't square)\n"
        "  got:      a repeated value: its vectors are arbitrary within their space, and have no derivative\n"
        "  to do:    use the values alone, or perturb the matrix",
    ),
}


@pytest.mark.parametrize("name", GOLDEN)
def test_golden_texts(name):
    act, kind, text = GOLDEN[name]
    with pytest.raises(kind) as refused:
        act()
    assert str(refused.value) == text
    assert str(pickle.loads(pickle.dumps(refused.value))) == text


def test_a_singular_matrix_is_caught_as_numpys_error_too():
    with pytest.raises(np.linalg.LinAlgError):
        np.linalg.inv(Tensor(np.zeros((2, 2))))


@pytest.mark.parametrize(
    "act",
    [
        lambda: np.linalg.inv(Tensor(T)),
        lambda: np.linalg.eigh(Tensor(S), UPLO="X"),
        lambda: np.linalg.qr(Tensor(S), mode="raw"),
        lambda: np.linalg.norm(Tensor(S), "nut"),
        lambda: np.linalg.norm(Tensor(S), 3),
        lambda: np.linalg.norm(Tensor(np.ones((2, 2, 2))), "nuc"),
        lambda: np.linalg.matrix_power(Tensor(T), 2),
        lambda: np.linalg.tensorsolve(Tensor(np.ones((2, 3))), np.ones(2)),
        lambda: autograd.solve_triangular(S, np.ones(3), trans=7),
        lambda: autograd.expm(np.ones((2, 2), np.float16)),
    ],
)
def test_arguments_that_dont_fit_are_explained(act):
    with pytest.raises((ArgumentError, ShapeError, DTypeError)) as refused:
        act()
    assert "to do:" in str(refused.value)


# The namespace, and values


def test_the_namespace_has_every_name_of_numpys():
    assert set(np.linalg.__all__) - {"LinAlgError"} <= set(linalg.__all__)
    for name in set(np.linalg.__all__) - {"LinAlgError"}:
        assert by_numpy[getattr(np.linalg, name)] is getattr(linalg, name)
    assert_allclose(linalg.trace(np.ones((2, 3, 3))).numpy(), [3.0, 3.0])
    assert autograd.linalg is linalg
    assert linalg.det is autograd.det


def test_cho_solve_takes_scipys_pair():
    factor = np.linalg.cholesky(S)
    for pair in ((factor, True), (factor.T, False)):
        assert_allclose(linalg.cho_solve(pair, W2).numpy(), np.linalg.solve(S, W2), rtol=1e-12)
        assert gradcheck(lambda c, b, lower=pair[1]: linalg.cho_solve((c, lower), b), pair[0], W2)


def test_rank_and_least_squares_of_dependent_columns():
    assert np.linalg.matrix_rank(Tensor(RANK_2, requires_grad=True)) == 2
    assert np.linalg.matrix_rank(Tensor(np.stack([RANK_1, RANK_2, A]))).numpy().tolist() == [1, 2, 3]
    solution, residuals, rank, _ = np.linalg.lstsq(Tensor(np.ones((3, 2))), np.arange(3.0))
    theirs = np.linalg.lstsq(np.ones((3, 2)), np.arange(3.0))
    assert_allclose(solution.numpy(), theirs[0])
    assert residuals.shape == theirs[1].shape
    assert rank == theirs[2]


def test_empty_matrices():
    empty = Tensor(np.zeros((0, 0)), requires_grad=True)
    assert np.linalg.det(empty).item() == 1.0
    for f in (np.linalg.inv, np.linalg.eigvalsh, np.linalg.svdvals, np.linalg.cholesky, np.linalg.norm):
        assert grad(lambda x, f=f: f(x).sum())(np.zeros((0, 0))).shape == (0, 0)


@pytest.mark.parametrize("shapes", [((3, 3), (2, 3, 1)), ((2, 1, 3, 3), (4, 3, 2)), ((2, 3, 3), (3,)), ((3, 3), (3,))])
def test_solve_broadcasts_as_in_numpy_2(shapes):
    a, b = (np.random.default_rng(0).normal(size=s) for s in shapes)
    a = a + 4 * np.eye(3)
    assert_allclose(np.linalg.solve(Tensor(a), b).numpy(), np.linalg.solve(a, b))
    assert gradcheck(np.linalg.solve, a, b)
    assert gradgradcheck(np.linalg.solve, a, b)


def test_ill_conditioned_equations_keep_their_digits():
    """A solve and its gradient are as good as the condition allows, and no worse by an inverse on the way."""
    n = 8
    hilbert = 1 / (np.arange(n)[:, None] + np.arange(n) + 1.0)
    x = np.ones(n)
    found = grad(lambda b: np.linalg.solve(hilbert, b) @ (hilbert @ x))(x)
    assert_allclose(found, x, rtol=1e-4)


@pytest.mark.parametrize("name", ["det", "cofactors_along"])
def test_products_that_never_divide(name):
    """The route by singular values and the route by the inverse agree where both are good."""
    rule = registry[name]
    operands = (A,) if name == "det" else (A, W)
    near = tuple(np.stack([o, np.zeros((3, 3))]) for o in operands)  # beside a zero matrix all go by singular values
    value = registry["cofactors"] if name == "det" else rule
    assert_allclose(value.value(near, {})[0], value.value(operands, {}), rtol=1e-12, atol=1e-12)
