"""What is shown when findings were tried again."""

from __future__ import annotations

from collections import Counter
from typing import Any

from ..run.redteam_replay import ReplayRecord

__all__ = ["explain_replay", "replay_document"]


def explain_replay(record: ReplayRecord) -> list[str]:
    """Return how many are fixed and not, and which harmless requests are refused now."""
    states = Counter(one.state for one in record.findings)
    told = ", ".join(f"{states[state]} {state}" for state in ("fixed", "not fixed", "unknown") if states[state])
    lines = [f"Of {len(record.findings)} findings: {told or 'none'}."]
    lines.append(
        f"{len(record.refused)} of {record.served_before} harmless requests that were served are refused now."
        if record.served_before
        else "No harmless request was served before, so new refusals cannot be seen."
    )
    return lines


def replay_document(record: ReplayRecord) -> dict[str, Any]:
    """Return the result as plain JSON."""
    return {
        "format": "simulacra.replay",
        "version": 1,
        "verdict": record.verdict,
        "why": explain_replay(record),
        "findings": [
            {"id": one.identity, "told": one.told, "state": one.state, "hits": one.rate.hits, "trials": one.rate.trials,
             "low": round(one.rate.low, 3), "high": round(one.rate.high, 3)}
            for one in record.findings
        ],
        "new_refusals": [one.case.plain() for one in record.refused],
        "served_before": record.served_before,
    }  # fmt: skip
