"""Answers as files can hold them: half of a surrogate pair, which JSON can spell, is no character."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from ..contracts.models import Answer

__all__ = ["whole"]

_HALF = re.compile("[\ud800-\udfff]")


def whole(answer: Answer) -> Answer:
    """Return the answer with a replacement character for each half of a surrogate pair in its text and data.

    >>> whole(Answer("caf\\ud83d")).text
    'caf\ufffd'
    """
    text, data = _mend(answer.text), _mend(answer.data)
    return answer if text is answer.text and data is answer.data else replace(answer, text=text, data=data)


def _mend(value: Any) -> Any:
    """Return the value itself where there is nothing to mend."""
    if isinstance(value, str):
        return _HALF.sub("\ufffd", value) if _HALF.search(value) else value
    if isinstance(value, dict):
        return _same(value, {_mend(key): _mend(one) for key, one in value.items()})
    if isinstance(value, list):
        return _same(value, [_mend(one) for one in value])
    return value


def _same(old: Any, new: Any) -> Any:
    return old if old == new else new
