"""How near the picture is: a map of the whole, or cards in full with the step in view; and the heat of its cards."""

from __future__ import annotations

import numpy as np
import pytest

from autograd import Parameter, Tensor, trace
from tests.browser.readings import INKS
from tests.browser.test_page import Opened, contrast, press
from tests.view.examples import network, regression


def test_zoom(opened: Opened) -> None:
    page = opened(trace(network()).to_html())
    width = "document.querySelector('#graph').getBoundingClientRect().width"
    wide = page.evaluate(width)
    press(page, "+")
    assert page.evaluate(width) == pytest.approx(1.25 * wide, rel=0.01)
    press(page, "0")
    assert page.evaluate(width) <= page.evaluate("document.querySelector('#canvas').clientWidth")


WITHIN = """(selector) => {
  const [a, b] = [selector, "#canvas"].map((found) => document.querySelector(found).getBoundingClientRect());
  const x = (a.left + a.right) / 2, y = (a.top + a.bottom) / 2;
  return x > b.left && x < b.right && y > b.top && y < b.bottom;
}"""


@pytest.mark.parametrize("size", [(1280, 800), (1920, 1080)])
def test_a_big_graph_opens_as_a_map_of_the_whole(size: tuple[int, int], opened: Opened) -> None:
    page = opened(trace(network()).to_html())
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.reload()
    canvas, graph = (
        page.evaluate(f"document.querySelector('#{id}').getBoundingClientRect().toJSON()") for id in ("canvas", "graph")
    )
    assert graph["left"] >= canvas["left"]
    assert graph["right"] <= canvas["right"]
    assert graph["bottom"] <= canvas["bottom"] <= size[1]
    letters = page.evaluate("""() => [...document.querySelectorAll(".letter:not(.caption)")]
      .map((text) => [text.textContent, text.getBoundingClientRect().height])""")
    assert len(letters) == 40
    assert min(height for _, height in letters) >= 9
    assert page.evaluate(
        "[...document.querySelectorAll('.label')].every((g) => getComputedStyle(g).visibility === 'hidden')"
    )
    page.set_viewport_size({"width": 900, "height": 800})  # it stays fitted
    page.evaluate("() => new Promise(requestAnimationFrame)")
    assert page.evaluate("document.querySelector('#graph').getBoundingClientRect().width") < 900


@pytest.mark.parametrize("size", [(1280, 800), (390, 844)])
def test_the_step_stays_in_view_when_zoomed_in(size: tuple[int, int], opened: Opened) -> None:
    seen = trace(network())
    page = opened(seen.to_html(), reduced_motion="reduce")
    page.set_viewport_size({"width": size[0], "height": size[1]})
    press(page, "ArrowRight", 20)
    press(page, "+", 8)
    assert page.locator(".node.now").get_attribute("id") == "n_v33"
    assert page.evaluate(WITHIN, "#n_v33")
    for _ in range(50):
        press(page, "ArrowRight")
        edge = page.locator(".edge.now")
        at = f"#{edge.get_attribute('id')}" if edge.count() == 1 else ".node.now"
        assert page.evaluate(WITHIN, at)


# Heat


def sizes() -> Tensor:
    """A sum whose gradients are of every size that the heat tells apart."""
    slopes = {"zero": 0.0, "vanishing": 1e-8, "h0": 1e-5, "h1": 1e-3, "h2": -2.0, "h3": 90.0, "exploding": 1e5}
    total = Tensor(0.0)
    for name, slope in (slopes | {"broken": np.inf}).items():
        total = total + slope * Parameter(0.5, name=name)
    return total


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_heat_shows_the_size_of_each_gradient_when_it_is_known(scheme: str, opened: Opened) -> None:
    seen = trace(sizes())
    page = opened(seen.to_html(), color_scheme=scheme, reduced_motion="reduce")
    tints = """() => Object.fromEntries([...document.querySelectorAll(".node.parameter")]
      .map((card) => [card.id, card.dataset.heat ?? ""]))"""
    press(page, "h")
    assert page.locator("#scale").is_visible()
    assert set(page.evaluate(tints).values()) == {""}
    press(page, "End")
    leaves = {f"n_{n.id}": n.name for n in seen.nodes if n.kind == "parameter"}
    assert page.evaluate(tints) == leaves
    fills = page.evaluate("[...document.querySelectorAll('.node.parameter rect')].map((r) => getComputedStyle(r).fill)")
    assert len(set(fills)) == len(leaves)
    pairs = page.evaluate(INKS)
    assert {text: c for text, ink, paper in pairs if (c := contrast(ink, paper)) < 4.5 and text not in "▸◆ƒ★"} == {}
    page.click("#heat")
    assert not page.locator("#scale").is_visible()
    assert set(page.evaluate(tints).values()) == {""}


def test_heat_follows_a_slider(opened: Opened) -> None:
    page = opened(trace(regression()).to_html())
    press(page, "End")
    press(page, "h")
    assert page.get_attribute("#n_v1", "data-heat") == "h3"
    page.fill("input[type=number][data-leaf=v2]", "1e-9")
    assert page.get_attribute("#n_v1", "data-heat") == "vanishing"
