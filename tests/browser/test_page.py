"""The stepper page as a reader meets it: read back from a real browser."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autograd
from autograd import Parameter, Tensor, Trace, trace
from autograd.view.values import figure, in_lines
from tests.browser.readings import CARDS, INKS, LAYOUT, MESSAGES, REACHABLE
from tests.view.examples import broadcast, broken, chain, layers, matrices, network, product_of_sum, regression, square

Opened = Callable[..., Any]
PAGES = [product_of_sum, regression, network, broadcast, square, matrices, layers, broken, lambda: chain(500)]
NAMES = ["sum", "regression", "network", "broadcast", "shared", "matrices", "layers", "nan", "folded"]
HOSTILE = [
    '"><script>alert(1)</script>', "</script><script>alert(1)</script>", "<img src=x onerror=alert(1)>", "a\nb\x00c",
    "W" * 10_000, "שלום عالم", "👩‍🔬🧮" * 9, "&lt;b&gt;${title}$title", "__proto__", "constructor",
]  # fmt: skip


def press(page: Any, key: str, times: int = 1) -> None:
    for _ in range(times):
        page.keyboard.press(key)


# What it shows after k steps


def expected(seen: Trace) -> list[tuple[dict[str, Any], set[str]]]:
    """Return for each step of the page what the cards and which messages the edges show."""
    values = {n.id: in_lines(n.value) if n.op is None else ["–"] for n in seen.nodes if n.kind != "rest"}
    grads = {v: ["–"] for v in values}
    messages: set[str] = set()
    found = []

    def show() -> None:
        found.append(({v: [values[v], grads[v]] for v in values}, set(messages)))

    show()
    for node in seen.nodes:
        if node.op is not None:
            values[node.id] = in_lines(node.value)
            show()
    waiting = Counter(step.node for step in seen.steps)
    several = {v for v, count in waiting.items() if count > 1}
    for step in seen.steps:
        if step.sum is not None:
            grads[step.node] = in_lines(step.sum)
        if step.edge is not None:
            messages.add(f"e{step.edge}")
        show()
        waiting[step.node] -= 1
        if step.node in several and not waiting[step.node] and step.sum is not None:
            show()  # the sum of several messages has a step of its own
    return found


@pytest.mark.parametrize("example", PAGES, ids=NAMES)
def test_each_key_press_is_one_step(example: Any, opened: Opened) -> None:
    seen = trace(example())
    page = opened(seen.to_html())
    press(page, "+", 5)  # near enough for the labels
    for k, (cards, messages) in enumerate(expected(seen)):
        assert page.evaluate(CARDS) == cards, f"after {k} presses of →"
        assert set(page.evaluate(MESSAGES)) == messages, f"after {k} presses of →"
        press(page, "ArrowRight")
    assert page.locator("#where").inner_text() == f"step {k} of {k}"
    press(page, "ArrowLeft")
    assert page.evaluate(CARDS) == expected(seen)[-2][0]
    press(page, "Home")
    assert page.evaluate(CARDS) == expected(seen)[0][0]
    press(page, "End")
    assert page.evaluate(CARDS) == expected(seen)[-1][0]


def test_golden_numbers_of_the_regression(opened: Opened) -> None:
    page = opened(trace(regression()).to_html())
    press(page, "End")
    shown = page.evaluate(CARDS)
    golden = {
        "v1": (1, 40), "v2": (5, 8), "v3": (5, 8), "v4": (1, 8), "v5": (6, 8), "v6": (2, -8), "v7": (4, 8),
        "v8": (16, 1),
    }  # fmt: skip
    assert shown == {v: [[figure(value)], [figure(P)]] for v, (value, P) in golden.items()}
    assert page.evaluate(MESSAGES) == {
        "e0": "8 × 5 = 40", "e1": "8 × 1 = 8", "e2": "8 × 1 = 8", "e3": "8 × 1 = 8", "e4": "8 × 1 = 8",
        "e5": "8 × (−1) = −8", "e6": "1 × 8 = 8",
    }  # fmt: skip


def test_golden_numbers_of_the_sum_and_of_the_network(opened: Opened) -> None:
    page = opened(trace(product_of_sum()).to_html())
    press(page, "End")
    shown = page.evaluate(CARDS)
    assert [shown[v] for v in ("v1", "v2", "v3", "v4", "v5")] == [
        [["−4"], ["3"]], [["−2"], ["−4"]], [["5"], ["−4"]], [["3"], ["−4"]], [["−12"], ["1"]],
    ]  # fmt: skip
    seen = trace(network())
    page = opened(seen.to_html())
    press(page, "End")
    shown = page.evaluate(CARDS)
    golden = {
        "w₁": 0.000438568, "w₂": 0.000877135, "w₃": 0.000497713, "w₄": 0.000995425, "w₅": 0.082167041,
        "w₆": 0.082667628, "w₇": -0.022602540, "w₈": -0.022740242, "b₁": 0.018725609, "b₂": 0.100400325,
        "h₁": 0.036350306,
    }  # fmt: skip
    assert {name: shown[seen[name].id][1] for name in golden} == {name: [figure(P)] for name, P in golden.items()}
    assert shown[seen["E"].id][0] == ["0.298371"]


def test_each_step_is_said(opened: Opened) -> None:
    page = opened(trace(regression()).to_html())
    said = []
    for _ in range(12):
        press(page, "ArrowRight")
        said.append(page.locator("#live").inner_text())
    assert said == [
        "v₃ = x · w = 5", "v₅ = v₃ + b = 6", "v₇ = v₅ − y = 4", "L = v₇² = 16",
        "The way back starts at L: its gradient is 1.", "v₇ receives 1 × 8 = 8 from L", "v₅ receives 8 × 1 = 8 from v₇",
        "v₆ receives 8 × (−1) = −8 from v₇", "v₃ receives 8 × 1 = 8 from v₅", "v₄ receives 8 × 1 = 8 from v₅",
        "v₁ receives 8 × 5 = 40 from v₃", "v₂ receives 8 × 1 = 8 from v₃",
    ]  # fmt: skip


def test_two_uses_are_summed_in_a_step_of_their_own(opened: Opened) -> None:
    page = opened(trace(square()).to_html())
    press(page, "End")
    assert page.locator("article.now h2").inner_text() == "v₁ has all its 2 messages: their sum is 6"
    assert re.sub(r"\s", "", page.locator("article.now math").text_content()) == "P1=3+3=6"


# How it is laid out


@pytest.mark.parametrize("example", PAGES, ids=NAMES)
def test_nothing_overlaps_or_sticks_out(example: Any, opened: Opened) -> None:
    page = opened(trace(example()).to_html())
    press(page, "End")
    assert page.evaluate(LAYOUT) == []
    page.set_viewport_size({"width": 420, "height": 800})
    assert page.evaluate(LAYOUT) == []
    press(page, "+", 12)
    assert page.locator("#canvas.map").count() == 0
    assert page.evaluate(LAYOUT) == []


@pytest.mark.parametrize("name", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_name_neither_runs_nor_breaks_the_layout(name: str, opened: Opened) -> None:
    x, w = Tensor(2.0, requires_grad=True, name=name), Parameter(3.0, name="w")
    loss = x * w
    loss.name = name
    seen = trace(loss, title=name)
    page = opened(seen.to_html())
    press(page, "End")
    assert page.evaluate(LAYOUT) == []
    assert page.evaluate(CARDS)["v1"] == [["2"], ["3"]]
    page = opened(seen.exercise())
    assert page.evaluate(LAYOUT) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_contrast(scheme: str, opened: Opened) -> None:
    page = opened(trace(regression()).to_html(), color_scheme=scheme)
    press(page, "End")
    pairs = page.evaluate(INKS)
    assert len(pairs) > 100
    assert {text: c for text, ink, paper in pairs if (c := contrast(ink, paper)) < 4.5 and text not in "▸◆ƒ★"} == {}
    assert {text: c for text, ink, paper in pairs if (c := contrast(ink, paper)) < 3.0} == {}


def contrast(a: str, b: str) -> float:
    lights = sorted(map(luminance, (a, b)))
    return (lights[1] + 0.05) / (lights[0] + 0.05)


def luminance(color: str) -> float:
    channels = [int(c) / 255 for c in re.findall(r"\d+", color)[:3]]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return float(np.dot(linear, [0.2126, 0.7152, 0.0722]))


def test_crimson_is_for_gradients_alone(opened: Opened) -> None:
    page = opened(trace(regression()).to_html())
    press(page, "End")
    texts = page.evaluate("""() => [...document.querySelectorAll("body *")].filter((e) => e.childElementCount === 0)
      .filter((e) => ["fill", "color"].some((p) => getComputedStyle(e)[p] === "rgb(163, 21, 74)"))
      .filter((e) => e.checkVisibility()).map((e) => e.textContent)""")
    assert "40" in texts
    other = [t for t in texts if not re.fullmatch(r"P|[⁰-⁹]|[−(]*\d+\)?|P[⁰¹²³-⁹].*|.*(message|gradient).*|–|", t)]
    assert other == []


def test_reduced_motion(opened: Opened) -> None:
    moving = "getComputedStyle(document.querySelector('.node rect')).transitionDuration"
    text = trace(regression()).to_html()
    assert opened(text).evaluate(moving) != "0s"
    assert opened(text, reduced_motion="reduce").evaluate(moving) == "0s"


# How it is used


def test_the_keyboard_reaches_everything(opened: Opened) -> None:
    page = opened(trace(regression()).to_html())
    press(page, "ArrowRight", 6)
    every = set(page.evaluate(REACHABLE))
    reached = set()
    for _ in range(len(every) + 5):
        press(page, "Tab")
        reached.add(page.evaluate("document.activeElement.dataset.i"))
    assert every <= reached


def test_keys_and_buttons(opened: Opened) -> None:
    page = opened(trace(regression()).to_html())
    where = page.locator("#where")
    for button, step in (("on", 1), ("on", 2), ("back", 1), ("last", 12), ("first", 0)):
        page.click(f"[data-to={button}]")
        assert where.inner_text() == f"step {step} of 12"
    page.fill("#scrub", "7")
    assert where.inner_text() == "step 7 of 12"
    assert page.url.endswith("#7")
    press(page, "/")
    page.keyboard.type("v₃ +")
    assert page.locator(".node.match").evaluate_all("cards => cards.map(c => c.id)") == ["n_v5"]
    assert where.inner_text() == "step 7 of 12"  # keys typed into a field are text
    press(page, "Escape")
    assert page.locator(".node.match").count() == 0
    page.locator("body").click(position={"x": 2, "y": 2})
    page.clock.install()
    press(page, "Space")
    page.clock.run_for(3100)
    press(page, "Space")
    assert where.inner_text() == "step 9 of 12"
    page.clock.run_for(3100)
    assert where.inner_text() == "step 9 of 12"


def test_a_link_to_one_step(opened: Opened) -> None:
    assert opened(trace(regression()).to_html(), "#8").locator("#where").inner_text() == "step 8 of 12"


def test_the_cone_of_a_card(opened: Opened) -> None:
    page = opened(trace(regression()).to_html())
    bright = """() => [...document.querySelectorAll(".node:not(.dim)")].map((card) => card.id)"""
    page.focus("#n_v5")
    press(page, "Enter")
    page.click("[data-cone=up]")
    assert page.evaluate(bright) == ["n_v1", "n_v2", "n_v3", "n_v4", "n_v5"]
    page.click("[data-cone=down]")
    assert page.evaluate(bright) == ["n_v5", "n_v7", "n_v8"]
    assert page.locator("#about").inner_text().startswith("v₅ = v₃ + b · kind computation · dtype float64")
    page.click("[data-cone='']")
    assert len(page.evaluate(bright)) == 8


# Sliders


def wild(x: float, y: float, z: float) -> Tensor:
    a, b, c = (Tensor(v, requires_grad=True, name=n) for n, v in (("x", x), ("y", y), ("z", z)))
    y1 = autograd.tanh(autograd.sin(a) * autograd.exp(b)) / (1 + c**2) + autograd.relu(a - c) * autograd.sqrt(b)
    y2 = autograd.where(a > 0, autograd.log(a), -a * b) + autograd.maximum(a, c) - abs(b - c) ** 1.5
    return y1 * autograd.sigmoid(y2) + autograd.softplus(-y1) - autograd.log1p(c * c) + autograd.cos(y2) * 1e-7


def chosen(x: float) -> Tensor:
    a = Tensor(x, requires_grad=True, name="x")
    return autograd.where(a > 0, autograd.sqrt(a), -3 * a)  # at 0 the branch that isn't taken has 0·∞


def line(x: float, w: float, b: float, y: float) -> Tensor:
    leaves = [Tensor(v, requires_grad=True, dtype=float, name=n) for n, v in (("x", x), ("w", w), ("b", b), ("y", y))]
    return (leaves[0] * leaves[1] + leaves[2] - leaves[3]) ** 2


@pytest.mark.parametrize(("made", "leaves"), [
    (line, [(1, 5, 1, 2), (0.25, -3.5, 1e-7, 12345678.5), (0, 0, 0, 0)]),
    (chosen, [(4.0,), (0.0,), (-1.0,)]),
    (wild, [(0.5, 1.5, -0.7), (-0.5, 0.3, 2.0), (2.0, 2.0, 2.0), (-1.0, 0.25, -1.0)]),
])  # fmt: skip
def test_sliders_agree_with_python(made: Any, leaves: Any, opened: Opened) -> None:
    with np.errstate(all="ignore"):
        page = opened(trace(made(*leaves[0])).to_html())
        press(page, "End")
        for values in leaves[1:]:
            seen = trace(made(*values))
            for leaf in (n for n in seen.nodes if n.op is None):
                page.fill(f"input[type=number][data-leaf={leaf.id}]", repr(leaf.value))
            assert page.evaluate(CARDS) == {n.id: [in_lines(n.value), in_lines(n.grad)] for n in seen.nodes}


def test_a_slider_moves_the_formulas_too(opened: Opened) -> None:
    page = opened(trace(regression()).to_html())
    press(page, "ArrowRight", 11)
    page.fill("input[type=range][data-leaf=v2]", "-3")
    assert page.locator("article.now h2").inner_text() == "v₁ receives (−8) × (−3) = 24 from v₃"
    shown = [re.sub(r"\s", "", m) for m in page.locator("article.now math").all_text_contents()]
    assert shown[2:] == ["(−8)×(−3)=24", "P1=24"]
    assert page.evaluate(LAYOUT) == []
    page.fill("input[type=number][data-leaf=v2]", "-1.234567e-105")
    assert page.locator("#n_v2 .number.value").text_content() == "−1.23457e−105"
    assert page.evaluate(LAYOUT) == []
    page.click("#reset")
    assert page.locator("article.now h2").inner_text() == "v₁ receives 8 × 5 = 40 from v₃"


def test_no_sliders_where_something_is_unknown(opened: Opened) -> None:
    x = Tensor(0.5, requires_grad=True, name="x")
    for loss in (autograd.erf(x), autograd.clip(x, None, 1.0), broadcast()):
        assert not opened(trace(loss).to_html()).locator("#sliders").is_visible()


# The exercise


def test_the_exercise_says_right_or_wrong(opened: Opened) -> None:
    page = opened(trace(regression()).exercise())
    assert page.locator("#score").inner_text() == "0 of 7"
    assert {v: grad for v, (_, grad) in page.evaluate(CARDS).items()} == {f"v{i}": ["?"] for i in range(1, 8)} | {
        "v8": ["1"]
    }
    first = page.locator("[data-asked=v7]")
    assert first.locator("label").inner_text() == "P⁷ = ∂L/∂v₇ = v₅ − y"
    assert not first.locator(".rule").is_visible()
    for answer, said in (
        ("3", "Not yet. Multiply the gradient that comes from above by the local derivative."),
        ("-8", "Not yet: the sign is the other way round."),
        ("", "Write a number, such as −8 or 0.036."),
        ("16/2", "Right."),
    ):
        first.locator("input").fill(answer)
        press(page, "Enter")
        assert first.locator(".verdict").inner_text() == said
    assert first.locator(".rule").is_visible()
    assert re.sub(r"\s", "", first.locator(".locally math").text_content()) == "∂L∂v7=2⁢v7=2·4=8"
    assert page.evaluate(CARDS)["v7"] == [["4"], ["8"]]
    assert page.evaluate(MESSAGES)["e6"] == "1 × 8 = 8"
    page.locator("[data-asked=v6] .tell").click()
    assert page.evaluate(CARDS)["v6"] == [["2"], ["−8"]]
    assert page.locator("#score").inner_text() == "2 of 7"
    page.click("#n_v1")
    assert page.evaluate("document.activeElement.id") == "a_v1"


def test_a_forgotten_sum_and_a_matrix(opened: Opened) -> None:
    page = opened(trace(square()).exercise())
    page.fill("#a_v1", "3")
    press(page, "Enter")
    assert page.locator(".verdict").inner_text().startswith("Not yet: that is one of its messages.")
    page = opened(trace(broadcast()).exercise())
    page.fill("#a_v3", "[[1, 1, 1], [1, 1, 1]]")
    press(page, "Enter")
    assert page.locator("[data-asked=v3] .verdict").inner_text() == "Right."
    assert page.evaluate(LAYOUT) == []


# Without a layout, without a script, and for everyone


def test_without_graphviz_it_is_a_table(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    monkeypatch.setitem(sys.modules, "pygraphviz", None)
    page = opened(trace(regression()).to_html())
    press(page, "ArrowRight", 6)
    assert "Graphviz isn’t installed" in page.locator("main .note").inner_text()
    assert " ".join(page.locator("tr.now").inner_text().split()) == "L → v₇ 1 ∂L/∂v₇ = 2v₇ = 8 8 P⁷ = 8"
    page.click("[data-go='8']")
    assert page.locator("#where").inner_text() == "step 8 of 12"


def test_without_scripts_everything_is_there(opened: Opened) -> None:
    page = opened(trace(regression()).to_html(), java_script_enabled=False)
    assert page.locator("article h2").count() == 13
    assert page.locator("#n_v1 .number").all_text_contents() == ["1", "40"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_violations(scheme: str, opened: Opened) -> None:
    axe = os.environ.get("AXE_CORE", "")
    if not axe:
        pytest.skip("AXE_CORE is not set: npm install axe-core, then the path of its axe.min.js")
    code = Path(axe).read_text(encoding="utf-8")
    for text in (trace(regression()).to_html(), trace(regression()).exercise(), trace(layers()).to_html()):
        page = opened(text, color_scheme=scheme, bypass_csp=True)
        press(page, "ArrowRight", 7)
        page.click("summary")
        page.evaluate(code)
        found = page.evaluate("async () => (await axe.run()).violations")
        assert {v["id"]: [n["html"][:200] for n in v["nodes"]] for v in found} == {}
