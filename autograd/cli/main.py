"""``python -m autograd``: reads the command line, runs a command, and turns what goes wrong into one clear text."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from autograd import __version__
from autograd.cli import demo, explain
from autograd.errors import ArgumentError, AutogradError

USER_ERROR, INTERRUPTED = 2, 130


class _Parser(argparse.ArgumentParser):
    """An argument parser whose errors have the same four parts as all others."""

    def error(self, message: str) -> NoReturn:
        raise ArgumentError(f"the command {self.prog}", "its arguments", message, f"see {self.prog} --help")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run ``python -m autograd``; return 0, 1 for a number that is off, 2 for a mistake in what was asked."""
    for stream in sys.stdout, sys.stderr:
        if reconfigure := getattr(stream, "reconfigure", None):
            reconfigure(errors="replace")  # a terminal that can't write ∂ shows ?
    try:
        code = _run(sys.argv[1:] if arguments is None else list(arguments))
        sys.stdout.flush()
        return code
    except AutogradError as problem:
        return _fail(problem)
    except MemoryError as problem:
        return _fail(
            ArgumentError("the computation", "arrays that fit into memory", str(problem), "ask for smaller ones")
        )
    except BrokenPipeError:  # the reader has seen enough; Python must not complain about it when it exits
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as problem:
        return _fail(ArgumentError("writing a file", "a place that can be written", str(problem), "choose another"))
    except KeyboardInterrupt:
        print("\ninterrupted", file=sys.stderr)
        return INTERRUPTED


def _run(arguments: list[str]) -> int:
    parser = _Parser(prog="python -m autograd", description="Build expressions and see every step of the chain rule.")
    parser.add_argument("--version", action="version", version=f"chaingrad {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="command")
    explaining = commands.add_parser("explain", help="print the forward and the backward pass through an expression")
    explain.configure(explaining)
    showing = commands.add_parser(
        "demo", help="work the course's cases, draw them, and learn to read handwritten digits"
    )
    demo.configure(showing)
    if not arguments:
        parser.print_help()
        return 0
    known = {"explain": explaining, "demo": showing}
    if arguments[0] not in known:
        parser.parse_args(arguments)
    # An expression may start with a minus; options and operands may come in any order.
    rest = [f" {a}" if a[0:1] == "-" and a[1:2] != "-" and a != "-h" else a for a in arguments[1:]]
    options = known[arguments[0]].parse_intermixed_args(rest)
    return int(options.run(options))


def _fail(problem: AutogradError) -> int:
    print(f"{type(problem).__name__} {problem}", file=sys.stderr)
    return USER_ERROR
