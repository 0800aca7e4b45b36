"""The end of a distillation: rows read back, students trained and tested, the teacher's own marks, the verdict."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import version
from itertools import islice
from typing import TYPE_CHECKING, Any, Literal

from ...contracts import Progress, Score
from ...contracts.rows import Record
from ...generate.distill.worth import Arm, Exam, Kind, Worth, weigh
from ...recipe.distill import Recipe
from ...seeds import Seeds
from ...store.calls import CallStore
from ...store.rows import RowStore
from ..flow.ending import _cost, _walk
from ..flow.record import Filled, TextRecord
from ..flow.terms import terms_of
from .material import Material
from .record import TeachingRecord
from .teach import Lessons
from .verdict import judge_teaching, with_teacher

if TYPE_CHECKING:
    from ...contracts import Embedder

__all__ = ["close_teaching", "delivered", "judgements", "lineage_of", "summary"]

_SAMPLES = 12


def delivered(rows: RowStore, recipe: Recipe) -> list[Record]:
    """Return the delivered rows as records to train on."""
    found = islice(rows.rows(accepted=True), recipe.rows)
    return [
        Record(f"row {place}", row.content[recipe.text], str(row.content[recipe.label]))
        for place, row in enumerate(found)
    ]


def close_teaching(
    recipe: Recipe,
    material: Material,
    lessons: Lessons,
    stores: tuple[RowStore, CallStore],
    *,
    embedder: Embedder | None,
    progress: Progress,
) -> TeachingRecord:
    """Return all that is known at the end of a run whose rows are in the stores."""
    written = delivered(stores[0], recipe)
    exam = Exam(material.test, recipe.metric) if material.test else None
    branch = Seeds(recipe.seed).child("students")
    seeds = material.lesson.records
    worths: tuple[Worth, ...] = ()
    if exam is not None and written:
        worths = tuple(
            weigh(seeds, written, exam, real=material.real, kind=kind, embedder=embedder, branch=branch.child(kind))
            for kind in _kinds(recipe, embedder)
        )
    teacher = _marks(lessons, recipe.metric)
    assessment = judge_teaching(
        written, seeds, material.real, worths=worths, asked=_asked(recipe, material), reason=lessons.end.reason,
        labelling=bool(material.pool), gates=recipe.gates, branch=branch.child("measure"), embedder=embedder,
        progress=progress,
    )  # fmt: skip
    if teacher is not None:
        told = Score("utility.teacher", "utility", value=teacher.value, low=teacher.low, high=teacher.high,
                     n=teacher.rows, reason="the teacher itself, asked to label held-out real rows")  # fmt: skip
        assessment = with_teacher(assessment, told)
    text = TextRecord(assessment=assessment, **_text_record(recipe, material, lessons, stores, written))
    return TeachingRecord(
        text, worths, teacher, lessons.held, lessons.used, len(seeds), len(material.real), len(material.test),
        bool(material.pool),
    )  # fmt: skip


def _kinds(recipe: Recipe, embedder: Embedder | None) -> list[Kind]:
    """Return the students, the chosen one first; both are told of where there is an embedder."""
    both: list[Kind] = ["tfidf"] if embedder is None else ["embedding", "tfidf"]
    chosen = recipe.student or both[0]
    return [chosen, *(kind for kind in both if kind != chosen)]


def _marks(lessons: Lessons, metric: Literal["balanced", "accuracy"]) -> Arm | None:
    if not lessons.asked:
        return None
    exam = Exam([record for record, _ in lessons.asked], metric)
    return exam.arm("teacher", len(lessons.asked), exam.fares([said.label for _, said in lessons.asked]))


def _asked(recipe: Recipe, material: Material) -> int:
    return min(recipe.rows, len(material.pool)) if material.pool else recipe.rows


def _some(written: Sequence[Record]) -> list[Record]:
    """Return a few rows to show, of every class as many."""
    seen = Counter[str | None]()
    ranked = []
    for record in written:
        ranked.append((seen[record.label], record))
        seen[record.label] += 1
    return [record for _, record in sorted(ranked, key=lambda one: one[0])[:_SAMPLES]]


def _missed(counts: Mapping[str | None, int], material: Material, share: float) -> list[str]:
    """Return what to tell of classes that got less than half of the rows meant for them."""
    few = [f"{label!r} ({counts[label]})" for label in material.lesson.labels if counts[label] < share / 2]
    if not few or material.pool:
        return []
    told = f"Few or no texts were accepted of {', '.join(few)}: an even share is {share:.0f} rows a class."
    return [f"{told} The refused rows say why."]


def _fewer(recipe: Recipe, material: Material) -> list[str]:
    """Return what to tell of a pool with fewer texts than rows were asked for."""
    if not material.pool or len(material.pool) >= recipe.rows:
        return []
    return [f"{recipe.rows:,} rows were asked for; there are {len(material.pool):,} texts to label."]


def _text_record(
    recipe: Recipe, material: Material, lessons: Lessons, stores: tuple[RowStore, CallStore], written: list[Record]
) -> dict[str, Any]:
    counts = Counter[str | None](record.label for record in written)
    share = len(written) / len(material.lesson.labels)
    models, prompt, curve = _walk(*stores)
    totals = stores[0].totals()
    shown = [{recipe.text: one.text, recipe.label: one.label} for one in _some(written)]
    task = "Labels for real texts" if material.pool else "Labelled texts"
    return {
        "recipe": recipe.to_yaml(),
        "rows": len(written),
        "asked": _asked(recipe, material),
        "fields": (recipe.text, recipe.label),
        "totals": totals,
        "reason": lessons.end.reason,
        "plan": {recipe.label: [Filled(label, counts[label], share) for label in material.lesson.labels]},
        "curve": curve,
        "samples": tuple(shown),
        "prompt": prompt,
        "terms": {model: terms_of(model) for model in models},
        "facts": {
            "method": "distill", "instruction": f"{task} by a teacher: {material.lesson.setting}",
            "models": ", ".join(models), "seed": str(recipe.seed), "version": version("simulacra"), "generation": "1",
        },
        "cost": _cost(totals, lessons.seconds),
        "notes": (
            *material.notes, *lessons.notes, *_fewer(recipe, material), *_missed(counts, material, share),
            *(one.sentence().capitalize() + "." for one in lessons.held),
        ),
    }  # fmt: skip


def lineage_of(rows: RowStore, recipe: Recipe) -> Iterator[dict[str, Any]]:
    """Yield one record per delivered row: who made it, which real texts were shown for it, at what price."""
    heads = {decision.position: decision for decision in rows.decisions() if decision.accepted}
    for number, row in enumerate(islice(rows.rows(accepted=True), recipe.rows)):
        decision = heads[row.position]
        yield {
            "row": number, "method": "distill", "model": ", ".join(decision.models),
            "terms": "; ".join(terms_of(model) for model in decision.models), "seed": recipe.seed,
            "depth": 0 if recipe.unlabelled else 1, "parents": list(row.content["_parents"]),
            "calls": list(decision.calls), "slot": decision.slot, "retry": decision.retry,
            "tokens_in": decision.usage[0], "tokens_out": decision.usage[1], "dollars": decision.usage[2],
        }  # fmt: skip


def judgements(rows: RowStore, recipe: Recipe, lessons: Lessons) -> Iterator[dict[str, Any]]:
    """Yield every judgement as a record: of the rows that were made, kept or refused, and of the test rows."""
    for decision in rows.decisions():
        for row in decision.rows:
            if opinion := row.content.get("_opinion"):
                yield {"text": row.content[recipe.text], "wanted": row.content[recipe.label], "kept": not row.step,
                       "model": recipe.teacher, **opinion}  # fmt: skip
    for record, said in lessons.asked:
        yield {
            "text": record.text, "wanted": record.label, "kept": None, "model": recipe.teacher, "by": "teacher",
            "label": said.label, "score": round(said.scores[said.label], 4), "margin": round(said.margin, 4),
            "scores": {label: round(value, 4) for label, value in said.scores.items()}, "rationale": said.rationale,
        }  # fmt: skip


def summary(worth: Worth) -> dict[str, Any]:
    """Return what a student says as plain values."""
    about, low, high = (None if one is None else round(one, 1) for one in worth.replaces)
    return {
        "student": worth.student,
        "metric": worth.metric,
        "chance": round(worth.chance, 4),
        "arms": [
            [arm.name, arm.rows, *(round(one, 4) for one in (arm.value, arm.low, arm.high))] for arm in worth.arms
        ],
        "gain": [round(one, 4) for one in (worth.gain.value, worth.gain.low, worth.gain.high)],
        "alone": [round(one, 4) for one in (worth.alone.value, worth.alone.low, worth.alone.high)],
        "by_written": [[p.rows, round(p.value, 4), round(p.spread, 4)] for p in worth.by_written],
        "by_real": [[p.rows, round(p.value, 4), round(p.spread, 4)] for p in worth.by_real],
        "replaces_real_rows": {"about": about, "at_least": low, "at_most": high},
    }
