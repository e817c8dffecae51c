"""The table of NumPy's functions is what the registries say, complete, and never shorter than it was."""

from __future__ import annotations

import inspect
import re

import numpy as np
import pytest
import scipy.linalg
import scipy.special

import autograd
from autograd import Tensor, coverage
from autograd.compositions import compositions
from autograd.errors import NoDerivativeError
from autograd.functions import by_numpy, facts, values_only
from autograd.primitives import registry

WRITTEN = coverage.PATH.read_text(encoding="utf-8")


def test_the_table_is_not_stale():
    assert coverage.text() == WRITTEN, "run `python -m autograd.coverage`"


def test_no_function_has_lost_its_derivative():
    assert coverage.differentiable(WRITTEN) - coverage.differentiable(coverage.text()) == set()
    assert len(coverage.differentiable(WRITTEN)) >= 265


def test_every_function_is_listed_once_with_a_reason():
    names = [f"{m.__name__.replace('numpy', 'np')}.{n}" for m in coverage.MODULES for n in coverage.public(m)]
    listed = re.findall(r"`(np\.[\w.]+)`", WRITTEN)
    assert sorted(listed) == sorted(names)
    assert [name for _, name, remark in coverage.rows() if not remark] == []


def test_nothing_is_sorted_out_that_exists_or_has_a_rule():
    for table in (coverage._APART, coverage._WHOLE, coverage._LATER):
        for name in " ".join(table.values()).split():
            assert getattr(np, name) not in {*by_numpy, *facts, *values_only}, name


@pytest.mark.parametrize("function", [*values_only, *facts], ids=lambda f: f.__name__)
def test_what_tells_values_takes_tracked_tensors(function):
    """NumPy hands these to tensors, and they give what they give on arrays."""
    x = np.array([[1.0, 0.0], [3.0, 2.0]])
    t = Tensor(x, requires_grad=True)
    row, flat = Tensor(x[0], requires_grad=True), x[0]
    special = {
        np.searchsorted: ((flat, 0.5), (row, 0.5)),
        np.digitize: ((flat, [0.5]), (row, [0.5])),
        np.einsum_path: (("ij,jk->ik", x, x), ("ij,jk->ik", t, t)),
        np.can_cast: ((x.dtype, float), (x.dtype, float)),
        np.empty_like: None,
    }
    needed = sum(p.default is p.empty for p in inspect.signature(function).parameters.values() if p.kind < 2)
    if special.get(function, ()) is None:
        assert function(t).shape == x.shape
        return
    plain, tensors = special.get(function, ((x,) * max(needed, 1), (t,) * max(needed, 1)))
    expected, found = function(*plain), function(*tensors)
    if function in (np.array_repr, np.array_str, np.array2string):
        assert isinstance(found, str)
    else:
        assert str(np.asarray(expected, dtype=object)) == str(np.asarray(_untied(found), dtype=object))


def _untied(found):
    if isinstance(found, tuple):
        return tuple(map(_untied, found))
    return found.numpy() if isinstance(found, Tensor) else found


@pytest.mark.parametrize(("name", "ours", "hook"), list(coverage.of_scipy()))
def test_scipys_name_records_or_the_error_names_ours(name, ours, hook):
    """Of every operand that has a derivative, by SciPy's own function."""
    known = compositions.get(ours) or registry[ours]
    parameters = [n for n, p in inspect.signature(getattr(autograd, ours)).parameters.items() if p.default is p.empty]
    differentiable = getattr(known, "operands", ())
    args = [Tensor(0.3, requires_grad=True) if n in differentiable else 2 for n in parameters]
    if name == "zeta":
        args[1] = args[1] + 1
    if not hook:
        with pytest.raises(NoDerivativeError) as caught:
            getattr(scipy.special, name)(*args)
        assert (caught.value.where, caught.value.remedy) == (
            f"scipy.special.{name}", f"write autograd.{ours}, which has a derivative",
        )  # fmt: skip
        return
    y = getattr(scipy.special, name)(*args)
    assert y.requires_grad
    plain = [a.numpy() if isinstance(a, Tensor) else a for a in args]
    np.testing.assert_allclose(y.numpy(), getattr(scipy.special, name)(*plain), rtol=1e-12)


A = np.array([[3.0, 1.0], [1.0, 2.0]])


@pytest.mark.parametrize(
    ("call", "name", "remedy"),
    [
        (scipy.linalg.expm, "expm", "write autograd.linalg.expm, which has a derivative"),
        (scipy.linalg.inv, "inv", "write autograd.linalg.inv, which"),
        (lambda t: scipy.linalg.solve_triangular(t, A[0]), "solve_triangular", "autograd.linalg.solve_triangular,"),
        (lambda t: scipy.linalg.cho_solve((t, True), A[0]), "cho_solve", "autograd.linalg.cho_solve,"),
        (scipy.linalg.cholesky, "cholesky", "autograd.linalg.cholesky(a, upper=True),"),
        (scipy.linalg.logm, "logm", "autograd.custom_gradient"),
    ],
)
def test_scipys_linear_algebra_names_ours(call, name, remedy):
    with pytest.raises(NoDerivativeError) as caught:
        call(Tensor(A, requires_grad=True))
    assert caught.value.where == f"scipy.linalg.{name}"
    assert remedy in caught.value.remedy
    assert isinstance(call(Tensor(A)), np.ndarray)  # what asks for no gradient passes


def test_the_test_would_notice_a_function_that_dropped_out():
    shorter = WRITTEN.replace("| `np.tanh` | `tanh` |", "|  |  |")
    assert coverage.differentiable(WRITTEN) - coverage.differentiable(shorter) == {"np.tanh"}
