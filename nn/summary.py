"""The table of a model: what each layer gives, holds and costs."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd import Tensor, no_grad

if TYPE_CHECKING:
    from nn.module import Module


@dataclass(frozen=True)
class Row:
    """One layer: its path, its kind, the shape it gave to one example, its parameters and multiply-adds."""

    path: str
    kind: str
    output: tuple[int, ...] | None  # None where it wasn't called, or gave no single array
    parameters: int
    multiply_adds: int


@dataclass(frozen=True)
class Summary:
    """The rows of a model's layers, in the order of named_modules(); its text is the table."""

    rows: tuple[Row, ...]

    def __str__(self) -> str:
        table = [("layer", "output", "parameters", "multiply-adds")]
        for row in self.rows:
            depth, name = row.path.count(".") + 1 if row.path else 0, row.path.rpartition(".")[2]
            shape = "–" if row.output is None else f"(N, {', '.join(map(str, row.output))})" if row.output else "(N,)"
            label = "  " * depth + f"{name} {row.kind}".strip()
            table.append((label, shape, f"{row.parameters:,}", f"{row.multiply_adds:,}"))
        widths = [max(map(len, column)) for column in zip(*table, strict=True)]
        return "\n".join(
            f"{a:<{widths[0]}}   {b:<{widths[1]}}   {c:>{widths[2]}}   {d:>{widths[3]}}" for a, b, c, d in table
        )

    __repr__ = __str__


def summarize(model: Module, input_shapes: tuple[tuple[int, ...], ...], dtype: Any) -> Summary:
    """Run the model once on a batch of one, in evaluation, and note what every module does.

    The counts of a module include those of the modules inside; what is shared is counted once in each.
    """
    outputs: dict[Module, Any] = {}
    costs: dict[Module, int] = {}

    def note(module: Module, inputs: tuple[Any, ...], output: Any) -> None:
        outputs[module] = output
        costs[module] = costs.get(module, 0) + module.multiply_adds(inputs, output)

    modes = [(module, module.training) for module in model.modules()]
    hooks = [module.register_forward_hook(note) for module in model.modules()]
    dtype = dtype or next((p.dtype for p in model.parameters()), np.float32)
    try:
        model.eval()
        with no_grad():
            model(*[np.zeros((1, *shape), dtype) for shape in input_shapes])
    finally:
        for hook in hooks:
            hook.remove()
        for module, mode in modes:
            module.training = mode
    return Summary(
        tuple(
            Row(
                path,
                kind(module),
                np.shape(output)[1:] if isinstance(output := outputs.get(module), (Tensor, np.ndarray)) else None,
                sum(p.size for p in module.parameters()),
                sum(costs.get(m, 0) for m in module.modules()),
            )
            for path, module in model.named_modules()
        )
    )


def kind(module: Module) -> str:
    """Return what a module is called in a table or a picture: ``Linear(8 → 64)``, ``ReLU``, ``Dropout(0.5)``."""
    sizes = [getattr(module, f"{side}_features", None) for side in ("in", "out")]
    if None not in sizes:
        return f"{type(module).__name__}({sizes[0]} → {sizes[1]})"
    first = [getattr(module, name, None) for name in list(inspect.signature(type(module).__init__).parameters)[1:2]]
    plain = [f"{v:g}" if isinstance(v, float) else f"{v}" for v in first if type(v) in (int, float)]
    return type(module).__name__ + (f"({plain[0]})" if plain else "")


def described(module: Module) -> str:
    """Return the kind, and the mode where ``forward`` asks for it: ``Dropout(0.5), training``."""
    asks = "training" in getattr(getattr(type(module).forward, "__code__", None), "co_names", ())
    return kind(module) + ((", training" if module.training else ", evaluation") if asks else "")
