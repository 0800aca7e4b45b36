"""The judgement of texts: run the measures, apply the gates, say what it means per family, per risk and in all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..contracts import FAMILIES, Assessment, Finding, Gate, GateResult, Progress, Score, worst
from ..registry import find, names
from ..seeds import Seeds
from ._judged import gates_that_count, measure_all, sentence
from .gates import judge, parse_gate
from .text._corpus import Corpus, Texts

if TYPE_CHECKING:
    from ..contracts import Embedder

__all__ = ["assess_texts", "compare_texts", "text_gates"]

_OF_FLOOR = (
    Gate("fidelity.lengths", "at_least", -0.25, of_floor=True, warn=-0.08),
    Gate("fidelity.wording", "at_least", -0.15, of_floor=True, warn=-0.05),
    Gate("fidelity.known_words", "at_least", -0.15, of_floor=True, warn=-0.05),
    Gate("fidelity.topics", "at_least", -0.25, of_floor=True, warn=-0.08),
    Gate("fidelity.text_detection", "at_least", -0.7, of_floor=True, warn=-0.2),
    Gate("fidelity.text_detection_unseen", "at_least", -0.7, of_floor=True, warn=-0.2),
    Gate("fidelity.labels", "at_least", -0.1, of_floor=True, warn=-0.03),
    Gate("fidelity.mentions", "at_most", 0.1, of_floor=True, warn=0.01),
    Gate("fidelity.roles", "at_most", 0.2, of_floor=True, warn=0.02),
    Gate("fidelity.balance", "at_most", 0.2, of_floor=True, warn=0.05),
    Gate("utility.students", "at_least", -0.05, of_floor=True, warn=-0.02),
    Gate("utility.prediction", "at_most", 1.0, of_floor=True, warn=0.3),
    Gate("privacy.documents_exposed", "at_most", 0.0),
    Gate("privacy.documents_exchangeability", "at_least", 0.00025, warn=0.003),
    Gate("privacy.passages", "at_most", 0.0, of_floor=True),
    Gate("privacy.identifiers", "at_most", 0.0, of_floor=True),
    Gate("privacy.personal", "at_most", 0.0, of_floor=True),
    Gate("privacy.canaries", "at_most", 0.0),
    Gate("diversity.distinct", "at_least", -0.1, of_floor=True, warn=-0.03),
    Gate("diversity.vocabulary", "at_least", -0.08, of_floor=True, warn=-0.02),
    Gate("diversity.hapax", "at_least", -0.15, of_floor=True, warn=-0.05),
    Gate("diversity.compression", "at_least", -0.08, of_floor=True, warn=-0.03),
    Gate("diversity.openers", "at_most", 0.15, of_floor=True, warn=0.05),
    Gate("diversity.templates", "at_most", 0.2, of_floor=True, warn=0.05),
    Gate("diversity.vendi", "at_least", -0.15, of_floor=True, warn=-0.05),
    Gate("diversity.similarity", "at_most", 0.15, of_floor=True, warn=0.05),
    Gate("diversity.topics", "at_least", -0.15, of_floor=True, warn=-0.03),
    Gate("diversity.near_duplicates", "at_most", 0.05, of_floor=True, warn=0.01),
    Gate("diversity.exact_duplicates", "at_most", 0.05, of_floor=True, warn=0.01),
    Gate("diversity.plan", "at_most", 5.0, warn=1.0),
    Gate("validity.usable", "at_least", -0.02, of_floor=True, warn=-0.005),
    Gate("validity.contamination", "at_most", 0.005, of_floor=True, warn=0.0),
)
_ALONE = (
    Gate("diversity.near_duplicates", "at_most", 0.05, warn=0.01),
    Gate("diversity.exact_duplicates", "at_most", 0.02, warn=0.0),
    Gate("diversity.openers", "at_most", 0.5, warn=0.3),
    Gate("diversity.plan", "at_most", 5.0, warn=1.0),
    Gate("validity.usable", "at_least", 0.98, warn=0.995),
    Gate("validity.contamination", "at_most", 0.005, warn=0.0),
    Gate("privacy.canaries", "at_most", 0.0),
)
_BIAS = ("fidelity.mentions", "fidelity.roles", "fidelity.balance")


def text_gates(written: Sequence[str] = (), *, alone: bool = False) -> tuple[Gate, ...]:
    """Return the gates of a judgement of texts: the defaults, and those a person wrote in the place of theirs.

    alone : there are no real texts; bounds are then absolute, and few. RecipeError for a gate that cannot be read.
    """
    own = [parse_gate(text) for text in written]
    named = {gate.metric for gate in own}
    return (*(gate for gate in (_ALONE if alone else _OF_FLOOR) if gate.metric not in named), *own)


def compare_texts(
    synthetic: Sequence[str | None],
    real: Sequence[str | None] | None = None,
    holdout: Sequence[str | None] | None = None,
    *,
    labels: Mapping[str, Sequence[Any]] | None = None,
    seeds: Seeds,
    embedder: Embedder | None = None,
    cells: Sequence[str] | None = None,
    shares: Mapping[str, float] | None = None,
    canaries: Sequence[str] = (),
    files: Mapping[str, Sequence[str]] | None = None,
    depth: int | None = None,
) -> Texts:
    """Return the corpora side by side, ready for `assess_texts`.

    real : the texts learned from. holdout : texts of the same source never seen. labels : "synthetic", "real",
    "holdout" -> a label a text. cells : the plan's cell of each synthetic text. shares : asked-for shares of labels.
    canaries : strings hidden among the real texts. files : name -> texts that must not be found again. depth :
    generations between these texts and real ones. DataError if there are not as many labels as texts.
    """
    told = labels or {}
    return Texts(
        Corpus(synthetic, told.get("synthetic")),
        None if real is None else Corpus(real, told.get("real")),
        None if holdout is None else Corpus(holdout, told.get("holdout")),
        seeds, embedder, cells, shares, tuple(canaries), files or {}, depth,
    )  # fmt: skip


def assess_texts(
    texts: Texts,
    *,
    gates: Sequence[Gate] | None = None,
    metrics: Sequence[str] | None = None,
    progress: Progress | None = None,
) -> Assessment:
    """Measure and judge texts.

    texts : what `compare_texts` returned. gates : bounds, None for `text_gates()`. metrics : names, None for all.
    A measure that breaks gives scores of state "failed" with the reason. A family without a judged score is "unknown";
    so are fidelity, utility and privacy without real texts. MissingError without scikit-learn.
    """
    chosen = [find("text_metric", name) for name in (names("text_metric") if metrics is None else metrics)]
    scores = measure_all(chosen, texts, progress, "measuring texts")
    by_name = {score.name: score for score in scores}
    usual = text_gates(alone=texts.real is None)
    asked = [gate for gate in usual if gate.metric in by_name] if gates is None else gates
    if texts.holdout is None:  # that no canary came back is no sign of privacy where nothing else can be judged
        asked = [gate for gate in asked if gate.metric != "privacy.canaries" or _came_back(by_name)]
    if texts.real is None and not any(texts.files.values()):  # a usual bound without a question; an own one stays
        asked = [gate for gate in asked if gate.metric != "validity.contamination" or gate not in usual]
    results = tuple(judge(gate, by_name.get(gate.metric)) for gate in asked)
    counted = {family: gates_that_count(family, scores, results, usual) for family in FAMILIES}
    families = {family: _family(family, scores, counted[family]) for family in FAMILIES}
    verdict = worst(finding.verdict for finding in families.values())
    return Assessment(verdict, families, _risks(texts, families, results), tuple(scores), results)


def _came_back(scores: Mapping[str, Score]) -> bool:
    score = scores.get("privacy.canaries")
    return score is not None and bool(score.value)


def _family(family: str, scores: Sequence[Score], counted: Sequence[GateResult]) -> Finding:
    """Return the worst gate of a family and what it says; unknown if nothing was judged."""
    if not counted:
        reasons = [score.reason for score in scores if score.family == family and score.state != "ok"]
        commonest = max(reasons, key=reasons.count) if reasons else ""
        return Finding("unknown", sentence(commonest or f"no gate judges the {family} of these texts"))
    verdict = worst(result.verdict for result in counted)
    return Finding(verdict, sentence(next(result.why for result in counted if result.verdict == verdict)))


def _risks(texts: Texts, families: Mapping[str, Finding], results: Sequence[GateResult]) -> dict[str, Finding]:
    told = [result for result in results if result.verdict != "unknown"]
    bias = [result for result in told if result.gate.metric in _BIAS]
    worst_bias = worst(result.verdict for result in bias)
    why = next((result.why for result in bias if result.verdict == worst_bias), "groups were not compared")
    unjudged = Finding("unknown", "No gate judged these texts: nobody validated them.")
    return {
        "collapse": _collapse(texts.depth),
        "bias": Finding(worst_bias, sentence(why)),
        "diversity": families["diversity"],
        "unvalidated": Finding("pass", f"{len(told)} gates judged these texts.") if told else unjudged,
    }


def _collapse(depth: int | None) -> Finding:
    if depth is None:
        return Finding("unknown", "How many generations of made texts came before is not known here.")
    if depth <= 1:
        return Finding("pass", "These texts were not learned from made ones.")
    return Finding("warn", f"These texts are {depth} generations away from real ones: each loses some of what is rare.")
