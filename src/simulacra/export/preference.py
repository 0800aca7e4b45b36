"""Preference data: pairs for DPO, single answers with a thumb up or down for KTO."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..registry import register
from ._format import wrong_turns
from ._turns import Shape, pair_of

__all__ = ["Dpo", "Kto"]


@register("export")
class Dpo:
    """DPO: {"prompt", "chosen", "rejected"} as turns (TRL's conversational form), with "margin" where it is known."""

    name = "dpo"

    def records(self, row: Mapping[str, Any], shape: Shape) -> list[dict[str, Any]]:
        """Return the row's pair; [] if an answer is missing or both are the same."""
        pair = pair_of(row, shape)
        if pair is None:
            return []
        record: dict[str, Any] = {"prompt": pair.prompt, "chosen": _turn(pair.chosen), "rejected": _turn(pair.rejected)}
        return [record if pair.margin is None else {**record, "margin": pair.margin}]

    def wrong(self, record: Any) -> str:
        """Return what is wrong with a record, "" if nothing."""
        if not isinstance(record, dict) or set(record) - {"margin"} != {"prompt", "chosen", "rejected"}:
            return "a record has prompt, chosen and rejected"
        for key, last in (("prompt", "user"), ("chosen", "assistant"), ("rejected", "assistant")):
            if wrong := wrong_turns(record[key], last=last):
                return f"{key}: {wrong}"
        return "chosen and rejected are the same" if record["chosen"] == record["rejected"] else ""


@register("export")
class Kto:
    """KTO: {"prompt", "completion", "label"}, two records a pair: the chosen answer true, the rejected one false."""

    name = "kto"

    def records(self, row: Mapping[str, Any], shape: Shape) -> list[dict[str, Any]]:
        """Return the row's two records; [] if an answer is missing or both are the same."""
        pair = pair_of(row, shape)
        if pair is None:
            return []
        answers = ((pair.chosen, True), (pair.rejected, False))
        return [{"prompt": pair.prompt, "completion": _turn(text), "label": good} for text, good in answers]

    def wrong(self, record: Any) -> str:
        """Return what is wrong with a record, "" if nothing."""
        if not isinstance(record, dict) or set(record) != {"prompt", "completion", "label"}:
            return "a record has prompt, completion and label"
        if not isinstance(record["label"], bool):
            return "the label is neither true nor false"
        return wrong_turns(record["prompt"], last="user") or wrong_turns(record["completion"])


def _turn(text: str) -> list[dict[str, str]]:
    return [{"role": "assistant", "content": text}]
