"""Second derivatives: a sweep over the recorded backward pass."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd.transforms.forward import jvp, refuse_bare
from autograd.transforms.gradient import Function, grad, title
from autograd.transforms.jacobian import jacobian


def hessian(f: Function, argnums: int | tuple[int, ...] = 0, *, unused: str = "zero") -> Callable[..., Any]:
    """Return the Hessian ``∂²f/∂x²`` of a function that gives one number, of shape ``x.shape + x.shape``.

    The gradient is recorded once, and one sweep over that recording carries all rows. Nested arguments give nested
    blocks. (``jacfwd(grad(f))`` is the same by forward mode.)

    >>> import numpy as np
    >>> hessian(lambda x: x[0] ** 2 * x[1])(np.array([3.0, 5.0]))
    array([[10.,  6.],
           [ 6.,  0.]])
    """
    return jacobian(grad(f, argnums, unused=unused), argnums)


def hvp(f: Function, primals: tuple[Any, ...], tangents: tuple[Any, ...]) -> Any:
    """Return the product ``H v`` of the Hessian of ``f`` at ``primals`` with a vector, without forming H.

    The result is nested like the primals: one array for one primal, else a tuple.
    Source: Pearlmutter, Fast exact multiplication by the Hessian (1994).

    >>> import numpy as np
    >>> hvp(lambda x: (x**3).sum(), (np.array([1.0, 2.0]),), (np.array([1.0, 0.0]),))
    array([6., 0.])
    """
    for name, given in (("primals", primals), ("tangents", tangents)):
        refuse_bare(title("hvp", f), name, given)
    argnums = 0 if len(primals) == 1 else tuple(range(len(primals)))
    return jvp(grad(f, argnums, unused="zero"), primals, tangents)[1]
