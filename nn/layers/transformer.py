"""The Transformer: attention and a small network for each place, each beside a shortcut; its encoder, its decoder."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd import ArgumentError, Tensor, as_tensor, generator
from nn import functional, init
from nn.layers.attention import MultiheadAttention
from nn.layers.container import ModuleList
from nn.layers.dropout import Dropout
from nn.layers.linear import Linear
from nn.layers.normalization import LayerNorm
from nn.module import Module


class _Layer(Module):
    """What a layer of the encoder and one of the decoder share: the network for each place."""

    activation: str | Callable[[Any], Tensor]

    def _widen(
        self, d_model: int, width: int, dropout: float, activation: Any, bias: bool, dtype: Any, rng: Any
    ) -> None:
        if isinstance(activation, str) and activation not in ("relu", "gelu"):
            where = f"{type(self).__name__}(activation)"
            raise ArgumentError(where, "'relu', 'gelu' or a function", repr(activation), "pass the function itself")
        self.linear1 = Linear(d_model, width, bias, dtype=dtype, rng=rng)
        self.dropout = Dropout(dropout, rng=rng)
        self.linear2 = Linear(width, d_model, bias, dtype=dtype, rng=rng)
        self.activation = activation

    def _fed_forward(self, x: Tensor, dropout: Module) -> Tensor:
        activation = self.activation
        bent = getattr(functional, activation) if isinstance(activation, str) else activation
        y: Tensor = dropout(self.linear2(self.dropout(bent(self.linear1(x)))))
        return y

    def extra_repr(self) -> str:
        """Return what the modules inside don't show."""
        name = self.activation if isinstance(self.activation, str) else getattr(self.activation, "__name__", "…")
        return f"activation={name!r}, norm_first={self.norm_first}"

    norm_first: bool


class TransformerEncoderLayer(_Layer):
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
        rng = None if rng is None else generator(rng)
        self.self_attn = MultiheadAttention(
            d_model, nhead, dropout, bias, batch_first=batch_first, dtype=dtype, rng=rng
        )
        self._widen(d_model, dim_feedforward, dropout, activation, bias, dtype, rng)
        self.norm_first = norm_first
        self.norm1 = LayerNorm(d_model, layer_norm_eps, bias=bias, dtype=dtype)
        self.norm2 = LayerNorm(d_model, layer_norm_eps, bias=bias, dtype=dtype)
        self.dropout1, self.dropout2 = Dropout(dropout, rng=rng), Dropout(dropout, rng=rng)

    def forward(
        self, src: Any, src_mask: Any = None, src_key_padding_mask: Any = None, is_causal: bool = False
    ) -> Tensor:
        """Return the sequence, encoded; the masks are those of MultiheadAttention."""
        x = as_tensor(src)
        masks = {"attn_mask": src_mask, "key_padding_mask": src_key_padding_mask, "is_causal": is_causal}
        if self.norm_first:
            x = x + self._attended(self.norm1(x), masks)
            return x + self._fed_forward(self.norm2(x), self.dropout2)
        x = self.norm1(x + self._attended(x, masks))
        y: Tensor = self.norm2(x + self._fed_forward(x, self.dropout2))
        return y

    def _attended(self, x: Tensor, masks: dict[str, Any]) -> Tensor:
        y: Tensor = self.dropout1(self.self_attn(x, x, x, need_weights=False, **masks)[0])
        return y


class TransformerEncoder(Module):
    """Several encoder layers one after the other: copies of the one given, which start alike; then ``norm``.

    >>> encoder = TransformerEncoder(TransformerEncoderLayer(8, 2, 16), 3)
    >>> len(encoder.layers), encoder.eval()(np.ones((5, 2, 8), np.float32)).shape
    (3, (5, 2, 8))
    """

    def __init__(self, encoder_layer: Module, num_layers: int, norm: Module | None = None) -> None:
        self.layers = _copies(encoder_layer, num_layers)
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


class TransformerDecoderLayer(_Layer):
    """``x + attention(x)``, ``x + attention(x, memory)``, ``x + linear2(activation(linear1(x)))``, each normalised.

    ``norm_first`` normalises what goes into each part instead. Takes a target and the memory that an encoder made,
    (L, N, d_model) and (S, N, d_model), with ``batch_first`` the batch ahead, or both without N.
    Source: Vaswani and others, Attention Is All You Need (2017).

    >>> layer = TransformerDecoderLayer(8, 2, 16, rng=0).eval()
    >>> layer(np.ones((3, 2, 8), np.float32), np.ones((5, 2, 8), np.float32)).shape
    (3, 2, 8)
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
        rng = None if rng is None else generator(rng)
        settings: dict[str, Any] = {"batch_first": batch_first, "dtype": dtype, "rng": rng}
        self.self_attn = MultiheadAttention(d_model, nhead, dropout, bias, **settings)
        self.multihead_attn = MultiheadAttention(d_model, nhead, dropout, bias, **settings)
        self._widen(d_model, dim_feedforward, dropout, activation, bias, dtype, rng)
        self.norm_first = norm_first
        self.norm1, self.norm2, self.norm3 = (LayerNorm(d_model, layer_norm_eps, bias=bias, dtype=dtype) for _ in "123")
        self.dropout1, self.dropout2, self.dropout3 = (Dropout(dropout, rng=rng) for _ in "123")

    def forward(
        self,
        tgt: Any,
        memory: Any,
        tgt_mask: Any = None,
        memory_mask: Any = None,
        tgt_key_padding_mask: Any = None,
        memory_key_padding_mask: Any = None,
        tgt_is_causal: bool = False,
        memory_is_causal: bool = False,
    ) -> Tensor:
        """Return the target, decoded; the masks are those of MultiheadAttention, over itself and over the memory."""
        x, memory = as_tensor(tgt), as_tensor(memory)

        def own(x: Tensor) -> Tensor:
            seen = self.self_attn(x, x, x, tgt_key_padding_mask, False, tgt_mask, is_causal=tgt_is_causal)
            y: Tensor = self.dropout1(seen[0])
            return y

        def others(x: Tensor) -> Tensor:
            masks = (memory_key_padding_mask, False, memory_mask)
            y: Tensor = self.dropout2(self.multihead_attn(x, memory, memory, *masks, is_causal=memory_is_causal)[0])
            return y

        if self.norm_first:
            x = x + own(self.norm1(x))
            x = x + others(self.norm2(x))
            return x + self._fed_forward(self.norm3(x), self.dropout3)
        x = self.norm1(x + own(x))
        x = self.norm2(x + others(x))
        y: Tensor = self.norm3(x + self._fed_forward(x, self.dropout3))
        return y


class TransformerDecoder(Module):
    """Several decoder layers one after the other: copies of the one given, which start alike; then ``norm``.

    >>> decoder, x = TransformerDecoder(TransformerDecoderLayer(8, 2, 16), 3), np.ones((5, 2, 8), np.float32)
    >>> decoder.eval()(x, x).shape
    (5, 2, 8)
    """

    def __init__(self, decoder_layer: Module, num_layers: int, norm: Module | None = None) -> None:
        self.layers = _copies(decoder_layer, num_layers)
        self.num_layers = num_layers
        self.norm = norm

    def forward(
        self,
        tgt: Any,
        memory: Any,
        tgt_mask: Any = None,
        memory_mask: Any = None,
        tgt_key_padding_mask: Any = None,
        memory_key_padding_mask: Any = None,
        tgt_is_causal: bool | None = None,
        memory_is_causal: bool = False,
    ) -> Tensor:
        """Return the target, decoded; the masks are those of MultiheadAttention, over itself and over the memory."""
        masks = (tgt_mask, memory_mask, tgt_key_padding_mask, memory_key_padding_mask)
        x, memory = as_tensor(tgt), as_tensor(memory)
        for layer in self.layers:
            x = layer(x, memory, *masks, bool(tgt_is_causal), memory_is_causal)
        return x if self.norm is None else self.norm(x)


class Transformer(Module):
    """Encoder and decoder, each ended by layer norm: from (S, N, d_model) and (L, N, d_model) to (L, N, d_model).

    With ``batch_first`` the batch is ahead. Matrices start by Glorot's uniform draw.
    Source: Vaswani and others, Attention Is All You Need (2017).

    >>> model = Transformer(8, 2, 1, 1, 16, rng=0).eval()
    >>> model(np.ones((5, 2, 8), np.float32), np.ones((3, 2, 8), np.float32), tgt_is_causal=True).shape
    (3, 2, 8)
    """

    def __init__(
        self,
        d_model: int = 512,
        nhead: int = 8,
        num_encoder_layers: int = 6,
        num_decoder_layers: int = 6,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: str | Callable[[Any], Tensor] = "relu",
        custom_encoder: Module | None = None,
        custom_decoder: Module | None = None,
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        norm_first: bool = False,
        bias: bool = True,
        *,
        dtype: Any = np.float32,
        rng: Any = None,
    ) -> None:
        rng = None if rng is None else generator(rng)
        shape = (d_model, nhead, dim_feedforward, dropout, activation, layer_norm_eps, batch_first, norm_first, bias)

        def norm() -> LayerNorm:
            return LayerNorm(d_model, layer_norm_eps, bias=bias, dtype=dtype)

        self.encoder = custom_encoder or TransformerEncoder(
            TransformerEncoderLayer(*shape, dtype=dtype, rng=rng), num_encoder_layers, norm()
        )
        self.decoder = custom_decoder or TransformerDecoder(
            TransformerDecoderLayer(*shape, dtype=dtype, rng=rng), num_decoder_layers, norm()
        )
        self.d_model, self.nhead, self.batch_first = d_model, nhead, batch_first
        rng = generator(rng)
        for parameter in self.parameters():
            if parameter.ndim > 1:
                init.xavier_uniform_(parameter, rng=rng)

    def forward(
        self,
        src: Any,
        tgt: Any,
        src_mask: Any = None,
        tgt_mask: Any = None,
        memory_mask: Any = None,
        src_key_padding_mask: Any = None,
        tgt_key_padding_mask: Any = None,
        memory_key_padding_mask: Any = None,
        src_is_causal: bool | None = None,
        tgt_is_causal: bool | None = None,
        memory_is_causal: bool = False,
    ) -> Tensor:
        """Return the target, decoded with the encoded source in view; the masks are those of MultiheadAttention."""
        memory = self.encoder(src, src_mask, src_key_padding_mask, src_is_causal)
        padding = (tgt_key_padding_mask, memory_key_padding_mask)
        y: Tensor = self.decoder(tgt, memory, tgt_mask, memory_mask, *padding, tgt_is_causal, memory_is_causal)
        return y

    @staticmethod
    def generate_square_subsequent_mask(sz: int, dtype: Any = np.float32) -> Any:
        """Return the mask that hides what comes later: 0 up to each place's own, −∞ behind it.

        >>> Transformer.generate_square_subsequent_mask(2).tolist()
        [[0.0, -inf], [0.0, 0.0]]
        """
        return np.triu(np.full((sz, sz), -np.inf, dtype), 1)


def _copies(layer: Module, count: int) -> ModuleList:
    """Return copies that draw from one generator: else all would drop the same entries."""
    own = [getattr(module, "rng", None) for module in layer.modules()]
    shared = {id(rng): rng for rng in own if rng is not None}
    return ModuleList([copy.deepcopy(layer, dict(shared)) for _ in range(count)])
