"""Paths: the chain rule as a sum over all ways from a leaf to the output, each with the product along it."""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd.errors import ArgumentError
from autograd.view.values import factor, figure, in_line, norm, plain
from autograd.view.wording import Reader

if TYPE_CHECKING:
    from autograd.view.record import Edge, Trace

MOST = 64  # paths that are listed


@dataclass(frozen=True)
class Path:
    """One way from the leaf to the output: its nodes, the local derivatives from the output back, their product."""

    nodes: tuple[str, ...]
    factors: tuple[Any, ...]
    product: Any  # what it adds to the gradient; None where a derivative is known by its rule alone


@dataclass(frozen=True)
class Paths:
    """What ``trace.paths(leaf)`` returns: how many paths there are, the largest, and the gradient they add up to."""

    trace: Trace
    leaf: str
    count: int
    largest: tuple[Path, ...]
    gradient: Any

    def __str__(self) -> str:
        read = Reader(self.trace)
        node = read.nodes[self.leaf]
        head = f"{read.gradient(self.leaf)}: {self.count:,} path{'s' * (self.count != 1)} from {read.v(self.leaf)}"
        lines = [f"{head}{f' ({read.label(node)})' if read.label(node) else ''} to {read.v(self.trace.output)}"]
        if len(self.largest) < self.count:
            lines[0] += f", the {len(self.largest)} largest"
        ways = [" → ".join(map(read.v, path.nodes)) for path in self.largest]
        wide = max(map(len, ways), default=0)
        lines += [f"  {way:<{wide}}   {_product(path)}" for way, path in zip(ways, self.largest, strict=True)]
        known = [p.product for p in self.largest]
        if known and len(known) < self.count and all(p is not None for p in known):
            others = np.asarray(self.gradient, dtype=float) - sum(np.asarray(p, dtype=float) for p in known)
            lines.append(f"  {f'{self.count - len(known):,} others together':<{wide}}   {in_line(plain(others))}")
        return "\n".join([*lines, f"  {'Σ':<{wide}}   {in_line(self.gradient)}", ""])

    __repr__ = __str__


def _product(path: Path) -> str:
    if len(path.factors) > 1 and all(isinstance(f, (int, float)) for f in path.factors):
        return f"{' × '.join(factor(figure(f)) for f in path.factors)} = {in_line(path.product)}"
    return "known by its rules alone" if path.product is None else in_line(path.product)


def paths(trace: Trace, leaf: str) -> Paths:
    """Return the paths from a leaf, given by name or id, to the output.

    Of more than 64 the largest are kept on the way back: exactly those for numbers, by their norm for arrays.

    Raises ArgumentError for a node that isn't there, and where nodes are folded, so that the paths aren't known.
    """
    start = trace[leaf].id
    if any(n.kind in ("group", "rest") for n in trace.nodes):
        raise ArgumentError(
            "trace.paths(leaf)", "a record of every node", "one in which boxes stand for several",
            "make it by autograd.trace(t, limit=None)",
        )  # fmt: skip
    below: dict[str, list[Edge]] = {}  # the uses of each node through which a gradient comes
    for edge in trace.edges:
        if edge.message is not None:
            below.setdefault(edge.from_, []).append(edge)
    seed = trace.steps[0].message if trace.steps else 1.0
    count = {trace.output: 1}
    shapes = {n.id: tuple(n.shape) for n in trace.nodes}
    best: dict[str, list[tuple[Any, Any]]] = {trace.output: [(np.reshape(_array(seed), shapes[trace.output]), None)]}
    for node in reversed(trace.nodes):
        uses = [e for e in below.get(node.id, []) if e.to in count]
        if uses:
            count[node.id] = sum(count[e.to] for e in uses)
            found = [(_times(P, e, shapes), (e, rest)) for e in uses for P, rest in best[e.to]]
            best[node.id] = heapq.nlargest(MOST, found, key=_length)
    largest = [_path(start, P, ways, seed) for P, ways in best.get(start, [])]
    return Paths(trace, start, count.get(start, 0), tuple(largest), trace[leaf].grad)


def _array(value: Any) -> Any:
    return (
        np.ones(value["shape"]) if isinstance(value, dict) else np.asarray(value, dtype=float)
    )  # a long seed is of ones


def _times(P: Any, edge: Edge, shapes: dict[str, tuple[int, ...]]) -> Any:
    """Return ``P · J``; None where J is known by its rule alone."""
    if P is None or isinstance(edge.local, dict):
        return None
    with np.errstate(all="ignore"):
        return np.tensordot(P, _array(edge.local).reshape(P.shape + shapes[edge.from_]), axes=P.ndim)


def _length(found: tuple[Any, Any]) -> float:
    length = 0.0 if found[0] is None else norm(found[0])
    return np.inf if length != length else length


def _path(start: str, P: Any, ways: Any, seed: Any) -> Path:
    nodes, factors = [start], []
    while ways is not None:
        edge, ways = ways
        nodes.append(edge.to)
        factors.append(edge.local)
    if not factors or seed != 1:
        factors.append(seed)
    return Path(tuple(nodes), tuple(reversed(factors)), None if P is None else plain(P))
