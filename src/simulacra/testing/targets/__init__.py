"""Targets with planted weaknesses, and hardened twins of them: for tests and benchmarks of the search for failures."""
