"""Functions that take a function and return another: its gradient, its Jacobian, its version for batches."""

from autograd.transforms.check_primitive import check_primitive
from autograd.transforms.checkpoint import checkpoint, replay
from autograd.transforms.custom import custom_gradient, custom_root
from autograd.transforms.forward import jacfwd, jvp, linearize
from autograd.transforms.gradcheck import gradcheck, gradgradcheck
from autograd.transforms.gradient import grad, stop_gradient, value_and_grad, vjp
from autograd.transforms.hessian import hessian, hvp
from autograd.transforms.jacobian import jacobian
from autograd.transforms.vmap import vmap

__all__ = [
    "check_primitive",
    "checkpoint",
    "custom_gradient",
    "custom_root",
    "grad",
    "gradcheck",
    "gradgradcheck",
    "hessian",
    "hvp",
    "jacfwd",
    "jacobian",
    "jvp",
    "linearize",
    "replay",
    "stop_gradient",
    "value_and_grad",
    "vjp",
    "vmap",
]
