"""Attention: means of values, weighed by how well keys fit queries."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

import autograd
from autograd import ArgumentError, ShapeError, Tensor, as_tensor
from nn.functional.dropout import dropout
from nn.functional.linear import linear


def scaled_dot_product_attention(
    query: Any,
    key: Any,
    value: Any,
    attn_mask: Any = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
    enable_gqa: bool = False,
    *,
    rng: Any = None,
) -> Tensor:
    """Return ``softmax(query·keyᵀ·scale + mask)·value`` for (…, L, E), (…, S, E) and (…, S, Ev): (…, L, Ev).

    A mask of truths says which keys (S) a query (L) sees, one of numbers is added; ``is_causal``: those up to its own
    place. A query that sees no key returns 0. ``scale`` is 1/√E by default; ``enable_gqa``: fewer heads of keys, each
    for several heads of queries. Raises ArgumentError for both a mask and is_causal.
    Source: Vaswani and others, Attention Is All You Need (2017).

    >>> keys = np.array([[1.0, 0.0], [0.0, 1.0]])
    >>> scaled_dot_product_attention(2000 * keys, keys, keys).tolist()
    [[1.0, 0.0], [0.0, 1.0]]
    """
    q, k, v = as_tensor(query), as_tensor(key), as_tensor(value)
    if enable_gqa:
        k, v = (t[..., np.repeat(np.arange(t.shape[-3]), q.shape[-3] // t.shape[-3]), :, :] for t in (k, v))
    if is_causal:
        if attn_mask is not None:
            where = "scaled_dot_product_attention(attn_mask, is_causal)"
            raise ArgumentError(where, "one of both", "a mask and is_causal=True", "put the triangle into the mask")
        attn_mask = np.tri(q.shape[-2], k.shape[-2], dtype=bool)
    weights = _weights(q, k, attn_mask, scale)
    return dropout(weights, dropout_p, rng=rng) @ v


def _weights(q: Tensor, k: Tensor, mask: Any, scale: float | None) -> Tensor:
    """Return the share of each key (S) for each query (L)."""
    fit = (q * (1 / math.sqrt(q.shape[-1]) if scale is None else scale)) @ k.swapaxes(-1, -2)
    if mask is None:
        return autograd.softmax(fit)
    mask = as_tensor(mask)
    if mask.dtype == bool:
        seen = mask.data
        fit = autograd.where(seen, fit, -np.inf)
    else:
        fit = fit + mask
        seen = fit.data > -np.inf
    blind = ~seen.any(axis=-1, keepdims=True)
    if not blind.any():
        return autograd.softmax(fit)
    return autograd.where(blind, 0.0, autograd.softmax(autograd.where(blind, 0.0, fit)))


def multi_head_attention_forward(
    query: Any,
    key: Any,
    value: Any,
    embed_dim_to_check: int,
    num_heads: int,
    in_proj_weight: Any,
    in_proj_bias: Any,
    bias_k: Any,
    bias_v: Any,
    add_zero_attn: bool,
    dropout_p: float,
    out_proj_weight: Any,
    out_proj_bias: Any,
    training: bool = True,
    key_padding_mask: Any = None,
    need_weights: bool = True,
    attn_mask: Any = None,
    use_separate_proj_weight: bool = False,
    q_proj_weight: Any = None,
    k_proj_weight: Any = None,
    v_proj_weight: Any = None,
    average_attn_weights: bool = True,
    is_causal: bool = False,
    rng: Any = None,
) -> tuple[Tensor, Tensor | None]:
    """Return what ``nn.MultiheadAttention`` computes, by the weights given, for sequences (L, N, E) or (L, E).

    Masks of truths name the keys that are *not* seen: ``attn_mask`` (L, S) or (N·heads, L, S), ``key_padding_mask``
    (N, S). Returns the output and, with ``need_weights``, the shares of the keys (N, L, S), or (N, heads, L, S).
    Raises ShapeError for inputs that don't fit.

    >>> eye = np.eye(2)
    >>> x = np.array([[2.0, 0.0]])
    >>> y, shares = multi_head_attention_forward(
    ...     x, x, x, 2, 1, np.tile(eye, (3, 1)), None, None, None, False, 0.0, eye, None
    ... )
    >>> y.tolist(), shares.tolist()
    ([[2.0, 0.0]], [[1.0]])
    """
    q, k, v = as_tensor(query), as_tensor(key), as_tensor(value)
    alone = q.ndim == 2
    if alone:
        q, k, v = (t[:, None] for t in (q, k, v))
    if q.ndim != 3 or q.shape[-1] != embed_dim_to_check or k.shape[:2] != v.shape[:2] or q.shape[1] != k.shape[1]:
        raise ShapeError(
            "multi_head_attention_forward(query, key, value)",
            f"(L, N, {embed_dim_to_check}), (S, N, …) and (S, N, …), or all without N",
            f"{np.shape(query)}, {np.shape(key)} and {np.shape(value)}",
            "with batch_first=True the layer takes (N, L, E)",
        )
    (length, count, width), size = q.shape, len(k)
    if use_separate_proj_weight:
        matrices = [q_proj_weight, k_proj_weight, v_proj_weight]
    elif q is k is v or query is key is value:
        matrices = []
    else:
        matrices = [in_proj_weight[i * width : (i + 1) * width] for i in range(3)]
    if matrices:
        biases = [None if in_proj_bias is None else in_proj_bias[i * width : (i + 1) * width] for i in range(3)]
        q, k, v = (linear(t, w, b) for t, w, b in zip((q, k, v), matrices, biases, strict=True))
    else:  # self-attention: one product for all three
        joined = linear(q, in_proj_weight, in_proj_bias)
        q, k, v = (joined[..., i * width : (i + 1) * width] for i in range(3))
    mask = _joint_mask(attn_mask, key_padding_mask, is_causal, (count, num_heads, length, size), q.dtype)
    extra = []
    if bias_k is not None:
        extra.append((bias_k, bias_v))
    if add_zero_attn:
        extra.append((np.zeros((1, 1, width), q.dtype),) * 2)
    for more_k, more_v in extra:
        k, v = (
            autograd.concatenate([t, autograd.broadcast_to(more, (1, count, width))])
            for t, more in ((k, more_k), (v, more_v))
        )
        mask = mask if mask is None else np.concatenate([mask, np.zeros((*mask.shape[:-1], 1), mask.dtype)], axis=-1)
    q, k, v = (t.reshape(len(t), count, num_heads, width // num_heads).transpose(1, 2, 0, 3) for t in (q, k, v))
    weights = dropout(_weights(q, k, mask, None), dropout_p, training, rng)
    y = (weights @ v).transpose(2, 0, 1, 3).reshape(length, count, width)
    y = linear(y, out_proj_weight, out_proj_bias)
    shares = None
    if need_weights:
        shares = weights.mean(axis=1) if average_attn_weights else weights
        shares = shares[0] if alone else shares
    return (y[:, 0] if alone else y), shares


def _joint_mask(attn_mask: Any, padding: Any, is_causal: bool, shape: tuple[int, ...], dtype: Any) -> Any:
    """Return the masks as numbers to add, (N or 1, heads or 1, L, S), or None where there are none."""
    count, heads, length, size = shape
    masks = []
    if attn_mask is not None:
        mask = _as_numbers(attn_mask, dtype)
        if mask.shape not in ((length, size), (count * heads, length, size)):
            wanted = f"({length}, {size}) or ({count * heads}, {length}, {size})"
            raise ShapeError("attn_mask", wanted, f"shape {mask.shape}", "one row for each query")
        masks.append(mask.reshape(count, heads, length, size) if mask.ndim == 3 else mask[None, None])
    elif is_causal:
        masks.append(_as_numbers(~np.tri(length, size, dtype=bool), dtype)[None, None])
    if padding is not None:
        mask = _as_numbers(padding, dtype)
        if mask.shape not in ((count, size), (size,) * (count == 1)):
            raise ShapeError(
                "key_padding_mask", f"({count}, {size})", f"shape {mask.shape}", "one row for each example"
            )
        masks.append(mask.reshape(count, 1, 1, size))
    return sum(masks[1:], masks[0]) if masks else None


def _as_numbers(mask: Any, dtype: Any) -> Any:
    """Return what a mask adds: −∞ where it is true."""
    given = np.asarray(as_tensor(mask).data)
    return np.where(given, dtype.type(-np.inf), dtype.type(0)) if given.dtype == bool else given.astype(dtype)
