"""nn.Doctor: the callback names what is wrong with a training by fit, and is silent about a sound one."""

import itertools

import numpy as np
import pytest

import autograd
import nn

RNG = np.random.default_rng(0)
X = RNG.normal(size=(256, 8)).astype(np.float32)
Y = (X[:, :1] - 2 * X[:, 1:2]).astype(np.float32)
LABELS = (X[:, 0] > 0).astype(int) + (X[:, 1] > 0)


def network(*sizes, act=nn.ReLU, last=()):
    layers = []
    for k, (a, b) in enumerate(itertools.pairwise(sizes)):
        layers += [nn.Linear(a, b, rng=k), act()]
    return nn.Sequential(*layers[:-1], *last)


def examined(model, data=(X, Y), loss=None, optimizer=nn.optim.Adam, epochs=3, **rest):
    doctor = nn.Doctor(quiet=True)
    nn.fit(
        model, data, loss=loss or nn.MSELoss(), optimizer=optimizer, epochs=epochs, batch_size=64, rng=0,
        callbacks=[doctor], **rest,
    )  # fmt: skip
    return doctor.report


def biased(value):
    model = network(8, 32, 1)
    model[0].bias.assign_(np.full(32, value))
    return model


def lost():
    class Cut(nn.Module):
        def __init__(self):
            self.first, self.second = nn.Linear(8, 16, rng=0), nn.Linear(16, 1, rng=1)

        def forward(self, x):
            return self.second(nn.functional.relu(self.first(x)).detach())

    return Cut()


def unused():
    class Unused(nn.Module):
        def __init__(self):
            self.first, self.spare = nn.Linear(8, 1, rng=0), nn.Linear(8, 1, rng=1)

        def forward(self, x):
            return self.first(x)

    return Unused()


def listed():
    class Listed(nn.Module):
        def __init__(self):
            self.last, self.layers = nn.Linear(16, 1, rng=0), []
            self.layers.append(nn.Linear(8, 16, rng=1))  # no assignment that could warn

        def forward(self, x):
            return self.last(nn.functional.relu(self.layers[0](x)))

    return Listed()


def partly(model, n=2, lr=0.01):
    return nn.optim.SGD(list(model.parameters())[:n], lr=lr)


def sgd(lr):
    return lambda parameters: nn.optim.SGD(parameters, lr=lr)


def equal(model):
    for p in model.parameters():
        p.assign_(np.full(p.shape, 0.1))
    return model


def normalised():
    return nn.Sequential(nn.Linear(8, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Dropout(0.2), nn.Linear(16, 1))


forgetful = network(8, 16, 1)
FAULTS = [
    ("dead", lambda: examined(biased(-100.0)), "relu", "dead ReLU", "LeakyReLU"),
    ("pixels", lambda: examined(network(8, 16, 1), (np.abs(X) * 255, Y)), "linear", "unscaled inputs", "standardise"),
    ("lost", lambda: examined(lost()), "relu", "detach", "leave out"),
    ("unused", lambda: examined(unused()), "forward", "unused parameters: 'spare.weight', 'spare.bias'", "forward"),
    ("list", lambda: examined(listed()), "list", "Listed.layers is a list of modules", "nn.ModuleList"),
    ("part", lambda: examined(forgetful, optimizer=partly(forgetful)), "optimizer step", "forgotten", "parameters()"),
    ("zero rate", lambda: examined(network(8, 1), optimizer=sgd(0)), "optimizer step", "rate is 0", "lr"),
    ("huge rate", lambda: examined(network(8, 32, 1), optimizer=sgd(50)), "optimizer step", "too high", "smaller"),
    ("softmax", lambda: examined(network(8, 16, 3, last=[nn.Softmax(dim=1)]), (X, LABELS), nn.CrossEntropyLoss()),
     "softmax", "softmax before CrossEntropyLoss", "logits"),
    ("sigmoid", lambda: examined(network(8, 1, last=[nn.Sigmoid()]), (X, Y > 0), nn.BCEWithLogitsLoss()),
     "sigmoid", "sigmoid before BCEWithLogitsLoss", "logits"),
    ("±1", lambda: examined(network(8, 1), (X, np.sign(Y)), nn.BCEWithLogitsLoss()),
     "bce_with_logits", "out of range", "labels"),
    ("0 … 9", lambda: examined(network(8, 1), (X, np.float32(np.arange(256) % 10)[:, None]), nn.BCEWithLogitsLoss()),
     "bce_with_logits", "out of range", "labels"),
    ("equal weights", lambda: examined(equal(network(8, 16, 1))), "initialisation", "symmetry", "random"),
    ("deep", lambda: examined(network(8, *[16] * 12, 1, act=nn.Sigmoid)), "sigmoid", "vanishing", "ReLU"),
    ("millions", lambda: examined(network(8, 1), (X, Y * 1e6)), "mse", "unscaled targets", "standardise"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "script", "operation", "cause", "remedy"), FAULTS, ids=[f[0] for f in FAULTS])
def test_a_planted_fault_is_named(name, script, operation, cause, remedy):
    first = script()[0]
    assert (first.operation, cause in first.cause, remedy in first.remedy) == (operation, True, True), first


def test_a_loop_of_your_own_names_the_model_for_what_forward_never_uses():
    model = unused()
    optimizer = nn.optim.SGD(model.parameters(), lr=0.01)
    with autograd.diagnose("a loop", model) as report:
        for _ in range(2):
            optimizer.zero_grad()
            nn.functional.mse_loss(model(X), Y).backward()
            optimizer.step()
    assert [f.cause for f in report] == ["unused parameters: 'spare.weight', 'spare.bias' had no part in any loss"]


def test_a_cut_layer_is_not_called_unused():
    assert all("unused" not in finding.cause for finding in examined(lost()))


def test_a_list_of_layers_that_the_model_has_under_names_is_no_fault():
    model = network(8, 16, 1)
    model.shortcut = [model[0], model[2]]
    assert examined(model).healthy


REFUSED = [
    ("one axis too few", (X, Y[:, 0]), nn.MSELoss(), network(8, 1), "mse"),
    ("labels out of range", (X, LABELS), nn.CrossEntropyLoss(), network(8, 2), "cross_entropy"),
    ("labels as numbers", (X, LABELS.astype(float)), nn.CrossEntropyLoss(), network(8, 3), "cross_entropy"),
    ("labels ±1", (X, np.sign(Y)), nn.BCELoss(), network(8, 1, last=[nn.Sigmoid()]), "bce"),
    ("frozen", (X, Y), nn.MSELoss(), network(8, 1).requires_grad_(False), "backward"),
]


@pytest.mark.parametrize(("name", "data", "loss", "model", "operation"), REFUSED, ids=[r[0] for r in REFUSED])
def test_an_error_is_noted_and_printed_and_raised(name, data, loss, model, operation, capsys):
    doctor = nn.Doctor()
    with pytest.raises(autograd.AutogradError):
        nn.fit(model, data, loss=loss, optimizer=nn.optim.Adam, callbacks=[doctor])
    assert doctor.report[0].operation == operation
    assert "remedy" in capsys.readouterr().out
    assert not autograd.Tensor(1.0).requires_grad  # and the block has been left


@pytest.mark.parametrize(
    ("model", "data", "loss"),
    [
        (network(8, 32, 32, 1), (X, Y), nn.MSELoss()),
        (network(8, 32, 3), (X, LABELS), nn.CrossEntropyLoss()),
        (network(8, 32, 1, act=nn.Tanh), (X, (Y > 0).astype(np.float32)), nn.BCEWithLogitsLoss()),
        (normalised(), (X, Y), nn.L1Loss()),
    ],
)
def test_a_sound_training_has_a_clean_bill(model, data, loss, capsys):
    doctor = nn.Doctor()
    nn.fit(
        model, data, loss=loss, optimizer=nn.optim.Adam, epochs=4, batch_size=32, validation=data, rng=0,
        callbacks=[doctor],
    )  # fmt: skip
    assert doctor.report.healthy, doctor.report
    assert capsys.readouterr().out == ""


def test_a_loss_that_does_not_fall_is_noted():
    noise = RNG.normal(size=(256, 1)).astype(np.float32)
    report = examined(nn.Linear(8, 1, rng=0), (X, noise), optimizer=sgd(0.9), epochs=4)
    assert not report.healthy
