"""Bad input: one clear error each, in four parts, as golden text; and every error can be pickled."""

import inspect
import pickle
import re
import subprocess
import sys
from fractions import Fraction

import numpy as np
import pytest
import scipy.sparse

import autograd
from autograd import Parameter, Tensor, errors, grad, no_grad
from autograd.errors import AutogradError

CLASSES = [c for _, c in inspect.getmembers(errors, inspect.isclass) if issubclass(c, AutogradError)]


def matrix(*shape, name=None, dtype="float64"):
    return Tensor(np.zeros(shape), requires_grad=True, name=name, dtype=dtype)


def in_a_scope():
    with autograd.scope("encoder"), autograd.scope("0"):
        matrix(3, 4, name="h") + matrix(3, 2)


def overwritten():
    w = matrix(2, name="w")
    loss = (w * w).sum()
    with no_grad():
        w += 1.0
    loss.backward()


def released():
    y = matrix(2).sum()
    y.backward(retain_graph=False)
    y.backward()


def an_array_of_tensors():
    return np.sum(np.array([matrix(), 1.0]))


# what is done, the classes it raises, the text
BAD = {
    "matmul, left to transpose": (
        lambda: matrix(3, 4, name="W") @ matrix(3, 2, dtype="float32"),
        (errors.ShapeError, ValueError),
        "in matmul(a, b)\n"
        "  expected: the last axis of a as long as the last but one of b\n"
        "  got:      a 'W' (3, 4) float64, b (3, 2) float32 (…)\n"
        "  to do:    transpose the left operand: a.mT @ b",
    ),
    "matmul, right to transpose": (
        lambda: matrix(5, 4) @ matrix(3, 4),
        (errors.ShapeError, ValueError),
        "in matmul(a, b)\n"
        "  expected: the last axis of a as long as the last but one of b\n"
        "  got:      a (5, 4) float64, b (3, 4) float64 (…)\n"
        "  to do:    transpose the right operand: a @ b.mT",
    ),
    "shapes that do not broadcast": (
        lambda: matrix(3, name="b") * np.ones(4),
        (errors.ShapeError, ValueError),
        "in multiply(a, b)\n"
        "  expected: shapes that broadcast\n"
        "  got:      a 'b' (3,) float64, b (4,) float64 (…)\n"
        "  to do:    reshape one of them, or insert an axis with [:, None]",
    ),
    "in a module": (
        in_a_scope,
        (errors.ShapeError,),
        "in add(a, b) in encoder.0\n"
        "  expected: shapes that broadcast\n"
        "  got:      a 'h' (3, 4) float64, b (3, 2) float64 (…)\n"
        "  to do:    reshape one of them, or insert an axis with [:, None]",
    ),
    "an index out of bounds": (
        lambda: matrix(3, name="x")[7],
        (errors.ShapeError,),
        "in getitem(x)\n"
        "  expected: an index within the shape of x\n"
        "  got:      x 'x' (3,) float64 (…)\n"
        "  to do:    compare the arguments with help(autograd.getitem)",
    ),
    "an axis out of bounds": (
        lambda: matrix(3).sum(axis=2),
        (errors.ShapeError,),
        "in sum(x)\n"
        "  expected: arguments that fit\n"
        "  got:      x (3,) float64 (…)\n"
        "  to do:    compare the arguments with help(autograd.sum)",
    ),
    "a reshape that does not fit": (
        lambda: matrix(3, 4).reshape(5),
        (errors.ShapeError,),
        "in reshape(x)\n"
        "  expected: a shape with as many entries as x\n"
        "  got:      x (3, 4) float64 (…)\n"
        "  to do:    compare the arguments with help(autograd.reshape)",
    ),
    "a loss that would broadcast": (
        lambda: autograd.mse(matrix(3, 1), np.zeros(3)),
        (errors.ShapeError,),
        "in mse(input, target)\n"
        "  expected: input and target of the same shape\n"
        "  got:      input (3, 1) float64, target (3,) float64 (…)\n"
        "  to do:    give both one shape: target.reshape(3, 1)",
    ),
    "a list of tensors": (
        lambda: autograd.exp([matrix(), matrix()]),
        (errors.ArgumentError, TypeError, ValueError),
        "in exp(x)\n"
        "  expected: tensors, arrays or numbers\n"
        "  got:      [Tensor(0., requires_grad=True), Tensor(0., requires_grad… of type list\n"
        "  to do:    autograd.stack makes one tensor of several",
    ),
    "no number": (
        lambda: matrix() + None,
        (errors.ArgumentError, TypeError),
        "in add(a, b)\n"
        "  expected: tensors, arrays or numbers\n"
        "  got:      None of type NoneType\n"
        "  to do:    convert it to an array",
    ),
    "objects": (
        lambda: matrix() + np.array([0.5], dtype=object),
        (errors.ArgumentError, TypeError),
        "in add(a, b)\n"
        "  expected: tensors, arrays or numbers\n"
        "  got:      array([0.5], dtype=object) of type ndarray\n"
        "  to do:    give it a dtype of numbers: astype(float)",
    ),
    "a complex operand": (
        lambda: matrix() * 1j,
        (errors.ArgumentError,),
        "in multiply(a, b)\n"
        "  expected: tensors, arrays or numbers\n"
        "  got:      1j of type complex\n"
        "  to do:    split complex numbers into real and imaginary parts",
    ),
    "a fraction": (
        lambda: matrix() * Fraction(1, 2),
        (errors.ArgumentError,),
        "in multiply(a, b)\n"
        "  expected: tensors, arrays or numbers\n"
        "  got:      Fraction(1, 2) of type Fraction\n"
        "  to do:    make it a number by float(…)",
    ),
    "a sparse operand": (
        lambda: matrix(2, 2) @ scipy.sparse.eye_array(2),
        (errors.ArgumentError,),
        "in matmul(a, b)\n"
        "  expected: tensors, arrays or numbers\n"
        "  got:      (…)\n"
        "  to do:    make it dense by its toarray()",
    ),
    "a dtype without the operation": (
        lambda: Tensor([True]) - Tensor([True]),
        (errors.DTypeError,),
        "in subtract(a, b)\n"
        "  expected: a dtype that NumPy has this for\n"
        "  got:      a (1,) bool, b (1,) bool (…)\n"
        "  to do:    convert: x.astype(float)",
    ),
    "a misspelt keyword of a composition": (
        lambda: autograd.median(matrix(2), axes=0),
        (errors.ArgumentError,),
        "in median(a: 'Any', axis: 'Any' = None, *, overwrite_input: 'bool' = False, "
        "keepdims: 'bool' = False) -> 'Any'\n"
        "  expected: arguments that fit\n"
        "  got:      Tensor([0., 0.], requires_grad=True), axes=0 (…)\n"
        "  to do:    did you mean axis=? Else see help(autograd.median)",
    ),
    "an unknown keyword": (
        lambda: autograd.sum(matrix(2), axes=0),
        (errors.ArgumentError,),
        "in sum(x, axis=None, keepdims=False, *, dtype=None, initial=None, where=None)\n"
        "  expected: the arguments of its signature\n"
        "  got:      sum() got an unexpected keyword argument 'axes'\n"
        "  to do:    did you mean axis=? Else see help(autograd.sum)",
    ),
    "an integer leaf": (
        lambda: Tensor([1, 2], requires_grad=True, name="n"),
        (errors.DTypeError, TypeError),
        "in Tensor('n')\n"
        "  expected: a floating dtype: integers and booleans carry values, never gradients\n"
        "  got:      dtype int64\n"
        "  to do:    pass dtype=float, or write 1.0 instead of 1",
    ),
    "an integer asked later": (
        lambda: Tensor([1, 2], name="n").requires_grad_(),
        (errors.DTypeError,),
        "in requires_grad_ on leaf 'n'\n"
        "  expected: a floating dtype\n"
        "  got:      dtype int64\n"
        "  to do:    use astype(float)",
    ),
    "an integer argument": (
        lambda: grad(abs)(3),
        (errors.DTypeError,),
        "in grad(abs)\n"
        "  expected: floating argument 0: integers and booleans have no gradient\n"
        "  got:      dtype int64\n"
        "  to do:    write 3.0 instead of 3, or convert with astype(float)",
    ),
    "complex data": (
        lambda: Tensor([1j]),
        (errors.DTypeError,),
        "in Tensor(data)\n"
        "  expected: real numbers, integers or booleans\n"
        "  got:      dtype complex128 from [1j]\n"
        "  to do:    split complex numbers into real and imaginary parts",
    ),
    "ragged data": (
        lambda: Tensor([[1.0], []]),
        (errors.DTypeError,),
        "in Tensor(data)\n"
        "  expected: numbers in a regular shape\n"
        "  got:      [[1.0], []] (…)\n"
        "  to do:    make all rows equally long, and name a dtype that NumPy knows",
    ),
    "backward on a non-scalar": (
        lambda: matrix(2, name="y").exp().backward(),
        (errors.GraphError, RuntimeError),
        "in backward from exp\n"
        "  expected: a single number, or a cotangent of the output's shape\n"
        "  got:      shape (2,) and no cotangent\n"
        "  to do:    pass gradient=…, reduce with .sum(), or use autograd.jacobian",
    ),
    "an output without a gradient": (
        (Tensor(1.0, name="c") * 2).backward,
        (errors.GraphError,),
        "in backward from leaf\n"
        "  expected: a tensor that was computed from one with requires_grad=True\n"
        "  got:      a leaf without requires_grad\n"
        "  to do:    set requires_grad=True on the tensors you want gradients for",
    ),
    "an unused input": (
        lambda: grad(lambda a, b: a, (0, 1))(1.0, 2.0),
        (errors.GraphError,),
        "in grad(<lambda>)\n"
        "  expected: an output that depends on argument 1\n"
        "  got:      one that doesn't\n"
        "  to do:    compute it from that argument by autograd's or NumPy's functions, or pass unused='zero'",
    ),
    "a mutated operand": (
        overwritten,
        (errors.MutationError, errors.GraphError),
        "in the backward pass of multiply\n"
        "  expected: operand leaf 'w' as it was in the forward pass\n"
        f"  got:      it was overwritten in place at {__file__}:{overwritten.__code__.co_firstlineno + 4}\n"
        "  to do:    call backward() before the write, or compute the result again after it",
    ),
    "a released graph": (
        released,
        (errors.GraphError,),
        "in a second pass through sum\n"
        "  expected: a graph that still has its values\n"
        "  got:      one that backward(retain_graph=False) has released\n"
        "  to do:    leave out retain_graph=False in the first pass",
    ),
    "a leaf changed in place": (
        lambda: Parameter([1.0], name="w").__setitem__(0, 2.0),
        (errors.GraphError,),
        "in t[index] = value on leaf 'w'\n"
        "  expected: no in-place change of a leaf while its use is being recorded\n"
        "  got:      leaf 'w', which requires a gradient\n"
        "  to do:    for an update step write `with autograd.no_grad():` around it, or use assign_()",
    ),
    "an unknown NumPy function": (
        lambda: np.gcd(matrix(3), 2),
        (errors.NoDerivativeError, TypeError),
        "in np.gcd\n"
        "  expected: a NumPy function with a rule for its derivative\n"
        "  got:      one without\n"
        "  to do:    compose it of functions that have one, give it one by autograd.custom_gradient, "
        "or call it on t.detach()",
    ),
    "a silent way out": (
        an_array_of_tensors,
        (errors.NoDerivativeError,),
        "in np.asarray of leaf\n"
        "  expected: no silent way out of the graph\n"
        "  got:      a tensor that requires a gradient\n"
        "  to do:    say np.stack([a, b]) or np.block([[a, b], [c, d]]) to join tensors; t.detach() or t.numpy() "
        "if you mean the plain value",
    ),
}


@pytest.mark.parametrize(("act", "classes", "text"), BAD.values(), ids=BAD)
def test_golden_text(act, classes, text):
    with pytest.raises(AutogradError) as refused:
        act()
    error = refused.value
    assert type(error) is classes[0]
    assert isinstance(error, classes)
    pattern = re.escape(text).replace(re.escape("got:      (…)"), "got: .+")
    pattern = pattern.replace(re.escape("(…)"), r"\(.+\)")  # NumPy's own words: theirs to change
    assert re.fullmatch(pattern, str(error)), error


@pytest.mark.parametrize(("act", "classes", "text"), BAD.values(), ids=BAD)
def test_the_four_parts_are_there_and_pickle(act, classes, text):
    with pytest.raises(AutogradError) as refused:
        act()
    error = refused.value
    assert all((error.where, error.expected, error.got, error.remedy))
    twin = pickle.loads(pickle.dumps(error))
    assert (type(twin), str(twin), twin.__dict__) == (type(error), str(error), error.__dict__)


@pytest.mark.parametrize("kind", CLASSES)
def test_every_class_pickles(kind):
    error = kind("here", "this", "that", "this instead")
    twin = pickle.loads(pickle.dumps(error))
    assert type(twin) is kind
    assert (twin.where, twin.expected, twin.got, twin.remedy) == ("here", "this", "that", "this instead")
    assert str(twin) == "in here\n  expected: this\n  got:      that\n  to do:    this instead"


def test_every_class_is_also_one_of_pythons():
    for kind in CLASSES[1:]:
        if kind is not AutogradError:
            assert issubclass(kind, (ValueError, TypeError, RuntimeError, ImportError, AttributeError)), kind
        assert kind.__doc__


def test_an_error_that_ends_a_script_shows_its_four_parts_last():
    script = "import autograd; (autograd.Tensor([1.0, 2.0], requires_grad=True) * 2).backward()"
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert ended.stderr.rstrip().endswith("pass gradient=…, reduce with .sum(), or use autograd.jacobian")
