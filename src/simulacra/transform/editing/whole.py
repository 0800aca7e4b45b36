"""Texts that come back whole from a model or an engine, as edits: what is the same stays, and is known to be."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from typing import Any

from ...contracts.rows import Record
from .edits import Edit
from .variant import variant_of

__all__ = ["edits_between", "rewritten"]


def edits_between(old: str, new: str) -> list[Edit]:
    """Return edits, word by word, that make `new` of `old`.

    >>> edits_between("the red house", "the blue house")
    [Edit(start=4, end=7, text='blue')]
    """
    left, right = (re.findall(r"\w+|\s+|[^\w\s]", text) for text in (old, new))
    starts = [0]
    for token in left:
        starts.append(starts[-1] + len(token))
    matcher = difflib.SequenceMatcher(None, left, right, autojunk=False)
    return [
        Edit(starts[i], starts[j], "".join(right[k:m])) for tag, i, j, k, m in matcher.get_opcodes() if tag != "equal"
    ]


def rewritten(
    record: Record, text: str, operation: str, seed: int, parameters: Mapping[str, Any] | None = None
) -> Record | None:
    """Return the record with another text, its lineage and the edits that lead there; None if nothing changed."""
    return variant_of(record, edits_between(record.text, text), operation, seed, parameters) if text else None
