"""The card picture: what is on it, what can't get into it, and how it is made on a machine without Graphviz."""

from __future__ import annotations

import re
import shutil
import stat
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograd import Parameter, Tensor, Trace, trace
from autograd.errors import ArgumentError, GraphError, MissingDependencyError
from autograd.view import render
from autograd.view.letters import clean
from tests.view.examples import EXAMPLES, chain, network, regression, square

SVG = "{http://www.w3.org/2000/svg}"
CRIMSON = "#a3154a"
HOSTILE = [
    "<script>alert(1)</script>",
    'a"];evil[label="b',
    "</TABLE>>]",
    "\\N \\G \\",
    "&amp;&lt;",
    "a\nb\x00",
    "<B>",
    '"><script>',
    "\u05d0\u05d1\u05d2 \u202e\u05d3",
    "🌲🌲 数",
]


def picture(seen: Trace, view: str = "both") -> ElementTree.Element:
    return ElementTree.fromstring(seen.draw(view).pipe("svg", encoding="utf-8"))


def texts(group: ElementTree.Element) -> list[str]:
    return [" ".join((t.text or "").split()) for t in group.iter(f"{SVG}text") if (t.text or "").strip()]


def groups(svg: ElementTree.Element, kind: str) -> dict[str, ElementTree.Element]:
    return {g.attrib["id"]: g for g in svg.iter(f"{SVG}g") if g.get("class") == kind}


def positions(seen: Trace) -> dict[str, tuple[float, float]]:
    rows = [line.split() for line in render.render(seen.draw().source, "plain").decode().splitlines()]
    return {row[1]: (float(row[2]), float(row[3])) for row in rows if row[0] == "node"}


# What is on it


def test_cards_of_the_regression() -> None:
    cards = groups(picture(trace(regression())), "node")
    assert {name: texts(card) for name, card in cards.items()} == {
        "n_v1": ["▸", "v₁", "x", "value", "1", "P¹ = ∂L/∂v₁", "40"],
        "n_v2": ["◆", "v₂", "w", "value", "5", "P² = ∂L/∂v₂", "8"],
        "n_v3": ["ƒ", "v₃", "= x · w", "value", "5", "P³ = ∂L/∂v₃", "8"],
        "n_v4": ["◆", "v₄", "b", "value", "1", "P⁴ = ∂L/∂v₄", "8"],
        "n_v5": ["ƒ", "v₅", "= v₃ + b", "value", "6", "P⁵ = ∂L/∂v₅", "8"],
        "n_v6": ["▸", "v₆", "y", "value", "2", "P⁶ = ∂L/∂v₆", "−8"],
        "n_v7": ["ƒ", "v₇", "= v₅ − y", "value", "4", "P⁷ = ∂L/∂v₇", "8"],
        "n_v8": ["★", "L", "= v₇²", "value", "16", "P⁸ = ∂L/∂L", "1"],
    }


def test_edges_of_the_regression() -> None:
    edges = groups(picture(trace(regression())), "edge")
    assert {name: texts(edge) for name, edge in edges.items()} == {
        "e_v1_v3_0": ["∂v₃/∂v₁ = w =", "5", "8 × 5 =", "40"],
        "e_v2_v3_1": ["∂v₃/∂v₂ = x =", "1", "8 × 1 =", "8"],
        "e_v3_v5_0": ["∂v₅/∂v₃ =", "1", "8 × 1 =", "8"],
        "e_v4_v5_1": ["∂v₅/∂v₄ =", "1", "8 × 1 =", "8"],
        "e_v5_v7_0": ["∂v₇/∂v₅ =", "1", "8 × 1 =", "8"],
        "e_v6_v7_1": ["∂v₇/∂v₆ =", "−1", "8 × (−1) =", "−8"],
        "e_v7_v8_0": ["∂L/∂v₇ = 2v₇ =", "8", "1 × 8 =", "8"],
    }


def test_the_course_colours() -> None:
    svg = picture(trace(regression()))
    cards = groups(svg, "node")
    fills = {name: next(p.get("fill") for p in card.iter(f"{SVG}path")) for name, card in cards.items()}
    assert [fills[f"n_v{i}"] for i in (1, 2, 3, 8)] == ["#d9e8ff", "#ffe0bf", "#fff3b8", "#ffe680"]


def test_crimson_is_for_gradients_alone() -> None:
    crimson = [t.text or "" for t in picture(trace(regression())).iter(f"{SVG}text") if t.get("fill") == CRIMSON]
    assert all(re.search(r"^P|×|gradient|^−?\d+$", text) for text in crimson), crimson
    assert "40" in crimson


def test_the_spine_is_one_horizontal() -> None:
    at = positions(trace(regression()))
    assert len({at[f"v{i}"][1] for i in (3, 5, 7, 8)}) == 1
    assert [at[f"v{i}"][0] for i in (3, 5, 7, 8)] == sorted(at[f"v{i}"][0] for i in (3, 5, 7, 8))


def test_two_uses_are_two_edges() -> None:
    assert set(groups(picture(trace(square())), "edge")) == {"e_v1_v2_0", "e_v1_v2_1"}


def test_a_constant_has_no_gradient() -> None:
    x = Tensor([1.0, 2.0], requires_grad=True)
    card = groups(picture(trace((np.array([3.0, 4.0]) * x).sum())), "node")["n_v1"]
    assert texts(card)[-2:] == ["P¹", "–"]


@pytest.mark.parametrize("example", EXAMPLES.values(), ids=EXAMPLES)
def test_every_example_is_drawn(example: Any) -> None:
    seen = trace(example())
    svg = picture(seen)
    assert len(groups(svg, "node")) == len(seen.nodes)
    assert len(groups(svg, "edge")) == len(seen.edges)


def test_the_dot_has_no_dpi_and_no_subscript_tags() -> None:
    text = trace(network()).draw().source
    assert "dpi" not in text
    assert "<SUB>" not in text
    assert "<SUP>" not in text


def test_a_collapsed_graph_says_so() -> None:
    svg = picture(trace(chain(1000)))
    assert "showing 4 of 1,002 nodes: boxes stand for several" in texts(svg)
    assert texts(groups(svg, "node")["n_v1001"])[:4] == ["▣", "v₁₀₀₁", "×999", "multiply"]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_is_only_text(name: str) -> None:
    x, w = Tensor(2.0, requires_grad=True, name=name), Parameter(3.0, name="w")
    loss = x * w
    loss.name = name
    svg = picture(trace(loss, title=name))
    shown = clean(name)
    cards = groups(svg, "node")
    assert set(cards) == {"n_v1", "n_v2", "n_v3"}
    assert shown in texts(cards["n_v1"])
    assert shown in texts(cards["n_v3"])
    tip = next(a for a in cards["n_v1"].iter(f"{SVG}a")).attrib["{http://www.w3.org/1999/xlink}title"]
    assert tip.splitlines()[0] == f"v₁ {shown}"
    tags = {e.tag.removeprefix(SVG) for e in svg.iter()}
    assert tags <= {"svg", "g", "title", "polygon", "path", "text", "a", "polyline"}


# How it is made


@pytest.mark.parametrize(("form", "start"), [("svg", b"<?xml"), ("png", b"\x89PNG"), ("pdf", b"%PDF")])
def test_pictures_need_no_program(form: str, start: bytes, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", "")
    seen = trace(regression())
    seen.save(tmp_path / f"trace.{form}")
    assert (tmp_path / f"trace.{form}").read_bytes().startswith(start)
    assert seen.draw().pipe(form).startswith(start)


def program(folder: Path, body: str) -> None:
    path = folder / "dot"
    path.write_text(f"#!{sys.executable}\nimport sys, time\n{body}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


def test_the_system_program_comes_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program(tmp_path, "print(sys.argv[1], sys.stdin.readline().strip())")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert render.render("digraph {}\n", "svg") == b"-Tsvg digraph {}\n"


def test_a_layout_that_fails(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program(tmp_path, "sys.exit('syntax error in line 1')")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(GraphError, match=r"got:      syntax error in line 1"):
        render.render("digraph", "svg")


def test_a_layout_that_takes_too_long(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program(tmp_path, "time.sleep(60)")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(render, "TIMEOUT", 0.05)
    with pytest.raises(GraphError, match=r"fold it: autograd\.trace\(t, collapse=True\)"):
        render.render("digraph {}", "svg")


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine with neither the program nor the package."""
    monkeypatch.setattr(shutil, "which", lambda name: None)
    monkeypatch.setitem(sys.modules, "pygraphviz", None)


MISSING = """\
in drawing a picture as png
  expected: Graphviz: the program `dot`, or the package pygraphviz, whose wheels carry it
  got:      neither
  to do:    apt install graphviz (brew, choco), or pip install pygraphviz; .dot .json .md .tex .txt need neither"""


@pytest.mark.usefixtures("bare")
def test_nothing_that_draws(tmp_path: Path) -> None:
    with pytest.raises(MissingDependencyError) as caught:
        trace(regression()).save(tmp_path / "trace.png")
    assert str(caught.value) == MISSING


@pytest.mark.usefixtures("bare")
@pytest.mark.parametrize("suffix", ["dot", "json", "md", "tex", "txt"])
def test_what_needs_no_graphviz(suffix: str, tmp_path: Path) -> None:
    seen = trace(regression())
    seen.save(str(tmp_path / f"trace.{suffix}"))
    expected = {"dot": seen.draw().source, "json": seen.to_json(), "md": seen.table("markdown"),
                "tex": seen.table("latex"), "txt": seen.table()}  # fmt: skip
    assert (tmp_path / f"trace.{suffix}").read_text(encoding="utf-8") == expected[suffix]


@pytest.mark.usefixtures("bare")
def test_a_notebook_never_fails() -> None:
    loss = regression()
    assert set(loss._repr_mimebundle_()) == {"text/plain"}  # type: ignore[attr-defined]
    seen = trace(loss)
    assert seen.draw()._repr_mimebundle_()["text/plain"].endswith(MISSING.replace("png", "svg"))
    assert seen._repr_mimebundle_() == {"text/plain": seen.table()}


def test_a_notebook_shows_the_picture() -> None:
    loss = regression()
    assert loss._repr_mimebundle_()["image/svg+xml"] == trace(loss).draw()._repr_mimebundle_()["image/svg+xml"]  # type: ignore[attr-defined]
    assert trace(loss)._repr_mimebundle_()["image/svg+xml"] == trace(loss).draw()._repr_mimebundle_()["image/svg+xml"]
    for plain in (Tensor(1.0), Parameter(1.0), chain(100)):
        assert set(plain._repr_mimebundle_()) == {"text/plain"}  # type: ignore[attr-defined]


def test_render_writes_beside_the_dot(tmp_path: Path) -> None:
    drawn = trace(regression()).draw()
    assert drawn.render("loss", directory=tmp_path, format="png") == str(tmp_path / "loss.png")
    assert (tmp_path / "loss").read_text(encoding="utf-8") == drawn.source
    assert drawn.render(outfile=tmp_path / "other.svg", cleanup=True) == str(tmp_path / "other.svg")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["loss", "loss.png", "other.svg"]


def test_another_suffix_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match=r"a file name ending in \.dot \.json \.svg \.png \.pdf \.md \.tex \.txt"):
        trace(regression()).save(tmp_path / "trace.docx")
