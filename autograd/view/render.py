"""From DOT to pictures, by the system's ``dot`` where there is one, else by pygraphviz; and files by suffix."""

from __future__ import annotations

import contextlib
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autograd.errors import ArgumentError, GraphError, MissingDependencyError
from autograd.view.drawing import source

if TYPE_CHECKING:
    from autograd.view.record import Trace

TIMEOUT = 20.0  # seconds for a layout: dot needs 14 for 3,686 cards
QUICK = 150  # arrows: up to this many pygraphviz takes less than a second
ALONE = (
    "import sys, pygraphviz; "
    "picture = pygraphviz.AGraph(string=sys.stdin.buffer.read().decode()).draw(format=sys.argv[1], prog='dot'); "
    "sys.stdout.buffer.write(picture.encode() if isinstance(picture, str) else picture)"
)
PICTURES = (".svg", ".png", ".pdf")
_one_at_a_time = threading.Lock()  # Graphviz's library, and the terminal that its chatter goes to, are the process's
TABLES = {".md": "markdown", ".tex": "latex", ".txt": "text"}


def render(dot: str, form: str) -> bytes:
    """Lay out a DOT text and return the picture as ``"svg"``, ``"png"`` or ``"pdf"``.

    Raises MissingDependencyError where there is neither ``dot`` nor pygraphviz, GraphError if the layout fails or
    takes more than 20 s.
    """
    import shutil  # start-up cost

    program = shutil.which("dot")
    if program is not None:
        return _run([program, f"-T{form}"], dot, form)
    try:
        import pygraphviz  # type: ignore[import-untyped]  # optional: its wheel carries Graphviz
    except ImportError:
        raise MissingDependencyError(
            f"drawing a picture as {form}",
            "Graphviz: the program `dot`, or the package pygraphviz, whose wheels carry it",
            "neither",
            "apt install graphviz (brew, choco), or pip install pygraphviz; .dot .json .md .tex .txt need neither",
        ) from None
    if dot.count(" -> ") > QUICK:  # a process of its own can be stopped
        return _run([sys.executable, "-P", "-c", ALONE, form], dot, form)
    return _by_package(pygraphviz, dot, form)


def _run(command: list[str], dot: str, form: str) -> bytes:
    import subprocess  # start-up cost

    try:
        done = subprocess.run(command, input=dot.encode(), capture_output=True, timeout=TIMEOUT, check=True)
    except subprocess.TimeoutExpired as problem:
        raise GraphError(
            f"drawing a picture as {form}", f"a layout within {TIMEOUT:g} s", "a graph that dot is still laying out",
            "fold it: autograd.trace(t, collapse=True)",
        ) from problem  # fmt: skip
    except subprocess.CalledProcessError as problem:
        said = problem.stderr.decode(errors="replace").strip() or f"exit status {problem.returncode}"
        raise GraphError(f"drawing a picture as {form}", "a layout by dot", said, "update Graphviz") from problem
    return done.stdout


def _by_package(pygraphviz: Any, dot: str, form: str) -> bytes:
    with _one_at_a_time, _without_font_chatter():
        picture = pygraphviz.AGraph(string=dot).draw(format=form, prog="dot")
    return picture.encode() if isinstance(picture, str) else bytes(picture)


@contextlib.contextmanager
def _without_font_chatter() -> Iterator[None]:
    """Drop what Fontconfig writes straight to the terminal about the machine's own font settings."""
    import os  # start-up cost
    import tempfile  # start-up cost

    try:
        terminal = os.dup(2)
    except OSError:  # there is no terminal to write to
        yield
        return
    with tempfile.TemporaryFile() as said:
        os.dup2(said.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(terminal, 2)
            os.close(terminal)
            said.seek(0)
            for line in said:
                if not line.startswith(b"Fontconfig warning"):
                    os.write(2, line)


def save(trace: Trace, path: Any) -> None:
    """Write a trace in the format that the file's suffix names.

    Raises ArgumentError for another suffix, MissingDependencyError where nothing can draw a picture.
    """
    target = Path(path)
    suffix = target.suffix.lower()
    if suffix in PICTURES:
        content = render(source(trace), suffix[1:])
    elif suffix in TABLES:
        content = trace.table(TABLES[suffix]).encode()
    elif suffix in (".dot", ".json"):
        content = (source(trace) if suffix == ".dot" else trace.to_json()).encode()
    elif suffix == ".html":
        content = trace.to_html().encode()
    else:
        raise ArgumentError(
            "trace.save(path)",
            f"a file name ending in .dot .json {' '.join((*PICTURES, *TABLES))} .html",
            repr(str(path)),
            "name the file trace.svg, say",
        )
    target.write_bytes(content)
