"""How a tensor shows itself: its ledger in a terminal, its picture in a notebook."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from autograd.errors import ArgumentError
from autograd.graph.node import Node
from autograd.graph.order import ancestors
from autograd.tensor import Tensor
from autograd.view.record import Trace
from autograd.view.trace import trace

DRAWN = 60  # nodes: more are folded; a notebook draws a graph by itself up to this size, trace(t).draw() draws any


def show(tensor: Tensor, form: str | None = None) -> None:
    """Show how the tensor was computed and each step of the chain rule, in the form that fits where it is called.

    ``form`` is ``"table"`` (in a terminal), ``"picture"`` (in a notebook) or ``"html"``: the page, in the browser. More
    than 60 nodes are folded into boxes by module, and so is a picture of modules.

    >>> import autograd
    >>> (autograd.Tensor(3.0, requires_grad=True, name="x") * 2).show()  # doctest: +ELLIPSIS
    v₂ = x·2
    ...

    Raises ArgumentError for another form.
    """
    form = form or ("picture" if _in_notebook() else "table")
    if form == "table":
        print(trace(tensor, limit=DRAWN).table(width=terminal()), end="")
    elif form == "picture":
        from IPython.display import display  # optional: there where a notebook is

        display(_pictured(tensor).draw())  # type: ignore[no-untyped-call]  # IPython has no types
    elif form == "html":
        _browse(trace(tensor).to_html())
    else:
        raise ArgumentError("tensor.show(form)", "'table', 'picture' or 'html'", repr(form), "leave it out")


def terminal() -> int | None:
    """Return how many columns the terminal has; None where the text goes elsewhere."""
    import shutil  # start-up cost

    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def _pictured(tensor: Tensor) -> Trace:
    """Trace for a picture: what modules computed is folded."""
    return trace(tensor, limit=DRAWN, collapse=any(n.scope for n in ancestors([tensor.node])))


def _in_notebook() -> bool:
    """Tell whether a notebook runs this: a kernel's shell can show pictures, a terminal's can't."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return type(shell).__name__ == "ZMQInteractiveShell"


def _browse(page: str) -> None:
    """Write a page where it stays until the machine forgets its temporary files, and open it."""
    import tempfile  # start-up cost
    import webbrowser  # start-up cost

    with tempfile.NamedTemporaryFile("w", suffix=".html", prefix="trace-", delete=False, encoding="utf-8") as file:
        file.write(page)
    webbrowser.open(Path(file.name).as_uri())


def mimebundle(tensor: Tensor, include: Any = None, exclude: Any = None) -> dict[str, Any]:
    """Return what a notebook shows: the text, and for a small graph its picture; never raises."""
    bundle = {"text/plain": repr(tensor)}
    try:
        if tensor.requires_grad and not tensor.is_leaf and _is_small(tensor.node):
            drawn = _pictured(tensor).draw()._repr_mimebundle_()
            bundle |= {kind: text for kind, text in drawn.items() if kind != "text/plain"}
    except Exception:  # a cell's value must never fail to appear
        return bundle
    return bundle


def _is_small(root: Node) -> bool:
    stack, seen = [root], {root}
    while stack and len(seen) <= DRAWN:
        below = [p for p in stack.pop().parents if p is not None and p not in seen]
        seen.update(below)
        stack.extend(below)
    return len(seen) <= DRAWN
