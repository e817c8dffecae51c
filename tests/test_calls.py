"""The compiled way to record a call makes the node that the general way makes."""

import math

import numpy as np
import pytest

from autograd import Tensor, declare, primitive
from autograd.apply import apply
from autograd.functions import functions
from autograd.graph.node import Spec
from autograd.primitives import registry
from tests.primitives.sampling import every_call

FIXED = [p for p in registry.values() if not p.variadic and not p.internal and any(p.pullbacks)]


def described(node):
    """Return what a node keeps and says, without what tells two runs apart."""
    operands = [o if isinstance(o, Spec) else np.asarray(o).tolist() for o in node.operands]
    y = node.y if isinstance(node.y, Spec) else np.asarray(node.y).tolist()
    return node.primitive, operands, y, node.fits, node.ordinary, node.requires_grad, str(node.static), node.parents


@every_call(FIXED)
def test_both_ways_make_the_same_node(call):
    leaves = call.leaves()
    general = apply(call.primitive, tuple(leaves), dict(call.static))
    starred = [p.name for p in call.primitive.signature.parameters.values() if p.kind is p.VAR_POSITIONAL]
    static = {n: v for n, v in call.static.items() if n not in starred}
    more = [v for n in starred for v in call.static[n]]
    short = functions[call.primitive.name](*leaves, *more, **static)
    np.testing.assert_equal(described(short.node), described(general.node))


@pytest.mark.parametrize("name", ["add", "multiply", "tanh", "matmul", "linear"])
def test_both_ways_keep_no_more_of_big_values(name):
    primitive = registry[name]
    operands = [Tensor(np.ones((40, 40)), requires_grad=True) for _ in primitive.operands[:2]]
    values = tuple(operands) + (None,) * (len(primitive.operands) - len(operands))
    np.testing.assert_equal(described(functions[name](*operands).node), described(apply(primitive, values, {}).node))


@pytest.mark.parametrize("evaluate", [math.exp, lambda x: float(np.exp(x)), lambda x: np.array(math.exp(x))])
def test_a_declared_function_may_return_pythons_number(evaluate):
    grown = declare(primitive.elementwise(evaluate, lambda x, y: y, name="grown", doc="The exponential.", method=False))
    try:
        x = Tensor(0.5, requires_grad=True)
        for y in (grown(x), grown(Tensor(0.5))):
            assert y.item() == math.exp(0.5)
            assert isinstance(y.data, np.ndarray)
        grown(x).backward()
        assert x.grad.item() == math.exp(0.5)
    finally:
        del registry["grown"], functions["grown"]
