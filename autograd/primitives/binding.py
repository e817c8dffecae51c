"""How a rule gets its arguments: its parameters' names say what is fetched from the node."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any


def arguments_of(rule: Callable[..., Any]) -> tuple[str, ...]:
    """Return the names of a rule's parameters; of a plain function without inspect, which is slow at import."""
    code = getattr(rule, "__code__", None)
    if code is None or code.co_kwonlyargcount or hasattr(rule, "__self__") or rule.__dict__:
        return tuple(inspect.signature(rule).parameters)
    return tuple(code.co_varnames[: code.co_argcount])


_NAMES_ONE = (lambda x: x).__code__.co_code  # the rule of a product, or of eˣ: just one of the values


def _argument(primitive: Any, name: str) -> str:
    """Return where a rule's argument is found on the node that is being differentiated."""
    slots = {n: ("node.a", "node.b")[i] if i < 2 else f"node.more[{i - 2}]" for i, n in enumerate(primitive.operands)}
    if name in ("y_bar", "lead", "position"):
        return name
    if name in primitive.static:
        return f"node.static[{name!r}]"
    if name in ("y", "residual", "operands", "shapes"):
        return f"node.{name}"
    if name == "y_shape":
        return "node.y.shape"
    if name.endswith("_shape") and name[:-6] in slots:
        return f"{slots[name[:-6]]}.shape"
    return slots[name]


def bind(primitive: Any, rule: Callable[..., Any], position: int, form: str = "{}") -> Callable[..., Any]:
    """Compile a rule into a function of ``(node, y_bar, lead)`` that fetches just what the rule names."""
    arguments = ", ".join(_argument(primitive, n) for n in arguments_of(rule))
    names_one = getattr(getattr(rule, "__code__", None), "co_code", None) == _NAMES_ONE  # no call, in the sweep of a·b
    head = "node, y_bar=None, lead=()" + (", position=0" if primitive.variadic else "")
    scope = {"rule": rule} if primitive.variadic else {"rule": rule, "position": position}
    written = form.format(arguments if names_one else f"rule({arguments})")
    bound: Callable[..., Any] = eval(f"lambda {head}: {written}", scope)
    return bound
