"""The hunt through a text classifier: what is tried, in which order, within a hard limit on texts.

First a fixed design, from which shares and their intervals are taken: every test on the same sample of texts. What is
left goes where news are: tests that still find something, texts whose answer is near to another.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ...errors import DataError
from ...seeds import Seeds
from ..archive import Archive, Scheduler
from ..rates import Rate, rate
from ..records.cases import RecordCase
from ..records.domain import Domain, domain_from_dict
from ..records.oracles import Failure, judge
from ..records.outcome import Outcome
from ..records.relations import check_batches, check_state
from ..records.target import CallsSpent
from ..records.unanswered import refuse_unanswered
from ..records.values import valid_probes
from .answers import SCORE, Said
from .findings import TextFinding, report_texts
from .suite import Suite, TextTest
from .target import TextTarget, plain
from .trials import Bounds, Trial, try_all

__all__ = ["TestRate", "TextCampaign", "search_texts"]

_DESIGN = 0.5
"""Share of the texts for the fixed design; then the search, up to what is kept for making findings small."""
_FOR_SHRINKING = 0.25
_MOST_BASES = 300
_TURN = 16
_ALONE, _AGAIN = 5, 0.004
"""Texts, and their share of all, that are asked about alone at the start and at the end: whether answers stay."""
_STEP = 0.1  # bare scores: a tenth of their spread is still the same answer


@dataclass(frozen=True, slots=True)
class TestRate:
    """How one test went in the fixed design. applied : to how many of the texts there was something to change."""

    test: TextTest
    rate: Rate
    applied: int
    asked: int


@dataclass(frozen=True, slots=True)
class TextCampaign:
    """What a hunt tried and found.

    rates : of each test, those a person wrote first. accuracy : of the sample's own labels, None without labels.
    calls : texts asked about. sample : texts of the data that the fixed design used. step : how far a bare score may
    move.
    """

    findings: tuple[TextFinding, ...]
    rates: tuple[TestRate, ...]
    tried: tuple[Trial, ...]
    cells: Archive[Trial]
    calls: int
    sample: int
    step: float = 0.0
    accuracy: Rate | None = None

    @property
    def only_answer(self) -> str | None:
        """The one label, with the same scores, that every text got; None if there were others, or no text was tried."""
        outcomes = [one.outcome.value for one in self.tried if one.outcome.ok]
        said = [*outcomes, *(one.said for one in self.tried if one.said is not None)]
        return said[0].label if said and all(one == said[0] for one in said) else None


def search_texts(
    target: TextTarget, suite: Suite, texts: Sequence[str], seeds: Seeds, *, labels: Sequence[str | None] = ()
) -> TextCampaign:
    """Look for texts on which the classifier breaks, contradicts itself or misses what a test expects.

    texts : like those it will meet; labels : theirs, () or None where not known.
    Errors: DataError if there is neither a text nor a test with texts of its own, RecipeError if the target answers
    none of the plain ones.
    """
    if not texts and not any(test.texts for test in suite.tests):
        raise DataError("there is no text to start from", hint="give --data with texts, or --tests with templates")
    hunt = _Hunt(target, suite, seeds)
    with suppress(CallsSpent):
        hunt.start(texts, labels)
        hunt.design()
        hunt.contract()
        hunt.follow()
    rates = hunt.rates()
    by_name = {one.test.name: one.rate for one in rates}
    findings = report_texts(
        target, hunt.trials, hunt.failures, bounds=hunt.bounds, rates=by_name, right=hunt.right
    )  # fmt: skip
    return TextCampaign(
        tuple(findings), tuple(rates), tuple(hunt.trials), hunt.cells, target.calls, len(hunt.bases),
        hunt.bounds.step, hunt.accuracy(),
    )  # fmt: skip


@dataclass(slots=True)
class _Hunt:
    """What has been tried so far, and the limits."""

    target: TextTarget
    suite: Suite
    seeds: Seeds
    bases: dict[int, tuple[str, Said]] = field(default_factory=dict)
    trials: list[Trial] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    right: dict[int, bool] = field(default_factory=dict)
    bounds: Bounds = field(default_factory=Bounds)
    cells: Archive[Trial] = field(default_factory=lambda: Archive([]))
    planned: int = 0
    _applied: dict[str, tuple[int, int]] = field(default_factory=dict)
    _asked: list[tuple[RecordCase, Any]] = field(default_factory=list)
    _alone: list[tuple[RecordCase, Any]] = field(default_factory=list)
    _known: set[tuple[str, str | None]] = field(default_factory=set)

    def start(self, texts: Sequence[str], labels: Sequence[str | None]) -> None:
        """Ask about a sample of the texts as they are."""
        usual = sum(1 for test in self.suite.tests if not test.texts)
        own = sum(len(test.texts) * (1 if test.change is None else 2) for test in self.suite.tests)
        room = _DESIGN * self.target.budget - own
        wanted = max(1, min(len(texts), _MOST_BASES, int(room / (usual + 1)))) if texts else 0
        places = sorted(self.seeds.child("sample").rng().permutation(len(texts))[:wanted].tolist())
        outcomes = self.target.ask([texts[place] for place in places])
        self._refuse_unanswered([texts[place] for place in places], outcomes)
        for place, outcome in zip(places, outcomes, strict=True):
            case = RecordCase({self.target.field: texts[place]})
            self._asked.append((case, plain(outcome)))
            if outcome.ok:
                self.bases[place] = (texts[place], outcome.value)
                if place < len(labels) and labels[place] is not None:
                    self.right[place] = outcome.value.label == labels[place]
        twice = self._asked[: max(_ALONE, int(_AGAIN * self.target.budget))]
        self._alone = [(case, self.target.call(case.record)) for case, outcome in twice if outcome.ok]
        scores = [said.place(SCORE) for _, said in self.bases.values() if said.label is None]
        if scores:
            low, high = np.quantile(scores, (0.05, 0.95))
            self.bounds = Bounds(_STEP * float(high - low))

    def design(self) -> None:
        """Try every test on the same texts, or on its own."""
        for test in self.suite.tests:
            if test.change is None:
                cases: list[Any] = [(-1 - place, text, None, ()) for place, text in enumerate(test.texts)]
                self._try(test, cases, len(cases))
                continue
            bases = self._own(test) if test.texts else list(self.bases.items())
            self._try(test, self._changed(test, bases, "design"), len(bases))
        self.planned = len(self.trials)

    def contract(self) -> None:
        """Ask about strange texts that any classifier must answer, and about batches."""
        domain = self._domain()
        for case, outcome in self._asked:
            self._judge(domain, case, outcome)
        strange = [probe for probe in valid_probes(domain.fields[0]) if domain.fields[0].refuses(probe.value) is None]
        for probe in strange:
            case = RecordCase({self.target.field: probe.value}, {self.target.field: probe.idea})
            self._judge(domain, case, self.target.call(case.record))
        answered = [case for case, outcome in self._asked if outcome.ok]
        self.failures += check_batches(self.target, answered)
        self.failures += check_state(self.target, self._alone)

    def follow(self) -> None:
        """Spend the rest on tests that still find something new, texts near to another answer first."""
        tests = {test.name: test for test in self.suite.tests if test.change is not None and not test.texts}
        if not tests or not self.bases:
            return
        rng, turn = self.seeds.child("search").rng(), 0
        near = sorted(self.bases.items(), key=lambda one: one[1][1].margin)
        scheduler, idle = Scheduler(list(tests)), 0
        while self.target.calls < (1 - _FOR_SHRINKING) * self.target.budget and idle < 2 * len(tests):
            turn += 1
            test = tests[scheduler.choose(rng)]
            places = np.unique((len(near) * rng.random(_TURN) ** 2).astype(int)).tolist()
            before = len(self._known)
            cases = self._changed(test, [near[place] for place in places], f"search {turn}")
            self._try(test, cases)
            idle = 0 if cases else idle + 1
            scheduler.tell(test.name, news=float(len(self._known) > before))

    def rates(self) -> list[TestRate]:
        """Return how each test went in the fixed design; trials on one text are alike."""
        clusters: dict[str, dict[int, list[bool]]] = defaultdict(lambda: defaultdict(list))
        for trial in self.trials[: self.planned]:
            clusters[trial.test.name][trial.source].append(trial.told is not None)
        found = []
        for test in self.suite.tests:
            applied, asked = self._applied.get(test.name, (0, 0))
            some = [(sum(hits), len(hits)) for hits in clusters[test.name].values()]
            found.append(TestRate(test, rate(some), applied, asked))
        return found

    def accuracy(self) -> Rate | None:
        """Return the share of the sample whose label was found, None without labels."""
        return rate([(int(hit), 1) for hit in self.right.values()]) if self.right else None

    def _refuse_unanswered(self, texts: Sequence[str], outcomes: Sequence[Outcome]) -> None:
        """Raise RecipeError if no plain text got an answer: without texts, one of each test is asked about."""
        if not texts:
            texts = [test.texts[0] for test in self.suite.tests if test.texts]
            outcomes = self.target.ask(texts)
        cases = [RecordCase({self.target.field: text}) for text in texts]
        refuse_unanswered(list(zip(cases, map(plain, outcomes), strict=True)), self.target.style, "text")

    def _own(self, test: TextTest) -> list[tuple[int, tuple[str, Said]]]:
        outcomes = zip(test.texts, self.target.ask(test.texts), strict=True)
        return [(-1 - place, (text, one.value)) for place, (text, one) in enumerate(outcomes) if one.ok]

    def _changed(
        self, test: TextTest, bases: Sequence[tuple[int, tuple[str, Said]]], turn: str
    ) -> list[tuple[int, str, Said | None, Any]]:
        assert test.change is not None
        branch = self.seeds.child(turn, test.name)
        some = [(place, text, said, test.change.make(text, branch.child(place))) for place, (text, said) in bases]
        return [one for one in some if one[3]]

    def _try(self, test: TextTest, cases: Sequence[tuple[int, str, Said | None, Any]], asked: int = 0) -> None:
        if asked:
            self._applied[test.name] = (len(cases), asked)
        for trial in try_all(self.target, test, cases, self.bounds):
            self.trials.append(trial)
            failed = trial.told is not None
            if failed:
                self._known.add((test.name, trial.outcome.value.label if trial.outcome.ok else trial.outcome.error))
            cell = (test.capability, test.name)
            self.cells.record(cell, trial, failed=failed, fitness=float(failed), idea=trial.source)

    def _domain(self) -> Domain:
        said = {one.label for _, one in self.bases.values()}
        # Without a list of the classes, an answer not seen before is no wrong one.
        known = self.target.classes if self.target.closed and None not in said else ()
        output: Mapping[str, Any] = {"enum": sorted({*known, *map(str, said)})} if known else {}
        told = {
            "properties": {self.target.field: {"type": "string", "maxLength": 20_000}},
            "expect": {"output": output},
        }
        return domain_from_dict(told)

    def _judge(self, domain: Domain, case: RecordCase, outcome: Any) -> None:
        failure = judge(domain, self.target, case, outcome)
        if failure is not None:
            self.failures.append(failure)
