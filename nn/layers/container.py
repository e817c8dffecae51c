"""Modules that hold others: one after the other, as a list, as a dictionary."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Self

from autograd import ArgumentError
from nn.module import Module


def name_at(index: int, names: list[str], holder: str) -> str:
    """Return the name at an index; the IndexError of what isn't there ends a for loop."""
    if not -len(names) <= index < len(names):
        raise IndexError(f"{holder} has no index {index}")
    return names[index]


class _Numbered(Module):
    """Modules under the names "0", "1", … or their own: what Sequential and ModuleList share."""

    def _all(self) -> list[tuple[str, Module]]:
        return [(name, value) for name, value in self.__dict__.items() if isinstance(value, Module)]

    def __len__(self) -> int:
        return len(self._all())

    def __iter__(self) -> Iterator[Module]:
        return iter([module for _, module in self._all()])

    def _name(self, index: int) -> str:
        return name_at(index, [name for name, _ in self._all()], f"{type(self).__name__} of {len(self)} modules")

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return type(self)(dict(self._all()[index]))  # type: ignore[call-arg]  # both that inherit take it
        return self.__dict__[self._name(index)]

    def __setitem__(self, index: int, module: Module) -> None:
        setattr(self, self._name(index), module)

    def append(self, module: Module) -> Self:
        """Add a module at the end, and return this one."""
        self.register_module(str(len(self)), module)
        return self

    def extend(self, modules: Iterable[Module]) -> Self:
        """Add modules at the end, and return this one."""
        for module in modules:
            self.append(module)
        return self

    def insert(self, index: int, module: Module) -> None:
        """Put a module before the one at ``index``; all are numbered anew."""
        modules = list(self)
        modules.insert(index, module)
        self._renumber(modules)

    def pop(self, index: int = -1) -> Module:
        """Take a module out and return it; the others are numbered anew."""
        module: Module = self[index]
        del self[index]
        return module

    def __delitem__(self, index: int | slice) -> None:
        modules = list(self)
        if not isinstance(index, slice):
            self._name(index)  # an IndexError that says how many there are
        del modules[index]
        self._renumber(modules)

    def __add__(self, other: Iterable[Module]) -> Self:
        if not isinstance(other, Iterable):
            return NotImplemented
        together = {str(i): module for i, module in enumerate([*self, *other])}
        return type(self)(together)  # type: ignore[call-arg]  # both that inherit take it

    def _renumber(self, modules: list[Module]) -> None:
        for name, module in self._all():
            for inner, parameter in module.named_parameters():
                if parameter.name == f"{name}.{inner}":  # names follow their paths
                    parameter.name = inner
            delattr(self, name)
        self._fill(modules)

    def _fill(self, modules: Iterable[Module] | Mapping[str, Module]) -> None:
        named = modules.items() if isinstance(modules, Mapping) else ((str(i), m) for i, m in enumerate(modules))
        for name, module in named:
            if not isinstance(module, Module):
                raise ArgumentError(
                    type(self).__name__,
                    "modules",
                    f"{module!r} of type {type(module).__name__}",
                    "write nn.ReLU(), with brackets; a function can be called in a forward of your own",
                )
            self.register_module(name, module)


class Sequential(_Numbered):
    """Modules called one after the other; given as arguments, or as a dictionary with names.

    >>> from nn import Linear, ReLU
    >>> model = Sequential(Linear(8, 64), ReLU(), Linear(64, 1))
    >>> model
    Sequential(  # 641 parameters
      (0): Linear(in_features=8, out_features=64, bias=True)  # weight (64, 8), bias (64,): 576 parameters
      (1): ReLU()
      (2): Linear(in_features=64, out_features=1, bias=True)  # weight (1, 64), bias (1,): 65 parameters
    )
    >>> len(model[:2])
    2
    """

    def __init__(self, *modules: Module | Mapping[str, Module]) -> None:
        only = modules[0] if len(modules) == 1 else None
        self._fill(only if isinstance(only, Mapping) else modules)  # type: ignore[arg-type]  # checked there

    def forward(self, input: Any) -> Any:
        """Return what the last module makes of what the others made."""
        for module in list(self.__dict__.values()):
            if isinstance(module, Module):
                input = module(input)
        return input


class ModuleList(_Numbered):
    """A list of modules that training finds; it isn't called itself."""

    def __init__(self, modules: Iterable[Module] | Mapping[str, Module] = ()) -> None:
        self._fill(modules)

    def _inner(self, name: str) -> str:
        return f"{self._path}.{name}" if self._path else name

    def _enter(self, path: str) -> None:
        super()._enter(path)
        for name, module in self._all():
            module._enter(self._inner(name))


class ModuleDict(ModuleList):
    """A dictionary of modules that training finds; it isn't called itself.

    >>> from nn import ReLU, Tanh
    >>> ModuleDict({"relu": ReLU(), "tanh": Tanh()})["tanh"]
    Tanh()
    """

    def __getitem__(self, name: str) -> Module:
        return self.__dict__[name] if name in self else self.get_submodule(name)

    def __setitem__(self, name: str, module: Module) -> None:  # type: ignore[override]  # by name, not by number
        self.register_module(name, module)

    def __delitem__(self, name: str) -> None:  # type: ignore[override]  # by name, not by number
        delattr(self, name)

    def __contains__(self, name: str) -> bool:
        return isinstance(self.__dict__.get(name), Module)

    def __iter__(self) -> Iterator[str]:  # type: ignore[override]  # a dictionary gives its names
        return iter(self.keys())

    def pop(self, name: str) -> Module:  # type: ignore[override]  # by name, not by number
        """Take a module out and return it."""
        module = self[name]
        del self[name]
        return module

    def update(self, modules: Mapping[str, Module]) -> None:
        """Add modules, or put them in the place of those of the same names."""
        self._fill(modules)

    def clear(self) -> None:
        """Take all modules out."""
        for name in self.keys():
            del self[name]

    def keys(self) -> list[str]:
        """Return the names."""
        return [name for name, _ in self._all()]

    def values(self) -> list[Module]:
        """Return the modules."""
        return [module for _, module in self._all()]

    def items(self) -> list[tuple[str, Module]]:
        """Return names and modules."""
        return self._all()
