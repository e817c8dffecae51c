"""What can be computed, with its derivative: one declaration for each primitive, by theme."""

from autograd.primitives import (
    arithmetic,
    exponential,
    indexing,
    linear_algebra,
    neural,
    piecewise,
    reduction,
    shape,
    trigonometric,
)
from autograd.primitives.primitive import Primitive, registry

__all__ = [
    "Primitive",
    "arithmetic",
    "exponential",
    "indexing",
    "linear_algebra",
    "neural",
    "piecewise",
    "reduction",
    "registry",
    "shape",
    "trigonometric",
]
