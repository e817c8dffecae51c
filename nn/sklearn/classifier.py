"""MLPClassifier: classes from the largest output."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.metrics import accuracy_score
from sklearn.preprocessing import LabelBinarizer
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import type_of_target, unique_labels
from sklearn.utils.validation import check_is_fitted, validate_data

from nn.sklearn.network import Network, stochastic


class MLPClassifier(ClassifierMixin, Network):  # type: ignore[misc]  # scikit-learn has no types
    """A multi-layer perceptron that classifies, by cross-entropy: the parameters of sklearn.neural_network's.

    Two classes and several labels at once end in a sigmoid, more classes in a softmax. After ``fit`` there are
    ``classes_``, ``coefs_``, ``intercepts_``, ``loss_``, ``loss_curve_``, ``n_iter_``, and the network itself as
    ``model_``, an ``nn.Sequential``.
    """

    _measure = staticmethod(lambda y, p, w: accuracy_score(y, p, sample_weight=w))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags

    def _out_activation(self) -> str:
        return "softmax" if self._label_binarizer.y_type_ == "multiclass" else "logistic"

    def _targets(self, y: Any, incremental: bool) -> Any:
        if not hasattr(self, "classes_") or not (self.warm_start or incremental):
            self._label_binarizer = LabelBinarizer().fit(y)
            self.classes_ = self._label_binarizer.classes_
        else:
            classes = unique_labels(y)
            if self.warm_start and set(classes) != set(self.classes_):
                raise ValueError(
                    "warm_start can only be used where `y` has the same classes as in the previous call to fit. "
                    f"Previously got {self.classes_}, `y` has {classes}"
                )
            if len(np.setdiff1d(classes, self.classes_)):
                raise ValueError(f"`y` has classes not in `self.classes_`, {self.classes_}: {classes}")
        return self._label_binarizer.transform(y)

    def _named(self, output: Any) -> Any:
        return self._label_binarizer.inverse_transform(super()._named(output))

    @available_if(stochastic)  # type: ignore[untyped-decorator]  # scikit-learn has no types
    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None, classes: Any = None) -> Self:
        """Go through the data once; the first call needs all ``classes`` that will come."""
        known = hasattr(self, "classes_")
        if classes is None and not known:
            raise ValueError("classes must be passed on the first call to partial_fit.")
        if classes is not None and known and not np.array_equal(self.classes_, unique_labels(classes)):
            raise ValueError(f"`classes={classes!r}` is not the same as on the first call, {self.classes_!r}")
        if not known:
            labels = y if type_of_target(y).startswith("multilabel") else classes
            self._label_binarizer = LabelBinarizer().fit(labels)
            self.classes_ = unique_labels(classes)
        return self._fit(X, y, sample_weight, incremental=True)

    def predict_proba(self, X: Any) -> Any:
        """Return the probability of each class (n, classes), in the order of ``classes_``."""
        check_is_fitted(self, "model_")
        p = self._output(validate_data(self, X, accept_sparse=["csr", "csc"], reset=False))
        return np.hstack([1 - p, p]) if p.shape[1] == 1 else p

    def predict_log_proba(self, X: Any) -> Any:
        """Return the logarithms of :meth:`predict_proba`."""
        with np.errstate(divide="ignore"):
            return np.log(self.predict_proba(X))
