"""Values as a record holds them, in full when small and summarised otherwise, and as a reader sees them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.primitives.notation import number

FULL = 64  # entries: up to this many are kept and shown one by one
INLINE = 6  # entries that fit in one line

_SPECIAL = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}


def plain(value: Any) -> Any:
    """Return a value as a number or nested lists, or, beyond 64 entries, as a summary of its finite entries.

    >>> import numpy as np
    >>> plain(np.float32(0.5)), plain(np.arange(3)), plain(np.ones(100))["mean"]
    (0.5, [0, 1, 2], 1.0)
    """
    array = np.asarray(value)
    return array.tolist() if array.size <= FULL else _summary(array)


def encoded(value: Any) -> Any:
    """Spell out what strict JSON has no literal for: ``NaN``, ``Infinity`` and ``-Infinity`` become strings."""
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, list):
        return [encoded(v) for v in value]
    return {k: encoded(v) for k, v in value.items()} if isinstance(value, dict) else value


def decoded(value: Any) -> Any:
    """Read back what :func:`encoded` wrote."""
    if isinstance(value, str):
        return _SPECIAL.get(value, value)
    if isinstance(value, list):
        return [decoded(v) for v in value]
    return {k: decoded(v) for k, v in value.items()} if isinstance(value, dict) else value


def figure(value: float, digits: int = 6) -> str:
    """Write a number for a reader, NaN included."""
    return number(value, digits) if value == value else "NaN"


def factor(text: str) -> str:
    """Put a negative number in parentheses, as a factor has it: ``8 × (−1)``."""
    return f"({text})" if text.startswith("−") else text


def in_line(value: Any, entries: int = INLINE) -> str:
    """Write a value of the record in one line: a number, a short list, or shape and norm.

    >>> in_line(-8.0), in_line([1.0, 2.5]), in_line([[0.0] * 8])
    ('−8', '[1, 2.5]', '(1, 8), norm 0')
    """
    if value is None:
        return "–"
    if isinstance(value, list) and np.size(value) > entries:
        value = _summary(value)
    if isinstance(value, dict):
        return f"{shaped(value['shape'])}, {_norm(value)}"
    return _nested(value) if isinstance(value, list) else figure(value)


def in_lines(value: Any) -> list[str]:
    """Write a value of the record for a card: a small matrix as its rows, aligned; its range and norm if it is big."""
    if isinstance(value, list) and np.ndim(value) == 2 and 0 < len(value[0]) <= 4 and len(value) <= 6:
        rows = [[figure(v, digits=4) for v in row] for row in value]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        return ["  ".join(v.rjust(w) for v, w in zip(row, widths, strict=True)) for row in rows]
    if isinstance(value, list) and np.size(value) > 4:
        value = _summary(value)
    if not isinstance(value, dict):
        return [in_line(value)]
    if value["min"] is None:
        return ["nothing finite"]
    if value["min"] == value["max"] and not value["nonfinite"]:
        return [f"all {figure(value['min'])}"]
    return [f"{figure(value['min'], digits=4)} … {figure(value['max'], digits=4)}", _norm(value)]


def norm(value: Any) -> float:
    """Return the length ‖value‖ of all entries; NaN or ∞ where one is."""
    flat = np.asarray(value, dtype=float).ravel()
    with np.errstate(all="ignore"):
        return float(np.sqrt(flat @ flat))


def _summary(value: Any) -> dict[str, Any]:
    array = np.asarray(value)
    finite = array[np.isfinite(array)].astype(float)
    facts: dict[str, Any] = {"shape": list(array.shape), "norm": None, "min": None, "mean": None, "max": None}
    if finite.size:
        facts |= {"norm": float(np.linalg.norm(finite)), "min": float(finite.min())}
        facts |= {"mean": float(finite.mean()), "max": float(finite.max())}
    return facts | {"nonfinite": int(array.size - finite.size)}


def shaped(shape: Sequence[int]) -> str:
    """Write a shape as Python does: ``(64,)``, ``(2, 3)``."""
    return str(tuple(shape))


def _nested(value: Any) -> str:
    return f"[{', '.join(map(_nested, value))}]" if isinstance(value, list) else figure(value, digits=4)


def _norm(summary: dict[str, Any]) -> str:
    norm = "" if summary["norm"] is None else f"norm {figure(summary['norm'])}"
    broken = f"{summary['nonfinite']} not finite" if summary["nonfinite"] else ""
    return ", ".join(part for part in (norm, broken) if part)
