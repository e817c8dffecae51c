"""Layers, losses, optimizers and training on top of ``autograd``: PyTorch's names and numbers on NumPy arrays.

>>> import numpy as np
>>> import nn
>>> model = nn.Sequential(nn.Linear(8, 64), nn.ReLU(), nn.Linear(64, 1))
>>> model(np.ones((5, 8), np.float32)).shape
(5, 1)
"""

from typing import TYPE_CHECKING, Any

from autograd import Parameter
from nn import data, datasets, functional, init, layers, losses, metrics, onnx, optim, plots
from nn.callbacks import (
    EMA,
    Callback,
    Checkpoint,
    ClipGradients,
    EarlyStopping,
    GradientNormLog,
    LayerStatistics,
    Schedule,
)
from nn.checkpoint import load, save
from nn.doctor import Doctor
from nn.evaluation import evaluate, predict
from nn.history import History
from nn.layers import *  # noqa: F403  every layer: nn/layers/__init__.py lists them
from nn.losses import (
    BCELoss,
    BCEWithLogitsLoss,
    CosineEmbeddingLoss,
    CrossEntropyLoss,
    CTCLoss,
    GaussianNLLLoss,
    HingeEmbeddingLoss,
    HingeLoss,
    HuberLoss,
    KLDivLoss,
    L1Loss,
    MarginRankingLoss,
    MSELoss,
    MultiLabelMarginLoss,
    MultiLabelSoftMarginLoss,
    MultiMarginLoss,
    NLLLoss,
    PoissonNLLLoss,
    SmoothL1Loss,
    SoftMarginLoss,
    TripletMarginLoss,
    TripletMarginWithDistanceLoss,
)
from nn.module import Module
from nn.regularizers import L1, L2, ElasticNet
from nn.training import fit

__all__ = [
    "EMA",
    "L1",
    "L2",
    "BCELoss",
    "BCEWithLogitsLoss",
    "CTCLoss",
    "Callback",
    "Checkpoint",
    "ClipGradients",
    "CosineEmbeddingLoss",
    "CrossEntropyLoss",
    "Doctor",
    "EarlyStopping",
    "ElasticNet",
    "GaussianNLLLoss",
    "GradientNormLog",
    "HingeEmbeddingLoss",
    "HingeLoss",
    "History",
    "HuberLoss",
    "KLDivLoss",
    "L1Loss",
    "LayerStatistics",
    "MSELoss",
    "MarginRankingLoss",
    "Module",
    "MultiLabelMarginLoss",
    "MultiLabelSoftMarginLoss",
    "MultiMarginLoss",
    "NLLLoss",
    "Parameter",
    "PoissonNLLLoss",
    "Schedule",
    "SmoothL1Loss",
    "SoftMarginLoss",
    "TripletMarginLoss",
    "TripletMarginWithDistanceLoss",
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
    "onnx",
    "optim",
    "plots",
    "predict",
    "save",
]
__all__ += layers.__all__

if not TYPE_CHECKING:  # a checker that saw this would accept every misspelt name

    def __getattr__(name: str) -> Any:
        if name == "sklearn":
            import importlib  # its room needs scikit-learn, which is optional

            return importlib.import_module("nn.sklearn")
        rooms = {"optim": optim, "data": data, "functional": functional, "metrics": metrics, "init": init}
        found = [f": write nn.{room}.{name}" for room, inside in rooms.items() if hasattr(inside, name)]
        if name == "utils":
            found = [": clip_grad_norm_ is in nn.optim, DataLoader in nn.data"]
        raise AttributeError(f"module 'nn' has no attribute {name!r}{''.join(found[:1])}")
