"""What every optimizer shares: parameter groups, state, and the driver that applies its one update rule."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from autograd import ArgumentError, Tensor, enable_grad
from nn.optim.blocks import Numbers, Packed

Hyperparameters = Mapping[str, Any]
optimizers: dict[str, type[Optimizer]] = {}  # every optimizer by its name

_VALID: dict[str, tuple[Callable[[Any], bool], str]] = {
    "lr": (lambda v: v >= 0, "lr ≥ 0"),
    "momentum": (lambda v: v >= 0, "momentum ≥ 0"),
    "weight_decay": (lambda v: v >= 0, "weight_decay ≥ 0"),
    "eps": (lambda v: v >= 0, "eps ≥ 0"),
    "alpha": (lambda v: v >= 0, "alpha ≥ 0"),
    "rho": (lambda v: 0 <= v <= 1, "rho in [0, 1]"),
    "lr_decay": (lambda v: v >= 0, "lr_decay ≥ 0"),
    "initial_accumulator_value": (lambda v: v >= 0, "initial_accumulator_value ≥ 0"),
    "momentum_decay": (lambda v: v >= 0, "momentum_decay ≥ 0"),
    "betas": (lambda v: len(v) == 2 and all(0 <= b < 1 for b in v), "two betas in [0, 1)"),
    "etas": (lambda v: len(v) == 2 and 0 < v[0] < 1 < v[1], "etas with 0 < η⁻ < 1 < η⁺"),
    "max_iter": (lambda v: v >= 1, "max_iter ≥ 1"),
    "history_size": (lambda v: v >= 1, "history_size ≥ 1"),
    "line_search_fn": (lambda v: v in (None, "strong_wolfe"), "line_search_fn None or 'strong_wolfe'"),
    "step_sizes": (lambda v: len(v) == 2 and 0 <= v[0] <= v[1], "step_sizes with 0 ≤ smallest ≤ largest"),
}
_KNOWN = {"params", "param_names", "name", "initial_lr"}  # keys of a group that aren't hyperparameters
_TORCH = {"foreach", "fused", "capturable", "differentiable"}  # and how PyTorch goes about it


class Optimizer:
    """Parameters in groups, each with its hyperparameters, and one update rule for them all.

    A subclass says three things. :meth:`arrays` names the state that has an entry for each entry of a parameter,
    with what it starts from; :meth:`advance` counts the steps of a parameter (and keeps other plain numbers);
    :meth:`rule` is the update itself. The rest is here: ``param_groups``, ``state``, ``step``, ``state_dict``.

    Raises ArgumentError for no parameters, for one in two groups, for what isn't a leaf of floating dtype, and for a
    hyperparameter out of its range.
    """

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        optimizers[cls.__name__] = cls

    def __init__(self, params: Iterable[Any], defaults: dict[str, Any]) -> None:
        where = f"{type(self).__name__}(params)"
        if isinstance(params, Tensor):
            raise ArgumentError(where, "an iterable of parameters", "one tensor", "put it in a list: [parameter]")
        if hasattr(params, "named_parameters"):
            raise ArgumentError(
                where, "an iterable of parameters", f"a module, {type(params).__name__}", "pass model.parameters()"
            )
        if not isinstance(params, Iterable) or isinstance(params, (str, Mapping)):
            got = f"{type(params).__name__}"
            raise ArgumentError(where, "an iterable of parameters", got, "pass model.parameters(), with brackets")
        self.defaults = {k: v for k, v in defaults.items() if k not in ("self", "params", "__class__")}
        self.param_groups: list[dict[str, Any]] = []
        self._packed: list[list[Packed]] = []
        groups = list(params)
        if not groups:
            raise ArgumentError(
                where,
                "at least one parameter",
                "none",
                "pass model.parameters(); layers in a plain list are not found: use nn.ModuleList",
            )
        for group in groups if isinstance(groups[0], dict) else [{"params": groups}]:
            self.add_param_group(group)

    # What a subclass says

    def arrays(self, h: Hyperparameters) -> dict[str, float]:
        """Return the names of the state's arrays, each with the value it starts from."""
        return {}

    def numbers(self, h: Hyperparameters) -> Numbers:
        """Return the state's plain numbers before the first step."""
        return {"step": 0}

    def advance(self, h: Hyperparameters, n: Numbers) -> Numbers:
        """Return the plain numbers of the next step."""
        return {"step": n["step"] + 1}

    @staticmethod
    def rule(h: Hyperparameters, n: Numbers, p: Any, g: Any, *args: Any, **state: Any) -> tuple[Any, ...]:
        """Return the new parameter and the new state, from the old ones and the gradient, entry by entry.

        On arrays ``x *= …`` writes in place and spares a temporary; on numbers and on anything else that can't be
        written to, the same line makes a new value, so that a rule is a pure function. ``g`` is never written.
        """
        raise NotImplementedError("an optimizer needs a rule, or a step of its own")

    # Groups

    def add_param_group(self, param_group: Mapping[str, Any]) -> None:
        """Add parameters with their own hyperparameters, for example layers that were frozen until now.

        >>> import nn
        >>> model = nn.Linear(2, 1)
        >>> optimizer = nn.optim.SGD([model.weight], lr=0.1)
        >>> optimizer.add_param_group({"params": [model.bias], "lr": 0.01})
        >>> [group["lr"] for group in optimizer.param_groups]
        [0.1, 0.01]
        """
        where = f"{type(self).__name__}.add_param_group"
        if not isinstance(param_group, Mapping) or "params" not in param_group:
            got = f"the names {sorted(param_group)}" if isinstance(param_group, Mapping) else type(param_group).__name__
            raise ArgumentError(where, 'a dict with "params"', got, 'write {"params": [...], "lr": 0.01}')
        given = param_group["params"]
        entries = [given] if isinstance(given, Tensor) else list(given)
        named = bool(entries) and all(isinstance(e, tuple) for e in entries)
        parameters = [p for _, p in entries] if named else entries
        for p in parameters:
            if not isinstance(p, Tensor) or not p.is_leaf or p.dtype.kind != "f":
                got = f"{p.node.label} of dtype {p.dtype}" if isinstance(p, Tensor) else type(p).__name__
                raise ArgumentError(where, "leaves of floating dtype", got, "pass the parameters themselves")
        group = self.defaults | dict(param_group) | {"params": list(dict.fromkeys(parameters))}  # tied ones once
        if named:
            group["param_names"] = list({p: name for name, p in entries}.values())
        for key in group.keys() - self.defaults.keys() - _KNOWN:
            near = difflib.get_close_matches(key, self.defaults, n=1)
            remedy = f"write {near[0]!r}" if near else "leave it out"
            raise ArgumentError(where, f"hyperparameters among {', '.join(self.defaults)}", repr(key), remedy)
        taken = {p for g in self.param_groups for p in g["params"]}
        if twice := [p for p in group["params"] if p in taken]:
            got = f"{twice[0].node.label} in two"
            raise ArgumentError(where, "each parameter in one group", got, "take it out of one of them")
        _check(where, group)
        self.param_groups.append(group)
        self._packed.append([])

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients of all parameters (or set them to zeros)."""
        for group in self.param_groups:
            for p in group["params"]:
                if set_to_none or p.grad is None:
                    p.zero_grad()
                else:
                    p.grad = np.zeros(p.shape, p.dtype)

    # Steps

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Update every parameter that has a gradient; the others keep their own step count.

        ``closure``, if given, computes the loss and its gradients first; its result is returned.
        """
        loss = None
        if closure is not None:
            with enable_grad():
                loss = closure()
        for i, group in enumerate(self.param_groups):
            arrays, stale = self.arrays(group), not self._packed[i]
            for packed in self._packed[i]:
                stale = stale or packed.arrays != arrays or not packed.flat.intact()
            if stale:
                self._pack(i, self.state)
            for packed in self._packed[i]:
                packed.update(self.rule, self.advance, group)
        return loss

    def _pack(self, i: int, state: Mapping[Tensor, Any]) -> None:
        """Flatten a group's parameters (anew: a parameter got another value, node or dtype), keeping their state."""
        group = self.param_groups[i]
        by_dtype: dict[Any, list[Tensor]] = {}
        for p in group["params"]:
            by_dtype.setdefault(p.dtype, []).append(p)
        arrays, numbers = self.arrays(group), self.numbers(group)
        self._packed[i] = [Packed(same, arrays, numbers, state) for same in by_dtype.values()]

    @property
    def state(self) -> dict[Tensor, dict[str, Any]]:
        """The state of each parameter that has been updated, by PyTorch's names; the arrays can be written to."""
        packed = [p for some in self._packed for p in some]
        return {t: p.of(i) for p in packed for i, t in enumerate(p.flat.leaves) if p.numbers[i]["step"]}

    # Saving and copying

    def state_dict(self) -> dict[str, Any]:
        """Return a copy of state and hyperparameters, parameters counted from 0 as they come in the groups."""
        index = {p: i for i, p in enumerate(p for group in self.param_groups for p in group["params"])}
        state = {
            index[p]: {k: np.array(v) if isinstance(v, np.ndarray) else v for k, v in kept.items()}
            for p, kept in self.state.items()
        }
        groups = [group | {"params": [index[p] for p in group["params"]]} for group in self.param_groups]
        return {"state": dict(sorted(state.items())), "param_groups": groups}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Take over what :meth:`state_dict` returned; the parameters themselves are the model's to load.

        Raises ArgumentError where groups or shapes differ.
        """
        where = f"{type(self).__name__}.load_state_dict"
        if missing := {"state", "param_groups"} - set(state_dict):
            got = f"a dict with {', '.join(map(repr, state_dict)) or 'no names'}"
            raise ArgumentError(where, f"{' and '.join(sorted(missing))}", got, "pass what state_dict() returned")
        saved, sizes = state_dict["param_groups"], [len(g["params"]) for g in self.param_groups]
        if sizes != [len(g["params"]) for g in saved]:
            got = f"groups of {[len(g['params']) for g in saved]}"
            raise ArgumentError(where, f"groups of {sizes} parameters", got, "build the optimizer as the saved one was")
        state: dict[Tensor, dict[str, Any]] = {}
        for group, other in zip(self.param_groups, saved, strict=True):
            strange = other.keys() - group.keys() - _KNOWN - _TORCH
            arrays, numbers = self.arrays(group | other), self.numbers(group | other)
            for key in other["params"] if not strange else ():
                named = {k for k, v in state_dict["state"].get(key, {}).items() if v is not None}
                strange |= named - arrays.keys() - numbers.keys()
            if strange:
                got = ", ".join(map(repr, sorted(strange)))
                raise ArgumentError(
                    where, f"the state of {type(self).__name__}", got, "build the optimizer that was saved"
                )
            for p, key in zip(group["params"], other["params"], strict=True):
                kept = {k: v for k, v in state_dict["state"].get(key, {}).items() if v is not None}
                if kept and "step" in numbers:
                    kept.setdefault("step", 1)  # PyTorch's SGD doesn't count: it only asks whether there is a momentum
                state[p] = {k: np.asarray(v) if k in arrays else _number(v) for k, v in kept.items()}
                wrong = [k for k, v in state[p].items() if isinstance(v, np.ndarray) and v.shape != p.shape]
                if wrong:
                    got = f"{wrong[0]} of shape {state[p][wrong[0]].shape}"
                    raise ArgumentError(where, f"state of shape {p.shape}", got, "build the model as the saved one was")
        for i, (group, other) in enumerate(zip(self.param_groups, saved, strict=True)):
            group |= {k: v for k, v in other.items() if k != "params"}
            self._pack(i, state)

    def __getstate__(self) -> dict[str, Any]:
        """Let copies and pickles carry the state parameter by parameter, without the buffers."""
        return self.__dict__ | {"_packed": self.state}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state, _packed=[[] for _ in state["param_groups"]])
        for i in range(len(self.param_groups)):
            self._pack(i, state["_packed"])

    def __repr__(self) -> str:
        groups = [", ".join(f"{k}={v!r}" for k, v in g.items() if k in self.defaults) for g in self.param_groups]
        lines = [f"  {len(g['params'])} parameters: {text}" for g, text in zip(self.param_groups, groups, strict=True)]
        return "\n".join([f"{type(self).__name__}(", *lines, ")"])


def _number(value: Any) -> float:
    number: float = value.item() if hasattr(value, "item") else value
    return number


def _check(where: str, group: Mapping[str, Any]) -> None:
    for name, (valid, expected) in _VALID.items():
        if name not in group:
            continue
        try:
            fits = valid(group[name])
        except TypeError:  # not a number, or not two
            fits = False
        if not fits:
            raise ArgumentError(where, expected, f"{name}={group[name]!r}", "choose one in that range")


def decayed(h: Hyperparameters, p: Any, g: Any) -> tuple[Any, Any]:
    """Return parameter and gradient as a rule wants them: uphill turned down, weights decayed.

    Coupled decay adds λp, the gradient of ½λp², to the gradient; decoupled decay shrinks p itself by ``1 − lr·λ``.
    """
    if h["maximize"]:
        g = -g
    if decay := h.get("weight_decay"):
        if h.get("decoupled_weight_decay"):
            p *= 1 - h["lr"] * decay
        else:
            g = g + decay * p
    return p, g
