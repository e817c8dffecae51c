"""Random programs, run every way the engine knows: ``python -m tests.fuzz --programs 100000 --seed 1``."""
