"""How an update rule is applied: to flat buffers, in blocks that stay in the processor's cache."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from operator import is_
from typing import Any, NamedTuple

import numpy as np

from autograd import Flat, Tensor

BLOCK = 1 << 16  # elements: parameter, gradient, state and a temporary of one block fit a core's cache together

Numbers = dict[str, float]  # the state that isn't an array: a step count, a running product


class Block(NamedTuple):
    """A stretch of the buffers: several small leaves whole, or a part of a big one."""

    members: range
    part: slice  # of the one member's gradient; unused where there are several
    parameter: Any
    state: dict[str, Any]
    gradient: Any  # where the members' gradients are put together
    parts: list[Any]  # its stretches, one for each member
    before: tuple[Any, ...]  # parameter and state, as a rule returns them


class Packed:
    """Parameters of one dtype in one buffer, with each array of their state in a buffer beside it."""

    def __init__(
        self, parameters: Sequence[Tensor], arrays: Mapping[str, float], numbers: Numbers, state: Mapping[Tensor, Any]
    ) -> None:
        self.flat, self.arrays = Flat(parameters), dict(arrays)
        ends = np.cumsum([0, *(p.size for p in parameters)]).tolist()
        self.bounds = list(itertools.pairwise(ends))
        self.state = {name: np.full_like(self.flat.value, start) for name, start in arrays.items()}
        self.numbers = [numbers] * len(parameters)
        self._blocks: dict[range, list[Block]] = {}
        self._whole = [range(len(parameters))]
        for i, p in enumerate(parameters):
            kept = state.get(p, {})
            self.numbers[i] = {name: kept.get(name, start) for name, start in numbers.items()} if kept else numbers
            for name, buffer in self.state.items():
                if name in kept:
                    buffer[slice(*self.bounds[i])] = np.ravel(kept[name])

    def of(self, i: int) -> dict[str, Any]:
        """Return the state of one parameter: numbers, and arrays that share the buffers' memory."""
        shape = self.flat.leaves[i].shape
        arrays = {name: buffer[slice(*self.bounds[i])].reshape(shape) for name, buffer in self.state.items()}
        return self.numbers[i] | arrays

    def update(self, rule: Callable[..., Any], advance: Callable[..., Numbers], h: Mapping[str, Any]) -> None:
        """Apply one step of a rule to every parameter that has a gradient."""
        gradients = self.flat.gradients()
        for run in self._runs(gradients):
            numbers = self.numbers[run.start]
            self.flat.stamp(self.bounds[run.start][0], self.bounds[run.stop - 1][1])
            for block in self._blocks.get(run) or self._cut(run):
                gradient = block.gradient
                if gradient is None:
                    gradient = gradients[block.members.start].ravel()[block.part]
                else:
                    for part, g in zip(block.parts, gradients[block.members.start : block.members.stop], strict=True):
                        part[...] = g  # six small leaves take half the time of one concatenation
                after = rule(h, numbers, block.parameter, gradient, **block.state)
                if not all(map(is_, block.before, after)):  # a rule may write in place, or give new arrays
                    for old, new in zip(block.before, [x for x in after if x is not None], strict=True):
                        old[...] = new
            self.numbers[run.start : run.stop] = [advance(h, numbers)] * len(run)

    def _runs(self, gradients: list[Any]) -> list[range]:
        """Return the neighbours that go in step: all have a gradient, and the same numbers."""
        count, numbers = len(gradients), self.numbers
        if numbers.count(numbers[0]) == count:
            for g in gradients:
                if g is None:
                    break
            else:  # the usual case
                return self._whole
        runs: list[range] = []
        for i in range(count):
            if gradients[i] is None:
                continue
            if runs and runs[-1].stop == i and numbers[i] == numbers[i - 1]:
                runs[-1] = range(runs[-1].start, i + 1)
            else:
                runs.append(range(i, i + 1))
        return runs

    def _cut(self, run: range) -> list[Block]:
        """Cut a run into blocks, and remember them."""
        blocks, first = [], run.start
        while first < run.stop:
            start, stop = self.bounds[first]
            last = first + 1
            while last < run.stop and self.bounds[last][1] - start <= BLOCK:
                stop = self.bounds[last][1]
                last += 1
            members = range(first, last)
            for at in range(start, stop, BLOCK):  # more than one only where a single leaf is bigger
                here = slice(at, min(at + BLOCK, stop))
                state = {name: buffer[here] for name, buffer in self.state.items()}
                together = np.empty(stop - start, self.flat.value.dtype) if len(members) > 1 else None
                parts = [] if together is None else self.flat.split(together, first, last)
                part, parameter = slice(here.start - start, here.stop - start), self.flat.value[here]
                blocks.append(Block(members, part, parameter, state, together, parts, (parameter, *state.values())))
            first = last
        self._blocks[run] = blocks
        return blocks
