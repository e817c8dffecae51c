"""The recorded graph: nodes, the clock, recording modes, order and replay."""
