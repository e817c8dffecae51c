"""LayerStatistics: gradients and activations of every layer, epoch by epoch."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd import Tensor
from nn.callbacks.callback import Callback
from nn.data.dataset import plain

if TYPE_CHECKING:
    from nn.training import Run


class LayerStatistics(Callback):
    """Measure each layer while it learns, for ``history.plot_gradients()`` and ``history.plot_activations()``.

    ``history.layers`` gets, by module path, the layer's ``kind`` and a list with one entry for each epoch: for layers
    with parameters ``gradient``, the root mean square of their gradients; for modules without others inside the
    ``mean``, the standard deviation ``std`` and the share of zeros ``zero`` of their (first) output. NaN: not measured.
    Vanishing gradients and dead units show in them (course 14).

    >>> import nn
    >>> model, data = nn.Sequential(nn.Linear(2, 4), nn.ReLU()), (np.ones((8, 2)), np.ones((8, 4)))
    >>> options = {"loss": nn.MSELoss(), "optimizer": nn.optim.Adam, "epochs": 3}
    >>> history = nn.fit(model, data, callbacks=[LayerStatistics()], **options)
    >>> len(history.layers["0"]["gradient"]), list(history.layers["1"])
    (3, ['kind', 'mean', 'std', 'zero'])
    """

    def __init__(self) -> None:
        self._squares: dict[str, list[float]] = {}
        self._outputs: dict[str, list[tuple[float, ...]]] = {}

    @contextlib.contextmanager
    def around(self, run: Run) -> Iterator[None]:
        """Listen to the modules."""
        modules = list(run.model.named_modules())
        self._squares = {name: [] for name, module in modules if any(True for _ in module.parameters(recurse=False))}
        leaves = {name: module for name, module in modules if not any(True for _ in module.children())}
        self._outputs = {name: [] for name in leaves}
        handles = [module.register_forward_hook(self._listener(name)) for name, module in leaves.items()]
        try:
            yield
        finally:
            for handle in handles:
                handle.remove()

    def _listener(self, name: str) -> Any:
        def listen(module: Any, args: Any, output: Any) -> None:
            first = output[0] if isinstance(output, tuple) else output
            if module.training and isinstance(first, Tensor) and first.dtype.kind == "f" and first.size:
                values = plain(first)
                with np.errstate(all="ignore"):  # an overflow is the training's to tell
                    spread = float(values.mean(dtype=np.float64)), float(values.var(dtype=np.float64))
                self._outputs[name].append((values.size, *spread, values.size - np.count_nonzero(values)))

        return listen

    def after_backward(self, run: Run) -> None:
        for name, found in self._squares.items():
            grads = [
                p.grad.numpy() for p in run.model.get_submodule(name).parameters(recurse=False) if p.grad is not None
            ]
            if grads:
                found.append(
                    sum(float(np.square(g, dtype=np.float64).sum()) for g in grads) / sum(g.size for g in grads)
                )

    def after_epoch(self, run: Run) -> None:
        for name, module in run.model.named_modules():
            numbers: dict[str, float] = {}
            if name in self._squares:
                numbers["gradient"] = float(np.sqrt(np.mean(self._squares[name]))) if self._squares[name] else np.nan
                self._squares[name] = []
            if name in self._outputs:
                numbers |= _together(self._outputs[name])
                self._outputs[name] = []
            if numbers:
                layer = run.history.layers.setdefault(name, {"kind": type(module).__name__})
                for what, number in numbers.items():
                    layer.setdefault(what, []).append(number)


def _together(found: list[tuple[float, ...]]) -> dict[str, float]:
    """Return mean, standard deviation and share of zeros of all batches, from those of each."""
    if not found:
        return dict.fromkeys(("mean", "std", "zero"), np.nan)
    sizes, means, variances, zeros = np.array(found).T
    share = sizes / sizes.sum()
    with np.errstate(all="ignore"):
        mean = share @ means
        std = np.sqrt(share @ (variances + (means - mean) ** 2))
    return {"mean": float(mean), "std": float(std), "zero": float(zeros.sum() / sizes.sum())}
