"""L-BFGS with a closure: a quasi-Newton method that evaluates the loss several times in a step."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np

from autograd import ArgumentError, Flat, Tensor, enable_grad
from nn.optim.optimizer import Optimizer

Evaluate = Callable[[Any], tuple[float, Any]]  # a step length ↦ the loss there, and its gradient


class LBFGS(Optimizer):
    """Limited-memory BFGS: ``p ← p + t·d, d = −H g``, H built from the last ``history_size`` changes of p and g.

    One :meth:`step` makes up to ``max_iter`` updates, with at most ``max_eval`` evaluations of the closure (by default
    1.25 times as many). t is ``lr``, less at the very first update; with ``line_search_fn="strong_wolfe"`` it is
    searched until the loss falls and its slope flattens enough. A step ends where no entry of the gradient exceeds
    ``tolerance_grad``, or loss and parameters change by less than ``tolerance_change``. All parameters are in one
    group, of one dtype. Steps are PyTorch's, entry for entry.

    Sources: Liu and Nocedal, On the limited memory BFGS method (1989); Nocedal and Wright, Numerical Optimization
    (2006), algorithms 3.5 and 7.4; the manual of torch.optim.LBFGS.

    >>> from autograd import Parameter
    >>> w = Parameter([-1.2, 1.0])
    >>> optimizer = LBFGS([w], line_search_fn="strong_wolfe", max_iter=100)
    >>> def closure():
    ...     optimizer.zero_grad()
    ...     loss = (1 - w[0]) ** 2 + 100 * (w[1] - w[0] ** 2) ** 2
    ...     loss.backward()
    ...     return loss
    >>> first = optimizer.step(closure)
    >>> w.data.round(3)
    array([1., 1.])

    Raises ArgumentError for several groups, and for a step without a closure.
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1,
        max_iter: int = 20,
        max_eval: int | None = None,
        tolerance_grad: float = 1e-7,
        tolerance_change: float = 1e-9,
        history_size: int = 100,
        line_search_fn: str | None = None,
    ) -> None:
        if max_eval is None:
            max_eval = max_iter * 5 // 4
        self._memory: dict[str, Any] = {}
        super().__init__(params, locals())
        self._flat = Flat(self.param_groups[0]["params"])

    def add_param_group(self, param_group: Mapping[str, Any]) -> None:
        """Take the one group of parameters."""
        if self.param_groups:
            raise ArgumentError("LBFGS", "one group", "several", "give all parameters in one list")
        super().add_param_group(param_group)

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Update the parameters several times; ``closure`` computes loss and gradients. Return the first loss."""
        if closure is None:
            raise ArgumentError(
                "LBFGS.step(closure)",
                "a closure that computes the loss and its gradients",
                "none",
                "pass a function that calls zero_grad() and backward() and returns the loss",
            )
        h, n = self.param_groups[0], self._memory
        if not self._flat.intact():
            self._flat = Flat(h["params"])
        flat, search = self._flat, h["line_search_fn"] is not None

        def evaluate() -> tuple[Any, float, Any]:
            with enable_grad():
                loss = closure()
            return loss, float(loss.item() if isinstance(loss, Tensor) else loss), np.array(flat.gradient())

        first, loss, g = evaluate()
        evaluations = 1
        n.setdefault("n_iter", 0)
        n["func_evals"] = n.get("func_evals", 0) + 1
        if np.abs(g).max(initial=0) <= h["tolerance_grad"]:
            return first
        for iteration in range(1, h["max_iter"] + 1):
            n["n_iter"] += 1
            if n["n_iter"] == 1:
                n |= {"d": -g, "old_dirs": [], "old_stps": [], "ro": [], "H_diag": 1.0}
                t = min(1.0, 1 / float(np.abs(g).sum())) * h["lr"]
            else:
                _remember(n, g - n["prev_flat_grad"], n["d"] * n["t"], h["history_size"])
                n["d"] = _direction(n, g)
                t = h["lr"]
            d = n["d"]
            n |= {"prev_flat_grad": g, "prev_loss": loss, "t": t}
            before, slope, used = loss, float(g @ d), 0
            if slope > -h["tolerance_change"]:
                break
            start = flat.value.copy()
            if search:

                def along(t: float, start: Any = start, d: Any = d) -> tuple[float, Any]:
                    self._put(start + t * d)
                    return evaluate()[1:]

                budget = h["max_eval"] - evaluations
                (t, loss, g, _), used = strong_wolfe(along, t, d, End(0, loss, g, slope), h["tolerance_change"], budget)
                n["t"] = t
            self._put(start + t * d)
            if not search and iteration < h["max_iter"]:
                _, loss, g = evaluate()
                used = 1
            evaluations += used
            n["func_evals"] += used
            if (
                evaluations >= h["max_eval"]
                or np.abs(g).max() <= h["tolerance_grad"]
                or np.abs(d * t).max() <= h["tolerance_change"]
                or abs(loss - before) < h["tolerance_change"]
            ):
                break
        return first

    def _put(self, value: Any) -> None:
        self._flat.stamp()
        self._flat.value[...] = value

    # Saving and copying

    @property
    def state(self) -> dict[Tensor, dict[str, Any]]:
        """What the steps remember, under the first parameter, by PyTorch's names."""
        return {self.param_groups[0]["params"][0]: self._memory} if self._memory else {}

    def state_dict(self) -> dict[str, Any]:
        """Return a copy of state and hyperparameters."""
        group = self.param_groups[0]
        state = {0: copy.deepcopy(self._memory)} if self._memory else {}
        return {"state": state, "param_groups": [group | {"params": list(range(len(group["params"])))}]}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Take over what :meth:`state_dict` returned. Raises ArgumentError for another number of entries."""
        (saved,), state = state_dict["param_groups"], state_dict["state"].get(0, {})
        size = self._flat.value.size
        if len(saved["params"]) != len(self._flat.leaves) or np.size(state.get("d", self._flat.value)) != size:
            got = f"{len(saved['params'])} parameters, {np.size(state.get('d', ()))} entries"
            expected = f"{len(self._flat.leaves)} parameters, {size} entries"
            raise ArgumentError("LBFGS.load_state_dict", expected, got, "build the optimizer as the saved one was")
        self._memory = copy.deepcopy(dict(state))
        self.param_groups[0] |= {k: v for k, v in saved.items() if k != "params"}

    def __getstate__(self) -> dict[str, Any]:
        return {k: v for k, v in self.__dict__.items() if k != "_flat"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._flat = Flat(self.param_groups[0]["params"])


def _remember(n: dict[str, Any], y: Any, s: Any, history_size: int) -> None:
    """Keep a change of the gradient and one of the parameters, if the loss curves upwards between them."""
    curving = y @ s
    if not curving > 1e-10:
        return
    for kept, new in (("old_dirs", y), ("old_stps", s), ("ro", 1 / curving)):
        n[kept] = [*n[kept], new][-history_size:]
    n["H_diag"] = curving / (y @ y)


def _direction(n: dict[str, Any], g: Any) -> Any:
    """Return −H g by the two loops over what is remembered."""
    q, weights = -g, []
    pairs = list(zip(n["old_dirs"], n["old_stps"], n["ro"], strict=True))
    for y, s, ro in reversed(pairs):
        weights.append((s @ q) * ro)
        q = q - weights[-1] * y
    r = q * n["H_diag"]
    for (y, s, ro), weight in zip(pairs, reversed(weights), strict=True):
        r = r + (weight - (y @ r) * ro) * s
    return r


class End(NamedTuple):
    """A step length that was tried: the loss there, its gradient, and its slope along the direction."""

    t: float
    loss: float
    g: Any
    slope: float


def strong_wolfe(
    evaluate: Evaluate, t: float, d: Any, start: End, tolerance: float, budget: int, c1: float = 1e-4, c2: float = 0.9
) -> tuple[End, int]:
    """Return a step length with ``f ≤ f₀ + c₁t f₀′`` and ``|f′| ≤ c₂|f₀′|``, and how often the loss was computed.

    First the step grows until a good one is bracketed, then the bracket shrinks, both by cubic interpolation; after
    ``budget`` evaluations, or in a bracket below ``tolerance``, the best so far is taken.
    Source: Nocedal and Wright, algorithms 3.5 and 3.6, with the safeguards of Schmidt's minFunc.
    """

    def at(t: float) -> End:
        loss, g = evaluate(t)
        return End(t, loss, g, float(g @ d))

    def high(end: End) -> bool:
        return end.loss > start.loss + c1 * end.t * start.slope

    def flat(end: End) -> bool:
        return abs(end.slope) <= -c2 * start.slope

    new, previous, tries = at(t), start, 0
    bracket = None
    while tries < budget:
        if high(new) or (tries > 1 and new.loss >= previous.loss):
            bracket = [previous, new]
            break
        if flat(new):
            return new, tries + 1
        if new.slope >= 0:
            bracket = [previous, new]
            break
        t = interpolated(previous, new, (new.t + 0.01 * (new.t - previous.t), new.t * 10))
        previous, new, tries = new, at(t), tries + 1
    if bracket is None:
        bracket = [start, new]
    low, stuck, width = int(not bracket[0].loss <= bracket[1].loss), False, float(np.abs(d).max())
    evaluations = tries + 1
    while tries < budget:
        left, right = sorted(end.t for end in bracket)
        if (right - left) * width < tolerance:
            break
        t, margin = interpolated(bracket[0], bracket[1], (left, right)), 0.1 * (right - left)
        near = min(right - t, t - left) < margin
        if near and (stuck or t >= right or t <= left):
            t = right - margin if abs(t - right) < abs(t - left) else left + margin
            near = False
        stuck = near
        new, tries, evaluations = at(t), tries + 1, evaluations + 1
        if high(new) or new.loss >= bracket[low].loss:
            bracket[1 - low] = new
            low = int(not bracket[0].loss <= bracket[1].loss)
            continue
        if not flat(new) and new.slope * (bracket[1 - low].t - bracket[low].t) >= 0:
            bracket[1 - low] = bracket[low]
        bracket[low] = new
        if flat(new):
            break
    return bracket[low], evaluations


def interpolated(a: End, b: End, bounds: tuple[float, float]) -> float:
    """Return where the cubic through two losses and slopes is smallest, within the bounds; their middle if nowhere."""
    if a.t > b.t:
        a, b = b, a
    with np.errstate(all="ignore"):  # a cubic that is a line has its minimum nowhere
        d1 = a.slope + b.slope - np.float64(3 * (a.loss - b.loss)) / (a.t - b.t)
        square = d1**2 - a.slope * b.slope
        if not square >= 0:
            return sum(bounds) / 2
        d2 = np.sqrt(square)
        t = float(b.t - (b.t - a.t) * ((b.slope + d2 - d1) / (b.slope - a.slope + 2 * d2)))
    return min(max(t, bounds[0]), bounds[1])
