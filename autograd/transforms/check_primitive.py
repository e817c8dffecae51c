"""``check_primitive``: everything the registry's tests ask of a built-in primitive, asked of one declaration."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from autograd.backprop.pullback import sweep
from autograd.errors import ArgumentError
from autograd.functions import functions
from autograd.primitives import Primitive, notation
from autograd.tensor import raw
from autograd.transforms.forward import jacfwd, jvp
from autograd.transforms.gradient import grad, vjp
from autograd.transforms.jacobian import jacobian
from autograd.transforms.report import Check, PrimitiveReport
from autograd.transforms.sampling import Call, calls, difference, rng
from autograd.transforms.vmap import vmap

Complaints = Iterator[str]


def check_primitive(primitive: Primitive | Callable[..., Any]) -> PrimitiveReport:
    """Test a declaration by its own cases and domains: values, derivatives of two orders, batches, dtypes, formulas.

    Takes a primitive, or the public function that ``autograd.declare`` made of it. The report is true if all is well;
    its text lists each check, and for one that fails the first call and the entry.
    Raises ArgumentError for anything else.

    >>> from autograd import primitive
    >>> from autograd.primitives import registry
    >>> cube = primitive.elementwise(lambda x: x * x * x, lambda x: 2 * x * x, name="cube", doc="The cube x³.")
    >>> report = check_primitive(cube)
    >>> bool(report)
    False
    >>> print(report.checks[2])
    ✗ partials against differences: cube-0, operand x: entry () is off, expected 3.635447924 got 2.423631949
    >>> del registry["cube"]  # so that this example leaves nothing behind
    """
    found = getattr(primitive, "primitive", primitive)
    if not isinstance(found, Primitive):
        raise ArgumentError(
            "check_primitive", "a primitive, or its public function", repr(primitive)[:60], "pass what was declared"
        )
    every = list(calls(found))
    if not every:
        raise ArgumentError(
            "check_primitive", "a primitive with cases", f"{found!r}, made on the fly", "use autograd.gradcheck"
        )
    checks = _OF_VALUES if found.kind == "value" else _OF_VALUES | _OF_DERIVATIVES
    return PrimitiveReport(found.name, tuple(_run(title, check, every) for title, check in checks.items()))


def _run(title: str, check: Callable[[Call], Complaints], every: list[Call]) -> Check:
    """Make the check on every call; a warning or an exception is a failure like any other."""
    for call in every:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                complaint = next(check(call), None)
        except Exception as problem:  # a user's rule may raise anything, and the report says what
            complaint = f"{type(problem).__name__}: {' '.join(str(problem).split())}"
        if complaint is not None:
            return Check(title, len(every), f"{call.label}, {complaint}")
    return Check(title, len(every))


def _differ(what: str, found: Any, expected: Any, rtol: float = 1e-9, atol: float = 1e-10) -> Complaints:
    """Complain about the entry that is off by most."""
    found, expected = np.asarray(raw(found)), np.asarray(raw(expected))
    if found.shape != expected.shape:
        yield f"{what}: shape {found.shape}, expected {expected.shape}"
        return
    off = abs(found - expected.astype(float)) - rtol * abs(expected)
    off = np.where(np.isnan(off), np.inf, off)
    if off.size and np.max(off) > atol:
        at = tuple(int(i) for i in np.unravel_index(np.argmax(off), off.shape))
        yield f"{what}: entry {at} is off, expected {expected[at]:.10g} got {found[at]:.10g}"


def _of(call: Call) -> tuple[Callable[..., Any], tuple[Any, ...], tuple[int, ...]]:
    """Return the call as a function of the operands that have a derivative, these, and their numbers."""
    operands = tuple(call.operands[i] for i in call.wanted)
    return (lambda *xs: call(*call.filled(*xs))), operands, tuple(range(len(operands)))


def _along(f: Callable[..., Any], operands: tuple[Any, ...], i: int) -> Callable[[Any], Any]:
    """Return f as a function of one operand."""
    return lambda x: f(*operands[:i], x, *operands[i + 1 :])


def _names(call: Call) -> list[str]:
    primitive = call.primitive
    return [
        f"operand {primitive.operands[0]}[{i}]" if primitive.variadic else f"operand {primitive.operands[i]}"
        for i in call.wanted
    ]


def _finite(call: Call) -> Complaints:
    y = call.value(*call.operands)
    if not np.all(np.isfinite(y)):
        yield f"value {np.ravel(y)[~np.isfinite(np.ravel(y))][0]} on operands from its own domain"


def _landmarks(call: Call) -> Complaints:
    """All entries of an operand at one of its landmarks, every combination of them."""
    primitive = call.primitive
    domains = [primitive.domain[0 if primitive.variadic else i] for i in call.wanted]
    fixed = {call.wanted.index(i) for i in call.fixed if i in call.wanted}
    for point in itertools.product(*(d.landmarks for d in domains)):
        f, drawn, _ = _of(call)
        at = [x if i in fixed else np.full_like(x, p)[()] for i, (x, p) in enumerate(zip(drawn, point, strict=True))]
        y, pullback = vjp(f, *at)
        for name, g in zip(["the value", *_names(call)], [y, *pullback(np.ones_like(y)[()])], strict=True):
            if not np.all(np.isfinite(g)):
                yield f"{name} at the landmark {point}: not finite"


def _partials(call: Call) -> Complaints:
    f, operands, argnums = _of(call)
    for i, (name, J) in enumerate(zip(_names(call), jacobian(f, argnums)(*operands), strict=True)):
        numeric = difference(_along(lambda *xs: raw(f(*xs)), operands, i), operands[i])
        rough = 1e-2 if "dtype" in call.static else 1e-7
        yield from _differ(name, J, numeric, rough, rough)


def _complex_step(call: Call) -> Complaints:
    f, operands, argnums = _of(call)
    primitive = call.primitive
    if not primitive.analytic or primitive.kind != "elementwise":
        return
    for i, (name, J) in enumerate(zip(_names(call), jacobian(f, argnums)(*operands), strict=True)):
        for at in np.ndindex(operands[i].shape):
            moved = [np.asarray(o, complex if k == i else None) for k, o in enumerate(operands)]
            moved[i][at] += 1e-30j
            expected = np.imag(primitive.value(call.filled(*(m[()] for m in moved)), call.static)) / 1e-30
            yield from _differ(name, J[(..., *at)] if at else J, expected, 1e-12, 1e-13)


def _adjoint(call: Call) -> Complaints:
    f, operands, _ = _of(call)
    random = rng(call.label)
    tangents = tuple(random.normal(size=np.shape(x)) for x in operands)
    y, y_dot = jvp(f, operands, tangents)
    y_bar = random.normal(size=y.shape)
    right = sum(np.vdot(x_bar, x_dot) for x_bar, x_dot in zip(vjp(f, *operands)[1](y_bar), tangents, strict=True))
    yield from _differ(
        "⟨Jᵀȳ, ẋ⟩ and ⟨ȳ, J ẋ⟩", right, np.vdot(y_bar, y_dot), *((1e-5,) * 2 if "dtype" in call.static else ())
    )


def _stacked(call: Call) -> Complaints:
    """Sweep with random cotangents behind two leading axes, and with each of them alone."""
    leaves, lead = call.leaves(), (2, 3)
    y = call(*leaves)
    seeds = rng(call.label).normal(size=lead + y.shape).astype(y.dtype)
    stack = sweep({y.node: seeds}, lead)
    for at in np.ndindex(lead):
        single = sweep({y.node: seeds[at]})
        for i, name in zip(call.wanted, _names(call), strict=True):
            node = leaves[i].node
            if node in single:
                yield from _differ(f"{name}, cotangent {at} of the stack", stack[node][at], single[node], 1e-10, 1e-12)


def _forward(call: Call) -> Complaints:
    f, operands, argnums = _of(call)
    pairs = zip(_names(call), jacfwd(f, argnums)(*operands), jacobian(f, argnums)(*operands), strict=True)
    for name, forward, reverse in pairs:
        yield from _differ(name, forward, reverse)


def _second(call: Call) -> Complaints:
    if not call.primitive.smooth:
        return
    f, operands, argnums = _of(call)
    weights = rng(call.label).normal(size=np.shape(raw(f(*operands))))
    gradient = grad(lambda *xs: (f(*xs) * weights).sum(), argnums, unused="zero")
    found = jacobian(gradient, argnums)(*operands)
    for i, j in np.ndindex(len(argnums), len(argnums)):
        numeric = difference(_along(lambda *xs, i=i: gradient(*xs)[i], operands, j), operands[j])
        rough = 1e-2 if "dtype" in call.static else 1e-6
        yield from _differ(f"{_names(call)[i]} then {_names(call)[j]}", found[i][j], numeric, rough, rough)


def _behind(call: Call) -> Complaints:
    there = [i for i, o in enumerate(call.operands) if o is not None]
    for size in range(1, len(there) + 1):
        for chosen in itertools.combinations(there, size):
            axes = tuple(0 if i in chosen else None for i in range(len(call.operands)))
            pairs = list(zip(call.operands, axes, strict=True))
            wide = [
                o if a is None else np.stack([o, o * o.dtype.type(1.01)] if o.dtype.kind == "f" else [o, o])
                for o, a in pairs
            ]
            rows = [call.value(*(o if a is None else o[k] for o, a in zip(wide, axes, strict=True))) for k in range(2)]
            found = vmap(call, in_axes=axes)(*wide)
            yield from _differ(f"operands {chosen} batched", found, np.stack(rows), 1e-10, 1e-12)


def _float32(call: Call) -> Complaints:
    if "dtype" in call.static:
        return
    cast = call.cast(np.float32)
    leaves = cast.leaves()
    y = cast(*leaves)
    if y.dtype.kind == "f" and y.dtype != np.float32:
        yield f"the value is {y.dtype}"
    for i, name in zip(cast.wanted, _names(cast), strict=True):
        rule = cast.primitive.pullbacks[0 if cast.primitive.variadic else i]
        assert rule is not None
        message = rule(y.node, np.ones(y.shape, np.float32)[()], (), *((i,) if cast.primitive.variadic else ()))
        if message.dtype != np.float32:
            yield f"{name}: the rule turns float32 into {message.dtype}"


def _untouched(call: Call) -> Complaints:
    before = [np.array(o) for o in call.operands]
    f, operands, _ = _of(call)
    y, pullback = vjp(f, *operands)
    y_bar = np.ones_like(y)
    kept = np.array(y_bar)
    pullback(y_bar[()])
    for i, (o, b) in enumerate(zip(call.operands, before, strict=True)):
        if o is not None and not np.array_equal(o, b):
            yield f"operand {i} was written to"
    if not np.array_equal(y_bar, kept):
        yield "the cotangent was written to"


def _formula(call: Call) -> Complaints:
    """Run the rule on letters, and the resulting tree on numbers."""
    primitive = call.primitive
    if primitive.kind != "elementwise" or any(np.shape(o) for o in call.operands) or call.wanted == []:
        return
    f, operands, argnums = _of(call)
    known = dict(zip(primitive.operands, call.operands, strict=True)) | {"y": call.value(*call.operands)}
    letters = {n: notation.symbol(n) for n in primitive.operands}
    plain = {name: _plainly(function) for name, function in functions.items()}
    for i, name, J in zip(call.wanted, _names(call), jacobian(f, argnums)(*operands), strict=True):
        tree = primitive.formula(i, letters, notation.symbol("y"))
        number = tree.evaluate(known, plain) if isinstance(tree, notation.Expression) else tree
        yield from _differ(f"{name}: {notation.Unicode().write(tree)}", number, J, 1e-12, 1e-13)


def _plainly(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *args: raw(function(*args))


_OF_VALUES: dict[str, Callable[[Call], Complaints]] = {
    "values are finite and quiet": _finite,
    "batches against the loop": _behind,
}
_OF_DERIVATIVES: dict[str, Callable[[Call], Complaints]] = {
    "partials against differences": _partials,
    "partials against the complex step, where analytic": _complex_step,
    "landmarks are finite and quiet": _landmarks,
    "adjoint identity": _adjoint,
    "stacked cotangents against single ones": _stacked,
    "forward against reverse mode": _forward,
    "second derivatives against differences": _second,
    "float32 stays float32": _float32,
    "operands and cotangents are left alone": _untouched,
    "formulas against rules": _formula,
}
