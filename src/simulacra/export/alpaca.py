"""Alpaca: instruction, input, output."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..registry import register
from ._turns import Shape, talk_of

__all__ = ["Alpaca"]

_KEYS = ("instruction", "input", "output")


@register("export")
class Alpaca:
    """Alpaca: {"instruction", "input", "output"}, one turn each way; conversations of more turns are left out."""

    name = "alpaca"

    def records(self, row: Mapping[str, Any], shape: Shape) -> list[dict[str, Any]]:
        """Return the row's record; [] without an answer, or with more than a question and an answer."""
        turns = [turn for turn in talk_of(row, shape) or [] if turn["role"] != "system"]
        if [turn["role"] for turn in turns] != ["user", "assistant"]:
            return []
        beside = str(row.get(shape.context) or "").strip() if shape.context else ""
        asked = turns[0]["content"]
        if beside:
            asked = asked.removesuffix(f"\n\n{beside}")
        return [dict(zip(_KEYS, (asked, beside, turns[1]["content"]), strict=True))]

    def wrong(self, record: Any) -> str:
        """Return what is wrong with a record, "" if nothing."""
        if not isinstance(record, dict) or tuple(record) != _KEYS:
            return f"a record has {', '.join(_KEYS)}, in this order"
        if not all(isinstance(record[key], str) for key in _KEYS):
            return "a value is no text"
        return "" if record["instruction"].strip() and record["output"].strip() else "instruction or output is empty"
