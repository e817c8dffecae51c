"""The cards of the page: sizes from the length of their texts, places from Graphviz, drawn as SVG of our own."""

from __future__ import annotations

import html
import unicodedata
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from autograd.errors import GraphError, MissingDependencyError
from autograd.view.dot import LOOKS, WIDEST, spine
from autograd.view.letters import clean, short
from autograd.view.render import render
from autograd.view.values import in_line, in_lines, shaped
from autograd.view.wording import Equation, Reader

if TYPE_CHECKING:
    from autograd.view.record import Edge, Node, Trace

HEADER, LINE, PAD = 34, 22, 12  # px
SMALL, TEXT, BIG = 12, 14, 16
NAMED, PART, PARTS = 32, 40, 4  # characters of a name and of a part, and parts of a box, that a card has room for
ROOM = 7  # characters that a number has at least: sliders change it
FAR = 20  # px of a caption that is still worth showing on the map
MOST = 400  # cards: more than these are a table

_NARROW, _WIDE = set("iljtfrI.,:;'|!()[]{}/ ·₀₁₂₃₄₅₆₇₈₉⁰¹²³⁴⁵⁶⁷⁸⁹"), set("mwMW@%→−+×=<>≥≤∑Σ…")


class Card(NamedTuple):
    """What is written on one card, and how large that makes it."""

    glyph: str
    v: str
    named: str
    facts: Sequence[tuple[str, str]]
    values: Sequence[str]
    gradient: str
    grads: Sequence[str]
    width: float
    height: float


class Label(NamedTuple):
    """The two lines beside an arrow."""

    local: Equation
    message: Equation
    width: float
    height: float


def width(text: str, size: float, mono: bool = False) -> float:
    """Estimate how wide a text is in DejaVu Sans, which is wider than what most readers have."""
    return size * sum(_width(c, mono) for c in text)


def _width(c: str, mono: bool) -> float:
    if unicodedata.combining(c):
        return 0
    if unicodedata.east_asian_width(c) in "WF" or ord(c) > 0xFFFF:
        return 1.35
    return 0.61 if mono else 0.4 if c in _NARROW else 0.9 if c in _WIDE else 0.65


def card(node: Node, read: Reader, grads: Sequence[Sequence[str]]) -> Card:
    """Measure a card; ``grads`` are the texts that its gradient will have, one after the other."""
    if node.kind == "rest":
        said = clean(node.name or "")
        return Card("", "", said, (), (), "", (), width(said, TEXT) + 2 * PAD, HEADER + LINE)
    glyph, v, facts = LOOKS[node.kind].glyph, read.v(node.id), _facts(node)
    named = short(read.label(node) if node.inside is None else clean(node.name or ""), NAMED)
    if node.inside is not None and node.inside["times"] > 1:
        named += f" ×{node.inside['times']:,}"
    values = in_lines(node.value)
    gradient = read.P(node.id) if node.grad is None else read.gradient(node.id)
    lines = max(map(len, grads), default=1)
    numbers = max((width(n, TEXT, mono=True) for n in [*values, *(n for g in grads for n in g)]), default=0)
    numbers = max(numbers, width("0" * ROOM, TEXT, mono=True))
    left = max(width("value", TEXT), width(gradient, SMALL))
    header = width(v, BIG) + width(named, TEXT) + 2.4 * TEXT
    body = max([left + numbers, *(width(name, TEXT) + width(fact, TEXT) for name, fact in facts)]) + PAD
    height = HEADER + LINE * (len(facts) + len(values) + lines) + PAD
    longest = max(grads, key=len, default=("–",))
    return Card(glyph, v, named, facts, values, gradient, longest, max(header, body) + 2 * PAD, height)


def _facts(node: Node) -> list[tuple[str, str]]:
    """Return the rows above a card's numbers: its shape, and of a box also what is inside."""
    if node.inside is None:
        return [("shape", shaped(node.shape or ()))] if node.shape else []
    parts, inputs = node.inside["parts"], node.inside["inputs"]
    found = [("", short(clean(part), PART)) for part in parts[:PARTS]] + [("", "…")] * (len(parts) > PARTS)
    if node.shape or any(inputs):
        found.append(("shapes", f"{', '.join(map(shaped, inputs[:2]))} → {shaped(node.shape or ())}"))
    return found + ([("parameters", f"{node.inside['parameters']:,}")] if node.inside["parameters"] else [])


def label(edge: Edge, read: Reader) -> Label | None:
    """Measure what stands beside an arrow; None where nothing does."""
    local = read.local(edge) if edge.local is not None else Equation("", "")
    if len(local.formula) > WIDEST:  # the shapes of a long rule are in the panel
        local = Equation(local.formula.partition(" : ")[0], local.number)
    product = read.product(edge)
    message = Equation(product.formula, in_line(edge.message, entries=3)) if product.formula else product
    texts = [Equation(short(e.formula, WIDEST), e.number) for e in (local, message)]
    lines = [str(e) for e in texts if e.formula]
    if not lines:
        return None
    wide = max(width(t, SMALL) for t in lines) + PAD
    return Label(texts[0], texts[1], wide, (LINE - 4) * len(lines) + PAD)


class Places(NamedTuple):
    """Where everything is: centres of cards and labels, paths of arrows."""

    width: float
    height: float
    cards: dict[str, tuple[float, float]]
    labels: dict[int, tuple[float, float]]
    arrows: dict[int, tuple[str, str]]  # the line, and its head


def places(trace: Trace, cards: dict[str, Card], labels: dict[int, Label]) -> Places | None:
    """Lay the graph out by Graphviz; None where nothing can, or it takes too long."""
    import json  # start-up cost

    if len(trace.nodes) > MOST:
        return None
    try:
        plan = json.loads(render(_dot(trace, cards, labels), "json0"))
    except (MissingDependencyError, GraphError):
        return None
    _, _, wide, high = map(float, plan["bb"].split(","))

    def point(text: str) -> tuple[float, float]:
        x, y = text.split(",")
        return round(float(x), 1), round(high - float(y), 1)

    names = {o["_gvid"]: o["name"] for o in plan["objects"]}
    found = Places(wide, high, {names[o["_gvid"]]: point(o["pos"]) for o in plan["objects"]}, {}, {})
    for edge in plan.get("edges", []):
        index = int(edge["id"])
        if "lp" in edge:
            found.labels[index] = point(edge["lp"])
        end, *along = edge["pos"].split()
        tip, curve = point(end.removeprefix("e,")), [point(p) for p in along]
        path = f"M{_pair(curve[0])}C{' '.join(map(_pair, curve[1:]))}"
        found.arrows[index] = path, _head(curve[-1], tip)
    return found


def _pair(p: tuple[float, float]) -> str:
    return f"{p[0]:g},{p[1]:g}"


def _head(base: tuple[float, float], tip: tuple[float, float]) -> str:
    """Return the corners of an arrow's head."""
    dx, dy = (tip[0] - base[0]) * 0.4, (tip[1] - base[1]) * 0.4
    return f"{_pair(tip)} {base[0] - dy:.1f},{base[1] + dx:.1f} {base[0] + dy:.1f},{base[1] - dx:.1f}"


def _dot(trace: Trace, cards: dict[str, Card], labels: dict[int, Label]) -> str:
    """Write boxes of the cards' sizes and no texts: the layout needs no fonts."""
    on_spine = spine(trace)
    lines = ['digraph { graph [rankdir="LR", nodesep="0.35", ranksep="0.35", pad="0"]']
    lines.append('node [shape="box", fixedsize="true", label=""] edge [arrowsize="0.9"]')
    for name, c in cards.items():
        group = ', group="spine"' if name in on_spine else ""
        lines.append(f'{name} [width="{c.width / 72:.3f}", height="{c.height / 72:.3f}"{group}]')
    for i, edge in enumerate(trace.edges):
        weight = ', weight="12"' if edge.from_ in on_spine and edge.to in on_spine else ""
        box = ""
        if i in labels:
            size = f'WIDTH="{labels[i].width:.0f}" HEIGHT="{labels[i].height:.0f}"'
            box = f', label=<<TABLE BORDER="0" FIXEDSIZE="TRUE" {size}><TR><TD></TD></TR></TABLE>>'
        lines.append(f'{edge.from_} -> {edge.to} [id="{i}"{weight}{box}]')
    return "\n".join([*lines, "}"])


# SVG


def svg(trace: Trace, read: Reader, grads: dict[str, list[list[str]]], hidden: bool = False) -> str | None:
    """Draw the graph, its gradients ``hidden`` for an exercise; None where nothing can lay it out."""
    cards = {n.id: card(n, read, grads.get(n.id, [])) for n in trace.nodes}
    labels = {i: drawn for i, e in enumerate(trace.edges) if (drawn := label(e, read)) is not None}
    at = places(trace, cards, labels)
    if at is None:
        return None
    margin = 14
    box = f"{-margin} {-margin} {at.width + 2 * margin:.0f} {at.height + 2 * margin:.0f}"
    arrows = "".join(_arrow(i, e, at, labels.get(i), hidden) for i, e in enumerate(trace.edges))
    nodes = "".join(_card(n, cards[n.id], at.cards[n.id], read, hidden) for n in trace.nodes)
    return f'<svg id="graph" viewBox="{box}" role="group" aria-label="the graph">{arrows}{nodes}</svg>'


def held(
    key: str, text: str, tag: str = "tspan", more: str = "", *, gradient: bool = False, in_product: bool = False
) -> str:
    """Write a number that the script replaces as the steps go by; in a product a negative one has parentheses."""
    more += ' class="gradient"' * gradient + ' data-factor=""' * in_product
    return f'<{tag} data-held="{key}"{more}>{html.escape(text)}</{tag}>'


def _arrow(i: int, edge: Edge, at: Places, text: Label | None, hidden: bool) -> str:
    path, head = at.arrows[i]
    parts = [f'<path d="{path}"/><polygon points="{head}"/>']
    if text is not None:
        x, y = at.labels[i]
        rows = []
        for kind, equation in (("local", text.local), ("message", text.message)):
            if equation.formula:
                number = held(f"{kind}:{i}", equation.number, more=' class="number"') if equation.number else ""
                left = html.escape(equation.formula) + (" = " if number else "")
                if hidden and kind == "message":  # the reader is to find it
                    number = held(f"{kind}:{i}", "?", more=' class="number"')
                if kind == "message" and " × " in equation.formula:
                    a, b = ("?", "?") if hidden else equation.formula.split(" × ")
                    left = held(f"upstream:{i}", a, in_product=True) + " × "
                    left += held(f"times:{i}", b, in_product=True) + " = "
                rows.append((kind, left + number))
        top = y - (len(rows) - 1) * (LINE - 4) / 2 + 4
        wide = text.width - 4
        texts = "".join(
            f'<text class="{kind}" data-width="{wide:.0f}" x="{x:g}" y="{top + k * (LINE - 4):g}">{line}</text>'
            for k, (kind, line) in enumerate(rows)
        )
        parts.append(f'<g class="label">{texts}</g>')
    return f'<g class="edge" id="e{i}" data-from="{edge.from_}" data-to="{edge.to}">{"".join(parts)}</g>'


def _card(node: Node, c: Card, centre: tuple[float, float], read: Reader, hidden: bool) -> str:
    left, top = centre[0] - c.width / 2, centre[1] - c.height / 2
    frame = f'<rect width="{c.width:.1f}" height="{c.height:.1f}" rx="12"/>'
    move = f'transform="translate({left:.1f} {top:.1f})"'
    if node.kind == "rest":
        said = f'<text x="{c.width / 2:.1f}" y="{c.height / 2 + 5:.1f}">{html.escape(c.named)}</text>'
        return f'<g class="node rest" id="n_rest" {move}>{frame}{said}</g>'
    right, y = c.width - PAD, HEADER + 0.75 * LINE
    offset = PAD + 1.5 * TEXT
    named = f' <tspan dx="4" class="name">{html.escape(c.named)}</tspan>' if c.named else ""
    parts = [
        f"<title>{html.escape(_tip(node, read))}</title>{frame}",
        f'<line x2="{c.width:.1f}" y1="{HEADER}" y2="{HEADER}"/>',
        f'<text class="glyph" x="{PAD}" y="22">{c.glyph}</text>',
        f'<text class="head" data-width="{c.width - offset - 6:.0f}" x="{offset:.0f}" y="23"><tspan class="v">'
        f"{html.escape(c.v)}</tspan>{named}</text>",
    ]
    parts += _on_map(c)
    for name, fact in c.facts:
        if name:
            parts.append(f'<text class="what" x="{PAD}" y="{y:g}">{name}</text>')
        look, x = ("shape", right) if name else ("part", PAD)
        room = c.width - 2 * PAD - width(name, TEXT)
        parts.append(f'<text class="{look}" data-width="{room:.0f}" x="{x:.1f}" y="{y:g}">{html.escape(fact)}</text>')
        y += LINE
    grads = ["?"] + [""] * (len(c.grads) - 1) if hidden and node.grad is not None else c.grads
    for kind, name, lines in (("value", "value", c.values), ("grad", c.gradient, grads)):
        parts.append(f'<text class="what {kind}" x="{PAD}" y="{y:g}">{html.escape(name)}</text>')
        left_over = c.width - 2 * PAD - width(name, SMALL if kind == "grad" else TEXT) - 4
        for k, line in enumerate(lines):
            place = f'data-width="{left_over:.0f}" x="{right:.1f}" y="{y + k * LINE:g}"'
            parts.append(f'<text class="number {kind}" {place}>{held(f"{kind}:{node.id}:{k}", line)}</text>')
        y += LINE * len(lines)
    return f'<g class="node {node.kind}" id="n_{node.id}" {move} tabindex="0" role="button">{" ".join(parts)}</g>'


def _on_map(c: Card) -> list[str]:
    """Write what a card says where it is seen from far: its letter, and below it what it is, both as large as fits."""
    letter, caption = short(c.v, 8), short(c.facts[0][1] if c.facts and not c.facts[0][0] else c.named, 16)
    room, texts = c.width - 2 * PAD, []
    small = min(0.25 * c.height, room / max(width(caption, 1), 1))
    if not caption or small < FAR:
        caption = ""
    large = min((0.45 if caption else 0.6) * c.height, room / width(letter, 1))
    middle = 0.38 if caption else 0.5
    for look, said, size, y in (("letter", letter, large, middle * c.height + 0.36 * large),
                                ("letter caption", caption, small, 0.92 * c.height - 0.22 * small)):  # fmt: skip
        if said:
            place = f'x="{c.width / 2:.0f}" y="{y:.0f}" font-size="{size:.0f}" data-width="{room:.0f}"'
            texts.append(f'<text class="{look}" {place}>{html.escape(said)}</text>')
    return texts


def _tip(node: Node, read: Reader) -> str:
    lines = [
        f"{read.v(node.id)} {read.label(node)}",
        f"{node.kind}, {node.dtype}",
        *filter(None, (node.module, node.source)),
    ]
    return "\n".join(short(clean(line), 2 * WIDEST) for line in lines)
