"""The layers, by theme: what is exported here is ``nn.…``, and the tests visit every one."""

from nn.layers.activation import (
    ELU,
    GELU,
    SELU,
    Hardtanh,
    LeakyReLU,
    LogSigmoid,
    LogSoftmax,
    Mish,
    PReLU,
    ReLU,
    ReLU6,
    Sigmoid,
    Sign,
    SiLU,
    Softmax,
    Softplus,
    Step,
    Tanh,
)
from nn.layers.container import ModuleDict, ModuleList, Sequential
from nn.layers.dropout import Dropout
from nn.layers.embedding import Embedding
from nn.layers.linear import Flatten, Identity, Linear
from nn.layers.maxout import Maxout
from nn.layers.normalization import BatchNorm1d, BatchNorm2d, GroupNorm, InstanceNorm1d, InstanceNorm2d, LayerNorm
from nn.layers.perceptron import Perceptron

__all__ = [
    "ELU",
    "GELU",
    "SELU",
    "BatchNorm1d",
    "BatchNorm2d",
    "Dropout",
    "Embedding",
    "Flatten",
    "GroupNorm",
    "Hardtanh",
    "Identity",
    "InstanceNorm1d",
    "InstanceNorm2d",
    "LayerNorm",
    "LeakyReLU",
    "Linear",
    "LogSigmoid",
    "LogSoftmax",
    "Maxout",
    "Mish",
    "ModuleDict",
    "ModuleList",
    "PReLU",
    "Perceptron",
    "ReLU",
    "ReLU6",
    "Sequential",
    "SiLU",
    "Sigmoid",
    "Sign",
    "Softmax",
    "Softplus",
    "Step",
    "Tanh",
]
