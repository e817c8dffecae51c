"""Convolution, its transpose, and the gradient of its weight: one bilinear map read in three directions.

With windows of x as columns, convolution is ``Y = W·columns``, the transposed one ``columns = Wᵀ·Y`` added up where
the windows lie, and the weight's gradient ``Ȳ·columnsᵀ``. Each is the others' adjoint, so derivatives of every order
are these three again. Columns exist for a few images at a time and are written anew for the weight's gradient: a graph
keeps nothing beyond the operands.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.primitives.batching import looped
from autograd.primitives.blas import summed
from autograd.primitives.columns import chunks
from autograd.primitives.domain import Case, case
from autograd.primitives.notation import call
from autograd.primitives.primitive import Primitive, Static, bilinear_map
from autograd.primitives.windows import Pairs, grid, lengths, pairs

Shape = tuple[int, ...]


def _matrix(weight: Any, groups: int) -> Any:
    return weight.reshape(groups, len(weight) // groups, math.prod(weight.shape[1:]))


def _conv(
    x: Any, weight: Any, bias: Any = None, stride: Any = 1, padding: Any = 0, dilation: Any = 1, groups: int = 1
) -> Any:
    dtype = np.result_type(*(o for o in (x, weight, bias) if o is not None))
    where = grid(x.shape[2:], weight.shape[2:], stride, padding, dilation)
    y = np.empty((len(x), len(weight), *where.out), dtype)
    rows, shift = _matrix(weight, groups), _beside(bias, y)
    for images, chunk in chunks(len(x), where, x.shape[1], len(weight), groups, dtype):
        chunk.take(x[images])
        np.matmul(rows, chunk.columns, out=chunk.matrix)
        np.add(chunk.results, shift, out=y[images])
    return y


def _conv_transpose(
    x: Any, weight: Any, bias: Any = None, stride: Any = 1, padding: Any = 0, output_padding: Any = 0, groups: int = 1,
    dilation: Any = 1,
) -> Any:  # fmt: skip
    dtype = np.result_type(*(o for o in (x, weight, bias) if o is not None))
    size = _size(x.shape[2:], weight.shape[2:], stride, padding, dilation)
    where = grid(size, weight.shape[2:], stride, padding, dilation)
    ins = weight.shape[1] * groups
    y = np.zeros((len(x), ins, *size), dtype)
    columns, shift = _matrix(weight, groups).mT, _beside(bias, y)
    for images, chunk in chunks(len(x), where, ins, len(weight), groups, dtype):
        chunk.results[...] = x[images]
        np.matmul(columns, chunk.matrix, out=chunk.columns)
        chunk.add(y[images])
    return y + shift if bias is not None else y


def _conv_weight(
    a: Any, b: Any, kernel_size: Any, stride: Any = 1, padding: Any = 0, dilation: Any = 1, groups: int = 1
) -> Any:
    dtype = np.result_type(a, b)
    where = grid(a.shape[2:], kernel_size, stride, padding, dilation)
    ins, outs = a.shape[1] // groups, b.shape[1]
    weight = np.zeros((groups, ins * math.prod(kernel_size), outs // groups), dtype)
    for images, chunk in chunks(len(a), where, a.shape[1], outs, groups, dtype):
        chunk.take(a[images])
        chunk.results[...] = b[images]
        weight += chunk.columns @ chunk.matrix.mT
    return weight.mT.reshape(outs, ins, *kernel_size)


def _beside(bias: Any, y: Any) -> Any:
    return y.dtype.type(0) if bias is None else bias.reshape(-1, *(1,) * (y.ndim - 2))


def _size(out: Shape, kernel: Shape, stride: Shape, padding: Any, dilation: Shape) -> Shape:
    """Return the size of the images that a transposed convolution gives."""
    return tuple(
        (n - 1) * s + d * (k - 1) + 1 - before - after
        for n, k, s, (before, after), d in zip(out, kernel, stride, padding, dilation, strict=True)
    )


# Batches, and cotangents with leading axes

_ROLES = {"conv": "xwy", "conv_transpose": "ywx", "conv_weight": "xyw"}  # of the two operands and of the result


def _behind(primitive: Primitive, operands: Any, batched: Any, static: Static, n: int) -> Any:
    """Join the batch with an axis that the map leaves alone: images, channels on either side, or groups."""
    if not n:
        return looped(primitive, operands, batched, static, n)
    (*pair, bias), own = (operands, batched) if len(operands) == 3 else ((*operands, None), (*batched, False))
    left_out = [None] * (len(operands) - 2)
    if any(own[:2]):
        roles = _ROLES[primitive.name.rstrip("123d")]
        carriers = {r for r, carries in zip(roles, (*own[:2], True), strict=True) if carries}
        axes = _axes(carriers, static["groups"])
        pair = [_joined(o, *axes[r]) if carries else o for o, r, carries in zip(pair, roles, own, strict=False)]
        static = static | {"groups": static["groups"] * (n if len(carriers) == 3 else 1)}
        y = _parted(primitive.on([*pair, *left_out], static), *axes[roles[2]], n)
    else:
        y = primitive.on([*pair, *left_out], static)[None]
    return y if bias is None else y + _beside_batch(bias if own[2] else bias[None], np.ndim(y) - 1)


def _beside_batch(bias: Any, ndim: int) -> Any:
    """Give each bias of a batch the axes of the images: (n, channels) becomes (n, 1, channels, 1, …)."""
    return np.reshape(bias, (np.shape(bias)[0], 1, np.shape(bias)[1], *(1,) * (ndim - 2)))


def _axes(carriers: set[str], groups: int) -> dict[str, tuple[int, int]]:
    """Return which axis of each array takes the batch, and how many groups that axis has."""
    if carriers == {"x", "y"}:
        return {"x": (0, 1), "y": (0, 1)}
    if carriers == {"w", "y"}:
        return {"w": (0, groups), "y": (1, groups)}
    if carriers == {"x", "w"}:
        return {"x": (1, groups), "w": (1, 1)}
    return {"x": (1, 1), "w": (0, 1), "y": (1, 1)}


def _joined(a: Any, axis: int, groups: int) -> Any:
    """Move the batch axis, the first, into another, behind its groups."""
    n, *shape = np.shape(a)
    split = np.reshape(a, (n, *shape[:axis], groups, shape[axis] // groups, *shape[axis + 1 :]))
    return np.reshape(np.moveaxis(split, 0, axis + 1), (*shape[:axis], n * shape[axis], *shape[axis + 1 :]))


def _parted(a: Any, axis: int, groups: int, n: int) -> Any:
    """Undo :func:`_joined`."""
    shape = np.shape(a)
    own = shape[axis] // n
    split = np.reshape(a, (*shape[:axis], groups, n, own // groups, *shape[axis + 1 :]))
    return np.reshape(np.moveaxis(split, axis + 1, 0), (n, *shape[:axis], own, *shape[axis + 1 :]))


def _led(primitive: Primitive, operands: list[Any], led: int, lead: Shape, **static: Any) -> Any:
    """Apply one of the three to operands of which one has leading axes."""
    n, count = math.prod(lead), len(primitive.operands)
    operands = [*operands, None][:count]
    if not lead:
        return primitive.on(operands, static)
    operands[led] = np.reshape(operands[led], (n, *np.shape(operands[led])[len(lead) :]))
    y = primitive.behind(primitive, operands, [i == led for i in range(count)], static, n)
    return np.reshape(y, lead + np.shape(y)[1:])


# Checks


def _prepared(rank: int, static: Static, kernel: Shape) -> Static:
    stride, dilation = lengths(static["stride"], rank, "stride"), lengths(static["dilation"], rank, "dilation")
    (groups,) = lengths(static["groups"], 1, "groups")
    padding = pairs(static["padding"], kernel, stride, dilation)
    return {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}


def _check(rank: int, operands: tuple[Any, ...], groups: int, transposed: bool) -> None:
    x, weight, bias = operands
    if x.ndim != rank + 2 or weight.ndim != rank + 2:
        raise ValueError(f"images and weight have {rank + 2} axes")
    rows, columns = weight.shape[0], weight.shape[1] * groups
    ins, outs = (rows, columns) if transposed else (columns, rows)
    if x.shape[1] != ins or rows % groups:
        raise ValueError(f"this weight with groups={groups} takes {ins} channels")
    if bias is not None and bias.shape != (outs,):
        raise ValueError(f"bias is one number for each of {outs} channels")


def _exact(x_shape: Shape, kernel: Shape, stride: Shape, padding: Pairs, dilation: Shape) -> Pairs:
    """Return the padding less what no window reaches, so that the transposed map finds the size again."""
    return tuple(
        (before, after - (n + before + after - d * (k - 1) - 1) % s)
        for n, k, s, (before, after), d in zip(x_shape[2:], kernel, stride, padding, dilation, strict=True)
    )


def _declare(rank: int, cases: tuple[Case, ...], transposed: tuple[Case, ...]) -> tuple[Primitive, ...]:
    """Declare the three for images with so many axes."""
    none = (0,) * rank
    image = ", ".join("DHW"[-rank:]) if rank > 1 else "L"

    def prepare(operands: tuple[Any, ...], static: Static) -> Static:
        made = _prepared(rank, static, operands[1].shape[2:])
        _check(rank, operands, made["groups"], False)
        return made

    def prepare_transpose(operands: tuple[Any, ...], static: Static) -> Static:
        made = _prepared(rank, static, operands[1].shape[2:])
        _check(rank, operands, made["groups"], True)
        more = lengths(static["output_padding"], rank, "output_padding", 0)
        if any(m and m >= max(s, d) for m, s, d in zip(more, made["stride"], made["dilation"], strict=True)):
            raise ValueError(f"output_padding is smaller than stride or dilation, not {more}")
        padding = tuple((before, after - m) for (before, after), m in zip(made["padding"], more, strict=True))
        return made | {"padding": padding, "output_padding": none}

    def prepare_weight(operands: tuple[Any, ...], static: Static) -> Static:
        kernel = lengths(static["kernel_size"], rank, "kernel_size")
        return _prepared(rank, static, kernel) | {"kernel_size": kernel}

    def images_bar(
        y_bar: Any, weight: Any, x_shape: Shape, led: int, lead: Shape, stride: Any, padding: Any, dilation: Any,
        groups: int,
    ) -> Any:  # fmt: skip
        padding = _exact(x_shape, np.shape(weight)[-rank:], stride, padding, dilation)
        return _led(
            conv_transpose, [y_bar, weight], led, lead,
            stride=stride, padding=padding, output_padding=none, groups=groups, dilation=dilation,
        )  # fmt: skip

    def bias_bar(y_bar: Any, lead: Shape) -> Any:
        batch = len(lead)
        return summed(y_bar, (batch, *range(batch + 2, batch + 2 + rank)))

    conv: Primitive = bilinear_map(
        _conv,
        (
            lambda y_bar, weight, x_shape, lead, stride, padding, dilation, groups: images_bar(
                y_bar, weight, x_shape, 0, lead, stride, padding, dilation, groups
            ),
            lambda y_bar, x, weight_shape, lead, stride, padding, dilation, groups: _led(
                conv_weight, [x, y_bar], 1, lead,
                kernel_size=weight_shape[2:], stride=stride, padding=padding, dilation=dilation, groups=groups,
            ),
            bias_bar,
        ),
        name=f"conv{rank}d", operands="x weight bias", behind=_behind, method=False, prepare=prepare, cases=cases,
        doc=f"The product of weight with every window of images (N, C, {image}), plus bias: PyTorch's convolution.",
        formulas=(
            lambda y_bar, weight: call("convᵀ", y_bar, weight), lambda y_bar, x: call("columns", x) @ y_bar,
            lambda y_bar: call("Σ", y_bar),
        ),
        expects=f"x (N, in, {image}), weight (out, in/groups, …), bias (out,)",
    )  # fmt: skip

    conv_transpose: Primitive = bilinear_map(
        _conv_transpose,
        (
            lambda y_bar, weight, lead, stride, padding, dilation, groups: _led(
                conv, [y_bar, weight], 0, lead, stride=stride, padding=padding, dilation=dilation, groups=groups
            ),
            lambda y_bar, x, weight_shape, lead, stride, padding, dilation, groups: _led(
                conv_weight, [y_bar, x], 0, lead,
                kernel_size=weight_shape[2:], stride=stride, padding=padding, dilation=dilation, groups=groups,
            ),
            bias_bar,
        ),
        name=f"conv_transpose{rank}d", operands="x weight bias", behind=_behind, method=False,
        prepare=prepare_transpose, cases=transposed,
        doc=f"The adjoint of convolution in its images: windows of weight, added where they lie in (N, out, {image}).",
        formulas=(
            lambda y_bar, weight: call("conv", y_bar, weight), lambda y_bar, x: call("columns", y_bar) @ x,
            lambda y_bar: call("Σ", y_bar),
        ),
        expects=f"x (N, in, {image}), weight (in, out/groups, …), bias (out,)",
    )  # fmt: skip

    conv_weight: Primitive = bilinear_map(
        _conv_weight,
        (
            lambda y_bar, b, a_shape, lead, stride, padding, dilation, groups: images_bar(
                b, y_bar, a_shape, 1, lead, stride, padding, dilation, groups
            ),
            lambda y_bar, a, lead, stride, padding, dilation, groups: _led(
                conv, [a, y_bar], 1, lead, stride=stride, padding=padding, dilation=dilation, groups=groups
            ),
        ),
        name=f"conv_weight{rank}d", operands="a b", behind=_behind, method=False, internal=True,
        prepare=prepare_weight, cases=tuple(_weight_case(c) for c in cases),
        doc="The adjoint of convolution in its weight: every window of a times what b has there, summed.",
        formulas=(lambda y_bar, b: call("convᵀ", b, y_bar), lambda y_bar, a: call("conv", a, y_bar)),
    )  # fmt: skip
    return conv, conv_transpose, conv_weight


def _weight_case(made: Case) -> Case:
    """Return the call for the weight's gradient that belongs to a convolution."""
    x, weight, *_ = made.operands
    rank = len(x) - 2
    static = {"stride": 1, "padding": 0, "dilation": 1, "groups": 1} | dict(made.static)
    static = _prepared(rank, static, weight[2:])
    where = grid(x[2:], weight[2:], static["stride"], static["padding"], static["dilation"])
    return case(x, (x[0], weight[0], *where.out), kernel_size=weight[2:], **made.static)


conv1d, conv_transpose1d, _ = _declare(
    1,
    (
        case((2, 2, 5), (2, 2, 2), (2,)), case((1, 4, 7), (2, 2, 3), stride=2, padding=1, groups=2),
        case((1, 1, 5), (2, 1, 2), padding="same", dilation=2),
    ),
    (
        case((2, 2, 3), (2, 1, 2), (1,)), case((1, 4, 3), (4, 1, 3), stride=2, padding=1, output_padding=1, groups=2),
        case((1, 1, 2), (1, 2, 2), dilation=3, output_padding=2),
    ),
)
conv2d, conv_transpose2d, _ = _declare(
    2,
    (
        case((2, 1, 3, 4), (2, 1, 2, 2), (2,), padding=1),
        case((1, 2, 4, 5), (2, 1, 2, 3), stride=(3, 1), padding=(0, 1), groups=2),
    ),
    (
        case((1, 2, 2, 2), (2, 1, 2, 2), (1,), stride=2),
        case((1, 2, 2, 3), (2, 1, 2, 2), padding=(1, 0), dilation=(2, 1), groups=2),
    ),
)
conv3d, conv_transpose3d, _ = _declare(
    3,
    (case((1, 1, 2, 3, 2), (1, 1, 2, 2, 1), (1,), padding=(1, 0, 0), stride=(1, 1, 2)),),
    (case((1, 1, 1, 2, 2), (1, 1, 2, 1, 2), (1,), stride=(2, 1, 1)),),
)
