"""chaingrad: build expressions, differentiate them, and see every step of the chain rule."""

from __future__ import annotations

from autograd.functions import functions
from autograd.graph.mode import enable_grad, keep, no_grad, scope
from autograd.tensor import Parameter, Tensor, as_tensor

globals().update(functions)
__version__ = "0.1.0"
