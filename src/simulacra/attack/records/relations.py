"""Relations between answers that must hold whatever the right answer is: metamorphic tests of a record function.

Source: Chen, Cheung, Yiu 1998 (metamorphic testing); Ribeiro et al. 2020 (invariance and directional tests).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from .cases import RecordCase
from .domain import Domain, Field
from .oracles import Failure, alike, rank, same
from .outcome import Outcome
from .rules import refusals
from .target import RecordTarget
from .values import MISSING, valid_probes

__all__ = ["check_batches", "check_record", "check_state", "sweep", "zoom"]

Record = Mapping[str, Any]
_GRID = 25
_ROUNDS = 4
_BATCH = 12


def check_record(domain: Domain, target: RecordTarget, case: RecordCase, rng: np.random.Generator) -> Iterator[Failure]:
    """Yield what is wrong with an allowed record asked twice, or changed in ways that mean nothing."""
    record = case.record
    relations: list[tuple[str, str, Callable[[Record], Record | None]]] = [
        ("repeat", "asked twice, the same record got two answers", lambda one: one),
        ("field order", "another order of fields got another answer", lambda one: dict(list(one.items())[::-1])),
    ]
    numbers = [one.name for one in domain.fields if one.kind == "number"]
    relations += [
        (f"same number:{name}", f"{name} as a whole number got another answer", _whole(name)) for name in numbers
    ]
    for name in domain.expect.ignores:
        others = [probe.value for probe in valid_probes(domain[name]) if probe.value not in (None, MISSING)]
        longest = max(others, key=lambda value: len(str(value)))
        for value in (longest, others[int(rng.integers(len(others)))]):
            relations.append((f"ignores:{name}", f"{name} must change nothing, and did", _with(name, value)))
    for oracle, told, change in relations:
        start = case if not oracle.startswith("same number") else _rounded(case, oracle.split(":", 1)[1])
        found = _differs(domain, target, start, (oracle, told, change))
        if found is not None:
            yield found
    if target.style == "record" and target.changes_its_input(record):
        still = target.changes_its_input
        yield Failure("input", ("input",), case, "the function changed the record it was given", "medium", still)


def sweep(
    domain: Domain,
    target: RecordTarget,
    case: RecordCase,
    name: str,
    dictionary: Sequence[Any],
    *,
    rng: np.random.Generator,
) -> Iterator[Failure]:
    """Yield where the answer goes the wrong way while one field rises and all others stay."""
    direction = domain.expect.monotone[name]
    told = _numbers(domain[name], dictionary)
    some = [told[i] for i in rng.permutation(len(told))[:_GRID]]
    values = sorted({*_spread(domain[name], rng), *some})
    before: tuple[Any, float] | None = None
    for value in values:
        record = {**case.record, name: value}
        place = _place(domain, target, record)
        if place is None:
            continue
        if before is not None and direction * (place - before[1]) < -1e-9:
            yield _backwards(domain, target, (name, before[0], value), RecordCase(record, {name: "sweep"}))
        before = (value, place)


def zoom(
    domain: Domain,
    target: RecordTarget,
    case: RecordCase,
    name: str,
    *,
    rng: np.random.Generator,
    dictionary: Sequence[Any] = (),
) -> Iterator[Failure]:
    """Look closer, round after round, where the answer rises least with a field: valleys lie between grid points."""
    del dictionary  # the sweep looks at what stands in the code
    one, direction = domain[name], domain.expect.monotone[name]
    if one.kind not in ("integer", "number"):
        return
    low, high = _ends(one)
    for _ in range(_ROUNDS):
        values = sorted({_fitting(one, float(value)) for value in rng.uniform(low, high, size=12)})
        places = [(value, _place(domain, target, {**case.record, name: value})) for value in values]
        known = [(value, direction * place) for value, place in places if place is not None]
        if len(known) < 2:
            return
        slopes = [(b[1] - a[1]) / max(float(b[0]) - float(a[0]), 1e-12) for a, b in pairwise(known)]
        least = int(np.argmin(slopes))
        if slopes[least] < 0:
            move = (name, known[least][0], known[least + 1][0])
            yield _backwards(domain, target, move, RecordCase({**case.record, name: move[2]}, {name: "search"}))
            return
        low, high = float(known[max(least - 1, 0)][0]), float(known[min(least + 2, len(known) - 1)][0])


def check_batches(target: RecordTarget, cases: Sequence[RecordCase]) -> Iterator[Failure]:
    """Yield what is wrong with a batched target: empty batch, single against batch, order, duplicates."""
    if not target.batched or not cases:
        return
    some = [case.record for case in cases[:_BATCH]]
    empty = target.call_many([])
    if not empty.ok or empty.value:
        told = f"an empty batch gave {_said(empty)}"
        yield Failure("empty batch", ("empty batch",), cases[0], told, "medium", lambda _: _empty_fails(target))
    whole = target.call_many(some)
    if not whole.ok or len(whole.value) != len(some):
        seen = f"{whole.error}: {whole.message}" if not whole.ok else f"{len(whole.value)} answers"
        told = f"a batch of {len(some)} allowed records gave {seen}"
        yield Failure("batch", ("batch", whole.error), cases[0], told, "high", lambda _: _batch_fails(target, some))
        return
    for oracle, look in _VIEWS.items():
        wrong = _contradiction(target, some, look)
        if wrong is not None:
            place, before, after = wrong
            told = f"{oracle}: {before!r} became {after!r} for the same row"
            again = _tried_again(target, some, look)
            yield Failure(oracle, (oracle,), cases[place], told, "high", again)


def _empty_fails(target: RecordTarget) -> bool:
    empty = target.call_many([])
    return not empty.ok or bool(empty.value)


def _batch_fails(target: RecordTarget, some: Sequence[Record]) -> bool:
    whole = target.call_many(some)
    return not whole.ok or len(whole.value) != len(some)


def _alone(target: RecordTarget, some: Sequence[Record]) -> list[Any]:
    return [one.value if one.ok else one.error for one in (target.call(record) for record in some)]


def _backwards_order(target: RecordTarget, some: Sequence[Record]) -> list[Any]:
    back = target.call_many(some[::-1])
    return list(back.value[::-1]) if back.ok else [back.error] * len(some)


def _twice(target: RecordTarget, some: Sequence[Record]) -> list[Any]:
    twice = target.call_many([*some, *some])
    return list(twice.value[: len(some)]) if twice.ok else [twice.error] * len(some)


_VIEWS: dict[str, Callable[[RecordTarget, Sequence[Record]], list[Any]]] = {
    "single against batch": _alone,
    "order of rows": _backwards_order,
    "duplicates in a batch": _twice,
}
"""Ways to ask for the answers of a batch that must not change them."""


def _contradiction(
    target: RecordTarget, some: Sequence[Record], look: Callable[[RecordTarget, Sequence[Record]], list[Any]]
) -> tuple[int, Any, Any] | None:
    """Return the first row whose answer changes, with both answers; None if none does."""
    whole = target.call_many(some)
    if not whole.ok or len(whole.value) != len(some):
        return None
    pairs = enumerate(zip(whole.value, look(target, some), strict=False))
    return next(((i, one, other) for i, (one, other) in pairs if not alike(one, other)), None)


def _tried_again(
    target: RecordTarget, some: Sequence[Record], look: Callable[[RecordTarget, Sequence[Record]], list[Any]]
) -> Callable[[Record], bool]:
    return lambda _: _contradiction(target, some, look) is not None


def check_state(target: RecordTarget, first: Sequence[tuple[RecordCase, Any]]) -> Iterator[Failure]:
    """Yield records that are answered otherwise after all other calls than they were at the start."""
    for case, before in first:
        if not same(before, after := target.call(case.record)):
            told = f"the same record got {_said(before)} at first and {_said(after)} after other calls: it remembers"
            if target.unmade:
                told += f". It was not made anew ({target.unmade}): other findings may be the doing of its memory"
            yield Failure("memory", ("memory",), case, told, "high", None)
            return


def _differs(
    domain: Domain,
    target: RecordTarget,
    case: RecordCase,
    relation: tuple[str, str, Callable[[Record], Record | None]],
) -> Failure | None:
    oracle, told, change = relation

    def still(record: Record) -> bool:
        other = change(record)
        if other is None or refusals(domain, record) or refusals(domain, other):
            return False
        first, second = target.call(record), target.call(other)
        # That a changed record breaks the target is another oracle's to say.
        return not same(first, second) and (oracle == "repeat" or (first.ok and second.ok))

    if not still(case.record):
        return None
    return Failure(oracle.split(":")[0], (oracle,), case, told, "medium", still, change)


def _backwards(domain: Domain, target: RecordTarget, move: tuple[str, Any, Any], case: RecordCase) -> Failure:
    name, low, high = move
    sense = "rises" if domain.expect.monotone[name] > 0 else "falls"

    def still(record: Record) -> bool:
        before, after = (_place(domain, target, {**record, name: value}) for value in (low, high))
        return before is not None and after is not None and domain.expect.monotone[name] * (after - before) < -1e-9

    told = f"{name} from {low!r} to {high!r} moved the answer the wrong way (it {sense} with {name})"
    signature = ("monotone", name, f"{_bucket(domain[name], high)}")
    return Failure("monotone", signature, case, told, "high", still, _with(name, low), {name: high})


def _place(domain: Domain, target: RecordTarget, record: Record) -> float | None:
    """Return where the answer to an allowed record stands in their order, None if the record or it has no place."""
    outcome = None if refusals(domain, record) else target.call(record)
    return rank(domain, outcome.value) if outcome is not None and outcome.ok else None


def _said(outcome: Outcome) -> str:
    if outcome.ok:
        return repr(outcome.value)
    return f"{outcome.error}: {outcome.message}" if outcome.message else outcome.error


def _bucket(one: Field, value: Any) -> int:
    """Return in which twentieth of the range (of its logarithm, where it is wide) a value lies."""
    low, high = _ends(one)
    share = (float(value) - low) / max(high - low, 1e-12) if isinstance(value, int | float) else 0.0
    return int(20 * min(max(share, 0.0), 1.0))


def _spread(one: Field, rng: np.random.Generator) -> list[Any]:
    if one.kind not in ("integer", "number"):
        return sorted(probe.value for probe in valid_probes(one) if isinstance(probe.value, str))
    low, high = _ends(one)
    # Each sweep looks at other places: what lies between the points of one lies under a point of another.
    line = [low, high, *(low + (high - low) * (np.arange(_GRID) + rng.random()) / _GRID)]
    if low >= 0 and high > 0:
        line += list(low + (high - low) * 10 ** (-6 * (np.arange(_GRID) + rng.random()) / _GRID))
    return [_fitting(one, value) for value in line]


def _numbers(one: Field, dictionary: Sequence[Any]) -> list[Any]:
    if one.kind not in ("integer", "number"):
        return []
    step = one.step or (1 if one.kind == "integer" else 0.01)
    told = [value for value in dictionary if isinstance(value, int | float) and math.isfinite(value)]
    near = [_fitting(one, value + sign * step) for value in told for sign in (-1, 0, 1) if abs(value) < 1e15]
    return [value for value in near if one.refuses(value) is None]


def _fitting(one: Field, value: float) -> Any:
    if one.kind == "integer":
        return round(value)
    return round(round(value / one.step) * one.step, 10) if one.step else float(value)


def _ends(one: Field) -> tuple[float, float]:
    low = float(one.low) if isinstance(one.low, int | float) else 0.0
    return low, float(one.high) if isinstance(one.high, int | float) else low + 1e6


def _whole(name: str) -> Callable[[Record], Record | None]:
    def change(record: Record) -> Record | None:
        value = record.get(name)
        if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
            return {**record, name: int(value)}
        return None

    return change


def _rounded(case: RecordCase, name: str) -> RecordCase:
    """Return the case with a number without digits after its point."""
    value = case.record.get(name)
    return RecordCase({**case.record, name: float(round(value))}) if isinstance(value, float) else case


def _with(name: str, value: Any) -> Callable[[Record], Record | None]:
    return lambda record: {**record, name: value} if name in record else None
