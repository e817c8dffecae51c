"""``python -m autograd demo``: the course's worked cases, drawn and checked, and a network that reads digits."""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from autograd.cli.digits import Digits, load_digits, split
from autograd.cli.worked_cases import Case, Check, linear_regression, product_of_a_sum, sigmoid_network
from autograd.errors import MissingDependencyError
from autograd.functions import functions
from autograd.graph.mode import no_grad
from autograd.primitives.notation import number
from autograd.tensor import Parameter, Tensor
from autograd.view.trace import trace

WIDTH = 96
HIDDEN, EPOCHS, BATCH, RATE, MOMENTUM, SEED = 128, 40, 32, 0.1, 0.9, 0
ENOUGH = 0.95  # of the test digits read rightly

relu, linear, cross_entropy = (functions[n] for n in ("relu", "linear", "cross_entropy"))


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    parser.add_argument(
        "--out",
        type=Path,
        default=Path("chain-rule-demo"),
        metavar="FOLDER",
        help="where the pictures go (%(default)s)",
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Run the demo; return 1 if a number is off, else 0."""
    start = time.perf_counter()
    options.out.mkdir(parents=True, exist_ok=True)
    good = True
    for place, case in enumerate((product_of_a_sum(), linear_regression(), sigmoid_network()), start=1):
        _heading(f"{place}  {case.title}")
        good &= _work(case, options.out, ledger=place == 2)
    _heading("4  1,797 handwritten digits, read by two layers: relu(x·W₁ᵀ + b₁)·W₂ᵀ + b₂")
    good &= _learn(options.out)
    _rule()
    verdict = "every number agrees" if good else "NOT every number agrees"
    seconds = time.perf_counter() - start
    _say(f"{_tick(good)} {verdict} · pictures in {options.out}{os.sep} · {seconds:.0f} s")
    return 0 if good else 1


# The worked cases


def _work(case: Case, folder: Path, ledger: bool) -> bool:
    """Show one case: its ledger, its numbers beside the printed ones, its picture."""
    seen = trace(case.output, title=case.title)
    if ledger:
        print(_indented("\n".join(seen.table().strip().splitlines()[2:])), end="\n\n")
    _columns(case.checks)
    _draw(seen, folder / case.file)
    return all(c.holds for c in case.checks)


def _columns(checks: list[Check]) -> None:
    what, printed = max(len(c.what) for c in checks), max(len(c.printed) for c in checks)
    each = max(1, (WIDTH - 3) // (what + printed + 7))
    for start in range(0, len(checks), each):
        row = [
            f"{_tick(c.holds)} {c.what:<{what}}  {c.printed:>{printed}}"
            + ("" if c.holds else f", got {number(c.found, 9)}")
            for c in checks[start : start + each]
        ]
        _say("   ".join(row).rstrip())


def _draw(seen: Any, path: Path) -> None:
    """Write the picture as SVG and PNG; where nothing can draw, write the DOT text that others can."""
    print()
    try:
        for suffix in (".svg", ".png"):
            seen.save(path.with_suffix(suffix))
        _say(_dim(f"drawn in {path.with_suffix('.svg').name} and .png"))
    except MissingDependencyError as problem:
        seen.save(path.with_suffix(".dot"))
        _say(_dim(f"written as {path.with_suffix('.dot').name}: to draw it, {problem.remedy}"))


# The digits


def _learn(folder: Path) -> bool:
    """Train on four fifths of the digits, read the others, and draw the network."""
    train, test = split(load_digits())
    parameters = _trained(_pixels(train), train.labels)
    with no_grad():
        read = _logits(_pixels(test), *parameters).numpy().argmax(axis=1)
    right = read == test.labels
    good = bool(right.mean() >= ENOUGH)
    _show(test, read, [*np.flatnonzero(right)[:3], *np.flatnonzero(~right)[:1]])
    _say(
        f"{len(train.labels):,} digits learned in {EPOCHS} rounds; {right.sum()} of {len(right)} new ones read rightly"
    )
    _say(f"{_tick(good)} test accuracy {right.mean():.2%}, at least {ENOUGH:.0%} wanted")
    x, t = Tensor(_pixels(train)[:BATCH], name="x"), Tensor(train.labels[:BATCH], name="t")
    loss = cross_entropy(_logits(x, *parameters), t)
    loss.name = "loss"
    _draw(trace(loss, title=f"the trained network on {BATCH} digits"), folder / "4-digits")
    return good


def _logits(x: Any, W1: Tensor, b1: Tensor, W2: Tensor, b2: Tensor) -> Tensor:
    """Return a score for each of the ten digits."""
    scores: Tensor = linear(relu(linear(x, W1, b1)), W2, b2)
    return scores


def _trained(x: Any, labels: Any) -> list[Parameter]:
    """Return the two layers after stochastic gradient descent with momentum, written out by hand."""
    from tqdm import tqdm  # type: ignore[import-untyped]  # start-up cost: only the demo shows progress

    rng = np.random.default_rng(SEED)
    parameters = [
        Parameter(_normal(rng, HIDDEN, 64), "W₁"), Parameter(np.zeros(HIDDEN, np.float32), "b₁"),
        Parameter(_normal(rng, 10, HIDDEN), "W₂"), Parameter(np.zeros(10, np.float32), "b₂"),
    ]  # fmt: skip
    velocities = [np.zeros(p.shape, p.dtype) for p in parameters]
    with tqdm(range(EPOCHS), "   training", ncols=WIDTH, unit=" rounds", disable=None, leave=False) as epochs:
        for _ in epochs:
            losses = []
            for batch in np.split(rng.permutation(len(x)), range(BATCH, len(x), BATCH)):
                loss = cross_entropy(_logits(x[batch], *parameters), labels[batch])
                loss.backward()
                losses.append(loss.item())
                with no_grad():
                    for p, velocity in zip(parameters, velocities, strict=True):
                        velocity[...] = MOMENTUM * velocity + p.grad.numpy()  # type: ignore[union-attr]  # it is there
                        p.assign_(p - RATE * velocity)
                        p.zero_grad()
            epochs.set_postfix_str(f"loss {np.mean(losses):.4f}")
    return parameters


def _pixels(digits: Digits) -> Any:
    return (digits.images.reshape(-1, 64) / 16).astype(np.float32)


def _normal(rng: np.random.Generator, rows: int, columns: int) -> Any:
    return (rng.standard_normal((rows, columns)) * np.sqrt(2 / columns)).astype(np.float32)


def _show(digits: Digits, read: Any, chosen: list[Any]) -> None:
    """Print a few digits in shades of grey, with what was read."""
    shades = np.array(list(" ░▒▓█"))
    pictures = [shades[(digits.images[i].astype(int) + 3) // 4] for i in chosen]
    for row in range(8):
        _say("      ".join("".join(shade * 2 for shade in picture[row]) for picture in pictures).rstrip())
    words = [f"{read[i]}" if read[i] == digits.labels[i] else f"{read[i]}, is {digits.labels[i]}" for i in chosen]
    ticks = [_tick(read[i] == digits.labels[i]) for i in chosen]
    _say("      ".join(f"{tick} {word:<14}" for tick, word in zip(ticks, words, strict=True)).rstrip())
    print()


# The page


def _coloured() -> bool:
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _paint(text: str, code: str) -> str:
    return f"\033[{code}m{text}\033[0m" if _coloured() else text


def _tick(good: Any) -> str:
    return _paint("✓", "32") if good else _paint("✗", "1;31")


def _dim(text: str) -> str:
    return _paint(text, "2")


def _rule() -> None:
    print(_dim("─" * WIDTH))


def _heading(text: str) -> None:
    _rule()
    print(_paint(text, "1"), end="\n\n")


def _say(text: str) -> None:
    print(f"   {text}")


def _indented(text: str) -> str:
    return "\n".join(f"   {line}" if line else "" for line in text.splitlines())
