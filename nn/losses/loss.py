"""What every loss is, and the table of all of them."""

from __future__ import annotations

from typing import Any

from nn.module import Module

losses: dict[str, type[Loss]] = {}  # every loss by its name


class Loss(Module):
    """What every loss is: ``loss(input, target)``; ``reduction`` is ``"mean"``, ``"sum"`` or ``"none"``.

    A class weight is a buffer: it goes with ``to`` and ``state_dict``.
    """

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if not cls.__name__.startswith("_"):
            losses[cls.__name__] = cls

    def __init__(self, reduction: str = "mean") -> None:
        self.reduction = reduction
