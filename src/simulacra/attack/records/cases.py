"""Records to try, in the order in which they are worth trying: at the edges of one field, of a rule, of two fields."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .domain import Domain, Field
from .rules import refusals
from .values import MISSING, Probe, invalid_probes, valid_probes

__all__ = ["RecordCase", "base_records", "edge_cases", "random_cases"]

_TRIES = 400
_EXTREMES = {"lowest", "highest", "earliest", "latest", "level", "null", "empty", "longest"}


@dataclass(frozen=True, slots=True)
class RecordCase:
    """A record to try. ideas : field -> what is tried there; refused : why the record is not allowed, {} if it is."""

    record: Mapping[str, Any]
    ideas: Mapping[str, str] = field(default_factory=dict)
    refused: Mapping[str, str] = field(default_factory=dict)

    @property
    def valid(self) -> bool:
        """Whether the target must take it."""
        return not self.refused


def make_case(domain: Domain, record: Mapping[str, Any], probes: Sequence[Probe] = ()) -> RecordCase:
    """Return the case of a record with some probes put into it."""
    changed = dict(record)
    for probe in probes:
        changed.pop(probe.field, None)
        if probe.value is not MISSING:
            changed[probe.field] = probe.value
    return RecordCase(changed, {probe.field: probe.idea for probe in probes}, refusals(domain, changed))


def base_records(
    domain: Domain, rng: np.random.Generator, count: int, examples: Sequence[Mapping[str, Any]] = ()
) -> list[dict[str, Any]]:
    """Return allowed records to start from: examples that are allowed first, then plain ones, then random ones.

    Fewer than `count` (even none) if the rules leave so little that random tries do not find it.
    """
    found = [dict(example) for example in examples if not refusals(domain, example)][:count]
    for attempt in range(_TRIES * count):
        if len(found) >= count:
            break
        record = {one.name: _plain_value(one) if attempt == 0 else _random_value(one, rng) for one in domain.fields}
        record = _solved(domain, record)
        if not refusals(domain, record):
            found.append(record)
    return found


def edge_cases(
    domain: Domain, bases: Sequence[Mapping[str, Any]], rng: np.random.Generator, dictionary: Sequence[Any]
) -> Iterator[RecordCase]:
    """Yield cases: edges of fields and rules, values beyond; then pairs of edges, and what stands in the code."""
    valid = {one.name: valid_probes(one) for one in domain.fields}
    invalid = {one.name: invalid_probes(one) for one in domain.fields}
    written = {one.name: valid_probes(one, dictionary)[len(valid[one.name]) :] for one in domain.fields}
    yield make_case(domain, {**bases[0], "zz_unknown": 1})
    yield from _by_turns(
        (_placed(domain, bases, probe) for probe in _in_turns(list(valid.values()))),
        (make_case(domain, bases[0], [probe]) for probe in _in_turns(list(invalid.values()))),
        _rule_edges(domain, bases),
    )
    yield from _by_turns(
        (_placed(domain, bases, probe) for probe in _in_turns(list(written.values()))),
        _corners(domain, bases, valid),
    )
    yield from _pairs(domain, bases, rng, valid)


def random_cases(
    domain: Domain, bases: Sequence[Mapping[str, Any]], rng: np.random.Generator, dictionary: Sequence[Any]
) -> Iterator[RecordCase]:
    """Yield cases without end: random changes of one to three fields of records known so far."""
    valid = {one.name: valid_probes(one, dictionary) for one in domain.fields}
    while True:
        base = bases[int(rng.integers(len(bases)))]
        names = rng.choice(domain.names, size=min(int(rng.integers(1, 4)), len(domain.names)), replace=False)
        probes = []
        for name in names:
            at_edge = rng.random() < 0.5 and valid[name]
            value = _random_value(domain[name], rng)
            idea = Probe(str(name), value, "random")
            probes.append(valid[name][int(rng.integers(len(valid[name])))] if at_edge else idea)
        yield make_case(domain, base, probes)


def _placed(domain: Domain, bases: Sequence[Mapping[str, Any]], probe: Probe) -> RecordCase:
    """Return the case of a probe on the first base with which it is allowed; on the first base if there is none."""
    cases = (make_case(domain, base, [probe]) for base in bases)
    solved = make_case(domain, _solved(domain, {**bases[0], probe.field: probe.value}), [probe])
    return next((case for case in itertools.chain(cases, [solved]) if case.valid), make_case(domain, bases[0], [probe]))


def _rule_edges(domain: Domain, bases: Sequence[Mapping[str, Any]]) -> Iterator[RecordCase]:
    """Yield records on both sides of each rule, as near to it as the fields' steps allow."""
    from .rules import slack

    for rule in domain.constraints:
        for comparison, term in ((one, term) for one in rule.comparisons for term in one.terms):
            if term.quoted or term.part or domain[term.name].kind not in ("integer", "number"):
                continue
            one = domain[term.name]
            for base in bases[:4]:
                off = slack(comparison, base)
                if off is None or not term.factor or not isinstance(base.get(term.name), int | float):
                    continue
                edge = base[term.name] - off / term.factor
                for step in (0, 1, -1, 0.01, -0.01):
                    value = round(edge + step) if one.kind == "integer" else edge + step
                    yield make_case(domain, base, [Probe(term.name, value, f"edge of {rule}")])


def _corners(
    domain: Domain, bases: Sequence[Mapping[str, Any]], valid: Mapping[str, list[Probe]]
) -> Iterator[RecordCase]:
    """Yield records with two fields at their extremes, every pair of fields and of extremes."""
    ends = {name: [probe for probe in probes if probe.idea in _EXTREMES][:3] for name, probes in valid.items()}
    for first, second in itertools.combinations(ends, 2):
        for pair in itertools.product(ends[first], ends[second]):
            yield make_case(domain, bases[0], pair)


def _pairs(
    domain: Domain,
    bases: Sequence[Mapping[str, Any]],
    rng: np.random.Generator,
    valid: Mapping[str, list[Probe]],
) -> Iterator[RecordCase]:
    """Yield records with two fields at their edges: every pair of fields in turn, values drawn."""
    pairs = list(itertools.combinations([name for name in valid if valid[name]], 2))
    for _ in range(8):
        for first, second in pairs:
            probes = [valid[name][int(rng.integers(len(valid[name])))] for name in (first, second)]
            yield make_case(domain, bases[int(rng.integers(len(bases)))], probes)


def _by_turns(*streams: Iterator[RecordCase]) -> Iterator[RecordCase]:
    for row in itertools.zip_longest(*streams):
        yield from (case for case in row if case is not None)


def _in_turns(groups: Sequence[Sequence[Probe]]) -> Iterator[Probe]:
    for row in itertools.zip_longest(*groups):
        yield from (probe for probe in row if probe is not None)


def _plain_value(one: Field) -> Any:
    if one.kind == "boolean":
        return False
    if one.levels:
        return one.levels[0]
    if one.kind in ("integer", "number"):
        low, high = _range(one)
        middle = (low + high) / 2
        return _stepped(one, middle)
    if one.kind == "date":
        return str(one.low or "2024-05-15")
    if one.kind == "datetime":
        return str(one.low or "2024-05-15T12:00:00")
    return _text(one, 5)


def _random_value(one: Field, rng: np.random.Generator) -> Any:
    if one.nullable and rng.random() < 0.05:
        return None
    if one.kind == "boolean":
        return bool(rng.random() < 0.5)
    if one.levels:
        return one.levels[int(rng.integers(len(one.levels)))]
    if one.kind in ("integer", "number"):
        low, high = _range(one)
        if low > 0 and high / max(low, 1e-9) > 1000 and rng.random() < 0.5:
            return _stepped(one, float(np.exp(rng.uniform(np.log(low), np.log(high)))))
        return _stepped(one, float(rng.uniform(low, high)))
    if one.kind in ("date", "datetime"):
        return _random_day(one, rng)
    return _text(one, int(rng.integers(1, 12)))


def _range(one: Field) -> tuple[float, float]:
    low = float(one.low) if one.low is not None else None
    high = float(one.high) if one.high is not None else None
    if low is None:
        low = -1000.0 if high is None else high - max(1000.0, abs(high))
    return low, high if high is not None else low + max(1000.0, 10 * abs(low))


def _stepped(one: Field, value: float) -> Any:
    """Return the number rounded as valid ones are, within the range."""
    step = one.step or (1.0 if one.kind == "integer" else 0.01)
    low, high = _range(one)
    rounded = min(max(round(value / step) * step, low), high)
    return round(rounded) if one.kind == "integer" else float(round(rounded, 10))


def _random_day(one: Field, rng: np.random.Generator) -> str:
    from datetime import datetime, timedelta

    first = datetime.fromisoformat(str(one.low or "2000-01-01"))
    last = datetime.fromisoformat(str(one.high or "2030-12-31"))
    spot = first + timedelta(seconds=int(rng.integers(max(int((last - first).total_seconds()), 1))))
    return spot.date().isoformat() if one.kind == "date" else spot.replace(microsecond=0).isoformat()


def _text(one: Field, length: int) -> str:
    """Return a plain text of about that length; one with a pattern gets the simplest text that matches, if found."""
    length = max(one.shortest, min(length, one.longest if one.longest is not None else length))
    plain = ("abcdefghijkl" * (length // 12 + 1))[:length]
    if one.pattern is None or one.refuses(plain) is None:
        return plain
    return _matching(one) or plain


def _matching(one: Field) -> str | None:
    """Return a text that matches a simple pattern (classes, counts, literals), None if none is found."""
    import re

    text = re.sub(r"^\^|\$$", "", one.pattern or "")
    text = re.sub(r"\\d|\[0-9\]", "7", text)
    text = re.sub(r"\[A-Z[^\]]*\]|\\w", "A", text)
    text = re.sub(r"\[[^\]]*[a-z][^\]]*\]|\.(?=[{+*?]|$)", "a", text)
    text = re.sub(r"(.)\{(\d+)(?:,\d*)?\}", lambda hit: hit[1] * int(hit[2]), text)
    text = re.sub(r"(.)[+*]", r"\1", text).replace("\\", "").replace("?", "")
    return text if one.refuses(text) is None else None


def _solved(domain: Domain, record: dict[str, Any]) -> dict[str, Any]:
    """Return the record with what equalities define computed, and pairs that are the wrong way round swapped."""
    from .rules import slack

    changed = dict(record)
    for comparison in (one for rule in domain.constraints for one in rule.comparisons):
        off = slack(comparison, changed)
        if off is None:
            continue
        names = [term.name for term in comparison.terms if not term.quoted and not term.part]
        if comparison.sign == "=" and comparison.defined in names:
            factor = next(term.factor for term in comparison.terms if term.name == comparison.defined)
            value = changed[comparison.defined] - off / factor
            changed[comparison.defined] = round(value) if domain[comparison.defined].kind == "integer" else value
        elif comparison.sign in ("<=", "<") and off > 0 and len(names) == 2 and not comparison.number:
            first, second = names
            changed[first], changed[second] = changed[second], changed[first]
    return changed
