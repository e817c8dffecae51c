import os
import signal
import sys
import threading
import time

import numpy as np
import pytest

import autograd
import nn
from autograd import ArgumentError, AutogradError, MissingDependencyError
from nn.callbacks import Callback, Checkpoint, EarlyStopping, GradientNormLog, Schedule
from nn.checkpoint import load
from nn.data import DataLoader, TensorDataset
from nn.history import History
from nn.training import evaluate, fit, predict

RNG = np.random.default_rng(0)
X = RNG.normal(size=(48, 3))
Y = np.sin(X.sum(axis=1, keepdims=True))
HELD_OUT = (X[:16] + 0.1, Y[:16])


def mae(prediction, target):
    return float(np.abs(prediction - target).mean())


def network(seed=1, rng=None):
    autograd.seed(seed)
    return nn.Sequential(nn.Linear(3, 8), nn.Tanh(), nn.Dropout(0.2, rng=rng), nn.Linear(8, 1))


def train(model, epochs=4, **options):
    options = {"loss": autograd.mse, "optimizer": nn.optim.Adam(model.parameters(), lr=0.01), "batch_size": 8} | options
    return fit(model, (X, Y), epochs=epochs, **options)


def bits(model):
    return {name: array.tobytes() for name, array in model.state_dict().items()}


class Do(Callback):
    """Calls a function in the midst of the n-th step, between the gradients and the update."""

    def __init__(self, n, action):
        self.left, self.action = n, action

    def after_backward(self, run):
        self.left -= 1
        if not self.left:
            self.action(run)


# fit


def test_fit_is_the_five_line_loop():
    model, other = network(), network()
    autograd.seed(5)
    train(model, epochs=3, rng=7)
    autograd.seed(5)
    optimizer, criterion = nn.optim.Adam(other.parameters(), lr=0.01), autograd.mse
    loader = DataLoader(TensorDataset(X, Y), batch_size=8, shuffle=True, rng=7)
    for _ in range(3):
        for x, y in loader:
            optimizer.zero_grad()
            loss = criterion(other(x), y)
            loss.backward()
            optimizer.step()
    assert bits(model) == bits(other)


def test_the_history_has_losses_and_metrics():
    model = network()
    history = train(model, metrics=[mae], validation=HELD_OUT, rng=0)
    assert list(history.columns) == ["loss", "mae", "val_loss", "val_mae"]
    assert len(history) == 4
    assert history.stopped == ""
    found = evaluate(model, HELD_OUT, loss=autograd.mse, metrics={"mae": mae})
    assert found == {"loss": history["val_loss"][-1], "mae": history["val_mae"][-1]}


def test_it_learns():
    history = train(network(), epochs=40, rng=0)
    assert history["loss"][-1] < 0.5 * history["loss"][0]


def test_the_same_seed_gives_the_same_bits():
    runs = []
    for _ in range(2):
        model = network(3)
        runs.append((train(model, validation=HELD_OUT).columns, bits(model)))
    assert runs[0] == runs[1]


def test_losses_and_metrics_are_means_over_examples_not_batches():
    model = network().eval()
    whole = evaluate(model, (X, Y), loss=autograd.mse, metrics=[mae], batch_size=48)
    parts = evaluate(model, (X, Y), loss=autograd.mse, metrics=[mae], batch_size=36)  # 36 and 12
    assert parts == pytest.approx(whole, rel=1e-5)
    output = predict(model, X)
    assert whole["mae"] == pytest.approx(mae(output, Y), rel=1e-6)


def test_data_are_cast_to_the_models_dtype():
    seen = []
    for dtype in (np.float32, np.float64):
        model = network().to(dtype)
        model.register_forward_pre_hook(lambda module, args: seen.append(args[0].dtype))
        train(model, epochs=1)
        assert predict(model, X).dtype == dtype
    assert set(seen[:3]) == {np.dtype("f4")}
    assert set(seen[-3:]) == {np.dtype("f8")}


def test_datasets_and_loaders_are_taken_as_they_are():
    model, other = network(), network()
    autograd.seed(0)
    train(model, rng=4)
    autograd.seed(0)
    loader = DataLoader(TensorDataset(X, Y), 8, shuffle=True, rng=4, prefetch=2)
    fit(other, loader, loss=autograd.mse, optimizer=nn.optim.Adam(other.parameters(), lr=0.01), epochs=4)
    assert bits(model) == bits(other)


def test_several_inputs_and_an_optimizer_to_be_made():
    class Sum(nn.Module):
        def __init__(self):
            self.a, self.b = nn.Linear(3, 1), nn.Linear(3, 1)

        def forward(self, x, z):
            return self.a(x) + self.b(z)

    model = Sum()
    history = fit(model, (X, X, Y), loss=autograd.mse, optimizer=nn.optim.Adam, epochs=2, rng=0)
    assert history["loss"][1] < history["loss"][0]
    assert predict(model, X, X).shape == (48, 1)


def test_modes():
    model, seen = network(), []
    model.register_forward_pre_hook(lambda module, args: seen.append(module.training))
    train(model, epochs=1, validation=HELD_OUT)
    assert seen == [True] * 6 + [False]
    assert not model.training
    model.train()
    predict(model, X)
    assert model.training


def test_misuse_is_named():
    with pytest.raises(ArgumentError, match="a batch at least"):
        fit(network(), DataLoader(TensorDataset(X, Y), 99, drop_last=True), loss=autograd.mse, optimizer=nn.optim.Adam)
    with pytest.raises(ArgumentError, match="inputs and a target"):
        fit(network(), TensorDataset(X), loss=autograd.mse, optimizer=nn.optim.Adam)
    with pytest.raises(ArgumentError) as caught:
        train(network(), callbacks=[EarlyStopping()])
    assert str(caught.value) == (
        "in EarlyStopping(monitor='val_loss')\n"
        "  expected: one of loss\n"
        "  got:      'val_loss'\n"
        "  to do:    give fit validation= and metrics=, or monitor one of these"
    )


def test_the_bar_shows_loss_and_metrics(capsys):
    train(network(), epochs=2, validation=HELD_OUT, progress=True)
    shown = capsys.readouterr().err
    assert "epoch 2/2" in shown
    assert "12/12" in shown
    assert "val_loss" in shown
    train(network(), epochs=1, progress=False)
    assert capsys.readouterr().err == ""


# Ctrl-C


@pytest.fixture
def _ctrl_c():
    """Python's own handler, whatever runs the tests has set."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("_ctrl_c")
def test_ctrl_c_keeps_what_was_learned_and_ends_between_steps():
    model, other = network(), network()
    action = Do(9, lambda run: os.kill(os.getpid(), signal.SIGINT))
    autograd.seed(1)
    history = train(model, rng=2, callbacks=[action])
    assert history.stopped == "Ctrl-C in epoch 2"
    assert len(history) == 1
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    autograd.seed(1)
    steps = []

    class Nine(Callback):
        def after_step(self, run):
            steps.append(run)
            if len(steps) == 9:
                raise KeyboardInterrupt

    train(other, rng=2, callbacks=[Nine()])
    assert bits(model) == bits(other)
    assert not model.training


@pytest.mark.usefixtures("_ctrl_c")
def test_a_second_ctrl_c_ends_at_once():
    def twice(run):
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(1)
        pytest.fail("still here")

    assert train(network(), callbacks=[Do(2, twice)]).stopped == "Ctrl-C in epoch 1"


@pytest.mark.usefixtures("_ctrl_c")
def test_ctrl_c_restores_the_best():
    model = network()
    stopping = EarlyStopping("loss", patience=50)
    train(model, rng=2, callbacks=[stopping, Do(15, lambda run: os.kill(os.getpid(), signal.SIGINT))])
    assert bits(model) == {name: array.tobytes() for name, array in stopping.weights.items()}


def test_another_handler_of_ctrl_c_stays():
    calls = []
    before = signal.signal(signal.SIGINT, lambda *_: calls.append(1))
    try:
        history = train(network(), epochs=1, callbacks=[Do(2, lambda run: os.kill(os.getpid(), signal.SIGINT))])
    finally:
        signal.signal(signal.SIGINT, before)
    assert (calls, history.stopped) == ([1], "")


def test_fit_in_a_thread():
    found = []
    thread = threading.Thread(target=lambda: found.append(train(network(), epochs=1)))
    thread.start()
    thread.join()
    assert len(found[0]) == 1


# Callbacks


class Scripted(Callback):
    """Replaces the loss by numbers from a list."""

    def __init__(self, *losses):
        self.losses = losses

    def after_epoch(self, run):
        run.row["loss"] = self.losses[run.epoch - 1]


@pytest.mark.parametrize(("mode", "sign"), [("min", 1), ("max", -1)])
def test_early_stopping_waits_and_restores(mode, sign):
    model, seen = network(), []

    class Record(Callback):
        def after_epoch(self, run):
            seen.append(bits(run.model))

    script = Scripted(*[sign * v for v in (5.0, 3.0, 3.0, 4.0, 2.9, 1.0)])
    stopping = EarlyStopping("loss", patience=3, mode=mode, min_delta=0.2)
    history = train(model, epochs=9, callbacks=[script, Record(), stopping])
    assert history.stopped == f"loss hasn't improved since epoch 2 ({sign * 3})"
    assert len(history) == 5
    assert bits(model) == seen[1] != seen[4]


def test_early_stopping_takes_nan_for_no_gain():
    stopping = EarlyStopping("loss", patience=2)
    history = train(network(), callbacks=[Scripted(1.0, float("nan"), float("nan")), stopping])
    assert len(history) == 3
    assert stopping.best == 1


def test_without_restore_the_last_weights_stay():
    stopping = EarlyStopping("loss", patience=1, restore_best=False)
    train(network(), callbacks=[Scripted(1.0, 2.0), stopping])
    assert stopping.weights is None


def test_schedules_step_by_epoch_by_batch_and_by_a_number():
    model = network()
    optimizer = nn.optim.SGD(model.parameters(), lr=1.0)
    history = train(model, optimizer=optimizer, callbacks=[Schedule(nn.optim.StepLR(optimizer, 2, gamma=0.5))])
    assert history["lr"] == [1, 1, 0.5, 0.5]
    optimizer = nn.optim.SGD(model.parameters(), lr=1.0)
    each = Schedule(nn.optim.ExponentialLR(optimizer, 0.5), each="batch")
    train(model, epochs=1, optimizer=optimizer, callbacks=[each])
    assert optimizer.param_groups[0]["lr"] == 0.5**6
    optimizer = nn.optim.SGD(model.parameters(), lr=1.0)
    plateau = Schedule(nn.optim.ReduceLROnPlateau(optimizer, patience=0, factor=0.1), monitor="loss")
    history = train(model, optimizer=optimizer, callbacks=[Scripted(2.0, 3.0, 1.0, 0.5), plateau])
    assert history["lr"] == [1, 1, 0.1, 0.1]


def test_gradient_norms():
    model = nn.Linear(3, 1)
    log = GradientNormLog(each=True)
    optimizer = nn.optim.SGD(model.parameters(), lr=0.0)
    history = train(model, epochs=1, optimizer=optimizer, batch_size=48, callbacks=[log])
    loss = autograd.mse(model(X.astype(np.float32)), Y.astype(np.float32))
    model.zero_grad()
    loss.backward()
    gradients = [p.grad.numpy() for p in model.parameters()]
    assert history["grad_norm"] == pytest.approx([np.sqrt(sum((g**2).sum() for g in gradients))], rel=1e-5)
    assert history["grad_norm weight"] == pytest.approx([np.linalg.norm(gradients[0])], rel=1e-5)


# Checkpoints


def scene(path, resume=False, rng=11, extra=()):
    """Return everything a run needs, built anew: model, options."""
    model = network(9, rng)
    optimizer = nn.optim.Adam(model.parameters(), lr=0.02)
    callbacks = [
        Schedule(nn.optim.StepLR(optimizer, 2, gamma=0.1)),
        EarlyStopping("loss", patience=6, mode="max"),  # the first epochs are the best
        Checkpoint(path, resume=resume),
        *extra,
    ]
    loader = DataLoader(
        TensorDataset(X, Y), 8, shuffle=True, rng=rng, transform=lambda x, r: x + r.normal(0, 0.01, x.shape)
    )
    options = {"loss": autograd.mse, "optimizer": optimizer, "validation": HELD_OUT, "callbacks": callbacks}
    return model, loader, options


class Crash(Callback):
    def __init__(self, epoch):
        self.epoch = epoch

    def after_backward(self, run):
        if run.epoch == self.epoch:
            raise RuntimeError("power cut")


@pytest.mark.parametrize("crash", [1, 3, 5])
@pytest.mark.parametrize("rng", [11, None])
def test_a_resumed_run_gives_the_same_bits(tmp_path, crash, rng):
    model, loader, options = scene(tmp_path / "whole", rng=rng)
    whole = fit(model, loader, epochs=6, **options)
    other, loader, options = scene(tmp_path / "cut", rng=rng, extra=[Crash(crash)])
    with pytest.raises(RuntimeError, match="power cut"):
        fit(other, loader, epochs=6, **options)
    autograd.generator().random(5)  # a new process starts elsewhere
    resumed, loader, options = scene(tmp_path / "cut", resume=True, rng=None if rng is None else 99, extra=[Crash(99)])
    history = fit(resumed, loader, epochs=6, **options)
    assert history == whole
    assert history["lr"] == pytest.approx([0.02, 0.02, 0.002, 0.002, 0.0002, 0.0002])
    assert bits(resumed) == bits(model)


def test_a_finished_run_resumed_is_only_loaded(tmp_path):
    model, loader, options = scene(tmp_path / "run")
    whole = fit(model, loader, epochs=2, **options)
    again, loader, options = scene(tmp_path / "run", resume=True)
    assert fit(again, loader, epochs=2, **options) == whole
    assert bits(again) == bits(model)


def test_every_and_the_last_epoch(tmp_path):
    epochs = []

    class Watch(Callback):
        def recorded(self, run):
            if (tmp_path / "run").exists():
                epochs.append(load(tmp_path / "run")["epoch"])

    train(network(), epochs=5, callbacks=[Checkpoint(tmp_path / "run", every=2), Watch()])
    assert epochs == [2, 2, 4, 5]


def test_the_checkpoint_of_another_run_is_refused(tmp_path):
    train(network(), epochs=1, callbacks=[Checkpoint(tmp_path / "run")])
    with pytest.raises(AutogradError, match="with the callbacks"):
        train(network(), callbacks=[Checkpoint(tmp_path / "run", resume=True), GradientNormLog()])
    nn.save(tmp_path / "run", {"w": np.ones(1)})
    with pytest.raises(AutogradError, match="another file"):
        train(network(), callbacks=[Checkpoint(tmp_path / "run", resume=True)])


def test_drafts_of_a_killed_run_are_swept(tmp_path):
    (tmp_path / ".run.12ab34cd.draft").touch()
    train(network(), epochs=1, callbacks=[Checkpoint(tmp_path / "run")])
    assert [p.name for p in tmp_path.iterdir()] == ["run"]


@pytest.mark.parametrize("kind", ["PCG64", "MT19937", "Philox", "SFC64"])
def test_every_kind_of_generator_is_kept(tmp_path, kind):
    def run(epochs, resume):
        rng = np.random.Generator(getattr(np.random, kind)(3))
        model = network(2, rng=4)
        return train(model, epochs, rng=rng, callbacks=[Checkpoint(tmp_path / "run", resume=resume)]), bits(model)

    whole = run(4, resume=False)
    run(2, resume=False)
    assert run(4, resume=True) == whole


# History


def test_history_to_csv_and_missing_numbers(tmp_path):
    history = History()
    history.add({"loss": 2.0})
    history.add({"loss": 0.1, "lr": 0.5})
    history.to_csv(tmp_path / "h.csv")
    assert (tmp_path / "h.csv").read_text().splitlines() == ["epoch,loss,lr", "1,2.0,nan", "2,0.1,0.5"]
    with pytest.raises(ArgumentError, match="one of loss, lr"):
        history["val_loss"]


def test_history_plot(monkeypatch):
    history = History({"loss": [2.0, 1.0], "val_loss": [2.5, 1.5]})
    (ax,) = history.plot().axes
    assert [line.get_label() for line in ax.lines] == ["loss", "val_loss"]
    assert ax.lines[1].get_ydata().tolist() == [2.5, 1.5]
    assert len(history.plot("loss").axes[0].lines) == 1
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(MissingDependencyError, match=r"chaingrad\[plot\]"):
        history.plot()
