"""The whole judgement: run the metrics, apply the gates, say what it means per family, per risk and in all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from ..contracts import (
    FAMILIES,
    Assessment,
    Comparison,
    Finding,
    Gate,
    GateResult,
    Progress,
    Score,
    worst,
)
from ..data.schema import Schema
from ..registry import find, names
from ..seeds import Seeds
from ._judged import gates_that_count, measure_all, sentence
from ._tables import Tables
from .gates import default_gates, judge

__all__ = ["assess", "compare", "usual_metrics"]


def compare(
    synthetic: pl.DataFrame,
    real: pl.DataFrame,
    holdout: pl.DataFrame | None,
    *,
    schema: Schema,
    target: str | None,
    seeds: Seeds,
    depth: int | None = None,
    protected: Sequence[str] | None = None,
    epsilon: float | None = None,
) -> Tables:
    """Return the tables side by side, ready for `assess`; each column is coded once, when first asked for.

    depth : generations between the synthetic rows and real ones (1: learned from real rows), None if unknown.
    protected : columns whose groups must not fare worse than in the real rows; None to have them proposed by name.
    epsilon : the privacy budget that whoever made the rows states; it is audited.

    Columns are those of `schema`; DataError if a table lacks one, SchemaError if there is no column `target` or one
    of those `protected`.
    """
    for name in (*(() if target is None else (target,)), *(protected or ())):
        schema[name]
    named = None if protected is None else tuple(protected)
    return Tables(synthetic, real, holdout, schema, target, seeds, depth, named, epsilon)


def assess(
    tables: Comparison,
    *,
    gates: Sequence[Gate] | None = None,
    metrics: Sequence[str] | None = None,
    progress: Progress | None = None,
    deep: bool = False,
) -> Assessment:
    """Measure and judge.

    Parameters
    ----------
    tables : what `compare` returned (or any other `Comparison`).
    gates : bounds to hold the scores to; None for `default_gates()`.
    metrics : names of the metrics to run; None for all registered ones, but for those that cost much.
    deep : run those too (a metric says so by its attribute `deep`).

    Everything runs in one thread. A metric that breaks gives scores of state "failed" with the reason and the run goes
    on. MissingError if scikit-learn is not installed. A family without a judged
    score is "unknown", and so is privacy without a hold-out large enough to test with.
    """
    shared = tables if isinstance(tables, Tables) else _shared(tables)
    chosen = [find("metric", name) for name in (usual_metrics(deep=deep) if metrics is None else metrics)]
    empty = next((side for side in ("synthetic", "real") if not getattr(shared, side).height), None)
    scores = measure_all(chosen, shared, progress, "measuring") if empty is None else _unmeasured(chosen, empty)
    by_name = {score.name: score for score in scores}
    asked = [gate for gate in default_gates() if gate.metric in by_name] if gates is None else gates
    results = tuple(judge(gate, by_name.get(gate.metric)) for gate in asked)
    families = {family: _family(family, scores, results) for family in FAMILIES}
    risks = _risks(shared.depth, families, (scores, results))
    verdict = worst(finding.verdict for finding in families.values())
    return Assessment(verdict, families, risks, tuple(scores), results)


def usual_metrics(*, deep: bool = False) -> list[str]:
    """Return the names of the metrics that run when none are named."""
    return [name for name in names("metric") if deep or not getattr(find("metric", name), "deep", False)]


def _shared(tables: Comparison) -> Tables:
    return compare(
        tables.synthetic, tables.real, tables.holdout,
        schema=tables.schema, target=tables.target, seeds=tables.seeds, depth=tables.depth,
    )  # fmt: skip


def _unmeasured(metrics: Sequence[type[Any]], side: str) -> list[Score]:
    produced = [(metric, name) for metric in metrics for name in getattr(metric, "scores", (metric.name,))]
    why = f"there are no {side} rows"
    return [Score(name, metric.family, "undefined", reason=why) for metric, name in produced]


def _family(family: str, scores: Sequence[Score], results: Sequence[GateResult]) -> Finding:
    """Return the worst gate of a family and what it says; unknown if nothing was judged."""
    counted = gates_that_count(family, scores, results, default_gates())
    if not counted:
        reasons = [score.reason for score in scores if score.family == family and score.state != "ok" and score.reason]
        return Finding("unknown", sentence(reasons[0] if reasons else f"no gate judges {family}"))
    verdict = worst(result.verdict for result in counted)
    untested = next((score for score in scores if score.name == _PROOF and score.state != "ok"), None)
    if family == "privacy" and verdict == "pass" and untested is not None:
        return Finding("unknown", sentence(untested.reason))
    named = [result for result in counted if result.verdict == verdict]
    return Finding(verdict, sentence(_headline(family, named)))


def _headline(family: str, results: Sequence[GateResult]) -> str:
    """Return the reason to show for a family: of the worst gates, the one a reader understands best."""
    order = {name: place for place, name in enumerate(_TELLING)}
    return min(results, key=lambda result: order.get(result.gate.metric, len(order))).why or family


_PROOF = "privacy.exposed"
"""Without this test privacy never passes: that a handful of rows shows no copies says nothing of the others."""
_TELLING = (
    "privacy.copies",
    _PROOF,
    "privacy.leaked",
    "fidelity.detection_holdout",
    "fidelity.shape",
    "utility.tstr",
    "diversity.categories",
    "diversity.duplicates",
)


def _risks(
    depth: int | None, families: Mapping[str, Finding], judged_by: tuple[Sequence[Score], Sequence[GateResult]]
) -> dict[str, Finding]:
    scores, results = judged_by
    told = [result for result in results if result.verdict != "unknown"]
    judged = Finding("pass", f"{len(told)} gates judged this data.")
    return {
        "collapse": _collapse(depth),
        "bias": _bias(scores, results),
        "diversity": families["diversity"],
        "unvalidated": judged if told else Finding("unknown", "No gate judged this data: nobody validated it."),
    }


def _bias(scores: Sequence[Score], results: Sequence[GateResult]) -> Finding:
    """Return whether protected groups are smaller, or fare further from the rest, than in the real rows."""
    asked = ("fidelity.representation", "fidelity.amplification")
    told = [result for result in results if result.gate.metric in asked and result.verdict != "unknown"]
    if not told:
        reasons = [score.reason for score in scores if score.name in asked and score.state != "ok"]
        return Finding("unknown", sentence(reasons[0] if reasons else "groups were not compared"))
    verdict = worst(result.verdict for result in told)
    if verdict == "pass":
        return Finding("pass", "No group is smaller, or further from the rest in its outcomes, than in the real rows.")
    return Finding(verdict, sentence(next(result.why for result in told if result.verdict == verdict)))


def _collapse(depth: int | None) -> Finding:
    """Return what the descent alone says of model collapse: learning from made data again and again loses the rare."""
    if depth is None:
        return Finding("unknown", "How many generations of made data came before is not known here.")
    if depth <= 1:
        return Finding("pass", "These rows were learned from real rows, not from made ones.")
    return Finding(
        "warn", f"These rows are {depth} generations away from real ones: each one loses some of what is rare."
    )
