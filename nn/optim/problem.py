"""What is to be made small, as a function of one vector: whole-batch methods know nothing else."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from autograd import ArgumentError, Parameter, ShapeError, Tensor, as_tensor
from nn.module import Module


class Problem:
    """A function of nested arrays, or of a model's parameters, as a function of the vector of all their entries.

    Of a function, ``given`` is where to start: an array (a list of numbers is one), or nested lists, tuples and dicts
    of them; the function takes the same nest. Of a model it is a closure, which computes something from the model's
    outputs, or the data ``(inputs, …, target)`` for ``compare(output, target)``; parameters that need no gradient stay
    as they are.
    """

    def __init__(self, where: str, what: Any, given: Any, compare: Callable[[Any, Any], Any] | None) -> None:
        self.where, self.model = where, what if isinstance(what, Module) else None
        if self.model is not None:
            self.tree: Any = [p for p in self.model.parameters() if p.requires_grad]
            self._function: Callable[..., Any] = _closure(where, self.model, given, compare)
        elif not callable(what) or given is None:
            got = f"{type(what).__name__} and {'no start' if given is None else 'a start'}"
            raise ArgumentError(where, "a function and where to start, or a model", got, "pass f and x0")
        else:
            self.tree, self._function = given, what
        arrays = [np.asarray(as_tensor(leaf).data) for leaf in _leaves(self.tree)]
        if not sum(a.size for a in arrays):
            raise ArgumentError(where, "one unknown at least", "none", "start from an array with entries")
        self.dtype = np.result_type(*arrays, np.float32)  # integers become float64
        self.shapes = [a.shape for a in arrays]
        self.start = np.concatenate([a.ravel() for a in arrays]).astype(self.dtype)

    def __call__(self, x: Any) -> Any:
        """Return the function's value for a vector: a tensor while it is being differentiated."""
        tree = self.nest(x)
        if self.model is None:
            return self._function(tree)
        with _standing_in(self.model, dict(zip(map(id, self.tree), map(as_tensor, tree), strict=True))):
            return self._function()

    def value(self, x: Any) -> Any:
        """Return the function's value for a vector as a plain array in float64."""
        return np.asarray(as_tensor(self(np.asarray(x, self.dtype))).data, np.float64)

    def nest(self, x: Any) -> Any:
        """Return a vector's entries in the nest and the shapes of the start."""
        if not isinstance(x, Tensor):
            x = np.asarray(x, self.dtype)
        parts, at = [], 0
        for shape in self.shapes:
            size = math.prod(shape)
            part = x[at : at + size] if len(self.shapes) > 1 else x
            parts.append(part if shape == (size,) else part.reshape(shape))
            at += size
        following = iter(parts)
        return _rebuilt(self.tree, following)

    def solution(self, x: Any) -> Any:
        """Return the arrays of a vector, and let the model have them."""
        found = self.nest(x)
        if self.model is not None:
            for parameter, value in zip(self.tree, found, strict=True):
                parameter.assign_(value)
        return found


def _closure(where: str, model: Module, given: Any, compare: Callable[[Any, Any], Any] | None) -> Callable[[], Any]:
    if callable(given):
        closure: Callable[[], Any] = given
        return closure
    if not isinstance(given, (tuple, list)) or len(given) < 2 or compare is None:
        raise ArgumentError(
            where,
            "a closure that computes from the model, or data (inputs, …, target) and a loss",
            f"{type(given).__name__}{'' if compare else ' and no loss'}",
            "pass lambda: loss(model(x), y), or (x, y) and loss=…",
        )
    *inputs, target = given
    return lambda: compare(model(*inputs), target)


@contextmanager
def _standing_in(model: Module, values: dict[int, Any]) -> Iterator[None]:
    """Let the model compute with other values in the place of its parameters, tied ones everywhere they stand."""
    places = [
        (module, name, parameter)
        for module in model.modules()
        for name, parameter in list(vars(module).items())
        if isinstance(parameter, Parameter) and id(parameter) in values
    ]
    try:
        for module, name, parameter in places:
            vars(module)[name] = values[id(parameter)]
        yield
    finally:
        for module, name, parameter in places:
            vars(module)[name] = parameter


def difference(output: Any, target: Any) -> Any:
    """Return the residuals of a fit. Raises ShapeError where output and target would be broadcast."""
    wanted = as_tensor(target).data
    if output.shape != wanted.shape:
        raise ShapeError(
            "residuals", "output and target of one shape", f"{output.shape} and {wanted.shape}", "reshape the target"
        )
    return output - wanted


def _leaves(tree: Any) -> list[Any]:
    if isinstance(tree, dict):
        return [leaf for branch in tree.values() for leaf in _leaves(branch)]
    return [leaf for branch in tree for leaf in _leaves(branch)] if _branches(tree) else [tree]


def _rebuilt(tree: Any, leaves: Iterator[Any]) -> Any:
    if isinstance(tree, dict):
        return {key: _rebuilt(branch, leaves) for key, branch in tree.items()}
    if not _branches(tree):
        return next(leaves)
    parts = [_rebuilt(branch, leaves) for branch in tree]
    return type(tree)(*parts) if hasattr(tree, "_fields") else type(tree)(parts)  # a namedtuple takes them one by one


def _branches(tree: Any) -> bool:
    """Tell whether this is a list or tuple of arrays; one of numbers is an array itself."""
    return isinstance(tree, (list, tuple)) and not all(isinstance(v, (int, float, np.number)) for v in tree)
