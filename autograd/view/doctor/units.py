"""Units that don't learn: rectifiers that are off, flat sigmoids, weights all alike, gradients that fade or grow."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from autograd.graph.node import Node
from autograd.view.doctor.anatomy import Anatomy, number, shared_by, size
from autograd.view.doctor.report import Finding

DEAD, DEEP, FLAT = 0.3, 0.6, 0.5  # shares from which it is a finding; deep inside, examples are alike from the start
EXAMPLES = 8  # fewer prove nothing about a unit
FLAT_FROM = {"sigmoid": 7.0, "tanh": 4.0}  # |z| from where the derivative is below 0.001
SURE = 30.0  # of logits: e³⁰ to 1
VANISHED, EXPLODED, HUGE = 1e-5, 1e4, 1e2


class Off(NamedTuple):
    """Which units of one rectifier are off for every example of a batch."""

    where: str
    name: str
    mask: Any
    examples: int
    limit: float  # the share from which it is a finding


def off(seen: Anatomy) -> list[Off]:
    """Return the rectifiers of a graph with the units that are off in each."""
    found: list[Off] = []
    for node in seen.computed:
        if node.primitive is None or not node.requires_grad:
            continue
        y = seen.values[node]
        if node.primitive.name == "maximum" and any(np.size(o) == 1 and not np.any(o) for o in seen.operands(node)):
            pass
        elif node.primitive.name not in ("relu", "relu6"):
            continue
        if np.ndim(y) >= 2 and y.shape[0] >= EXAMPLES and y.shape[1] > 1:
            axes = (0, *range(2, y.ndim))
            found.append(
                Off(seen.where(node), node.primitive.name, ~(y > 0).any(axis=axes), y.shape[0], DEEP if found else DEAD)
            )
    return found


def dead(seen: list[Off]) -> list[Finding]:
    """Return the finding of a rectifier with too many units that are off for all examples of some batches."""
    mask, examples = np.logical_and.reduce([o.mask for o in seen]), sum(o.examples for o in seen)
    found = int(np.count_nonzero(mask))
    if found < seen[-1].limit * mask.size:
        return []
    return [Finding(
        "dead units", seen[-1].where, seen[-1].name,
        f"dead ReLU: {found} of {mask.size} units are off for every example",
        "lower the learning rate, start the biases at 0, standardise the inputs, use He's initialisation, or "
        "LeakyReLU, which never dies",
        f"no input above 0 in {examples} examples; such a unit passes no gradient and can't recover",
    )]  # fmt: skip


def saturated(seen: Anatomy, step: int | None) -> list[Finding]:
    """Return a finding for each sigmoid and tanh that is flat nearly everywhere, and each softmax that is one-hot."""
    found = []
    for node in seen.computed:
        if node.primitive is None or not node.requires_grad:
            continue
        name, z = node.primitive.name, np.asarray(seen.operands(node)[0])
        if name in FLAT_FROM and z.size > 1:
            limit = FLAT_FROM[name]
            share = float(np.mean(np.abs(z) > limit))
            if share >= FLAT:
                found.append(Finding(
                    "saturated", seen.where(node), name,
                    f"{name} saturated: |z| > {limit:g} for {share:.0%} of its entries",
                    "make z smaller: standardise the inputs, start from smaller weights, lower the learning rate; or "
                    "ReLU instead, or batch normalisation before it",
                    f"|z| is {number(np.median(np.abs(z)))} in the middle and up to {number(np.max(np.abs(z)))}; "
                    "there the derivative is below 0.001", step,
                ))  # fmt: skip
        elif name == "cross_entropy" and z.ndim == 2 and z.shape[1] > 1 and step in (None, 1):
            spread = float(np.median(np.ptp(z, axis=1)))
            if spread > SURE:
                found.append(Finding(
                    "saturated", seen.where(node), name,
                    f"softmax saturated from the start: logits spread over {number(spread)} within an example",
                    "start from smaller weights, standardise the inputs: logits near 0 give a loss of ln(classes)",
                    f"the first loss is {number(np.mean(seen.values[node]))}, ln({z.shape[1]}) is "
                    f"{number(np.log(z.shape[1]))}", step,
                ))  # fmt: skip
        elif name == "softmax" and z.ndim >= 2 and shared_by(node) > 1:
            top = np.max(seen.values[node], axis=node.static["axis"])
            if float(np.mean(top > 0.9999)) >= 0.9:
                found.append(Finding(
                    "saturated", seen.where(node), name,
                    f"softmax saturated: one entry takes all in {np.mean(top > 0.9999):.0%} of the rows",
                    "make its inputs smaller: divide by √d or a temperature, smaller weights, standardised inputs",
                    f"its inputs spread over {number(np.ptp(z))}", step,
                ))  # fmt: skip
    return found


_SHRINKS = {
    "sigmoid": ("the derivative of sigmoid is at most ¼, and every layer multiplies by it", "ReLU or tanh"),
    "tanh": ("the derivative of tanh is below 1, and every layer multiplies by it", "ReLU"),
    "softmax": ("a softmax between the layers shrinks what it passes", "ReLU"),
}
_HELP = "Xavier's or He's initialisation, batch or layer normalisation, residual connections, or fewer layers"


def along_layers(seen: Anatomy, step: int | None) -> Finding | None:
    """Compare the gradients of the weights, first layer to last: vanishing, exploding."""
    users = seen.users()
    weights = [n for n in seen.P if n.primitive is None and n.requires_grad and len(n.y.shape) >= 2 and n in users]
    if not weights:
        return None
    weights.sort(key=lambda n: users[n][0].number)
    sizes = [size(seen.P[n]) for n in weights]
    if not np.isfinite(sizes).all() or not sizes[-1]:
        return None
    ratio = sizes[0] / sizes[-1]
    named = [f"'{n.name}'" if n.name else f"the weights {n.y.shape}" for n in (weights[0], weights[-1])]
    evidence = (
        f"the gradient of {named[-1]} is {number(sizes[-1])}, of {named[0]} {number(sizes[0])} (root mean square)"
    )
    if len(weights) > 1 and 0 < ratio < VANISHED:
        name, times, node = _strongest(seen, lambda r: r < 1, least=True)
        cause, other = _SHRINKS.get(name, ("the weights are small, and every layer multiplies by them", ""))
        remedy = f"{other + ' instead; ' if other else ''}{_HELP}"
        return Finding("vanishing", seen.where(node), name, f"vanishing gradient: {cause}",
                       remedy, f"{evidence}; {name} shrinks it {times} times", step)  # fmt: skip
    if (ratio > EXPLODED or max(sizes) > EXPLODED) and max(sizes) > HUGE:
        name, times, node = _strongest(seen, lambda r: r > 1, least=False)
        return Finding(
            "exploding", seen.where(node), name,
            f"exploding gradient: {name} multiplies it, {times} time{'s' * (times > 1)} in this graph",
            "start from smaller weights (Xavier's or He's initialisation), standardise inputs and targets, clip the "
            "gradients (clip_grad_norm_), lower the learning rate", evidence, step,
        )  # fmt: skip
    return None


def _strongest(seen: Anatomy, wanted: Callable[[float], bool], least: bool) -> tuple[str, int, Node]:
    """Return the operation that changes the size of the gradient most, all its uses taken together."""
    total: Counter[str] = Counter()
    times: Counter[str] = Counter()
    extreme: dict[str, tuple[float, Node]] = {}
    for node, _, y_bar, message in seen.sent:
        before, after = size(y_bar), size(message)
        if not (before > 0 and after > 0) or node.primitive is None or not wanted(after / before):
            continue
        name, power = node.primitive.name, abs(float(np.log(after / before)))
        total[name] += power  # type: ignore[assignment]  # counters count in floats as well
        times[name] += 1
        if power > extreme.get(name, (0.0, node))[0]:
            extreme[name] = power, node
    activations = [n for n in total if n in _SHRINKS]
    name = max(activations if least and activations else total, key=lambda n: total[n])
    return name, times[name], extreme[name][1]


def symmetric(seen: Anatomy, step: int | None) -> list[Finding]:
    """Return the weights whose units are all alike, in value and in gradient: they will stay so."""
    found = []
    for node, P in seen.P.items():
        w = node.y
        if node.primitive is not None or not node.requires_grad or np.ndim(w) != 2 or min(w.shape) < 2:
            continue
        for axis, what in ((0, "rows"), (1, "columns")):
            alike = [np.all(np.abs(v - np.take(v, [0], axis)) <= 1e-6 * np.max(np.abs(v))) for v in (w, np.asarray(P))]
            if all(alike) and _hidden(seen, node):
                found.append(Finding(
                    "symmetry", f"'{node.name}'" if node.name else f"weights {w.shape}", "initialisation",
                    f"symmetry: all {w.shape[axis]} units start equal and receive equal gradients, so they stay equal",
                    "start the weights from random numbers: nn.init.xavier_uniform_, nn.init.kaiming_uniform_",
                    f"all {what} of the weights {w.shape} are the same, and so are those of their gradient", step,
                ))  # fmt: skip
                break
    return found


def _hidden(seen: Anatomy, leaf: Node) -> bool:
    """Tell whether another weight comes after this one."""
    above: set[Node] = {leaf}
    for node in seen.computed:
        parents = [p for p in node.parents if p is not None]
        if above.isdisjoint(parents):
            continue
        above.add(node)
        if any(p.primitive is None and p.requires_grad and p is not leaf and len(p.y.shape) >= 2 for p in parents):
            return True
    return False
