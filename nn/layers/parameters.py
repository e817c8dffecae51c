"""Parameters in a list or a dictionary that training finds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Self

from autograd import ArgumentError, Parameter
from nn.layers.container import name_at
from nn.module import Module


class _Parameters(Module):
    """What ParameterList and ParameterDict share."""

    def _all(self) -> dict[str, Parameter]:
        return {name: value for name, value in self.__dict__.items() if isinstance(value, Parameter)}

    def _put(self, name: Any, value: Any) -> None:
        self._check_name(name, "[name] = …")
        parameter = value if isinstance(value, Parameter) else Parameter(value)
        self.register_parameter(name, parameter)
        if self._path and parameter.name == name:
            parameter.name = f"{self._path}.{name}"

    def __len__(self) -> int:
        return len(self._all())

    def extra_repr(self) -> str:
        """Return nothing: the parameters are listed with their shapes."""
        return ""


class ParameterList(_Parameters):
    """A list of parameters that training finds; arrays and tensors are made parameters.

    >>> weights = ParameterList([np.zeros((2, 3)), np.zeros(3)])
    >>> [(name, p.shape) for name, p in weights.named_parameters()]
    [('0', (2, 3)), ('1', (3,))]
    """

    def __init__(self, values: Iterable[Any] | None = None) -> None:
        self.extend(() if values is None else values)

    def append(self, value: Any) -> Self:
        """Add a parameter at the end, and return this list."""
        self._put(str(max(map(int, self._all()), default=-1) + 1), value)
        return self

    def extend(self, values: Iterable[Any]) -> Self:
        """Add parameters at the end, and return this list."""
        for value in list(values):
            self.append(value)
        return self

    __iadd__ = extend

    def __iter__(self) -> Iterator[Parameter]:
        return iter(self._all().values())

    def _names(self, index: Any) -> list[str]:
        names = list(self._all())
        if isinstance(index, slice):
            return names[index]
        if not hasattr(index, "__index__"):
            raise ArgumentError("ParameterList[index]", "a whole number or a slice", repr(index), "count from 0")
        return [name_at(index, names, f"ParameterList of {len(names)} parameters")]

    def __getitem__(self, index: Any) -> Any:
        held = self._all()
        found = [held[name] for name in self._names(index)]
        return ParameterList(found) if isinstance(index, slice) else found[0]

    def __setitem__(self, index: Any, value: Any) -> None:
        names, values = self._names(index), list(value) if isinstance(index, slice) else [value]
        if len(names) != len(values):
            got = f"{len(values)} for {len(names)}"
            raise ArgumentError("ParameterList[slice] = …", "one for each parameter", got, "use append to add some")
        for name, parameter in zip(names, values, strict=True):
            self._put(name, parameter)

    def __delitem__(self, index: Any) -> None:
        gone = self._names(index)
        kept = [parameter for name, parameter in self._all().items() if name not in gone]
        for name, parameter in self._all().items():
            if parameter.name in (name, f"{self._path}.{name}"):  # names follow their places
                parameter.name = None
            delattr(self, name)
        self.extend(kept)


class ParameterDict(_Parameters):
    """A dictionary of parameters that training finds; arrays and tensors are made parameters.

    >>> weights = ParameterDict({"left": np.zeros(2)})
    >>> weights["right"] = np.ones(3)
    >>> [(name, p.shape) for name, p in weights.items()]
    [('left', (2,)), ('right', (3,))]
    """

    def __init__(self, parameters: Mapping[str, Any] | Iterable[tuple[str, Any]] | None = None) -> None:
        self.update({} if parameters is None else parameters)

    def update(self, values: Mapping[str, Any] | Iterable[tuple[str, Any]]) -> None:
        """Add parameters, or put them in the place of those of the same names."""
        for name, value in dict(values).items():
            self[name] = value

    def __getitem__(self, name: str) -> Parameter:
        return self._all()[name] if name in self else self.get_parameter(name)

    def __setitem__(self, name: str, value: Any) -> None:
        self._put(name, value)

    def __delitem__(self, name: str) -> None:
        self[name]  # an error that says which there are
        delattr(self, name)

    def __contains__(self, name: str) -> bool:
        return name in self._all()

    def __iter__(self) -> Iterator[str]:
        return iter(self._all())

    def get(self, name: str, default: Any = None) -> Any:
        """Return the parameter of a name, or the default."""
        return self._all().get(name, default)

    def pop(self, name: str, *default: Any) -> Any:
        """Take a parameter out and return it; without one of that name return the default, if there is one."""
        if default and name not in self:
            return default[0]
        parameter = self[name]
        del self[name]
        return parameter

    def clear(self) -> None:
        """Take all parameters out."""
        for name in self.keys():
            del self[name]

    def keys(self) -> list[str]:
        """Return the names."""
        return list(self._all())

    def values(self) -> list[Parameter]:
        """Return the parameters."""
        return list(self._all().values())

    def items(self) -> list[tuple[str, Parameter]]:
        """Return names and parameters."""
        return list(self._all().items())
