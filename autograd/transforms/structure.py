"""Nested lists, tuples and dicts of arrays: taking them apart and putting them together again."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from autograd.tensor import Tensor, wrap


def leaves(tree: Any, path: str = "") -> list[tuple[str, Any]]:
    """Return the arrays of a nest with the way to each.

    >>> leaves({"w": [1.0, 2.0], "b": 3.0}, "p")
    [("p['w'][0]", 1.0), ("p['w'][1]", 2.0), ("p['b']", 3.0)]
    """
    if isinstance(tree, dict):
        return [leaf for k, v in tree.items() for leaf in leaves(v, f"{path}[{k!r}]")]
    if isinstance(tree, (list, tuple)):
        return [leaf for i, v in enumerate(tree) for leaf in leaves(v, f"{path}[{i}]")]
    return [] if tree is None else [(path, tree)]


def rebuild(tree: Any, make: Callable[[Any], Any]) -> Any:
    """Return a nest of the same form with ``make`` applied to each of its arrays, in the order of :func:`leaves`."""
    if isinstance(tree, dict):
        made = copy.copy(tree)  # a defaultdict keeps its factory, an OrderedDict its order
        made.update({k: rebuild(v, make) for k, v in tree.items()})
        return made
    if isinstance(tree, tuple) and hasattr(tree, "_fields"):  # a namedtuple takes its fields one by one
        return type(tree)(*(rebuild(v, make) for v in tree))
    if isinstance(tree, (list, tuple)):
        return type(tree)(rebuild(v, make) for v in tree)
    return None if tree is None else make(tree)


def filled(tree: Any, values: list[Any]) -> Any:
    """Return a nest of the same form holding ``values``, in the order of :func:`leaves`."""
    following = iter(values)
    return rebuild(tree, lambda _: next(following))


def detached(tree: Any) -> Any:
    """Return a nest with its tensors cut off from their graph; what isn't a tensor stays as it is."""
    return rebuild(tree, lambda leaf: wrap(leaf._value, None) if isinstance(leaf, Tensor) else leaf)
