"""How a number leaves the graph unseen: ``a[i] = t`` and ``math.sin(t)`` ask for a float, as ``float(t)`` does.

SciPy's functions that are written in Python ask for an array.
"""

from __future__ import annotations

import dis
import functools
import math
from types import CodeType, FrameType
from typing import NoReturn

import numpy as np

from autograd.errors import NoDerivativeError

_STORE = "STORE_SUBSCR"
_TELLING = "ceil floor trunc isclose isfinite isinf isnan"  # of these the number, which jumps, is all that is wanted
_FUNCTIONS = frozenset(n for n in vars(math) if not n.startswith("_")) - {*_TELLING.split()}

instead: dict[str, str] = {}  # of SciPy's functions in Python, which give tensors no hook: ours; filled where ours are


def refuse_array(frame: FrameType, label: str) -> NoReturn:
    """Refuse to be made an array, by a function of SciPy's or another."""
    if asks := _scipy_asks(frame):
        raise NoDerivativeError(
            asks,
            "a function that gives tensors a hook, or plain arrays",
            f"{label}, which requires a gradient",
            f"write {instead[asks]}, which has a derivative"
            if asks in instead
            else "compose it of functions that have a derivative, give it one by autograd.custom_gradient, or call it "
            "on t.detach()",
        )
    if _asking(frame.f_code, frame.f_lasti) == _STORE:
        raise not_into_an_array("array[index] = tensor")
    raise NoDerivativeError(
        f"np.asarray of {label}",
        "no silent way out of the graph",
        "a tensor that requires a gradient",
        "say np.stack([a, b]) or np.block([[a, b], [c, d]]) to join tensors; t.detach() or t.numpy() if you mean the "
        "plain value",
    )


def _scipy_asks(frame: FrameType | None) -> str:
    """Return which function of SciPy's asks for an array, such as ``scipy.special.softmax``, or nothing."""
    asks = ""
    while frame is not None and frame.f_globals.get("__name__", "").partition(".")[0] in ("numpy", "scipy"):
        module, name = frame.f_globals["__name__"], frame.f_code.co_name
        decorated = frame.f_locals.get("f", frame.f_locals.get("fun"))  # what a decorator of theirs calls
        if (module.startswith("scipy._lib") or name == "wrapper") and callable(decorated):
            module, name = decorated.__module__, decorated.__name__
        if module.startswith("scipy.") and not module.startswith("scipy._lib"):
            asks = f"scipy.{module.split('.')[1]}.{name}"
        frame = frame.f_back
    return asks


def who_asks(frame: FrameType) -> str:
    """Return the function that asks for a float, ``math.sin``, or ``float``; refuse to be written into an array."""
    asks = _asking(frame.f_code, frame.f_lasti)
    if asks == _STORE:
        raise not_into_an_array("array[index] = tensor")
    return asks


def not_into_an_array(what: str) -> NoDerivativeError:
    """Return the error of ``array[index] = t``, ``array += t`` and their like."""
    return NoDerivativeError(
        what,
        "an array that can remember where its entries came from",
        "a NumPy array, and a tensor that requires a gradient",
        "make the array a Tensor first, autograd.as_tensor(array), or join the parts by autograd.stack; t.detach() if "
        "you mean the plain value",
    )


def instead_of(function: str) -> str:
    """Say what to write instead of a function of ``math``."""
    name = function.rpartition(".")[2]
    better = f"np.{name}" if hasattr(np, name) else "a function of NumPy's or autograd's"
    return f"write {better}, or {function}(t.item()) if you mean the number"


@functools.lru_cache(maxsize=4096)
def _asking(code: CodeType, at: int) -> str:
    """Return which instruction asks for a float: a store, or the call of a function of ``math``; else ``float``."""
    found = list(dis.get_instructions(code))
    now = next((i for i in found if i.offset == at), None)
    if now is None:  # in a call from Python, such as t.__array__(), it stands behind the instruction
        return "float"
    if now.opname == _STORE or now.positions is None:
        return _STORE if now.opname == _STORE else "float"
    start = now.positions[0], now.positions[2]
    names = [
        i.argval
        for i in found
        if i.offset < at and i.opname.startswith("LOAD_") and isinstance(i.argval, str)
        if i.positions is not None and (i.positions[0], i.positions[2]) == start
    ]
    return ".".join(names) if "CALL" in now.opname and names and names[-1] in _FUNCTIONS else "float"
