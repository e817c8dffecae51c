"""The worked cases of the course, each with the numbers that are printed there or follow from them."""

from __future__ import annotations

import math
from typing import NamedTuple

from autograd.functions import functions
from autograd.graph.mode import no_grad
from autograd.tensor import Parameter, Tensor


class Check(NamedTuple):
    """A number as it is printed, and as it was computed."""

    what: str
    printed: str
    found: float

    @property
    def holds(self) -> bool:
        """Whether the two agree to the last printed digit."""
        digits = len(self.printed.partition(".")[2])
        return abs(self.found - float(self.printed.replace("−", "-"))) <= 0.5000001 * 10.0**-digits


class Case(NamedTuple):
    """One worked case: what is differentiated, and the numbers it must give."""

    title: str
    file: str
    output: Tensor
    checks: list[Check]


def product_of_a_sum() -> Case:
    """Return f = z·(x + y): upstream × local, the smallest chain."""
    x, y, z = (_input(v, n) for v, n in ((-2.0, "x"), (5.0, "y"), (-4.0, "z")))
    q = _named(x + y, "q")
    f = _named(z * q, "f")
    f.backward()
    printed = {"q": "3", "f": "−12", "∂f/∂z": "3", "∂f/∂q": "−4", "∂f/∂x": "−4", "∂f/∂y": "−4"}
    return Case("f = z·(x + y)", "1-product-of-a-sum", f, _checks(printed, _numbers(f, x, y, z, q)))


def linear_regression() -> Case:
    """Return L = (x·w + b − y)² at one point, with the P³, P⁵ and P⁷ of the course."""
    x, y, w, b = _input(1.0, "x"), _input(2.0, "y"), Parameter(5.0, "w"), Parameter(1.0, "b")
    v3 = (x * w).retain_grad()
    v5 = (v3 + b).retain_grad()
    v7 = (v5 - y).retain_grad()
    L = _named(v7**2, "L")
    L.backward()
    printed = {"v₃": "5", "v₅": "6", "v₇": "4", "L": "16", "P⁸": "1", "P⁷": "8", "P⁵": "8", "P³": "8"}
    printed |= {"∂L/∂w": "8", "∂L/∂b": "8", "∂L/∂x": "40", "∂L/∂y": "−8"}
    found = _numbers(L, x, y, w, b) | {"v₃": v3.item(), "v₅": v5.item(), "v₇": v7.item()}
    found |= {"P⁸": _grad(L), "P⁷": _grad(v7), "P⁵": _grad(v5), "P³": _grad(v3)}
    return Case("L = (x·w + b − y)²", "2-linear-regression", L, _checks(printed, found))


def sigmoid_network() -> Case:
    """Return the 2-2-2 sigmoid network: forward, all gradients, and one step of gradient descent at rate ½."""
    sigmoid = functions["sigmoid"]
    i1, i2 = _input(0.05, "i₁"), _input(0.10, "i₂")
    weights = (0.15, 0.20, 0.25, 0.30, 0.40, 0.45, 0.50, 0.55)
    w1, w2, w3, w4, w5, w6, w7, w8 = w = [Parameter(v, f"w{s}") for v, s in zip(weights, "₁₂₃₄₅₆₇₈", strict=True)]
    b1, b2 = Parameter(0.35, "b₁"), Parameter(0.60, "b₂")
    h1 = _named(sigmoid(w1 * i1 + w2 * i2 + b1), "h₁")
    h2 = _named(sigmoid(w3 * i1 + w4 * i2 + b1), "h₂")
    o1 = _named(sigmoid(w5 * h1 + w6 * h2 + b2), "o₁")
    o2 = _named(sigmoid(w7 * h1 + w8 * h2 + b2), "o₂")
    E = _named(((o1 - 0.01) ** 2 + (o2 - 0.99) ** 2) / 2, "E")
    E.backward()
    with no_grad():
        updated = w5 - 0.5 * w5.grad  # type: ignore[operator]  # backward has just collected it
    printed = {
        "h₁": "0.593269992", "h₂": "0.596884378", "o₁": "0.751365070", "o₂": "0.772928465", "E": "0.298371109",
        "∂E/∂w₁": "0.000438568", "∂E/∂w₂": "0.000877135", "∂E/∂w₃": "0.000497713", "∂E/∂w₄": "0.000995425",
        "∂E/∂w₅": "0.082167041", "∂E/∂w₆": "0.082667628", "∂E/∂w₇": "−0.022602540", "∂E/∂w₈": "−0.022740242",
        "∂E/∂b₁": "0.018725609", "∂E/∂b₂": "0.100400325", "∂E/∂h₁": "0.036350306", "new w₅": "0.35891648",
    }  # fmt: skip
    found = _numbers(E, *w, b1, b2, h1, h2, o1, o2) | {"new w₅": updated.item()}
    return Case("E = ½·Σ(o − t)², a 2-2-2 sigmoid network", "3-sigmoid-network", E, _checks(printed, found))


def _input(value: float, name: str) -> Tensor:
    return Tensor(value, requires_grad=True, name=name)


def _named(tensor: Tensor, name: str) -> Tensor:
    tensor.name = name
    return tensor.retain_grad()


def _grad(tensor: Tensor) -> float:
    return math.nan if tensor.grad is None else float(tensor.grad)


def _numbers(output: Tensor, *tensors: Tensor) -> dict[str, float]:
    """Return the value and the gradient of each tensor under the names that people give them."""
    values = {str(t.name): t.item() for t in (output, *tensors)}
    return values | {f"∂{output.name}/∂{t.name}": _grad(t) for t in tensors}


def _checks(printed: dict[str, str], found: dict[str, float]) -> list[Check]:
    return [Check(what, number, found[what]) for what, number in printed.items()]
