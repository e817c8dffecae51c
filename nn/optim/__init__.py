"""Optimizers, learning-rate schedules and gradient clipping, by PyTorch's names; whole-batch methods as functions."""

from nn.misuse import explain
from nn.optim import lr_scheduler
from nn.optim.adadelta import Adadelta
from nn.optim.adagrad import Adagrad
from nn.optim.adam import Adam, AdamW
from nn.optim.adamax import Adamax
from nn.optim.asgd import ASGD
from nn.optim.clip import clip_grad_norm_, clip_grad_value_
from nn.optim.lbfgs import LBFGS
from nn.optim.least_squares import least_squares
from nn.optim.lr_scheduler import *  # noqa: F403  the schedules: its __all__ lists them once for both
from nn.optim.minimize import minimize
from nn.optim.nadam import NAdam
from nn.optim.optimizer import Optimizer, optimizers
from nn.optim.radam import RAdam
from nn.optim.rmsprop import RMSprop
from nn.optim.rprop import Rprop
from nn.optim.schedules import schedules
from nn.optim.sgd import SGD

__all__ = [
    "ASGD",
    "LBFGS",
    "SGD",
    "Adadelta",
    "Adagrad",
    "Adam",
    "AdamW",
    "Adamax",
    "NAdam",
    "Optimizer",
    "RAdam",
    "RMSprop",
    "Rprop",
    "clip_grad_norm_",
    "clip_grad_value_",
    "least_squares",
    "lr_scheduler",
    "minimize",
    "optimizers",
    "schedules",
]
__all__ += lr_scheduler.__all__

explain(globals(), "nn.optim")
