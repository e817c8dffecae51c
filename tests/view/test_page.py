"""The stepper page as text: one safe, small file; what a browser makes of it is tested under tests/browser."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shutil
import sys
import xml.etree.ElementTree as ElementTree
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograd import Parameter, Tensor, Trace, trace
from autograd.primitives import registry
from autograd.primitives.notation import Expression, symbol
from autograd.view.mathml import MathML, letter, matrix
from autograd.view.stages import Script, stages
from autograd.view.tree import formula, tree
from tests.view.examples import EXAMPLES, broken, chain, layers, network, regression, square

HOSTILE = ['"><script>alert(1)</script>', "</script>", "<!--", "]]>", "&lt;b&gt;", "$title ${title}", "a\nb\x00c\u2028"]


class Page(HTMLParser):
    """The elements of a page, with their attributes and texts; void elements and mistakes in nesting included."""

    VOID = ("meta", "input")

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}
        self.open: list[str] = []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attributes: Any) -> None:
        self.found.append((tag, dict(attributes)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attributes: Any) -> None:
        self.found.append((tag, dict(attributes)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open:
            self.texts.setdefault(self.open[-1], []).append(data)

    @property
    def data(self) -> Any:
        return json.loads(self.texts["script"][0])


def digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


@pytest.mark.parametrize("example", EXAMPLES.values(), ids=EXAMPLES)
def test_the_page_is_one_file_under_a_strict_policy(example: Any) -> None:
    text = trace(example()).to_html()
    page = Page(text)
    policy = next(a["content"] for t, a in page.found if "http-equiv" in a)
    style, script = page.texts["style"][0], page.texts["script"][1]
    assert policy == (
        f"default-src 'none'; style-src '{digest(style)}'; script-src '{digest(script)}'; base-uri 'none'; "
        "form-action 'none'; require-trusted-types-for 'script'"
    )
    attributes = {name for _, found in page.found for name in found}
    assert not attributes & {"src", "href", "style", "action"}
    assert not [name for name in attributes if name.startswith("on")]
    assert "://" not in text
    assert not re.search(r"\b(eval|innerHTML|fetch|XMLHttpRequest|import)\b", script)


@pytest.mark.parametrize("example", EXAMPLES.values(), ids=EXAMPLES)
def test_the_same_record_gives_the_same_page(example: Any) -> None:
    seen = trace(example())
    assert Trace.from_json(seen.to_json()).to_html() == seen.to_html() == trace(example()).to_html()


def test_the_page_is_small() -> None:
    assert len(trace(regression()).to_html().encode()) <= 100_000


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("exercise", [False, True])
def test_a_name_is_only_text(name: str, exercise: bool) -> None:
    x, w = Tensor(2.0, requires_grad=True, name=name), Parameter(3.0, name="w")
    loss = x * w
    loss.name = name
    seen = trace(loss, title=name)
    plain = Parameter(2.0, name="plain") * w
    plain.name = "plain"
    text = seen.exercise() if exercise else seen.to_html()
    usual = trace(plain, title="plain")
    tags = [t for t, _ in Page(text).found]
    assert set(tags) <= {t for t, _ in Page(usual.exercise() if exercise else usual.to_html()).found}
    assert tags.count("script") == 2
    shown = " ".join("".join(c if c.isprintable() else " " for c in name).split())
    assert Page(text).data["nodes"]["v1"]["label"] == f"v₁ {shown}"
    assert Page(text).texts["bdi"][0] == shown


def test_save_writes_the_page(tmp_path: Path) -> None:
    seen = trace(regression())
    seen.save(tmp_path / "page.html")
    assert (tmp_path / "page.html").read_text(encoding="utf-8") == seen.to_html()


def test_a_page_without_gradients() -> None:
    text = trace(Tensor(1.0, name="x") + 1.0).to_html()
    assert "no gradients: nothing here was computed from a tensor with requires_grad=True" in text
    assert [step["kind"] for step in Page(text).data["steps"]] == ["start"]
    assert "Nothing to ask" in trace(Tensor(1.0)).exercise()


def test_a_folded_graph_has_its_banner() -> None:
    seen = trace(chain(1000))
    assert f'<p class="note">{seen.notes[0]}</p>' in seen.to_html()
    assert f"of {seen.count:,} nodes" in seen.notes[0]


def test_without_graphviz(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    monkeypatch.setitem(sys.modules, "pygraphviz", None)
    text = trace(regression()).to_html()
    assert "<svg" not in text
    assert "No picture here: Graphviz isn’t installed" in text
    assert '<details id="ledger" open>' in text


# The steps


def test_the_steps_of_the_regression() -> None:
    assert [(s.kind, s.node, s.edge) for s in stages(trace(regression()))] == [
        ("start", "v8", None), *(("value", v, None) for v in ("v3", "v5", "v7", "v8")), ("seed", "v8", None),
        ("message", "v7", 6), ("message", "v5", 4), ("message", "v6", 5), ("message", "v3", 2), ("message", "v4", 3),
        ("message", "v1", 0), ("message", "v2", 1),
    ]  # fmt: skip


def test_several_messages_end_in_a_sum() -> None:
    assert [s.kind for s in stages(trace(square()))] == ["start", "value", "seed", "message", "message", "sum"]


def letters_of(text: str) -> str:
    """Read MathML as a line, a fraction as ``a/b``."""
    root = ElementTree.fromstring(text[text.index("<math") : text.index("</math>") + 7])

    def read(element: ElementTree.Element) -> str:
        parts = [read(child) for child in element]
        return "/".join(parts) if element.tag == "mfrac" else (element.text or "") + "".join(parts)

    return read(root)


def test_the_panel_in_symbols_and_in_numbers() -> None:
    seen = trace(regression())
    plan = stages(seen)
    script = Script(seen, plan)
    said = {s.node: {name: letters_of(shown) for name, shown in script.rows(s)} for s in plan if s.kind == "message"}
    assert said["v7"] == {
        "the rule": "P8·∂L/∂v7", "locally": "∂L/∂v7=2\u2062v7=2·4=8", "the message": "1×8=8", "the gradient": "P7=8",
    }  # fmt: skip
    assert said["v6"] == {
        "the rule": "P7·∂v7/∂v6", "locally": "∂v7/∂v6=−1", "the message": "8×(−1)=−8", "the gradient": "P6=−8",
    }  # fmt: skip
    made = {s.node: {name: letters_of(shown) for name, shown in script.rows(s)} for s in plan if s.kind == "value"}
    assert made["v5"] == {"the rule": "v5=v3+b", "with numbers": "v5=5+1=6"}


def test_the_panel_of_a_matrix() -> None:
    seen = trace(EXAMPLES["matrices"]())
    plan = stages(seen)
    script = Script(seen, plan)
    rules = {s.node: letters_of(dict(script.rows(s))["the rule"]) for s in plan if s.kind == "message"}
    assert rules["v3"] == "P4·∂v4/∂v3=P4⊙(1−v42)"
    assert rules["v1"] == "P3·∂v3/∂v1=P3·B⊤"
    assert "(784,64)·(64,128) → (784,128)" in trace(layers()).to_html()


@pytest.mark.parametrize("example", [network, broken, EXAMPLES["chosen"], EXAMPLES["reductions"]])
def test_every_formula_is_well_formed(example: Any) -> None:
    found = re.findall(r"<math.*?</math>", trace(example()).to_html(), re.S)
    assert len(found) > 20
    for text in found:
        ElementTree.fromstring(text)


# Formulas as data and as MathML


@pytest.mark.parametrize("name", [n for n, p in registry.items() if p.kind == "elementwise" and not p.internal])
def test_every_derivative_goes_to_data_and_back(name: str) -> None:
    primitive = registry[name]
    letters = {o: symbol(f"v{i}") for i, o in enumerate(primitive.operands, start=1)}
    for position, rule in enumerate(primitive.rules):
        if isinstance(rule, str):
            continue
        made = primitive.formula(position, letters, symbol("v9"))
        data = json.loads(json.dumps(tree(made)))
        back = formula(data)
        assert data is not None
        assert tree(back) == data
        ElementTree.fromstring(f"<math>{MathML({}).write(back)}</math>")


def test_mathml_has_the_parentheses_it_needs() -> None:
    a, b = symbol("a"), symbol("b")

    def line(made: Any) -> str:
        return letters_of(f"<math>{MathML({}).write(made)}</math>")

    assert line(a - (b - 1)) == "a−(b−1)"
    assert line((a + b) * a) == "(a+b)·a"
    assert line(a * -b) == "a·(−b)"
    assert line((a * b) ** 2) == "(a·b)2"
    assert line(1 / (2 * a)) == "1/2\u2062a"
    assert line(1e-9 * a) == "1·10−9·a"
    assert line(a > 0) == "a>0"
    assert line(3 * (a > 0)) == "3·[a>0]"
    assert line(Expression("where", (a > 0, a, b))) == "aif a>0belse"
    assert line(Expression("where", (a > 0, 1, 0))) == "[a>0]"


def test_letters_and_arrays_in_mathml() -> None:
    assert letter("w₁₂") == "<msub><mi>w</mi><mn>12</mn></msub>"
    assert letter("₁") == "<mi>₁</mi>"
    assert letter("<b>") == "<mi>&lt;b&gt;</mi>"
    assert matrix([1.0, -2.5]).count("<mtd>") == 2
    assert matrix([[1.0], [np.inf]]).count("<mtr>") == 2


# The exercise


def test_an_exercise_shows_no_answer_before_it_is_asked() -> None:
    page = Page(trace(regression()).exercise())
    shown = {a["data-held"]: text for (tag, a), text in zip(held(page), texts_held(page), strict=True)}
    assert {shown[f"grad:v{i}:0"] for i in range(1, 8)} == {"?"}
    assert {text for key, text in shown.items() if key.startswith(("message", "upstream", "times"))} == {"?"}
    assert page.data["answers"]["v1"]["P"] == 40.0
    assert [step["kind"] for step in page.data["steps"]] == ["start", *["value"] * 4, "seed"]


def held(page: Page) -> list[Any]:
    return [(tag, a) for tag, a in page.found if tag == "tspan" and "data-held" in a]


def texts_held(page: Page) -> list[str]:
    names = [a for tag, a in page.found if tag == "tspan"]
    return [text for a, text in zip(names, page.texts["tspan"], strict=True) if "data-held" in a]


def test_what_is_too_long_to_write_is_not_asked() -> None:
    text = trace(layers()).exercise()
    assert "<form" not in text
    assert "Nothing to ask: no gradient here is short enough to write down." in text
    assert Page(text).data == Page(trace(layers()).to_html()).data
    few = Page(trace(EXAMPLES["broadcast"]()).exercise())
    assert set(few.data["answers"]) == {"v1", "v2", "v3", "v4", "v5"}


def test_a_box_says_what_is_inside() -> None:
    text = trace(chain(500)).to_html()
    assert '<text class="part"' in text
    assert "a box, computes" in text
