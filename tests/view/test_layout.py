"""The layout: every text within its box, no box or label over another, whatever is drawn and whatever it is called."""

from __future__ import annotations

from typing import Any

import pytest

from autograd import Parameter, Tensor, scope, trace
from autograd.errors import ArgumentError, GraphError
from autograd.view import render
from tests.view.examples import EXAMPLES, chain, network, regression, tangle
from tests.view.geometry import collisions, plan
from tests.view.test_picture import groups, picture, texts

VIEWS = ("both", "forward", "backward", "heat")
LONG = "a very long name " * 600


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("example", EXAMPLES.values(), ids=EXAMPLES)
def test_nothing_collides(example: Any, view: str) -> None:
    assert collisions(trace(example()).draw(view).source) == []


@pytest.mark.parametrize(
    "name", ['"><script>', "two\nlines", LONG, "\u05d0\u05d1\u05d2 \u202e\u05d3", "🌲🌲🌲🌲", "数学 x̄"]
)
def test_no_name_breaks_the_layout(name: str) -> None:
    with scope(name, name):
        loss = Tensor(2.0, requires_grad=True, name=name) * Parameter(3.0, name=name)
    loss.name = name
    seen = trace(loss, title=name)
    for view in VIEWS:
        assert collisions(seen.draw(view).source) == []
        page = plan(seen.draw(view).source).page
        assert page.right - page.left < 1600
    assert len(seen.draw().source) < 16_000
    assert max(map(len, seen.table().splitlines())) < 400
    assert max(map(len, str(seen.heat()).splitlines())) < 400


def test_a_long_chain_fits_a_page() -> None:
    page = plan(trace(network()).draw().source).page
    assert 0.4 < (page.right - page.left) / (page.high - page.low) < 2.5


# The halves


def test_forward_shows_values_alone() -> None:
    svg = picture(trace(regression()), "forward")
    assert texts(groups(svg, "node")["n_v3"]) == ["ƒ", "v₃", "= x · w", "value", "5"]
    assert [texts(edge) for edge in groups(svg, "edge").values()] == [[]] * 7


def test_backward_starts_at_the_seed() -> None:
    svg = picture(trace(regression()), "backward")
    assert texts(groups(svg, "node")["n_seed"]) == ["seed", "1"]
    assert texts(groups(svg, "node")["n_v3"]) == ["ƒ", "v₃", "= x · w", "P³ = ∂L/∂v₃", "8"]
    assert texts(groups(svg, "edge")["e_v1_v3_0"]) == ["∂v₃/∂v₁ = w =", "5", "8 × 5 =", "40"]
    assert "v3->v1" in {title.text for title in svg.iter("{http://www.w3.org/2000/svg}title")}


def test_backward_sums_where_a_value_was_used_twice() -> None:
    seen = trace(network())
    svg = picture(seen, "backward")
    twice = {seen[name].id for name in ("h₁", "h₂", "b₁", "b₂")}
    assert {name for name in groups(svg, "node") if name.startswith("s_")} == {f"s_{id}" for id in twice}
    assert f"n_{seen['t₁'].id}" not in groups(svg, "node")


def test_another_view_is_refused() -> None:
    with pytest.raises(ArgumentError, match="one of 'both', 'forward', 'backward', 'heat'"):
        trace(regression()).draw("sideways")


# Big graphs


def test_above_sixty_nodes_cards_become_chips() -> None:
    seen = trace(chain(100))
    svg = picture(seen)
    assert texts(groups(svg, "node")["n_v3"]) == ["ƒ", "v₃", "= x · w", "1", "1"]
    uses = [name for name in groups(svg, "node") if name.startswith("u_")]
    assert len(uses) == 100  # w is named at each use
    assert len(groups(svg, "edge")) == len(seen.edges)


def test_a_layout_in_a_process_of_its_own_can_be_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    seen = trace(tangle(200), limit=None)
    assert seen.draw().pipe("svg").startswith(b"<?xml")
    monkeypatch.setattr(render, "TIMEOUT", 0.01)
    with pytest.raises(GraphError, match="a graph that dot is still laying out"):
        seen.draw().pipe("svg")
