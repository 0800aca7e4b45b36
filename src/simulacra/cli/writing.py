"""What the verbs share that have models write rows: plan, preview, run, and the result told."""

from __future__ import annotations

import json
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .options import executing, planning
from .terminal import Terminal, align, width
from .verdict import exit_code, tell_verdict

if TYPE_CHECKING:
    from ..run.flow.record import TextRecord

__all__ = ["show_plan", "show_rows", "tell_unknown", "write"]


def write(
    terminal: Terminal,
    recipe: Any,
    out: Path | None,
    *,
    preview: int | None = None,
    dry_run: bool = False,
    **running: Any,
) -> int:
    """Run an instruct recipe into the folder `out`, or only show what --dry-run or --preview ask for."""
    from .. import api

    running = executing(running)
    if dry_run:
        plan = api.plan_instruct(recipe, **planning(running))
        show_plan(terminal, plan, recipe)
        return 0
    if preview is not None:
        with terminal.progress() as progress:
            rows = api.preview_instruct(recipe, preview, progress=progress)
        show_rows(terminal, rows)
        return 0 if len(rows) == preview else 1
    if out is None:
        raise click.UsageError("Say where the result goes: -o FOLDER.", click.get_current_context())
    with terminal.progress() as progress:
        record = api.run_instruct(recipe, out, progress=progress, **running)
    if terminal.as_json:
        terminal.document(json.loads((out / "report.json").read_text(encoding="utf-8")))
    else:
        _tell(terminal, record, out, listed=running.get("prices") is None)
    return exit_code(record.assessment.verdict)


def tell_unknown(terminal: Terminal, record: TextRecord) -> None:
    """Print what an unknown verdict on written rows means; nothing for another one."""
    if record.assessment.verdict == "unknown":
        terminal.result(
            "\nNothing failed. The verdict is unknown (exit code 4) because there are no real texts to compare with:\n"
            "give some to `simulacra validate`, or read the rows yourself."
        )


def _tell(terminal: Terminal, record: TextRecord, out: Path, *, listed: bool) -> None:
    from ..models.prices import LISTED

    tell_verdict(terminal, record.assessment, record.notes)
    tell_unknown(terminal, record)
    totals = record.totals
    refused = sorted(totals.refused.items(), key=lambda item: (-item[1], item[0]))[:6]
    reasons = [["", f"{rows:>6,}  {step}: {why}"] for (step, why), rows in refused]
    lines = [
        ["rows", f"{record.rows:,} of {record.asked:,} asked for, from {totals.attempts:,} attempts"],
        ["refused", f"{totals.rejected:,}" + (", for these reasons above all:" if reasons else "")],
        *reasons,
        ["calls", f"{totals.calls:,}, {totals.tokens_in + totals.tokens_out:,} tokens, {totals.dollars:.4f} dollars"],
        *([["", LISTED]] if totals.dollars and listed else []),
        ["data", str(next((path for path in sorted(out.glob("data.*"))), out))],
        ["report", str(out / "report.html")],
        ["recipe", str(out / "recipe.yaml")],
    ]
    terminal.result("\n" + align(lines, limit=40))


def show_plan(terminal: Terminal, plan: dict[str, Any], recipe: Any = None) -> None:
    """Tell what a run would do, with the recipe and the first prompt where there are some."""
    if terminal.as_json:
        terminal.document(plan if recipe is None else {**plan, "recipe": recipe.to_yaml()})
        return
    prompt, notes = plan.pop("first_prompt", ""), plan.pop("notes", [])
    told = {name: "no budget" if name == "budget" and value is None else value for name, value in plan.items()}
    terminal.result(align([[name.replace("_", " "), _words(value)] for name, value in told.items()], limit=40))
    for note in notes:
        terminal.result(textwrap.fill(f"note: {note}", width(), subsequent_indent="      "))
    if recipe is not None:
        terminal.result(f"\nthe recipe\n\n{_indent(recipe.to_yaml())}")
    if prompt:
        terminal.result(f"\nthe first prompt\n\n{_indent(prompt)}")


def show_rows(terminal: Terminal, rows: list[dict[str, Any]]) -> None:
    """Tell rows, a field a line."""
    if terminal.as_json:
        terminal.document(rows)
        return
    for row in rows:
        shown = [
            [name, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)]
            for name, value in row.items()
        ]
        terminal.result(align([[name, " ".join(value.split())] for name, value in shown if value != "null"]) + "\n")


def _words(value: Any) -> str:
    if isinstance(value, dict):
        if [*value] == ["from", "to"]:
            return f"{_words(value['from'])} to {_words(value['to'])}"
        return ", ".join(f"{name} {_words(inner)}" for name, inner in value.items()) or "-"
    if isinstance(value, list):
        return ", ".join(str(inner) for inner in value) or "-"
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f"{value:,}"
    return "-" if value is None else str(value)


def _indent(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.strip().splitlines())
