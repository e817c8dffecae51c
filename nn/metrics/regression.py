"""How near predicted numbers are, with scikit-learn's numbers; computed in float64."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from nn.data.dataset import plain
from nn.metrics.classification import misfit


def mse(prediction: Any, target: Any) -> float:
    """Return the mean squared error, mean((prediction − target)²), over all entries.

    >>> mse([1.0, 3.0], [0.0, 1.0])
    2.5
    """
    predicted, true = _numbers(prediction, target, "mse")
    return float(np.mean((predicted - true) ** 2))


def rmse(prediction: Any, target: Any) -> float:
    """Return the root of the mean squared error, in the target's unit; the mean of the columns' for (n, columns).

    >>> rmse([3.0, 0.0], [0.0, 4.0])
    3.5355339059327378
    """
    predicted, true = _numbers(prediction, target, "rmse")
    return float(np.mean(np.sqrt(np.mean((predicted - true) ** 2, axis=0))))


def mae(prediction: Any, target: Any) -> float:
    """Return the mean absolute error, mean(|prediction − target|).

    >>> mae([3.0, 0.0], [0.0, 4.0])
    3.5
    """
    predicted, true = _numbers(prediction, target, "mae")
    return float(np.mean(np.abs(predicted - true)))


def r2(prediction: Any, target: Any) -> float:
    """Return R² = 1 − Σ(t − p)²/Σ(t − mean t)², the columns' mean for (n, columns); 1 is perfect, 0 the mean's own.

    A column of equal targets gives 1 if it is met exactly, else 0; fewer than two examples give NaN.

    >>> r2([2.5, 0.0, 2.0, 8.0], [3.0, -0.5, 2.0, 7.0])
    0.9486081370449679
    """
    predicted, true = _numbers(prediction, target, "r2")
    if len(true) < 2:
        return math.nan
    left, total = np.sum((true - predicted) ** 2, axis=0), np.sum((true - true.mean(axis=0)) ** 2, axis=0)
    explained = np.where(total > 0, 1 - left / np.where(total > 0, total, 1), np.where(left > 0, 0.0, 1.0))
    return float(np.mean(explained))


def _numbers(prediction: Any, target: Any, who: str) -> tuple[Any, Any]:
    predicted, true = plain(prediction), plain(target)
    if predicted.shape != true.shape or not predicted.size:
        misfit(who, "two arrays of the same shape", predicted, true)
    return predicted.astype(np.float64), true.astype(np.float64)
