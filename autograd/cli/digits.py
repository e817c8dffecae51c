"""1,797 real handwritten digits that ship with the package; DIGITS.md says where they come from."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from autograd.errors import AutogradError

FILE = Path(__file__).with_name("digits.npz")
_SHA256 = "b2dab7b501728c22e9119ad76740b2e17c77a231e42d1e592380d90886f1a05e"


class Digits(NamedTuple):
    """Images (n, 8, 8) of grey levels 0 to 16, and labels (n,) 0 to 9."""

    images: Any
    labels: Any


def load_digits(file: Path = FILE) -> Digits:
    """Return all digits, in the order of the source.

    >>> load_digits().images.shape
    (1797, 8, 8)

    Raises AutogradError for a file that is missing or isn't the one that was published.
    """
    try:
        content = file.read_bytes()
    except OSError as problem:
        raise AutogradError(
            "load_digits", f"the data file {file.name}", str(problem.strerror), "install the package again"
        ) from problem
    if (found := hashlib.sha256(content).hexdigest()) != _SHA256:
        raise AutogradError(
            "load_digits", f"{file.name} with SHA-256 {_SHA256[:16]}…", f"{found[:16]}…", "install the package again"
        )
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        return Digits(arrays["images"], arrays["labels"].astype(np.int64))


def split(digits: Digits, share: float = 0.2, seed: int = 0) -> tuple[Digits, Digits]:
    """Return a part to train on and a part to test on, shuffled, with the same share of each label.

    >>> train, test = split(load_digits())
    >>> len(train.labels), len(test.labels)
    (1438, 359)
    """
    rng = np.random.default_rng(seed)
    chosen = np.zeros(len(digits.labels), dtype=bool)
    for label in range(10):
        members = rng.permutation(np.flatnonzero(digits.labels == label))
        chosen[members[: round(share * len(members))]] = True
    train, test = rng.permutation(np.flatnonzero(~chosen)), rng.permutation(np.flatnonzero(chosen))
    return Digits(digits.images[train], digits.labels[train]), Digits(digits.images[test], digits.labels[test])
