"""Edits on offsets, what they must not touch, and the base of transforms that emit them."""

from .draws import Draws
from .edits import Edit, apply_edits
from .invariants import INVARIANTS, broken_invariant
from .protected import Words, protected_spans, words_of
from .variant import EditTransform, Kind, LabelEffect, WordTransform, variant_of

__all__ = [
    "INVARIANTS",
    "Draws",
    "Edit",
    "EditTransform",
    "Kind",
    "LabelEffect",
    "WordTransform",
    "Words",
    "apply_edits",
    "broken_invariant",
    "protected_spans",
    "variant_of",
    "words_of",
]
