"""The verdict of a run under conditions: all real rows tell what rows may hold, those of their kind tell the rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..contracts import Assessment, Finding, Gate, Progress, worst
from ..measure._tables import Tables
from ..measure.assess import assess, usual_metrics
from ..registry import find

__all__ = ["assess_conditioned"]

_OF_ALL = "validity"


def assess_conditioned(tables: Tables, whole: Tables, *, gates: Sequence[Gate], progress: Progress) -> Assessment:
    """Return the assessment of `tables`, its validity judged against the real rows of `whole`.

    A level or a number that no real row under the conditions holds is no mistake if other real rows hold it.
    """
    names = usual_metrics()
    valid = [name for name in names if find("metric", name).family == _OF_ALL]
    of_all = [gate for gate in gates if gate.metric.split(".")[0] == _OF_ALL]
    first = assess(whole, gates=of_all, metrics=valid)
    kinds, others = [name for name in names if name not in valid], [gate for gate in gates if gate not in of_all]
    rest = assess(tables, gates=others, metrics=kinds, progress=progress)
    families = {**rest.families, _OF_ALL: first.families[_OF_ALL]}
    results = sorted((*first.gates, *rest.gates), key=lambda result: gates.index(result.gate))
    judged = sum(result.verdict != "unknown" for result in results)
    told = Finding("pass", f"{judged} gates judged this data.") if judged else rest.risks["unvalidated"]
    return replace(
        rest,
        verdict=worst(finding.verdict for finding in families.values()),
        families=families,
        risks={**rest.risks, "unvalidated": told},
        scores=tuple(sorted((*first.scores, *rest.scores), key=lambda score: _place(score.name, names))),
        gates=tuple(results),
    )


def _place(score: str, metrics: Sequence[str]) -> int:
    """Return the place of the metric that gives a score."""
    return next((place for place, name in enumerate(metrics) if score in _scores(name)), len(metrics))


def _scores(metric: str) -> Sequence[str]:
    found = find("metric", metric)
    return getattr(found, "scores", (found.name,))
