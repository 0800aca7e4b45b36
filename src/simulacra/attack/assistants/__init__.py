"""Adversarial generation for assistants: policy, objectives, operators, oracles, search, findings."""
