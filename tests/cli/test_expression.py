"""Reading expressions: they mean what Python's mean, and nothing else is read."""

import math
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd import Tensor
from autograd.cli.expression import DEPTH, parse
from autograd.errors import ArgumentError, AutogradError, ExpressionError, ShapeError

X = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])


def run(text, **operands):
    with np.errstate(all="ignore"):
        found = parse(text)({n: Tensor(v, requires_grad=True, name=n) for n, v in operands.items()})
    return found.numpy() if isinstance(found, Tensor) else found


def refusal(text, **operands):
    with pytest.raises(AutogradError) as caught:
        run(text, **operands)
    return caught.value


# Python's own evaluation is the reference: the text below is made here, so evaluating it is safe.

NAMES = {"x": 0.7, "y": -1.3, "w₁": 2.5}
FUNCTIONS = {"sin": np.sin, "exp": np.exp, "tanh": np.tanh, "abs": np.abs, "sqrt": np.sqrt, "square": np.square}
NUMBERS = st.one_of(st.integers(1, 9).map(str), st.floats(0, 50, allow_subnormal=False).map(repr))


def _grown(inner):
    binary = st.tuples(inner, st.sampled_from(["+", "-", "*", "/", "**", " + ", "\n- "]), inner).map("".join)
    return st.one_of(
        binary,
        inner.map("({})".format),
        inner.map("-{}".format),
        st.tuples(st.sampled_from(sorted(FUNCTIONS)), inner).map(lambda p: f"{p[0]}({p[1]})"),
    )


EXPRESSIONS = st.recursive(st.one_of(NUMBERS, st.sampled_from(["x", "y", "w₁"])), _grown, max_leaves=12)


@settings(max_examples=400, deadline=None)
@given(EXPRESSIONS)
def test_numbers_agree_with_python(text):
    scope = {n.replace("₁", "1"): np.float64(v) for n, v in NAMES.items()} | FUNCTIONS
    plain = _floats(text.replace("₁", "1").replace("\n", " "))
    with np.errstate(all="ignore"):
        expected = eval(plain, {"__builtins__": {}, "float64": np.float64}, scope)
    np.testing.assert_allclose(run(text, **NAMES), expected, rtol=1e-12, equal_nan=True)


def _floats(text):
    """Wrap each number, so that Python computes with float64 too: 1/0 is inf, (−1)**½ is NaN."""
    return re.sub(r"(?<![\w.])(\d+\.?\d*(?:e[+-]?\d+)?)", r"float64(\1)", text)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("x²", "x**2"), ("x²³", "x**23"), ("x⁻¹", "x**-1"), ("-x²", "-(x**2)"), ("x·y − 1", "x*y - 1"),
        ("x × y ÷ 2", "x*y/2"), ("2**3**2", "512.0"), ("2**-1", "0.5"), ("-2**2", "-4.0"), ("x - y - 1", "(x-y)-1"),
        ("x/y/2", "(x/y)/2"), ("+x", "x"), ("--x", "x"), ("x.square()", "x**2"), ("x*-y", "x*(-y)"),
        ("2*pi", "6.283185307179586"),
    ],
)  # fmt: skip
def test_signs_of_books_and_precedence(text, plain):
    x, y = 0.7, -1.3
    assert run(text, x=x, y=y) == pytest.approx(eval(plain), rel=1e-14)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x.T", X.T), ("xᵀ", X.T), ("x.mT", X.T), ("x[0]", X[0]), ("x[-1, -1]", X[-1, -1]), ("x[:, ::-1]", X[:, ::-1]),
        ("x[..., None]", X[..., None]), ("x[None]", X[None]), ("x[1:]", X[1:]), ("x[:1,]", X[:1]),
        ("x[0:2:1, 1:]", X[:, 1:]),
        ("x[[0, 0, 1]]", X[[0, 0, 1]]), ("x[[0, 1], [2, 0]]", X[[0, 1], [2, 0]]), ("x[x > 2]", X[X > 2]),
        ("x[(0, 1)]", X[0, 1]),
        ("x[True, False]", None), ("sum(x)", X.sum()), ("sum(x, axis=0)", X.sum(0)), ("x.sum(axis=(0, 1))", X.sum()),
        ("sum(x, -1, True)", X.sum(-1, keepdims=True)), ("max(x, axis=None)", X.max()),
        ("einsum('ij->j', x)", X.sum(0)),
        ('einsum("ij,kj->ik", x, x)', X @ X.T), ("x @ x.T", X @ X.T), ("x @ [1, 2, 3]", X @ [1, 2, 3]),
        ("where(x > 2, x, 0)", np.where(X > 2, X, 0)), ("where(x ≥ 2, x, 0)", np.where(X >= 2, X, 0)),
        ("x ≠ 2", X != 2),
        ("clip(x, 2, inf)", X.clip(2)), ("reshape(x, 3, 2)", X.reshape(3, 2)), ("x.reshape((-1,))", X.ravel()),
        ("concatenate([x, x], axis=1)", np.concatenate([X, X], 1)), ("stack((x, x))", np.stack([X, X])),
        ("stack((x,))", X[None]),
        ("x[(0, 1),]", X[[0, 1]]),
        ("x + [1, 2, 3]", X + np.arange(1, 4)), ("cross_entropy(x, [0, 2])", 1.4076059644443806),
        ("reciprocal(2)", 0.5), ("reciprocal([2, 4])", np.array([0.5, 0.25])), ("power(2, -1)", 0.5),
        ("9**9**9**9", math.inf),
        ("astype(x, 'float32')", X.astype(np.float32)), ("nan", math.nan), ("1/0", math.inf), ("x  \n + \t 1", X + 1),
    ],
)  # fmt: skip
def test_arrays_functions_and_indices(text, expected):
    if expected is None:
        assert isinstance(refusal(text, x=X), ShapeError)
        return
    found = run(text, x=X)
    np.testing.assert_allclose(found, expected, rtol=1e-15)
    assert np.shape(found) == np.shape(expected)


def test_an_operand_may_have_the_name_of_a_constant_or_a_function():
    assert run("pi + max", pi=1.0, max=2.0) == 3.0


def test_the_output_is_named():
    assert parse("ŷ = x·w₁ + b").name == "ŷ"
    assert parse("x·w₁ == b").name is None
    assert list(parse("ŷ = x·w₁ + b·x").names) == ["x", "w₁", "b"]
    assert parse("y\u0302 = x").name == "ŷ"  # typed as a letter and a hat


def test_a_long_sum_needs_no_recursion():
    assert run("x" + " + x" * 10_000, x=1.0) == 10_001.0


REFUSALS = {
    "x*quux(w)": """\
in the expression
    x*quux(w)
      ^
  expected: a function of autograd
  got:      'quux'
  to do:    python -m autograd explain --help lists them""",
    "sigmod(x)": """\
in the expression
    sigmod(x)
    ^
  expected: a function of autograd
  got:      'sigmod'
  to do:    did you mean sigmoid or log_sigmoid?""",
    "x * (w + b": """\
in the expression
    x * (w + b
              ^
  expected: ')', to close the '(' at column 5, or an operator
  got:      the end of the text
  to do:    python -m autograd explain --help says what an expression is made of""",
    "2x": """\
in the expression
    2x
     ^
  expected: an operator, or the end
  got:      'x'
  to do:    write a*b for a product""",
    "x^2": """\
in the expression
    x^2
     ^
  expected: an operator, or the end
  got:      '^'
  to do:    write x**2 for a power""",
    "0 < x < 1": """\
in the expression
    0 < x < 1
          ^
  expected: one comparison at a time
  got:      a second one, '<'
  to do:    write logical_and(a < b, b < c)""",
    "x.__class__": """\
in the expression
    x.__class__
      ^
  expected: .T, .mT or a method that is called
  got:      '__class__'
  to do:    an expression reads nothing else of a tensor; write x.sum() or sum(x)""",
    "": """\
in the expression
    \n\
    ^
  expected: a number, a name, a function or a bracket
  got:      the end of the text
  to do:    python -m autograd explain --help says what an expression is made of""",
    "weigth + x": """\
in the expression
    weigth + x
    ^
  expected: a value for each name: weigth, x
  got:      none for 'weigth'
  to do:    did you mean weight?""",
    "x + zz": """\
in the expression
    x + zz
        ^
  expected: a value for each name: x, zz
  got:      none for 'zz'
  to do:    add zz=… after the expression""",
    "ŷ·x + 表 $ 1": """\
in the expression
    ŷ·x + 表 $ 1
             ^
  expected: an operator, or the end
  got:      '$'
  to do:    python -m autograd explain --help says what an expression is made of""",
    "sum(axis=0, x)": """\
in the expression
    sum(axis=0, x)
                ^
  expected: a keyword, as after axis=…
  got:      'x'
  to do:    python -m autograd explain --help says what an expression is made of""",
    "sum(x, axis=0, axis=1)": """\
in the expression
    sum(x, axis=0, axis=1)
                   ^
  expected: each keyword once
  got:      'axis'
  to do:    python -m autograd explain --help says what an expression is made of""",
    "x.where(x)": """\
in the expression
    x.where(x)
      ^
  expected: a method of a tensor
  got:      the function 'where'
  to do:    write where(…)""",
    "sum(x, 1, axes=2)": """\
in sum(x, axis, keepdims), at the caret
    sum(x, 1, axes=2)
    ^
  expected: the arguments of its signature
  got:      sum() got an unexpected keyword argument 'axes'
  to do:    see help(autograd.sum)""",
    "x + [[1], [1, 2]]": """\
in a list of numbers, at the caret
    x + [[1], [1, 2]]
      ^
  expected: numbers in lists of equal length at each level
  got:      [[1], [1, 2]]
  to do:    fill up the shorter lists""",
}


@pytest.mark.parametrize("text", REFUSALS)
def test_errors_point_at_their_place(text):
    assert str(refusal(text, x=1.0, w=2.0, b=3.0, weight=4.0)) == REFUSALS[text]


def test_an_error_of_the_engine_gets_its_place():
    problem = refusal("1 + x @ w", x=X, w=X)
    assert isinstance(problem, ShapeError)
    assert problem.where == "matmul(a, b), at the caret\n    1 + x @ w\n          ^"
    assert problem.remedy == "transpose the right operand: a @ b.mT"


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('true')", "__import__('os')", "().__class__.__bases__", "x.__class__.__mro__",
        "lambda: x",
        "lambda x: x", "f'{x}'", "[y for y in x]", "x if x else x", "(y := x)", "x; x", "print(x)", "eval('1')",
        "open('/etc/passwd')", "exec('x')", "getattr(x, 'data')", "x.data", "x.numpy()", "x.backward()", "x.grad",
        "*x", "**x",
        "{x: 1}", "{x}", "x!r", "`x`", "x = ", "= x", "x = x = x", "not x", "x and x", "x is None", "await x",
        "yield x", "x@",
        "1 +", "(", ")", "[", "x[", "x[]", "x[,]", "x[1:2:3:4]", "x(1)(2)", "sum(x)(x)", "sum(,)", "sum(x=x, x)",
        "sum(x, axis=0, axis=1)",
        "'abc", '"', "''x", "1e999", "0x10", "1_000", "1j", "x..T", "x.1", "...x", "x ...", "\\", "\x00", "\x1b[2J",
        "😀", "x\ufeffy",
        "٣", "x ⁻", "⁻¹", "²", "ᵀ", "in", "None.T", "None + x", "'a' * x", "x[1.5]", "x['a']", "x[x]", "x['a':]",
        "x[9]", "einsum(x, x)",
        "einsum('ij', x)", "einsum('...', 1, 2, 3)", "reshape(x, 'a')", "reshape(x, [[1]])", "astype(x, 'foo')",
        "sum(x, axis='a')",
        "concatenate(x)", "concatenate(1)", "concatenate([])", "stack([x, [1, [2, 3]]])", "clip(x)(", "where(x)",
        "sum()", "sum",
        "getitem(x, 'a')", "scatter(x, 0, 'a')", "setitem(x, 1, 9)", "linear(x)", "broadcast_to(x, -1)",
        "-'a'", "-None", "-[1, [2]]", "x.T()", "x.T.sum", "logsumexp(x, axis=5)", "cross_entropy(x, [9])",
        "cross_entropy(x, x, 'foo')",
    ],
)  # fmt: skip
def test_hostile_and_mistaken_input_is_refused(text):
    problem = refusal(text, x=np.array([1.0, 2.0]))
    assert problem.expected
    assert problem.got
    assert problem.remedy
    assert "\x1b" not in str(problem).replace(repr(text), "")


@pytest.mark.parametrize(
    "text", ["(" * 10_000 + "x", "-" * 10_000 + "x", "x**" * 10_000 + "x", "[" * 10_000, "sum(" * 5_000, "x[" * 5_000]
)
def test_deep_nesting_is_refused_not_overflown(text):
    problem = refusal(text, x=1.0)
    assert isinstance(problem, ExpressionError)
    assert problem.expected == f"at most {DEPTH} levels of brackets and signs"
    shown, caret = problem.where.splitlines()[1:]
    assert len(shown) < 90
    assert shown[caret.index("^") :] != ""


def test_brackets_up_to_the_limit_are_read():
    assert run("(" * (DEPTH - 1) + "x" + ")" * (DEPTH - 1), x=2.0) == 2.0


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="x w1.5+-*/@()[],:=<>'\"²⁻ᵀ·−^!_\\\n表", max_size=30))
def test_any_text_is_read_or_refused(text):
    try:
        run(text, x=X, w=X.T)
    except AutogradError:  # and nothing else
        return


def test_a_caret_is_shown_in_a_window_of_a_long_expression():
    problem = refusal("x + " * 100 + "$" + " + x" * 100, x=1.0)
    shown, caret = problem.where.splitlines()[1:]
    assert shown[caret.index("^")] == "$"
    assert shown.strip().startswith("…")
    assert shown.endswith("…")


def test_a_wrong_keyword_is_an_argument_error():
    assert isinstance(refusal("sum(x, foo=1)", x=X), ArgumentError)
