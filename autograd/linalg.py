"""Linear algebra under the names of ``numpy.linalg``, and a few of SciPy's and PyTorch's: ``autograd.linalg.inv(t)``.

>>> from autograd import linalg
>>> linalg.det([[1.0, 2.0], [3.0, 4.0]]).numpy().round(12)
np.float64(-2.0)
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.compositions import compositions
from autograd.errors import ArgumentError, short
from autograd.functions import by_numpy, functions
from autograd.readout import instead

_BEYOND_NUMPY = ("cholesky_solve", "expm", "logdet", "solve_triangular")
_all = {name: by_numpy[f] for name in np.linalg.__all__ if (f := getattr(np.linalg, name)) in by_numpy}
_all |= {n: compositions[n].function if n in compositions else functions[n] for n in _BEYOND_NUMPY}
globals().update(_all)
__all__ = ["cho_solve"]
__all__ += list(_all)
instead.update({f"scipy.linalg.{name}": f"autograd.linalg.{name}" for name in __all__})
instead["scipy.linalg.cholesky"] += "(a, upper=True)"  # SciPy's default


def cho_solve(c_and_lower: tuple[Any, bool], b: Any) -> Any:
    """Return the solution y of a·y = b from a's Cholesky factor and whether that is lower: SciPy's form of the call.

    >>> cho_solve((np.diag([2.0, 3.0]), True), np.array([4.0, 18.0]))
    Tensor([1., 2.])
    """
    if not isinstance(c_and_lower, (tuple, list)) or len(c_and_lower) != 2:
        raise ArgumentError(
            "cho_solve(c_and_lower, b)", "a pair: the factor, and whether it is lower", short(c_and_lower),
            "write cho_solve((c, True), b)",
        )  # fmt: skip
    c, lower = c_and_lower
    return _all["cholesky_solve"](b, c, upper=not lower)
