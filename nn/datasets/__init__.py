"""Data sets to learn on: real ones, fetched once and checked, and toys that are drawn."""

from nn.datasets.california import CALIFORNIA_FEATURES, california_housing
from nn.datasets.digits import digits
from nn.datasets.download import fetch
from nn.datasets.mnist import mnist
from nn.datasets.tables import read_csv, read_idx
from nn.datasets.toy import spirals, two_moons, xor

__all__ = [
    "CALIFORNIA_FEATURES",
    "california_housing",
    "digits",
    "fetch",
    "mnist",
    "read_csv",
    "read_idx",
    "spirals",
    "two_moons",
    "xor",
]
