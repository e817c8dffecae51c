"""Plain arrays that are overwritten between the forward and the backward pass: the gradient is then wrong.

The engine keeps such an array as it is, since a copy would cost each step; a write into it tells nobody. A ``diagnose``
block remembers a checksum.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np

from autograd.graph.node import Node, make_plan
from autograd.graph.order import ancestors
from autograd.view.doctor.anatomy import Line, where
from autograd.view.doctor.report import Finding

MANY = 2**16  # entries: of a larger array every so many are looked at

Sums = dict[int, int]  # by the operand's position


def checksums(node: Node) -> Sums:
    """Return the checksum of each plain array that a rule of this node will read."""
    parents, primitive = node.parents, node.primitive
    wanted = tuple(p is not None and p.requires_grad for p in parents)
    if primitive is None or not any(wanted):
        return {}
    keeps = (primitive.plans.get(wanted) or make_plan(primitive, wanted)).keeps
    return {
        i: _checksum(o)
        for i, (o, p, read) in enumerate(zip(node.operands, parents, keeps, strict=True))
        if read and isinstance(o, np.ndarray) and (p is None or (p.is_leaf and not p.requires_grad))
    }


def _checksum(array: Any) -> int:
    return zlib.crc32(array.ravel("K")[:: max(1, array.size // MANY)].tobytes())


def overwritten(root: Node, sums: Mapping[Node, Sums], lines: Mapping[Node, Line], step: int) -> list[Finding]:
    """Return a finding for each operation below ``root`` whose array isn't what it was."""
    changed = [(n, i) for n, known in sums.items() for i, sum in known.items() if _checksum(n.operands[i]) != sum]
    below = set(ancestors([root])) if changed else set()
    return [_said(node, i, lines, step) for node, i in changed if node in below]


def _said(node: Node, i: int, lines: Mapping[Node, Line], step: int) -> Finding:
    assert node.primitive is not None
    name, parent = node.primitive.name, node.parents[i]
    operand = f"'{parent.name}'" if parent is not None and parent.name else f"its operand {i + 1}"
    return Finding(
        "overwritten", where(node, lines), name,
        f"{operand}, an array without a gradient, was overwritten after the forward pass: backward() read the new "
        "numbers, and the gradient is wrong",
        "call backward() before the array is written, or compute with a copy of it: Tensor(array)",
        f"the array of shape {node.operands[i].shape} had another checksum when {name} was computed", step,
    )  # fmt: skip
