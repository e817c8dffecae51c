"""What is recorded: on, off, or everything kept; and the module path that new nodes belong to.

The mode lives in a context variable: each thread and each asyncio task has its own.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar, Token
from dataclasses import dataclass, field, replace
from types import CodeType, TracebackType
from typing import Any


class Path(str):
    """A module path that knows what stands at each of its levels: ``kinds`` is ((path, kind), …), outermost first."""

    kinds: tuple[tuple[str, str], ...] = ()


NOWHERE = Path()  # outside of all modules
REMEMBERED = 1000  # scopes inside another, before their modes are made anew


@dataclass(frozen=True, slots=True)
class Mode:
    """What new nodes are told.

    ``record``: make them at all; ``whole``: with every value; ``keep``: with copies of the leaves and source lines too;
    ``example``: the run stands for many, so no number may be read out of it; ``careful``: its sweeps must mask what
    isn't reached, whether this example needs it or not; ``scope``: the module path;
    ``watch``: who is told of each node and sweep (see :mod:`autograd.view.doctor`).
    """

    record: bool = True
    whole: bool = False
    keep: bool = False
    example: bool = False
    careful: bool = False
    scope: Path = NOWHERE
    watch: Any = None
    plain: bool = field(init=False, compare=False)  # nothing is asked beyond recording, and perhaps a scope
    inner: dict[Any, Mode] = field(init=False, compare=False, repr=False, default_factory=dict)

    def __post_init__(self) -> None:
        asked = self.whole or self.keep or self.example or self.watch is not None
        object.__setattr__(self, "plain", self.record and not asked)

    def recording(self, record: bool) -> Mode:
        """Return this mode with recording on or off; made once, so that its scopes are too."""
        if self.record == record:
            return self
        twin = self.inner.get(record)
        if twin is None:
            twin = self.inner[record] = replace(self, record=record)
        return twin

    def within(self, name: str, kind: str) -> Mode:
        """Return this mode in a scope of that name; made once, since modules enter theirs at every call."""
        mode = self.inner.get((name, kind))
        if mode is None:
            path = Path(f"{self.scope}.{name}" if self.scope else name)
            path.kinds = (*self.scope.kinds, (str(path), kind))
            if len(self.inner) >= REMEMBERED:  # step1, step2, …: names that never come back
                self.inner.clear()
            mode = self.inner[name, kind] = replace(self, scope=path)
        return mode


PLAIN = Mode()
current: ContextVar[Mode] = ContextVar("autograd_mode", default=PLAIN)

# Where a transform notes, by code and instruction, which nodes' numbers were read out, and how.
Reads = dict[tuple[CodeType, int], tuple[Any, str]]
reads: ContextVar[Reads | None] = ContextVar("autograd_reads", default=None)


@contextlib.contextmanager
def switched(mode: Mode) -> Iterator[None]:
    """Let a mode hold inside."""
    token = current.set(mode)
    try:
        yield
    finally:
        current.reset(token)


@contextlib.contextmanager
def no_grad() -> Iterator[None]:
    """Record nothing inside; leaves may be written in place. Also a decorator.

    >>> import autograd
    >>> w = autograd.Tensor(2.0, requires_grad=True)
    >>> with autograd.no_grad():
    ...     y = w * w
    >>> y.requires_grad
    False
    """
    with switched(current.get().recording(False)):
        yield


@contextlib.contextmanager
def enable_grad() -> Iterator[None]:
    """Record inside, also within ``no_grad``. Also a decorator.

    >>> import autograd
    >>> with autograd.no_grad(), autograd.enable_grad():
    ...     y = autograd.Tensor(2.0, requires_grad=True) * 3
    >>> y.requires_grad
    True
    """
    with switched(current.get().recording(True)):
        yield


@contextlib.contextmanager
def keep() -> Iterator[None]:
    """Keep every value of the graph that is built inside, and the line it was built on, for a later ``trace``.

    >>> import autograd
    >>> x = autograd.Tensor(2.0, requires_grad=True)
    >>> with autograd.keep():
    ...     y = x.exp().sum()
    """
    with switched(replace(current.get(), record=True, whole=True, keep=True)):
        yield


class scope:  # noqa: N801  a function to those who call it; a class since a generator takes 2 µs more
    """Give the nodes made inside a module path; nested scopes are joined by dots.

    ``kind`` says what stands at that path, ``"Linear(784 → 128)"``: pictures and tables head their groups with it.

    >>> import autograd
    >>> with autograd.scope("encoder"), autograd.scope("0"):
    ...     y = autograd.Tensor(2.0, requires_grad=True) * 3
    >>> y.node.scope
    'encoder.0'
    """

    __slots__ = ("_kind", "_name", "_token")

    def __init__(self, name: str, kind: str = "") -> None:
        self._name, self._kind = name, kind

    @staticmethod
    def push(name: str, kind: str = "") -> Token[Mode]:
        """Enter, and return what :meth:`pop` leaves by: half of the time of ``with``, for those who enter often."""
        return current.set(current.get().within(name, kind))

    pop = staticmethod(current.reset)

    def __enter__(self) -> None:
        self._token = self.push(self._name, self._kind)

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        current.reset(self._token)
