"""Judges in Python: judge rows, hold a judge against people, correct its mean by the rows that people judged."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..check.rows._agreement import Agreement, agreement_of
from ..check.rows.judge import Judge
from ..data.files import write_atomic
from ..errors import DataError
from ..measure.text._calibration import CorrectedMean, corrected_mean
from ..models.asking import Asker
from ..models.engine import Engine
from ..run.flow.road import run_async
from ..seeds import Seeds
from ..store.calls import CallStore

__all__ = ["Judged", "calibrate_judge", "judge_rows"]


@dataclass(frozen=True, slots=True)
class Judged:
    """What a judge says of rows. records : a judgement for each row, with its reasons. share : of good rows, corrected
    by those that people judged; None where too few were.
    """

    records: tuple[dict[str, Any], ...]
    share: CorrectedMean | None = None


def judge_rows(
    rows: Sequence[Mapping[str, Any]],
    field: str | Sequence[str],
    *,
    criteria: Sequence[str] | Mapping[str, str],
    model: str = "embedded",
    human: str = "",
    store: str | Path | None = None,
    seed: int = 0,
    **settings: Any,
) -> Judged:
    """Return a judgement for each row; where `human` names a field with people's verdicts (true, false, or null for
    rows nobody saw), also the share of good rows that people would find, by prediction-powered inference.

    settings : of the check `judge`: at_least, models, samples, spread. Errors: those of the check and the engine.
    """
    judge = Judge(field, criteria=criteria, **settings)
    records = run_async(_ask(rows, judge, model, store, seed))
    seen = [place for place, row in enumerate(rows) if human and row.get(human) is not None]
    said = [0.5 if record["good"] is None else float(record["good"]) for record in records]
    share = None
    if len(seen) >= 2:
        other = [value for place, value in enumerate(said) if place not in set(seen)]
        share = corrected_mean(other, [said[place] for place in seen], [float(bool(rows[x][human])) for x in seen])
    return Judged(tuple(records), share)


def calibrate_judge(
    rows: Sequence[Mapping[str, Any]],
    field: str | Sequence[str],
    *,
    criteria: Sequence[str] | Mapping[str, str],
    human: str,
    out: str | Path | None = None,
    **settings: Any,
) -> Agreement:
    """Return how far a judge agrees with people, and write it where the check `judge` reads it (`calibration: FILE`).

    rows : with people's verdicts in the field `human` (true: good). settings : as in `judge_rows`; the check must be
    given the same. Errors: DataError if fewer than two rows have a verdict.
    """
    known = [row for row in rows if row.get(human) is not None]
    if len(known) < 2:
        raise DataError(f"{len(known)} rows have a verdict in {human!r}", hint="have people judge twenty rows or more")
    told = judge_rows(known, field, criteria=criteria, **settings)
    ours = {name: value for name, value in settings.items() if name not in ("model", "store", "seed")}
    judge = Judge(field, criteria=criteria, **ours)
    verdicts = [record["good"] for record in told.records]
    found = agreement_of(verdicts, [bool(row[human]) for row in known], name=judge.identity)
    if out is not None:
        write_atomic(Path(out), found.to_json().encode())
    return found


async def _ask(
    rows: Sequence[Mapping[str, Any]], judge: Judge, model: str, store: str | Path | None, seed: int
) -> list[dict[str, Any]]:
    calls = CallStore(store) if store is not None else None
    try:
        async with Engine(store=calls) as engine:

            async def one(place: int, row: Mapping[str, Any]) -> dict[str, Any]:
                asker = Asker(engine, Seeds(seed).child("row", place), {"judge": model}, priority=place)
                good, said = await judge.verdict(dict(row), asker.ask)
                return {"row": place, "good": good, **said.record()}

            return list(await asyncio.gather(*(one(place, row) for place, row in enumerate(rows))))
    finally:
        if calls is not None:
            calls.close()
