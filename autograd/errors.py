"""Every exception the package raises: where it happened, what was expected, what came, what to do."""

from __future__ import annotations

import os
import sys
from typing import Any

import numpy as np

_HERE = os.path.dirname(os.path.abspath(__file__)) + os.sep


class AutogradError(Exception):
    """The root of every error here; its text always has the same four parts.

    >>> raise ShapeError("matmul(a, b)", "4 columns", "a (3, 5)", "transpose a")
    Traceback (most recent call last):
    autograd.errors.ShapeError: in matmul(a, b)
      expected: 4 columns
      got:      a (3, 5)
      to do:    transpose a
    """

    def __init__(self, where: str, expected: str, got: str, remedy: str) -> None:
        self.where, self.expected, self.got, self.remedy = where, expected, got, remedy
        super().__init__(f"in {where}\n  expected: {expected}\n  got:      {got}\n  to do:    {remedy}")

    def __reduce__(self) -> tuple[type, tuple[str, ...]]:
        return type(self), (self.where, self.expected, self.got, self.remedy)


class ShapeError(AutogradError, ValueError):
    """Shapes that don't fit together."""


class DTypeError(AutogradError, TypeError):
    """A dtype that can't do what was asked, such as an integer asked for its gradient."""


class ArgumentError(AutogradError, ValueError, TypeError):
    """An argument whose type or value the function doesn't take."""


class GraphError(AutogradError, RuntimeError):
    """Something asked of the graph that this graph can't give."""


class MutationError(GraphError):
    """A value that the backward pass needs was overwritten after the forward pass."""


class NoDerivativeError(AutogradError, TypeError):
    """A function without a rule, or one that has no derivative for a stated reason."""


class MatrixError(AutogradError, np.linalg.LinAlgError):
    """A matrix that is singular, or not positive definite, where the function needs one that is."""


class DeclarationError(AutogradError, TypeError):
    """A primitive whose declaration is incomplete or disagrees with itself."""


class MissingDependencyError(AutogradError, ImportError):
    """An optional program or package that this call needs and that isn't installed."""


class MissingAttributeError(AutogradError, AttributeError):
    """A name that another library has and this one calls differently, or one that can't be assigned to."""


class MissingModuleError(AutogradError, ModuleNotFoundError):
    """A module, or a name imported from one, that another library has and this one calls differently."""


class ExpressionError(AutogradError, ValueError):
    """Text that isn't an expression the command line can read."""


class GradientWarning(UserWarning):
    """Legal, but probably not what was meant."""


# What Python and NumPy raise, somewhere inside, where arguments don't fit: to be explained where it was called.
MISFITS = (TypeError, ValueError, LookupError, AttributeError, ZeroDivisionError, OverflowError, AssertionError)


def short(value: Any) -> str:
    """Return what a value looks like, in at most 60 characters."""
    text = " ".join(repr(value).split())
    return text if len(text) <= 60 else text[:57] + "…"


def warn(text: str) -> None:
    """Warn of something legal that was probably not meant, at the nearest line outside of this package."""
    import warnings  # start-up cost: only needed where something is off

    frame, depth = sys._getframe(1), 2
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_HERE):
        frame, depth = frame.f_back, depth + 1
    warnings.warn(text, GradientWarning, stacklevel=depth)
