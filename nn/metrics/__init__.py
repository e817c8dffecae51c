"""How good predictions are: plain functions of (prediction, target), the losses' order, with scikit-learn's numbers.

Arrays and tensors are taken alike, and a float (or an array where it says so) comes back.
"""

from nn.metrics.classification import accuracy, confusion_matrix, f1, precision, recall, top_k_accuracy
from nn.metrics.ranking import average_precision, precision_recall_curve, roc_auc, roc_curve
from nn.metrics.regression import mae, mse, r2, rmse
from nn.plots.matrix import confusion_matrix as plot_confusion_matrix

__all__ = [
    "accuracy",
    "average_precision",
    "confusion_matrix",
    "f1",
    "mae",
    "mse",
    "plot_confusion_matrix",
    "precision",
    "precision_recall_curve",
    "r2",
    "recall",
    "rmse",
    "roc_auc",
    "roc_curve",
    "top_k_accuracy",
]
