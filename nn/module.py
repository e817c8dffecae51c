"""Module: parameters, buffers and other modules under names, and the function they make together."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Self, TypeVar

import numpy as np

from autograd import ArgumentError, Parameter, Tensor, scope
from nn import hooks
from nn.hooks import Handle, Hook
from nn.misuse import mention
from nn.state import Loaded, write
from nn.summary import Summary, described, summarize

T = TypeVar("T")
_PLAIN = (bool, int, float, str, tuple)  # what a repr shows


class Module:
    """What every layer and model is: attributes that are parameters, buffers or modules are found by themselves.

    A subclass sets them in ``__init__`` and computes in ``forward``; calling the module runs ``forward``, and the nodes
    it records know the module's path. There is no registry beside the attributes, so nothing can disagree with them.

    >>> class Line(Module):
    ...     def __init__(self):
    ...         self.w = Parameter(np.float32([2.0]))
    ...     def forward(self, x):
    ...         return self.w * x
    >>> Line()(np.float32([1.0, 3.0]))
    Tensor([2., 6.], dtype=float32, made_by=multiply)
    >>> [name for name, parameter in Line().named_parameters()]
    ['w']
    """

    training: bool = True
    _path: str = ""  # the name within the parent: what the scope of a call is called
    _kind: str = ""  # what pictures call it, with its mode where that matters; found when first needed
    _buffers: Mapping[str, bool] = {}  # which attributes are buffers, and whether state_dict lists them
    _hooks: Mapping[int, Hook] = {}
    _pre_hooks: Mapping[int, Hook] = {}

    # Computing

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """Compute the output; a subclass says how."""
        raise NotImplementedError(f"{type(self).__name__} needs a method forward(self, …)")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        run = functools.partial(hooks.around, self) if self._hooks or self._pre_hooks else self.forward
        if not self._path:
            return run(*args, **kwargs)
        token = scope.push(self._path, self._kind or self.__dict__.setdefault("_kind", described(self)))
        try:
            return run(*args, **kwargs)
        finally:
            scope.pop(token)

    def register_forward_pre_hook(self, hook: Hook) -> Handle:
        """Call ``hook(module, args)`` before each forward; what it returns, if not None, replaces the arguments."""
        return Handle(self.__dict__.setdefault("_pre_hooks", {}), hook)

    def register_forward_hook(self, hook: Hook) -> Handle:
        """Call ``hook(module, args, output)`` after each forward; what it returns, if not None, replaces the output."""
        return Handle(self.__dict__.setdefault("_hooks", {}), hook)

    def register_full_backward_hook(self, hook: Hook) -> Handle:
        """Call ``hook(module, grad_input, grad_output)`` in each backward pass, with tuples: one entry for each input.

        It is called when the gradients of all inputs have come; None stands for an input that asks for none. What it
        returns, if not None, replaces the gradient of a single input.
        """
        entry = Handle(self.__dict__.setdefault("_pre_hooks", {}), hooks.apart)
        return Handle(self.__dict__.setdefault("_hooks", {}), hooks.at_gradients(hook), entry)

    def register_full_backward_pre_hook(self, hook: Hook) -> Handle:
        """Call ``hook(module, grad_output)`` before each backward pass goes through; what it returns replaces it."""
        return Handle(self.__dict__.setdefault("_hooks", {}), hooks.at_outputs(hook))

    # Attributes

    def __setattr__(self, name: str, value: Any) -> None:
        if isinstance(value, Module):
            value._adopted(self._inner(name))
        elif isinstance(value, Parameter):
            value.name = value.name or name
        elif name in self._buffers and value is not None:
            value = Tensor(value)
        elif isinstance(value, Tensor) and isinstance(self.__dict__.get(name), Parameter):
            raise ArgumentError(
                f"{type(self).__name__}.{name} = tensor",
                "a Parameter, or None",
                "a plain Tensor, which training would not find",
                "wrap it in autograd.Parameter, or write into the old one by assign_",
            )
        elif isinstance(value, (list, tuple, dict)):
            mention(self, name, value)
        object.__setattr__(self, name, value)
        if isinstance(value, _PLAIN):
            self.__dict__.pop("_kind", None)

    def __delattr__(self, name: str) -> None:
        object.__delattr__(self, name)
        if name in self._buffers:
            self.__dict__["_buffers"] = {n: p for n, p in self._buffers.items() if n != name}

    def _inner(self, name: str) -> str:
        """Return the scope of a module inside; of one that is never called itself the path is joined."""
        return name

    def _adopted(self, path: str) -> None:
        """Take a path from the parent, and lengthen the parameters' names that follow it."""
        self._enter(path)
        for name, parameter in self.named_parameters():
            if parameter.name == name:
                parameter.name = f"{path}.{name}"

    def _enter(self, path: str) -> None:
        self.__dict__["_path"] = path

    def register_parameter(self, name: str, parameter: Parameter | None) -> None:
        """Set an attribute that is a parameter, or None where there could be one."""
        setattr(self, name, parameter)

    def register_buffer(self, name: str, value: Any, persistent: bool = True) -> None:
        """Set an attribute that is saved and cast with the module and not trained; ``persistent=False``: not saved."""
        self.__dict__["_buffers"] = {**self._buffers, name: persistent}
        setattr(self, name, value)

    def register_module(self, name: str, module: Module | None) -> None:
        """Set an attribute that is a module; the name may be one that Python can't write, such as ``"0"``."""
        self._check_name(name, ".register_module(name, …)")
        setattr(self, name, module)

    add_module = register_module

    def _check_name(self, name: Any, where: str) -> None:
        """Refuse a name that can't be one step of a path."""
        if not isinstance(name, str) or not name or "." in name or hasattr(type(self), name):
            raise ArgumentError(
                f"{type(self).__name__}{where}",
                "a name without dots that the class doesn't use itself",
                repr(name),
                "choose another: dots join the names of a path",
            )

    # What there is

    def named_children(self) -> Iterator[tuple[str, Module]]:
        """Yield the modules that are attributes of this one, each once, with their names."""
        seen: set[int] = set()
        for name, value in list(self.__dict__.items()):
            if isinstance(value, Module) and not _met(value, seen):
                yield name, value

    def children(self) -> Iterator[Module]:
        """Yield the modules that are attributes of this one."""
        return (module for _, module in self.named_children())

    def named_modules(self, prefix: str = "", remove_duplicate: bool = True) -> Iterator[tuple[str, Module]]:
        """Yield this module and every module inside, with their paths; a shared one is yielded once."""
        return self._walk(prefix, set() if remove_duplicate else None)

    def _walk(self, prefix: str, seen: set[int] | None) -> Iterator[tuple[str, Module]]:
        if seen is not None and _met(self, seen):
            return
        yield prefix, self
        for name, value in list(self.__dict__.items()):
            if isinstance(value, Module):
                yield from value._walk(_joined(prefix, name), seen)

    def modules(self) -> Iterator[Module]:
        """Yield this module and every module inside."""
        return (module for _, module in self.named_modules())

    def named_parameters(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Parameter]]:
        """Yield every parameter with its path; one that is shared (tied) is yielded once.

        >>> import nn
        >>> [(name, p.shape) for name, p in nn.Sequential(nn.Linear(2, 3), nn.Tanh()).named_parameters()]
        [('0.weight', (3, 2)), ('0.bias', (3,))]
        """
        return self._members(
            lambda module, name, value: isinstance(value, Parameter), prefix, recurse, remove_duplicate
        )

    def parameters(self, recurse: bool = True) -> Iterator[Parameter]:
        """Yield every parameter: what an optimizer is given."""
        return (parameter for _, parameter in self.named_parameters(recurse=recurse))

    def named_buffers(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Tensor]]:
        """Yield every buffer with its path."""
        return self._members(_is_buffer, prefix, recurse, remove_duplicate)

    def buffers(self, recurse: bool = True) -> Iterator[Tensor]:
        """Yield every buffer."""
        return (buffer for _, buffer in self.named_buffers(recurse=recurse))

    def _members(
        self, wanted: Callable[[Module, str, Any], bool], prefix: str, recurse: bool, once: bool
    ) -> Iterator[tuple[str, Any]]:
        seen: set[int] = set()
        for path, module in self.named_modules(prefix, once) if recurse else [(prefix, self)]:
            for name, value in list(module.__dict__.items()):
                if wanted(module, name, value) and not (once and _met(value, seen)):
                    yield _joined(path, name), value

    def get_submodule(self, path: str) -> Module:
        """Return the module at a path such as ``"encoder.0"``; the empty path is this module."""
        return self._get("submodule", path, dict(self.named_modules(remove_duplicate=False)))

    def get_parameter(self, path: str) -> Parameter:
        """Return the parameter at a path such as ``"encoder.0.weight"``."""
        return self._get("parameter", path, dict(self.named_parameters(remove_duplicate=False)))

    def get_buffer(self, path: str) -> Tensor:
        """Return the buffer at a path such as ``"1.running_mean"``."""
        return self._get("buffer", path, dict(self.named_buffers(remove_duplicate=False)))

    def _get(self, what: str, path: str, found: dict[str, T]) -> T:
        if path in found:
            return found[path]
        raise ArgumentError(
            f"{type(self).__name__}.get_{what}(path)",
            f"one of {', '.join(repr(name) for name in found if name) or f'no paths: there are no {what}s inside'}",
            repr(path),
            f"see named_{what.removeprefix('sub')}s()",
        )

    # The whole tree at once

    def apply(self, function: Callable[[Module], Any]) -> Self:
        """Call ``function(module)`` for every module inside, then for this one: how weights are initialised.

        >>> import nn
        >>> def start(module):
        ...     if isinstance(module, nn.Linear):
        ...         nn.init.zeros_(module.bias)
        >>> nn.Sequential(nn.Linear(2, 2)).apply(start)[0].bias.tolist()
        [0.0, 0.0]
        """
        for module in self.children():
            module.apply(function)
        function(self)
        return self

    def train(self, mode: bool = True) -> Self:
        """Tell every module inside that it is being trained: dropout drops, batch norm uses the batch."""
        for module in self.modules():
            module.training = mode
        return self

    def eval(self) -> Self:
        """Tell every module inside that it is being used."""
        return self.train(False)

    def requires_grad_(self, requires_grad: bool = True) -> Self:
        """Let every parameter ask for a gradient, or freeze it."""
        for parameter in self.parameters():
            parameter.requires_grad_(requires_grad)
        return self

    def zero_grad(self) -> None:
        """Forget the gradients of every parameter."""
        for parameter in self.parameters():
            parameter.zero_grad()

    def to(self, dtype: Any) -> Self:
        """Cast every floating parameter and buffer, in place: the parameters stay the same objects.

        >>> import nn
        >>> nn.Linear(2, 1).to(np.float64).weight.dtype
        dtype('float64')
        """
        dtype = np.dtype(dtype)
        if dtype.kind != "f":
            raise ArgumentError(
                f"{type(self).__name__}.to(dtype)",
                "a floating dtype: parameters carry gradients",
                str(dtype),
                "use numpy.float32 or numpy.float64",
            )
        for parameter in self.parameters():
            _recast(parameter, dtype)
        for module in self.modules():
            for name, buffer in module.named_buffers(recurse=False):
                if buffer.dtype.kind == "f":
                    setattr(module, name, buffer.astype(dtype))
        return self

    def float(self) -> Self:
        """Cast to float32."""
        return self.to(np.float32)

    def half(self) -> Self:
        """Cast to float16: half the memory, and slower, since NumPy computes it by way of float32."""
        return self.to(np.float16)

    def double(self) -> Self:
        """Cast to float64."""
        return self.to(np.float64)

    # Saving and loading

    def state_dict(self) -> dict[str, Any]:
        """Return copies of all parameters and buffers, as NumPy arrays by path.

        A tensor that two paths share stands under both.

        >>> import nn
        >>> list(nn.Linear(2, 3).state_dict())
        ['weight', 'bias']
        """
        return {name: np.array(tensor.data) for name, tensor in self._state()}

    def _state(self) -> Iterator[tuple[str, Tensor]]:
        for path, module in self.named_modules(remove_duplicate=False):
            for kind in (module.named_parameters, module.named_buffers):
                for name, tensor in kind(recurse=False):
                    if module._buffers.get(name, True):
                        yield _joined(path, name), tensor

    def load_state_dict(self, state: Mapping[str, Any], strict: bool = True) -> Loaded:
        """Write saved values into the parameters and buffers, in place; return ``missing_keys, unexpected_keys``.

        Raises ShapeError, before anything is written, that lists all names that are missing, unexpected or wrongly
        shaped; with ``strict=False`` only wrong shapes are refused.
        """
        return write(type(self).__name__, dict(self._state()), state, strict)

    # Seeing

    def extra_repr(self) -> str:
        """Return what stands in the brackets of the repr: the arguments that were kept as attributes."""
        kept = [(name, self.__dict__.get(name)) for name in inspect.signature(type(self).__init__).parameters]
        return ", ".join(f"{name}={value!r}" for name, value in kept if isinstance(value, _PLAIN))

    def multiply_adds(self, inputs: tuple[Any, ...], output: Any) -> int:
        """Return the multiplications (each with its addition) of one forward, without those of modules inside."""
        return 0

    def summary(self, *input_shapes: tuple[int, ...], dtype: Any = None) -> Summary:
        """Return a table of the layers: output shape, parameters, multiply-adds, for inputs of these shapes.

        The shapes are those of one example, without the batch axis, which the table calls N. Nothing is trained by it.

        >>> import nn
        >>> nn.Sequential(nn.Linear(8, 4), nn.ReLU(), nn.Linear(4, 1)).summary((8,))
        layer               output   parameters   multiply-adds
        Sequential          (N, 1)           41              36
          0 Linear(8 → 4)   (N, 4)           36              32
          1 ReLU            (N, 4)            0               0
          2 Linear(4 → 1)   (N, 1)            5               4
        """
        return summarize(self, input_shapes, dtype)

    def __repr__(self) -> str:
        head = f"{type(self).__name__}({self.extra_repr()})"
        inside = [(name, value) for name, value in self.__dict__.items() if isinstance(value, Module)]
        own = [f"{name} {tuple(p.shape)}" for name, p in self.named_parameters(recurse=False)]
        count = sum(p.size for p in self.parameters())
        noted = f"  # {', '.join(own)}{': ' if own else ''}{count:,} parameter{'s' * (count != 1)}" if count else ""
        if not inside:
            return head + noted
        lines = [f"({name}): {value!r}".replace("\n", "\n  ") for name, value in inside]
        return "\n  ".join([head[:-1] + noted, *lines]) + "\n)"


def _is_buffer(module: Module, name: str, value: Any) -> bool:
    return name in module._buffers and value is not None


def _met(value: Any, seen: set[int]) -> bool:
    """Tell whether an object was met before, and note it."""
    before = id(value) in seen
    seen.add(id(value))
    return before


def _joined(prefix: str, name: str) -> str:
    return f"{prefix}.{name}" if prefix else name


def _recast(parameter: Parameter, dtype: np.dtype[Any]) -> None:
    """Give a parameter its value in another dtype: the same object, started anew."""
    grad, wanted = parameter.grad, parameter.requires_grad
    Parameter.__init__(parameter, parameter.detach().astype(dtype), parameter.name)
    parameter.grad = grad
    parameter.requires_grad_(wanted)
