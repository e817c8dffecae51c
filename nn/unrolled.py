"""Recurrent layers in ONNX: the steps of ``autograd.lstm`` and ``autograd.gru``, one after the other.

ONNX has an operator for either layer, but its LSTM gives c after the last step only.
"""

from __future__ import annotations

from typing import Any

import numpy as np

Names = list[str]


def lstm(g: Any, node: Any, names: Names) -> str:
    """Write h and c after every step, stacked."""
    inputs, weight, h, c = names
    columns, (n, length) = g.op("Transpose", weight, perm=[1, 0]), _sizes(node)
    hs, cs = [], []
    for t in range(length):
        gates = g.op("Add", _at(g, inputs, t), g.op("MatMul", h, columns))
        i, f, candidate, o = (_part(g, gates, k, n) for k in range(4))
        kept = g.op("Mul", g.op("Sigmoid", f), c)
        c = g.op("Add", kept, g.op("Mul", g.op("Sigmoid", i), g.op("Tanh", candidate)))
        h = g.op("Mul", g.op("Sigmoid", o), g.op("Tanh", c))
        hs.append(h)
        cs.append(c)
    return _stacked(g, [_stacked(g, hs), _stacked(g, cs)])


def gru(g: Any, node: Any, names: Names) -> str:
    """Write h after every step, stacked."""
    inputs, weight, h, *bias = names
    columns, (n, length), hs = g.op("Transpose", weight, perm=[1, 0]), _sizes(node), []
    for t in range(length):
        new, old = _at(g, inputs, t), g.op("MatMul", h, columns)
        old = g.op("Add", old, *bias) if bias else old
        r, z = (g.op("Sigmoid", g.op("Add", _part(g, new, k, n), _part(g, old, k, n))) for k in range(2))
        candidate = g.op("Tanh", g.op("Add", _part(g, new, 2, n), g.op("Mul", r, _part(g, old, 2, n))))
        h = g.op("Add", candidate, g.op("Mul", z, g.op("Sub", h, candidate)))
        hs.append(h)
    return _stacked(g, hs)


def _sizes(node: Any) -> tuple[int, int]:
    """Return how many numbers are remembered, and the number of steps."""
    length, _, n = np.shape(node.y)[-3:]
    return n, length


def _at(g: Any, name: str, t: int) -> str:
    return str(g.op("Gather", name, g.constant(np.int64(t)), axis=0))


def _part(g: Any, name: str, k: int, n: int) -> str:
    return str(g.op("Slice", name, g.ints([k * n]), g.ints([(k + 1) * n]), g.ints([-1])))


def _stacked(g: Any, names: Names) -> str:
    return str(g.op("Concat", *(g.op("Unsqueeze", name, g.ints([0])) for name in names), axis=0))
