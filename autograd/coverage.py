"""Write ``primitives/COVERAGE.md``: every function of NumPy's, and whether a gradient passes through it; SciPy's too.

``python -m autograd.coverage`` writes it anew, from the registries and from NumPy itself; a test fails while it is
stale, or when a function has lost its derivative.
"""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from autograd.compositions import compositions
from autograd.compositions.writing import written
from autograd.functions import by_numpy, by_scipy, facts, values_only
from autograd.primitives import registry
from autograd.readout import instead

PATH = Path(__file__).with_name("primitives") / "COVERAGE.md"
MODULES = (np, np.linalg)

# What takes no tensor: sizes, files, dtypes, settings.
_APART = {
    "makes an array from sizes, from a file, or from other memory": """
        arange array asanyarray asarray asarray_chkfinite ascontiguousarray asfortranarray asmatrix bmat empty eye
        from_dlpack frombuffer fromfile fromfunction fromiter fromregex fromstring full genfromtxt identity indices load
        loadtxt ones require tri zeros""",
    "a window's entries, from its length": "bartlett blackman hamming hanning kaiser",
    "makes indices from sizes, or turns them into others": """
        broadcast_shapes diag_indices ix_ mask_indices ravel_multi_index tril_indices triu_indices unravel_index""",
    "writes a file or a text": """
        base_repr binary_repr format_float_positional format_float_scientific save savetxt savez savez_compressed""",
    "tells about dtypes, settings, or NumPy itself": """
        get_include get_printoptions getbufsize geterr geterrcall info isdtype isfortran isscalar issubdtype iterable
        mintypecode printoptions promote_types set_printoptions setbufsize seterr seterrcall show_config show_runtime
        test typename""",
    "wraps a function or an iteration: what it calls is differentiable, or not, by itself": "frompyfunc nested_iters",
    "an old name of vstack's, which it calls": "row_stack",
    "computes with dates": "busday_count busday_offset datetime_as_string datetime_data is_busday isnat",
}
_WHOLE = {
    "for whole numbers and their bits, which carry no gradient": """
        bitwise_and bitwise_count bitwise_invert bitwise_left_shift bitwise_not bitwise_or bitwise_right_shift
        bitwise_xor gcd invert lcm left_shift packbits right_shift unpackbits""",
}
_LATER = {"sorts complex numbers, which come later": "sort_complex"}
_ELSEWHERE = """
`numpy.fft`, complex numbers, `numpy.random`, text (`numpy.char`, `numpy.strings`), masked arrays (`numpy.ma`) and the
classes of `numpy.polynomial` are not in the table: Fourier transforms and complex numbers come later; the others have
no real derivative, or are classes that compute in plain arrays.
"""


def public(module: ModuleType) -> dict[str, Callable[..., Any]]:
    """Return a module's public functions by name.

    >>> public(np)["tanh"] is np.tanh
    True
    """
    found = {n: getattr(module, n) for n in sorted(module.__all__)}
    return {n: f for n, f in found.items() if callable(f) and not inspect.isclass(f)}


def status(function: Callable[..., Any], name: str) -> tuple[str, str]:
    """Return which list a function of NumPy's stands in, and what to say about it.

    >>> status(np.tanh, "tanh")
    ('differentiable', 'tanh')
    >>> status(np.argmax, "argmax")
    ('values only', 'an index is an integer: it jumps and is constant in between')
    """
    if function in written:
        return "differentiable", "writes into a tensor, as `t[index] = value` does"
    if function in by_numpy:
        return _ours(by_numpy[function])
    for table in (values_only, facts):
        if function in table:
            return "values only", table[function]
    for title, sorted_out in (("values only", _WHOLE), ("no function of tensors", _APART), ("not yet", _LATER)):
        for reason, names in sorted_out.items():
            if name in names.split():
                return title, reason
    return "not yet", ""


def _ours(function: Any) -> tuple[str, str]:
    primitive = getattr(function, "primitive", None)
    if primitive is not None:
        reasons = [r for r in primitive.rules if isinstance(r, str)]
        return ("values only", reasons[0]) if primitive.kind == "value" else ("differentiable", primitive.name)
    name = function.__name__
    if name not in compositions or not compositions[name].values:
        return "differentiable", name
    reasons = [r for r in registry[name].rules if isinstance(r, str)] if name in registry else []
    return "values only", (reasons or ["tells a whole number, which jumps and is constant in between"])[0]


def rows() -> Iterator[tuple[str, str, str]]:
    """Yield (list, function, remark) for every public function of NumPy's."""
    for module in MODULES:
        short = module.__name__.replace("numpy", "np")
        for name, function in public(module).items():
            title, remark = status(function, name)
            yield title, f"{short}.{name}", remark


def text() -> str:
    """Return the table's text.

    >>> "| `np.tanh` |" in text()
    True
    """
    lists: dict[str, list[tuple[str, str]]] = {}
    for title, name, remark in rows():
        lists.setdefault(title, []).append((name, remark))
    total = sum(map(len, lists.values()))
    parts = [
        "# NumPy's functions, and gradients through them\n",
        "Generated by `python -m autograd.coverage` from the registries and from NumPy: don't edit.\n",
        f"Of the {total} public functions of `numpy` and `numpy.linalg`, {len(lists['differentiable'])} are "
        "differentiable: `np.f(t)` takes tensors and records.\n",
        "## Differentiable\n",
        "| function | autograd's | function | autograd's |",
        "| --- | --- | --- | --- |",
        *_columns(lists.pop("differentiable")),
    ]
    for title in ("values only", "not yet", "no function of tensors"):
        parts += [f"\n## {title.capitalize()}\n", "| functions | why |", "| --- | --- |"]
        reasons: dict[str, list[str]] = {}
        for name, remark in lists.pop(title, []):
            reasons.setdefault(remark, []).append(f"`{name}`")
        parts += [f"| {' '.join(names)} | {reason} |" for reason, names in reasons.items()]
    return "\n".join([*parts, *_special(), _ELSEWHERE])


def of_scipy() -> Iterator[tuple[str, str, bool]]:
    """Yield (name, ours, whether ``scipy.special.name(t)`` records) for what is differentiable of scipy.special.

    >>> [row for row in of_scipy() if row[0] in ("erf", "softmax")]
    [('erf', 'erf', True), ('softmax', 'softmax', False)]
    """
    special = importlib.import_module("scipy.special")  # start-up cost
    for name, function in public(special).items():
        ours = by_scipy.get(function.__name__) or by_numpy.get(getattr(np, name, function))
        if ours is not None:
            hook = isinstance(function, np.ufunc) or name not in by_scipy or f"_{name}" in by_scipy
            yield name, ours.__name__, hook


def _special() -> list[str]:
    found, linear = list(of_scipy()), public(importlib.import_module("scipy.linalg"))
    return [
        "\n## Of scipy.special\n",
        f"{len(found)} functions are differentiable. SciPy's ufuncs take tensors and record; its functions in Python "
        "turn them into arrays and give no hook, so call autograd's (an error says so).\n",
        "| function | call | function | call |",
        "| --- | --- | --- | --- |",
        *_columns([(f"scipy.special.{n}", f"scipy.special.{n}" if hook else f"autograd.{f}") for n, f, hook in found]),
        "\nOf `scipy.linalg`, which is written in Python too: "
        + ", ".join(f"`{instead[key]}`" for n in linear if (key := f"scipy.linalg.{n}") in instead)
        + ".",
    ]


def _columns(found: list[tuple[str, str]]) -> list[str]:
    """Return rows of two functions each, read down the columns."""
    cells = [f"`{name}` | {remark if remark.startswith('writes') else f'`{remark}`'}" for name, remark in found]
    half = (len(cells) + 1) // 2
    return [f"| {a} | {b} |" for a, b in zip(cells[:half], [*cells[half:], " | "], strict=False)]


def differentiable(table: str) -> set[str]:
    """Return the functions that a table lists as differentiable."""
    return set(re.findall(r"`(np\.[\w.]+)`", table.split("## Differentiable")[1].split("\n## ")[0]))


if __name__ == "__main__":
    now = text()
    gone = differentiable(PATH.read_text(encoding="utf-8")) - differentiable(now) if PATH.exists() else set()
    if gone:
        raise SystemExit(f"no longer differentiable: {', '.join(sorted(gone))}")
    PATH.write_text(now, encoding="utf-8")
    print(f"wrote {PATH}")
