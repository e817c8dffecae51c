"""The shortest program that still fails in the same way."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tests.fuzz.checks import Check, check
from tests.fuzz.programs import Line, Program


def failure(program: Program, one: Check) -> str | None:
    """Return what goes wrong in a check, in a word and a sentence, or None."""
    try:
        check(program, [one])
    except Exception as problem:  # whatever it is, it is what we look for
        return f"{type(problem).__name__}: {problem}"
    return None


def shrink(program: Program, fails: Callable[[Program], bool]) -> Program:
    """Return a program that fails and of which no line, input or axis can be left out."""
    while smaller := next((p for p in smaller_than(program) if fails(p)), None):
        program = smaller
    return program


def smaller_than(program: Program) -> Iterator[Program]:
    """Yield the next simpler programs, the boldest first."""
    lines, inputs = program.lines, len(program.shapes)
    for i in reversed(range(len(lines))):
        yield program._replace(lines=_without(lines, i, inputs))
    if inputs > 1:
        for i in range(inputs):
            cut = tuple(line._replace(sources=tuple(_moved(s, i, 0) for s in line.sources)) for line in lines)
            yield program._replace(shapes=program.shapes[:i] + program.shapes[i + 1 :], lines=cut)
    for i, shape in enumerate(program.shapes):
        for simpler in ((), (3,), (2, 3)):
            if len(simpler) < len(shape):
                yield program._replace(shapes=(*program.shapes[:i], simpler, *program.shapes[i + 1 :]))
    for i, line in enumerate(lines):
        for knob in range(line.knob):
            yield program._replace(lines=(*lines[:i], line._replace(knob=knob), *lines[i + 1 :]))
    if program.seed > 2:
        for seed in range(3):
            yield program._replace(seed=seed)


def _without(lines: tuple[Line, ...], i: int, inputs: int) -> tuple[Line, ...]:
    """Leave a line out: whoever read its value reads what it read first."""
    gone, instead = inputs + i, lines[i].sources[0] % (inputs + i)
    rest = lines[:i] + lines[i + 1 :]
    return tuple(line._replace(sources=tuple(_moved(s, gone, instead) for s in line.sources)) for line in rest)


def _moved(source: int, gone: int, instead: int) -> int:
    return instead if source == gone else source - (source > gone)
