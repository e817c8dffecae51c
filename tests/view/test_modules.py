"""Modules and repetitions: what is folded into one box, what stands on it, and what the graph must still say."""

from __future__ import annotations

import json
import re
from typing import Any

import numpy as np
import pytest

import autograd
import nn
from autograd import Parameter, Tensor, Trace, scope, trace
from autograd.view.drawing import source
from autograd.view.fold import repeats
from tests.view.geometry import collisions, plan
from tests.view.test_layout import VIEWS
from tests.view.test_picture import groups, picture, texts
from tests.view.test_trace import check_invariants


def step(*more: nn.Module) -> Tensor:
    """The loss of one training step of 784-128-64-10, on 64 examples."""
    rng = np.random.default_rng(0)
    first = [nn.Linear(784, 128, rng=0), nn.ReLU(), nn.Linear(128, 64, rng=1), nn.ReLU()]
    model = nn.Sequential(*first, *more, nn.Linear(64, 10, rng=2))
    x = Tensor(rng.normal(size=(64, 784)).astype(np.float32), name="x")
    loss = nn.CrossEntropyLoss()(model(x), rng.integers(0, 10, 64))
    loss.name = "loss"
    return loss


def deep(layers: int, activation: Any = nn.Tanh) -> Tensor:
    middle = [m for k in range(layers - 2) for m in (nn.Linear(16, 16, rng=k), activation())]
    model = nn.Sequential(nn.Linear(8, 16, rng=1), activation(), *middle, nn.Linear(16, 1, rng=2))
    return (model(Tensor(np.ones((4, 8), np.float32), name="x")) ** 2).mean()


class Cell(nn.Module):
    def __init__(self) -> None:
        self.wx, self.wh = nn.Linear(3, 8, rng=0), nn.Linear(8, 8, bias=False, rng=1)

    def forward(self, x: Any, h: Any) -> Tensor:
        return autograd.tanh(self.wx(x) + self.wh(h))


class Recurrent(nn.Module):
    def __init__(self) -> None:
        self.cell, self.out = Cell(), nn.Linear(8, 1, rng=2)

    def forward(self, xs: Any) -> Any:
        h = Tensor(np.zeros((4, 8), np.float32), name="h₀")
        for x in xs:
            h = self.cell(x, h)
        return self.out(h)


def recurrent(steps: int = 50) -> Tensor:
    return (Recurrent()(list(np.ones((steps, 4, 3), np.float32))) ** 2).mean()


def boxes(seen: Trace) -> list[tuple[str | None, str | None]]:
    return [(n.name, n.op) for n in seen.nodes if n.kind == "group"]


# One box for a module


def test_a_training_step_folded() -> None:
    seen = trace(step(), collapse=True)
    assert [(n.id, n.kind, n.name, n.op) for n in seen.nodes] == [
        ("v1", "input", "x", None), ("v4", "group", "0", "Linear(784 → 128)"), ("v5", "group", "1", "ReLU"),
        ("v8", "group", "2", "Linear(128 → 64)"), ("v9", "group", "3", "ReLU"),
        ("v12", "group", "4", "Linear(64 → 10)"), ("v13", "input", None, None),
        ("v14", "output", "loss", "cross_entropy(v₁₂, v₁₃)"),
    ]  # fmt: skip
    first = seen["v4"].inside
    assert first is not None
    assert (first["nodes"], first["times"], first["parameters"], first["inputs"]) == (3, 1, 100_480, [[64, 784]])
    assert seen["v4"].shape == [64, 128]
    assert seen.notes == ["showing 8 of 14 nodes: boxes stand for several"]


def test_a_folded_record_agrees_with_the_whole_one() -> None:
    loss = step()
    whole, folded = trace(loss), trace(loss, collapse=True)
    for node in folded.nodes:
        assert (node.value, node.grad) == (whole[node.id].value, whole[node.id].grad)
    inner = [whole[id].grad["norm"] for id in ("v2", "v3", "v4")]
    inside = folded["v4"].inside
    assert inside is not None
    np.testing.assert_allclose(inside["gradients"], [min(inner), max(inner)], rtol=1e-6)


@pytest.mark.parametrize("make", [step, lambda: deep(30), recurrent])
def test_invariants_of_folded_records(make: Any) -> None:
    seen = trace(make(), collapse=True)
    check_invariants(seen)
    assert Trace.from_json(seen.to_json()) == seen
    assert json.loads(seen.to_json())["modules"] == seen.modules


def test_a_box_says_what_a_reader_asks() -> None:
    box = texts(groups(picture(trace(step(), collapse=True)), "node")["n_v4"])
    assert box[:7] == ["▣", "v₄", "0", "Linear(784 → 128)", "shapes", "(64, 784) → (64, 128)", "parameters"]
    assert "100,480" in box


@pytest.mark.parametrize(("training", "said"), [(True, "training"), (False, "evaluation")])
def test_the_mode_is_visible(training: bool, said: str) -> None:
    norm = nn.BatchNorm1d(64).train(training)
    found = dict(boxes(trace(step(norm, nn.Dropout(0.5, rng=0)), collapse=True)))
    assert found["4"] == f"BatchNorm1d(64), {said}"
    assert found["5"] == "Dropout(0.5), training"


def test_the_mode_is_that_of_the_call() -> None:
    model = nn.Sequential(nn.Dropout(0.5, rng=0), nn.Linear(2, 2, rng=0))
    x = Tensor(np.ones((3, 2), np.float32), requires_grad=True)
    model(x)
    model.eval()
    model.train()
    model[0].p = 0.25
    assert boxes(trace(model(x).sum(), collapse=True))[0] == ("0", "Dropout(0.25), training")


def test_a_function_chooses_what_is_folded() -> None:
    seen = trace(step(), collapse=lambda path, kind: kind.startswith("Linear"))
    assert [op for _, op in boxes(seen)] == ["Linear(784 → 128)", "Linear(128 → 64)", "Linear(64 → 10)"]
    assert [n.op for n in seen.nodes if n.module] == ["relu(v₄)", "relu(v₈)"]


def test_modules_are_closed_from_within() -> None:
    block = nn.Sequential(nn.Linear(4, 4, rng=0), nn.ReLU())
    loss = nn.Sequential(block, nn.Linear(4, 1, rng=1))(Tensor(np.ones((2, 4), np.float32))).sum()
    assert [name for name, _ in boxes(trace(loss, collapse=True))] == ["0.0", "0.1", "1"]
    assert boxes(trace(loss, collapse=lambda path, kind: path == "0")) == [("0", "Sequential")]


def test_a_tied_parameter_stands_outside() -> None:
    w = Parameter(2.0, name="w")
    with scope("a"):
        y = (w * 3.0) * w
    with scope("b"):
        y = (y * w) * 2.0
    seen = trace(y + 1.0, collapse=True)
    assert [n.id for n in seen.nodes if n.kind == "parameter"] == [seen["w"].id]
    assert seen["w"].grad == 3 * 6.0 * 4.0
    check_invariants(seen)


def test_the_output_is_never_in_a_box() -> None:
    with scope("all"):
        y = Parameter(2.0, name="w") * 3.0 + 1.0
    assert [n.kind for n in trace(y, collapse=True).nodes] == ["parameter", "computation", "output"]
    assert len(trace(Parameter(2.0), collapse=True).nodes) == 1


# One box for what repeats


def test_a_hundred_layers_are_one_box() -> None:
    seen = trace(deep(100))
    assert boxes(seen) == [
        ("0", "Linear(8 → 16)"), ("1", "Tanh"), ("2 … 197", "98 × (Linear(16 → 16), Tanh)"), ("198", "Linear(16 → 1)"),
    ]  # fmt: skip
    assert seen["v397"].inside is not None
    assert seen["v397"].inside["parameters"] == 98 * (16 * 16 + 16)
    svg = picture(seen)
    assert "showing 7 of 402 nodes: boxes stand for several" in texts(svg)
    assert "×98" in " ".join(texts(groups(svg, "node")["n_v397"]))


def test_a_recurrent_loop_is_one_box() -> None:
    assert boxes(trace(recurrent(), collapse=True)) == [
        ("cell.wx … cell.wh", "50 × (Linear(3 → 8), Linear(8 → 8), add and 1 more)"), ("out", "Linear(8 → 1)"),
    ]  # fmt: skip
    assert boxes(trace(recurrent(), collapse=lambda path, kind: kind == "Cell")) == [("cell", "50 × (Cell)")]


def test_a_loop_without_modules_is_one_box() -> None:
    W, h = Parameter(np.eye(3) / 2, name="W"), Tensor(np.ones(3), requires_grad=True, name="h₀")
    x = [Tensor(np.full(3, 0.1 * t)) for t in range(50)]
    y = h
    for t in range(50):
        y = autograd.tanh(y @ W + x[t])
    seen = trace((y**2).sum(), collapse=True)
    assert boxes(seen) == [(None, "50 × (matmul, add, tanh)")]
    assert [n.name for n in seen.nodes if n.kind in ("input", "parameter")] == ["h₀", "W"]
    check_invariants(seen)


@pytest.mark.parametrize(
    ("row", "found"),
    [
        ([1, 2, 3], []),
        ([1, 1], []),
        ([1, 1, 1], [(0, 1, 3)]),
        ([5, 1, 2, 1, 2, 1, 2, 6], [(1, 2, 3)]),
        ([1, 1, 1, 2] * 4, [(0, 4, 4)]),
        ([1, 1, 1, 9, 2, 3, 2, 3, 2, 3], [(0, 1, 3), (4, 2, 3)]),
    ],
)
def test_repeats(row: list[int], found: Any) -> None:
    assert repeats(row, [False] * len(row)) == found


def test_ten_thousand_nodes_are_a_few_boxes() -> None:
    seen = trace(deep(2500))
    assert seen.count > 10_000
    assert len(seen.nodes) < 10
    assert len(picture(seen)) > 0


# Open, with frames and headings


def test_the_table_has_headings() -> None:
    lines = trace(step()).table().splitlines()
    start = lines.index("  0  Linear(784 → 128)")
    assert [line.split()[0] for line in lines[start + 1 : start + 4]] == ["v₂", "v₃", "v₄"]
    assert lines[start + 4] == "  1  ReLU"
    assert "| **0  Linear(784 → 128)** |  |  |  |" in trace(step()).table("markdown")
    assert r"$0\ \text{Linear(784 $\to$ 128)}$" in trace(step(), collapse=True).table("latex")
    assert r"\multicolumn{4}{l}{\text{0  Linear(784 $\to$ 128)}}".replace("  ", " ") in trace(step()).table("latex")


def test_the_picture_has_frames() -> None:
    svg = picture(trace(step()))
    frames = [texts(g) for g in svg.iter("{http://www.w3.org/2000/svg}g") if g.get("class") == "cluster"]
    assert frames == [
        ["0", "Linear(784 → 128)"], ["1", "ReLU"], ["2", "Linear(128 → 64)"], ["3", "ReLU"], ["4", "Linear(64 → 10)"],
    ]  # fmt: skip


def loop(steps: int) -> Tensor:
    """A recurrence written by hand, all of whose states are stacked."""
    rng, h, states = np.random.default_rng(0), Tensor(np.zeros((4, 8)), name="h₀"), []
    W, U = Parameter(rng.normal(size=(8, 8)) / 3, name="W"), Parameter(rng.normal(size=(3, 8)) / 3, name="U")
    for _ in range(steps):
        h = autograd.tanh(rng.normal(size=(4, 3)) @ U + h @ W)
        states.append(h)
    return (autograd.stack(states) ** 2).mean()


def test_many_values_of_one_box_are_one_arrow() -> None:
    seen = trace(loop(50), limit=60)
    check_invariants(seen)
    box = next(n for n in seen.nodes if n.kind == "group")
    stack = next(n for n in seen.nodes if n.op and n.op.startswith("stack"))
    assert stack.op is not None
    assert len(stack.op) < 40
    (edge,) = (e for e in seen.edges if (e.from_, e.to) == (box.id, stack.id))
    assert edge.uses == 50
    assert edge.message == box.grad or edge.message["norm"] == pytest.approx(box.grad["norm"])
    assert "and 49 more values of the box" in seen.draw().source
    assert "(1 of 50)" in seen.table()
    assert Trace.from_json(seen.to_json()) == seen
    for view in VIEWS:
        assert collisions(source(seen, view)) == []


@pytest.mark.parametrize("collapse", [False, True])
@pytest.mark.parametrize("make", [step, lambda: deep(6), lambda: recurrent(4)])
def test_nothing_collides(make: Any, collapse: bool) -> None:
    seen = trace(make(), collapse=collapse)
    for view in VIEWS:
        assert collisions(source(seen, view)) == []


def test_a_training_step_fits_a_screen() -> None:
    page = plan(trace(step(), collapse=True).draw().source).page
    assert page.right - page.left < 2800
    assert page.high - page.low < 700


# show


def test_show_groups_by_module(capsys: pytest.CaptureFixture[str]) -> None:
    step().show()
    assert "  0  Linear(784 → 128)\n" in capsys.readouterr().out
    deep(100).show()
    assert "98 × (Linear(16 → 16), Tanh)" in capsys.readouterr().out


def test_a_notebook_shows_boxes() -> None:
    svg = step()._repr_mimebundle_()["image/svg+xml"]  # type: ignore[attr-defined]
    assert "100,480" in svg
    width = re.search(r'width="(\d+)pt"', svg)
    assert width is not None
    assert int(width[1]) <= 640  # a notebook's column
