"""Simulacra makes synthetic data and says how good it is."""
