"""The record of one computation and its chain rule: plain data, and the source of every view."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from autograd.errors import ArgumentError
from autograd.view.dot import source
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
    kind: str  # input, parameter, computation, output; rest stands for the nodes that aren't shown
    name: str | None
    op: str | None  # "x · w", from the letters of its operands; None on a leaf
    latex: str | None  # the same for a paper
    shape: list[int]
    dtype: str
    value: Any  # a number or nested lists; beyond 64 entries a summary
    grad: Any
    module: str
    source: str | None  # file:line, in keep mode


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
    schema: int = SCHEMA

    def __getitem__(self, id: str) -> Node:
        """Return the node with an id such as ``"v3"``, or with a name."""
        return next(n for n in self.nodes if id in (n.id, n.name))

    def table(self, form: str = "text") -> str:
        """Return the forward and the backward ledger as ``"text"``, ``"markdown"`` or ``"latex"``.

        >>> import autograd
        >>> x = autograd.Tensor(3.0, requires_grad=True, name="x")
        >>> print(autograd.trace(x * x).table())  # doctest: +ELLIPSIS
        v₂ = x·x
        ...

        Raises ArgumentError for another form.
        """
        return table(self, form)

    def draw(self) -> Picture:
        """Return the card picture: a ``graphviz.Source`` that also renders without Graphviz on the system."""
        from autograd.view.picture import Picture  # start-up cost: graphviz

        return Picture(source(self))

    def save(self, path: Any) -> None:
        """Write the trace as its file's suffix says: .dot .svg .png .pdf .json .md .tex .txt.

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
            return cls(nodes=nodes, edges=edges, steps=steps, **record)
        except (KeyError, TypeError, AttributeError, ValueError) as problem:
            raise ArgumentError(
                "Trace.from_json",
                f"the record of a trace, schema {SCHEMA}",
                " ".join(f"{type(problem).__name__}: {problem}".split()),
                "write one with trace.to_json() or trace.save('trace.json')",
            ) from problem


def _decode(part: dict[str, Any], *names: str) -> dict[str, Any]:
    return {n: decoded(part[n]) for n in names}
