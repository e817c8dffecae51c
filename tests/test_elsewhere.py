"""The names that other libraries use: an error that says what is written here, and nothing else changes."""

import copy
import importlib
import pickle
import subprocess
import sys

import numpy as np
import pytest

import autograd
import nn
from autograd import Tensor
from autograd.elsewhere import CALLED, OF_MODULE, OF_TENSOR
from autograd.errors import ArgumentError, MissingAttributeError, MissingModuleError


@pytest.mark.parametrize("name", OF_TENSOR)
def test_a_name_of_another_librarys_tensor(name):
    t = autograd.Parameter([1.0])
    with pytest.raises(MissingAttributeError) as refused:
        getattr(t, name)
    assert refused.value.remedy == OF_TENSOR[name]
    assert not hasattr(Tensor, name)
    assert name not in dir(t)


@pytest.mark.parametrize("name", OF_MODULE)
def test_a_name_of_another_package(name):
    with pytest.raises(MissingAttributeError, match=f"in autograd.{name}\n") as refused:
        getattr(autograd, name)
    assert refused.value.remedy == OF_MODULE[name]
    with pytest.raises(MissingModuleError, match=f"in import autograd.{name}\n"):
        importlib.import_module(f"autograd.{name}")
    with pytest.raises(ImportError, match="another library"):
        exec(f"from autograd import {name}", {})


@pytest.mark.parametrize("name", CALLED)
def test_a_module_that_is_called(name):
    with pytest.raises(ArgumentError) as refused:
        getattr(autograd, name)([1.0])
    assert refused.value.remedy == CALLED[name]


def test_the_text():
    with pytest.raises(MissingAttributeError) as refused:
        Tensor([1.0]).unsqueeze(0)
    assert str(refused.value) == (
        "in t.unsqueeze\n"
        "  expected: an attribute of Tensor\n"
        "  got:      another library's name\n"
        "  to do:    np.expand_dims(t, axis), or t[:, None]"
    )


def test_what_nobody_has_is_pythons_affair():
    with pytest.raises(AttributeError, match="module 'autograd' has no"):
        autograd.nothing  # noqa: B018
    with pytest.raises(ModuleNotFoundError, match=r"No module named 'autograd\.nothing'"):
        importlib.import_module("autograd.nothing")
    with pytest.raises(AttributeError, match="'Tensor' object has no attribute 'nothing'"):
        Tensor(1.0).nothing  # noqa: B018


def test_the_rest_goes_on_as_ever():
    t = Tensor([1.0, 2.0])
    assert copy.copy(t).tolist() == copy.deepcopy(t).tolist() == pickle.loads(pickle.dumps(t)).tolist() == [1.0, 2.0]
    assert np.asarray(t).tolist() == [1.0, 2.0]
    assert "reshape" in dir(t)
    assert importlib.import_module("autograd.tensor").Tensor is Tensor


def test_the_remedies_name_what_there_is():
    t = Tensor([[1.0, 2.0], [3.0, 4.0]])
    for remedy in [*OF_TENSOR.values(), *OF_MODULE.values()]:
        for word in remedy.replace("(", " ").replace(",", " ").replace(":", " ").replace(";", " ").split():
            owner, _, rest = word.partition(".")
            home = {"t": t, "np": np, "autograd": autograd, "nn": nn}.get(owner)
            for name in rest.split(".") if home is not None and rest.isidentifier() else []:
                assert hasattr(home, name), word


def test_a_listing_has_the_names_that_are_loaded_late():
    script = "import autograd; print(sorted({'trace', 'diagnose', 'why', 'Trace', 'Tensor'} - set(dir(autograd))))"
    listed = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert listed.stdout.strip() == "[]"
