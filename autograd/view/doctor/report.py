"""What the doctor says: findings, each with where, operation, cause, remedy and evidence, and a report of them."""

from __future__ import annotations

import math
import re
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass

WIDTH, NO_BREAK = 100, "\u00a0"
ORDER = (  # what to read first: the cause of others before what it causes
    "error", "no gradient", "never updated", "detached", "evaluation mode", "training mode", "gradients add up",
    "uphill", "overwritten", "broadcast", "activation twice", "wrong loss", "targets", "inputs", "symmetry",
    "diverging", "NaN", "overflow", "exploding", "dead units", "saturated", "vanishing", "zero gradient", "slow",
)  # fmt: skip


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong, in plain words.

    ``kind`` is one of the few words the report is ordered by; ``step`` is the backward pass it was first seen in.

    >>> print(Finding("dead units", "module 1 ReLU", "relu", "41 of 128 units are off", "lower the learning rate", ""))
    dead units · relu · module 1 ReLU
         cause     41 of 128 units are off
         remedy    lower the learning rate
    """

    kind: str
    where: str  # module path, source line, or the name of a leaf
    operation: str
    cause: str
    remedy: str
    evidence: str
    step: int | None = None

    def __str__(self) -> str:
        seen = "" if self.step is None else f"backward pass {self.step}"
        lines = [" · ".join(part for part in (self.kind, self.operation, self.where, seen) if part)]
        for name in ("cause", "remedy", "evidence"):
            if text := getattr(self, name):
                head = f"     {name:<10}"
                whole = re.sub(r", (?=\d)", f",{NO_BREAK}", text)  # an index stays on one line
                lines.append(textwrap.fill(whole, WIDTH, initial_indent=head, subsequent_indent=" " * len(head)))
        return "\n".join(lines).replace(NO_BREAK, " ")


class Report:
    """The findings, the most telling first; its text is the explanation. ``healthy`` if there are none.

    >>> report = Report("the loss", lambda: [])
    >>> report.healthy, len(report), print(report)
    the loss: nothing found
    (True, 0, None)
    """

    def __init__(self, title: str, find: Callable[[], list[Finding]]) -> None:
        self._title, self._find = title, find
        self._noted: list[Finding] = []

    @property
    def title(self) -> str:
        return self._title

    @property
    def findings(self) -> list[Finding]:
        """What has been found until now."""
        rank = {kind: k for k, kind in enumerate(ORDER)}
        found = [*self._find(), *self._noted]
        return sorted(found, key=lambda f: (rank.get(f.kind, len(ORDER)), math.inf if f.step is None else f.step))

    def note(self, kind: str, where: str, operation: str, cause: str, remedy: str, evidence: str) -> None:
        """Add a finding of one's own."""
        self._noted.append(Finding(kind, where, operation, cause, remedy, evidence))

    @property
    def healthy(self) -> bool:
        return not self.findings

    def __len__(self) -> int:
        return len(self.findings)

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.findings)

    def __getitem__(self, index: int) -> Finding:
        return self.findings[index]

    def __str__(self) -> str:
        found = self.findings
        if not found:
            return f"{self.title}: nothing found"
        head = f"{self.title}: {len(found)} finding{'s' * (len(found) > 1)}"
        return "\n\n".join([head, *(f"{k:>2}. {finding}" for k, finding in enumerate(found, 1))])

    __repr__ = __str__
