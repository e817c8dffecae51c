"""What other libraries call things: a name that isn't here says what it is called here.

Each of Tensor's is an entry of the class that raises when it is read: a ``__getattr__`` would slow every attribute.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any, NoReturn

from autograd.errors import ArgumentError, MissingAttributeError, MissingModuleError
from autograd.tensor import Tensor

_CPU = "leave it out: arrays live in main memory; for another dtype t.astype(np.float32)"
_ASTYPE = "t.astype(…) with a dtype of NumPy's"
_WRITE = "under `with autograd.no_grad():` write t += …, t *= …, t[...] = …; or t.assign_(value)"
_OPERATOR = "the operators + - * / ** @, or NumPy's function"

OF_TENSOR = {
    "view": "t.reshape(shape)",
    "view_as": "t.reshape(other.shape)",
    "unsqueeze": "np.expand_dims(t, axis), or t[:, None]",
    "permute": "t.transpose(axes)",
    "t": "t.T",
    "expand": "np.broadcast_to(t, shape)",
    "expand_as": "np.broadcast_to(t, other.shape)",
    "contiguous": "leave it out: every function takes any memory layout",
    "clone": "t.copy()",
    "numel": "t.size",
    "dim": "t.ndim",
    "unbind": "a loop over t",
    "chunk": "np.array_split(t, n)",
    "tile": "np.tile(t, reps)",
    "flat": "t.ravel()",
    "gather": "np.take_along_axis(t, index, axis)",
    "index_select": "np.take(t, index, axis)",
    "masked_fill": "autograd.where(mask, value, t)",
    "where": "autograd.where(condition, t, other)",
    "norm": "np.linalg.norm(t)",
    "clamp": "t.clip(low, high)",
    "grad_fn": "t.node, the step that made it; t.show() shows all of them",
    "value": "t.data, or t.item() for a single number",
    "at": "t[index] = value on a computed tensor, np.add.at(t, index, value) to accumulate",
    **dict.fromkeys(("cpu", "cuda", "to", "device", "pin_memory", "block_until_ready"), _CPU),
    **dict.fromkeys(("float", "double", "half", "long", "int", "bool", "type"), _ASTYPE),
    **dict.fromkeys(("add_", "sub_", "mul_", "div_", "zero_", "copy_", "fill_", "assign", "assign_sub"), _WRITE),
    **dict.fromkeys(("sub", "mul", "div", "pow", "mm", "bmm", "eq", "ne", "lt", "le", "gt", "ge"), _OPERATOR),
}

_NUMPY = "import numpy as np: NumPy's own functions take tensors and record"
_SCIPY = "import scipy.special: its functions take tensors where a rule is known"
_MADE = "Tensor(np.zeros(…)), Tensor(np.ones(…)), Tensor(rng.normal(size=…)): NumPy makes the array"

OF_MODULE = {
    "Variable": "autograd.Tensor(data, requires_grad=True)",
    "Function": "autograd.custom_gradient(f, pullback), or autograd.primitive for one that is declared",
    "elementwise_grad": "autograd.grad(lambda x: f(x).sum()), or autograd.vjp",
    "make_vjp": "autograd.vjp(f, x)",
    "make_jvp": "autograd.jvp(f, (x,), (v,))",
    "hessian_vector_product": "autograd.hvp(f, (x,), (v,))",
    "numpy": _NUMPY,
    "scipy": _SCIPY,
    "extend": "autograd.primitive and autograd.declare, or autograd.custom_gradient",
    "test_util": "autograd.gradcheck(f, x)",
    "differential_operators": "from autograd import grad, jacobian, hessian, hvp",
    "misc": "nn.optim for optimizers, autograd.checkpoint for checkpoints",
    "array": "np.array for plain numbers, np.stack([a, b]) to join tensors",
    "asarray": "autograd.as_tensor(array)",
    "from_numpy": "autograd.as_tensor(array)",
    "nn": "import nn",
    "functional": "autograd itself for vjp, jvp, jacobian, hessian; nn.functional for layers",
    "optim": "nn.optim",
    "set_grad_enabled": "autograd.no_grad() and autograd.enable_grad()",
    "inference_mode": "autograd.no_grad()",
    "manual_seed": "autograd.seed(n)",
    "cat": "autograd.concatenate(tensors, axis)",
    "unsqueeze": "autograd.expand_dims(x, axis)",
    "permute": "autograd.transpose(x, axes)",
    "clamp": "autograd.clip(x, low, high)",
    "abs": "autograd.absolute(x), or abs(x)",
    "detach": "t.detach(), or autograd.stop_gradient(x) in a function",
    "set_detect_anomaly": "with autograd.diagnose() as report: …",
    "detect_anomaly": "with autograd.diagnose() as report: …",
    **dict.fromkeys(("zeros", "ones", "full", "eye", "arange", "rand", "randn"), _MADE),
    **dict.fromkeys(("sub", "mul", "div", "pow", "mm", "bmm"), _OPERATOR),
}

CALLED = {  # modules of ours that have the name of a function elsewhere
    "tensor": "autograd.Tensor(data), with a capital T",
    "backward": "loss.backward()",
}


class Elsewhere:
    """An attribute that Tensor doesn't have, and what is written instead."""

    def __init__(self, name: str, here: str) -> None:
        self.name, self.here = name, here

    def __get__(self, tensor: Any, owner: type) -> NoReturn:
        raise MissingAttributeError(
            f"t.{self.name}", f"an attribute of {owner.__name__}", "another library's name", self.here
        )


def unknown(name: str) -> Exception:
    """Return the error of a name that the package doesn't have."""
    if name not in OF_MODULE:
        return AttributeError(f"module 'autograd' has no attribute {name!r}")
    return MissingAttributeError(
        f"autograd.{name}", "a name of this package", "another library's name", OF_MODULE[name]
    )


class Finder:
    """The last finder that an import asks: nobody has found the module."""

    @staticmethod
    def find_spec(name: str, path: Any = None, target: Any = None) -> None:
        """Refuse ``import autograd.numpy``, and ``from autograd import numpy``."""
        package, _, inner = name.partition(".")
        if package == "autograd" and inner in OF_MODULE:
            raise MissingModuleError(
                f"import {name}", "a module of this package", "another library's", OF_MODULE[inner]
            )


class Room(ModuleType):
    """A module that is called like a function elsewhere, and says so when it is called."""

    def __call__(self, *args: Any, **kwargs: Any) -> NoReturn:
        name = self.__name__
        here = CALLED[name.rpartition(".")[2]]
        raise ArgumentError(f"{name}(…)", "a function", f"the module {name}", here)


def attach() -> None:
    """Let wrong names answer, once all right ones are there."""
    absent = {name for name in OF_TENSOR if not hasattr(Tensor, name)}
    for name in absent:
        setattr(Tensor, name, Elsewhere(name, OF_TENSOR[name]))
    setattr(Tensor, "__dir__", lambda t: sorted({*object.__dir__(t)} - absent))  # noqa: B010  a method, set as the others
    sys.meta_path.append(Finder)
    for name in CALLED:
        sys.modules[f"autograd.{name}"].__class__ = Room
