"""Which columns the scores accuse, and how each score is measured, from the words of its measure."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable
from functools import cache

from .. import registry
from ..contracts import Assessment, Part, Score
from .glossary import name_score
from .words import order_scores

__all__ = ["describe_method", "name_offenders"]

_MOST_PLACES = 3
_END = re.compile(r" \((?:low|high) end\)$")


def name_offenders(assessment: Assessment, columns: Iterable[str]) -> dict[str, list[str]]:
    """Return column -> titles of the scores that name it among their three worst places, the gravest first.

    Only scores that fail or warn accuse; a pair of columns accuses both.
    """
    known = set(columns)
    accused: dict[str, list[str]] = {}
    for score, result in order_scores(assessment.scores, assessment.gates):
        if result is None or result.verdict not in ("fail", "warn"):
            continue
        for part in [part for part in score.parts[:_MOST_PLACES] if _is_worse(score, part)]:
            for column in _columns(part.place, known):
                titles = accused.setdefault(column, [])
                if name_score(score.name) not in titles:
                    titles.append(name_score(score.name))
    return accused


def _is_worse(score: Score, part: Part) -> bool:
    """Say whether a place is worse than its floor; distances in units of noise and drops of a judge are from 0 up."""
    if part.floor is None:
        return True
    rising = part.floor == 0.0 or score.better == "lower"
    return part.value > part.floor if rising else part.value < part.floor


def _columns(place: str, known: set[str]) -> list[str]:
    if place in known:
        return [place]
    parts = [_END.sub("", part) for part in place.split(" × ")]
    return [part for part in parts if part in known]


@cache
def describe_method(name: str) -> str:
    """Return what the measure that gives a score says of itself: what it sees, what not, its source; empty if unknown.

    Read from the docstring of its class, found in the registry.
    """
    for metric in [registry.find(kind, one) for kind in ("metric", "text_metric") for one in registry.names(kind)]:
        if name in getattr(metric, "scores", (metric.name,)):
            return inspect.getdoc(metric) or ""
    return ""
