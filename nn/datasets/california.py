"""California Housing: 20,640 districts of the 1990 census, their median house value to be predicted."""

from __future__ import annotations

import io
from typing import Any

import numpy as np

from nn.data.dataset import TensorDataset
from nn.datasets.download import CALIFORNIA, fetch
from nn.datasets.tables import read_bytes

CALIFORNIA_FEATURES = (
    "MedInc", "HouseAge", "AveRooms", "AveBedrms", "Population", "AveOccup", "Latitude", "Longitude"
)  # fmt: skip


def california_housing(root: Any = None, *, download: bool = True) -> TensorDataset:
    """Return features (20640, 8), named in CALIFORNIA_FEATURES, and median house values (20640, 1) in 100,000 dollars.

    Both float64, in the order and by the formulas of scikit-learn's fetch_california_housing: rooms, bedrooms and
    occupants are per household. 965 values are capped at 5.00001, and AveOccup goes up to 1243: scale the features.
    :func:`nn.datasets.fetch` says where the file is looked for and what goes wrong how. Source: R. K. Pace and R. Barry
    (1997), Sparse Spatial Autoregressions, Statistics and Probability Letters 33, 291–297.

    >>> features, values = california_housing().arrays  # doctest: +SKIP
    >>> features[0].round(3), values[0]  # doctest: +SKIP
    (array([   8.325,   41.   ,    6.984,    1.024,  322.   ,    2.556,   37.88 , -122.23 ]), array([4.526]))
    """
    path = fetch(CALIFORNIA, root, download=download)
    content = read_bytes(path)
    if path.suffix == ".tgz":
        import tarfile  # start-up cost

        with tarfile.open(fileobj=io.BytesIO(content)) as archive:
            member = archive.extractfile("CaliforniaHousing/cal_housing.data")
            assert member is not None, "the checksum says that the archive has it"
            content = member.read()
    columns = np.loadtxt(io.BytesIO(content), delimiter=",", unpack=True)
    longitude, latitude, age, rooms, bedrooms, population, households, income, value = columns
    per_household = rooms / households, bedrooms / households, population, population / households
    features = np.stack([income, age, *per_household, latitude, longitude], axis=1)
    return TensorDataset(features, value[:, None] / 100_000)
