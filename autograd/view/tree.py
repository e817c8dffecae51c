"""Formulas as plain data: ``["multiply", "v1", "v2"]``, nested lists over the nodes' ids, for JSON and for the page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.graph.node import Node
from autograd.primitives.notation import Expression, symbol
from autograd.view.letters import expression, remarks

G = "G"  # the letter of the gradient that comes from above, in rules that aren't a plain partial


def tree(formula: Any) -> Any:
    """Return a formula as data: a number, a node's id, or an operation before its arguments; None if it can't be.

    >>> x = symbol("v1")
    >>> tree(2 * x + 1)
    ['add', ['multiply', 2.0, 'v1'], 1.0]
    """
    if not isinstance(formula, Expression):
        exact = np.ndim(formula) == 0 and np.isrealobj(formula) and np.isfinite(formula)
        return float(formula) if exact else None
    if formula.op == "symbol":
        return formula.args[0]
    parts = [tree(a) for a in formula.args]
    return None if None in parts else [formula.op, *parts]


def formula(tree: Any) -> Any:
    """Return the formula that :func:`tree` made data of.

    >>> str(formula(["square", "v1"]))
    'v1²'
    """
    if isinstance(tree, str):
        return symbol(tree)
    return Expression(tree[0], tuple(map(formula, tree[1:]))) if isinstance(tree, list) else tree


def computed(node: Node, operands: Sequence[Any]) -> Any:
    """Return what a node computed as data, where its operands are all there is to say."""
    assert node.primitive is not None
    if node.primitive.name == "getitem" or not node.primitive.registered or remarks(node):
        return None
    return tree(expression(node, operands))
