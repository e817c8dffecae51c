"""What a graph gives away about how it was written: an activation twice, shapes that broadcast, unsuited data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from autograd.graph.node import Node
from autograd.view.doctor.anatomy import Anatomy, number, shared_by
from autograd.view.doctor.report import Finding
from autograd.view.doctor.zeros import one_class

RANGES = {"sigmoid": (0.0, 1.0), "tanh": (-1.0, 1.0), "softmax": (0.0, 1.0), "relu": (0.0, np.inf)}
DISTANCES = ("mse", "mae", "huber", "subtract")
PRODUCTS = ("linear", "matmul", "conv1d", "conv2d", "conv3d")
PASSING = ("reshape", "squeeze", "expand_dims", "transpose", "moveaxis", "swapaxes", "astype", "getitem", "copy")
LARGE, APART, TINY = 100.0, 1e3, 1e-4
FEW = 30  # features: of more, such as pixels, some may well be constant
ENOUGH = 8  # examples
SLACK = 1e-3  # of a sum of probabilities


def mistakes(seen: Anatomy, step: int | None) -> list[Finding]:
    """Return the findings that need no more than one graph."""
    return [f for node in seen.computed for f in _of(seen, node, step)]


def _of(seen: Anatomy, node: Node, step: int | None) -> Iterator[Finding]:
    assert node.primitive is not None
    name = node.primitive.name
    where = seen.where(node)
    if name in ("cross_entropy", "bce_with_logits"):
        yield from _twice(seen, node, step)
    if name == "bce_with_logits":
        yield from _targets(
            seen, node, 0.0, 1.0, "BCEWithLogitsLoss takes targets between 0 and 1", step,
            "map the labels first: (labels == positive).astype(float), or (labels + 1) / 2 for labels ±1",
        )  # fmt: skip
    if name == "cross_entropy":
        yield from _classes(seen, node, step)
    if name in DISTANCES and len(node.y.shape) <= 2:
        yield from _out_of_reach(seen, node, step)
    if name in ("subtract", "multiply", "power", "squared_difference"):
        yield from _broadcast(seen, node, step)
    if name in ("softmax", "log_softmax"):
        shape = node.shapes[0]
        if shared_by(node) == 1:
            zero = one_class(name)
            yield Finding(zero.kind, where, name, zero.cause, zero.remedy, f"its input has shape {shape}", step)
        elif len(shape) == 2 and node.static["axis"] == -2 and shape[0] >= ENOUGH and shape[0] != shape[1]:
            yield Finding(
                "wrong loss", where, name, f"{name} over axis 0, the batch: the examples compete, not the classes",
                "normalise over the classes: dim=1, or axis=-1", f"its input has shape {shape}", step,
            )  # fmt: skip
    picks = name == "getitem" and _made_by(seen, node.first) == "softmax" and _labels(node.static["index"])
    if picks and not any(n.first is node and n.primitive.name.startswith("log") for n in seen.computed if n.primitive):
        yield Finding(
            "wrong loss", where, "nll_loss", "nll_loss takes logarithms of probabilities, and is given probabilities",
            "use log_softmax instead of softmax, or CrossEntropyLoss on the logits", "softmax feeds the choice of the "
            "labels' entries directly", step,
        )  # fmt: skip
    if name == "kl_div" and _made_by(seen, node.first) == "softmax":
        yield Finding(
            "wrong loss", where, name, "kl_div takes logarithms of probabilities, and is given probabilities",
            "use log_softmax instead of softmax", "its input comes from softmax", step,
        )  # fmt: skip
    if name == "kl_div" and not node.static["log_target"]:
        yield from _targets(
            seen, node, 0.0, np.inf, "KLDivLoss takes probabilities, or logarithms with log_target=True", step,
            "set log_target=True if they are logarithms",
        )  # fmt: skip
    if name in PRODUCTS:
        yield from _inputs(seen, node, step)


def _source(seen: Anatomy, node: Node | None) -> Node | None:
    """Return what computed a value, past reshapes."""
    while node is not None and node.primitive is not None and node.primitive.name in PASSING:
        if node.primitive.name == "getitem" and _labels(node.static["index"]):
            break
        node = node.first
    return node


def _made_by(seen: Anatomy, node: Node | None) -> str:
    node = _source(seen, node)
    return node.primitive.name if node is not None and node.primitive is not None else ""


def _labels(index: Any) -> bool:
    """Tell whether an index picks one entry of each row, by numbers."""
    entries = index if isinstance(index, tuple) else (index,)
    return sum(isinstance(e, np.ndarray) and e.dtype.kind in "iu" for e in entries) >= 2


def _twice(seen: Anatomy, node: Node, step: int | None) -> Iterator[Finding]:
    assert node.primitive is not None
    loss, made = node.primitive.name, _made_by(seen, node.first)
    own = "a softmax" if loss == "cross_entropy" else "a sigmoid"
    called = {"cross_entropy": "CrossEntropyLoss", "bce_with_logits": "BCEWithLogitsLoss"}[loss]
    if made in ("softmax", "sigmoid", "tanh"):
        yield Finding(
            "activation twice", seen.where(node), made,
            f"{made} before {called}, which applies {own} itself: the gradient is squashed twice",
            f"give {called} the logits: leave the {made} out of the model, and apply it only to predict",
            f"the input of {loss} comes from {made}, and lies in "
            f"{number(np.min(seen.operands(node)[0]))} … {number(np.max(seen.operands(node)[0]))}", step,
        )  # fmt: skip
    elif made in ("relu", "relu6"):
        yield Finding(
            "activation twice", seen.where(node), made,
            f"{made} before {called}: logits must be free to be negative, and where they aren't nothing is learned",
            f"leave out the {made} after the last layer", f"the input of {loss} comes from {made}", step,
        )  # fmt: skip


def _targets(
    seen: Anatomy, node: Node, low: float, high: float, said: str, step: int | None, remedy: str
) -> Iterator[Finding]:
    assert node.primitive is not None
    target = np.asarray(seen.operands(node)[1])
    if target.size and (target.min() < low or target.max() > high):
        yield Finding(
            "targets", seen.where(node), node.primitive.name, f"targets out of range: {said}",
            remedy,
            f"the targets lie in {number(target.min())} … {number(target.max())}", step,
        )  # fmt: skip


def _classes(seen: Anatomy, node: Node, step: int | None) -> Iterator[Finding]:
    logits, target = (np.asarray(o) for o in seen.operands(node)[:2])
    axis = 0 if logits.ndim == 1 else 1
    if logits.shape[axis] == 1:
        yield Finding(
            "wrong loss", seen.where(node), "cross_entropy",
            "cross-entropy over one class is 0 whatever the model says", "give one output for each class, or use "
            "BCEWithLogitsLoss for a single one", f"logits of shape {logits.shape}", step,
        )  # fmt: skip
    elif target.dtype.kind == "f" and target.size and (node.parents[1] is None or _is_data(node.parents[1])):
        sums = target.sum(axis=axis)
        if np.max(np.abs(sums - 1)) > SLACK:
            yield Finding(
                "targets", seen.where(node), "cross_entropy", "the targets are no probabilities: they don't sum to 1",
                "give class indices (N,) as integers, or probabilities that sum to 1 over the classes",
                f"sums from {number(sums.min())} to {number(sums.max())}", step,
            )  # fmt: skip


def _is_data(node: Node | None) -> bool:
    return node is not None and node.primitive is None and not node.requires_grad


def _out_of_reach(seen: Anatomy, node: Node, step: int | None) -> Iterator[Finding]:
    """Find targets that the last activation can't reach, and those of another order of magnitude."""
    assert node.primitive is not None
    operands, parents = seen.operands(node), node.parents
    for k in (0, 1):
        source, target = _source(seen, parents[k]), np.asarray(operands[1 - k])
        if not (parents[1 - k] is None or _is_data(parents[1 - k])) or not target.size or target.ndim < 1:
            continue
        if source is None or not source.requires_grad or node.shapes[k] != node.shapes[1 - k]:
            continue
        low, high = float(target.min()), float(target.max())
        made = source.primitive.name if source.primitive is not None else ""
        a, b = RANGES.get(made, (-np.inf, np.inf))
        wide = 0.05 * (b - a) if np.isfinite(b - a) else 1e-3 * max(abs(low), abs(high))
        if low < a - wide or high > b + wide:
            yield Finding(
                "targets", seen.where(node), made,
                f"{made} gives {number(a)} … {number(b)}, and the targets lie in {number(low)} … {number(high)}",
                f"scale the targets into that range, or leave out the {made} after the last layer",
                "no weights can reach targets out of the range of the last activation", step,
            )  # fmt: skip
        elif max(abs(low), abs(high)) > APART * max(1.0, float(np.max(np.abs(operands[k])))):
            yield Finding(
                "targets", seen.where(node), node.primitive.name,
                f"unscaled targets: up to {number(max(abs(low), abs(high)))}, a thousand times the predictions",
                "standardise the targets, (y − mean) / std, and undo it for predictions",
                f"the predictions reach {number(np.max(np.abs(operands[k])))}", step,
            )  # fmt: skip


def _broadcast(seen: Anatomy, node: Node, step: int | None) -> Iterator[Finding]:
    """Find a column against a row where one is data: (N, 1) with (N,) gives (N, N)."""
    assert node.primitive is not None
    a, b = node.shapes[:2]
    if len(a) == len(b) or not a or not b or len(node.y.shape) != 2:
        return
    tall, flat = (a, b) if len(a) > len(b) else (b, a)
    if len(flat) == 1 and tall == (flat[0], 1) and flat[0] > 1:
        yield Finding(
            "broadcast", seen.where(node), node.primitive.name,
            f"shapes that broadcast: {a} with {b} gives {node.y.shape}, every prediction against every target",
            f"give both one shape: target.reshape{tall} or target[:, None]; nn.MSELoss refuses such shapes",
            f"{flat[0]} numbers each, {flat[0] ** 2} after {node.primitive.name}", step,
        )  # fmt: skip


def _inputs(seen: Anatomy, node: Node, step: int | None) -> Iterator[Finding]:
    """Look at data that go into a layer: their scale, and whether they vary."""
    assert node.primitive is not None
    x, parent = np.asarray(seen.operands(node)[0]), node.parents[0]
    if (parent is not None and not _is_data(parent)) or x.ndim < 2 or x.shape[0] < ENOUGH or x.dtype.kind != "f":
        return
    name, where, most = node.primitive.name, seen.where(node), float(np.max(np.abs(x))) if x.size else 0.0
    scale = "standardise the inputs, (x − mean) / std for each feature, or divide by their range"
    if not most or not np.isfinite(most):  # nothing but zeros is where a recurrent layer starts
        return
    if bool(np.all(x == x[:1])):
        yield Finding(
            "inputs", where, name, "constant inputs: every example is the same",
            "check how the data are loaded, indexed and scaled", f"{x.shape[0]} equal rows of {x.shape}", step,
        )  # fmt: skip
        return
    if most > LARGE:
        yield Finding(
            "inputs", where, name, f"unscaled inputs: values up to {number(most)}", scale,
            f"mean {number(x.mean())}, standard deviation {number(x.std())}; layers start as if it were 1", step,
        )  # fmt: skip
    elif most < TINY:
        yield Finding(
            "inputs", where, name, f"inputs all but zero: none above {number(most)}", scale,
            f"standard deviation {number(x.std())}; layers start as if it were 1", step,
        )  # fmt: skip
    if x.ndim != 2:
        return
    spread = x.std(axis=0)
    varying = spread[spread > 1e-12 * most]
    if most <= LARGE and varying.size > 1 and varying.max() > APART * varying.min() and x.shape[1] <= FEW:
        yield Finding(
            "inputs", where, name, "features of very different scale", scale,
            f"their standard deviations go from {number(varying.min())} to {number(varying.max())}", step,
        )  # fmt: skip
    if x.shape[1] <= FEW and x.shape[0] >= 4 * ENOUGH:
        still = (spread <= 1e-12 * most) & (np.abs(x[0]) > 0) & (x[0] != 1)
        if still.any():
            yield Finding(
                "inputs", where, name, f"constant features: {[int(k) for k in np.flatnonzero(still)]} never change",
                "leave them out; if they should vary, check how the data are loaded", f"{x.shape[0]} examples", step,
            )  # fmt: skip
