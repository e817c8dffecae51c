"""What a model gives away of its own build: parts that no loss saw, and parts that it can't find."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from autograd.graph.node import Node
from autograd.tensor import Parameter
from autograd.view.doctor.report import Finding

SHOWN = 6  # names in one sentence


def unused(model: Any, reached: set[Node], lost: set[Node]) -> list[Finding]:
    """Return the finding of parameters that had no part in any loss; ``lost`` ones were used, and are named already."""
    asked = [(name, p.node) for name, p in model.named_parameters() if p.requires_grad]
    names = [f"'{name}'" for name, node in asked if node not in reached and node not in lost]
    if not reached or not names:
        return []
    shown = ", ".join(names[:SHOWN]) + (f" and {len(names) - SHOWN} more" if len(names) > SHOWN else "")
    return [Finding(
        "detached", shown, "forward", f"unused parameters: {shown} had no part in any loss",
        "call their module in forward, or take it out of the model",
        f"no gradient in any backward pass, while {len(asked) - len(names)} others had one", None,
    )]  # fmt: skip


def unfound(model: Any) -> Iterator[Finding]:
    """Yield a finding for each plain list or dict of modules or parameters that the model doesn't have otherwise."""
    known = {id(part) for part in (*model.modules(), *model.parameters())}
    for path, module in model.named_modules():
        for name, value in vars(module).items():
            held = list(value.values()) if isinstance(value, dict) else value
            if not isinstance(held, (list, tuple)):
                continue
            kind = type(value).__name__
            parts = [v for v in held if _is_part(v) and id(v) not in known]
            if parts:
                what = "modules" if hasattr(parts[0], "named_parameters") else "parameters"
                place = f"{type(module).__name__}.{name}"
                yield Finding(
                    "never updated", place + (f" in module {path}" if path else ""), kind,
                    f"{place} is a {kind} of {what}: parameters() doesn't find them, so they are neither trained "
                    "nor saved",
                    f"use nn.{'Module' if what == 'modules' else 'Parameter'}{'Dict' if kind == 'dict' else 'List'}",
                    f"{len(parts)} {what} that named_{what}() doesn't list", None,
                )  # fmt: skip


def _is_part(value: Any) -> bool:
    return isinstance(value, Parameter) or (hasattr(value, "named_parameters") and not isinstance(value, type))
