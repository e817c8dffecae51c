"""A trace as DOT: the card picture, its forward and its backward half, the heat; with the modules around the nodes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from autograd.errors import ArgumentError
from autograd.view.arrows import arrow
from autograd.view.dot import GRADIENT, INK, LINE, LOOKS, MUTED, SANS, WIDEST, quoted, spine, table, text
from autograd.view.heat import TINTS, WORDS, size
from autograd.view.letters import clean, short
from autograd.view.nodes import PARTS, card, chip
from autograd.view.values import figure, in_line
from autograd.view.wording import Reader

if TYPE_CHECKING:
    from autograd.view.record import Node, Trace

VIEWS = ("both", "forward", "backward", "heat")
CARDS = 60  # nodes: more of them are drawn as chips
WIDE = 9  # cards in a row: a longer chain runs from top to bottom
HUB = 8  # uses: an arrow from one chip to each of more would tie the layout up
GAP = "&#160;" * 4
LEGEND = 12  # points


def source(trace: Trace, view: str = "both") -> str:
    """Return the DOT text of a trace.

    Raises ArgumentError for another view.
    """
    if view not in VIEWS:
        raise ArgumentError("trace.draw(view)", f"one of {', '.join(map(repr, VIEWS))}", repr(view), "choose one")
    read, chain, bare = Reader(trace), spine(trace), view == "heat" or len(trace.nodes) > CARDS
    seed = (size(trace.steps[0].message) if trace.steps else None) or 1.0
    shown = [n for n in trace.nodes if view != "backward" or n.grad is not None or n.kind == "rest"]
    nodes = {n.id: (chip if bare else card)(n, read, view, seed, _on_spine(n, chain)) for n in shown}
    arrows = list(_messages(trace, read, bare, chain) if view == "backward" else _uses(trace, read, view, bare, chain))
    return document(trace, nodes, arrows, _heading(trace, view), small=bare)


def document(trace: Trace, nodes: dict[str, str], arrows: list[str], heading: str, small: bool = False) -> str:
    """Return the DOT text of nodes that are drawn already, within the frames of their modules, and arrows.

    A long chain, and one with frames, runs from top to bottom: it fits a page, and a screen.
    """
    upright = len(spine(trace)) > WIDE or any(n.module for n in trace.nodes)
    lines = [
        "digraph trace {",
        f'  graph [rankdir="{"TB" if upright else "LR"}", nodesep="{0.25 if small else 0.4}",',
        f'    ranksep="{0.35 if small else 0.5 if upright else 0.6}", pad="0.35", bgcolor="white", fontname="{SANS}",',
        f'    labelloc="t", labeljust="l", charset="UTF-8", label=<{heading}>]',
        f'  node [shape="plain", fontname="{SANS}", fontsize="14", fontcolor="{INK}"]',
        f'  edge [fontname="{SANS}", fontsize="12", color="{LINE}", penwidth="1.5", arrowsize="0.9"]',
        *_clustered([n for n in trace.nodes if n.id in nodes], trace.modules, lambda n: nodes[n.id]),
    ]
    return "\n".join([*lines, *arrows, "}"]) + "\n"


def _on_spine(node: Node, chain: set[str]) -> str:
    return ', group="spine"' if node.id in chain else ""


def _uses(trace: Trace, read: Reader, view: str, bare: bool, chain: set[str]) -> Iterator[str]:
    """Yield the arrows from operands to results; what is used all over a big graph is named anew at each use."""
    of = {n.id: n for n in trace.nodes}
    uses = Counter(edge.from_ for edge in trace.edges)
    for k, edge in enumerate(trace.edges):
        a, b = of[edge.from_], of[edge.to]
        more = ', weight="12"' if a.id in chain and b.id in chain else ""
        more += ', minlen="2"' if a.module != b.module and b.module else ""  # its label is clear of the frame's edge
        said = bare or (edge.position is None and a.kind == "group")  # the box has that number itself
        if bare and uses[a.id] > HUB:
            yield _use(k, a, read)
            yield arrow(edge, read, view, said, (f"use_{k}", b.id))
        else:
            yield arrow(edge, read, view, said, more=more)


def _use(k: int, node: Node, read: Reader) -> str:
    """Return a node that says which one is used here, or receives a message here."""
    look = LOOKS[node.kind]
    label = text(short(read.label(node) if node.op is None else "", PARTS) or read.v(node.id), look.ink, size=12)
    return f'  use_{k} [id="u_{k}", margin="0.05", tooltip={quoted([read.v(node.id)])}, label=<{label}>]'


def _clustered(nodes: list[Node], modules: dict[str, str], drawn: Callable[[Node], str]) -> Iterator[str]:
    """Yield the nodes, those of a module within a frame that is headed by its path and kind."""
    tree: dict[str, list[Node]] = {}
    for node in nodes:
        tree.setdefault(node.module, []).append(node)
    paths = sorted({p for path in tree for p in _levels(path, modules)})
    inner = {path: [p for p in paths if _parent(p, modules) == path] for path in ["", *paths]}

    def frame(path: str, indent: str) -> Iterator[str]:
        for node in tree.get(path, []):
            yield indent + drawn(node)
        for below in inner.get(path, []):
            path, kind = short(clean(below), WIDEST), short(clean(modules[below]), WIDEST)
            head = f"{text(path, MUTED, bold=True)}&#160; {text(kind, MUTED)}"
            yield f"{indent}  subgraph {quoted(['cluster ' + below])} {{ graph [label=<{head}>, "
            yield f'{indent}    style="rounded,dashed", color="{LINE}", margin="12", fontsize="13", labeljust="r"]'
            yield from frame(below, indent + "  ")
            yield f"{indent}  }}"

    yield from frame("", "")


def _levels(path: str, modules: dict[str, str]) -> Iterator[str]:
    """Yield a module's path and those of the modules around it."""
    while path:
        yield path
        path = _parent(path, modules)


def _parent(path: str, modules: dict[str, str]) -> str:
    while path:
        path = path.rpartition(".")[0]
        if path in modules:
            return path
    return ""


def _messages(trace: Trace, read: Reader, bare: bool, chain: set[str]) -> Iterator[str]:
    """Yield the arrows of the backward pass: the seed, the messages, and a sum wherever a value was used twice."""
    if not trace.steps:
        return
    received = Counter(step.node for step in trace.steps)
    seed = f"{text('seed', MUTED)}&#160;{text(in_line(trace.steps[0].message), GRADIENT, bold=True)}"
    yield f'  seed [id="n_seed", label=<{seed}>, group="spine", margin="0.1"]'
    hubs = {n.id: n for n in trace.nodes if bare and received[n.id] > HUB}
    sums = [n for n in trace.nodes if received[n.id] > 1 and n.id not in hubs]
    for node in sums:
        label = text("Σ", GRADIENT, bold=True, size=16)
        yield f'  sum_{node.id} [id="s_{node.id}", shape="circle", margin="0.02", color="{GRADIENT}", label=<{label}>]'
        yield f'  sum_{node.id} -> {node.id} [id="t_{node.id}", weight="4"]'
    into = {n.id: f"sum_{n.id}" for n in sums}
    yield f"  seed -> {into.get(trace.output, trace.output)}"
    for step in trace.steps:
        if step.edge is not None:
            edge = trace.edges[step.edge]
            weight = ', weight="12"' if edge.from_ in chain and edge.to in chain else ""
            if edge.from_ in hubs:
                yield _use(step.edge, hubs[edge.from_], read)
                yield arrow(edge, read, "backward", bare, (edge.to, f"use_{step.edge}"))
                continue
            yield arrow(edge, read, "backward", bare, (edge.to, into.get(edge.from_, edge.from_)), weight)


def _heading(trace: Trace, view: str) -> str:
    chips = "".join(
        f'<TD BGCOLOR="{look.fill}">{text(f" {look.glyph} {kind} ", look.ink, size=LEGEND)}</TD><TD WIDTH="8"></TD>'
        for kind, look in LOOKS.items()
        if any(n.kind == kind for n in trace.nodes)
    )
    if view == "heat":
        said = {word: (f" {word} ", *look) for word, look in WORDS.items()}
        scale = [said["zero"], said["vanishing"]]
        scale += [(f" ‖P‖ ≤ {figure(10.0**end)} ", fill, INK) for end, fill in TINTS[1:-2]]
        scale += [said["exploding"], said["not finite"]]
        chips = "".join(
            f'<TD BGCOLOR="{fill}">{text(said, ink, size=LEGEND)}</TD><TD WIDTH="4"></TD>' for said, fill, ink in scale
        )
    rules = _rules(trace) if view in ("both", "backward") and len(trace.nodes) <= CARDS else ""
    name = {"forward": "Forward: ", "backward": "Backward: ", "heat": "Gradient norms: "}.get(view, "")
    return heading(name + clean(trace.title), f"<TR>{chips}<TD>{rules}</TD></TR>", trace.notes)


def heading(title: str, legend: str, notes: Iterable[str]) -> str:
    """Return what stands above a picture: its title, a row that explains it, and what must be said."""
    rows = [
        f'<TR><TD ALIGN="LEFT">{text(short(title, 90), INK, bold=True, size=20)}</TD></TR><TR><TD HEIGHT="8"></TD></TR>'
    ]
    rows.append(f'<TR><TD ALIGN="LEFT">{table(legend, padding=4)}</TD></TR>')
    rows += [
        f'<TR><TD ALIGN="LEFT" CELLPADDING="4">{text(note, MUTED, bold=True, size=LEGEND)}</TD></TR>' for note in notes
    ]
    return table("".join(rows) + '<TR><TD HEIGHT="14"></TD></TR>', padding=0)


def _rules(trace: Trace) -> str:
    rules = text("on edges:  ∂child/∂parent", INK, size=LEGEND)
    if any("Ḡ" in (edge.formula or "") for edge in trace.edges):
        rules += text(", where Ḡ = upstream", INK, size=LEGEND)
    if trace.steps:
        rules += GAP + text("upstream × local = message to parent", GRADIENT, size=LEGEND)
        rules += GAP + text("gradient = Σ messages", GRADIENT, bold=True, size=LEGEND)
    return rules
