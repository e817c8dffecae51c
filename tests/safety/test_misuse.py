"""Every public function, method, layer and optimizer, misused in every way: a result, or an error in four parts."""

from __future__ import annotations

import inspect
import re
import types
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import autograd
import nn
from autograd import Tensor
from autograd.compositions import compositions
from autograd.errors import AutogradError
from autograd.functions import functions

pytestmark = [pytest.mark.filterwarnings("ignore")]


class Thing:
    """Nothing that a function of arrays could want."""


WRONG: dict[str, Callable[[], Any]] = {
    "None": lambda: None,
    "a word": lambda: "word",
    "bytes": lambda: b"x",
    "an object": Thing,
    "words": lambda: ["a", "b"],
    "a dict": lambda: {"a": 1},
    "a set": lambda: {1, 2},
    "a complex number": lambda: 1j,
    "complex numbers": lambda: np.array([1j, 2]),
    "objects": lambda: np.array([Thing()], dtype=object),
    "no entries": lambda: np.zeros(0),
    "integers": lambda: np.arange(3),
    "booleans": lambda: np.array([True, False]),
    "NaN": lambda: np.nan,
    "too small": lambda: -5,
    "too large": lambda: 99,
    "an empty tuple": lambda: (),
    "uneven rows": lambda: [[1.0, 2.0], [3.0]],
    "a function": lambda: np.sin,
    "a tensor": lambda: Tensor(np.ones((2, 3)), requires_grad=True),
    "a slice": lambda: slice(None),
}
SIGNATURE = re.compile(r"\(\) (takes|missing|got an unexpected|got multiple)|not enough|unhashable|positional argument")


def good() -> Tensor:
    return Tensor([[1.0, 2.0, 3.0], [0.5, 0.25, 0.125]], requires_grad=True)


def calls(function: Callable[..., Any]) -> Iterator[tuple[str, Callable[[], Any]]]:
    """Yield ways to call a function that mostly don't fit."""
    yield "()", function
    yield "(x, colour=1)", lambda: function(good(), colour=1)
    yield "(x, x, …)", lambda: function(*[good() for _ in range(12)])
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        parameters = []
    needed = [p for p in parameters if p.default is p.empty and p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    options = [p.name for p in parameters if p.default is not p.empty and p.name != "out"]
    for name, make in WRONG.items():
        yield f"({name})", lambda make=make: function(make())  # type: ignore[misc]
        yield f"(x, {name})", lambda make=make: function(good(), make())  # type: ignore[misc]
        yield f"({name}, x)", lambda make=make: function(make(), good())  # type: ignore[misc]
        yield f"(x, x, {name})", lambda make=make: function(good(), good(), make())  # type: ignore[misc]
        for option in options:
            yield (
                f"(…, {option}={name})",
                lambda make=make, option=option: function(*[good() for _ in needed], **{option: make()}),  # type: ignore[misc]
            )


def complaints(function: Callable[..., Any]) -> list[str]:
    """Return the calls that ended in something else than a result, or an error of ours with all its parts."""
    found = []
    with np.errstate(all="ignore"):
        for shown, call in calls(function):
            try:
                call()
            except AutogradError as error:
                if not all((error.where, error.expected, error.got, error.remedy)):
                    found.append(f"{shown}: a part is missing in {error}")
            except TypeError as error:  # Python's own words about a signature name the function already
                if not SIGNATURE.search(str(error)):
                    found.append(f"{shown}: {error!r}")
            except Exception as error:
                found.append(f"{shown}: {error!r}")
    return found


OPEN_ENDED = {
    "declare",
    "check_primitive",
    "seed",
    "set_num_threads",
    "trace",
    "diagnose",
    "no_grad",
    "enable_grad",
    "keep",
}
FUNCTIONS = {
    n: f for n in autograd.__all__
    if n not in OPEN_ENDED and not isinstance(f := getattr(autograd, n), (type, types.ModuleType)) and callable(f)
}  # fmt: skip
METHODS = {n for n in (*functions, *compositions) if hasattr(Tensor, n)} | {
    "backward", "retain_grad", "register_hook", "assign_", "detach", "numpy", "item", "tolist", "zero_grad",
    "__getitem__", "__setitem__", "__add__", "__rsub__", "__imul__", "__matmul__", "__pow__", "__lt__", "__eq__",
}  # fmt: skip
LAYERS = {
    n: c for n in dir(nn) if isinstance(c := getattr(nn, n), type) and issubclass(c, nn.Module) and c is not nn.Module
}
OPTIMIZERS = {n: getattr(nn.optim, n) for n in nn.optim.__all__ if callable(getattr(nn.optim, n))}


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_a_function_misused(name: str) -> None:
    assert complaints(FUNCTIONS[name]) == []


@pytest.mark.parametrize("name", sorted(n for n in dir(autograd.linalg) if n in autograd.linalg.__all__))
def test_a_function_of_linear_algebra_misused(name: str) -> None:
    assert complaints(getattr(autograd.linalg, name)) == []


@pytest.mark.parametrize("name", sorted(METHODS))
def test_a_method_misused(name: str) -> None:
    def method(*args: Any, **kwargs: Any) -> Any:  # of a new tensor each time: some write into it
        return getattr(good(), name)(*args, **kwargs)

    assert complaints(method) == []


@pytest.mark.parametrize("make", [Tensor, autograd.Parameter, autograd.Flat])
def test_a_tensor_misused(make: Any) -> None:
    assert complaints(make) == []


@pytest.mark.parametrize("name", sorted(nn.functional.__all__))
def test_a_function_of_networks_misused(name: str) -> None:
    assert complaints(getattr(nn.functional, name)) == []


@pytest.mark.parametrize("name", sorted(LAYERS))
def test_a_layer_misused(name: str) -> None:
    assert complaints(LAYERS[name]) == []


@pytest.mark.parametrize("name", sorted(OPTIMIZERS))
def test_an_optimizer_misused(name: str) -> None:
    assert complaints(OPTIMIZERS[name]) == []


TEXTS: dict[str, tuple[Callable[[], Any], str]] = {
    "no function": (
        lambda: autograd.grad(3.0),
        "in grad(f)\n"
        "  expected: a function\n"
        "  got:      3.0 of type float\n"
        "  to do:    pass the function itself, as in grad(np.sin)",
    ),
    "two arrays for one tensor": (
        lambda: Tensor([1.0], [2.0]),
        "in Tensor(data, requires_grad, dtype, name)\n"
        "  expected: requires_grad True or False, and a name in words or None\n"
        "  got:      requires_grad=[2.0], name=None\n"
        "  to do:    one array goes in: Tensor([a, b])",
    ),
    "a replay of nothing": (
        lambda: autograd.replay(2.0),
        "in replay(output, changes)\n"
        "  expected: a recorded tensor, and tensors with their new values\n"
        "  got:      2.0, {}\n"
        "  to do:    write replay(y, {x: value})",
    ),
    "a buffer of no leaves": (
        lambda: autograd.Flat([]),
        "in Flat(leaves)\n  expected: a list of tensors\n  got:      []\n  to do:    pass model.parameters(), say",
    ),
    "rows in chunks of none": (
        lambda: autograd.jacobian(np.sin, chunk_size=0),
        "in jacobian(sin)\n  expected: a chunk_size of at least 1 row\n  got:      0\n  to do:    leave it out",
    ),
    "a layer of words": (
        lambda: nn.Linear("8", 4),
        "in nn.Linear(in_features, out_features, bias, dtype, rng)\n"
        "  expected: a whole number for in_features\n"
        "  got:      '8', 4 (…)\n"
        "  to do:    in_features is of type str: convert it first",
    ),
    "a rate of a word": (
        lambda: nn.functional.dropout(np.ones(3), "half"),
        "in nn.functional.dropout(input, p, training, rng)\n"
        "  expected: a number for p\n"
        "  got:      array([1., 1., 1.]), 'half' (…)\n"
        "  to do:    p is of type str: convert it first",
    ),
}


@pytest.mark.parametrize(("act", "text"), TEXTS.values(), ids=TEXTS)
def test_golden_text(act: Callable[[], Any], text: str) -> None:
    with pytest.raises(autograd.ArgumentError) as refused:
        act()
    pattern = re.escape(text).replace(re.escape("(…)"), r"\(.+\)")  # Python's and NumPy's own words: theirs to change
    assert re.fullmatch(pattern, str(refused.value)), refused.value
