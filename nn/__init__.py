"""Layers, losses, optimizers and training on top of ``autograd``: the next floor of the house, still to be built."""
