"""Oracles: whether what must never happen did, read off the replies alone. One file per kind."""
