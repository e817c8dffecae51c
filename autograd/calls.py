"""The function that records a primitive's call, compiled from one template.

``apply`` handles every call: any operands, modes and mistakes. Nearly all calls are plainer: recording is on, operands
are tensors, arrays or numbers, nothing was broadcast or cast. For these the template below is written out for each
primitive, with its operands by name and only the values kept that its rules name: half the time of the general way.
A test holds both ways to the same node. Anything out of the ordinary goes to ``apply``, which also explains mistakes.
"""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType
from typing import Any

import numpy as np

from autograd.apply import MISSING, apply, beyond
from autograd.errors import MISFITS
from autograd.graph.clock import tick
from autograd.graph.mode import current
from autograd.graph.node import SMALL, ArrayNode, Node, Spec
from autograd.graph.record import record
from autograd.primitives import Primitive
from autograd.tensor import Tensor, wrap

_OPERAND = """
    if isinstance({n}, Tensor):
        {n}_value, {n}_node = {n}._value, {n}._node
        if {n}_node is None:
            {n}_node = {n}.node
        {n}_wants = {n}_node.requires_grad
    elif {n}.__class__ in plain or ({n}.__class__ is ndarray and {n}.dtype.kind in "fiub"):
        {n}_value, {n}_node, {n}_wants = {n}, None, False
    else:
        return apply(primitive, {operands}, {static})"""

_MISTAKES = """
    if unknown{extra}:
        return beyond(primitive, {given}, {surplus}, unknown)"""

_CALL = """
def {name}({heads}):{mistakes}{unpack}
    now = current_mode()
    if not ({wants}) or not now.plain:
        return apply(primitive, {operands}, {static})
    try:
        static = {prepared}
        {y} = evaluate({values}{keywords})
    except MISFITS:
        return apply(primitive, {operands}, {static})
    {scalar}try:
        y = y[()]
    except MISFITS:
        return apply(primitive, {operands}, {static})
    dtype = y.dtype
    if {ordinary}:
        {node}
        return tensor
    return wrap(y, record(primitive, [{nodes}], [{values}], y, static, {residual}, now))
"""

_SCALAR = """if y.__class__ is float64 and {numbers}:
        {node}
        return tensor
    """


def recording(primitive: Primitive, operator: bool = False) -> Callable[..., Tensor]:
    """Return the recording function of a primitive with a fixed number of operands.

    Of an ``operator`` Python itself sees to it that it gets its operands and nothing else.
    It is compiled when first called (0.4 ms for each primitive would add up at import): the function starts out with
    the code of ``_first``, which puts the compiled code in its own place.
    """
    scope = _SCOPE | {
        "primitive": primitive,
        "evaluate": primitive.evaluate,
        "prepare": primitive.prepare,
        "operator": operator,
        "plain": _NUMBERS | {type(None)} if primitive.optional else _NUMBERS,
    }
    for parameter in primitive.signature.parameters.values():
        required = parameter.default is parameter.empty
        scope[f"default_{parameter.name}"] = MISSING if required else parameter.default
    function = FunctionType(_first.__code__, scope, primitive.name)
    scope["own"] = function
    return function


def _first(*args: Any, **kwargs: Any) -> Any:
    compile_now(own, primitive)  # type: ignore[name-defined]  # noqa: F821  names of the scope it runs in
    return own(*args, **kwargs)  # type: ignore[name-defined]  # noqa: F821


def _compile(own: FunctionType, primitive: Primitive) -> None:
    scope: dict[str, Any] = {n: own.__globals__[n] for n in own.__globals__ if n.startswith("default_")}
    exec(compile(_text(primitive, own.__globals__["operator"]), f"{__file__}:{primitive.name}", "exec"), scope)
    written = scope[primitive.name]
    own.__defaults__, own.__kwdefaults__ = written.__defaults__, written.__kwdefaults__
    own.__code__ = written.__code__


def _text(primitive: Primitive, operator: bool = False) -> str:
    """Write the template out for one primitive."""
    names, static = primitive.operands, primitive.static
    operands = f"({', '.join(names)},)"
    given = "{" + ", ".join(f"{s!r}: {s}" for s in static) + "}"
    values = ", ".join(f"{n}_value" for n in names)
    parameters = primitive.signature.parameters.values()
    # Every mistake in the arguments reaches the body, where it is explained, instead of Python's own complaint.
    starred = any(p.kind is p.VAR_POSITIONAL for p in parameters)
    heads = [f"*{p.name}" if p.kind is p.VAR_POSITIONAL else f"{p.name}=default_{p.name}" for p in parameters]
    mistakes = ""
    if not operator:
        heads += ["**unknown"] if starred else ["*extra", "**unknown"]
        mistakes = _MISTAKES.format(
            extra="" if starred else " or extra",
            given="{" + ", ".join(f"{p.name!r}: {p.name}" for p in parameters) + "}",
            surplus="()" if starred else "extra",
        )
    # A message has its operand's shape and dtype by itself, unless something was broadcast or cast on the way.
    sized = " and {n}_value.shape == y.shape" if primitive.broadcasts else ""
    ordinary = " and ".join(f"(not {n}_wants or ({n}_value.dtype is dtype{sized.format(n=n)}))" for n in names)
    differentiable = [n for n, p in zip(names, primitive.pullbacks, strict=True) if p is not None]
    scalar = ""
    if primitive.kind == "elementwise" and primitive.ordinary:
        numbers = " and ".join(f"{n}_value.__class__ in numbers" for n in names)
        scalar = _SCALAR.format(numbers=numbers, node=_node(primitive, small=True))
    return _CALL.format(
        name=primitive.name,
        heads=", ".join(heads),
        mistakes=mistakes,
        unpack="".join(_OPERAND.format(n=n, operands=operands, static=given) for n in names),
        wants=" or ".join(f"{n}_wants" for n in differentiable),
        operands=operands,
        static=given,
        prepared=f"prepare(({values},), {given})" if primitive.prepare else given if static else "nothing",
        y="y, residual" if primitive.residual else "y",
        values=values,
        keywords="".join(f", {s}=static[{s!r}]" for s in static),
        scalar=scalar,
        ordinary=ordinary,
        node=_node(primitive, small=False),
        nodes=", ".join(f"{n}_node" for n in names),
        residual="residual" if primitive.residual else "None",
    )


def _node(primitive: Primitive, small: bool) -> str:
    """Return the lines that make the node and its tensor; of small values all are kept."""
    names = primitive.operands
    needed = {n: [m for m, keeps in zip(names, primitive.keeps, strict=True) if n in keeps] for n in (*names, "y")}

    def held(n: str) -> str:
        value = "y" if n == "y" else f"{n}_value"
        if small:
            return value
        reasons = [f"{m}_wants" for m in needed[n]] + ([f"{n}_node is None"] if n != "y" else [])
        kept = " or ".join([*reasons, f"{value}.nbytes <= SMALL"])
        return f"{value} if {kept} else Spec({value}.shape, {value}.dtype)"

    wide = len(names) > 2 or bool(primitive.static) or primitive.residual is not None
    padded = [*names, *[None] * (2 - len(names))]
    lines = [
        f"node = {'ArrayNode' if wide else 'Node'}()",
        "node.primitive, node.number, node.requires_grad = primitive, tick(), True",
        f"node.ordinary = {primitive.ordinary}",
    ]
    for parent, operand, n in zip(("first", "second"), ("a", "b"), padded[:2], strict=True):
        lines.append(f"node.{parent} = {f'{n}_node' if n else None}")
        lines.append(f"node.{operand} = {held(n) if n else None}")
    lines.append(f"node.y = {held('y')}")
    if wide:
        rest = names[2:]
        lines.append(
            f"node.static, node.residual, node.fits = static, {'residual' if primitive.residual else None}, None"
        )
        lines.append(f"node.rest = ({''.join(f'{n}_node, ' for n in rest)})")
        lines.append(f"node.more = ({''.join(f'({held(n)}), ' for n in rest)})")
    lines.append("node.scope = now.scope")
    lines += ["tensor = new(Tensor)", "tensor._value, tensor._node = y, node"]
    return "\n        ".join(lines)


_NUMBERS = frozenset({float, int, np.float64, np.float32})
_SCOPE: dict[str, Any] = {
    "Tensor": Tensor, "Node": Node, "ArrayNode": ArrayNode, "Spec": Spec, "SMALL": SMALL,
    "apply": apply, "record": record, "wrap": wrap, "tick": tick, "current_mode": current.get, "new": object.__new__,
    "ndarray": np.ndarray, "float64": np.float64, "numbers": frozenset({np.float64, float, int}),
    "nothing": {}, "compile_now": _compile, "beyond": beyond, "MISFITS": MISFITS,
}  # fmt: skip
