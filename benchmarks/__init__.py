"""How fast the engine is, as ratios to a peer that does the same work: `python -m benchmarks`."""
