"""The digits that ship with the package: 1,797 handwritten ones of 8 × 8 pixels (autograd/cli/DIGITS.md)."""

from __future__ import annotations

import hashlib
import io
from importlib import resources

import numpy as np

from autograd import AutogradError
from nn.data.dataset import TensorDataset

_SHA256 = "b2dab7b501728c22e9119ad76740b2e17c77a231e42d1e592380d90886f1a05e"


def digits() -> TensorDataset:
    """Return images (1797, 8, 8), float32 from 0 to 1, and labels (1797,) 0 to 9, in the order of the source.

    >>> images, labels = digits().arrays
    >>> images.shape, labels[:4]
    ((1797, 8, 8), array([0, 1, 2, 3]))

    Raises AutogradError for a file that is missing or isn't the one that was published. Source: E. Alpaydin and
    C. Kaynak (1998), Optical Recognition of Handwritten Digits, UCI Machine Learning Repository.
    """
    try:
        content = resources.files("autograd").joinpath("cli", "digits.npz").read_bytes()
    except OSError as problem:
        raise AutogradError(
            "digits()", "the data file digits.npz", str(problem), "install the package again"
        ) from problem
    if (found := hashlib.sha256(content).hexdigest()) != _SHA256:
        raise AutogradError(
            "digits()", f"digits.npz with SHA-256 {_SHA256[:16]}…", f"{found[:16]}…", "install the package again"
        )
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        return TensorDataset((arrays["images"] / 16).astype(np.float32), arrays["labels"].astype(np.int64))
