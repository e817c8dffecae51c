"""Recurrent layers, attention and CTC beyond PyTorch's numbers: loops by hand, all paths counted, dropout, refusals."""

import copy
import itertools

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import autograd
import nn
from autograd import ArgumentError, GradientWarning, ShapeError, Tensor, gradgradcheck
from nn import functional as F

RNG = np.random.default_rng(0)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


# Recurrent layers


def test_an_lstm_is_its_equations():
    """Hochreiter and Schmidhuber's memory cell with a forget gate, one example and one number at a time."""
    layer = nn.LSTM(2, 3, rng=0).double()
    s, x = layer.state_dict(), RNG.normal(size=(4, 1, 2))
    h = c = np.zeros(3)
    for t in range(4):
        i, f, g, o = np.split(
            s["weight_ih_l0"] @ x[t, 0] + s["bias_ih_l0"] + s["weight_hh_l0"] @ h + s["bias_hh_l0"], 4
        )
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        h = sigmoid(o) * np.tanh(c)
    output, (h_n, c_n) = layer(x)
    assert_allclose(output.numpy()[-1, 0], h, rtol=1e-12)
    assert_allclose(h_n.numpy()[0, 0], h, rtol=1e-12)
    assert_allclose(c_n.numpy()[0, 0], c, rtol=1e-12)


@pytest.mark.parametrize("kind", [nn.RNN, nn.LSTM, nn.GRU])
def test_a_layer_is_a_loop_over_its_cell(kind):
    layer, cell = kind(2, 3, rng=0).double(), getattr(nn, kind.__name__ + "Cell")(2, 3).double()
    cell.load_state_dict({name.removesuffix("_l0"): value for name, value in layer.state_dict().items()})
    x, state = RNG.normal(size=(5, 4, 2)), None
    outputs = []
    for t in range(5):
        state = cell(x[t], state)
        outputs.append(state[0] if isinstance(state, tuple) else state)
    assert_allclose(layer(x)[0].numpy(), np.stack([y.numpy() for y in outputs]), rtol=1e-12)


@pytest.mark.parametrize("kind", [nn.RNN, nn.LSTM, nn.GRU])
def test_the_reverse_direction_reads_backwards(kind):
    both, alone = kind(2, 3, bidirectional=True, rng=0), kind(2, 3)
    alone.load_state_dict(
        {name.removesuffix("_reverse"): v for name, v in both.state_dict().items() if name.endswith("reverse")}
    )
    x = RNG.normal(size=(5, 4, 2)).astype(np.float32)
    assert_allclose(both(x)[0].numpy()[..., 3:], alone(x[::-1].copy())[0].numpy()[::-1], rtol=1e-6)


def test_parameters_start_within_one_over_the_root_of_the_hidden_size():
    layer = nn.GRU(4, 25, num_layers=2, rng=0)
    assert all(0.15 < abs(p.numpy()).max() <= 0.2 for p in layer.parameters())
    assert_array_equal(nn.GRU(4, 25, rng=3).weight_hh_l0.numpy(), nn.GRU(4, 25, rng=3).weight_hh_l0.numpy())


def test_dropout_is_between_the_layers_and_in_training_only():
    x = np.ones((3, 2, 4), np.float32)
    layer = nn.LSTM(4, 8, num_layers=2, dropout=0.5, rng=0)
    plain = nn.LSTM(4, 8, num_layers=2)
    plain.load_state_dict(layer.state_dict())
    assert (layer(x)[0].numpy() != layer(x)[0].numpy()).any()
    assert_array_equal(layer.eval()(x)[0].numpy(), plain(x)[0].numpy())
    single = nn.GRU(4, 8, dropout=0.9, rng=0)
    assert_array_equal(single(x)[0].numpy(), single(x)[0].numpy())


@pytest.mark.parametrize(("kind", "count"), [(nn.RNN, 3), (nn.GRU, 0), (nn.LSTM, 0)])
def test_a_step_records_few_nodes(kind, count):
    """What a sequence that is longer by one step adds to the graph: GRU and LSTM are one primitive."""

    def nodes(length):
        seen, todo = set(), [kind(3, 4, rng=0)(np.ones((length, 2, 3), np.float32))[0].node]
        while todo:
            node = todo.pop()
            if node is not None and node.tracked and node not in seen:
                seen.add(node)
                todo += node.parents
        return len(seen)

    assert nodes(5) - nodes(4) == count


def test_a_long_sequence_that_asks_for_a_gradient_is_halved():
    x = Tensor(RNG.normal(size=(33, 1, 2)), requires_grad=True)
    y, _ = nn.RNN(2, 2, rng=0).double()(x)
    y.sum().backward()
    f = nn.RNN(2, 2, rng=0).double()
    expected = autograd.grad(lambda x: sum(f(x)[0][i].sum() for i in range(33)))(x.numpy())
    assert_allclose(x.grad.numpy(), expected, rtol=1e-12)


@pytest.mark.parametrize(
    ("build", "text"),
    [
        (lambda: nn.LSTM(0, 3), "at least 1 of each"),
        (lambda: nn.LSTM(2, 3, proj_size=3), "a projection smaller than hidden_size"),
        (lambda: nn.RNN(2, 3, nonlinearity="sin"), "'tanh' or 'relu'"),
        (lambda: nn.RNNCell(2, 3, nonlinearity="sin"), "'tanh' or 'relu'"),
        (lambda: nn.GRUCell(2, 0), "at least one of each"),
        (lambda: nn.GRU(2, 3)(np.ones((4, 1, 3), np.float32)), r"\(L, N, 2\) or \(L, 2\)"),
        (lambda: nn.GRU(2, 3, batch_first=True)(np.ones((4, 0, 2), np.float32)), "of at least one step"),
        (lambda: nn.GRU(2, 3)(np.ones((4, 1, 2), np.float32), np.ones((2, 1, 3))), r"\(1, 1, 3\)"),
        (lambda: nn.LSTMCell(2, 3)(np.ones((4, 2), np.float32), (np.ones((1, 3)),) * 2), "states"),
        (lambda: nn.MultiheadAttention(5, 2), "a number of heads that divides embed_dim"),
        (lambda: nn.MultiheadAttention(4, 2)(*[np.ones((3, 2, 5), np.float32)] * 3), r"\(L, N, 4\)"),
        (lambda: nn.TransformerEncoderLayer(4, 2, activation="elu"), "'relu', 'gelu' or a function"),
        (lambda: F.scaled_dot_product_attention(*[np.ones((2, 2))] * 4, is_causal=True), "one of both"),
        (lambda: nn.MultiheadAttention(2, 1)(*[np.ones((3, 2, 2), np.float32)] * 3, np.ones((3, 2))), r"\(2, 3\)"),
        (
            lambda: nn.MultiheadAttention(2, 1)(*[np.ones((3, 2, 2), np.float32)] * 3, attn_mask=np.ones((2, 2))),
            r"\(3, 3\) or \(2, 3, 3\)",
        ),
    ],
)
def test_refusals(build, text):
    with pytest.raises(autograd.AutogradError, match=text):
        build()


def test_float64_data_is_mentioned():
    for layer in (nn.LSTM(2, 3), nn.RNNCell(2, 3), nn.RMSNorm(2)):
        with pytest.warns(GradientWarning, match="was given float64 data"):
            layer(np.ones((4, 2)))
    with pytest.warns(GradientWarning, match="was given float64 data"):
        nn.MultiheadAttention(2, 1)(*[np.ones((4, 1, 2))] * 3)


# Attention


def test_attention_is_a_mean_by_the_softmax():
    q, k, v = (RNG.normal(size=(4, 3)) for _ in range(3))
    weights = np.exp(q @ k.T / np.sqrt(3))
    assert_allclose(
        F.scaled_dot_product_attention(q, k, v).numpy(), weights @ v / weights.sum(1, keepdims=True), rtol=1e-12
    )


def test_a_causal_layer_never_looks_ahead():
    x = RNG.normal(size=(6, 2, 4))
    layer = nn.TransformerEncoder(nn.TransformerEncoderLayer(4, 2, 8, rng=0), 2).double().eval()
    first = layer(x, is_causal=True).numpy()
    x[4:] = 7.0
    assert_allclose(layer(x, is_causal=True).numpy()[:4], first[:4], rtol=1e-12)


def test_the_shares_sum_to_one_and_dropout_drops_some():
    x = RNG.normal(size=(6, 2, 4)).astype(np.float32)
    layer = nn.MultiheadAttention(4, 2, dropout=0.5, rng=0)
    assert (layer(x, x, x)[1].numpy() == 0).any()
    shares = layer.eval()(x, x, x, average_attn_weights=False)[1]
    assert shares.shape == (2, 2, 6, 6)
    assert_allclose(shares.numpy().sum(-1), np.ones((2, 2, 6)), rtol=1e-6)
    assert layer(x, x, x, need_weights=False)[1] is None


def test_who_sees_nothing_returns_the_bias_alone():
    x, hidden = RNG.normal(size=(2, 1, 4)), np.array([[True, True]])
    layer = nn.MultiheadAttention(4, 2, rng=0).double()
    _ = layer.out_proj.bias.assign_([1, 2, 3, 4])
    assert_allclose(layer(x, x, x, key_padding_mask=hidden)[0].numpy()[:, 0], [[1, 2, 3, 4]] * 2)


def test_the_layers_of_an_encoder_are_copies_that_share_one_generator():
    given = nn.TransformerEncoderLayer(4, 2, 8, rng=0)
    encoder = nn.TransformerEncoder(given, 2)
    first, second = encoder.layers
    assert first.linear1.weight is not second.linear1.weight
    assert_array_equal(first.linear1.weight.numpy(), given.linear1.weight.numpy())
    assert first.dropout.rng is second.dropout.rng is given.dropout.rng
    assert next(name for name, _ in encoder.named_parameters()) == "layers.0.self_attn.in_proj_weight"


# CTC


def paths_probability(p, target, blank):
    """Add up the probabilities of all paths that spell the target, one by one."""
    total = 0.0
    for path in itertools.product(range(p.shape[1]), repeat=len(p)):
        spelled = [label for label, _ in itertools.groupby(path) if label != blank]
        if spelled == list(target):
            total += np.prod([p[t, label] for t, label in enumerate(path)])
    return total


@pytest.mark.parametrize("target", [[], [1], [2, 1], [1, 1], [2, 2, 1]])
@pytest.mark.parametrize("blank", [0, 3])
def test_ctc_counts_every_path(target, blank):
    logs = F.log_softmax(RNG.normal(size=(6, 1, 4)), 2)
    found = F.ctc_loss(logs, np.array([target], int), [6], [len(target)], blank, reduction="none")
    assert_allclose(found.item(), -np.log(paths_probability(np.exp(logs.numpy()[:, 0]), target, blank)), rtol=1e-12)


def test_ctc_of_what_no_path_spells_is_infinite_or_zero():
    logs = Tensor(F.log_softmax(np.zeros((2, 1, 3)), 2).numpy(), requires_grad=True)
    call = lambda **more: F.ctc_loss(logs, np.array([[1, 1]]), [2], [2], reduction="sum", **more)  # noqa: E731
    assert call().item() == np.inf
    call(zero_infinity=True).backward()
    assert_array_equal(logs.grad.numpy(), np.zeros((2, 1, 3)))


def test_ctc_of_one_sequence_without_a_batch_axis():
    logs = F.log_softmax(RNG.normal(size=(5, 3)), 1)
    alone = F.ctc_loss(logs, np.array([1, 2]), np.array(5), np.array(2), reduction="none")
    assert alone.shape == ()
    assert_allclose(alone.item(), F.ctc_loss(logs[:, None], np.array([[1, 2]]), [5], [2], reduction="sum").item())


@pytest.mark.parametrize(
    ("change", "error", "text"),
    [
        ({"input_lengths": [5]}, ArgumentError, "whole numbers from 0 to 4"),
        ({"input_lengths": [4, 4]}, ShapeError, "one length for each of 1 sequences"),
        ({"targets": np.array([[0]])}, ArgumentError, "labels in 0..2 other than the blank 0"),
        ({"targets": np.array([[3]])}, ArgumentError, "labels in 0..2"),
        ({"targets": np.array([1, 2])}, ShapeError, "1 labels in all"),
        ({"target_lengths": [2]}, ShapeError, r"\(1, S\) with S ≥ 2"),
    ],
)
def test_ctc_refuses(change, error, text):
    given = {"targets": np.array([[1]]), "input_lengths": [4], "target_lengths": [1]} | change
    with pytest.raises(error, match=text):
        F.ctc_loss(np.zeros((4, 1, 3)), **given)


# Second derivatives


@pytest.mark.parametrize(
    "f",
    [
        lambda x: nn.LSTM(2, 2, rng=0).double()(x)[0],
        lambda x: nn.GRU(2, 2, rng=0).double()(x)[0],
        lambda x: F.scaled_dot_product_attention(x, x, x, is_causal=True),
        lambda x: F.rms_norm(x, (2,)),
        lambda x: F.ctc_loss(F.log_softmax(x, 2), np.array([[1]] * 2), [3, 2], [1, 1], reduction="none"),
    ],
    ids=["LSTM", "GRU", "attention", "RMS norm", "CTC"],
)
def test_second_derivatives(f):
    assert gradgradcheck(f, RNG.normal(size=(3, 2, 2)))


def test_copies_compute_alike():
    x = RNG.normal(size=(3, 2, 4)).astype(np.float32)
    layer = nn.TransformerEncoderLayer(4, 2, 8, rng=0)
    assert_array_equal(copy.deepcopy(layer)(x).numpy(), layer(x).numpy())


def test_a_causal_transformer_sees_what_its_mask_shows():
    model = nn.Transformer(4, 2, 1, 1, 8, dropout=0.0, rng=0).double()
    src, tgt = np.random.default_rng(0).normal(size=(2, 5, 3, 4))
    mask = model.generate_square_subsequent_mask(5, np.float64)
    masked = model(src, tgt, tgt_mask=mask)
    assert_allclose(model(src, tgt, tgt_is_causal=True).numpy(), masked.numpy(), rtol=1e-12)
    later = tgt.copy()
    later[3:] += 1
    changed = model(src, later, tgt_mask=mask).numpy() != masked.numpy()
    assert (not changed[:3].any(), changed[3:].any()) == (True, True)
