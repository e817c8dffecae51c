"""The ledger as text, Markdown and LaTeX."""

from __future__ import annotations

import re
import unicodedata

import numpy as np
import pytest

import autograd
from autograd import Tensor, trace
from autograd.errors import ArgumentError
from tests.view.examples import EXAMPLES, broadcast, broken, chain, chosen, matrices, regression, tangle

REGRESSION = """\
L = (x·w + b − y)²

Forward
  node  kind                   value
  ────  ───────────  ────────  ─────
  v₁    input        x             1
  v₂    parameter    w             5
  v₃    computation  = x · w       5
  v₄    parameter    b             1
  v₅    computation  = v₃ + b      6
  v₆    input        y             2
  v₇    computation  = v₅ − y      4
  L     output       = v₇²        16

Backward: upstream × local = message, gradient = Σ messages
  edge      upstream  local                message        running sum
  ────────  ────────  ────────────────  ─  ─────────────  ───────────
  seed → L                                 1              P⁸ = 1
  L → v₇           1  ∂L/∂v₇ = 2v₇ = 8  ✓  1 × 8 = 8      P⁷ = 8
  v₇ → v₅          8  ∂v₇/∂v₅ = 1       ✓  8 × 1 = 8      P⁵ = 8
  v₇ → v₆          8  ∂v₇/∂v₆ = −1      ✓  8 × (−1) = −8  P⁶ = −8
  v₅ → v₃          8  ∂v₅/∂v₃ = 1       ✓  8 × 1 = 8      P³ = 8
  v₅ → v₄          8  ∂v₅/∂v₄ = 1       ✓  8 × 1 = 8      P⁴ = 8
  v₃ → v₁          8  ∂v₃/∂v₁ = w = 5   ✓  8 × 5 = 40     P¹ = 40
  v₃ → v₂          8  ∂v₃/∂v₂ = x = 1   ✓  8 × 1 = 8      P² = 8

✓: the local derivative agrees with a central difference
"""

LATEX = r"""% \usepackage{amsmath,booktabs}
% v₂ = x·x
\begin{tabular}{lllr}
\toprule
node & kind &  & value \\
\midrule
$v_{1}$ & $\text{input}$ & $x$ & $3$ \\
$v_{2}$ & $\text{output}$ & $= x \cdot x$ & $9$ \\
\bottomrule
\end{tabular}

\begin{tabular}{lrlll}
\toprule
edge & upstream & local & message & running sum \\
\midrule
$\text{seed} \to v_{2}$ &  &  & $1$ & $P^{2} = 1$ \\
$v_{2} \to v_{1}$ & $1$ & $\frac{\partial v_{2}}{\partial v_{1}} = x = 3$ & $1 \times 3 = 3$ & $P^{1} = 3$ \\
$v_{2} \to v_{1}$ & $1$ & $\frac{\partial v_{2}}{\partial v_{1}} = x = 3$ & $1 \times 3 = 3$ & $P^{1} = 6$ \\
\bottomrule
\end{tabular}
"""


def test_regression() -> None:
    assert trace(regression()).table() == REGRESSION


def test_show_prints_it(capsys: pytest.CaptureFixture[str]) -> None:
    regression().show()  # type: ignore[attr-defined]  # methods of the registry are in the stub
    assert capsys.readouterr().out == REGRESSION


def test_latex() -> None:
    x = Tensor(3.0, requires_grad=True, name="x")
    assert trace(x * x).table("latex") == LATEX


@pytest.mark.parametrize("example", EXAMPLES.values(), ids=EXAMPLES)
def test_latex_is_plain_ascii_and_balanced(example: object) -> None:
    """What pdflatex takes: no sign that needs another engine, braces and dollars in pairs, five cells to a row."""
    text = "\n".join(line for line in trace(example()).table("latex").splitlines() if line[0:1] != "%")  # type: ignore[operator]
    assert text.isascii(), [c for c in text if not c.isascii()]
    for row in text.splitlines():
        plain = re.sub(r"\\[{}$&%_#]", "", row)
        plain = re.sub(r"\\begin\{cases\}.*?\\end\{cases\}", "", plain)
        assert plain.count("{") == plain.count("}")
        assert plain.count("$") % 2 == 0
        assert plain.count(r"\left") == plain.count(r"\right")
        if row.endswith(r"\\"):
            assert plain.count("&") in (3, 4)


def test_markdown_rows_have_one_number_of_cells() -> None:
    x = Tensor(-2.0, requires_grad=True, name="a|b")
    text = trace(abs(x)).table("markdown")
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert [len(re.split(r"(?<!\\)\|", row)) for row in rows] == [6, 6, 6, 6, 8, 8, 8, 8]
    assert "| v₂ | output | = \\|v₁\\| | 2 |" in rows


def test_markdown_takes_no_markup_from_names() -> None:
    x = Tensor(1.0, requires_grad=True, name="<b>[x](http://y)*`_ $1$\n# h")
    text = trace(x * 2).table("markdown")
    assert "&lt;b&gt;[x]&#40;http://y)\\*\\`\\_ \\$1\\$ \\# h |" in text
    assert "\n# h" not in text


def test_latex_takes_no_commands_from_names() -> None:
    x = Tensor(1.0, requires_grad=True, name=r"\input{x}$&%")
    text = trace(x * 2).table("latex")
    assert r"$\text{\textbackslash{}input\{x\}\$\&\%}$" in text


def test_latex_sets_signs_in_mathematics() -> None:
    """A command such as ``\\to`` within ``\\text`` would stop pdflatex."""
    x = Tensor(1.0, requires_grad=True, name="v̄₂ Linear(2 → 3) θ̂ é − …")
    assert r"\text{$\bar{v}$$_{2}$ Linear(2 $\to$ 3) $\hat{\theta}$ é - $\ldots$}" in trace(x * 2).table("latex")


@pytest.mark.parametrize("example", EXAMPLES.values(), ids=EXAMPLES)
@pytest.mark.parametrize("width", [80, 200])
def test_the_text_fits_a_terminal(example: object, width: int) -> None:
    seen = trace(example())  # type: ignore[operator]
    lines = seen.table(width=width).splitlines()
    assert max(map(columns, lines)) <= width
    wide = "\n".join(seen.table().splitlines()).split("Backward", 1)[-1]
    sums = re.findall(r"P[⁰¹²³⁴⁵⁶⁷⁸⁹]+ = .*$", wide, flags=re.MULTILINE)
    assert sums == re.findall(r"P[⁰¹²³⁴⁵⁶⁷⁸⁹]+ = .*$", "\n".join(lines).split("Backward", 1)[-1], flags=re.MULTILINE)


def test_a_narrow_text_has_messages_under_their_local_derivatives() -> None:
    lines = trace(regression()).table(width=60).splitlines()
    at = lines.index(next(line for line in lines if "∂v₇/∂v₆" in line))
    assert [" ".join(line.split()) for line in lines[at : at + 2]] == [
        "v₇ → v₆ ∂v₇/∂v₆ = −1 ✓",
        "8 × (−1) = −8 P⁶ = −8",
    ]


def columns(line: str) -> int:
    return sum(not unicodedata.combining(c) for c in line)


def test_tensors_are_told_by_rule_and_jacobian() -> None:
    text = trace(matrices()).table()
    assert "∂v₃/∂v₁: Ḡ·Bᵀ" in text
    assert "∂v₄/∂v₃ = diag(1 − v₄²)" in text
    assert "Ḡ: upstream" in text
    assert "∂v₃/∂v₂ = a, Σ over axis 0" in trace(broadcast()).table()


def test_what_is_odd_is_said() -> None:
    assert "(path not taken)" in trace(chosen()).table()
    assert "NaN" in trace(broken()).table()
    assert "kink: left and right differ" in trace(autograd.relu(Tensor(0.0, requires_grad=True))).table()
    assert "seeded with ones" in trace(Tensor([1.0, 2.0], requires_grad=True) * 2).table()


def test_a_big_graph_is_shown_in_part() -> None:
    text = trace(tangle(1000)).table()
    assert f"of {trace(tangle(1000)).count:,} nodes: boxes stand for several" in text
    assert "more" in text
    assert "… → v₁" in text


def test_a_repetition_is_one_row() -> None:
    text = trace(chain(1000)).table()
    assert "showing 4 of 1,002 nodes: boxes stand for several" in text
    assert "v₁₀₀₁  group      = 999 × (multiply)      1" in text
    row = next(line.split() for line in text.splitlines() if "v₁₀₀₁ → v₂" in line)
    assert row == ["v₁₀₀₁", "→", "v₂", "Σ", "=", "999", "P²", "=", "1000"]


def test_numbers_line_up_beside_wide_and_combining_letters() -> None:
    x = Tensor([1.0, 2.0], requires_grad=True, name="数x̄")
    lines = trace((x * np.array([3.0, 4.0])).sum()).table().splitlines()
    start = lines.index("Forward") + 1
    rows = lines[start : lines.index("", start)]
    assert rows[2] == "  v₁    input        数x̄        [1, 2]"
    assert rows[3] == "  v₂    input                   [3, 4]"


def test_another_form_is_refused() -> None:
    with pytest.raises(ArgumentError, match="'text', 'markdown' or 'latex'"):
        trace(regression()).table("html")
