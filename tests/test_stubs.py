"""The generated stubs: up to date, and enough for a strict type checker to read a user's program."""

import inspect
import subprocess
import sys

import pytest

import autograd
from autograd import Tensor, stubs
from autograd.primitives import registry

PROGRAM = """
import numpy as np

import autograd
from autograd import Parameter, Tensor, grad, no_grad

w: Parameter = Parameter([0.1, 0.2], name="w")
x = Tensor(np.ones(2))


def loss(w: Tensor) -> Tensor:
    h = autograd.tanh(x * w + 1.0)
    return (2 * h - np.ones(2)).sum(axis=0, keepdims=False) / h.mean()


value: Tensor = loss(w)
value.backward(create_graph=False)
with no_grad():
    if w.grad is not None:
        w -= 0.1 * w.grad
best: float = value.item()
flags: Tensor = (x > 0) & (x == 1)
moved: Tensor = autograd.stack([x, x.T]).reshape(-1)[::2].swapaxes(0, 0)
chosen: Tensor = autograd.where(flags, x, 0.0).clip(0.0, 1.0).logsumexp()
slope = grad(loss)(w)
"""

MISTAKES = {
    "x.tahn()": "attr-defined",
    "autograd.tanh(x, 2.0)": "call-arg",
    "x.backward(create_grph=True)": "call-arg",
    "x + None": "operator",
    "number: int = x.sum()": "assignment",
}


def test_the_stubs_are_up_to_date():
    assert stubs.PATH.read_text(encoding="utf-8") == stubs.text(), "run `python -m autograd.stubs`"
    assert stubs.LINALG.read_text(encoding="utf-8") == stubs.linalg_text(), "run `python -m autograd.stubs`"


def test_every_function_and_method_is_there():
    text = stubs.text()
    for name in registry.keys() & set(autograd.__all__):
        assert f"\ndef {name}(" in text
        if getattr(getattr(Tensor, name, None), "primitive", None) is registry[name]:
            assert f"\n    def {name}(self" in text


def test_every_operator_of_a_tensor_is_there():
    text = stubs.text()
    attached = {n for n, f in vars(Tensor).items() if n.startswith("__") and inspect.getmodule(f) is not None}
    operators = {n for n in attached if inspect.getmodule(getattr(Tensor, n)).__name__ == "autograd.functions"}
    for name in operators - {"__array_ufunc__", "__array_function__"}:
        assert f"def {name}(self" in text, name


@pytest.fixture(scope="module")
def check(tmp_path_factory):
    pytest.importorskip("mypy")
    folder = tmp_path_factory.mktemp("typed")
    cache = folder / "cache"

    def run(text):
        program = folder / "program.py"
        program.write_text(text, encoding="utf-8")
        options = ["--strict", "--no-error-summary", "--cache-dir", str(cache), "--config-file", "", str(program)]
        done = subprocess.run([sys.executable, "-m", "mypy", *options], capture_output=True, text=True, check=False)
        return done.stdout + done.stderr

    return run


def test_a_users_program_type_checks_strictly_and_its_mistakes_do_not(check):
    assert check(PROGRAM) == ""
    mistakes = check(PROGRAM + "\n".join(MISTAKES) + "\n").splitlines()
    first = PROGRAM.count("\n") + 1
    for line, (code, kind) in enumerate(MISTAKES.items(), first):
        assert any(f":{line}: error:" in m and f"[{kind}]" in m for m in mistakes), (code, mistakes)
    assert len([m for m in mistakes if ": error:" in m]) == len(MISTAKES)
