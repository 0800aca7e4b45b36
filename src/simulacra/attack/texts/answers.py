"""What a text classifier says, in whatever form it says it: a label, labels with scores, a row of numbers, a score."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

__all__ = ["SCORE", "Said", "differs", "read_answer"]

SCORE = "score"
"""The name of the only score of a target that gives bare numbers."""


@dataclass(frozen=True, slots=True)
class Said:
    """One answer. label : the class it names, None for a bare score. scores : class -> score, {} for a bare label."""

    label: str | None
    scores: Mapping[str, float] = field(default_factory=dict)

    def place(self, name: str) -> float:
        """Return the score of a class; 1 or 0 for an answer without scores."""
        if name in self.scores:
            return self.scores[name]
        return float(self.label == name)

    def words(self) -> str:
        """Return the answer in a word, with its score if it has one.

        >>> Said("spam", {"spam": 0.91, "ham": 0.09}).words(), Said(None, {"score": -0.5}).words()
        ('spam (0.91)', '-0.50')
        """
        if self.label is None:
            return f"{self.scores[SCORE]:.2f}"
        return f"{self.label} ({self.scores[self.label]:.2f})" if self.label in self.scores else self.label

    @property
    def margin(self) -> float:
        """How far the first class is before the second, 0 to 1; 1 for a bare label."""
        first = sorted(self.scores.values(), reverse=True)
        return first[0] - first[1] if len(first) > 1 else 1.0


def read_answer(value: Any, classes: Sequence[str] = ()) -> Said:
    """Return what an answer says: a label, {label: score}, {"label", "score"}, (label, score), a row of scores, one.

    classes : their names, in the order of a row of numbers. Errors: ValueError, with what it is, for anything else.

    >>> read_answer([0.2, 0.8], ("ham", "spam")).label, read_answer({"label": "spam", "score": 0.9}).place("spam")
    ('spam', 0.9)
    """
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, str | bool | int):
        return Said(str(value))
    if isinstance(value, float):
        return Said(None, {SCORE: _finite(value)})
    if isinstance(value, Mapping):
        return _of_mapping(value)
    if isinstance(value, list | tuple) and value:
        if all(isinstance(one, Mapping) and "label" in one for one in value):
            return _best({str(one["label"]): _finite(one.get("score", 0.0)) for one in value})
        if len(value) == 2 and isinstance(value[0], str):
            return Said(value[0], {value[0]: _finite(value[1])})
        if all(isinstance(one, int | float) for one in value):
            known = classes if len(classes) == len(value) else [str(place) for place in range(len(value))]
            return _best({name: _finite(one) for name, one in zip(known, value, strict=True)})
    raise ValueError(f"a {type(value).__name__} is no answer: give a label, scores of labels, or a number")


def differs(first: Said, second: Said, tolerance: float) -> bool:
    """Say whether two answers differ: another label, or a bare score that is further away than `tolerance`."""
    if first.label is not None or second.label is not None:
        return first.label != second.label
    return abs(first.place(SCORE) - second.place(SCORE)) > tolerance


def _of_mapping(value: Mapping[Any, Any]) -> Said:
    if "label" in value:
        label = str(value["label"])
        return Said(label, {label: _finite(value["score"])} if "score" in value else {})
    if not value:
        raise ValueError("an empty mapping is no answer")
    return _best({str(name): _finite(one) for name, one in value.items()})


def _best(scores: dict[str, float]) -> Said:
    return Said(max(scores, key=scores.__getitem__), scores)


def _finite(value: Any) -> float:
    number = float(value)
    if not math.isfinite(number):
        raise ValueError(f"a score is {number}")
    return number
