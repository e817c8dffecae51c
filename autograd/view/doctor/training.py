"""The course of a training: parameters that never change, gradients that add up, steps too long or too short."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from zlib import crc32

import numpy as np

from autograd.graph.clock import overlap, tick, writes_since
from autograd.graph.node import Node
from autograd.tensor import raw
from autograd.view.doctor.anatomy import called, cosine, number, size
from autograd.view.doctor.report import Finding

MANY = 1000  # leaves that were met once
EARLY, OFTEN = 2, 8  # passes: only in the first, and in each of the first
PASSES = 3  # backward passes before anything is said of steps
GROWN = 10.0  # times the first loss
FLAT = 1e-3  # of a gradient, relative to the weights: at the bottom steps are short
SHRUNK = 0.03  # of the weights' first size
LONG, SHORT = 1.0, 1e-6  # of a step, relative to the weights
RATES = "a learning rate {} times smaller is the first thing to try"


@dataclass
class Leaf:
    """What is remembered of one leaf between backward passes."""

    mark: int  # of its values: a checksum
    gradient: float  # the largest ‖P‖²
    latest: float  # the last one
    start: float  # the root mean square of its first values
    passes: int = 1
    moved: int = 0
    carried: int = 0  # changed, with the old gradient still there
    fresh: int = 0  # without an old gradient
    cleared: int = 0  # of these, not changed either
    value: Any = None  # a copy, until the next pass
    grad: Any = None
    ratios: list[float] = field(default_factory=list)
    climbs: list[float] = field(default_factory=list)


class Course:
    """The leaves and losses of a training, as its backward passes show them."""

    def __init__(self) -> None:
        self.start = 0  # when the first pass came
        self.leaves: dict[Node, Leaf] = {}
        self.losses: list[float] = []
        self.passes = 0

    def note(self, loss: Any, P: dict[Node, Any], closely: bool) -> bool:
        """Take in one backward pass, before its gradients are added to those that are held; True calls for a look."""
        if not self.passes:
            self.start = tick()
        self.passes += 1
        alarm = False
        if not loss.shape:
            self.losses.append(float(loss))
            alarm = not math.isfinite(loss)
        for node, arrived in P.items():
            if node.primitive is None:
                length = self._leaf(node, getattr(arrived, "_value", arrived), closely)
                alarm = alarm or length == 0 or not math.isfinite(length)
        if len(self.leaves) > len(P) + MANY:  # inputs that ask for gradients come and go
            self.leaves = {n: leaf for n, leaf in self.leaves.items() if n.parameter or leaf.passes > 1 or n in P}
        return alarm

    def _leaf(self, node: Node, arrived: Any, closely: bool) -> float:
        """Take in the gradient of one leaf, and return ‖P‖²."""
        gradient = _square(arrived)
        leaf = self.leaves.get(node)
        if leaf is None:
            leaf = self.leaves[node] = Leaf(_mark(node), gradient, gradient, size(node.y))
        else:
            leaf.passes += 1
            moved = False
            if closely or leaf.passes <= OFTEN or leaf.value is not None:
                mark = _mark(node)
                moved, leaf.mark = mark != leaf.mark, mark
            leaf.moved += moved
            held = node.grad
            old = held is not None and bool(np.any(raw(held)))
            leaf.carried += moved and old
            leaf.fresh += not old
            leaf.cleared += not moved and held is None
            if moved and leaf.value is not None:
                self._compare(node, leaf)
            leaf.gradient, leaf.latest = max(leaf.gradient, gradient), gradient
        leaf.value, leaf.grad = (np.array(node.y), np.array(arrived)) if closely else (None, None)
        return gradient

    def _compare(self, node: Node, leaf: Leaf) -> None:
        """Note how long the last step was, and whether it went uphill."""
        step = node.y - leaf.value
        length = size(leaf.value)
        if np.size(step) > 4 and length > 0:
            leaf.ratios.append(size(step) / length)
        if leaf.passes == 2:
            leaf.climbs.append(cosine(step, leaf.grad))

    # What it comes to

    def findings(self, broken: bool) -> list[Finding]:
        """Return what is wrong with the steps; ``broken``: something else was found that explains a bad course."""
        found = [*self._still(), *self._carried(), *self._uphill()]
        if not found:
            found += self._diverging()
        if not found:
            found += self._shrinking()
        if not found and not broken:
            found += self._slow()
        return found

    def _trained(self) -> list[tuple[Node, Leaf]]:
        """Return the leaves that have come back with a gradient that isn't zero."""
        return [(n, leaf) for n, leaf in self.leaves.items() if leaf.passes >= 2 and leaf.gradient > 0]

    def _still(self) -> list[Finding]:
        still = [(n, leaf) for n, leaf in self._trained() if not leaf.moved and _mark(n) == leaf.mark]
        moving = [leaf for _, leaf in self._trained() if leaf.moved]
        if not still:
            return []
        names, most = _names(n for n, _ in still), max(leaf.passes for _, leaf in still)
        evidence = f"{names} received a gradient in {most} backward passes and never changed"
        writes = writes_since(self.start)
        written = [n for n, _ in still if any(overlap(n.y, w) for w in writes)]
        if moving:
            if written:  # and rounding swallowed the step, at the end of a training
                return []
            if most < PASSES - 1 or max(leaf.moved for leaf in moving) < 1:
                return []
            return [Finding(
                "never updated", names, "optimizer step", f"forgotten parameters: the optimizer doesn't have {names}",
                "pass all of model.parameters() to the optimizer, or requires_grad_(False) for what shall stay",
                f"{evidence}, while {len(moving)} others did", None,
            )]  # fmt: skip
        if most < PASSES:
            return []
        if written:
            return [Finding(
                "never updated", names, "optimizer step", "the steps change nothing: the learning rate is 0, or so "
                "small that rounding swallows the step, or the gradients are clipped to nothing",
                "set lr: 1e-3 for Adam, 0.01 … 0.1 for SGD are usual; check "
                "the schedule", f"{evidence}, though it was written to", None,
            )]  # fmt: skip
        gone = all(leaf.cleared for _, leaf in still)
        cause = (
            "no step uses the gradients: they are cleared (zero_grad) before optimizer.step(), or step() isn't called"
            if gone
            else "no step uses the gradients: optimizer.step() isn't called, or the optimizer has other parameters"
        )
        remedy = "the order is optimizer.zero_grad(), loss.backward(), optimizer.step(), with model.parameters()"
        return [Finding("never updated", names, "optimizer step", cause, remedy, evidence, None)]

    def _carried(self) -> list[Finding]:
        carried = [(n, leaf) for n, leaf in self._trained() if leaf.carried >= 2 and not leaf.fresh]
        if not carried:
            return []
        times = max(leaf.carried for _, leaf in carried)
        return [Finding(
            "gradients add up", _names(n for n, _ in carried), "backward",
            "forgotten zero_grad: each backward pass adds to the gradients of all steps before",
            "call optimizer.zero_grad() before each loss.backward()",
            f"{times} times the old gradient was still there after the step that used it", None,
        )]  # fmt: skip

    def _uphill(self) -> list[Finding]:
        climbs = [(c, n) for n, leaf in self._trained() for c in leaf.climbs]
        if not climbs or min(c for c, _ in climbs) < 0.5:
            return []
        return [Finding(
            "uphill", _names(n for _, n in climbs), "optimizer step", "wrong sign: the first step goes along the "
            "gradient, which makes the loss larger", "subtract: w −= lr · grad; with an optimizer maximize=False",
            f"the cosine between step and gradient is {number(climbs[0][0])}, not negative", None,
        )]  # fmt: skip

    def _diverging(self) -> list[Finding]:
        losses, ratios = self.losses, [r for _, leaf in self._trained() for r in leaf.ratios]
        if len(losses) < PASSES or not np.isfinite(losses[0]):
            return []
        early = max(abs(x) for x in losses[:1])
        grown = [x for x in losses if np.isfinite(x) and abs(x) > GROWN * max(early, 1e-3)]
        late = losses[-1]
        ratios = [r for r in ratios if np.isfinite(r)]
        if grown and not abs(late) <= 3 * max(early, 1e-3):  # NaN is no better
            shown = ", ".join(number(x) for x in dict.fromkeys([*losses[:3], grown[-1], late]))
            if late < 0 and late == min(losses):
                return [Finding(
                    "diverging", _names(n for n, _ in self._trained()), "optimizer step",
                    "wrong sign: the loss falls without end, below 0 and on", "an optimizer makes the loss smaller, so "
                    "it needs a lower bound: turn its sign, or give the optimizer maximize=True",
                    f"the loss goes {shown}", None,
                )]  # fmt: skip
            longest = f"; a step is up to {number(max(ratios))} times the weights" if ratios else ""
            return [Finding(
                "diverging", _names(n for n, _ in self._trained()), "optimizer step",
                "exploding steps: the learning rate is too high, each step overshoots further than the one before",
                f"{RATES.format('10 … 100')}; clip the gradients (clip_grad_norm_); scale inputs and targets",
                f"the loss goes {shown}{longest}", None,
            )]  # fmt: skip
        long = [r for r in ratios if r > LONG]
        if len(long) >= 2 and 2 * len(long) > len(ratios) and np.median(losses[-3:]) > 0.5 * early:
            return [Finding(
                "diverging", _names(n for n, _ in self._trained()), "optimizer step",
                "the learning rate is too high: a step is longer than the weights, and the loss doesn't fall",
                f"{RATES.format('10 … 100')}; clip the gradients (clip_grad_norm_)",
                f"steps of {number(np.median(long))} times the weights; the loss goes from {number(losses[0])} to "
                f"{number(late)}", None,
            )]  # fmt: skip
        return []

    def _shrinking(self) -> list[Finding]:
        shrunk = [(n, size(n.y) / leaf.start) for n, leaf in self._trained() if leaf.start and np.ndim(n.y) >= 2]
        if not shrunk or not all(r <= SHRUNK for _, r in shrunk):
            return []
        return [Finding(
            "slow", _names(n for n, _ in shrunk), "optimizer step",
            "the steps shrink all weights towards 0: the weight decay is too strong",
            "a smaller weight_decay: 0 … 0.01 is usual",
            f"the weights are down to {shrunk[0][1]:.1%} of their start", None,
        )]  # fmt: skip

    def _slow(self) -> list[Finding]:
        losses, ratios = self.losses, [r for _, leaf in self._trained() for r in leaf.ratios]
        steep = any(math.sqrt(leaf.gradient) > FLAT * math.sqrt(_square(n.y)) for n, leaf in self._trained())
        if not steep or not ratios or len(losses) < PASSES or max(ratios) >= SHORT * 100:
            return []
        flat = len(losses) >= 8 and abs(np.mean(losses[-3:]) - np.mean(losses[:3])) < 1e-3 * abs(np.mean(losses[:3]))
        if max(ratios) < SHORT or flat:
            return [Finding(
                "slow", _names(n for n, _ in self._trained()), "optimizer step",
                "the learning rate is too small: the steps are nothing next to the weights, and the loss stays",
                "set lr: 1e-3 for Adam, 0.01 … 0.1 for SGD are usual",
                f"a step is at most {number(max(ratios))} of the weights; the loss goes from {number(losses[0])} to "
                f"{number(losses[-1])}", None,
            )]  # fmt: skip
        return []


def _mark(node: Node) -> int:
    """Return a checksum of a leaf's value."""
    return crc32(np.ascontiguousarray(node.y).data)


def _square(value: Any) -> float:
    flat = value.ravel() if isinstance(value, np.ndarray) else np.ravel(value)
    with np.errstate(all="ignore"):
        return float(flat.dot(flat))


def _names(nodes: Iterable[Node], most: int = 4) -> str:
    names = list(dict.fromkeys(called(n) for n in sorted(nodes, key=lambda n: n.number)))
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")
