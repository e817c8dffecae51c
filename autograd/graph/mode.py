"""What is recorded: on, off, or everything kept; and the module path that new nodes belong to.

The mode lives in a context variable: each thread and each asyncio task has its own.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Mode:
    """What new nodes are told.

    ``record``: make them at all; ``whole``: with every value; ``keep``: with copies of the leaves and source lines too;
    ``example``: the run stands for many, so no number may be read out of it; ``scope``: the module path.
    """

    record: bool = True
    whole: bool = False
    keep: bool = False
    example: bool = False
    scope: str = ""


PLAIN = Mode()
current: ContextVar[Mode] = ContextVar("autograd_mode", default=PLAIN)


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
    with switched(replace(current.get(), record=False)):
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
    with switched(replace(current.get(), record=True)):
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


@contextlib.contextmanager
def scope(name: str) -> Iterator[None]:
    """Give the nodes made inside a module path; nested scopes are joined by dots.

    >>> import autograd
    >>> with autograd.scope("encoder"), autograd.scope("0"):
    ...     y = autograd.Tensor(2.0, requires_grad=True) * 3
    >>> y.node.scope
    'encoder.0'
    """
    mode = current.get()
    with switched(replace(mode, scope=f"{mode.scope}.{name}" if mode.scope else name)):
        yield
