"""A picture for notebooks and scripts: a ``graphviz.Source`` that also draws where no ``dot`` is installed."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import graphviz  # type: ignore[import-untyped]

from autograd.errors import AutogradError
from autograd.view.render import render

WIDEST = 640  # points: a notebook's column has room for no more


class Picture(graphviz.Source):  # type: ignore[misc]  # graphviz has no types
    """The DOT of a trace; ``pipe`` and ``render`` use the system's ``dot``, or pygraphviz in its place."""

    def pipe(self, format: str | None = None, *args: Any, encoding: str | None = None, **kwargs: Any) -> Any:
        """Return the picture as bytes, or as text in ``encoding``."""
        picture = render(self.source, format or self.format)
        return picture.decode(encoding) if encoding is not None else picture

    def render(
        self, filename: Any = None, directory: Any = None, view: bool = False, cleanup: bool = False,
        format: str | None = None, *args: Any, outfile: Any = None, **kwargs: Any,
    ) -> str:  # fmt: skip
        """Write the DOT and the picture beside it; returns the picture's path, ``outfile`` or ``filename.format``."""
        format = format or (Path(outfile).suffix[1:] if outfile is not None else "") or self.format
        if outfile is not None:
            filename = filename or Path(outfile).with_suffix(".gv")
        dot = Path(self.save(filename, directory=directory))
        target = Path(outfile) if outfile is not None else dot.with_name(f"{dot.name}.{format}")
        target.write_bytes(render(self.source, format))
        if cleanup:
            dot.unlink()
        if view:
            self._view(target, format=format, quiet=False)
        return str(target)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None, **_: Any) -> dict[str, Any]:
        """Show the picture in a notebook, or its DOT where nothing can draw it; never raises."""
        try:
            return {"image/svg+xml": _fitted(self.pipe("svg", encoding="utf-8")), "text/plain": repr(self)}
        except AutogradError as problem:
            return {"text/plain": f"{self.source}\n{problem}"}


def _fitted(svg: str) -> str:
    """Return the picture, drawn smaller where it is wider than a notebook's column."""
    size = re.search(r'width="([\d.]+)pt" height="([\d.]+)pt"', svg)
    if size is None:
        return svg
    width, height = float(size[1]), float(size[2])
    scale = min(1.0, WIDEST / width)
    return svg.replace(size[0], f'width="{width * scale:.0f}pt" height="{height * scale:.0f}pt"', 1)
