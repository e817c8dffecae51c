"""Saving and loading: safetensors files, written so that a crash leaves the old file or the new one."""

from __future__ import annotations

import glob
import json
import os
import secrets
from pathlib import Path
from typing import Any

import numpy as np

from autograd import ArgumentError, AutogradError, Tensor

_FORM = "chaingrad"  # the metadata entry that says how the arrays nest
_DRAFT = ".draft"


def save(path: Any, state: Any) -> None:
    """Write a nest of dicts, lists and tuples of arrays, numbers and strings as one safetensors file.

    Arrays are stored under the way to them ("optimizer/state/0/exp_avg"), a flat dict under its own names, so other
    programs can read a model's ``state_dict()``; all else is JSON in the file's metadata. The file is written beside
    ``path``, flushed to the disk and moved into place: at each moment ``path`` is the old file or the new one, whole.

    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "state.safetensors")
    ...     save(path, {"epoch": 3, "model": {"w": np.ones(2)}})
    ...     load(path)
    {'epoch': 3, 'model': {'w': array([1., 1.])}}

    Raises ArgumentError for what isn't an array, a number, a string or a nest of them; AutogradError if the file can't
    be written.
    """
    from safetensors.numpy import save as packed  # start-up cost

    arrays: dict[str, Any] = {}
    form = json.dumps(_taken_apart(state, "", arrays))
    write(path, packed(arrays, {_FORM: form}))


def load(path: Any) -> Any:
    """Return what :func:`save` has written; of another program's safetensors file, its arrays by name. Runs no code.

    Raises AutogradError for a file that is missing, cut short or isn't safetensors.
    """
    from safetensors import SafetensorError, safe_open  # start-up cost

    where = f"load({str(path)!r})"
    try:
        with safe_open(path, framework="numpy") as file:
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  it is no dict
            form = (file.metadata() or {}).get(_FORM)
        return arrays if form is None else _put_together(json.loads(form), arrays)
    except FileNotFoundError as problem:
        raise AutogradError(where, "a file", "no such file", "check the path") from problem
    except (SafetensorError, OSError, ValueError, KeyError, TypeError, RecursionError) as problem:
        raise AutogradError(
            where, "a whole safetensors file", str(problem), "it is cut short or another kind of file: use a copy"
        ) from problem


def write(path: Any, content: bytes) -> None:
    """Write a file so that a crash at any moment leaves the old one or the new one; a link stays, its target changes.

    Raises AutogradError if the folder is missing or can't be written to; the old file stays.
    """
    path = Path(path).resolve()
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}{_DRAFT}")
    try:
        try:
            with draft.open("xb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.replace(draft, path)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise
        if os.name == "posix":  # the folder's entry has to reach the disk too
            folder = os.open(path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
    except OSError as problem:
        raise AutogradError(
            f"save({str(path)!r})", "a folder to write to", str(problem), "make the folder, or save elsewhere"
        ) from problem


def sweep(path: Any) -> None:
    """Remove the drafts that killed writers of this file have left; for a moment when nobody else writes it."""
    path = Path(path).resolve()
    for draft in path.parent.glob(f".{glob.escape(path.name)}.*{_DRAFT}"):
        draft.unlink(missing_ok=True)


def _taken_apart(state: Any, way: str, arrays: dict[str, Any]) -> Any:
    """Return the nest as JSON, its arrays put aside under the way to them."""
    if isinstance(state, dict):
        parts = [(key, f"{way}/{key}" if way else str(key), value) for key, value in state.items()]
        return {"dict": [[_plain(key, way), _taken_apart(value, inner, arrays)] for key, inner, value in parts]}
    if isinstance(state, (list, tuple)):
        items = [_taken_apart(value, f"{way}/{i}" if way else str(i), arrays) for i, value in enumerate(state)]
        return {"tuple" if isinstance(state, tuple) else "list": items}
    if isinstance(state, Tensor):
        state = state.numpy()
    if not isinstance(state, np.ndarray):
        return _plain(state, way)
    if state.dtype.kind not in "fiub" or state.dtype.itemsize > 8:
        raise ArgumentError(f"save: {way}", "an array of numbers", f"dtype {state.dtype}", "convert it first")
    while way in arrays or way in ("", "__metadata__"):  # a name of its own, where two ways read the same
        way += "'"
    arrays[way] = np.asarray(state, dtype=state.dtype.newbyteorder("="), order="C")
    return {"array": way}


def _plain(value: Any, way: str) -> Any:
    """Return a number, string, truth value or None as JSON has it."""
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    raise ArgumentError(
        f"save: {way}", "arrays, numbers, strings, None, and dicts, lists and tuples of them",
        f"{value!r} of type {type(value).__name__}", "save what it is made of",
    )  # fmt: skip


def _put_together(form: Any, arrays: dict[str, Any]) -> Any:
    if isinstance(form, list):
        raise ValueError("a list without its kind")
    if not isinstance(form, dict):
        return form
    ((kind, content),) = form.items()
    if kind == "array":
        return arrays[content]
    if kind == "dict":
        return {key: _put_together(value, arrays) for key, value in content}
    items = [_put_together(value, arrays) for value in content]
    return {"list": list, "tuple": tuple}[kind](items)
