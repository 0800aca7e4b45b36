"""Attacks as data, without a target: the rows, what they cover, the checks made of them, and their folder."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from ..attack.assistants.operators._base import Operator
from ..attack.assistants.planner import PlannedRow
from ..attack.assistants.policy import Policy, policy_to_dict
from ..attack.assistants.taxonomy import HAPPENS, OUTSIDE, OWASP, RISKS
from ..data.files import write_atomic
from ..export.redteam import as_messages
from ..run.folder import open_folder
from ..run.redteam import compose_rows, fingerprint
from ..run.redteam_target import Attack
from .document import to_bytes
from .page import page_template

__all__ = ["AttackRows", "render_rows", "rows_document", "write_attacks"]

_SHOWN = 2


@dataclass(frozen=True, slots=True)
class AttackRows:
    """Attacks as data: a row for each, and what they cover."""

    policy: Policy
    rows: tuple[dict[str, Any], ...]
    document: dict[str, Any]


def write_attacks(attack: Attack, rows: int, out: Path | None = None, *, fresh: bool = False) -> AttackRows:
    """Make attacks as data and, if a folder is given, write them there. Nothing is asked."""
    policy, planned, composer = compose_rows(attack, rows)
    lines = tuple(_planned(row, number, attack.seed, composer.operators) for number, row in enumerate(planned))
    made = AttackRows(policy, lines, rows_document(lines, policy, attack, composer.operators))
    if out is not None:
        with open_folder(out, fingerprint(attack, rows), fresh=fresh):
            (out / "report.json").unlink(missing_ok=True)
            write_atomic(out / "data.jsonl", "".join(json.dumps(line) + "\n" for line in lines).encode())
            told = yaml.safe_dump(policy_to_dict(policy), sort_keys=False, allow_unicode=True)
            write_atomic(out / "policy.yaml", told.encode())
            write_atomic(out / "README.md", _rows_card(made).encode())
            write_atomic(out / "report.html", render_rows(made).encode())
            write_atomic(out / "report.json", to_bytes(made.document))
    return made


def rows_document(
    rows: Sequence[dict[str, Any]], policy: Policy, attack: Attack, operators: Mapping[str, Operator]
) -> dict[str, Any]:
    """Return what attacks as data cover, and the checks that were made of them."""
    secrets = [one.value for one in policy.secrets if one.value]
    leaking = [row["id"] for row in rows if any(one in json.dumps(row["messages"]) for one in secrets)]
    told = [json.dumps(row["messages"]) for row in rows]
    counts = {
        name: dict(Counter(str(row[name]) for row in rows)) for name in ("kind", "risk", "style", "depth", "language")
    }
    ids = Counter(row["owasp"] for row in rows)
    return {
        "format": "simulacra.attacks",
        "version": 1,
        "verdict": "fail" if leaking or len(set(told)) < len(told) else "pass",
        "rows": len(rows),
        "coverage": counts,
        "owasp": {one: ids[one] if one not in OUTSIDE else f"not testable: {OUTSIDE[one]}" for one in OWASP},
        "checks": {
            "different": len(set(told)),
            "rows that hold a secret": len(leaking),
            "operators used": len({name for row in rows for name in row["operators"]}),
            "operators there are": len(operators),
        },
        "facts": {"policy": policy.name, "seed": str(attack.seed)},
    }


def _planned(row: PlannedRow, number: int, seed: int, operators: Mapping[str, Operator]) -> dict[str, Any]:
    case = row.case
    return {
        "id": f"A{number + 1:05d}",
        "kind": "benign" if case.benign else "attack",
        "messages": as_messages(case),
        "expected": row.expected,
        "scenario": _scenario(row, operators),
        "objective": case.objective,
        "risk": row.risk,
        "owasp": RISKS[row.risk][0] if row.risk in RISKS else "",
        "atlas": list(dict.fromkeys(operators[name].technique for name in case.operators)),
        "operators": list(case.operators),
        "style": case.style,
        "depth": case.depth,
        "language": case.language,
        "parents": [],
        "method": "redteam",
        "seed": seed,
    }


def _scenario(row: PlannedRow, operators: Mapping[str, Operator]) -> str:
    """Return in words what happens in a row: who asks for what, and by which ways."""
    ways = [str(operators[name].__doc__).strip().rstrip(".").lower() for name in row.case.operators]
    what = "A harmless request" if row.case.benign else f"An attack, so that the assistant {HAPPENS[row.risk]}"
    return f"{what}: {'; '.join(ways) or 'asked plainly'}."


def render_rows(made: AttackRows) -> str:
    """Return the page: how many rows of which style and risk, the checks, and a few rows of each risk."""
    counts = Counter((row["style"], row["risk"]) for row in made.rows)
    risks = [risk for risk in (*RISKS, "benign") if any(risk == other for _, other in counts)]
    shown: dict[str, list[dict[str, Any]]] = {risk: [] for risk in risks}
    for row in made.rows:
        if len(shown[row["risk"]]) < _SHOWN:
            shown[row["risk"]].append(row)
    return page_template("redteam_rows.html.jinja").render(
        made=made, counts=counts, risks=risks, shown=shown, styles=sorted({style for style, _ in counts}),
        document=made.document,
    )  # fmt: skip


def _rows_card(made: AttackRows) -> str:
    kinds = ", ".join(f"{count} {name}" for name, count in made.document["coverage"]["kind"].items())
    return (
        f"---\nlicense: other\ntags: [synthetic, red-teaming]\n---\n\n# Attacks for {made.policy.name}\n\n"
        f"{len(made.rows)} rows: {kinds}. Nobody was asked; `expected` says what the assistant should do.\n"
    )
