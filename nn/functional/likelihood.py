"""Losses that are negative logarithms of a probability: of counts, of measurements, of sequences."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

import autograd
from autograd import ArgumentError, ShapeError, Tensor, as_tensor
from nn.functional.reduction import known, reduced, together
from nn.functional.sequence import steps

_NEVER = -1e30  # the logarithm of 0, as a number that can be added and subtracted


def poisson_nll_loss(
    input: Any,
    target: Any,
    log_input: bool = True,
    full: bool = False,
    eps: float = 1e-8,
    reduction: str = "mean",
) -> Tensor:
    """``exp(input) − target·input``: counts that follow Poisson's law with a rate of exp(input).

    ``log_input=False`` takes the rate itself: ``input − target·ln(input + eps)``. ``full`` adds Stirling's
    approximation of ln target!, ``target·ln target − target + ½ln(2π·target)``, where the target is above 1.

    >>> poisson_nll_loss([0.0], [3.0]).item()
    1.0
    """
    x, t = together("poisson_nll_loss(input, target)", input, target)
    losses = x.exp() - t * x if log_input else x - t * (x + eps).log()
    if full:
        many = t.data > 1
        t = autograd.where(many, t, 1.0)
        losses = losses + autograd.where(many, t * t.log() - t + 0.5 * (2 * math.pi * t).log(), 0.0)
    return reduced(losses, None, reduction)


def gaussian_nll_loss(
    input: Any, target: Any, var: Any, full: bool = False, eps: float = 1e-6, reduction: str = "mean"
) -> Tensor:
    """``½(ln var + (input − target)²/var)``: measurements around a mean, with a variance that is predicted too.

    ``var`` is shaped like the input, or has length 1 along one axis, or lacks the last, or is one number; below eps it
    counts as eps. ``full`` adds ½ln(2π). Raises ShapeError, or ArgumentError for a negative variance.
    Source: Nix and Weigend (1994).

    >>> gaussian_nll_loss([1.0], [3.0], [1.0]).item()
    2.0
    """
    where = "gaussian_nll_loss(input, target, var)"
    x, t = together(where, input, target)
    v = as_tensor(np.full(x.shape, var, x.dtype) if np.ndim(var) == 0 and not isinstance(var, Tensor) else var)
    if v.shape == x.shape[:-1] and v.shape != x.shape:
        v = v.reshape(*v.shape, 1)
    shared = [n for m, n in zip(x.shape, v.shape, strict=False) if m != n]
    if v.ndim != x.ndim or shared not in ([], [1]):
        got = f"input {x.shape}, var {v.shape}"
        raise ShapeError(where, "a variance for each entry, or one along an axis", got, "give var the input's shape")
    if (v.data < 0).any():
        raise ArgumentError(where, "variances ≥ 0", f"{v.data.min()}", "predict its logarithm, and take exp")
    v = v + np.maximum(eps - v.data, 0).astype(v.dtype)  # raised, and still with a gradient
    losses = 0.5 * (v.log() + (x - t) ** 2 / v)
    return reduced(losses + 0.5 * math.log(2 * math.pi) if full else losses, None, reduction)


def ctc_loss(
    log_probs: Any,
    targets: Any,
    input_lengths: Any,
    target_lengths: Any,
    blank: int = 0,
    reduction: str = "mean",
    zero_infinity: bool = False,
) -> Tensor:
    """−ln of the probability that a sequence of steps spells the target: repeats merge, blanks fall out.

    ``log_probs`` is (T, N, C), logarithms that sum to 1 over C, or (T, C) for one sequence; ``targets`` is (N, S), or
    all targets one after the other; the lengths are (N,). ``"mean"`` divides each loss by its target's length first.
    Where no path of that length spells the target the loss is infinite, or 0 with ``zero_infinity``.
    The sum over all paths is the forward recursion, in logarithms. Raises ShapeError or ArgumentError for lengths and
    labels that don't fit. Source: Graves and others, Connectionist Temporal Classification (2006).

    >>> halves = np.log(np.full((2, 1, 2), 0.5))
    >>> round(ctc_loss(halves, np.array([[1]]), [2], [1], reduction="sum").exp().item(), 6)
    1.333333
    """
    known(reduction)
    log_probs = as_tensor(log_probs)
    alone = log_probs.ndim == 2
    log_probs = log_probs[:, None] if alone else log_probs
    times, count, classes = log_probs.shape
    lengths, sizes = _lengths(input_lengths, count, times, "input"), _lengths(target_lengths, count, None, "target")
    spelled, skips = _with_blanks(np.asarray(as_tensor(targets).data), sizes, classes, blank, log_probs.dtype)
    emitted = steps(log_probs[:, np.arange(count)[:, None], spelled])
    ahead = np.full((count, 2), _NEVER, log_probs.dtype)
    started = np.full((count, spelled.shape[1]), _NEVER, log_probs.dtype)
    started[:, :2] = 0
    alpha = emitted[0] + started
    for t in range(1, times):
        padded = autograd.concatenate([ahead, alpha], axis=1)
        ways = autograd.stack([alpha, padded[:, 1:-1], padded[:, :-2] + skips])
        new = autograd.logsumexp(ways, axis=0) + emitted[t]
        over = lengths <= t
        alpha = autograd.where(over[:, None], alpha, new) if over.any() else new
    ends = np.stack([2 * sizes, np.maximum(2 * sizes - 1, 0)])  # the last blank, or the last label
    last = alpha[np.arange(count), ends] + np.where([[False] * count, sizes == 0], _NEVER, 0).astype(alpha.dtype)
    losses = -autograd.logsumexp(last, axis=0)
    impossible = losses.data > -_NEVER / 10
    if impossible.any():
        losses = autograd.where(impossible, 0.0 if zero_infinity else np.inf, losses)
    if reduction == "mean":
        losses = losses / np.maximum(sizes, 1).astype(losses.dtype)
    return losses[0] if alone and reduction == "none" else reduced(losses, None, reduction)


def _lengths(given: Any, count: int, limit: int | None, what: str) -> Any:
    lengths = np.atleast_1d(np.asarray(as_tensor(given).data))
    where = f"ctc_loss({what}_lengths)"
    if lengths.shape != (count,):
        raise ShapeError(where, f"one length for each of {count} sequences", f"shape {lengths.shape}", "count them")
    if lengths.dtype.kind not in "iu" or lengths.min() < 0 or (limit is not None and lengths.max() > limit):
        wanted = "whole numbers ≥ 0" if limit is None else f"whole numbers from 0 to {limit}"
        raise ArgumentError(where, wanted, f"{lengths.tolist()}", "no sequence is longer than its array")
    return lengths


def _with_blanks(targets: Any, sizes: Any, classes: int, blank: int, dtype: Any) -> tuple[Any, Any]:
    """Return each target with a blank around every label, (N, 2S + 1), and where a blank can't be left out (−∞)."""
    where, longest = "ctc_loss(targets)", int(sizes.max())
    if targets.ndim == 1:  # one after the other
        if targets.size != sizes.sum():
            raise ShapeError(where, f"{sizes.sum()} labels in all", f"{targets.size}", "join all targets")
        rows = np.split(targets, np.cumsum(sizes)[:-1])
    else:
        if targets.ndim != 2 or len(targets) != len(sizes) or targets.shape[1] < longest:
            got = f"shape {targets.shape}"
            raise ShapeError(where, f"({len(sizes)}, S) with S ≥ {longest}", got, "fill short targets up")
        rows = [row[:size] for row, size in zip(targets, sizes, strict=True)]
    spelled = np.full((len(sizes), 2 * longest + 1), blank)
    for line, row in zip(spelled, rows, strict=True):
        line[1 : 2 * len(row) : 2] = row
        if not 0 <= blank < classes or (row.size and (row.min() < 0 or row.max() >= classes or (row == blank).any())):
            wanted = f"labels in 0..{classes - 1} other than the blank {blank}"
            raise ArgumentError(where, wanted, f"{row.tolist()}", "count from 0; choose another blank")
    skips = np.full(spelled.shape, _NEVER, dtype)
    may = (spelled[:, 2:] != blank) & (spelled[:, 2:] != spelled[:, :-2])
    skips[:, 2:][may] = 0
    return spelled, skips
