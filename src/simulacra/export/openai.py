"""OpenAI's fine-tuning: chat JSONL whose turns alternate as the interface wants them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..registry import register
from ._format import wrong_turns
from ._turns import Shape, talk_of

__all__ = ["Openai"]


@register("export")
class Openai:
    """OpenAI fine-tuning, chat: {"messages": [...]}; after the system's turn, user and assistant take turns.

    Not handled: tools, images, weights of turns; the vendor wants ten records at least.
    """

    name = "openai"

    def records(self, row: Mapping[str, Any], shape: Shape) -> list[dict[str, Any]]:
        """Return the row's conversation; [] if it has tools or two turns of one side in a row."""
        turns = talk_of(row, shape)
        record = {"messages": turns}
        return [record] if turns and not self.wrong(record) else []

    def wrong(self, record: Any) -> str:
        """Return what is wrong with a record, "" if nothing."""
        if not isinstance(record, dict) or set(record) != {"messages"}:
            return "a record has messages and nothing else"
        if wrong := wrong_turns(record["messages"]):
            return wrong
        roles = [turn["role"] for turn in record["messages"] if turn["role"] != "system"]
        even = all(role == ("user", "assistant")[place % 2] for place, role in enumerate(roles))
        return "" if even else "user and assistant do not take turns"
