"""The audit of texts made private: the measures of texts, and what of each text's own values still stands.

The word "safe" is not among the results. Surrogates leave the sentences as they are, so their privacy is at best a
warning; whether a name was missed cannot be known without knowing the names, so what looks like one is listed for a
person to read.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import polars as pl

from ...contracts import Assessment, Finding, Gate, Progress, Score, worst
from ...measure.assess_texts import assess_texts, compare_texts, text_gates
from ...measure.gates import judge
from ...measure.text._leaks import identifiers
from ...seeds import Seeds
from ...text.personal import canonical, find_personal
from ...text.wordlists import stop_words
from ...transform.surrogates.knowledge import NOTHING, Knowledge
from ...transform.surrogates.learning import shared_words
from ...transform.surrogates.names import is_german, is_word, lists
from ...transform.surrogates.ordinary import is_ordinary
from ...transform.surrogates.persons import is_never
from .order import PrivateOrder

__all__ = ["LEFT", "audit", "left_score", "review_of"]

LEFT = "privacy.left"
_SHARE, _FEWEST = 0.2, 50
_WORDING = ("privacy.documents_exposed", "privacy.documents_exchangeability", "privacy.passages")
"""What surrogates cannot pass, since the sentences stay: shown, said, and not a bound."""
_NAMES = ("utility.prediction",)
"""What counts how well the very names are foretold that were to go: shown, and not a bound."""
_MOST_TEXTS = 3
_WORD = re.compile(r"(?<![\w@.-])[^\W\d_]+(?:['’-][^\W\d_]+)*(?![\w@])")
_ARTICLE = re.compile(
    r"\b(?:(?:d(?:er|ie|as|en|em|es)|[mdsk]?ein(?:e[nmrs]?)?|ih?r(?:e[nmrs]?)?|unser(?:e[nmrs]?)?|zu[mr]|[iavb]m|vom|beim"
    r") )\Z",
    re.IGNORECASE,
)


def audit(
    texts: Sequence[str],
    new: Sequence[str],
    order: PrivateOrder,
    *,
    labels: Sequence[str] | None = None,
    holdout: Sequence[str] | None = None,
    progress: Progress | None = None,
) -> Assessment:
    """Return the judgement of texts with surrogates; MissingError without scikit-learn."""
    places = Seeds(order.seed).child("audit").rng().permutation(len(texts)).tolist()
    aside = round(_SHARE * len(texts)) if holdout is None and len(texts) >= _FEWEST else 0
    held, seen = sorted(places[:aside]), sorted(places[aside:])
    told: dict[str, list[Any]] = {}
    if labels is not None:
        told = {"synthetic": [labels[k] for k in seen], "real": [labels[k] for k in seen]}
        told |= {"holdout": [labels[k] for k in held]} if holdout is None else {}
    unseen = list(holdout) if holdout is not None else [texts[k] for k in held] or None
    gates = [gate for gate in text_gates(order.gates) if gate.metric not in (*_WORDING, *_NAMES, LEFT)]
    compared = compare_texts(
        [new[k] for k in seen],
        [texts[k] for k in seen],
        unseen,
        labels=told,
        seeds=Seeds(order.seed).child("audit texts"),
        depth=1,
    )
    found = assess_texts(compared, gates=gates, progress=progress)
    left = left_score(texts, new, order.protect)
    own = next((gate for gate in text_gates(order.gates) if gate.metric == LEFT), Gate(LEFT, "at_most", 0.0))
    return _joined(found, left, own)


def left_score(texts: Sequence[str], new: Sequence[str], protect: Sequence[str] = ()) -> Score:
    """Return how many personal values and identifiers of a text still stand in that text; lower is better.

    They are found by `measure`, not by what replaced them, so that one mistake does not hide the other. What the user
    protected is not counted.
    """
    total, standing = _standing(texts, new, protect)
    told = (
        f"of {total:,} personal values and identifiers that are told by their form, {len(standing):,} still "
        f"{'stands' if len(standing) == 1 else 'stand'} in their text"
    )
    if standing:
        told += "; the first lines of private/review.csv name them"
    return Score(LEFT, "privacy", value=float(len(standing)), floor=0.0, better="lower", n=len(texts), reason=told)


def _standing(texts: Sequence[str], new: Sequence[str], protect: Sequence[str]) -> tuple[int, list[tuple[int, str]]]:
    """Return how many values there were, and (text, value) of those that still stand."""
    kept = [re.compile(pattern) for pattern in protect]
    total, left = 0, list[tuple[int, str]]()
    for place, (text, after) in enumerate(zip(texts, new, strict=True)):
        own = [value for pattern in kept for value in pattern.findall(text) if isinstance(value, str)]
        spared = {canonical(value) for value in own}
        before = {one: one for one in identifiers(text)}
        before |= {canonical(text[s.start : s.end]): text[s.start : s.end] for s in find_personal(text)}
        total += len(before)
        standing = {canonical(after[s.start : s.end]) for s in find_personal(after)} | set(identifiers(after))
        left += [(place, before[value]) for value in before if value in standing and value not in spared]
    return total, left


def _joined(found: Assessment, left: Score, gate: Gate) -> Assessment:
    result = judge(gate, left)
    results = (*found.gates, result)
    judged = [one for one in results if one.gate.metric.startswith("privacy.") and one.verdict != "unknown"]
    verdict = worst(["warn", *(one.verdict for one in judged)])
    why = "The sentences are the real ones, about other people: who knows a text recognises it."
    if verdict == "fail":
        why = next(one.why for one in judged if one.verdict == "fail")
    elif left.value == 0:
        why += " No value with a form of its own (address, number, code) was left in its text."
    families = {**found.families, "privacy": Finding(verdict, f"{why[:1].upper()}{why[1:]}")}
    return replace(
        found, verdict=worst(one.verdict for one in families.values()), families=families,
        scores=(*found.scores, left), gates=results,
    )  # fmt: skip


def review_of(
    texts: Sequence[str],
    edits: Sequence[Sequence[tuple[int, int, str]]] = (),
    new: Sequence[str] | None = None,
    protect: Sequence[str] = (),
) -> pl.DataFrame:
    """Return what a person should look at: phrase, texts that have it, row of the first, counted from 0.

    With `new`, the texts as they are now, first the personal values and identifiers that still stand; then what may be
    a name and was left, in at most three of the texts.

    edits : (start, end, new) on each text: what was written there is not listed. A word may be a name if a list of
    names has it or no language as an ordinary word; in German, where nouns have capitals, not behind an article.
    """
    rows: dict[str, int] = {}
    held: Counter[str] = Counter()
    knowledge = Knowledge(shared=shared_words(texts)) if len(texts) >= _FEWEST else NOTHING
    for place, text in enumerate(texts):
        done = [(start, end) for start, end, _ in edits[place]] if edits else []
        for phrase in dict.fromkeys(_suspects(text, done, knowledge)):
            rows.setdefault(phrase, place)
            held[phrase] += 1
    listed = [(value, 1, place) for place, value in _standing(texts, new, protect)[1]] if new is not None else []
    listed += [(phrase, held[phrase], row) for phrase, row in rows.items() if held[phrase] <= _MOST_TEXTS]
    return pl.DataFrame(listed, schema={"phrase": pl.String, "texts": pl.Int64, "row": pl.Int64}, orient="row")


def _suspects(text: str, done: Sequence[tuple[int, int]], knowledge: Knowledge) -> Iterator[str]:
    """Yield runs of words that may be names, outside of what was replaced."""
    german, run = is_german(text), (0, 0)
    for found in _WORD.finditer(text):
        start, end = found.span()
        told = all(end <= a or b <= start for a, b in done) and _may_be_name(found[0], knowledge)
        if not told or (german and _ARTICLE.search(text[max(0, start - 12) : start])):
            continue
        if run[1] and text[run[1] : start] == " ":
            run = (run[0], end)
            continue
        if run[1]:
            yield text[slice(*run)]
        run = (start, end)
    if run[1]:
        yield text[slice(*run)]


def _may_be_name(word: str, knowledge: Knowledge) -> bool:
    name = word.casefold()
    if is_never(name) or name in lists().lands:
        return False
    listed = name in lists().given or name in lists().last
    if word[0].isupper():
        return len(word) > 2 and (knowledge.is_strange(word) or (listed and name not in stop_words("en")))
    return listed and not is_word(name) and not is_ordinary(name)
