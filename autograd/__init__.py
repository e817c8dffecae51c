"""chaingrad: the autograd engine you can see through. Build an expression, differentiate it, look at every step.

>>> import autograd
>>> w = autograd.Tensor(5.0, requires_grad=True, name="w")
>>> loss = (1.0 * w + 1.0 - 2.0) ** 2
>>> loss.backward()
>>> w.grad
Tensor(8.)
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from autograd import linalg
from autograd.compositions import compositions
from autograd.elsewhere import attach, unknown
from autograd.errors import (
    ArgumentError,
    AutogradError,
    DTypeError,
    GradientWarning,
    GraphError,
    MatrixError,
    MissingDependencyError,
    ShapeError,
)
from autograd.functions import declare, functions
from autograd.graph.mode import enable_grad, keep, no_grad, scope
from autograd.namesake import refuse_namesake
from autograd.primitives import primitive
from autograd.randomness import generator, seed
from autograd.storage import Flat
from autograd.tensor import Parameter, Tensor, as_tensor
from autograd.threads import get_num_threads, set_num_threads
from autograd.transforms import (
    check_primitive,
    checkpoint,
    custom_gradient,
    custom_root,
    grad,
    gradcheck,
    gradgradcheck,
    hessian,
    hvp,
    jacfwd,
    jacobian,
    jvp,
    linearize,
    replay,
    stop_gradient,
    value_and_grad,
    vjp,
    vmap,
)

if TYPE_CHECKING:
    from autograd.operations import *  # noqa: F403  the generated stub: one function for each primitive
    from autograd.view import Trace, diagnose, trace, why

refuse_namesake(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
__version__ = "0.1.0"
__all__ = [
    "ArgumentError",
    "AutogradError",
    "DTypeError",
    "Flat",
    "GradientWarning",
    "GraphError",
    "MatrixError",
    "MissingDependencyError",
    "Parameter",
    "ShapeError",
    "Tensor",
    "Trace",
    "as_tensor",
    "check_primitive",
    "checkpoint",
    "custom_gradient",
    "custom_root",
    "declare",
    "diagnose",
    "enable_grad",
    "generator",
    "get_num_threads",
    "grad",
    "gradcheck",
    "gradgradcheck",
    "hessian",
    "hvp",
    "jacfwd",
    "jacobian",
    "jvp",
    "keep",
    "linalg",
    "linearize",
    "no_grad",
    "primitive",
    "replay",
    "scope",
    "seed",
    "set_num_threads",
    "stop_gradient",
    "trace",
    "value_and_grad",
    "vjp",
    "vmap",
    "why",
]
_public = {name: f for name, f in functions.items() if not f.primitive.internal}  # type: ignore[attr-defined]
_public |= {name: c.function for name, c in compositions.items() if c.exported}
globals().update(_public)
__all__ += list(_public)
attach()


# Seeing stands above all else: it is attached here, and imported when something is looked at.


if not TYPE_CHECKING:  # a checker that saw this would accept every misspelt name

    def __getattr__(name: str) -> Any:
        if name in ("Trace", "diagnose", "trace", "why"):
            from autograd import view  # start-up cost

            return getattr(view, name)
        raise unknown(name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def _show(tensor: Tensor, form: str | None = None) -> None:
    """Show each step of the chain rule: a table in a terminal, a picture in a notebook, a page by ``show("html")``."""
    from autograd.view import show  # start-up cost

    show(tensor, form)


def _repr_mimebundle_(tensor: Tensor, include: Any = None, exclude: Any = None) -> dict[str, Any]:
    """Return what a notebook shows: the text, and for a small graph its picture; never raises."""
    from autograd.view import mimebundle  # start-up cost

    return mimebundle(tensor, include, exclude)


setattr(Tensor, "show", _show)  # noqa: B010  the stub declares it as a method
setattr(Tensor, "_repr_mimebundle_", _repr_mimebundle_)  # noqa: B010
