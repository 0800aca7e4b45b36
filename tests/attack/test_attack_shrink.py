"""The least that still fails: 1-minimal, in order, within its tries."""

import asyncio

from hypothesis import given, settings
from hypothesis import strategies as st

from simulacra.attack.shrink import shrink, shrink_async


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 30), st.sets(st.integers(0, 29), max_size=5))
def test_what_must_be_there_is_all_that_is_left(size, needed):
    needed = {part for part in needed if part < size}
    assert shrink(range(size), needed.issubset, tries=10_000) == sorted(needed)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 9), min_size=1, max_size=20), st.integers(1, 30))
def test_no_part_can_be_taken_from_what_is_left(parts, bound):
    def fails(rest):
        return sum(rest) >= min(bound, sum(parts))

    rest = shrink(parts, fails, tries=10_000)
    assert fails(rest)
    assert all(not fails(rest[:i] + rest[i + 1 :]) for i in range(len(rest)))


def test_what_fails_without_anything_shrinks_to_nothing():
    assert shrink([1, 2, 3], lambda rest: len(rest) < 4) == []


def test_a_search_that_runs_out_of_tries_gives_the_least_seen():
    seen = []

    def fails(rest):
        seen.append(rest)
        return 17 in rest and 3 in rest

    rest = shrink(range(64), fails, tries=4)
    assert len(seen) == 4
    assert {3, 17} <= set(rest)


def test_an_awaited_target_gives_the_same():
    async def fails(rest):
        return {2, 11} <= set(rest)

    assert asyncio.run(shrink_async(range(20), fails)) == [2, 11]


def test_few_parts_of_many_are_found_in_few_tries():
    tries = []

    def fails(rest):
        tries.append(1)
        return 700 in rest

    assert shrink(range(1024), fails, tries=10_000) == [700]
    assert len(tries) < 50
