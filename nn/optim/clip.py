"""Gradients kept from getting too long: as one vector, or entry by entry."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from autograd import ArgumentError, Tensor, as_tensor


def clip_grad_norm_(
    parameters: Tensor | Iterable[Tensor], max_norm: float, norm_type: float = 2.0, error_if_nonfinite: bool = False
) -> Tensor:
    """Scale all gradients together by ``min(1, max_norm/(‖g‖ + 10⁻⁶))`` in place; return the norm they had.

    ``norm_type`` is the p of the norm, ``inf`` included. Raises ArgumentError for a norm that isn't finite, if
    ``error_if_nonfinite``.

    >>> w = Tensor([3.0, 4.0], requires_grad=True)
    >>> (w * w / 2).sum().backward()
    >>> clip_grad_norm_([w], 1.0), w.grad
    (Tensor(5.), Tensor([0.59999988, 0.79999984]))
    """
    gradients = _gradients(parameters)
    norms = [np.linalg.norm(g.data.ravel(), norm_type) for g in gradients]
    total = np.linalg.norm(np.array(norms), norm_type) if norms else np.float64(0)
    if error_if_nonfinite and not np.isfinite(total):
        raise ArgumentError(
            "clip_grad_norm_(error_if_nonfinite=True)",
            "gradients with a finite norm",
            f"norm {total}",
            "look for a rate that is too high, or a log or division at 0",
        )
    shrink = float(max_norm) / (float(total) + 1e-6)
    if not shrink >= 1:  # a NaN spreads, as it would without clipping
        for g in gradients:
            g.assign_(g.data * shrink)
    return as_tensor(total)


def clip_grad_value_(parameters: Tensor | Iterable[Tensor], clip_value: float) -> None:
    """Limit each entry of the gradients to ``[−clip_value, clip_value]``, in place.

    >>> w = Tensor([3.0, -0.5], requires_grad=True)
    >>> (w * w / 2).sum().backward()
    >>> clip_grad_value_([w], 1.0)
    >>> w.grad
    Tensor([ 1. , -0.5])
    """
    limit = float(clip_value)
    for g in _gradients(parameters):
        g.assign_(np.clip(g.data, -limit, limit))


def _gradients(parameters: Tensor | Iterable[Tensor]) -> list[Tensor]:
    several = [parameters] if isinstance(parameters, Tensor) else list(parameters)
    return [p.grad for p in several if p.grad is not None]
