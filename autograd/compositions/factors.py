"""Factors of a matrix, or of each in a stack: Cholesky, QR, eigenvalues and eigenvectors, singular values and vectors.

Vectors that belong to a repeated value have no derivative and say so; the values alone have one at repeats too.
"""

from __future__ import annotations

from typing import Any, NamedTuple, cast

import numpy as np

from autograd.compositions.composition import composed
from autograd.errors import NoDerivativeError
from autograd.functions import functions
from autograd.primitives.batching import same
from autograd.primitives.domain import case
from autograd.primitives.primitive import on_the_fly
from autograd.tensor import Tensor, raw

_join = functions["concatenate"]
_symmetric = functions["read_as_symmetric"]
_SPD = np.array([[4.0, 1.0, 0.5], [1.0, 3.0, -0.5], [0.5, -0.5, 2.0]])
_REAL = np.array([[1.0, 0.5, 0.2], [0.3, 2.0, -0.4], [-0.1, 0.6, 4.0]])  # its eigenvalues are real
_LOPSIDED = _SPD + np.array([[0.0, 0.1, 0.2], [-0.1, 0.0, 0.3], [0.0, 0.2, 0.0]])  # which triangle is read shows
_ANY = np.array([[2.0, 0.3, -1.0], [-0.5, 1.0, 0.6], [0.4, 0.7, 3.0], [1.0, -0.2, 0.1]])
_STACK = np.stack([_ANY[:, :2], 2 * _ANY[:, 1:]])


class EighResult(NamedTuple):
    """Eigenvalues in rising order and eigenvectors as columns."""

    eigenvalues: Tensor
    eigenvectors: Tensor


class EigResult(NamedTuple):
    """Eigenvalues and eigenvectors as columns."""

    eigenvalues: Tensor
    eigenvectors: Tensor


class SVDResult(NamedTuple):
    """Left singular vectors as columns, singular values in falling order, right singular vectors as rows."""

    U: Tensor
    S: Tensor
    Vh: Tensor


class QRResult(NamedTuple):
    """Orthonormal columns and an upper triangle."""

    Q: Tensor
    R: Tensor


@composed(case(_SPD), case(_LOPSIDED), case(_LOPSIDED, upper=True), case(np.stack([_SPD, 2 * _SPD])),
          numpy=np.linalg.cholesky)  # fmt: skip
def cholesky(a: Any, *, upper: bool = False) -> Any:
    """Return the lower triangular L with L·Lᵀ = a (``upper``: its transpose); a is symmetric and positive definite.

    Only one triangle of a is read. At a symmetric a the gradient is symmetric, as in PyTorch.
    Raises MatrixError if a isn't positive definite.

    >>> cholesky(np.array([[4.0, 0.0], [0.0, 9.0]]))
    Tensor([[2., 0.], [0., 3.]])
    """
    a = _symmetric(a)
    return functions["cholesky_factor"](a.mT).mT if upper else functions["cholesky_factor"](a)


def from_lower(a: Any) -> Any:
    """Return the symmetric matrix whose lower triangle is a's."""
    read = np.tri(a.shape[-1], dtype=a.dtype)
    a = _symmetric(a)
    return a * read + (a * (read - np.eye(len(read), dtype=a.dtype))).mT


def _triangle(UPLO: str) -> bool:
    if str(UPLO).upper() not in ("L", "U"):
        raise ValueError("UPLO is 'L' or 'U'")
    return str(UPLO).upper() == "U"


@composed(case(_LOPSIDED), case(_LOPSIDED, UPLO="U"), case(np.stack([_LOPSIDED, -_LOPSIDED])), numpy=np.linalg.eigh)
def eigh(a: Any, UPLO: str = "L") -> EighResult:
    """Return eigenvalues and eigenvectors of a symmetric matrix: a·v = v·diag(w).

    Only one triangle of a is read; at a symmetric a the gradient is symmetric, as in PyTorch. Raises
    NoDerivativeError in the backward pass where eigenvectors of a repeated eigenvalue receive a gradient.

    >>> eigh(np.diag([1.0, 2.0])).eigenvalues
    Tensor([1., 2.])
    """
    upper = _triangle(UPLO)
    y = functions["symmetric_eigen"](_symmetric(a), upper)
    return EighResult(y[..., 0, :], y[..., 1:, :])


@composed(case(_LOPSIDED), case(_LOPSIDED, UPLO="U"), case(np.stack([_SPD, -_SPD])), numpy=np.linalg.eigvalsh)
def eigvalsh(a: Any, UPLO: str = "L") -> Any:
    """Return the eigenvalues of a symmetric matrix in rising order; their sums are differentiated at repeats too.

    >>> eigvalsh(np.diag([2.0, 1.0]))
    Tensor([1., 2.])
    """
    return eigh(a, UPLO).eigenvalues


@composed(case(_REAL), case(np.stack([_REAL, 2 * _REAL])), numpy=np.linalg.eig)
def eig(a: Any) -> EigResult:
    """Return eigenvalues, all real, and eigenvectors as columns of length 1.

    Raises NoDerivativeError where eigenvalues are complex, and in the backward pass of vectors of a repeated one.

    >>> eig(np.array([[1.0, 1.0], [0.0, 2.0]])).eigenvalues
    Tensor([1., 2.])
    """
    y = functions["real_eigen"](a)
    return EigResult(y[..., 0, :], y[..., 1:, :])


@composed(case(_REAL), case(np.stack([_REAL, 2 * _REAL])), numpy=np.linalg.eigvals)
def eigvals(a: Any) -> Any:
    """Return the eigenvalues, all real.

    >>> eigvals(np.array([[1.0, 1.0], [0.0, 2.0]]))
    Tensor([1., 2.])
    """
    return eig(a).eigenvalues


def _beyond(a: Any, side: str) -> Any:
    """Return what completes the columns (or the rows, as columns) that a reduced factor has to a square."""
    count = min(a.shape[-2:])
    if side == "q":
        return np.linalg.qr(a, mode="complete").Q[..., count:]
    full = np.linalg.svd(a)
    return full.U[..., count:] if side == "u" else full.Vh.mT[..., count:]


def _refuse_beyond(y_bar: Any, operands: Any, lead: tuple[int, ...]) -> Any:
    if np.any(raw(y_bar)):
        raise NoDerivativeError(
            "the derivative of a full factor", "columns that the matrix determines",
            "the columns that complete them to a square, which are arbitrary",
            "ask for the reduced factor: svd(a, full_matrices=False), qr(a)",
        )  # fmt: skip
    return np.zeros(lead + operands[0].shape, y_bar.dtype)


_completion = on_the_fly("completion", _beyond, _refuse_beyond, "side", behind=same)


def _completed(factor: Tensor, a: Tensor, side: str) -> Tensor:
    """Append the arbitrary columns of a full factor, which carry no gradient."""
    if factor.shape[-1] == factor.shape[-2]:
        return factor
    joined: Tensor = _join([factor, _completion.on((a,), {"side": side})], axis=-1)
    return joined


@composed(
    case(_ANY, full_matrices=False), case(_ANY.T, full_matrices=False), case(_STACK, full_matrices=False),
    case(_ANY[:3]), case(_ANY, compute_uv=False), numpy=np.linalg.svd,
)  # fmt: skip
def svd(a: Any, full_matrices: bool = True, compute_uv: bool = True, hermitian: bool = False) -> SVDResult:
    """Return U, S and Vh with a = U·diag(S)·Vh, or S alone.

    The columns that ``full_matrices`` adds are arbitrary and carry no gradient. Raises NoDerivativeError in the
    backward pass where singular vectors of a repeated singular value receive a gradient.

    >>> svd(np.diag([1.0, 2.0])).S
    Tensor([2., 1.])
    """
    a = from_lower(a) if hermitian else a
    m = a.shape[-2]
    y = functions["singular_values_and_vectors"](a)
    values = y[..., m]
    if not compute_uv:
        return cast(SVDResult, values)
    left, right = y[..., :m].mT, y[..., m + 1 :]
    if full_matrices:
        left, right = _completed(left, a, "u"), _completed(right.mT, a, "v").mT
    return SVDResult(left, values, right)


@composed(case(_ANY), case(_ANY.T), case(_STACK), numpy=np.linalg.svdvals)
def svdvals(x: Any) -> Any:
    """Return the singular values in falling order; their sums are differentiated at repeats too.

    >>> svdvals(np.diag([1.0, 2.0]))
    Tensor([2., 1.])
    """
    return svd(x, compute_uv=False)


@composed(
    case(_ANY), case(_ANY[:3]), case(_ANY.T), case(_STACK), case(_ANY, mode="r"), case(_ANY.T, mode="complete"),
    numpy=np.linalg.qr,
)  # fmt: skip
def qr(a: Any, mode: str = "reduced") -> QRResult:
    """Return Q with orthonormal columns and the upper triangle R with a = Q·R; ``mode`` is reduced, complete or r.

    The columns that ``complete`` adds are arbitrary and carry no gradient. Raises NoDerivativeError in the backward
    pass where the leading columns of a depend on each other.

    >>> abs(qr(np.diag([3.0, 2.0])).R)
    Tensor([[3., 0.], [0., 2.]])
    """
    if mode not in ("reduced", "complete", "r"):
        raise ValueError("mode is 'reduced', 'complete' or 'r'")
    m, n = a.shape[-2:]
    y = functions["orthogonal_triangular"](a[..., :m])
    q, r = y[..., :m].mT, y[..., m:]
    if n > m:  # the columns beyond a square follow from Q
        r = _join([r, q.mT @ a[..., m:]], axis=-1)
    if mode == "r":
        return cast(QRResult, r)
    if mode == "complete" and m > n:
        r = _join([r, np.zeros((*r.shape[:-2], m - n, n), r.dtype)], axis=-2)
        q = _completed(q, a, "q")
    return QRResult(q, r)
