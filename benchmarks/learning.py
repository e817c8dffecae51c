"""`python -m benchmarks.learning`: what small networks learn on real data, and how long an epoch takes.

MNIST and California Housing are looked for as ``nn.datasets.fetch`` says; each case is run with three seeds.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from typing import Any

import autograd
import nn
from nn import datasets, metrics
from nn.data import StandardScaler, TensorDataset, random_split

SEEDS = (0, 1, 2)


def mnist(optimizer: Callable[[Any], Any], seed: int, epochs: int = 10) -> tuple[float, float]:
    """Train 784-128-10 in batches of 128; return the test accuracy after the last epoch, and seconds per epoch."""
    train, test = datasets.mnist()
    autograd.seed(seed)
    model = nn.Sequential(nn.Flatten(), nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10))
    start = time.perf_counter()
    nn.fit(model, train, loss=nn.CrossEntropyLoss(), optimizer=optimizer, epochs=epochs, batch_size=128, rng=seed)
    seconds = (time.perf_counter() - start) / epochs
    return nn.evaluate(model, test, metrics=[metrics.accuracy])["accuracy"], seconds


def mnist_convolution(seed: int, epochs: int = 5) -> tuple[float, float]:
    """Train two convolutions and two layers in batches of 128, Adam's step falling like a cosine from 2e-3.

    Return the test accuracy after the last epoch, and seconds per epoch.
    """
    train, test = datasets.mnist()
    autograd.seed(seed)
    model = nn.Sequential(
        nn.Unflatten(1, (1, 28)),
        nn.Conv2d(1, 16, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(32 * 7 * 7, 64),
        nn.ReLU(),
        nn.Linear(64, 10),
    )
    optimizer = nn.optim.Adam(model.parameters(), lr=2e-3)
    falling = nn.Schedule(nn.optim.CosineAnnealingLR(optimizer, epochs))
    loss, start = nn.CrossEntropyLoss(), time.perf_counter()
    nn.fit(model, train, loss=loss, optimizer=optimizer, epochs=epochs, batch_size=128, callbacks=[falling], rng=seed)
    seconds = (time.perf_counter() - start) / epochs
    return nn.evaluate(model, test, metrics=[metrics.accuracy])["accuracy"], seconds


def california(seed: int, epochs: int = 50) -> tuple[float, float]:
    """Train 8-64-64-1 and keep the epoch that is best on the validation part; return R² on the test part, and seconds.

    80 % to train on, 10 % to validate and 10 % to test, features and target scaled by the training part.
    """
    features, values = datasets.california_housing().arrays
    autograd.seed(seed)
    parts = random_split(TensorDataset(features, values), [0.8, 0.1, 0.1], rng=seed)
    inputs, targets = zip(*(part[:] for part in parts), strict=True)
    scaler, target_scaler = StandardScaler().fit(inputs[0]), StandardScaler().fit(targets[0])
    scaled = [(scaler.transform(x), target_scaler.transform(y)) for x, y in zip(inputs, targets, strict=True)]
    model = nn.Sequential(nn.Linear(8, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 1))
    start = time.perf_counter()
    nn.fit(
        model,
        scaled[0],
        validation=scaled[1],
        loss=nn.MSELoss(),
        optimizer=nn.optim.Adam(model.parameters(), lr=1e-3),
        epochs=epochs,
        batch_size=64,
        callbacks=[nn.EarlyStopping(patience=epochs)],
        rng=seed,
    )
    seconds = (time.perf_counter() - start) / epochs
    return metrics.r2(nn.predict(model, scaled[2][0]), scaled[2][1]), seconds


def report(name: str, case: Callable[[int], tuple[float, float]], bars: dict[str, float]) -> bool:
    """Run a case with each seed and print its results beside the bars; tell whether all are met."""
    results, seconds = zip(*(case(seed) for seed in SEEDS), strict=True)
    print(f"{name}: {', '.join(f'{r:.4f}' for r in results)}; {statistics.median(seconds):.2f} s an epoch")
    found = {"least": min(results), "mean": statistics.fmean(results), "median": statistics.median(results)}
    for what, bar in bars.items():
        print(f"  {what} {found[what]:.4f} ≥ {bar:g} {'✓' if found[what] >= bar else '✗'}")
    return all(found[what] >= bar for what, bar in bars.items())


def _momentum(parameters: Any) -> Any:
    return nn.optim.SGD(parameters, lr=0.1, momentum=0.9)


def main() -> None:
    """Run all four cases; leave with 1 if a bar isn't met."""
    argparse.ArgumentParser(prog="python -m benchmarks.learning", description=__doc__).parse_args()
    size = "MNIST 784-128-10, batch 128, 10 epochs"
    met = [
        report(f"{size}, Adam 1e-3", lambda seed: mnist(nn.optim.Adam, seed), {"least": 0.974, "mean": 0.976}),
        report(f"{size}, SGD 0.1, momentum 0.9", lambda seed: mnist(_momentum, seed), {"mean": 0.977}),
        report("MNIST, two convolutions, batch 128, 5 epochs, Adam 2e-3", mnist_convolution, {"least": 0.988}),
        report("California Housing 8-64-64-1, batch 64, best of 50 epochs", california, {"median": 0.76}),
    ]
    raise SystemExit(0 if all(met) else 1)


if __name__ == "__main__":
    main()
