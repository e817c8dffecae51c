"""A state_dict that PyTorch saved through safetensors loads into the same model, which then returns the same."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from safetensors.numpy import load_file, save_file

import nn
from tests.nn.fixtures.models import HERE, MODELS

ANSWERS = load_file(HERE / "answers.safetensors")


@pytest.mark.parametrize("name", MODELS)
def test_it_loads_and_returns_the_same(name):
    model, call, _ = MODELS[name]
    m = eval(model, {"nn": nn})
    m.load_state_dict(nn.load(HERE / f"{name}.safetensors"))
    found = eval(call, {"m": m.eval(), "x": ANSWERS[f"{name}/input"]})
    assert found.dtype == np.float32
    assert_allclose(found.numpy(), ANSWERS[f"{name}/output"], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", MODELS)
def test_it_goes_back_as_it_came(name, tmp_path):
    m = eval(MODELS[name][0], {"nn": nn})
    theirs = load_file(HERE / f"{name}.safetensors")
    m.load_state_dict(theirs)
    save_file(m.state_dict(), tmp_path / "back.safetensors")
    back = load_file(tmp_path / "back.safetensors")
    assert back.keys() == theirs.keys()
    for key, value in theirs.items():
        assert back[key].dtype == value.dtype
        np.testing.assert_array_equal(back[key], value)
