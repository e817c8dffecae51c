"""What is printed is what is computed: every formula, as a tree and as text, against the rule."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose

from autograd.primitives import Primitive, notation, registry
from autograd.primitives.domain import CONDITION
from autograd.primitives.notation import LaTeX, Unicode, number, subscript, superscript, symbol
from tests.primitives.sampling import DIFFERENTIABLE, ELEMENTWISE, Call, every, gradients, rng

FUNCTIONS = {n: p for n, p in registry.items() if not hasattr(np, n)}

_TO_PYTHON = [
    (r"[⁻⁰¹²³⁴-⁹]+", lambda m: "**" + m[0].translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789"))),
    (r"√\(", "sqrt("),
    (r"√(\w+(\([^()]*\))?)", r"sqrt(\1)"),
    (r"\|([^|]*)\|", r"abs(\1)"),
    (r"\[", "iverson("),
    (r"\]", ")"),
    (r"(?<![\w.])([\d.]*[\d½¼¾])(?=[^\W\d_])", r"\1*"),
    ("½", "0.5"), ("¼", "0.25"), ("¾", "0.75"),
    ("·", "*"), ("−", "-"), (r"\^", "**"), ("≥", ">="), ("≤", "<="), ("≠", "!="), (" = ", " == "), ("∞", "inf"),
    ("¬", "not "), ("∧", "and"), ("∨", "or"),
]  # fmt: skip
_NAMES = FUNCTIONS | {n: getattr(np, n) for n in dir(np) if not n.startswith("_")} | {
    p.notation.symbol: p for p in FUNCTIONS.values() if p.notation.form == "function"
} | {
    "ln": np.log,
    "iverson": float, "abs": abs, "not": np.logical_not,
}  # fmt: skip


def python(text: str) -> str:
    """Translate a printed formula to Python."""
    for pattern, replacement in _TO_PYTHON:
        text = re.sub(pattern, replacement, text)
    return text


def points(primitive: Primitive) -> list[dict[str, Any]]:
    """Draw some values of the operands, one number each, with the output's."""
    random = rng(primitive.name)
    drawn = []
    for _ in range(5):
        operands = [d.sample(random, ())[()] for d in primitive.domain]
        operands = [o > 0 if d is CONDITION else o for o, d in zip(operands, primitive.domain, strict=True)]
        known = dict(zip(primitive.operands, operands, strict=True))
        drawn.append(known | {"y": primitive.value(operands, {})})
    return drawn


def printed_to(text: str) -> float:
    """Return how exact a text can be: an irrational constant is printed to six digits."""
    return 1e-4 if re.search(r"\d\.\d{4}", text) else 1e-13


def partial(primitive: Primitive, position: int, known: dict[str, Any]) -> Any:
    """Return the rule's own number."""
    operands = tuple(known[n] for n in primitive.operands)
    node = Call(primitive, operands, {}, "").leaves()
    y = Call(primitive, operands, {}, "")(*node)
    rule = primitive.partials[position]
    assert rule is not None
    return float(np.asarray(rule(y.node)))


def derivatives(primitive: Primitive) -> list[int]:
    return [i for i in range(len(primitive.operands)) if not isinstance(primitive.rule(i), str)]


@every(ELEMENTWISE)
def test_tree_and_text_of_each_partial_equal_the_rule(primitive: Primitive) -> None:
    letters = {n: symbol(n) for n in primitive.operands}
    for i in derivatives(primitive):
        formula = primitive.formula(i, letters, symbol("y"))
        text = Unicode().write(formula)
        for known in points(primitive):
            expected = partial(primitive, i, known)
            tree = formula.evaluate(known, FUNCTIONS) if isinstance(formula, notation.Expression) else formula
            assert_allclose(float(np.asarray(tree)), expected, rtol=1e-13, err_msg=text)
            printed = eval(python(text), _NAMES | {n: float(v) for n, v in known.items()})
            assert_allclose(float(printed), expected, rtol=printed_to(text), err_msg=text)


@every([p for p in ELEMENTWISE if p.numpy and p.name not in ("where", "clip")])
def test_text_of_the_function_itself_equals_its_value(primitive: Primitive) -> None:
    formula = primitive(*[symbol(n) for n in primitive.operands])
    for known in points(primitive):
        printed = eval(python(Unicode().write(formula)), _NAMES | known)
        assert_allclose(printed, known["y"], rtol=1e-14)


@every(ELEMENTWISE)
def test_a_formula_with_numbers_prints_the_branch_that_was_taken(primitive: Primitive) -> None:
    """Known values decide comparisons, so no condition is left, and the number stays right."""
    for known in points(primitive):
        letters = {n: symbol(n, known[n]) for n in primitive.operands}
        for i in derivatives(primitive):
            formula = primitive.formula(i, letters, symbol("y", known["y"]))
            text = Unicode().write(formula)
            assert "if" not in text
            assert "[" not in text
            printed = eval(python(text), _NAMES | {n: float(v) for n, v in known.items()})
            assert_allclose(float(printed), partial(primitive, i, known), rtol=printed_to(text), err_msg=text)


@every(DIFFERENTIABLE)
def test_every_formula_prints_in_both_alphabets(primitive: Primitive) -> None:
    letters = {n: symbol(n) for n in primitive.operands}
    for i in derivatives(primitive):
        if not primitive.formulas and not callable(primitive.rule(i)):
            continue
        formula = primitive.formula(i, letters, symbol("y"))
        assert Unicode().write(formula)
        latex = LaTeX().write(formula)
        plain = latex.replace(r"\{", "").replace(r"\}", "")
        assert plain.count("{") == plain.count("}")
        assert len(re.findall(r"\\left", latex)) == len(re.findall(r"\\right", latex))
        assert len(re.findall(r"\\begin", latex)) == len(re.findall(r"\\end", latex))


def _others(x: Any) -> Any:
    return np.array([np.prod(np.delete(x, i)) for i in range(len(x))])


ON_VECTORS = ["sum", "mean", "prod", "max", "min", "var", "std", "logsumexp", "softmax", "log_softmax", "mse"]
ON_MATRICES = {"matmul": ((3, 4), (4, 2)), "linear": ((5, 3), (4, 3), (4,)), "cross_entropy": ((1, 4), (1, 4))}
STEPS = {
    "Σ": np.sum, "spread": lambda a: a, "mean": np.mean, "Π others": _others, "mT": np.matrix_transpose,
    "softmax": registry["softmax"].evaluate, "log_softmax": registry["log_softmax"].evaluate,
}  # fmt: skip


@pytest.mark.parametrize("name", [*ON_VECTORS, *ON_MATRICES])
def test_the_formula_of_a_message_equals_the_pullback(name: str) -> None:
    primitive, random = registry[name], rng(name)
    shapes = ON_MATRICES.get(name, ((5,),) * len(primitive.operands))
    operands = [d.sample(random, s) for d, s in zip(primitive.domain, shapes, strict=True)]
    if name == "cross_entropy":
        operands[1] = STEPS["softmax"](operands[1])  # probabilities
    defaults = {n: primitive.signature.parameters[n].default for n in primitive.static}
    call = Call(primitive, tuple(operands), defaults, name)
    leaves = call.leaves()
    y = call(*leaves)
    y_bar = random.normal(size=y.shape)[()]
    known = dict(zip(primitive.operands, operands, strict=True)) | {"y": y.numpy(), "ȳ": y_bar, "n": operands[0].size}
    steps = STEPS | ({"Σ": lambda a: a.sum(axis=0)} if name == "linear" else {})
    letters = {n: symbol(n) for n in primitive.operands}
    for i, found in enumerate(gradients(y, leaves, y_bar)):
        formula = primitive.formula(i, letters, symbol("y"))
        assert_allclose(np.broadcast_to(formula.evaluate(known, steps), found.shape), found, rtol=1e-12)


X, Y = symbol("x"), symbol("y")


@pytest.mark.parametrize(
    ("formula", "unicode", "latex"),
    [
        (2 * X**1 + 0, "2x", r"2 \cdot x"),
        (X * X, "x²", "x^{2}"),
        (-(X - Y), "−(x − y)", r"-\left(x - y\right)"),
        (X - (Y - 1), "x − (y − 1)", r"x - \left(y - 1\right)"),
        (X / (Y / 2), "x/(y/2)", r"\frac{x}{\frac{y}{2}}"),
        ((X + 1) ** 2, "(x + 1)²", r"\left(x + 1\right)^{2}"),
        (X**Y, "x^y", "x^{y}"),
        ((X**2) ** 3, "(x²)³", None),
        (X**-2, "x⁻²", "x^{-2}"),
        (-(X**2), "−x²", "-x^{2}"),
        ((-X) ** 2, "(−x)²", r"\left(-x\right)^{2}"),
        (X - -Y, "x − (−y)", None),
        (X * (-2), "x·(−2)", None),
        (1 / (2 * np.sqrt(X)), "1/(2·√x)", r"\frac{1}{2 \cdot \sqrt{x}}"),
        (abs(X + 1), "|x + 1|", r"\left|x + 1\right|"),
        (np.where(X > 0, 1, 0), "[x > 0]", "[x > 0]"),
        ((X > 0) * Y, "[x > 0]·y", None),
        (0.5 * X, "½x", None),
        (1e-9 * X, "1e−9·x", None),
    ],
)  # fmt: skip
def test_how_formulas_look(formula: Any, unicode: str, latex: str | None) -> None:
    assert Unicode().write(formula) == unicode
    if latex is not None:
        assert LaTeX().write(formula) == latex


def test_how_numbers_look() -> None:
    assert [number(v) for v in (-8.0, 0.1 + 0.2, 1e-9, -0.0, True, np.inf, -np.inf)] == [
        "−8", "0.3", "1e−9", "0", "1", "∞", "−∞",
    ]  # fmt: skip
    assert superscript(-12) == "⁻¹²"
    assert subscript(307) == "₃₀₇"
