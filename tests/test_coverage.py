"""The table of NumPy's functions is what the registries say, complete, and never shorter than it was."""

from __future__ import annotations

import inspect
import re

import numpy as np
import pytest

from autograd import Tensor, coverage
from autograd.functions import by_numpy, facts, values_only

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


def test_the_test_would_notice_a_function_that_dropped_out():
    shorter = WRITTEN.replace("| `np.tanh` | `tanh` |", "|  |  |")
    assert coverage.differentiable(WRITTEN) - coverage.differentiable(shorter) == {"np.tanh"}
