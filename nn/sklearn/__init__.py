"""Multi-layer perceptrons as scikit-learn estimators: its parameters, attributes and conventions on this engine.

They go where scikit-learn's own go: into a Pipeline, GridSearchCV, cross_val_score, clone and pickle. Weights start
from the same random numbers and batches come in the same order, so the same ``random_state`` gives the same network.

>>> import numpy as np
>>> from nn.sklearn import MLPClassifier
>>> X, y = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]), ["no", "yes", "yes", "no"]
>>> xor = MLPClassifier((8,), activation="tanh", solver="lbfgs", alpha=0, random_state=0).fit(X, y)
>>> xor.predict(X).tolist()
['no', 'yes', 'yes', 'no']
"""

from autograd import MissingDependencyError

try:
    from sklearn.utils.validation import validate_data  # noqa: F401  new in the oldest version that will do
except ImportError as problem:
    raise MissingDependencyError(
        "nn.sklearn", "scikit-learn 1.6 or later", str(problem), "pip install chaingrad[sklearn]"
    ) from problem

from nn.sklearn.classifier import MLPClassifier
from nn.sklearn.regressor import MLPRegressor

__all__ = ["MLPClassifier", "MLPRegressor"]
