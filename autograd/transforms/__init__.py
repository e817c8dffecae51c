"""Functions that take a function and return another: its gradient, its Jacobian, its pullback."""

from autograd.transforms.gradcheck import gradcheck
from autograd.transforms.gradient import grad, stop_gradient, value_and_grad, vjp
from autograd.transforms.jacobian import jacobian

__all__ = ["grad", "gradcheck", "jacobian", "stop_gradient", "value_and_grad", "vjp"]
