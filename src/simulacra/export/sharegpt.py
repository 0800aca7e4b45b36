"""ShareGPT: conversations of `from` and `value`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..registry import register
from ._turns import Shape, talk_of

__all__ = ["Sharegpt"]

_NAMES = {"user": "human", "assistant": "gpt", "system": "system", "tool": "tool"}


@register("export")
class Sharegpt:
    """ShareGPT: {"conversations": [{"from": "human" | "gpt" | "system" | "tool", "value"}, ...]}."""

    name = "sharegpt"

    def records(self, row: Mapping[str, Any], shape: Shape) -> list[dict[str, Any]]:
        """Return the row's conversation; [] without an answer."""
        turns = talk_of(row, shape)
        said = [{"from": _NAMES[turn["role"]], "value": turn["content"]} for turn in turns or []]
        return [{"conversations": said}] if said else []

    def wrong(self, record: Any) -> str:
        """Return what is wrong with a record, "" if nothing."""
        turns = record.get("conversations") if isinstance(record, dict) else None
        if not isinstance(turns, list) or not turns:
            return "there are no conversations"
        for place, turn in enumerate(turns):
            if not isinstance(turn, dict) or set(turn) != {"from", "value"} or turn["from"] not in _NAMES.values():
                return f"turn {place} has not just from and value"
            if not isinstance(turn["value"], str) or not turn["value"].strip():
                return f"turn {place} is empty"
        return "" if turns[-1]["from"] == "gpt" else "the last turn is not gpt's"
