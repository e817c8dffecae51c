"""The record of one computation and its chain rule: plain data, and the source of every view."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from autograd.errors import ArgumentError
from autograd.view.diff import Diff, diff
from autograd.view.doctor.report import Finding, Report
from autograd.view.drawing import source
from autograd.view.heat import Heat, heat
from autograd.view.paths import Paths, paths
from autograd.view.render import save
from autograd.view.table import table
from autograd.view.values import decoded, encoded

if TYPE_CHECKING:
    from autograd.view.picture import Picture

SCHEMA = 1


@dataclass
class Node:
    """One value: what it is, what made it, and its gradient P (None where no gradient is computed)."""

    id: str  # "v3"
    kind: str  # input, parameter, computation, output; group is a box, rest all other nodes that aren't shown
    name: str | None
    op: str | None  # "x · w", from the letters of its operands; None on a leaf
    latex: str | None  # the same for a paper
    shape: list[int]
    dtype: str
    value: Any  # a number or nested lists; beyond 64 entries a summary
    grad: Any
    module: str
    source: str | None  # file:line, in keep mode
    tree: Any = None  # ["multiply", "v1", "v2"]: what was computed, as data
    inside: dict[str, Any] | None = None  # of a group: how many nodes, which parts, how often, parameters, gradients


@dataclass
class Edge:
    """One use of a value as an operand: ``x·x`` has two. The derivative is None where none flows."""

    from_: str  # the operand
    to: str  # what was computed from it
    position: int | None  # which operand; None on an edge that stands for several
    formula: str | None = None  # of ∂to/∂from, or with Ḡ, the gradient of ``to``, of the message
    latex: str | None = None
    local: Any = None  # a number; the Jacobian up to 64 entries; else its rule with shapes, and norm
    structure: str | None = None  # "diagonal", "permutation", "Σ over axis 0"
    check: str | None = None  # against central differences: ✓, ✗ or kink
    upstream: Any = None
    message: Any = None
    note: str | None = None
    tree: Any = None  # the formula, as data
    uses: int = 1  # how many values of a box go this way: the one that leaves it last stands for them


@dataclass
class Step:
    """One step of the backward pass: the seed, or the message of one edge, and what its receiver has so far."""

    node: str  # the receiver
    edge: int | None  # index among the edges; None for the seed
    message: Any
    sum: Any


@dataclass
class Trace:
    """What ``autograd.trace`` saw: nodes, edges, and the steps of the backward pass in the order they ran.

    >>> import autograd
    >>> w = autograd.Parameter(5.0, name="w")
    >>> seen = autograd.trace(2 * w + 1)
    >>> [(step.node, step.message) for step in seen.steps]
    [('v3', 1.0), ('v2', 1.0), ('v1', 2.0)]
    >>> seen["w"].kind, seen["w"].grad
    ('parameter', 2.0)
    """

    title: str
    output: str
    count: int  # nodes in the graph, shown or not
    nodes: list[Node]
    edges: list[Edge]
    steps: list[Step]
    notes: list[str] = field(default_factory=list)
    modules: dict[str, str] = field(default_factory=dict)  # path: kind
    findings: list[Finding] = field(default_factory=list)  # what the doctor says
    schema: int = SCHEMA

    def __getitem__(self, id: str) -> Node:
        """Return the node with an id such as ``"v3"``, or with a name."""
        found = next((n for n in self.nodes if id in (n.id, n.name)), None)
        if found is None:
            raise ArgumentError("trace[id]", "a node's id, such as 'v3', or its name", repr(id), "see trace.table()")
        return found

    def table(self, form: str = "text", width: int | None = None) -> str:
        """Return the forward and the backward ledger as ``"text"``, ``"markdown"`` or ``"latex"``.

        ``width`` is of a terminal: a wider text has each message under its local derivative.

        >>> import autograd
        >>> x = autograd.Tensor(3.0, requires_grad=True, name="x")
        >>> print(autograd.trace(x * x).table())  # doctest: +ELLIPSIS
        v₂ = x·x
        ...

        Raises ArgumentError for another form.
        """
        return table(self, form, width)

    def draw(self, view: str = "both") -> Picture:
        """Return the card picture: a ``graphviz.Source`` that also renders without Graphviz on the system.

        ``view`` is ``"both"``, ``"forward"``, ``"backward"`` or ``"heat"``. Above 60 nodes cards become chips.

        Raises ArgumentError for another view.
        """
        from autograd.view.picture import Picture  # start-up cost: graphviz

        return Picture(source(self, view))

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None, **_: Any) -> dict[str, Any]:
        """Show the picture in a notebook, or the ledger where nothing can draw it; never raises."""
        return self.draw()._repr_mimebundle_() | {"text/plain": self.table()}

    def draw_forward(self) -> Picture:
        """Return the picture of the values alone."""
        return self.draw("forward")

    def draw_backward(self) -> Picture:
        """Return the picture of the backward pass: the seed, every message, and Σ where a value was used twice."""
        return self.draw("backward")

    def heat(self) -> Heat:
        """Return how large the gradients are, as powers of ten, by layer and by node; its ``draw()`` is in colour.

        >>> import autograd
        >>> x = autograd.Tensor(3.0, requires_grad=True, name="x")
        >>> [(row.label, row.word) for row in autograd.trace(x * 1e-8).heat().nodes]
        [('v₂ = x·1e−8', ''), ('v₁ x', 'vanishing')]
        """
        return heat(self)

    def paths(self, leaf: str) -> Paths:
        """Return every path from a leaf to the output, the product along it, and their sum, which is the gradient.

        >>> import autograd
        >>> x = autograd.Tensor(3.0, requires_grad=True, name="x")
        >>> print(autograd.trace(x * x + x).paths("x"))
        P¹ = ∂v₃/∂v₁: 3 paths from v₁ (x) to v₃
          v₁ → v₂ → v₃   1 × 3 = 3
          v₁ → v₂ → v₃   1 × 3 = 3
          v₁ → v₃        1
          Σ              7
        <BLANKLINE>

        The 64 largest are listed. Raises ArgumentError for a node that isn't there, and where nodes are folded.
        """
        return paths(self, leaf)

    def diff(self, other: Trace) -> Diff:
        """Return what changed to another trace of the same computation, after an update say.

        >>> import autograd
        >>> w = autograd.Parameter(3.0, name="w")
        >>> before = autograd.trace(w * w)
        >>> _ = w.assign_(2.0)
        >>> change = before.diff(autograd.trace(w * w))
        >>> change["w"].value, change["w"].grad
        (-1.0, -2.0)

        Raises ArgumentError for traces of different graphs.
        """
        return diff(self, other)

    def doctor(self) -> Report:
        """Return what is wrong with this computation: each fault's operation, place, cause and remedy.

        >>> import autograd
        >>> x = autograd.Tensor([1.0, 0.0], requires_grad=True, name="x")
        >>> import numpy as np
        >>> with np.errstate(divide="ignore"):
        ...     loss = autograd.log(x).sum()
        >>> [(f.operation, f.cause) for f in autograd.trace(loss).doctor()]
        [('log', 'log of zero')]
        """
        return Report(self.title, lambda: self.findings)

    def to_html(self) -> str:
        """Return the stepper page: one HTML file that plays the chain rule back, offline, under a strict policy.

        >>> import autograd
        >>> x = autograd.Tensor(3.0, requires_grad=True, name="x")
        >>> autograd.trace(x * x).to_html().count('<article id="s')  # start, value, seed, two messages, their sum
        6
        """
        from autograd.view.page import page  # start-up cost

        return page(self)

    def exercise(self) -> str:
        """Return the page with its gradients hidden: the reader fills them in, and is told right or wrong and why.

        >>> import autograd
        >>> x = autograd.Tensor(3.0, requires_grad=True, name="x")
        >>> autograd.trace(x * x).exercise().count("<form>")
        1
        """
        from autograd.view.page import page  # start-up cost

        return page(self, exercise=True)

    def save(self, path: Any) -> None:
        """Write the trace as its file's suffix says: .dot .svg .png .pdf .json .md .tex .txt .html.

        Raises ArgumentError for another suffix, MissingDependencyError where nothing can draw a picture.
        """
        save(self, path)

    def to_json(self) -> str:
        """Return the record as strict JSON: the same run gives the same text."""
        import json  # start-up cost

        record = asdict(self)
        for edge in record["edges"]:
            edge["from"] = edge.pop("from_")
        return json.dumps(encoded(record), ensure_ascii=False, indent=1, allow_nan=False) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Trace:
        """Read back what :meth:`to_json` wrote.

        >>> import autograd
        >>> seen = autograd.trace(autograd.Tensor(3.0, requires_grad=True) * 2)
        >>> Trace.from_json(seen.to_json()) == seen
        True

        Raises ArgumentError for a text that isn't such a record.
        """
        import json  # start-up cost

        try:
            record = json.loads(text)
            if record["schema"] != SCHEMA:
                raise KeyError(f"schema {record['schema']}")
            nodes = [Node(**n | _decode(n, "value", "grad")) for n in record.pop("nodes")]
            edges = [Edge(e.pop("from"), **e | _decode(e, "local", "upstream", "message")) for e in record.pop("edges")]
            steps = [Step(**s | _decode(s, "message", "sum")) for s in record.pop("steps")]
            findings = [Finding(**f) for f in record.pop("findings")]
            return cls(nodes=nodes, edges=edges, steps=steps, findings=findings, **record)
        except (KeyError, TypeError, AttributeError, ValueError) as problem:
            raise ArgumentError(
                "Trace.from_json",
                f"the record of a trace, schema {SCHEMA}",
                " ".join(f"{type(problem).__name__}: {problem}".split()),
                "write one with trace.to_json() or trace.save('trace.json')",
            ) from problem


def _decode(part: dict[str, Any], *names: str) -> dict[str, Any]:
    return {n: decoded(part[n]) for n in names}
