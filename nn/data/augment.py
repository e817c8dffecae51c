"""Augmentation: small random changes to images that leave their class as it is (course 16).

Each is called with a batch of images (n, …, height, width) and a generator or seed, and returns a new batch of the same
shape and dtype; each image draws its own change, its channels share it. Pass one as ``DataLoader(transform=…)``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd import ArgumentError, MissingDependencyError, ShapeError, generator
from nn.data.dataset import plain


class Augmentation:
    """A random change of a batch of images; subclasses define ``change(images, rng)``."""

    def __call__(self, images: Any, rng: Any = None) -> Any:
        images = plain(images)
        if images.ndim < 3:
            raise ShapeError(
                type(self).__name__, "images of shape (n, …, height, width)", f"{images.shape}", "reshape them"
            )
        changed = self.change(images, generator(rng))
        if images.dtype.kind in "iu":
            changed = np.clip(np.rint(changed), np.iinfo(images.dtype).min, np.iinfo(images.dtype).max)
        return changed.astype(images.dtype, copy=False)

    def change(self, images: Any, rng: np.random.Generator) -> Any:
        raise NotImplementedError(f"{type(self).__name__} defines no change(images, rng)")

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{k}={v!r}' for k, v in vars(self).items())})"


class RandomShift(Augmentation):
    """Move each image by up to ``pixels`` in both directions; what comes in is 0.

    >>> RandomShift(1)(np.ones((1, 4, 4)), rng=0).shape
    (1, 4, 4)
    """

    def __init__(self, pixels: float) -> None:
        self.pixels = _positive(self, "pixels", pixels)

    def change(self, images: Any, rng: np.random.Generator) -> Any:
        shifts = rng.uniform(-self.pixels, self.pixels, (len(images), 2))
        return _warp(images, np.broadcast_to(np.eye(2), (len(images), 2, 2)), -shifts)


class RandomRotation(Augmentation):
    """Turn each image about its middle by an angle between −``degrees`` and ``degrees``; what comes in is 0.

    >>> RandomRotation(15)(np.ones((1, 8, 8)), rng=0)[0, 4, 4]
    np.float64(1.0)
    """

    def __init__(self, degrees: float) -> None:
        self.degrees = _positive(self, "degrees", degrees)

    def change(self, images: Any, rng: np.random.Generator) -> Any:
        angle = np.radians(rng.uniform(-self.degrees, self.degrees, len(images)))
        cos, sin = np.cos(angle), np.sin(angle)
        return _warp(images, np.stack([cos, -sin, sin, cos], axis=-1).reshape(-1, 2, 2))


class RandomScale(Augmentation):
    """Enlarge each image about its middle by a factor between ``low`` and ``high``, the frame stays the same.

    >>> RandomScale(0.9, 1.1)(np.ones((1, 8, 8)), rng=0)[0, 4, 4]
    np.float64(1.0)
    """

    def __init__(self, low: float, high: float) -> None:
        self.low, self.high = _positive(self, "low", low), _positive(self, "high", high)
        if low > high:
            raise ArgumentError("RandomScale(low, high)", "low ≤ high", f"{low} and {high}", "exchange them")

    def change(self, images: Any, rng: np.random.Generator) -> Any:
        return _warp(images, np.eye(2) / rng.uniform(self.low, self.high, (len(images), 1, 1)))


class AddNoise(Augmentation):
    """Add normal noise of standard deviation ``std``, in the images' own unit.

    >>> AddNoise(0.1)(np.zeros((1, 2, 2)), rng=0).std() < 0.5
    np.True_
    """

    def __init__(self, std: float) -> None:
        self.std = _positive(self, "std", std)

    def change(self, images: Any, rng: np.random.Generator) -> Any:
        return images + rng.normal(0.0, self.std, images.shape)


class RandomFlip(Augmentation):
    """Mirror each image with probability ``p``, left to right (``axis=-1``) or upside down (``axis=-2``).

    >>> RandomFlip(p=1.0)(np.array([[[1.0, 2.0]]]), rng=0)
    array([[[2., 1.]]])
    """

    def __init__(self, p: float = 0.5, axis: int = -1) -> None:
        self.p, self.axis = p, axis
        if not 0 <= p <= 1 or axis not in (-1, -2):
            raise ArgumentError(
                "RandomFlip(p, axis)", "a p from 0 to 1, an axis −1 or −2", f"p={p}, axis={axis}", "change it"
            )

    def change(self, images: Any, rng: np.random.Generator) -> Any:
        chosen = (rng.random(len(images)) < self.p).reshape(-1, *[1] * (images.ndim - 1))
        return np.where(chosen, np.flip(images, self.axis), images)


class Compose:
    """Several changes, one after the other.

    >>> Compose(RandomShift(2), AddNoise(0.1))(np.zeros((1, 8, 8)), rng=0).shape
    (1, 8, 8)
    """

    def __init__(self, *transforms: Callable[[Any, Any], Any]) -> None:
        self.transforms = transforms

    def __call__(self, images: Any, rng: Any = None) -> Any:
        rng = generator(rng)
        for transform in self.transforms:
            images = transform(images, rng)
        return images

    def __repr__(self) -> str:
        return f"Compose({', '.join(map(repr, self.transforms))})"


def _positive(augmentation: Augmentation, name: str, value: float) -> float:
    if not value > 0:
        where = f"{type(augmentation).__name__}({name})"
        raise ArgumentError(where, f"{name} above 0", f"{value!r}", "leave the change out to switch it off")
    return value


def _warp(images: Any, matrices: Any, offsets: Any = 0.0) -> Any:
    """Return images whose pixel p is read, between pixels linearly, at M(p − middle) + middle + offset."""
    try:
        from scipy import ndimage  # type: ignore[import-untyped]  # optional dependency
    except ImportError as problem:
        raise MissingDependencyError(
            "shifting, rotating and scaling images", "SciPy", "no SciPy", "pip install scipy"
        ) from problem
    height, width = images.shape[-2:]
    middle = np.array([(height - 1) / 2, (width - 1) / 2])
    starts = middle - matrices @ middle + offsets
    planes = images.reshape(len(images), -1, height, width)
    result = np.empty(planes.shape, np.result_type(images.dtype, np.float32))
    for image, matrix, start, out in zip(planes, matrices, starts, result, strict=True):
        for plane, target in zip(image, out, strict=True):
            ndimage.affine_transform(plane, matrix, start, output=target, order=1, mode="constant")
    return result.reshape(images.shape)
