"""Paths: the gradient as a sum over all ways. Diff: what an update changed. Second order: the recorded sweep, drawn."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose

import autograd
from autograd import Parameter, Tensor, trace
from autograd.errors import ArgumentError
from tests.view.examples import chain, matrices, network, product_of_sum, regression, square
from tests.view.geometry import collisions
from tests.view.test_picture import groups, picture, texts

# Paths


def test_paths_of_the_network() -> None:
    seen = trace(network())
    found = seen.paths("h₁")
    assert found.count == 2
    assert_allclose([p.product for p in found.largest], [0.055399425, -0.019049118], atol=5e-10)
    assert_allclose(sum(p.product for p in found.largest), 0.036350306, atol=5e-10)
    assert seen.paths("w₁").count == 2
    assert seen.paths("b₁").count == 4


@pytest.mark.parametrize("make", [regression, product_of_sum, network, square, matrices])
def test_products_add_up_to_the_gradient(make: Any) -> None:
    seen = trace(make())
    for node in seen.nodes:
        if node.grad is not None:
            found = seen.paths(node.id)
            total = sum(np.asarray(p.product) for p in found.largest)
            assert_allclose(total, np.reshape(node.grad, np.shape(total)), rtol=1e-9, atol=1e-12)


def test_each_factor_is_a_local_derivative() -> None:
    path = trace(regression()).paths("x").largest[0]
    assert path.nodes == ("v1", "v3", "v5", "v7", "v8")
    assert path.factors == (8.0, 1.0, 1.0, 5.0)
    assert path.product == 40.0


def test_of_many_paths_the_largest_are_listed() -> None:
    y = x = Tensor(1.0, requires_grad=True, name="x")
    for k in range(20):
        y = y * (1.0 + k / 10) + y * 0.5
    found = trace(y).paths("x")
    assert found.count == 2**20
    assert len(found.largest) == 64
    products = [p.product for p in found.largest]
    assert products == sorted(products, reverse=True)
    assert products[0] == pytest.approx(np.prod([max(1.0 + k / 10, 0.5) for k in range(20)]))
    second = products[0] * 0.5 / 1.0
    assert products[1] == pytest.approx(second)
    assert f"{2**20 - 64:,} others together" in str(found)
    assert x.grad is None


def test_a_leaf_without_a_path() -> None:
    found = trace(network()).paths("t₁")
    assert (found.count, found.gradient) == (0, None)


def test_paths_need_every_node() -> None:
    with pytest.raises(ArgumentError, match=r"autograd\.trace\(t, limit=None\)"):
        trace(chain(1000)).paths("w")
    with pytest.raises(ArgumentError, match="'nowhere'"):
        trace(regression()).paths("nowhere")


# Diff


def trained(rate: float) -> tuple[Any, Any]:
    w, b = Parameter(5.0, name="w"), Parameter(1.0, name="b")

    def loss() -> Tensor:
        result = (1.0 * w + b - 2.0) ** 2
        result.name = "L"
        return result

    before = trace(loss())
    with autograd.no_grad():
        w.assign_(w - rate * 8.0)
        b.assign_(b - rate * 8.0)
    return before, trace(loss())


def test_diff_of_one_step() -> None:
    before, after = trained(0.1)
    change = before.diff(after)
    assert change["w"].value == pytest.approx(-0.8)
    assert change["L"].value == pytest.approx(2.4**2 - 16)
    assert change["w"].grad == pytest.approx(2 * 2.4 - 8)
    row = next(line for line in change.table().splitlines() if "5 → 4.2" in line)
    assert row.split() == ["v₁", "w", "5", "→", "4.2", "−0.8", "8", "→", "4.8", "−3.2"]
    assert "| v₁ | w | 5 → 4.2 | −0.8 | 8 → 4.8 | −3.2 |" in change.table("markdown")


def test_diff_as_a_picture() -> None:
    before, after = trained(0.1)
    drawn = before.diff(after).draw()
    assert collisions(drawn.source) == []
    cards = groups(ElementTree.fromstring(drawn.pipe("svg", encoding="utf-8")), "node")
    assert texts(cards["n_v1"]) == ["◆", "v₁", "w", "value", "5 → 4.2", "Δ", "−0.8", "P¹", "8 → 4.8", "Δ", "−3.2"]


def test_diff_of_arrays() -> None:
    w = Parameter(np.ones(100), name="w")
    before = trace((w * w).sum())
    w.assign_(np.full(100, 2.0))
    change = before.diff(trace((w * w).sum()))
    assert change["w"].value == {"norm": 10.0}
    assert "norm 10 → norm 20" in change.table()


def test_diff_of_two_graphs() -> None:
    with pytest.raises(ArgumentError, match=r"8 and 40 nodes|another v"):
        trace(regression()).diff(trace(network()))
    with pytest.raises(ArgumentError, match="'text' or 'markdown'"):
        trace(regression()).diff(trace(regression())).table("html")


# Second order


def test_the_backward_pass_is_drawn_as_a_graph() -> None:
    x = Parameter(0.5, name="x")
    y = autograd.tanh(x * x)
    y.name = "y"
    y.backward(create_graph=True)
    assert x.grad is not None
    seen = trace(x.grad)
    assert seen.modules == {"backward": "a recorded sweep"}
    assert [(n.op, n.module) for n in seen.nodes[1:]] == [
        ("x · x", ""), ("tanh(v₂)", ""), ("y · y", "backward"), ("1 − v₄", "backward"), ("1·v₅", "backward"),
        ("v₆ · x", "backward"), ("v₆ · x", "backward"), ("v₇ + v₈", "backward"),
    ]  # fmt: skip
    assert seen["v6"].name == "v̄₂"  # the cotangent of v₂
    assert (
        seen.title == "v₉ = (1 − tanh(x·x)·tanh(x·x))·x + (1 − tanh(x·x)·tanh(x·x))·x"
    )  # without the factor 1 that the sweep starts with
    t = np.tanh(0.25)
    assert seen["x"].grad == pytest.approx(2 * (1 - t**2) - 8 * 0.25 * t * (1 - t**2))
    svg = picture(seen)
    frames = [texts(g) for g in svg.iter("{http://www.w3.org/2000/svg}g") if g.get("class") == "cluster"]
    assert frames == [["backward", "a recorded sweep"]]
    assert collisions(seen.draw().source) == []


def test_two_sweeps_are_two_frames() -> None:
    x = Parameter(2.0, name="x")
    first = autograd.grad(lambda v: v**3)(x)
    second = autograd.grad(lambda v: v**2)(x)
    assert set(trace(first * second).modules) == {"backward 1", "backward 2"}


def test_an_ordinary_graph_has_no_sweep() -> None:
    assert trace(regression()).modules == {}
