"""What may happen around a training step: schedules, early stopping, checkpoints, averages, logs."""

from nn.callbacks.average import EMA
from nn.callbacks.callback import Callback
from nn.callbacks.checkpoint import Checkpoint
from nn.callbacks.gradients import ClipGradients, GradientNormLog
from nn.callbacks.schedule import Schedule
from nn.callbacks.statistics import LayerStatistics
from nn.callbacks.stopping import EarlyStopping

__all__ = [
    "EMA",
    "Callback",
    "Checkpoint",
    "ClipGradients",
    "EarlyStopping",
    "GradientNormLog",
    "LayerStatistics",
    "Schedule",
]
