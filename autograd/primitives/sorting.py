"""Sorting: entries in rising order, and the order itself.

These are steps: the functions of NumPy's names are in ``compositions/order.py``.
"""

from __future__ import annotations

import numpy as np

from autograd.primitives.along_axis import scatter_along
from autograd.primitives.batching import same
from autograd.primitives.domain import DISTINCT, case
from autograd.primitives.notation import call
from autograd.primitives.primitive import Primitive, general, value_only
from autograd.primitives.scan import negative_axis

_CASES = (case((4,), axis=0), case((3, 4), axis=0), case((2, 3, 4), axis=-1), case((0, 2), axis=0))
_ORDER = "an order is made of integers: it jumps and is constant in between"

argsort: Primitive = value_only(
    lambda x, axis: np.argsort(x, axis=axis, kind="stable"), _ORDER,
    name="argsort", operands="x", behind=same, prepare=negative_axis, cases=_CASES, method=False, internal=True,
    doc="The indices that sort x along an axis; entries that tie stay in their order.",
)  # fmt: skip

sort: Primitive = general(
    lambda x, axis: np.sort(x, axis=axis),
    lambda y_bar, x, x_shape, axis: scatter_along(y_bar, argsort(x, axis), x_shape[axis], axis),
    name="sort", operands="x", behind=same, prepare=negative_axis, cases=_CASES, domain=DISTINCT, selects=True,
    method=False, internal=True,
    doc="x in rising order along an axis; each gradient goes back to where its entry came from.",
    formulas=(lambda y_bar: call("unsort", y_bar),),
)  # fmt: skip

argpartition: Primitive = value_only(
    lambda x, kth, axis: np.argpartition(x, kth, axis=axis), _ORDER,
    name="argpartition", operands="x", behind=same, prepare=negative_axis, method=False, internal=True,
    cases=(case((4,), kth=1, axis=0), case((3, 4), kth=(0, 2), axis=-1)),
    doc="The indices that bring the entries of given ranks to their places along an axis.",
)  # fmt: skip
