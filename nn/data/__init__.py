"""Data on its way to a model: datasets, loaders, splits, folds, scaling and augmentation."""

from nn.data.augment import AddNoise, Compose, RandomFlip, RandomRotation, RandomScale, RandomShift
from nn.data.dataset import Dataset, Subset, TensorDataset, plain
from nn.data.folds import KFold, StratifiedKFold
from nn.data.loader import DataLoader
from nn.data.scaling import StandardScaler, one_hot
from nn.data.split import random_split
from nn.misuse import explain

__all__ = [
    "AddNoise",
    "Compose",
    "DataLoader",
    "Dataset",
    "KFold",
    "RandomFlip",
    "RandomRotation",
    "RandomScale",
    "RandomShift",
    "StandardScaler",
    "StratifiedKFold",
    "Subset",
    "TensorDataset",
    "one_hot",
    "plain",
    "random_split",
]

explain(globals(), "nn.data")
