"""The shell: commands, exit codes, and one clear text for whatever goes wrong."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest

from autograd.cli import demo, explain
from autograd.cli.main import main

REGRESSION = ["(x*w + b - y)**2", "x=1", "w=5", "b=1", "y=2", "--parameters", "w,b"]

LEDGER = """\
v₈ = (x·w + b − y)²

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
  v₈    output       = v₇²        16
"""


def explained(capsys, *arguments):
    assert main(["explain", *arguments]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    return out


def refused(capsys, *arguments):
    assert main([*arguments]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "Traceback" not in err
    return err


def test_the_regression_s_ledger(capsys):
    out = explained(capsys, *REGRESSION)
    assert out.startswith(LEDGER)
    backward = out.partition("Backward")[2]
    for part in ("8 × 5 = 40", "P¹ = 40", "8 × (−1) = −8", "∂v₃/∂v₁ = w = 5", "∂v₈/∂v₇ = 2v₇ = 8", "P⁷ = 8"):
        assert part in backward


def test_options_and_operands_come_in_any_order(capsys):
    assert explained(capsys, *REGRESSION[:2], "--parameters", "b,w", "y=2", "b=1", "w=5") == explained(
        capsys, *REGRESSION
    )


def test_the_output_s_name_is_in_the_ledger(capsys):
    out = explained(capsys, "L = (x·w + b − y)²", *REGRESSION[1:])
    assert "∂L/∂v₇ = 2v₇ = 8" in out


def test_an_expression_may_start_with_a_minus(capsys):
    assert "P¹ = 6" in explained(capsys, "-x**2", "x=-3")


def test_the_page_and_the_exercise(capsys, tmp_path):
    page, exercise = tmp_path / "page.html", tmp_path / "exercise.html"
    explained(capsys, *REGRESSION, "--html", str(page))
    explained(capsys, *REGRESSION, "--html", str(exercise), "--exercise")
    assert "v₇ receives" in page.read_text(encoding="utf-8")
    assert "Your turn" in exercise.read_text(encoding="utf-8")


def test_the_page_is_opened(capsys, tmp_path, monkeypatch):
    opened = []
    monkeypatch.setattr(explain.webbrowser, "open", lambda url: opened.append(url) or True)
    monkeypatch.setattr(explain.tempfile, "tempdir", str(tmp_path))
    explained(capsys, *REGRESSION, "--open")
    explained(capsys, *REGRESSION, "--open", "--html", str(tmp_path / "page.html"))
    (temporary,) = tmp_path.glob("explain-*.html")
    assert opened == [temporary.as_uri(), (tmp_path / "page.html").as_uri()]
    assert temporary.read_bytes() == (tmp_path / "page.html").read_bytes()
    monkeypatch.setattr(explain.webbrowser, "open", lambda url: False)
    assert "no browser to open here: the page is" in explained(capsys, *REGRESSION, "--open")


def test_every_file_is_written(capsys, tmp_path):
    paths = {name: tmp_path / f"picture{suffix}" for name, suffix in explain.FILES.items()}
    out = explained(capsys, *REGRESSION, *(a for name, path in paths.items() for a in (f"--{name}", str(path))))
    assert all(f"wrote {path}" in out for path in paths.values())
    assert paths["svg"].read_text(encoding="utf-8").rstrip().endswith("</svg>")
    assert paths["png"].read_bytes().startswith(b"\x89PNG")
    assert "digraph" in paths["dot"].read_text(encoding="utf-8")
    assert [n["grad"] for n in json.loads(paths["json"].read_text(encoding="utf-8"))["nodes"]] == [
        40,
        8,
        8,
        8,
        8,
        -8,
        8,
        1,
    ]
    assert "\\begin" in paths["latex"].read_text(encoding="utf-8")
    assert "| v₁" in paths["markdown"].read_text(encoding="utf-8")


def test_the_jacobian(capsys):
    assert (
        explained(capsys, "--jacobian", "y = W@x + b", "W=[[1,2],[3,4]]", "x=[5,-6]", "b=1")
        == """\
∂y/∂W, shape (2,) + (2, 2) =
  [[[ 5., −6.],
    [ 0.,  0.]],

   [[ 0.,  0.],
    [ 5., −6.]]]

∂y/∂x, shape (2,) + (2,) =
  [[1., 2.],
   [3., 4.]]

∂y/∂b, shape (2,) + () =
  [1., 1.]
"""
    )


def test_the_jacobian_of_one_number_by_another(capsys):
    assert explained(capsys, "L = -x*x*t", "x=3", "t=2", "--labels", "t", "--jacobian") == "∂L/∂x = −12\n"


def test_the_jacobian_is_printed_in_full(capsys):
    out = explained(capsys, "x*x", f"x={list(range(40))}", "--jacobian")
    assert "..." not in out
    assert out.count(".") == 40 * 40


def test_several_outputs_start_with_ones_and_say_so(capsys):
    out = explained(capsys, "x*x", "x=[1, 2]")
    assert "seeded with ones" in out
    assert "[2, 4]" in out


def test_labels_choose_and_get_no_gradient(capsys):
    out = explained(capsys, "cross_entropy(z, t)", "z=[[1, 2, 3], [0, 0, 5]]", "t=[0, 2]", "--labels", "t")
    assert "1.2105" in out


def test_values_that_are_not_finite_are_shown_without_a_warning(capsys):
    assert "−∞" in explained(capsys, "1/x", "x=0")
    assert "NaN" in explained(capsys, "x*nan", "x=1")
    assert "NaN" in explained(capsys, "mean(x)", "x=[]")
    assert explained(capsys, "L = 1/x", "x=0", "--jacobian") == "∂L/∂x = −∞\n"


GOLDEN = {
    ("explain", "x*quux(w)", "x=1", "w=5"): """\
ExpressionError in the expression
    x*quux(w)
      ^
  expected: a function of autograd
  got:      'quux'
  to do:    python -m autograd explain --help lists them
""",
    ("explain", "x + w", "x=1"): """\
ExpressionError in the expression
    x + w
        ^
  expected: a value for each name: x, w
  got:      none for 'w'
  to do:    add w=… after the expression
""",
    ("explain", "W @ x", "W=[[1, 2]]", "x=[1, 2, 3]", "--parameters", "V"): """\
ArgumentError in --parameters
  expected: names among W, x
  got:      'V'
  to do:    take it out, or use it in the expression
""",
    ("explain", "weight*x", "weight=1", "x=1", "wieght=1"): """\
ArgumentError in the operands
  expected: names among weight, x
  got:      'wieght'
  to do:    did you mean weight?
""",
    ("explain", "2 + 3"): """\
ExpressionError in the expression
    2 + 3
    ^
  expected: an expression that computes with a name
  got:      numbers alone
  to do:    write x for one of them, and add x=…
""",
    ("explain", "x > 2", "x=1"): """\
ExpressionError in the expression
    x > 2
    ^
  expected: an output that has a derivative
  got:      a comparison is True or False: it jumps and is constant in between
  to do:    leave out the last step
""",
    ("explain", "x", "x=1", "--svg", "picture.gif"): """\
ArgumentError in --svg picture.gif
  expected: a file name that ends in .svg
  got:      'picture.gif'
  to do:    write picture.gif.svg
""",
    ("explain", "x", "x=1", "--exercise"): """\
ArgumentError in --exercise
  expected: a page to make an exercise of
  got:      neither --html nor --open
  to do:    add --open
""",
    ("explain", "x", "x=1", "--bogus"): """\
ArgumentError in the command python -m autograd explain
  expected: its arguments
  got:      unrecognized arguments: --bogus
  to do:    see python -m autograd explain --help
""",
    ("explain", "x[1.5]", "x=1", "extra"): """\
ArgumentError in the operands
  expected: name=value, such as x=1 or x="[[1, 2], [3, 4]]"
  got:      'extra'
  to do:    give each operand a name, and put quotes around what holds spaces or brackets
""",
}


@pytest.mark.parametrize("arguments", GOLDEN)
def test_mistakes_have_four_parts_and_exit_code_2(capsys, arguments):
    assert refused(capsys, *arguments) == GOLDEN[arguments]


@pytest.mark.parametrize(
    "arguments",
    [
        ("exlain", "x"), ("explain",), ("explain", "x@y", "x=[1,2]", "y=[1,2,3]"),
        ("explain", "t", "t=1", "--labels", "t"),
        ("explain", "[1,2][0]"),
        ("explain", "sum(2, x > 1)", "x=[]"), ("explain", "pi"), ("explain", "x", "x=1", "x=2"), ("demo", "extra"),
        ("explain", "broadcast_to(x, (1000000, 1000000, 1000000)) * 1", "x=1"),
        ("explain", "broadcast_to(x, (1000000, 1000000, 1000000))", "x=1"),
    ],
)  # fmt: skip
def test_other_mistakes(capsys, arguments):
    assert refused(capsys, *arguments).count("\n") >= 4


def test_a_place_that_can_t_be_written(capsys, tmp_path):
    (tmp_path / "file").write_text("in the way")
    assert main(["explain", "x*x", "x=1", "--json", str(tmp_path / "nowhere" / "a.json")]) == 2
    assert "expected: a place that can be written" in capsys.readouterr().err
    assert main(["demo", "--out", str(tmp_path / "file")]) == 2
    assert "expected: a place that can be written" in capsys.readouterr().err


def test_help_lists_every_function(capsys):
    assert main([]) == 0
    assert "explain" in capsys.readouterr().out
    with pytest.raises(SystemExit, match="0"):
        main(["explain", "--help"])
    out = capsys.readouterr().out
    assert "logsumexp" in out
    assert "cross_entropy" in out


# In a process of its own


def shell(*arguments, **options):
    environment = os.environ | {"PYTHONIOENCODING": "utf-8", "PYTHONWARNINGS": "error"}
    return subprocess.run(
        [sys.executable, "-m", "autograd", *arguments],
        capture_output=True,
        env=environment,
        check=False,
        timeout=120,
        **options,
    )


def test_a_closed_pipe_is_silent():
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [sys.executable, "-m", "autograd", "explain", *REGRESSION],
        stdout=writer,
        stderr=subprocess.PIPE,
        check=False,
        timeout=60,
    )
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_terminal_without_the_signs_shows_question_marks():
    done = subprocess.run(
        [sys.executable, "-m", "autograd", "explain", *REGRESSION], capture_output=True, check=False, timeout=60,
        env=os.environ | {"PYTHONIOENCODING": "ascii"},
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"?" in done.stdout


@pytest.mark.skipif(os.name == "nt", reason="signals are sent by a Unix call")
def test_an_interrupt_is_one_line(tmp_path):
    script = (
        "import signal, sys; from autograd.cli import demo, main\n"
        "demo.product_of_a_sum = lambda: signal.raise_signal(signal.SIGINT)\n"
        "sys.exit(main.main(['demo', '--out', sys.argv[1]]))"
    )
    done = subprocess.run([sys.executable, "-c", script, str(tmp_path)], capture_output=True, check=False, timeout=60)
    assert done.returncode == 130
    assert done.stderr == b"\ninterrupted\n"


def test_importing_autograd_imports_no_shell():
    script = (
        "import sys, autograd; print([m for m in ('argparse', 'tqdm', 'hashlib', 'autograd.cli') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, text=True, timeout=60)
    assert done.stdout == "[]\n"


def test_the_demo(tmp_path):
    done = shell("demo", cwd=tmp_path)
    out = done.stdout.decode()
    assert done.returncode == 0, out
    assert b"Traceback" not in done.stderr
    accuracy = float(out.partition("test accuracy ")[2].partition("%")[0])
    assert accuracy >= 95
    assert out.count("✗") == (accuracy < 100)  # the one misread digit that is shown
    assert out.count("✓") > 35
    assert "every number agrees" in out
    names = {p.name for p in (tmp_path / "chain-rule-demo").iterdir()}
    stems = {"1-product-of-a-sum", "2-linear-regression", "3-sigmoid-network", "4-digits"}
    assert names == {s + suffix for s in stems for suffix in (".svg", ".png")}


def test_a_number_that_is_off_is_shown_and_fails(monkeypatch, capsys, tmp_path):
    right = demo.product_of_a_sum()
    wrong = right._replace(checks=[right.checks[0]._replace(printed="4"), *right.checks[1:]])
    monkeypatch.setattr(demo, "product_of_a_sum", lambda: wrong)
    monkeypatch.setattr(demo, "_learn", lambda folder: True)
    assert main(["demo", "--out", str(tmp_path)]) == 1
    out = capsys.readouterr().out
    assert "✗ q        4, got 3" in out
    assert "NOT every number agrees" in out


def test_the_demo_draws_nothing_where_nothing_can_draw(monkeypatch, capsys, tmp_path):
    from autograd.errors import MissingDependencyError
    from autograd.view.record import Trace

    saved = Trace.save

    def save(self, path):
        if path.suffix != ".dot":
            raise MissingDependencyError("save", "Graphviz", "none", "pip install pygraphviz")
        saved(self, path)

    monkeypatch.setattr(Trace, "save", save)
    monkeypatch.setattr(demo, "_learn", lambda folder: True)
    assert main(["demo", "--out", str(tmp_path)]) == 0
    assert "to draw it, pip install pygraphviz" in capsys.readouterr().out
    assert sorted(p.suffix for p in tmp_path.iterdir()) == [".dot"] * 3


def test_training_fits_what_it_is_shown():
    x, labels = np.eye(64, dtype=np.float32)[:40], np.arange(40) % 10
    read = demo._logits(x, *demo._trained(x, labels)).numpy().argmax(axis=1)
    np.testing.assert_array_equal(read, labels)


def test_the_hessian(capsys):
    assert main(["explain", "L = (x*w + b - y)**2", "x=1", "w=5", "b=1", "y=2", "--hessian"]) == 0
    out = capsys.readouterr().out
    # L = d² with d = 4: ∂²L/∂x² = 2w², ∂²L/∂x∂w = 2xw + 2d
    assert "∂²L/∂x² = 50\n" in out
    assert "∂²L/∂x∂w = 18\n" in out
    assert out.count("∂²L/") == 10


def test_the_hessian_wants_a_single_number(capsys):
    assert main(["explain", "tanh(x)", "x=[1, 2]", "--hessian"]) == 2
    assert capsys.readouterr().err == (
        "ExpressionError in the expression\n"
        "    tanh(x)\n"
        "    ^\n"
        "  expected: a single number, for its Hessian\n"
        "  got:      an output of shape (2,)\n"
        "  to do:    reduce it with sum(…)\n"
    )


def test_the_derivative_along_a_direction(capsys):
    assert main(["explain", "x**2 * w", "x=[1, 2]", "w=3", "--jvp", "x=[1, 0]", "--jvp", "w=2"]) == 0
    out = capsys.readouterr().out
    assert out == "the derivative of y, moving x by [1.0, 0.0], w by 2, shape (2,) =\n  [8., 8.]\n"


def test_a_direction_for_an_unknown_name(capsys):
    assert main(["explain", "x*w", "x=1", "w=2", "--jvp", "z=1"]) == 2
    assert "expected: names among x, w\n  got:      'z'" in capsys.readouterr().err
