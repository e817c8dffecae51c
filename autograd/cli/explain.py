"""``python -m autograd explain``: an expression, its values, and each step of the chain rule back through it."""

from __future__ import annotations

import argparse
import tempfile
import textwrap
import warnings
import webbrowser
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

import numpy as np

from autograd.cli.expression import parse
from autograd.cli.operands import read
from autograd.cli.program import Program, near, refuse
from autograd.errors import ArgumentError
from autograd.primitives import registry
from autograd.primitives.notation import number
from autograd.tensor import Parameter, Tensor
from autograd.transforms import hessian, jacobian, jvp
from autograd.view.show import terminal
from autograd.view.trace import trace

FILES = {
    "svg": ".svg",
    "png": ".png",
    "dot": ".dot",
    "json": ".json",
    "latex": ".tex",
    "markdown": ".md",
    "html": ".html",
}

_INDENTED: Any = {"initial_indent": "  ", "subsequent_indent": "  "}
_GUIDE = f"""
An expression is made of numbers (also pi, inf, nan), names, + - * / @ ** and comparisons, (…), x[1:, None],
x.T, and autograd's functions, called as sum(x, axis=0) or x.sum(axis=0). It may be written as in a book:
"L = (x·w + b − y)²". A value is a number, a nested list or @file.npy.

functions:
{textwrap.fill(", ".join(n for n, p in registry.items() if not p.internal), 100, **_INDENTED)}

examples:
  python -m autograd explain "(x*w + b - y)**2" x=1 w=5 b=1 y=2 --parameters w,b --svg regression.svg
  python -m autograd explain "f = z*(x + y)" x=-2 y=5 z=-4 --open
  python -m autograd explain "softmax(z)" z="[1, 2, 3]" --jacobian
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    parser.formatter_class, parser.epilog = argparse.RawDescriptionHelpFormatter, _GUIDE
    parser.add_argument("expression", help='what to compute, such as "L = (x*w + b - y)**2"')
    parser.add_argument(
        "operands", nargs="*", metavar="name=value", help='such as x=1, w="[[1, 2], [3, 4]]", y=@file.npy'
    )
    parser.add_argument("--parameters", type=_names, default=[], metavar="w,b", help="names that training would change")
    parser.add_argument(
        "--labels", type=_names, default=[], metavar="t", help="names that stay whole numbers: classes, indices"
    )
    parser.add_argument("--jacobian", action="store_true", help="print ∂output/∂name in full instead of the ledger")
    parser.add_argument("--hessian", action="store_true", help="print ∂²output/∂name∂name for every pair of names")
    parser.add_argument(
        "--jvp", action="append", default=[], metavar="name=direction",
        help="print the derivative along a direction: one --jvp for each name that moves, the others stand still",
    )  # fmt: skip
    for name, suffix in FILES.items():
        what = ", the page that plays it step by step" if name == "html" else ""
        parser.add_argument(f"--{name}", type=Path, metavar="FILE", help=f"also write FILE{suffix}{what}")
    parser.add_argument("--exercise", action="store_true", help="hide the page's gradients: the reader fills them in")
    parser.add_argument("--open", action="store_true", help="open the page in the browser")
    parser.set_defaults(run=run)


def _names(text: str) -> list[str]:
    return [n.strip() for n in text.split(",") if n.strip()]


def run(options: argparse.Namespace) -> int:
    """Explain one expression; return the exit code."""
    # What isn't finite shows in the ledger; NumPy's warnings would point into the engine.
    with np.errstate(all="ignore"), warnings.catch_warnings(action="ignore", category=RuntimeWarning):
        _explain(options)
    return 0


def _explain(options: argparse.Namespace) -> None:
    for name, suffix in FILES.items():
        path = getattr(options, name)
        if path is not None and path.suffix != suffix:
            raise ArgumentError(
                f"--{name} {path}", f"a file name that ends in {suffix}", repr(path.name), f"write {path}{suffix}"
            )
    if options.exercise and not (options.html or options.open):
        raise ArgumentError("--exercise", "a page to make an exercise of", "neither --html nor --open", "add --open")
    program, operands = parse(options.expression), read(options.operands, options.labels)
    _check("--parameters", options.parameters, operands)
    _check("--labels", options.labels, operands)
    _check("the operands", operands, program.names)
    tensors = {name: _tensor(name, value, options) for name, value in operands.items()}
    output = _output(program, tensors)
    seen = trace(output)
    found = []
    if options.jacobian:
        found += _jacobians(program, tensors, output)
    if options.hessian:
        found += _hessians(program, tensors, output)
    if options.jvp:
        found.append(_along(program, tensors, output, read(options.jvp, [])))
    print("\n\n".join(found) if found else seen.table(width=terminal()).rstrip())
    for name in FILES:
        if path := getattr(options, name):
            if name == "html" and options.exercise:
                path.write_text(seen.exercise(), "utf-8")
            else:
                seen.save(path)
            print(f"wrote {path}")
    if options.open:
        _open(options.html or _temporary(seen.exercise() if options.exercise else seen.to_html()))


def _temporary(text: str) -> Path:
    """Write a page that nobody asked to keep; it stays until the system clears its temporary files."""
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", prefix="explain-", suffix=".html", delete=False) as file:
        file.write(text)
    return Path(file.name)


def _open(path: Path) -> None:
    if not webbrowser.open(path.resolve().as_uri()):
        print(f"no browser to open here: the page is {path}")


def _check(where: str, names: Collection[str], known: Collection[str]) -> None:
    for name in names:
        if name not in known:
            raise ArgumentError(
                where, f"names among {', '.join(known)}" if known else "no names", repr(name),
                near(name, known) or "take it out, or use it in the expression",
            )  # fmt: skip


def _tensor(name: str, value: Any, options: argparse.Namespace) -> Tensor:
    if name in options.parameters:
        return Parameter(value, name)
    return Tensor(value, requires_grad=name not in options.labels, name=name)


def _output(program: Program, tensors: dict[str, Tensor]) -> Tensor:
    """Run the program, check that there is something to differentiate, and name the output."""
    output = program(tensors)
    if not isinstance(output, Tensor):
        refuse(
            program.text, 0, "an expression that computes with a name", "numbers alone",
            "write x for one of them, and add x=…",
        )  # fmt: skip
    if not output.requires_grad:
        primitive = output.node.primitive
        reasons = [r for r in primitive.rules if isinstance(r, str)] if primitive else []
        refuse(
            program.text, 0, "an output that has a derivative", (reasons or ["labels and numbers alone"])[0],
            "leave out the last step",
        )  # fmt: skip
    if program.name and not output.is_leaf:
        output.name = program.name
    return output


def _function(program: Program, tensors: dict[str, Tensor]) -> tuple[list[str], list[Any], Callable[..., Any]]:
    """Return the names that have a derivative, their values, and the program as a function of these."""
    names = [n for n in program.names if n in tensors and tensors[n].requires_grad]

    def f(*values: Any) -> Any:
        return program(tensors | dict(zip(names, values, strict=True)))

    return names, [tensors[n].numpy() for n in names], f


def _hessians(program: Program, tensors: dict[str, Tensor], output: Tensor) -> list[str]:
    """Write ∂²output/∂a∂b for every pair of operands."""
    if output.size != 1:
        refuse(
            program.text, 0, "a single number, for its Hessian", f"an output of shape {output.shape}",
            "reduce it with sum(…)",
        )  # fmt: skip
    names, values, f = _function(program, tensors)
    blocks = hessian(f, tuple(range(len(names))))(*values)
    head = program.name or "y"
    return [
        _written(f"∂²{head}/∂{a}" + ("²" if a == b else f"∂{b}"), blocks[i][j], tensors[a].shape, tensors[b].shape)
        for i, a in enumerate(names)
        for j, b in enumerate(names)
        if i <= j
    ]


def _along(program: Program, tensors: dict[str, Tensor], output: Tensor, directions: dict[str, Any]) -> str:
    """Write the derivative of the output along a direction, by forward mode."""
    names, values, f = _function(program, tensors)
    _check("--jvp", directions, names)
    tangents = [directions.get(n, np.zeros(np.shape(v))) for n, v in zip(names, values, strict=True)]
    _, y_dot = jvp(f, tuple(values), tuple(tangents))
    moved = ", ".join(f"{n} by {number(d) if np.ndim(d) == 0 else d.tolist()}" for n, d in directions.items())
    head = program.name or "y"
    return _written(f"the derivative of {head}, moving {moved}", np.asarray(y_dot)[()], output.shape, None)


def _jacobians(program: Program, tensors: dict[str, Tensor], output: Tensor) -> list[str]:
    """Write ∂output/∂name for every operand: all rows come from one sweep that starts with the identity."""
    names, values, f = _function(program, tensors)
    found = jacobian(f, tuple(range(len(names))))(*values)
    head = program.name or "y"
    return [_written(f"∂{head}/∂{n}", J, output.shape, tensors[n].shape) for n, J in zip(names, found, strict=True)]


def _written(name: str, J: Any, rows: tuple[int, ...], columns: tuple[int, ...] | None) -> str:
    if J.ndim == 0:
        return f"{name} = {number(J)}"
    text = np.array2string(J + 0.0, separator=", ", threshold=J.size, max_line_width=100, prefix="  ")  # −0 reads as 0
    shape = f"{rows}" if columns is None else f"{rows} + {columns}"
    return f"{name}, shape {shape} =\n  {text}".replace("-", "−")
