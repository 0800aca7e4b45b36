"""From failed trials to findings: the least change of the shortest text that still fails, one report for one cause."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from ...transform.editing.edits import Edit, apply_edits
from ..rates import Rate, rate
from ..records.findings import Finding, report
from ..records.oracles import Failure
from ..records.target import CallsSpent
from ..shrink import shrink
from .answers import Said
from .suite import TextTest
from .target import TextTarget
from .trials import Bounds, Trial, judge_pair

__all__ = ["TextFinding", "report_texts", "trigger"]

_REPEATS = 5
_TRIES = 60
_LOOKED_AT = 8  # failed trials of a test that are made small, to see what their least changes have in common
_EXAMPLES = 5
_NEAR, _FEW = 0.35, 2
_SHAKY = frozenset({"memory", "repeat", "single against batch", "order of rows", "duplicates in a batch"})
_GRAVE, _SMALL = 0.1, 0.02
"""A test that must change nothing is grave if surely a tenth of its trials fail, small if not a fiftieth did."""


@dataclass(frozen=True, slots=True)
class TextFinding:
    """One weakness of a text classifier.

    kind : "INV", "DIR", "MFT", or "contract" for answers that are none and batches. told : what was seen. wish : what
    must hold. text : fails; before : the text it was made of, None where it stands alone; edits : what differs.
    shortest : the same contradiction on as few words as show it, (before, text), None if it is the pair itself.
    cases, sources : how many trials failed so, on how many texts. rate : of the test, None where it has none.
    examples : other least changes (or texts) that fail so. source : the test that failed, None for "contract".
    margin : how far the first class was before the second where it passes, 0 to 1.
    """

    identity: str
    kind: str
    capability: str
    test: str
    severity: str
    told: str
    wish: str
    text: str
    before: str | None
    edits: tuple[tuple[str, str], ...]
    cases: int
    sources: int
    reproduced: Rate
    shortest: tuple[str, str] | None = None
    rate: Rate | None = None
    examples: tuple[str, ...] = ()
    source: TextTest | None = None
    margin: float = 1.0


def trigger(trial: Trial) -> str:
    """Return the change of a trial in words: what was put where; the text itself if nothing was changed."""
    if trial.before is None:
        return trial.text
    pairs = ((trial.before[edit.start : edit.end].strip(), edit.text.strip()) for edit in trial.edits)
    return ", ".join(f"{old} → {new}" if old and new else f"+ {new}" if new else f"− {old}" for old, new in pairs)


def report_texts(
    target: TextTarget,
    trials: Sequence[Trial],
    failures: Sequence[Failure],
    *,
    bounds: Bounds,
    rates: Mapping[str, Rate],
    right: Mapping[int, bool],
) -> list[TextFinding]:
    """Return the findings, gravest first: one for each test that failed, and for each way in which answers are none.

    rates : of each test in the fixed design. right : whether a source text was answered rightly, where that is known.
    """
    groups: dict[tuple[str, str], list[Trial]] = defaultdict(list)
    for trial in trials:
        if trial.told is not None:
            groups[trial.test.name, trial.outcome.error].append(trial)
    found = [_of_contract(one, target.field) for one in report(failures, [])]
    shaky = any(one.test in _SHAKY for one in found)
    small = _Small(target, bounds)
    for (name, _), failed in groups.items():
        finding = small.finding(_ranked(failed, right), rates.get(name))
        again = finding.reproduced
        # What does not fail again, alone, is chance, or a matter of batches and of calls before.
        if again.hits == again.trials > 0 if shaky else 2 * again.hits > again.trials or not again.trials:
            found.append(finding)
    order = {"high": 0, "medium": 1, "low": 2}
    kinds = {"contract": 0, "MFT": 1, "DIR": 2, "INV": 3}
    ranked = sorted(
        _joined(found), key=lambda one: (order[one.severity], kinds[one.kind], -one.cases, one.test, one.text)
    )
    return [replace(finding, identity=f"F{place + 1:03d}") for place, finding in enumerate(ranked)]


class _Small:
    """Makes failed trials small."""

    def __init__(self, target: TextTarget, bounds: Bounds) -> None:
        self._target, self._bounds = target, bounds

    def finding(self, failed: Sequence[Trial], share: Rate | None) -> TextFinding:
        """Return the finding of trials of one test, the best example first."""
        least: list[Trial] = []
        shortest, hits = None, list[bool]()
        with suppress(CallsSpent):  # then it is as small as it got
            for trial in failed[:_LOOKED_AT]:
                if (again := self._alone(trial)) is not None:
                    least.append(self._least(again))  # noqa: PERF401 - what was done before the calls ran out counts
        shown = min(least, key=lambda one: len(one.edits), default=failed[0])
        with suppress(CallsSpent):
            shortest = self._shortest(shown)
        with suppress(CallsSpent):
            for _ in range(_REPEATS):
                hits.append(self._alone(shown) is not None)
        edits = tuple((shown.before[edit.start : edit.end], edit.text) for edit in shown.edits) if shown.before else ()
        counts = Counter(trigger(one) for one in least if one.text != shown.text)
        examples = tuple(f"{told} ({n} times)" if n > 1 else told for told, n in counts.most_common(_EXAMPLES))
        test = shown.test
        return TextFinding(
            "", test.kind, test.capability, test.name, _severity(shown, share), str(shown.told), test.wish(),
            shown.text, shown.before, edits, len(failed), len({one.source for one in failed}),
            rate([(hit, 1) for hit in hits]), shortest, share, examples, test,
            1.0 if shown.said is None else shown.said.margin,
        )  # fmt: skip

    def _alone(self, trial: Trial) -> Trial | None:
        """Return the trial with the answers to its texts alone, None if it does not fail so."""
        if trial.before is not None:
            outcome = self._target.ask([trial.before])[0]
            if not outcome.ok:
                return None
            trial = replace(trial, said=outcome.value)
        told = self._again(trial.before, trial.edits, trial)
        return replace(trial, told=told) if told else None

    def _least(self, trial: Trial) -> Trial:
        if trial.before is None or len(trial.edits) < 2:
            return trial
        edits = shrink(trial.edits, lambda some: self._again(trial.before, some, trial) is not None, tries=_TRIES)
        if not edits:
            return trial  # the text alone is answered otherwise now: nothing can be told from it
        told = self._again(trial.before, edits, trial)
        text = apply_edits(trial.before, edits)[0]
        return replace(trial, edits=tuple(edits), text=text, told=told) if told else trial

    def _again(self, before: str | None, edits: Sequence[Edit], trial: Trial) -> str | None:
        """Return what is wrong with an edited text in the way the trial was, None if nothing is."""
        text = trial.text if before is None else apply_edits(before, edits)[0]
        outcome = self._target.ask([text])[0]
        told = judge_pair(trial.test, trial.said, outcome, self._bounds)
        return told if outcome.error == trial.outcome.error else None

    def _shortest(self, trial: Trial) -> tuple[str, str] | None:
        """Return the pair on as few words as still contradict each other with the same two answers."""
        if trial.before is None or trial.said is None:
            return None
        chunks = _chunks(trial.before, trial.edits)
        fixed = {place for place, chunk in enumerate(chunks) if any(_inside(edit, chunk) for edit in trial.edits)}
        loose = [place for place in range(len(chunks)) if place not in fixed]

        def still(some: Sequence[int]) -> bool:
            before, after = _parts(str(trial.before), trial.edits, chunks, {*some, *fixed})
            return bool(before.strip()) and self._same_story(trial, before, after)

        kept = {*shrink(loose, still, tries=_TRIES), *fixed}
        return None if len(kept) == len(chunks) else _parts(trial.before, trial.edits, chunks, kept)

    def _same_story(self, trial: Trial, before: str, after: str) -> bool:
        first, second = self._target.ask([before, after])
        if not first.ok or second.error != trial.outcome.error:
            return False
        said: Said = first.value
        same = said.label == trial.said.label if trial.said else False
        if second.ok and trial.outcome.ok:
            same = same and second.value.label == trial.outcome.value.label
        return same and judge_pair(trial.test, said, second, self._bounds) is not None


def _joined(found: Sequence[TextFinding]) -> list[TextFinding]:
    """Join what fails seldom and only on texts that are near to another answer anyway: one cause, many changes."""
    near = [one for one in found if one.severity == "low" and one.kind == "INV" and one.margin < _NEAR]
    if len(near) < _FEW:
        return list(found)
    first = max(near, key=lambda one: one.cases)
    told = f"texts near to another answer flip with small changes; here {first.told}"
    joined = replace(
        first, test="near to another answer", capability="several", told=told, cases=sum(one.cases for one in near),
        sources=max(one.sources for one in near), rate=None, examples=tuple(sorted(one.test for one in near)),
    )  # fmt: skip
    return [joined, *(one for one in found if one not in near)]


def _ranked(failed: Sequence[Trial], right: Mapping[int, bool]) -> list[Trial]:
    """Return the trials in the order in which they convince: right became wrong, few edits, short; each text once."""
    order = sorted(failed, key=lambda one: (not right.get(one.source, False), len(one.edits), len(one.text), one.text))
    first: dict[int, Trial] = {}
    rest = [one for one in order if first.setdefault(one.source, one) is not one]
    return [*first.values(), *rest]


def _severity(trial: Trial, share: Rate | None) -> str:
    if not trial.outcome.ok or (share is not None and share.trials and share.low >= _GRAVE):
        return "high"
    if trial.test.kind != "INV":
        return "medium"
    return "medium" if share is not None and share.trials and share.value >= _SMALL else "low"


def _of_contract(one: Finding, field: str) -> TextFinding:
    """Return a finding of the record engine, about one text or about batches of them."""
    text = str(one.record.get(field, ""))
    return TextFinding(
        "", "contract", "answers at all", one.oracle, one.severity, one.told, "one answer a text, always the same",
        text, None, (), one.count, 1, one.reproduced,
    )  # fmt: skip


def _chunks(text: str, edits: Sequence[Edit]) -> list[tuple[int, int]]:
    """Return the words of a text as (start, end), with the space after them; what one edit spans is one chunk."""
    starts = [found.start() for found in re.finditer(r"\S+", text)]
    starts = [0, *(start for start in starts[1:] if not any(edit.start < start < edit.end for edit in edits))]
    ends = [*starts[1:], len(text)]
    tail = [(len(text), len(text))] if any(edit.start == len(text) for edit in edits) else []
    return [*zip(starts, ends, strict=True), *tail]


def _inside(edit: Edit, chunk: tuple[int, int]) -> bool:
    return chunk[0] <= edit.start < chunk[1] or edit.start == chunk[0] == chunk[1]


def _parts(text: str, edits: Sequence[Edit], chunks: Sequence[tuple[int, int]], kept: set[int]) -> tuple[str, str]:
    """Return the text of some chunks, before and after the edits in them."""
    before, after = [], []
    for place, (start, end) in enumerate(chunks):
        if place in kept:
            own = [
                Edit(edit.start - start, edit.end - start, edit.text) for edit in edits if _inside(edit, (start, end))
            ]
            before.append(text[start:end])
            after.append(apply_edits(text[start:end], own)[0])
    return "".join(before), "".join(after)
