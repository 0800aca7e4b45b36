"""What judging tables and judging texts share: measures that may break, gates that count, sentences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..contracts import Gate, GateResult, Progress, Score
from ..errors import SimulacraError
from ._learn import one_thread

__all__ = ["gates_that_count", "measure_all", "sentence"]


def measure_all(metrics: Sequence[type[Any]], shown: Any, progress: Progress | None, stage: str) -> list[Score]:
    """Return the scores of all metrics in turn; one that breaks gives scores that say so.

    Errors: SimulacraError of a metric passes through: it is for the user to mend.
    """
    if progress is not None:
        progress.start(stage, len(metrics))
    scores: list[Score] = []
    for metric in metrics:
        scores.extend(_measure(metric, shown))
        if progress is not None:
            progress.advance()
    return scores


def gates_that_count(
    family: str, scores: Sequence[Score], results: Sequence[GateResult], usual: Sequence[Gate]
) -> list[GateResult]:
    """Return the results that decide on a family.

    A usual gate whose question has no answer here is passed over. A measure that broke is not, nor is a bound that
    somebody asked for: it is not kept by a score that was not measured.
    """
    broken = {score.name for score in scores if score.state == "failed"}
    judged = [result for result in results if result.gate.metric.partition(".")[0] == family]
    return [one for one in judged if one.verdict != "unknown" or one.gate.metric in broken or one.gate not in usual]


def sentence(text: str) -> str:
    """Return the text with a capital and a full stop."""
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith('.') else '.'}"


def _measure(metric: type[Any], shown: Any) -> list[Score]:
    try:
        with one_thread():
            return list(metric()(shown))
    except SimulacraError:
        raise
    except Exception as error:  # one broken measure must not cost the others, and must not look like a number
        reason = f"the measure broke ({type(error).__name__}: {error})"
        produced = getattr(metric, "scores", (metric.name,))
        return [Score(name, name.partition(".")[0], "failed", reason=reason) for name in produced]
