"""The teacher as labeller: how likely it finds each class for a text, freed of its likings for some of them.

A model that continues lines is asked for the next word after "Label:", a chat model for the class and a reason, several
times. What it says of the seeds, each with itself left out of the examples, gives two things: its accuracy, without
which nobody should believe it, and how much it likes each class whatever the text, which is taken out.
Source: Zhao et al. 2021, Calibrate Before Use (arXiv 2102.09690), with seeds in the place of empty inputs.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ...contracts.models import Answer, Message
from ...contracts.rows import Record
from ...models.profile import Profile
from ...seeds import Seeds
from .lesson import Lesson

__all__ = ["Ask", "Opinion", "TeacherLabels"]

Ask = Callable[..., Awaitable[Answer]]
"""`contracts.rows.Context.ask`, or that of an asker."""
_SHOWN = 2  # examples a class
_MOST_SHOWN = 40  # lines in all: the prompt of a small model has an end
_TOP = 60
_REASON = {"type": "string", "maxLength": 300}
_LEAST = 1e-5  # probability of a class that is not among the first words


@dataclass(frozen=True, slots=True)
class Opinion:
    """What the teacher says of one text. scores : label -> probability, in all 1. rationale : its reason, or ""."""

    label: str
    scores: Mapping[str, float]
    rationale: str = ""

    @property
    def margin(self) -> float:
        """How far the first class is before the second, 0 to 1."""
        first = sorted(self.scores.values(), reverse=True)
        return first[0] - first[1] if len(first) > 1 else 1.0


@dataclass(slots=True)
class TeacherLabels:
    """A teacher's opinions. votes : times that a chat model is asked. liking : label -> log of how much it is liked."""

    lesson: Lesson
    profile: Profile
    seeds: Seeds
    votes: int = 3
    liking: dict[str, float] = field(default_factory=dict)

    async def calibrate(self, ask: Ask) -> list[bool]:
        """Ask about every seed, itself left out of the examples; return whether each was labelled rightly.

        Sets the likings. When a seed is counted, it and its fellows of the same rank in the other classes have no say.
        """
        records, ranks = self.lesson.records, self.lesson.ranks()
        raw = await asyncio.gather(*(self._raw(record.text, ask, record.identity) for record in records))
        logs = [{label: math.log(one.scores[label]) for label in self.lesson.labels} for one in raw]
        hits = []
        for place, record in enumerate(records):
            rest = [one for other, one in enumerate(logs) if ranks[other] != ranks[place]]
            hits.append(_settle(raw[place], _likings(rest, self.lesson.labels)).label == record.label)
        self.liking = _likings(logs, self.lesson.labels)
        return hits

    async def label(self, text: str, ask: Ask) -> Opinion:
        """Return the teacher's opinion of a text. Errors: those of the engine."""
        return _settle(await self._raw(text, ask), self.liking)

    async def _raw(self, text: str, ask: Ask, without: str = "") -> Opinion:
        shown = self._shown(without)
        if self.profile.style == "completion":
            return await _by_next_word(self.lesson, shown, text, ask)
        return await _by_votes(self.lesson, shown, text, ask, self.votes)

    def _shown(self, without: str) -> list[Record]:
        """Return examples of all classes, mixed, the same for every text so that the model reads them once."""
        rng = self.seeds.child("shown").rng()
        each = max(1, min(_SHOWN, _MOST_SHOWN // len(self.lesson.labels)))
        rows = []
        for label in self.lesson.labels:
            own = [record for record in self.lesson.seeds[label] if record.identity != without]
            rows += [own[place] for place in rng.permutation(len(own))[:each].tolist()]
        return [rows[place] for place in rng.permutation(len(rows)).tolist()]


async def _by_next_word(lesson: Lesson, shown: Sequence[Record], text: str, ask: Ask) -> Opinion:
    words = _codes(lesson)
    lines = [f"{_line(record.text)}\nLabel: {words[str(record.label)]}" for record in shown]
    key = [] if words == dict(lesson.names) else [", ".join(f"{words[x]}: {lesson.names[x]}" for x in lesson.labels)]
    prompt = "\n\n".join([lesson.setting, *key, *lines, f"{_line(text)}\nLabel:"])
    answer = await ask(prompt, complete=True, temperature=0, max_tokens=1, top_logprobs=_TOP)
    found = dict.fromkeys(lesson.labels, _LEAST)
    for token, chance in (answer.logprobs[0][2] if answer.logprobs else {}).items():
        start = token.strip().lower()
        meant = [label for label in lesson.labels if start and words[label].lower().startswith(start)]
        if len(meant) == 1:
            found[meant[0]] += math.exp(chance)
    return _opinion(found)


async def _by_votes(lesson: Lesson, shown: Sequence[Record], text: str, ask: Ask, votes: int) -> Opinion:
    by_name = {lesson.names[label]: label for label in lesson.labels}
    schema: dict[str, Any] = {
        "type": "object", "required": ["reason", "class"], "additionalProperties": False,
        "properties": {"reason": _REASON, "class": {"type": "string", "enum": list(by_name)}},
    }  # fmt: skip
    lines = "\n".join(f"- {_line(record.text)} -> {lesson.names[str(record.label)]}" for record in shown)
    words = f"{lesson.setting}\nExamples with their class:\n{lines}\n\nWhich class is this text of?\n{_line(text)}"
    asked = [ask([Message("user", words)], schema=schema, sample=place, temperature=0.7) for place in range(votes)]
    answers = [answer.data for answer in await asyncio.gather(*asked)]
    found = dict.fromkeys(lesson.labels, 0.5 / votes)  # a class without a vote is not impossible
    for said in answers:
        found[by_name[said["class"]]] += 1.0
    opinion = _opinion(found)
    reason = next(str(said["reason"]) for said in answers if by_name[said["class"]] == opinion.label)
    return Opinion(opinion.label, opinion.scores, reason)


def _codes(lesson: Lesson) -> dict[str, str]:
    """Return label -> the word the model answers with: its name, or a letter where names begin alike."""
    starts = {name.split()[0].lower()[:3] for name in lesson.names.values()}
    if len(starts) == len(lesson.names):
        return dict(lesson.names)
    return {label: chr(ord("A") + place % 26) * (1 + place // 26) for place, label in enumerate(lesson.labels)}


def _opinion(found: Mapping[str, float]) -> Opinion:
    total = sum(found.values())
    scores = {label: value / total for label, value in found.items()}
    return Opinion(max(scores, key=scores.__getitem__), scores)


def _likings(logs: Sequence[Mapping[str, float]], labels: Sequence[str]) -> dict[str, float]:
    return {label: sum(one[label] for one in logs) / max(len(logs), 1) for label in labels}


def _settle(raw: Opinion, liking: Mapping[str, float]) -> Opinion:
    freed = {label: math.log(value) - liking.get(label, 0.0) for label, value in raw.scores.items()}
    top = max(freed.values())
    opinion = _opinion({label: math.exp(value - top) for label, value in freed.items()})
    return Opinion(opinion.label, opinion.scores, raw.rationale)


def _line(text: str) -> str:
    return " ".join(text.split())
