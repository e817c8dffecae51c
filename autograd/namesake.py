"""HIPS's library has the import name ``autograd`` too: two in one environment would overwrite each other's files."""

from __future__ import annotations

import os


def refuse_namesake(folder: str) -> None:
    """Raise ImportError if a distribution called ``autograd`` is installed in the folder that holds this package."""
    try:
        entries = os.listdir(folder)
    except OSError:  # imported from an archive, where nothing can overwrite anything
        return
    found = [e for e in entries if e.startswith("autograd-") and e.endswith((".dist-info", ".egg-info"))]
    if found:
        raise ImportError(
            "in import autograd\n  expected: chaingrad's package alone\n"
            f"  got:      {found[0]} (HIPS autograd) beside it\n"
            "  to do:    pip uninstall autograd chaingrad, then install only one of them in this environment"
        )
