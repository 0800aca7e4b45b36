"""Small words of English that a hurried note leaves out."""

from __future__ import annotations

__all__ = ["SMALL_WORDS"]

_LEFT_OUT = """
a an the is are was were am be been of to in on at for it's its that this my your i you we do does did have has had
would could will just please so very really there
"""
SMALL_WORDS = frozenset(_LEFT_OUT.split())
"""Articles, auxiliaries and the like, small letters; no negation, no question word."""
