"""``python -m tests.fuzz --programs 100000 --seed 1``: each failure is shrunk and printed."""

from __future__ import annotations

import argparse
import sys
import time

from tests.fuzz.checks import ALWAYS, IN_TURN, Check
from tests.fuzz.programs import Program, generate
from tests.fuzz.shrinking import failure, shrink


def first_failure(program: Program, checks: tuple[Check, ...]) -> tuple[Check, str] | None:
    """Return the first check that a program fails, and how."""
    for one in checks:
        if said := failure(program, one):
            return one, said
    return None


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--programs", type=int, default=1000, help="how many (default 1000)")
    parser.add_argument("--seed", type=int, default=0, help="of the first program; the next ones count up")
    parser.add_argument("--every-check", action="store_true", help="all checks for each, instead of taking turns")
    parser.add_argument("--stop", type=int, default=10, help="after how many failures (default 10)")
    asked = parser.parse_args()
    started, failures, lines = time.monotonic(), 0, 0
    for number in range(asked.programs):
        program = generate(asked.seed + number)
        lines += len(program.lines)
        turn = IN_TURN if asked.every_check else (IN_TURN[number % len(IN_TURN)],)
        if failed := first_failure(program, ALWAYS + turn):
            one, said = failed
            failures += 1
            kind = said.partition(":")[0]
            small = shrink(program, lambda p: (failure(p, one) or "").startswith(kind))  # noqa: B023  used at once
            print(f"\n# program {asked.seed + number}, {one.__name__}: {failure(small, one)}\n{small}", flush=True)
            if failures >= asked.stop:
                break
        if (number + 1) % 1000 == 0:
            print(f"{number + 1:,} programs, {failures} failures, {time.monotonic() - started:.0f} s", flush=True)
    took = time.monotonic() - started
    print(f"{number + 1:,} programs of {lines:,} lines in {took:.0f} s: {failures} failures")
    return min(failures, 1)


if __name__ == "__main__":
    sys.exit(main())
