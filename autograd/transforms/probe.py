"""What a derivative is compared with: central differences, the complex step, and a look for kinks."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.graph.mode import no_grad
from autograd.graph.order import falling
from autograd.tensor import Tensor, as_tensor, raw
from autograd.transforms.gradient import Traced
from autograd.transforms.structure import leaves, rebuild

TINY = 1e-30  # the complex step: nothing is subtracted, so no step is too small


class Probe:
    """One output as a function of a move of one input: ``probe(move)`` is ``f(x + move)``, flat."""

    def __init__(self, f: Callable[..., Any], args: tuple[Any, ...], traced: Traced, which: int, output: str) -> None:
        self.f, self.args, self.traced, self.which, self.output = f, args, traced, which, output
        self.path, self.x = traced.inputs[which][0], np.asarray(raw(traced.inputs[which][1]))
        if output != "output":
            self.path += f" → {output}"

    def _run(self, moved: Any, form: Callable[[Any], Any]) -> Any:
        values = [np.array(raw(v)) for _, v in self.traced.inputs]
        values[self.which] = moved
        following = iter([form(v[()]) for v in values])
        args = list(self.args)
        for n in self.traced.argnums:
            args[n] = rebuild(args[n], lambda _: next(following))
        with no_grad():
            return np.asarray(raw(dict(leaves(self.f(*args), "output"))[self.output]))

    def __call__(self, move: Any) -> Any:
        return self._run((self.x + move).astype(self.x.dtype), as_tensor).astype(float).reshape(-1)

    def slope(self, direction: Any, h: float, guess: Any, atol: float, rtol: float) -> Any:
        """Return central differences; where they disagree, smaller steps say whether the function is just steep."""

        def central(step: float) -> Any:
            return (self(step * direction) - self(-step * direction)) / (2 * step)

        best = central(h)
        for step in (h / 8, h / 64):
            if guess is None or np.all(abs(best - guess) <= atol + rtol * abs(best)):
                break
            finer = central(step)
            best = np.where(abs(finer - guess) < abs(best - guess), finer, best)
        return best

    def exact(self, direction: Any) -> Any:
        """Return ``Im f(x + ih·ẋ)/h``, or None where ``f`` doesn't run on complex arrays.

        Source: Squire & Trapp, Using complex variables to estimate derivatives of real functions (1998).
        """
        try:
            with warnings.catch_warnings(), np.errstate(all="ignore"):
                warnings.simplefilter("error", np.exceptions.ComplexWarning)
                y = self._run(self.x.astype(float) + 1j * TINY * direction, lambda v: v).reshape(-1)
        except Exception:  # whatever a function made for real numbers does with others
            return None
        return y.imag / TINY

    def kink(self, direction: Any, rows: Any) -> bool:
        """Tell whether the slopes on both sides differ, and go on differing as the step shrinks."""

        def gap(step: float) -> float:
            left, here, right = (self(s * direction)[rows] for s in (-step, 0.0, step))
            slopes = (here - left) / step, (right - here) / step
            return float(np.max(abs(slopes[1] - slopes[0]) / np.maximum(1.0, np.maximum(*map(abs, slopes)))))

        h = float(np.finfo(self.x.dtype).eps) ** (1 / 3)
        wide, narrow = gap(h), gap(h / 8)
        return not wide <= 1e-3 and not narrow <= wide / 2


def analytic(traced: Traced, y: Tensor) -> bool:
    """Tell whether every step from the inputs to an output takes complex numbers."""
    steps = falling([y.node], traced.nodes) if y.requires_grad else []
    return all(node.primitive is not None and node.primitive.analytic for node in steps)
