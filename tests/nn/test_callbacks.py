"""Averages, clipping, statistics of layers, accumulated batches, searching optimizers; and all of them resumed."""

import subprocess
import sys
import types

import numpy as np
import pytest

import autograd
import nn
from autograd import ArgumentError
from nn.callbacks import EMA, Callback, Checkpoint, ClipGradients, EarlyStopping, GradientNormLog, LayerStatistics
from nn.data import DataLoader, TensorDataset
from nn.training import evaluate, fit

RNG = np.random.default_rng(0)
X = RNG.normal(size=(48, 3))
Y = np.sin(X.sum(axis=1, keepdims=True))
HELD_OUT = (X[:16] + 0.1, Y[:16])


def network(seed=1):
    autograd.seed(seed)
    return nn.Sequential(nn.Linear(3, 8), nn.ReLU(), nn.Linear(8, 1))


def train(model, epochs=3, **options):
    optimizer = nn.optim.Adam(model.parameters(), lr=0.01)
    options = {"loss": autograd.mse, "optimizer": optimizer, "batch_size": 8, "rng": 5} | options
    return fit(model, (X, Y), epochs=epochs, **options)


def weights(model):
    return {name: array.copy() for name, array in model.state_dict().items()}


def same(one, other):
    return one.keys() == other.keys() and all(one[k].tobytes() == other[k].tobytes() for k in one)


# Averages


class Follow(Callback):
    """Keeps the weights after each step, and those that are in the model at the end of each epoch."""

    def __init__(self):
        self.steps, self.epochs = [], []

    def after_step(self, run):
        self.steps.append(weights(run.model))

    def after_epoch(self, run):
        self.epochs.append(weights(run.model))


@pytest.mark.parametrize("first", [True, False])
def test_the_average_is_what_is_validated_and_kept(first):
    model, plain, follow, alone = network(), network(), Follow(), Follow()
    history = train(model, validation=HELD_OUT, callbacks=[EMA(0.9), follow] if first else [follow, EMA(0.9)])
    train(plain, callbacks=[alone])
    assert all(same(a, b) for a, b in zip(follow.steps, alone.steps, strict=True))  # learning isn't disturbed
    average = {name: w.astype(np.float64) for name, w in alone.steps[0].items()}
    for step in alone.steps[1:]:
        average = {name: 0.9 * average[name] + 0.1 * step[name] for name in average}
    for name, w in model.state_dict().items():
        np.testing.assert_allclose(w, average[name], rtol=1e-5, atol=1e-7)
        assert not np.allclose(w, plain.state_dict()[name])
    assert same(follow.epochs[-1], weights(model))
    assert history["val_loss"][-1] == evaluate(model, HELD_OUT, loss=autograd.mse)["loss"]


@pytest.mark.parametrize("first", [True, False])
def test_the_best_averages_come_back_after_ctrl_c(first):
    class Stop(Callback):
        def after_step(self, run):
            if run.epoch == 2:
                raise KeyboardInterrupt

    model, follow, stopping = network(), Follow(), EarlyStopping("loss", patience=9, mode="max")
    both = [EMA(0.8), stopping] if first else [stopping, EMA(0.8)]
    train(model, callbacks=[*both, follow, Stop()])
    assert same(weights(model), follow.epochs[0])


def test_ctrl_c_leaves_the_averages():
    class Stop(Callback):
        def after_step(self, run):
            if run.epoch == 1:
                raise KeyboardInterrupt

    model, average = network(), EMA(0.8)
    follow = Follow()
    train(model, callbacks=[average, follow, Stop()])
    assert not same(weights(model), follow.steps[-1])
    average.before_epoch(types.SimpleNamespace(model=model))
    assert same(weights(model), follow.steps[-1])


def test_an_average_starts_anew_with_each_training():
    model, average = network(), EMA(0.5)
    train(model, epochs=1, callbacks=[average])
    other = network()
    other.load_state_dict(model.state_dict())
    train(model, epochs=2, callbacks=[average])
    train(other, epochs=2, callbacks=[EMA(0.5)])
    assert same(weights(model), weights(other))
    with pytest.raises(ArgumentError, match=r"decay in \[0, 1\)"):
        EMA(1.0)


# Clipping


def test_clipping_between_gradient_and_step():
    model = network()
    log = GradientNormLog()
    history = train(model, epochs=1, callbacks=[ClipGradients(max_norm=0.01), log])
    assert history["grad_norm"][0] == pytest.approx(0.01, rel=1e-3)

    class Largest(Callback):
        def after_backward(self, run):
            assert max(abs(p.grad.numpy()).max() for p in run.model.parameters()) == np.float32(0.02)

    train(network(), epochs=1, callbacks=[ClipGradients(max_value=0.02), Largest()])
    for wrong in ({}, {"max_norm": 1.0, "max_value": 1.0}, {"max_norm": 0.0}):
        with pytest.raises(ArgumentError, match="give one of them"):
            ClipGradients(**wrong)


# Statistics of layers


def test_layers_are_measured():
    model = network()
    history = train(
        model,
        epochs=2,
        optimizer=nn.optim.SGD(model.parameters(), lr=0.0),
        batch_size=20,
        callbacks=[LayerStatistics()],
    )
    x, y = X.astype(np.float32), Y.astype(np.float32)
    hidden = model[0](x).numpy()
    model.zero_grad()
    assert list(history.layers) == ["0", "1", "2"]
    assert [layer["kind"] for layer in history.layers.values()] == ["Linear", "ReLU", "Linear"]
    assert history.layers["0"]["mean"] == pytest.approx([hidden.mean()] * 2, rel=1e-5)
    assert history.layers["0"]["std"] == pytest.approx([hidden.std()] * 2, rel=1e-5)
    assert history.layers["1"]["zero"] == pytest.approx([np.mean(hidden <= 0)] * 2)
    assert "gradient" not in history.layers["1"]
    one = train(
        model,
        epochs=1,
        optimizer=nn.optim.SGD(model.parameters(), lr=0.0),
        batch_size=48,
        callbacks=[LayerStatistics()],
    )
    model.zero_grad()
    autograd.mse(model(x), y).backward()
    gradient = np.concatenate([p.grad.numpy().ravel() for p in model[2].parameters()])
    assert one.layers["2"]["gradient"] == pytest.approx([np.sqrt(np.mean(gradient**2))], rel=1e-5)


def test_measuring_leaves_no_trace_in_the_model():
    model, plain = network(), network()
    train(model, callbacks=[LayerStatistics()], validation=HELD_OUT)
    train(plain)
    assert same(weights(model), weights(plain))
    assert not model[0]._hooks

    class Crash(Callback):
        def after_step(self, run):
            raise RuntimeError("power cut")

    with pytest.raises(RuntimeError, match="power cut"):
        train(model, callbacks=[LayerStatistics(), Crash()])
    assert not model[0]._hooks


def test_a_single_layer_frozen_and_uncalled_ones():
    class Odd(nn.Module):
        def __init__(self):
            self.used, self.unused = nn.LSTM(3, 1, batch_first=True), nn.Linear(3, 1)
            self.unused.requires_grad_(False)

        def forward(self, x):
            return self.used(x[:, None])[0][:, 0]

    layers = train(Odd(), epochs=1, callbacks=[LayerStatistics()]).layers
    assert layers["used"]["std"][0] > 0
    assert np.isnan([*layers["unused"]["gradient"], *layers["unused"]["mean"]]).all()
    assert list(train(nn.Linear(3, 1), epochs=1, callbacks=[LayerStatistics()]).layers) == [""]


# Accumulated batches


@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.parametrize("batch_size", [8, 9])  # of nine the last is shorter than the others of its group
def test_accumulated_batches_are_the_big_batch(reduction, batch_size):
    criterion = nn.MSELoss(reduction=reduction)
    small, big, steps = network().double(), network().double(), []

    class Count(Callback):
        def after_step(self, run):
            steps.append(run)

    made = train(small, epochs=3, loss=criterion, batch_size=batch_size, accumulate=3, callbacks=[Count()])
    whole = train(big, epochs=3, loss=criterion, batch_size=3 * batch_size)
    assert len(steps) == 3 * -(-48 // (3 * batch_size))
    for name, w in small.state_dict().items():
        np.testing.assert_allclose(w, big.state_dict()[name], rtol=1e-9, atol=1e-12)
    if reduction == "mean":
        np.testing.assert_allclose(made["loss"], whole["loss"], rtol=1e-12)


def test_accumulate_refuses_nothing_at_all():
    with pytest.raises(ArgumentError, match="1 batch for each step"):
        train(network(), accumulate=0)


# Searching optimizers


@pytest.mark.parametrize("accumulate", [1, 3])
def test_an_optimizer_that_searches(accumulate):
    model, target = nn.Linear(3, 1).double(), X @ [[1.0], [-2.0], [0.5]] + 3
    before = evaluate(model, (X, target), loss=autograd.mse)["loss"]
    options = {"line_search_fn": "strong_wolfe", "max_iter": 50, "tolerance_grad": 1e-12, "tolerance_change": 1e-16}
    history = fit(
        model, (X, target), loss=autograd.mse, optimizer=nn.optim.LBFGS(model.parameters(), **options), epochs=2,
        batch_size=48 // accumulate, accumulate=accumulate, metrics=[nn.metrics.mse],
    )  # fmt: skip
    assert history["loss"][1] < 1e-15
    assert history["mse"] == pytest.approx(history["loss"])
    assert history["loss"][0] == pytest.approx(before)  # of the first evaluation in the step
    np.testing.assert_allclose(model.weight.numpy(), [[1, -2, 0.5]], atol=1e-7)


def test_other_numbers_for_the_validation():
    history = train(
        network(), epochs=1, validation=HELD_OUT, metrics=[nn.metrics.mae], validation_metrics={"r": nn.metrics.r2}
    )
    assert list(history.columns) == ["loss", "mae", "val_loss", "val_r"]


# Resumed


class Crash(Callback):
    def __init__(self, epoch):
        self.epoch = epoch

    def after_backward(self, run):
        if run.epoch == self.epoch:
            raise RuntimeError("power cut")


def scene(path, searching, before, resume=False, crash=99):
    """Return a run with everything in it: model, data, options."""
    model = network(9)
    if searching:
        optimizer = nn.optim.LBFGS(model.parameters(), max_iter=3)
    else:
        optimizer = nn.optim.SGD(model.parameters(), lr=0.02, momentum=0.9)
    cycle = nn.optim.CyclicLR(optimizer, 0.01, 0.1, step_size_up=3, mode="triangular2", cycle_momentum=not searching)
    written = Checkpoint(path, resume=resume)
    callbacks = [
        LayerStatistics(), ClipGradients(max_norm=1.0), EMA(0.7), EarlyStopping("val_loss", patience=9),
        nn.Schedule(cycle, each="batch"), Crash(crash),
    ]  # fmt: skip
    callbacks = [written, *callbacks] if before else [*callbacks, written]
    loader = DataLoader(TensorDataset(X, Y), 8, shuffle=True, rng=99 if resume else 11)
    options = {"loss": autograd.mse, "optimizer": optimizer, "validation": HELD_OUT, "accumulate": 2}
    return model, loader, options | {"callbacks": callbacks}


@pytest.mark.parametrize("searching", [False, True])
@pytest.mark.parametrize("before", [False, True])
def test_a_resumed_run_gives_the_same_bits(tmp_path, searching, before):
    model, loader, options = scene(tmp_path / "whole", searching, before)
    whole = fit(model, loader, epochs=5, **options)
    cut, loader, options = scene(tmp_path / "cut", searching, before, crash=3)
    with pytest.raises(RuntimeError, match="power cut"):
        fit(cut, loader, epochs=5, **options)
    resumed, loader, options = scene(tmp_path / "cut", searching, before, resume=True)
    history = fit(resumed, loader, epochs=5, **options)
    assert history == whole
    assert len(history.layers["0"]["gradient"]) == 5
    assert same(weights(resumed), weights(model))


def test_a_finished_run_with_an_average_is_only_loaded_or_goes_on(tmp_path):
    model, loader, options = scene(tmp_path / "run", False, False)
    fit(model, loader, epochs=2, **options)
    again, loader, options = scene(tmp_path / "run", False, False, resume=True)
    fit(again, loader, epochs=2, **options)
    assert same(weights(again), weights(model))
    longer, loader, options = scene(tmp_path / "run", False, False, resume=True)
    fit(longer, loader, epochs=4, **options)
    whole, loader, options = scene(tmp_path / "whole", False, False)
    fit(whole, loader, epochs=4, **options)
    assert same(weights(longer), weights(whole))


def test_import_nn_leaves_matplotlib_alone():
    code = "import sys, nn; assert 'matplotlib' not in sys.modules and nn.plots.weights"
    subprocess.run([sys.executable, "-c", code], check=True)
