"""A hunt through a text classifier, from what a person names to what was found."""

from __future__ import annotations

import hashlib
import json
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

import polars as pl

from ..attack.texts.search import TextCampaign, search_texts
from ..attack.texts.suite import make_suite, read_suite
from ..attack.texts.target import TextStyle, TextTarget
from ..contracts import Progress, Silent, Verdict
from ..data.frames import to_polars
from ..data.read import read_table
from ..errors import DataError, RecipeError
from ..functions import forgetting_functions, load_function
from ..seeds import Seeds
from .edgecases import keeping_answers
from .target_code import name_of

__all__ = ["TextHunt", "TextRecord", "fingerprint_texts", "run_text_edgecases"]

_MOST_ROWS = 20_000


@dataclass(frozen=True, slots=True)
class TextHunt:
    """What to hunt: the classifier (or its name "module:function"), texts like those it will meet, and the limits.

    text, label : columns of `data`; without data, `text` is the column of the frames that a frame target takes. tests :
    tests of one's own, as a mapping or a file. skip : usual tests, or capabilities, to leave out. calls : how many
    texts it is asked about, at most.
    """

    target: str | Callable[..., Any]
    text: str = "text"
    label: str | None = None
    data: Any = None
    tests: Mapping[str, Any] | Path | None = None
    skip: Sequence[str] = ()
    style: TextStyle | None = None
    calls: int = 10_000
    seed: int = 0

    @property
    def name(self) -> str:
        """The target's name."""
        return name_of(self.target)


@dataclass(frozen=True, slots=True)
class TextRecord:
    """Everything known at the end of a hunt. classes : the order of classes in a row of numbers. step : what is still
    the same answer, for bare scores.
    """

    hunt: TextHunt
    style: str
    campaign: TextCampaign
    classes: tuple[str, ...] = ()
    facts: dict[str, str] = field(default_factory=dict)
    cost: dict[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """fail: something of weight was found; warn: something small; pass: nothing was, within the limits; unknown:
        nothing could be tried.
        """
        grave = {finding.severity for finding in self.campaign.findings}
        if not grave and not any(one.rate.trials for one in self.campaign.rates):
            return "unknown"
        return "fail" if grave & {"high", "medium"} else "warn" if grave else "pass"


@forgetting_functions()
def run_text_edgecases(hunt: TextHunt, journal: Path | None = None, *, progress: Progress | None = None) -> TextRecord:
    """Hunt for texts on which the classifier breaks; answers are kept in `journal`, so that a killed hunt goes on.

    progress : told of each text.

    Errors: RecipeError if the target or the tests cannot be read, or the target answers nothing; DataError for what is
    wrong with the data.
    """
    began = (time.process_time(), time.perf_counter())
    function = load_function(hunt.target) if isinstance(hunt.target, str) else hunt.target
    seeds = Seeds(hunt.seed)
    content, where = (
        (read_suite(hunt.tests), str(hunt.tests)) if isinstance(hunt.tests, Path) else (hunt.tests, "tests")
    )
    suite = make_suite(content or {}, seeds, skip=hunt.skip, where=where)
    texts, labels = _rows(hunt)
    known = Counter(label for label in labels if label is not None)
    of_its_own = hasattr(getattr(function, "__self__", None), "classes_")
    target = TextTarget(
        function,
        field=hunt.text,
        style=hunt.style,
        budget=hunt.calls,
        classes=None if of_its_own else sorted(known),
        closed=of_its_own or (len(known) > 1 and min(known.values()) > 1),
    )
    target.tell(progress or Silent())
    with keeping_answers(target, journal):
        campaign = search_texts(target, suite, texts, seeds, labels=labels)
    cost = {
        "cpu_seconds": round(time.process_time() - began[0], 2),
        "wall_seconds": round(time.perf_counter() - began[1], 2),
        "texts": campaign.calls,
    }
    facts = {"target": hunt.name, "style": target.style, "seed": str(hunt.seed), "version": version("simulacra")}
    notes = _notes(hunt, campaign, len(texts), target.budget)
    return TextRecord(hunt, target.style, campaign, target.classes, facts, cost, notes)


def fingerprint_texts(hunt: TextHunt) -> str:
    """Return a digest of all that decides which texts are tried."""
    tests = hunt.tests.read_text(encoding="utf-8") if isinstance(hunt.tests, Path) else hunt.tests
    data = hashlib.sha256(Path(hunt.data).read_bytes()).hexdigest() if isinstance(hunt.data, str | Path) else ""
    content = [hunt.name, hunt.text, hunt.label, tests, data, list(hunt.skip), hunt.style, hunt.calls, hunt.seed]
    return hashlib.sha256(json.dumps([*content, version("simulacra")], default=str).encode()).hexdigest()


def _rows(hunt: TextHunt) -> tuple[list[str], list[str | None]]:
    """Return texts and their labels; rows without a text, and texts that stand twice, are left out."""
    if hunt.data is None:
        if hunt.tests is None:
            hint = "give --data (a table with texts like those it will meet), or --tests (a file of templates)"
            raise RecipeError("nothing says which texts the target takes", hint=hint)
        return [], []
    of_file = isinstance(hunt.data, str | Path)
    frame = read_table(Path(hunt.data)).frame if of_file else to_polars(hunt.data)[0]
    for column in (hunt.text, hunt.label):
        if column is not None and column not in frame.columns:
            raise DataError(f"there is no column {column!r}", hint=f"there are: {', '.join(frame.columns)}")
    named = [pl.col(hunt.text).cast(pl.String).alias("text")]
    named += [pl.col(hunt.label).cast(pl.String).alias("label")] if hunt.label else []
    rows = frame.select(named).filter(pl.col("text").str.strip_chars() != "").unique("text", maintain_order=True)
    rows = rows.head(_MOST_ROWS)
    if not rows.height:
        raise DataError(f"no row has a text in {hunt.text!r}", hint="give rows with texts")
    return rows["text"].to_list(), rows["label"].to_list() if hunt.label else [None] * rows.height


def _notes(hunt: TextHunt, campaign: TextCampaign, texts: int, budget: int) -> tuple[str, ...]:
    notes = []
    if texts:
        of = f"{campaign.sample:,} of {texts:,} texts" if campaign.sample < texts else f"{texts:,} texts"
        notes.append(f"Every test was tried on the same {of}; then on those nearest to another answer.")
    idle = [one.test.name for one in campaign.rates if not one.rate.trials]
    if idle:
        notes.append(f"Not tried, since the texts have nothing of the kind or were too few: {', '.join(idle)}.")
    if hunt.skip:
        notes.append(f"Left out, as you said: {', '.join(hunt.skip)}.")
    if campaign.accuracy is not None and campaign.accuracy.value < 0.5:
        share = campaign.accuracy.value
        notes.append(f"Of the labels in {hunt.label!r} only {share:.0%} were found: are they what the target answers?")
    if campaign.calls >= budget:
        notes.append(f"All {budget:,} texts were used up: give more with --calls to try further.")
    return tuple(notes)
