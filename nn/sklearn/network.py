"""What classifier and regressor share: the network, its parameters by scikit-learn's names, and how it learns."""

from __future__ import annotations

import itertools
import math
import warnings
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split
from sklearn.utils import check_random_state, column_or_1d, gen_batches, shuffle
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

from autograd import ArgumentError, no_grad
from nn import functional
from nn.layers import Identity, Linear, ReLU, Sequential, Sigmoid, Tanh
from nn.optim import SGD, Adam, minimize

ACTIVATIONS = {"identity": Identity, "logistic": Sigmoid, "tanh": Tanh, "relu": ReLU}
CHOICES = {
    "activation": tuple(ACTIVATIONS),
    "solver": ("lbfgs", "sgd", "adam"),
    "learning_rate": ("constant", "invscaling", "adaptive"),
    "loss": ("squared_error", "poisson", "log_loss"),
}
RANGES: dict[str, tuple[float, float]] = {  # closed, but for rates and tolerances of zero, which the losses show
    "alpha": (0, math.inf),
    "learning_rate_init": (1e-300, math.inf),
    "power_t": (0, math.inf),
    "max_iter": (1, math.inf),
    "tol": (0, math.inf),
    "momentum": (0, 1),
    "validation_fraction": (0, 1 - 1e-16),
    "beta_1": (0, 1 - 1e-16),
    "beta_2": (0, 1 - 1e-16),
    "epsilon": (1e-300, math.inf),
    "n_iter_no_change": (1, math.inf),
    "max_fun": (1, math.inf),
}


class Network(BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """What classifier and regressor share: the network, and how it learns."""

    loss = "log_loss"

    def __init__(
        self,
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
            if name in given:
                setattr(self, name, given[name])

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags

    # What is learned, by scikit-learn's names

    @property
    def coefs_(self) -> list[Any]:
        """The weights of each layer, (in, out)."""
        return [layer.weight.numpy().T for layer in self._layers()]

    @property
    def intercepts_(self) -> list[Any]:
        """The biases of each layer."""
        return [layer.bias.numpy() for layer in self._layers()]

    def _layers(self) -> list[Any]:
        check_is_fitted(self, "model_")
        return [layer for layer in self.model_ if isinstance(layer, Linear)]

    # Learning

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Learn from X (n, features), dense or sparse, and y (n,) or (n, outputs); weights (n,) may be given."""
        return self._fit(X, y, sample_weight, incremental=False)

    def _fit(self, X: Any, y: Any, sample_weight: Any, incremental: bool) -> Self:
        sizes = self._checked()
        first = not hasattr(self, "model_") or not (self.warm_start or incremental)
        X, y = validate_data(
            self, X, y, accept_sparse=["csr", "csc"], multi_output=True, y_numeric=self.loss != "log_loss",
            dtype=(np.float64, np.float32), reset=first,
        )  # fmt: skip
        if y.ndim == 2 and y.shape[1] == 1:
            y = column_or_1d(y, warn=True)
        weights = None if sample_weight is None else _check_sample_weight(sample_weight, X, dtype=X.dtype)
        y = self._targets(y, incremental)
        y = y.reshape(len(y), -1).astype(X.dtype)
        self._random_state = check_random_state(self.random_state)
        if first:
            self._start([X.shape[1], *sizes, y.shape[1]], X.dtype)
        if self.solver == "lbfgs":
            self._fit_at_once(_dense(X), y, weights)
        else:
            self._fit_in_batches(X, y, weights, incremental)
        if not all(np.isfinite(p.data).all() for p in self.model_.parameters()):
            raise ValueError("Solver produced non-finite parameter weights. Scale the input data, or lower the rate.")
        return self

    def _checked(self) -> list[int]:
        """Return the hidden layers' sizes. Raises ArgumentError, a ValueError, for parameters out of range."""
        where = type(self).__name__
        for name, known in CHOICES.items():
            if getattr(self, name) not in known:
                raise ArgumentError(where, f"{name} among {', '.join(known)}", repr(getattr(self, name)), "pick one")
        for name, (low, high) in RANGES.items():
            if not low <= getattr(self, name) <= high:
                expected = f"{name} from {low:g} to {high:g}"
                raise ArgumentError(where, expected, repr(getattr(self, name)), "choose one in that range")
        given = self.hidden_layer_sizes
        sizes = [int(n) for n in (given if hasattr(given, "__iter__") else [given])]
        if any(n <= 0 for n in sizes) or (self.batch_size != "auto" and self.batch_size < 1):
            got = f"hidden_layer_sizes={given!r}, batch_size={self.batch_size!r}"
            raise ArgumentError(where, "sizes of 1 or more", got, "hidden_layer_sizes must be > 0, and so must batches")
        return sizes

    def _targets(self, y: Any, incremental: bool) -> Any:
        return y

    def _start(self, units: list[int], dtype: Any) -> None:
        """Make the network, with scikit-learn's Glorot weights and biases."""
        self.n_layers_, self.n_outputs_, self.n_iter_, self.t_ = len(units), units[-1], 0, 0
        self.out_activation_ = self._out_activation()
        modules: list[Any] = []
        for fan_in, fan_out in itertools.pairwise(units):
            bound = math.sqrt((2 if self.activation == "logistic" else 6) / (fan_in + fan_out))
            layer = Linear(fan_in, fan_out, rng=0).to(dtype)
            layer.weight.assign_(self._random_state.uniform(-bound, bound, (fan_in, fan_out)).T)
            assert layer.bias is not None
            layer.bias.assign_(self._random_state.uniform(-bound, bound, fan_out))
            modules += [layer, ACTIVATIONS[self.activation]()]
        self.model_ = Sequential(*modules[:-1])
        self.loss_curve_: list[float] = []
        self._without_gain = 0
        self.validation_scores_: list[float] | None = [] if self.early_stopping else None
        self.best_validation_score_ = -math.inf if self.early_stopping else None
        self.best_loss_ = None if self.early_stopping else math.inf

    def _out_activation(self) -> str:
        return "exp" if self.loss == "poisson" else "identity"

    def _loss(self, X: Any, y: Any, weights: Any) -> Any:
        """Return the mean loss of examples, and the penalty ``½ alpha Σ‖W‖² / Σ weights``."""
        z = self.model_(X)
        if self.out_activation_ == "softmax":
            each = functional.cross_entropy(z, y.argmax(axis=1), reduction="none")
        elif self.out_activation_ == "logistic":
            each = functional.binary_cross_entropy_with_logits(z, y, reduction="none").sum(axis=1)
        elif self.out_activation_ == "exp":
            each = (np.exp(z) - y * z + y * np.log(np.where(y > 0, y, 1)) - y).sum(axis=1)
        else:
            each = ((z - y) ** 2).sum(axis=1) / 2
        total = X.dtype.type(len(y) if weights is None else weights.sum())
        penalty = sum((layer.weight**2).sum() for layer in self.model_ if isinstance(layer, Linear))
        return ((each if weights is None else each * weights).sum() + self.alpha / 2 * penalty) / total

    def _fit_at_once(self, X: Any, y: Any, weights: Any) -> None:
        found = minimize(
            self.model_, lambda: self._loss(X, y, weights), method="l-bfgs",
            tol=self.tol, max_iter=self.max_iter, options={"maxfun": self.max_fun, "ftol": 2.2e-9},
        )  # fmt: skip
        self.n_iter_, self.loss_ = min(found.nit, self.max_iter), float(found.fun)
        if not found.success:
            warnings.warn(f"lbfgs failed to converge: {found.message}", ConvergenceWarning, stacklevel=4)

    def _fit_in_batches(self, X: Any, y: Any, weights: Any, incremental: bool) -> None:
        if not (incremental and hasattr(self, "_optimizer")):
            rate, momentum = self.learning_rate_init, self.momentum
            if self.solver == "adam":
                self._optimizer: Any = Adam(self.model_.parameters(), rate, (self.beta_1, self.beta_2), self.epsilon)
            else:
                nesterov = self.nesterovs_momentum and momentum > 0
                self._optimizer = SGD(self.model_.parameters(), rate, momentum, nesterov=nesterov)
        if incremental and self.early_stopping:
            raise ValueError("partial_fit does not support early_stopping=True")
        held_out, best = None, None
        if self.early_stopping:
            X, y, weights, held_out = self._split(X, y, weights)
        n = X.shape[0]
        if self.batch_size != "auto" and self.batch_size > n:
            warnings.warn(f"batch_size={self.batch_size} is clipped to the {n} examples", stacklevel=4)
        size, order = min(n, 200 if self.batch_size == "auto" else int(self.batch_size)), np.arange(n)
        self.n_iter_ = 0
        while self.n_iter_ < self.max_iter:
            if self.shuffle:
                order = shuffle(order, random_state=self._random_state)
            total = 0.0
            for rows in gen_batches(n, size):
                total += self._learn(X, y, weights, order[rows]) * (rows.stop - rows.start)
            self.n_iter_, self.loss_ = self.n_iter_ + 1, total / n
            self.t_ += n
            self.loss_curve_.append(self.loss_)
            if self.verbose:
                print(f"Iteration {self.n_iter_}, loss = {self.loss_:.8f}")
            if self._watch(held_out):
                best = self.model_.state_dict()
            if self.solver == "sgd" and self.learning_rate == "invscaling":
                self._change_rate(self.learning_rate_init / (self.t_ + 1) ** self.power_t)
            if incremental or (self._without_gain > self.n_iter_no_change and self._is_over()):
                break
        else:
            text = f"Stochastic Optimizer: Maximum iterations ({self.max_iter}) reached and it hasn't converged yet."
            warnings.warn(text, ConvergenceWarning, stacklevel=4)
        if best is not None:
            self.model_.load_state_dict(best)

    def _learn(self, X: Any, y: Any, weights: Any, rows: Any) -> float:
        """Take one step on a batch and return its loss; examples that all weigh nothing teach nothing."""
        own = None if weights is None else weights[rows]
        if own is not None and not own.any():
            return 0.0
        self._optimizer.zero_grad()
        loss = self._loss(_dense(X[rows]), y[rows], own)
        loss.backward()
        self._optimizer.step()
        return float(loss.item())

    def _split(self, X: Any, y: Any, weights: Any) -> tuple[Any, Any, Any, tuple[Any, Any, Any]]:
        stratify = y if self.loss == "log_loss" and self.n_outputs_ == 1 else None
        given = [X, y] if weights is None else [X, y, weights]
        X, X_val, y, y_val, *both = train_test_split(
            *given, random_state=self._random_state, test_size=self.validation_fraction, stratify=stratify
        )
        weights, w_val = both or (None, None)
        if X_val.shape[0] < 2:
            raise ValueError(
                "The validation set is too small. Increase validation_fraction or the size of the dataset."
            )
        return X, y, weights, (X_val, self._named(y_val), w_val)

    def _watch(self, held_out: Any) -> bool:
        """Count the passes without a gain of ``tol``; tell whether this one is the best on the held-out examples."""
        if held_out is None:
            assert self.best_loss_ is not None
            self._without_gain = self._without_gain + 1 if self.loss_ > self.best_loss_ - self.tol else 0
            self.best_loss_ = min(self.best_loss_, self.loss_)
            return False
        X, y, weights = held_out
        assert self.best_validation_score_ is not None
        assert self.validation_scores_ is not None
        prediction = self._named(self._output(X))
        right = bool(np.isfinite(prediction).all()) if self.loss != "log_loss" else True
        score = float(self._measure(y, prediction, weights)) if right else math.nan
        self.validation_scores_.append(score)
        if self.verbose:
            print(f"Validation score: {score:f}")
        self._without_gain = self._without_gain + 1 if score < self.best_validation_score_ + self.tol else 0
        best = score > self.best_validation_score_
        self.best_validation_score_ = max(self.best_validation_score_, score) if best else self.best_validation_score_
        return best

    def _is_over(self) -> bool:
        """Tell whether to stop for want of a gain; the adaptive rate is cut to a fifth first, until it is tiny."""
        rate = self._optimizer.param_groups[0]["lr"]
        if self.solver != "sgd" or self.learning_rate != "adaptive" or rate <= 1e-6:
            return True
        self._change_rate(rate / 5)
        self._without_gain = 0
        return False

    def _change_rate(self, rate: float) -> None:
        """Set another learning rate; the momentum goes on, as scikit-learn's, which has the old rate in it."""
        group = self._optimizer.param_groups[0]
        for kept in self._optimizer.state.values():
            if "momentum_buffer" in kept:
                kept["momentum_buffer"] *= group["lr"] / rate
        group["lr"] = rate

    # Predicting

    def _output(self, X: Any) -> Any:
        """Return the network's outputs behind the output activation."""
        with no_grad():
            z = self.model_(_dense(X).astype(self.model_[0].weight.dtype, copy=False))
            if self.out_activation_ == "softmax":
                z = functional.softmax(z, 1)
            elif self.out_activation_ == "logistic":
                z = functional.sigmoid(z)
            return (np.exp(z) if self.out_activation_ == "exp" else z).numpy()

    def _named(self, output: Any) -> Any:
        """Return outputs in the form of y."""
        return output.ravel() if output.shape[1] == 1 else output

    def predict(self, X: Any) -> Any:
        """Return the predictions for X (n, features)."""
        check_is_fitted(self, "model_")
        return self._named(self._output(validate_data(self, X, accept_sparse=["csr", "csc"], reset=False)))


def stochastic(estimator: Any) -> bool:
    """Tell whether the estimator learns by batches, as partial_fit must."""
    if estimator.solver == "lbfgs":
        raise AttributeError(
            "partial_fit is only available with solver='sgd' or 'adam': 'lbfgs' takes all data at once"
        )
    return True


def _dense(X: Any) -> Any:
    """Return a sparse matrix as an array, an array as it is."""
    return X.toarray() if hasattr(X, "toarray") else X
