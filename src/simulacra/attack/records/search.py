"""The search for edge cases: what is tried, in which order, within a hard limit on records and calls."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...errors import DataError
from ...seeds import Seeds
from ..archive import Archive, Scheduler
from .cases import RecordCase, base_records, edge_cases, random_cases
from .dictionary import constants_of
from .domain import Domain
from .findings import Finding, report
from .memory import Maker, blame, maker_of
from .oracles import Failure, judge, same
from .outcome import Outcome
from .relations import check_batches, check_record, check_state, sweep, zoom
from .rules import is_unusual
from .target import CallsSpent, RecordTarget
from .unanswered import refuse_unanswered

__all__ = ["Campaign", "search"]

_BASES = 12
_STALE = 4  # a small domain is used up: so many random changes are drawn for each record wanted, and no more
_WATCH = 100  # records between two looks whether the target remembers
_EDGES = 0.75
"""Share of the records that is spent on edges before changes are drawn at random."""
_FOR_SHRINKING = 0.25
"""Share of the calls that is kept for making findings small."""


@dataclass(frozen=True, slots=True)
class Campaign:
    """What a search tried and found.

    tried : (case, outcome) of every record, in order. cells : kind of case and field -> what became of it.
    lines : lines of the target's code that were reached.
    """

    findings: tuple[Finding, ...]
    tried: tuple[tuple[RecordCase, Outcome], ...]
    cells: Archive[RecordCase]
    calls: int
    lines: int

    @property
    def is_constant(self) -> bool:
        """Whether every record got the same answer."""
        return bool(self.tried) and all(same(outcome, self.tried[0][1]) for _, outcome in self.tried)


def search(
    domain: Domain,
    target: RecordTarget,
    seeds: Seeds,
    *,
    records: int = 2_000,
    examples: Sequence[Mapping[str, Any]] = (),
    only_allowed: bool = False,
) -> Campaign:
    """Look for records that break the target: edges first, then relations between answers, then guided changes.

    examples : real or generated rows to start from; those that the domain does not allow are left out. only_allowed :
    try no forbidden record, for a target that need not refuse any.

    Errors: DataError if no allowed record could be made, RecipeError if the target answers none of the plain ones.
    """
    rng = seeds.child("cases").rng()
    bases = base_records(domain, rng, _BASES, examples)
    if not bases:
        hint = "give examples with --data, or check that the constraints leave room"
        raise DataError("no record could be made that keeps all bounds and rules", hint=hint)
    maker, target.unmade = maker_of(target.function)
    hunt = _Hunt(domain, target, records, maker)
    hunt.only_allowed = only_allowed
    with suppress(CallsSpent):
        try:
            hunt.begin(bases)
            refuse_unanswered(hunt.start, target.style)
            hunt.look(bases, (rng, seeds))
        except _Remembered as found:
            # What was seen so far may be the memory's doing: all of it is tried again on targets without one.
            hunt = _Hunt(domain, target, max(records - len(hunt.tried), 1))
            hunt.only_allowed = only_allowed
            hunt.failures.append(found.failure)
            hunt.begin(bases)
            hunt.look(bases, (seeds.child("cases", "again").rng(), seeds))
    with suppress(CallsSpent):
        hunt.failures += check_state(target, hunt.start[:5])
    findings = report(hunt.failures, hunt.passing()[:50] or bases)
    return Campaign(tuple(findings), tuple(hunt.tried), hunt.cells, target.calls, len(target.lines.reached))


class _Remembered(Exception):
    """The target remembers calls, and it is known how it forgets them."""

    def __init__(self, failure: Failure) -> None:
        self.failure = failure


class _Hunt:
    """What has been tried so far, and the limits. maker : makes the target anew, None if nothing does."""

    def __init__(self, domain: Domain, target: RecordTarget, records: int, maker: Maker | None = None) -> None:
        self.domain, self.target, self.records, self._maker = domain, target, records, maker
        self.only_allowed = False
        self.start: list[tuple[RecordCase, Outcome]] = []
        self._watched = 0
        self.tried: list[tuple[RecordCase, Outcome]] = []
        self.failures: list[Failure] = []
        self.news: list[RecordCase] = []
        self.cells: Archive[RecordCase] = Archive([])
        self._seen: Counter[str] = Counter()

    def begin(self, bases: Sequence[Mapping[str, Any]]) -> None:
        """Try plain records, and keep them with their answers."""
        for case in map(RecordCase, {repr(base): base for base in bases}.values()):
            if (outcome := self.trial(case)) is None:
                break
            self.start.append((case, outcome))

    def _worth(self, cases: Iterator[RecordCase]) -> Iterator[RecordCase]:
        return (case for case in cases if case.valid or not self.only_allowed)

    def _watch(self) -> None:
        """Ask about the first record once more; raise _Remembered if another record made the answer another."""
        since = [case.record for case, _ in self.tried[self._watched :]]
        self._watched = len(self.tried)
        first = next((pair for pair in self.start if pair[1].ok), None)
        if first is None or self._maker is None:
            return
        case, before = first
        if same(before, now := self.target.call(case.record)):
            return
        maker, self._maker = self._maker, None  # once, whatever comes of it
        if same(now, self.target.call(case.record)) and (failure := blame(self.target, maker, first, since)):
            raise _Remembered(failure)

    def trial(self, case: RecordCase) -> Outcome | None:
        """Try a record and judge the answer; None when the calls for it are used up."""
        if self.target.calls >= (1 - _FOR_SHRINKING) * self.target.budget:
            return None
        if len(self.tried) - self._watched >= _WATCH:
            self._watch()
        key = repr(case.record)
        self._seen[key] += 1
        if self._seen[key] > 1:
            return Outcome()
        outcome, is_new = self.target.explore(case.record)
        self.tried.append((case, outcome))
        failure = judge(self.domain, self.target, case, outcome)
        if failure is not None:
            self.failures.append(failure)
        if is_new and self._is_usual(case):
            self.news.append(case)
        for name, idea in case.ideas.items() or (("", "plain"),):
            failed = failure is not None
            self.cells.record((idea.split(" ")[0], name), case, failed=failed, fitness=float(failed), idea=key)
        return outcome

    def look(self, bases: Sequence[Mapping[str, Any]], draws: tuple[np.random.Generator, Seeds]) -> None:
        """Spend records and calls: relations of plain records, edges, guided changes, relations of what was news."""
        (rng, seeds), words = draws, constants_of(self.target.function)
        self.relate([RecordCase(base) for base in bases], seeds.child("relations").rng())
        for case in self._worth(edge_cases(self.domain, bases, rng, words)):
            if len(self.tried) >= _EDGES * self.records or not self.trial(case):
                break
        grown = [*bases, *(case.record for case in self.news)]
        for case in self._worth(itertools.islice(random_cases(self.domain, grown, rng, words), _STALE * self.records)):
            if len(self.tried) >= self.records or not self.trial(case):
                break
        self.relate(self.news[:_BASES], seeds.child("more relations").rng())
        self.follow(words, seeds.child("sweeps").rng())

    def relate(self, cases: Sequence[RecordCase], rng: np.random.Generator) -> None:
        """Ask for relations between answers that hold for any allowed record."""
        allowed = [case for case in cases if case.valid]
        self.failures += check_batches(self.target, allowed)
        for case in allowed:
            if self._spent():
                return
            self.failures += check_record(self.domain, self.target, case, rng)

    def follow(self, words: Sequence[Any], rng: np.random.Generator) -> None:
        """Spend the rest of the calls on following single fields, where news were found and where all answers occur."""
        arms = [(look, name) for look in (sweep, zoom) for name in self.domain.expect.monotone]
        starts = self._by_answer(rng)
        if not arms or not starts:
            return
        scheduler, known = Scheduler(arms), {failure.signature for failure in self.failures}
        idle = 0
        for case in itertools.cycle(starts):
            if self._spent() or idle > len(starts):
                return  # out of calls, or no field has a second allowed value to move to
            look, name = scheduler.choose(rng)
            before = self.target.calls
            found = list(look(self.domain, self.target, case, name, rng=rng, dictionary=words))
            self.failures += found
            idle = idle + 1 if self.target.calls == before else 0
            news = {failure.signature for failure in found} - known
            known |= news
            scheduler.tell((look, name), news=float(bool(news)))

    def passing(self) -> list[Mapping[str, Any]]:
        """Return the allowed records that nothing was wrong with, in order."""
        failed = {repr(failure.case.record) for failure in self.failures}
        good = [case.record for case, outcome in self.tried if outcome.ok and self._is_usual(case)]
        return [record for record in good if repr(record) not in failed]

    def _by_answer(self, rng: np.random.Generator) -> list[RecordCase]:
        """Return allowed records, each kind of answer as often as the others as far as there are some."""
        kinds: dict[str, list[RecordCase]] = {}
        for case, outcome in self.tried:
            if outcome.ok and self._is_usual(case):
                said = outcome.value if self.domain.expect.levels else type(outcome.value).__name__
                kinds.setdefault(repr(said), []).append(case)
        mixed = [[some[i] for i in rng.permutation(len(some))] for some in kinds.values()]
        return [case for row in itertools.zip_longest(*mixed) for case in row if case is not None]

    def _is_usual(self, case: RecordCase) -> bool:
        return case.valid and not is_unusual(self.domain, case.record)

    def _spent(self) -> bool:
        return self.target.calls >= (1 - _FOR_SHRINKING) * self.target.budget
