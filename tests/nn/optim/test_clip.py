"""Clipping: by the norm of all gradients together, and entry by entry."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from autograd import ArgumentError, Tensor
from nn.optim import clip_grad_norm_, clip_grad_value_


def leaves(dtype: Any = float) -> list[Tensor]:
    rng = np.random.default_rng(0)
    made = [Tensor(np.zeros(s, dtype), requires_grad=True) for s in [(2, 3), (), (4,), (1,)]]
    for p in made[:3]:
        p.grad = rng.normal(size=p.shape)
    return made


def joined(parameters: list[Tensor]) -> Any:
    return np.concatenate([p.grad.numpy().ravel() for p in parameters if p.grad is not None])


@pytest.mark.parametrize("norm_type", [1.0, 2.0, 3.0, math.inf])
def test_all_gradients_are_scaled_together(norm_type: float) -> None:
    parameters = leaves()
    before = joined(parameters)
    norm = np.linalg.norm(before, norm_type)
    found = clip_grad_norm_(parameters, 0.5, norm_type)
    assert isinstance(found, Tensor)
    assert_allclose(found.item(), norm, rtol=1e-14)
    assert_allclose(joined(parameters), before * 0.5 / (norm + 1e-6), rtol=1e-14)
    assert parameters[3].grad is None


def test_short_gradients_are_left() -> None:
    parameters = leaves()
    before = joined(parameters)
    clip_grad_norm_(iter(parameters), 100.0)
    assert_array_equal(joined(parameters), before)


def test_one_tensor_and_none_at_all() -> None:
    (w, *_) = leaves()
    assert clip_grad_norm_(w, 0.5).item() > 0.5
    assert_allclose(np.linalg.norm(w.grad.numpy()), 0.5, atol=1e-6)
    assert clip_grad_norm_([], 1.0).item() == 0.0


def test_float32_stays_float32() -> None:
    parameters = leaves(np.float32)
    assert clip_grad_norm_(parameters, 0.5).dtype == np.float32
    assert {p.grad.dtype for p in parameters[:3]} == {np.dtype(np.float32)}


def test_a_norm_that_is_not_finite() -> None:
    (w, *_) = leaves()
    w.grad = np.full((2, 3), np.nan)
    with pytest.raises(ArgumentError, match="gradients with a finite norm"):
        clip_grad_norm_(w, 1.0, error_if_nonfinite=True)
    assert math.isnan(clip_grad_norm_(w, 1.0).item())
    assert np.isnan(w.grad.numpy()).all()


def test_values_are_limited() -> None:
    parameters = leaves()
    before = joined(parameters)
    assert clip_grad_value_(parameters, 0.3) is None  # type: ignore[func-returns-value]
    assert_array_equal(joined(parameters), np.clip(before, -0.3, 0.3))
