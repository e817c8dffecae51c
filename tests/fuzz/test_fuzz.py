"""A few of the random programs in every run of the tests, all past failures, and the tools of the nightly run."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd
from autograd import Tensor
from tests.fuzz import lines as lines_
from tests.fuzz.checks import ALWAYS, IN_TURN, Disagreement, check, recorded_and_plain, reverse_and_differences
from tests.fuzz.corpus import CORPUS
from tests.fuzz.programs import NAMES, SHAPES, Line, Program, generate
from tests.fuzz.shrinking import failure, shrink


@pytest.mark.parametrize("program", CORPUS.values(), ids=CORPUS)
def test_what_once_failed(program: Program) -> None:
    check(program)


@pytest.mark.parametrize("name", NAMES)
def test_each_line_alone(name: str) -> None:
    sources = (0,) if name in lines_.ONE else (0, 1)
    check(Program(((2, 3), (3,)), (Line(name, sources, 5),), seed=3), ALWAYS)
    check(Program(((), (2, 1)), (Line(name, sources, 2),), seed=4), ALWAYS[:1])


@pytest.mark.parametrize("seed", range(60))
def test_generated_programs(seed: int) -> None:
    check(generate(seed), (*ALWAYS, IN_TURN[seed % len(IN_TURN)]))


@st.composite
def programs(draw: Any) -> Program:
    """Let Hypothesis draw a program line by line: it shrinks what fails by itself."""
    shapes = draw(st.lists(st.sampled_from(SHAPES[:8]), min_size=1, max_size=2))
    names = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=5))
    known = st.integers(0, len(shapes) + len(names))
    drawn = tuple(
        Line(n, tuple(draw(known) for _ in range(1 if n in lines_.ONE else 2)), draw(st.integers(0, 11))) for n in names
    )
    return Program(tuple(shapes), drawn, draw(st.integers(0, 1000)))


@settings(max_examples=60)
@given(programs())
def test_drawn_programs(program: Program) -> None:
    check(program, (*ALWAYS, IN_TURN[program.seed % len(IN_TURN)]))


# The tools themselves


def test_a_wrong_derivative_is_found_shrunk_and_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = autograd.custom_gradient(np.tanh, lambda y_bar, y, x: y_bar * (1 - y))  # (1 − y²) is right
    monkeypatch.setitem(lines_.ONE, "tanh", lambda a, k: wrong(a))
    long = Program(
        ((2, 3), (3,)),
        (
            Line("sin", (0,)),
            Line("multiply", (2, 1)),
            Line("tanh", (3,), 4),
            Line("mean", (4,), 3),
            Line("add", (5, 0)),
        ),
        seed=7,
    )
    with pytest.raises(Disagreement, match="reverse and differences"):
        check(long)
    short = shrink(long, lambda p: failure(p, reverse_and_differences) is not None)
    assert [line.name for line in short.lines] == ["tanh"]
    assert short.shapes in (((),), ((3,),))
    text = str(short)
    assert text.startswith("from tests.fuzz.checks import check\n")
    scope: dict[str, Any] = {}
    with pytest.raises(Disagreement):
        exec(text, scope)


def test_a_lost_gradient_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(lines_.ONE, "sin", lambda a, k: np.sin(a) + autograd.stop_gradient(a))
    with pytest.raises(Disagreement, match="differences"):
        check(Program(((3,),), (Line("sin", (0,)),)))


def test_a_run_that_depends_on_being_recorded_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(lines_.ONE, "sin", lambda a, k: a * (2.0 if a.requires_grad else 1.0))
    with pytest.raises(Disagreement, match="recorded and plain"):
        check(Program(((3,),), (Line("sin", (0,)),)), [recorded_and_plain])


def test_seeds_give_the_same_programs_again() -> None:
    assert generate(5) == generate(5)
    assert len({generate(seed) for seed in range(50)}) > 45
    assert all(isinstance(v, Tensor) for v in generate(5).values(*map(Tensor, generate(5).inputs())))
