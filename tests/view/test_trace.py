"""The record: the course's numbers, the invariants of the chain rule, and what survives being written to a file."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose

import autograd
from autograd import Parameter, Tensor, Trace, trace
from autograd.errors import ArgumentError, GraphError, ShapeError
from autograd.primitives import registry
from tests.primitives.sampling import Call, every_call
from tests.view.examples import EXAMPLES, broken, chain, chosen, network, product_of_sum, regression, square, tangle

every_example = pytest.mark.parametrize("example", EXAMPLES.values(), ids=EXAMPLES)


def array(value: Any) -> Any:
    return np.asarray(value, dtype=float)


def is_full(*values: Any) -> bool:
    return not any(isinstance(v, dict) for v in values)


def check_invariants(seen: Trace) -> None:
    """Gradient = Σ messages; message = upstream × local; the running sums end at the gradient."""
    received: dict[str, Any] = {}
    for step in seen.steps:
        if is_full(step.message):
            received[step.node] = received.get(step.node, 0) + array(step.message)
            if step.sum is not None:
                assert_allclose(array(step.sum), received[step.node])
    shapes = {n.id: tuple(n.shape) for n in seen.nodes}
    for node in seen.nodes:
        if node.grad is not None and is_full(node.grad):
            assert_allclose(received[node.id], array(node.grad))
    for edge in seen.edges:
        if edge.local is None or edge.note or not is_full(edge.local, edge.upstream, edge.message):
            continue
        P, x = array(edge.upstream).reshape(shapes[edge.to]), shapes[edge.from_]
        J = array(edge.local).reshape(P.shape + x)
        assert_allclose(np.tensordot(P, J, axes=P.ndim), array(edge.message).reshape(x), rtol=1e-6, atol=1e-12)


def stands_for(node: Any) -> int:
    """Count the nodes that one node of a record shows."""
    return 0 if node.kind == "rest" else node.inside["nodes"] if node.inside else 1


# Golden numbers


def test_regression() -> None:
    seen = trace(regression())
    assert [(n.id, n.kind, n.name, n.op) for n in seen.nodes] == [
        ("v1", "input", "x", None),
        ("v2", "parameter", "w", None),
        ("v3", "computation", None, "x · w"),
        ("v4", "parameter", "b", None),
        ("v5", "computation", None, "v₃ + b"),
        ("v6", "input", "y", None),
        ("v7", "computation", None, "v₅ − y"),
        ("v8", "output", "L", "v₇²"),
    ]
    assert [n.value for n in seen.nodes] == [1, 5, 5, 1, 6, 2, 4, 16]
    assert [n.grad for n in seen.nodes] == [40, 8, 8, 8, 8, -8, 8, 1]
    assert [(e.from_, e.to, e.position, e.formula, e.local, e.upstream, e.message, e.check) for e in seen.edges] == [
        ("v1", "v3", 0, "w", 5, 8, 40, "✓"),
        ("v2", "v3", 1, "x", 1, 8, 8, "✓"),
        ("v3", "v5", 0, "1", 1, 8, 8, "✓"),
        ("v4", "v5", 1, "1", 1, 8, 8, "✓"),
        ("v5", "v7", 0, "1", 1, 8, 8, "✓"),
        ("v6", "v7", 1, "−1", -1, 8, -8, "✓"),
        ("v7", "v8", 0, "2v₇", 8, 1, 8, "✓"),
    ]
    assert [(s.node, s.edge) for s in seen.steps] == [
        ("v8", None), ("v7", 6), ("v5", 4), ("v6", 5), ("v3", 2), ("v4", 3), ("v1", 0), ("v2", 1),
    ]  # fmt: skip
    assert seen.title == "L = (x·w + b − y)²"


def test_product_of_sum() -> None:
    seen = trace(product_of_sum())
    assert (seen["q"].value, seen["f"].value) == (3, -12)
    assert [seen[n].grad for n in "zqxy"] == [3, -4, -4, -4]
    assert seen["f"].op == "z · q"


def test_network() -> None:
    seen = trace(network())
    assert_allclose([seen[n].value for n in ("E", "h₁", "h₂", "o₁", "o₂")],
                    [0.298371109, 0.593269992, 0.596884378, 0.751365070, 0.772928465], atol=5e-10)  # fmt: skip
    names = [*(f"w{c}" for c in "₁₂₃₄₅₆₇₈"), "b₁", "b₂", "h₁"]
    golden = [0.000438568, 0.000877135, 0.000497713, 0.000995425, 0.082167041, 0.082667628, -0.022602540, -0.022740242,
              0.018725609, 0.100400325, 0.036350306]  # fmt: skip
    assert_allclose([seen[n].grad for n in names], golden, atol=5e-10)
    messages = [e.message for e in seen.edges if e.from_ == seen["h₁"].id]
    assert_allclose(messages, [0.055399425, -0.019049118], atol=5e-10)
    assert len(seen.nodes) == 40
    assert seen["i₁"].grad is None


def test_square_has_two_edges() -> None:
    seen = trace(square())
    assert [(e.from_, e.to, e.position, e.message) for e in seen.edges] == [("v1", "v2", 0, 3), ("v1", "v2", 1, 3)]
    assert [s.sum for s in seen.steps] == [1, 3, 6]


# Invariants


@every_example
def test_invariants(example: Any) -> None:
    check_invariants(trace(example()))


@every_example
def test_no_derivative_disagrees_with_differences(example: Any) -> None:
    assert "✗" not in [e.check for e in trace(example()).edges]


@every_example
def test_gradients_are_those_of_backward(example: Any) -> None:
    output = example()
    seen = trace(output)
    output.backward(np.ones(output.shape))
    for node in seen.nodes:
        if node.kind == "parameter" and is_full(node.grad):
            leaf = next(n for n in _leaves(output) if n.name == node.name)
            assert_allclose(array(node.grad), leaf.grad)


def _leaves(output: Tensor) -> list[Any]:
    stack, seen = [output.node], {output.node}
    while stack:
        below = [p for p in stack.pop().parents if p is not None and p not in seen]
        seen.update(below)
        stack.extend(below)
    return [n for n in seen if n.is_leaf and n.requires_grad]


@every_call(list(registry.values()))
def test_every_primitive(call: Call) -> None:
    seen = trace(call(*call.leaves()))
    check_invariants(seen)
    assert "✗" not in [e.check for e in seen.edges]
    assert all(e.formula is not None for e in seen.edges if e.local is not None)
    assert Trace.from_json(seen.to_json()) == seen


def test_a_wrong_rule_is_marked(monkeypatch: pytest.MonkeyPatch) -> None:
    x = Tensor(0.3, requires_grad=True)
    y = autograd.sin(x)
    monkeypatch.setitem(registry["sin"].__dict__, "partials", (lambda node: np.float64(0.5),))
    assert trace(y).edges[0].check == "✗"


@pytest.mark.parametrize(("function", "at"), [("relu", 0.0), ("absolute", 0.0), ("sign", 0.0)])
def test_a_kink_is_called_one(function: str, at: float) -> None:
    assert trace(getattr(autograd, function)(Tensor(at, requires_grad=True))).edges[0].check == "kink"


@pytest.mark.parametrize(
    ("function", "at"), [("square", 0.0), ("sin", 1e6), ("log", 1e-9), ("exp", 300.0), ("sigmoid", 40.0)]
)
def test_a_smooth_place_is_no_kink(function: str, at: float) -> None:
    assert trace(getattr(autograd, function)(Tensor(at, requires_grad=True))).edges[0].check == "✓"


# What is in the record


def test_grad_is_left_alone() -> None:
    loss = regression()
    trace(loss)
    assert all(leaf.grad is None for leaf in _leaves(loss))


def test_numbers_are_folded_and_arrays_are_inputs() -> None:
    x = Tensor([1.0, 2.0], requires_grad=True, name="x")
    seen = trace(np.array([3.0, 4.0]) * x * 0.5)
    assert [(n.kind, n.op, n.grad) for n in seen.nodes] == [
        ("input", None, None),
        ("input", None, [1.5, 2.0]),
        ("computation", "v₁ · x", [0.5, 0.5]),
        ("output", "v₃·½", [1.0, 1.0]),
    ]
    assert seen.edges[0].local is None


def test_a_name_that_two_nodes_bear_is_no_letter() -> None:
    a, b, c = (Tensor(v, requires_grad=True, name=n) for v, n in ((1.0, "w"), (2.0, "w"), (3.0, "layers.0.weight")))
    seen = trace(a * b * c)
    assert [n.op for n in seen.nodes if n.op] == ["v₁ · v₂", "v₃ · v₄"]
    assert seen.title == "v₅ = v₁·v₂·v₄"


def test_several_outputs_are_seeded_with_ones_and_the_record_says_so() -> None:
    y = Tensor([1.0, 2.0], requires_grad=True) * 3
    assert trace(y).notes == ["the output has shape (2,): seeded with ones, so these are the gradients of its sum"]
    assert trace(y, gradient=[1.0, 0.0])["v1"].grad == [3.0, 0.0]
    with pytest.raises(ShapeError, match="a cotangent of shape"):
        trace(y, gradient=[1.0])


def test_without_gradients_the_forward_half_remains() -> None:
    x = Tensor(1.0, requires_grad=True)
    seen = trace(x > 0)
    assert (seen.steps, seen["v2"].value, seen["v1"].grad) == ([], True, None)
    assert seen.notes[0].startswith("no gradients")


def test_a_leaf_alone() -> None:
    seen = trace(Tensor(2.0, requires_grad=True, name="x"))
    assert [(n.kind, n.grad) for n in seen.nodes] == [("output", 1.0)]


def test_big_values_are_summarised() -> None:
    seen = trace((Tensor(np.append(np.arange(99.0), np.nan), requires_grad=True) * 2).sum())
    summary = {"shape": [100], "norm": float(np.linalg.norm(np.arange(99.0))), "min": 0.0, "mean": 49.0, "max": 98.0}
    assert seen["v1"].value == summary | {"nonfinite": 1}


def test_a_big_jacobian_is_a_rule_with_shapes() -> None:
    x, W = Tensor(np.ones((32, 64)), requires_grad=True, name="x"), Parameter(np.ones((10, 64)), name="W")
    b = Parameter(np.zeros(10), name="b")
    h, y = autograd.linear(x, W), autograd.tanh(x)
    assert trace(h).edges[0].local == {"rule": "Ḡ·W : (32,10)·(10,64) → (32,64)"}
    assert trace(h).edges[1].local["rule"] == "Ḡᵀ·x : (10,32)·(32,64) → (10,64)"
    (edge,) = trace(y).edges
    assert edge.structure == "diagonal"
    assert edge.local["norm"] == pytest.approx((1 - np.tanh(1) ** 2) * np.sqrt(32 * 64))
    assert trace(h + b).edges[-1].local["rule"] == "Σ over axis 0 of Ḡ : (32,10) → (10,)"


@pytest.mark.parametrize(
    ("make", "structure"),
    [
        (lambda x: x * 3, "diagonal"),
        (lambda x: x.reshape(3, 2), "identity"),
        (lambda x: x.T, "permutation"),
        (lambda x: x[:, 1], "selection"),
        (lambda x: np.ones((2, 2, 3)) * x, "Σ over axis 0"),
    ],
)
def test_structure_in_words(make: Any, structure: str) -> None:
    x = Tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], requires_grad=True)
    assert trace(make(x)).edges[-1].structure == structure


def test_module_path_and_source_line() -> None:
    with autograd.keep(), autograd.scope("encoder"):
        y = Tensor(1.0, requires_grad=True) * 2
    node = trace(y)["v2"]
    assert node.module == "encoder"
    assert node.source is not None
    assert "test_trace.py:" in node.source


def test_a_path_not_taken_is_noted() -> None:
    seen = trace(chosen())
    root = next(e for e in seen.edges if e.to == next(n.id for n in seen.nodes if n.op == "√x"))
    assert root.message == [0.0, 0.25]
    assert root.note == "a path that isn't taken carries nothing: its 0 · ∞ is read as 0"
    zero = Tensor(0.0, requires_grad=True)
    y = autograd.where(zero > 0, autograd.sqrt(zero), zero)
    silent = next(e for e in trace(y).edges if e.formula == "1/(2v₃)")
    assert (silent.local, silent.message, silent.note) == (
        np.inf, 0.0, "a path that isn't taken carries nothing: its 0 · ∞ is read as 0",
    )  # fmt: skip


# A leaf that was written since


def test_an_overwritten_leaf_is_refused() -> None:
    w = Parameter(np.ones(3), name="w")
    loss = (w * 2).sum()
    with autograd.no_grad():
        w += 1.0
    with pytest.raises(GraphError) as caught:
        trace(loss)
    text = str(caught.value)
    assert text.startswith("in replay of leaf 'w'\n  expected: leaves as they were when the graph was recorded\n")
    assert "\n  got:      it was overwritten at " in text
    assert text.endswith("to do:    record the graph inside `with autograd.keep():`, or trace it before the write")


def test_an_overwritten_number_is_seen_as_it_was() -> None:
    w = Parameter(2.0, name="w")
    loss = (w * Tensor(np.ones(2000))).sum()
    with autograd.no_grad():
        w *= 3.0
    seen = trace(loss)
    assert (seen["w"].value, seen[seen.output].value) == (2.0, 4000.0)


@pytest.mark.parametrize("start", [2.0, np.full(3, 2.0), np.full(2000, 2.0)])
def test_keep_remembers_the_leaf_as_it_was(start: Any) -> None:
    w = Parameter(start, name="w")
    with autograd.keep():
        loss = (w * w).sum()
    before = trace(loss).to_json()
    with autograd.no_grad():
        w *= 3.0
    assert trace(loss).to_json() == before


def test_branches_do_not_matter() -> None:
    x = Tensor(2.0, requires_grad=True)
    y = x * 3 if x > 1 else x
    assert trace(y)["v1"].grad == 3.0


# Big graphs


def test_a_big_graph_folds_what_repeats() -> None:
    seen = trace(chain(2000))
    assert seen.count == 2002
    assert [(n.id, n.kind, n.op) for n in seen.nodes] == [
        ("v1", "input", None), ("v2", "parameter", None), ("v2001", "group", "1,999 × (multiply)"),
        ("v2002", "output", "v₂₀₀₁ · w"),
    ]  # fmt: skip
    assert seen.notes == ["showing 4 of 2,002 nodes: boxes stand for several"]
    assert seen["w"].grad == 2000
    check_invariants(seen)


def test_a_big_graph_without_repetitions_is_shown_in_part() -> None:
    seen = trace(tangle(2000))
    assert len(seen.nodes) <= 60
    assert seen["rest"].name == f"… {seen.count - sum(map(stands_for, seen.nodes)):,} more"
    check_invariants(seen)


def test_all_of_a_big_graph_on_request() -> None:
    assert len(trace(chain(500), limit=None).nodes) == 502


def test_depth_is_no_limit() -> None:
    assert trace(chain(50_000))["w"].grad == 50_000


# Files


@every_example
def test_json_round_trip(example: Any) -> None:
    text = trace(example()).to_json()
    assert Trace.from_json(text).to_json() == text


@every_example
def test_the_same_run_gives_the_same_file(example: Any) -> None:
    assert trace(example()).to_json() == trace(example()).to_json()


def test_json_is_strict() -> None:
    def refuse(literal: str) -> None:
        raise AssertionError(literal)

    with np.errstate(all="ignore"):
        text = trace(broken() / Tensor(0.0)).to_json()
    json.loads(text, parse_constant=refuse)
    assert '"NaN"' in text
    assert '"Infinity"' in trace(Tensor(np.inf, requires_grad=True) * 1).to_json()


def test_json_keys() -> None:
    record = json.loads(trace(regression()).to_json())
    assert record["schema"] == 1
    assert {"id", "kind", "name", "op", "shape", "dtype", "value", "grad", "module", "source"} <= set(
        record["nodes"][0]
    )
    assert {"from", "to", "position", "formula", "local", "upstream", "message"} <= set(record["edges"][0])


def test_a_name_that_spells_a_number_stays_a_name() -> None:
    seen = trace(Tensor(np.nan, requires_grad=True, name="NaN") * 1)
    again = Trace.from_json(seen.to_json())
    assert again["v1"].name == "NaN"
    assert np.isnan(again["v1"].value)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"schema": 99}', '{"schema": 1, "nodes": [{}]}'])
def test_other_text_is_refused(text: str) -> None:
    with pytest.raises(ArgumentError, match="the record of a trace, schema 1"):
        Trace.from_json(text)


def test_only_tensors_are_traced() -> None:
    with pytest.raises(ArgumentError, match="expected: a tensor"):
        trace(3.0)  # type: ignore[arg-type]


def test_a_limit_is_a_number_of_nodes():
    with pytest.raises(autograd.ArgumentError, match="a number of nodes, or None"):
        trace(Tensor(1.0, requires_grad=True) * 2, limit="word")


def test_a_leaf_alone_has_a_trace_too():
    x = Tensor(np.ones((2, 2)), requires_grad=True)
    assert len(trace(x, gradient=np.ones((2, 2))).nodes) == 1
