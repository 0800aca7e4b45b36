"""The teacher at work: it shows on held-out seeds what it knows, then writes or labels rows, each of them durable."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from ...check.rows._make import make_checks
from ...contracts import Progress
from ...contracts.models import Call
from ...contracts.rows import Context, Record, Reject, Row, RowCheck
from ...generate.distill.agreement import (
    Agreement,
    Held,
    SeedClassifier,
    TeacherAgrees,
    calibrated_hits,
    choose_filter,
)
from ...generate.distill.copying import SeedPassage
from ...generate.distill.labelling import Opinion, TeacherLabels
from ...generate.distill.lesson import bounds_of
from ...generate.distill.write import Writing, begin_text, make_writer
from ...models.asking import Asker
from ...models.engine import Engine
from ...models.naming import identity_named
from ...models.profile import profile_of
from ...recipe.distill import Recipe
from ...seeds import Seeds
from ...store.calls import CallStore
from ...store.rows import RowStore
from ..flow import Attempt, End, Flow, Limits, fill
from ..flow.account import Account, row_context
from ..flow.rehearse import Recorder, rehearse_flow
from ..flow.road import Asking, run_async
from .material import Material

if TYPE_CHECKING:
    from ...contracts import Embedder

__all__ = ["Lessons", "rehearse_teaching", "teach", "usual_checks"]

_NEAR = 0.6


@dataclass(slots=True)
class Lessons:
    """What came of the teaching. held : who labels how well on held-out seeds. used : who refused texts of other
    classes, None for nobody. asked : test rows that the teacher labelled, with its opinions.
    """

    end: End
    seconds: float
    held: tuple[Held, ...] = ()
    used: Held | None = None
    asked: tuple[tuple[Record, Opinion], ...] = ()
    notes: list[str] = field(default_factory=list)


async def teach(
    recipe: Recipe,
    material: Material,
    stores: tuple[RowStore, CallStore],
    *,
    asking: Asking,
    embedder: Embedder | None,
    progress: Progress,
) -> Lessons:
    """Have the teacher write or label the rows of a recipe; what the stores hold is not made again.

    Errors: those of the engine, after what was decided is durable.
    """
    started = time.perf_counter()
    async with asking.engine(stores[1], progress) as engine:
        identity = engine.open(recipe.teacher)
        desk = _Desk(recipe, material, engine, profile_of(identity))
        held, used = await desk.choose(embedder)
        make = desk.labelling() if material.pool else desk.writing(used, embedder)
        rows = min(recipe.rows, len(material.pool)) if material.pool else recipe.rows
        end = await fill(
            make(), rows, stores[0], seeds=Seeds(recipe.seed), open=desk.open_row, progress=progress,
            width=engine.rows_at_once + 2, limits=desk.limits(), tries=1 if material.pool else recipe.tries,
            executor=asking.run(make), narrate=engine.narrate,
        )  # fmt: skip
        asked = await desk.examine()
    return Lessons(end, time.perf_counter() - started, held, used, asked)


def rehearse_teaching(recipe: Recipe, material: Material, rows: int) -> tuple[list[Call], list[Call]]:
    """Return the calls of the first `rows` rows, and those that ask about one text; nothing is asked."""
    profile, models = profile_of(identity_named(recipe.teacher)), {"teacher": recipe.teacher}
    labels = TeacherLabels(material.lesson, profile, Seeds(recipe.seed).child("labels"))
    if material.pool:
        flow = _make_labelling(recipe, material.pool, labels)
    else:
        # Only a classifier of the seeds can choose among several texts.
        chooses = recipe.best_of > 1 and recipe.filter in ("auto", "seeds")
        used = Held("seeds", 0, 0, 0.0) if chooses else None
        flow = _make_writing(recipe, Material(material.lesson), labels, used=used, embedder=None)
    probing = list[Call]()
    context = Recorder(models, Seeds(recipe.seed), probing)
    run_async(labels.label(material.lesson.records[0].text, context.ask))
    return rehearse_flow(flow, rows, models=models, seed=recipe.seed), probing


def usual_checks(recipe: Recipe, material: Material) -> list[Any]:
    """Return the checks of texts that are written: no leftovers, no loops, lengths as the seeds have, nothing twice."""
    records = material.lesson.records
    low, high = bounds_of(records)
    known = [record.text for record in records]
    return [
        {"leftovers": {"field": recipe.text}},
        {"refusal": {"field": recipe.text}},
        {"repetition": {"field": recipe.text}},
        {"length": {"field": recipe.text, "words": [low, high]}},
        {"near_duplicate": {"field": recipe.text, "threshold": _NEAR, "against": known}},
    ]


class _Desk:
    """The teacher's desk: everything that a step of this run needs."""

    def __init__(self, recipe: Recipe, material: Material, engine: Engine, profile: Any) -> None:
        self._recipe, self._material, self._engine = recipe, material, engine
        self._models = {"teacher": recipe.teacher}
        self._labels = TeacherLabels(material.lesson, profile, Seeds(recipe.seed).child("labels"))
        self._calibrated: Held | None = None

    async def choose(self, embedder: Embedder | None) -> tuple[tuple[Held, ...], Held | None]:
        """Return how the labellers do on held-out seeds, and the one that may refuse texts."""
        wanted, held = self._recipe.filter, []
        if self._material.pool or wanted in ("auto", "teacher"):
            held.append(await self._calibrate())
        if not self._material.pool and wanted in ("auto", "seeds"):
            held.append(SeedClassifier(self._material.lesson, embedder).held_out())
        return tuple(held), None if self._material.pool else choose_filter(held)

    def writing(self, used: Held | None, embedder: Embedder | None) -> Callable[[], Flow]:
        """Return what makes the flow in which the teacher writes."""
        return partial(
            _make_writing, self._recipe, Material(self._material.lesson), self._labels, used=used, embedder=embedder
        )

    def labelling(self) -> Callable[[], Flow]:
        """Return what makes the flow in which the teacher labels the pool."""
        return partial(_make_labelling, self._recipe, self._material.pool, self._labels)

    def limits(self) -> Limits:
        """Return when the run ends short of its rows."""
        return Limits.within(len(self._material.pool) or self._recipe.attempts, self._recipe.rows)

    def open_row(self, seeds: Seeds, account: Account) -> Context:
        """Return the context of a row."""
        return row_context(self._engine, self._models, seeds, account, priority=int(seeds.path[1]))

    async def examine(self) -> tuple[tuple[Record, Opinion], ...]:
        """Ask the teacher about test rows, as it is asked about any text: it is what the student is to learn."""
        test = self._material.test
        if not test or not self._recipe.teacher_rows:
            return ()
        if self._calibrated is None:
            await self._calibrate()
        order = Seeds(self._recipe.seed).child("examine").rng().permutation(len(test))[: self._recipe.teacher_rows]
        asked = [test[place] for place in sorted(order.tolist())]
        said = await asyncio.gather(*(self._labels.label(record.text, self._asker().ask) for record in asked))
        return tuple(zip(asked, said, strict=True))

    async def _calibrate(self) -> Held:
        hits = await self._labels.calibrate(self._asker().ask)
        self._calibrated = calibrated_hits(hits, self._material.lesson)
        return self._calibrated

    def _asker(self) -> Asker:
        return Asker(self._engine, Seeds(self._recipe.seed).child("ask"), self._models)


def _make_writing(
    recipe: Recipe, material: Material, labels: TeacherLabels, *, used: Held | None, embedder: Embedder | None
) -> Flow:
    """Return the flow in which the teacher writes. labels : calibrated, where it may refuse texts."""
    lesson = material.lesson
    scorer = SeedClassifier(lesson, embedder) if used is not None and used.way == "seeds" else None
    style = Writing(recipe.text, recipe.label, temperature=recipe.temperature, best_of=recipe.best_of, scorer=scorer)
    checks: list[RowCheck] = make_checks(usual_checks(recipe, material) if recipe.checks is None else recipe.checks)
    if recipe.checks is None:
        checks.append(SeedPassage(recipe.text, [record.text for record in lesson.records]))
    columns = (recipe.text, recipe.label)
    if scorer is not None:
        checks.append(Agreement(scorer, lesson, columns))
    elif used is not None:
        checks.append(TeacherAgrees(labels, columns))

    def begin(attempt: Attempt, seeds: Seeds) -> Row:
        del seeds
        return begin_text(lesson, style, attempt)

    return Flow(begin, (("write", make_writer(lesson, labels.profile, style)),), tuple(checks))


def _make_labelling(recipe: Recipe, pool: Sequence[Record], labels: TeacherLabels) -> Flow:
    """Return the flow in which the teacher labels the pool. labels : calibrated."""

    def begin(attempt: Attempt, seeds: Seeds) -> Row:
        del seeds
        record = pool[attempt.slot] if attempt.slot < len(pool) else None
        found = {"_parents": [record.identity] if record else [], "_cell": {}, "_slot": attempt.slot}
        return {recipe.text: record.text if record else "", recipe.label: None, **found}

    async def label(row: Row, context: Context) -> Row | Reject:
        if not row["_parents"]:
            return Reject("label", "there are no more texts to label")
        said = await labels.label(row[recipe.text], context.ask)
        return {**row, recipe.label: said.label, "_opinion": _told(said)}

    return Flow(begin, (("label", label),), tuple(make_checks(recipe.checks or [])))


def _told(said: Opinion) -> dict[str, Any]:
    scores = {label: round(value, 4) for label, value in said.scores.items()}
    return {"by": "teacher", "label": said.label, "score": scores[said.label], "margin": round(said.margin, 4),
            "scores": scores, "rationale": said.rationale}  # fmt: skip
