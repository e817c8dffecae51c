"""Pictures of a training and of what was learned, in one style; matplotlib is needed where one is drawn (extra plot).

Each function draws on ``ax`` if one is given, and returns the figure: a notebook shows it, ``savefig`` writes it.
"""

from nn.plots.boundary import decision_boundary
from nn.plots.curves import learning_curves
from nn.plots.matrix import confusion_matrix
from nn.plots.statistics import activations, gradients
from nn.plots.vanishing import vanishing_gradients
from nn.plots.weights import weights

__all__ = [
    "activations",
    "confusion_matrix",
    "decision_boundary",
    "gradients",
    "learning_curves",
    "vanishing_gradients",
    "weights",
]
