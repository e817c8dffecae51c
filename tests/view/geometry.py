"""Where Graphviz puts boxes and texts: read from its own drawing operations, so that a test can look for collisions."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from autograd.view.render import render

SLACK = 1.0  # points: rounding in the output


class Rectangle(NamedTuple):
    name: str
    left: float
    low: float
    right: float
    high: float

    def meets(self, other: Rectangle) -> bool:
        across = min(self.right, other.right) - max(self.left, other.left)
        along = min(self.high, other.high) - max(self.low, other.low)
        return across > SLACK and along > SLACK

    def holds(self, other: Rectangle) -> bool:
        return (
            self.left - SLACK <= other.left and other.right <= self.right + SLACK
            and self.low - SLACK <= other.low and other.high <= self.high + SLACK
        )  # fmt: skip


class Plan(NamedTuple):
    nodes: dict[str, Rectangle]
    inside: dict[str, list[Rectangle]]  # the texts of each node
    labels: list[Rectangle]  # of each edge, all its lines
    page: Rectangle
    heading: list[Rectangle]


def texts(operations: list[dict[str, Any]]) -> Iterator[Rectangle]:
    size = 0.0
    for operation in operations:
        if operation["op"] == "F":
            size = operation["size"]
        elif operation["op"] == "T":
            (x, y), wide = operation["pt"], operation["width"]
            left = x - {"l": 0.0, "c": 0.5, "r": 1.0}[operation["align"]] * wide
            yield Rectangle(operation["text"], left, y - 0.2 * size, left + wide, y + 0.75 * size)


def plan(dot: str) -> Plan:
    drawn = json.loads(render(dot, "json"))
    left, low, right, high = map(float, drawn["bb"].split(","))
    nodes, inside = {}, {}
    for o in drawn.get("objects", []):
        if "pos" in o:
            (x, y), w, h = map(float, o["pos"].split(",")), float(o["width"]) * 36, float(o["height"]) * 36
            nodes[o["name"]] = Rectangle(o["name"], x - w, y - h, x + w, y + h)
            inside[o["name"]] = list(texts(o.get("_ldraw_", [])))
    labels = []
    for edge in drawn.get("edges", []):
        lines = list(texts(edge.get("_ldraw_", [])))
        if lines:
            corners = [f(t[k] for t in lines) for k, f in zip(range(1, 5), (min, min, max, max), strict=True)]
            labels.append(Rectangle(" / ".join(t.name for t in lines), *corners))
    page = Rectangle("page", left, low, right, high)
    return Plan(nodes, inside, labels, page, list(texts(drawn.get("_ldraw_", []))))


def collisions(dot: str) -> list[str]:
    """Return what lies outside of its box, and what lies over something else."""
    found = plan(dot)
    wrong = [
        f"{t.name!r} leaves {n}" for n, inner in found.inside.items() for t in inner if not found.nodes[n].holds(t)
    ]
    wrong += [f"{t.name!r} leaves the page" for t in found.heading if not found.page.holds(t)]
    pieces = [*found.nodes.values(), *found.labels]
    wrong += [f"{a.name!r} over {b.name!r}" for a, b in itertools.combinations(pieces, 2) if a.meets(b)]
    for inner in found.inside.values():
        wrong += [f"{a.name!r} over {b.name!r}" for a, b in itertools.combinations(inner, 2) if a.meets(b)]
    return wrong
