"""Layers, losses, optimizers and training on top of ``autograd``: PyTorch's names and numbers on NumPy arrays.

>>> import numpy as np
>>> import nn
>>> model = nn.Sequential(nn.Linear(8, 64), nn.ReLU(), nn.Linear(64, 1))
>>> model(np.ones((5, 8), np.float32)).shape
(5, 1)
"""

from autograd import Parameter
from nn import data, datasets, functional, init, layers, losses, metrics, optim
from nn.callbacks import Callback, Checkpoint, EarlyStopping, GradientNormLog, Schedule
from nn.checkpoint import load, save
from nn.history import History
from nn.layers import *  # noqa: F403  every layer: nn/layers/__init__.py lists them
from nn.losses import (
    BCELoss,
    BCEWithLogitsLoss,
    CrossEntropyLoss,
    HuberLoss,
    KLDivLoss,
    L1Loss,
    MSELoss,
    NLLLoss,
    SmoothL1Loss,
)
from nn.module import Module
from nn.regularizers import L1, L2, ElasticNet
from nn.training import evaluate, fit, predict

__all__ = [
    "L1",
    "L2",
    "BCELoss",
    "BCEWithLogitsLoss",
    "Callback",
    "Checkpoint",
    "CrossEntropyLoss",
    "EarlyStopping",
    "ElasticNet",
    "GradientNormLog",
    "History",
    "HuberLoss",
    "KLDivLoss",
    "L1Loss",
    "MSELoss",
    "Module",
    "NLLLoss",
    "Parameter",
    "Schedule",
    "SmoothL1Loss",
    "data",
    "datasets",
    "evaluate",
    "fit",
    "functional",
    "init",
    "layers",
    "load",
    "losses",
    "metrics",
    "optim",
    "predict",
    "save",
]
__all__ += layers.__all__
