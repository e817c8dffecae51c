"""A composition: a function of NumPy written with functions that have rules; every derivative follows by itself.

It is declared where it is written, with the calls that the tests make::

    @composed(case((3,), (3,)), case((2, 3), (4, 3)), sequence=True)
    def vstack(arrays):
        return concatenate([atleast_2d(a) for a in arrays])
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograd.apply import in_numpys_words, meant, tensors_in
from autograd.errors import MISFITS, ArgumentError, short
from autograd.functions import by_numpy, by_scipy
from autograd.primitives.domain import REAL, Case, Domain
from autograd.readout import instead
from autograd.tensor import Tensor, as_tensor

Function = Callable[..., Any]
compositions: dict[str, Composition] = {}


@dataclass(frozen=True)
class Composition:
    """The record of one composition; make it with :func:`composed`."""

    name: str
    function: Function
    operands: tuple[str, ...]  # the parameters that take tensors
    cases: tuple[Case, ...]
    reference: Function | None  # what tests hold the values to
    numpy: tuple[Function, ...]
    sequence: bool  # the one operand is a sequence of tensors
    domain: tuple[Domain, ...]
    method: bool
    smooth: bool
    values: bool  # the result carries no gradient
    exported: bool  # also a name of ``autograd``
    batched: bool  # works under vmap: False where values decide the result's shape


def composed(
    *cases: Case,
    numpy: Function | tuple[Function, ...] | None = None,
    reference: Function | None = None,
    operands: str | None = None,
    sequence: bool = False,
    domain: Domain | tuple[Domain, ...] = REAL,
    method: bool = False,
    smooth: bool = True,
    values: bool = False,
    exported: bool = True,
    batched: bool = True,
    scipy: tuple[str, ...] = (),
    as_given: bool = False,
) -> Callable[[Function], Function]:
    """Make a function public, the rule of its NumPy function, and known to the tests.

    The operands are the parameters without a default, unless ``operands`` names them. Arrays and lists arrive as
    tensors, Python's numbers as they are (so float32 stays float32). ``reference`` is NumPy's function of the same
    name, where that exists; ``smooth=False`` where a third derivative isn't to be expected; ``as_given=True`` where a
    list means something else than the array of its entries.
    """

    def declare(body: Function) -> Function:
        parameters = inspect.signature(body).parameters
        taken = tuple(operands.split() if operands else [n for n, p in parameters.items() if p.default is p.empty])
        name = body.__name__
        known = numpy if isinstance(numpy, tuple) else (numpy or getattr(np, name, None),)
        function = public(body, {n: i for i, n in enumerate(parameters) if n in taken and not as_given}, sequence)
        found = tuple(f for f in known if f is not None)
        compositions[name] = Composition(
            name, function, taken, cases, reference or (found[0] if found else None), found, sequence,
            domain if isinstance(domain, tuple) else (domain,) * len(taken), method, smooth, values, exported, batched,
        )  # fmt: skip
        by_numpy.update(dict.fromkeys(found, function))
        by_scipy.update(dict.fromkeys(scipy, function))
        instead.update(dict.fromkeys([f"scipy.special.{n}" for n in scipy], f"autograd.{name}"))
        if method and not hasattr(Tensor, name):
            setattr(Tensor, name, function)
        return function

    return declare


def public(body: Function, places: dict[str, int], sequence: bool) -> Function:
    """Return a function that takes arrays and lists as tensors, and explains arguments that don't fit."""
    tensors = _sequence if sequence else _operand
    parameters = inspect.signature(body).parameters

    @functools.wraps(body)
    def function(*args: Any, **kwargs: Any) -> Any:
        try:
            taken = [tensors(a) if i in places.values() else a for i, a in enumerate(args)]
            kwargs = {n: tensors(a) if n in places else a for n, a in in_numpys_words(kwargs, parameters).items()}
            return _results(body(*taken, **kwargs))
        except MISFITS as problem:
            if hasattr(problem, "expected"):  # explained already by the function that it met
                raise
            unknown = [n for n in kwargs if n not in parameters]
            got = ", ".join([short(a) for a in args] + [f"{n}={short(a)}" for n, a in kwargs.items()])
            raise ArgumentError(
                f"{body.__name__}{inspect.signature(body)}",
                "arguments that fit",
                f"{got} ({' '.join(str(problem).split())})",
                (meant(unknown[0], parameters) if unknown else "") + f"see help(autograd.{body.__name__})",
            ) from problem

    function.__module__ = "autograd"
    function.__doc__ = _with_imports(body.__doc__ or "")
    return function


def _with_imports(doc: str) -> str:
    """Let the example of a function import what it uses: a reader meets it by ``help``, not in this file."""
    before, mark, example = doc.partition(">>> ")
    needed = "np." in example and "import numpy" not in example
    return f"{before}>>> import numpy as np\n{before.rsplit(chr(10), 1)[-1]}{mark}{example}" if needed else doc


def _operand(value: Any) -> Any:
    if isinstance(value, (list, tuple)) and tensors_in(value):  # for the function to put together
        return value
    return as_tensor(value) if isinstance(value, (np.ndarray, np.generic, list, tuple)) else value


def _sequence(values: Any) -> Any:
    if isinstance(values, (Tensor, np.ndarray, np.generic, float, int)):
        return as_tensor(values)
    return [v if isinstance(v, list) else as_tensor(v) for v in values]


def _results(value: Any) -> Any:
    """Return arrays as tensors, also those inside a list or a tuple."""
    if isinstance(value, (list, tuple)):
        made = [_results(v) for v in value]
        return type(value)(*made) if hasattr(value, "_fields") else type(value)(made)
    return as_tensor(value) if isinstance(value, (np.ndarray, np.generic)) else value
