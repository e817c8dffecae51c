"""A primitive: one function the engine can record, declared once together with its derivative.

The derivative of an elementwise primitive is its **local partial**, free of the cotangent::

    tanh = elementwise(np.tanh, lambda y: (1 - y) * (1 + y), ...)

Every consumer (reverse and forward mode, ledger, formulas, tests, stubs) reads this declaration. A rule's own
parameter names say what the graph must keep: one that takes ``y`` keeps the output, one that takes ``x`` the input.
Besides operands and static arguments a rule may ask for

===============  ==========================================================================
``y_bar``        the cotangent of the output, of shape ``lead + y.shape``
``lead``         its leading axes: ``()`` for a scalar loss, the output's shape for a Jacobian
``y``            the output
``x_shape``      the shape of operand ``x`` (any operand's name), without keeping its value
``y_shape``      the shape of the output
``operands``     every operand, for functions that take a sequence
``shapes``       their shapes, without keeping their values
``position``     which of the operands this rule is for
``residual``     what ``evaluate`` computed on its way and the derivative can use again
===============  ==========================================================================
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from autograd.errors import DeclarationError
from autograd.primitives import batching
from autograd.primitives import notation as notation_
from autograd.primitives.binding import arguments_of, bind
from autograd.primitives.domain import REAL, Case, Domain
from autograd.primitives.notation import Notation

Rule = Callable[..., Any] | float | str  # a float is a constant partial, a str says why there is none
Static = dict[str, Any]
RESERVED = ("y_bar", "lead", "y", "y_shape", "operands", "shapes", "position", "residual")
KINDS = ("elementwise", "linear", "bilinear", "general", "value")

_STARRED = inspect.Parameter.VAR_POSITIONAL

registry: dict[str, Primitive] = {}


def never(static: Static) -> bool:
    """Say no, whatever the static arguments."""
    return False


def always(static: Static) -> bool:
    """Say yes, whatever the static arguments."""
    return True


@dataclass(frozen=True, eq=False)
class Primitive:
    """The record of one primitive; build it with :func:`elementwise` and its neighbours."""

    name: str
    kind: str
    evaluate: Callable[..., Any]
    rules: tuple[Rule, ...]
    doc: str
    notation: Notation
    operands: tuple[str, ...]
    static: tuple[str, ...]
    signature: inspect.Signature
    domain: tuple[Domain, ...]
    cases: tuple[Case, ...] = ()
    prepare: Callable[..., Static] | None = None
    residual: Callable[..., Any] | None = None  # the residual's expression, for higher orders
    formulas: tuple[Rule, ...] = ()
    variadic: bool = False
    broadcasts: bool = False  # a message may be larger than its operand: the sweep sums it down
    selects: bool = False  # a zero partial is a choice, not a number: nothing passes there
    moves: Callable[[Static], bool] = never  # whether x̄ holds entries of ȳ, at most one in each place, and zeros
    adds: Callable[..., bool] | None = None  # (ȳ, x̄, static, lead): add the message to x̄ in place, if that can be done
    smooth: bool = True  # derivatives of every order exist away from the kinks
    analytic: bool = False  # takes complex arguments, so the tests can use the complex step
    method: bool = True  # also a method of Tensor
    behind: Callable[..., Any] = batching.looped  # how a batch is computed at once
    registered: bool = True  # False: made on the fly for one function, known by no name
    internal: bool = False  # a step of other rules, not a function for users
    expects: str = ""  # what the operands must look like, for error messages
    source: str = ""
    numpy: tuple[Callable[..., Any], ...] = ()
    scipy: tuple[str, ...] = ()  # names in scipy.special that mean it
    keeps: tuple[frozenset[str], ...] = field(init=False)
    pullbacks: tuple[Callable[..., Any] | None, ...] = field(init=False)
    plans: dict[tuple[bool, ...], Any] = field(init=False, default_factory=dict)  # filled by the graph's floor

    def __post_init__(self) -> None:
        if self.registered:
            _validate(self)
        pullbacks = tuple(_pullback(self, i) for i in range(len(self.rules)))
        object.__setattr__(self, "keeps", tuple(map(_names, self.rules)))
        object.__setattr__(self, "pullbacks", pullbacks)
        if self.registered:
            registry[self.name] = self
            notation_.notations[self.name] = self.notation

    def __repr__(self) -> str:
        return f"<primitive {self.name}>"

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Evaluate on arrays; on tensors and on formulas record instead, so that rules run on all three."""
        return self.on(*self.arrange(*args, **kwargs))

    def on(self, operands: Sequence[Any], static: Static) -> Any:
        """Apply to operands that are already told from the static arguments."""
        for operand in operands:
            apply = getattr(operand, "apply_primitive", None)
            if apply is not None:
                return apply(self, tuple(operands), static)
        return self.value(operands, static)

    def value(self, operands: Sequence[Any], static: Mapping[str, Any]) -> Any:
        """Evaluate on arrays, with the static arguments as a caller writes them."""
        parameters = self.signature.parameters
        complete = static if len(static) == len(self.static) else {
            n: static.get(n, () if parameters[n].kind is _STARRED else parameters[n].default) for n in self.static
        }
        if self.prepare is not None:
            complete = self.prepare(tuple(operands), complete)
        y = self.evaluate(*operands, **complete)
        return y[0] if self.residual is not None else y

    def __reduce__(self) -> tuple[Any, ...]:
        return _find, (self.name,)

    @functools.cached_property
    def arrange(self) -> Callable[..., tuple[tuple[Any, ...], Static]]:
        """Sort a call's arguments into operands and static arguments, as the signature says."""
        parameters = self.signature.parameters.values()
        plain = [str(p.replace(annotation=p.empty, default=p.empty)) for p in parameters]
        heads = [
            h if p.default is p.empty else f"{h}=_default_{p.name}"
            for h, p in zip(plain, parameters, strict=True)
        ]
        static = "{" + ", ".join(f"{n!r}: {n}" for n in self.static) + "}"
        if self.variadic:
            operands = f"tuple({self.operands[0]})"
        else:
            operands = "(" + "".join(f"{n}, " for n in self.operands) + ")"
        defaults = {f"_default_{p.name}": p.default for p in parameters}
        arrange: Callable[..., Any] = eval(f"lambda {', '.join(heads)}: ({operands}, {static})", defaults)
        arrange.__name__ = arrange.__qualname__ = self.name
        return arrange

    @functools.cached_property
    def ordinary(self) -> bool:
        """Whether every operand has a place and a pullback of its own: the sweep writes that case out."""
        return not self.variadic and None not in self.pullbacks and self.adds is None

    @functools.cached_property
    def optional(self) -> bool:
        """Whether an operand may be left out."""
        return any(self.signature.parameters[n].default is None for n in self.operands)

    @functools.cached_property
    def partials(self) -> tuple[Callable[..., Any] | None, ...]:
        """The local derivatives of an elementwise primitive, each a function of the node."""
        return tuple(
            None if isinstance(r, str) else bind(self, r, i) if callable(r) else _constant(r)
            for i, r in enumerate(self.rules)
        )

    def rule(self, position: int) -> Rule:
        """Return the rule for one operand; a sequence of operands shares one."""
        return self.rules[0 if self.variadic else position]

    def formula(self, position: int, letters: Mapping[str, Any], y: Any) -> Any:
        """Run the rule on letters: the formula of ``∂y/∂operand`` (or of the message, where no partial exists)."""
        rule = self.formulas[0 if self.variadic else position] if self.formulas else self.rule(position)
        if not callable(rule):
            return rule
        known = {"y": y, "y_bar": notation_.symbol("ȳ"), "position": position, **letters}
        return rule(**{n: known[n] for n in arguments_of(rule)})


def _find(name: str) -> Primitive:
    return registry[name]


def _constant(number: float) -> Callable[..., Any]:
    return lambda node, y_bar=None, lead=(): number


def _names(rule: Rule) -> frozenset[str]:
    return frozenset(arguments_of(rule)) if callable(rule) else frozenset()


def _pullback(primitive: Primitive, position: int) -> Callable[..., Any] | None:
    rule = primitive.rules[position]
    if isinstance(rule, str):
        return None
    if not callable(rule):
        if rule == 1:
            return lambda node, y_bar, lead: y_bar
        return lambda node, y_bar, lead: -y_bar
    return bind(primitive, rule, position, "y_bar * {}" if primitive.kind == "elementwise" else "{}")


def _validate(primitive: Primitive) -> None:
    def refuse(expected: str, got: str) -> None:
        raise DeclarationError(
            f"the declaration of {primitive.name!r}", expected, got,
            "complete the declaration; CONTRIBUTING.md shows one",
        )

    known = {*primitive.operands, *primitive.static, *RESERVED, *(f"{n}_shape" for n in primitive.operands)}
    if primitive.name in registry:
        refuse("a name that is not taken", f"a second {primitive.name!r}")
    if primitive.kind not in KINDS:
        refuse(f"a kind among {', '.join(KINDS)}", repr(primitive.kind))
    if not primitive.doc:
        refuse("one sentence that says what it computes", "no doc")
    if shadowed := {*primitive.operands, *primitive.static} & {*RESERVED}:
        refuse("names that rules don't use already", ", ".join(sorted(shadowed)))
    if len(primitive.rules) != len(primitive.operands):
        refuse(f"a rule or a stated reason for each of {', '.join(primitive.operands)}", f"{len(primitive.rules)}")
    for name, rule in zip(primitive.operands, primitive.rules, strict=True):
        if isinstance(rule, str) and len(rule) < 10:
            refuse(f"a rule for {name!r}, or a sentence that says why it has no derivative", repr(rule))
        if isinstance(rule, (int, float)) and rule not in (1, -1):
            refuse(f"1, −1 or a function as the rule for {name!r}", repr(rule))
        if unknown := _names(rule) - known:
            refuse(f"rule parameters among {', '.join(sorted(known))}", ", ".join(sorted(unknown)))
        if primitive.kind == "elementwise" and "y_bar" in _names(rule):
            refuse("a local partial, free of the cotangent", f"a rule for {name!r} that takes y_bar")
    if len(primitive.domain) != len(primitive.operands):
        refuse(f"a domain for each of {', '.join(primitive.operands)}", f"{len(primitive.domain)}")
    if primitive.kind != "elementwise" and not primitive.cases:
        refuse("cases, so that the tests can call it", "none")


def _declare(
    kind: str,
    evaluate: Callable[..., Any],
    rules: Any,
    operands: str | None,
    domain: Any,
    name: str | None,
    **rest: Any,
) -> Primitive:
    name = name or evaluate.__name__
    if operands is None and isinstance(evaluate, np.ufunc):
        operands = "x" if evaluate.nin == 1 else "a b"
    signature = _signature(rest.pop("public", evaluate), operands)
    static = [p.name for p in signature.parameters.values() if p.default is not p.empty or p.kind is p.VAR_POSITIONAL]
    taken = operands.split() if operands else [n for n in signature.parameters if n not in static]
    rules = (rules,) if not isinstance(rules, tuple) else rules
    return Primitive(
        name=name,
        kind=kind,
        evaluate=evaluate,
        rules=rules,
        operands=tuple(taken),
        static=tuple(n for n in signature.parameters if n not in taken),
        signature=signature,
        domain=domain if isinstance(domain, tuple) else (domain,) * len(taken),
        numpy=tuple(_numpy_functions(name, rest.pop("numpy", ()))),
        notation=rest.pop("notation", None) or notation_.function(name),
        **rest,
    )


def _signature(evaluate: Callable[..., Any], operands: str | None) -> inspect.Signature:
    if isinstance(evaluate, np.ufunc) or (operands and not inspect.isfunction(evaluate)):
        kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
        return inspect.Signature([inspect.Parameter(n, kind) for n in (operands or "").split()])
    return inspect.signature(evaluate)


def _numpy_functions(name: str, more: Iterable[Callable[..., Any]]) -> Iterable[Callable[..., Any]]:
    return ([getattr(np, name)] if callable(getattr(np, name, None)) else []) + list(more)


def elementwise(
    evaluate: Callable[..., Any],
    partials: Any,
    *,
    name: str | None = None,
    operands: str | None = None,
    domain: Any = REAL,
    **rest: Any,
) -> Primitive:
    """Declare ``y = f(a, b, …)`` applied entry by entry, by its local partials ``∂y/∂a, ∂y/∂b, …``."""
    rest = {"broadcasts": True, "behind": batching.aligned} | rest
    return _declare("elementwise", evaluate, partials, operands, domain, name, **rest)


def linear_map(
    evaluate: Callable[..., Any],
    adjoint: Any,
    *,
    name: str | None = None,
    operands: str | None = None,
    domain: Any = REAL,
    **rest: Any,
) -> Primitive:
    """Declare ``y = A x`` by its adjoint alone: ``x̄ = Aᵀ ȳ``."""
    rest = {"analytic": True} | rest
    return _declare("linear", evaluate, adjoint, operands, domain, name, **rest)


def bilinear_map(
    evaluate: Callable[..., Any],
    adjoints: Any,
    *,
    name: str | None = None,
    operands: str | None = None,
    domain: Any = REAL,
    **rest: Any,
) -> Primitive:
    """Declare a function that is linear in each operand by the adjoint in each."""
    rest = {"analytic": True} | rest
    return _declare("bilinear", evaluate, adjoints, operands, domain, name, **rest)


def general(
    evaluate: Callable[..., Any],
    pullbacks: Any,
    *,
    name: str | None = None,
    operands: str | None = None,
    domain: Any = REAL,
    **rest: Any,
) -> Primitive:
    """Declare any other function by its pullback: ``ȳ ↦ ȳ · ∂y/∂x``."""
    return _declare("general", evaluate, pullbacks, operands, domain, name, **rest)


def value_only(
    evaluate: Callable[..., Any],
    reason: str,
    *,
    name: str | None = None,
    operands: str | None = None,
    domain: Any = REAL,
    **rest: Any,
) -> Primitive:
    """Declare a function that is recorded (so that a replay is exact) but has no derivative, and say why."""
    taken = operands or ("x" if getattr(evaluate, "nin", 1) == 1 else "a b")
    reasons = (reason,) * len(taken.split())
    if isinstance(evaluate, np.ufunc):
        rest = {"broadcasts": True, "behind": batching.aligned} | rest
    return _declare("value", evaluate, reasons, taken, domain, name, **rest)


def on_the_fly(
    name: str,
    evaluate: Callable[..., Any],
    pullback: Callable[..., Any],
    *static: str,
    behind: Callable[..., Any] = batching.looped,
) -> Primitive:
    """Make a primitive for one function: any number of operands, one pullback for all, no entry in the registry.

    ``pullback`` takes any of ``y_bar``, ``y``, ``operands``, ``position``, ``lead`` and the names in ``static``.
    """
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    return Primitive(
        name=name, kind="general", evaluate=evaluate, rules=(pullback,), doc=name, notation=notation_.function(name),
        operands=("arrays",), static=static, signature=inspect.Signature([inspect.Parameter(n, kind) for n in static]),
        domain=(REAL,), formulas=(lambda y_bar: notation_.call(f"pullback of {name}", y_bar),), variadic=True,
        method=False, registered=False, behind=behind,
    )  # fmt: skip
