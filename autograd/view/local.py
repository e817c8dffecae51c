"""The local derivative of one edge: its formula, its numbers, its structure, and a check against differences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd.backprop.broadcasting import fit
from autograd.graph.node import Node, pull
from autograd.primitives.notation import Expression, build, symbol
from autograd.view.check import check
from autograd.view.letters import LATEX, UNICODE
from autograd.view.values import FULL, plain

READ = 65_536  # entries: up to this many a Jacobian is computed to learn its structure and norm
G = symbol("Ḡ")  # the gradient of the edge's result, in rules that aren't a plain partial


class Local(NamedTuple):
    """∂to/∂from on one edge, in symbols and in numbers."""

    formula: str | None
    latex: str | None
    value: Any
    structure: str | None
    check: str | None


def local(node: Node, position: int, letters: Sequence[Any], y: Any, operands: Sequence[Any]) -> Local:
    """Return the derivative of a node in one operand; ``letters`` and ``y`` are formulas, ``operands`` the values."""
    formula, bar = derivative(node, position, letters, y, G), symbol("ȳ")
    text = None if formula is None else UNICODE.write(formula)
    latex = None if formula is None else LATEX.write(derivative(node, position, letters, y, bar))
    x_shape, y_shape = np.shape(operands[position]), node.y.shape
    entries = _size(x_shape) * _size(y_shape)
    spreads = _kind(node) == "elementwise" or not isinstance(formula, Expression)
    axes = _summed(x_shape, y_shape) if spreads else None
    if entries > READ:
        elementwise = _kind(node) == "elementwise"
        rule = _rule(node, formula, axes, letters, position, x_shape, y_shape)
        value = {"rule": rule} | ({"norm": _elementwise_norm(node, position)} if elementwise else {})
        return Local(text, latex, value, axes or ("diagonal" if elementwise else None), None)
    J = jacobian(node, position, x_shape)
    structure = axes or _structure(J.reshape(_size(y_shape), _size(x_shape)))
    if entries <= FULL:
        return Local(text, latex, plain(J), structure, check(node, position, operands, J))
    norm = plain(np.linalg.norm(J.astype(float).ravel()))
    rule = _rule(node, formula, axes, letters, position, x_shape, y_shape)
    return Local(text, latex, {"rule": rule, "norm": norm}, structure, None)


def _kind(node: Node) -> str:
    assert node.primitive is not None
    return node.primitive.kind


def _size(shape: tuple[int, ...]) -> int:
    return int(np.prod(shape, dtype=int))


def derivative(node: Node, position: int, letters: Sequence[Any], y: Any, y_bar: Any) -> Any:
    """Return ∂node/∂operand as a formula, or the message's where no partial exists; None without either."""
    primitive = node.primitive
    assert primitive is not None
    known: dict[str, Any] = {
        "y_bar": y_bar,
        "lead": (),
        "shapes": node.shapes,
        "operands": list(letters),
        **node.static,
    }
    known["y_shape"] = node.y.shape
    if not primitive.variadic:
        known |= dict(zip(primitive.operands, letters, strict=True))
        known |= {f"{n}_shape": s for n, s in zip(primitive.operands, node.shapes, strict=True)}
    try:
        return primitive.formula(position, known, y)
    except (TypeError, ValueError, KeyError, AttributeError):  # a rule that letters can't run through: numbers remain
        return None


def jacobian(node: Node, position: int, x_shape: tuple[int, ...]) -> Any:
    """Return ∂y/∂operand in full, of shape ``y.shape + operand.shape``."""
    primitive = node.primitive
    assert primitive is not None
    lead = node.y.shape
    size = _size(lead)
    if primitive.kind == "elementwise":  # 0·∞ off the diagonal would be NaN
        full = np.zeros((size, size), dtype=node.y.dtype)
        np.fill_diagonal(full, np.broadcast_to(_partial(node, position), lead).ravel())
        message: Any = full.reshape(lead + lead)
    else:
        message = pull(node, position, np.eye(size, dtype=node.y.dtype).reshape(lead + lead)[()], lead)
    if node.fits is not None and (spec := node.fits[position]) is not None:
        message = fit(message, spec, len(lead))
    return np.reshape(message, lead + x_shape)


def _partial(node: Node, position: int) -> Any:
    assert node.primitive is not None
    partial = node.primitive.partials[position]
    assert partial is not None
    with np.errstate(all="ignore"):
        return partial(node)


def _elementwise_norm(node: Node, position: int) -> float:
    return float(np.linalg.norm(np.broadcast_to(_partial(node, position), node.y.shape).astype(float).ravel()))


def _summed(x_shape: tuple[int, ...], y_shape: tuple[int, ...]) -> str | None:
    """Say over which axes of the result a broadcast operand's messages are summed."""
    try:
        if np.broadcast_shapes(x_shape, y_shape) != y_shape:
            return None
    except ValueError:  # not a broadcast: a product of matrices, say
        return None
    extra = len(y_shape) - len(x_shape)
    axes = [*range(extra), *(extra + i for i, n in enumerate(x_shape) if n != y_shape[extra + i])]
    return f"Σ over {'axis' if len(axes) == 1 else 'axes'} {', '.join(map(str, axes))}" if axes else None


def _structure(J: Any) -> str | None:
    """Say in a word what a matrix does, where one word does."""
    rows, columns = J.shape
    used = J != 0
    if rows * columns <= 1 or not used.any():
        return None
    if rows == columns and not used[~np.eye(rows, dtype=bool)].any():
        return "identity" if (np.diagonal(J) == 1).all() else "diagonal"
    if (used.sum(axis=1) == 1).all() and (J[used] == 1).all():
        each = used.sum(axis=0)
        return "permutation" if rows == columns and (each == 1).all() else "selection"
    return None


def _rule(
    node: Node, formula: Any, axes: str | None, letters: Sequence[Any], position: int, x_shape: Any, y_shape: Any
) -> str:
    """Write how a message is made, with shapes: ``Ḡ·Wᵀ : (32, 10)·(10, 64) → (32, 64)``."""
    to = _shape(x_shape)
    if isinstance(formula, Expression) and formula.op == "matmul":
        shapes = {id(o): s for o, s in zip(letters, node.shapes, strict=True)} | {id(G): y_shape}
        left, right = (_factor_shape(a, shapes) for a in formula.args)
        if left and right:
            return f"{UNICODE.write(formula)} : {left}·{right} → {to}"
    if formula is None:
        text = f"{node.primitive.name}ᵀ(Ḡ)" if node.primitive is not None else "Ḡ"
    elif _kind(node) == "elementwise" or not isinstance(formula, Expression):
        text = UNICODE.write(build("multiply", G, formula))
    else:
        text = UNICODE.write(formula)
    return f"{axes + ' of ' if axes else ''}{text} : {_shape(y_shape)} → {to}"


def _factor_shape(formula: Any, shapes: dict[int, tuple[int, ...]]) -> str | None:
    if isinstance(formula, Expression) and formula.op == "mT" and id(formula.args[0]) in shapes:
        shape = shapes[id(formula.args[0])]
        return _shape((*shape[:-2], *shape[:-3:-1]))
    return _shape(shapes[id(formula)]) if id(formula) in shapes else None


def _shape(shape: tuple[int, ...]) -> str:
    return str(shape).replace(" ", "")
