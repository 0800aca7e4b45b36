"""One attempt: a row begins, goes through the steps, and every row it becomes is held against the checks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from ...contracts.rows import Context, Reject, Row, RowCheck, Step
from ...models.errors import Declined
from ...seeds import Seeds
from .account import Account
from .order import LAG, Attempt

__all__ = ["Begin", "Flow", "Made", "Open", "Outcome", "begin_attempt", "check_row", "finish_attempt", "make_rows"]

Begin = Callable[[Attempt, Seeds], Row]
"""Draws up the row that an attempt begins with: its cell of the plan, its samples."""
Open = Callable[[Seeds, Account], Context]
"""Gives the context of one row, whose calls go to the attempt's account."""


@dataclass(frozen=True, slots=True)
class Flow:
    """What a run does for each of its rows.

    begin : the row an attempt starts from. steps : named, in their order. checks : those not `ordered` are asked by the
    attempt, the others when it is decided. per_slot : rows that an accepted attempt gives, about; more than 1 where
    records branch. early : step -> the checks that can be asked as soon as it is done, before the next one is paid for;
    they are not among `checks`. lag : attempts that may be under way at once at most; a part of the recipe, since it
    decides what an attempt knows of the others.
    """

    begin: Begin
    steps: tuple[tuple[str, Step], ...] = ()
    checks: tuple[RowCheck, ...] = ()
    per_slot: int = 1
    early: Mapping[str, tuple[RowCheck, ...]] = field(default_factory=dict)
    lag: int = LAG


@dataclass(frozen=True, slots=True)
class Made:
    """One row of an attempt. step, reason : "" if it is kept, else who refused it and why.

    Entries of the row whose names begin with "_" are its background: told in the lineage, never delivered.
    """

    row: Row
    step: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """All rows of an attempt (a record may branch into many), and what they took."""

    made: tuple[Made, ...]
    account: Account


async def make_rows(flow: Flow, attempt: Attempt, seeds: Seeds, open: Open) -> Outcome:
    """Return what an attempt comes to before the ordered checks.

    Every row has seeds of its own: those of its slot and try, and of its place among the branches. A model that
    declines is a reject of the step that asked; other errors of the engine end the run and pass through.
    """
    account = Account()
    row, own = begin_attempt(flow, attempt, seeds)
    made = await finish_attempt(flow, row, own, lambda at: open(at, account))
    return Outcome(made, account)


def begin_attempt(flow: Flow, attempt: Attempt, seeds: Seeds) -> tuple[Row, Seeds]:
    """Return the row an attempt begins with, and its seeds. The one part that may look at rows accepted before."""
    own = seeds.child("slot", attempt.slot, "try", attempt.retry)
    return flow.begin(attempt, own.child("begin")), own


async def finish_attempt(flow: Flow, row: Row, own: Seeds, context: Callable[[Seeds], Context]) -> tuple[Made, ...]:
    """Return what becomes of a begun row: a function of the row, its seeds and the models' answers alone.

    context : gives what a row's steps and checks see.
    """
    rows = [(Made(row), own)]
    for name, step in flow.steps:
        parts = await asyncio.gather(*(_step(name, step, made, at, context(at)) for made, at in rows))
        rows = [row for part in parts for row in part]
        if name in flow.early:
            rows = [(await check_row(made, flow.early[name], context(at)), at) for made, at in rows]
    unordered = [check for check in flow.checks if not check.ordered]
    return tuple([await check_row(row, unordered, context(at)) for row, at in rows])


async def check_row(made: Made, checks: Sequence[RowCheck], context: Context) -> Made:
    """Return the row with the first check's reason to reject it, if there is one."""
    if made.step:
        return made
    for check in checks:
        try:
            reason = await check(made.row, context)
        except Declined as declined:
            reason = declined.reason
        if reason is not None:
            return Made(made.row, check.name, reason)
    return made


async def _step(name: str, step: Step, made: Made, seeds: Seeds, context: Context) -> list[tuple[Made, Seeds]]:
    if made.step:
        return [(made, seeds)]
    row = dict(made.row)
    try:
        done = await step(row, context)
    except Declined as declined:
        return [(Made(row, name, declined.reason), seeds)]
    if isinstance(done, Reject):
        return [(Made(row, done.step, done.reason), seeds)]
    if isinstance(done, list):
        if not done:
            return [(Made(row, name, "no record came of it"), seeds)]
        return [(Made(branch), seeds.child("branch", place)) for place, branch in enumerate(done)]
    return [(Made(done), seeds)]
