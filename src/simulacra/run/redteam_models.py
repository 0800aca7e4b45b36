"""The models that help an attack: one that writes attacks, one that judges, another assistant to be compared with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..attack.assistants.chasing import Helper
from ..attack.assistants.judging import FEWEST, Known, RuleJudge, known_cases, read_known
from ..attack.assistants.policy import Policy
from ..attack.assistants.pursuit import Ask
from ..models.asking import Asker
from ..models.engine import Engine
from ..models.tally import Tally
from ..seeds import Seeds

__all__ = ["open_helper", "open_judge", "spent_by"]

_MOST_KNOWN = 60


def open_helper(engine: Engine, model: str, seeds: Seeds, *, calls: int) -> Helper:
    """Return the model that writes attacks, to be asked so often at most."""

    def asking(branch: Seeds) -> Ask:
        return Asker(engine, branch, {"attacker": engine.open(model)}).ask

    return Helper(asking, calls, seeds.child("attacker"))


async def open_judge(
    engine: Engine, model: str, policy: Policy, examples: Path | None, *, calls: int, least: float
) -> RuleJudge:
    """Return the judge, held against known cases: those of the file and the policy, made ones if these are few."""
    judge = RuleJudge(Asker(engine, Seeds(0), {"judge": engine.open(model)}).ask, model, calls=calls)
    await judge.calibrate(_known(policy, examples), least=least)
    return judge


def spent_by(engine: Engine, models: dict[str, str | None]) -> list[dict[str, Any]]:
    """Return for each role (attacker, judge) the calls, tokens and dollars that its model took, stored ones apart."""
    tallies = engine.report().models
    found = []
    for role, name in models.items():
        if name is not None:
            one = tallies.get(engine.open(name), Tally())
            found.append(
                {"role": role, "model": name, "calls": one.calls, "stored": one.stored, "declined": one.declined,
                 "tokens_in": one.tokens_in, "tokens_out": one.tokens_out, "dollars": round(one.dollars + one.lost, 6)}
            )  # fmt: skip
    return found


def _known(policy: Policy, examples: Path | None) -> list[Known]:
    """Return the known cases: labelled ones first; made ones only while labelled ones are too few to tell."""
    own = known_cases(policy)
    labelled = [
        *(read_known(examples) if examples is not None else ()),
        *(one for one in own if one.source == "policy"),
    ]
    enough = min(sum(one.broken is kind for one in labelled) for kind in (True, False)) >= FEWEST
    made = [] if enough else [one for one in own if one.source == "planted"]
    return [*labelled, *made][:_MOST_KNOWN]
