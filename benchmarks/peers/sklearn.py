"""The workloads in scikit-learn."""

from __future__ import annotations

import warnings
from collections.abc import Callable

from sklearn.neural_network import MLPClassifier
from workloads import GOAL, mnist_arrays


def mnist(sizes: tuple[int, ...]) -> Callable[[], int]:
    x, y, x_test, y_test = mnist_arrays()
    model = MLPClassifier(sizes[1:-1], batch_size=128, max_iter=1, warm_start=True, random_state=0)

    def fit() -> int:
        warnings.simplefilter("ignore")  # one epoch at a time doesn't converge, which it says each time
        for epoch in range(30):
            model.fit(x, y)
            if model.score(x_test, y_test) >= GOAL:
                return epoch + 1
        return 30

    return fit
