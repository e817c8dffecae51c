"""Hooks on modules: functions that are called around each forward, and at the gradients of its inputs and outputs."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable
from typing import Any

from autograd import ArgumentError, Tensor

Hook = Callable[..., Any]
_keys = itertools.count().__next__


class Handle:
    """What registering a hook returns: ``remove()`` takes the hook away again."""

    def __init__(self, hooks: dict[int, Hook], hook: Hook, *also: Handle) -> None:
        self._hooks, self._key, self._also = hooks, _keys(), also
        hooks[self._key] = hook

    def remove(self) -> None:
        """Take the hook away; a second time does nothing."""
        self._hooks.pop(self._key, None)
        for handle in self._also:
            handle.remove()


def around(module: Any, *args: Any, **kwargs: Any) -> Any:
    """Run a module's forward with its hooks."""
    for hook in list(module._pre_hooks.values()):
        replaced = hook(module, args)
        if replaced is not None:
            args = replaced if isinstance(replaced, tuple) else (replaced,)
    output = module.forward(*args, **kwargs)
    for hook in list(module._hooks.values()):
        replaced = hook(module, args, output)
        output = output if replaced is None else replaced
    return output


def apart(module: Any, args: tuple[Any, ...]) -> tuple[Any, ...]:
    """Give the module inputs of its own: what arrives there is its share alone, not that of other users."""
    return tuple(x.reshape(x.shape) if _tracked(x) else x for x in args)


def at_gradients(hook: Hook) -> Hook:
    """Return the forward hook that lets ``hook(module, grad_input, grad_output)`` see the gradients of one call."""

    def attach(module: Any, args: tuple[Any, ...], output: Any) -> None:
        outputs = output if isinstance(output, tuple) else (output,)
        entered: list[Any] = [None] * len(args)
        left: list[Any] = [None] * len(outputs)
        inputs = [i for i, x in enumerate(args) if _tracked(x)]
        ends = [i for i, y in enumerate(outputs) if _tracked(y)]

        def arrive(gradients: list[Any], i: int, awaited: list[int], last: bool, g: Any) -> Any:
            gradients[i] = g
            if not last or any(gradients[k] is None for k in awaited):
                return None
            replaced = hook(module, tuple(entered), tuple(left))
            gradients[:] = [None] * len(gradients)  # for a second backward pass
            if replaced is None or gradients is left:
                return None
            if len(inputs) > 1:
                raise ArgumentError(
                    f"a backward hook of {type(module).__name__}", "None: there are several inputs",
                    "gradients to put in their place", "replace one by register_hook on the input itself",
                )  # fmt: skip
            return replaced[i] if isinstance(replaced, tuple) else replaced

        for i in ends:
            outputs[i].register_hook(functools.partial(arrive, left, i, ends, not inputs))
        for i in inputs:
            args[i].register_hook(functools.partial(arrive, entered, i, inputs, True))

    return attach


def at_outputs(hook: Hook) -> Hook:
    """Return the forward hook that lets ``hook(module, grad_output)`` see, or replace, the output's gradient."""

    def attach(module: Any, args: tuple[Any, ...], output: Any) -> None:
        def arrive(g: Any) -> Any:
            replaced = hook(module, (g,))
            return replaced[0] if isinstance(replaced, tuple) else replaced

        if _tracked(output):
            output.register_hook(arrive)

    return attach


def _tracked(value: Any) -> bool:
    return isinstance(value, Tensor) and value.requires_grad
