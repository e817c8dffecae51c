"""What all pictures share: the colours of the chain-rule pictures, quiet axes, a word where matplotlib is missing."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import MissingDependencyError

INK, MUTED, LINE = "#1B1F24", "#4A525C", "#C9CED6"
INPUT, PARAMETER, COMPUTATION, GRADIENT = "#1F5FBF", "#C25E00", "#9A7B00", "#A3154A"
CLASSES = (INPUT, PARAMETER, "#1B7F4B", "#6B3FA0", "#00798C", "#7A4A21", "#8A8F98", "#4B7A00", "#3D4F9E", "#B58900")
DIVERGING = (INPUT, "#8FB4E8", "#FFFFFF", "#F2B06E", PARAMETER)  # negative, zero, positive


def panels(who: str, rows: int = 1, columns: int = 1, size: tuple[float, float] = (6.4, 4.0)) -> Any:
    """Return an array (rows, columns) of new axes in one figure.

    Raises MissingDependencyError without matplotlib.
    """
    try:
        import matplotlib.figure  # noqa: F401  optional dependency

        from nn.plots.picture import Picture  # it imports matplotlib
    except ImportError as problem:
        raise MissingDependencyError(
            who, "matplotlib, which draws it", "no matplotlib", "pip install chaingrad[plot]"
        ) from problem
    return Picture(figsize=size, layout="constrained").subplots(rows, columns, squeeze=False)


def canvas(who: str, ax: Any = None, size: tuple[float, float] = (6.4, 4.0)) -> Any:
    """Return the axes to draw on: those given, or new ones."""
    return panels(who, size=size)[0, 0] if ax is None else ax


def dress(ax: Any, title: str = "", x: str = "", y: str = "", grid: str = "y") -> None:
    """Give axes their title, their labels and the look that all pictures share."""
    ax.set_title(title, loc="left", fontsize=11, fontweight="bold", color=INK, pad=8)
    ax.set_xlabel(x, color=MUTED, fontsize=9.5)
    ax.set_ylabel(y, color=MUTED, fontsize=9.5)
    ax.tick_params(labelsize=9, labelcolor=MUTED, color=LINE, which="both", length=3)
    for side, spine in ax.spines.items():
        spine.set_visible(side in ("left", "bottom"))
        spine.set_color(LINE)
    ax.set_axisbelow(True)
    if grid:
        ax.grid(axis=grid, color=LINE, alpha=0.5, linewidth=0.7)


def legend(ax: Any, **options: Any) -> None:
    """Add a legend without a frame."""
    ax.legend(frameon=False, fontsize=9, labelcolor=INK, **options)


def blend(colour: str, share: Any) -> Any:
    """Return colours between white (0) and this one (1): an array of RGB, one for each share."""
    rgb = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return 1 - np.asarray(share, float)[..., None] * (1 - rgb)


def ramp(colours: tuple[str, ...]) -> Any:
    """Return matplotlib's colour map that goes through these colours."""
    from matplotlib.colors import LinearSegmentedColormap  # optional dependency

    return LinearSegmentedColormap.from_list("chaingrad", list(colours))


def decades(ax: Any, room: bool = False) -> None:
    """Make the y axis logarithmic, from one power of ten to another; ``room`` leaves some below, for zeros."""
    ax.set_yscale("log")
    ax.minorticks_off()  # within a single decade matplotlib would label them too
    low, high = ax.dataLim.minposy, ax.dataLim.ymax
    if not 0 < low <= high < np.inf:  # nothing to show but zeros
        return
    bottom, top = np.floor(np.log10(low)), np.ceil(np.log10(high))
    ax.set_ylim(10 ** (bottom - room * np.ceil((top - bottom) / 6)), 10 ** max(top, bottom + 1))


def zeros(ax: Any, places: list[float], colour: Any) -> None:
    """Mark at the foot of a logarithmic axis where a number is exactly 0, which has no place on it."""
    if places:
        ax.plot(
            places, np.full(len(places), 0.03), linestyle="", marker="X", color=colour, markersize=9,
            markeredgecolor="white", transform=ax.get_xaxis_transform(), clip_on=False, zorder=4,
        )  # fmt: skip
