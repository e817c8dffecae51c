"""Pooling: one number for every window of images (N, C, …), or of one image (C, …)."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

import autograd
from autograd import ArgumentError, Tensor, as_tensor

Function = Callable[..., Any]
_IMAGES = {1: "(…, L)", 2: "(…, H, W)", 3: "(…, D, H, W)"}


def _named(function: Function, rank: int, doc: str) -> Function:
    """Give the function of one rank its name and docstring."""
    function.__name__ = function.__qualname__ = f"{function.__name__}{rank}d"
    function.__doc__ = doc
    return function


def _nested(value: Any, rank: int) -> Any:
    """Return what an image of one line looks like with more axes."""
    return value if rank == 0 else _nested([value], rank - 1)


def _example(name: str, rank: int, arguments: str, value: Any) -> str:
    image = (1,) * (rank - 1) + (4,)
    return f">>> {name}{rank}d(np.arange(4.0).reshape{(1, *image)}, {arguments}).tolist()\n    {_nested(value, rank)}"


def _line(rank: int, length: int) -> str:
    return str((1,) * (rank - 1) + (length,)) if rank > 1 else str(length)


def _max_pool(rank: int) -> Function:
    pool, index = getattr(autograd, f"max_pool{rank}d"), getattr(autograd, f"max_pool{rank}d_index")

    def max_pool(
        input: Any,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        dilation: Any = 1,
        ceil_mode: bool = False,
        return_indices: bool = False,
    ) -> Any:
        where = (kernel_size, stride, padding, dilation, ceil_mode)
        y = pool(input, *where)
        return (y, index(input, *where)) if return_indices else y

    return _named(
        max_pool,
        rank,
        f"""Return the largest entry of every window of {_IMAGES[rank]}; the first has the gradient where some tie.

    ``stride`` is ``kernel_size`` where it isn't given; ``ceil_mode`` adds the windows that reach beyond the end;
    ``return_indices`` gives their indices in each image too. Raises ShapeError where the kernel doesn't fit.

    {_example("max_pool", rank, _line(rank, 2), [1.0, 3.0])}
    """,
    )


max_pool1d, max_pool2d, max_pool3d = map(_max_pool, (1, 2, 3))


def _avg_pool(rank: int) -> Function:
    pool = getattr(autograd, f"avg_pool{rank}d")

    def avg_pool(
        input: Any,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        divisor_override: int | None = None,
    ) -> Tensor:
        mean: Tensor = pool(input, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override)
        return mean

    return _named(
        avg_pool,
        rank,
        f"""Return the mean of every window of {_IMAGES[rank]}, zeros of the padding included or not.

    ``divisor_override`` divides by another number than that of the entries.

    {_example("avg_pool", rank, _line(rank, 2), [0.5, 2.5])}
    """,
    )


avg_pool1d, avg_pool2d, avg_pool3d = map(_avg_pool, (1, 2, 3))


def _lp_pool(rank: int) -> Function:
    pool = getattr(autograd, f"avg_pool{rank}d")

    def lp_pool(input: Any, norm_type: float, kernel_size: Any, stride: Any = None, ceil_mode: bool = False) -> Tensor:
        entries = math.prod(kernel_size) if np.iterable(kernel_size) else kernel_size**rank
        total = pool(as_tensor(input) ** norm_type, kernel_size, stride, 0, ceil_mode) * entries
        there = total != 0
        return autograd.where(there, autograd.where(there, total, 1.0) ** (1 / norm_type), total)

    return _named(
        lp_pool,
        rank,
        f"""Return (Σ xᵖ)^(1/p) of every window of {_IMAGES[rank]}, with p = ``norm_type``; its derivative at 0 is 0.

    {_example("lp_pool", rank, f"1, {_line(rank, 2)}", [1.0, 5.0])}
    """,
    )


lp_pool1d, lp_pool2d, lp_pool3d = map(_lp_pool, (1, 2, 3))


def _sizes(rank: int, input: Any, output_size: Any) -> tuple[int, ...]:
    """Return how many windows are wanted along each axis; None leaves an axis as it is."""
    given = tuple(output_size) if np.iterable(output_size) else (output_size,) * rank
    shape = np.shape(input)[-rank:]
    if len(given) != rank or len(shape) != rank:
        raise ArgumentError(
            f"adaptive pooling of {_IMAGES[rank]}",
            f"a number, or {rank} of them",
            f"output_size={output_size} for shape {np.shape(input)}",
            "None keeps the length of an axis",
        )
    return tuple(n if o is None else o for n, o in zip(shape, given, strict=True))


def _adaptive_max_pool(rank: int) -> Function:
    def adaptive_max_pool(input: Any, output_size: Any, return_indices: bool = False) -> Any:
        size = _sizes(rank, input, output_size)
        y = autograd.adaptive_max_pool(input, size)
        return (y, autograd.adaptive_max_pool_index(input, size)) if return_indices else y

    return _named(
        adaptive_max_pool,
        rank,
        f"""Return the largest entries of as many windows of {_IMAGES[rank]} as asked for; they cover it evenly.

    {_example("adaptive_max_pool", rank, _line(rank, 2), [1.0, 3.0])}
    """,
    )


adaptive_max_pool1d, adaptive_max_pool2d, adaptive_max_pool3d = map(_adaptive_max_pool, (1, 2, 3))


def _adaptive_avg_pool(rank: int) -> Function:
    def adaptive_avg_pool(input: Any, output_size: Any) -> Tensor:
        return autograd.adaptive_avg_pool(input, _sizes(rank, input, output_size))

    return _named(
        adaptive_avg_pool,
        rank,
        f"""Return the means of as many windows of {_IMAGES[rank]} as asked for; they cover it evenly.

    {_example("adaptive_avg_pool", rank, _line(rank, 2), [0.5, 2.5])}
    """,
    )


adaptive_avg_pool1d, adaptive_avg_pool2d, adaptive_avg_pool3d = map(_adaptive_avg_pool, (1, 2, 3))


def _max_unpool(rank: int) -> Function:
    def max_unpool(
        input: Any, indices: Any, kernel_size: Any, stride: Any = None, padding: Any = 0, output_size: Any = None
    ) -> Tensor:
        def each(value: Any) -> tuple[int, ...]:
            return tuple(value) if np.iterable(value) else (value,) * rank

        steps = each(kernel_size if stride is None else stride)
        lengths = zip(np.shape(input)[-rank:], each(kernel_size), steps, each(padding), strict=True)
        size = tuple((n - 1) * s - 2 * p + k for n, k, s, p in lengths)
        return autograd.max_unpool(input, indices, size if output_size is None else tuple(output_size)[-rank:])

    return _named(
        max_unpool,
        rank,
        f"""Return images {_IMAGES[rank]} with the entries where max pooling's ``indices`` say, and zeros elsewhere.

    ``output_size`` where the pooled images weren't as large as the windows side by side.

    >>> pooled = max_pool{rank}d(np.arange(4.0).reshape{(1,) * rank + (4,)}, {_line(rank, 2)}, return_indices=True)
    >>> max_unpool{rank}d(*pooled, {_line(rank, 2)}).tolist()
    {_nested([0.0, 1.0, 0.0, 3.0], rank)}
    """,
    )


max_unpool1d, max_unpool2d, max_unpool3d = map(_max_unpool, (1, 2, 3))
