"""Laws of the row runner: the rows are a function of outcomes alone, whatever the width, the speed and the kills."""

import asyncio
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulacra.contracts import Reject
from simulacra.errors import OutputError
from simulacra.models.errors import Declined
from simulacra.run.flow import Attempt, Flow, Limits, Order, fill
from simulacra.run.flow.account import Account
from simulacra.seeds import Seeds
from simulacra.store.rows import RowStore


class Context:
    """What a step sees here: its seeds, and an account to write on."""

    def __init__(self, seeds: Seeds, account: Account) -> None:
        self.seeds, self.account = seeds, account


class Unlike:
    """Refuses a row whose value was accepted before: what an ordered check does."""

    name, ordered = "unlike", True

    def __init__(self) -> None:
        self.seen: set[int] = set()

    async def __call__(self, row, _context):
        await asyncio.sleep(0)
        return "seen before" if row["value"] in self.seen else None

    def accept(self, row):
        self.seen.add(row["value"])


def begin(attempt: Attempt, _seeds: Seeds):
    return {"slot": attempt.slot, "_position": attempt.position}


def slow(chaos: random.Random, values: int = 40, refuse: int = 4):
    """A step that takes as long as `chaos` says and draws a value from its own seeds."""

    async def step(row, context):
        for _ in range(chaos.randrange(4)):
            await asyncio.sleep(0)
        context.account.calls.append(f"{context.seeds.integer():x}")
        context.account.tokens_in += 3
        drawn = context.seeds.integer()
        if drawn % refuse == 0:
            return Reject("slow", "not today")
        return {**row, "value": drawn // 7 % values}

    return step


def run(rows, store, *, width=4, chaos=0, flow=None, **options):
    flow = flow or Flow(begin, (("slow", slow(random.Random(chaos))),), (Unlike(),))
    return asyncio.run(fill(flow, rows, store, seeds=Seeds(5), open=Context, width=width, **options))


def delivered(store):
    return [row.content for row in store.rows(accepted=True)]


@settings(max_examples=15, deadline=None)
@given(width=st.integers(1, 60), chaos=st.integers(0, 1000))
def test_rows_do_not_depend_on_width_or_speed(width, chaos):
    reference, other = RowStore(":memory:"), RowStore(":memory:")
    run(30, reference, width=1)
    end = run(30, other, width=width, chaos=chaos)
    assert end.accepted == 30
    assert list(other.decisions()) == list(reference.decisions())
    assert len({row["value"] for row in delivered(other)}) == 30


class Killed(Exception):
    """The process died."""


@settings(max_examples=15, deadline=None)
@given(at=st.integers(0, 60), chaos=st.integers(0, 1000))
def test_an_interrupted_run_goes_on_to_the_same_rows(at, chaos):
    reference, store = RowStore(":memory:"), RowStore(":memory:")
    run(30, reference)
    left = iter(range(at))
    step = slow(random.Random(chaos))

    async def dying(row, context):
        if next(left, None) is None:
            raise Killed
        return await step(row, context)

    with pytest.raises(Killed):
        run(30, store, width=7, flow=Flow(begin, (("slow", dying),), (Unlike(),)))
    run(30, store, width=9, chaos=chaos)
    assert list(store.decisions()) == list(reference.decisions())


def test_more_rows_keep_what_was_accepted():
    store = RowStore(":memory:")
    run(10, store)
    first = delivered(store)
    told = []
    end = run(25, store, chaos=3, sink=told.extend)
    assert end.accepted == 25
    assert delivered(store)[:10] == first
    assert told == delivered(store)
    assert sorted(row["slot"] for row in delivered(store)) == list(range(25))


def test_an_extended_run_that_was_killed_goes_on_to_the_same_rows():
    reference, store = RowStore(":memory:"), RowStore(":memory:")
    for one in (reference, store):
        run(10, one)
    run(25, reference)
    calls = iter(range(6))
    step = slow(random.Random(1))

    async def dying(row, context):
        if next(calls, None) is None:
            raise Killed
        return await step(row, context)

    with pytest.raises(Killed):
        run(25, store, flow=Flow(begin, (("slow", dying),), (Unlike(),)))
    run(25, store)
    assert list(store.decisions()) == list(reference.decisions())


def test_rejects_are_kept_with_step_reason_and_cost():
    store = RowStore(":memory:")
    run(20, store)
    totals = store.totals()
    assert set(totals.refused) == {("slow", "not today"), ("unlike", "seen before")}
    assert totals.accepted == 20
    assert totals.rejected == sum(totals.refused.values())
    assert totals.attempts == 20 + totals.rejected
    assert totals.tokens_in == 3 * totals.attempts
    assert totals.calls == totals.attempts


def test_a_run_without_yield_ends_and_says_why():
    async def never(_row, _context):
        return Reject("never", "no")

    store = RowStore(":memory:")
    flow = Flow(begin, (("never", never),))
    end = run(20, store, flow=flow)
    assert end.accepted == 0
    assert end.attempts == 38
    assert end.reason == "none of the first 38 attempts gave a row; 'never' refused 38 of 38 rows (no)"
    assert end.chief == "never"
    again = run(20, store, flow=flow)
    assert (again.attempts, again.reason) == (end.attempts, end.reason)
    capped = run(20, RowStore(":memory:"), flow=flow, limits=Limits(attempts=12))
    assert capped.reason == "the ceiling of 12 attempts is reached; 'never' refused 12 of 12 rows (no)"


def every(count: int, until: int = 10**9):
    """A flow whose every so manieth attempt gives a row, up to a place in the line."""

    async def step(row, _context):
        place = row["_position"]
        return row if place % count == count - 1 and place < until else Reject("step", f"{place % 2}")

    return Flow(begin, (("step", step),))


@pytest.mark.parametrize("rows", [1, 12, 50, 300])
def test_a_slow_run_is_not_a_hopeless_one(rows):
    end = run(rows, RowStore(":memory:"), flow=every(6), tries=1)
    assert (end.accepted, end.reason, end.chief) == (rows, "", "")


def test_a_run_whose_yield_falls_ends_within_a_hundred_attempts():
    end = run(200, RowStore(":memory:"), flow=every(2, until=60))
    assert end.accepted == 30
    assert end.attempts <= 160
    told = "only 3 of the last 100 attempts gave a row; 'step' refused"
    assert end.reason.startswith(told)
    few = run(200, RowStore(":memory:"), flow=every(2, until=3))
    assert few.reason.startswith("only 1 of 56 attempts gave a row; 'step' refused 55 of 55 rows (")


def test_who_allows_more_attempts_waits_longer():
    store = RowStore(":memory:")
    hopeless = run(5, store, flow=every(50))
    assert (hopeless.accepted, hopeless.attempts) == (0, 38)
    patient = run(5, store, flow=every(50), limits=Limits.within(400, 5))
    assert (patient.accepted, patient.reason) == (5, "")
    assert Limits.within(None, 5) == Limits.usual(5)
    assert Limits.within(12, 20).least == Limits.usual(20).least


def test_a_slot_that_cannot_be_filled_is_given_up_and_another_opened():
    async def step(row, _context):
        return Reject("step", "hopeless") if row["slot"] == 2 else row

    store = RowStore(":memory:")
    end = run(5, store, flow=Flow(begin, (("step", step),)), tries=4)
    assert end.given_up == (2,)
    assert sorted(row["slot"] for row in delivered(store)) == [0, 1, 3, 4, 5]


def test_records_branch_and_the_run_ends_with_just_the_rows_asked_for():
    async def three(row, _context):
        return [{**row, "part": part} for part in range(3)]

    async def odd(row, context):
        return Reject("odd", "odd") if (row["slot"] + row["part"]) % 2 else {**row, "at": context.seeds.path[-1]}

    told = []
    store = RowStore(":memory:")
    flow = Flow(begin, (("three", three), ("odd", odd)), per_slot=3)
    end = run(10, store, flow=flow, sink=told.extend)
    assert len(told) == 10
    assert end.accepted >= 10
    assert all((row["slot"] + row["part"]) % 2 == 0 and row["at"] == str(row["part"]) for row in told)
    assert told == delivered(store)[:10]


def test_a_model_that_declines_is_a_reject():
    async def ask(_row, _context):
        raise Declined("the model refused", where="echo")

    store = RowStore(":memory:")
    run(2, store, flow=Flow(begin, (("ask", ask),)), limits=Limits(attempts=3))
    assert store.totals().refused == {("ask", "the model refused"): 3}


def test_another_flow_in_the_same_store_is_told():
    store = RowStore(":memory:")
    run(10, store)
    with pytest.raises(OutputError, match=r"The stored rows are not those of this recipe \(attempt"):
        run(10, store, tries=1)


def test_a_store_that_cannot_be_written_ends_the_run(tmp_path: Path):
    store = RowStore(tmp_path / "run.sqlite")
    store.close()
    with pytest.raises(OutputError, match="the run's store cannot be used"):
        run(3, store)


def test_a_damaged_row_is_told(tmp_path: Path):
    store = RowStore(tmp_path / "run.sqlite")
    run(3, store)
    store._db.execute("UPDATE made SET content = '{'")
    with pytest.raises(OutputError, match="a stored row is damaged"):
        run(3, store)


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 30), st.integers(1, 9), st.lists(st.booleans(), max_size=80))
def test_the_line_is_never_further_ahead_than_its_lag(slots, lag, verdicts):
    order = Order(lag=lag, tries=3)
    order.open(slots)
    out, line = [], []
    for verdict in verdicts:
        while (attempt := order.draw()) is not None:
            out.append(attempt)
            line.append(attempt)
        assert len(out) <= lag
        if not out:
            break
        out.pop(0)
        order.decide(verdict)
    assert [one.position for one in line] == list(range(len(line)))
    firsts = [one.slot for one in line if one.retry == 0]
    assert firsts == list(range(len(firsts)))
    pairs = [(one.slot, one.retry) for one in line]
    assert len(set(pairs)) == len(pairs)
