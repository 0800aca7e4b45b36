"""Data made to expose weaknesses of a system that its owner wants to know: attacks, edge cases, and what they found."""
