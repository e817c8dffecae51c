"""What can be computed, with its derivative: one declaration for each primitive, by theme."""

from autograd.primitives import (
    activation,
    arithmetic,
    exponential,
    indexing,
    linear_algebra,
    neural,
    normalization,
    piecewise,
    reduction,
    shape,
    special,
    trigonometric,
)
from autograd.primitives.primitive import Primitive, registry

__all__ = [
    "Primitive",
    "activation",
    "arithmetic",
    "exponential",
    "indexing",
    "linear_algebra",
    "neural",
    "normalization",
    "piecewise",
    "reduction",
    "registry",
    "shape",
    "special",
    "trigonometric",
]
