"""Module: what it finds, names, saves, casts, tells its nodes, and shows."""

import copy
import pickle

import numpy as np
import pytest
from numpy.testing import assert_array_equal

import autograd
import nn
from autograd import ArgumentError, GradientWarning, Parameter, ShapeError, Tensor


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(3, 4, rng=0), nn.Tanh())
        self.heads = nn.ModuleList([nn.Linear(4, 1, rng=1), nn.Linear(4, 2, rng=2)])
        self.scale = Parameter(np.float32([2.0]))
        self.register_buffer("count", np.int64(0))
        self.register_buffer("scratch", np.zeros(2), persistent=False)

    def forward(self, x, head=0):
        return self.scale * self.heads[head](self.encoder(x))


X = np.ones((5, 3), np.float32)


# What it finds


def test_parameters_of_the_module_come_first_then_those_inside():
    assert [name for name, _ in Net().named_parameters()] == [
        "scale", "encoder.0.weight", "encoder.0.bias", "heads.0.weight", "heads.0.bias",
        "heads.1.weight", "heads.1.bias",
    ]  # fmt: skip
    assert [name for name, _ in Net().named_parameters("net", recurse=False)] == ["net.scale"]
    assert len(list(Net().parameters())) == 7


def test_modules_children_and_buffers():
    net = Net()
    assert [name for name, _ in net.named_children()] == ["encoder", "heads"]
    assert [name for name, _ in net.named_modules()] == [
        "", "encoder", "encoder.0", "encoder.1", "heads", "heads.0", "heads.1",
    ]  # fmt: skip
    assert [name for name, _ in net.named_buffers()] == ["count", "scratch"]
    assert net.get_submodule("encoder.1") is net.encoder[1]
    assert net.get_submodule("") is net
    with pytest.raises(ArgumentError, match=r"'encoder\.0'"):
        net.get_submodule("decoder")
    assert net.get_parameter("encoder.0.weight") is net.encoder[0].weight
    assert net.get_buffer("count") is net.count
    with pytest.raises(ArgumentError, match=r"see named_parameters\(\)"):
        net.get_parameter("encoder.0")


def test_what_is_shared_is_yielded_once_and_saved_under_both_names():
    a, b = nn.Linear(2, 2), nn.Linear(2, 2)
    b.weight = a.weight
    model = nn.Sequential(a, b, a)
    assert [name for name, _ in model.named_parameters()] == ["0.weight", "0.bias", "1.bias"]
    assert len(list(model.modules())) == 3
    assert set(model.state_dict()) == {f"{i}.{n}" for i in range(3) for n in ("weight", "bias")}
    for twin in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        assert twin[0].weight is twin[1].weight
        assert twin[0] is twin[2]
        assert twin[0].weight is not a.weight
    model.double()
    assert a.weight is b.weight
    assert a.weight.dtype == np.float64


def test_attributes_come_and_go():
    layer = nn.Linear(2, 2)
    layer.bias = None
    assert list(layer.state_dict()) == ["weight"]
    layer.bias = Parameter(np.zeros(2, np.float32))
    layer.register_parameter("extra", None)
    assert list(layer.state_dict()) == ["weight", "bias"]
    del layer.bias
    assert list(layer.state_dict()) == ["weight"]
    assert not hasattr(layer, "bias")
    norm = nn.BatchNorm1d(2)
    del norm.running_mean
    assert "running_mean" not in norm.state_dict()
    norm.running_mean = 3  # no buffer any more
    assert norm.running_mean == 3


def test_a_buffer_copies_and_stays_a_tensor():
    net, given = Net(), np.ones(2)
    net.scratch = given
    assert isinstance(net.scratch, Tensor)
    given[0] = 5
    assert net.scratch.tolist() == [1.0, 1.0]


def test_a_plain_tensor_does_not_push_out_a_parameter():
    layer = nn.Linear(2, 2)
    with pytest.raises(ArgumentError) as caught:
        layer.weight = Tensor(np.zeros((2, 2)))
    assert str(caught.value) == (
        "in Linear.weight = tensor\n"
        "  expected: a Parameter, or None\n"
        "  got:      a plain Tensor, which training would not find\n"
        "  to do:    wrap it in autograd.Parameter, or write into the old one by assign_"
    )


def test_a_list_of_modules_is_mentioned():
    net = nn.Module()
    with pytest.warns(GradientWarning, match="use ModuleList"):
        net.layers = [nn.Linear(1, 1)]
    with pytest.warns(GradientWarning, match="Module.blocks is a dict: .* use ModuleDict"):
        net.blocks = {"first": nn.Linear(1, 1)}


def test_a_list_of_modules_with_names_of_their_own_is_not_mentioned():
    net = nn.Sequential(nn.Linear(1, 1))
    net.layers = [net[0]]


@pytest.mark.parametrize("name", ["", "a.b", "forward"])
def test_names_that_a_path_can_not_have(name):
    with pytest.raises(ArgumentError, match="without dots"):
        nn.Module().register_module(name, nn.ReLU())


# What it does to the whole tree


def test_train_eval_apply_freeze_and_zero():
    net, seen = Net(), []
    assert net.eval() is net
    assert not any(module.training for module in net.modules())
    assert all(module.training for module in net.train().modules())
    assert net.apply(seen.append) is net
    assert seen[-1] is net
    assert len(seen) == 7
    net(X).sum().backward()
    assert net.scale.grad is not None
    net.zero_grad()
    assert all(p.grad is None for p in net.parameters())
    net.encoder.requires_grad_(False)
    net(X).sum().backward()
    assert net.encoder[0].weight.grad is None
    assert net.heads[0].weight.grad is not None


def test_casting_keeps_the_objects_their_gradients_and_their_freezing():
    net = Net()
    net(X).sum().backward()
    net.heads[1].requires_grad_(False)
    before, grad = list(net.parameters()), net.scale.grad.numpy()
    assert net.to(np.float64) is net
    assert all(a is b for a, b in zip(net.parameters(), before, strict=True))
    assert {p.dtype for p in net.parameters()} == {np.dtype(float)}
    assert net.scale.grad.dtype == np.float64
    assert_array_equal(net.scale.grad.numpy(), grad)
    assert not net.heads[1].weight.requires_grad
    assert net.scale.requires_grad
    assert (net.count.dtype, net.scratch.dtype) == (np.int64, np.float64)
    assert {p.dtype for p in net.float().parameters()} == {np.dtype(np.float32)}
    assert net.double()(X.astype(float)).dtype == np.float64
    with pytest.raises(ArgumentError, match="a floating dtype"):
        net.to(int)


# Saving and loading


def test_state_is_copied_out_and_written_in_place():
    net, other = Net(), Net()
    net.count = 7
    state = net.state_dict()
    assert list(state)[:2] == ["scale", "count"]
    assert "scratch" not in state
    weight = other.encoder[0].weight
    weight.assign_(np.zeros((4, 3)))
    other.load_state_dict(state)
    assert other.encoder[0].weight is weight
    assert_array_equal(weight.numpy(), net.encoder[0].weight.numpy())
    assert other.count.item() == 7
    state["scale"][:] = 9
    assert net.scale.item() == 2


def test_loading_is_seen_by_a_graph_that_still_needs_the_old_values():
    layer = nn.Linear(3, 2)
    x = Tensor(X, requires_grad=True)
    y = layer(x).sum()
    layer.load_state_dict(nn.Linear(3, 2).state_dict())
    with pytest.raises(autograd.AutogradError, match=r"weight.*written|written.*weight|overwritten"):
        y.backward()


def test_every_misfit_is_listed_before_anything_is_written():
    layer = nn.Linear(3, 2, rng=0)
    before = layer.weight.numpy().copy()
    with pytest.raises(ShapeError) as caught:
        layer.load_state_dict({"weight": np.zeros((3, 2)), "gain": np.ones(1)})
    assert str(caught.value) == (
        "in Linear.load_state_dict(state)\n"
        "  expected: the names and shapes of this module's state_dict()\n"
        "  got:      missing: bias; unexpected: gain; wrongly shaped: weight (3, 2) for (2, 3)\n"
        "  to do:    make the model as the saved one was made; strict=False overlooks missing and unexpected names"
    )
    assert_array_equal(layer.weight.numpy(), before)
    loaded = layer.load_state_dict({"weight": np.zeros((2, 3)), "gain": np.ones(1)}, strict=False)
    assert loaded == (["bias"], ["gain"])
    assert loaded.missing_keys == ["bias"]
    assert not layer.weight.numpy().any()
    with pytest.raises(ShapeError, match="wrongly shaped"):
        layer.load_state_dict({"bias": np.zeros(3)}, strict=False)


def test_copies_and_pickles_compute_the_same_and_share_nothing():
    net = Net()
    net(X).sum().backward()
    for twin in (copy.deepcopy(net), pickle.loads(pickle.dumps(net))):
        assert_array_equal(twin(X).numpy(), net(X).numpy())
        assert list(twin.state_dict()) == list(net.state_dict())
        twin.scale.assign_([0.0])
        assert net.scale.item() == 2
    assert copy.deepcopy(net).scale.grad is not None


# Calling


def test_nodes_know_the_path_of_the_module_that_made_them():
    y = Net()(X, head=1)
    linear, scale = y.node.second, y.node
    tanh = linear.first
    assert [n.scope for n in (scale, linear, tanh, tanh.first)] == ["", "heads.1", "encoder.1", "encoder.0"]


def test_the_path_follows_the_modules_that_were_called():
    class Outer(nn.Module):
        def __init__(self):
            self.inner = Net()

        def forward(self, x):
            return self.inner(x) * 1.0

    y = Outer()(X)
    assert y.node.scope == ""
    assert y.node.first.scope == "inner"
    assert y.node.first.second.scope == "inner.heads.0"
    assert autograd.exp(Tensor(1.0, requires_grad=True)).node.scope == ""


def test_both_ways_of_recording_note_the_path():
    """Inside a scope the short way is taken as well as the general one, for arrays and for numbers."""
    w = Tensor(2.0, requires_grad=True)
    with autograd.scope("a"):
        nodes = [(w * 3.0).node, (Tensor([1.0], requires_grad=True) * np.ones((2, 1))).node]
        with autograd.keep():
            nodes.append((w * 3.0).node)
        with autograd.scope("b"):
            nodes.append((w + 1).node)
    assert [node.scope for node in nodes] == ["a", "a", "a", "a.b"]


def test_parameters_are_named_by_their_path():
    net = Net()
    assert [p.name for p in net.parameters()] == [name for name, _ in net.named_parameters()]
    own = nn.Linear(1, 1)
    own.weight = Parameter([[1.0]], name="slope")
    assert nn.Sequential(own)[0].weight.name == "slope"


def test_hooks_read_and_replace():
    layer, seen = nn.Identity(), []
    first = layer.register_forward_pre_hook(lambda module, args: seen.append(args))
    double = layer.register_forward_pre_hook(lambda module, args: (args[0] * 2,))
    minus = layer.register_forward_hook(lambda module, args, output: -output)
    assert layer(Tensor([1.0])).tolist() == [-2.0]
    assert len(seen) == 1
    for handle in (first, double, minus):
        handle.remove()
        handle.remove()
    assert layer(Tensor([1.0])).tolist() == [1.0]
    assert len(seen) == 1
    assert nn.Identity()(Tensor([1.0])).tolist() == [1.0]


def test_backward_hooks_see_the_gradients_of_one_call():
    layer, seen = nn.Linear(3, 2, rng=0), []
    handle = layer.register_full_backward_hook(lambda module, into, out: seen.append((module, into, out)))
    x = Tensor(X, requires_grad=True)
    (layer(x) * 2 + x[:, :2]).sum().backward()  # x has another user: that share is not the layer's
    module, (into,), (out,) = seen.pop()
    assert module is layer
    assert_array_equal(out, np.full((5, 2), 2.0))
    assert_array_equal(into, out @ layer.weight.numpy())
    layer(X).sum().backward()
    assert seen.pop()[1] == (None,)  # the data ask for no gradient
    handle.remove()
    layer(x).sum().backward()
    assert not seen
    assert not layer._hooks
    assert not layer._pre_hooks


def test_backward_hooks_replace():
    layer = nn.Identity()
    layer.register_full_backward_pre_hook(lambda module, out: (out[0] * 3,))
    layer.register_full_backward_hook(lambda module, into, out: (into[0] + out[0],))
    x = Tensor(2.0, requires_grad=True)
    layer(x * x).backward()
    assert x.grad.item() == (3 + 3) * 4
    pair = nn.Bilinear(1, 1, 1, bias=False)
    pair.register_full_backward_hook(lambda module, into, out: into)
    with pytest.raises(ArgumentError, match="several inputs"):
        pair(Tensor([[1.0]], requires_grad=True), Tensor([[2.0]], requires_grad=True)).sum().backward()


def test_a_backward_hook_waits_for_every_input():
    pair, seen = nn.Bilinear(1, 1, 1, bias=False).to(np.float64), []
    pair.weight.assign_([[[1.0]]])
    pair.register_full_backward_hook(lambda module, into, out: seen.append([g.item() for g in (*into, *out)]))
    a, b = Tensor([[3.0]], requires_grad=True), Tensor([[5.0]], requires_grad=True)
    y = pair(a, b).sum()
    y.backward()
    (2 * y).backward()
    assert seen == [[5.0, 3.0, 1.0], [10.0, 6.0, 2.0]]


def test_modules_in_a_container_are_put_in_and_taken_out():
    relu, tanh, sigmoid = nn.ReLU(), nn.Tanh(), nn.Sigmoid()
    for kind in (nn.Sequential, nn.ModuleList):
        linear = nn.Linear(1, 1)
        made = kind({"0": relu, "1": linear})
        made.insert(0, tanh)
        assert [*made] == [tanh, relu, linear]
        assert [name for name, _ in made.named_children()] == ["0", "1", "2"]
        assert linear.weight.name == "2.weight"
        assert made.pop(0) is tanh
        assert linear.weight.name == "1.weight"
        longer = made + kind({"0": sigmoid})
        assert [*longer] == [relu, linear, sigmoid]
        del made[:1]
        assert [*made] == [linear]
        with pytest.raises(IndexError, match="of 1 modules has no index 1"):
            made.pop(1)
    named = nn.ModuleDict({"a": relu})
    named.update({"b": tanh})
    assert named.pop("a") is relu
    assert named.keys() == ["b"]
    named.clear()
    assert len(named) == 0


def test_a_module_without_forward_says_so():
    with pytest.raises(NotImplementedError, match="Module needs a method forward"):
        nn.Module()(X)


# Seeing


def test_repr_is_a_tree():
    assert repr(Net()) == (
        "Net(  # scale (1,): 32 parameters\n"
        "  (encoder): Sequential(  # 16 parameters\n"
        "    (0): Linear(in_features=3, out_features=4, bias=True)  # weight (4, 3), bias (4,): 16 parameters\n"
        "    (1): Tanh()\n"
        "  )\n"
        "  (heads): ModuleList(  # 15 parameters\n"
        "    (0): Linear(in_features=4, out_features=1, bias=True)  # weight (1, 4), bias (1,): 5 parameters\n"
        "    (1): Linear(in_features=4, out_features=2, bias=True)  # weight (2, 4), bias (2,): 10 parameters\n"
        "  )\n"
        ")"
    )
    assert repr(nn.LeakyReLU(0.1)) == "LeakyReLU(negative_slope=0.1)"
    assert repr(nn.BatchNorm1d(1)).startswith("BatchNorm1d(num_features=1, eps=1e-05, momentum=0.1, affine=True,")


def test_summary_counts_once_and_changes_nothing():
    net = Net()
    net.encoder.append(nn.Dropout(0.5))
    state = net.state_dict()
    assert str(net.summary((3,))) == (
        "layer                  output   parameters   multiply-adds\n"
        "Net                    (N, 1)           32              16\n"
        "  encoder Sequential   (N, 4)           16              12\n"
        "    0 Linear(3 → 4)    (N, 4)           16              12\n"
        "    1 Tanh             (N, 4)            0               0\n"
        "    2 Dropout(0.5)     (N, 4)            0               0\n"
        "  heads ModuleList     –                15               4\n"
        "    0 Linear(4 → 1)    (N, 1)            5               4\n"
        "    1 Linear(4 → 2)    –                10               0"
    )
    assert net.training
    assert all(module.training for module in net.modules())
    assert all((state[name] == value).all() for name, value in net.state_dict().items())
    assert not net._hooks


def test_summary_of_a_layer_that_is_called_twice():
    layer = nn.Linear(4, 4)
    assert nn.Sequential(layer, nn.ReLU(), layer).summary((4,)).rows[0].multiply_adds == 32


def test_summary_of_several_inputs_and_of_integers():
    class Both(nn.Module):
        def __init__(self):
            self.table = nn.Embedding(10, 3)
            self.norm = nn.LayerNorm(3)

        def forward(self, a, b):
            return self.norm(self.table(a) + self.table(b))

    assert [row.multiply_adds for row in Both().summary((2,), (2,), dtype=np.int64).rows] == [6, 0, 6]
    assert Both().summary((), (), dtype=np.int64).rows[0].output == (3,)
