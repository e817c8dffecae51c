"""Picture: matplotlib's figure, which a notebook shows by itself. Imports matplotlib: imported where one is drawn."""

from __future__ import annotations

import io

from matplotlib.figure import Figure


class Picture(Figure):
    """A figure without a window or global state; ``picture.savefig("curve.pdf")`` writes it."""

    def _repr_png_(self) -> bytes:
        content = io.BytesIO()
        self.savefig(content, format="png", dpi=120)
        return content.getvalue()
