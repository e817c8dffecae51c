"""What is measured: each workload's input, the function of a peer that does it, and the ratios that pass.

Every process that takes part reads this file, whatever libraries it has: it needs NumPy alone.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

Draw = Callable[[np.random.Generator], Any]


@dataclass(frozen=True)
class Workload:
    """One thing to do, the same for every peer.

    ``kind`` names the function that a peer's file has for it: called with this record, it returns the function that is
    timed. A kind that no process can repeat (``whole=True``) is timed once for each fresh process, from start to end.
    """

    name: str
    kind: str
    draw: Draw  # the input of one run, new each time and made outside the clock
    bars: dict[str, float]  # the highest ratio ours/peer that passes, for each peer
    tolerance: float = 1e-6  # for the difference to the reference, relative to its largest number
    options: dict[str, Any] = field(default_factory=dict)
    calls: int = 20  # runs in one sample
    samples: int = 40
    whole: bool = False
    unit: str = "s"  # of what is compared: seconds, or bytes


def weights(sizes: tuple[int, ...], dtype: Any = np.float32, seed: int = 0) -> list[Any]:
    """Return the weights (out, in) and biases of a network, the same for every peer."""
    rng = np.random.default_rng(seed)
    drawn = []
    for n, m in itertools.pairwise(sizes):
        drawn += [rng.normal(0, n**-0.5, (m, n)).astype(dtype), rng.normal(0, 0.1, m).astype(dtype)]
    return drawn


# Graphs of single numbers: the expressions don't care whose numbers they get


def chain(s: Any, w: Any, b: Any, rounds: int) -> Any:
    """Return ``s·w + b``, over and over: two operations each."""
    for _ in range(rounds):
        s = s * w + b
    return s


def network(parameters: list[Any], inputs: list[float], layers: tuple[int, ...]) -> Any:
    """Return the squared error of a relu network with one number for each weight."""
    following = iter(parameters).__next__
    h: list[Any] = inputs
    for _, m in itertools.pairwise(layers):
        h = [sum([following() * v for v in h], following()).relu() for _ in range(m)]
    return (h[0] - 1.0) ** 2


def rosenbrock(x: Any) -> Any:
    """Return the Rosenbrock function of any dimension."""
    return (100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum()


# Inputs


def _regression(n: int, features: int) -> Draw:
    def draw(rng: np.random.Generator) -> Any:
        x = rng.standard_normal((n, features), dtype=np.float32)
        return x, np.sin(x.sum(axis=1, keepdims=True))

    return draw


def _classification(n: int, features: int, classes: int) -> Draw:
    return lambda rng: (rng.standard_normal((n, features), dtype=np.float32), rng.integers(0, classes, n))


def _images(n: int) -> Draw:
    return lambda rng: (rng.standard_normal((n, 1, 28, 28), dtype=np.float32), rng.integers(0, 10, n))


def _array(*shape: int, dtype: Any = np.float64) -> Draw:
    return lambda rng: rng.normal(size=shape).astype(dtype)


def _matrices(*sizes: int) -> Draw:
    return lambda rng: [rng.normal(size=shape) for shape in itertools.pairwise(sizes)]


def _sine(n: int, length: int) -> Draw:
    def draw(rng: np.random.Generator) -> Any:
        start = rng.uniform(0, 6, (n, 1, 1))
        wave = np.sin(start + 0.3 * np.arange(length + 1)[:, None]).astype(np.float32)
        return wave[:, :-1], wave[:, -1]

    return draw


def _step(sizes: tuple[int, ...], batch: int, bars: dict[str, float], **rest: Any) -> Workload:
    loss = "mse" if sizes[-1] == 1 else "cross_entropy"
    draw = _regression(batch, sizes[0]) if loss == "mse" else _classification(batch, sizes[0], sizes[-1])
    options = {"sizes": sizes, "loss": loss, "activation": "tanh" if loss == "mse" else "relu"}
    name = f"training step {'-'.join(map(str, sizes))}, batch {batch}, float32, Adam"
    # Adam's first steps are lr·sign(g): where g is nearly nothing, rounding decides; the more weights, the more often.
    return Workload(name, "training_step", draw, bars, 2e-3 if sizes[0] < 1000 else 1e-2, options, **rest)


def data_folder() -> Path:
    """Return the folder with MNIST's four files, or raise FileNotFoundError that says how to name it."""
    folder = Path(os.environ.get("CHAINGRAD_DATA", "")) / "mnist"
    if not os.environ.get("CHAINGRAD_DATA") or not folder.is_dir():
        raise FileNotFoundError("set CHAINGRAD_DATA to the folder that holds mnist/")
    return folder


def mnist_arrays() -> tuple[Any, Any, Any, Any]:
    """Return MNIST's training and test images (n, 784) in [0, 1], float32, and labels."""
    import gzip  # start-up cost: few workloads read files

    def read(name: str) -> Any:
        content = gzip.decompress((data_folder() / f"{name}.gz").read_bytes())
        sizes = [int.from_bytes(content[4 + 4 * i : 8 + 4 * i], "big") for i in range(content[3])]
        return np.frombuffer(content, np.uint8, offset=4 + 4 * len(sizes)).reshape(sizes[0], -1)

    images = [np.divide(read(f"{part}-images-idx3-ubyte"), 255, dtype=np.float32) for part in ("train", "t10k")]
    labels = [read(f"{part}-labels-idx1-ubyte").ravel().astype(np.int64) for part in ("train", "t10k")]
    return images[0], labels[0], images[1], labels[1]


def _nothing(rng: np.random.Generator) -> None:
    return None


GOAL = 0.975  # test accuracy at which the clock of the MNIST run stops

WORKLOADS = (
    Workload(
        "scalar chain s·w + b, 800 operations", "scalar_chain", lambda rng: rng.uniform(-1, 1),
        {"micrograd": 0.75, "torch": 0.3}, 1e-5, {"rounds": 400}, calls=5,
    ),
    Workload(
        "scalar relu network 3-8-8-1", "scalar_network", lambda rng: rng.uniform(0, 1, 3).tolist(),
        {"micrograd": 0.75, "torch": 0.3}, 1e-5, {"layers": (3, 8, 8, 1)},
    ),
    _step((8, 64, 64, 1), 64, {"by_hand": 1.35, "torch": 0.35, "jax": 0.75}),
    _step((784, 128, 10), 64, {"torch": 1.1, "jax": 0.95}),
    _step((784, 512, 512, 10), 256, {"by_hand": 1.0, "torch": 1.5}, calls=5, samples=15),
    _step((1024, 2048, 2048, 10), 512, {"by_hand": 1.0, "torch": 1.5}, calls=1, samples=9),
    Workload(
        "step of a convolution network on 28×28 images, batch 64", "convolution_step", _images(64), {"torch": 2.5},
        2e-3, calls=2, samples=15,
    ),
    Workload(
        "step of an LSTM on a sine, 32 hidden, 50 steps, batch 32", "lstm_step", _sine(32, 50), {"torch": 1.5}, 2e-3,
        calls=2, samples=15,
    ),
    Workload(
        "GELU forward and backward, 10⁶ entries, float32", "gelu", _array(10**6, dtype=np.float32), {"torch": 7.0},
        1e-5, calls=3, samples=15,
    ),
    Workload(
        "LayerNorm and GELU, 1000 × 1000, float32", "normalised_gelu", _array(1000, 1000, dtype=np.float32),
        {"torch": 7.0}, 1e-4, calls=3, samples=15,
    ),
    Workload(
        "Jacobian of a 100-100-100 tanh network, float64", "jacobian", _array(100), {"by_hand": 1.6, "jax": 1.1}, 1e-9,
    ),
    Workload("Hessian of the 100-d Rosenbrock function", "hessian", _array(100), {"torch": 0.2, "jax": 2.0}, 1e-9),
    Workload("Hessian product, 10⁴-d Rosenbrock function", "hvp", _array(2, 10**4), {"torch": 1.0}, 1e-9),
    Workload(
        "one gradient for each of 256 examples, 784-128-10", "per_example", _classification(256, 784, 10),
        {"torch": 1.5}, 1e-3, {"sizes": (784, 128, 10)}, calls=1, samples=15,
    ),
    Workload("einsum chain ij,jk,kl,lm->im and its gradients", "einsum", _matrices(20, 40, 10, 30, 20), {"torch": 2.0}),
    Workload(
        "chain of 100,000 operations", "scalar_chain", lambda rng: rng.uniform(-1, 1), {"torch": 0.3}, 1e-5,
        {"rounds": 50_000}, calls=1, samples=5,
    ),
    Workload(
        "first gradient in a fresh process", "first_gradient", _nothing, {"torch": 0.35}, 1e-6, whole=True, samples=7,
    ),
    Workload(
        "MNIST 784-128-10 to 97.5 % on the test set, from the start of fit", "mnist", _nothing,
        {"torch": 0.6, "sklearn": 0.5}, 1.0, {"sizes": (784, 128, 10)}, whole=True, samples=3,
    ),
    Workload(
        "peak memory of that run", "mnist", _nothing, {"torch": 0.6}, 1.0, {"sizes": (784, 128, 10)}, whole=True,
        samples=1, unit="B",
    ),
)  # fmt: skip
