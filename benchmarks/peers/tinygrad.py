"""The workloads in tinygrad, on the processor."""

from __future__ import annotations

import os
from typing import Any

os.environ.setdefault("CPU", "1")

from tinygrad import Tensor


def first_gradient() -> Any:
    x = Tensor([1.0, 2.0, 3.0])
    (x.tanh() * x).sum().backward()
    return x.grad.numpy()
