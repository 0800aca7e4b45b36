"""What a distillation works with: the lesson, texts to label, and real rows that only judge."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ...contracts.rows import Record
from ...data.read import read_table
from ...errors import DataError
from ...generate.augment.leaks import find_leaks
from ...generate.distill.lesson import Lesson, make_lesson
from ...recipe.distill import Recipe
from ...seeds import Seeds

__all__ = ["Material", "gather", "read_labelled"]

_SHOTS = 5
_MOST_TEST = 2000
_FEWEST_TEST = 20


@dataclass(frozen=True, slots=True)
class Material:
    """What there is.

    lesson : the seeds, which teacher and student may see. real : labelled real rows that only tell the worth. test :
    held-out rows; () if there are none. pool : texts for the teacher to label. leaks : rows left out because the test
    holds them, too. notes : what a reader must know.
    """

    lesson: Lesson
    real: tuple[Record, ...] = ()
    test: tuple[Record, ...] = ()
    pool: tuple[Record, ...] = ()
    leaks: int = 0
    notes: tuple[str, ...] = ()


def gather(recipe: Recipe) -> Material:
    """Read the files of a recipe and part them. Errors: DataError for files and columns; RecipeError for classes."""
    seeds = Seeds(recipe.seed).child("material")
    rows = read_labelled(recipe.seeds, recipe.text, recipe.label)
    test = read_labelled(recipe.test, recipe.text, recipe.label) if recipe.test else []
    rows, leaks = _without(rows, test)
    if not rows:
        raise DataError("every seed stands in the test file, too", where=recipe.seeds, hint="give other test rows")
    shots = recipe.shots or (None if recipe.test else _SHOTS)
    chosen, rest = _part(rows, shots, seeds.child("shots"))
    notes = []
    if recipe.test is None:
        rest, test = _halves(rest, seeds.child("halves"))
        if not test:
            notes.append("No rows were left to test on: whether the texts help a student is not known. Give --test.")
    real = rest
    if recipe.real is not None:
        more, lost = _without(read_labelled(recipe.real, recipe.text, recipe.label), test)
        real, leaks = [*rest, *more], leaks + lost
    lesson = make_lesson(chosen, names=recipe.classes, setting=recipe.about)
    known = set(lesson.labels)
    strange = sorted({str(row.label) for row in (*real, *test)} - known)
    if strange:
        notes.append(f"Rows of classes without a seed were left out: {', '.join(strange[:5])}.")
    real, test = ([row for row in part if row.label in known] for part in (real, test))
    if len(test) > _MOST_TEST:
        order = seeds.child("test").rng().permutation(len(test))[:_MOST_TEST]
        test = [test[place] for place in sorted(order.tolist())]
    pool, lost = _pool(recipe, test)
    if leaks + lost:
        told = "1 row stands" if leaks + lost == 1 else f"{leaks + lost:,} rows stand"
        notes.append(f"{told} in the test rows too, word for word or nearly, left out.")
    return Material(lesson, tuple(real), tuple(test), tuple(pool), leaks + lost, tuple(notes))


def read_labelled(path: str, text: str, label: str | None) -> list[Record]:
    """Return the texts of a file as records; rows without a text, or without a label if one is asked for, are left out.

    Errors: DataError for a file that cannot be read, a column that is not there, or no row at all.
    """
    file = Path(path)
    frame = read_table(file).frame
    for column in (text, label):
        if column is not None and column not in frame.columns:
            hint = f"there are: {', '.join(frame.columns)}"
            raise DataError(f"there is no column {column!r}", where=path, hint=hint)
    found = []
    for number, row in enumerate(frame.iter_rows(named=True), 1):
        words, kind = str(row[text] if row[text] is not None else ""), row[label] if label is not None else None
        if words.strip() and (label is None or kind is not None):
            found.append(Record(f"{file.name}:{number}", words, None if kind is None else str(kind)))
    if not found:
        what = "text" if label is None else "text and a label"
        raise DataError(f"no row has a {what}", where=path, hint="give such rows")
    return found


def _pool(recipe: Recipe, test: Sequence[Record]) -> tuple[list[Record], int]:
    if recipe.unlabelled is None:
        return [], 0
    pool, lost = _without(read_labelled(recipe.unlabelled, recipe.text, None), test)
    if not pool:
        raise DataError("every text stands in the test rows, too", where=recipe.unlabelled, hint="give other texts")
    order = Seeds(recipe.seed).child("material", "pool").rng().permutation(len(pool))
    return [pool[place] for place in order.tolist()], lost


def _without(rows: Sequence[Record], test: Sequence[Record]) -> tuple[list[Record], int]:
    """Return the rows that the test does not hold, and how many it does."""
    gone = {leak.train for leak in find_leaks(rows, test)} if test else set()
    return [row for row in rows if row.identity not in gone], len(gone)


def _part(rows: Sequence[Record], shots: int | None, seeds: Seeds) -> tuple[list[Record], list[Record]]:
    """Return `shots` rows of each class, drawn, and the others."""
    if shots is None:
        return list(rows), []
    chosen: set[int] = set()
    for label in sorted({str(row.label) for row in rows}):
        own = [place for place, row in enumerate(rows) if row.label == label]
        chosen |= {own[place] for place in seeds.child(label).rng().permutation(len(own))[:shots].tolist()}
    picked = [row for place, row in enumerate(rows) if place in chosen]
    return picked, [row for place, row in enumerate(rows) if place not in chosen]


def _halves(rows: Sequence[Record], seeds: Seeds) -> tuple[list[Record], list[Record]]:
    """Return two halves, class by class: for the curve of real rows, and to test on; near-duplicates on one side."""
    if len(rows) < 2 * _FEWEST_TEST:
        return [], list(rows) if len(rows) >= _FEWEST_TEST else []
    order = sorted(range(len(rows)), key=lambda place: (str(rows[place].label), seeds.child(place).integer()))
    test = [rows[place] for place in order[1::2]]
    real, _ = _without([rows[place] for place in order[::2]], test)
    return real, test
