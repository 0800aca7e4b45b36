"""fidelity.labels and utility.students: do labels fit the texts, and do models learn from them what they need?"""

from __future__ import annotations

from typing import Any

import numpy as np

from ...contracts import Part, Score
from ...data.shares import wilson
from ...registry import register
from .._chance import binomial_noise
from ._corpus import FEWEST, Corpus, Texts
from ._scores import NO_HOLDOUT, NO_REAL, missing
from ._students import Student, train_student

__all__ = ["Labels"]

MOST = 2000
MOST_ASKED = 2000


@register("text_metric")
class Labels:
    """What a student learns from the synthetic texts, asked about real texts never seen.

    utility.students : accuracy after training on synthetic texts less accuracy after training on as many real ones, on
        the hold-out, the mean of the students (TF-IDF and linear; embeddings and linear, if there is an embedder).
        Floor 0. Parts: each student with its accuracy, the accuracy of real training as the floor.
    fidelity.labels : share of the synthetic texts whose label is what a student of the real texts says; floor: the
        same share of the hold-out. Parts: the labels that fit worst.
    Sees: wrong labels, missing classes, texts that do not speak of their class. Does not see: what these students
    cannot learn. At most 2,000 texts to learn from, 2,000 to be asked about.
    """

    name = "utility.students"
    family = "utility"
    scores = ("utility.students", "fidelity.labels")

    def __call__(self, texts: Texts) -> list[Score]:
        """Return the scores, undefined without labels or a hold-out."""
        lacking = _lacking(texts)
        if lacking:
            return [missing(name, lacking) for name in self.scores]
        real, kept = _drawn(texts, "real", MOST), _drawn(texts, "holdout", MOST_ASKED)
        made = _drawn(texts, "synthetic", MOST)
        size = min(len(made), len(real))
        kinds = ("tfidf",) if texts.embedder is None else ("tfidf", "embedding")
        trials = []
        for kind in kinds:
            students = [_train(corpus, size, kind, texts) for corpus in (made, real)]
            hits = [_hits(student, kept) for student in students]
            trials.append((kind, hits, students[1]))
        return [_utility(trials, len(kept)), _fit(trials[-1][2], made, kept)]


def _lacking(texts: Texts) -> str:
    if texts.real is None:
        return NO_REAL
    if texts.holdout is None or len(texts.holdout) < FEWEST:
        return NO_HOLDOUT
    if any(side.labels is None for side in (texts.synthetic, texts.real, texts.holdout)):
        return "no column of labels was named"
    if len(texts.synthetic) < FEWEST:
        return f"there are {len(texts.synthetic)} synthetic texts ({FEWEST} needed)"
    return "" if len(set(texts.holdout.labels or ())) > 1 else "all texts of the hold-out have one label"


def _drawn(texts: Texts, side: Any, most: int) -> Corpus:
    corpus, rows = getattr(texts, side), texts.sample(side, most, "students").tolist()
    return Corpus([corpus.texts[place] for place in rows], [corpus.labels[place] for place in rows])


def _train(corpus: Corpus, size: int, kind: Any, texts: Texts) -> Student:
    rows = np.sort(texts.rng("students", "size").permutation(len(corpus))[:size]).tolist()
    assert corpus.labels is not None
    return train_student(
        [corpus.texts[place] for place in rows], [corpus.labels[place] for place in rows], kind=kind,
        embedder=texts.embedder,
    )  # fmt: skip


def _hits(student: Student, kept: Corpus) -> np.ndarray:
    assert kept.labels is not None
    return np.asarray(np.array(student.predict(kept.texts)) == np.array(kept.labels))


def _utility(trials: list[tuple[str, list[np.ndarray], Student]], asked: int) -> Score:
    gaps = np.mean([hits[0].astype(float) - hits[1] for _, hits, _ in trials], axis=0)
    value = float(gaps.mean())
    # Two students of equal data differ by what they were shown, about as much as by whom they are asked.
    noise = 2**0.5 * max(float(gaps.std()), 0.1) / asked**0.5
    told = ", ".join(f"{kind} {hits[0].mean():.0%} against {hits[1].mean():.0%}" for kind, hits, _ in trials)
    return Score(
        "utility.students", "utility", value=value, low=value - 1.96 * noise, high=value + 1.96 * noise, floor=0.0,
        noise=noise, n=asked,
        reason=f"right on unseen real texts after training on synthetic ones, against real ones: {told}",
        parts=tuple(Part(kind, float(hits[0].mean()), float(hits[1].mean())) for kind, hits, _ in trials),
    )  # fmt: skip


def _fit(student: Student, made: Corpus, kept: Corpus) -> Score:
    """Return how often the student of the real texts agrees with the labels of the synthetic ones."""
    ours, theirs = _hits(student, made), _hits(student, kept)
    low, high = wilson(int(ours.sum()), len(ours))
    noise = binomial_noise(int(ours.sum()), len(ours), int(theirs.sum()), len(theirs))
    return Score(
        "fidelity.labels", "fidelity", value=float(ours.mean()), low=low, high=high, floor=float(theirs.mean()),
        noise=noise, n=len(ours),
        reason=f"a model of the real texts agrees with {ours.mean():.0%} of the labels, with {theirs.mean():.0%} of "
        "real ones",
        parts=_by_label(made, ours, kept, theirs),
    )  # fmt: skip


def _by_label(made: Corpus, ours: np.ndarray, kept: Corpus, theirs: np.ndarray) -> tuple[Part, ...]:
    labels, others = np.array(made.labels), np.array(kept.labels)
    found = []
    for label in sorted(set(made.labels or ())):
        own, real = labels == label, others == label
        if own.sum() >= 5:
            floor = float(theirs[real].mean()) if real.any() else None
            found.append((float(ours[own].mean()) - (floor or 0.0), Part(label, float(ours[own].mean()), floor)))
    return tuple(part for _, part in sorted(found, key=lambda item: (item[0], item[1].place))[:10])
