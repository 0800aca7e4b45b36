"""The verdict on a distillation: does a student gain, do labels hold, is nothing copied, is it varied, is all there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ...contracts import Assessment, Finding, Gate, GateResult, Part, Score, worst
from ...contracts.rows import Record
from ...data.shares import wilson
from ...generate.distill.copying import PASSAGE, passages
from ...generate.distill.worth import Worth
from ...measure.assess_texts import assess_texts, compare_texts
from ...measure.gates import judge, parse_gate
from ...measure.text._students import train_student
from ...seeds import Seeds
from ..flow.judged import judge_delivery

if TYPE_CHECKING:
    from ...contracts import Embedder, Progress

__all__ = ["copied", "judge_teaching", "read_gates", "utility_scores", "with_teacher"]

_FEWEST_REAL = 50
_OWN = (
    "utility.gain", "utility.written_alone", "fidelity.label_agreement", "privacy.seed_passages",
)  # fmt: skip
_GATES = (
    Gate("fidelity.label_agreement", "at_least", -0.25, of_floor=True, warn=-0.1),
    Gate("privacy.seed_passages", "at_most", 0.02, warn=0.0),
)


def judge_teaching(
    written: Sequence[Record],
    seeds: Sequence[Record],
    real: Sequence[Record],
    *,
    worths: Sequence[Worth],
    asked: int,
    reason: str,
    labelling: bool,
    gates: Sequence[str] | None,
    branch: Seeds,
    embedder: Embedder | None = None,
    progress: Progress | None = None,
) -> Assessment:
    """Return the assessment of what a teacher wrote (or labelled).

    worths : of the chosen student first; () without test rows, and then utility is unknown. real : seeds apart, rows
    that judge the labels.
    """
    texts = compare_texts([record.text for record in written], seeds=branch, depth=1)
    found = assess_texts(texts, metrics=None, progress=progress)
    scores = [score for score in found.scores if score.family in ("diversity", "validity")]
    scores += utility_scores(worths)
    scores.append(_agreement(written, [*seeds, *real], len(real), embedder))
    scores += [] if labelling else [copied(written, seeds)]
    by_name = {score.name: score for score in scores}
    own = read_gates(gates or ())
    named = {gate.metric for gate in own}
    results = [result for result in found.gates if result.gate.metric in by_name and result.gate.metric not in named]
    results += [judge(gate, by_name.get(gate.metric)) for gate in _GATES if gate.metric in by_name]
    results = [result for result in results if result.gate.metric not in named]
    if "utility.gain" not in named and worths:
        results.append(_judge_gain(worths[0]))
    results += [judge(gate, by_name.get(gate.metric)) for gate in own]
    families = _families(found, results, scores, labelling)
    verdict = worst(finding.verdict for finding in families.values())
    risks = {**found.risks, "bias": Finding("unknown", "Groups were not compared.")}
    return judge_delivery(
        Assessment(verdict, families, risks, tuple(scores), tuple(results)), len(written), asked, reason
    )


def read_gates(written: Sequence[str]) -> list[Gate]:
    """Return the gates that a person wrote, on scores of this road or of texts. Errors: RecipeError."""
    found = []
    for text in written:
        own = next((name for name in _OWN if text.strip().startswith(name)), "")
        # The room of measures knows its own scores alone: ours are read under the name of one of those.
        gate = parse_gate(text.replace(own, "utility.students", 1) if own else text)
        found.append(replace(gate, metric=own) if own else gate)
    return found


def utility_scores(worths: Sequence[Worth]) -> list[Score]:
    """Return what the students say; undefined without test rows."""
    if not worths:
        told = "there are no held-out real rows to test a student on: give --test"
        return [Score("utility.gain", "utility", "undefined", reason=told)]
    first = worths[0]
    what = "balanced accuracy" if first.metric == "balanced" else "accuracy"
    told = "; ".join(f"{one.student}: {_arms(one)}" for one in worths)
    gains = [
        ("utility.gain", "seeds and made rows", first.gain, [one.gain.value for one in worths]),
        ("utility.written_alone", "made rows alone", first.alone, [one.alone.value for one in worths]),
    ]
    return [
        Score(
            name, "utility", value=gain.value, low=gain.low, high=gain.high, floor=0.0,
            reason=f"{what} on unseen real rows after training on {rows}, less seeds alone; {told}",
            parts=tuple(Part(one.student, value) for one, value in zip(worths, values, strict=True)),
        )
        for name, rows, gain, values in gains
    ]  # fmt: skip


def copied(written: Sequence[Record], seeds: Sequence[Record]) -> Score:
    """Return the share of written texts that share eight words in a row with a seed."""
    known: set[int] = set().union(*passages([record.text for record in seeds]))
    hits = sum(bool(found & known) for found in passages([record.text for record in written]))
    low, high = wilson(hits, len(written))
    return Score(
        "privacy.seed_passages", "privacy", value=hits / max(len(written), 1), low=low, high=high, better="lower",
        n=len(written), reason=f"{hits} of {len(written)} written texts hold {PASSAGE} words in a row of a seed",
    )  # fmt: skip


def _agreement(written: Sequence[Record], real: Sequence[Record], beyond: int, embedder: Embedder | None) -> Score:
    name = "fidelity.label_agreement"
    if beyond < _FEWEST_REAL or len(written) < 2:
        reason = f"too few real rows beyond the seeds to judge labels by ({beyond}, {_FEWEST_REAL} needed)"
        return Score(name, "fidelity", "undefined", reason=reason)
    kept, held = real[::2], real[1::2]
    student = train_student(
        [one.text for one in kept], [str(one.label) for one in kept], embedder=embedder,
        kind="tfidf" if embedder is None else "embedding",
    )  # fmt: skip
    value = student.accuracy([one.text for one in written], [str(one.label) for one in written])
    floor = student.accuracy([one.text for one in held], [str(one.label) for one in held])
    low, high = wilson(value * len(written), len(written))
    noise = (0.25 / len(written) + 0.25 / len(held)) ** 0.5
    return Score(
        name, "fidelity", value=value, low=low, high=high, floor=floor, noise=noise, n=len(written),
        reason=f"a model of {len(kept)} real rows agrees with {value:.0%} of the labels, with {floor:.0%} of real ones",
    )  # fmt: skip


def _judge_gain(worth: Worth) -> GateResult:
    gain, gate = worth.gain, Gate("utility.gain", "at_least", 0.0)
    told = f"{gain.value:+.3f} ({gain.low:+.3f} to {gain.high:+.3f}) by the written rows, student {worth.student}"
    if gain.low > 0:
        return GateResult(gate, "pass", f"A student gains {told}")
    if gain.high < 0:
        return GateResult(gate, "fail", f"A student loses: {told}")
    return GateResult(gate, "warn", f"No gain or loss of a student can be told from chance: {told}")


def _families(
    found: Assessment, results: Sequence[GateResult], scores: Sequence[Score], labelling: bool
) -> Mapping[str, Finding]:
    families = dict(found.families)
    for family in ("utility", "fidelity", "privacy"):
        judged = [result for result in results if result.gate.metric.partition(".")[0] == family]
        gravest = worst(result.verdict for result in judged)
        told = next((result.why for result in judged if result.verdict == gravest), "")
        lacking = next((score.reason for score in scores if score.family == family and score.state != "ok"), "")
        families[family] = Finding(gravest, f"{(told or lacking or 'not judged').rstrip('.')}.")
    if labelling:
        families["privacy"] = Finding("warn", "The rows are your own texts with labels: as private as they were.")
    return families


def _arms(worth: Worth) -> str:
    return ", ".join(f"{arm.name} {arm.value:.3f}" for arm in worth.arms)


def with_teacher(assessment: Assessment, score: Score) -> Assessment:
    """Return the assessment with the score of the teacher itself."""
    return replace(assessment, scores=(*assessment.scores, score))
