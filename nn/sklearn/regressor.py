"""MLPRegressor: numbers, or counts."""

from __future__ import annotations

from typing import Any, Self

from sklearn.base import RegressorMixin
from sklearn.metrics import r2_score
from sklearn.utils.metaestimators import available_if

from nn.sklearn.network import Network, stochastic


class MLPRegressor(RegressorMixin, Network):  # type: ignore[misc]  # scikit-learn has no types
    """A multi-layer perceptron that predicts numbers: the parameters of sklearn.neural_network's.

    ``loss`` is ``"squared_error"``, half the squared error summed over the outputs, or ``"poisson"``, half the
    deviance of counts, behind an exponential. After ``fit`` there are the attributes of :class:`MLPClassifier`.
    """

    _measure = staticmethod(lambda y, p, w: r2_score(y, p, sample_weight=w))

    def __init__(
        self,
        loss: str = "squared_error",
        hidden_layer_sizes: Any = (100,),
        activation: str = "relu",
        *,
        solver: str = "adam",
        alpha: float = 0.0001,
        batch_size: Any = "auto",
        learning_rate: str = "constant",
        learning_rate_init: float = 0.001,
        power_t: float = 0.5,
        max_iter: int = 200,
        shuffle: bool = True,
        random_state: Any = None,
        tol: float = 1e-4,
        verbose: bool = False,
        warm_start: bool = False,
        momentum: float = 0.9,
        nesterovs_momentum: bool = True,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        n_iter_no_change: float = 10,
        max_fun: int = 15000,
    ) -> None:
        given = dict(locals())
        for name in self._get_param_names():
            setattr(self, name, given[name])

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags

    @available_if(stochastic)  # type: ignore[untyped-decorator]  # scikit-learn has no types
    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Go through the data once."""
        return self._fit(X, y, sample_weight, incremental=True)
