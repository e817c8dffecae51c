"""Linear equations and what follows from them: least squares, triangular systems, powers, determinants' logarithms."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from autograd.compositions.composition import composed
from autograd.compositions.factors import eigvalsh, from_lower, svdvals
from autograd.functions import functions
from autograd.primitives.domain import case
from autograd.tensor import Tensor, as_tensor, raw

_WELL = np.array([[4.0, 1.0, 0.0], [-1.0, 3.0, 0.5], [0.2, -0.3, 2.0]])
_LOWER = np.tril(_WELL)
_TALL = np.array([[2.0, 0.3], [-0.5, 1.0], [0.4, 0.7]])


class SlogdetResult(NamedTuple):
    """The determinant's sign, which has no derivative, and the logarithm of its magnitude."""

    sign: Tensor
    logabsdet: Tensor


@composed(case(_WELL), case(np.stack([_WELL, -_WELL])), numpy=np.linalg.slogdet)
def slogdet(a: Any) -> SlogdetResult:
    """Return sign and ln|det a|, which neither overflow nor underflow.

    Raises NoDerivativeError in the backward pass of a singular matrix, whose logarithm is −∞.

    >>> slogdet(np.diag([1.0, -np.e])).logabsdet
    Tensor(1.)
    """
    y = functions["sign_and_logdet"](a)
    return SlogdetResult(functions["sign"](y[..., 0]), y[..., 1])


@composed(case(_WELL), case(np.stack([_WELL, 2 * _WELL])), reference=lambda a: np.log(np.linalg.det(a)))
def logdet(a: Any) -> Any:
    """Return ln det a; −∞ for a singular matrix, NaN where the determinant is negative (as torch.logdet).

    >>> logdet(np.diag([1.0, np.e]))
    Tensor(1.)
    """
    sign, logarithm = slogdet(a)
    return functions["where"](sign < 0, np.full((), np.nan, logarithm.dtype), logarithm)


def _solve_triangular_by_numpy(a: Any, b: Any, lower: bool = False, trans: Any = 0, unit_diagonal: bool = False) -> Any:
    a = np.tril(a) if lower else np.triu(a)
    a = a + np.eye(a.shape[-1]) * (1 - a) * unit_diagonal
    return np.linalg.solve(a.mT if trans else a, b)


@composed(
    case(_WELL, (3,)), case(_WELL, (3, 2), lower=True), case(_WELL, (3, 2), trans=1), case(_WELL, (3,), trans="T"),
    case(_WELL, (3, 1), lower=True, unit_diagonal=True), case(_WELL, (2, 3, 1)),
    case(np.stack([_WELL, 2 * _WELL]), (3,), lower=True), reference=_solve_triangular_by_numpy,
)  # fmt: skip
def solve_triangular(a: Any, b: Any, trans: Any = 0, lower: bool = False, unit_diagonal: bool = False) -> Any:
    """Return the solution y of a·y = b (``trans``: aᵀ·y = b), reading one triangle of a; SciPy's arguments.

    b is a vector (n,) or a matrix (…, n, k). Raises MatrixError if the diagonal has a zero.

    >>> solve_triangular(np.array([[2.0, 1.0], [0.0, 4.0]]), np.array([4.0, 8.0]))
    Tensor([1., 2.])
    """
    if trans not in (0, 1, "N", "T", "C"):
        raise ValueError("trans is 0 or 'N', 1 or 'T'")
    if trans in (1, "T", "C"):
        a, lower = a.mT, not lower
    solved = functions["triangular_solve"]
    return solved(a, b[:, None], lower, unit_diagonal)[..., 0] if b.ndim == 1 else solved(a, b, lower, unit_diagonal)


@composed(
    case((3, 2), _LOWER), case((3,), _LOWER), case((3, 2), _LOWER.T, upper=True),
    case((3,), np.stack([_LOWER, 2 * _LOWER])),
    reference=lambda b, L, upper=False: np.linalg.solve(L.mT @ L if upper else L @ L.mT, b),
)  # fmt: skip
def cholesky_solve(b: Any, L: Any, upper: bool = False) -> Any:
    """Return the solution y of a·y = b from a's Cholesky factor: a = L·lᵀ, or lᵀ·L if ``upper``.

    >>> cholesky_solve(np.array([4.0, 18.0]), np.diag([2.0, 3.0]))
    Tensor([1., 2.])
    """
    between = solve_triangular(L, b[:, None] if b.ndim == 1 else b, trans=int(upper), lower=not upper)
    y = solve_triangular(L, between, trans=int(not upper), lower=not upper)
    return y[..., 0] if b.ndim == 1 else y


def _by_its_series(a: Any) -> Any:
    term = total = np.zeros_like(a) + np.eye(a.shape[-1], dtype=a.dtype)
    for k in range(1, 60):
        term = term @ a / k
        total = total + term
    return total


@composed(case((3, 3)), case((2, 2, 2)), reference=_by_its_series)
def expm(a: Any) -> Any:
    """Return the exponential Σ aᵏ/k! of a square matrix, or of each in a stack (computed by SciPy).

    >>> expm(np.zeros((2, 2)))
    Tensor([[1., 0.], [0., 1.]])
    """
    return functions["matrix_exponential"](a)


@composed(
    case((4, 2)), case((2, 2, 3)), case((3, 2), rcond=1e-8), case((2, 3), rtol=1e-8),
    case(_WELL + _WELL.T, hermitian=True), numpy=np.linalg.pinv,
)  # fmt: skip
def pinv(a: Any, rcond: Any = None, hermitian: bool = False, *, rtol: Any = None) -> Any:
    """Return the pseudo-inverse; singular values below ``rcond`` (or ``rtol``) times the largest count as 0.

    Where columns depend on each other, its derivative is that at constant rank, the only one there is.

    >>> pinv(np.array([[2.0], [0.0]]))
    Tensor([[0.5, 0. ]])
    """
    if rcond is not None and rtol is not None:
        raise ValueError("rcond and rtol are two names for one number")
    a = from_lower(a) if hermitian else a
    return functions["pseudo_inverse"](a, rtol if rcond is None else rcond, hermitian)


@composed(
    case(_TALL, (3,)), case(_TALL, (3, 2)), case(_TALL.T, (2,)), case(_WELL, (3,)), case(_TALL, (3,), rcond=1e-8),
    numpy=np.linalg.lstsq, operands="a b",
)  # fmt: skip
def lstsq(a: Any, b: Any, rcond: float | None = None) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Return the y that makes ‖a·y − b‖ least, the squared residuals, a's rank and its singular values.

    Unlike NumPy's it takes stacks: a (…, m, n) with b (…, m) or (…, m, k).

    Where the columns of a depend on each other, y is the shortest solution, differentiated at constant rank.

    >>> lstsq(np.array([[1.0], [1.0]]), np.array([1.0, 3.0]))[0].numpy().round(12)
    array([2.])
    """
    m, n = a.shape[-2:]
    row = b.ndim == a.ndim - 1
    b = b[..., None] if row else b
    cut = max(m, n) * float(np.finfo(a.dtype).eps) if rcond is None else rcond if rcond >= 0 else 0.0
    values = svdvals(a)
    rank = (values > cut * values[..., :1]).sum(-1).astype(np.int32)
    solution = pinv(a, cut) @ b
    if np.all(raw(rank) == n) and m > n:
        residuals = ((b - a @ solution) ** 2).sum(axis=-2)
    else:
        residuals = as_tensor(np.zeros(0, solution.dtype))
    return solution[..., 0] if row else solution, residuals, rank, values


@composed(
    case(_WELL, (3,)), case((np.eye(6) + 0.1).reshape(6, 2, 3), (6,)), case((np.eye(6) + 0.1).reshape(2, 3, 6), (2, 3)),
    case((np.eye(6) + 0.1).reshape(6, 2, 3), (2, 3), axes=(0,)),
    numpy=np.linalg.tensorsolve, operands="a b",
)  # fmt: skip
def tensorsolve(a: Any, b: Any, axes: Any = None) -> Any:
    """Return the y with tensordot(a, y, y.ndim) = b; the axes in ``axes`` are moved to a's right end first.

    >>> tensorsolve(np.eye(4).reshape(2, 2, 2, 2), np.ones((2, 2))).shape
    (2, 2)
    """
    if axes is not None:
        a = a.transpose(*(i for i in range(a.ndim) if i not in axes), *axes)
    shape = a.shape[b.ndim :]
    count = math.prod(shape)
    if a.size != count**2:
        raise ValueError(f"a makes {a.size} entries where {count}² are needed")
    return functions["solve"](a.reshape(count, count), b.reshape(-1)).reshape(shape)


@composed(case(_WELL, ind=1), case(np.eye(6).reshape(6, 2, 3) + 0.1, ind=1), numpy=np.linalg.tensorinv)
def tensorinv(a: Any, ind: int = 2) -> Any:
    """Return the inverse of a under tensordot, its first ``ind`` axes paired with the others.

    >>> tensorinv(np.eye(4).reshape(4, 2, 2), ind=1).shape
    (2, 2, 4)
    """
    if ind <= 0:
        raise ValueError("ind is at least 1")
    count = math.prod(a.shape[:ind])
    return functions["inv"](a.reshape(count, a.size // count)).reshape(a.shape[ind:] + a.shape[:ind])


@composed(*(case(_WELL, n=n) for n in (0, 1, 2, 3, 5, 6, -1, -2)), case((2, 2, 2), n=2),
          numpy=np.linalg.matrix_power, operands="a")  # fmt: skip
def matrix_power(a: Any, n: int) -> Any:
    """Return aⁿ for a whole number n, by repeated squaring; of the inverse if n is negative.

    >>> matrix_power(np.array([[1.0, 1.0], [0.0, 1.0]]), 3)
    Tensor([[1., 3.], [0., 1.]])
    """
    n = int(n)
    if a.ndim < 2 or a.shape[-1] != a.shape[-2]:
        raise ValueError(f"square matrices are raised to a power, not shape {a.shape}")
    if n == 0:
        return a * 0 + np.eye(a.shape[-1], dtype=a.dtype)
    square, n = (functions["inv"](a), -n) if n < 0 else (a, n)
    y = None
    while n:
        if n % 2:
            y = square if y is None else y @ square
        n //= 2
        square = square @ square if n else square
    return y


@composed(
    case(_WELL), case(np.zeros((3, 3))), case(np.ones((2, 3, 2))), case(_WELL, tol=3.0), case(_WELL, hermitian=True),
    case((3,)), case(_WELL, rtol=0.5), numpy=np.linalg.matrix_rank, values=True,
)  # fmt: skip
def matrix_rank(A: Any, tol: Any = None, hermitian: bool = False, *, rtol: Any = None) -> Any:
    """Return how many singular values exceed ``tol``, or ``rtol`` times the largest: a count, without a derivative.

    >>> matrix_rank(np.ones((3, 2)))
    Tensor(1)
    """
    if A.ndim < 2:
        return (A != 0).max().astype(int)
    values = abs(eigvalsh(A)) if hermitian else svdvals(A)
    if tol is None:
        factor = max(A.shape[-2:]) * float(np.finfo(values.dtype).eps) if rtol is None else np.asarray(rtol)[..., None]
        bound = values.max(axis=-1, keepdims=True) * factor
    else:
        bound = np.asarray(tol)[..., None]
    return (values > bound).sum(axis=-1)


# The array standard's names, which work on the last two axes


@composed(case((3, 4)), case((2, 3, 3), offset=1), case((2, 3, 4), offset=-1), numpy=np.linalg.diagonal)
def matrix_diagonal(x: Any, /, *, offset: int = 0) -> Any:
    """Return the diagonals of the matrices in a stack.

    >>> matrix_diagonal(np.eye(2))
    Tensor([1., 1.])
    """
    m, n = x.shape[-2:]
    rows = np.arange(max(0, -offset), max(0, -offset, min(m, n - offset)))
    return x[..., rows, rows + offset]


@composed(case((3, 4)), case((2, 3, 3), offset=1), numpy=np.linalg.trace)
def matrix_trace(x: Any, /, *, offset: int = 0, dtype: Any = None) -> Any:
    """Return the traces of the matrices in a stack.

    >>> matrix_trace(np.eye(2))
    Tensor(2.)
    """
    y = matrix_diagonal(x, offset=offset).sum(axis=-1)
    return y if dtype is None else y.astype(dtype)


@composed(case((3, 4)), case((2, 3, 4)), numpy=(np.matrix_transpose, np.linalg.matrix_transpose))
def matrix_transpose(x: Any, /) -> Any:
    """Return the matrices in a stack transposed.

    >>> matrix_transpose(np.ones((2, 3))).shape
    (3, 2)
    """
    return x.mT
