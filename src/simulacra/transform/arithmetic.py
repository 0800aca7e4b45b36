"""Numerical perturbation of arithmetic word problems: other numbers, the worked solution and the answer recomputed."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from ..contracts.rows import Record
from ..errors import DataError
from ..registry import register
from ..seeds import Seeds
from .editing import Draws, Edit, Kind, LabelEffect, apply_edits, variant_of
from .formats.annotated import NUMBER, evaluate, final_answer, read_number, steps_of, written, wrong_steps

__all__ = ["Arithmetic"]

_TRIES = 60
_EQUATION = re.compile(r"([$\d][\d.,$ ()+*/x-]*?)\s*=\s*\$?((?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?)")
_HALF, _QUARTER, _HUNDREDTH = Fraction(1, 2), Fraction(1, 4), Fraction(1, 100)
_MEANT = (
    (r"half|halves|twice|double|pair|couple|two|both|second|average", (2, _HALF)),
    (r"third|triple|three|thrice", (3,)),
    (r"quarter|four", (4, 25, _QUARTER)),
    (r"five|fifth", (5,)),
    (r"six", (6,)),
    (r"week|seven|daily|every day", (7, 52)),
    (r"eight", (8,)),
    (r"nine", (9,)),
    (r"ten", (10,)),
    (r"dozen|month|year|twelve", (12,)),
    (r"day|hour", (24,)),
    (r"hour|minute|second", (60, 3600)),
    (r"year", (365, 52)),
    (r"%|percent|cent|dollar|\$|meter|metre", (100, 1000, _HUNDREDTH)),
)
"""Words of a question -> numbers that its solution may take from them and not from digits."""

Map = dict[Fraction, Fraction]


@register("transform")
class Arithmetic:
    """Other numbers in a word problem whose solution (field `answer`) has annotated steps like <<48/2=24>>.

    Numbers of the question that the steps use are drawn anew: whole numbers stay whole, in steps too; signs, and the
    order of the numbers, stay; shares of 100 stay below it. Steps, prose and answer follow. What is emitted has been
    evaluated again, step by step; a problem where a number could mean two things has no variant. A label that states
    the answer is recomputed.

    Source: the notation of GSM8K (Cobbe et al., 2021).
    Not handled: numbers in words (they stay), solutions without annotated steps.
    """

    name = "arithmetic"
    kind: Kind = "numeric"
    label: LabelEffect = "recomputes"
    keeps = frozenset({"negation", "urls", "length"})
    cost = 1e-3

    def __init__(self, answer: str = "answer") -> None:
        self.answer = answer

    def apply(self, records: Sequence[Record], seeds: Seeds) -> list[Record | None]:
        """Return one variant per record, None for what is no such problem; see `contracts.rows.Transform`."""
        return [self._vary(record, seeds.child(self.name, record.identity).integer()) for record in records]

    def _vary(self, record: Record, seed: int) -> Record | None:
        solution = record.fields.get(self.answer)
        if not isinstance(solution, str) or wrong_steps(solution):
            return None
        free = _free_numbers(record.text, solution)
        draws = Draws(seed)
        for attempt in range(_TRIES if free else 0):
            count = 1 + draws.below(min(3, len(free))) if attempt < _TRIES // 3 else 1
            count = len(free) if attempt > 2 * _TRIES // 3 else count
            factor = 2 + draws.below(4) if attempt % 2 else 0
            hundred = "%" in record.text
            chosen = _drawn(free, draws.some(sorted(free), count), draws, factor=factor, hundred=hundred)
            new = _rewritten(solution, chosen, free) if chosen else None
            if new is not None and not wrong_steps(new) and not _broken_prose(solution, new):
                return self._variant(record, seed, chosen, new)
        return None

    def _variant(self, record: Record, seed: int, chosen: Map, solution: str) -> Record | None:
        edits = [
            Edit(*found.span(), written(chosen[value], found[0]))
            for found in NUMBER.finditer(record.text)
            if (value := read_number(found[0])) in chosen
        ]
        told = {"numbers": {written(old): written(new) for old, new in sorted(chosen.items())}}
        variant = variant_of(record, edits, self.name, seed, told)
        if variant is None:
            return None
        old, new = (final_answer(text) for text in (str(record.fields[self.answer]), solution))
        stated = record.label is not None and old is not None and record.label == old[1]
        label = new[1] if stated and new is not None else record.label
        return replace(variant, label=label, fields={**record.fields, self.answer: solution})


def _broken_prose(old: str, new: str) -> bool:
    """Whether an equation that stands in the prose, without annotation, held before and does not now."""
    before, after = (_EQUATION.finditer(re.sub("<<.*?>>", "", text)) for text in (old, new))
    return any(_holds(one) and not _holds(other) for one, other in zip(before, after, strict=False))


def _holds(equation: re.Match[str]) -> bool:
    try:
        return evaluate(equation[1].replace("$", "").replace("x", "*")) == read_number(equation[2])
    except DataError:
        return False


def _free_numbers(question: str, solution: str) -> set[Fraction]:
    """Return the numbers of the question that its steps use, and that nothing else there can mean."""
    asked = {read_number(found[0]) for found in NUMBER.finditer(question)}
    used = {
        read_number(found[0]) for step in steps_of(solution) for found in re.finditer(r"\d+(?:\.\d+)?|\.\d+", step[1])
    }
    words = question.lower()
    meant = {Fraction(value) for pattern, values in _MEANT if re.search(pattern, words) for value in values}
    shares = {value for value in asked if value / 100 in used or 1 - value / 100 in used or 100 - value in used}
    return {value for value in asked & used if value > 1} - meant - shares


def _drawn(free: set[Fraction], chosen: list[Fraction], draws: Draws, *, factor: int, hundred: bool) -> Map:
    """Return old -> new for the chosen numbers, `factor` times each or anew; {} if their order would change."""
    new: Map = {}
    for value in chosen:
        unit = Fraction(1, max(1, value.denominator))
        low, high = max(unit * 2, value / 2), value * 2 + unit * 2
        if hundred and value <= 100:
            high = min(high, Fraction(100) - unit)
        steps = int((high - low) / unit)
        if factor and not (hundred and value <= 100):
            new[value] = value * factor
            continue
        new[value] = (low + unit * draws.below(max(1, steps + 1))) // unit * unit
    old = sorted(free)
    moved = [new.get(value, value) for value in old]
    ordered = all(first < second for first, second in itertools.pairwise(moved))
    return {} if not ordered or all(value == to for value, to in new.items()) else new


def _rewritten(solution: str, chosen: Map, free: set[Fraction]) -> str | None:
    """Return the solution under other numbers, None if a number's meaning is not plain or a result is unfit."""
    asked: Map = {value: chosen.get(value, value) for value in free}
    results: Map = {}
    later = [evaluate(step[2]) for step in steps_of(solution)]
    edits: list[Edit] = []
    at = 0
    try:
        for step in steps_of(solution):
            edits += _numbers(solution, at, step.start(1), asked=asked, results=results, later=later)
            expression = _numbers(solution, step.start(1), step.end(1), asked=asked, results=results)
            edits += expression
            shifted = [Edit(start - step.start(1), end - step.start(1), text) for start, end, text in expression]
            old, new = evaluate(step[2]), evaluate(apply_edits(step[1], shifted)[0])
            if not _fit(old, new) or results.get(old, new) != new:
                return None
            results[old] = new
            later.pop(0)
            edits.append(Edit(*step.span(2), written(new, step[2])))
            at = step.end()
        edits += _numbers(solution, at, len(solution), asked=asked, results=results)
        return apply_edits(solution, edits)[0]
    except DataError:
        return None


def _numbers(
    text: str, start: int, end: int, *, asked: Map, results: Map, later: Sequence[Fraction] = ()
) -> list[Edit]:
    """Return the edits of the numbers in a part of the solution; DataError if one could mean two things."""
    edits = []
    for found in re.finditer(r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?|\.\d+", text[start:end]):
        value = read_number(found[0])
        meanings = {meaning[value] for meaning in (asked, results) if value in meaning}
        if len(meanings) > 1 or (not meanings and value in later):
            raise DataError(f"{found[0]} could mean two things")
        place = start + found.start(), start + found.end()
        edits += [Edit(*place, written(new, found[0])) for new in meanings - {value}]
    return edits


def _fit(old: Fraction, new: Fraction) -> bool:
    """Whether a new result is of the old one's sort: whole if it was, no more than two decimals, of its sign."""
    whole = new.denominator == 1 if old.denominator == 1 else (new * 100).denominator == 1
    return whole and (new > 0) == (old > 0) and (new == 0) == (old == 0) and abs(new) < 10**9
