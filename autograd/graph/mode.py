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
    """``record``: make nodes at all; ``keep``: keep every value and source line; ``scope``: the module path."""

    record: bool = True
    keep: bool = False
    scope: str = ""


PLAIN = Mode()
current: ContextVar[Mode] = ContextVar("autograd_mode", default=PLAIN)  # noqa: B039  frozen


@contextlib.contextmanager
def _switched(mode: Mode) -> Iterator[None]:
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
    with _switched(replace(current.get(), record=False)):
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
    with _switched(replace(current.get(), record=True)):
        yield


@contextlib.contextmanager
def keep() -> Iterator[None]:
    """Keep every value of the graph that is built inside, and the line it was built on, for a later ``trace``.

    >>> import autograd
    >>> x = autograd.Tensor(2.0, requires_grad=True)
    >>> with autograd.keep():
    ...     y = x.exp().sum()
    """
    with _switched(replace(current.get(), record=True, keep=True)):
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
    with _switched(replace(mode, scope=f"{mode.scope}.{name}" if mode.scope else name)):
        yield
