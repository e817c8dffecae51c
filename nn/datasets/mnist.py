"""MNIST: 70,000 handwritten digits of 28 × 28 pixels."""

from __future__ import annotations

from typing import Any

import numpy as np

from nn.data.dataset import TensorDataset
from nn.datasets.download import MNIST, fetch
from nn.datasets.tables import read_idx


def mnist(root: Any = None, *, download: bool = True) -> tuple[TensorDataset, TensorDataset]:
    """Return the 60,000 digits to train on and the 10,000 to test on: images (n, 28, 28) and labels (n,) 0 to 9.

    Images are float32 from 0 to 1 (grey level / 255), labels int64. :func:`nn.datasets.fetch` says where the files are
    looked for and what goes wrong how. Source: Y. LeCun, C. Cortes, C. Burges, The MNIST database.

    >>> train, test = mnist()  # doctest: +SKIP
    >>> len(train), len(test)  # doctest: +SKIP
    (60000, 10000)
    """
    arrays = [read_idx(fetch(file, root, download=download)) for file in MNIST]
    train_images, test_images = (np.divide(a, 255, dtype=np.float32) for a in arrays[::2])
    train_labels, test_labels = (a.astype(np.int64) for a in arrays[1::2])
    return TensorDataset(train_images, train_labels), TensorDataset(test_images, test_labels)
