"""One trial of a test on a text, and what is wrong with the answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ...transform.editing.edits import Edit, apply_edits
from ..records.outcome import Outcome
from .answers import Said, differs
from .suite import TextTest
from .target import TextTarget

__all__ = ["Bounds", "Trial", "judge_pair", "try_all"]


@dataclass(frozen=True, slots=True)
class Trial:
    """A text that was tried.

    source : number of the text it came from. before : that text, with what was said of it; None for a test of expected
    labels. edits : what was changed. told : what is wrong, None if nothing is.
    """

    test: TextTest
    source: int
    text: str
    outcome: Outcome
    told: str | None
    before: str | None = None
    said: Said | None = None
    edits: tuple[Edit, ...] = ()


@dataclass(frozen=True, slots=True)
class Bounds:
    """How far an answer may move. step : for bare scores, how much is still the same answer."""

    step: float = 0.0


def judge_pair(test: TextTest, before: Said | None, outcome: Outcome, bounds: Bounds) -> str | None:
    """Return what is wrong with the answer to a changed text (or to a text of a known class), None if nothing is."""
    if not outcome.ok:
        return f"answered with {outcome.error}: {outcome.message}".rstrip(": ")
    after: Said = outcome.value
    if before is None:
        wrong = (test.labels and after.label not in test.labels) or after.label in test.refused
        return f"answered {after.words()}; right is that {test.wish()}" if wrong else None
    seen = f"{before.words()} became {after.words()}"
    if test.moves == "stays":
        return seen if differs(before, after, bounds.step) else None
    if test.moves == "changes":
        return None if differs(before, after, bounds.step) else f"still {after.words()}"
    sign = 1 if test.moves == "up" else -1
    low, high = before.place(test.score), after.place(test.score)
    moved = f"the score of {test.score} went from {low:.2f} to {high:.2f}"
    return moved if sign * (high - low) < -test.tolerance else None


def try_all(
    target: TextTarget, test: TextTest, cases: Sequence[tuple[int, str, Said | None, Sequence[Edit]]], bounds: Bounds
) -> list[Trial]:
    """Ask about the changed texts of one test in one go; cases : (source, text, what was said of it, edits)."""
    texts = [apply_edits(text, edits)[0] for _, text, _, edits in cases]
    found = []
    for (source, text, said, edits), changed, outcome in zip(cases, texts, target.ask(texts), strict=True):
        told = judge_pair(test, said, outcome, bounds)
        before = None if said is None else text
        found.append(Trial(test, source, changed, outcome, told, before, said, tuple(edits)))
    return found
