"""The folders of attacks: findings with their exports, and attacks as data."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from ..attack.assistants.fixing import FixRow, fix_set
from ..attack.assistants.policy import Policy, policy_to_dict
from ..contracts import Progress
from ..contracts.models import ToolCall
from ..data.files import write_atomic
from ..export.redteam import (
    as_messages,
    render_inspect,
    render_preferences,
    render_promptfoo,
    render_sft,
    render_tests,
)
from ..run.folder import home_of, open_folder
from ..run.redteam import RedteamRecord, check_attack, fingerprint, run_redteam
from ..run.redteam_target import Attack
from .document import to_bytes
from .redteam import explain_redteam, redteam_document, render_redteam, transcript

__all__ = ["attack_assistant"]


def attack_assistant(
    attack: Attack,
    out: Path | None = None,
    *,
    fresh: bool = False,
    fixes: bool = False,
    progress: Progress | None = None,
) -> RedteamRecord:
    """Attack an assistant and, if a folder is given, write the bundle there; an interrupted attack goes on.

    fixes : write the set that mends the findings too. Errors: OutputError if the folder holds another run and not
    `fresh`; those of `run_redteam`.
    """
    if out is None:
        return run_redteam(attack, progress=progress)
    check_attack(attack)
    with open_folder(out, fingerprint(attack), fresh=fresh):
        record = run_redteam(attack, out / "private" / "calls.sqlite", progress=progress)
        _write(record, out, fixes=fixes)
    return record


def _write(record: RedteamRecord, out: Path, *, fixes: bool) -> None:
    (out / "report.json").unlink(missing_ok=True)
    campaign, composer = record.campaign, record.composer
    write_atomic(
        out / "data.jsonl", _lines([_trial(one, record.attack.seed) for one in (*campaign.trials, *campaign.twins)])
    )
    write_atomic(out / "policy.yaml", _policy(record.policy))
    tests = render_tests(record.attack.name, campaign.findings, record.attack.judge, home=home_of(out))
    write_atomic(out / "test_redteam.py", tests.encode())
    harmless = [one.case for one in campaign.twins if one.failed is False and not one.case.operators]
    write_atomic(out / "promptfoo.yaml", render_promptfoo(campaign.findings, composer, harmless).encode())
    write_atomic(out / "inspect.jsonl", render_inspect(campaign.findings, composer).encode())
    if fixes:
        rows = fix_set(campaign.findings, campaign.twins, composer, campaign.trials)
        write_atomic(out / "fix_set.jsonl", _lines([_fix(row) for row in rows]))
        write_atomic(out / "sft.jsonl", render_sft(rows).encode())
        write_atomic(out / "dpo.jsonl", render_preferences(rows).encode())
    write_atomic(out / "README.md", _card(record, fixes=fixes).encode())
    write_atomic(out / "report.html", render_redteam(record).encode())
    write_atomic(out / "report.json", to_bytes(redteam_document(record)))


def _trial(one: Any, seed: int) -> dict[str, Any]:
    return {
        **one.case.plain(),
        "reached": one.objective if one.failed else None,
        "outcome": one.judgement.outcome,
        "evidence": one.judgement.evidence,
        "transcript": [{"who": who, "said": said} for who, said in transcript(one)],
        "id": one.case.key(),
        "parents": [],
        "method": "redteam",
        "seed": seed,
    }


def _fix(row: FixRow) -> dict[str, Any]:
    return {
        "finding": row.finding, "kind": row.kind, "split": row.split, "messages": as_messages(row.case),
        "wanted": row.wanted, "unwanted": row.unwanted, "why": row.why, "parents": [row.finding],
        "operators": list(row.case.operators),
        **({"wanted_calls": _calls(row.calls)} if row.calls else {}),
        **({"unwanted_calls": _calls(row.unwanted_calls)} if row.unwanted_calls else {}),
    }  # fmt: skip


def _calls(calls: Sequence[ToolCall]) -> list[dict[str, str]]:
    return [{"name": one.name, "arguments": one.arguments} for one in calls]


def _card(record: RedteamRecord, *, fixes: bool) -> str:
    more = (
        "\n- `fix_set.jsonl`, `sft.jsonl`, `dpo.jsonl`: what mends the findings, half of the rows harmless"
        if fixes
        else ""
    )
    return (
        f"---\nlicense: other\ntags: [synthetic, red-teaming]\n---\n\n# Attacks on {record.policy.name}\n\n"
        + "\n".join(f"- {line}" for line in explain_redteam(record))
        + "\n\nThe transcripts hold what the assistant gave away, planted canaries included.\n\n## The files\n\n"
        "- `data.jsonl`: every case that was tried, with its transcript and judgement\n"
        "- `report.html`, `report.json`: the findings, for people and programs\n"
        "- `test_redteam.py`, `promptfoo.yaml`, `inspect.jsonl`: the findings as tests\n"
        f"- `policy.yaml`: what the assistant was held to{more}\n"
    )


def _policy(policy: Policy) -> bytes:
    text: str = yaml.safe_dump(policy_to_dict(policy), sort_keys=False, allow_unicode=True)
    return text.encode()


def _lines(rows: Sequence[dict[str, Any]]) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=True, allow_nan=False) + "\n" for row in rows).encode()
