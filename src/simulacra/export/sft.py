"""Supervised fine-tuning: `messages`, as TRL, Axolotl and most trainers read it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..registry import register
from ._format import wrong_turns
from ._turns import Shape, talk_of

__all__ = ["Sft"]


@register("export")
class Sft:
    """Supervised fine-tuning: {"messages": [{"role", "content"}, ...]}, the last turn the assistant's."""

    name = "sft"

    def records(self, row: Mapping[str, Any], shape: Shape) -> list[dict[str, Any]]:
        """Return the row's conversation; [] without an answer."""
        turns = talk_of(row, shape)
        return [{"messages": turns}] if turns else []

    def wrong(self, record: Any) -> str:
        """Return what is wrong with a record, "" if nothing."""
        return wrong_turns(record.get("messages")) if isinstance(record, dict) else "this is no object"
