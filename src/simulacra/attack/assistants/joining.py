"""Which failures have one cause: the same operator, a family of operators, the same reply, the same words."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from ..rates import Rate
from .asking import Prober, Trial
from .case import Turn
from .compose import Composer
from .oracles._decisions import Decision

__all__ = ["Example", "Family", "Group", "Key", "aim_of", "by_family", "by_operator", "by_words"]

_LONG = 40
_MERGED = 3
"""An operator that works for so many risks is one cause: nothing looks behind it at all."""


_ALONE = frozenset({"same", "differs"})


@dataclass(frozen=True, slots=True)
class Example:
    """One way in which a weakness shows: the least case for it, what was answered, how often it failed again.

    beside : what the reference decided, if it was compared.
    """

    trial: Trial
    risk: str
    reproduced: Rate
    beside: Decision | None = None


Key: TypeAlias = "tuple[tuple[str, ...], str]"
"""Operators, and what was reached."""
Group: TypeAlias = "tuple[tuple[str, ...], list[Example], int]"
Family: TypeAlias = "tuple[tuple[str, ...], list[Example], int, tuple[str, ...]]"
"""Operators that are needed, examples, how many cases, and operators that do the same."""


def aim_of(trial: Trial) -> str:
    """Return what was reached; for limits of numbers with the side on which they were passed."""
    side = re.search(r" is (above|below) ", trial.judgement.evidence)
    return f"{trial.objective} {side[1]}" if side else trial.objective


def by_operator(found: dict[Key, tuple[Example, int]], written: frozenset[str]) -> list[Group]:
    """Join what has one cause: an operator that works for many risks, or least cases that say the same."""
    causes: dict[tuple[str, ...], list[tuple[Example, int]]] = defaultdict(list)
    for (cause, _), entry in found.items():
        causes[cause].append(entry)
    joined: list[Group] = []
    for cause, entries in causes.items():
        risks = {example.risk for example, _ in entries}
        many = cause and len(entries) >= _MERGED and not (cause[0] in written or risks & _ALONE)
        split = [entries] if many else [[one] for one in entries]
        joined += [(cause, [one for one, _ in group], sum(n for _, n in group)) for group in split]
    seen: dict[str, int] = {}
    kept: list[Group] = []
    for cause, examples, count in joined:
        key = f"{examples[0].risk} {examples[0].trial.case.key()}"
        if key in seen:
            place = seen[key]
            kept[place] = (kept[place][0], kept[place][1], kept[place][2] + count)
            continue
        seen[key] = len(kept)
        kept.append((cause, examples, count))
    return kept


def by_family(joined: Sequence[Group], composer: Composer) -> list[Family]:
    """Join what operators of one family do for one objective: it is not this language that is not guarded, but others
    than the usual one."""
    made: dict[tuple[str, str] | int, Family] = {}
    for place, (cause, examples, count) in enumerate(joined):
        aim = aim_of(examples[0].trial)
        family = composer.operators[cause[0]].family if len(cause) == 1 else ""
        family = "what it reads" if examples[0].risk == "hijack" and len(cause) == 1 else family
        key: tuple[str, str] | int = (family, aim) if family and len(examples) == 1 else place
        if key not in made:
            made[key] = (cause, examples, count, ())
            continue
        first, known, before, others = made[key]
        made[key] = (first, [*known, *examples], before + count, (*others, *cause))
    return _with_one_reply(list(made.values()))


def _with_one_reply(groups: Sequence[Family]) -> list[Family]:
    """Join what got the very same long reply with an operator in common: one text gave several things away."""
    kept: list[Family] = []
    for cause, examples, count, others in groups:
        text = _said(examples[0])
        for place, (first, known, before, also) in enumerate(kept):
            if len(text) >= _LONG and _said(known[0]) == text and set(first) & set(cause):
                kept[place] = (first, [*known, *examples], before + count, also)
                break
        else:
            kept.append((cause, examples, count, others))
    return kept


def _said(example: Example) -> str:
    return example.trial.replies[-1].text if example.trial.replies else ""


async def by_words(prober: Prober, groups: Sequence[Family]) -> list[Family]:
    """Join findings with the same aim whose added words have some in common, if the plain ask with these alone fails:
    then it is the words, not the way they are brought. One query for each pair, while there are some left."""
    kept: list[Family] = []
    for group in groups:
        for place, other in enumerate(kept):
            words = _common(group, other)
            if words and prober.left and await _does_it(prober, other[1][0].trial, words):
                first, examples, count, others = other
                kept[place] = (first, [*examples, *group[1]], count + group[2], (*others, *group[0], *group[3]))
                break
        else:
            kept.append(group)
    return kept


def _common(one: Family, other: Family) -> list[str]:
    """Return the words that both least cases add to what is asked, in order; none unless both are one turn each."""
    trials = [group[1][0].trial for group in (one, other)]
    single = all(len(trial.case.turns) == 1 and not trial.case.turns[0].tool for trial in trials)
    if not single or not one[0] or not other[0] or aim_of(trials[0]) != aim_of(trials[1]):
        return []
    asked = {word for trial in trials for word in _words(trial.case.ask)}
    theirs = set(_words(trials[1].case.text))
    return [word for word in dict.fromkeys(_words(trials[0].case.text)) if word in theirs and word not in asked]


async def _does_it(prober: Prober, trial: Trial, words: Sequence[str]) -> bool:
    text = f"{' '.join(words).capitalize()}. {trial.case.ask}"
    again = await prober.probe(replace(trial.case, turns=(Turn(text),), at=0))
    return again is not None and bool(again.failed) and again.objective == trial.objective


def _words(text: str) -> list[str]:
    return list(re.findall(r"[^\W\d_]{5,}", text.lower()))
