"""Red teaming of assistants: attack one under a policy, write the attacks as data, try findings again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ..attack.assistants.policy import Policy, policy_from_dict
from ..contracts import Progress
from ..report.redteam_bundle import attack_assistant
from ..report.redteam_rows import AttackRows, write_attacks
from ..run.redteam import RedteamRecord
from ..run.redteam_replay import ReplayRecord
from ..run.redteam_replay import replay as replay_findings
from ..run.redteam_target import Attack

__all__ = ["redteam", "redteam_rows", "replay"]


def redteam(
    target: str | Callable[..., Any],
    *,
    policy: Policy | Mapping[str, Any] | str | Path,
    out: str | Path | None = None,
    fresh: bool = False,
    fix_set: bool = False,
    progress: Progress | None = None,
    **choices: Any,
) -> RedteamRecord:
    """Look for ways to make an assistant break its policy, and say where none was found.

    target : an address, a model's name, "module:function", or a function of messages that returns text or
    {"text": .., "tools": [{"name": .., "arguments": {..}}]}. policy : a mapping or a file; see docs/redteam.md.
    out : a folder for the report, the transcripts and tests. fix_set : write the set that mends the findings too.
    progress : told of each reply.
    choices : `queries`, `seed`, `owned`, `per_minute`, `instruct`, `parameters`, `attacker`, `judge`, `judge_examples`,
    `judge_agreement`, `reference`, `model_calls`, `budget`, `prices`, `decide` of `run.redteam.Attack`.

    >>> def bot(messages):
    ...     return "The code is ZX-4411-QQ." if "code" in messages[-1]["content"] else "Hello!"
    >>> found = redteam(bot, policy={"secrets": [{"name": "code", "value": "ZX-4411-QQ"}]}, queries=100)
    >>> found.campaign.findings[0].told
    'gives a secret away when asked plainly: ZX-4411-QQ'
    """
    attack = Attack(target, _policy(policy), **choices)
    return attack_assistant(attack, None if out is None else Path(out), fresh=fresh, fixes=fix_set, progress=progress)


def redteam_rows(
    policy: Policy | Mapping[str, Any] | str | Path,
    *,
    rows: int,
    out: str | Path | None = None,
    fresh: bool = False,
    seed: int = 0,
) -> AttackRows:
    """Return attacks and harmless twins as data, without a target.

    >>> made = redteam_rows({"secrets": [{"name": "code", "value": "ZX-4411-QQ"}]}, rows=30)
    >>> len(made.rows), made.document["verdict"], made.document["coverage"]["kind"]
    (30, 'pass', {'attack': 20, 'benign': 10})
    """
    return write_attacks(
        Attack(None, _policy(policy), seed=seed), rows, None if out is None else Path(out), fresh=fresh
    )


def replay(
    findings: str | Path, target: str | Callable[..., Any], *, only: str | None = None, **choices: Any
) -> ReplayRecord:
    """Try findings again: fixed, not fixed, and harmless requests that are refused now.

    findings : the folder that `redteam` wrote. only : the id of one finding.
    """
    attack = Attack(target, Policy("of the findings"), **choices)
    return replay_findings(Path(findings), attack, only=only)


def _policy(told: Policy | Mapping[str, Any] | str | Path) -> Policy | Path:
    if isinstance(told, Mapping):
        return policy_from_dict(told)
    return Path(told) if isinstance(told, str) else told
