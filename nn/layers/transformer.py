"""The Transformer's encoder: attention and a small network for each place, each beside a shortcut."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd import ArgumentError, Tensor, as_tensor, generator
from nn import functional
from nn.layers.attention import MultiheadAttention
from nn.layers.container import ModuleList
from nn.layers.dropout import Dropout
from nn.layers.linear import Linear
from nn.layers.normalization import LayerNorm
from nn.module import Module


class TransformerEncoderLayer(Module):
    """``x + attention(x)``, then ``x + linear2(activation(linear1(x)))``, each followed by layer norm.

    ``norm_first`` normalises what goes into each part instead. Takes (L, N, d_model), with ``batch_first``
    (N, L, d_model), or (L, d_model). Source: Vaswani and others (2017); Xiong and others (2020) for norm_first.

    >>> TransformerEncoderLayer(8, 2, 16, rng=0).eval()(np.ones((5, 2, 8), np.float32)).shape
    (5, 2, 8)
    """

    def __init__(
        self,
        d_model: int,
        nhead: int,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: str | Callable[[Any], Tensor] = "relu",
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        norm_first: bool = False,
        bias: bool = True,
        *,
        dtype: Any = np.float32,
        rng: Any = None,
    ) -> None:
        if isinstance(activation, str) and activation not in ("relu", "gelu"):
            where = "TransformerEncoderLayer(activation)"
            raise ArgumentError(where, "'relu', 'gelu' or a function", repr(activation), "pass the function itself")
        rng = None if rng is None else generator(rng)
        self.self_attn = MultiheadAttention(
            d_model, nhead, dropout, bias, batch_first=batch_first, dtype=dtype, rng=rng
        )
        self.linear1 = Linear(d_model, dim_feedforward, bias, dtype=dtype, rng=rng)
        self.dropout = Dropout(dropout, rng=rng)
        self.linear2 = Linear(dim_feedforward, d_model, bias, dtype=dtype, rng=rng)
        self.norm_first = norm_first
        self.norm1 = LayerNorm(d_model, layer_norm_eps, bias=bias, dtype=dtype)
        self.norm2 = LayerNorm(d_model, layer_norm_eps, bias=bias, dtype=dtype)
        self.dropout1, self.dropout2 = Dropout(dropout, rng=rng), Dropout(dropout, rng=rng)
        self.activation = activation

    def forward(
        self, src: Any, src_mask: Any = None, src_key_padding_mask: Any = None, is_causal: bool = False
    ) -> Tensor:
        """Return the sequence, encoded; the masks are those of MultiheadAttention."""
        x = as_tensor(src)
        masks = {"attn_mask": src_mask, "key_padding_mask": src_key_padding_mask, "is_causal": is_causal}
        if self.norm_first:
            x = x + self._attended(self.norm1(x), masks)
            return x + self._fed_forward(self.norm2(x))
        x = self.norm1(x + self._attended(x, masks))
        y: Tensor = self.norm2(x + self._fed_forward(x))
        return y

    def _attended(self, x: Tensor, masks: dict[str, Any]) -> Tensor:
        y: Tensor = self.dropout1(self.self_attn(x, x, x, need_weights=False, **masks)[0])
        return y

    def _fed_forward(self, x: Tensor) -> Tensor:
        activation = self.activation
        bent = getattr(functional, activation) if isinstance(activation, str) else activation
        y: Tensor = self.dropout2(self.linear2(self.dropout(bent(self.linear1(x)))))
        return y

    def extra_repr(self) -> str:
        """Return what the modules inside don't show."""
        name = self.activation if isinstance(self.activation, str) else getattr(self.activation, "__name__", "…")
        return f"activation={name!r}, norm_first={self.norm_first}"


class TransformerEncoder(Module):
    """Several encoder layers one after the other: copies of the one given, which start alike; then ``norm``.

    >>> encoder = TransformerEncoder(TransformerEncoderLayer(8, 2, 16), 3)
    >>> len(encoder.layers), encoder.eval()(np.ones((5, 2, 8), np.float32)).shape
    (3, (5, 2, 8))
    """

    def __init__(self, encoder_layer: Module, num_layers: int, norm: Module | None = None) -> None:
        own = [getattr(module, "rng", None) for module in encoder_layer.modules()]
        shared = {id(rng): rng for rng in own if rng is not None}  # else all layers would drop the same entries
        self.layers = ModuleList([copy.deepcopy(encoder_layer, dict(shared)) for _ in range(num_layers)])
        self.num_layers = num_layers
        self.norm = norm

    def forward(
        self, src: Any, mask: Any = None, src_key_padding_mask: Any = None, is_causal: bool | None = None
    ) -> Tensor:
        """Return the sequence, encoded; the masks are those of MultiheadAttention."""
        x: Tensor = as_tensor(src)
        for layer in self.layers:
            x = layer(x, mask, src_key_padding_mask, bool(is_causal))
        return x if self.norm is None else self.norm(x)
