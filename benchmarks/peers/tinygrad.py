"""The workloads in tinygrad, on the processor: compiled where clang is at hand, else by its interpreter."""

from __future__ import annotations

import os
import shutil
from typing import Any

os.environ.setdefault("DEV", "CPU" if shutil.which("clang") else "PYTHON")

from tinygrad import Tensor


def first_gradient() -> Any:
    x = Tensor([1.0, 2.0, 3.0])
    (x.tanh() * x).sum().backward()
    return x.grad.numpy()
