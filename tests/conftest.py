"""Settings that every test shares."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

# Before NumPy comes, for this process and for notebooks: on a busy machine BLAS's waiting threads take minutes.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from autograd.primitives import registry

settings.register_profile("ci", deadline=None, derandomize=True, database=None, max_examples=60)
settings.load_profile("ci")


@pytest.fixture(autouse=True, scope="session")
def _no_stray_primitive() -> Iterator[None]:
    """A test that declares a primitive takes it back."""
    before = dict(registry)
    yield
    assert registry == before
