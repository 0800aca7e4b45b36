"""Which checks can be asked before a row is whole, and which texts of the seeds may not come again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from ...check.rows._row import as_text, value_at
from ...contracts.rows import RowCheck
from ...generate.instruct.draw import read_seeds
from ...generate.instruct.spec import Spec

__all__ = ["KnowsSeeds", "early_checks", "seed_texts"]

_NAMED = ("field", "fields", "source", "code_field", "steps", "answer")
"""Options of checks that name fields."""


@runtime_checkable
class KnowsSeeds(Protocol):
    """A check that refuses what a seed has said. fields : those that it compares, () for all."""

    fields: tuple[str, ...]

    def forbid(self, texts: Sequence[str]) -> None:
        """Take note of texts that may not come again."""


def early_checks(
    entries: Sequence[str | Mapping[str, Mapping[str, Any]]], checks: Sequence[RowCheck], spec: Spec
) -> dict[str, tuple[RowCheck, ...]]:
    """Return step -> the checks that need nothing but fields made by then, where another step follows that asks.

    A refused question is then never answered. entries, checks : those of the recipe, one for one.
    """
    order = list(dict.fromkeys("write" if one.kind == "written" else one.name for one in spec.fields))
    made = {axis.name: -1 for axis in spec.axes}  # they are there from the start
    made |= {one.name: order.index("write" if one.kind == "written" else one.name) for one in spec.fields}
    found: dict[str, tuple[RowCheck, ...]] = {}
    for entry, check in zip(entries, checks, strict=True):
        options = next(iter(entry.values())) or {} if isinstance(entry, Mapping) else {}
        named = [name for option in _NAMED for name in _names(options.get(option))]
        places = [made.get(name.partition(".")[0]) for name in named]
        if check.ordered or check.name == "python" or not places or None in places:
            continue
        last = max(place for place in places if place is not None)
        if 0 <= last < len(order) - 1:
            found[order[last]] = (*found.get(order[last], ()), check)
    return found


def seed_texts(spec: Spec, fields: Sequence[str]) -> list[str]:
    """Return what the examples and seed rows of a recipe say in these fields, or in all of them."""
    rows = [record for _, record in spec.examples]
    for one in spec.fields:
        if one.draw is not None and one.draw.kind == "row_of" and Path(one.draw.path).exists():
            rows += [
                {one.name: row, **(row if isinstance(row, Mapping) else {})} for _, row in read_seeds(one.draw.path)
            ]
    wanted = fields or [one.name for one in spec.fields if one.kind != "drawn"]
    texts = ["\n".join(as_text(v) for name in wanted if (v := value_at(dict(row), name)) is not None) for row in rows]
    return [text for text in texts if text.strip()]


def _names(option: Any) -> list[str]:
    return [option] if isinstance(option, str) else list(option) if isinstance(option, list | tuple) else []
