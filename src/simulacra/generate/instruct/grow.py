"""Topic trees that a model grows: its topics for a subject, theirs in turn, pruned and balanced.

Several answers are asked for and what most of them name comes first: a small model repeats what it knows and varies
what it invents. Pruned is what is too long, names the subject only, or says again what stands in the tree; balanced is
the tree by giving every topic the same number of topics below it, or none at all.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from ...contracts.rows import Context
from ...text.near import NearDuplicates

__all__ = ["Tree", "grow_topics", "prune", "read_topics"]

_MOST_WORDS, _SAME = 5, 0.55
_SAMPLES = 8
_EXAMPLES = (
    "Topics within PostgreSQL: indexes, vacuum, replication, roles and grants, query plans, backups, partitioning",
    "Topics within wine: grape varieties, tannins, cellars, food pairing, vintages, tasting, regions, corks",
    "Topics within bicycles: brakes, gears, tyres, lights, frames, helmets, touring, repairs",
)
_LIST = {"type": "object", "properties": {"topics": {"type": "array", "items": {"type": "string"}, "minItems": 1}},
         "required": ["topics"], "additionalProperties": False}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Tree:
    """Topics of a subject, and for each of them those below it; `below` is empty for a tree of one level."""

    topics: tuple[str, ...]
    below: dict[str, tuple[str, ...]]

    def axes(self, name: str = "topic") -> dict[str, Any]:
        """Return the tree as entries of a recipe's `axes`."""
        if not self.below:
            return {name: list(self.topics)}
        under = {topic: list(names) for topic, names in self.below.items()}
        return {name: list(self.topics), f"sub{name}": {"given": name, "levels": under}}


async def grow_topics(
    subject: str, context: Context, *, count: int = 10, below: int = 0, continues: bool = False
) -> Tree:
    """Return a tree of at most `count` topics with `below` topics each; fewer if the model knows no more.

    continues : ask by a list to go on with (small models), else by a question with a schema. A topic for which no two
    sub-topics are found stands for itself in the tree.
    """
    topics = prune(await _ask(subject, context, count, continues=continues), [subject], count)
    if not below:
        return Tree(tuple(topics), {})
    found: dict[str, tuple[str, ...]] = {}
    for topic in topics:
        asked = await _ask(
            f"{subject} {topic}" if continues else f"{topic} (within {subject})", context, below, continues=continues
        )
        found[topic] = tuple(prune(asked, [subject, *topics], below))
    even = min((len(names) for names in found.values() if len(names) > 1), default=0)
    return Tree(tuple(topics), {topic: names[:even] or (topic,) for topic, names in found.items()})


def prune(votes: Counter[str], known: Sequence[str], count: int) -> list[str]:
    """Return the topics with most votes that are none of the known ones, nor nearly the same as another.

    >>> prune(Counter({"rolling updates": 3, "rolling update": 2, "Kubernetes": 9, "volumes": 2}), ["Kubernetes"], 5)
    ['rolling updates', 'volumes']
    """
    seen = NearDuplicates(threshold=_SAME, size=3)
    seen.add(list(known))
    words = {word for name in known[:1] for word in name.lower().split()}
    kept: list[str] = []
    for topic, _ in sorted(votes.items(), key=lambda item: (-item[1], item[0])):
        if len(kept) == count:
            break
        if set(topic.lower().split()) - words and seen.admit(topic) is None:
            kept.append(topic)
    return kept


def read_topics(lists: Iterable[Sequence[str]]) -> Counter[str]:
    """Return how many lists name each topic; what is no topic (too long, a loop, no letters) is left out."""
    votes: Counter[str] = Counter()
    for names in lists:
        votes.update({plain for name in names if (plain := _plain(name))})
    return votes


async def _ask(subject: str, context: Context, count: int, *, continues: bool) -> Counter[str]:
    lists: list[Sequence[str]] = []
    for sample in range(_SAMPLES if continues else 2):
        if continues:
            prompt = "\n".join([*_EXAMPLES, f"Topics within {subject}:"])
            asked: dict[str, Any] = {"temperature": 0.8, "min_p": 0.05, "max_tokens": 48, "stop": ["\n"]}
            answer = await context.ask(prompt, complete=True, sample=sample, **asked)
            parts = answer.text.split(",")
            lists.append(parts[:-1] if answer.finish == "length" else parts)
        else:
            told = f"List {count + 4} topics within {subject}: concrete, of about the same breadth, without overlap."
            answer = await context.ask(told, schema=_LIST, sample=sample, temperature=0.7)
            lists.append(answer.data["topics"])
    votes = read_topics(lists)
    agreed = Counter({topic: number for topic, number in votes.items() if number > 1})
    return agreed if continues and len(agreed) >= min(4, count) else votes


def _plain(name: str) -> str:
    plain = " ".join(re.sub(r"^[\W\d]+|[\W]+$", "", name).split())
    words = plain.split()
    fits = 0 < len(words) <= _MOST_WORDS and len(plain) > 2 and plain.count("-") < 3
    return plain if fits and len(set(words)) == len(words) else ""
