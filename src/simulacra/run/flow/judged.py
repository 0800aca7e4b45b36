"""The verdict on written rows: their texts measured, the plan they were to fill, and whether all were delivered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ...check.rows._row import as_text
from ...contracts import FAMILIES, Assessment, Finding, Progress, worst
from ...errors import MissingError
from ...generate.instruct.spec import Spec
from ...recipe.instruct import Recipe
from ...seeds import Seeds

__all__ = ["Judged", "judge_delivery", "tell_what_is_missing"]

_FEWEST = 2


class Judged:
    """Gathers the texts of delivered rows, then has them measured. The first text field of a row is its text."""

    def __init__(self, recipe: Recipe, spec: Spec) -> None:
        self._recipe, self._spec = recipe, spec
        fields = [one for one in spec.fields if one.deliver and one.kind != "drawn"]
        self._fields = [one.name for one in fields if one.schema.get("type", "string") == "string"] or [
            one.name for one in fields
        ]
        self._texts: list[str] = []
        self._cells: list[str] = []

    def see(self, row: Mapping[str, Any]) -> None:
        """Take the text and the cell of a delivered row."""
        first = next((row[name] for name in self._fields if row.get(name) is not None), "")
        self._texts.append(as_text(first))
        self._cells.append(" × ".join(row["_cell"].get(name, "") for name in self._spec.balance))

    def assess(self, delivered: int, reason: str, progress: Progress | None = None, *, depth: int = 1) -> Assessment:
        """Return the assessment: measures of the texts, and under validity whether all rows are there.

        depth : generations of made data between these texts and real ones.
        """
        from ...measure.assess_texts import assess_texts, compare_texts
        from ...measure.gates import parse_gate

        asked = self._recipe.rows
        if delivered < _FEWEST:
            return judge_delivery(_unmeasured("Too few rows to measure."), delivered, asked, reason)
        cells = self._cells if self._spec.balance else None
        seeds = Seeds(self._recipe.seed).child("measure")
        gates = None if self._recipe.gates is None else [parse_gate(text) for text in self._recipe.gates]
        try:
            texts = compare_texts(self._texts, seeds=seeds, cells=cells, depth=depth)
            found = assess_texts(texts, gates=gates, progress=progress)
        except MissingError as error:
            found = _unmeasured(str(error))
        return tell_what_is_missing(judge_delivery(found, delivered, asked, reason), self._fields[0])


def tell_what_is_missing(found: Assessment, field: str) -> Assessment:
    """Return the assessment whose unknown families say what would make them known: real texts to compare with."""
    wanted = {
        "fidelity": "Texts cannot be like real ones where no real ones are given.",
        "utility": "Whether they are of use shows on real labelled texts.",
        "privacy": "Only the real texts a model may have seen, and others held out, can tell.",
    }
    known = f"To know it: simulacra validate data.jsonl --text {field} --real REAL.csv"
    families = dict(found.families)
    for name, why in wanted.items():
        if families[name].verdict == "unknown":
            families[name] = Finding("unknown", f"{why} {known}{' --holdout OTHERS.csv' if name == 'privacy' else ''}")
    return replace(found, families=families)


def judge_delivery(found: Assessment, delivered: int, asked: int, reason: str) -> Assessment:
    """Return the assessment with validity judged by what was delivered: fewer rows than asked for is a fail."""
    if delivered < asked:
        told = Finding("fail", f"{delivered:,} of {asked:,} rows were delivered: {reason or 'the run was stopped'}.")
    elif found.families["validity"].verdict == "unknown":
        told = Finding("pass", f"All {delivered:,} rows asked for are there, and each passed the checks of the recipe.")
    else:
        told = found.families["validity"]
    families = {**found.families, "validity": told}
    return replace(found, verdict=worst(one.verdict for one in families.values()), families=families)


def _unmeasured(why: str) -> Assessment:
    unknown = Finding("unknown", why)
    risks = {"unvalidated": Finding("unknown", "No measure judged these rows.")}
    return Assessment("unknown", dict.fromkeys(FAMILIES, unknown), risks, (), ())
