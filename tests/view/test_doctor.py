"""Faults planted in training scripts: the doctor names operation, cause and remedy; in sound ones it finds nothing."""

import itertools
import json

import numpy as np
import pytest

import autograd
import nn
from autograd import Parameter, Tensor
from autograd.view.record import Trace

RNG = np.random.default_rng(0)
X = RNG.normal(size=(256, 8)).astype(np.float32)
Y = (X[:, :1] - 2 * X[:, 1:2] + np.sin(X[:, 2:3])).astype(np.float32)
LABELS = (X[:, 0] > 0).astype(int) + (X[:, 1] > 0)


def network(*sizes, act=nn.ReLU, last=()):
    layers = []
    for k, (a, b) in enumerate(itertools.pairwise(sizes)):
        layers += [nn.Linear(a, b, rng=k), act()]
    return nn.Sequential(*layers[:-1], *last)


def train(model, loss=None, optimizer=None, x=X, y=Y, steps=8, size=64):
    loss = loss or nn.MSELoss()
    optimizer = optimizer or nn.optim.Adam(model.parameters(), lr=1e-3)
    for k in range(steps):
        at = slice(k * size % len(x), k * size % len(x) + size)
        optimizer.zero_grad()
        loss(model(x[at]), y[at]).backward()
        optimizer.step()


def sgd(model, lr):
    return nn.optim.SGD(model.parameters(), lr=lr)


# The faults: each runs in a diagnose block


def saturated_by_large_weights():
    model = network(8, 32, 1, act=nn.Sigmoid)
    model[0].weight.assign_(model[0].weight.numpy() * 200)
    train(model)


def saturated_tanh():
    model = network(8, 32, 1, act=nn.Tanh)
    model[0].bias.assign_(np.full(32, 30))
    train(model)


def dead_units():
    model = network(8, 64, 1)
    model[0].bias.assign_(np.where(np.arange(64) < 41, -100, 0))
    train(model)


def dead_layer():
    model = network(8, 32, 32, 1)
    model[2].bias.assign_(np.full(32, -50))
    train(model)


def dead_by_maximum():
    w = Parameter(RNG.normal(size=(8, 16)), name="w")
    for _ in range(2):
        np.maximum(X.astype(float) @ w - 40, 0).sum().backward()


def log_of_zero():
    p = Parameter(np.array([0.5, 0.0, 0.25]), name="p")
    (-np.log(p)).mean().backward()


def log_of_softmax_that_underflows():
    model = network(8, 3)
    model[0].weight.assign_(np.full((3, 8), 1) * np.array([[0], [400], [-400]]))
    train(model, lambda z, t: -np.log(autograd.softmax(z, axis=-1))[np.arange(len(t)), t].mean(), y=LABELS)


def log_of_negative():
    w = Parameter(np.array([1.0, -2.0]), name="w")
    np.log(w).sum().backward()


def division_by_zero():
    w = Parameter(np.ones((64, 8)), name="w")
    masked = w * (X[:64] > 9)
    (w.sum(axis=1) / masked.sum(axis=1)).sum().backward()


def root_at_zero():
    w = Parameter(np.array([0.0, 4.0]), name="w")
    np.sqrt(w).sum().backward()


def root_of_negative():
    w = Parameter(np.array([-1.0, 4.0]), name="w")
    np.sqrt(w).sum().backward()


def overflow_in_exp():
    z = Parameter(np.float32([10.0, 100.0]), name="z")
    e = np.exp(z)
    (e / e.sum()).sum().backward()


def arccos_at_its_edge():
    c = Parameter(np.array([0.5, 1.0]), name="c")
    np.arccos(c).sum().backward()


def nan_in_the_data():
    x = X.copy()
    x[3, 1] = np.nan
    train(network(8, 16, 1), x=x)


def exploding_steps():
    model = network(8, 32, 1)
    train(model, optimizer=sgd(model, 30.0))


def too_long_steps_of_adam():
    model = network(8, 32, 32, 1)
    train(model, optimizer=nn.optim.Adam(model.parameters(), lr=20.0), steps=12)


def exploding_gradient():
    model = network(8, *[64] * 8, 1)
    for p in model.parameters():
        p.assign_(p.numpy() * 8)
    train(model, steps=1)


def vanishing_gradient():
    train(network(8, *[16] * 12, 1, act=nn.Sigmoid))


def detached_middle():
    model = network(8, 16, 16, 1)
    optimizer = nn.optim.Adam(model.parameters())
    for _ in range(4):
        optimizer.zero_grad()
        hidden = model[1](model[0](X)).detach()
        nn.MSELoss()(model[4](model[3](model[2](hidden))), Y).backward()
        optimizer.step()


def left_for_numpy():
    model = network(8, 16, 1)
    optimizer = nn.optim.Adam(model.parameters())
    for _ in range(4):
        optimizer.zero_grad()
        hidden = np.tanh(model[0](X).numpy())
        nn.MSELoss()(model[2](hidden), Y).backward()
        optimizer.step()


def half_under_no_grad():
    model = network(8, 16, 1)
    optimizer = nn.optim.Adam(model.parameters())
    for _ in range(4):
        optimizer.zero_grad()
        with autograd.no_grad():
            hidden = model[1](model[0](X))
        nn.MSELoss()(model[2](hidden), Y).backward()
        optimizer.step()


def forgotten_parameters():
    model = network(8, 16, 1)
    train(model, optimizer=nn.optim.SGD(model[0].parameters(), lr=0.01))


def another_models_optimizer():
    train(network(8, 16, 1), optimizer=sgd(network(8, 16, 1), 0.01))


def no_step():
    model = network(8, 16, 1)
    for _ in range(4):
        model.zero_grad()
        nn.MSELoss()(model(X), Y).backward()


def cleared_before_the_step():
    model = network(8, 16, 1)
    optimizer = sgd(model, 0.1)
    for _ in range(4):
        nn.MSELoss()(model(X), Y).backward()
        optimizer.zero_grad()
        optimizer.step()


def rate_of_zero():
    model = network(8, 16, 1)
    train(model, optimizer=sgd(model, 0.0))


def rate_too_small():
    model = network(8, 16, 1).double()
    train(model, optimizer=sgd(model, 1e-9), x=X.astype(float), y=Y.astype(float))


def forgotten_zero_grad():
    model = network(8, 16, 1)
    optimizer = sgd(model, 0.01)
    for _ in range(5):
        nn.MSELoss()(model(X), Y).backward()
        optimizer.step()


def uphill():
    w = Parameter(RNG.normal(size=8), name="w")
    for _ in range(4):
        w.zero_grad()
        ((X @ w - Y[:, 0]) ** 2).mean().backward()
        with autograd.no_grad():
            w += 0.01 * w.grad


def shapes_that_broadcast():
    train(network(8, 16, 1), loss=lambda p, t: ((p - t) ** 2).mean(), y=Y[:, 0])


def shapes_that_a_loss_refuses():
    train(network(8, 16, 1), y=Y[:, 0])


def softmax_twice():
    train(network(8, 16, 3, last=[nn.Softmax(dim=1)]), nn.CrossEntropyLoss(), y=LABELS)


def sigmoid_twice():
    train(network(8, 16, 1, last=[nn.Sigmoid()]), nn.BCEWithLogitsLoss(), y=(Y > 0).astype(np.float32))


def divergence(last, targets, **options):
    criterion = nn.KLDivLoss(reduction="batchmean", **options)
    train(network(8, 16, 3, last=[last(dim=1)]), criterion, y=targets(np.float32([[0.2, 0.3, 0.5]] * len(X))))


def divergence_of_probabilities():
    divergence(nn.Softmax, np.asarray)


def divergence_from_logarithms():
    divergence(nn.LogSoftmax, np.log)


def a_divergence():
    divergence(nn.LogSoftmax, np.asarray)
    divergence(nn.LogSoftmax, np.log, log_target=True)


def rectified_logits():
    train(network(8, 16, 3, last=[nn.ReLU()]), nn.CrossEntropyLoss(), y=LABELS)


def nll_of_probabilities():
    train(network(8, 16, 3, last=[nn.Softmax(dim=1)]), nn.NLLLoss(), y=LABELS)


def softmax_of_one():
    train(network(8, 16, 1, last=[nn.Softmax(dim=1)]), y=(Y > 0).astype(np.float32))


def labels_plus_minus_one():
    train(network(8, 16, 1), nn.BCEWithLogitsLoss(), y=np.sign(Y))


def label_out_of_range():
    train(network(8, 16, 2), nn.CrossEntropyLoss(), y=LABELS)


def targets_out_of_reach():
    train(network(8, 16, 1, last=[nn.Sigmoid()]), y=Y * 10)


def unscaled_targets():
    train(network(8, 16, 1), y=Y * 1e5)


def unscaled_inputs():
    train(network(8, 16, 1), x=np.round(np.abs(X) * 100))


def features_of_different_scale():
    train(network(8, 16, 1), x=X * np.float32([1, 1, 1, 1, 1, 1, 1, 1e-4]))


def constant_inputs():
    train(network(8, 16, 1), x=np.full_like(X, 0.5))


def constant_feature():
    x = X.copy()
    x[:, 2] = 7
    train(network(8, 16, 1), x=x)


def equal_weights():
    model = network(8, 16, 1)
    for p in model.parameters():
        p.assign_(np.full(p.shape, 0.1))
    train(model)


def rounding():
    w = Parameter(RNG.normal(size=8) * 5, name="w")
    for _ in range(2):
        ((np.round(X.astype(float) @ w) - Y[:, 0]) ** 2).mean().backward()


def thresholding():
    train(network(8, 16, 1, last=[nn.Step()]), y=(Y > 0).astype(np.float32))


def masked():
    w = Parameter(np.ones(8), name="w")
    np.where(X > 100, w, 1.0).sum().backward()


def clipped():
    w = Parameter(np.full(8, 5.0), name="w")
    np.clip(w, 0, 1).sum().backward()


def zero_weights():
    w = Parameter(RNG.normal(size=(4, 3)), name="w")
    v = Parameter(np.zeros((3, 2)), name="v")
    ((np.tanh(X[:, :4] @ w) @ v).sum() + 1.0).backward()


def evaluation_mode():
    model = network(8, 16, 1, last=[nn.Dropout(0.1)])
    model.eval()
    train(model)


def evaluated_in_training_mode():
    model = nn.Sequential(nn.Linear(8, 16, rng=0), nn.BatchNorm1d(16), nn.ReLU(), nn.Linear(16, 1, rng=1))
    train(model)
    with autograd.no_grad():
        model(X)


def no_backward():
    model = network(8, 16, 1)
    optimizer = sgd(model, 0.1)
    for _ in range(3):
        nn.MSELoss()(model(X), Y)
        optimizer.step()


def loss_under_no_grad():
    model = network(8, 16, 1)
    with autograd.no_grad():
        loss = nn.MSELoss()(model(X), Y)
    loss.backward()


def an_index_as_a_loss():
    train(network(8, 3), lambda p, t: (np.argmax(p, axis=1) != t).mean(), y=LABELS)


def the_loss_as_a_number():
    model = network(8, 16, 1)
    for _ in range(3):
        Tensor(nn.MSELoss()(model(X), Y).item(), requires_grad=True).backward()


def an_operand_overwritten():
    w = Parameter(np.ones(3), name="w")
    loss = (w * w).sum()
    with autograd.no_grad():
        w -= 1.0
    loss.backward()


def an_update_that_is_recorded():
    w = Parameter(RNG.normal(size=(8, 1)), name="w")
    ((X.astype(float) @ w - Y) ** 2).mean().backward()
    w = w - 0.1 * w.grad
    ((X.astype(float) @ w - Y) ** 2).mean().backward()


def a_mask_of_zeros():
    train(network(8, 16, 1), lambda p, t: ((p - t) ** 2 * np.zeros_like(t)).sum())


def softmax_over_the_batch():
    model = network(8, 16, 3, last=[nn.Softmax(dim=0)])
    train(model, lambda p, t: -np.log(p[np.arange(len(t)), t]).mean(), y=LABELS)


def a_hook_that_zeroes():
    model = network(8, 16, 1)
    model[0].weight.register_hook(lambda g: 0 * g)
    train(model)


def sure_from_the_start():
    model = network(8, 16, 3)
    for p in model.parameters():
        p.assign_(p.numpy() * 100)
    train(model, nn.CrossEntropyLoss(), y=LABELS)


def decay_too_strong():
    model = network(8, 16, 1)
    train(model, optimizer=nn.optim.SGD(model.parameters(), lr=0.1, weight_decay=9.9), steps=20)


def clipped_to_nothing():
    model = network(8, 16, 1)
    optimizer = sgd(model, 0.1)
    for _ in range(5):
        optimizer.zero_grad()
        nn.MSELoss()(model(X), Y).backward()
        nn.optim.clip_grad_norm_(model.parameters(), 1e-12)
        optimizer.step()


def thirty_sigmoids():  # the squares of the first gradients are no float32 numbers
    train(network(8, *[4] * 30, 1, act=nn.Sigmoid), steps=5)


def a_hundred_sigmoids():  # nor are the first gradients themselves
    train(network(8, *[4] * 100, 1, act=nn.Sigmoid), steps=5)


def a_loss_without_a_bottom():
    model = network(8, 1)
    train(model, lambda y, target: -((y - target) ** 2).mean(), sgd(model, 0.1), steps=30)


def probabilities_by_hand_that_reach_one():
    model = network(8, 1, last=[nn.Sigmoid()])
    model[0].weight.assign_(model[0].weight.numpy() * 1000)
    train(model, lambda p, t: -(t * np.log(p) + (1 - t) * np.log(1 - p)).mean(), y=(Y > 0).astype(np.float32))


FAULTS = [  # script, operation, and words of cause and remedy
    (saturated_by_large_weights, "sigmoid", "sigmoid saturated: |z| > 7", "standardise"),
    (saturated_tanh, "tanh", "tanh saturated", "smaller weights"),
    (dead_units, "relu", "dead ReLU: 41 of 64 units", "LeakyReLU"),
    (dead_layer, "relu", "dead ReLU: all units are off", "LeakyReLU"),
    (dead_by_maximum, "maximum", "dead ReLU", "LeakyReLU"),
    (log_of_zero, "log", "log of zero", "above 0"),
    (log_of_softmax_that_underflows, "log", "log of zero", "log_softmax"),
    (log_of_negative, "log", "log of a negative", "softplus"),
    (division_by_zero, "divide", "division by zero", "divisor"),
    (root_at_zero, "sqrt", "infinite derivative at 0", "under the root"),
    (root_of_negative, "sqrt", "square root of a negative", "np.maximum"),
    (overflow_in_exp, "exp", "overflow in exp", "subtract the maximum"),
    (arccos_at_its_edge, "arccos", "infinite at ±1", "clip"),
    (nan_in_the_data, "linear", "data hold NaN", "clean the data"),
    (exploding_steps, "optimizer step", "learning rate is too high", "learning rate"),
    (too_long_steps_of_adam, "optimizer step", "learning rate is too high", "learning rate"),
    (exploding_gradient, "linear", "exploding gradient", "clip"),
    (vanishing_gradient, "sigmoid", "vanishing gradient", "ReLU"),
    (detached_middle, "relu", "detach()", "leave out detach"),
    (left_for_numpy, "linear", "numpy()", "leave out detach"),
    (half_under_no_grad, "relu", "under no_grad", "outside of no_grad"),
    (forgotten_parameters, "optimizer step", "forgotten parameters", "model.parameters()"),
    (another_models_optimizer, "optimizer step", "other parameters", "model.parameters()"),
    (no_step, "optimizer step", "no step uses the gradients", "optimizer.step()"),
    (cleared_before_the_step, "optimizer step", "cleared (zero_grad) before", "the order is"),
    (rate_of_zero, "optimizer step", "learning rate is 0", "set lr"),
    (rate_too_small, "optimizer step", "too small", "set lr"),
    (forgotten_zero_grad, "backward", "forgotten zero_grad", "zero_grad()"),
    (uphill, "optimizer step", "wrong sign", "subtract"),
    (shapes_that_broadcast, "subtract", "(64, 1) with (64,) gives (64, 64)", "reshape"),
    (shapes_that_a_loss_refuses, "mse", "(64, 1)", "reshape"),
    (softmax_twice, "softmax", "softmax before CrossEntropyLoss", "logits"),
    (sigmoid_twice, "sigmoid", "sigmoid before BCEWithLogitsLoss", "logits"),
    (rectified_logits, "relu", "relu before CrossEntropyLoss", "leave out"),
    (nll_of_probabilities, "nll_loss", "given probabilities", "log_softmax"),
    (divergence_of_probabilities, "kl_div", "given probabilities", "log_softmax"),
    (divergence_from_logarithms, "kl_div", "out of range", "log_target=True"),
    (softmax_of_one, "softmax", "axis of length 1", "one output for each class"),
    (labels_plus_minus_one, "bce_with_logits", "out of range", "(labels + 1) / 2"),
    (label_out_of_range, "cross_entropy", "0..1", ""),
    (targets_out_of_reach, "sigmoid", "targets lie in", "scale the targets"),
    (unscaled_targets, "mse", "unscaled targets", "standardise"),
    (unscaled_inputs, "linear", "unscaled inputs", "standardise"),
    (features_of_different_scale, "linear", "different scale", "standardise"),
    (constant_inputs, "linear", "every example is the same", "loaded"),
    (constant_feature, "linear", "constant features: [2]", "leave them out"),
    (equal_weights, "initialisation", "symmetry", "random"),
    (rounding, "round", "constant between its jumps", "smooth"),
    (thresholding, "step", "constant between its jumps", "smooth"),
    (masked, "where", "masked by where", "condition"),
    (clipped, "clip", "masked by clip", "bounds"),
    (zero_weights, "matmul", "multiplied by zero", "random"),
    (evaluation_mode, "Dropout", "evaluation mode", "model.train()"),
    (evaluated_in_training_mode, "BatchNorm1d", "training mode", "model.eval()"),
    (no_backward, "mse", "never called", "loss.backward()"),
    (loss_under_no_grad, "backward", "no_grad", ""),
    (an_index_as_a_loss, "argmax", "argmax has no derivative", "smooth loss"),
    (the_loss_as_a_number, "mse", "left the graph", "leave out"),
    (an_operand_overwritten, "multiply", "overwritten in place", "before the write"),
    (an_update_that_is_recorded, "subtract", "the update was recorded", "no_grad()"),
    (a_mask_of_zeros, "multiply", "multiplied by zero", "masks"),
    (softmax_over_the_batch, "softmax", "over axis 0", "dim=1"),
    (a_hook_that_zeroes, "hook", "replaces the gradient by zeros", "register_hook"),
    (sure_from_the_start, "cross_entropy", "softmax saturated from the start", "smaller weights"),
    (decay_too_strong, "optimizer step", "weight decay is too strong", "weight_decay"),
    (clipped_to_nothing, "optimizer step", "clipped to nothing", "lr"),
    (thirty_sigmoids, "sigmoid", "vanishing", "ReLU"),
    (a_hundred_sigmoids, "sigmoid", "vanishing", "ReLU"),
    (a_loss_without_a_bottom, "optimizer step", "wrong sign", "maximize"),
    (probabilities_by_hand_that_reach_one, "log", "log of zero", "log_sigmoid"),
]  # fmt: skip


@pytest.mark.filterwarnings("ignore::autograd.errors.GradientWarning")  # some faults are warned of as well
@pytest.mark.parametrize(("script", "operation", "cause", "remedy"), FAULTS, ids=lambda v: getattr(v, "__name__", ""))
def test_a_planted_fault_is_named(script, operation, cause, remedy):
    try:
        with autograd.diagnose() as report:
            script()
    except autograd.AutogradError:
        pass
    first = report[0]
    assert (first.operation, cause in first.cause, remedy in first.remedy) == (operation, True, True), report


# Healthy scripts


def regression():
    train(network(8, 64, 64, 1), steps=80)


def regression_by_tanh():
    model = network(8, 64, 64, 1, act=nn.Tanh)
    train(model, optimizer=sgd(model, 0.05), steps=60)


def classification():
    train(network(8, 32, 3), nn.CrossEntropyLoss(), y=LABELS, steps=60)


def two_classes():
    train(network(8, 32, 1), nn.BCEWithLogitsLoss(), y=(Y > 0).astype(np.float32), steps=60)


def probabilities_of_two_classes():
    train(network(8, 32, 1, last=[nn.Sigmoid()]), nn.BCELoss(), y=(Y > 0).astype(np.float32), steps=60)


def logarithms_of_probabilities():
    train(network(8, 32, 3, last=[nn.LogSoftmax(dim=1)]), nn.NLLLoss(), y=LABELS, steps=40)


def with_dropout_and_evaluation():
    model = nn.Sequential(
        nn.Linear(8, 32, rng=0), nn.BatchNorm1d(32), nn.ReLU(), nn.Dropout(0.2, rng=0), nn.Linear(32, 1, rng=1)
    )
    optimizer = nn.optim.AdamW(model.parameters())
    for _ in range(3):
        model.train()
        train(model, optimizer=optimizer, steps=4)
        model.eval()
        with autograd.no_grad():
            model(X)


def by_hand():
    w, b = Parameter(np.zeros((8, 1)), name="w"), Parameter(0.0, name="b")
    for _ in range(20):
        w.zero_grad()
        b.zero_grad()
        ((X.astype(float) @ w + b - Y) ** 2).mean().backward()
        with autograd.no_grad():
            w -= 0.1 * w.grad
            b -= 0.1 * b.grad


def accumulated_on_purpose():
    model = network(8, 16, 1)
    optimizer = sgd(model, 0.01)
    for _ in range(6):
        optimizer.zero_grad()
        for part in range(4):
            at = slice(64 * part, 64 * part + 64)
            (nn.MSELoss()(model(X[at]), Y[at]) / 4).backward()
        optimizer.step()


def a_branch_not_taken():
    x = Parameter(np.array([-1.0, 0.0, 4.0]), name="x")
    np.where(x > 0, np.sqrt(x), 2 * x).sum().backward()


def logistic_regression_from_zero():
    model = nn.Linear(8, 3)
    model.apply(lambda m: (nn.init.zeros_(m.weight), nn.init.zeros_(m.bias)))
    train(model, nn.CrossEntropyLoss(), y=LABELS, steps=20)


def deep_but_sound():
    train(network(8, 32, 32, 32, 32, 1), steps=40)


def digits():
    images, labels = nn.datasets.digits().arrays
    train(network(64, 64, 10), nn.CrossEntropyLoss(), x=images.reshape(-1, 64), y=labels, steps=80, size=32)


def recurrent():
    lstm, head = nn.LSTM(8, 16, batch_first=True), nn.Linear(16, 1, rng=0)
    optimizer = nn.optim.Adam([*lstm.parameters(), *head.parameters()])
    for _ in range(6):
        optimizer.zero_grad()
        out, _ = lstm(X.reshape(32, 8, 8))
        nn.MSELoss()(head(out[:, -1]), Y[:32]).backward()
        optimizer.step()


def gradients_summed_before_one_step():
    model = network(8, 1)
    optimizer = nn.optim.SGD(model.parameters(), lr=0.01)
    for _ in range(3):
        nn.MSELoss()(model(X), Y).backward()
    optimizer.step()


def gradients_that_nobody_reads():
    w, t = autograd.Parameter(np.array([1.0, 2.0])), autograd.Tensor(np.array([0.0, 1.0]))
    for _ in range(2):
        ((w - t) ** 2).sum().backward()


def an_adversarial_pair():
    G, D = network(4, 16, 8), network(8, 16, 1)
    of_G, of_D, loss = nn.optim.Adam(G.parameters()), nn.optim.Adam(D.parameters()), nn.BCEWithLogitsLoss()
    rng, ones, zeros = np.random.default_rng(1), np.ones((64, 1), np.float32), np.zeros((64, 1), np.float32)
    for _ in range(6):
        fake = G(rng.normal(size=(64, 4)).astype(np.float32))
        of_D.zero_grad()
        (loss(D(X[:64]), ones) + loss(D(fake.detach()), zeros)).backward()
        of_D.step()
        of_G.zero_grad()
        loss(D(fake), ones).backward()
        of_G.step()


HEALTHY = [
    regression, regression_by_tanh, classification, two_classes, probabilities_of_two_classes,
    logarithms_of_probabilities, with_dropout_and_evaluation, by_hand, accumulated_on_purpose, a_branch_not_taken,
    logistic_regression_from_zero, deep_but_sound, digits, recurrent, an_adversarial_pair,
    a_divergence, gradients_summed_before_one_step, gradients_that_nobody_reads,
]  # fmt: skip


@pytest.mark.parametrize("script", HEALTHY, ids=lambda f: f.__name__)
def test_nothing_is_found_in_a_healthy_script(script):
    with autograd.diagnose() as report:
        script()
    assert report.healthy, report


# What else is promised


def test_the_report_reads_well(monkeypatch):
    monkeypatch.chdir("/")
    p = Parameter(np.array([[0.5, 0.0, 0.25]]), name="p")
    with autograd.diagnose("the entropy") as report, autograd.scope("head", "Entropy"):
        (-np.log(p)).mean().backward()
    text = str(report)
    place = text.split("Entropy · ")[1].split(" · ")[0]
    assert place.startswith(__file__.lstrip("/"))
    assert text.replace(place, "entropy.py:7") == (
        "the entropy: 1 finding\n"
        "\n"
        " 1. NaN · log · module head Entropy · entropy.py:7 · backward pass 1\n"
        "     cause     log of zero\n"
        "     remedy    keep it above 0: add a small number, or np.maximum(x, 1e-8); for probabilities use\n"
        "               log_softmax, log_sigmoid, or a loss that takes logits\n"
        "     evidence  first infinity of the forward pass, created here: 1 of 3 entries, the first at\n"
        "               [0, 1], where its operand is 0"
    )


def test_created_is_told_from_inherited():
    a, b = Parameter(np.array([1.0, -1.0]), name="a"), Parameter(np.ones(2), name="b")
    with autograd.diagnose() as report:
        ((np.log(a) * b).sum() / 3).backward()
    assert [f.operation for f in report if f.kind == "NaN"] == ["log"]
    assert "[1]" in report[0].evidence


def test_nothing_is_left_on_after_the_block():
    from autograd.graph.mode import PLAIN, current

    with pytest.raises(autograd.ShapeError), autograd.diagnose() as report:
        nn.MSELoss()(np.ones((3, 1)), np.ones(3))
    assert current.get() is PLAIN
    assert report[0].kind == "error"
    with pytest.warns(RuntimeWarning, match="divide by zero"):
        autograd.log(0.0)


def test_diagnosis_changes_no_number():
    def trained(watched):
        model = network(8, 16, 1)
        if watched:
            with autograd.diagnose():
                train(model, steps=20)
        else:
            train(model, steps=20)
        return [p.numpy() for p in model.parameters()]

    assert all((a == b).all() for a, b in zip(trained(True), trained(False), strict=True))


def test_a_zero_layer_that_starts_to_learn_is_no_finding():
    w, v = Parameter(RNG.normal(size=(8, 3)), name="w"), Parameter(np.zeros((3, 1)), name="v")
    optimizer = nn.optim.SGD([w, v], lr=0.1)
    with autograd.diagnose() as report:
        for _ in range(6):
            optimizer.zero_grad()
            ((np.tanh(X.astype(float) @ w) @ v - Y) ** 2).mean().backward()
            optimizer.step()
    assert report.healthy, report


def test_functional_gradients_are_watched_too():
    with autograd.diagnose() as report:
        autograd.grad(lambda x: np.sqrt(x).sum())(np.array([0.0, 1.0]))
    assert report[0].operation == "sqrt"


def test_an_infinite_loss_is_named_with_its_overflow():
    w = Parameter(np.float32([1e30, 1.0]), name="w")
    with autograd.diagnose() as report:
        (w * w).sum().backward()
    assert (report[0].kind, report[0].operation) == ("overflow", "multiply")
    assert "float32 overflow" in report[0].cause


def test_the_trace_of_a_loss_has_the_same_findings():
    model = network(8, 16, 3, last=[nn.Softmax(dim=1)])
    seen = autograd.trace(nn.CrossEntropyLoss()(model(X), LABELS))
    assert [f.operation for f in seen.doctor()] == ["softmax"]
    assert "CrossEntropyLoss" in str(seen.doctor())
    again = Trace.from_json(seen.to_json())
    assert again == seen
    assert json.loads(seen.to_json())["findings"][0]["kind"] == "activation twice"
    assert again.doctor().findings == seen.doctor().findings


@pytest.mark.parametrize(
    ("loss", "operation", "cause"),
    [
        (lambda w: np.sqrt(w - w).sum(), "sqrt", "infinite derivative at 0"),
        (lambda w: np.round(w).sum() + 1, "round", "constant between its jumps"),
        (lambda w: autograd.relu(-abs(w) - 1).sum() + 1, "relu", "dead ReLU"),
        (lambda w: autograd.sigmoid(w * 1e4).mean(), "sigmoid", "sigmoid saturated"),
        (lambda w: (w / (w - w)).sum(), "divide", "division by zero"),
        (lambda w: (w.reshape(-1, 1) - np.ones(64)).sum() ** 2, "subtract", "(64, 1) with (64,)"),
    ],
)
def test_the_doctor_of_one_loss(loss, operation, cause):
    w = Parameter(np.linspace(0.5, 2, 64), name="w")
    with np.errstate(all="ignore"):
        report = autograd.trace(loss(w)).doctor()
    assert report[0].operation == operation
    assert cause in report[0].cause


def test_a_sound_loss_has_a_clean_bill():
    assert autograd.trace(nn.MSELoss()(network(8, 16, 1)(X), Y)).doctor().healthy


# Why is this gradient what it is?


def w(value=(0.5, 1.5, 2.5)):
    return Parameter(np.array(value), name="w")


@pytest.mark.parametrize(
    ("question", "operation", "cause"),
    [
        (lambda p: (Tensor([1, 2]), None), "leaf", "integers and booleans"),
        (lambda p: (Tensor([1.0]), None), "leaf", "doesn't require a gradient"),
        (lambda p: (p * 2, None), "multiply", "kept on leaves only"),
        (lambda p: (p, None), "leaf", "no backward pass has reached it"),
        (lambda p: (p, w().sum()), "leaf", "wasn't computed from it"),
        (lambda p: (p, (p.detach() * w()).sum()), "leaf", "only its value went in"),
        (lambda p: (p, (autograd.argmax(p) * w()).sum()), "argmax", "argmax has no derivative"),
        (lambda p: (p, (p * 2).sum()), "leaf", "backward() wasn't called"),
        (lambda p: (p, autograd.relu(-p).sum()), "relu", "dead ReLU"),
        (lambda p: (p, autograd.sigmoid(p * 1e4).sum()), "sigmoid", "saturated"),
        (lambda p: (p, np.where(p > 9, p, 0.0).sum()), "where", "masked by where"),
        (lambda p: (p, np.clip(p, 5, 6).sum()), "clip", "masked by clip"),
        (lambda p: (p, np.maximum(p, 9.0).sum()), "maximum", "masked by maximum"),
        (lambda p: (p, (p * 0.0).sum()), "multiply", "multiplied by zero"),
        (lambda p: (p, np.floor(p).sum()), "floor", "constant between its jumps"),
        (lambda p: (p, p[:1].sum()), "leaf", "in part masked"),
        (lambda p: (p, np.sqrt(p - p).sum()), "sqrt", "infinite derivative"),
        (lambda p: (p, (p > 1).sum() * 1.0), "leaf", "the loss itself has no gradient"),
    ],
)
def test_why_a_gradient_is_what_it_is(question, operation, cause):
    tensor, loss = question(w())
    report = autograd.why(tensor, loss)
    assert cause in report[0].cause, report
    if operation != "leaf":
        assert report[0].operation == operation


def test_there_is_nothing_to_say_of_a_sound_gradient():
    p = w()
    loss = (p * p).sum()
    loss.backward()
    assert autograd.why(p, loss).healthy
    assert autograd.why(p).healthy


def test_why_takes_tensors():
    with pytest.raises(autograd.ArgumentError, match="pass the tensor itself"):
        autograd.why(3.0)
    with pytest.raises(autograd.ArgumentError, match="loss"):
        autograd.why(w(), 3.0)
