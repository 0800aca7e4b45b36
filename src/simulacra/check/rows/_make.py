"""Checks from a recipe's entries."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from typing import Any

from ...contracts.rows import RowCheck
from ...errors import RecipeError
from ...registry import find

__all__ = ["make_checks"]


def make_checks(entries: Sequence[str | Mapping[str, Mapping[str, Any]]]) -> list[RowCheck]:
    """Return the checks of a recipe's list, e.g. ["refusal", {"length": {"field": "answer", "words": [5, 60]}}].

    Errors: RecipeError for a check there is none of, and for options it does not have.
    """
    made = []
    for entry in entries:
        named = {entry: {}} if isinstance(entry, str) else entry
        if len(named) != 1:
            raise RecipeError(f"a check is one name with its options, not {list(named)}", where="checks")
        for name, options in named.items():
            made.append(_make(str(name), dict(options or {})))
    return made


def _make(name: str, options: dict[str, Any]) -> RowCheck:
    kind = find("row_check", name)
    known = [key for key in inspect.signature(kind).parameters if key != "self"]
    for key in options:
        if key not in known:
            hint = f"it has {', '.join(known)}"
            raise RecipeError(f"the check has no option {key!r}", where=f"check {name}", hint=hint)
    try:
        made: RowCheck = kind(**options)
    except TypeError as error:
        hint = f"its options are {', '.join(known)}"
        raise RecipeError(f"the check cannot be made ({error})", where=f"check {name}", hint=hint) from error
    return made
