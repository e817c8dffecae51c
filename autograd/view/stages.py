"""The steps of the page: each value forward, the seed, each message back, and each sum of several messages."""

from __future__ import annotations

import html
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd.view.cards import held
from autograd.view.letters import called, names
from autograd.view.mathml import MathML, equation, letter, matrix, operator, partial, row
from autograd.view.tree import G, formula
from autograd.view.values import factor, figure, in_line, in_lines
from autograd.view.wording import Reader

if TYPE_CHECKING:
    from autograd.view.record import Edge, Trace

ENTRIES = 36  # of a matrix that is shown in full

_P = '<msup class="gradient"><mi>P</mi><mi>{}</mi></msup>'
_SUM_OVER_I = '<munder class="gradient"><mo>∑</mo><mi>i</mi></munder>'
_J = partial("<msub><mi>v</mi><mi>i</mi></msub>", "<msub><mi>v</mi><mi>j</mi></msub>")
_CHAIN_RULE = row(_P.format("j"), "=", _SUM_OVER_I, _P.format("i"), "·", _J)


@dataclass
class Stage:
    """What one press of → does: ``kind`` is start, value, seed, message or sum; ``step`` counts the trace's own."""

    kind: str
    node: str
    edge: int | None = None
    step: int | None = None


def stages(trace: Trace) -> list[Stage]:
    """Return the steps of the page in order."""
    found = [Stage("start", trace.output)]
    found += [Stage("value", n.id) for n in trace.nodes if n.op]
    expected = Counter(step.node for step in trace.steps)
    received: Counter[str] = Counter()
    for k, step in enumerate(trace.steps):
        found.append(Stage("seed" if step.edge is None else "message", step.node, step.edge, k))
        received[step.node] += 1
        if step.sum is not None and 1 < expected[step.node] == received[step.node]:
            found.append(Stage("sum", step.node, None, k))
    return found


class Script:
    """Says each step of a trace in words and in MathML; the numbers in it are held for the sliders."""

    def __init__(self, trace: Trace, stages: Sequence[Stage]) -> None:
        self.trace, self.read, self.stages = trace, Reader(trace), stages
        known = names(trace.nodes)
        self.letters = {
            n.id: letter(called(n if n.kind != "group" else None, int(n.id[1:]), known))
            for n in trace.nodes
            if n.id != "rest"
        }
        self.scalar = all(n.shape == [] for n in trace.nodes)
        self.incoming: dict[str, list[int]] = {}
        for step in trace.steps:
            if step.edge is not None:
                self.incoming.setdefault(step.node, []).append(step.edge)

    def v(self, id: str) -> str:
        """Write a node in MathML by its number."""
        return letter(self.read.v(id)) if id != "rest" else operator("…")

    def P(self, id: str) -> str:
        """Write a node's gradient in MathML: ``P⁷``."""
        return f'<msup class="gradient"><mi>P</mi><mn>{id[1:]}</mn></msup>' if id != "rest" else "<mi>P</mi>"

    def partial(self, edge: Edge) -> str:
        """Write ``∂v₃/∂v₁`` in MathML."""
        return partial(self.v(edge.to), self.v(edge.from_))

    def symbols(self, tree: Any, upstream: str = "") -> str:
        """Write a formula with letters."""
        return MathML(self.letters | ({G: self.P(upstream)} if upstream else {})).write(formula(tree))

    def numbers(self, tree: Any) -> str:
        """Write a formula with the numbers plugged in; nothing where it is one letter or has none."""
        if not self.scalar or not isinstance(tree, list):
            return ""
        values = {
            n.id: held(f"value:{n.id}", factor(in_line(n.value)), "mn", in_product=True) for n in self.trace.nodes
        }
        return MathML(values).write(formula(tree))

    # In words

    def sentence(self, stage: Stage) -> str:
        """Say a step, for the panel and for a screen reader: ``v₃ receives 8 × 1 = 8 from v₅``."""
        v = html.escape(self.read.v(stage.node))
        if stage.kind == "start":
            return "First every value, forward; then every gradient, backward."
        if stage.kind == "value":
            node = self.read.nodes[stage.node]
            op = html.escape(node.op or "")
            if node.inside is not None:
                return f"{v}, a box, computes {op}: {self.value(stage.node)}"
            return f"{v} = {op} = {self.value(stage.node)}"
        step = self.trace.steps[stage.step or 0]
        if stage.kind == "seed":
            seed = html.escape(in_line(step.message))
            return f'The way back starts at {v}: its gradient is <b class="gradient">{seed}</b>.'
        if stage.kind == "sum":
            total = held(f"sum:{stage.step}", in_line(step.sum), "b", gradient=True)
            return f"{v} has all its {len(self.incoming[stage.node])} messages: their sum is {total}"
        assert stage.edge is not None
        edge = self.trace.edges[stage.edge]
        giver = html.escape(self.read.v(edge.to)) if edge.to != "rest" else "nodes that aren’t shown"
        taker = v if stage.node != "rest" else "A node that isn’t shown"
        if edge.position is None and edge.to != "rest":
            return f"{taker} receives {self.product(stage.edge)} in all from what is inside {giver}"
        return f"{taker} receives {self.product(stage.edge)} from {giver}"

    def value(self, id: str) -> str:
        """Write a node's value in one line."""
        return held(f"value:{id}", in_line(self.read.nodes[id].value), "b")

    def product(self, i: int) -> str:
        """Write ``8 × 1 = 8``; for tensors ``P³·J = [2, 4]``."""
        edge = self.trace.edges[i]
        product = self.read.product(edge)
        message = held(f"message:{i}", product.number, "b", gradient=True)
        if " × " not in product.formula:
            return f"{html.escape(product.formula)} = {message}" if edge.position is not None else message
        a, b = product.formula.split(" × ")
        upstream = held(f"upstream:{i}", a, "span", gradient=True, in_product=True)
        return f"{upstream} × {held(f'local:{i}', b, 'span', in_product=True)} = {message}"

    # In symbols

    def rows(self, stage: Stage) -> Iterator[tuple[str, str]]:
        """Yield the lines of the panel: what it is about, and its formula."""
        if stage.kind == "start":
            yield "the rule", equation([_CHAIN_RULE])
        elif stage.kind == "value":
            node = self.read.nodes[stage.node]
            right = self.symbols(node.tree) if node.tree is not None else f"<mtext>{html.escape(node.op or '')}</mtext>"
            result = self.array(f"value:{node.id}", node.value)
            yield "the rule", equation([self.v(node.id), right])
            plugged = self.numbers(node.tree)
            yield ("with numbers" if plugged else "the value"), equation([self.v(node.id), plugged, result])
        elif stage.kind == "seed":
            P = self.P(stage.node)
            same = partial(self.v(stage.node), self.v(stage.node))
            yield "the seed", equation([P, same, self.array("", self.trace.steps[0].message, gradient=True)])
        elif stage.kind == "message":
            assert stage.edge is not None
            yield from self._message(stage, stage.edge)
        else:
            yield "the sum", self.total(stage)

    def _message(self, stage: Stage, i: int) -> Iterator[tuple[str, str]]:
        edge, step = self.trace.edges[i], self.trace.steps[stage.step or 0]
        if edge.position is not None:
            yield "the rule", self.rule(i)
            yield "locally", self.local(i)
        yield "the message", self.message(i)
        if step.sum is not None:
            several = len(self.incoming[stage.node]) > 1
            total = self.array(f"sum:{stage.step}", step.sum, gradient=True)
            yield ("so far" if several else "the gradient"), equation([self.P(stage.node), total])

    def rule(self, i: int) -> str:
        """Write the rule of one message in symbols: ``P⁵ · ∂v₅/∂v₃``, and how a rule for arrays computes it."""
        edge = self.trace.edges[i]
        parts = [row(self.P(edge.to), "·", self.partial(edge))]
        if _names_G(edge.tree):
            parts.append(self.symbols(edge.tree, edge.to))
        elif edge.tree is not None and not self.scalar:
            product = self.symbols(["multiply", G, edge.tree], edge.to)
            parts.append(product.replace(operator("·"), operator("⊙"), 1) if edge.tree != 1 else self.P(edge.to))
        shapes = edge.local["rule"].split(" : ")[-1] if isinstance(edge.local, dict) else ""
        said = ", ".join(part for part in (edge.structure, shapes, edge.note, self.read.crowd(edge)) if part)
        return equation(parts) + (f"<p>{html.escape(said)}</p>" if said else "")

    def whole(self, id: str) -> str:
        """Write a gradient as the sum of its messages, in symbols: ``P³ = P⁵ · ∂v₅/∂v₃``."""
        edges = [self.trace.edges[i] for i in self.incoming[id]]
        terms = [part for e in edges for part in ("+", self.P(e.to), "·", self.partial(e))]
        return equation([self.P(id), row(*terms[1:])])

    def local(self, i: int) -> str:
        """Write a local derivative in symbols, with numbers, and what it comes to."""
        edge = self.trace.edges[i]
        if isinstance(edge.local, (int, float)):
            tree = None if isinstance(edge.tree, float) or _names_G(edge.tree) else edge.tree
            symbols = self.symbols(tree) if tree is not None else ""
            result = held(f"local:{i}", figure(edge.local), "mn")
            text = equation([self.partial(edge), symbols, self.numbers(tree), result])
        elif isinstance(edge.local, list) and np.size(edge.local) <= ENTRIES:
            wide = max(1, int(np.size(edge.message)))
            text = equation(["<mi>J</mi>", self.partial(edge), matrix(np.reshape(edge.local, (-1, wide)).tolist())])
        else:
            text = equation(["<mi>J</mi>", self.partial(edge)])
        said = {"✓": "✓ a central difference agrees", "✗": "✗ a central difference disagrees", "kink": "a kink"}
        return text + (f'<p class="check">{said[edge.check]}</p>' if edge.check else "")

    def message(self, i: int) -> str:
        """Write upstream times local, in numbers."""
        edge = self.trace.edges[i]
        result = self.array(f"message:{i}", edge.message, gradient=True)
        if isinstance(edge.local, (int, float)) and isinstance(edge.upstream, (int, float)):
            upstream = held(f"upstream:{i}", factor(figure(edge.upstream)), "mn", gradient=True, in_product=True)
            local = held(f"local:{i}", factor(figure(edge.local)), "mn", in_product=True)
            return equation([row(upstream, "×", local), result])
        if edge.position is None:
            return equation(["<mi>Σ</mi>", result])
        small = isinstance(edge.upstream, list) and np.size(edge.upstream) <= ENTRIES // 2
        upstream = self.array("", edge.upstream, gradient=True) if small else ""
        return equation(
            [row(self.P(edge.to), "·", "<mi>J</mi>"), row(upstream, "·", "<mi>J</mi>") if small else "", result]
        )

    def total(self, stage: Stage) -> str:
        """Write a sum of messages: ``P¹ = 3 + 3 = 6``."""
        edges, step = self.incoming[stage.node], self.trace.steps[stage.step or 0]
        terms: list[str] = []
        for k, i in enumerate(edges):
            message = self.trace.edges[i].message
            number = factor(in_line(message)) if k else in_line(message)
            if isinstance(message, (int, float)):
                terms += ["+"] * bool(k) + [held(f"message:{i}", number, "mn", gradient=True, in_product=k > 0)]
            else:
                terms += ["+"] * bool(k) + [self.array("", message, gradient=True)]
        sum_ = self.array(f"sum:{stage.step}", step.sum, gradient=True)
        return equation([self.P(stage.node), row(*terms), sum_])

    def array(self, key: str, value: Any, gradient: bool = False) -> str:
        """Write a number, a small matrix, or what is said of a large one."""
        look = ' class="gradient"' if gradient else ""
        if isinstance(value, (int, float)):
            return held(key, in_line(value), "mn", gradient=gradient) if key else f"<mn{look}>{in_line(value)}</mn>"
        if isinstance(value, list) and np.ndim(value) <= 2 and 0 < np.size(value) <= ENTRIES:
            return f"<mrow{look}>{matrix(value)}</mrow>"
        return f"<mtext{look}>{html.escape(', '.join(in_lines(value)))}</mtext>"


def _names_G(tree: Any) -> bool:
    return tree == G or (isinstance(tree, list) and any(map(_names_G, tree[1:])))
