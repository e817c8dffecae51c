"""A declaration that is incomplete or contradicts itself is refused, with what to do."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from autograd.errors import DeclarationError
from autograd.primitives import notation, registry
from autograd.primitives.domain import REAL, case
from autograd.primitives.primitive import elementwise, general, linear_map, value_only


@pytest.fixture(autouse=True)
def _declarations_taken_back() -> Iterator[None]:
    before = dict(registry), dict(notation.notations)
    yield
    for kept, held in zip((registry, notation.notations), before, strict=True):
        kept.clear()
        kept.update(held)


def _cube(x: Any) -> Any:
    return x * x * x


def _declare(make: Callable[..., Any] = elementwise, rules: Any = lambda x: 3 * x * x, **rest: Any) -> Any:
    return make(_cube, rules, **({"name": "cube", "doc": "The cube x³."} | rest))


REFUSED = [
    (lambda: _declare(name="tanh"), "tanh", "a name that is not taken", "a second 'tanh'"),
    (lambda: _declare(doc=""), "cube", "one sentence that says what it computes", "no doc"),
    (lambda: _declare(rules=()), "cube", "a rule or a stated reason for each of x", "0"),
    (lambda: _declare(rules=(1, 1)), "cube", "a rule or a stated reason for each of x", "2"),
    (lambda: _declare(rules="no"), "cube", "a rule for 'x', or a sentence that says why it has no derivative", "'no'"),
    (lambda: _declare(rules=3.0), "cube", "1, −1 or a function as the rule for 'x'", "3.0"),
    (
        lambda: _declare(rules=lambda z: z), "cube",
        "rule parameters among lead, operands, position, residual, shapes, x, x_shape, y, y_bar, y_shape", "z",
    ),
    (lambda: _declare(rules=lambda y_bar: y_bar), "cube", "a local partial, free of the cotangent",
     "a rule for 'x' that takes y_bar"),
    (lambda: _declare(domain=(REAL, REAL)), "cube", "a domain for each of x", "2"),
    (lambda: _declare(domain=()), "cube", "a domain for each of x", "0"),
    (lambda: _declare(general, lambda y_bar: y_bar), "cube", "cases, so that the tests can call it", "none"),
    (lambda: _declare(linear_map, lambda y_bar: y_bar), "cube", "cases, so that the tests can call it", "none"),
    (
        lambda: general(lambda x, lead=0: x, lambda y_bar: y_bar, name="odd", doc="x.", cases=(case((3,)),)), "odd",
        "names that rules don't use already", "lead",
    ),
    (
        lambda: value_only(np.isnat, "jumps", doc="Whether x is no time.", cases=(case((3,)),)), "isnat",
        "a rule for 'x', or a sentence that says why it has no derivative", "'jumps'",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("declare", "name", "expected", "got"), REFUSED, ids=[r[2][:30] for r in REFUSED])
def test_refused(declare: Callable[[], Any], name: str, expected: str, got: str) -> None:
    before = dict(registry)
    with pytest.raises(DeclarationError) as refusal:
        declare()
    assert str(refusal.value) == (
        f"in the declaration of '{name}'\n"
        f"  expected: {expected}\n"
        f"  got:      {got}\n"
        "  to do:    complete the declaration; CONTRIBUTING.md shows one"
    )
    assert registry == before


def test_a_complete_declaration_is_taken() -> None:
    cube = _declare()
    assert registry["cube"] is cube
    assert str(cube(notation.symbol("x"))) == "cube(x)"
    assert cube(np.float32(2)).dtype == np.float32


def test_a_primitive_is_copied_and_pickled_by_name() -> None:
    tanh = registry["tanh"]
    assert pickle.loads(pickle.dumps(tanh)) is tanh
    assert copy.deepcopy(tanh) is tanh


def test_every_primitive_says_what_it_is() -> None:
    for primitive in registry.values():
        assert primitive.doc.endswith((".", ")"))
        for rule in primitive.rules:
            assert not isinstance(rule, str) or len(rule.split()) > 4
