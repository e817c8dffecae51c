"""Attention with several heads."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd import ArgumentError, Parameter, Tensor, as_tensor, generator
from nn import functional, init
from nn.layers.linear import Linear
from nn.layers.precision import compare
from nn.module import Module


class MultiheadAttention(Module):
    """Each query's mean of the values, weighed by softmax(q·kᵀ/√E): by several heads, each on its own projections.

    Takes (L, N, E) queries, (S, N, kdim) keys and (S, N, vdim) values, with ``batch_first`` (N, L, E) and so on, or all
    without N; returns the output, shaped like the queries, and the shares of the keys, (N, L, S).
    Source: Vaswani and others, Attention Is All You Need (2017).

    >>> x = np.ones((5, 2, 8), np.float32)
    >>> y, shares = MultiheadAttention(8, 2, rng=0)(x, x, x)
    >>> y.shape, shares.shape
    ((5, 2, 8), (2, 5, 5))
    """

    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        dropout: float = 0.0,
        bias: bool = True,
        add_bias_kv: bool = False,
        add_zero_attn: bool = False,
        kdim: int | None = None,
        vdim: int | None = None,
        batch_first: bool = False,
        *,
        dtype: Any = np.float32,
        rng: Any = None,
    ) -> None:
        if embed_dim < 1 or num_heads < 1 or embed_dim % num_heads:
            raise ArgumentError(
                "MultiheadAttention(embed_dim, num_heads)",
                "a number of heads that divides embed_dim",
                f"{embed_dim} and {num_heads}",
                "each head has embed_dim/num_heads features",
            )
        rng = None if rng is None else generator(rng)
        self.embed_dim, self.num_heads, self.dropout = embed_dim, num_heads, dropout
        self.kdim, self.vdim = kdim or embed_dim, vdim or embed_dim
        self.batch_first, self.add_zero_attn = batch_first, add_zero_attn
        packed = self.kdim == self.vdim == embed_dim
        shapes = {
            "in_proj_weight": (3 * embed_dim, embed_dim) if packed else None,
            "q_proj_weight": None if packed else (embed_dim, embed_dim),
            "k_proj_weight": None if packed else (embed_dim, self.kdim),
            "v_proj_weight": None if packed else (embed_dim, self.vdim),
            "in_proj_bias": (3 * embed_dim,) if bias else None,
            "bias_k": (1, 1, embed_dim) if add_bias_kv else None,
            "bias_v": (1, 1, embed_dim) if add_bias_kv else None,
        }
        for name, shape in shapes.items():
            self.register_parameter(name, None if shape is None else Parameter(np.zeros(shape, dtype)))
        self.out_proj = Linear(embed_dim, embed_dim, bias, dtype=dtype, rng=rng)
        self.rng = rng
        self.reset_parameters(rng)

    in_proj_weight: Parameter | None
    q_proj_weight: Parameter | None
    k_proj_weight: Parameter | None
    v_proj_weight: Parameter | None
    in_proj_bias: Parameter | None
    bias_k: Parameter | None
    bias_v: Parameter | None

    def reset_parameters(self, rng: Any = None) -> None:
        """Draw the projections anew; biases start at 0."""
        rng = generator(rng)
        for weight in (self.in_proj_weight, self.q_proj_weight, self.k_proj_weight, self.v_proj_weight):
            if weight is not None:
                init.xavier_uniform_(weight, rng=rng)
        for zero in (self.in_proj_bias, self.out_proj.bias):
            if zero is not None:
                init.zeros_(zero)
        for extra in (self.bias_k, self.bias_v):
            if extra is not None:
                init.xavier_normal_(extra, rng=rng)

    def forward(
        self,
        query: Any,
        key: Any,
        value: Any,
        key_padding_mask: Any = None,
        need_weights: bool = True,
        attn_mask: Any = None,
        average_attn_weights: bool = True,
        is_causal: bool = False,
    ) -> tuple[Tensor, Tensor | None]:
        """Return the attention's output, and the shares of the keys if they are needed.

        A mask's truths are the keys that are *not* seen, its numbers are added: ``attn_mask`` (L, S) or
        (N·num_heads, L, S), ``key_padding_mask`` (N, S). ``is_causal`` without a mask hides the keys behind each query.
        """
        same = query is key is value
        q = as_tensor(query)
        k, v = (q, q) if same else (as_tensor(key), as_tensor(value))
        if q.dtype is not self.out_proj.weight.dtype:
            compare(self, q, self.out_proj.weight)
        flip = self.batch_first and q.ndim == 3
        if flip:
            q = q.swapaxes(0, 1)
            k, v = (q, q) if same else (k.swapaxes(0, 1), v.swapaxes(0, 1))
        y, shares = functional.multi_head_attention_forward(
            q,
            k,
            v,
            self.embed_dim,
            self.num_heads,
            self.in_proj_weight,
            self.in_proj_bias,
            self.bias_k,
            self.bias_v,
            self.add_zero_attn,
            self.dropout,
            self.out_proj.weight,
            self.out_proj.bias,
            self.training,
            key_padding_mask,
            need_weights,
            attn_mask,
            self.in_proj_weight is None,
            self.q_proj_weight,
            self.k_proj_weight,
            self.v_proj_weight,
            average_attn_weights,
            is_causal,
            self.rng,
        )
        return (y.swapaxes(0, 1) if flip else y), shares

    def multiply_adds(self, inputs: tuple[Any, ...], output: Any) -> int:
        """Return those of the projections of queries, keys and values, and of the two products."""
        query, key, value = (np.shape(t) for t in inputs[:3])
        rows = [math.prod(shape[:-1]) for shape in (query, key, value)]
        width, keys = self.embed_dim, key[1 if self.batch_first and len(key) == 3 else 0]
        projections = width * (rows[0] * width + rows[1] * self.kdim + rows[2] * self.vdim)
        return int(projections + 2 * rows[0] * keys * width)
