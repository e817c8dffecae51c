"""ONNX export: a model in the format that other programs run, made from the graph that one forward records.

Not the layers but the primitives are translated, so a model with a ``forward`` of its own exports as well as a
Sequential. The package ``onnx`` is needed (``pip install chaingrad[onnx]``).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

import autograd
from autograd import ArgumentError, MissingDependencyError, Tensor, as_tensor
from nn import recorded, unrolled
from nn.checkpoint import write
from nn.module import Module
from nn.recorded import Twins

OPSET, IR = 20, 10  # 2023: what programs of the last years read
_WHERE = "nn.onnx.export(model, example_input, path)"


def export(model: Module, example_input: Any, path: Any = None) -> Any:
    """Write a model as it is used (``eval()``) to an ONNX file, and return it as ``onnx.ModelProto``.

    ``example_input`` is an array, or a tuple of them for a ``forward`` with several arguments; its first axis is the
    batch, which other programs may give another length. Raises ArgumentError, naming the layer, for what ONNX has no
    operator for, and for a model whose steps depend on values; MissingDependencyError without ``onnx``.

    >>> import nn
    >>> model = nn.Sequential(nn.Linear(3, 2), nn.ReLU())
    >>> [node.op_type for node in export(model, np.ones((1, 3), np.float32)).graph.node]  # doctest: +SKIP
    ['Gemm', 'Relu']
    """
    try:
        import onnx  # optional
    except ImportError as problem:
        raise MissingDependencyError(
            _WHERE, "the package onnx", "it isn't installed", "pip install chaingrad[onnx]"
        ) from problem
    examples = example_input if isinstance(example_input, tuple) else (example_input,)
    inputs = [Tensor(np.asarray(as_tensor(x).data), requires_grad=True) for x in map(_floating, examples)]
    modes = [(module, module.training) for module in model.modules()]
    try:
        model.eval()
        with autograd.keep():
            made = model(*inputs)
        outputs = recorded.parts(made)
        if recorded.steered(model, inputs, outputs):
            raise ArgumentError(
                _WHERE,
                "a model whose steps are the same for all inputs",
                "other steps, or constants made of the example, for another input",
                "choose by autograd.where on tensors, not by an if or on .data",
            )
        twins = recorded.twins(model, inputs, outputs)
    finally:
        for module, mode in modes:
            module.training = mode
    writer = _Writer(onnx, model, inputs, outputs, twins)
    proto = writer.model()
    onnx.checker.check_model(proto, full_check=True)
    if path is not None:
        write(path, proto.SerializeToString())
    return proto


def _floating(example: Any) -> Any:
    value = as_tensor(example)
    if value.dtype.kind != "f" or not value.ndim:
        raise ArgumentError(
            _WHERE,
            "floating inputs with an axis for the batch",
            f"shape {value.shape}, {value.dtype}",
            "only what is differentiable is recorded: export the part of the model behind its embedding",
        )
    return value


Names = list[str]
Handler = Callable[["_Writer", Any, Names], str]


class _Writer:
    """The ONNX graph while it is written: each step returns the name of its result."""

    def __init__(self, onnx: Any, model: Module, inputs: list[Tensor], outputs: list[Tensor], twins: Twins) -> None:
        self.onnx, self.nodes, self.constants = onnx, [], {}  # type: Any, list[Any], dict[str, Any]
        self.twins = twins
        self.layers = dict(model.named_modules())
        self.batch = inputs[0].shape[0]
        self.names: dict[Any, str] = {}
        self.values: list[list[Any]] = [[], []]
        for i, x in enumerate(inputs):
            self.names[x.node] = "input" if len(inputs) == 1 else f"input{i}"
            self.values[0].append(self._described(self.names[x.node], x))
        for i, y in enumerate(outputs):
            for node in recorded.steps(y.node):
                if node not in self.names:
                    self.names[node] = self._leaf(node) if node.primitive is None else self._step(node)
            name = "output" if len(outputs) == 1 else f"output{i}"
            self.nodes.append(onnx.helper.make_node("Identity", [self.names[y.node]], [name]))
            self.values[1].append(self._described(name, y))

    def model(self) -> Any:
        """Return the whole, as ONNX's own type."""
        helper, arrays = self.onnx.helper, self.onnx.numpy_helper
        constants = [arrays.from_array(value, name) for name, value in self.constants.items()]
        graph = helper.make_graph(self.nodes, "chaingrad", *self.values, constants)
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR)

    def _described(self, name: str, value: Any) -> Any:
        helper = self.onnx.helper
        shape = ["N" if i == 0 and n == self.batch else n for i, n in enumerate(value.shape)]
        return helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(value.dtype), shape)

    def op(self, kind: str, *inputs: str, **attributes: Any) -> str:
        """Add a step."""
        name = f"{kind}_{len(self.nodes)}"
        self.nodes.append(self.onnx.helper.make_node(kind, list(inputs), [name], name=name, **attributes))
        return name

    def constant(self, value: Any, dtype: Any = None, name: str | None = None) -> str:
        """Add numbers."""
        name = name or f"constant_{len(self.constants)}"
        self.constants[name] = np.ascontiguousarray(np.asarray(value, dtype)).reshape(np.shape(value))
        return name

    def ints(self, values: Any) -> str:
        """Add a list of integers, such as a shape."""
        return self.constant(np.array(list(values), np.int64))

    def _leaf(self, node: Any) -> str:
        name = node.name if node.name and node.name not in self.constants else None
        return self.held(node.y, np.shape(self.twins.get(node, node).y), name=name)

    def held(self, value: Any, longer: tuple[int, ...], dtype: Any = None, name: str | None = None) -> str:
        """Add numbers that the model holds; those that it only repeats for each example follow the batch's length."""
        value, shape = np.asarray(value), np.shape(value)
        axes = [i for i, (n, more) in enumerate(zip(shape, longer, strict=True)) if n != more]
        if len(axes) != 1 or not (value == value.take([0], axes[0])).all():
            return self.constant(value, dtype, name)
        axis, first = axes[0], self.values[0][0].name
        length = self.op("Mul", self.op("Shape", first, start=0, end=1), self.ints([shape[axis] // self.batch]))
        size = self.op("Concat", self.ints(shape[:axis]), length, self.ints(shape[axis + 1 :]), axis=0)
        return self.op("Expand", self.constant(value.take([0], axis), dtype), size)

    def _step(self, node: Any) -> str:
        handler = _HANDLERS.get(node.primitive.name)
        if handler is None:
            raise self.refused(node, "no operator that means the same")
        names = []
        kinds = [np.asarray(o).dtype for o, p in zip(node.operands, node.parents, strict=True) if p is not None]
        common = node.y.dtype if node.y.dtype.kind == "f" else next(iter(kinds), None)  # Python's numbers are weak
        others = self.twins.get(node, node).operands
        for operand, parent, other in zip(node.operands, node.parents, others, strict=True):
            if parent is not None:
                names.append(self.names[parent])
            elif operand is not None:
                known = node.primitive.kind in ("elementwise", "value") and np.asarray(operand).dtype != bool
                names.append(self.held(operand, np.shape(other), common if known else None))
        return handler(self, node, names)

    def refused(self, node: Any, why: str) -> ArgumentError:
        """Return the error that names the layer."""
        layer = self.layers.get(node.scope)
        place = f"layer {node.scope!r}" if node.scope else "the model"
        return ArgumentError(
            f"{_WHERE} in {place}" + (f" ({type(layer).__name__})" if layer is not None else ""),
            "steps that ONNX can express",
            f"{node.primitive.name}: {why}",
            "export the model without this layer, or write it with others",
        )


# What each primitive is in ONNX


def _plain(kind: str) -> Handler:
    return lambda g, node, names: g.op(kind, *names)


def _reduced(kind: str) -> Handler:
    def handler(g: _Writer, node: Any, names: Names) -> str:
        return g.op(kind, *names, g.ints(node.static["axis"]), keepdims=int(node.static["keepdims"]))

    return handler


def _moved(change: Callable[..., Any]) -> Handler:
    def handler(g: _Writer, node: Any, names: Names) -> str:
        lengths = list(range(1, len(_shape(node, 0)) + 1))
        shape = change(np.broadcast_to(0, lengths), **node.static).shape
        return g.op("Transpose", *names, perm=[n - 1 for n in shape])

    return handler


def _shape(node: Any, position: int) -> tuple[int, ...]:
    return tuple(np.shape(node.operands[position]))


def _reshaped(g: _Writer, node: Any, names: Names) -> str:
    before, after = _shape(node, 0), list(np.shape(node.y))
    longer = np.shape(g.twins.get(node, node).y)
    follows = [i for i, (n, more) in enumerate(zip(after, longer, strict=True)) if n != more]
    if len(follows) == 1:
        after[follows[0]] = -1  # as long as the batch makes it
    elif before[:1] == (g.batch,) == tuple(after[:1]):
        after[0] = 0  # as it was
    return g.op("Reshape", names[0], g.ints(after))


def _expanded(g: _Writer, node: Any, names: Names) -> str:
    shape, before = node.static["shape"], _shape(node, 0)
    before = (0,) * (len(shape) - len(before)) + before
    return g.op("Expand", names[0], g.ints([1 if n == m else m for n, m in zip(before, shape, strict=True)]))


def _linear(g: _Writer, node: Any, names: Names) -> str:
    if len(_shape(node, 0)) == 2:
        return g.op("Gemm", *names, transB=1)
    product = g.op("MatMul", names[0], g.op("Transpose", names[1], perm=[1, 0]))
    return g.op("Add", product, names[2]) if len(names) > 2 else product


def _windows(node: Any, *more: str) -> dict[str, Any]:
    """Return the attributes that say where windows lie."""
    static = node.static
    ends = [p[0] for p in static["padding"]] + [p[1] for p in static["padding"]]
    found = {"pads": ends, "strides": static["stride"], "kernel_shape": static.get("kernel_size")}
    found["dilations"], found["group"] = static.get("dilation"), static.get("groups")
    if "ceil_mode" in static:
        found["ceil_mode"] = int(static["ceil_mode"])
    return {name: value for name, value in found.items() if value is not None}


def _conv(g: _Writer, node: Any, names: Names) -> str:
    return g.op("Conv", *names, **_windows(node))


def _conv_transpose(g: _Writer, node: Any, names: Names) -> str:
    found = _windows(node)
    more = found["output_padding"] = [max(-after, 0) for _, after in node.static["padding"]]
    if any(m and m >= s for m, s in zip(more, node.static["stride"], strict=True)):
        raise g.refused(node, "more padding of the output than its stride")
    found["pads"] = [max(p, 0) for p in found["pads"]]
    return g.op("ConvTranspose", *names, **found)


def _with_channels(g: _Writer, node: Any) -> None:
    if len(_shape(node, 0)) != len(node.static["kernel_size"]) + 2:
        raise g.refused(node, "pooling needs images (N, C, …) there")


def _max_pool(g: _Writer, node: Any, names: Names) -> str:
    _with_channels(g, node)
    return g.op("MaxPool", *names, **_windows(node))


def _avg_pool(g: _Writer, node: Any, names: Names) -> str:
    _with_channels(g, node)
    override, include = node.static["divisor_override"], node.static["count_include_pad"]
    mean = g.op("AveragePool", *names, count_include_pad=int(include or bool(override)), **_windows(node))
    if not override:
        return mean
    return g.op("Mul", mean, g.constant(math.prod(node.static["kernel_size"]) / override, node.y.dtype))


def _adaptive_max_pool(g: _Writer, node: Any, names: Names) -> str:
    out = node.static["output_size"]
    size = _shape(node, 0)[-len(out) :]
    if any(n % o for n, o in zip(size, out, strict=True)) or len(_shape(node, 0)) != len(out) + 2:
        raise g.refused(node, f"windows of one length, where {out} divide {size}")
    steps = [n // o for n, o in zip(size, out, strict=True)]
    return g.op("MaxPool", *names, kernel_shape=steps, strides=steps)


def _fold(g: _Writer, node: Any, names: Names) -> str:
    static, padding = node.static, node.static["padding"]
    ends = [p[0] for p in padding] + [p[1] for p in padding]
    sizes = (g.ints(static["output_size"]), g.ints(static["kernel_size"]))
    return g.op("Col2Im", *names, *sizes, dilations=static["dilation"], pads=ends, strides=static["stride"])


def _unfold(g: _Writer, node: Any, names: Names) -> str:
    """Return the columns: a convolution with the unit vectors, channel by channel."""
    kernel, shape = node.static["kernel_size"], _shape(node, 0)
    if len(shape) != len(kernel) + 2:
        raise g.refused(node, "windows need images (N, C, …) there")
    channels, entries = shape[1], math.prod(kernel)
    units = np.tile(np.eye(entries, dtype=node.y.dtype), (channels, 1)).reshape(channels * entries, 1, *kernel)
    columns = g.op("Conv", names[0], g.constant(units), group=channels, **_windows(node))
    return g.op("Reshape", columns, g.ints((0, channels * entries, -1)))


def _standardize(g: _Writer, node: Any, names: Names) -> str:
    axes = g.ints(node.static["axis"])
    centred = g.op("Sub", names[0], g.op("ReduceMean", names[0], axes, keepdims=1))
    spread = g.op("ReduceMean", g.op("Mul", centred, centred), axes, keepdims=1)
    return g.op("Div", centred, g.op("Sqrt", g.op("Add", spread, g.constant(node.static["eps"], node.y.dtype))))


def _getitem(g: _Writer, node: Any, names: Names) -> str:
    """Take slices and integers axis by axis, and one list of integers."""
    shape, name, axis, drop, add = _shape(node, 0), names[0], 0, [], []
    index = node.static["index"]
    if sum(isinstance(entry, np.ndarray) for entry in index) > 1:
        raise g.refused(node, "several lists of integers in one index")
    for place, entry in enumerate(index):
        if entry is None:
            add.append(place - sum(isinstance(e, int) for e in index[:place]))
            continue
        if isinstance(entry, np.ndarray):
            if entry.ndim != 1 or entry.dtype == bool:
                raise g.refused(node, "an index that isn't a list of integers")
            name = g.op("Gather", name, g.ints(entry), axis=axis)
        elif isinstance(entry, int):
            name = g.op("Slice", name, g.ints([entry]), g.ints([entry + 1 or shape[axis]]), g.ints([axis]))
            drop.append(axis)
        elif entry != slice(None):
            start, stop, step = entry.indices(shape[axis])
            stop = stop if stop >= 0 else -shape[axis] - 1
            name = g.op("Slice", name, *(g.ints([n]) for n in (start, stop, axis, step)))
        axis += 1
    name = g.op("Squeeze", name, g.ints(drop)) if drop else name
    return g.op("Unsqueeze", name, g.ints(add)) if add else name


def _stacked(g: _Writer, node: Any, names: Names) -> str:
    axis = node.static["axis"]
    return g.op("Concat", *(g.op("Unsqueeze", name, g.ints([axis])) for name in names), axis=axis)


def _step_function(g: _Writer, node: Any, names: Names) -> str:
    reached = g.op("GreaterOrEqual", names[0], g.constant(0, node.y.dtype))
    return g.op("Cast", reached, to=g.onnx.helper.np_dtype_to_tensor_dtype(node.y.dtype))


def _elu(g: _Writer, node: Any, names: Names) -> str:
    low = g.op("Mul", names[1], g.op("Sub", g.op("Exp", names[0]), g.constant(1, node.y.dtype)))
    return g.op("Where", g.op("Greater", names[0], g.constant(0, node.y.dtype)), names[0], low)


def _clipped(g: _Writer, node: Any, names: Names) -> str:
    low, high = names[1:] if len(names) == 3 else (g.constant(n, node.y.dtype) for n in (0, 6))
    return g.op("Min", g.op("Max", names[0], low), high)


_HANDLERS: dict[str, Handler] = {
    name: _plain(kind)
    for name, kind in {
        "absolute": "Abs", "add": "Add", "arctan": "Atan", "ceil": "Ceil", "copy": "Identity", "cos": "Cos",
        "divide": "Div", "equal": "Equal", "erf": "Erf", "exp": "Exp", "floor": "Floor", "gelu": "Gelu",
        "greater": "Greater", "greater_equal": "GreaterOrEqual", "leaky_relu": "PRelu", "less": "Less",
        "less_equal": "LessOrEqual", "log": "Log", "logical_and": "And", "logical_not": "Not", "logical_or": "Or",
        "matmul": "MatMul", "maximum": "Max", "minimum": "Min", "mish": "Mish", "multiply": "Mul", "negative": "Neg",
        "power": "Pow", "reciprocal": "Reciprocal", "relu": "Relu", "selu": "Selu", "sigmoid": "Sigmoid",
        "sign": "Sign", "sin": "Sin", "softplus": "Softplus", "sqrt": "Sqrt", "subtract": "Sub", "tan": "Tan",
        "tanh": "Tanh", "where": "Where",
    }.items()
} | {name: _reduced(kind) for name, kind in {
    "sum": "ReduceSum", "mean": "ReduceMean", "max": "ReduceMax", "min": "ReduceMin", "prod": "ReduceProd",
    "logsumexp": "ReduceLogSumExp",
}.items()} | {
    "transpose": _moved(np.transpose),
    "swapaxes": _moved(np.swapaxes), "moveaxis": _moved(np.moveaxis),
    "reshape": _reshaped, "squeeze": _reshaped, "expand_dims": _reshaped, "linear": _linear,
    "concatenate": lambda g, node, names: g.op("Concat", *names, axis=node.static["axis"]), "stack": _stacked,
    "broadcast_to": _expanded,
    "softmax": lambda g, node, names: g.op("Softmax", *names, axis=node.static["axis"]),
    "log_softmax": lambda g, node, names: g.op("LogSoftmax", *names, axis=node.static["axis"]),
    "log_sigmoid": lambda g, node, names: g.op("Neg", g.op("Softplus", g.op("Neg", *names))),
    "gelu_tanh": lambda g, node, names: g.op("Gelu", *names, approximate="tanh"),
    "silu": lambda g, node, names: g.op("Mul", names[0], g.op("Sigmoid", names[0])),
    "not_equal": lambda g, node, names: g.op("Not", g.op("Equal", *names)),
    "square": lambda g, node, names: g.op("Mul", names[0], names[0]),
    "rsqrt": lambda g, node, names: g.op("Reciprocal", g.op("Sqrt", *names)),
    "einsum": lambda g, node, names: g.op("Einsum", *names, equation=node.static["subscripts"]),
    "astype": lambda g, node, names: g.op("Cast", *names, to=g.onnx.helper.np_dtype_to_tensor_dtype(node.y.dtype)),
    "elu": _elu, "hardtanh": _clipped, "clip": _clipped, "relu6": _clipped, "step": _step_function,
    "standardize": _standardize, "getitem": _getitem, "unfold": _unfold, "fold": _fold,
    "adaptive_max_pool": _adaptive_max_pool, "lstm": unrolled.lstm, "gru": unrolled.gru,
} | {
    f"{kind}{rank}d": handler
    for kind, handler in {
        "conv": _conv, "conv_transpose": _conv_transpose, "max_pool": _max_pool, "avg_pool": _avg_pool,
    }.items()
    for rank in (1, 2, 3)
}  # fmt: skip
