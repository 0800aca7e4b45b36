"""Scores from samples, and the sentences that go with what could not be measured."""

from __future__ import annotations

from typing import Literal

from ...contracts import Part, Score
from ._corpus import FEWEST, Corpus, Sample

__all__ = ["NO_HOLDOUT", "NO_REAL", "missing", "sampled", "too_few"]

NO_REAL = "there are no real texts to compare with"
NO_HOLDOUT = "without real texts that the generator never saw this cannot be judged"


def missing(name: str, reason: str, better: Literal["higher", "lower"] = "higher") -> Score:
    """Return a score that could not be measured."""
    return Score(name, name.partition(".")[0], "undefined", better=better, reason=reason)


def too_few(*corpora: Corpus | None) -> str:
    """Return what is lacking, "" if each corpus has twenty texts and more."""
    if corpora[0] is not None and len(corpora[0]) < FEWEST:
        return f"there are {len(corpora[0])} synthetic texts ({FEWEST} needed)"
    if any(corpus is None for corpus in corpora):
        return NO_REAL
    fewest = min(len(corpus) for corpus in corpora if corpus is not None)
    return f"there are only {fewest} real texts ({FEWEST} needed)" if fewest < FEWEST else ""


def sampled(
    name: str,
    sample: Sample | None,
    reason: str,
    *,
    better: Literal["higher", "lower"] = "higher",
    parts: tuple[Part, ...] = (),
) -> Score:
    """Return the score of a sample; `reason` may hold {value} and {floor}, shown with two digits."""
    if sample is None:
        return missing(name, f"too few texts ({FEWEST} needed)", better)
    floor = "" if sample.floor is None else f" (real texts: {sample.floor:.2g})"
    return Score(
        name, name.partition(".")[0], value=sample.value, low=sample.low, high=sample.high, floor=sample.floor,
        noise=sample.noise, better=better, n=sample.n, reason=reason.format(value=f"{sample.value:.2g}") + floor,
        parts=parts,
    )  # fmt: skip
