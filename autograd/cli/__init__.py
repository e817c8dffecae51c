"""The shell: ``python -m autograd explain`` and ``python -m autograd demo``."""
