"""What the checks found: objects that are true if all is well, and whose text says where it isn't."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Entry:
    """The worst entry of one input: the derivative of one output entry by one input entry, or along one direction."""

    path: str
    ok: bool
    output_index: tuple[int, ...]
    input_index: tuple[int, ...]
    expected: float
    got: float
    tolerance: float
    kink: bool
    wrong: int
    checked: int
    reference: str = "central difference"
    mode: str = "reverse"
    along: int | None = None  # the number of the random direction

    def __str__(self) -> str:
        y, x = (f"∂{n}{list(at) or ''}" for n, at in (("y", self.output_index), ("x", self.input_index)))
        where = f"{y}/{x}" if self.along is None else f"{y} along random direction {self.along}"
        if self.along is not None and self.mode == "reverse":
            where = f"ȳ·∂y along random direction {self.along}, for a random ȳ"
        unit = "entries" if self.along is None else "projections"
        verdict = "agrees" if self.ok else f"{self.wrong} of {self.checked} {unit} are off"
        text = (
            f"{'✓' if self.ok else '✗'} {self.path}: {verdict}; worst {where}: expected {self.expected:.10g} "
            f"({self.reference}), got {self.got:.10g}{' in forward mode' if self.mode == 'forward' else ''}, "
            f"off by {abs(self.expected - self.got):.2g}, tolerance {self.tolerance:.2g}"
        )
        return text + ("; a kink or jump is near, where differences prove nothing" if self.kink else "")


@dataclass(frozen=True)
class Report:
    """What :func:`gradcheck` found, true if everything agrees; its text is the explanation."""

    function: str
    entries: tuple[Entry, ...]
    operations: int | None = None  # how many were checked one at a time

    def __bool__(self) -> bool:
        return all(e.ok for e in self.entries)

    def __str__(self) -> str:
        if self.operations is None:
            return "\n".join([f"gradcheck of {self.function}:", *(f"  {e}" for e in self.entries)])
        head = f"gradcheck of {self.function}, one operation at a time:\n  "
        if self:
            return f"{head}✓ all {self.operations} operations agree"
        return f"{head}the first bad operation is number {self.operations}:" + "".join(f"\n  {e}" for e in self.entries)

    __repr__ = __str__


@dataclass(frozen=True)
class Check:
    """One thing that was checked of a primitive, and the first call where it failed."""

    title: str
    calls: int
    failure: str = ""

    def __str__(self) -> str:
        return f"✗ {self.title}: {self.failure}" if self.failure else f"✓ {self.title} ({self.calls} calls)"


@dataclass(frozen=True)
class PrimitiveReport:
    """What :func:`check_primitive` found, true if every check passed; its text lists them."""

    primitive: str
    checks: tuple[Check, ...]

    def __bool__(self) -> bool:
        return not any(c.failure for c in self.checks)

    def __str__(self) -> str:
        return "\n".join([f"check_primitive of {self.primitive}:", *(f"  {c}" for c in self.checks)])

    __repr__ = __str__
