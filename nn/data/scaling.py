"""Bringing features to one scale, and labels to vectors."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import ArgumentError, GraphError, ShapeError
from nn.data.dataset import plain


class StandardScaler:
    """Subtract each column's mean and divide by its standard deviation: z = (x − μ)/σ.

    x: (n, features). σ is the population's (divisor n); a column that is constant to rounding is divided by 1; NaN is
    left out of μ and σ. Numbers as scikit-learn's StandardScaler, attributes ``mean_``, ``var_`` and ``scale_`` too.

    >>> scaler = StandardScaler().fit([[1.0], [3.0]])
    >>> scaler.transform([[5.0]])
    array([[3.]])
    >>> scaler.inverse_transform([[3.0]])
    array([[5.]])

    Raises GraphError before ``fit``, ShapeError for another number of columns.
    """

    mean_: Any = None
    var_: Any = None
    scale_: Any = None

    def fit(self, x: Any) -> StandardScaler:
        """Learn the means and standard deviations; returns the scaler."""
        x = plain(x)
        if x.ndim != 2 or not len(x):
            raise ShapeError("StandardScaler.fit(x)", "x of shape (n, features), n ≥ 1", f"{x.shape}", "reshape x")
        x = x.astype(np.float64, copy=False)
        n = np.maximum((~np.isnan(x)).sum(axis=0), 1)
        self.mean_ = np.nansum(x, axis=0) / n
        deviation = x - self.mean_
        # The second term takes back the rounding of the mean (Chan, Golub & LeVeque 1983, the corrected two-pass form).
        self.var_ = (np.nansum(deviation**2, axis=0) - np.nansum(deviation, axis=0) ** 2 / n) / n
        eps = np.finfo(np.float64).eps
        constant = self.var_ <= n * eps * self.var_ + (n * self.mean_ * eps) ** 2
        self.scale_ = np.where(constant, 1.0, np.sqrt(self.var_))
        return self

    def transform(self, x: Any) -> Any:
        """Return (x − μ)/σ, in x's floating dtype."""
        x = self._checked(x, "transform")
        return ((x - self.mean_) / self.scale_).astype(_floating(x), copy=False)

    def inverse_transform(self, z: Any) -> Any:
        """Return z·σ + μ, in z's floating dtype."""
        z = self._checked(z, "inverse_transform")
        return (z * self.scale_ + self.mean_).astype(_floating(z), copy=False)

    def fit_transform(self, x: Any) -> Any:
        """Learn from x and return it transformed."""
        return self.fit(x).transform(x)

    def _checked(self, x: Any, method: str) -> Any:
        if self.mean_ is None:
            raise GraphError(f"StandardScaler.{method}(x)", "a fitted scaler", "one before fit", "call fit(x) first")
        x = plain(x)
        if x.ndim != 2 or x.shape[1] != len(self.mean_):
            raise ShapeError(
                f"StandardScaler.{method}(x)",
                f"x of shape (n, {len(self.mean_)}), as in fit",
                f"{x.shape}",
                "pass the same columns",
            )
        return x


def _floating(x: Any) -> Any:
    return x.dtype if x.dtype.kind == "f" else np.dtype(np.float64)


def one_hot(labels: Any, num_classes: int = -1, dtype: Any = np.float32) -> Any:
    """Return labels (…) as rows (…, num_classes) with a 1 at the label and 0 elsewhere; −1 takes max + 1.

    >>> one_hot([0, 2])
    array([[1., 0., 0.],
           [0., 0., 1.]], dtype=float32)

    Raises ArgumentError for labels that aren't whole numbers from 0 to num_classes − 1.
    """
    labels = plain(labels)
    if labels.dtype.kind not in "iu" or (labels.size and labels.min() < 0):
        got = f"dtype {labels.dtype}" if labels.dtype.kind not in "iu" else f"a label {labels.min()}"
        raise ArgumentError("one_hot(labels)", "labels 0, 1, 2, …", got, "number the classes from 0, as integers")
    classes = int(labels.max(initial=-1)) + 1 if num_classes == -1 else num_classes
    if labels.size and labels.max() >= classes:
        raise ArgumentError(
            "one_hot(labels)", f"labels below {classes}", f"a label {labels.max()}", "pass a larger num_classes"
        )
    return np.asarray(labels[..., None] == np.arange(classes), dtype=dtype)
