"""Pursuits shared out: which model-written attack chases which objective, with how many queries and calls."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass

from ...seeds import Seeds
from .asking import Prober, Trial
from .compose import Composer, Plan
from .objectives import Objective
from .operators._base import Adaptive
from .pursuit import Ask, Pursuit

__all__ = ["Helper", "chase"]

_FEWEST = 8
"""Queries and calls that a pursuit gets at least; fewer pursuits rather than shorter ones."""


@dataclass(slots=True)
class Helper:
    """The model that writes attacks. ask : with seeds, how it is asked. calls : how often it may be asked still."""

    ask: Callable[[Seeds], Ask]
    calls: int
    seeds: Seeds


async def chase(
    prober: Prober, composer: Composer, objectives: Sequence[Objective], helper: Helper, until: float
) -> AsyncIterator[tuple[Plan, Trial]]:
    """Yield what was tried, until so many queries are used or no call is left.

    Pursuits of a round go at once, each with queries and calls of its own, so that what is tried does not depend on
    who answers first.
    """
    kinds = [name for name, one in composer.operators.items() if one.adaptive]
    waiting = [
        (name, one)
        for turn in range(len(kinds))
        for place, one in enumerate(objectives)
        if (name := kinds[(place + turn) % len(kinds)]) in composer.adaptive(one)
    ]
    while waiting:
        queries = int(min(until - prober.used, prober.left))
        waiting = [one for one in waiting if one[1].risk != "judged" or _verdicts(prober) >= _FEWEST]
        count = min(len(waiting), queries // _FEWEST, helper.calls // _FEWEST)
        if count < 1:
            return
        round_, waiting = waiting[:count], waiting[count:]
        judged = sum(one.risk == "judged" for _, one in round_)
        most = {True: min(queries // count, _verdicts(prober) // max(1, judged)), False: queries // count}
        pursuits = [
            Pursuit(
                prober, one, name, helper.ask(helper.seeds.child(name, one.identity)),
                queries=most[one.risk == "judged"], calls=helper.calls // count,
            )
            for name, one in round_
        ]  # fmt: skip
        given = sum(one.calls for one in pursuits)
        await asyncio.gather(*(_operator(composer, one.operator).pursue(one) for one in pursuits))
        helper.calls -= given - sum(one.calls for one in pursuits)
        for one in pursuits:
            for place, trial in enumerate(one.trials):
                if trial.failed:
                    _operator(composer, one.operator).remember(trial.case)
                yield Plan(one.objective.identity, 0, (one.operator,), place), trial


def _verdicts(prober: Prober) -> int:
    """Return how often the judge may be asked still: each attempt at a rule in words takes one verdict."""
    return prober.judge_model.calls if prober.judge_model is not None else 0


def _operator(composer: Composer, name: str) -> Adaptive:
    found = composer.operators[name]
    assert isinstance(found, Adaptive)
    return found
