"""Heat: how large gradients are, in powers of ten, in words and in colour; badges for what must not be overlooked."""

from __future__ import annotations

import math

import numpy as np
import pytest

import autograd
from autograd import Parameter, Tensor, scope, trace
from autograd.view.heat import TINTS, WORDS, size, tint, word
from tests.view.examples import broken, regression
from tests.view.test_picture import groups, picture, texts


def fading(factor: float, layers: int = 4) -> Tensor:
    y = Tensor(1.0, requires_grad=True, name="x")
    for k in range(layers):
        with scope(f"layer{k}", "Scale"):
            y = y * Parameter(factor, name=f"w{k}")
    y.name = "y"
    return y


def test_words() -> None:
    seen = {row.label: row.word for row in trace(fading(1e-3)).heat().nodes}
    assert seen["v₁ x"] == "vanishing"
    assert seen["y = v₇ · w3"] == ""
    assert trace(fading(1e3)).heat().nodes[-1].word == "exploding"
    dead = trace(autograd.relu(Tensor(-1.0, requires_grad=True)) * 2.0).heat()
    assert [row.word for row in dead.nodes] == ["", "", "zero"]
    assert trace(broken()).heat().nodes[-1].word == "not finite"


def test_powers_of_ten() -> None:
    powers = {row.label: row.power for row in trace(fading(1e-3)).heat().nodes}
    assert (powers["v₁ x"], powers["v₂ w0"]) == ("−12", "−9")


def test_layers_have_rows_of_their_own() -> None:
    layers = trace(fading(0.1)).heat().layers
    assert [(row.label, row.norms) for row in layers] == [
        (f"layer{k} Scale", (pytest.approx(10.0 ** (k - 3 - k)),)) for k in (3, 2, 1, 0)
    ]


def test_a_box_goes_from_its_least_to_its_largest() -> None:
    y = fading(0.5, 100)
    row = next(r for r in trace(y, collapse=True).heat().nodes if "×" in r.label)
    assert row.word == "vanishing"
    assert row.norms[0] == pytest.approx(0.5**99)


def test_relative_to_the_seed() -> None:
    loss = Tensor(3.0, requires_grad=True) * 2.0
    assert [row.word for row in trace(loss, gradient=1e-9).heat().nodes] == ["", ""]


def test_the_text_says_it_all() -> None:
    text = str(trace(fading(1e-3)).heat())
    assert "by layer" in text
    assert text.endswith("6 vanishing\n")
    assert "every gradient is finite" in str(trace(regression()).heat())


def test_size_of_what_a_record_holds() -> None:
    assert size(None) is None
    assert size(-2.0) == 2.0
    assert math.isnan(size([1.0, math.inf]) or 0.0)
    assert size({"norm": 3.0, "nonfinite": 0}) == 3.0


def test_colours() -> None:
    assert tint(None) == "#FFFFFF"
    assert [tint(n) for n in (math.nan, 0.0, 1e-9, 1e9)] == [fill for fill, _ in WORDS.values()]
    assert len({tint(10.0**p) for p in range(-8, 6)}) >= 5
    svg = picture(trace(fading(1e-3)), "heat")
    assert "vanishing" in " ".join(texts(groups(svg, "node")["n_v1"]))


def luminance(colour: str) -> float:
    parts = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


@pytest.mark.parametrize(("fill", "ink"), [*((fill, "#1B1F24") for _, fill in TINTS), *WORDS.values()])
def test_contrast(fill: str, ink: str) -> None:
    light, dark = sorted((luminance(fill), luminance(ink)), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 4.5


def test_badges() -> None:
    cards = groups(picture(trace(broken())), "node")
    assert texts(cards["n_v1"])[-1] == "gradient not finite"
    assert texts(cards["n_v3"])[-1] == "value not finite"
    assert texts(groups(picture(trace(fading(1e-3))), "node")["n_v1"])[-1] == "gradient vanishing"
    assert not any(
        "gradient" in t for card in groups(picture(trace(regression())), "node").values() for t in texts(card)
    )


def test_word_at_the_thresholds() -> None:
    assert [word(n) for n in (1e-6, 0.99e-6, 1e3, 1.01e3)] == ["", "vanishing", "", "exploding"]
