"""The classic slips: a model for its parameters, another library's names, text for numbers, data without targets."""

import numpy as np
import pytest

import nn
from autograd import ArgumentError, ShapeError

X = np.linspace(-1, 1, 12, dtype=np.float32).reshape(4, 3)
ONE_HOT = np.eye(3, dtype=int)[[0, 2, 1, 0]]


def model():
    return nn.Sequential(nn.Linear(3, 1))


def load_adam(name):
    net = model()
    saved = getattr(nn.optim, name)(net.parameters())
    net(X).sum().backward()
    saved.step()
    nn.optim.Adam(net.parameters()).load_state_dict(saved.state_dict())


def sgd():
    return nn.optim.SGD(model().parameters(), lr=0.1)


def adam(**settings):
    return nn.optim.Adam(model().parameters(), **settings)


def fit(*data, loss=None, optimizer=nn.optim.Adam, **more):
    return nn.fit(model(), *data, loss=loss or nn.MSELoss(), optimizer=optimizer, **more)


def cross_entropy(target, **settings):
    return nn.CrossEntropyLoss(**settings)(X, target)


class Bare(nn.Module):
    def __init__(self):
        self.layers = []
        self.layers.append(nn.Linear(3, 1))


SLIPS = [
    (lambda: nn.optim.Adam(model()), "Adam(params)", "a module, Sequential", "pass model.parameters()"),
    (lambda: nn.optim.SGD(nn.Linear(1, 1)), "SGD(params)", "a module, Linear", "pass model.parameters()"),
    (lambda: nn.optim.Adam(model().parameters), "Adam(params)", "method", "with brackets"),
    (lambda: nn.optim.Adam(model().state_dict()), "Adam(params)", "dict", "model.parameters()"),
    (lambda: nn.optim.Adam(Bare().parameters()), "Adam(params)", "none", "use nn.ModuleList"),
    (lambda: adam(learning_rate=0.1), "nn.optim.Adam(params, lr", "learning_rate=0.1", "write lr= instead"),
    (lambda: adam(epsilon=1e-6), "nn.optim.Adam(", "epsilon=1e-06", "write eps= instead of epsilon="),
    (lambda: adam(weight_decy=1e-6), "nn.optim.Adam(", "weight_decy", "write weight_decay= instead of weight_decy="),
    (lambda: adam(momentum=0.9), "nn.optim.Adam(", "momentum=0.9", "leave out momentum="),
    (lambda: nn.Linear(3, units=2), "nn.Linear(", "units=2", "write out_features= instead of units="),
    (lambda: nn.Dropout(rate=0.5), "nn.Dropout(p, rng)", "rate=0.5", "write p= instead of rate="),
    (lambda: nn.MSELoss(reduce="sum"), "nn.MSELoss(reduction)", "reduce='sum'", "write reduction= instead of reduce="),
    (lambda: nn.functional.softmax(X, axis=1), "nn.functional.softmax(", "axis=1", "write dim= instead of axis="),
    (lambda: nn.Linear("8", 4), "nn.Linear(", "'8', 4", "in_features is of type str: convert it first"),
    (lambda: nn.Linear(8, 4.0), "nn.Linear(", "8, 4.0", "out_features is of type float: convert it first"),
    (lambda: nn.Conv2d("3", 4, 3), "nn.Conv2d(", "'3', 4, 3", "in_channels is of type str: convert it first"),
    (lambda: fit(X), "fit and evaluate", "one array of shape (4, 3)", "write (X, y), with round brackets"),
    (lambda: fit([X, X[:, :1]]), "fit and evaluate", "a list of 2 arrays", "write (X, y), with round brackets"),
    (lambda: fit(X, X[:, :1]), "nn.fit(model, train, loss", "takes 2 positional", "fit(model, (X, y), loss="),
    (lambda: nn.fit(model(), (X, X)), "nn.fit(", "missing 2 required", "loss=nn.MSELoss(), optimizer=nn.optim.Adam"),
    (lambda: fit((X, X), loss=nn.L1Loss), "fit(loss=…)", "L1Loss", "write nn.L1Loss(), with brackets"),
    (
        lambda: fit((X, X), callbacks=[nn.EarlyStopping]),
        "fit(callbacks=…)",
        "EarlyStopping",
        "nn.EarlyStopping(…), with",
    ),
    (
        lambda: nn.data.DataLoader((X, X), num_workers=2),
        "nn.data.DataLoader(",
        "num_workers=2",
        "leave out num_workers=",
    ),
    (lambda: fit((X, X), callbacks=[print]), "fit(callbacks=…)", "print", "inherit from nn.Callback"),
    (lambda: fit((X, X), metrics=["accuracy"]), "metrics=…", "'accuracy' for accuracy", "write nn.metrics.accuracy"),
    (lambda: fit((X, X), metrics="accuracy"), "metrics=…", "'accuracy' for accuracy", "write nn.metrics.accuracy"),
    (lambda: fit((X, X), epochs=-1), "fit(epochs=…)", "-1", "how often"),
    (
        lambda: nn.fit(lambda x: x, (X, X), loss=nn.L1Loss(), optimizer=nn.optim.SGD),
        "fit(model, …)",
        "<lambda>",
        "forward",
    ),
    (
        lambda: nn.Schedule(nn.optim.ReduceLROnPlateau(sgd())),
        "Schedule(schedule",
        "ReduceLROnPlateau",
        'monitor="val_loss"',
    ),
    (lambda: sgd().load_state_dict({}), "SGD.load_state_dict", "a dict with no names", "state_dict()"),
    (
        lambda: sgd().load_state_dict(nn.optim.Adam(model().parameters()).state_dict()),
        "SGD.load_state_dict",
        "'betas'",
        "that was saved",
    ),
    (lambda: nn.optim.SGD([{"param": []}]), "SGD.add_param_group", "'param'", '{"params": [...], "lr": 0.01}'),
    (lambda: fit((X, X), optimizer="adam"), "fit(optimizer=…)", "'adam'", "write nn.optim.Adam"),
    (lambda: cross_entropy(ONE_HOT), "cross_entropy", "target (4, 3) of int64", "give target.argmax(1); or, as prob"),
    (lambda: cross_entropy(ONE_HOT, label_smoothing=0.1), "cross_entropy", "of int64", "give target.argmax(1)"),
    (lambda: cross_entropy(np.zeros(4)), "cross_entropy", "target (4,) of float64", "target.astype(int)"),
    (lambda: cross_entropy(np.zeros((4, 1), int)), "cross_entropy", "target (4, 1)", "target.reshape(4,)"),
    (lambda: nn.NLLLoss()(X, ONE_HOT), "nll_loss", "target (4, 3) of int64", "one-hot rows: give target.argmax(1)"),
]


@pytest.mark.parametrize(("slip", "where", "got", "remedy"), SLIPS)
def test_a_slip_is_told_with_its_remedy(slip, where, got, remedy):
    with pytest.raises((ArgumentError, ShapeError)) as caught:
        slip()
    error = caught.value
    assert error.where.startswith(where)
    assert got in error.got
    assert remedy in error.remedy


def test_the_whole_text():
    with pytest.raises(ArgumentError) as caught:
        nn.Linear("8", 4)
    assert str(caught.value) == (
        "in nn.Linear(in_features, out_features, bias, dtype, rng)\n"
        "  expected: a whole number for in_features\n"
        "  got:      '8', 4 ('<' not supported between instances of 'str' and 'int')\n"
        "  to do:    in_features is of type str: convert it first"
    )


def test_a_type_error_inside_a_loss_is_left_as_it_is():
    def loss(prediction, target):
        raise TypeError("of your own")

    with pytest.raises(TypeError, match=r"^of your own$"):
        fit((X, X[:, :1]), loss=loss)


@pytest.mark.parametrize(
    ("name", "here"), [("Adam", "nn.optim.Adam"), ("DataLoader", "nn.data.DataLoader"), ("utils", "nn.optim")]
)
def test_a_name_in_the_wrong_room_is_told_where_it_is(name, here):
    with pytest.raises(AttributeError, match=here):
        getattr(nn, name)
    with pytest.raises(AttributeError, match=r"has no attribute 'Unheard'$"):
        nn.Unheard  # noqa: B018  asking is the test
    assert nn.optim.lr_scheduler.StepLR is nn.optim.StepLR


@pytest.mark.parametrize(("make", "got", "remedy"), [
    (lambda: nn.ReLU(inplace=True), "inplace=True", "leave out inplace="),
    (lambda: nn.Tanh(3), "3", "leave it out"),
])  # fmt: skip
def test_a_layer_without_arguments_says_so(make, got, remedy):
    with pytest.raises(ArgumentError) as caught:
        make()
    assert "()" in caught.value.where
    assert (caught.value.expected, caught.value.got, caught.value.remedy) == ("no argument", got, remedy)
