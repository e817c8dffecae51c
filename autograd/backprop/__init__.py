"""Accumulating Jacobians along the recorded graph."""
