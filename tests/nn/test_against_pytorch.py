"""Calls that are spelt alike in PyTorch and here return the same values and gradients, to the last digits."""

import copy
import inspect
import json

import numpy as np
import pytest
from numpy.testing import assert_allclose
from safetensors.numpy import load_file

import nn
from autograd import Tensor, gradcheck
from nn import functional as F
from nn.losses import losses
from tests.nn.fixtures.calls import HERE, LAYERS, LOSSES, TABLES, drawn, inputs_of, parameters_of, parts
from tests.nn.test_losses import CASES

EVERY = [(table, name) for table, entries in TABLES.items() for name in entries]
FROZEN = {table: load_file(HERE / f"{table}.safetensors") for table in TABLES}
SIGNATURES = json.loads((HERE / "signatures.json").read_text(encoding="utf-8"))
RAISED = "a variance that eps raises keeps its gradient, as in PyTorch"
CONVENTION = {f"GaussianNLLLoss, for each row: {r}": RAISED for r in ("none", "mean", "sum")}
every_call = pytest.mark.parametrize(("table", "name"), EVERY)


def prepared(table, name, dtype=np.float64):
    """Return the module (or None), the call as a function of its leaves, and the leaves' values by name."""
    module, call, inputs = TABLES[table][name]
    arrays, wanted = inputs_of(name, inputs)
    arrays = {key: a.astype(dtype) if a.dtype.kind == "f" else a for key, a in arrays.items()}
    m = eval(module, {"nn": nn} | arrays)
    leaves = {key: arrays[key] for key in wanted}
    if m is not None:
        own = {key: p.shape for key, p in m.to(dtype).named_parameters()}
        leaves |= {key: value.astype(dtype) for key, value in parameters_of(name, own).items()}

    def f(*values):
        given = dict(zip(leaves, values, strict=True))
        twin = copy.deepcopy(m)
        for path, value in given.items():
            if path not in arrays:
                inner, _, last = path.rpartition(".")
                twin.get_submodule(inner).__dict__[last] = value
        return parts(eval(call, {"nn": nn, "F": F, "m": twin} | arrays | given))

    return m, f, leaves


@every_call
def test_values_and_gradients(table, name):
    _, f, values = prepared(table, name)
    leaves = [Tensor(value, requires_grad=True) for value in values.values()]
    outputs = f(*leaves)
    total = sum((y * drawn(f"{name}/{i}", y.shape)).sum() for i, y in enumerate(outputs))
    total.backward()
    grads = [np.zeros(x.shape) if x.grad is None else x.grad.numpy() for x in leaves]
    found = np.concatenate([np.ravel(a) for a in (*(y.numpy() for y in outputs), *grads)])
    assert_allclose(found, FROZEN[table][name], rtol=1e-7, atol=1e-9)  # PyTorch has constants in float32


@every_call
def test_derivatives_against_differences(table, name):
    if name in CONVENTION:
        pytest.skip(CONVENTION[name])
    _, f, values = prepared(table, name)
    assert gradcheck(lambda *leaves: sum((y * y).sum() for y in f(*leaves)), *values.values(), rtol=1e-5, atol=1e-6)


@every_call
def test_float32_stays_float32(table, name):
    _, f, values = prepared(table, name, np.float32)
    for y in f(*(Tensor(value, requires_grad=True) for value in values.values())):
        assert y.dtype == np.float32


def test_every_entry_is_frozen():
    for table, entries in TABLES.items():
        assert entries.keys() == FROZEN[table].keys()


@pytest.mark.parametrize("name", LAYERS)
def test_it_copies_and_says_what_it_is(name):
    layer, _, _ = prepared("layers", name)
    assert repr(copy.deepcopy(layer)) == repr(layer)
    assert repr(layer).startswith(name.partition(",")[0] + "(")


@pytest.mark.parametrize("name", [name for name, (_, call, _) in LAYERS.items() if call in ("m(x)", "m(3 * x)")])
def test_nothing_is_nan_at_a_thousand(name):
    module, _, inputs = LAYERS[name]
    for far in (1000.0, -1000.0, 0.0):
        x = Tensor(np.full(inputs["x"], far, np.float32), requires_grad=True)
        outputs = parts(eval(module, {"nn": nn})(x))
        sum(y.sum() for y in outputs).backward()
        for t in (*outputs, x.grad):
            assert t.dtype == np.float32
            assert np.isfinite(t.numpy()).all()


# The names


def test_every_loss_of_several_inputs_is_here():
    frozen = {name.partition(":")[0].partition(",")[0] for name in LOSSES}
    assert frozen | CASES.keys() == losses.keys()


ABSENT = {
    "in place: what a graph has recorded stays as it was": {
        "celu_", "elu_", "hardtanh_", "leaky_relu_", "relu_", "rrelu_", "selu_", "threshold_",
    },
    "return_indices=True asks for them": {
        *(f"max_pool{n}d_with_indices" for n in (1, 2, 3)),
        *(f"adaptive_max_pool{n}d_with_indices" for n in (1, 2, 3)),
    },
    "windows of random sizes, which training has left behind": {
        *(f"fractional_max_pool{n}d{more}" for n in (2, 3) for more in ("", "_with_indices")),
    },
    "half-precision and quantised matrices of GPUs": {"grouped_mm", "scaled_grouped_mm", "scaled_mm"},
}  # fmt: skip
DROPPED = {
    "inplace": "a graph keeps what it has recorded",
    "size_average": "deprecated in PyTorch: reduction says it",
    "reduce": "deprecated in PyTorch: reduction says it",
    "device": "there is one",
    "out": "a result is a new tensor",
    "_stacklevel": "of a warning in PyTorch",
    "dtype": "of layers: a keyword here; of a softmax: use astype",
    "sparse": "gradients are dense",
    "max_norm": "renormalises the table in place",
    "scale_grad_by_freq": "divide the gradient by the counts",
    "_weight": "assign_ writes a table",
    "static_k": "keys from elsewhere: scaled_dot_product_attention takes them",
    "static_v": "values from elsewhere",
    "enable_nested_tensor": "a fast path of PyTorch's",
    "mask_check": "of that fast path",
    "options": "how PyTorch cuts it up",
    "_freeze": "requires_grad_ freezes",
    "min_value": "deprecated in PyTorch: min_val",
    "max_value": "deprecated in PyTorch: max_val",
}
OURS = {"rng", "dtype"}  # every random thing takes a generator


def test_functional_has_every_name():
    missing = SIGNATURES["functions"].keys() - set(F.__all__)
    assert missing == set().union(*ABSENT.values())


def arguments(function, drop):
    found = inspect.signature(function).parameters.values()
    named = {p.name: "" if p.default is p.empty else p.default for p in found if p.name not in drop}
    return {} if named.keys() == {"args", "kwargs"} else named


def same_arguments(function, theirs):
    """Compare names in their order, and defaults."""
    ours = arguments(function, OURS | {"self"})
    ours = {"input" if name == "x" else name: default for name, default in ours.items()}  # the engine's own functions
    wanted = {name: default for name, default in theirs.items() if name not in DROPPED}
    if "max_norm" in theirs:
        del wanted["norm_type"]  # which says how to measure it
    wanted = {} if wanted.keys() == {"args", "kwargs"} else wanted
    assert list(ours) == list(wanted)
    for name, text in wanted.items():
        if "<function" in text:  # a default activation, which is named by a string here
            continue
        assert ours[name] == ("" if not text else eval(text)), name


@pytest.mark.parametrize("name", sorted(n for n in F.__all__ if SIGNATURES["functions"].get(n)))
def test_functions_take_pytorchs_arguments(name):
    signatures = SIGNATURES["functions"]
    theirs = dict(signatures.get(f"{name}_with_indices", signatures[name]))  # which of the two PyTorch's wrapper calls
    if name == "gumbel_softmax":
        del theirs["eps"]  # which PyTorch doesn't read either
    same_arguments(getattr(F, name), theirs)


CONTAINERS = {"Identity", "Module", "ModuleDict", "ModuleList", "Sequential"}


@pytest.mark.parametrize("name", sorted(SIGNATURES["modules"].keys() & set(nn.__all__) - CONTAINERS))
def test_modules_take_pytorchs_arguments(name):
    kind = getattr(nn, name)
    same_arguments(kind.__init__, SIGNATURES["modules"][name])
