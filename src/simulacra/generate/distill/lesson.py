"""What the teacher is shown: the classes by name, a few real texts of each, a line that says what the texts are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from ...contracts.rows import Record
from ...errors import DataError

__all__ = ["SETTING", "Lesson", "bounds_of", "make_lesson", "name_label"]

SETTING = "Short texts, each after what it is about."


@dataclass(frozen=True, slots=True)
class Lesson:
    """The task as the teacher sees it.

    seeds : label -> real texts of that class, as records. names : label -> the words by which the class is called.
    setting : what the texts are, in a line.
    """

    seeds: Mapping[str, tuple[Record, ...]]
    names: Mapping[str, str]
    setting: str = SETTING
    labels: tuple[str, ...] = field(default=(), init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "labels", tuple(self.seeds))

    @property
    def records(self) -> list[Record]:
        """All seeds, class by class."""
        return [record for label in self.labels for record in self.seeds[label]]

    def ranks(self) -> list[int]:
        """Return for each of `records` its place within its class."""
        return [place for label in self.labels for place in range(len(self.seeds[label]))]

    def draw(self, label: str, wanted: int, others: int, rng: np.random.Generator) -> list[Record]:
        """Return examples in the order they are to be shown: of other classes, then `wanted` of the class itself."""
        rest = [one for one in self.labels if one != label and self.seeds[one]]
        chosen = [rest[place] for place in rng.permutation(len(rest))[:others].tolist()]
        shown = [_one(self.seeds[other], rng) for other in chosen]
        own = self.seeds[label]
        return shown + [own[place] for place in rng.permutation(len(own))[:wanted].tolist()]


def make_lesson(records: Sequence[Record], *, names: Mapping[str, str] | None = None, setting: str = "") -> Lesson:
    """Return the lesson of labelled texts. Errors: DataError for fewer than two classes, or a name of no class.

    >>> lesson = make_lesson([Record("a", "Where is it?", "card_arrival"), Record("b", "It is gone!", "lost")])
    >>> lesson.labels, lesson.names["card_arrival"]
    (('card_arrival', 'lost'), 'card arrival')
    """
    seeds: dict[str, list[Record]] = {}
    for record in records:
        seeds.setdefault(str(record.label), []).append(record)
    if len(seeds) < 2:
        raise DataError(f"the seeds have {len(seeds)} class", hint="give labelled texts of two classes and more")
    told = dict(names or {})
    if strange := sorted(set(told) - set(seeds)):
        raise DataError(
            f"there is no class {strange[0]!r} among the seeds", hint=f"there are: {', '.join(sorted(seeds))}"
        )
    ordered = sorted(seeds)
    return Lesson(
        {label: tuple(seeds[label]) for label in ordered},
        {label: told.get(label) or name_label(label) for label in ordered},
        " ".join(setting.split()) or SETTING,
    )


def name_label(label: str) -> str:
    """Return a label as words.

    >>> name_label("lost_or_stolen-card"), name_label("NUM")
    ('lost or stolen card', 'NUM')
    """
    return " ".join(label.replace("_", " ").replace("-", " ").split()) or label


def bounds_of(records: Sequence[Record]) -> tuple[int, int]:
    """Return how many words a text may have: from half the shortest seed to twice the longest."""
    sizes = [len(record.text.split()) for record in records]
    return max(1, min(sizes) // 2), max(4, 2 * max(sizes))


def _one(records: Sequence[Record], rng: np.random.Generator) -> Record:
    return records[int(rng.integers(len(records)))]
